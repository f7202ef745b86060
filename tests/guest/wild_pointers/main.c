/* SPDX-License-Identifier: Apache-2.0 */
/* A tenant that passes wild addresses and counts in every call of the list. An address that it
 * could not read or write itself is a fault (EFAULT) whatever the call; arguments full of ones, or
 * whose inner addresses are wild, are some error or harmless; and what lies around the results of a
 * call stays as it was. */
#include "tests/guest/list.h"

#define FAULT (-14)
#define ERROR_LAST (-4096)
#define UNMAPPED 0x3ff00000ull /* mapped by its page tables, and no memory there */
#define BUFFER 0x280000ull     /* two pages */
#define CANARY 0xa5u

static const uint64_t wild[] = {0x00007ffffffff000, 0x0000800000000000, 0xffff7fffffffffff,
                                0xffff800000000000, 0xfffffffffffffff8, UINT64_MAX,
                                UNMAPPED,           1ull << 46,         1ull << 63};
static const uint64_t inner[] = {0, 1, UINT32_MAX, UINT64_MAX, UNMAPPED, 0xffff800000000000};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void fail(const struct list_row *row, uint64_t address, int64_t result) {
    guest_say_result(row->name, result);
    guest_say_numbers("address", &address, 1);
    guest_fail("a wild address has another answer than EFAULT");
}

/* Not what ends or stops this guest if it succeeds. */
static bool is_tried(enum call_id id) {
    return list_is_hypercall(&list_rows[id]) && id != CALL_sched_block && id != CALL_vcpu_down &&
           id != CALL_sched_shutdown && id != CALL_sched_poll && id != CALL_multicall;
}

static void try_addresses(const struct list_row *row) {
    for (uint32_t i = 0; i < COUNT(wild); i++) {
        int64_t result = list_call(row, wild[i], 1);

        if (result != FAULT) fail(row, wild[i], result);
    }
    /* the last byte of what is mapped, and more than its arguments' size over the end */
    if (row->bytes > 1 && list_call(row, UNMAPPED - 1, 1) != FAULT) fail(row, UNMAPPED - 1, 0);
}

static void require_canary(const struct list_row *row, uint32_t from, uint32_t bytes) {
    const uint8_t *buffer = (const uint8_t *)BUFFER;

    for (uint32_t at = from; at < from + bytes; at++) {
        if (buffer[at] == CANARY) continue;
        guest_say(row->name);
        guest_fail("a call wrote beside its results");
    }
}

static void try_values(const struct list_row *row) {
    uint32_t rounded = row->bytes < 8u ? 8u : (row->bytes + 7u) & ~7u; /* a header is 8 */
    uint8_t *page = (uint8_t *)BUFFER;

    for (uint32_t i = 0; i < COUNT(inner); i++) {
        uint64_t *words = (uint64_t *)(BUFFER + PAGE_BYTES / 2);
        int64_t result;

        for (uint32_t at = 0; at < 2 * PAGE_BYTES; at++) page[at] = CANARY;
        for (uint32_t at = 0; at < rounded / 8; at++) words[at] = inner[i];
        if (list_has_header(row)) list_write_header(row, words);
        result = list_call(row, (uint64_t)words, inner[i]);
        if (result < ERROR_LAST) guest_fail("an answer that is no error number");
        require_canary(row, 0, PAGE_BYTES / 2);
        /* a batch of a wild count goes on behind its first element */
        if (!row->batch) require_canary(row, PAGE_BYTES / 2 + rounded, PAGE_BYTES / 2);
    }
}

void guest_main(void) {
    uint64_t tried = 0;

    for (uint32_t id = 0; id < CALL_COUNT; id++) {
        const struct list_row *row = &list_rows[id];

        if (!is_tried((enum call_id)id)) continue;
        if (row->bytes != 0) try_addresses(row);
        try_values(row);
        tried++;
        guest_report()->progress++;
    }
    guest_say_numbers("rows of the list", &tried, 1);
    guest_pass();
}
