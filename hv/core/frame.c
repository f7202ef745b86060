/* SPDX-License-Identifier: Apache-2.0 */
/* The frame table. Chunks of 512 frames know which of theirs are clean and dirty, groups of 512
 * chunks how many of theirs are whole, so that no search is longer than a bitmap or the list of
 * groups. Relies on the gate's lock and on callers' flush epochs; zeroing is hv/x86's. */
#include "hv/core/frame.h"

#include "hv/core/bits.h"

#define CHUNK_FRAMES 512u
#define CHUNK_WORDS (CHUNK_FRAMES / WORD_BITS)
#define GROUP_CHUNKS 512u
#define GROUPS_MAX 16384u /* 2^32 frames of 2^18 each */
#define NONE UINT32_MAX   /* end of a list; so the last frame number is not used */
#define EPOCH_HALF (1u << 31)
#define FLUSHED_PER_CALL 192u
#define LOOKED_AT_PER_CALL 1024u

/* A chunk stands in PARTIAL while 1 .. 511 of its frames are CLEAN, in WHOLE while all are, and in
 * UNCLEAN while at least one is DIRTY. */
enum chunk_list { LIST_PARTIAL, LIST_WHOLE, LIST_UNCLEAN, LIST_COUNT };
enum chunk_link { LINK_CLEAN, LINK_UNCLEAN, LINK_COUNT };

struct frame_chunk {
    uint64_t clean[CHUNK_WORDS]; /* bit set: the frame is CLEAN */
    uint64_t dirty[CHUNK_WORDS]; /* bit set: the frame is DIRTY */
    uint32_t next[LINK_COUNT];   /* circular lists */
    uint32_t previous[LINK_COUNT];
    uint16_t clean_count;
    uint16_t dirty_count;
    uint16_t free_count; /* CLEAN, DIRTY, SCRUBBING or FLUSHING: clean sooner or later */
};

struct frame_group {
    uint16_t whole; /* chunks of which all frames are CLEAN */
    uint16_t free;  /* chunks of which all frames are free */
};

_Static_assert(sizeof(struct frame) == 16, "the table takes 1/256 of memory");
_Static_assert(sizeof(struct frame_chunk) <= 160, "chunks take 1/13000 of memory");

static struct frame *frames;
static struct frame_chunk *chunks;
static uint32_t frame_limit; /* frames 0 .. frame_limit - 1 have an entry */
static uint32_t group_limit;

static struct frame_group groups[GROUPS_MAX];
static uint32_t heads[LIST_COUNT];
static uint64_t counts[FRAME_FLUSHING + 1]; /* frames in each state */
static uint64_t free_chunks;                /* chunks of which all frames are free */
static uint32_t owned[MAX_DOMAINS];
static uint32_t first_share;                   /* frames that domain 0 has or can always take */
static uint32_t flushing_first, flushing_last; /* oldest to newest, linked through gfn */

static bool frame_exists(struct mfn mfn) { return mfn.number < frame_limit; }

static bool state_is_free(enum frame_state state) {
    return state == FRAME_CLEAN || state == FRAME_DIRTY || state == FRAME_SCRUBBING ||
           state == FRAME_FLUSHING;
}

/* --- lists of chunks ------------------------------------------------------------------------ */

static enum chunk_link link_of(enum chunk_list list) {
    return list == LIST_UNCLEAN ? LINK_UNCLEAN : LINK_CLEAN;
}

/* At the end: the first chunk of a list is used up before the next is begun. */
static void list_append(enum chunk_list list, uint32_t chunk) {
    enum chunk_link link = link_of(list);
    uint32_t first = heads[list];
    uint32_t last;

    if (first == NONE) {
        chunks[chunk].next[link] = chunk;
        chunks[chunk].previous[link] = chunk;
        heads[list] = chunk;
        return;
    }
    last = chunks[first].previous[link];
    chunks[chunk].next[link] = first;
    chunks[chunk].previous[link] = last;
    chunks[last].next[link] = chunk;
    chunks[first].previous[link] = chunk;
}

static void list_remove(enum chunk_list list, uint32_t chunk) {
    enum chunk_link link = link_of(list);
    uint32_t next = chunks[chunk].next[link];
    uint32_t previous = chunks[chunk].previous[link];

    if (next == chunk) {
        heads[list] = NONE;
        return;
    }
    chunks[next].previous[link] = previous;
    chunks[previous].next[link] = next;
    if (heads[list] == chunk) heads[list] = next;
}

