/* SPDX-License-Identifier: Apache-2.0 */
/* The first domain ends, for whatever reason, and is built anew from the boot modules while the
 * others run on. Each test is named after what must hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "audit/audit.h"
#include "evtchn/evtchn.h"
#include "grants/storage.h"
#include "hv/core/guest_memory.h"
#include "hv/core/life.h"
#include "hv/core/lock.h"
#include "hv/core/sched.h"
#include "hv/core/start.h"
#include "tests/gate/world.h"
#include "tests/gate/xsm_fake.h"

#define ARG ((uint64_t)WORLD_ARGUMENTS * PAGE_SIZE)
#define BUF ((uint64_t)WORLD_BUFFER * PAGE_SIZE)
#define ARGUMENTS(domain, type, ...)                                                               \
    do {                                                                                           \
        struct type arguments = {__VA_ARGS__};                                                     \
        memcpy(world_arguments(domain), &arguments, sizeof(arguments));                            \
    } while (0)
#define SECOND 1000000000ull
#define SLOT 4096u /* gfn from which a tenant maps what is another's */
#define PAGE_OF_FIRST 20u

static struct effects effects;

static void apply(void) {
    gate_lock();
    machine_apply_all(&effects);
    gate_unlock();
    host_flush();
}

/* It has lived so long that it starts again at once. */
static void crash(void) {
    host_now += 60 * SECOND;
    gate_crash(0, 0, CRASH_TRIPLE_FAULT, 0);
    assert_int_equal(domains[0].state, DOMAIN_SHUT);
}

/* What a domain that was just built looks like. */
static void assert_new(void) {
    const uint8_t *info;

    assert_int_equal(domains[0].label, LABEL_DOM0);
    assert_int_equal(domains[0].self_label, xsm_label_self(LABEL_DOM0));
    assert_int_equal(domains[0].pages, WORLD_DOM0_PAGES);
    assert_int_equal(domains[0].vcpus, 2);
    assert_int_equal(host_vcpus[0][0].rip, 0x100010);
    assert_int_equal(host_guest(0, 0x100)[0], 0x90); /* the kernel's segment */
    info = host_guest(0, host_vcpus[0][0].rbx / PAGE_SIZE);
    assert_int_equal(*(const uint32_t *)(const void *)info, 0x336ec578);
    assert_memory_equal(host_guest(0, host_vcpus[0][0].rbx / PAGE_SIZE + 1), "console=hvc0", 13);
    (void)world_check();
}

/* The newest record of this kind about the first domain. */
static struct audit_record record_of(enum audit_kind kind) {
    struct audit_record record = {.kind = 0};
    uint64_t sequence = audit_newest();

    while (sequence >= audit_oldest() && audit_read(sequence, &record) &&
           !(record.kind == kind && record.object_domain == 0))
        sequence--;
    assert_int_equal(record.kind, kind);
    return record;
}

static void test_a_crash_is_the_first_domains_own(void **state) {
    uint64_t free = frames_count_free();

    (void)state;
    world_domain(1, LABEL_DOMU, 1, 32);
    world_unpause(1);
    free = frames_count_free();
    memset(host_guest(0, PAGE_OF_FIRST), 0x77, PAGE_SIZE);
    memset(host_guest(1, PAGE_OF_FIRST), 0x55, PAGE_SIZE);
    crash();
    assert_int_equal(domains[1].state, DOMAIN_LIVE);
    world_revive();
    assert_new();
    assert_int_equal(host_guest(0, PAGE_OF_FIRST)[0], 0);
    assert_int_equal(host_guest(1, PAGE_OF_FIRST)[0], 0x55);
    assert_int_equal(domains[1].state, DOMAIN_LIVE);
    assert_int_equal(domains[1].pauses, 0);
    assert_int_equal(frames_count_free(), free);
    assert_true(record_of(AUDIT_DOMAIN_CREATED).sequence > record_of(AUDIT_DOMAIN_ENDED).sequence);
    assert_int_equal(record_of(AUDIT_DOMAIN_ENDED).value1, 3);
    assert_true(world_destroy(1));
}

