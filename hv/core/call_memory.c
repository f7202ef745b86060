/* SPDX-License-Identifier: Apache-2.0 */
/* memory_op. Long operations do a bounded number of extents and leave their progress where Xen's
 * ABI has it: in the upper bits of the sub-operation. */
#include "grants/grants.h"
#include "hv/abi/errno.h"
#include "hv/core/frame.h"
#include "hv/core/guest_memory.h"
#include "hv/core/request.h"

#define EXTENTS_PER_HOLD 8u
#define RESOURCE_FRAMES_MAX 16u

/* Gigabyte leaves are for boot: one is too much for one hold of the lock. */
static bool order_is_leaf(uint32_t order) { return order == ORDER_4K || order == ORDER_2M; }

/* Ends a piece of a long operation: again if extents remain and none failed for good. Xen answers
 * such operations with the number of extents that were done. */
static enum reason extents_done(struct request *r, uint64_t done, enum reason reason) {
    if (reason == REASON_AGAIN || (reason == REASON_OK && done < r->in.reservation.nr_extents)) {
        r->result = (int64_t)(done - (r->reg[0] >> MEMORY_OP_EXTENT_SHIFT));
        r->reg[0] = (r->reg[0] & MEMORY_OP_MASK) | done << MEMORY_OP_EXTENT_SHIFT;
        return REASON_AGAIN;
    }
    return request_answer(r, done);
}

/* Only the domain's own RAM is given up so. */
static enum reason one_extent(struct request *r, struct gfn gfn, bool populate) {
    uint32_t order = r->in.reservation.extent_order;

    if (populate) return guest_memory_populate(r->target, gfn, order, r->effects);
    if (guest_map_read(r->target, gfn).kind != MAP_RAM) return REASON_NO_ENTRY;
    return guest_memory_release(r->target, gfn, order, r->effects);
}

static enum reason extents(struct request *r, bool populate) {
    const struct arg_memory_reservation *in = &r->in.reservation;
    uint64_t done = r->reg[0] >> MEMORY_OP_EXTENT_SHIFT;
    uint32_t most = in->extent_order == ORDER_4K ? EXTENTS_PER_HOLD : 1;
    enum reason reason = REASON_OK;
    struct gfn gfn;

    if (done > in->nr_extents || in->nr_extents > UINT32_MAX) return REASON_INVALID;
    if (!order_is_leaf(in->extent_order)) return request_answer(r, done);
    for (uint32_t i = 0; i < most && done < in->nr_extents && reason == REASON_OK; i++) {
        if (!request_read(r, in->extent_start + done * sizeof(gfn.number), &gfn.number,
                          sizeof(gfn.number)))
            return REASON_FAULT;
        reason = one_extent(r, gfn, populate);
        if (reason == REASON_OK) {
            request_apply(r);
            done++;
        }
    }
    return extents_done(r, done, reason);
}

enum reason step_memory_populate(struct request *r) { return extents(r, true); }

enum reason step_memory_decrease(struct request *r) { return extents(r, false); }

/* In a translated guest there is no other way to name a place, so this is populate without one. */
enum reason step_memory_increase(struct request *r) {
    (void)r;
    return REASON_UNSUPPORTED;
}

enum reason step_memory_maximum_ram_page(struct request *r) {
    return request_answer(r, frames_count_total());
}

enum reason step_memory_current(struct request *r) {
    return request_answer(r, domains[r->target].pages);
}

enum reason step_memory_maximum(struct request *r) {
    return request_answer(r, domains[r->target].max_pages);
}

enum reason step_memory_maximum_gpfn(struct request *r) {
    uint64_t top = 0;
    const struct domain *domain = &domains[r->target];

    for (uint32_t i = 0; i < domain->memory_map_entries; i++) {
        const struct arg_memory_range *range = &domain->memory_map[i];
        uint64_t end = arg_whole(range->address) + arg_whole(range->size);

        top = end > top ? end : top;
    }
    return request_answer(r, top < PAGE_SIZE ? 0 : top / PAGE_SIZE - 1);
}

/* No memory is shared between domains. */
enum reason step_memory_sharing_freed(struct request *r) { return request_answer(r, 0); }
enum reason step_memory_sharing_shared(struct request *r) { return request_answer(r, 0); }

enum reason step_memory_claim(struct request *r) {
    return r->in.reservation.nr_extents == 0 ? REASON_OK : REASON_UNSUPPORTED;
}

/* The tools set a target beside the one that the guest's balloon reads. Nothing is populated on
 * demand, so there is nothing to give back. */
enum reason step_memory_set_pod_target(struct request *r) {
    r->in.pod_target.tot_pages = domains[r->target].pages;
    r->in.pod_target.pod_cache_pages = 0;
    r->in.pod_target.pod_entries = 0;
    return REASON_OK;
}

static enum reason add_to_physmap(struct request *r, uint32_t space, uint64_t idx, struct gfn gfn) {
    struct mfn mfn = domains[r->target].shared_info;
    enum reason reason = REASON_OK;

