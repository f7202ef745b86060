/* SPDX-License-Identifier: Apache-2.0 */
/* The tables that tell which row a call is, walked in full: what the proof of the gate believes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hv/core/find.h"
#include "hv/core/machine.h"

struct numbers {
    uint64_t number, sub;
};

static const struct numbers listed[CALL_COUNT] = {
#define CALL(name, number, sub, place, arguments, direction, object, permission, residue)          \
    [CALL_##name] = {number, sub},
    CALLS(CALL, CALL)
#undef CALL
};

/* What call_row() answers is a row with exactly these numbers, and each row by hypercall is found.
 */
static void test_every_number_and_sub(void **state) {
    uint32_t found = 0;
    uint32_t by_hypercall = 0;

    (void)state;
    for (uint64_t number = 0; number < HYPERCALLS; number++) {
        for (uint64_t sub = 0; sub < 4 * SUBS; sub++) {
            uint8_t row = call_row(number, sub);

            assert_true(row <= CALL_COUNT);
            if (row == 0) continue;
            assert_int_equal(listed[row - 1].number, number);
            assert_int_equal(listed[row - 1].sub, sub);
            found++;
        }
        assert_int_equal(call_row(number, UINT64_MAX), 0);
    }
    for (uint32_t row = 0; row < CALL_COUNT; row++) by_hypercall += listed[row].number < HYPERCALLS;
    assert_int_equal(found, by_hypercall);
}

/* The mask keeps a row's sub-operation, and keeps nothing where the header tells it. */
static void test_masks(void **state) {
    (void)state;
    for (uint32_t row = 0; row < CALL_COUNT; row++) {
        uint64_t number = listed[row].number;

        if (number >= HYPERCALLS) continue;
        if (CALL_IN_HEADER(number))
            assert_int_equal(sub_mask[number], 0);
        else
            assert_int_equal(listed[row].sub & sub_mask[number], listed[row].sub);
    }
}

/* find.c copies bulk data too; nothing here does. */
bool machine_guest_read(domain_id domain, vcpu_id vcpu, uint64_t address, void *to,
                        uint32_t bytes) {
    (void)domain, (void)vcpu, (void)address, (void)to, (void)bytes;
    abort();
}

bool machine_guest_place(domain_id domain, vcpu_id vcpu, uint64_t address, uint32_t bytes,
                         struct guest_place *place) {
    (void)domain, (void)vcpu, (void)address, (void)bytes, (void)place;
    abort();
}

void machine_place_write(const struct guest_place *place, const void *from, uint32_t bytes) {
    (void)place, (void)from, (void)bytes;
    abort();
}

void machine_apply(const struct effects *effects) {
    (void)effects;
    abort();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_number_and_sub),
        cmocka_unit_test(test_masks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
