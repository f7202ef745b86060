/* SPDX-License-Identifier: Apache-2.0 */
/* Timers: random settings on several CPUs against a plain list; each comes due once, in order, and
 * one kind never takes another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hv/core/sched.h"
#include "tests/gate/world.h"

#define DOMAINS 6u
#define STEPS 200000u

static uint64_t seed = 4242424242;
static uint64_t set[DOMAINS][2][TIMER_KINDS];

static uint32_t any(uint32_t limit) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % limit);
}

static bool any_set(domain_id d, vcpu_id v) {
    for (uint32_t k = 0; k < TIMER_KINDS; k++)
        if (set[d][v][k] != 0) return true;
    return false;
}

static uint64_t earliest(uint32_t cpu) {
    uint64_t least = UINT64_MAX;

    for (uint32_t d = 0; d < DOMAINS; d++)
        for (uint32_t v = 0; v < 2; v++) {
            const struct heap_place *place = &vcpus[d][v].heap[HEAP_TIMERS];

            if (!place->inside || place->cpu != cpu) continue;
            for (uint32_t k = 0; k < TIMER_KINDS; k++)
                if (set[d][v][k] != 0 && set[d][v][k] < least) least = set[d][v][k];
        }
    return least;
}

static void take(uint32_t cpu, uint64_t now) {
    uint64_t before = timer_next(cpu);
    struct timer_due due;
    bool any_due = false;

    assert_int_equal(before, earliest(cpu));
    if (before > now) return;
    timer_take_due(cpu, now, &due);
    for (uint32_t k = 0; k < TIMER_KINDS; k++) {
        uint64_t *deadline = &set[due.domain][due.vcpu][k];

        assert_int_equal(due.kind[k], *deadline != 0 && *deadline <= now);
        any_due |= due.kind[k];
        if (due.kind[k]) *deadline = 0;
    }
    assert_true(any_due);
    assert_int_equal(vcpus[due.domain][due.vcpu].heap[HEAP_TIMERS].inside,
                     any_set(due.domain, due.vcpu));
}

static void test_random_settings(void **state) {
    uint64_t now = 1000;

    (void)state;
    for (uint32_t i = 0; i < STEPS; i++) {
        domain_id d = (domain_id)any(DOMAINS);
        vcpu_id v = (vcpu_id)any(2);

        now += any(20);
        uint32_t kind = any(TIMER_KINDS);

        switch (any(8)) {
        case 0:
        case 1:
        case 2:
            set[d][v][kind] = now + any(1000);
            (void)timer_set(d, v, (enum timer_kind)kind, set[d][v][kind]);
            break;
        case 3:
            timer_stop(d, v, (enum timer_kind)kind);
            set[d][v][kind] = 0;
            break;
        case 4: vcpus[d][v].cpu = (uint8_t)any(3); break;
        default: take(any(3), now); break;
        }
    }
    for (domain_id d = 0; d < DOMAINS; d++)
        for (vcpu_id v = 0; v < 2; v++) timer_stop_all(d, v);
    for (uint32_t cpu = 0; cpu < 3; cpu++) assert_int_equal(timer_next(cpu), UINT64_MAX);
}

static void test_zero_is_a_deadline(void **state) {
    struct timer_due due;

    (void)state;
    vcpus[1][0].cpu = 2;
    assert_int_equal(timer_set(1, 0, TIMER_SINGLESHOT, 0), 2);
    assert_int_equal(timer_next(2), 1);
    timer_take_due(2, 1000, &due);
    assert_true(due.domain == 1 && due.vcpu == 0);
    assert_true(due.kind[TIMER_SINGLESHOT] && !due.kind[TIMER_POLL] && !due.kind[TIMER_PARK]);
    assert_int_equal(timer_next(2), UINT64_MAX);
}

static int boot(void **state) {
    (void)state;
    world_boot(3, "");
    for (domain_id d = 1; d < DOMAINS; d++) world_domain(d, LABEL_DOMU, 2, 16);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_settings),
        cmocka_unit_test(test_zero_is_a_deadline),
    };
    return cmocka_run_group_tests_name("timer", tests, boot, NULL);
}