/* --- what a chunk knows of its frames ------------------------------------------------------- */

static inline void chunk_add_free(uint32_t chunk) {
    chunks[chunk].free_count++;
    if (chunks[chunk].free_count == CHUNK_FRAMES) {
        groups[chunk / GROUP_CHUNKS].free++;
        free_chunks++;
    }
}

static void chunk_remove_free(uint32_t chunk) {
    if (chunks[chunk].free_count == CHUNK_FRAMES) {
        groups[chunk / GROUP_CHUNKS].free--;
        free_chunks--;
    }
    chunks[chunk].free_count--;
}

static void chunk_add_clean(uint32_t chunk, uint32_t index) {
    chunks[chunk].clean[index / WORD_BITS] |= bit_of(index);
    chunks[chunk].clean_count++;
    if (chunks[chunk].clean_count == 1) {
        list_append(LIST_PARTIAL, chunk);
    } else if (chunks[chunk].clean_count == CHUNK_FRAMES) {
        list_remove(LIST_PARTIAL, chunk);
        list_append(LIST_WHOLE, chunk);
        groups[chunk / GROUP_CHUNKS].whole++;
    }
}

static void chunk_remove_clean(uint32_t chunk, uint32_t index) {
    if (chunks[chunk].clean_count == CHUNK_FRAMES) {
        list_remove(LIST_WHOLE, chunk);
        list_append(LIST_PARTIAL, chunk);
        groups[chunk / GROUP_CHUNKS].whole--;
    } else if (chunks[chunk].clean_count == 1) {
        list_remove(LIST_PARTIAL, chunk);
    }
    chunks[chunk].clean[index / WORD_BITS] &= ~bit_of(index);
    chunks[chunk].clean_count--;
}

static void chunk_add_dirty(uint32_t chunk, uint32_t index) {
    chunks[chunk].dirty[index / WORD_BITS] |= bit_of(index);
    chunks[chunk].dirty_count++;
    if (chunks[chunk].dirty_count == 1) list_append(LIST_UNCLEAN, chunk);
}

static void chunk_remove_dirty(uint32_t chunk, uint32_t index) {
    chunks[chunk].dirty[index / WORD_BITS] &= ~bit_of(index);
    chunks[chunk].dirty_count--;
    if (chunks[chunk].dirty_count == 0) list_remove(LIST_UNCLEAN, chunk);
}

/* Where one frame changes its state, but for frame_flush_later(); chunk_take() is for a whole
 * chunk.
 */
static void frame_set_state(uint32_t number, enum frame_state state) {
    enum frame_state old = (enum frame_state)frames[number].state;
    uint32_t chunk = number / CHUNK_FRAMES;

    if (old == FRAME_CLEAN)
        chunk_remove_clean(chunk, number % CHUNK_FRAMES);
    else if (old == FRAME_DIRTY)
        chunk_remove_dirty(chunk, number % CHUNK_FRAMES);
    if (state_is_free(old) && !state_is_free(state))
        chunk_remove_free(chunk);
    else if (!state_is_free(old) && state_is_free(state))
        chunk_add_free(chunk);
    if (state == FRAME_CLEAN)
        chunk_add_clean(chunk, number % CHUNK_FRAMES);
    else if (state == FRAME_DIRTY)
        chunk_add_dirty(chunk, number % CHUNK_FRAMES);
    counts[old]--;
    counts[state]++;
    frames[number].state = (uint8_t)state;
}

/* --- start ---------------------------------------------------------------------------------- */

uint64_t frames_chunk_bytes(uint64_t count) {
    uint64_t whole = count / CHUNK_FRAMES + (count % CHUNK_FRAMES != 0 ? 1 : 0);

    return whole * sizeof(struct frame_chunk);
}

static void reset_totals(void) {
    for (uint32_t group = 0; group < GROUPS_MAX; group++)
        groups[group] = (struct frame_group){.whole = 0};
    for (uint32_t list = 0; list < LIST_COUNT; list++) heads[list] = NONE;
    for (uint32_t state = 0; state <= FRAME_FLUSHING; state++) counts[state] = 0;
    for (uint32_t domain = 0; domain < MAX_DOMAINS; domain++) owned[domain] = 0;
    counts[FRAME_ABSENT] = frame_limit;
    free_chunks = 0;
    flushing_first = NONE;
    flushing_last = NONE;
}

