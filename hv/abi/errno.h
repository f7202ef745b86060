/* SPDX-License-Identifier: Apache-2.0 */
/* The edge where reasons become the ABI's numbers (xen/errno.h). */
#ifndef CORDON_ABI_ERRNO_H
#define CORDON_ABI_ERRNO_H

#include <stdint.h>

#include "hv/abi/reason.h"

/* Negated error number of a refusal, 0 for REASON_OK. */
static inline int64_t reason_errno(enum reason reason) {
    switch (reason) {
#define X(name, error, status)                                                                     \
    case REASON_##name: return -(error);
        REASONS(X)
#undef X
    }
    return -22;
}

/* The same for the status field of a grant operation. */
static inline int16_t reason_grant_status(enum reason reason) {
    switch (reason) {
#define X(name, error, status)                                                                     \
    case REASON_##name: return -(status);
        REASONS(X)
#undef X
    }
    return -1;
}

#endif
