/* SPDX-License-Identifier: Apache-2.0 */
/* Label sets: a fixed array and a hash from context to label. */
#include "xsm/labels.h"

struct label_set label_sets[SIDES];

static uint32_t bucket_of(struct context context) {
    return (context.type + 31u * context.role + 61u * context.user) % LABEL_BUCKETS;
}

void labels_clear(uint32_t side) {
    for (uint32_t i = 0; i < LABELS_MAX; i++) label_sets[side].label[i] = (struct label){0};
    for (uint32_t i = 0; i < LABEL_BUCKETS; i++) label_sets[side].bucket[i] = LABEL_NONE;
}

label_id labels_find(uint32_t side, struct context context) {
    label_id label = label_sets[side].bucket[bucket_of(context)];

    for (uint32_t i = 0; i < LABELS_MAX && label != LABEL_NONE && label < LABELS_MAX; i++) {
        if (context_equal(label_sets[side].label[label].context, context)) return label;
        label = label_sets[side].label[label].next;
    }
    return LABEL_NONE;
}

label_id labels_free_place(uint32_t side) {
    for (uint32_t i = LABEL_INITIAL_COUNT; i < LABELS_MAX; i++)
        if (!label_sets[side].label[i].live) return (label_id)i;
    return LABEL_NONE;
}

void labels_place(uint32_t side, label_id label, struct context context) {
    uint32_t bucket = bucket_of(context);
    bool twin = labels_find(side, context) != LABEL_NONE;

    label_sets[side].label[label] = (struct label){0};
    label_sets[side].label[label].context = context;
    label_sets[side].label[label].live = true;
    if (twin) return;
    label_sets[side].label[label].found = true;
    label_sets[side].label[label].next = label_sets[side].bucket[bucket];
    label_sets[side].bucket[bucket] = label;
}

/* Takes a label out of the chain of its bucket. */
static void unchain(uint32_t side, label_id label) {
    uint32_t bucket = bucket_of(label_sets[side].label[label].context);
    label_id next = label_sets[side].label[label].next;
    label_id at = label_sets[side].bucket[bucket];

    if (at == label) {
        label_sets[side].bucket[bucket] = next;
        return;
    }
    for (uint32_t i = 0; i < LABELS_MAX && at != LABEL_NONE && at < LABELS_MAX; i++) {
        if (label_sets[side].label[at].next == label) {
            label_sets[side].label[at].next = next;
            return;
        }
        at = label_sets[side].label[at].next;
    }
}

void labels_remove(uint32_t side, label_id label) {
    if (label_sets[side].label[label].found) unchain(side, label);
    label_sets[side].label[label] = (struct label){0};
}

bool labels_wanted(uint32_t side, label_id label) {
    return label < LABEL_INITIAL_COUNT || label_sets[side].label[label].holds > 0 ||
           label_sets[side].label[label].derivations > 0;
}

uint32_t labels_asked_by(uint32_t side, uint32_t sid) {
    uint32_t count = 0;

    for (uint32_t i = LABEL_INITIAL_COUNT; i < LABELS_MAX; i++)
        if (label_sets[side].label[i].live && label_sets[side].label[i].asker == sid) count++;
    return count;
}

label_id labels_of_sid(uint32_t side, uint32_t sid) {
    for (uint32_t i = 1; i < LABELS_MAX && sid != 0; i++)
        if (label_sets[side].label[i].live && label_sets[side].label[i].sid == sid)
            return (label_id)i;
    return LABEL_NONE;
}
