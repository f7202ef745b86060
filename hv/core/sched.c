/* SPDX-License-Identifier: Apache-2.0 */
/* The scheduler: weighted virtual time, a queue a CPU. All CPUs measure in the same virtual time,
 * so that comparing the first of each queue keeps them together. */
#include "hv/core/sched.h"

#define NORMAL_WEIGHT 256u
#define WAKE_MARGIN_NS 500000ull /* a woken vCPU preempts one that is ahead by more than this */
#define WAKE_CREDIT_NS 600000ull /* the most that sleeping earns: a turn, and little more */
#define STEAL_MARGIN_NS 5000000ull
#define SEARCH 16u /* places of a queue, of which at least one may run unless all are held */

static uint32_t cpu_count;
static uint16_t current[MAX_CPUS];
static uint64_t reached[MAX_CPUS]; /* virtual time of all who run or wait there */

static bool may_run_on(const struct vcpu *v, uint32_t cpu) {
    return (v->affinity >> cpu & 1u) != 0;
}

/* A vCPU that was stopped and woken again while its CPU has not let go of it yet waits for that. */
static bool held_elsewhere(uint16_t reference, uint32_t cpu) {
    uint32_t last = vcpu_of(reference)->cpu;

    return last != cpu && current[last] == reference;
}

void sched_start(uint32_t cpus) {
    cpu_count = cpus;
    for (uint32_t i = 0; i < MAX_CPUS; i++) current[i] = VCPU_REFERENCE_NONE;
}

/* --- caps ----------------------------------------------------------------------------------- */

static uint64_t cap_budget(const struct domain *d) { return CAP_WINDOW_NS / 100 * d->cap; }

/* Time run beyond a window's budget counts in the next. */
static bool cap_reached(struct domain *d) {
    uint32_t window = (uint32_t)(machine_now() / CAP_WINDOW_NS);
    uint32_t passed = window - d->cap_window;

    d->cap_window = window;
    if (d->cap_used / cap_budget(d) < passed)
        d->cap_used = 0;
    else
        d->cap_used -= passed * cap_budget(d);
    return d->cap_used >= cap_budget(d);
}

static inline bool cap_used_up(domain_id domain) {
    return domains[domain].cap != 0 && cap_reached(&domains[domain]);
}

/* Returns the CPU whose next deadline moved nearer, or MAX_CPUS. */
static uint32_t park(uint16_t reference) {
    uint32_t domain = reference / MAX_VCPUS;

    vcpu_of(reference)->state = VCPU_RUNNABLE;
    return timer_set((domain_id)domain, reference % MAX_VCPUS, TIMER_PARK,
                     (domains[domain].cap_window + 1) * CAP_WINDOW_NS);
}

/* --- queues --------------------------------------------------------------------------------- */

static bool is_idle(uint32_t cpu) { return current[cpu] == VCPU_REFERENCE_NONE; }

/* Which queue a newly runnable vCPU waits in, and whether that CPU must look: an idle one, its last
 * one first; else the one whose vCPU is furthest ahead of it; else the shortest queue. */
static uint32_t cpu_for(const struct vcpu *v, bool *must_look) {
    uint64_t ahead = v->virtual_time + WAKE_MARGIN_NS;
    uint32_t furthest = MAX_CPUS;
    uint32_t shortest = MAX_CPUS;

    *must_look = true;
    if (may_run_on(v, v->cpu) && is_idle(v->cpu)) return v->cpu;
    for (uint32_t i = 0; i < cpu_count; i++) {
        if (!may_run_on(v, i)) continue;
        if (is_idle(i) && heaps[HEAP_QUEUE][i].count == 0) return i;
        if (shortest == MAX_CPUS || heaps[HEAP_QUEUE][i].count < heaps[HEAP_QUEUE][shortest].count)
            shortest = i;
        if (!is_idle(i) && vcpu_of(current[i])->virtual_time > ahead) {
            ahead = vcpu_of(current[i])->virtual_time;
            furthest = i;
        }
    }
    if (furthest != MAX_CPUS) return furthest;
    *must_look = shortest != MAX_CPUS && is_idle(shortest);
    return shortest != MAX_CPUS ? shortest : v->cpu;
}

static void queue_insert(uint32_t cpu, uint16_t reference) {
    struct vcpu *v = vcpu_of(reference);

    v->state = VCPU_RUNNABLE;
    v->runstate_entry = machine_now();
    heap_insert(HEAP_QUEUE, cpu, reference, v->virtual_time);
}

/* Returns the CPU that must look at its queue, or MAX_CPUS. */
static uint32_t enqueue(uint16_t reference) {
    struct vcpu *v = vcpu_of(reference);
    bool must_look;
    uint32_t cpu = cpu_for(v, &must_look);

    if (v->virtual_time + WAKE_CREDIT_NS < reached[cpu])
        v->virtual_time = reached[cpu] - WAKE_CREDIT_NS;
    queue_insert(cpu, reference);
    return must_look ? cpu : MAX_CPUS;
}

