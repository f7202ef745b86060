/* SPDX-License-Identifier: Apache-2.0 */
/* The policy reader: a whole image is accepted, no part of one is, and each check of the list has
 * an image that fails exactly it. Further arguments are policy images that must load, and whose
 * every truncation must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/xsm_image.h"
#include "xsm/policy_check.h"
#include "xsm/sha256.h"
#include "xsm/te.h"

static const struct wishes usual = {0};
static bool triggered[CHECK_COUNT_OF];
static int paths;
static char **path;

static void expect(enum policy_check check) {
    enum reason reason = xsm_start(image.bytes, image.size, "");
    if (check == CHECK_PASSED) {
        assert_string_equal(xsm_last_refusal()->check, "");
        assert_int_equal(reason, REASON_OK);
        return;
    }
    assert_string_equal(xsm_last_refusal()->check, policy_check_sentence(check));
    assert_int_equal(reason, REASON_BAD_POLICY);
    assert_true(xsm_last_refusal()->offset <= image.size);
    triggered[check] = true;
}

struct spoiling {
    enum policy_check check;
    const char *mark;
    uint32_t add, width, value;
    int item; /* where the item begins that is refused, from the mark */
};

/* Each writes one number over an item of the good image. */
static const struct spoiling spoilings[] = {
    {CHECK_TARGET, "target", 0, 32, 7, 0},
    {CHECK_TARGET, "target", 4, 16, 'x', 4},
    {CHECK_VERSION, "header", 0, 32, 24, 0},
    {CHECK_VERSION, "header", 0, 32, 31, 0},
    {CHECK_MLS, "header", 4, 32, 1, 4},
    {CHECK_ALLOW_UNKNOWN, "header", 4, 32, 4, 4},
    {CHECK_CONFIG, "header", 4, 32, 8, 4},
    {CHECK_LACKING, "header", 4, 32, 2, 48},
    {CHECK_SECTIONS, "header", 8, 32, 7, 8},
    {CHECK_SECTIONS, "header", 12, 32, 5, 12},
    {CHECK_BITMAP, "capabilities", 0, 32, 32, 0},
    {CHECK_BITMAP, "capabilities", 4, 32, 64, 4},
    {CHECK_BITMAP, "capabilities", 4, 32, 0xffffffff, 4},
    {CHECK_TRUNCATED, "capabilities", 8, 32, 0xffffffff, 8},
    {CHECK_BITMAP, "system_r types", 12, 32, 1, 12},
    {CHECK_BITMAP_RANGE, "system_r types", 12, 32, 8192, 12},
    {CHECK_BITMAP_RANGE, "other_r types", 16, 32, 1u << 20, 12},
    {CHECK_BITMAP_RANGE, "constraint names", 28, 32, 1u << 20, 24},
    {CHECK_NOT_A_TYPE, "other_r types", 16, 32, 3, 0},
    {CHECK_COMMON, "commons", 0, 32, 1, 0},
    {CHECK_COMMON, "commons", 4, 32, 1, 4},
    {CHECK_COMMON, "domain", 4, 32, 3, 4},
    {CHECK_COUNT, "booleans", 0, 32, 65, 0},
    {CHECK_COUNT, "classes", 0, 32, 65, 0},
    {CHECK_COUNT, "types", 0, 32, 8193, 0},
    {CHECK_TRUNCATED, "types", 4, 32, 0xffffffff, 4},
    {CHECK_TRUNCATED, "rules", 0, 32, 0xffffffff, 0},
    {CHECK_COUNT, "event", 20, 32, 65, 20},
    {CHECK_HOLES, "domain", 12, 32, 5, 12},
    {CHECK_VALUE, "domain", 8, 32, 0, 8},
    {CHECK_VALUE, "domain", 8, 32, 6, 8},
    {CHECK_VALUE, "event", 8, 32, 1, 8},
    {CHECK_VALUE, "domain", 34, 32, 0, 34},
    {CHECK_VALUE, "domain", 34, 32, 33, 34},
    {CHECK_VALUE, "domain", 34, 32, 2, 52},
    {CHECK_HOLES, "domain", 34, 32, 20, 30},
    {CHECK_HOLES, "roles", 0, 32, 4, 0},
    {CHECK_HOLES, "types", 0, 32, 10, 0},
    {CHECK_VALUE, "red_t", 4, 32, 99, 4},
    {CHECK_VALUE, "xen_t", 4, 32, 1, 4},
    {CHECK_NAME, "red_t", 16, 16, 'r', 16},
    {CHECK_NAME, "red_t", 16, 16, 'r' | ' ' << 8, 16},
    {CHECK_NAME, "red_t", 16, 16, 'r' | ':' << 8, 16},
    {CHECK_NAME, "red_t", 16, 16, 'r' | 0x80 << 8, 16},
    {CHECK_NAME, "red_t", 0, 32, 0, 16},
    {CHECK_NAME, "red_t", 0, 32, 128, 16},
    {CHECK_OBJECT_ROLE, "object_r", 12, 16, 'x' | 'b' << 8, -8},
    {CHECK_BOUNDS, "system_r", 8, 32, 1, 8},
    {CHECK_BOUNDS, "red_t", 12, 32, 1, 12},
    {CHECK_BOUNDS, "alias", 12, 32, 99, 12},
    {CHECK_BOUNDS, "user", 8, 32, 1, 8},
    {CHECK_VALIDATE_TRANSITION, "domain end", 0, 32, 1, 0},
    {CHECK_DEFAULTS, "domain end", 4, 32, 1, 4},
    {CHECK_DEFAULTS, "domain end", 16, 32, 1, 16},
    {CHECK_RULE_PERMISSION, "constraint", 0, 32, 8, 0},
    {CHECK_CONSTRAINT, "constraint", 4, 32, 0, 0},
    {CHECK_CONSTRAINT, "constraint", 4, 32, 2, 0},
    {CHECK_COUNT, "constraint", 4, 32, 65, 4},
    {CHECK_CONSTRAINT, "constraint", 8, 32, 0, 8},
    {CHECK_CONSTRAINT, "constraint", 8, 32, 1, 8},
    {CHECK_CONSTRAINT, "constraint", 8, 32, 2, 8},
    {CHECK_CONSTRAINT, "constraint", 12, 32, 3, 8},
    {CHECK_CONSTRAINT, "constraint", 12, 32, 32, 8},
    {CHECK_CONSTRAINT, "constraint", 16, 32, 0, 8},
    {CHECK_CONSTRAINT, "constraint", 16, 32, 3, 8},
    {CHECK_CONSTRAINT, "constraint names", 4, 32, 16, 0},
    {CHECK_CONSTRAINT, "constraint names", 4, 32, 20, 0},
    {CHECK_CONSTRAINT, "constraint names", 8, 32, 3, 0},
    {CHECK_CONSTRAINT, "constraint or", 0, 32, 1, -96},
    {CHECK_TYPE_KIND, "red_t", 8, 32, 2, 8},
    {CHECK_TYPE_KIND, "red_t", 8, 32, 5, 8},
    {CHECK_TYPE_KIND, "alias", 4, 32, 0, 4},
    {CHECK_TYPE_KIND, "alias", 4, 32, 99, 4},
    {CHECK_TYPE_KIND, "alias", 4, 32, A_DOMAIN, 4},
    {CHECK_STATE, "boolean", 4, 32, 2, 4},
    {CHECK_MLS, "sensitivities", 0, 32, 1, 0},
    {CHECK_RULE_KIND, "rule", 6, 16, 0, 0},
    {CHECK_RULE_KIND, "rule", 6, 16, 3, 0},
    {CHECK_RULE_KIND, "rule", 6, 16, 8, 0},
    {CHECK_RULE_KIND, "rule", 6, 16, 0x100, 0},
    {CHECK_RULE_KIND, "rule", 6, 16, 0x8001, 0},
    {CHECK_RULE_REFERENCE, "rule", 0, 16, 0, 0},
    {CHECK_RULE_REFERENCE, "rule", 0, 16, 99, 0},
    {CHECK_RULE_REFERENCE, "rule", 2, 16, 0, 0},
    {CHECK_RULE_REFERENCE, "rule", 2, 16, 99, 0},
    {CHECK_RULE_REFERENCE, "rule", 4, 16, 0, 0},
    {CHECK_RULE_REFERENCE, "rule", 4, 16, 6, 0},
    {CHECK_RULE_PERMISSION, "rule", 8, 32, 1u << 31, 0},
    {CHECK_UNKNOWN_CLASS, "rule", 4, 16, 5, 0},
    {CHECK_NOT_A_TYPE, "type rule", 0, 16, A_DOMAIN, 0},
    {CHECK_NOT_A_TYPE, "type rule", 2, 16, A_DOMAIN, 0},
    {CHECK_NOT_A_TYPE, "type rule", 8, 32, A_DOMAIN, 0},
    {CHECK_RULE_REFERENCE, "type rule", 8, 32, 99, 0},
    {CHECK_RULE_REFERENCE, "type rule", 8, 32, 0, 0},
    {CHECK_CONDITION, "condition", 0, 32, 0, 0},
    {CHECK_CONDITION, "condition", 4, 32, 8, 4},
    {CHECK_CONDITION, "condition", 4, 32, 0, 4},
    {CHECK_CONDITION, "condition", 4, 32, 2, 4},
    {CHECK_CONDITION, "condition", 8, 32, 0, 4},
    {CHECK_CONDITION, "condition", 8, 32, 2, 4},
    {CHECK_CONDITION, "condition", 12, 32, 3, 12},
    {CHECK_CONDITION, "condition", 12, 32, 1, 12},
    {CHECK_CONDITIONAL_CONFLICT, "conditional type rule", 2, 16, T_DOM0, 0},
    {CHECK_ROLE_RULE, "role transitions", 4, 32, 0, 4},
    {CHECK_ROLE_RULE, "role transitions", 4, 32, 4, 4},
    {CHECK_ROLE_RULE, "role transitions", 8, 32, A_DOMAIN, 4},
    {CHECK_ROLE_RULE, "role transitions", 12, 32, 4, 4},
    {CHECK_ROLE_RULE, "role transitions", 16, 32, 2, 4},
    {CHECK_ROLE_RULE, "role allows", 4, 32, 4, 4},
    {CHECK_ROLE_RULE, "role allows", 8, 32, 0, 4},
    {CHECK_FILENAME_TRANSITION, "filename transitions", 0, 32, 1, 0},
    {CHECK_INITIAL_SID, "sids", 0, 32, 12, 0},
    {CHECK_INITIAL_SID, "sids", 0, 32, 14, 0},
    {CHECK_INITIAL_SID, "sid", 0, 32, 0, 0},
    {CHECK_INITIAL_SID, "sid", 0, 32, 14, 0},
    {CHECK_INITIAL_SID, "sid", 0, 32, 2, 36},
    {CHECK_INITIAL_SID, "sid", 0, 32, 99, 0},
    {CHECK_CONTEXT, "sid", 4, 32, 0, 4},
    {CHECK_CONTEXT, "sid", 4, 32, 3, 4},
    {CHECK_CONTEXT, "sid", 8, 32, 4, 4},
    {CHECK_CONTEXT, "sid", 12, 32, 99, 4},
    {CHECK_CONTEXT, "sid", 12, 32, A_DOMAIN, 4},
    {CHECK_CONTEXT, "sid", 12, 32, 0x10002, 4},
    {CHECK_MLS, "sid", 16, 32, 2, 16},
    {CHECK_OBJECT_CONTEXT, "object contexts", 0, 32, 1, 0},
    {CHECK_OBJECT_CONTEXT, "object contexts", 4, 32, 1, 4},
    {CHECK_OBJECT_CONTEXT, "object contexts", 8, 32, 1, 8},
    {CHECK_OBJECT_CONTEXT, "object contexts", 12, 32, 1, 12},
    {CHECK_OBJECT_CONTEXT, "object contexts", 16, 32, 1, 16},
    {CHECK_GENFS, "genfs", 0, 32, 1, 0},
    {CHECK_RANGE_TRANSITION, "range transitions", 0, 32, 1, 0},
    {CHECK_ATTRIBUTE_MAP, "attributes", 0, 32, 3u << T_RED, -16},
    {CHECK_BITMAP_RANGE, "attributes", 0, 32, 1u << T_VERSION, -4},
    {CHECK_BITMAP, "attributes", 0, 32, 0, -4},
    {CHECK_AUTHOR_VERSION, "version", 31, 16, 'x', 16},
    {CHECK_AUTHOR_VERSION, "version", 8, 32, 3, 16},
};