/* By its own hand without the power over the machine, by another's, by silence, by none left that
 * could wake it. */
static void test_every_end_is_followed_by_a_beginning(void **state) {
    uint32_t code;

    (void)state;
    world_domain(1, LABEL_DOMU, 1, 32);
    for (code = 0; code < 6; code++) {
        fake_denied = code == 0 ? PERMISSION_cordon_power_off : PERMISSION_cordon_reset;
        ARGUMENTS(0, arg_sched_shutdown, .reason = code);
        (void)world_call(0, HC_SCHED, 2, ARG, 0);
        fake_denied = PERMISSION_NONE;
        assert_int_equal(domains[0].state, DOMAIN_SHUT);
        world_revive();
        assert_new();
        assert_int_equal(record_of(AUDIT_DOMAIN_ENDED).value1, code);
    }
    assert_false(host_powered_off || host_was_reset);

    ARGUMENTS(1, arg_sched_remote_shutdown, .domain_id = 0, .reason = SHUTDOWN_CRASH);
    assert_int_equal(world_call(1, HC_SCHED, 4, ARG, 0), 0);
    world_revive();
    assert_new();

    ARGUMENTS(1, arg_domctl_header, 2, DOMCTL_VERSION, 0, {0});
    assert_int_equal(world_call(1, HC_DOMCTL, ARG, 0, 0), 0);
    assert_int_equal(domains[0].state, DOMAIN_DYING);
    world_revive();
    assert_new();

    assert_int_equal(gate_halt(0, 0, false), GATE_RESCHEDULE);
    assert_int_equal(domains[0].state, DOMAIN_SHUT);
    world_revive();
    assert_new();
    assert_true(world_destroy(1));
}

static void test_who_may_end_the_machine_does(void **state) {
    (void)state;
    ARGUMENTS(0, arg_sched_shutdown, .reason = SHUTDOWN_REBOOT);
    (void)world_call(0, HC_SCHED, 2, ARG, 0);
    assert_true(host_was_reset);
    host_was_reset = false; /* and the machine of this test goes on */
    world_revive();
}

static void test_channels_wait_for_the_next_first_domain(void **state) {
    port_id theirs;
    port_id port;

    (void)state;
    world_domain(1, LABEL_DOMU, 1, 32);
    gate_lock();
    assert_int_equal(evtchn_alloc_unbound(1, 0, LABEL_DOMU, &theirs), REASON_OK);
    gate_unlock();
    ARGUMENTS(0, arg_evtchn_bind_interdomain, .remote_dom = 1, .remote_port = theirs);
    assert_int_equal(world_call(0, HC_EVENT, 0, ARG, 0), 0);
    assert_int_equal(evtchn_read(1, theirs).state, PORT_INTERDOMAIN);
    crash();
    world_revive();
    assert_int_equal(evtchn_read(1, theirs).state, PORT_UNBOUND);
    assert_int_equal(evtchn_read(1, theirs).remote_domain, 0);
    gate_lock();
    assert_int_equal(evtchn_send(1, theirs, &effects), REASON_OK); /* lost, as Xen has it */
    gate_unlock();
    apply();
    ARGUMENTS(0, arg_evtchn_bind_interdomain, .remote_dom = 1, .remote_port = theirs);
    assert_int_equal(world_call(0, HC_EVENT, 0, ARG, 0), 0);
    port =
        ((const struct arg_evtchn_bind_interdomain *)(const void *)world_arguments(0))->local_port;
    assert_int_equal(evtchn_read(0, port).remote_domain, 1);
    assert_true(world_destroy(1));
}

