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

/* A change that changes no answer, and leaves out what nothing wants. */
static void change_booleans(void) { assert_int_equal(booleans_commit_whole(), REASON_OK); }

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
    change_booleans();
    assert_int_equal(xsm_sid_of_label(red), 0);
    assert_int_equal(xsm_sid_of_label(self), sid); /* held */
    assert_int_equal(live_labels(), before + 1);
    xsm_label_drop(self);
    change_booleans();
    assert_int_equal(live_labels(), before);
    assert_int_equal(xsm_label_of_sid(sid), LABEL_NONE);
}

/* What nothing wants is there until the next change, as it was. */
static void unwanted_labels_can_be_taken_up_again(void **state) {
    (void)state;
    start();
    label_id red = label_named(RED);
    label_id self = xsm_label_self(red);
    uint32_t sid = xsm_sid_of_label(red);
    label_id again = LABEL_NONE;
    xsm_label_drop(red);
    assert_int_equal(xsm_label_of_sid(sid), red);
    assert_int_equal(xsm_label_find(RED, strlen(RED), LABEL_NONE, &again), REASON_OK);
    assert_int_equal(again, red);
    change_booleans();
    assert_int_equal(xsm_sid_of_label(red), sid);
    assert_int_equal(xsm_label_self(red), self);
}

static void dead_labels_are_denied_and_sids_not_reused(void **state) {
    (void)state;
    start();
    label_id red = label_named(RED);
    uint32_t sid = xsm_sid_of_label(red);
    xsm_label_drop(red);
    change_booleans();
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
    change_booleans();
    assert_context(red, RED);
    xsm_label_drop(red);
    change_booleans();
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
        if (label_find_whole(context, strlen(context), LABEL_DOM0, &label) != REASON_OK) break;
        last = label;
        made++;
    }
    assert_int_equal(made, 64);
    assert_int_equal(label_find_whole(RED, strlen(RED), LABEL_XEN, &label), REASON_OK);
    assert_int_equal(label_find_whole(RED, strlen(RED), LABEL_DOM0, &label),
                     REASON_OK); /* exists */
    assert_int_equal(label_find_whole(BLUE, strlen(BLUE), LABEL_DOM0, &label), REASON_NO_SPACE);
    xsm_label_drop(last);
    assert_int_equal(label_find_whole(BLUE, strlen(BLUE), LABEL_DOM0, &label), REASON_OK);
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
    assert_int_not_equal(label_named("system_u:system_r:x499"), LABEL_NONE);
    assert_int_equal(live_labels(), before + 3);
}

/* A table has no vectors of labels that died. */
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
    assert_int_equal(label_create_whole(red, red, CLASS_domain, &label), REASON_OK);
    assert_int_equal(label, xsm_label_self(red));
    assert_int_equal(label_create_whole(red, LABEL_XEN, CLASS_grant, &label), REASON_OK);
    assert_context(label, "system_u:object_r:xen_t");
    xsm_label_drop(label);
    assert_int_equal(label_create_whole(red, 200, CLASS_grant, &label), REASON_NO_ENTRY);
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

static void load(struct wishes wishes) {
    write_image(wishes);
    assert_int_equal(load_image(), REASON_OK);
}

static void a_load_takes_effect_as_a_whole(void **state) {
    struct xsm_outcome outcome = {XSM_NO_CHANGE, REASON_OK};
    (void)state;
    start();
    label_id red = label_named(RED);
    label_id self = xsm_label_self(red);
    uint32_t sid = xsm_sid_of_label(self);
    assert_int_equal(may(red, red, PERMISSION_domain_pause), XSM_GRANTED);
    write_image((struct wishes){.other_permissions = true, .reversed = true});
    assert_int_equal(load_begin_whole(image.bytes, image.size), REASON_OK);
    while (outcome.change == XSM_NO_CHANGE) {
        assert_int_equal(may(red, red, PERMISSION_domain_pause), XSM_GRANTED);
        assert_int_equal(may(red, red, PERMISSION_domain_create), XSM_RECORD);
        assert_int_equal(xsm_identity()->epoch, 1);
        assert_true(xsm_work_take());
        xsm_work();
        outcome = xsm_settle();
    }
    assert_int_equal(outcome.change, XSM_POLICY);
    assert_int_equal(outcome.reason, REASON_OK);
    assert_int_equal(xsm_identity()->epoch, 2);
    assert_int_equal(may(red, red, PERMISSION_domain_pause), XSM_RECORD);
    assert_int_equal(may(red, red, PERMISSION_domain_create), XSM_GRANTED);
    /* other numbers in the image, the same labels */
    assert_context(red, RED);
    assert_int_equal(xsm_label_self(red), self);
    assert_int_equal(xsm_sid_of_label(self), sid);
    assert_context(self, RED_SELF);
    load(usual);
    assert_int_equal(may(red, red, PERMISSION_domain_pause), XSM_GRANTED);
}

