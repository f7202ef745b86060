/* SPDX-License-Identifier: Apache-2.0 */
/* Type enforcement's control path: labels, holds, SIDs, quota, the closure of derived labels, loads
 * and booleans. What is refused changes nothing; what is derived lives as long as its parents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/xsm_image.h"

#define RED "system_u:system_r:red_t"
#define RED_SELF "system_u:system_r:red_self"
#define BLUE "system_u:system_r:blue_t"
#define CHANNEL "system_u:object_r:channel_t"

static const struct wishes usual = {0};

static void start(void) { assert_int_equal(start_image(usual), REASON_OK); }

static unsigned may(label_id subject, label_id object, enum permission permission) {
    return xsm_decide(subject, object, permission);
}

static void assert_context(label_id label, const char *context) {
    char text[CONTEXT_MAX];
    size_t length = 0;
    assert_int_equal(xsm_label_context(label, text, sizeof text, &length), REASON_OK);
    assert_string_equal(text, context);
    assert_int_equal(length, strlen(context) + 1);
    assert_int_equal(xsm_label_context(label, text, length - 1, &length), REASON_NO_BUFFERS);
}

static uint32_t live_labels(void) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < LABELS_MAX; i++) count += xsm_sid_of_label((label_id)i) != 0;
    return count;
}

static void initial_labels_have_their_numbers(void **state) {
    (void)state;
    start();
    for (uint32_t i = 1; i < LABEL_INITIAL_COUNT; i++) {
        assert_int_equal(xsm_sid_of_label((label_id)i), i);
        assert_int_equal(xsm_label_of_sid(i), i);
    }
    assert_context(LABEL_DOM0, "system_u:system_r:dom0_t");
    assert_int_equal(xsm_label_of_sid(0), LABEL_NONE);
    assert_int_equal(xsm_label_of_sid(UINT32_MAX), LABEL_NONE);
    for (uint32_t i = 0; i < 100; i++) /* never die */
        xsm_label_drop(LABEL_DOM0);
    assert_context(LABEL_DOM0, "system_u:system_r:dom0_t");
}

static void contexts_are_checked(void **state) {
    static const char *const bad[] = {"",
                                      ":",
                                      "::",
                                      "system_u",
                                      "system_u:system_r",
                                      "system_u:system_r:",
                                      "system_u:system_r:none_t",
                                      "system_u:system_r:domain_type",
                                      "none_u:system_r:red_t",
                                      "system_u:none_r:red_t",
                                      "system_u:object_r:domain_type",
                                      "system_u:system_r:red_t:s0",
                                      " system_u:system_r:red_t",
                                      "system_u:system_r:red_t "};
    char long_one[2 * CONTEXT_MAX];
    label_id label = 77;
    (void)state;
    start();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(xsm_label_find(bad[i], strlen(bad[i]), LABEL_DOM0, &label),
                         REASON_NO_CONTEXT);
    memset(long_one, 'a', sizeof long_one);
    assert_int_equal(xsm_label_find(long_one, sizeof long_one, LABEL_DOM0, &label),
                     REASON_NO_CONTEXT);
    assert_int_equal(label, 77);
    assert_int_equal(label_named("system_u:system_r:crimson_t"), label_named(RED));
    assert_int_not_equal(label_named("other_u:other_r:red_t"), label_named(RED));
}

static void answers_follow_the_rules(void **state) {
    (void)state;
    start();
    label_id red = label_named(RED);
    label_id blue = label_named(BLUE);
    assert_int_equal(may(LABEL_DOM0, red, PERMISSION_domain_create), XSM_GRANTED | XSM_RECORD);
    assert_int_equal(may(LABEL_DOM0, red, PERMISSION_domain_pause), XSM_RECORD);
    assert_int_equal(may(red, red, PERMISSION_domain_pause), XSM_GRANTED);
    assert_int_equal(may(blue, red, PERMISSION_domain_create), 0); /* dontaudit */
    assert_int_equal(may(blue, red, PERMISSION_domain_pause), XSM_RECORD);
    assert_int_equal(may(red, blue, PERMISSION_domain_destroy), XSM_RECORD); /* image lacks it */
}

