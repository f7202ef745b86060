/* SPDX-License-Identifier: Apache-2.0 */
/* Ends of domains, waits and moves that took more than one call to go wrong. Each test is named
 * after the property that was broken once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "audit/audit.h"
#include "evtchn/evtchn.h"
#include "grants/grants.h"
#include "hv/abi/errno.h"
#include "hv/core/frame.h"
#include "hv/core/life.h"
#include "hv/core/lock.h"
#include "hv/core/sched.h"
#include "tests/gate/world.h"
#include "tests/gate/xsm_fake.h"

#define ARG ((uint64_t)WORLD_ARGUMENTS * PAGE_SIZE)
#define BUF ((uint64_t)WORLD_BUFFER * PAGE_SIZE)
#define ARGUMENTS(domain, type, ...)                                                               \
    do {                                                                                           \
        struct type arguments = {__VA_ARGS__};                                                     \
        memcpy(world_arguments(domain), &arguments, sizeof(arguments));                            \
    } while (0)

static struct effects effects;

static void apply(void) {
    gate_lock();
    machine_apply(&effects);
    effects.count = 0;
    gate_unlock();
    host_flush();
}

static struct schedule schedule_on(uint32_t cpu) {
    struct schedule schedule;

    gate_schedule(cpu, &schedule);
    host_flush();
    return schedule;
}

static bool destroy_piece(domain_id domain) {
    bool more;

    gate_lock();
    more = life_destroy(domain, &effects);
    gate_unlock();
    apply();
    return more;
}

/* Domain 0 sleeps, so that the others get the CPUs. */
static void only(domain_id domain) {
    gate_lock();
    (void)sched_stop(0, 0, VCPU_BLOCKED);
    gate_unlock();
    world_unpause(domain);
    world_reschedule();
}

static void test_dying_domain_leaves_no_timer(void **state) {
    (void)state;
    world_domain(1, LABEL_DOMU, 1, 32);
    only(1);
    assert_true(sched_current(0) == vcpu_reference(1, 0) ||
                sched_current(1) == vcpu_reference(1, 0));
    assert_true(destroy_piece(1));
    /* A call that was under way when its domain was ended. */
    (void)world_call(1, HC_SET_TIMER, host_now + 1000, 0, 0);
    assert_true(world_destroy(1));
    host_now += 1000000;
    world_reschedule();
    world_reschedule();
    assert_true(timer_next(0) > host_now && timer_next(1) > host_now);
}

static void test_waiting_zombie_does_not_hold_up_the_next(void **state) {
    (void)state;
    world_domain(2, LABEL_DOMU, 1, 32);
    world_domain(3, LABEL_DOMU, 1, 32);
    world_domain(4, LABEL_DOMU, 1, 32);
    /* Domain 4 maps a page of domain 2's, which therefore cannot end before it. */
    *(uint64_t *)(void *)world_buffer(4) = 20;
    *(uint64_t *)(void *)(world_buffer(4) + 8) = 4096;
    ARGUMENTS(4, arg_add_to_physmap_batch, .domid = DOMID_SELF, .space = XENMAPSPACE_GMFN_FOREIGN,
              .size = 1, .foreign_domid = 2, .idxs = BUF, .gpfns = BUF + 8, .errs = BUF + 16);
    assert_int_equal(world_call(4, HC_MEMORY, 23, ARG, 0), 0);
    assert_int_equal(*(int32_t *)(void *)(world_buffer(4) + 16), 0);
    assert_false(world_destroy(2));
    assert_int_equal(domains[2].state, DOMAIN_DYING);
    /* Two more deaths, begun and left to the background. */
    assert_true(destroy_piece(3));
    assert_true(destroy_piece(4));
    world_rest();
    assert_int_equal(domains[3].state, DOMAIN_FREE);
    assert_int_equal(domains[4].state, DOMAIN_FREE);
    world_rest();
    assert_int_equal(domains[2].state, DOMAIN_FREE);
    world_check();
}