/* Memory above 16 TiB stays unused: frame numbers are links of 32 bits. */
void frames_start(struct frame *table, struct frame_chunk *chunk_table, uint64_t count) {
    uint32_t chunk_limit;

    frames = table;
    chunks = chunk_table;
    frame_limit = count < NONE ? (uint32_t)count : NONE;
    chunk_limit = frame_limit / CHUNK_FRAMES + (frame_limit % CHUNK_FRAMES != 0 ? 1 : 0);
    group_limit = chunk_limit / GROUP_CHUNKS + (chunk_limit % GROUP_CHUNKS != 0 ? 1 : 0);
    reset_totals();
    for (uint32_t number = 0; number < frame_limit; number++)
        frames[number] = (struct frame){.owner = DOMAIN_NONE, .state = FRAME_ABSENT};
    for (uint32_t chunk = 0; chunk < chunk_limit; chunk++)
        chunks[chunk] = (struct frame_chunk){.free_count = 0};
}

/* Frames that a domain has or had, or that are being zeroed, are no longer boot's to give. */
void frames_set_range(uint64_t first, uint64_t count, enum frame_state state) {
    if (first >= frame_limit ||
        (state != FRAME_ABSENT && state != FRAME_HYPERVISOR && state != FRAME_DIRTY))
        return;
    if (count > frame_limit - first) count = frame_limit - first;
    for (uint64_t number = first; number < first + count; number++) {
        uint8_t old = frames[number].state;

        if (old != FRAME_OWNED && old != FRAME_FLUSHING && old != FRAME_SCRUBBING)
            frame_set_state((uint32_t)number, state);
    }
}

/* --- reads ---------------------------------------------------------------------------------- */

struct frame frame_read(struct mfn mfn) {
    if (!frame_exists(mfn)) return (struct frame){.owner = DOMAIN_NONE, .state = FRAME_ABSENT};
    return frames[mfn.number];
}

uint64_t frames_count_free(void) {
    return counts[FRAME_CLEAN] + counts[FRAME_DIRTY] + counts[FRAME_SCRUBBING] +
           counts[FRAME_FLUSHING];
}

uint64_t frames_count_clean(void) { return counts[FRAME_CLEAN]; }

uint64_t frames_free_to(domain_id owner) {
    uint64_t free = frames_count_free();
    uint32_t kept = owner == 0 || owned[0] >= first_share ? 0 : first_share - owned[0];

    return free > kept ? free - kept : 0;
}

enum reason frames_await(domain_id owner, uint32_t count) {
    if (frames_free_to(owner) < count) return REASON_NO_MEMORY;
    return counts[FRAME_CLEAN] < count ? REASON_AGAIN : REASON_OK;
}

void frames_share(uint32_t count) { first_share = count; }

uint64_t frames_count_total(void) { return frame_limit - counts[FRAME_ABSENT]; }

uint64_t frames_count_hypervisor(void) { return counts[FRAME_HYPERVISOR]; }

uint32_t frames_owned_by(domain_id domain) { return domain < MAX_DOMAINS ? owned[domain] : 0; }

/* --- allocation ----------------------------------------------------------------------------- */

/* Position of the first clean (or dirty) frame of a chunk that has one. */
static uint32_t chunk_first_clean(uint32_t chunk) {
    uint32_t word = 0;

    while (word < CHUNK_WORDS - 1 && chunks[chunk].clean[word] == 0) word++;
    return word * WORD_BITS + bits_lowest(chunks[chunk].clean[word]);
}

static uint32_t chunk_first_dirty(uint32_t chunk) {
    uint32_t word = 0;

    while (word < CHUNK_WORDS - 1 && chunks[chunk].dirty[word] == 0) word++;
    return word * WORD_BITS + bits_lowest(chunks[chunk].dirty[word]);
}

static struct frame owned_frame(domain_id owner, enum frame_use use) {
    return (struct frame){
        .owner = owner, .state = FRAME_OWNED, .use = (uint8_t)use, .gfn = UINT32_MAX};
}

