/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual local APIC. State is in struct vcpu; called under the gate's lock. */
#include "hv/core/lapic.h"

#include "hv/core/bits.h"
#include "hv/core/platform.h"
#include "hv/core/request.h"
#include "hv/core/sched.h"

#define APIC_ID 0x02u
#define APIC_VERSION 0x03u
#define APIC_TPR 0x08u
#define APIC_PPR 0x0au
#define APIC_EOI 0x0bu
#define APIC_LDR 0x0du
#define APIC_SVR 0x0fu
#define APIC_ISR 0x10u
#define APIC_TMR 0x18u
#define APIC_IRR 0x20u
#define APIC_LVT_FIRST 0x32u
#define APIC_LVT_LAST 0x37u
#define APIC_SELF_IPI 0x3fu
#define APIC_TIMER_COUNT 0x39u
#define NO_SLOT LAPIC_REGISTERS

#define LVT_MASKED 0x10000u
#define VERSION_6_LVT 0x50014u

enum { DELIVER_FIXED, DELIVER_LOWEST, DELIVER_NMI = 4, DELIVER_INIT, DELIVER_STARTUP };

/* Registers that only store: their place in struct lapic, NO_SLOT for the others. */
static uint32_t slot_of(uint32_t reg) {
    if (reg >= APIC_LVT_FIRST && reg <= APIC_LVT_LAST) return reg - APIC_LVT_FIRST;
    switch (reg) {
    case APIC_TPR: return 6;
    case APIC_SVR: return 7;
    case 0x28u: /* error status */ return 8;
    case 0x2fu: /* CMCI LVT */ return 9;
    case 0x38u: /* timer initial count: stored, there is no timer */ return 10;
    case 0x3eu: /* timer divide */ return 11;
    default: return NO_SLOT;
    }
}

void lapic_reset(domain_id domain, vcpu_id vcpu) {
    struct lapic *lapic = &vcpus[domain][vcpu].lapic;

    *lapic = (struct lapic){.waits_for_sipi = lapic->waits_for_sipi};
    for (uint32_t i = APIC_LVT_FIRST; i <= APIC_LVT_LAST; i++)
        lapic->registers[slot_of(i)] = LVT_MASKED;
    lapic->registers[slot_of(APIC_SVR)] = 0xff;
}

static int highest(const uint64_t bitmap[4]) {
    for (int i = 3; i >= 0; i--)
        if (bitmap[i] != 0) return i * 64 + (int)bits_highest(bitmap[i]);
    return -1;
}

static uint32_t bitmap_word(const uint64_t bitmap[4], uint32_t index) {
    return (uint32_t)(bitmap[index / 2] >> (index % 2 * 32));
}

bool lapic_read(domain_id domain, vcpu_id vcpu, uint32_t msr, uint64_t *value) {
    const struct lapic *lapic = &vcpus[domain][vcpu].lapic;
    uint32_t reg = msr - MSR_X2APIC_FIRST;

    if (msr < MSR_X2APIC_FIRST || msr > MSR_X2APIC_LAST) return false;
    if (slot_of(reg) != NO_SLOT) {
        *value = lapic->registers[slot_of(reg)];
        return true;
    }
    switch (reg / 8) {
    case APIC_ISR / 8: *value = bitmap_word(lapic->isr, reg % 8); return true;
    case APIC_TMR / 8: *value = 0; return true;
    case APIC_IRR / 8: *value = bitmap_word(lapic->irr, reg % 8); return true;
    default: break;
    }
    switch (reg) {
    case APIC_ID: *value = APIC_ID_OF(vcpu); return true;
    case APIC_VERSION: *value = VERSION_6_LVT; return true;
    case APIC_LDR: *value = 1u << APIC_ID_OF(vcpu); return true;
    case APIC_PPR:
    case APIC_TIMER_COUNT:
    case MSR_X2APIC_ICR - MSR_X2APIC_FIRST: *value = 0; return true;
    default: return false;
    }
}

static void request_vector(domain_id domain, vcpu_id vcpu, uint32_t vector) {
    vcpus[domain][vcpu].lapic.irr[vector / 64] |= 1ull << (vector % 64);
}