static void test_poll_keeps_the_singleshot_timer(void **state) {
    port_id port;

    (void)state;
    world_domain(5, LABEL_DOMU, 1, 32);
    only(5);
    gate_lock();
    assert_int_equal(evtchn_bind_ipi(5, 0, LABEL_DOMU, &port), REASON_OK);
    gate_unlock();
    ARGUMENTS(5, arg_vcpu_set_timer, .timeout_abs_ns = host_now + 5000000);
    assert_int_equal(world_call(5, HC_VCPU, 8, 0, ARG), 0);
    memcpy(world_buffer(5), &port, sizeof(port));
    ARGUMENTS(5, arg_sched_poll, .ports = BUF, .nr_ports = 1);
    assert_int_equal(world_call(5, HC_SCHED, 3, ARG, 0), 0);
    assert_int_equal(vcpus[5][0].state, VCPU_POLLING);
    gate_lock();
    assert_int_equal(evtchn_send(5, port, &effects), REASON_OK);
    gate_unlock();
    apply();
    assert_int_not_equal(vcpus[5][0].state, VCPU_POLLING);
    assert_int_equal(timer_next(vcpus[5][0].heap[HEAP_TIMERS].cpu), host_now + 5000000);

    /* A poll with a deadline of its own ends at that, and leaves the timer too. */
    world_reschedule();
    host_shared_info(5)->evtchn_pending[0] = 0;
    ARGUMENTS(5, arg_sched_poll, .ports = BUF, .nr_ports = 1, .timeout = host_now + 1000);
    assert_int_equal(world_call(5, HC_SCHED, 3, ARG, 0), 0);
    assert_int_equal(vcpus[5][0].state, VCPU_POLLING);
    host_now += 2000;
    world_reschedule();
    assert_int_equal(vcpus[5][0].state, VCPU_RUNNING);
    assert_int_equal(timer_next(vcpus[5][0].heap[HEAP_TIMERS].cpu), host_now + 5000000 - 2000);

    /* Any upcall ends it, of another port too; one that waits, if the guest can take it. */
    const uint32_t other = port + 1;

    host_vcpu_info(5, 0)->evtchn_upcall_pending = 0;
    memcpy(world_buffer(5), &other, sizeof(other));
    ARGUMENTS(5, arg_sched_poll, .ports = BUF, .nr_ports = 1);
    assert_int_equal(world_call(5, HC_SCHED, 3, ARG, 0), 0);
    assert_int_equal(vcpus[5][0].state, VCPU_POLLING);
    host_shared_info(5)->evtchn_pending[0] = 0;
    host_shared_info(5)->evtchn_mask[0] = 0;
    gate_lock();
    assert_int_equal(evtchn_send(5, port, &effects), REASON_OK);
    gate_unlock();
    apply();
    assert_int_not_equal(vcpus[5][0].state, VCPU_POLLING);
    world_reschedule();
    host_interruptible = true;
    assert_int_equal(world_call(5, HC_SCHED, 3, ARG, 0), 0);
    assert_int_equal(vcpus[5][0].state, VCPU_RUNNING);
    host_interruptible = false;
    assert_int_equal(world_call(5, HC_SCHED, 3, ARG, 0), 0);
    assert_int_equal(vcpus[5][0].state, VCPU_POLLING);
    assert_true(world_destroy(5));
}

