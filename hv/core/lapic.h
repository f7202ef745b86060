/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual local APIC in x2APIC mode: IPIs, INIT and SIPI, end of interrupt. There is no APIC
 * timer (pvclock and the singleshot timer serve), no MMIO, no level-triggered interrupt.
 * Source: AMD64 manual volume 2, chapter 16. */
#ifndef CORDON_CORE_LAPIC_H
#define CORDON_CORE_LAPIC_H

#include "hv/core/domain.h"

void lapic_reset(domain_id domain, vcpu_id vcpu);
/* MSRs 0x800 .. 0x8ff but ICR. False: #GP. */
bool lapic_read(domain_id domain, vcpu_id vcpu, uint32_t msr, uint64_t *value);
bool lapic_write(domain_id domain, vcpu_id vcpu, uint32_t msr, uint64_t value);
/* A non-maskable interrupt waits as vector 2, which none of the others can have. */
#define LAPIC_NMI 2
void lapic_nmi(domain_id domain, vcpu_id vcpu, struct effects *effects);
/* Without the lock a hint. */
/*@ requires domain < MAX_DOMAINS && vcpu < MAX_VCPUS;
    terminates \true;
    assigns \nothing; */
static inline bool lapic_nmi_waits(domain_id domain, vcpu_id vcpu) {
    return (vcpus[domain][vcpu].lapic.irr[0] & 1u << LAPIC_NMI) != 0;
}
/* That, or the highest pending vector above what is in service, or -1. */
int lapic_pending(domain_id domain, vcpu_id vcpu);
/* The same, moved into service. */
int lapic_accept(domain_id domain, vcpu_id vcpu);

#endif
