/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is granted, whoever asks whatever of whomever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "xsm/xsm.h"

static void nothing_is_granted(void **state) {
    (void)state;
    assert_int_equal(xsm_start(NULL, 0, "label=red_t"), REASON_OK);
    assert_string_equal(xsm_module_name(), "deny_all");
    for (label_id s = 0; s < 32; s++)
        for (label_id t = 0; t < 32; t++)
            for (unsigned p = 0; p < CLASS_COUNT * 32; p++)
                assert_int_equal(xsm_decide(s, t, (enum permission)p), XSM_RECORD);
    assert_int_equal(xsm_decide(0xff, 0xff, PERMISSION_NONE), XSM_RECORD);
}

static void labels_are_there_nonetheless(void **state) {
    struct xsm_vector vector;
    (void)state;
    assert_int_equal(xsm_start(NULL, 0, "label=red_t"), REASON_OK);
    assert_true(xsm_label_fits_domain(LABEL_DOM0));
    xsm_vector(LABEL_DOM0, LABEL_XEN, CLASS_xen, &vector);
    assert_int_equal(vector.allowed, 0);
    assert_int_equal(vector.audit_deny, UINT32_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_granted),
        cmocka_unit_test(labels_are_there_nonetheless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