static void what_is_not_live_is_denied(void **state) {
    static const label_id wrong[] = {LABEL_NONE, LABEL_INITIAL_COUNT + 50, 200, LABELS_MAX - 1};
    (void)state;
    start();
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(may(wrong[i], LABEL_DOM0, PERMISSION_domain_create), XSM_RECORD);
        assert_int_equal(may(LABEL_DOM0, wrong[i], PERMISSION_domain_create), XSM_RECORD);
        assert_false(xsm_label_fits_domain(wrong[i]));
        assert_int_equal(xsm_label_self(wrong[i]), LABEL_UNLABELED);
        assert_int_equal(xsm_label_channel(wrong[i], LABEL_DOM0), LABEL_UNLABELED);
        assert_int_equal(xsm_label_channel(LABEL_DOM0, wrong[i]), LABEL_UNLABELED);
        xsm_label_hold(wrong[i]);
        xsm_label_drop(wrong[i]);
    }
    assert_int_equal(may(LABEL_DOM0, LABEL_DOM0, PERMISSION_NONE), XSM_RECORD);
    for (unsigned i = CLASS_COUNT * 32; i < 32 * 32; i++) /* classes that there are not */
        assert_int_equal(may(LABEL_DOM0, LABEL_DOM0, (enum permission)i), XSM_RECORD);
}

static void derived_labels_live_with_their_parents(void **state) {
    (void)state;
    start();
    uint32_t before = live_labels();
    label_id red = label_named(RED);
    assert_true(xsm_label_fits_domain(red));
    assert_context(xsm_label_self(red), RED_SELF);
    assert_context(xsm_label_channel(red, LABEL_DOM0), CHANNEL);
    assert_context(xsm_label_channel(LABEL_DOM0, red), "system_u:object_r:red_t");
    assert_int_equal(may(red, xsm_label_channel(red, LABEL_DOM0), PERMISSION_event_create),
                     XSM_GRANTED);
    label_id self = xsm_label_self(red);
    uint32_t sid = xsm_sid_of_label(self);
    xsm_label_hold(self);
    xsm_label_drop(red);
    assert_int_equal(xsm_sid_of_label(red), 0);
    assert_int_equal(xsm_sid_of_label(self), sid); /* held */
    assert_int_equal(live_labels(), before + 1);
    xsm_label_drop(self);
    assert_int_equal(live_labels(), before);
    assert_int_equal(xsm_label_of_sid(sid), LABEL_NONE);
}

static void dead_labels_are_denied_and_sids_not_reused(void **state) {
    (void)state;
    start();
    label_id red = label_named(RED);
    uint32_t sid = xsm_sid_of_label(red);
    xsm_label_drop(red);
    assert_int_equal(may(LABEL_DOM0, red, PERMISSION_domain_create), XSM_RECORD);
    assert_int_equal(may(red, red, PERMISSION_domain_pause), XSM_RECORD);
    assert_int_equal(xsm_label_of_sid(sid), LABEL_NONE);
    assert_int_equal(xsm_label_channel(red, LABEL_DOM0), LABEL_UNLABELED);
    assert_int_equal(xsm_label_channel(LABEL_DOM0, red), LABEL_UNLABELED);
    label_id blue = label_named(BLUE);
    label_id again = label_named(RED);
    assert_true(xsm_sid_of_label(blue) > sid);
    assert_true(xsm_sid_of_label(again) > sid);
    assert_int_equal(may(LABEL_DOM0, again, PERMISSION_domain_create), XSM_GRANTED | XSM_RECORD);
}

static void holds_are_counted(void **state) {
    (void)state;
    start();
    label_id red = label_named(RED);
    assert_int_equal(label_named(RED), red);
    xsm_label_hold(red);
    xsm_label_drop(red);
    xsm_label_drop(red);
    assert_context(red, RED);
    xsm_label_drop(red);
    assert_int_equal(xsm_sid_of_label(red), 0);
}