static void a_refused_load_changes_nothing(void **state) {
    (void)state;
    start();
    label_id red = label_named(RED);
    uint32_t labels = live_labels();
    struct xsm_identity before = *xsm_identity();
    write_image((struct wishes){.other_permissions = true});
    image.bytes[image.size - 1] ^= 0xff;
    assert_int_equal(load_image(), REASON_BAD_POLICY);
    assert_false(xsm_work_take());
    write_image((struct wishes){.no_self = true}); /* a domain's label would not fit one any more */
    assert_int_equal(load_image(), REASON_BAD_POLICY);
    write_image((struct wishes){.other_permissions = true});
    for (uint32_t steps = 1; steps < 40; steps++) { /* given up wherever it is */
        assert_int_equal(load_begin_whole(image.bytes, image.size), REASON_OK);
        for (uint32_t i = 0; i < steps; i++) {
            assert_true(xsm_work_take());
            xsm_work();
            assert_int_equal(xsm_settle().change, XSM_NO_CHANGE);
        }
        xsm_load_abort();
        assert_false(xsm_work_take());
    }

    assert_memory_equal(&before, xsm_identity(), sizeof before);
    assert_int_equal(may(red, red, PERMISSION_domain_pause), XSM_GRANTED);
    assert_int_equal(live_labels(), labels);
    xsm_label_drop(red);
    load((struct wishes){.no_self = true});
}

/* One piece of work that must not end anything. */
static void work_once(void) {
    assert_true(xsm_work_take());
    xsm_work();
    assert_int_equal(xsm_settle().change, XSM_NO_CHANGE);
}

static void a_load_and_booleans_exclude_each_other(void **state) {
    (void)state;
    start();
    write_image((struct wishes){.other_permissions = true});
    assert_int_equal(load_begin_whole(image.bytes, image.size), REASON_OK);
    assert_int_equal(xsm_load_begin(10), REASON_BUSY);
    assert_int_equal(xsm_booleans_commit(), REASON_BUSY);
    while (xsm_change() != XSM_POLICY) work_once();
    assert_int_equal(xsm_booleans_commit(), REASON_BUSY);
    xsm_load_abort();
    assert_int_equal(xsm_booleans_commit(), REASON_OK);
    assert_int_equal(xsm_load_begin(10), REASON_BUSY);
    assert_int_equal(xsm_booleans_commit(), REASON_AGAIN);
    assert_int_equal(work_until_outcome().change, XSM_BOOLEANS);
    assert_int_equal(xsm_load_begin(10), REASON_OK);
}

static void labels_may_come_and_go_during_a_load(void **state) {
    (void)state;
    start();
    label_id red = label_named(RED);
    write_image((struct wishes){.other_permissions = true});
    assert_int_equal(load_begin_whole(image.bytes, image.size), REASON_OK);
    work_once();
    label_id blue = label_named(BLUE); /* a change of its own, between those of the image */
    assert_int_not_equal(blue, LABEL_NONE);
    xsm_label_drop(red);
    assert_int_equal(work_until_outcome().change, XSM_POLICY);
    assert_context(blue, BLUE);
    assert_context(red, RED); /* it was wanted when the change began */
    change_booleans();
    assert_int_equal(xsm_sid_of_label(red), 0);
    assert_int_equal(may(LABEL_DOM0, blue, PERMISSION_domain_create), XSM_GRANTED | XSM_RECORD);
}

/* Asks for one new label after the other, and drops it, as fast as the interface allows. */
static void restless_asker(uint32_t round) {
    label_id label = LABEL_NONE;
    char context[64];
    snprintf(context, sizeof context, "system_u:system_r:x%03u", round % 60);
    if (xsm_label_find(context, strlen(context), LABEL_DOM0, &label) == REASON_OK)
        xsm_label_drop(label);
}

