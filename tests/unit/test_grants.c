/* SPDX-License-Identifier: Apache-2.0 */
/* Grants: each step, and random sequences over many domains after which the active counts of every
 * grant must equal the live mappings that name it. Pages that were not said to be backed are not
 * accessible, so that touching one ends the test. */
#define _DEFAULT_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "grants/grants.h"
#include "grants/storage.h"

#define DOMAINS 16u
#define STEPS 40000u
#define FRAMES 2u
#define HANDLES 170u

static uint64_t seed = 1181783497276652981ull;
static struct effects effects;

static uint32_t any(uint32_t limit) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % limit);
}

static domain_id id_of(uint32_t index) {
    return (domain_id)(index == DOMAINS - 1 ? MAX_DOMAINS - 1 : index * 3);
}

/* The machine's part: pages come zeroed, and go. */
static void back(void *row, size_t bytes) {
    bytes = (bytes + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
    assert_int_equal(mprotect(row, bytes, PROT_READ | PROT_WRITE), 0);
    for (size_t index = 0; index < bytes; index++) ((unsigned char *)row)[index] = 0;
}

static void add_frame(domain_id domain) {
    uint32_t index = grants_frames(domain);
    struct mfn shared = {.number = 0x1000u + domain * 64u + index};

    if (grants_add_frame(domain, shared) == REASON_OK) {
        back(&active_grants[domain][index * GRANTS_PER_FRAME], PAGE_SIZE);
        assert_int_equal(grants_frame(domain, index).number, shared.number);
    }
}

static void start(domain_id domain, uint32_t frames, uint32_t handles) {
    grants_create(domain, frames, handles);
    assert_int_equal(grants_max_frames(domain), frames);
    assert_int_equal(grants_frames(domain), 0);
    back(mappings[domain], handles * sizeof(struct grant_mapping));
    grants_back_mappings(domain, handles);
    assert_int_equal(grants_mappings_backed(domain), handles);
}

static int clean(void **state) {
    (void)state;
    effects.count = 0;
    mprotect(active_grants, sizeof active_grants, PROT_NONE);
    mprotect(mappings, sizeof mappings, PROT_NONE);
    return 0;
}

static void unmap_all(domain_id domain) {
    uint32_t handle = 0;

    while (grants_any_mapping(domain, &handle)) {
        effects.count = 0;
        assert_int_equal(grants_unmap(domain, handle, &effects), REASON_OK);
    }
}

static void end(domain_id domain) {
    unmap_all(domain);
    grants_destroy(domain);
    assert_int_equal(grants_frames(domain), 0);
    assert_int_equal(grants_max_frames(domain), 0);
    mprotect(active_grants[domain], sizeof active_grants[domain], PROT_NONE);
    mprotect(mappings[domain], sizeof mappings[domain], PROT_NONE);
}

static int end_all(void **state) {
    (void)state;
    for (uint32_t domain = 0; domain < MAX_DOMAINS; domain++) end((domain_id)domain);
    for (uint32_t domain = 0; domain < MAX_DOMAINS; domain++)
        assert_int_equal(grant_domains[domain].lent, 0);
    return 0;
}

/* --- invariant ------------------------------------------------------------------------------ */

static uint32_t live[DOMAINS][FRAMES * GRANTS_PER_FRAME][2]; /* readers, writers */
static uint32_t lent[DOMAINS];

static uint32_t index_of(domain_id domain) {
    return domain == MAX_DOMAINS - 1 ? DOMAINS - 1 : domain / 3u;
}

static void count_mappings(domain_id mapper) {
    struct grant_mapping mapping;
    uint32_t used = 0;
    uint32_t any = 0;

    for (uint32_t handle = 0; handle < MAX_GRANT_MAPPINGS; handle++) {
        if (grants_mapping_read(mapper, handle, &mapping)) {
            assert_true(mapping.used);
            live[index_of(mapping.granter)][mapping.reference][mapping.writable ? 1 : 0]++;
            lent[index_of(mapping.granter)]++;
            used++;
        }
    }
    assert_int_equal(grants_any_mapping(mapper, &any), used != 0);
    if (used != 0) assert_true(grants_mapping_read(mapper, any, &mapping));
}

static void check_all(void) {
    for (uint32_t index = 0; index < DOMAINS; index++) {
        lent[index] = 0;
        for (uint32_t reference = 0; reference < FRAMES * GRANTS_PER_FRAME; reference++) {
            live[index][reference][0] = 0;
            live[index][reference][1] = 0;
        }
    }
    for (uint32_t index = 0; index < DOMAINS; index++) count_mappings(id_of(index));
    for (uint32_t index = 0; index < DOMAINS; index++) {
        domain_id granter = id_of(index);

        assert_int_equal(grant_domains[granter].lent, lent[index]);
        for (uint32_t reference = 0; reference < grants_frames(granter) * GRANTS_PER_FRAME;
             reference++) {
            struct active_grant active = grants_active(granter, reference);

            assert_int_equal(active.readers, live[index][reference][0]);
            assert_int_equal(active.writers, live[index][reference][1]);
        }
    }
}

static enum reason unmap(domain_id mapper, uint32_t handle, struct grant_mapping *old) {
    (void)grants_mapping_read(mapper, handle, old);
    return grants_unmap(mapper, handle, &effects);
}

/* --- one by one ----------------------------------------------------------------------------- */

static enum reason map(domain_id mapper, domain_id granter, grant_ref reference, uint64_t gfn,
                       bool writable, uint32_t *handle) {
    return grants_map(mapper, granter, reference, (struct mfn){.number = gfn + 9},
                      (struct gfn){.number = gfn}, writable, handle);
}

static void test_table_grows(void **state) {
    (void)state;
    assert_int_equal(grants_add_frame(5, (struct mfn){.number = 1}), REASON_NO_SPACE);
    assert_int_equal(grants_add_frame(DOMAIN_NONE, (struct mfn){.number = 1}), REASON_NO_DOMAIN);
    start(5, MAX_GRANT_FRAMES, 8);
    assert_true(grants_frame(5, 0).number == MFN_NONE);
    for (uint32_t index = 0; index < MAX_GRANT_FRAMES; index++) {
        add_frame(5);
        assert_int_equal(grants_frames(5), index + 1);
    }
    assert_int_equal(grants_add_frame(5, (struct mfn){.number = 1}), REASON_NO_SPACE);
    assert_true(grants_frame(5, MAX_GRANT_FRAMES).number == MFN_NONE);
    assert_true(grants_frame(5, UINT32_MAX).number == MFN_NONE);
    assert_true(grants_frame(DOMAIN_NONE, 0).number == MFN_NONE);
}

static void test_flags_of_unmap(void **state) {
    struct grant_mapping old;
    uint32_t reader = 0;
    uint32_t writer = 0;
    uint32_t second = 0;

    (void)state;
    start(1, 2, 8);
    start(2, 2, 8);
    add_frame(1);
    add_frame(1);
    assert_int_equal(grants_unpin_flags(1, 600, true), GRANT_PIN_READING | GRANT_PIN_WRITING);
    assert_int_equal(map(2, 1, 600, 70, false, &reader), REASON_OK);
    assert_int_equal(grants_unpin_flags(1, 600, false), 0);
    assert_int_equal(map(2, 1, 600, 71, true, &writer), REASON_OK);
    assert_int_equal(map(2, 1, 600, 72, true, &second), REASON_OK);
    assert_int_equal(grants_active(1, 600).readers, 1);
    assert_int_equal(grants_active(1, 600).writers, 2);
    assert_int_equal(grants_unpin_flags(1, 600, true), 0);

    assert_int_equal(unmap(2, writer, &old), REASON_OK);
    assert_int_equal(effects.count, 0);
    assert_int_equal(old.gfn.number, 71);
    assert_int_equal(old.mfn.number, 80);
    assert_true(old.writable);
    assert_int_equal(old.granter, 1);
    assert_int_equal(old.reference, 600);
    assert_int_equal(unmap(2, writer, &old), REASON_INVALID);
    assert_int_equal(unmap(2, second, &old), REASON_OK);
    assert_int_equal(effects.count, 1);
    assert_int_equal(effects.items[0].kind, EFFECT_UNPIN);
    assert_int_equal(effects.items[0].domain, 1);
    assert_int_equal(effects.items[0].mfn.number, grants_frame(1, 1).number);
    assert_int_equal(effects.items[0].value, 600 - GRANTS_PER_FRAME);
    assert_int_equal(effects.items[0].flags, GRANT_PIN_WRITING);
    effects.count = EFFECTS_MAX;
    assert_int_equal(unmap(2, reader, &old), REASON_AGAIN);
    effects.count = 0;
    assert_int_equal(unmap(2, reader, &old), REASON_OK);
    assert_int_equal(effects.items[0].flags, GRANT_PIN_READING);
}

static void test_refusals(void **state) {
    struct grant_mapping old;
    uint32_t handle = 77;

    (void)state;
    start(1, 2, 3);
    start(2, 2, 3);
    add_frame(1);
    assert_int_equal(map(2, 1, GRANTS_PER_FRAME, 1, true, &handle), REASON_INVALID);
    assert_int_equal(map(2, 1, UINT32_MAX, 1, true, &handle), REASON_INVALID);
    assert_int_equal(map(2, 2, 0, 1, true, &handle), REASON_INVALID);
    assert_int_equal(map(2, DOMAIN_NONE, 0, 1, true, &handle), REASON_INVALID);
    assert_int_equal(map(DOMAIN_NONE, 1, 0, 1, true, &handle), REASON_NO_DOMAIN);
    assert_int_equal(handle, 77);
    for (uint32_t index = 0; index < 3; index++) {
        assert_true(grants_handle_free(2));
        assert_int_equal(map(2, 1, index, index, true, &handle), REASON_OK);
        assert_int_equal(handle, index);
    }
    assert_false(grants_handle_free(2));
    assert_int_equal(map(2, 1, 9, 9, true, &handle), REASON_NO_SPACE);
    assert_false(grants_handle_free(7));
    assert_false(grants_handle_free(DOMAIN_NONE));
    assert_int_equal(unmap(2, 3, &old), REASON_INVALID);
    assert_int_equal(unmap(2, MAX_GRANT_MAPPINGS, &old), REASON_INVALID);
    assert_int_equal(unmap(2, UINT32_MAX, &old), REASON_INVALID);
    assert_int_equal(unmap(DOMAIN_NONE, 0, &old), REASON_INVALID);
    assert_false(grants_any_mapping(DOMAIN_NONE, &handle));
    /* A page holds more than it may use; never fewer. */
    grants_back_mappings(2, 128);
    grants_back_mappings(2, 1);
    grants_back_mappings(2, MAX_GRANT_MAPPINGS + 1);
    assert_int_equal(grants_mappings_backed(2), 128);
    assert_int_equal(grants_mappings_max(2), 3);
    assert_false(grants_handle_free(2));
    assert_int_equal(map(2, 1, 9, 9, true, &handle), REASON_NO_SPACE);
}

static void test_all_handles(void **state) {
    const uint32_t frames = MAX_GRANT_MAPPINGS / GRANTS_PER_FRAME;
    struct grant_mapping old;
    uint32_t handle = 0;

    (void)state;
    start(0, frames, 1);
    start(4, 1, MAX_GRANT_MAPPINGS);
    for (uint32_t index = 0; index < frames; index++) add_frame(0);
    for (uint32_t index = 0; index < MAX_GRANT_MAPPINGS; index++) {
        assert_int_equal(map(4, 0, index, index, false, &handle), REASON_OK);
        assert_int_equal(handle, index);
    }
    assert_int_equal(map(4, 0, 0, 0, false, &handle), REASON_NO_SPACE);
    assert_true(grants_any_mapping(4, &handle));
    assert_int_equal(handle, MAX_GRANT_MAPPINGS - 1);
    assert_int_equal(unmap(4, 4000, &old), REASON_OK);
    assert_int_equal(map(4, 0, 0, 4000, false, &handle), REASON_OK);
    assert_int_equal(handle, 4000);
    assert_int_equal(grant_domains[0].lent, MAX_GRANT_MAPPINGS);
}

/* A dead granter's number is not taken by another while its loans are live, and ending them touches
 * neither its table nor the counts of a successor. */
static void test_granter_dies(void **state) {
    struct grant_mapping old;
    uint32_t handle = 0;

    (void)state;
    start(1, 2, 8);
    start(2, 2, 8);
    add_frame(1);
    assert_int_equal(map(2, 1, 5, 50, true, &handle), REASON_OK);
    end(1);
    assert_int_equal(grant_domains[1].lent, 1);
    assert_int_equal(grants_active(1, 5).writers, 0);
    grants_create(1, 2, 8);
    assert_int_equal(grants_max_frames(1), 0);
    assert_true(grants_mapping_read(2, handle, &old));
    assert_int_equal(unmap(2, handle, &old), REASON_OK);
    assert_int_equal(effects.count, 0);
    assert_int_equal(old.mfn.number, 59);
    assert_int_equal(grant_domains[1].lent, 0);
    start(1, 2, 8);
}

static void test_mapper_dies(void **state) {
    uint32_t handle = 0;

    (void)state;
    start(1, 1, 8);
    start(2, 1, 200);
    add_frame(1);
    for (uint32_t index = 0; index < 200; index++)
        assert_int_equal(map(2, 1, index, index, true, &handle), REASON_OK);
    grants_destroy(2); /* even before its mappings are ended */
    assert_false(grants_handle_free(2));
    grants_create(2, 1, 8);
    assert_int_equal(grants_max_frames(2), 0);
    assert_true(grants_any_mapping(2, &handle));
    unmap_all(2);
    assert_false(grants_any_mapping(2, &handle));
    for (uint32_t index = 0; index < 200; index++)
        assert_int_equal(grants_active(1, index).writers, 0);
}

/* --- random sequences ----------------------------------------------------------------------- */

static uint64_t next_gfn;

static void random_unmap(domain_id mapper) {
    struct grant_mapping mapping;
    struct grant_mapping old;
    uint32_t handle = any(HANDLES);
    struct active_grant after;
    unsigned expected = 0;

    if (!grants_mapping_read(mapper, handle, &mapping)) {
        assert_int_equal(unmap(mapper, handle, &old), REASON_INVALID);
        return;
    }
    assert_int_equal(unmap(mapper, handle, &old), REASON_OK);
    after = grants_active(mapping.granter, mapping.reference);
    if (grants_frames(mapping.granter) != 0) {
        expected |= mapping.writable && after.writers == 0 ? GRANT_PIN_WRITING : 0;
        expected |= after.writers + after.readers == 0 ? GRANT_PIN_READING : 0;
    }
    assert_int_equal(effects.count, expected != 0 ? 1 : 0);
    if (expected != 0) assert_int_equal(effects.items[0].flags, expected);
}

static void random_life(domain_id domain) {
    uint32_t handle = 0;

    if (grants_max_frames(domain) != 0) {
        end(domain);
    } else if (grant_domains[domain].lent == 0 && !grants_any_mapping(domain, &handle)) {
        start(domain, FRAMES, 1 + any(HANDLES));
    } else {
        grants_create(domain, FRAMES, 1);
        assert_int_equal(grants_max_frames(domain), 0);
    }
}

static void test_random(void **state) {
    uint32_t most = 0;

    (void)state;
    for (uint32_t step = 0; step < STEPS; step++) {
        domain_id domain = id_of(any(DOMAINS));
        domain_id granter = id_of(any(DOMAINS));
        uint32_t handle = 0;
        uint32_t kind = any(200);

        effects.count = 0;
        if (kind == 0 || step < DOMAINS) {
            random_life(step < DOMAINS ? id_of(step) : domain);
        } else if (kind < 10) {
            add_frame(domain);
        } else if (kind < 120) {
            /* few references, so that they are shared */
            bool room = grants_handle_free(domain);
            enum reason reason = map(domain, granter, any(2) == 0 ? any(4) : any(1030), next_gfn++,
                                     any(2) == 0, &handle);

            if (reason != REASON_INVALID)
                assert_int_equal(reason, room ? REASON_OK : REASON_NO_SPACE);
        } else {
            random_unmap(domain);
        }
        if (step % 200 == 0) check_all();
        most = grant_domains[granter].lent > most ? grant_domains[granter].lent : most;
    }
    assert_true(most > 50); /* the sequence was worth checking */
}

/* A leak checker that runs at exit reads everything. */
static int open_all(void **state) {
    (void)state;
    mprotect(active_grants, sizeof active_grants, PROT_READ | PROT_WRITE);
    return mprotect(mappings, sizeof mappings, PROT_READ | PROT_WRITE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_table_grows, clean, end_all),
        cmocka_unit_test_setup_teardown(test_flags_of_unmap, clean, end_all),
        cmocka_unit_test_setup_teardown(test_refusals, clean, end_all),
        cmocka_unit_test_setup_teardown(test_all_handles, clean, end_all),
        cmocka_unit_test_setup_teardown(test_granter_dies, clean, end_all),
        cmocka_unit_test_setup_teardown(test_mapper_dies, clean, end_all),
        cmocka_unit_test_setup_teardown(test_random, clean, end_all),
    };

    return cmocka_run_group_tests(tests, NULL, open_all);
}