static void only_labels_with_a_self_fit_domains(void **state) {
    (void)state;
    start();
    assert_true(xsm_label_fits_domain(LABEL_DOM0));
    assert_false(xsm_label_fits_domain(LABEL_XEN));
    assert_false(xsm_label_fits_domain(LABEL_UNLABELED));
    assert_false(xsm_label_fits_domain(label_named(BLUE)));
    assert_false(xsm_label_fits_domain(label_named("system_u:object_r:red_t")));
    assert_int_equal(xsm_label_self(label_named(BLUE)), LABEL_UNLABELED);
}

static void one_asker_cannot_take_all(void **state) {
    char context[64];
    label_id label = LABEL_NONE;
    label_id last = LABEL_NONE;
    uint32_t made = 0;
    (void)state;
    assert_int_equal(start_image((struct wishes){.extra_types = 100}), REASON_OK);
    for (uint32_t i = 0; i < 100; i++) {
        snprintf(context, sizeof context, "system_u:system_r:x%03u", i);
        if (xsm_label_find(context, strlen(context), LABEL_DOM0, &label) != REASON_OK) break;
        last = label;
        made++;
    }
    assert_int_equal(made, 64);
    assert_int_equal(xsm_label_find(RED, strlen(RED), LABEL_XEN, &label), REASON_OK);
    assert_int_equal(xsm_label_find(RED, strlen(RED), LABEL_DOM0, &label), REASON_OK); /* exists */
    assert_int_equal(xsm_label_find(BLUE, strlen(BLUE), LABEL_DOM0, &label), REASON_NO_SPACE);
    xsm_label_drop(last);
    assert_int_equal(xsm_label_find(BLUE, strlen(BLUE), LABEL_DOM0, &label), REASON_OK);
}

static void a_full_table_refuses_and_recovers(void **state) {
    char context[64];
    label_id label[LABELS_MAX] = {0};
    uint32_t made = 0;
    (void)state;
    assert_int_equal(start_image((struct wishes){.extra_types = 500, .extra_selves = true}),
                     REASON_OK);
    uint32_t before = live_labels();
    for (uint32_t i = 0; i < 500; i++) {
        snprintf(context, sizeof context, "system_u:system_r:x%03u", i);
        label[i] = label_named(context);
        if (label[i] == LABEL_NONE) break;
        made++;
    }
    /* A domain label brings two: its self label, and that of channels towards it. */
    assert_in_range(made, 75, 81);
    assert_true(live_labels() < LABELS_MAX);
    assert_int_equal(label_named("system_u:system_r:x499"), LABEL_NONE);
    for (uint32_t i = 0; i < made; i++) xsm_label_drop(label[i]);
    assert_int_equal(live_labels(), before);
    assert_int_not_equal(label_named("system_u:system_r:x499"), LABEL_NONE);
}

/* Vectors of dead labels are not given back one by one; the table is made afresh instead. */
static void vectors_do_not_leak(void **state) {
    (void)state;
    assert_int_equal(start_image((struct wishes){.extra_types = 64, .distinct_rules = 4000}),
                     REASON_OK);
    for (uint32_t i = 0; i < 63; i++) {
        char context[64];
        label_id label[8];
        for (uint32_t j = 0; j < 8; j++) {
            snprintf(context, sizeof context, "system_u:system_r:x%03u", (i * 7 + j * 5) % 62);
            label[j] = label_named(context);
            assert_int_not_equal(label[j], LABEL_NONE);
        }
        for (uint32_t j = 0; j < 8; j++) xsm_label_drop(label[j]);
    }
}

static void create_query_interns(void **state) {
    label_id label = LABEL_NONE;
    (void)state;
    start();
    label_id red = label_named(RED);
    assert_int_equal(xsm_label_create(red, red, CLASS_domain, &label), REASON_OK);
    assert_int_equal(label, xsm_label_self(red));
    assert_int_equal(xsm_label_create(red, LABEL_XEN, CLASS_grant, &label), REASON_OK);
    assert_context(label, "system_u:object_r:xen_t");
    xsm_label_drop(label);
    assert_int_equal(xsm_label_create(red, 200, CLASS_grant, &label), REASON_NO_ENTRY);
}