/* Domain 0 grants a page to domain 1; both know reference 8. */
static void grant_page(void) {
    struct guest_grant_entry *entry;

    ARGUMENTS(0, arg_gnttab_setup_table, .dom = DOMID_SELF, .nr_frames = 1);
    assert_int_equal(world_call(0, HC_GRANT, 2, ARG, 1), 0);
    entry = (struct guest_grant_entry *)(void *)host_frame(grants_frame(0, 0)) + 8;
    entry->frame = PAGE_OF_FIRST;
    entry->flags_and_domid = 1u << 16 | GTF_PERMIT_ACCESS;
}

static uint32_t map_grant(uint64_t gfn) {
    const struct arg_gnttab_map *map = (const void *)world_arguments(1);

    ARGUMENTS(1, arg_gnttab_map, .host_addr = gfn * PAGE_SIZE, .flags = GNTMAP_HOST_MAP, .ref = 8);
    assert_int_equal(world_call(1, HC_GRANT, 0, ARG, 1), 0);
    assert_int_equal(map->status, 0);
    return map->handle;
}

static void unmap_grant(uint64_t gfn, uint32_t handle) {
    const struct arg_gnttab_unmap *unmap = (const void *)world_arguments(1);

    ARGUMENTS(1, arg_gnttab_unmap, .host_addr = gfn * PAGE_SIZE, .handle = handle);
    assert_int_equal(world_call(1, HC_GRANT, 1, ARG, 1), 0);
    assert_int_equal(unmap->status, 0);
}

static void map_foreign(uint64_t page, uint64_t gfn) {
    ((uint64_t *)(void *)world_buffer(1))[0] = page;
    ((uint64_t *)(void *)world_buffer(1))[1] = gfn;
    ARGUMENTS(1, arg_add_to_physmap_batch, .domid = DOMID_SELF, .space = XENMAPSPACE_GMFN_FOREIGN,
              .size = 1, .foreign_domid = 0, .idxs = BUF, .gpfns = BUF + 8, .errs = BUF + 16);
    assert_int_equal(world_call(1, HC_MEMORY, 23, ARG, 0), 0);
    assert_int_equal(*(int32_t *)(void *)(world_buffer(1) + 16), 0);
}

static void map_grant_table(uint64_t gfn) {
    *(uint64_t *)(void *)world_buffer(1) = gfn;
    ARGUMENTS(1, arg_acquire_resource, .domid = 0, .type = XENMEM_RESOURCE_GRANT_TABLE,
              .nr_frames = 1, .frame_list = BUF);
    assert_int_equal(world_call(1, HC_MEMORY, 28, ARG, 0), 0);
}

static void remove_page(domain_id domain, domain_id of, uint64_t gfn) {
    ARGUMENTS(domain, arg_remove_from_physmap, .domid = of, .gpfn = gfn);
    assert_int_equal(world_call(domain, HC_MEMORY, 15, ARG, 0), 0);
}

static void test_who_holds_its_memory_cannot_keep_it_dead(void **state) {
    uint64_t free;
    uint32_t before;
    uint32_t after;

    (void)state;
    world_domain(1, LABEL_DOMU, 1, 32);
    grant_page();
    host_guest(0, PAGE_OF_FIRST)[0] = 0x11;
    host_guest(0, PAGE_OF_FIRST + 1)[0] = 0x22;
    before = map_grant(SLOT);
    map_foreign(PAGE_OF_FIRST + 1, SLOT + 1);
    map_grant_table(SLOT + 2);
    crash();
    world_revive();
    assert_new();
    /* What it maps stays as it was, and is nobody's but the estate's. */
    assert_int_equal(host_guest(1, SLOT)[0], 0x11);
    assert_int_equal(host_guest(1, SLOT + 1)[0], 0x22);
    assert_int_equal(frames_owned_by(DOMAIN_ESTATE), 3);
    assert_int_equal(grant_domains[DOMAIN_ESTATE].lent, 1);
    assert_int_equal(grant_domains[0].lent, 0);

    /* The new one's grants are its own: the same reference counts anew. */
    grant_page();
    after = map_grant(SLOT + 3);
    assert_int_equal(grants_active(0, 8).writers, 1);
    (void)world_check();
    unmap_grant(SLOT, before);
    assert_int_equal(grants_active(0, 8).writers, 1);
    unmap_grant(SLOT + 3, after);
    assert_int_equal(grants_active(0, 8).writers, 0);
    free = frames_count_free();
    remove_page(1, DOMID_SELF, SLOT + 1);
    remove_page(1, DOMID_SELF, SLOT + 2);
    assert_int_equal(frames_owned_by(DOMAIN_ESTATE), 0);
    assert_int_equal(frames_count_free(), free + 2);
    assert_true(world_destroy(1));
    (void)world_check();
}

