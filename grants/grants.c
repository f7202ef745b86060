/* SPDX-License-Identifier: Apache-2.0 */
/* Grant tables of all domains and the live mappings. Relies on the gate's lock, and on the gate to
 * pin entries and to reference frames; touches a page of storage only after it was said to be
 * backed and while something in it is live. */
#include "grants/grants.h"

#include "grants/storage.h"
#include "hv/core/bits.h"

#define HANDLE_WORDS (MAX_GRANT_MAPPINGS / WORD_BITS)

struct grant_domain {
    uint32_t frames;     /* shared frames present: references below frames * 512 exist */
    uint32_t max_frames; /* 0: not alive */
    uint32_t backed;     /* handles with storage */
    uint32_t max_mappings;
    uint32_t lent; /* live mappings, by anybody, that name it as granter */
    uint32_t used; /* live mappings that it has made */
    struct mfn shared[MAX_GRANT_FRAMES];
};

_Static_assert(sizeof(struct active_grant) * GRANTS_PER_FRAME == PAGE_SIZE,
               "one page of active grants stands behind each grant frame");
_Static_assert(PAGE_SIZE % sizeof(struct grant_mapping) == 0, "no mapping lies in two pages");
_Static_assert(HANDLE_WORDS *WORD_BITS == MAX_GRANT_MAPPINGS, "whole words of handles");

SPARSE struct active_grant active_grants[MAX_DOMAINS][MAX_GRANTS];
SPARSE struct grant_mapping mappings[MAX_DOMAINS][MAX_GRANT_MAPPINGS];

static struct grant_domain domains[MAX_DOMAINS];
/* Bit set: the handle is used. Kept beside `used` in the mapping, so that finding a free handle is
 * 64 loads at most whatever a guest does, and dead rows are never looked at. */
static uint64_t handles[MAX_DOMAINS][HANDLE_WORDS];

static bool grant_exists(domain_id granter, grant_ref reference) {
    return granter < MAX_DOMAINS && reference / GRANTS_PER_FRAME < domains[granter].frames;
}

static bool handle_is_used(domain_id mapper, uint32_t handle) {
    return mapper < MAX_DOMAINS && handle < MAX_GRANT_MAPPINGS &&
           (handles[mapper][handle / WORD_BITS] & bit_of(handle)) != 0;
}

static bool handle_is_usable(domain_id mapper, uint32_t handle) {
    return handle < domains[mapper].backed && handle < domains[mapper].max_mappings;
}

/* First handle at or after `from`, at most MAX_GRANT_MAPPINGS, that is used, or that is free.
 * MAX_GRANT_MAPPINGS if there is none. */
static uint32_t find_handle(domain_id mapper, uint32_t from, bool used) {
    uint32_t word = from / WORD_BITS;
    uint64_t skip = bit_of(from) - 1; /* handles below `from` in its word */

    while (word < HANDLE_WORDS) {
        uint64_t bits = used ? handles[mapper][word] : ~handles[mapper][word];

        bits &= ~skip;
        if (bits != 0) return word * WORD_BITS + bits_lowest(bits);
        skip = 0;
        word++;
    }
    return MAX_GRANT_MAPPINGS;
}

/* Not while anything of an earlier domain of this number is live: its counts would be mixed up with
 * the new domain's. The domain then stays without grants, which is safe. */
void grants_create(domain_id domain, uint32_t max_frames, uint32_t max_mappings) {
    if (domain >= MAX_DOMAINS || max_frames > MAX_GRANT_FRAMES ||
        max_mappings > MAX_GRANT_MAPPINGS || domains[domain].max_frames != 0 ||
        domains[domain].lent != 0 || domains[domain].used != 0)
        return;

    domains[domain].frames = 0;
    domains[domain].max_frames = max_frames;
    domains[domain].backed = 0;
    domains[domain].max_mappings = max_mappings;
}

uint32_t grants_frames(domain_id domain) {
    return domain < MAX_DOMAINS ? domains[domain].frames : 0;
}

uint32_t grants_max_frames(domain_id domain) {
    return domain < MAX_DOMAINS ? domains[domain].max_frames : 0;
}

struct mfn grants_frame(domain_id domain, uint32_t index) {
    if (domain >= MAX_DOMAINS || index >= domains[domain].frames)
        return (struct mfn){.number = MFN_NONE};
    return domains[domain].shared[index];
}

/* The page of active grants arrives zeroed, after this step: it is not touched here. */
enum reason grants_add_frame(domain_id domain, struct mfn shared) {
    if (domain >= MAX_DOMAINS) return REASON_NO_DOMAIN;
    if (domains[domain].frames >= domains[domain].max_frames) return REASON_NO_SPACE;

    domains[domain].shared[domains[domain].frames] = shared;
    domains[domain].frames++;
    return REASON_OK;
}

uint32_t grants_mappings_backed(domain_id domain) {
    return domain < MAX_DOMAINS ? domains[domain].backed : 0;
}

uint32_t grants_mappings_max(domain_id domain) {
    return domain < MAX_DOMAINS ? domains[domain].max_mappings : 0;
}

