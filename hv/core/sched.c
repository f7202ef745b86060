/* SPDX-License-Identifier: Apache-2.0 */
/* The scheduler: weighted virtual time over one run queue. A woken vCPU starts no further back than
 * the queue's minimum, so that sleeping earns no claim on the future. */
#include "hv/core/sched.h"

#include "hv/core/machine.h"

#define NORMAL_WEIGHT 256u
#define WAKE_MARGIN_NS 500000ull /* a woken vCPU preempts one that is ahead by more than this */

static uint32_t cpu_count;
static uint16_t queue_head = VCPU_REFERENCE_NONE;
static uint16_t current[MAX_CPUS];
static uint64_t minimum; /* virtual time that the queue has reached */

static struct vcpu *of_reference(uint16_t reference) {
    return &vcpus[reference / MAX_VCPUS][reference % MAX_VCPUS];
}

static bool may_run_on(const struct vcpu *v, uint32_t cpu) {
    return (v->affinity >> cpu & 1u) != 0;
}

void sched_start(uint32_t cpus) {
    uint32_t i;

    cpu_count = cpus;
    for (i = 0; i < MAX_CPUS; i++) current[i] = VCPU_REFERENCE_NONE;
}

static void queue_insert(uint16_t reference) {
    struct vcpu *v = of_reference(reference);

    v->state = VCPU_RUNNABLE;
    v->runstate_entry = machine_now();
    v->queue_previous = VCPU_REFERENCE_NONE;
    v->queue_next = queue_head;
    if (queue_head != VCPU_REFERENCE_NONE) of_reference(queue_head)->queue_previous = reference;
    queue_head = reference;
}

static void queue_remove(uint16_t reference) {
    struct vcpu *v = of_reference(reference);

    if (v->queue_previous != VCPU_REFERENCE_NONE)
        of_reference(v->queue_previous)->queue_next = v->queue_next;
    else
        queue_head = v->queue_next;
    if (v->queue_next != VCPU_REFERENCE_NONE)
        of_reference(v->queue_next)->queue_previous = v->queue_previous;
}

/* Where a newly runnable vCPU is best looked at: an idle CPU, its last one first, else the CPU
 * whose vCPU is furthest ahead of it. */
static uint32_t cpu_to_tell(const struct vcpu *v) {
    uint32_t best = MAX_CPUS;
    uint64_t ahead = v->virtual_time + WAKE_MARGIN_NS;
    uint32_t i;

    if (current[v->cpu] == VCPU_REFERENCE_NONE && may_run_on(v, v->cpu)) return v->cpu;
    for (i = 0; i < cpu_count; i++) {
        if (!may_run_on(v, i)) continue;
        if (current[i] == VCPU_REFERENCE_NONE) return i;
        if (of_reference(current[i])->virtual_time > ahead) {
            ahead = of_reference(current[i])->virtual_time;
            best = i;
        }
    }
    return best;
}

uint32_t sched_wake(domain_id domain, vcpu_id vcpu) {
    struct vcpu *v = &vcpus[domain][vcpu];

    if (v->state != VCPU_BLOCKED && v->state != VCPU_POLLING && v->state != VCPU_DOWN)
        return MAX_CPUS;
    if (domains[domain].pauses > 0 || domains[domain].state != DOMAIN_LIVE) {
        v->state = VCPU_BLOCKED; /* runs when the domain does: sched_domain_unpaused() */
        v->woken = true;
        return MAX_CPUS;
    }
    if (v->virtual_time < minimum) v->virtual_time = minimum;
    v->woken = false;
    queue_insert(vcpu_reference(domain, vcpu));
    return cpu_to_tell(v);
}

uint32_t sched_stop(domain_id domain, vcpu_id vcpu, enum vcpu_state state) {
    struct vcpu *v = &vcpus[domain][vcpu];
    enum vcpu_state before = v->state;

    if (before == VCPU_RUNNABLE) queue_remove(vcpu_reference(domain, vcpu));
    v->woken = false;
    v->state = (uint8_t)state;
    v->runstate_entry = machine_now();
    return before == VCPU_RUNNING ? v->cpu : MAX_CPUS;
}

uint32_t sched_set_affinity(domain_id domain, vcpu_id vcpu, uint64_t cpus) {
    struct vcpu *v = &vcpus[domain][vcpu];

    v->affinity = cpus;
    if (v->state == VCPU_RUNNING) return v->cpu;
    return v->state == VCPU_RUNNABLE ? cpu_to_tell(v) : MAX_CPUS;
}

void sched_give_way(domain_id domain, vcpu_id vcpu) { vcpus[domain][vcpu].slice_end = 0; }

void sched_domain_paused(domain_id domain, struct effects *effects) {
    uint32_t i;

    for (i = 0; i < domains[domain].vcpus; i++) {
        struct vcpu *v = &vcpus[domain][i];

        if (v->state == VCPU_RUNNABLE || v->state == VCPU_RUNNING) {
            effects_kick(effects, sched_stop(domain, (vcpu_id)i, VCPU_BLOCKED));
            v->woken = true;
        }
    }
}

void sched_domain_unpaused(domain_id domain, struct effects *effects) {
    uint32_t i;

    for (i = 0; i < domains[domain].vcpus; i++) {
        struct vcpu *v = &vcpus[domain][i];

        if (v->woken) effects_kick(effects, sched_wake(domain, (vcpu_id)i));
    }
}

