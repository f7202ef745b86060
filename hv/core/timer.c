/* SPDX-License-Identifier: Apache-2.0 */
/* Timers. A vCPU has one deadline of each kind, and stands at the earliest of them in the heap of
 * the CPU where it ran last. */
#include "hv/core/sched.h"

/* Puts the vCPU into the heap of its CPU at the earliest of its deadlines, if it has any. */
static uint32_t arm(domain_id domain, vcpu_id vcpu) {
    struct vcpu *v = &vcpus[domain][vcpu];
    uint16_t reference = vcpu_reference(domain, vcpu);
    uint64_t earliest = UINT64_MAX;

    if (v->heap[HEAP_TIMERS].inside) heap_remove(HEAP_TIMERS, reference);
    for (uint32_t i = 0; i < TIMER_KINDS; i++)
        if (v->deadline[i] != 0 && v->deadline[i] < earliest) earliest = v->deadline[i];
    if (earliest == UINT64_MAX) return MAX_CPUS;
    heap_insert(HEAP_TIMERS, v->cpu, reference, earliest);
    if (v->heap[HEAP_TIMERS].slot == 0 && sched_current(v->cpu) != reference) return v->cpu;
    return MAX_CPUS;
}

uint32_t timer_set(domain_id domain, vcpu_id vcpu, enum timer_kind kind, uint64_t deadline) {
    vcpus[domain][vcpu].deadline[kind] = deadline == 0 ? 1 : deadline;
    return arm(domain, vcpu);
}

void timer_stop(domain_id domain, vcpu_id vcpu, enum timer_kind kind) {
    if (vcpus[domain][vcpu].deadline[kind] == 0) return;
    vcpus[domain][vcpu].deadline[kind] = 0;
    (void)arm(domain, vcpu);
}

void timer_stop_all(domain_id domain, vcpu_id vcpu) {
    for (uint32_t i = 0; i < TIMER_KINDS; i++) timer_stop(domain, vcpu, (enum timer_kind)i);
}

void timer_take_due(uint32_t cpu, uint64_t now, struct timer_due *due) {
    uint16_t reference = heaps[HEAP_TIMERS][cpu].item[0];
    struct vcpu *v = vcpu_of(reference);

    due->domain = reference / MAX_VCPUS;
    due->vcpu = reference % MAX_VCPUS;
    for (uint32_t i = 0; i < TIMER_KINDS; i++) {
        due->kind[i] = v->deadline[i] != 0 && v->deadline[i] <= now;
        if (due->kind[i]) v->deadline[i] = 0;
    }
    (void)arm(due->domain, due->vcpu);
}
