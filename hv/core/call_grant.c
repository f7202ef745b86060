/* SPDX-License-Identifier: Apache-2.0 */
/* grant_table_op, version 1. Mapping and copying are asked for each element; the granter's entry is
 * guest memory, so it is pinned by one atomic operation and what it said is used from there on. */
#include "hv/abi/errno.h"
#include "hv/core/frame.h"
#include "hv/core/guest_memory.h"
#include "hv/core/machine.h"
#include "hv/core/request.h"

static enum reason grow_table(struct request *r, domain_id domain) {
    uint32_t index = grants_frames(domain);
    struct mfn shared;

    if (index >= grants_max_frames(domain)) return REASON_NO_SPACE;
    enum reason reason = frames_await(domain, 2);
    if (reason != REASON_OK) return reason;

    (void)frames_allocate(domain, FRAME_GRANT_TABLE, ORDER_4K, &shared);
    (void)domain_back(domain, SPARSE_ACTIVE_GRANTS, index, r->effects);
    frame_place(shared, (struct gfn){GFN_NOWHERE});
    request_apply(r);
    return grants_add_frame(domain, shared);
}

enum reason grant_table_frame(struct request *r, domain_id owner, uint64_t index, struct mfn *mfn) {
    if (index >= MAX_GRANT_FRAMES) return REASON_INVALID;
    while (grants_frames(owner) <= index) {
        if (!effects_have_room(r->effects, 4)) return REASON_AGAIN;
        enum reason reason = grow_table(r, owner);
        if (reason != REASON_OK) return reason;
    }
    *mfn = grants_frame(owner, (uint32_t)index);
    return REASON_OK;
}

/* A page more of mapping handles for a mapper that has used up what it has. */
static enum reason grow_mappings(struct request *r) {
    uint32_t backed = grants_mappings_backed(r->caller);

    if (backed >= grants_mappings_max(r->caller)) return REASON_NO_SPACE;
    enum reason reason =
        domain_back(r->caller, SPARSE_MAPPINGS, backed / MAPPINGS_PER_PAGE, r->effects);
    if (reason != REASON_OK) return reason;
    request_apply(r);
    grants_back_mappings(r->caller, backed + MAPPINGS_PER_PAGE);
    return REASON_OK;
}

/* Everything that can be refused before the granter's entry is touched. */
static enum reason map_refusals(struct request *r, struct gfn gfn, struct mfn *shared) {
    const struct arg_gnttab_map *in = &r->in.gnttab_map;

    if (r->target == DOMAIN_NONE || domains[r->target].state == DOMAIN_DYING)
        return REASON_NO_DOMAIN;
    if ((in->flags & (GNTMAP_DEVICE_MAP | GNTMAP_APPLICATION_MAP | GNTMAP_CONTAINS_PTE)) != 0 ||
        (in->flags & GNTMAP_HOST_MAP) == 0)
        return REASON_UNSUPPORTED;
    *shared = grants_frame(r->target, in->ref / GRANTS_PER_FRAME);
    if (shared->number == MFN_NONE) return REASON_INVALID;
    struct guest_entry place = guest_map_read(r->caller, gfn);
    if (gfn.number >= GFN_LIMIT || place.kind != MAP_NONE) return REASON_EXISTS;
    if (!grants_handle_free(r->caller)) {
        enum reason reason = grow_mappings(r);
        if (reason != REASON_OK) return reason;
    }
    /* A hole of 4 KiB lies in a table of entries for 4 KiB. */
    return place.order == ORDER_4K ? REASON_OK
                                   : guest_memory_reserve_tables(r->caller, gfn, ORDER_4K);
}

/* Pins the entry and takes the reference on the frame behind it; undoes the pin if that frame is
 * not the granter's own memory. */
static enum reason pin(struct request *r, struct mfn shared, bool write, struct mfn *mfn) {
    uint32_t reference = r->in.gnttab_map.ref;
    uint32_t index = reference % GRANTS_PER_FRAME;
    struct gfn granted;
    enum reason reason = machine_grant_pin(shared, index, r->caller, write, &granted);

    if (reason != REASON_OK) return reason;
    struct guest_entry mapped = guest_map_read(r->target, granted);
    reason = mapped.kind == MAP_RAM ? frame_reference(mapped.mfn) : REASON_FAULT;
    if (reason != REASON_OK) {
        struct effect *effect = effects_add(r->effects, EFFECT_UNPIN, r->target);
        effect->mfn = shared;
        effect->value = index;
        effect->flags = grants_unpin_flags(r->target, reference, write);
        return reason;
    }
    *mfn = mapped.mfn;
    return REASON_OK;
}

enum reason step_gnttab_map(struct request *r) {
    struct arg_gnttab_map *in = &r->in.gnttab_map;
    struct gfn gfn = {in->host_addr / PAGE_SIZE};
    bool write = (in->flags & GNTMAP_READONLY) == 0;
    struct mfn shared, mfn;
    enum reason reason = map_refusals(r, gfn, &shared);

