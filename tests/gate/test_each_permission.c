/* SPDX-License-Identifier: Apache-2.0 */
/* Each permission alone taken away. First every row runs with everything granted, and what it asked
 * is written down: the row's own permission must be among it. Then, permission by permission, the
 * calls that asked it are refused and change nothing, and the others are not refused. Every run is
 * a process of its own, begun from the same world. */
#define _DEFAULT_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/gate/attempts.h"
#include "tests/gate/snapshot.h"
#include "tests/gate/xsm_fake.h"

struct run {
    bool exists;
    bool asked[FAKE_PERMISSIONS];
    uint32_t questions;
    enum gate_next next;
    int64_t result;
    int16_t status;
};

/* Shared with the processes. */
static struct run (*runs)[VARIANTS];
static uint32_t *counters; /* refusals checked, grants checked, failures */

static const struct {
    enum call_id id;
    enum permission permission;
} optional[] = {
    /* A shutdown ends the machine too where it may; a list skips what may not be seen. */
    {CALL_sched_shutdown, PERMISSION_cordon_power_off},
    {CALL_sched_shutdown, PERMISSION_cordon_reset},
    {CALL_acpi_sleep, PERMISSION_cordon_power_off},
    {CALL_acpi_sleep, PERMISSION_cordon_reset},
    {CALL_sysctl_domaininfolist, PERMISSION_domain_getdomaininfo},
    /* The entry is refused, as the call of its own that it is. */
    {CALL_multicall, PERMISSION_cordon_version},
};

/* flask_access answers by asking the module about the whole class: no question of the gate's. */
static bool asks_for_others(enum call_id id) { return id == CALL_flask_access; }

static bool is_optional(enum call_id id, enum permission permission) {
    uint32_t i;

    for (i = 0; i < sizeof(optional) / sizeof(optional[0]); i++)
        if (optional[i].id == id && optional[i].permission == permission) return true;
    return asks_for_others(id) && permission != PERMISSION_security_compute_av;
}

static int16_t status_of(enum call_id id) {
    static const size_t status_at[] = {
        [CALL_gnttab_map] = offsetof(struct arg_gnttab_map, status),
        [CALL_gnttab_unmap] = offsetof(struct arg_gnttab_unmap, status),
        [CALL_gnttab_copy] = offsetof(struct arg_gnttab_copy, status)};
    int16_t status = 0;

    if (rows[id].batch) memcpy(&status, world_arguments(0) + status_at[id], sizeof(status));
    return status;
}

static void record(enum call_id id, uint32_t variant) {
    struct run *run = &runs[id][variant];
    struct hypercall call;

    run->exists = attempt_prepare(id, variant, 0, 1, &call);
    fake_forget();
    run->result = run->exists ? attempt_make(id, 0, &call, &run->next) : 0;
    run->status = run->exists ? status_of(id) : (int16_t)0;
    memcpy(run->asked, fake_asked, sizeof(fake_asked));
    run->questions = fake_questions;
}

static void complain(enum call_id id, uint32_t variant, const char *what, long long value) {
    (void)fprintf(stderr, "%s (variant %u) without permission %u.%u: %s (%lld)\n", rows[id].name,
                  variant, (unsigned)fake_denied / 32, (unsigned)fake_denied % 32, what, value);
    counters[2]++;
}

/* The call asked for the missing permission: -EPERM or status -8, and nothing changed. */
static void check_refused(enum call_id id, uint32_t variant) {
    static uint8_t page[PAGE_SIZE];
    struct hypercall call;
    enum gate_next next;
    const char *what = "";
    size_t where = 0;
    int64_t result;

    (void)attempt_prepare(id, variant, 0, 1, &call);
    memcpy(page, world_arguments(0), PAGE_SIZE);
    snapshot_take();
    result = attempt_make(id, 0, &call, &next);
    if (rows[id].batch && status_of(id) != -8) complain(id, variant, "status", status_of(id));
    if (!rows[id].batch && rows[id].number < PORT_OUT && result != -1)
        complain(id, variant, "not refused", result);
    if (rows[id].batch) memcpy(world_arguments(0), page, PAGE_SIZE);
    if (!snapshot_same(&what, &where)) complain(id, variant, what, (long long)where);
    counters[0]++;
}

