/* SPDX-License-Identifier: Apache-2.0 */
/* The module without a policy: labels of the command line, and every answer between them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "xsm/xsm.h"

static label_id find(const char *context) {
    label_id label = LABEL_NONE;
    if (xsm_label_find(context, strlen(context), LABEL_DOM0, &label) != REASON_OK)
        return LABEL_NONE;
    return label;
}

static unsigned may(label_id subject, label_id object, enum permission permission) {
    return xsm_decide(subject, object, permission);
}

static void start(void) {
    assert_int_equal(xsm_start(NULL, 0, "loglevel=3 label=red_t,blue_t label=green_t quiet"),
                     REASON_OK);
}

static void labels_come_from_the_command_line(void **state) {
    char text[CONTEXT_MAX];
    size_t length = 0;
    (void)state;
    start();
    label_id red = find("system_u:system_r:red_t");
    assert_true(xsm_label_fits_domain(red));
    assert_true(xsm_label_fits_domain(find("system_u:system_r:green_t")));
    assert_true(xsm_label_fits_domain(LABEL_DOM0));
    assert_true(xsm_label_fits_domain(LABEL_DOMU));
    assert_false(xsm_label_fits_domain(LABEL_XEN));
    assert_false(xsm_label_fits_domain(xsm_label_self(red)));
    assert_int_equal(find("system_u:system_r:dom0_t"), LABEL_DOM0);
    assert_int_equal(find("system_u:system_r:red_t_self"), xsm_label_self(red));
    assert_int_equal(find("system_u:system_r:pink_t"), LABEL_NONE);
    assert_int_equal(find("system_u:object_r:red_t"), LABEL_NONE);
    assert_int_equal(find("system_u:system_r:"), LABEL_NONE);
    assert_int_equal(find(""), LABEL_NONE);
    assert_int_equal(xsm_label_context(red, text, sizeof text, &length), REASON_OK);
    assert_string_equal(text, "system_u:system_r:red_t");
    assert_int_equal(length, sizeof "system_u:system_r:red_t");
    assert_int_equal(xsm_label_context(red, text, length - 1, &length), REASON_NO_BUFFERS);
    assert_int_equal(xsm_label_of_sid(xsm_sid_of_label(red)), red);
}

static void malformed_options_are_refused(void **state) {
    static const char *const bad[] = {"label=",       "label=a,,b",   "label=a:b",   "label=a,a",
                                      "label=dom0_t", "label=a_self", "x label=\x01"};
    char many[2048] = "label=a0";
    (void)state;
    assert_int_equal(xsm_start(NULL, 0, ""), REASON_OK);
    assert_int_equal(xsm_start(NULL, 0, "xlabel=,"), REASON_OK);
    for (size_t i = 1; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(xsm_start(NULL, 0, bad[i]), REASON_INVALID);
    for (char c = 'a'; c <= 'z'; c++)
        for (char d = 'a'; d <= 'd'; d++) {
            const char part[] = {',', c, d, 0};
            strcat(many, part);
        }
    assert_int_equal(xsm_start(NULL, 0, many), REASON_INVALID);
}

static void management_may_do_all(void **state) {
    (void)state;
    start();
    for (label_id object = 1; object < LABEL_INITIAL_COUNT; object++)
        for (unsigned p = 0; p < CLASS_COUNT * 32; p++)
            assert_int_equal(may(LABEL_DOM0, object, (enum permission)p), XSM_GRANTED);
    assert_int_equal(may(LABEL_DOM0, find("system_u:system_r:red_t"), PERMISSION_domain_destroy),
                     XSM_GRANTED);
    assert_int_equal(may(LABEL_DOM0, 200, PERMISSION_domain_destroy), XSM_RECORD);
    assert_int_equal(may(LABEL_DOM0, 0, PERMISSION_domain_destroy), XSM_RECORD);
    assert_int_equal(may(LABEL_DOM0, LABEL_XEN, PERMISSION_NONE), XSM_RECORD);
}

static void tenants_reach_only_their_own(void **state) {
    (void)state;
    start();
    label_id red = find("system_u:system_r:red_t");
    label_id blue = find("system_u:system_r:blue_t");
    label_id self = xsm_label_self(red);
    for (unsigned p = 0; p < CLASS_COUNT * 32; p++) {
        enum permission permission = (enum permission)p;
        assert_int_equal(may(red, blue, permission), XSM_RECORD);
        assert_int_equal(may(red, xsm_label_self(blue), permission), XSM_RECORD);
        assert_int_equal(may(red, LABEL_UNLABELED, permission), XSM_RECORD);
        assert_int_equal(may(red, LABEL_SECURITY, permission), XSM_RECORD);
        assert_int_equal(may(self, red, permission), XSM_RECORD);
        assert_int_equal(may(LABEL_XEN, red, permission), XSM_RECORD);
        if (permission_class(permission) == CLASS_domain)
            assert_int_equal(may(red, self, permission), XSM_RECORD);
        if (permission_class(permission) != CLASS_event)
            assert_int_equal(may(red, LABEL_DOM0, permission), XSM_RECORD);
    }
    assert_int_equal(may(red, self, PERMISSION_vcpu_yield), XSM_GRANTED);
    assert_int_equal(may(red, self, PERMISSION_port_close), XSM_GRANTED);
    assert_int_equal(may(red, self, PERMISSION_port_bind_global_virq), XSM_RECORD);
    assert_int_equal(may(red, self, PERMISSION_mmu_adjust), XSM_GRANTED);
    assert_int_equal(may(red, red, PERMISSION_grant_map_write), XSM_GRANTED);
    assert_int_equal(may(red, red, PERMISSION_event_bind), XSM_GRANTED);
    assert_int_equal(may(red, red, PERMISSION_mmu_map_read), XSM_RECORD);
    assert_int_equal(may(red, red, PERMISSION_domain_destroy), XSM_RECORD);
    assert_int_equal(may(red, LABEL_DOM0, PERMISSION_event_bind), XSM_GRANTED);
    assert_int_equal(may(red, LABEL_XEN, PERMISSION_cordon_version), XSM_GRANTED);
    assert_int_equal(may(red, LABEL_XEN, PERMISSION_version_xen_commandline), XSM_RECORD);
    assert_int_equal(may(red, LABEL_XEN, PERMISSION_xen_readconsole), XSM_RECORD);
    assert_int_equal(may(red, xsm_label_channel(red, LABEL_DOM0), PERMISSION_event_send),
                     XSM_GRANTED);
}

static void unlabelled_machines_have_no_peers(void **state) {
    (void)state;
    start();
    assert_int_equal(may(LABEL_DOMU, LABEL_DOMU, PERMISSION_event_bind), XSM_RECORD);
    assert_int_equal(may(LABEL_DOMU, LABEL_DOMU, PERMISSION_grant_map_read), XSM_RECORD);
    assert_int_equal(may(LABEL_DOMU, xsm_label_self(LABEL_DOMU), PERMISSION_vcpu_yield),
                     XSM_GRANTED);
    assert_int_equal(
        may(LABEL_DOMU, xsm_label_channel(LABEL_DOMU, LABEL_DOM0), PERMISSION_event_create),
        XSM_GRANTED);
}

static void there_is_no_policy(void **state) {
    (void)state;
    start();
    assert_string_equal(xsm_module_name(), "isolate");
    assert_int_equal(xsm_load_begin(100), REASON_UNSUPPORTED);
    assert_int_equal(xsm_change(), XSM_NO_CHANGE);
    assert_false(xsm_work_take());
    assert_int_equal(xsm_settle().change, XSM_NO_CHANGE);
    assert_int_equal(xsm_booleans_commit(), REASON_UNSUPPORTED);
    assert_int_equal(xsm_boolean_count(), 0);
    assert_int_equal(xsm_identity()->size, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_come_from_the_command_line),
        cmocka_unit_test(malformed_options_are_refused),
        cmocka_unit_test(management_may_do_all),
        cmocka_unit_test(tenants_reach_only_their_own),
        cmocka_unit_test(unlabelled_machines_have_no_peers),
        cmocka_unit_test(there_is_no_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