    if (reason == REASON_OK) reason = pin(r, shared, write, &mfn);
    if (reason != REASON_OK) return reason;

    (void)grants_map(r->caller, r->target, in->ref, mfn, gfn, write, &in->handle);
    guest_memory_add_map(r->effects, r->caller, gfn, mfn, ORDER_4K, MAP_GRANT, write);
    in->dev_bus_addr = 0; /* a machine address is nobody's business */
    return REASON_OK;
}

enum reason step_gnttab_unmap(struct request *r) {
    const struct arg_gnttab_unmap *in = &r->in.gnttab_unmap;
    struct grant_mapping mapping;

    if (!grants_mapping_read(r->caller, in->handle, &mapping)) return REASON_NO_ENTRY;
    if (in->host_addr / PAGE_SIZE != mapping.gfn.number) return REASON_EXISTS;
    if (!effects_have_room(r->effects, 2)) return REASON_AGAIN;

    (void)grants_unmap(r->caller, in->handle, r->effects);
    frame_dereference(mapping.mfn, machine_flush_epoch());
    effects_add(r->effects, EFFECT_UNMAP, r->caller)->gfn = mapping.gfn;
    return REASON_OK;
}

/* The frame of one side: granted by another domain if the flag `by_grant` is set, or the caller's
 * own memory. */
static enum reason copy_side(struct request *r, const struct arg_gnttab_copy_side *side,
                             uint16_t by_grant, bool write, struct mfn *mfn) {
    domain_id domain = request_domain(r, side->domid);
    uint32_t reference = (uint32_t)side->frame;
    struct gfn gfn = {side->frame};

    if (domain == DOMAIN_NONE || domains[domain].state == DOMAIN_DYING) return REASON_NO_DOMAIN;
    if ((r->in.gnttab_copy.flags & by_grant) != 0) {
        struct mfn shared = grants_frame(domain, reference / GRANTS_PER_FRAME);
        if (shared.number == MFN_NONE) return REASON_INVALID;
        enum reason reason =
            machine_grant_peek(shared, reference % GRANTS_PER_FRAME, r->caller, write, &gfn);
        if (reason != REASON_OK) return reason;
    } else if (domain != r->caller) {
        return REASON_DENIED; /* a frame number alone reaches one's own memory only */
    }
    struct guest_entry mapped = guest_map_read(domain, gfn);
    if (mapped.kind != MAP_RAM) return REASON_FAULT;
    *mfn = mapped.mfn;
    return REASON_OK;
}

enum reason step_gnttab_copy(struct request *r) {
    const struct arg_gnttab_copy *in = &r->in.gnttab_copy;
    struct mfn source, dest;

    if (in->source.offset > PAGE_SIZE || in->dest.offset > PAGE_SIZE ||
        in->len > PAGE_SIZE - in->source.offset || in->len > PAGE_SIZE - in->dest.offset)
        return REASON_RANGE;
    enum reason reason = copy_side(r, &in->source, GNTCOPY_SOURCE_GREF, false, &source);
    if (reason == REASON_OK) reason = copy_side(r, &in->dest, GNTCOPY_DEST_GREF, true, &dest);
    if (reason != REASON_OK) return reason;

    struct effect *effect = effects_add(r->effects, EFFECT_COPY, r->caller);
    effect->mfn = source;
    effect->offset = in->source.offset;
    effect->target_mfn = dest;
    effect->target_offset = in->dest.offset;
    effect->length = in->len;
    return REASON_OK;
}

enum reason step_gnttab_setup_table(struct request *r) {
    struct arg_gnttab_setup_table *in = &r->in.gnttab_setup;
    enum reason reason = REASON_OK;
    struct mfn mfn;

    /* Frame numbers of the machine are not given out: a translated guest places the frames itself
     * by add_to_physmap, so only growth happens here. */
    if (in->nr_frames > grants_max_frames(r->target))
        reason = REASON_NO_SPACE;
    else if (in->nr_frames > 0)
        reason = grant_table_frame(r, r->target, in->nr_frames - 1, &mfn);
    in->status = reason_grant_status(reason);
    return reason == REASON_AGAIN ? REASON_AGAIN : REASON_OK;
}

enum reason step_gnttab_query_size(struct request *r) {
    struct arg_gnttab_query_size *in = &r->in.gnttab_query;

    in->nr_frames = grants_frames(r->target);
    in->max_nr_frames = grants_max_frames(r->target);
    in->status = 0;
    return REASON_OK;
}

enum reason step_gnttab_set_version(struct request *r) {
    uint32_t asked = r->in.gnttab_version.version;

    r->in.gnttab_version.version = 1;
    if (asked == 1) return REASON_OK;
    return asked == 2 ? REASON_UNSUPPORTED : REASON_INVALID;
}

enum reason step_gnttab_get_version(struct request *r) {
    r->in.gnttab_get_version.version = 1;
    return REASON_OK;
}