/* RUNNABLE, in a queue or parked -> in neither. */
static void dequeue(uint16_t reference) {
    if (vcpu_of(reference)->heap[HEAP_QUEUE].inside)
        heap_remove(HEAP_QUEUE, reference);
    else
        timer_stop(reference / MAX_VCPUS, reference % MAX_VCPUS, TIMER_PARK);
}

uint32_t sched_wake(domain_id domain, vcpu_id vcpu) {
    struct vcpu *v = &vcpus[domain][vcpu];
    uint16_t reference = vcpu_reference(domain, vcpu);

    if (v->state == VCPU_RUNNABLE || v->state == VCPU_RUNNING) return MAX_CPUS;
    if (domains[domain].pauses > 0 || domains[domain].state != DOMAIN_LIVE) {
        v->state = VCPU_BLOCKED; /* runs when the domain does: sched_domain_unpaused() */
        v->woken = true;
        return MAX_CPUS;
    }
    v->woken = false;
    return cap_used_up(domain) ? park(reference) : enqueue(reference);
}

uint32_t sched_unpark(domain_id domain, vcpu_id vcpu) {
    if (vcpus[domain][vcpu].state != VCPU_RUNNABLE) return MAX_CPUS;
    return enqueue(vcpu_reference(domain, vcpu));
}

uint32_t sched_stop(domain_id domain, vcpu_id vcpu, enum vcpu_state state) {
    struct vcpu *v = &vcpus[domain][vcpu];
    enum vcpu_state before = v->state;

    if (before == VCPU_RUNNABLE) dequeue(vcpu_reference(domain, vcpu));
    v->woken = false;
    v->state = (uint8_t)state;
    v->runstate_entry = machine_now();
    return before == VCPU_RUNNING ? v->cpu : MAX_CPUS;
}

uint32_t sched_set_affinity(domain_id domain, vcpu_id vcpu, uint64_t cpus) {
    struct vcpu *v = &vcpus[domain][vcpu];

    v->affinity = cpus;
    if (v->state == VCPU_RUNNING) return v->cpu;
    if (!v->heap[HEAP_QUEUE].inside || may_run_on(v, v->heap[HEAP_QUEUE].cpu)) return MAX_CPUS;
    heap_remove(HEAP_QUEUE, v->reference);
    return enqueue(v->reference);
}

void sched_give_way(domain_id domain, vcpu_id vcpu) { vcpus[domain][vcpu].slice_end = 0; }

void sched_domain_paused(domain_id domain, struct effects *effects) {
    for (uint32_t i = 0; i < domains[domain].vcpus; i++) {
        struct vcpu *v = &vcpus[domain][i];

        if (v->state == VCPU_RUNNABLE || v->state == VCPU_RUNNING) {
            effects_kick(effects, sched_stop(domain, (vcpu_id)i, VCPU_BLOCKED));
            v->woken = true;
        }
    }
}

void sched_domain_unpaused(domain_id domain, struct effects *effects) {
    for (uint32_t i = 0; i < domains[domain].vcpus; i++)
        if (vcpus[domain][i].woken) effects_kick(effects, sched_wake(domain, (vcpu_id)i));
}

/* The piece of time that the CPU's vCPU has just run. */
static void account(struct vcpu *v, uint64_t now) {
    struct domain *d = &domains[(uint32_t)v->reference / MAX_VCPUS];
    uint64_t ran = now - v->run_start;

    v->cpu_time += ran;
    v->virtual_time += d->weight == 0 ? ran : ran * NORMAL_WEIGHT / d->weight;
    v->run_start = now;
    if (d->cap != 0) d->cap_used += ran;
}

/* The first of a queue that may run on `cpu`. Whoever may not is pinned elsewhere or still held;
 * behind a few of those, the others are left to their own CPU. */
static uint16_t first_of(uint32_t queue, uint32_t cpu) {
    uint32_t count = heaps[HEAP_QUEUE][queue].count;
    uint16_t best = VCPU_REFERENCE_NONE;

    for (uint32_t i = 0; i < count && i < SEARCH; i++) {
        uint16_t reference = heaps[HEAP_QUEUE][queue].item[i];

        if (!may_run_on(vcpu_of(reference), cpu) || held_elsewhere(reference, cpu)) continue;
        if (i == 0) return reference;
        if (best == VCPU_REFERENCE_NONE ||
            vcpu_of(reference)->virtual_time < vcpu_of(best)->virtual_time)
            best = reference;
    }
    return best;
}

/* Who runs next on `cpu` if its vCPU does not stay. */
static uint16_t next_for(uint32_t cpu) {
    uint16_t best = first_of(cpu, cpu);

    for (uint32_t i = 0; i < cpu_count; i++) {
        uint16_t other = i == cpu ? VCPU_REFERENCE_NONE : first_of(i, cpu);

        if (other != VCPU_REFERENCE_NONE &&
            (best == VCPU_REFERENCE_NONE ||
             vcpu_of(other)->virtual_time + STEAL_MARGIN_NS < vcpu_of(best)->virtual_time))
            best = other;
    }
    return best;
}