bool lapic_write(domain_id domain, vcpu_id vcpu, uint32_t msr, uint64_t value) {
    struct lapic *lapic = &vcpus[domain][vcpu].lapic;
    uint32_t reg = msr - MSR_X2APIC_FIRST;

    if (msr < MSR_X2APIC_FIRST || msr > MSR_X2APIC_LAST || value > UINT32_MAX) return false;
    if (slot_of(reg) != NO_SLOT) {
        lapic->registers[slot_of(reg)] = (uint32_t)value;
        return true;
    }
    if (reg == APIC_EOI) {
        int served = highest(lapic->isr);
        if (served >= 0) lapic->isr[served / 64] &= ~(1ull << (served % 64));
        return true;
    }
    if (reg == APIC_SELF_IPI && value >= 16 && value < 256) {
        request_vector(domain, vcpu, (uint32_t)value);
        return true;
    }
    return false;
}

int lapic_pending(domain_id domain, vcpu_id vcpu) {
    const struct lapic *lapic = &vcpus[domain][vcpu].lapic;
    int requested = highest(lapic->irr);

    if (lapic_nmi_waits(domain, vcpu)) return LAPIC_NMI;
    return requested >= 0 && requested / 16 > highest(lapic->isr) / 16 ? requested : -1;
}

int lapic_accept(domain_id domain, vcpu_id vcpu) {
    struct lapic *lapic = &vcpus[domain][vcpu].lapic;
    int vector = lapic_pending(domain, vcpu);

    if (vector >= 0) {
        lapic->irr[vector / 64] &= ~(1ull << (vector % 64));
        if (vector != LAPIC_NMI) lapic->isr[vector / 64] |= 1ull << (vector % 64);
    }
    return vector;
}

static bool addressed(uint64_t command, vcpu_id from, vcpu_id to) {
    uint32_t destination = (uint32_t)(command >> 32);

    switch (command >> 18 & 3u) { /* shorthand */
    case 1: return to == from;
    case 2: return true;
    case 3: return to != from;
    default: break;
    }
    if (destination == UINT32_MAX) return true;
    if ((command & 1u << 11) != 0) /* logical: cluster 0 holds every vCPU */
        return destination >> 16 == 0 && (destination >> APIC_ID_OF(to) & 1u) != 0;
    return destination == APIC_ID_OF(to);
}

/* To one that is down it is lost. */
static void interrupt(domain_id domain, vcpu_id to, uint32_t vector, struct effects *effects) {
    const struct vcpu *v = &vcpus[domain][to];

    if (v->state == VCPU_DOWN) return;
    request_vector(domain, to, vector);
    effects_kick(effects, v->state == VCPU_RUNNING ? v->cpu : sched_wake(domain, to));
}

void lapic_nmi(domain_id domain, vcpu_id vcpu, struct effects *effects) {
    interrupt(domain, vcpu, LAPIC_NMI, effects);
}

static void deliver(domain_id domain, vcpu_id to, uint64_t command, struct effects *effects) {
    struct vcpu *v = &vcpus[domain][to];
    uint32_t vector = command & 0xffu;

    switch (command >> 8 & 7u) {
    case DELIVER_FIXED:
    case DELIVER_LOWEST:
        if (vector >= 16) interrupt(domain, to, vector, effects);
        break;
    case DELIVER_NMI: lapic_nmi(domain, to, effects); break;
    case DELIVER_INIT:
        if ((command & 1u << 14) != 0) {
            effects_kick(effects, sched_stop(domain, to, VCPU_DOWN));
            lapic_reset(domain, to);
            v->lapic.waits_for_sipi = true;
        }
        break;
    case DELIVER_STARTUP:
        /* Lost while its CPU has not let go of it since INIT; software sends it twice. */
        if (v->lapic.waits_for_sipi && sched_current(v->cpu) != vcpu_reference(domain, to)) {
            v->lapic.waits_for_sipi = false;
            struct effect *effect = effects_add(effects, EFFECT_VCPU_START, domain);
            effect->vcpu = to;
            effect->value = vector;
            effects_kick(effects, sched_wake(domain, to));
        }
        break;
    default: /* SMI, remote read: neither exists here */ break;
    }
}

enum reason step_apic_icr(struct request *r) {
    for (vcpu_id to = 0; to < domains[r->caller].vcpus; to++)
        if (addressed(r->reg[0], r->vcpu, to)) deliver(r->caller, to, r->reg[0], r->effects);
    return REASON_OK;
}
