/* SPDX-License-Identifier: Apache-2.0 */
/* The guest-physical map. The nested page table is its only representation (hv/x86/npt.c; on the
 * host a fake); entries carry the kind of mapping. Here it is only read: changes are effects. */
#ifndef CORDON_CORE_GUEST_MAP_H
#define CORDON_CORE_GUEST_MAP_H

#include "hv/core/effects.h"

#define GFN_LIMIT 0xffffffffull /* frame numbers a guest may use: below 16 TiB */
#define GFN_NOWHERE 0xffffffffu /* struct frame: a special frame that is not mapped */

/* Top page of each domain's map, for the processor; no lock. */
extern struct mfn guest_map_roots[MAX_DOMAINS];

struct guest_entry {
    struct mfn mfn;     /* of this very gfn, also inside a large leaf */
    enum map_kind kind; /* MAP_NONE: nothing mapped, mfn is MFN_NONE */
    uint8_t order;      /* of the leaf: 0, 9, 18; for MAP_NONE the largest aligned hole around it */
    bool writable;
};

struct guest_entry guest_map_read(domain_id domain, struct gfn gfn);

/* First mapped leaf at or after *gfn, which is moved there; false if there is none. Skips absent
 * tables at once; looks at no more than 4096 entries: where it returns false, *gfn tells where to
 * go on. */
bool guest_map_next(domain_id domain, struct gfn *gfn, struct guest_entry *entry);

/* Table pages that EFFECT_MAP or EFFECT_UNMAP of this leaf would take from the domain's pool. */
uint32_t guest_map_tables_needed(domain_id domain, struct gfn gfn, unsigned order);

#endif