static void vector_and_numbers_are_of_the_image(void **state) {
    struct xsm_vector vector;
    enum xsm_class class = CLASS_COUNT;
    (void)state;
    start();
    xsm_vector(LABEL_DOM0, LABEL_DOM0, CLASS_domain, &vector);
    assert_int_equal(vector.allowed, 1u << permission_bit(PERMISSION_domain_create));
    assert_int_equal(vector.audit_allow, vector.allowed);
    assert_int_equal(vector.audit_deny, UINT32_MAX);
    assert_int_equal(xsm_permissions_to_policy(CLASS_domain, vector.allowed), 2);
    assert_true(xsm_class_of_policy(1, &class));
    assert_int_equal(class, CLASS_domain);
    assert_false(xsm_class_of_policy(0, &class));
    assert_false(xsm_class_of_policy(5, &class));
    assert_false(xsm_class_of_policy(6, &class));
    xsm_vector(LABEL_DOM0, 200, CLASS_domain, &vector);
    assert_int_equal(vector.allowed, 0);
}

static void load_and_commit(struct wishes wishes) {
    struct xsm_refusal refusal;
    write_image(wishes);
    assert_int_equal(load_image(&refusal), REASON_OK);
    assert_int_equal(xsm_load_commit(&refusal), REASON_OK);
}

static void a_load_swaps_at_the_commit(void **state) {
    struct xsm_refusal refusal;
    (void)state;
    start();
    label_id red = label_named(RED);
    label_id self = xsm_label_self(red);
    uint32_t sid = xsm_sid_of_label(self);
    assert_int_equal(may(red, red, PERMISSION_domain_pause), XSM_GRANTED);
    write_image((struct wishes){.other_permissions = true, .reversed = true});
    assert_int_equal(load_image(&refusal), REASON_OK);
    assert_int_equal(may(red, red, PERMISSION_domain_pause), XSM_GRANTED);
    assert_int_equal(xsm_identity()->epoch, 1);
    assert_int_equal(xsm_load_commit(&refusal), REASON_OK);
    assert_int_equal(xsm_identity()->epoch, 2);
    assert_int_equal(may(red, red, PERMISSION_domain_pause), XSM_RECORD);
    assert_int_equal(may(red, red, PERMISSION_domain_create), XSM_GRANTED);
    /* other numbers in the image, the same labels */
    assert_context(red, RED);
    assert_int_equal(xsm_label_self(red), self);
    assert_int_equal(xsm_sid_of_label(self), sid);
    assert_context(self, RED_SELF);
    load_and_commit(usual);
    assert_int_equal(may(red, red, PERMISSION_domain_pause), XSM_GRANTED);
}

static void a_refused_load_changes_nothing(void **state) {
    struct xsm_refusal refusal;
    (void)state;
    start();
    label_id red = label_named(RED);
    uint32_t labels = live_labels();
    struct xsm_identity before = *xsm_identity();
    write_image((struct wishes){.other_permissions = true});
    image.bytes[image.size - 1] ^= 0xff;
    assert_int_equal(load_image(&refusal), REASON_BAD_POLICY);
    assert_int_equal(xsm_load_commit(&refusal), REASON_INVALID);
    write_image((struct wishes){.no_self = true}); /* a domain's label would not fit one any more */
    assert_int_equal(load_image(&refusal), REASON_BAD_POLICY);
    write_image((struct wishes){.other_permissions = true});
    assert_int_equal(load_image(&refusal), REASON_OK);
    xsm_load_abort();
    assert_int_equal(xsm_load_commit(&refusal), REASON_INVALID);

    assert_memory_equal(&before, xsm_identity(), sizeof before);
    assert_int_equal(may(red, red, PERMISSION_domain_pause), XSM_GRANTED);
    assert_int_equal(live_labels(), labels);
    xsm_label_drop(red);
    load_and_commit((struct wishes){.no_self = true});
}

