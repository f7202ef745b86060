/* SPDX-License-Identifier: Apache-2.0 */
/* Short texts: nothing is written past a buffer, and options are found as whole words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "hv/core/text.h"

static void test_cut_at_the_end(void **state) {
    char buffer[16];

    (void)state;
    for (size_t size = 1; size <= 8; size++) {
        memset(buffer, '#', sizeof(buffer));
        assert_int_equal(text_format(buffer, size, "%s%lu", "abcdefghij", UINT64_MAX), size - 1);
        assert_int_equal(strlen(buffer), size - 1);
        assert_memory_equal(buffer, "abcdefghij", size - 1);
        assert_int_equal(buffer[size], '#');
    }
}

static void test_numbers(void **state) {
    char buffer[64];

    (void)state;
    (void)text_format(buffer, sizeof(buffer), "%lu %lu 0x%lx%s", 0ul, UINT64_MAX, UINT64_MAX, "!");
    assert_string_equal(buffer, "0 18446744073709551615 0xffffffffffffffff!");
    assert_int_equal(text_format(buffer, sizeof(buffer), "%s", ""), 0);
    assert_string_equal(buffer, "");
    (void)text_format(buffer, sizeof(buffer), "%lx", 0xfeul);
    assert_string_equal(buffer, "fe");
    assert_int_equal(text_length(buffer), strlen(buffer));
    assert_true(text_equal("", "") && text_equal("ab", "ab"));
    assert_false(text_equal("a", "ab") || text_equal("ab", "a") || text_equal("a", "b"));
}

static void test_options(void **state) {
    (void)state;
    assert_int_equal(text_option("dom0_mem=512M x", "dom0_mem", 7), 512ull << 20);
    assert_int_equal(text_option("a dom0_mem=2g", "dom0_mem", 7), 2ull << 30);
    assert_int_equal(text_option("a dom0_mem=3k", "dom0_mem", 7), 3ull << 10);
    assert_int_equal(text_option("dom0_mem=1073741824", "dom0_mem", 7), 1ull << 30);
    assert_true(text_option("dom0_mem=18446744073709551599", "dom0_mem", 7) == UINT64_MAX - 16);
    assert_int_equal(text_option("dom0_mem=18446744073709551616", "dom0_mem", 7), 7);
    assert_int_equal(text_option("dom0_mem=99999999999G", "dom0_mem", 7), 7);
    assert_int_equal(text_option("dom0_mem=", "dom0_mem", 7), 7);
    assert_int_equal(text_option("dom0_mem", "dom0_mem", 7), 7);
    assert_int_equal(text_option("dom0_mem=x", "dom0_mem", 7), 7);
    assert_int_equal(text_option("xdom0_mem=5", "dom0_mem", 7), 7);
    assert_int_equal(text_option("", "dom0_mem", 7), 7);
    /* A longer word, or the word without a value, does not hide it. */
    assert_int_equal(text_option("dom0_memory=1 dom0_mem dom0_mem=5", "dom0_mem", 7), 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_at_the_end),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