    if (space == XENMAPSPACE_GRANT_TABLE)
        reason = grant_table_frame(r, r->target, idx, &mfn);
    else if (space != XENMAPSPACE_SHARED_INFO || idx != 0)
        reason = REASON_INVALID;
    if (reason != REASON_OK) return reason;
    return guest_memory_place_special(r->target, mfn, gfn, r->effects);
}

enum reason step_memory_add_to_physmap(struct request *r) {
    return add_to_physmap(r, r->in.physmap.space, r->in.physmap.idx,
                          (struct gfn){r->in.physmap.gpfn});
}

/* One page of a batch: its own refusal goes to its own error number. */
static enum reason map_one(struct request *r, domain_id foreign, uint64_t index, struct gfn gfn) {
    if (r->in.physmap_batch.space != XENMAPSPACE_GMFN_FOREIGN)
        return add_to_physmap(r, r->in.physmap_batch.space, index, gfn);
    if (foreign == r->target) return REASON_INVALID;
    struct guest_entry entry = guest_map_read(foreign, (struct gfn){index});
    if (entry.kind != MAP_RAM) return REASON_INVALID;
    return guest_memory_map_foreign(r->target, gfn, entry.mfn, r->effects);
}

enum reason step_memory_physmap_batch(struct request *r) {
    const struct arg_add_to_physmap_batch *in = &r->in.physmap_batch;
    domain_id foreign = request_domain(r, in->foreign_domid);
    uint64_t done = r->reg[0] >> MEMORY_OP_EXTENT_SHIFT;
    enum reason reason = REASON_OK;
    uint64_t index;
    struct gfn gfn;

    if (r->target == DOMAIN_NONE ||
        (in->space == XENMAPSPACE_GMFN_FOREIGN && foreign == DOMAIN_NONE))
        return REASON_NO_DOMAIN;
    for (uint32_t i = 0; i < EXTENTS_PER_HOLD && done < in->size; i++) {
        if (!request_read(r, in->idxs + done * 8, &index, 8) ||
            !request_read(r, in->gpfns + done * 8, &gfn.number, 8))
            return REASON_FAULT;
        reason = map_one(r, foreign, index, gfn);
        if (reason == REASON_AGAIN) break;
        request_apply(r);
        int32_t error = (int32_t)reason_errno(reason);
        if (!request_write(r, in->errs + done * 4, &error, 4)) return REASON_FAULT;
        done++;
    }
    if (done < in->size) {
        r->reg[0] = (r->reg[0] & MEMORY_OP_MASK) | done << MEMORY_OP_EXTENT_SHIFT;
        return REASON_AGAIN;
    }
    return REASON_OK;
}

enum reason step_memory_remove_from_physmap(struct request *r) {
    return guest_memory_release(r->target, (struct gfn){r->in.remove_physmap.gpfn}, ORDER_4K,
                                r->effects);
}

/* Grant table frames of another domain, for the builder to write a guest's first grants. */
enum reason step_memory_acquire_resource(struct request *r) {
    struct arg_acquire_resource *in = &r->in.resource;
    enum reason reason = REASON_OK;
    struct mfn mfn;
    struct gfn gfn;

    if (in->type != XENMEM_RESOURCE_GRANT_TABLE || in->id != 0) return REASON_UNSUPPORTED;
    if (in->frame_list == 0) {
        in->nr_frames = grants_max_frames(r->target);
        return REASON_OK;
    }
    if (in->nr_frames > RESOURCE_FRAMES_MAX || in->frame >= MAX_GRANT_FRAMES ||
        r->target == r->caller)
        return REASON_INVALID;
    for (uint32_t i = 0; i < in->nr_frames; i++) {
        if (!request_read(r, in->frame_list + i * 8ull, &gfn.number, 8)) return REASON_FAULT;
        reason = grant_table_frame(r, r->target, in->frame + i, &mfn);
        if (reason == REASON_OK) reason = guest_memory_map_foreign(r->caller, gfn, mfn, r->effects);
        if (reason != REASON_OK) return reason;
        request_apply(r);
    }
    return REASON_OK;
}

enum reason step_memory_memory_map(struct request *r) {
    const struct domain *domain = &domains[r->caller];
    struct arg_memory_map *in = &r->in.memory_map;
    uint32_t count = domain->memory_map_entries;

    if (count == 0) return REASON_NO_CALL;
    if (in->nr_entries < count) count = in->nr_entries;
    if (count > 0 && !request_write(r, in->buffer, domain->memory_map,
                                    count * (uint32_t)sizeof(domain->memory_map[0])))
        return REASON_FAULT;
    in->nr_entries = count;
    return REASON_OK;
}

enum reason step_memory_set_memory_map(struct request *r) {
    const struct arg_memory_map *in = &r->in.foreign_map.map;
    struct arg_memory_range ranges[MEMORY_MAP_ENTRIES];

    if (in->nr_entries > MEMORY_MAP_ENTRIES) return REASON_INVALID;
    if (in->nr_entries > 0 &&
        !request_read(r, in->buffer, ranges, in->nr_entries * (uint32_t)sizeof(ranges[0])))
        return REASON_FAULT;

    for (uint32_t i = 0; i < in->nr_entries; i++) domains[r->target].memory_map[i] = ranges[i];
    domains[r->target].memory_map_entries = in->nr_entries;
    return REASON_OK;
}