static uint64_t taken;

/* All that is free to it. */
static void take_all(domain_id domain) {
    enum reason reason;

    domains[domain].max_pages = UINT32_MAX / 2;
    domains[domain].table_pool_limit = UINT32_MAX / 2;
    do {
        gate_lock();
        reason = guest_memory_populate(domain, (struct gfn){65536 + taken}, ORDER_4K, &effects);
        machine_apply_all(&effects);
        gate_unlock();
        host_flush();
        taken += reason == REASON_OK;
        if (reason == REASON_AGAIN) (void)gate_background();
    } while (reason != REASON_NO_MEMORY);
}

static void test_who_takes_all_memory_cannot_keep_it_dead(void **state) {
    uint32_t i;

    (void)state;
    world_domain(1, LABEL_DOMU, 1, 32);
    world_domain(2, LABEL_DOMU, 1, 32);
    /* Nothing is free, and of its own 2 MiB extents a page each stays with another. */
    grant_page();
    (void)map_grant(SLOT);
    map_foreign(512 + PAGE_OF_FIRST, SLOT + 1);
    take_all(2);
    crash();
    /* The other tries again at each piece. */
    for (i = 0; domains[0].state != DOMAIN_LIVE || domains[0].pauses != 0; i++) {
        take_all(2);
        world_reschedule();
        if (!gate_background()) host_now += SECOND;
        host_flush();
        assert_true(i < 100000);
    }
    assert_int_equal(frames_owned_by(DOMAIN_ESTATE), 2);
    assert_int_equal(domains[0].pages, WORLD_DOM0_PAGES - 512);
    assert_int_equal(guest_map_read(0, (struct gfn){0x100}).order, ORDER_4K);
    assert_int_equal(host_guest(0, 0x100)[0], 0x90);
    (void)world_check();
    crash();
    remove_page(1, DOMID_SELF, SLOT + 1);
    world_revive();
    assert_true(world_destroy(1));
    assert_true(world_destroy(2));
    crash();
    world_revive();
    assert_new();
}

/* Until the building has come to this stage: the domain has that many pages. */
static void build_until(uint32_t pages) {
    uint32_t tries = 0;

    while (domains[0].state != DOMAIN_LIVE || domains[0].pages < pages) {
        world_reschedule();
        if (!gate_background()) host_now += SECOND;
        host_flush();
        tries++;
        assert_true(tries < 100000);
    }
}

static void test_what_interferes_starts_it_over(void **state) {
    (void)state;
    world_domain(1, LABEL_DOMU, 1, 32);
    crash();
    build_until(WORLD_DOM0_PAGES);
    assert_int_equal(domains[0].pauses, 1);
    remove_page(1, 0, 0x100); /* where the kernel goes */
    world_revive();
    assert_new();

    crash();
    build_until(512);
    ARGUMENTS(1, arg_domctl_header, 2, DOMCTL_VERSION, 0, {0});
    (void)world_call(1, HC_DOMCTL, ARG, 0, 0);
    world_revive();
    assert_new();
    assert_true(world_destroy(1));
}

