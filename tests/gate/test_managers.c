/* SPDX-License-Identifier: Apache-2.0 */
/* Two managers, each of its own tenant, under build/policy/managers.bin: every row of the list that
 * names a domain, by each of them and by the management VM, on each other's. No call is special to
 * the first domain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/gate/attempts.h"

#define ARG ((uint64_t)WORLD_ARGUMENTS * PAGE_SIZE)
#define BUF ((uint64_t)WORLD_BUFFER * PAGE_SIZE)
#define FORBIDDEN (-1)
#define ABSENT 400

enum { DOM0, MANAGER_A, TENANT_A, MANAGER_B, TENANT_B, ALL };
static const char *const contexts[ALL] = {
    "system_u:system_r:dom0_t", "system_u:system_r:manager_a_t", "system_u:system_r:tenant_a_t",
    "system_u:system_r:manager_b_t", "system_u:system_r:tenant_b_t"};
static const domain_id numbers[ALL] = {0, 2, 3, 4, 5};
static label_id labels[ALL];

/* A label's number, as a program on libxenctrl asks for it. */
static uint32_t sid_of(domain_id caller, const char *context) {
    struct arg_flask_sid_context *in = (void *)world_arguments(caller);

    strcpy((char *)world_buffer(caller), context);
    *in = (struct arg_flask_sid_context){4, FLASK_VERSION, 0, (uint32_t)strlen(context), BUF};
    assert_int_equal(world_call(caller, HC_XSM, ARG, 0, 0), 0);
    return in->sid;
}

/* The attempt exists, and says something else of another target. In the batch's second variant,
 * which maps the caller's own, the field means nothing. */
static bool prepare_naming(enum call_id id, uint32_t variant, domain_id caller, domain_id target,
                           struct hypercall *call) {
    static uint8_t of_other[PAGE_SIZE];

    if (id == CALL_memory_physmap_batch && variant != 0) return false;
    (void)attempt_prepare(id, variant, caller, ABSENT, call);
    memcpy(of_other, world_arguments(caller), PAGE_SIZE);
    return attempt_prepare(id, variant, caller, target, call) &&
           memcmp(of_other, world_arguments(caller), PAGE_SIZE) != 0;
}

static bool is_forbidden(enum call_id id, domain_id caller, struct hypercall *call) {
    static const size_t status_at[] = {[CALL_gnttab_map] = offsetof(struct arg_gnttab_map, status),
                                       [CALL_gnttab_copy] =
                                           offsetof(struct arg_gnttab_copy, status)};
    enum gate_next next;
    int64_t result = attempt_make(id, caller, call, &next);
    int16_t status;

    host_flush();
    if (!rows[id].batch) return next == GATE_RESUME && result == FORBIDDEN;
    memcpy(&status, world_arguments(caller) + status_at[id], sizeof(status));
    return status == -8;
}

/* How many attempts of this caller name this target; each is forbidden. */
static void all_forbidden(domain_id caller, domain_id target) {
    struct hypercall call;
    uint32_t named = 0;

    for (uint32_t id = 0; id < CALL_COUNT; id++) {
        for (uint32_t variant = 0; variant < VARIANTS; variant++) {
            if (!prepare_naming(id, variant, caller, target, &call)) continue;
            named++;
            if (!is_forbidden(id, caller, &call))
                fail_msg("%s (variant %u) of %u on %u", rows[id].name, variant, caller, target);
        }
    }
    assert_true(named >= 45);
}

static void test_what_is_anothers_is_forbidden(void **state) {
    (void)state;
    all_forbidden(numbers[MANAGER_A], numbers[TENANT_B]);
    all_forbidden(numbers[MANAGER_A], numbers[MANAGER_B]);
    all_forbidden(numbers[MANAGER_B], numbers[TENANT_A]);
    all_forbidden(numbers[MANAGER_B], numbers[MANAGER_A]);
    all_forbidden(numbers[TENANT_A], numbers[MANAGER_B]);
    all_forbidden(0, numbers[TENANT_A]);
    all_forbidden(0, numbers[TENANT_B]);
}

/* Of the first domain they are clients: they may bind its channels, and no more. */
static void test_the_first_domain_is_not_theirs(void **state) {
    struct hypercall call;

    (void)state;
    for (uint32_t id = 0; id < CALL_COUNT; id++) {
        if (rows[id].number == HC_EVENT) continue;
        for (uint32_t variant = 0; variant < VARIANTS; variant++)
            if (prepare_naming(id, variant, numbers[MANAGER_A], 0, &call) &&
                !is_forbidden(id, numbers[MANAGER_A], &call))
                fail_msg("%s (variant %u)", rows[id].name, variant);
    }
}

static void test_policy_and_machine_are_not_theirs(void **state) {
    static const enum call_id ids[] = {
        CALL_flask_load,        CALL_flask_setenforce,   CALL_flask_setbool,
        CALL_flask_commitbools, CALL_flask_access,       CALL_sysctl_debug_keys,
        CALL_sysctl_scheduler,  CALL_sysctl_readconsole, CALL_platform_settime64};
    struct hypercall call;

    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        assert_true(attempt_prepare(ids[i], 0, numbers[MANAGER_A], 0, &call));
        if (!is_forbidden(ids[i], numbers[MANAGER_A], &call)) fail_msg("%s", rows[ids[i]].name);
    }
}

