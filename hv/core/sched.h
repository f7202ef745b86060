/* SPDX-License-Identifier: Apache-2.0 */
/* Scheduler and timers. Each CPU has a queue of runnable vCPUs, ordered by virtual time (time run,
 * divided by the domain's weight), and takes the first of it, or of another CPU's queue where that
 * is clearly further behind. Sleeping earns a small claim on the future (WAKE_CREDIT_NS), so that
 * who waits for events is served before who computes. A domain with a cap that is used up waits for
 * the next window. Nothing here takes longer the more vCPUs there are, but for the depth of a heap.
 */
#ifndef CORDON_CORE_SCHED_H
#define CORDON_CORE_SCHED_H

#include "hv/core/domain.h"
#include "hv/core/gate.h"

#define SLICE_NS 10000000ull       /* longest run while another waits */
#define CAP_WINDOW_NS 100000000ull /* over which a cap is counted */

void sched_start(uint32_t cpus);

/* BLOCKED, POLLING or DOWN -> RUNNABLE, if its domain is not paused. Returns the CPU that should
 * look at its run queue again (idle, or running something that has run longer), or MAX_CPUS. */
uint32_t sched_wake(domain_id domain, vcpu_id vcpu);
/* Leaves the run queue; a running one leaves its CPU at its next sched_pick(): the CPU to kick is
 * returned, or MAX_CPUS. `state` is BLOCKED, POLLING or DOWN. */
uint32_t sched_stop(domain_id domain, vcpu_id vcpu, enum vcpu_state state);
/* Gives way to those who wait. */
void sched_give_way(domain_id domain, vcpu_id vcpu);

/* The window of its domain's cap began anew. Returns the CPU to kick. */
uint32_t sched_unpark(domain_id domain, vcpu_id vcpu);

/* From now on the vCPU runs on these CPUs (a bit each) only. Returns the CPU to kick. */
uint32_t sched_set_affinity(domain_id domain, vcpu_id vcpu, uint64_t cpus);

/* A domain's pause count went up or down: its vCPUs leave or enter the run queue. Effects kick. */
void sched_domain_paused(domain_id domain, struct effects *effects);
void sched_domain_unpaused(domain_id domain, struct effects *effects);

/* What `cpu` runs next; its current vCPU is accounted for and put back. Returns an idle CPU that
 * should look for what was put back, or MAX_CPUS. */
uint32_t sched_pick(uint32_t cpu, uint64_t now, struct schedule *out);
/* vCPU that is on the CPU now, or VCPU_REFERENCE_NONE. */
uint16_t sched_current(uint32_t cpu);

/* Time spent in guest mode so far, the running piece included. */
uint64_t sched_cpu_time(domain_id domain, vcpu_id vcpu, uint64_t now);

/* hv/core/heap.c: binary heaps of vCPUs, two for each CPU: its run queue, by virtual time, and its
 * timers, by deadline. A vCPU knows its place in both (struct vcpu), so that leaving costs no
 * search. */
/* The vCPU, which is in no heap of this kind, goes into that of `cpu`. */
void heap_insert(enum heap_kind kind, uint32_t cpu, uint16_t reference, uint64_t key);
/* Takes it out of the one that it is in. */
void heap_remove(enum heap_kind kind, uint16_t reference);

#define HEAP_SIZE (MAX_DOMAINS * MAX_VCPUS)

struct heap {
    uint32_t count;
    uint16_t item[HEAP_SIZE]; /* vCPU references; item[0] has the least key */
};
extern struct heap heaps[HEAP_KINDS][MAX_CPUS]; /* written by heap.c alone */

static inline struct vcpu *vcpu_of(uint16_t reference) {
    return &vcpus[reference / MAX_VCPUS][reference % MAX_VCPUS];
}

/* Sets or replaces one deadline of the vCPU, clears one, clears all. Returns the CPU whose next
 * deadline moved nearer and that is not the caller's, or MAX_CPUS. */
uint32_t timer_set(domain_id domain, vcpu_id vcpu, enum timer_kind kind, uint64_t deadline);
void timer_stop(domain_id domain, vcpu_id vcpu, enum timer_kind kind);
void timer_stop_all(domain_id domain, vcpu_id vcpu);
/* Earliest deadline of this CPU, or UINT64_MAX. */
static inline uint64_t timer_next(uint32_t cpu) {
    const struct heap *timers = &heaps[HEAP_TIMERS][cpu];

    return timers->count == 0 ? UINT64_MAX : vcpu_of(timers->item[0])->heap[HEAP_TIMERS].key;
}
/* Where timer_next() has come: takes out the deadlines of the earliest vCPU as far as they are due.
 */
struct timer_due {
    domain_id domain;
    vcpu_id vcpu;
    bool kind[TIMER_KINDS];
};
void timer_take_due(uint32_t cpu, uint64_t now, struct timer_due *due);

#endif