/* How long it stays away after an end, in seconds. */
static uint64_t absence(void) {
    uint64_t ended = host_now;

    gate_crash(0, 0, CRASH_TRIPLE_FAULT, 0);
    while (domains[0].state != DOMAIN_FREE) {
        world_reschedule();
        (void)gate_background();
        host_flush();
    }
    world_rest();
    if (domains[0].state == DOMAIN_FREE) {
        assert_true(first_domain_due(host_now) > host_now);
        host_now = first_domain_due(host_now) - 1;
        world_rest();
        assert_int_equal(domains[0].state, DOMAIN_FREE); /* not before */
        host_now++;
        world_rest();
    }
    assert_int_equal(domains[0].state, DOMAIN_LIVE);
    assert_int_equal(first_domain_due(host_now), UINT64_MAX);
    return (host_now - ended) / SECOND;
}

static void test_one_that_dies_again_and_again_waits_longer(void **state) {
    static const uint64_t seconds[] = {0, 1, 2, 4, 8, 16, 32, 64, 64};
    uint32_t i;

    (void)state;
    host_now += 60 * SECOND;
    for (i = 0; i < 9; i++) assert_int_equal(absence(), seconds[i]);
    host_now += 60 * SECOND;
    assert_int_equal(absence(), 0);
    assert_true(strstr(host_console, "the first domain ended; it is started again in 64 s") !=
                NULL);
}

static int64_t watchdog(domain_id domain, uint32_t id, uint32_t timeout) {
    ARGUMENTS(domain, arg_sched_watchdog, .id = id, .timeout = timeout);
    return world_call(domain, HC_SCHED, 6, ARG, 0);
}

static void test_one_that_hangs_is_ended_by_its_watchdog(void **state) {
    struct schedule schedule;

    (void)state;
    world_domain(1, LABEL_DOMU, 1, 32);
    assert_int_equal(watchdog(0, 1, 5), -22);
    assert_int_equal(watchdog(0, 0, 0), -22);
    assert_int_equal(watchdog(0, 0, 5), 1);
    assert_int_equal(watchdog(0, 0, 5), -28);
    assert_int_equal(watchdog(1, 0, 4), 1);
    gate_schedule(0, &schedule);
    assert_true(schedule.deadline <= host_now + 4 * SECOND);
    assert_int_equal(watchdog(1, 1, 0), 0);
    host_now += 4 * SECOND;
    assert_int_equal(watchdog(0, 1, 5), 0);
    host_now += 4 * SECOND;
    world_reschedule();
    assert_int_equal(domains[0].state, DOMAIN_LIVE);
    assert_int_equal(watchdog(0, 2, 5), -22);
    host_now += 2 * SECOND;
    world_reschedule();
    assert_int_equal(domains[0].state, DOMAIN_SHUT);
    assert_int_equal(domains[1].state, DOMAIN_LIVE);
    assert_int_equal(record_of(AUDIT_DOMAIN_ENDED).value1, SHUTDOWN_WATCHDOG);
    world_revive();
    host_now += 60 * SECOND;
    world_reschedule();
    assert_int_equal(domains[0].state, DOMAIN_LIVE); /* a new life, without a watchdog yet */
    assert_new();
    assert_true(world_destroy(1));
}

static int boot(void **state) {
    (void)state;
    world_boot(2, "");
    world_reschedule();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_crash_is_the_first_domains_own),
        cmocka_unit_test(test_every_end_is_followed_by_a_beginning),
        cmocka_unit_test(test_who_may_end_the_machine_does),
        cmocka_unit_test(test_channels_wait_for_the_next_first_domain),
        cmocka_unit_test(test_who_holds_its_memory_cannot_keep_it_dead),
        cmocka_unit_test(test_what_interferes_starts_it_over),
        cmocka_unit_test(test_one_that_dies_again_and_again_waits_longer),
        cmocka_unit_test(test_one_that_hangs_is_ended_by_its_watchdog),
        cmocka_unit_test(test_who_takes_all_memory_cannot_keep_it_dead),
    };
    return cmocka_run_group_tests_name("restart", tests, boot, NULL);
}
