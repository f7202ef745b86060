/* SPDX-License-Identifier: Apache-2.0 */
/* Why a request was refused: one list for the whole core. The ABI's error numbers come from it only
 * in hv/abi/errno.h, at the edge. */
#ifndef CORDON_ABI_REASON_H
#define CORDON_ABI_REASON_H

/* clang-format off */
/* X(reason, Xen error number, GNTST_* of a grant operation): what it becomes at the edge, negated. */
#define REASONS(X) \
    X(OK, 0, 0) \
    X(DENIED, 1, 8) /* the security module said no */ \
    X(FAULT, 14, 9) /* a guest pointer leads nowhere or may not be written */ \
    X(INVALID, 22, 3) /* an argument is malformed or out of range */ \
    X(NO_CALL, 38, 1) /* unknown call or sub-operation */ \
    X(NO_DOMAIN, 3, 2) /* the named domain does not exist */ \
    X(NO_ENTRY, 2, 4) /* the named object does not exist */ \
    X(NO_MEMORY, 12, 13) /* no frame, or the domain's maximum is reached */ \
    X(NO_SPACE, 28, 13) /* a table is full */ \
    X(BUSY, 16, 12) /* the object is in use, or another such operation is under way */ \
    X(EXISTS, 17, 5) /* the object exists already */ \
    X(UNSUPPORTED, 95, 1) /* known, and not offered */ \
    X(NO_BUFFERS, 105, 1) /* the caller's buffer is too small */ \
    X(TIME, 62, 1) /* the deadline has passed */ \
    X(ACCESS, 13, 1) /* the interface version does not match */ \
    X(AGAIN, 11, 12) /* retry: the caller re-executes the call after some background work */ \
    X(BAD_POLICY, 22, 1) /* the policy image does not validate */ \
    X(NO_CONTEXT, 22, 1) /* the security context is not valid in the running policy */ \
    X(RANGE, 34, 10) /* a result does not fit */
/* clang-format on */

enum reason {
#define X(name, error, status) REASON_##name,
    REASONS(X)
#undef X
};

#endif