/* The piece of time that the CPU's vCPU has just run. */
static void account(struct vcpu *v, uint64_t now) {
    uint64_t ran = now - v->run_start;
    uint32_t weight = domains[(uint32_t)v->reference / MAX_VCPUS].weight;

    v->cpu_time += ran;
    v->virtual_time += weight == 0 ? ran : ran * NORMAL_WEIGHT / weight;
    v->run_start = now;
}

/* A vCPU that was stopped and woken again while its CPU has not let go of it yet waits for that. */
static bool held_elsewhere(uint16_t reference, uint32_t cpu) {
    uint32_t last = of_reference(reference)->cpu;

    return last != cpu && current[last] == reference;
}

static uint16_t least(uint32_t cpu) {
    uint16_t best = VCPU_REFERENCE_NONE;
    uint16_t i;

    for (i = queue_head; i != VCPU_REFERENCE_NONE; i = of_reference(i)->queue_next)
        if (may_run_on(of_reference(i), cpu) && !held_elsewhere(i, cpu) &&
            (best == VCPU_REFERENCE_NONE ||
             of_reference(i)->virtual_time < of_reference(best)->virtual_time))
            best = i;
    return best;
}

/* The vCPU that is on the CPU stays unless it stopped, or its slice ended and another waits. */
static bool stays(uint32_t cpu, uint64_t now) {
    const struct vcpu *v;
    uint16_t waiting;

    if (current[cpu] == VCPU_REFERENCE_NONE) return false;
    v = of_reference(current[cpu]);
    if (v->state != VCPU_RUNNING || v->cpu != cpu || !may_run_on(v, cpu)) return false;
    waiting = least(cpu);
    if (waiting == VCPU_REFERENCE_NONE) return true;
    return now < v->slice_end &&
           v->virtual_time <= of_reference(waiting)->virtual_time + WAKE_MARGIN_NS;
}

static void describe(uint32_t cpu, uint64_t now, struct schedule *out) {
    uint16_t reference = current[cpu];
    uint64_t timer = timer_next(cpu);

    out->idle = reference == VCPU_REFERENCE_NONE;
    out->domain = DOMAIN_NONE;
    out->vcpu = 0;
    out->deadline = timer;
    if (!out->idle) {
        out->domain = reference / MAX_VCPUS;
        out->vcpu = reference % MAX_VCPUS;
        if (of_reference(reference)->slice_end <= now)
            of_reference(reference)->slice_end = now + SLICE_NS;
        if (of_reference(reference)->slice_end < timer)
            out->deadline = of_reference(reference)->slice_end;
    }
}

/* The least virtual time among those who run or wait, also while one runs alone: it is where a
 * sleeper starts again. */
static void advance_minimum(void) {
    uint64_t least_time = UINT64_MAX;
    uint16_t i;

    for (i = 0; i < cpu_count; i++)
        if (current[i] != VCPU_REFERENCE_NONE &&
            of_reference(current[i])->virtual_time < least_time)
            least_time = of_reference(current[i])->virtual_time;
    for (i = queue_head; i != VCPU_REFERENCE_NONE; i = of_reference(i)->queue_next)
        if (of_reference(i)->virtual_time < least_time) least_time = of_reference(i)->virtual_time;
    if (least_time != UINT64_MAX && least_time > minimum) minimum = least_time;
}

/* An idle CPU that may run what another has put back, or MAX_CPUS. */
static uint32_t idle_cpu_for(const struct vcpu *v) {
    uint32_t i;

    for (i = 0; i < cpu_count; i++)
        if (current[i] == VCPU_REFERENCE_NONE && may_run_on(v, i)) return i;
    return MAX_CPUS;
}

uint32_t sched_pick(uint32_t cpu, uint64_t now, struct schedule *out) {
    uint16_t before = current[cpu];
    uint32_t tell = MAX_CPUS;
    uint16_t next;

    if (before != VCPU_REFERENCE_NONE) account(of_reference(before), now);
    if (!stays(cpu, now)) {
        current[cpu] = VCPU_REFERENCE_NONE;
        if (before != VCPU_REFERENCE_NONE && of_reference(before)->state == VCPU_RUNNING)
            queue_insert(before);
        next = least(cpu);
        if (next != VCPU_REFERENCE_NONE) {
            struct vcpu *v = of_reference(next);

            queue_remove(next);
            v->state = VCPU_RUNNING;
            v->cpu = (uint8_t)cpu;
            v->run_start = now;
            v->runstate_entry = now;
            v->slice_end = now + SLICE_NS;
            current[cpu] = next;
        }
        if (before != VCPU_REFERENCE_NONE && of_reference(before)->state == VCPU_RUNNABLE)
            tell = idle_cpu_for(of_reference(before));
    }
    advance_minimum();
    describe(cpu, now, out);
    return tell;
}

uint16_t sched_current(uint32_t cpu) { return current[cpu]; }

uint64_t sched_cpu_time(domain_id domain, vcpu_id vcpu, uint64_t now) {
    const struct vcpu *v = &vcpus[domain][vcpu];

    return v->cpu_time + (v->state == VCPU_RUNNING ? now - v->run_start : 0);
}
