/* SPDX-License-Identifier: Apache-2.0 */
/* The security module's long calls, with all the work that they wait for. */
#ifndef CORDON_TESTS_HOST_XSM_CHANGES_H
#define CORDON_TESTS_HOST_XSM_CHANGES_H

#include "xsm/xsm.h"

/* Works until something comes to its end; XSM_NO_CHANGE: there was nothing to do. */
static inline struct xsm_outcome work_until_outcome(void) {
    struct xsm_outcome outcome = {XSM_NO_CHANGE, REASON_OK};

    while (outcome.change == XSM_NO_CHANGE && xsm_work_take()) {
        xsm_work();
        outcome = xsm_settle();
    }
    return outcome;
}

/* xsm_label_find() and xsm_label_create(); the label's change, if it needs one, comes between. */
static inline enum reason label_find_whole(const char *context, size_t length, label_id asking,
                                           label_id *out) {
    enum reason reason = xsm_label_find(context, length, asking, out);

    if (reason != REASON_AGAIN) return reason;
    reason = work_until_outcome().reason;
    return reason == REASON_OK ? xsm_label_find(context, length, asking, out) : reason;
}

static inline enum reason label_create_whole(label_id source, label_id target, enum xsm_class class,
                                             label_id *out) {
    enum reason reason = xsm_label_create(source, target, class, out);

    if (reason != REASON_AGAIN) return reason;
    reason = work_until_outcome().reason;
    return reason == REASON_OK ? xsm_label_create(source, target, class, out) : reason;
}

static inline enum reason booleans_commit_whole(void) {
    enum reason reason = xsm_booleans_commit();

    return reason == REASON_OK ? work_until_outcome().reason : reason;
}

static inline enum reason load_begin_whole(const uint8_t *image, uint32_t size) {
    enum reason reason = xsm_load_begin(size);

    for (uint32_t at = 0; at < size && reason == REASON_OK; at += 1000)
        reason = xsm_load_append(image + at, size - at < 1000 ? size - at : 1000);
    return reason;
}

static inline enum reason load_whole(const uint8_t *image, uint32_t size) {
    enum reason reason = load_begin_whole(image, size);

    return reason == REASON_OK ? work_until_outcome().reason : reason;
}

#endif
