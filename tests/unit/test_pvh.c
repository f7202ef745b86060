/* SPDX-License-Identifier: Apache-2.0 */
/* PVH images: every truncation and every mutation of a small valid one. The image lies at the end
 * of its own allocation, so that the sanitizer sees a byte too far; what is accepted is checked
 * against what its contract says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "hv/core/pvh.h"

#define SIZE 344u

static uint32_t accepted;

static void put(uint8_t *at, uint64_t value, uint32_t bytes) {
    for (uint32_t i = 0; i < bytes; i++) at[i] = (uint8_t)(value >> (8 * i));
}

static void fill(uint8_t *image) {
    memset(image, 0, SIZE);
    put(image, 0x464c457f, 4);
    image[4] = 2;
    image[5] = 1;
    put(image + 18, 62, 2);
    put(image + 32, 64, 8);
    put(image + 54, 56, 2);
    put(image + 56, 2, 2);
    put(image + 64, 1, 4); /* PT_LOAD */
    put(image + 72, 256, 8);
    put(image + 88, 0x100000, 8);
    put(image + 96, 64, 8);
    put(image + 104, 8192, 8);
    put(image + 120, 4, 4); /* PT_NOTE */
    put(image + 128, 320, 8);
    put(image + 152, 20, 8);
    put(image + 320, 4, 4);
    put(image + 324, 4, 4);
    put(image + 328, 18, 4);
    put(image + 332, 0x006e6558, 4);
    put(image + 336, 0x100010, 4);
}

/* Runs the validation on a copy that ends where its allocation ends. */
static const char *validate(const uint8_t *image, size_t size, struct pvh_image *out) {
    uint8_t *copy = malloc(size + 1);
    const char *answer;

    assert_non_null(copy);
    copy = realloc(copy, size == 0 ? 1 : size);
    assert_non_null(copy);
    memcpy(copy, image, size);
    answer = pvh_validate(copy, size, out);
    if (answer == NULL) {
        accepted++;
        assert_in_range(out->segments, 1, PVH_SEGMENTS_MAX);
        for (uint32_t i = 0; i < out->segments; i++) {
            const struct pvh_segment *segment = &out->segment[i];

            assert_true(segment->offset <= size && segment->file_size <= size - segment->offset);
            assert_true(segment->file_size <= segment->size);
            assert_true(segment->size <= UINT64_MAX - segment->address);
            assert_true(segment->address + segment->size <= out->end);
        }
    } else {
        assert_true(strncmp(answer, "kernel: ", 8) == 0);
    }
    free(copy);
    return answer;
}

static void test_valid(void **state) {
    uint8_t image[SIZE];
    struct pvh_image out;

    (void)state;
    fill(image);
    assert_null(validate(image, SIZE, &out));
    assert_int_equal(out.entry, 0x100010);
    assert_int_equal(out.segments, 1);
    assert_int_equal(out.end, 0x102000);
    assert_int_equal(out.segment[0].offset, 256);
    assert_int_equal(out.segment[0].file_size, 64);
}

static void test_every_truncation(void **state) {
    uint8_t image[SIZE];
    struct pvh_image out;

    (void)state;
    fill(image);
    for (size_t size = 0; size < 340; size++) assert_non_null(validate(image, size, &out));
}

static void test_every_mutation(void **state) {
    static const uint8_t values[] = {0, 1, 2, 4, 0x7f, 0x80, 0xfe, 0xff};
    uint8_t image[SIZE];
    struct pvh_image out;

    (void)state;
    for (size_t at = 0; at < SIZE; at++) {
        for (uint32_t value = 0; value < 256; value++) {
            fill(image);
            image[at] = (uint8_t)value;
            (void)validate(image, SIZE, &out);
        }
        for (size_t second = 0; second < SIZE; second++) {
            for (uint32_t i = 0; i < sizeof(values); i++) {
                fill(image);
                image[at] ^= values[i];
                image[second] = values[(i + at + second) % sizeof(values)];
                (void)validate(image, SIZE, &out);
            }
        }
    }
    assert_true(accepted > 1000);
}

static void test_wide_fields(void **state) {
    static const uint64_t values[] = {
        UINT64_MAX, UINT64_MAX - 1, 1ull << 63, 1ull << 32, UINT64_MAX - 343, 345, 344, 343};
    uint8_t image[SIZE];
    struct pvh_image out;

    (void)state;
    for (size_t at = 0; at + 8 <= SIZE; at += 4) {
        for (uint32_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
            fill(image);
            put(image + at, values[i], 8);
            (void)validate(image, SIZE, &out);
        }
    }
}

static void test_bzimage_says_what_to_do(void **state) {
    uint8_t image[0x206] = {0};
    struct pvh_image out;

    (void)state;
    put(image + 0x202, 0x53726448, 4);
    assert_non_null(strstr(validate(image, sizeof(image), &out), "image/unpack-kernel"));
    assert_non_null(strstr(validate(image, 0x205, &out), "not an ELF"));
}

static void test_notes(void **state) {
    uint8_t image[SIZE];
    struct pvh_image out;

    (void)state;
    fill(image);
    put(image + 328, 17, 4); /* another note */
    assert_non_null(strstr(validate(image, SIZE, &out), "CONFIG_PVH"));
    fill(image);
    put(image + 332, 0x00756e47, 4); /* another's */
    assert_non_null(strstr(validate(image, SIZE, &out), "CONFIG_PVH"));
    fill(image);
    put(image + 324, 3, 4); /* a descriptor too short for an address */
    assert_non_null(strstr(validate(image, SIZE, &out), "CONFIG_PVH"));
    fill(image);
    put(image + 152, 19, 8); /* a segment that ends within the note */
    assert_non_null(strstr(validate(image, SIZE, &out), "CONFIG_PVH"));
    fill(image);
    put(image + 64, 2, 4);
    assert_non_null(strstr(validate(image, SIZE, &out), "nothing to load"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_every_mutation),
        cmocka_unit_test(test_wide_fields),
        cmocka_unit_test(test_bzimage_says_what_to_do),
        cmocka_unit_test(test_notes),
    };
    return cmocka_run_group_tests_name("pvh", tests, NULL, NULL);
}
