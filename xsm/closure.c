/* SPDX-License-Identifier: Apache-2.0 */
/* Derivations of a domain label are numbered, so that undoing is the same walk, shorter:
 * 0 self, 1 channel to itself, then for each label b the channels to and from b. */
#include "xsm/closure.h"

#define STEPS (2u + 2u * LABELS_MAX)

struct condition_states condition_states[SIDES];

static bool derive(struct deriving by, label_id source, label_id target, enum xsm_class class,
                   struct context *out) {
    return context_derive(by.slot, &condition_states[by.side],
                          label_sets[by.side].label[source].context,
                          label_sets[by.side].label[target].context, class, out);
}

/* Channels between two domain labels. A channel to one's own label is asked once, from = to. */
static bool derive_pair(struct deriving by, label_id label, label_id other, bool towards,
                        struct context *out) {
    if (!label_sets[by.side].label[other].live || !label_sets[by.side].label[other].domain)
        return false;
    if (label == other && !towards) return false;
    return towards ? derive(by, label, other, CLASS_event, out)
                   : derive(by, other, label, CLASS_event, out);
}

/* The context that step number `step` arrives at; false if it arrives at none. */
static bool step_context(struct deriving by, label_id label, uint32_t step, struct context *out) {
    label_id self = label_sets[by.side].label[label].self;

    if (step == 0) return derive(by, label, label, CLASS_domain, out);
    if (step == 1) return self != LABEL_NONE && derive(by, label, self, CLASS_event, out);
    return derive_pair(by, label, (label_id)((step - 2) / 2), step % 2 == 0, out);
}

/* Counts a derivation of a context, interning it if need be. LABEL_NONE: no room. */
static label_id count_up(uint32_t side, struct context context) {
    label_id label = labels_find(side, context);

    if (label == LABEL_NONE) {
        label = labels_free_place(side);
        if (label == LABEL_NONE) return LABEL_NONE;
        labels_place(side, label, context);
    }
    label_sets[side].label[label].derivations++;
    return label;
}

static void count_down(uint32_t side, struct context context) {
    label_id label = labels_find(side, context);

    if (label != LABEL_NONE && label_sets[side].label[label].derivations > 0)
        label_sets[side].label[label].derivations--;
}

/* Uncounts the first `steps` derivations. */
static void undo(struct deriving by, label_id label, uint32_t steps) {
    struct context context;

    for (uint32_t step = 0; step < steps; step++)
        if (step_context(by, label, step, &context)) count_down(by.side, context);
    label_sets[by.side].label[label].domain = false;
    label_sets[by.side].label[label].self = LABEL_NONE;
}

bool closure_add(struct deriving by, label_id label) {
    struct context context;

    if (label_sets[by.side].label[label].domain) return true;
    if (!context_has_self(by.slot, &condition_states[by.side],
                          label_sets[by.side].label[label].context))
        return true;
    label_sets[by.side].label[label].domain = true;
    for (uint32_t step = 0; step < STEPS; step++) {
        if (!step_context(by, label, step, &context)) continue;
        label_id derived = count_up(by.side, context);
        if (derived == LABEL_NONE) {
            undo(by, label, step);
            return false;
        }
        if (step == 0) label_sets[by.side].label[label].self = derived;
    }
    return true;
}

void closure_remove(struct deriving by, label_id label) {
    if (label_sets[by.side].label[label].domain) undo(by, label, STEPS);
}

label_id closure_channel(struct deriving by, label_id subject, label_id peer) {
    struct context context;

    if (!derive(by, subject, peer, CLASS_event, &context)) return LABEL_NONE;
    return labels_find(by.side, context);
}