/* A whole chunk changes from CLEAN to OWNED. */
static void chunk_take(uint32_t chunk, domain_id owner, enum frame_use use) {
    list_remove(LIST_WHOLE, chunk);
    groups[chunk / GROUP_CHUNKS].whole--;
    groups[chunk / GROUP_CHUNKS].free--;
    free_chunks--;
    for (uint32_t word = 0; word < CHUNK_WORDS; word++) chunks[chunk].clean[word] = 0;
    chunks[chunk].clean_count = 0;
    chunks[chunk].free_count = 0;
    for (uint32_t index = 0; index < CHUNK_FRAMES; index++)
        frames[chunk * CHUNK_FRAMES + index] = owned_frame(owner, use);
    counts[FRAME_CLEAN] -= CHUNK_FRAMES;
    counts[FRAME_OWNED] += CHUNK_FRAMES;
    owned[owner] += CHUNK_FRAMES;
}

static enum reason allocate_one(domain_id owner, enum frame_use use, struct mfn *first) {
    /* Whole chunks are broken last: they serve the larger orders. */
    uint32_t chunk = heads[LIST_PARTIAL] != NONE ? heads[LIST_PARTIAL] : heads[LIST_WHOLE];
    uint32_t number;

    if (chunk == NONE) return frames_count_free() != 0 ? REASON_AGAIN : REASON_NO_MEMORY;

    number = chunk * CHUNK_FRAMES + chunk_first_clean(chunk);
    frame_set_state(number, FRAME_OWNED);
    frames[number] = owned_frame(owner, use);
    owned[owner]++;
    first->number = number;
    return REASON_OK;
}

static enum reason allocate_chunk(domain_id owner, enum frame_use use, struct mfn *first) {
    uint32_t chunk = heads[LIST_WHOLE];

    if (chunk == NONE) return free_chunks != 0 ? REASON_AGAIN : REASON_NO_MEMORY;

    chunk_take(chunk, owner, use);
    first->number = (uint64_t)chunk * CHUNK_FRAMES;
    return REASON_OK;
}

static enum reason allocate_group(domain_id owner, enum frame_use use, struct mfn *first) {
    enum reason refusal = REASON_NO_MEMORY;
    uint32_t group = 0;

    while (group < group_limit && groups[group].whole != GROUP_CHUNKS) {
        if (groups[group].free == GROUP_CHUNKS) refusal = REASON_AGAIN;
        group++;
    }
    if (group == group_limit) return refusal;

    for (uint32_t index = 0; index < GROUP_CHUNKS; index++)
        chunk_take(group * GROUP_CHUNKS + index, owner, use);
    first->number = (uint64_t)group * GROUP_CHUNKS * CHUNK_FRAMES;
    return REASON_OK;
}

/* The last allocation found too little that is clean. */
static bool short_of_clean;

enum reason frames_allocate(domain_id owner, enum frame_use use, unsigned order,
                            struct mfn *first) {
    bool known = order == ORDER_4K || order == ORDER_2M || order == ORDER_1G;
    enum reason reason = REASON_INVALID;

    if (owner >= MAX_DOMAINS) return REASON_NO_DOMAIN;
    if (known && frames_free_to(owner) < 1u << order) return REASON_NO_MEMORY;
    if (order == ORDER_4K) reason = allocate_one(owner, use, first);
    if (order == ORDER_2M) reason = allocate_chunk(owner, use, first);
    if (order == ORDER_1G) reason = allocate_group(owner, use, first);
    short_of_clean = reason == REASON_AGAIN;
    return reason;
}

enum reason frames_keep(struct mfn *mfn) {
    enum reason reason = frames_await(DOMAIN_NONE, 1);

    if (reason == REASON_OK) reason = frames_allocate(0, FRAME_STATE, ORDER_4K, mfn);
    if (reason == REASON_OK) {
        owned[0]--;
        frame_set_state((uint32_t)mfn->number, FRAME_HYPERVISOR);
        frames[mfn->number].owner = DOMAIN_NONE;
    }
    return reason;
}

bool frames_want_scrubbing(void) { return short_of_clean || frames_count_clean() < CLEAN_RESERVE; }

/* --- life with an owner --------------------------------------------------------------------- */

static bool frame_is_owned(struct mfn mfn) {
    return frame_exists(mfn) && frames[mfn.number].state == FRAME_OWNED;
}

void frame_place(struct mfn mfn, struct gfn gfn) {
    if (frame_is_owned(mfn)) frames[mfn.number].gfn = (uint32_t)gfn.number;
}

