/* SPDX-License-Identifier: Apache-2.0 */
/* From numbers to rows of the list. */
#ifndef CORDON_CORE_FIND_H
#define CORDON_CORE_FIND_H

#include "hv/core/calls.h"

#include <stdint.h>

/* Rows by group (one a hypercall number) and sub-operation: a call is found by two loads. */
enum group {
    GROUP_NONE,
    GROUP_HC_MEMORY,
    GROUP_HC_MULTICALL,
    GROUP_HC_SET_TIMER,
    GROUP_HC_VERSION,
    GROUP_HC_CONSOLE,
    GROUP_HC_GRANT,
    GROUP_HC_VCPU,
    GROUP_HC_XSM,
    GROUP_HC_SCHED,
    GROUP_HC_EVENT,
    GROUP_HC_HVM,
    GROUP_HC_SYSCTL,
    GROUP_HC_DOMCTL,
    GROUP_HC_PLATFORM,
    GROUP_PORT_OUT,
    GROUP_MSR_WRITE,
    GROUP_COUNT
};

#define SUBS 128u

extern const uint8_t group_of[HYPERCALLS];
extern const uint8_t row_of[GROUP_COUNT][SUBS]; /* enum call_id + 1, 0 where there is no row */
/* What of the first register is the sub-operation; 0 where it lies elsewhere, or there is none. */
extern const uint64_t sub_mask[HYPERCALLS];

_Static_assert(CALL_COUNT < 255, "a row fits into a byte");

/* Hypercalls whose sub-operation lies in the argument structure, and is never 0. */
#define CALL_IN_HEADER(number)                                                                     \
    ((number) == HC_XSM || (number) == HC_SYSCTL || (number) == HC_DOMCTL ||                       \
     (number) == HC_PLATFORM)

/* enum call_id + 1, 0 where no row has these numbers; `number` is below HYPERCALLS. */
static inline uint8_t call_row(uint64_t number, uint64_t sub) {
    return sub < SUBS ? row_of[group_of[number]][sub] : 0;
}

/* Name of the row. */
const char *call_name(enum call_id id);

#endif
