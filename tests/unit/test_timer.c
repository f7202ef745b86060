/* SPDX-License-Identifier: Apache-2.0 */
/* Timers: random settings on several CPUs against a plain list; each comes due once, in order, and
 * the end of a poll never takes the guest's own timer with it. */
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
static uint64_t own[DOMAINS][2];
static uint64_t poll[DOMAINS][2];

static uint32_t any(uint32_t limit) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % limit);
}

static uint64_t earliest(uint32_t cpu) {
    uint64_t least = UINT64_MAX;

    for (uint32_t d = 0; d < DOMAINS; d++)
        for (uint32_t v = 0; v < 2; v++) {
            if (!vcpus[d][v].timer_armed || vcpus[d][v].timer_cpu != cpu) continue;
            if (own[d][v] != 0 && own[d][v] < least) least = own[d][v];
            if (poll[d][v] != 0 && poll[d][v] < least) least = poll[d][v];
        }
    return least;
}

static void take(uint32_t cpu, uint64_t now) {
    uint64_t before = timer_next(cpu);
    bool singleshot = false;
    bool over = false;
    domain_id d;
    vcpu_id v;

    assert_int_equal(before, earliest(cpu));
    if (!timer_take_due(cpu, now, &d, &v, &singleshot, &over)) {
        assert_true(before > now);
        return;
    }
    assert_true(before <= now && (singleshot || over));
    assert_int_equal(singleshot, own[d][v] != 0 && own[d][v] <= now);
    assert_int_equal(over, poll[d][v] != 0 && poll[d][v] <= now);
    if (singleshot) own[d][v] = 0;
    if (over) poll[d][v] = 0;
    assert_int_equal(vcpus[d][v].timer_armed, own[d][v] != 0 || poll[d][v] != 0);
}

static void test_random_settings(void **state) {
    uint64_t now = 1000;

    (void)state;
    for (uint32_t i = 0; i < STEPS; i++) {
        domain_id d = (domain_id)any(DOMAINS);
        vcpu_id v = (vcpu_id)any(2);

        now += any(20);
        switch (any(8)) {
        case 0:
        case 1:
            own[d][v] = now + any(1000);
            (void)timer_set(d, v, own[d][v]);
            break;
        case 2:
            poll[d][v] = now + any(1000);
            (void)timer_set_poll(d, v, poll[d][v]);
            break;
        case 3:
            timer_stop_poll(d, v);
            poll[d][v] = 0;
            break;
        case 4:
            if (any(4) == 0) {
                timer_stop(d, v);
                own[d][v] = 0;
            }
            break;
        case 5: vcpus[d][v].cpu = (uint8_t)any(3); break;
        default: take(any(3), now); break;
        }
    }
    for (domain_id d = 0; d < DOMAINS; d++)
        for (vcpu_id v = 0; v < 2; v++) timer_stop_all(d, v);
    for (uint32_t cpu = 0; cpu < 3; cpu++) assert_int_equal(timer_next(cpu), UINT64_MAX);
}

static void test_zero_is_a_deadline(void **state) {
    bool singleshot;
    bool over;
    domain_id d;
    vcpu_id v;

    (void)state;
    vcpus[1][0].cpu = 2;
    assert_int_equal(timer_set(1, 0, 0), 2);
    assert_true(timer_take_due(2, 1000, &d, &v, &singleshot, &over));
    assert_true(d == 1 && v == 0 && singleshot && !over);
    assert_false(timer_take_due(2, UINT64_MAX, &d, &v, &singleshot, &over));
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