enum reason frame_reference(struct mfn mfn) {
    if (!frame_is_owned(mfn) ||
        (frames[mfn.number].use != FRAME_RAM && frames[mfn.number].use != FRAME_GRANT_TABLE))
        return REASON_INVALID;
    if (frames[mfn.number].references == UINT32_MAX) return REASON_NO_SPACE;

    frames[mfn.number].references++;
    return REASON_OK;
}

/* OWNED without references -> FLUSHING, last of the queue. Kept short: a large page is 512 of them
 * in one hold of the lock. */
static inline void frame_flush_later(uint32_t number, uint32_t epoch) {
    owned[frames[number].owner]--;
    chunk_add_free(number / CHUNK_FRAMES);
    counts[FRAME_OWNED]--;
    counts[FRAME_FLUSHING]++;
    frames[number] =
        (struct frame){.owner = DOMAIN_NONE, .state = FRAME_FLUSHING, .gfn = NONE, .epoch = epoch};
    if (flushing_last == NONE)
        flushing_first = number;
    else
        frames[flushing_last].gfn = number;
    flushing_last = number;
}

void frame_dereference(struct mfn mfn, uint32_t epoch) {
    if (!frame_is_owned(mfn) || frames[mfn.number].references == 0) return;

    frames[mfn.number].references--;
    if (frames[mfn.number].references == 0 && frames[mfn.number].use == FRAME_ORPHAN)
        frame_flush_later((uint32_t)mfn.number, epoch);
}

void frame_disown(struct mfn mfn, uint32_t epoch) { frames_disown(mfn, 1, epoch); }

void frames_disown(struct mfn first, uint32_t count, uint32_t epoch) {
    if (!frame_exists(first)) return;
    if (count > frame_limit - first.number) count = frame_limit - (uint32_t)first.number;

    for (uint32_t i = 0, number = (uint32_t)first.number; i < count; i++, number++) {
        if (frames[number].state != FRAME_OWNED) continue;
        if (frames[number].references != 0) {
            frames[number].use = FRAME_ORPHAN;
            frames[number].gfn = NONE;
        } else {
            frame_flush_later(number, epoch);
        }
    }
}

bool frames_bequeath(domain_id from, domain_id to, uint32_t *cursor) {
    uint32_t end =
        frame_limit - *cursor < LOOKED_AT_PER_CALL ? frame_limit : *cursor + LOOKED_AT_PER_CALL;

    for (uint32_t number = *cursor; number < end; number++) {
        struct frame *frame = &frames[number];

        if (frame->state != FRAME_OWNED || frame->owner != from || frame->use != FRAME_ORPHAN)
            continue;
        frame->owner = to;
        owned[from]--;
        owned[to]++;
    }
    *cursor = end;
    return end == frame_limit;
}

/* --- on the way back ------------------------------------------------------------------------ */

/* Did the oldest FLUSHING frame leave before `epoch`, counting modulo 2^32? */
static bool flush_is_done(uint32_t epoch) {
    return flushing_first != NONE && frames[flushing_first].epoch != epoch &&
           (uint32_t)(epoch - frames[flushing_first].epoch) < EPOCH_HALF;
}

bool frames_flushed(uint32_t epoch) {
    for (uint32_t taken = 0; taken < FLUSHED_PER_CALL && flush_is_done(epoch); taken++) {
        uint32_t number = flushing_first;

        flushing_first = frames[number].gfn;
        if (flushing_first == NONE) flushing_last = NONE;
        frames[number].gfn = 0;
        frames[number].epoch = 0;
        frame_set_state(number, FRAME_DIRTY);
    }
    return flush_is_done(epoch);
}

uint32_t frames_scrub_take(struct mfn *out, uint32_t max) {
    uint32_t taken = 0;

    while (taken < max && heads[LIST_UNCLEAN] != NONE) {
        uint32_t chunk = heads[LIST_UNCLEAN];
        uint32_t number = chunk * CHUNK_FRAMES + chunk_first_dirty(chunk);

        frame_set_state(number, FRAME_SCRUBBING);
        out[taken].number = number;
        taken++;
    }
    return taken;
}

void frame_scrubbed(struct mfn mfn) {
    if (frame_exists(mfn) && frames[mfn.number].state == FRAME_SCRUBBING)
        frame_set_state((uint32_t)mfn.number, FRAME_CLEAN);
}