static void each_check_refuses(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof spoilings / sizeof spoilings[0]; i++) {
        const struct spoiling *here = &spoilings[i];
        write_image(usual);
        uint8_t after = image.bytes[marked(here->mark) + here->add + 1];
        if (here->width == 32)
            spoil32(here->mark, here->add, here->value);
        else
            spoil16(here->mark, here->add, here->value);
        /* text is spoiled one byte at a time */
        if (here->width == 16 && here->value < 256 && here->check == CHECK_TARGET)
            image.bytes[marked(here->mark) + here->add + 1] = after;
        expect(here->check);
        assert_int_equal(xsm_last_refusal()->offset, marked(here->mark) + (uint32_t)here->item);
    }
}

static void whole_image_is_accepted(void **state) {
    (void)state;
    write_image(usual);
    expect(CHECK_PASSED);
    assert_int_equal(in_force->policy->author_version, 7);
    assert_int_equal(xsm_identity()->epoch, 1);
    assert_int_equal(xsm_identity()->version, 30);
    assert_int_equal(in_force->policy->count[SYMBOL_TYPE], 9);
    assert_int_equal(in_force->policy->count[SYMBOL_CLASS], 5);
    assert_int_equal(in_force->policy->rules.count, 8);
    assert_int_equal(in_force->policy->conditional_rules, 3);
    assert_int_equal(xsm_boolean_count(), 1);
}

