/* SPDX-License-Identifier: Apache-2.0 */
/* The edge where reasons become the ABI's numbers (xen/errno.h). */
#ifndef CORDON_ABI_ERRNO_H
#define CORDON_ABI_ERRNO_H

#include <stdint.h>

#include "hv/abi/reason.h"

/* Negated Xen error number of a refusal, 0 for REASON_OK. */
static inline int64_t reason_errno(enum reason reason) {
    int64_t number = 0;

    switch (reason) {
    case REASON_OK: number = 0; break;
    case REASON_DENIED: number = -1; break;
    case REASON_NO_ENTRY: number = -2; break;
    case REASON_NO_DOMAIN: number = -3; break;
    case REASON_AGAIN: number = -11; break;
    case REASON_NO_MEMORY: number = -12; break;
    case REASON_ACCESS: number = -13; break;
    case REASON_FAULT: number = -14; break;
    case REASON_BUSY: number = -16; break;
    case REASON_EXISTS: number = -17; break;
    case REASON_INVALID:
    case REASON_BAD_POLICY:
    case REASON_NO_CONTEXT: number = -22; break;
    case REASON_NO_SPACE: number = -28; break;
    case REASON_RANGE: number = -34; break;
    case REASON_NO_CALL: number = -38; break;
    case REASON_TIME: number = -62; break;
    case REASON_UNSUPPORTED: number = -95; break;
    case REASON_NO_BUFFERS: number = -105; break;
    }
    return number;
}

/* The same for the status field of a grant operation (GNTST_*). */
static inline int16_t reason_grant_status(enum reason reason) {
    switch (reason) {
    case REASON_OK: return 0;
    case REASON_NO_DOMAIN: return -2;
    case REASON_INVALID: return -3;
    case REASON_NO_ENTRY: return -4;
    case REASON_EXISTS: return -5;
    case REASON_DENIED: return -8;
    case REASON_FAULT: return -9;
    case REASON_RANGE: return -10;
    case REASON_BUSY:
    case REASON_AGAIN: return -12;
    case REASON_NO_SPACE:
    case REASON_NO_MEMORY: return -13;
    case REASON_NO_CALL:
    case REASON_TIME:
    case REASON_ACCESS:
    case REASON_UNSUPPORTED:
    case REASON_NO_BUFFERS:
    case REASON_BAD_POLICY:
    case REASON_NO_CONTEXT: return -1;
    }
    return -1;
}

#endif