/* The vCPU that is on the CPU stays unless it stopped or may not, or `waiting` is behind it: within
 * a slice by more than a margin. */
static bool stays(uint32_t cpu, const struct vcpu *v, uint16_t waiting, uint64_t now) {
    if (v->state != VCPU_RUNNING || v->cpu != cpu || !may_run_on(v, cpu) ||
        cap_used_up(v->reference / MAX_VCPUS))
        return false;
    return waiting == VCPU_REFERENCE_NONE ||
           v->virtual_time <
               vcpu_of(waiting)->virtual_time + (now < v->slice_end ? WAKE_MARGIN_NS : 0);
}

/* All who run or wait there have come as far as the least of them. */
static inline void advance(uint32_t cpu, uint64_t running) {
    const struct heap *queue = &heaps[HEAP_QUEUE][cpu];
    uint64_t least = running;

    if (queue->count > 0 && vcpu_of(queue->item[0])->virtual_time < least)
        least = vcpu_of(queue->item[0])->virtual_time;
    if (least > reached[cpu]) reached[cpu] = least;
}

/* When the CPU must look again: a timer, the end of the slice or of the domain's cap. A vCPU that
 * waited while its siblings used that up is parked at once. */
static void describe(uint32_t cpu, uint64_t now, struct schedule *out) {
    uint16_t reference = current[cpu];
    uint64_t deadline = timer_next(cpu);

    out->idle = reference == VCPU_REFERENCE_NONE;
    out->domain = DOMAIN_NONE;
    out->vcpu = 0;
    if (!out->idle) {
        struct vcpu *v = vcpu_of(reference);
        const struct domain *d = &domains[reference / MAX_VCPUS];
        out->domain = reference / MAX_VCPUS;
        out->vcpu = reference % MAX_VCPUS;
        advance(cpu, v->virtual_time);
        if (v->slice_end <= now) v->slice_end = now + SLICE_NS;
        if (v->slice_end < deadline) deadline = v->slice_end;
        if (d->cap != 0) {
            uint64_t left = d->cap_used < cap_budget(d) ? cap_budget(d) - d->cap_used : 0;
            if (left < deadline - now) deadline = now + left;
        }
    }
    out->deadline = deadline;
}

/* An idle CPU that may run what another has put back, or MAX_CPUS. */
static uint32_t idle_cpu_for(const struct vcpu *v) {
    for (uint32_t i = 0; i < cpu_count; i++)
        if (is_idle(i) && may_run_on(v, i)) return i;
    return MAX_CPUS;
}

/* The vCPU that leaves the CPU waits again, or for its domain's next window. Returns an idle CPU
 * that may run it. */
static uint32_t put_back(uint32_t cpu, uint16_t reference) {
    if (cap_used_up(reference / MAX_VCPUS)) return park(reference);
    if (!may_run_on(vcpu_of(reference), cpu)) return enqueue(reference);
    queue_insert(cpu, reference);
    return idle_cpu_for(vcpu_of(reference));
}

static void run(uint32_t cpu, uint16_t reference, uint64_t now) {
    struct vcpu *v = vcpu_of(reference);

    heap_remove(HEAP_QUEUE, reference);
    v->state = VCPU_RUNNING;
    v->cpu = (uint8_t)cpu;
    v->run_start = now;
    v->runstate_entry = now;
    v->slice_end = now + SLICE_NS;
}

uint32_t sched_pick(uint32_t cpu, uint64_t now, struct schedule *out) {
    uint16_t before = current[cpu];
    uint16_t next = next_for(cpu);
    uint32_t tell = MAX_CPUS;

    if (before != VCPU_REFERENCE_NONE) {
        account(vcpu_of(before), now);
        if (stays(cpu, vcpu_of(before), next, now)) {
            describe(cpu, now, out);
            return MAX_CPUS;
        }
    }
    if (next != VCPU_REFERENCE_NONE) run(cpu, next, now);
    current[cpu] = next;
    if (before != VCPU_REFERENCE_NONE) {
        if (vcpu_of(before)->state == VCPU_RUNNING && before != next)
            tell = put_back(cpu, before);
        else if (vcpu_of(before)->state == VCPU_RUNNABLE)
            tell = idle_cpu_for(vcpu_of(before)); /* woken again meanwhile */
    }
    describe(cpu, now, out);
    return tell;
}

uint16_t sched_current(uint32_t cpu) { return current[cpu]; }

uint64_t sched_cpu_time(domain_id domain, vcpu_id vcpu, uint64_t now) {
    const struct vcpu *v = &vcpus[domain][vcpu];

    return v->cpu_time + (v->state == VCPU_RUNNING ? now - v->run_start : 0);
}