static void every_truncation_is_refused(void **state) {
    (void)state;
    write_image(usual);
    for (uint32_t size = 0; size < image.size; size++)
        assert_int_equal(xsm_start(image.bytes, size, ""), REASON_BAD_POLICY);
    image.size--;
    expect(CHECK_TRUNCATED);
}

static void header_and_end_are_checked(void **state) {
    (void)state;
    write_image(usual);
    image.bytes[0] ^= 1;
    expect(CHECK_MAGIC);
    assert_int_equal(xsm_last_refusal()->offset, 0);
    write_image(usual);
    image.bytes[image.size++] = 0;
    expect(CHECK_TRAILING);
    assert_int_equal(xsm_last_refusal()->offset, image.size - 1);
    write_image((struct wishes){.permissive = true});
    expect(CHECK_PERMISSIVE);
}

static void names_are_matched_by_the_vocabulary(void **state) {
    (void)state;
    write_image(usual); /* class domain, which rules use, becomes one that is unknown */
    image.bytes[marked("domain") + 24] = 'x';
    spoil32("role transitions", 0, 1);
    assert_int_equal(xsm_start(image.bytes, image.size, ""), REASON_BAD_POLICY);
    expect(CHECK_UNKNOWN_CLASS);
    write_image(usual); /* domain:create likewise */
    image.bytes[marked("domain") + 24 + 6 + 8 + 10 + 8] = 'x';
    expect(CHECK_UNKNOWN_PERMISSION);
    write_image(usual); /* "*" is written as all ones and means what is defined */
    spoil32("rule", 8, UINT32_MAX);
    expect(CHECK_PASSED);
}

