/* SPDX-License-Identifier: Apache-2.0 */
/* Where grants and mappings lie, for hv/x86, which backs rows (SPARSE_ACTIVE_GRANTS,
 * SPARSE_MAPPINGS), and for tests that check the invariant. Nobody else includes this. */
#ifndef CORDON_GRANTS_STORAGE_H
#define CORDON_GRANTS_STORAGE_H

#include "grants/grants.h"

/* One page a grant frame: backed for references 0 .. grants_frames() * GRANTS_PER_FRAME - 1. */
extern struct active_grant active_grants[MAX_DOMAINS][MAX_GRANTS];
/* Backed for handles 0 .. grants_mappings_backed() - 1. */
extern struct grant_mapping mappings[MAX_DOMAINS][MAX_GRANT_MAPPINGS];

#endif
