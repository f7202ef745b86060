/* SPDX-License-Identifier: Apache-2.0 */
/* The whole list against deny_all: every call, by the management VM and by a tenant, with plausible
 * and with absurd arguments, is refused, and nothing at all changes but the audit ring. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "audit/audit.h"
#include "tests/gate/attempts.h"
#include "tests/gate/snapshot.h"

#define BATCH_BYTES 512u /* of elements in one hold of the lock: hv/core/gate.c */

static uint32_t attempts;

static void unchanged(enum call_id id, uint32_t variant) {
    const char *what = "";
    size_t where = 0;

    if (!snapshot_same(&what, &where))
        fail_msg("%s (variant %u): %s changed at %zu", rows[id].name, variant, what, where);
}

/* Statuses of refused elements are told in the caller's page, the only write of a refusal. */
static void check_batch(enum call_id id, domain_id caller, const uint8_t *before, uint64_t count) {
    static const size_t status_at[] = {
        [CALL_gnttab_map] = offsetof(struct arg_gnttab_map, status),
        [CALL_gnttab_unmap] = offsetof(struct arg_gnttab_unmap, status),
        [CALL_gnttab_copy] = offsetof(struct arg_gnttab_copy, status)};
    uint8_t *page = world_arguments(caller);
    uint64_t i;

    for (i = 0; i < count && i < BATCH_BYTES / rows[id].size; i++) {
        int16_t status;

        memcpy(&status, page + i * rows[id].size + status_at[id], sizeof(status));
        assert_int_equal(status, -8);
        memcpy(page + i * rows[id].size + status_at[id], before + i * rows[id].size + status_at[id],
               sizeof(status));
    }
    assert_memory_equal(page, before, PAGE_SIZE);
}

static void refused(enum call_id id, uint32_t variant, domain_id caller, struct hypercall *call,
                    int64_t also) {
    static uint8_t before[PAGE_SIZE];
    struct vcpu vcpu = vcpus[caller][0];
    uint64_t count = call->argument[2];
    enum gate_next next;
    int64_t result;

    memcpy(before, world_arguments(caller), PAGE_SIZE);
    snapshot_take();
    result = attempt_make(id, caller, call, &next);
    attempts++;
    if (rows[id].batch && also == 0) {
        check_batch(id, caller, before, count);
        assert_true(next == (count <= BATCH_BYTES / rows[id].size ? GATE_RESUME : GATE_REPEAT));
        assert_true(next == GATE_REPEAT || result == 0);
    } else {
        assert_int_equal(next, GATE_RESUME);
        if (rows[id].number < PORT_OUT && result != -1 && (also == 0 || result != also))
            fail_msg("%s (variant %u): %lld", rows[id].name, variant, (long long)result);
    }
    if (next == GATE_REPEAT) {
        /* That it goes on is remembered, and nothing else. */
        vcpus[caller][0].continued = vcpu.continued;
        memcpy(vcpus[caller][0].continued_reg, vcpu.continued_reg, sizeof(vcpu.continued_reg));
    }
    unchanged(id, variant);
}

static void test_plausible(void **state) {
    static const domain_id callers[] = {0, 1, 2};
    static const uint16_t targets[] = {1, DOMID_SELF, 400, 0xffff};
    struct hypercall call;
    uint32_t variant;
    uint32_t c;
    uint32_t t;

    (void)state;
    for (uint32_t id = 0; id < CALL_COUNT; id++)
        for (c = 0; c < 3; c++)
            for (t = 0; t < sizeof(targets) / sizeof(targets[0]); t++)
                for (variant = 0; variant < VARIANTS; variant++)
                    if (attempt_prepare(id, variant, callers[c], targets[t], &call))
                        refused(id, variant, callers[c], &call, 0);
}

/* A pointer that leads nowhere is the caller's fault where it names the arguments themselves, which
 * are copied before the question; whatever lies beyond them is not looked at. */