static void test_new_affinity_reaches_an_idle_cpu(void **state) {
    struct schedule schedule;

    (void)state;
    world_domain(6, LABEL_DOMU, 1, 32);
    only(6);
    uint32_t from = vcpus[6][0].cpu;
    uint32_t to = 1 - from;

    assert_true(schedule_on(to).idle);
    host_kicked = 0;
    world_buffer(0)[0] = (uint8_t)(1u << to);
    ARGUMENTS(0, arg_domctl_vcpuaffinity, .h = {9, DOMCTL_VERSION, 6, {0}}, .flags = 1,
              .cpumap_hard = {BUF, 8, 0});
    assert_int_equal(world_call(0, HC_DOMCTL, ARG, 0, 0), 0);
    assert_true((host_kicked >> from & 1u) != 0);
    host_kicked = 0;
    assert_true(schedule_on(from).idle);
    assert_true((host_kicked >> to & 1u) != 0); /* somebody tells the idle CPU */
    schedule = schedule_on(to);
    assert_int_equal(schedule.domain, 6);

    /* The same for one that waits in the queue. */
    world_domain(7, LABEL_DOMU, 1, 32);
    vcpus[7][0].affinity = 1u << to;
    world_unpause(7);
    assert_true(schedule_on(from).idle);
    assert_int_equal(vcpus[7][0].state, VCPU_RUNNABLE);
    host_kicked = 0;
    world_buffer(0)[0] = (uint8_t)(1u << from);
    ARGUMENTS(0, arg_domctl_vcpuaffinity, .h = {9, DOMCTL_VERSION, 7, {0}}, .flags = 1,
              .cpumap_hard = {BUF, 8, 0});
    assert_int_equal(world_call(0, HC_DOMCTL, ARG, 0, 0), 0);
    assert_true((host_kicked >> from & 1u) != 0);
    assert_true(world_destroy(6));
    assert_true(world_destroy(7));
}

/* A page that was given up while others map it is still its domain's memory. */
static void test_orphans_count_to_the_maximum(void **state) {
    (void)state;
    world_domain(8, LABEL_DOMU, 1, 32);
    world_domain(9, LABEL_DOMU, 1, 32);
    domains[8].max_pages = 32;
    *(uint64_t *)(void *)world_buffer(9) = 20;
    *(uint64_t *)(void *)(world_buffer(9) + 8) = 4096;
    ARGUMENTS(9, arg_add_to_physmap_batch, .domid = DOMID_SELF, .space = XENMAPSPACE_GMFN_FOREIGN,
              .size = 1, .foreign_domid = 8, .idxs = BUF, .gpfns = BUF + 8, .errs = BUF + 16);
    assert_int_equal(world_call(9, HC_MEMORY, 23, ARG, 0), 0);
    *(uint64_t *)(void *)world_buffer(8) = 20;
    ARGUMENTS(8, arg_memory_reservation, .extent_start = BUF, .nr_extents = 1, .domid = DOMID_SELF);
    assert_int_equal(world_call(8, HC_MEMORY, 1, ARG, 0), 1);
    assert_int_equal(world_call(8, HC_MEMORY, 6, ARG, 0), 0); /* none is left for it */
    world_check();
    assert_true(world_destroy(9));
    assert_int_equal(world_call(8, HC_MEMORY, 6, ARG, 0), 1);
    assert_true(world_destroy(8));
}

static void test_grown_tables_end_with_their_domain(void **state) {
    uint64_t free = frames_count_free();

    (void)state;
    world_domain(10, LABEL_DOMU, 1, 32);
    ARGUMENTS(10, arg_gnttab_setup_table, .dom = DOMID_SELF, .nr_frames = 4);
    assert_int_equal(world_call(10, HC_GRANT, 2, ARG, 1), 0);
    assert_int_equal(grants_frames(10), 4);
    world_check();
    assert_true(world_destroy(10));
    assert_int_equal(frames_count_free(), free);
}

/* xenstored and xenconsoled keep pages of a domain mapped until they are told of its end; what told
 * them that it was shut does not do, or it would wait for them for ever. */
static void test_end_of_a_shut_domain_is_told(void **state) {
    const struct arg_evtchn_bind_virq *bound = (const void *)world_arguments(0);
    port_id port;

    (void)state;
    world_domain(12, LABEL_DOMU, 1, 32);
    ARGUMENTS(0, arg_evtchn_bind_virq, .virq = 3);
    assert_int_equal(world_call(0, HC_EVENT, 1, ARG, 0), 0);
    port = bound->port;
    ARGUMENTS(0, arg_sched_remote_shutdown, .domain_id = 12);
    assert_int_equal(world_call(0, HC_SCHED, 4, ARG, 0), 0);
    assert_true(machine_port_pending(0, port));
    host_shared_info(0)->evtchn_pending[port / 64] = 0;
    assert_true(destroy_piece(12)); /* the first of several: it is dying now */
    assert_int_equal(domains[12].state, DOMAIN_DYING);
    assert_true(machine_port_pending(0, port));
    assert_true(world_destroy(12));
}

