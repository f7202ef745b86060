/* SPDX-License-Identifier: Apache-2.0 */
/* Where grants and mappings lie, for hv/x86, which backs rows (SPARSE_ACTIVE_GRANTS,
 * SPARSE_MAPPINGS), and for tests that check the invariant. Nobody else includes this. */
#ifndef CORDON_GRANTS_STORAGE_H
#define CORDON_GRANTS_STORAGE_H

#include "grants/grants.h"

struct grant_domain {
    uint32_t frames;     /* shared frames present: references below frames * 512 exist */
    uint32_t max_frames; /* 0: not alive */
    uint32_t backed;     /* handles with storage */
    uint32_t max_mappings;
    uint32_t lent; /* live mappings, by anybody, that name it as granter */
    uint32_t used; /* live mappings that it has made */
    struct mfn shared[MAX_GRANT_FRAMES];
};

extern struct grant_domain grant_domains[MAX_DOMAINS];
/* One page a grant frame: backed for references 0 .. grants_frames() * GRANTS_PER_FRAME - 1. */
extern struct active_grant active_grants[MAX_DOMAINS][MAX_GRANTS];
/* Backed for handles 0 .. grants_mappings_backed() - 1. */
extern struct grant_mapping mappings[MAX_DOMAINS][MAX_GRANT_MAPPINGS];

#endif