static int64_t create(domain_id caller, const char *context, domain_id number) {
    struct arg_domctl_createdomain *in = (void *)world_arguments(caller);
    uint32_t sid = sid_of(caller, context);

    *in = (struct arg_domctl_createdomain){.h = {1, DOMCTL_VERSION, number, {0}},
                                           .ssidref = sid,
                                           .flags = 3,
                                           .max_vcpus = 1,
                                           .max_evtchn_port = 100,
                                           .max_grant_frames = 4,
                                           .max_maptrack_frames = 1};
    return world_call(caller, HC_DOMCTL, ARG, 0, 0);
}

/* Idle CPUs end it too: when the call goes on there is nothing left to ask about. */
static void destroys(domain_id caller, domain_id target) {
    struct hypercall call = {.number = HC_DOMCTL, .argument = {ARG, 0, 0}};
    struct arg_domctl_header *in = (void *)world_arguments(caller);

    *in = (struct arg_domctl_header){2, DOMCTL_VERSION, target, {0}};
    assert_int_equal(world_hold(caller, &call), GATE_REPEAT);
    world_rest();
    assert_int_equal(domains[target].state, DOMAIN_FREE);
    assert_int_equal(world_hold(caller, &call), GATE_RESUME);
    assert_int_equal(call.result, 0);
}

static void test_each_creates_its_own(void **state) {
    (void)state;
    for (uint32_t i = 0; i < ALL; i++) {
        assert_int_equal(create(numbers[MANAGER_A], contexts[i], 10),
                         i == TENANT_A ? 0 : FORBIDDEN);
        assert_int_equal(create(numbers[MANAGER_B], contexts[i], 11),
                         i == TENANT_B ? 0 : FORBIDDEN);
        assert_int_equal(create(0, contexts[i], 12),
                         i == MANAGER_A || i == MANAGER_B ? 0 : FORBIDDEN);
        if (i == MANAGER_A || i == MANAGER_B) assert_true(world_destroy(12));
    }
    assert_int_equal(create(numbers[MANAGER_A], "system_u:system_r:domU_t", 12), FORBIDDEN);
    destroys(numbers[MANAGER_A], 10);
    destroys(numbers[MANAGER_B], 11);
}

/* A list leaves out what is another's. */
static void sees(domain_id caller, uint32_t count, const domain_id *wanted) {
    struct arg_sysctl_domaininfolist *in = (void *)world_arguments(caller);
    const struct arg_domain_info *seen = (const void *)world_buffer(caller);

    *in = (struct arg_sysctl_domaininfolist){6, SYSCTL_VERSION, 0, 0, 10, BUF, 0, 0};
    assert_int_equal(world_call(caller, HC_SYSCTL, ARG, 0, 0), 0);
    assert_int_equal(in->num_domains, count);
    for (uint32_t i = 0; i < count; i++) assert_int_equal(seen[i].domain, wanted[i]);
}

static void test_each_sees_its_own(void **state) {
    (void)state;
    sees(numbers[MANAGER_A], 1, &numbers[TENANT_A]);
    sees(numbers[MANAGER_B], 1, &numbers[TENANT_B]);
    sees(0, 3, (const domain_id[]){0, numbers[MANAGER_A], numbers[MANAGER_B]});
}

/* Every domctl and every call on memory, the end at the end. */
static void manages(domain_id caller, domain_id target) {
    struct hypercall call;
    uint32_t named = 0;

    for (uint32_t id = 0; id < CALL_COUNT; id++) {
        if (id == CALL_domctl_destroy || id == CALL_domctl_create ||
            (rows[id].number != HC_DOMCTL && rows[id].number != HC_MEMORY))
            continue;
        for (uint32_t variant = 0; variant < VARIANTS; variant++) {
            if (!prepare_naming(id, variant, caller, target, &call)) continue;
            named++;
            if (is_forbidden(id, caller, &call))
                fail_msg("%s (variant %u) of %u on %u", rows[id].name, variant, caller, target);
        }
    }
    assert_true(named >= 30);
    world_rest();
    (void)attempt_prepare(CALL_domctl_destroy, 0, caller, target, &call);
    assert_int_equal(world_call(caller, HC_DOMCTL, ARG, 0, 0), 0);
}

static void test_what_is_ones_own_is_managed(void **state) {
    (void)state;
    manages(numbers[MANAGER_A], numbers[TENANT_A]);
    manages(numbers[MANAGER_B], numbers[TENANT_B]);
    manages(0, numbers[MANAGER_A]);
}

static int boot(void **state) {
    (void)state;
    world_boot(2, "");
    for (uint32_t i = DOM0 + 1; i < ALL; i++) {
        labels[i] = xsm_label_of_sid(sid_of(0, contexts[i]));
        world_domain(numbers[i], labels[i], 1, 64);
    }
    return 0;
}

static int check(void **state) {
    (void)state;
    world_check();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_what_is_anothers_is_forbidden, check),
        cmocka_unit_test_teardown(test_the_first_domain_is_not_theirs, check),
        cmocka_unit_test_teardown(test_policy_and_machine_are_not_theirs, check),
        cmocka_unit_test_teardown(test_each_creates_its_own, check),
        cmocka_unit_test_teardown(test_each_sees_its_own, check),
        cmocka_unit_test_teardown(test_what_is_ones_own_is_managed, check),
    };

    return cmocka_run_group_tests_name("managers", tests, boot, NULL);
}
