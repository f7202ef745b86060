/* SPDX-License-Identifier: Apache-2.0 */
/* The frame table: each transition, and random sequences over many domains with a model beside
 * them. After each sequence: counters exact, refusals exact (again only where scrubbing helps), and
 * a drain that must hand out every free frame exactly once, so that no frame is both free and
 * owned. */
#include "tests/unit/frame_world.h"

/* --- one by one ----------------------------------------------------------------------------- */

static void test_start(void **state) {
    struct mfn first;

    (void)state;
    begin(SMALL);
    check_all();
    assert_int_equal(frames_count_total(), 0);
    assert_int_equal(frames_allocate(1, FRAME_RAM, ORDER_4K, &first), REASON_NO_MEMORY);
    frames_set_range(0, 100, FRAME_HYPERVISOR);
    frames_set_range(500, 5, FRAME_HYPERVISOR);
    frames_set_range(100, 900, FRAME_DIRTY);
    frames_set_range(500, 10, FRAME_HYPERVISOR); /* what has a state keeps it */
    frames_set_range(0, 1000, FRAME_ABSENT);
    frames_set_range(SMALL - 10, UINT64_MAX, FRAME_DIRTY);
    frames_set_range(SMALL, 10, FRAME_DIRTY);
    frames_set_range(UINT64_MAX, UINT64_MAX, FRAME_DIRTY);
    frames_set_range(0, 1, FRAME_OWNED);
    check_all();
    assert_int_equal(frames_count_hypervisor(), 105);
    assert_int_equal(frames_count_free(), 895 + 10);
    assert_int_equal(frames_count_total(), 1010);
    assert_int_equal(frames_count_clean(), 0);
    assert_int_equal(frame_read(at(SMALL)).state, FRAME_ABSENT);
    assert_int_equal(frame_read(at(UINT64_MAX)).state, FRAME_ABSENT);
    assert_int_equal(frame_read(at(UINT64_MAX)).owner, DOMAIN_NONE);
    check_drain();
}

static void test_life_of_a_frame(void **state) {
    struct mfn mfn;
    struct mfn taken;

    (void)state;
    begin(SMALL);
    frames_set_range(7, 1, FRAME_DIRTY);
    assert_int_equal(checked_allocate(3, FRAME_RAM, ORDER_4K, &mfn), REASON_AGAIN);
    scrub_all();
    assert_int_equal(checked_allocate(3, FRAME_RAM, ORDER_4K, &mfn), REASON_OK);
    assert_int_equal(mfn.number, 7);
    frame_place(mfn, (struct gfn){.number = 1234});
    assert_int_equal(frame_read(mfn).gfn, 1234);
    assert_int_equal(frame_reference(mfn), REASON_OK);
    frame_dereference(mfn, 9);
    frames_set_range(7, 1, FRAME_DIRTY); /* too late: it has an owner */
    assert_int_equal(frame_read(mfn).state, FRAME_OWNED);
    assert_int_equal(frame_read(mfn).gfn, 1234);
    assert_int_equal(frame_reference(mfn), REASON_OK);
    assert_int_equal(frame_reference(mfn), REASON_OK);
    frame_disown(mfn, 10);
    assert_int_equal(frame_read(mfn).use, FRAME_ORPHAN);
    assert_int_equal(frames_owned_by(3), 1);
    assert_int_equal(frame_reference(mfn), REASON_INVALID);
    frame_disown(mfn, 10); /* twice changes nothing */
    frame_dereference(mfn, 20);
    assert_int_equal(frame_read(mfn).state, FRAME_OWNED);
    frame_dereference(mfn, 20);
    assert_int_equal(frame_read(mfn).state, FRAME_FLUSHING);
    assert_int_equal(frames_owned_by(3), 0);
    frame_dereference(mfn, 20);
    frame_disown(mfn, 20);
    frame_scrubbed(mfn);
    assert_int_equal(checked_allocate(3, FRAME_RAM, ORDER_4K, &mfn), REASON_AGAIN);
    assert_false(frames_flushed(20)); /* it left at 20, not before */
    assert_int_equal(frame_read(mfn).state, FRAME_FLUSHING);
    assert_int_equal(frames_scrub_take(&taken, 1), 0);
    assert_false(frames_flushed(21));
    assert_int_equal(frame_read(mfn).state, FRAME_DIRTY);
    assert_int_equal(frames_scrub_take(&taken, 1), 1);
    assert_int_equal(checked_allocate(3, FRAME_RAM, ORDER_4K, &mfn), REASON_AGAIN);
    frame_scrubbed(taken);
    check_all();
}