/* Whoever makes labels as fast as it can delays a load by one label, not for ever; nor does loading
 * again and again keep labels from coming to life. */
static void labels_do_not_starve_a_load(void **state) {
    struct xsm_outcome outcome = {XSM_NO_CHANGE, REASON_OK};
    uint32_t labels = 0;
    uint32_t waited = 0;
    bool valid = false;
    (void)state;
    assert_int_equal(start_image((struct wishes){.extra_types = 64}), REASON_OK);
    write_image((struct wishes){.extra_types = 64, .other_permissions = true});
    assert_int_equal(load_begin_whole(image.bytes, image.size), REASON_OK);
    for (uint32_t round = 0; outcome.change != XSM_POLICY; round++) {
        assert_true(round < 10000);
        restless_asker(round);
        assert_true(xsm_work_take());
        xsm_work();
        outcome = xsm_settle();
        if (outcome.change == XSM_LABEL) labels++;
        if (xsm_change() == XSM_POLICY) valid = true;
        if (valid && xsm_change() == XSM_LABEL) waited++;
    }
    assert_int_equal(outcome.reason, REASON_OK);
    assert_true(labels > 0);
    assert_int_equal(waited, 0);

    labels = 0;
    for (uint32_t round = 0; round < 20000; round++) {
        if (xsm_load_begin(image.size) == REASON_OK)
            assert_int_equal(xsm_load_append(image.bytes, image.size), REASON_OK);
        restless_asker(round);
        assert_true(xsm_work_take());
        xsm_work();
        if (xsm_settle().change == XSM_LABEL) labels++;
    }
    assert_true(labels > 3);
}

/* A label that the next state lacks is taken up between the work and the commit: the change begins
 * afresh with it, and as often as there are such labels, but no more often. */
static void taking_labels_up_does_not_starve_a_load(void **state) {
    struct xsm_outcome outcome = {XSM_NO_CHANGE, REASON_OK};
    label_id label[12];
    uint32_t begun = 0;
    (void)state;
    assert_int_equal(start_image((struct wishes){.extra_types = 64, .extra_selves = true}),
                     REASON_OK);
    for (uint32_t i = 0; i < 12; i++) {
        char context[64];
        snprintf(context, sizeof context, "system_u:system_r:x%03u", i);
        label[i] = label_named(context);
        assert_int_not_equal(label[i], LABEL_NONE);
    }
    for (uint32_t i = 0; i < 12; i++) xsm_label_drop(label[i]);
    write_image((struct wishes){.extra_types = 64, .extra_selves = true});
    assert_int_equal(load_begin_whole(image.bytes, image.size), REASON_OK);
    /* Before each settling another one is held, and after it none. */
    for (uint32_t round = 0; outcome.change == XSM_NO_CHANGE; round++) {
        assert_true(round < 100000);
        assert_true(xsm_work_take());
        xsm_work();
        xsm_label_hold(label[begun % 12]);
        outcome = xsm_settle();
        xsm_label_drop(label[begun % 12]);
        if (xsm_change() == XSM_POLICY) begun++;
    }
    assert_int_equal(outcome.change, XSM_POLICY);
    assert_int_equal(outcome.reason, REASON_OK);
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
    assert_int_equal(booleans_commit_whole(), REASON_OK);
    assert_true(xsm_boolean_get(0, &name, &value, &pending));
    assert_true(value && pending);
    assert_int_equal(may(red, blue, PERMISSION_grant_copy), XSM_RECORD);
    assert_int_equal(may(red, blue, PERMISSION_grant_query), XSM_GRANTED);
    assert_int_equal(xsm_identity()->epoch, 2);

    load(usual); /* a boolean of the same name keeps its value */
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
        cmocka_unit_test(a_load_takes_effect_as_a_whole),
        cmocka_unit_test(a_refused_load_changes_nothing),
        cmocka_unit_test(unwanted_labels_can_be_taken_up_again),
        cmocka_unit_test(a_load_and_booleans_exclude_each_other),
        cmocka_unit_test(labels_may_come_and_go_during_a_load),
        cmocka_unit_test(labels_do_not_starve_a_load),
        cmocka_unit_test(taking_labels_up_does_not_starve_a_load),
        cmocka_unit_test(booleans_wait_for_their_commit),
        cmocka_unit_test(without_a_policy_all_is_denied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
