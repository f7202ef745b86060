/* SPDX-License-Identifier: Apache-2.0 */
#include "hv/x86/tlb.h"
#include "hv/x86/apic.h"
#include "hv/x86/cpu.h"

#define MARK_IN_GUEST (1ull << 63)
#define MARK_DOMAIN 48
#define MARK_EPOCH ((1ull << MARK_DOMAIN) - 1u) /* no machine counts that far */
_Static_assert(MAX_DOMAINS <= 1u << 15, "the mark holds any domain");

/* Read by the other CPUs. 0: outside guest mode; else the domain and its epoch. */
static struct { _Alignas(64) uint64_t value; } marks[MAX_CPUS];
uint64_t tlb_domain_epochs[MAX_DOMAINS];
static uint32_t flush_epoch = 1;
static bool epoch_used; /* a frame was labelled with it, or a domain became stale */

static void take_asid(struct cpu *cpu, struct machine_vcpu *vcpu) {
    /* Also the first time: what the TLB holds from before is unknown. */
    if (cpu->asid_generation == 0 || cpu->next_asid >= svm_features.asids) {
        cpu->asid_generation++;
        cpu->next_asid = 1;
        vcpu->vmcb->control.tlb_control = TLB_CONTROL_FLUSH_ALL;
    }
    vcpu->vmcb->control.asid = cpu->next_asid++;
    vcpu->asid_cpu = cpu->id;
    vcpu->asid_generation = cpu->asid_generation;
}

void tlb_enter(struct cpu *cpu, struct machine_vcpu *vcpu) {
    uint64_t *domain_epoch = &tlb_domain_epochs[vcpu->domain];
    uint64_t domain = MARK_IN_GUEST | (uint64_t)vcpu->domain << MARK_DOMAIN;
    uint64_t epoch;

    do {
        epoch = __atomic_load_n(domain_epoch, __ATOMIC_RELAXED);
        (void)__atomic_exchange_n(&marks[cpu->id].value, domain | epoch, __ATOMIC_SEQ_CST);
    } while (__atomic_load_n(domain_epoch, __ATOMIC_SEQ_CST) != epoch);

    if (vcpu->asid_generation == 0 || vcpu->asid_generation != cpu->asid_generation ||
        vcpu->asid_cpu != cpu->id || vcpu->flush_epoch != epoch)
        take_asid(cpu, vcpu);
    vcpu->flush_epoch = epoch;
    cpu->outside = false;
}

void tlb_leave(struct cpu *cpu) {
    cpu->outside = true;
    __atomic_store_n(&marks[cpu->id].value, 0, __ATOMIC_RELEASE);
}

void tlb_distrust(struct cpu *cpu) { cpu->next_asid = UINT32_MAX; }

void tlb_forget(struct machine_vcpu *vcpu) {
    vcpu->asid_generation = 0;
    tlb_leave(this_cpu());
}

uint32_t machine_flush_epoch(void) {
    epoch_used = true;
    return flush_epoch;
}

void tlb_domain_stale(domain_id domain) {
    (void)__atomic_fetch_add(&tlb_domain_epochs[domain], 1u, __ATOMIC_SEQ_CST);
    epoch_used = true;
}

void tlb_effects_done(struct cpu *cpu) {
    if (!epoch_used) return;
    epoch_used = false;
    __atomic_store_n(&flush_epoch, flush_epoch + 1u, __ATOMIC_RELEASE);
    cpu->must_wait = true;
}

static bool is_stale(uint32_t cpu) {
    uint64_t mark = __atomic_load_n(&marks[cpu].value, __ATOMIC_SEQ_CST);
    uint64_t *epoch = &tlb_domain_epochs[(mark & ~MARK_IN_GUEST) >> MARK_DOMAIN];

    return mark != 0 && __atomic_load_n(epoch, __ATOMIC_SEQ_CST) != (mark & MARK_EPOCH);
}

void tlb_wait(struct cpu *cpu) {
    /* Acquire: each change that was labelled before this epoch has counted its domain's epoch up.
     */
    uint32_t epoch = __atomic_load_n(&flush_epoch, __ATOMIC_ACQUIRE);

    cpu->must_wait = false;
    /* First, or two CPUs could wait for each other. */
    tlb_leave(cpu);
    for (uint32_t i = 0; i < cpus_running; i++)
        if (is_stale(i)) apic_kick(i);
    for (uint32_t i = 0; i < cpus_running; i++)
        while (is_stale(i)) pause();
    gate_flushed(epoch);
}
