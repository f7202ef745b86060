/* SPDX-License-Identifier: Apache-2.0 */
/* Scheduling: CPU time in proportion to weights, nobody starves, one vCPU on one CPU, affinity,
 * pauses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hv/core/lock.h"
#include "hv/core/sched.h"
#include "tests/gate/world.h"

#define CPUS 2u

static struct effects effects;

static uint16_t pick(uint32_t cpu) {
    struct schedule out;

    gate_schedule(cpu, &out);
    assert_int_equal(out.idle, sched_current(cpu) == VCPU_REFERENCE_NONE);
    return sched_current(cpu);
}

static void run_for(uint64_t ns) {
    for (uint64_t i = 0; i < ns / (SLICE_NS / 4); i++) {
        host_now += SLICE_NS / 4;
        uint16_t a = pick(0);
        uint16_t b = pick(1);

        assert_true(a != b || a == VCPU_REFERENCE_NONE);
    }
}

static void stop_all(void) {
    gate_lock();
    for (domain_id d = 0; d < 8; d++)
        for (vcpu_id v = 0; domains[d].state == DOMAIN_LIVE && v < domains[d].vcpus; v++)
            (void)sched_stop(d, v, VCPU_BLOCKED);
    gate_unlock();
    (void)pick(0);
    (void)pick(1);
}

static void wake(domain_id domain, uint64_t affinity) {
    gate_lock();
    vcpus[domain][0].affinity = affinity;
    (void)sched_wake(domain, 0);
    gate_unlock();
}

static uint64_t time_of(domain_id domain) { return sched_cpu_time(domain, 0, host_now); }

static void test_weights(void **state) {
    uint64_t before[5];

    (void)state;
    stop_all();
    domains[2].weight = 512;
    domains[3].weight = 1024;
    for (domain_id d = 1; d <= 3; d++) {
        wake(d, 1); /* all on one CPU */
        before[d] = time_of(d);
    }
    run_for(7000 * SLICE_NS);
    for (domain_id d = 1; d <= 3; d++) before[d] = time_of(d) - before[d];
    assert_in_range(before[1], 900 * SLICE_NS, 1100 * SLICE_NS);
    assert_in_range(before[2], 1850 * SLICE_NS, 2150 * SLICE_NS);
    assert_in_range(before[3], 3800 * SLICE_NS, 4200 * SLICE_NS);
    domains[2].weight = 256;
    domains[3].weight = 256;
}

static void test_sleep_earns_no_claim(void **state) {
    uint64_t before;

    (void)state;
    stop_all();
    wake(1, 1);
    run_for(1000 * SLICE_NS);
    wake(2, 1);
    before = time_of(1);
    run_for(100 * SLICE_NS);
    assert_in_range(time_of(1) - before, 40 * SLICE_NS, 60 * SLICE_NS);
}

static void test_affinity(void **state) {
    (void)state;
    stop_all();
    wake(1, 2);
    for (uint32_t i = 0; i < 20; i++) {
        host_now += SLICE_NS;
        assert_int_equal(pick(0), VCPU_REFERENCE_NONE);
        assert_int_equal(pick(1), vcpu_reference(1, 0));
    }
}

static void test_pause_and_unpause(void **state) {
    (void)state;
    stop_all();
    wake(1, 3);
    wake(2, 3);
    run_for(2 * SLICE_NS);
    domains[1].pauses = 1;
    sched_domain_paused(1, &effects);
    assert_int_equal(effects.count, 1); /* the CPU that runs it is told */
    effects.count = 0;
    for (uint32_t i = 0; i < 10; i++) {
        host_now += SLICE_NS;
        assert_int_not_equal(pick(0), vcpu_reference(1, 0));
        assert_int_not_equal(pick(1), vcpu_reference(1, 0));
    }
    wake(1, 3); /* an event meanwhile */
    assert_int_equal(vcpus[1][0].state, VCPU_BLOCKED);
    domains[1].pauses = 0;
    sched_domain_unpaused(1, &effects);
    effects.count = 0;
    host_now += SLICE_NS;
    assert_true(pick(0) == vcpu_reference(1, 0) || pick(1) == vcpu_reference(1, 0));
}

/* Stopped and woken again while its CPU still has it: no other CPU may take it. */
static void test_held_until_let_go(void **state) {
    uint16_t held = vcpu_reference(1, 0);

    (void)state;
    stop_all();
    wake(1, 3);
    uint32_t has = pick(0) == held ? 0 : 1;

    if (has == 1) assert_int_equal(pick(1), held);
    gate_lock();
    assert_int_equal(sched_stop(1, 0, VCPU_BLOCKED), has);
    (void)sched_wake(1, 0);
    gate_unlock();
    assert_int_equal(pick(1 - has), VCPU_REFERENCE_NONE);
    assert_int_equal(pick(has), held);
}

static int boot(void **state) {
    (void)state;
    world_boot(CPUS, "");
    for (domain_id d = 1; d <= 3; d++) {
        world_domain(d, LABEL_DOMU, 1, 16);
        world_unpause(d);
    }
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weights),           cmocka_unit_test(test_sleep_earns_no_claim),
        cmocka_unit_test(test_affinity),          cmocka_unit_test(test_pause_and_unpause),
        cmocka_unit_test(test_held_until_let_go),
    };
    return cmocka_run_group_tests_name("sched", tests, boot, NULL);
}