static void repetitions_are_refused(void **state) {
    (void)state;
    write_image(usual);
    memcpy(image.bytes + marked("rule 2"), image.bytes + marked("rule"), 8);
    expect(CHECK_RULE_DUPLICATE);
    write_image(
        usual); /* blue_t becomes crimson, as long as the alias is not: so rename the alias */
    memcpy(image.bytes + marked("alias") + 16, "dom0_self", 9);
    expect(CHECK_DUPLICATE_NAME);
    write_image(usual);
    memcpy(image.bytes + marked("version") + 16, "policy_version_0", 16);
    expect(CHECK_AUTHOR_VERSION);
}

static void incomplete_image_is_not_read(void **state) {
    (void)state;
    write_image(usual);
    expect(CHECK_PASSED);
    assert_int_equal(xsm_load_begin(image.size), REASON_OK);
    assert_int_equal(xsm_load_append(image.bytes, image.size - 1), REASON_OK);
    assert_int_equal(xsm_load_append(image.bytes, 2), REASON_INVALID);
    assert_false(xsm_work_take());
    assert_int_equal(xsm_load_append(image.bytes + image.size - 1, 1), REASON_OK);
    assert_true(xsm_work_take());
    xsm_load_abort();
    assert_int_equal(xsm_load_begin(0), REASON_INVALID);
    assert_int_equal(xsm_load_begin(POLICY_IMAGE_MAX + 1), REASON_NO_SPACE);
}

