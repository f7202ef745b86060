/* SPDX-License-Identifier: Apache-2.0 */
/* Scheduling: CPU time in proportion to weights and within caps, also over several CPUs, nobody
 * starves, who sleeps is served soon, one vCPU on one CPU, affinity, pauses. */
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
        for (vcpu_id v = 0; domains[d].state == DOMAIN_LIVE && v < domains[d].vcpus; v++) {
            (void)sched_stop(d, v, VCPU_BLOCKED);
            vcpus[d][v].affinity = UINT64_MAX;
        }
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

/* Time that each of the domains gets in a while, all of them computing on all CPUs. */
static void share(uint64_t got[5], domain_id last, uint64_t slices) {
    for (domain_id d = 1; d <= last; d++) {
        wake(d, UINT64_MAX);
        got[d] = time_of(d);
    }
    run_for(slices * SLICE_NS);
    for (domain_id d = 1; d <= last; d++) got[d] = time_of(d) - got[d];
}

/* Three on two CPUs: two thirds of a CPU each. */
static void test_fair_over_cpus(void **state) {
    uint64_t got[5];

    (void)state;
    stop_all();
    share(got, 3, 3000);
    for (domain_id d = 1; d <= 3; d++) assert_in_range(got[d], 1900 * SLICE_NS, 2100 * SLICE_NS);
}

static void test_cap(void **state) {
    uint64_t got[5];

    (void)state;
    stop_all();
    domains[2].cap = 25;
    share(got, 2, 1000); /* a CPU each, but for the cap */
    assert_in_range(got[1], 990 * SLICE_NS, 1000 * SLICE_NS);
    assert_in_range(got[2], 240 * SLICE_NS, 260 * SLICE_NS);

    domains[2].cap = 150; /* of one CPU's time: more than its only vCPU can use */
    share(got, 2, 1000);
    assert_in_range(got[2], 980 * SLICE_NS, 1000 * SLICE_NS);
    domains[2].cap = 0;
}

/* Many vCPUs of a capped domain share the cap; one that sleeps and wakes does not get round it. */
static void test_cap_is_the_domains(void **state) {
    uint64_t before = 0;
    uint64_t after = 0;

    (void)state;
    stop_all();
    domains[4].cap = 50;
    for (vcpu_id v = 0; v < 4; v++) before += sched_cpu_time(4, v, host_now);
    for (uint32_t i = 0; i < 4000; i++) {
        gate_lock();
        for (vcpu_id v = 0; v < 4; v++) (void)sched_wake(4, v);
        if (i % 5 == 0) (void)sched_stop(4, 3, VCPU_BLOCKED);
        gate_unlock();
        host_now += SLICE_NS / 4;
        (void)pick(0);
        (void)pick(1);
    }
    for (vcpu_id v = 0; v < 4; v++) after += sched_cpu_time(4, v, host_now);
    assert_in_range(after - before, 480 * SLICE_NS, 530 * SLICE_NS);
    domains[4].cap = 0;
}

/* Parked vCPUs stop, and do not wake again by the window's begin. */
static void test_stop_while_parked(void **state) {
    (void)state;
    stop_all();
    domains[2].cap = 1;
    wake(2, 1);
    for (uint32_t i = 0; i < 3; i++) {
        host_now += CAP_WINDOW_NS / 20;
        (void)pick(0);
    }
    assert_int_equal(vcpus[2][0].state, VCPU_RUNNABLE);
    assert_true(vcpus[2][0].deadline[TIMER_PARK] != 0);
    gate_lock();
    (void)sched_stop(2, 0, VCPU_BLOCKED);
    gate_unlock();
    for (uint32_t i = 0; i < 40; i++) {
        host_now += CAP_WINDOW_NS / 20;
        assert_int_equal(pick(0), VCPU_REFERENCE_NONE);
    }
    domains[2].cap = 0;
}

/* Beside four vCPUs that compute, one that wakes now and then gets the CPU at once. */
static void test_wake_is_served_at_once(void **state) {
    uint32_t late = 0;

    (void)state;
    stop_all();
    gate_lock();
    for (vcpu_id v = 0; v < 4; v++) {
        vcpus[4][v].affinity = 1;
        (void)sched_wake(4, v);
    }
    gate_unlock();
    run_for(100 * SLICE_NS);
    for (uint32_t i = 0; i < 1000; i++) {
        host_now += SLICE_NS / 3;
        (void)pick(0);
        wake(1, 1);
        late += pick(0) != vcpu_reference(1, 0) && i > 0; /* first it had run more than they */
        host_now += SLICE_NS / 100;
        gate_lock();
        (void)sched_stop(1, 0, VCPU_BLOCKED);
        gate_unlock();
        (void)pick(0);
    }
    assert_int_equal(late, 0);
}

/* An idle CPU takes what waits elsewhere, also behind one that is pinned there. */
static void test_idle_cpu_takes_work(void **state) {
    (void)state;
    stop_all();
    wake(1, 1);
    wake(2, 1);
    (void)pick(0);
    gate_lock();
    (void)sched_set_affinity(3, 0, 1);
    (void)sched_wake(3, 0);
    (void)sched_set_affinity(3, 0, 3);
    gate_unlock();
    assert_int_equal(pick(1), vcpu_reference(3, 0));
}

/* Each of a domain's pollers may wait for another CPU. */
static void test_event_wakes_all_pollers(void **state) {
    (void)state;
    stop_all();
    gate_lock();
    for (vcpu_id v = 0; v < 2; v++) {
        vcpus[4][v].affinity = 1u << v;
        vcpus[4][v].state = VCPU_POLLING;
        vcpus[4][v].poll_port = 0;
    }
    host_kicked = 0;
    gate_wake_pollers(4, 1);
    gate_unlock();
    assert_int_equal(host_kicked, 3u);
    assert_int_equal(pick(0), vcpu_reference(4, 0));
    assert_int_equal(pick(1), vcpu_reference(4, 1));
    stop_all();
}

static int boot(void **state) {
    (void)state;
    world_boot(CPUS, "");
    for (domain_id d = 1; d <= 4; d++) {
        world_domain(d, LABEL_DOMU, d == 4 ? 4 : 1, 16);
        world_unpause(d);
    }
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_fair_over_cpus),
        cmocka_unit_test(test_sleep_earns_no_claim),
        cmocka_unit_test(test_cap),
        cmocka_unit_test(test_cap_is_the_domains),
        cmocka_unit_test(test_stop_while_parked),
        cmocka_unit_test(test_wake_is_served_at_once),
        cmocka_unit_test(test_idle_cpu_takes_work),
        cmocka_unit_test(test_affinity),
        cmocka_unit_test(test_pause_and_unpause),
        cmocka_unit_test(test_held_until_let_go),
        cmocka_unit_test(test_event_wakes_all_pollers),
    };
    return cmocka_run_group_tests_name("sched", tests, boot, NULL);
}
