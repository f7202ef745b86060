/* SPDX-License-Identifier: Apache-2.0 */
/* Guest-physical maps of the fake machine: a four-level tree whose tables lie in frames that the
 * core gave for it, so that a table page that was freed too early shows. Level l maps 2^(9 l)
 * frames an entry. An entry is 0, or frame << 12 | kind << 9 | LEAF | WRITABLE | 1. */
#include "tests/host/machine.h"

#define PRESENT 1u
#define WRITABLE 2u
#define LEAF 4u
#define LEVELS 4u
#define ENTRIES 512u
#define SCAN_LIMIT 4096u

static uint64_t *table_at(uint64_t entry) {
    return (uint64_t *)(void *)host_frame((struct mfn){entry >> 12});
}

static uint64_t *root_of(domain_id domain) {
    struct mfn root = guest_map_roots[domain];

    host_check(root.number != MFN_NONE && frame_read(root).state == FRAME_OWNED &&
                   frame_read(root).owner == domain,
               "the root of a map belongs to its domain");
    return table_at(root.number << 12);
}

static uint64_t *slot(uint64_t *table, uint64_t gfn, unsigned level) {
    return &table[gfn >> (9 * level) & (ENTRIES - 1)];
}

static bool is_table(uint64_t entry) { return (entry & (PRESENT | LEAF)) == PRESENT; }

/* Entry that ends the walk, and its level. */
static uint64_t walk(const uint64_t *table, uint64_t gfn, unsigned *level) {
    uint64_t entry = 0;

    for (*level = LEVELS; *level > 0;) {
        (*level)--;
        entry = table[gfn >> (9 * *level) & (ENTRIES - 1)];
        if (!is_table(entry)) return entry;
        host_check(*level > 0, "the lowest tables hold leaves");
        host_check(frame_read((struct mfn){entry >> 12}).use == FRAME_TABLE,
                   "a table lies in a table frame");
        table = table_at(entry);
    }
    return entry;
}

static void split(domain_id domain, uint64_t *entry, unsigned level) {
    struct mfn mfn = gate_table_take(domain);
    uint64_t *table = table_at(mfn.number << 12);
    uint32_t i;

    host_check(frame_read(mfn).state == FRAME_OWNED && frame_read(mfn).owner == domain &&
                   frame_read(mfn).use == FRAME_TABLE,
               "a table page is the domain's");
    for (i = 0; i < ENTRIES; i++)
        table[i] = *entry == 0 ? 0 : *entry + ((uint64_t)i << (9 * (level - 1)) << 12);
    *entry = mfn.number << 12 | PRESENT;
}

static uint64_t *reach(domain_id domain, uint64_t gfn, unsigned level) {
    uint64_t *entry = slot(root_of(domain), gfn, LEVELS - 1);
    unsigned at;

    for (at = LEVELS - 1; at > level; at--) {
        if (!is_table(*entry)) split(domain, entry, at);
        entry = slot(table_at(*entry), gfn, at - 1);
    }
    return entry;
}

/* Tables below stay and get the value in pieces. */
static bool replace(uint64_t *entry, uint64_t value, unsigned level) {
    bool stale = false;
    uint32_t i;

    if (!is_table(*entry)) {
        stale = *entry != 0;
        *entry = value;
        return stale;
    }
    for (i = 0; i < ENTRIES; i++) {
        uint64_t part = value == 0 ? 0 : value + ((uint64_t)i << (9 * (level - 1)) << 12);

        stale = replace(&table_at(*entry)[i], part, level - 1) || stale;
    }
    return stale;
}

bool host_map(const struct effect *effect) {
    unsigned level = effect->order / 9u;
    uint64_t value = effect->mfn.number << 12 | (uint64_t)effect->map_kind << 9 | LEAF | PRESENT |
                     (effect->writable ? WRITABLE : 0);

    return replace(reach(effect->domain, effect->gfn.number, level), value, level);
}

bool host_unmap(domain_id domain, struct gfn gfn, unsigned order) {
    unsigned level;

    if (walk(root_of(domain), gfn.number, &level) == 0 && 9 * level > order) return false;
    return replace(reach(domain, gfn.number, order / 9), 0, order / 9);
}

static void drop_below(domain_id domain, uint64_t *table, unsigned level) {
    uint32_t i;

    for (i = 0; i < ENTRIES && level > 0; i++) {
        if (is_table(table[i])) {
            struct mfn mfn = {table[i] >> 12};

            drop_below(domain, table_at(table[i]), level - 1);
            table[i] = 0;
            gate_table_give(domain, mfn);
        }
    }
}

void host_drop_tables(domain_id domain) { drop_below(domain, root_of(domain), LEVELS - 1); }

static struct guest_entry describe(uint64_t entry, unsigned level, uint64_t gfn) {
    unsigned order = level > 2 ? 18 : 9 * level;
    uint64_t within = gfn & ((1ull << (9 * level)) - 1);

    if (entry == 0) return (struct guest_entry){{MFN_NONE}, MAP_NONE, (uint8_t)order, false};
    return (struct guest_entry){{(entry >> 12) + within},
                                (enum map_kind)(entry >> 9 & 7u),
                                (uint8_t)order,
                                (entry & WRITABLE) != 0};
}

struct guest_entry guest_map_read(domain_id domain, struct gfn gfn) {
    unsigned level = 0;
    uint64_t entry;

    host_check(domain < MAX_DOMAINS && domains[domain].state != DOMAIN_FREE,
               "only maps of domains are read");
    if (gfn.number >= GFN_LIMIT) return describe(0, 0, 0);
    entry = walk(root_of(domain), gfn.number, &level);
    return describe(entry, level, gfn.number);
}

bool guest_map_next(domain_id domain, struct gfn *gfn, struct guest_entry *entry) {
    for (uint32_t i = 0; i < SCAN_LIMIT && gfn->number < GFN_LIMIT; i++) {
        unsigned level = 0;
        uint64_t leaf = walk(root_of(domain), gfn->number, &level);
        uint64_t size = 1ull << (9 * level);

        *entry = describe(leaf, level, gfn->number);
        if (leaf != 0) return true;
        gfn->number = (gfn->number & ~(size - 1)) + size;
    }
    return false;
}

uint32_t guest_map_tables_needed(domain_id domain, struct gfn gfn, unsigned order) {
    unsigned level = 0;

    (void)walk(root_of(domain), gfn.number, &level);
    return level > order / 9 ? level - order / 9 : 0;
}