/* Holds a label of each of `types` extra types, and loads an image in which they need too much. */
static void expect_no_room(uint32_t types, struct wishes then, enum policy_check check) {
    char context[64];
    assert_int_equal(start_image((struct wishes){.extra_types = types}), REASON_OK);
    for (uint32_t i = 0; i < types; i++) {
        snprintf(context, sizeof context, "system_u:system_r:x%03u", i);
        assert_int_not_equal(label_named(context), LABEL_NONE);
    }
    then.extra_types = types;
    write_image(then);
    assert_int_equal(load_image(), REASON_BAD_POLICY);
    assert_string_equal(xsm_last_refusal()->check, policy_check_sentence(check));
    triggered[check] = true;
}

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    expect_no_room(200, (struct wishes){.extra_selves = true}, CHECK_LABEL_ROOM);
    expect_no_room(200, (struct wishes){.extra_attributes = 200}, CHECK_MEMBER_ROOM);
    expect_no_room(64, (struct wishes){.distinct_rules = 4000}, CHECK_VECTOR_ROOM);
}

static void labels_in_use_must_stay_valid(void **state) {
    (void)state;
    assert_int_equal(start_image(usual), REASON_OK);
    assert_int_not_equal(label_named("system_u:system_r:blue_t"), LABEL_NONE);
    write_image((struct wishes){.without_blue = true});
    assert_int_equal(load_image(), REASON_BAD_POLICY);
    assert_string_equal(xsm_last_refusal()->check, policy_check_sentence(CHECK_LIVE_LABEL));
    triggered[CHECK_LIVE_LABEL] = true;
}

/* The images take turns, a refused one none; nothing is written beyond the size given. */
static void images_take_turns(void **state) {
    (void)state;
    assert_int_equal(start_image(usual), REASON_OK);
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t slot = xsm_load_slot();
        assert_in_range(slot, 0, POLICY_SLOTS - 1);
        memset(policy_bytes[slot], 0xa5, POLICY_IMAGE_MAX);
        memset(policy_bytes[POLICY_SPARE], 0xa5, POLICY_IMAGE_MAX);
        write_image((struct wishes){.permissive = i % 2 == 0});
        assert_int_equal(load_image(), i % 2 == 0 ? REASON_BAD_POLICY : REASON_OK);
        for (uint32_t at = image.size; at < POLICY_IMAGE_MAX; at++) {
            assert_int_equal(policy_bytes[slot][at], 0xa5);
            assert_int_equal(policy_bytes[POLICY_SPARE][at], 0xa5);
        }
        assert_int_equal(xsm_load_slot(), i % 2 == 0 ? slot : 1 - slot);
    }
}