static void test_wild_pointers(void **state) {
    static const uint64_t wild[] = {0xfffffffffffff000ull, UINT64_MAX, 0x4000000, 1ull << 47,
                                    (uint64_t)WORLD_ARGUMENTS * PAGE_SIZE + 4095};
    struct hypercall call;

    (void)state;
    for (uint32_t id = 0; id < CALL_COUNT; id++) {
        for (uint32_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
            (void)attempt_prepare(id, 0, 0, 1, &call);
            if (rows[id].number >= PORT_OUT || rows[id].place == PLACE_NOWHERE) continue;
            call.argument[rows[id].place] = wild[i];
            if (i < 4)
                refused(id, i, 0, &call, -14);
            else if (!rows[id].batch && rows[id].number != HC_DOMCTL &&
                     rows[id].number != HC_SYSCTL && rows[id].number != HC_XSM &&
                     rows[id].number != HC_PLATFORM)
                refused(id, i, 0, &call, 0); /* over two pages that are there */
        }
    }
}

static void test_pointers_inside(void **state) {
    struct hypercall call;

    (void)state;
    for (uint32_t id = 0; id < CALL_COUNT; id++) {
        (void)attempt_prepare(id, 0, 0, 1, &call);
        /* Everything behind the header: handles, counts, indices. */
        uint32_t from = rows[id].number == HC_DOMCTL ? 16
                        : rows[id].number == HC_XSM || rows[id].number == HC_SYSCTL ||
                                rows[id].number == HC_PLATFORM
                            ? 8
                            : 0;
        if (rows[id].size > from && rows[id].place != PLACE_NOWHERE)
            memset(world_arguments(0) + from, 0xff, rows[id].size - from);
        refused(id, 9, 0, &call, 0);
    }
}

static void test_huge_counts(void **state) {
    struct hypercall call;

    (void)state;
    for (uint32_t id = 0; id < CALL_COUNT; id++) {
        (void)attempt_prepare(id, 0, 0, 1, &call);
        if (rows[id].batch) {
            call.argument[2] = 1ull << 40;
            refused(id, 0, 0, &call, 0);
        } else if (rows[id].number == HC_CONSOLE || rows[id].number == HC_MULTICALL) {
            call.argument[1] = UINT64_MAX;
            refused(id, 0, 0, &call, 0);
        } else if (rows[id].number == HC_MEMORY) {
            call.argument[0] |= 1ull << 62; /* progress that nobody made */
            refused(id, 0, 0, &call, 0);
        }
    }
}

static void test_unknown_calls(void **state) {
    enum gate_next next;

    (void)state;
    for (uint64_t number = 0; number < 70; number++) {
        for (uint64_t sub = 0; sub < 130; sub++) {
            struct hypercall call = {.number = number, .argument = {sub, UINT64_MAX, UINT64_MAX}};
            bool known = number == HC_SET_TIMER || number == HC_MULTICALL || number == HC_XSM ||
                         number == HC_SYSCTL || number == HC_DOMCTL || number == HC_PLATFORM;

            for (uint32_t id = 0; id < CALL_COUNT; id++)
                known = known || (rows[id].number == number &&
                                  rows[id].sub == (number == HC_MEMORY ? sub & 63 : sub));
            if (known) continue;
            snapshot_take();
            next = gate_hypercall(0, 0, &call);
            assert_int_equal(next, GATE_RESUME);
            assert_int_equal(call.result, (uint64_t)-38);
            unchanged(0, 0);
            sub += number > 40 ? 40 : 0;
        }
    }
}

static void test_everything_was_recorded(void **state) {
    (void)state;
    assert_true(audit_newest() > 0);
    print_message("whole list: %u attempts at %u rows, all refused, nothing changed\n", attempts,
                  (unsigned)CALL_COUNT);
}

static int boot(void **state) {
    (void)state;
    attempts_world("");
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plausible),       cmocka_unit_test(test_wild_pointers),
        cmocka_unit_test(test_pointers_inside), cmocka_unit_test(test_huge_counts),
        cmocka_unit_test(test_unknown_calls),   cmocka_unit_test(test_everything_was_recorded),
    };
    return cmocka_run_group_tests_name("whole list, deny_all", tests, boot, NULL);
}
