/* SPDX-License-Identifier: Apache-2.0 */
/* Who owns each machine frame: exactly one owner, from boot to power-off. A frame that leaves a
 * domain is not reused before every TLB that could hold it was flushed and it was zeroed: FLUSHING
 * and DIRTY are states of this table, not habits of its callers.
 *
 *   CLEAN --allocate--> OWNED --disown, no references--> FLUSHING --flushed--> DIRTY
 *     ^                                                                          |
 *     +------------- scrubbed ---- SCRUBBING <------------ scrub_take -----------+ */
#ifndef CORDON_CORE_FRAME_H
#define CORDON_CORE_FRAME_H

#include "hv/abi/reason.h"
#include "hv/abi/types.h"

enum frame_state {
    FRAME_ABSENT,     /* no RAM, or reserved by firmware */
    FRAME_HYPERVISOR, /* image, tables, stacks, boot modules: never given to a guest */
    FRAME_DIRTY,
    FRAME_SCRUBBING,
    FRAME_CLEAN,
    FRAME_OWNED,
    FRAME_FLUSHING,
};

enum frame_use {
    FRAME_RAM,    /* in its owner's guest-physical map at `gfn` */
    FRAME_ORPHAN, /* taken out of the owner's map, still referenced by mappings */
    FRAME_SHARED_INFO,
    FRAME_GRANT_TABLE,
    FRAME_TABLE, /* nested page table page, or reserved to become one */
    FRAME_STATE, /* backs sparse arrays, VMCB, XSAVE area: no guest sees it */
};

struct frame {
    domain_id owner;
    uint8_t state;       /* enum frame_state */
    uint8_t use;         /* enum frame_use, of an OWNED frame */
    uint32_t references; /* live foreign and grant mappings by others */
    uint32_t gfn;        /* FRAME_RAM: where its owner sees it; else a list link */
    uint32_t epoch;      /* FLUSHING: flush epoch at which it left */
};

#define ORDER_4K 0u
#define ORDER_2M 9u

/* `table` has one entry a frame for machine frames 0 .. count - 1, `chunks` one for each 512
 * frames; all entries start ABSENT. Called once. */
struct frame_chunk;
void frames_start(struct frame *table, struct frame_chunk *chunks, uint64_t count);
uint64_t frames_chunk_bytes(uint64_t count); /* size of the chunk array for that many frames */
/* Boot: the ABSENT ones of frames first .. first + count - 1 become HYPERVISOR or DIRTY. What has a
 * state keeps it, so HYPERVISOR is said first. */
void frames_set_range(uint64_t first, uint64_t count, enum frame_state state);

/* Reads; a frame number out of range reads as ABSENT. */
struct frame frame_read(struct mfn mfn);
uint64_t frames_count_free(void); /* CLEAN + DIRTY + SCRUBBING + FLUSHING */
uint64_t frames_count_clean(void);
uint64_t frames_count_total(void); /* all but ABSENT */
uint64_t frames_count_hypervisor(void);
/* Free frames that this owner may take: domain 0 all, the others not those of its share. */
uint64_t frames_free_to(domain_id owner);
uint32_t frames_owned_by(domain_id domain); /* every frame charged to it, whatever its use */

/* From now on domain 0 has, or can take, that many frames: what it lacks of them no other may take,
 * so that it can be built anew in a full machine. */
void frames_share(uint32_t count);

/* Whether single frames, so many, can be taken: REASON_AGAIN and REASON_NO_MEMORY as below. */
enum reason frames_await(domain_id owner, uint32_t count);
/* Takes 2^order aligned CLEAN frames (order 0, 9 or 18). REASON_AGAIN: enough memory is free but
 * not clean yet: scrub and retry. REASON_NO_MEMORY: not enough, or none contiguous. RAM frames must
 * then be placed with frames_place(). */
enum reason frames_allocate(domain_id owner, enum frame_use use, unsigned order, struct mfn *first);
/* RAM: where the owner sees it; other uses: a link of the owner's, 32 bits are kept. OWNED frames
 * only. */
void frame_place(struct mfn mfn, struct gfn gfn);
/* The same of frames one after the other; of each, 32 bits are all. */
void frames_place(struct mfn first, uint32_t count, struct gfn gfn);

/* Takes one CLEAN frame for the hypervisor's own use, for good. */
enum reason frames_keep(struct mfn *mfn);

/* A mapping by another domain takes and drops a reference. Take refuses what is not
 * OWNED RAM or a grant table frame. */
enum reason frame_reference(struct mfn mfn);
/* Last drop on an ORPHAN sends it to FLUSHING at `epoch`. */
void frame_dereference(struct mfn mfn, uint32_t epoch);

/* The owner gives it up: ORPHAN while referenced, else FLUSHING at `epoch`. */
void frame_disown(struct mfn mfn, uint32_t epoch);
void frames_disown(struct mfn first, uint32_t count, uint32_t epoch);

/* Orphans of `from` pass to another owner; bounded: *cursor (at first 0) tells where to go on. True
 * when every frame was looked at. */
bool frames_bequeath(domain_id from, domain_id to, uint32_t *cursor);

/* All FLUSHING frames that left before `epoch` become DIRTY; bounded (at most 192 a call, returns
 * true if more remain). Epochs compare modulo 2^32. */
bool frames_flushed(uint32_t epoch);

/* Zeroing is worth while: the last allocation found too little clean, or less than a reserve is. */
#define CLEAN_RESERVE 16384u /* 64 MiB */
bool frames_want_scrubbing(void);
/* Background zeroing: take up to `max` DIRTY frames (they become SCRUBBING), zero them without the
 * lock, then give each back as CLEAN. Returns how many were taken. */
uint32_t frames_scrub_take(struct mfn *out, uint32_t max);
void frame_scrubbed(struct mfn mfn);

#endif