/* The call does not need it. It may fail for reasons of its own, as it did before. */
static void check_granted(enum call_id id, uint32_t variant) {
    struct hypercall call;
    enum gate_next next;
    int64_t result;

    (void)attempt_prepare(id, variant, 0, 1, &call);
    result = attempt_make(id, 0, &call, &next);
    if (result == -1) complain(id, variant, "refused", result);
    if (rows[id].batch && status_of(id) == -8) complain(id, variant, "refused", -8);
    counters[1]++;
}

static void in_process(void (*what)(enum call_id, uint32_t), enum call_id id, uint32_t variant) {
    int status = 0;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        what(id, variant);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (status != 0) fail_msg("%s (variant %u) ended its process", rows[id].name, variant);
}

static void test_rows_ask_their_permission(void **state) {
    uint32_t succeeded = 0;
    uint32_t missing = 0;
    uint32_t variant;
    uint32_t id;

    (void)state;
    for (id = 0; id < CALL_COUNT; id++) {
        bool asked = false;
        bool success = false;

        for (variant = 0; variant < VARIANTS; variant++) {
            in_process(record, id, variant);
            asked = asked || runs[id][variant].asked[rows[id].permission];
            success = success ||
                      (runs[id][variant].exists && runs[id][variant].status == 0 &&
                       (runs[id][variant].result >= 0 || runs[id][variant].next >= GATE_REPEAT));
            if (runs[id][variant].exists && runs[id][variant].questions == 0)
                fail_msg("%s acts without a question", rows[id].name);
        }
        succeeded += success;
        if (!success) print_message("  %s: %lld\n", rows[id].name, (long long)runs[id][0].result);
        if (!asked) {
            print_error("%s never asks the permission of its row\n", rows[id].name);
            missing++;
        }
    }
    print_message("%u of %u rows succeed with these arguments\n", succeeded, (unsigned)CALL_COUNT);
    assert_int_equal(missing, 0);
}

static void without(enum permission permission) {
    uint32_t variant;
    uint32_t id;
    int status = 0;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child != 0) {
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        return;
    }
    fake_denied = permission;
    for (id = 0; id < CALL_COUNT; id++)
        for (variant = 0; variant < VARIANTS; variant++)
            if (runs[id][variant].exists && runs[id][variant].asked[permission] &&
                !is_optional(id, permission))
                check_refused(id, variant);
    for (id = 0; id < CALL_COUNT; id++)
        for (variant = 0; variant < VARIANTS; variant++)
            if (runs[id][variant].exists &&
                (!runs[id][variant].asked[permission] || is_optional(id, permission)))
                check_granted(id, variant);
    _exit(0);
}

static void test_each_permission(void **state) {
    uint32_t used = 0;
    uint32_t permission;
    uint32_t id;

    (void)state;
    for (permission = 0; permission < FAKE_PERMISSIONS; permission++) {
        bool asked = false;

        for (id = 0; id < CALL_COUNT; id++)
            for (uint32_t variant = 0; variant < VARIANTS; variant++)
                asked = asked || (runs[id][variant].asked[permission] && !asks_for_others(id));
        if (asked) {
            used++;
            without((enum permission)permission);
        }
    }
    print_message("%u permissions in use: %u refusals without a change, %u calls that go on\n",
                  used, counters[0], counters[1]);
    assert_int_equal(counters[2], 0);
}

static int boot(void **state) {
    size_t size = sizeof(struct run) * VARIANTS * CALL_COUNT;

    (void)state;
    runs = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    counters = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    host_check(runs != MAP_FAILED && counters != MAP_FAILED, "shared memory");
    attempts_world("");
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_ask_their_permission),
        cmocka_unit_test(test_each_permission),
    };
    return cmocka_run_group_tests_name("each permission", tests, boot, NULL);
}
