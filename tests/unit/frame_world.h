/* SPDX-License-Identifier: Apache-2.0 */
/* What stands around the frame table in its test: a machine that flushes and scrubs, a model that
 * looks at every frame, and the invariant. Included by one file. */
#ifndef CORDON_TESTS_FRAME_WORLD_H
#define CORDON_TESTS_FRAME_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hv/core/frame.h"

#define SMALL (512u * 6u + 100u)
#define DOMAINS 10u
#define STEPS 30000u
#define NO_OWNER DOMAIN_NONE

static uint64_t seed = 4101842887655102017ull;
static struct frame *table;
static struct frame_chunk *chunks;
static uint32_t limit;
static uint32_t epoch;

static uint32_t any(uint32_t bound) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % bound);
}

static domain_id id_of(uint32_t index) {
    return (domain_id)(index == DOMAINS - 1 ? MAX_DOMAINS - 1 : index * 11);
}

static struct mfn at(uint64_t number) { return (struct mfn){.number = number}; }

static enum frame_state state_of(uint64_t number) {
    return (enum frame_state)frame_read(at(number)).state;
}

static void begin(uint32_t frames) {
    limit = frames;
    table = malloc(frames * sizeof *table);
    chunks = malloc(frames_chunk_bytes(frames));
    assert_non_null(table);
    assert_non_null(chunks);
    frames_start(table, chunks, frames);
}

static int finish(void **state) {
    (void)state;
    free(table);
    free(chunks);
    table = NULL;
    chunks = NULL;
    return 0;
}

static void scrub_all(void) {
    struct mfn taken[64];
    uint32_t count = frames_scrub_take(taken, 64);

    while (count != 0) {
        for (uint32_t index = 0; index < count; index++) {
            assert_int_equal(state_of(taken[index].number), FRAME_SCRUBBING);
            frame_scrubbed(taken[index]);
        }
        count = frames_scrub_take(taken, 64);
    }
}

static void flush_all(void) {
    epoch++;
    while (frames_flushed(epoch)) {
    }
}

/* --- invariant ------------------------------------------------------------------------------ */

static bool is_free(enum frame_state state) {
    return state == FRAME_CLEAN || state == FRAME_DIRTY || state == FRAME_SCRUBBING ||
           state == FRAME_FLUSHING;
}

static void check_all(void) {
    uint64_t in_state[FRAME_FLUSHING + 1] = {0};
    uint32_t owned[MAX_DOMAINS] = {0};

    for (uint32_t number = 0; number < limit; number++) {
        struct frame frame = frame_read(at(number));

        assert_true(frame.state <= FRAME_FLUSHING);
        in_state[frame.state]++;
        if (frame.state == FRAME_OWNED) {
            assert_true(frame.owner < MAX_DOMAINS);
            assert_true(frame.use <= FRAME_STATE);
            assert_true(frame.use != FRAME_ORPHAN || frame.references != 0);
            owned[frame.owner]++;
        } else {
            assert_int_equal(frame.owner, NO_OWNER);
            assert_int_equal(frame.references, 0);
        }
    }
    assert_int_equal(frames_count_clean(), in_state[FRAME_CLEAN]);
    assert_int_equal(frames_count_free(), in_state[FRAME_CLEAN] + in_state[FRAME_DIRTY] +
                                              in_state[FRAME_SCRUBBING] + in_state[FRAME_FLUSHING]);
    assert_int_equal(frames_count_total(), limit - in_state[FRAME_ABSENT]);
    assert_int_equal(frames_count_hypervisor(), in_state[FRAME_HYPERVISOR]);
    for (uint32_t domain = 0; domain < MAX_DOMAINS; domain++)
        assert_int_equal(frames_owned_by((domain_id)domain), owned[domain]);
}

/* What an allocation must answer, found by looking at every frame. */
static enum reason expected_answer(unsigned order) {
    uint32_t size = 1u << order;
    enum reason answer = REASON_NO_MEMORY;

    for (uint32_t first = 0; size <= limit && first <= limit - size; first += size) {
        bool all_clean = true;
        bool all_free = true;

        for (uint32_t number = first; number < first + size && all_free; number++) {
            all_clean = all_clean && state_of(number) == FRAME_CLEAN;
            all_free = is_free(state_of(number));
        }
        if (all_free && all_clean) return REASON_OK;
        if (all_free) answer = REASON_AGAIN;
    }
    return answer;
}

static enum reason checked_allocate(domain_id owner, enum frame_use use, unsigned order,
                                    struct mfn *first) {
    enum reason expected = expected_answer(order);
    uint64_t clean = frames_count_clean();
    uint32_t before = frames_owned_by(owner);
    enum reason answer = frames_allocate(owner, use, order, first);

    assert_int_equal(answer, expected);
    if (answer != REASON_OK) {
        assert_int_equal(frames_count_clean(), clean);
        return answer;
    }
    assert_int_equal(first->number % (1u << order), 0);
    assert_int_equal(frames_count_clean(), clean - (1u << order));
    assert_int_equal(frames_owned_by(owner), before + (1u << order));
    for (uint64_t number = first->number; number < first->number + (1u << order); number++) {
        assert_int_equal(frame_read(at(number)).owner, owner);
        assert_int_equal(frame_read(at(number)).use, use);
        assert_int_equal(frame_read(at(number)).references, 0);
    }
    return answer;
}

/* Everything free is handed out, each frame once; then nothing is left. */
static void check_drain(void) {
    uint64_t left = 0;
    uint64_t large = any(4);
    struct mfn first;
    unsigned char *clean = calloc(limit, 1);

    assert_non_null(clean);
    flush_all();
    scrub_all();
    for (uint32_t number = 0; number < limit; number++)
        clean[number] = state_of(number) == FRAME_CLEAN ? 1 : 0;
    left = frames_count_clean();
    while (left != 0) {
        unsigned order = large != 0 ? ORDER_2M : ORDER_4K;

        if (frames_allocate(0, FRAME_STATE, order, &first) != REASON_OK) {
            assert_int_equal(order, ORDER_2M);
            large = 0;
            continue;
        }
        large -= large != 0 ? 1 : 0;
        for (uint64_t number = first.number; number < first.number + (1u << order); number++) {
            assert_int_equal(clean[number], 1);
            clean[number] = 0;
        }
        left -= 1u << order;
    }
    assert_int_equal(frames_count_free(), 0);
    assert_int_equal(frames_allocate(0, FRAME_STATE, ORDER_4K, &first), REASON_NO_MEMORY);
    free(clean);
    check_all();
}

#endif