static void test_refusals(void **state) {
    struct frame before;
    struct mfn mfn;

    (void)state;
    begin(SMALL);
    frames_set_range(0, SMALL, FRAME_DIRTY);
    scrub_all();
    assert_int_equal(frames_allocate(MAX_DOMAINS, FRAME_RAM, 0, &mfn), REASON_NO_DOMAIN);
    assert_int_equal(frames_allocate(DOMAIN_NONE, FRAME_RAM, 0, &mfn), REASON_NO_DOMAIN);
    for (unsigned order = 0; order < 70; order++)
        if (order != ORDER_4K && order != ORDER_2M)
            assert_int_equal(frames_allocate(1, FRAME_RAM, order, &mfn), REASON_INVALID);
    assert_int_equal(frames_allocate(1, FRAME_TABLE, ORDER_4K, &mfn), REASON_OK);
    assert_int_equal(frame_read(mfn).gfn, UINT32_MAX);
    frame_place(mfn, (struct gfn){.number = 1});
    assert_int_equal(frame_read(mfn).gfn, 1);
    frames_place(mfn, UINT32_MAX - 7, (struct gfn){.number = 7}); /* those behind it are nobody's */
    assert_int_equal(frame_read(mfn).gfn, 7);
    before = frame_read(at(0));
    frame_place(at(0), (struct gfn){.number = before.gfn + 1u}); /* nobody's: nothing */
    assert_int_equal(frame_read(at(0)).gfn, before.gfn);
    assert_int_equal(frame_reference(mfn), REASON_INVALID);
    assert_int_equal(frame_reference(at(SMALL)), REASON_INVALID);
    assert_int_equal(frame_reference(at(0)), REASON_INVALID);
    table[mfn.number].use = FRAME_RAM;
    table[mfn.number].references = UINT32_MAX;
    assert_int_equal(frame_reference(mfn), REASON_NO_SPACE);
    table[mfn.number].references = 0;
    frame_dereference(mfn, 0);
    assert_int_equal(frame_read(mfn).state, FRAME_OWNED);
    frame_disown(at(SMALL), 0);
    frame_scrubbed(at(SMALL));
    frame_dereference(at(UINT64_MAX), 0);
    check_all();
}

static void scrub_some(void) {
    struct mfn taken[8];
    uint32_t count = frames_scrub_take(taken, 8);

    for (uint32_t index = 0; index < count; index++) frame_scrubbed(taken[index]);
}

/* As one guest after another takes it: a large page and some frames, while memory is zeroed. */
static void take_when_clean(unsigned order) {
    struct mfn mfn;

    while (frames_allocate(1, FRAME_RAM, order, &mfn) == REASON_AGAIN) scrub_some();
}

static void test_single_frames_break_few_chunks(void **state) {
    uint64_t large = 0;
    struct mfn mfn;

    (void)state;
    begin(64 * 512);
    frames_set_range(0, 64 * 512, FRAME_DIRTY);
    for (uint32_t guest = 0; guest < 20; guest++) {
        while (frames_count_clean() < 4 * 512) scrub_some(); /* idle */
        take_when_clean(ORDER_2M);
        for (uint32_t i = 0; i < 40; i++) take_when_clean(ORDER_4K);
    }
    assert_int_equal(frames_owned_by(1), 20 * (512 + 40));
    scrub_all();
    while (frames_allocate(1, FRAME_RAM, ORDER_2M, &mfn) == REASON_OK) large++;
    assert_in_range(large, frames_count_total() / 512 - 20 - 20 * 40 / 512 - 2, 64 - 20 - 1);
    check_all();
}

