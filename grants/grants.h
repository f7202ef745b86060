/* SPDX-License-Identifier: Apache-2.0 */
/* Grants: who lent which frame to whom, mapped how often. Granting itself is a guest's store into
 * its own table, which no hypervisor sees; mapping and copying are what happens here. Version 1
 * entries (8 bytes: u16 flags, u16 domid, u32 frame). Invariant: the active counts of a (granter,
 * reference) equal the live mappings that name it. Cannot ask the security module. */
#ifndef CORDON_GRANTS_GRANTS_H
#define CORDON_GRANTS_GRANTS_H

#include "hv/abi/reason.h"
#include "hv/abi/types.h"
#include "hv/core/effects.h"

/* One per (granter, reference): how it is mapped now. */
struct active_grant {
    uint32_t readers; /* live read-only mappings */
    uint32_t writers; /* live writable mappings */
};

/* One per live mapping, of the mapping domain; its index is the handle. */
struct grant_mapping {
    bool used;
    bool writable;
    uint16_t granter;
    uint32_t reference;
    struct mfn mfn;
    struct gfn gfn; /* where the mapper sees it */
    uint32_t order; /* of row n: the handle at place n; those in use come first */
    uint32_t place; /* the handle's own */
};

#define MAPPINGS_PER_PAGE (PAGE_SIZE / (uint32_t)sizeof(struct grant_mapping))

/* Bits of an entry's flags that a pin sets: GTF_reading, and GTF_writing if it may write too. */
#define GRANT_PIN_READING 8u
#define GRANT_PIN_WRITING 16u

/* A domain comes to life: no grant frames and no handles yet, at most so many of each. Nothing of
 * an earlier domain of this number is live, be it lent or mapped; else it stays without grants. */
void grants_create(domain_id domain, uint32_t max_frames, uint32_t max_mappings);
uint32_t grants_frames(domain_id domain);
uint32_t grants_max_frames(domain_id domain);
struct mfn grants_frame(domain_id domain, uint32_t index); /* MFN_NONE where absent */
/* The grant table grows by one shared frame; the page of active_grants behind it is backed by the
 * caller's effects. REASON_NO_SPACE at the maximum. */
enum reason grants_add_frame(domain_id domain, struct mfn shared);

uint32_t grants_mappings_backed(domain_id domain); /* handles with storage */
uint32_t grants_mappings_max(domain_id domain);    /* handles that it may use */
/* That many handles now have storage (never fewer than before, and more than the maximum only to
 * fill up a page). */
void grants_back_mappings(domain_id domain, uint32_t handles);
/* A free backed handle exists? */
bool grants_handle_free(domain_id mapper);

/* State of one grant, zero where out of range. */
struct active_grant grants_active(domain_id granter, grant_ref reference);
bool grants_mapping_read(domain_id mapper, uint32_t handle, struct grant_mapping *out);
/* Whose frame a live mapping shows; DOMAIN_NONE if there is no such mapping. */
domain_id grants_granter(domain_id mapper, uint32_t handle);

/* Records a mapping whose entry is pinned and whose frame is referenced. Refusals were checked by
 * the caller with grants_handle_free(); REASON_NO_SPACE otherwise and nothing changed. */
enum reason grants_map(domain_id mapper, domain_id granter, grant_ref reference, struct mfn mfn,
                       struct gfn gfn, bool writable, uint32_t *handle);
/* Ends a mapping; adds EFFECT_UNPIN for the flags that no longer hold, unless the granter is dead.
 * The caller, who has read it, unmaps its gfn and drops the frame's reference. REASON_INVALID: no
 * such handle. */
enum reason grants_unmap(domain_id mapper, uint32_t handle, struct effects *effects);

/* GRANT_PIN_* bits that a pin of this kind set and no live mapping holds: to be cleared after an
 * unmap, a copy, or a map refused after its pin (the counts do not include that pin). */
uint16_t grants_unpin_flags(domain_id granter, grant_ref reference, bool writable);

/* Death of a mapper: any handle in use, false where none is. */
bool grants_any_mapping(domain_id mapper, uint32_t *handle);
/* A mapping of a dead granter's, whose number is needed, names another from now on, `heir`, which
 * never has grants. Else nothing changes. */
void grants_bequeath(domain_id mapper, uint32_t handle, domain_id heir);
/* Death: the domain's table and counts are gone, and it maps no more. Live mappings, by others of
 * its grants and its own, keep their frames until they are unmapped. */
void grants_destroy(domain_id domain);

#endif