void grants_back_mappings(domain_id domain, uint32_t count) {
    if (domain < MAX_DOMAINS && count > domains[domain].backed && count <= MAX_GRANT_MAPPINGS)
        domains[domain].backed = count;
}

bool grants_handle_free(domain_id mapper) {
    return mapper < MAX_DOMAINS && handle_is_usable(mapper, find_handle(mapper, 0, false));
}

uint32_t grants_lent(domain_id granter) {
    return granter < MAX_DOMAINS ? domains[granter].lent : 0;
}

struct active_grant grants_active(domain_id granter, grant_ref reference) {
    if (!grant_exists(granter, reference)) return (struct active_grant){.readers = 0};
    return active_grants[granter][reference];
}

bool grants_mapping_read(domain_id mapper, uint32_t handle, struct grant_mapping *out) {
    if (!handle_is_used(mapper, handle)) return false;
    *out = mappings[mapper][handle];
    return true;
}

enum reason grants_map(domain_id mapper, domain_id granter, grant_ref reference, struct mfn mfn,
                       struct gfn gfn, bool writable, uint32_t *handle) {
    uint32_t slot;

    if (mapper >= MAX_DOMAINS) return REASON_NO_DOMAIN;
    if (!grant_exists(granter, reference)) return REASON_INVALID;
    slot = find_handle(mapper, 0, false);
    if (!handle_is_usable(mapper, slot)) return REASON_NO_SPACE;

    mappings[mapper][slot] = (struct grant_mapping){.used = true,
                                                    .writable = writable,
                                                    .granter = granter,
                                                    .reference = reference,
                                                    .mfn = mfn,
                                                    .gfn = gfn};
    handles[mapper][slot / WORD_BITS] |= bit_of(slot);
    domains[mapper].used++;
    domains[granter].lent++;
    if (writable)
        active_grants[granter][reference].writers++;
    else
        active_grants[granter][reference].readers++;
    *handle = slot;
    return REASON_OK;
}

/* The granter's table is there: one mapping fewer, and its flags where they no longer hold. */
static void drop_active(domain_id granter, grant_ref reference, bool writable,
                        struct effects *effects) {
    uint16_t flags;

    if (writable)
        active_grants[granter][reference].writers--;
    else
        active_grants[granter][reference].readers--;
    flags = grants_unpin_flags(granter, reference, writable);
    if (flags != 0) {
        struct effect *effect = effects_add(effects, EFFECT_UNPIN, granter);

        effect->mfn = domains[granter].shared[reference / GRANTS_PER_FRAME];
        effect->value = reference % GRANTS_PER_FRAME;
        effect->flags = flags;
    }
}

enum reason grants_unmap(domain_id mapper, uint32_t handle, struct grant_mapping *old,
                         struct effects *effects) {
    domain_id granter;
    grant_ref reference;

    if (!handle_is_used(mapper, handle)) return REASON_INVALID;
    if (!effects_have_room(effects, 1)) return REASON_AGAIN;

    *old = mappings[mapper][handle];
    granter = mappings[mapper][handle].granter;
    reference = mappings[mapper][handle].reference;
    mappings[mapper][handle].used = false;
    handles[mapper][handle / WORD_BITS] &= ~bit_of(handle);
    domains[mapper].used--;
    domains[granter].lent--;
    /* A granter that died took its table and counts with it. */
    if (grant_exists(granter, reference)) drop_active(granter, reference, old->writable, effects);
    return REASON_OK;
}

bool grants_find(domain_id mapper, struct gfn gfn, uint32_t *handle) {
    uint32_t slot;

    if (mapper >= MAX_DOMAINS) return false;
    slot = find_handle(mapper, 0, true);
    while (slot < MAX_GRANT_MAPPINGS) {
        if (mappings[mapper][slot].gfn.number == gfn.number) {
            *handle = slot;
            return true;
        }
        slot = find_handle(mapper, slot + 1, true);
    }
    return false;
}

uint16_t grants_unpin_flags(domain_id granter, grant_ref reference, bool writable) {
    struct active_grant active = grants_active(granter, reference);
    unsigned flags = 0;

    if (writable && active.writers == 0) flags |= GRANT_PIN_WRITING;
    /* A writer reads too. */
    if (active.readers == 0 && active.writers == 0) flags |= GRANT_PIN_READING;
    return (uint16_t)flags;
}

bool grants_next_mapping(domain_id mapper, uint32_t *cursor) {
    uint32_t slot;

    if (mapper >= MAX_DOMAINS || *cursor >= MAX_GRANT_MAPPINGS) return false;
    slot = find_handle(mapper, *cursor, true);
    if (slot >= MAX_GRANT_MAPPINGS) return false;
    *cursor = slot;
    return true;
}

/* What it mapped itself stays until it is unmapped, handle by handle. */
void grants_destroy(domain_id domain) {
    if (domain >= MAX_DOMAINS) return;

    domains[domain].frames = 0;
    domains[domain].max_frames = 0;
    domains[domain].backed = 0;
    domains[domain].max_mappings = 0;
}