/* Whole chunks are kept for those who need them, and come back once all their frames did. */
static void test_whole_chunks(void **state) {
    struct mfn mfn;
    struct mfn small[20];

    (void)state;
    begin(SMALL);
    frames_set_range(10, SMALL - 10, FRAME_DIRTY);
    scrub_all();
    for (uint32_t index = 0; index < 20; index++) {
        assert_int_equal(checked_allocate(1, FRAME_RAM, ORDER_4K, &small[index]), REASON_OK);
        assert_true(small[index].number < 512 || small[index].number >= 6 * 512);
    }
    for (uint32_t index = 0; index < 5; index++)
        assert_int_equal(checked_allocate(2, FRAME_RAM, ORDER_2M, &mfn), REASON_OK);
    assert_int_equal(checked_allocate(2, FRAME_RAM, ORDER_2M, &mfn), REASON_NO_MEMORY);
    for (uint32_t number = 1024; number < 1536; number++) {
        frame_disown(at(number), 1);
        assert_int_equal(expected_answer(ORDER_2M),
                         number == 1535 ? REASON_AGAIN : REASON_NO_MEMORY);
    }
    assert_int_equal(checked_allocate(2, FRAME_RAM, ORDER_2M, &mfn), REASON_AGAIN);
    assert_true(frames_flushed(2)); /* 192 twice, then the others */
    assert_true(frames_flushed(2));
    assert_false(frames_flushed(2));
    assert_int_equal(checked_allocate(2, FRAME_RAM, ORDER_2M, &mfn), REASON_AGAIN);
    scrub_all();
    assert_int_equal(checked_allocate(2, FRAME_RAM, ORDER_2M, &mfn), REASON_OK);
    assert_int_equal(mfn.number, 1024);
    check_all();
    check_drain();
}

/* One chunk is finished before the next is begun, even while others get dirty. */
static void test_scrub_order(void **state) {
    struct mfn taken[512];
    struct mfn mfn;

    (void)state;
    begin(SMALL);
    frames_set_range(512, 5 * 512, FRAME_DIRTY);
    for (uint32_t round = 0; round < 8; round++) {
        assert_int_equal(frames_scrub_take(taken, 64), 64);
        for (uint32_t index = 0; index < 64; index++) {
            assert_int_equal(taken[index].number / 512, 1);
            frame_scrubbed(taken[index]);
        }
        frames_set_range(round, 1, FRAME_DIRTY);
    }
    assert_int_equal(frames_allocate(1, FRAME_RAM, ORDER_2M, &mfn), REASON_OK);
    assert_int_equal(mfn.number, 512);
    assert_int_equal(frames_scrub_take(taken, 0), 0);
}

static struct mfn leaving[3]; /* chunks */

static struct mfn nth(uint32_t index) { return at(leaving[index / 512].number + index % 512); }

static void test_flush_bounds(void **state) {
    uint64_t before;

    (void)state;
    begin(SMALL);
    frames_set_range(0, SMALL, FRAME_DIRTY);
    scrub_all();
    for (uint32_t index = 0; index < 3; index++)
        assert_int_equal(frames_allocate(1, FRAME_RAM, ORDER_2M, &leaving[index]), REASON_OK);
    before = frames_count_free();
    for (uint32_t number = 0; number < 1300; number++)
        frame_disown(nth(number), UINT32_MAX - 1 + number / 600); /* passes zero */
    assert_int_equal(frames_count_free(), before + 1300);
    assert_false(frames_flushed(UINT32_MAX - 5)); /* an epoch of the past */
    assert_false(frames_flushed(UINT32_MAX - 1));
    assert_true(frames_flushed(UINT32_MAX)); /* 600 left before that */
    assert_true(frames_flushed(UINT32_MAX));
    assert_true(frames_flushed(UINT32_MAX));
    assert_false(frames_flushed(UINT32_MAX));
    assert_int_equal(state_of(nth(599).number), FRAME_DIRTY);
    assert_int_equal(state_of(nth(600).number), FRAME_FLUSHING);
    assert_true(frames_flushed(0));
    assert_true(frames_flushed(0));
    assert_true(frames_flushed(0));
    assert_false(frames_flushed(0));
    assert_int_equal(state_of(nth(1199).number), FRAME_DIRTY);
    assert_int_equal(state_of(nth(1200).number), FRAME_FLUSHING);
    assert_false(frames_flushed(1));
    assert_int_equal(state_of(nth(1299).number), FRAME_DIRTY);
    check_all();
    check_drain();
}

