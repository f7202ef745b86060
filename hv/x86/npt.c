/* SPDX-License-Identifier: Apache-2.0 */
/* An entry of order 0, 9, 18 or 27 covers 2^order frames. Leaves are of order 0 or 9. Entries that
 * are not present are 0. */
#include "hv/x86/npt.h"
#include "hv/core/gate.h"

#define ENTRIES 512u
#define SCAN_LIMIT 64u
#define DESTROY_TABLES 2u /* tables given back in one step */

static uint64_t *root_of(domain_id domain) { return frame_pointer(guest_map_roots[domain]); }

/* The processor reads entries at any time: whole, one store each. */
static void set(uint64_t *entry, uint64_t value) {
    __atomic_store_n(entry, value, __ATOMIC_RELEASE);
}

static uint64_t leaf_entry(const struct effect *effect) {
    return effect->mfn.number * PAGE_SIZE | (uint64_t)effect->map_kind << NPT_KIND_SHIFT |
           ENTRY_USER | ENTRY_PRESENT | (effect->writable ? ENTRY_WRITABLE : 0) |
           (effect->order != 0 ? ENTRY_LARGE : 0);
}

/* A leaf of 2 MiB, or 0, as its part number `index` of 4 KiB. */
static uint64_t part_of(uint64_t value, uint64_t index) {
    return value == 0 ? 0 : (value & ~ENTRY_LARGE) + index * PAGE_SIZE;
}

/* A table in place of an absent entry or of a leaf, which it translates alike. */
static void make_table(domain_id domain, uint64_t *entry) {
    struct mfn mfn = gate_table_take(domain);
    uint64_t *table = frame_pointer(mfn);

    if (*entry == 0) __builtin_memset(table, 0, PAGE_SIZE);
    for (uint64_t i = 0; *entry != 0 && i < ENTRIES; i++) table[i] = part_of(*entry, i);
    set(entry, mfn.number * PAGE_SIZE | ENTRY_USER | ENTRY_WRITABLE | ENTRY_PRESENT);
}

/* Entry of `order` for gfn, with tables made on the way. */
static uint64_t *reach(domain_id domain, uint64_t gfn, unsigned order) {
    uint64_t *table = root_of(domain);

    for (unsigned at = 27; at > order; at -= 9) {
        uint64_t *entry = &table[gfn >> at & (ENTRIES - 1u)];

        if (!npt_is_table(*entry)) make_table(domain, entry);
        table = npt_table(*entry);
    }
    return &table[gfn >> order & (ENTRIES - 1u)];
}

static bool replace_entry(uint64_t *entry, uint64_t value) {
    bool stale = *entry != 0;

    set(entry, value);
    return stale;
}

/* All that the effect covers becomes a leaf of its order, or 0. Tables below stay, since a
 * processor may have their addresses cached. True: something was there. */
static __attribute__((noinline)) bool replace(const struct effect *effect) {
    uint64_t value = effect->kind == EFFECT_MAP ? leaf_entry(effect) : 0;
    uint64_t *entry = reach(effect->domain, effect->gfn.number, effect->order);
    bool stale = false;

    if (effect->order == 0 || !npt_is_table(*entry)) return replace_entry(entry, value);
    for (uint64_t i = 0; i < ENTRIES; i++)
        stale |= replace_entry(&npt_table(*entry)[i], part_of(value, i));
    return stale;
}

/* The usual case first: 4 KiB, and all tables are there. */
bool npt_map(const struct effect *effect) {
    unsigned order;
    uint64_t *entry = npt_find(effect->domain, effect->gfn.number, &order);

    if (order == 0 && effect->order == 0) return replace_entry(entry, leaf_entry(effect));
    return replace(effect);
}

bool npt_unmap(const struct effect *effect) {
    unsigned order;
    uint64_t *entry = npt_find(effect->domain, effect->gfn.number, &order);

    if (order == 0 && effect->order == 0) return replace_entry(entry, 0);
    /* Where a hole as large lies there already, no table is made. */
    return (*entry != 0 || order < effect->order) && replace(effect);
}

uint32_t guest_map_tables_needed(domain_id domain, struct gfn gfn, unsigned order) {
    unsigned found;

    (void)npt_find(domain, gfn.number, &found);
    return found > order ? (found - order) / 9u : 0;
}

static struct guest_entry describe(uint64_t leaf, unsigned order, uint64_t gfn) {
    if (leaf == 0) return (struct guest_entry){{MFN_NONE}, MAP_NONE, (uint8_t)order, false};
    return (struct guest_entry){.mfn = {npt_frame(leaf, order, gfn)},
                                .kind = (enum map_kind)(leaf >> NPT_KIND_SHIFT & 7u),
                                .order = (uint8_t)order,
                                .writable = (leaf & ENTRY_WRITABLE) != 0};
}

struct guest_entry guest_map_read(domain_id domain, struct gfn gfn) {
    unsigned order;

    if (gfn.number >= GFN_LIMIT) return describe(0, 0, 0);
    uint64_t leaf = *npt_find(domain, gfn.number, &order);
    return describe(leaf, order < 18 ? order : 18, gfn.number); /* no larger hole counts */
}

bool guest_map_next(domain_id domain, struct gfn *gfn, struct guest_entry *entry) {
    for (unsigned i = 0; i < SCAN_LIMIT && gfn->number < GFN_LIMIT; i++) {
        unsigned order;
        uint64_t leaf = *npt_find(domain, gfn->number, &order);
        uint64_t size = 1ull << order;

        *entry = describe(leaf, order, gfn->number);
        if (leaf != 0) return true;
        gfn->number = (gfn->number & ~(size - 1u)) + size;
    }
    return false;
}

static uint64_t *first_table(uint64_t *table) {
    for (unsigned i = 0; i < ENTRIES; i++)
        if (npt_is_table(table[i])) return &table[i];
    return NULL;
}

/* An entry whose table has no table under it, NULL if there is none. The lowest tables hold leaves
 * only. */
static uint64_t *last_table(uint64_t *root) {
    uint64_t *entry = first_table(root);
    uint64_t *below = entry;

    for (unsigned order = 18; below != NULL && order > 0; order -= 9) {
        entry = below;
        below = first_table(npt_table(*entry));
    }
    return below != NULL ? below : entry;
}

void npt_destroy_step(domain_id domain) {
    uint64_t *root = root_of(domain);

    for (unsigned i = 0; i < DESTROY_TABLES; i++) {
        uint64_t *entry = last_table(root);

        if (entry == NULL) return;
        struct mfn mfn = {(*entry & ENTRY_ADDRESS) / PAGE_SIZE};
        set(entry, 0);
        gate_table_give(domain, mfn);
    }
}
