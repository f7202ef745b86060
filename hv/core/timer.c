/* SPDX-License-Identifier: Apache-2.0 */
/* Timers: a binary heap for each CPU, ordered by deadline; a vCPU knows its slot, so that replacing
 * a timer costs a few comparisons and no search. */
#include "hv/core/sched.h"

#define HEAP_SIZE (MAX_DOMAINS * MAX_VCPUS)

static uint16_t heap[MAX_CPUS][HEAP_SIZE];
static uint32_t heap_count[MAX_CPUS];

static struct vcpu *of_reference(uint16_t reference) {
    return &vcpus[reference / MAX_VCPUS][reference % MAX_VCPUS];
}

static uint64_t deadline_at(uint32_t cpu, uint32_t slot) {
    return of_reference(heap[cpu][slot])->timer;
}

static void put(uint32_t cpu, uint32_t slot, uint16_t reference) {
    heap[cpu][slot] = reference;
    of_reference(reference)->timer_slot = (uint16_t)slot;
}

static void swap(uint32_t cpu, uint32_t a, uint32_t b) {
    uint16_t reference = heap[cpu][a];

    put(cpu, a, heap[cpu][b]);
    put(cpu, b, reference);
}

static void sift_up(uint32_t cpu, uint32_t slot) {
    while (slot > 0 && deadline_at(cpu, slot) < deadline_at(cpu, (slot - 1) / 2)) {
        swap(cpu, slot, (slot - 1) / 2);
        slot = (slot - 1) / 2;
    }
}

static void sift_down(uint32_t cpu, uint32_t slot) {
    uint32_t least = slot;
    uint32_t i;

    for (i = 0; i < 16; i++) { /* the depth of the heap */
        uint32_t left = 2 * slot + 1;

        if (left < heap_count[cpu] && deadline_at(cpu, left) < deadline_at(cpu, least))
            least = left;
        if (left + 1 < heap_count[cpu] && deadline_at(cpu, left + 1) < deadline_at(cpu, least))
            least = left + 1;
        if (least == slot) return;
        swap(cpu, slot, least);
        slot = least;
    }
}

static void take_out(uint32_t cpu, uint32_t slot) {
    uint32_t last = heap_count[cpu] - 1;

    of_reference(heap[cpu][slot])->timer_armed = false;
    heap_count[cpu] = last;
    if (slot != last) {
        put(cpu, slot, heap[cpu][last]);
        sift_up(cpu, slot);
        sift_down(cpu, of_reference(heap[cpu][slot])->timer_slot);
    }
}

/* Puts the vCPU into the heap of its CPU at the earlier of its two deadlines, if it has any. */
static uint32_t arm(domain_id domain, vcpu_id vcpu) {
    struct vcpu *v = &vcpus[domain][vcpu];
    uint32_t cpu = v->cpu;

    if (v->timer_armed) take_out(v->timer_cpu, v->timer_slot);
    if (v->singleshot == 0 && v->poll_until == 0) return MAX_CPUS;
    v->timer = v->singleshot;
    if (v->singleshot == 0 || (v->poll_until != 0 && v->poll_until < v->singleshot))
        v->timer = v->poll_until;
    v->timer_armed = true;
    v->timer_cpu = (uint8_t)cpu;
    heap_count[cpu]++;
    put(cpu, heap_count[cpu] - 1, vcpu_reference(domain, vcpu));
    sift_up(cpu, heap_count[cpu] - 1);
    if (v->timer_slot == 0 && sched_current(cpu) != vcpu_reference(domain, vcpu)) return cpu;
    return MAX_CPUS;
}

uint32_t timer_set(domain_id domain, vcpu_id vcpu, uint64_t deadline) {
    vcpus[domain][vcpu].singleshot = deadline == 0 ? 1 : deadline;
    return arm(domain, vcpu);
}

void timer_stop(domain_id domain, vcpu_id vcpu) {
    vcpus[domain][vcpu].singleshot = 0;
    (void)arm(domain, vcpu);
}

uint32_t timer_set_poll(domain_id domain, vcpu_id vcpu, uint64_t deadline) {
    vcpus[domain][vcpu].poll_until = deadline == 0 ? 1 : deadline;
    return arm(domain, vcpu);
}

void timer_stop_poll(domain_id domain, vcpu_id vcpu) {
    if (vcpus[domain][vcpu].poll_until == 0) return;
    vcpus[domain][vcpu].poll_until = 0;
    (void)arm(domain, vcpu);
}

void timer_stop_all(domain_id domain, vcpu_id vcpu) {
    vcpus[domain][vcpu].poll_until = 0;
    timer_stop(domain, vcpu);
}

uint64_t timer_next(uint32_t cpu) {
    return heap_count[cpu] == 0 ? UINT64_MAX : deadline_at(cpu, 0);
}

bool timer_take_due(uint32_t cpu, uint64_t now, domain_id *domain, vcpu_id *vcpu, bool *singleshot,
                    bool *poll) {
    struct vcpu *v;

    if (timer_next(cpu) > now || heap_count[cpu] == 0) return false;
    *domain = heap[cpu][0] / MAX_VCPUS;
    *vcpu = heap[cpu][0] % MAX_VCPUS;
    v = &vcpus[*domain][*vcpu];
    *singleshot = v->singleshot != 0 && v->singleshot <= now;
    if (*singleshot) v->singleshot = 0;
    *poll = v->poll_until != 0 && v->poll_until <= now;
    if (*poll) v->poll_until = 0;
    (void)arm(*domain, *vcpu);
    return true;
}
