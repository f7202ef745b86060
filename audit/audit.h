/* SPDX-License-Identifier: Apache-2.0 */
/* The audit trail: fixed-size binary records in a ring, oldest overwritten and counted as lost.
 * Repeats of the last record of a subject are folded into a count. Written under the gate's lock;
 * formatted (audit/format.c) by whoever reads. No guest can make it print: printing is paced by
 * hv/core/log. */
#ifndef CORDON_AUDIT_AUDIT_H
#define CORDON_AUDIT_AUDIT_H

#include "hv/abi/types.h"
#include "xsm/vocabulary.h"

#define AUDIT_RECORDS 2048u /* power of two is not needed */

enum audit_kind {
    AUDIT_DECISION = 1, /* a denial, or a grant that the policy says to record. PERMISSION_NONE: an
                           unknown call, value0 = its number, value1 = sub-operation */
    AUDIT_BOOT,         /* value0 = policy epoch */
    AUDIT_POLICY_LOAD,  /* verdict granted; value0 = new epoch, value1 = image size */
    AUDIT_POLICY_REFUSED, /* value0 = byte offset, value1 = reason */
    AUDIT_BOOLEANS,       /* value0 = new epoch, value1 = bit mask of the first 32 values */
    AUDIT_DOMAIN_CREATED,
    AUDIT_DOMAIN_ENDED, /* value0 = cause of crash, or 0 and value1 = shutdown code */
};

struct audit_record {
    uint64_t sequence;   /* 1, 2, 3 ...: never reused, gaps are losses */
    uint64_t time;       /* nanoseconds since boot */
    uint64_t last_time;  /* of the last repeat folded in */
    uint32_t subject;    /* SID number */
    uint32_t object;     /* SID number */
    uint16_t permission; /* enum permission, or PERMISSION_NONE */
    uint16_t subject_domain;
    uint16_t object_domain; /* DOMAIN_NONE where the object is no domain */
    uint8_t kind;
    uint8_t granted;
    uint32_t epoch;   /* policy epoch that answered */
    uint32_t repeats; /* identical records folded into this one */
    uint32_t value0;
    uint32_t value1;
};

void audit_start(void);
/* Appends, or folds into the newest record where all but time and sequence agree and no reader has
 * had it yet: what was read never changes. Sequence, last_time and repeats are set here. */
void audit_append(const struct audit_record *record);
/* Copies the record with this sequence number; false if it is lost or not yet there. */
bool audit_read(uint64_t sequence, struct audit_record *out);
uint64_t audit_oldest(void); /* sequence of the oldest record kept; 0 if none */
uint64_t audit_newest(void); /* 0 if none */
uint64_t audit_lost(void);   /* overwritten since the start, read or not */

#define AUDIT_LINE_MAX 1024u /* holds any line with two contexts of CONTEXT_MAX bytes */

/* One line in the format that audit2allow -p and ausearch read, NUL-terminated, newline included;
 * cut where `size` (at least 2) is less. A decision, in one line:
 *
 *   type=AVC msg=audit(SEC.MSEC:SEQ): avc:  denied  { map_read } for  pid=3 comm="d3" source=d3
 *     target=d5 scontext=... tcontext=... tclass=grant permissive=0
 *
 * Other kinds have types that ausearch and aureport know (SELINUX_ERR, SYSTEM_BOOT,
 * MAC_POLICY_LOAD, MAC_CONFIG_CHANGE, VIRT_CONTROL). Contexts are given, since audit/ knows no
 * labels. Returns bytes written without the NUL. */
size_t audit_format(const struct audit_record *record, const char *subject_context,
                    const char *object_context, char *buffer, size_t size);

#endif