static void test_map_that_ends_low_has_a_highest_page(void **state) {
    (void)state;
    world_domain(11, LABEL_DOMU, 1, 32);
    domains[11].memory_map_entries = 1;
    domains[11].memory_map[0].size[0] = 100;
    ARGUMENTS(11, arg_domid, DOMID_SELF);
    assert_int_equal(world_call(11, HC_MEMORY, 14, ARG, 0), 0); /* not -1, which is -EPERM */
    assert_true(world_destroy(11));
}

static int boot(void **state) {
    (void)state;
    world_boot(2, "");
    world_reschedule();
    return 0;
}

/* A multicall that goes on is a new call for each entry that it had not begun. */
static void test_entries_after_a_hold_are_recorded(void **state) {
    struct arg_multicall_entry entries[24];
    uint64_t sequence = audit_newest();
    struct audit_record record;
    uint32_t recorded = 0;
    uint32_t i;

    (void)state;
    ARGUMENTS(0, arg_domid, DOMID_SELF);
    for (i = 0; i < 24; i++)
        entries[i] = (struct arg_multicall_entry){.op = HC_MEMORY, .args = {3, ARG}};
    memcpy(world_buffer(0), entries, sizeof(entries));
    fake_records_grants = true;
    assert_int_equal(world_call(0, HC_MULTICALL, WORLD_BUFFER * PAGE_SIZE, 24, 0), 0);
    fake_records_grants = false;
    while (sequence < audit_newest()) {
        sequence++;
        assert_true(audit_read(sequence, &record));
        if (record.permission == PERMISSION_mmu_stat) recorded += 1 + record.repeats;
    }
    assert_int_equal(recorded, 24);
}

/* Elements are taken by the page, whatever lies where a page ends. */
static void test_elements_lie_in_two_pages(void **state) {
    struct arg_gnttab_unmap elements[60]; /* the last is not the call's */
    size_t first = 5 * sizeof(elements[0]) + 11;
    uint8_t *place = world_arguments(0) + PAGE_SIZE - first;
    uint32_t i;

    (void)state;
    memset(elements, 0x5a, sizeof(elements));
    for (i = 0; i < 60; i++) elements[i].handle = 4000 + i;
    memcpy(place, elements, first);
    memcpy(world_buffer(0), (uint8_t *)elements + first, sizeof(elements) - first);
    assert_int_equal(world_call(0, HC_GRANT, 1, ARG + PAGE_SIZE - first, 59), 0);
    memcpy(elements, place, first);
    memcpy((uint8_t *)elements + first, world_buffer(0), sizeof(elements) - first);
    for (i = 0; i < 59; i++) {
        assert_int_equal(elements[i].handle, 4000 + i);
        assert_int_equal(elements[i].status, reason_grant_status(REASON_NO_ENTRY));
        assert_int_equal(elements[i].pad, 0x5a5a);
    }
    assert_int_equal(elements[59].status, 0x5a5a);
    /* None: then nothing is looked at. */
    assert_int_equal(world_call(0, HC_GRANT, 1, UINT64_MAX, 0), 0);
    assert_int_equal(world_call(0, HC_GRANT, 1, UINT64_MAX, 1), -14);
}