/* --- random sequences ----------------------------------------------------------------------- */

static void random_frame(struct mfn mfn) {
    struct frame before = frame_read(mfn);
    enum reason reason;

    switch (any(4)) {
    case 0:
    case 1:
        frame_disown(mfn, epoch);
        if (before.state == FRAME_OWNED) {
            assert_int_equal(frame_read(mfn).state,
                             before.references != 0 ? FRAME_OWNED : FRAME_FLUSHING);
        } else {
            assert_memory_equal(&before, &table[mfn.number], sizeof before);
        }
        break;
    case 2:
        reason = frame_reference(mfn);
        assert_int_equal(reason == REASON_OK,
                         before.state == FRAME_OWNED && before.use == FRAME_RAM);
        break;
    case 3: frame_dereference(mfn, epoch); break;
    }
}

static void random_step(struct mfn *scrubbing, uint32_t *scrubbing_count) {
    struct mfn first;
    uint32_t kind = any(100);

    if (kind < 2) {
        checked_allocate(id_of(any(DOMAINS)), FRAME_RAM, ORDER_2M, &first);
    } else if (kind < 30) {
        checked_allocate(id_of(any(DOMAINS)), (enum frame_use)(any(2) * FRAME_TABLE), ORDER_4K,
                         &first);
    } else if (kind < 32) { /* a whole chunk goes, as at a death */
        uint32_t chunk = any(limit / 512);

        for (uint32_t number = chunk * 512; number < chunk * 512 + 512; number++)
            frame_disown(at(number), epoch);
    } else if (kind < 80) {
        random_frame(at(any(limit)));
    } else if (kind < 85) {
        epoch += any(2);
        frames_flushed(epoch);
    } else if (*scrubbing_count == 0) {
        *scrubbing_count = frames_scrub_take(scrubbing, any(65));
    } else {
        for (uint32_t index = 0; index < *scrubbing_count; index++)
            frame_scrubbed(scrubbing[index]);
        *scrubbing_count = 0;
    }
}

static void test_random(void **state) {
    struct mfn scrubbing[64];
    uint32_t scrubbing_count = 0;

    (void)state;
    begin(SMALL);
    epoch = UINT32_MAX - 50;
    frames_set_range(1000, 40, FRAME_HYPERVISOR);
    frames_set_range(0, 2000, FRAME_DIRTY);
    frames_set_range(2007, SMALL, FRAME_DIRTY);
    scrub_all();
    for (uint32_t step = 0; step < STEPS; step++) {
        random_step(scrubbing, &scrubbing_count);
        if (step % 20 == 0) check_all();
    }
    for (uint32_t index = 0; index < scrubbing_count; index++) frame_scrubbed(scrubbing[index]);
    check_all();
    check_drain();
    for (uint32_t number = 0; number < limit; number++) {
        for (uint32_t left = frame_read(at(number)).references; left != 0; left--)
            frame_dereference(at(number), epoch);
        frame_disown(at(number), epoch);
    }
    check_all();
    assert_int_equal(frames_count_free(), SMALL - 47);
    check_drain();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_start, finish),
        cmocka_unit_test_teardown(test_life_of_a_frame, finish),
        cmocka_unit_test_teardown(test_refusals, finish),
        cmocka_unit_test_teardown(test_whole_chunks, finish),
        cmocka_unit_test_teardown(test_single_frames_break_few_chunks, finish),
        cmocka_unit_test_teardown(test_scrub_order, finish),
        cmocka_unit_test_teardown(test_flush_bounds, finish),
        cmocka_unit_test_teardown(test_random, finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
