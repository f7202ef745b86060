/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of guest-physical maps. Refusals first; the frame table and the effects follow together.
 */
#include "hv/core/guest_memory.h"

#include "hv/core/domain.h"
#include "hv/core/frame.h"
#include "hv/core/machine.h"

struct mfn guest_map_roots[MAX_DOMAINS];

static bool gfn_aligned(struct gfn gfn, unsigned order) {
    return gfn.number < GFN_LIMIT && (gfn.number & ((1ull << order) - 1)) == 0;
}

enum reason guest_memory_reserve_tables(domain_id domain, struct gfn gfn, unsigned order) {
    uint32_t needed = guest_map_tables_needed(domain, gfn, order);
    struct mfn mfn;

    while (domains[domain].table_pool_count < needed) {
        if (domains[domain].tables + domains[domain].table_pool_count >=
            domains[domain].table_pool_limit)
            return REASON_NO_MEMORY;
        enum reason reason = frames_allocate(domain, FRAME_TABLE, ORDER_4K, &mfn);
        if (reason != REASON_OK) return reason;
        domains[domain].table_pool[domains[domain].table_pool_count++] = mfn;
    }
    return REASON_OK;
}

/* RAM that it gave up while others map it: still its own, and in nobody's count but the table's. */
static uint32_t orphans(domain_id domain) {
    const struct domain *d = &domains[domain];

    return frames_owned_by(domain) - d->pages - d->state_count - d->tables - d->table_pool_count -
           grants_frames(domain) - 1; /* shared_info */
}

enum reason guest_memory_populate(domain_id domain, struct gfn gfn, unsigned order,
                                  struct effects *effects) {
    uint32_t count = 1u << order;
    struct mfn mfn;

    if (!gfn_aligned(gfn, order)) return REASON_INVALID;
    struct guest_entry entry = guest_map_read(domain, gfn);
    if (entry.kind != MAP_NONE || entry.order < order) return REASON_EXISTS;
    uint32_t held = domains[domain].pages + orphans(domain);
    if (held > domains[domain].max_pages || count > domains[domain].max_pages - held)
        return REASON_NO_MEMORY;
    if (!effects_have_room(effects, 1)) return REASON_AGAIN;
    enum reason reason = guest_memory_reserve_tables(domain, gfn, order);
    if (reason != REASON_OK) return reason;
    reason = frames_allocate(domain, FRAME_RAM, order, &mfn);
    if (reason != REASON_OK) return reason;

    frames_place(mfn, count, gfn);
    domains[domain].pages += count;
    guest_memory_add_map(effects, domain, gfn, mfn, order, MAP_RAM, true);
    return REASON_OK;
}

static void drop_leaf(domain_id domain, struct gfn gfn, const struct guest_entry *entry,
                      unsigned order, struct effects *effects) {
    uint32_t epoch = machine_flush_epoch();

    if (entry->kind == MAP_FOREIGN) {
        frame_dereference(entry->mfn, epoch);
    } else if (entry->kind == MAP_RAM) {
        frames_disown(entry->mfn, 1u << order, epoch);
        domains[domain].pages -= 1u << order;
    } else if (entry->kind == MAP_SPECIAL) {
        frame_place(entry->mfn, (struct gfn){GFN_NOWHERE});
    }
    guest_memory_add_unmap(effects, domain, gfn, order);
}

enum reason guest_memory_release(domain_id domain, struct gfn gfn, unsigned order,
                                 struct effects *effects) {
    if (!gfn_aligned(gfn, order)) return REASON_INVALID;
    struct guest_entry entry = guest_map_read(domain, gfn);
    if (entry.kind == MAP_NONE || entry.order < order) return REASON_NO_ENTRY;
    if (entry.kind == MAP_GRANT) return REASON_BUSY;
    if (!effects_have_room(effects, 1)) return REASON_AGAIN;
    enum reason reason = guest_memory_reserve_tables(domain, gfn, order);
    if (reason != REASON_OK) return reason;

    drop_leaf(domain, gfn, &entry, order, effects);
    return REASON_OK;
}

/* Empties a 4 KiB place for something else, and reserves what mapping there needs. */
static enum reason make_room(domain_id domain, struct gfn gfn, struct effects *effects) {
    if (gfn.number >= GFN_LIMIT) return REASON_INVALID;
    if (!effects_have_room(effects, 3)) return REASON_AGAIN;
    enum reason reason = guest_memory_reserve_tables(domain, gfn, ORDER_4K);
    if (reason != REASON_OK) return reason;
    struct guest_entry entry = guest_map_read(domain, gfn);
    if (entry.kind == MAP_NONE) return REASON_OK;
    return guest_memory_release(domain, gfn, ORDER_4K, effects);
}

enum reason guest_memory_place_special(domain_id domain, struct mfn mfn, struct gfn gfn,
                                       struct effects *effects) {
    uint32_t before = frame_read(mfn).gfn;
    enum reason reason = make_room(domain, gfn, effects);

    if (reason != REASON_OK) return reason;

    if (before != GFN_NOWHERE && before != gfn.number)
        guest_memory_add_unmap(effects, domain, (struct gfn){before}, ORDER_4K);
    guest_memory_add_map(effects, domain, gfn, mfn, ORDER_4K, MAP_SPECIAL, true);
    frame_place(mfn, gfn);
    return REASON_OK;
}

enum reason guest_memory_map_foreign(domain_id domain, struct gfn gfn, struct mfn mfn,
                                     struct effects *effects) {
    enum reason reason = make_room(domain, gfn, effects);

    if (reason == REASON_OK) reason = frame_reference(mfn);
    if (reason != REASON_OK) return reason;

    guest_memory_add_map(effects, domain, gfn, mfn, ORDER_4K, MAP_FOREIGN, true);
    return REASON_OK;
}