/* The tools count pages of mappings, as many as the hypervisor needs for them. */
static void test_pages_of_mappings(void **state) {
    static const struct {
        int32_t pages;
        uint32_t mappings;
    } asked[] = {{0, 0}, {2, 256}, {1024, MAX_GRANT_MAPPINGS}, {-1, 4096}};

    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        struct arg_domctl_createdomain created;

        ARGUMENTS(0, arg_domctl_createdomain, .h = {1, DOMCTL_VERSION, 0, {0}},
                  .ssidref = LABEL_DOMU, .flags = 3, .max_vcpus = 1, .max_evtchn_port = 100,
                  .max_grant_frames = 4, .max_maptrack_frames = asked[i].pages);
        assert_int_equal(world_call(0, HC_DOMCTL, ARG, 0, 0), 0);
        memcpy(&created, world_arguments(0), sizeof(created));
        assert_int_equal(grants_mappings_max(created.h.domain), asked[i].mappings);
        assert_true(world_destroy(created.h.domain));
    }
}

/* What there is of memory, and how much of it serves as tables. */
static void count_memory(uint64_t counts[5]) {
    world_rest();
    host_flush();
    world_rest();
    counts[0] = frames_count_free();
    counts[1] = frames_count_hypervisor();
    counts[2] = frames_owned_by(0);
    counts[3] = domains[0].tables;
    counts[4] = domains[0].table_pool_count;
}

/* Nothing is left of a domain: ten thousand of them, of which one in ten had memory. */
static void test_ten_thousand_lives(void **state) {
    uint64_t before[5];
    uint64_t after[5];
    uint64_t gfn = 1ull << 20;

    (void)state;
    count_memory(before);
    for (uint32_t i = 0; i < 10000; i++) {
        struct arg_domctl_createdomain created;

        ARGUMENTS(0, arg_domctl_createdomain, .h = {1, DOMCTL_VERSION, 0, {0}},
                  .ssidref = LABEL_DOMU, .flags = 3, .max_vcpus = 1, .max_evtchn_port = 1023,
                  .max_grant_frames = 4, .max_maptrack_frames = 1);
        assert_int_equal(world_call(0, HC_DOMCTL, ARG, 0, 0), 0);
        memcpy(&created, world_arguments(0), sizeof(created));
        if (i % 10 == 0) {
            ARGUMENTS(0, arg_domctl_max_mem, .h = {11, DOMCTL_VERSION, created.h.domain, {0}},
                      .max_memkb = 64);
            assert_int_equal(world_call(0, HC_DOMCTL, ARG, 0, 0), 0);
            memcpy(world_buffer(0), &gfn, sizeof(gfn));
            ARGUMENTS(0, arg_memory_reservation, .extent_start = BUF, .nr_extents = 1,
                      .domid = created.h.domain);
            assert_int_equal(world_call(0, HC_MEMORY, 6, ARG, 0), 1);
            assert_int_equal(domains[created.h.domain].tables, 3);
        }
        ARGUMENTS(0, arg_domctl_header, 2, DOMCTL_VERSION, created.h.domain, {0});
        assert_int_equal(world_call(0, HC_DOMCTL, ARG, 0, 0), 0);
    }
    count_memory(after);
    assert_memory_equal(before, after, sizeof(before));
    for (uint32_t domain = 1; domain < MAX_DOMAINS; domain++)
        assert_true(domains[domain].state != DOMAIN_FREE ||
                    frames_owned_by((domain_id)domain) == 0);
    world_check();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_poll_keeps_the_singleshot_timer),
        cmocka_unit_test(test_waiting_zombie_does_not_hold_up_the_next),
        cmocka_unit_test(test_new_affinity_reaches_an_idle_cpu),
        cmocka_unit_test(test_orphans_count_to_the_maximum),
        cmocka_unit_test(test_grown_tables_end_with_their_domain),
        cmocka_unit_test(test_end_of_a_shut_domain_is_told),
        cmocka_unit_test(test_map_that_ends_low_has_a_highest_page),
        cmocka_unit_test(test_dying_domain_leaves_no_timer),
        cmocka_unit_test(test_entries_after_a_hold_are_recorded),
        cmocka_unit_test(test_elements_lie_in_two_pages),
        cmocka_unit_test(test_pages_of_mappings),
        cmocka_unit_test(test_ten_thousand_lives),
    };
    return cmocka_run_group_tests_name("life", tests, boot, NULL);
}