static void no_check_is_untested(void **state) {
    (void)state;
    for (int i = CHECK_PASSED + 1; i < CHECK_COUNT_OF; i++)
        if (!triggered[i])
            fail_msg("nothing fails: %s", policy_check_sentence((enum policy_check)i));
}

/* No single byte, whatever it becomes, brings the reader out of bounds or into an endless loop. */
static void any_byte_may_be_spoiled(void **state) {
    (void)state;
    write_image(usual);
    for (uint32_t i = 0; i < image.size; i++) {
        static const uint8_t by[] = {0x01, 0x80, 0xff, 0x40};
        for (size_t j = 0; j < sizeof by; j++) {
            image.bytes[i] ^= by[j];
            (void)xsm_start(image.bytes, image.size, "");
            image.bytes[i] ^= by[j];
        }
    }
}

static void real_images_load_and_their_parts_do_not(void **state) {
    static uint8_t bytes[POLICY_IMAGE_MAX];
    (void)state;
    for (int i = 0; i < paths; i++) {
        FILE *file = fopen(path[i], "rb");
        assert_non_null(file);
        uint32_t size = (uint32_t)fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        assert_int_equal(xsm_start(bytes, size, ""), REASON_OK);
        for (uint32_t part = 0; part < size; part++)
            assert_int_equal(xsm_start(bytes, part, ""), REASON_BAD_POLICY);
        print_message("%s: %u truncations refused\n", path[i], size);
    }
}

static void identity_is_the_hash(void **state) {
    static const uint8_t abc[SHA256_BYTES] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
                                              0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
                                              0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
                                              0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    static const uint8_t two_blocks[SHA256_BYTES] = {
        0x24, 0x8d, 0x6a, 0x61, 0xd2, 0x06, 0x38, 0xb8, 0xe5, 0xc0, 0x26,
        0x93, 0x0c, 0x3e, 0x60, 0x39, 0xa3, 0x3c, 0xe4, 0x59, 0x64, 0xff,
        0x21, 0x67, 0xf6, 0xec, 0xed, 0xd4, 0x19, 0xdb, 0x06, 0xc1};
    const char *text = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    uint8_t digest[SHA256_BYTES];
    struct sha256 sha;
    (void)state;
    sha256_begin(&sha);
    sha256_append(&sha, (const uint8_t *)"abc", 3);
    sha256_end(&sha, digest);
    assert_memory_equal(digest, abc, SHA256_BYTES);
    sha256_begin(&sha);
    sha256_append(&sha, (const uint8_t *)text, 56);
    sha256_end(&sha, digest);
    assert_memory_equal(digest, two_blocks, SHA256_BYTES);

    assert_int_equal(start_image(usual), REASON_OK);
    for (uint32_t piece = 1; piece < 200; piece++) { /* whatever the pieces are */
        sha256_begin(&sha);
        for (uint32_t at = 0; at < image.size; at += piece)
            sha256_append(&sha, image.bytes + at,
                          image.size - at < piece ? image.size - at : piece);
        sha256_end(&sha, digest);
        assert_memory_equal(digest, xsm_identity()->sha256, SHA256_BYTES);
    }
}

int main(int count, char **argument) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_image_is_accepted),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(header_and_end_are_checked),
        cmocka_unit_test(each_check_refuses),
        cmocka_unit_test(names_are_matched_by_the_vocabulary),
        cmocka_unit_test(repetitions_are_refused),
        cmocka_unit_test(incomplete_image_is_not_read),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(labels_in_use_must_stay_valid),
        cmocka_unit_test(images_take_turns),
        cmocka_unit_test(no_check_is_untested),
        cmocka_unit_test(any_byte_may_be_spoiled),
        cmocka_unit_test(identity_is_the_hash),
        cmocka_unit_test(real_images_load_and_their_parts_do_not),
    };
    paths = count - 1;
    path = argument + 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
