/* SPDX-License-Identifier: Apache-2.0 */
/* From numbers to rows of the list. */
#ifndef CORDON_CORE_FIND_H
#define CORDON_CORE_FIND_H

#include "hv/core/calls.h"

#include <stdint.h>

#define SUBS 128u

/* A call is found by one load: enum call_id + 1, 0 where there is no row. */
extern const uint8_t row_of[MSR_WRITE + 1][SUBS];
/* What of the first register is the sub-operation; 0 where it lies elsewhere, or there is none. */
extern const uint64_t sub_mask[HYPERCALLS];

_Static_assert(CALL_COUNT < 255, "a row fits into a byte");

/* Hypercalls whose sub-operation lies in the argument structure, and is never 0. */
#define CALL_IN_HEADER(number)                                                                     \
    ((number) == HC_XSM || (number) == HC_SYSCTL || (number) == HC_DOMCTL ||                       \
     (number) == HC_PLATFORM)

/* enum call_id + 1, 0 where no row has these numbers; `number` is below HYPERCALLS. */
static inline uint8_t call_row(uint64_t number, uint64_t sub) {
    return sub < SUBS ? row_of[number][sub] : 0;
}

#endif
