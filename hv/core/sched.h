/* SPDX-License-Identifier: Apache-2.0 */
/* Scheduler and timers. Runnable vCPUs wait in one list; a CPU takes the one with the least virtual
 * time (time run, divided by the domain's weight) that may run on it. Each CPU keeps the timers of
 * the vCPUs that ran on it last in a heap. */
#ifndef CORDON_CORE_SCHED_H
#define CORDON_CORE_SCHED_H

#include "hv/abi/types.h"
#include "hv/core/domain.h"
#include "hv/core/effects.h"
#include "hv/core/gate.h"

#define SLICE_NS 10000000ull /* longest run while another waits */

void sched_start(uint32_t cpus);

/* BLOCKED, POLLING or DOWN -> RUNNABLE, if its domain is not paused. Returns the CPU that should
 * look at its run queue again (idle, or running something that has run longer), or MAX_CPUS. */
uint32_t sched_wake(domain_id domain, vcpu_id vcpu);
/* Leaves the run queue; a running one leaves its CPU at its next sched_pick(): the CPU to kick is
 * returned, or MAX_CPUS. `state` is BLOCKED, POLLING or DOWN. */
uint32_t sched_stop(domain_id domain, vcpu_id vcpu, enum vcpu_state state);
/* Gives way to those who wait. */
void sched_give_way(domain_id domain, vcpu_id vcpu);

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

/* Sets or replaces the vCPU's singleshot timer, or the end of its poll; clears it; clears both.
 * Returns the CPU whose next deadline moved nearer and that is not the caller's, or MAX_CPUS. */
uint32_t timer_set(domain_id domain, vcpu_id vcpu, uint64_t deadline);
void timer_stop(domain_id domain, vcpu_id vcpu);
uint32_t timer_set_poll(domain_id domain, vcpu_id vcpu, uint64_t deadline);
void timer_stop_poll(domain_id domain, vcpu_id vcpu);
void timer_stop_all(domain_id domain, vcpu_id vcpu);
/* Earliest deadline of this CPU, or UINT64_MAX; takes the earliest vCPU's timers out as far as they
 * are due: the guest's own, the end of its poll, or both. */
uint64_t timer_next(uint32_t cpu);
bool timer_take_due(uint32_t cpu, uint64_t now, domain_id *domain, vcpu_id *vcpu, bool *singleshot,
                    bool *poll);

#endif
