/* SPDX-License-Identifier: Apache-2.0 */
/* Why a request was refused: one enum for the whole core. The ABI's error numbers appear only in
 * hv/abi/errno.h, at the edge. */
#ifndef CORDON_ABI_REASON_H
#define CORDON_ABI_REASON_H

enum reason {
    REASON_OK = 0,
    REASON_DENIED,      /* the security module said no */
    REASON_FAULT,       /* a guest pointer leads nowhere or may not be written */
    REASON_INVALID,     /* an argument is malformed or out of range */
    REASON_NO_CALL,     /* unknown call or sub-operation */
    REASON_NO_DOMAIN,   /* the named domain does not exist */
    REASON_NO_ENTRY,    /* the named object does not exist */
    REASON_NO_MEMORY,   /* no frame, or the domain's maximum is reached */
    REASON_NO_SPACE,    /* a table is full */
    REASON_BUSY,        /* the object is in use, or another such operation is under way */
    REASON_EXISTS,      /* the object exists already */
    REASON_UNSUPPORTED, /* known, and not offered */
    REASON_NO_BUFFERS,  /* the caller's buffer is too small */
    REASON_TIME,        /* the deadline has passed */
    REASON_ACCESS,      /* the interface version does not match */
    REASON_AGAIN,       /* retry: the caller re-executes the call after some background work */
    REASON_BAD_POLICY,  /* the policy image does not validate */
    REASON_NO_CONTEXT,  /* the security context is not valid in the running policy */
    REASON_RANGE,       /* a result does not fit */
};

#endif
