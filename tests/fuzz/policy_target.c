/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/policy_target.h"

#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/xsm_changes.h"

static void hold(bool holds, const char *what) {
    if (!holds) {
        (void)fprintf(stderr, "policy: %s\n", what);
        abort();
    }
}

/* The module's own copy of the image ends where the image does, and so does the spare room. */
static void guard(uint32_t slot, size_t size, bool on) {
    uint8_t *ends[] = {policy_bytes[slot] + size, policy_bytes[POLICY_SPARE] + size};

    for (size_t i = 0; i < 2; i++)
        if (on)
            __asan_poison_memory_region(ends[i], POLICY_IMAGE_MAX - size);
        else
            __asan_unpoison_memory_region(ends[i], POLICY_IMAGE_MAX - size);
}

/* A context that the policy made is found again, and under the same label where that is unique. */
static void check_context(label_id label) {
    char text[CONTEXT_MAX];
    size_t length = 0;
    label_id found;

    if (xsm_label_context(label, text, sizeof text, &length) != REASON_OK) return;
    hold(length == strlen(text) + 1, "the length of a context counts its NUL");
    hold(label_find_whole(text, length - 1, LABEL_NONE, &found) != REASON_NO_CONTEXT,
         "a label's context is valid");
}

/* A new label, and decisions on it and by it. */
static void check_new_label(label_id s, label_id t, enum xsm_class class) {
    label_id made;

    if (label_create_whole(s, t, class, &made) != REASON_OK) return;
    for (uint32_t bit = 0; bit < 32; bit++)
        hold(xsm_decide(made, t, (enum permission)(class * 32 + bit)) <= 3, "an answer");
    xsm_label_drop(made);
}

static void check_labels(void) {
    for (label_id s = 1; s < LABEL_INITIAL_COUNT; s++) {
        check_context(s);
        hold(xsm_label_self(s) != LABEL_NONE, "a self label");
        for (label_id t = 1; t < LABEL_INITIAL_COUNT; t++)
            hold(xsm_label_channel(s, t) != LABEL_NONE, "a channel label");
    }
    check_new_label(LABEL_DOM0, LABEL_DOMU, CLASS_domain);
    check_new_label(LABEL_DOM0, LABEL_DOMU + 1, CLASS_event);
    check_new_label(LABEL_DOMU, LABEL_DOMU, CLASS_grant);
    for (uint32_t permission = 0; permission < CLASS_COUNT * 32u; permission++)
        hold((xsm_decide(LABEL_NONE, LABEL_DOM0, (enum permission)permission) & XSM_GRANTED) == 0 &&
                 (xsm_decide(LABEL_DOM0, LABELS_MAX - 1, (enum permission)permission) &
                  XSM_GRANTED) == 0,
             "a label that is none may nothing");
}

static void check_booleans(void) {
    const char *name;
    bool value, pending;
    uint32_t index;

    for (uint32_t i = 0; i < xsm_boolean_count(); i++) {
        hold(xsm_boolean_get(i, &name, &value, &pending) && strlen(name) < BOOLEAN_NAME_MAX,
             "a boolean has a name");
        hold(xsm_boolean_find(name, strlen(name), &index) && index == i, "it is found by it");
        xsm_boolean_set_pending(i, !value);
    }
    enum reason reason = booleans_commit_whole();
    hold(reason == REASON_OK || reason == REASON_NO_SPACE || reason == REASON_NO_CONTEXT,
         "booleans are committed, or that is refused");
}

/* What was accepted at boot is accepted beside itself as well; the class numbers go both ways. */
static void check_reload(const uint8_t *bytes, size_t size) {
    uint32_t slot = xsm_load_slot();
    enum xsm_class class;

    for (uint16_t i = 0; i < 70; i++)
        if (xsm_class_of_policy(i, &class)) (void)xsm_permissions_to_policy(class, ~0u);
    hold(xsm_load_begin((uint32_t)size) == REASON_OK, "a load begins");
    guard(slot, size, true);
    hold(xsm_load_append(bytes, (uint32_t)size) == REASON_OK, "the bytes are taken");
    struct xsm_outcome outcome = work_until_outcome();
    guard(slot, size, false);
    hold(outcome.change == XSM_POLICY && outcome.reason == REASON_OK,
         "a policy in force can be loaded again");
}

bool policy_try(const uint8_t *bytes, size_t size) {
    uint8_t *copy = malloc(size == 0 ? 1 : size);
    uint32_t slot = xsm_load_slot();

    if (size > POLICY_IMAGE_MAX || copy == NULL) {
        free(copy);
        return false;
    }
    memcpy(copy, bytes, size);
    guard(slot, size, true);
    enum reason reason = xsm_start(copy, (uint32_t)size, "");
    if (reason == REASON_OK) {
        check_labels();
        check_booleans();
        check_reload(copy, size);
    } else {
        hold(reason == REASON_BAD_POLICY && xsm_last_refusal()->check[0] != '\0' &&
                 xsm_last_refusal()->offset <= size,
             "a refusal says what and where");
    }
    guard(slot, size, false);
    free(copy);
    return reason == REASON_OK;
}
