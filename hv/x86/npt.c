/* SPDX-License-Identifier: Apache-2.0 */
/* A level of 0 to 3 is that of a table: an entry of level l covers 2^(9 l) frames. Leaves are of
 * level 0 or 1. Entries that are not present are 0. */
#include "hv/x86/npt.h"
#include "hv/core/gate.h"

#define LEVEL_TOP 3u
#define ENTRIES 512u
#define SCAN_LIMIT 64u
#define DESTROY_TABLES 2u /* tables given back in one step */

static uint64_t *root_of(domain_id domain) { return frame_pointer(guest_map_roots[domain]); }

static unsigned index_at(uint64_t gfn, unsigned level) {
    return (unsigned)(gfn >> (9u * level) & (ENTRIES - 1u));
}

static bool is_table(uint64_t entry) {
    return (entry & (ENTRY_PRESENT | ENTRY_LARGE)) == ENTRY_PRESENT;
}

/* The processor reads entries at any time: whole, one store each. */
static void set(uint64_t *entry, uint64_t value) {
    __atomic_store_n(entry, value, __ATOMIC_RELEASE);
}

static uint64_t leaf_entry(const struct effect *effect, unsigned level) {
    return effect->mfn.number * PAGE_SIZE | (uint64_t)effect->map_kind << NPT_KIND_SHIFT |
           ENTRY_USER | ENTRY_PRESENT | (effect->writable ? ENTRY_WRITABLE : 0) |
           (level != 0 ? ENTRY_LARGE : 0);
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

/* Entry of `level` for gfn, with tables made on the way. */
static uint64_t *reach(domain_id domain, uint64_t gfn, unsigned level) {
    uint64_t *table = root_of(domain);
    uint64_t *entry = &table[index_at(gfn, LEVEL_TOP)];

    for (unsigned l = LEVEL_TOP; l > level; l--) {
        if (!is_table(*entry)) make_table(domain, entry);
        entry = &npt_table(*entry)[index_at(gfn, l - 1u)];
    }
    return entry;
}

/* Entry for 4 KiB at gfn where all tables are there, which is the usual case; else NULL. */
static inline uint64_t *small_entry(domain_id domain, uint64_t gfn) {
    uint64_t entry = root_of(domain)[gfn >> 27 & 511u];

    if (entry == 0) return NULL;
    entry = npt_table(entry)[gfn >> 18 & 511u];
    if (!is_table(entry)) return NULL;
    entry = npt_table(entry)[gfn >> 9 & 511u];
    return is_table(entry) ? &npt_table(entry)[gfn & 511u] : NULL;
}

static bool replace_entry(uint64_t *entry, uint64_t value) {
    bool stale = *entry != 0;

    set(entry, value);
    return stale;
}

/* Everything that an entry covers becomes `value`, a leaf of the entry's level, or 0. Tables below
 * stay, since a processor may have their addresses cached. True: something was there. */
static bool replace(uint64_t *entry, uint64_t value, unsigned level) {
    bool stale = false;

    if (level == 0 || !is_table(*entry)) return replace_entry(entry, value);
    for (uint64_t i = 0; i < ENTRIES; i++)
        stale |= replace_entry(&npt_table(*entry)[i], part_of(value, i));
    return stale;
}

static __attribute__((noinline)) bool map_slowly(const struct effect *effect) {
    unsigned level = effect->order / 9u;

    return replace(reach(effect->domain, effect->gfn.number, level), leaf_entry(effect, level),
                   level);
}

bool npt_map(const struct effect *effect) {
    uint64_t *entry = effect->order == 0 ? small_entry(effect->domain, effect->gfn.number) : NULL;

    return entry != NULL ? replace_entry(entry, leaf_entry(effect, 0)) : map_slowly(effect);
}

static __attribute__((noinline)) bool unmap_slowly(const struct effect *effect) {
    unsigned level = effect->order / 9u;
    unsigned leaf_order = LEVEL_TOP * 9u;

    /* Where a hole as large lies there already, no table is made. */
    if (npt_leaf(effect->domain, effect->gfn.number, &leaf_order) == 0 &&
        leaf_order > effect->order)
        return false;
    return replace(reach(effect->domain, effect->gfn.number, level), 0, level);
}

bool npt_unmap(const struct effect *effect) {
    uint64_t *entry = effect->order == 0 ? small_entry(effect->domain, effect->gfn.number) : NULL;

    return entry != NULL ? replace_entry(entry, 0) : unmap_slowly(effect);
}

uint32_t guest_map_tables_needed(domain_id domain, struct gfn gfn, unsigned order) {
    unsigned level = order / 9u;
    const uint64_t *table = root_of(domain);

    for (unsigned l = LEVEL_TOP; l > level; l--) {
        uint64_t entry = table[index_at(gfn.number, l)];

        if (!is_table(entry)) return l - level;
        table = npt_table(entry);
    }
    return 0;
}

static struct guest_entry describe(uint64_t leaf, unsigned order, uint64_t gfn) {
    if (leaf == 0) return (struct guest_entry){{MFN_NONE}, MAP_NONE, (uint8_t)order, false};
    return (struct guest_entry){.mfn = {npt_frame(leaf, order, gfn)},
                                .kind = (enum map_kind)(leaf >> NPT_KIND_SHIFT & 7u),
                                .order = (uint8_t)order,
                                .writable = (leaf & ENTRY_WRITABLE) != 0};
}

struct guest_entry guest_map_read(domain_id domain, struct gfn gfn) {
    unsigned order = 18; /* the largest that counts, where not even a table is */

    if (gfn.number >= GFN_LIMIT) return describe(0, 0, 0);
    uint64_t leaf = npt_leaf(domain, gfn.number, &order);
    return describe(leaf, order, gfn.number);
}

bool guest_map_next(domain_id domain, struct gfn *gfn, struct guest_entry *entry) {
    for (unsigned i = 0; i < SCAN_LIMIT && gfn->number < GFN_LIMIT; i++) {
        unsigned order = 27;
        uint64_t leaf = npt_leaf(domain, gfn->number, &order);
        uint64_t size = 1ull << order;

        *entry = describe(leaf, order, gfn->number);
        if (leaf != 0) return true;
        gfn->number = (gfn->number & ~(size - 1u)) + size;
    }
    return false;
}

static uint64_t *first_table(uint64_t *table) {
    for (unsigned i = 0; i < ENTRIES; i++)
        if (is_table(table[i])) return &table[i];
    return NULL;
}

/* An entry whose table has no table under it, NULL if there is none. The lowest tables hold leaves
 * only. */
static uint64_t *last_table(uint64_t *root) {
    uint64_t *entry = first_table(root);
    uint64_t *below = entry;

    for (unsigned level = LEVEL_TOP - 1u; below != NULL && level > 0; level--) {
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