static void labels_may_come_and_go_during_a_load(void **state) {
    struct xsm_refusal refusal;
    enum reason reason;
    (void)state;
    start();
    label_id red = label_named(RED);
    write_image((struct wishes){.other_permissions = true});
    assert_int_equal(load_image(&refusal), REASON_OK);
    assert_int_equal(xsm_load_begin(10), REASON_BUSY);
    assert_int_equal(xsm_booleans_commit(), REASON_BUSY);
    label_id blue = label_named(BLUE);
    xsm_label_drop(red);
    assert_int_equal(xsm_load_commit(&refusal), REASON_AGAIN);
    do reason = xsm_load_work(&refusal);
    while (reason == REASON_AGAIN);
    xsm_label_hold(blue); /* a hold more is no change */
    assert_int_equal(xsm_load_commit(&refusal), REASON_OK);
    assert_context(blue, BLUE);
    assert_int_equal(xsm_sid_of_label(red), 0);
    assert_int_equal(may(LABEL_DOM0, blue, PERMISSION_domain_create), XSM_GRANTED | XSM_RECORD);
    xsm_label_drop(blue);
    assert_context(blue, BLUE);
    xsm_label_drop(blue);
    assert_int_equal(xsm_sid_of_label(blue), 0);
}

static void booleans_wait_for_their_commit(void **state) {
    const char *name = NULL;
    bool value = true;
    bool pending = true;
    uint32_t index = 9;
    (void)state;
    start();
    label_id red = label_named(RED);
    label_id blue = label_named(BLUE);
    assert_int_equal(xsm_boolean_count(), 1);
    assert_true(xsm_boolean_find("flag", 4, &index));
    assert_false(xsm_boolean_find("fla", 3, &index));
    assert_false(xsm_boolean_find("", 0, &index));
    assert_true(xsm_boolean_get(0, &name, &value, &pending));
    assert_string_equal(name, "flag");
    assert_false(value || pending);
    assert_false(xsm_boolean_get(1, &name, &value, &pending));
    assert_int_equal(may(red, blue, PERMISSION_grant_copy), XSM_GRANTED);

    xsm_boolean_set_pending(0, true);
    xsm_boolean_set_pending(1, true);
    assert_true(xsm_boolean_get(0, &name, &value, &pending));
    assert_true(!value && pending);
    assert_int_equal(may(red, blue, PERMISSION_grant_copy), XSM_GRANTED);
    assert_int_equal(xsm_booleans_commit(), REASON_OK);
    assert_true(xsm_boolean_get(0, &name, &value, &pending));
    assert_true(value && pending);
    assert_int_equal(may(red, blue, PERMISSION_grant_copy), XSM_RECORD);
    assert_int_equal(may(red, blue, PERMISSION_grant_query), XSM_GRANTED);
    assert_int_equal(xsm_identity()->epoch, 2);

    load_and_commit(usual); /* a boolean of the same name keeps its value */
    assert_int_equal(may(red, blue, PERMISSION_grant_copy), XSM_RECORD);
}

static void without_a_policy_all_is_denied(void **state) {
    (void)state;
    start();
    assert_int_equal(xsm_start(NULL, 0, ""), REASON_BAD_POLICY);
    for (uint32_t s = 0; s < LABEL_INITIAL_COUNT; s++)
        for (uint32_t t = 0; t < LABEL_INITIAL_COUNT; t++)
            assert_int_equal(may((label_id)s, (label_id)t, PERMISSION_domain_create), XSM_RECORD);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(initial_labels_have_their_numbers),
        cmocka_unit_test(contexts_are_checked),
        cmocka_unit_test(answers_follow_the_rules),
        cmocka_unit_test(what_is_not_live_is_denied),
        cmocka_unit_test(derived_labels_live_with_their_parents),
        cmocka_unit_test(dead_labels_are_denied_and_sids_not_reused),
        cmocka_unit_test(holds_are_counted),
        cmocka_unit_test(only_labels_with_a_self_fit_domains),
        cmocka_unit_test(one_asker_cannot_take_all),
        cmocka_unit_test(a_full_table_refuses_and_recovers),
        cmocka_unit_test(vectors_do_not_leak),
        cmocka_unit_test(create_query_interns),
        cmocka_unit_test(vector_and_numbers_are_of_the_image),
        cmocka_unit_test(a_load_swaps_at_the_commit),
        cmocka_unit_test(a_refused_load_changes_nothing),
        cmocka_unit_test(labels_may_come_and_go_during_a_load),
        cmocka_unit_test(booleans_wait_for_their_commit),
        cmocka_unit_test(without_a_policy_all_is_denied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
