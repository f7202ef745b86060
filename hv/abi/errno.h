/* SPDX-License-Identifier: Apache-2.0 */
/* The edge where reasons become the ABI's numbers (xen/errno.h). */
#ifndef CORDON_ABI_ERRNO_H
#define CORDON_ABI_ERRNO_H

#include <stdint.h>

#include "hv/abi/reason.h"

/* One row a reason: X(reason, Xen error number, GNTST_* of a grant operation), both negated. */
#define REASON_NUMBERS(X)                                                                          \
    X(OK, 0, 0)                                                                                    \
    X(DENIED, 1, 8)                                                                                \
    X(FAULT, 14, 9)                                                                                \
    X(INVALID, 22, 3)                                                                              \
    X(NO_CALL, 38, 1)                                                                              \
    X(NO_DOMAIN, 3, 2)                                                                             \
    X(NO_ENTRY, 2, 4)                                                                              \
    X(NO_MEMORY, 12, 13)                                                                           \
    X(NO_SPACE, 28, 13)                                                                            \
    X(BUSY, 16, 12)                                                                                \
    X(EXISTS, 17, 5)                                                                               \
    X(UNSUPPORTED, 95, 1)                                                                          \
    X(NO_BUFFERS, 105, 1)                                                                          \
    X(TIME, 62, 1)                                                                                 \
    X(ACCESS, 13, 1)                                                                               \
    X(AGAIN, 11, 12)                                                                               \
    X(BAD_POLICY, 22, 1)                                                                           \
    X(NO_CONTEXT, 22, 1)                                                                           \
    X(RANGE, 34, 10)

/* Negated error number of a refusal, 0 for REASON_OK. */
static inline int64_t reason_errno(enum reason reason) {
    switch (reason) {
#define X(name, error, status)                                                                     \
    case REASON_##name: return -(error);
        REASON_NUMBERS(X)
#undef X
    }
    return -22;
}

/* The same for the status field of a grant operation. */
static inline int16_t reason_grant_status(enum reason reason) {
    switch (reason) {
#define X(name, error, status)                                                                     \
    case REASON_##name: return -(status);
        REASON_NUMBERS(X)
#undef X
    }
    return -1;
}

#endif
