/* SPDX-License-Identifier: Apache-2.0 */
/* Chunks of 512 frames know how many of theirs are clean and free, and stand in an order, so that
 * nothing is searched for. Relies on the frame table for telling each change once. */
#include "hv/core/frame_chunks.h"

#define CHUNK_FRAMES 512u

/* The order holds each chunk once: first those that are whole (all of their frames are CLEAN), then
 * those that have some CLEAN frame, then the others. */
struct frame_chunk {
    uint32_t top;    /* of its CLEAN frames: a stack, linked in the table */
    uint32_t place;  /* of this chunk in the order */
    uint32_t member; /* of the order: the chunk whose place this is */
    uint16_t clean;  /* frames that are CLEAN */
    uint16_t free;   /* CLEAN, DIRTY, SCRUBBING or FLUSHING: clean sooner or later */
};

_Static_assert(sizeof(struct frame_chunk) == 16, "chunks take 1/131072 of memory");

static struct frame_chunk *chunks;
static uint32_t whole_end, clean_end; /* places at which the next part of the order begins */
static uint32_t free_chunks;          /* chunks of which all frames are free */
static uint32_t singles;              /* the chunk that single frames come from */

uint64_t frames_chunk_bytes(uint64_t count) {
    uint64_t whole = count / CHUNK_FRAMES + (count % CHUNK_FRAMES != 0 ? 1 : 0);

    return whole * sizeof(struct frame_chunk);
}

void chunks_start(struct frame_chunk *table, uint32_t frames) {
    uint32_t limit = frames / CHUNK_FRAMES + (frames % CHUNK_FRAMES != 0 ? 1 : 0);

    chunks = table;
    whole_end = clean_end = free_chunks = singles = 0;
    for (uint32_t i = 0; i < limit; i++)
        chunks[i] = (struct frame_chunk){.top = FRAME_NONE, .place = i, .member = i};
}

/* Changes places with the chunk whose place that is. */
static inline void order_move(uint32_t chunk, uint32_t place) {
    uint32_t other = chunks[place].member;
    uint32_t before = chunks[chunk].place;

    chunks[before].member = other;
    chunks[other].place = before;
    chunks[place].member = chunk;
    chunks[chunk].place = place;
}

static inline void set_clean(uint32_t chunk, uint32_t clean) {
    uint32_t before = chunks[chunk].clean;

    if (before == CHUNK_FRAMES) order_move(chunk, --whole_end);
    if (before == 0) order_move(chunk, clean_end++);
    chunks[chunk].clean = (uint16_t)clean;
    if (clean == 0) order_move(chunk, --clean_end);
    if (clean == CHUNK_FRAMES) order_move(chunk, whole_end++);
}

static inline void set_free(uint32_t chunk, uint32_t free) {
    if (chunks[chunk].free == CHUNK_FRAMES) free_chunks--;
    chunks[chunk].free = (uint16_t)free;
    if (free == CHUNK_FRAMES) free_chunks++;
}

/* Whole chunks are broken last: they serve the larger order. One that is broken is used up before
 * the next is begun, or chunks that are on their way to be whole would lose a frame each. */
static uint32_t propose_one(void) {
    uint32_t place = whole_end < clean_end ? whole_end : whole_end - 1;

    if (clean_end == 0) return FRAME_NONE;
    if (chunks[singles].clean == 0 || chunks[singles].clean == CHUNK_FRAMES)
        singles = chunks[place].member;
    return chunks[singles].top;
}

uint32_t chunks_propose(unsigned order) {
    if (order == ORDER_4K) return propose_one();
    return whole_end != 0 ? chunks[whole_end - 1].member * CHUNK_FRAMES : FRAME_NONE;
}

bool chunks_expect_whole(void) { return free_chunks != 0; }

void chunks_add_free(uint32_t number) {
    set_free(number / CHUNK_FRAMES, chunks[number / CHUNK_FRAMES].free + 1u);
}

uint32_t chunks_add_clean(uint32_t number) {
    uint32_t chunk = number / CHUNK_FRAMES;
    uint32_t below = chunks[chunk].top;

    chunks[chunk].top = number;
    set_clean(chunk, chunks[chunk].clean + 1u);
    return below;
}

void chunks_take(uint32_t first, unsigned order, uint32_t below) {
    uint32_t chunk = first / CHUNK_FRAMES;

    if (order == ORDER_4K) {
        chunks[chunk].top = below;
        set_clean(chunk, chunks[chunk].clean - 1u);
        set_free(chunk, chunks[chunk].free - 1u);
        return;
    }
    set_clean(chunk, 0);
    set_free(chunk, 0);
}
