/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's own list of calls, for guests that try all of it. */
#ifndef CORDON_TESTS_GUEST_LIST_H
#define CORDON_TESTS_GUEST_LIST_H

#include "hv/core/calls.h"

#include "hv/core/request.h"
#include "tests/guest/guest.h"

#define LIST_NOWHERE 9u

struct list_row {
    const char *name;
    uint16_t number, sub; /* as the column of the list: also PORT_OUT and MSR_WRITE */
    uint8_t place;        /* register of the arguments' address, or LIST_NOWHERE */
    bool batch;           /* register 2 counts its elements */
    uint16_t bytes;       /* of the arguments */
};

enum { LIST_A0, LIST_A1, LIST_A2, LIST_NONE = LIST_NOWHERE };
#define LIST_BYTES_NONE(member) 0
#define LIST_BYTES_IN(member) sizeof(((struct arguments *)0)->member)
#define LIST_BYTES_OUT(member) LIST_BYTES_IN(member)
#define LIST_BYTES_INOUT(member) LIST_BYTES_IN(member)
static const struct list_row list_rows[CALL_COUNT] = {
#define CALL(name, number, sub, place, arguments, direction, object, permission, residue)          \
    [CALL_##name] = {#name, number, sub, LIST_##place, false, LIST_BYTES_##direction(arguments)},
#define BATCH(name, number, sub, place, arguments, direction, object, permission, residue)         \
    [CALL_##name] = {#name, number, sub, LIST_##place, true, LIST_BYTES_##direction(arguments)},
    CALLS(CALL, BATCH)
#undef CALL
#undef BATCH
};

static inline bool list_is_hypercall(const struct list_row *row) {
    return row->number < HYPERCALLS;
}

/* Sub-operation and version of the interface are in memory, at the address in register 0. */
static inline bool list_has_header(const struct list_row *row) {
    return row->number == HC_XSM || row->number == HC_SYSCTL || row->number == HC_DOMCTL ||
           row->number == HC_PLATFORM;
}

static inline void list_write_header(const struct list_row *row, void *arguments) {
    uint32_t *header = arguments;

    header[0] = row->sub;
    header[1] = row->number == HC_XSM      ? FLASK_VERSION
                : row->number == HC_SYSCTL ? SYSCTL_VERSION
                : row->number == HC_DOMCTL ? DOMCTL_VERSION
                                           : 0x03000000u;
}

/* The call with its arguments at an address, and `rest` in the registers that it leaves free. */
static inline int64_t list_call(const struct list_row *row, uint64_t arguments, uint64_t rest) {
    uint64_t registers[3] = {rest, rest, rest};

    if (list_has_header(row))
        registers[0] = arguments;
    else if (row->number != HC_SET_TIMER)
        registers[0] = row->sub;
    if (row->place != LIST_NOWHERE) registers[row->place] = arguments;
    return hypercall(row->number, registers[0], registers[1], registers[2], rest);
}

#endif
