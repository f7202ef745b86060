/* SPDX-License-Identifier: Apache-2.0 */
/* Nested page tables: the only representation of a domain's guest-physical map (guest_map.h).
 * Entries have the format of long-mode page tables, where every access of a guest counts as a
 * user's; the bits left to software hold enum map_kind. Tables, once there, stay until the domain
 * ends. Changed under the gate's lock. */
#ifndef CORDON_X86_NPT_H
#define CORDON_X86_NPT_H

#include "hv/core/guest_map.h"
#include "hv/x86/paging.h"

#define NPT_KIND_SHIFT 9

static inline uint64_t *npt_table(uint64_t entry) {
    return physical_pointer(entry & ENTRY_ADDRESS);
}

static inline bool npt_is_table(uint64_t entry) {
    return (entry & (ENTRY_PRESENT | ENTRY_LARGE)) == ENTRY_PRESENT;
}

/* The entry that says what is at `gfn` below GFN_LIMIT: a leaf, or 0; *order the size of what it
 * covers. Kept short: each reference to guest memory by a call comes here. */
static inline uint64_t *npt_find(domain_id domain, uint64_t gfn, unsigned *order) {
    uint64_t *entry = (uint64_t *)frame_pointer(guest_map_roots[domain]) + (gfn >> 27 & 511u);

    *order = 27;
    if (*entry == 0) return entry;
    entry = npt_table(*entry) + (gfn >> 18 & 511u);
    *order = 18;
    if (!npt_is_table(*entry)) return entry;
    entry = npt_table(*entry) + (gfn >> 9 & 511u);
    *order = 9;
    if (!npt_is_table(*entry)) return entry;
    *order = 0;
    return npt_table(*entry) + (gfn & 511u);
}

static inline uint64_t npt_frame(uint64_t leaf, unsigned order, uint64_t gfn) {
    return (leaf & ENTRY_ADDRESS) / PAGE_SIZE + (gfn & ((1ull << order) - 1u));
}

/* True: translations that a TLB may hold became stale. */
bool npt_map(const struct effect *effect);
bool npt_unmap(const struct effect *effect);

/* At the end of a domain that no CPU runs: gives a bounded number of table pages back, never the
 * root. */
void npt_destroy_step(domain_id domain);

#endif
