/* SPDX-License-Identifier: Apache-2.0 */
/* The closure of derived labels: for each domain label its self label, and for each ordered pair of
 * them the channel label, so that nothing is interned when a port is made. Each derivation counts
 * on the label that it arrives at, and is uncounted when one of its parents goes. Derivations of a
 * domain label are numbered, so that undoing is the same walk, shorter: 0 self, 1 channel to the
 * self label, then for each label the channels to and from it. */
#include "xsm/te.h"

#define STEPS (2u + 2u * LABELS_MAX)

/* Type that a type rule gives to what `source` makes of `target`, or 0. */
static uint32_t derived_type(const struct state *state, struct context source,
                             struct context target, enum xsm_class class) {
    uint32_t theirs = state->policy->class_of_ours[class];
    uint64_t key = rule_key(source.type, target.type, theirs, RULE_TRANSITION);

    if (theirs == 0) return 0;
    uint32_t type = rules_find(state->policy, key);
    return type != 0 ? type : conditionals_find(state->policy, state->holds, key);
}

/* First role_transition of this role on this type, or the role itself. */
static uint32_t derived_role(const struct policy *policy, uint32_t role, uint32_t type) {
    for (uint32_t i = 0; i < policy->role_transitions.count; i++) {
        uint32_t at = policy->role_transitions.at + i * 16;
        if (image_u32(policy, at) == role && image_u32(policy, at + 4) == type)
            return image_u32(policy, at + 8);
    }
    return role;
}

bool label_derive(const struct state *state, label_id from, label_id to, enum xsm_class class,
                  struct context *out) {
    struct context source = state->label[from].context;
    struct context target = state->label[to].context;
    uint32_t type = class < CLASS_COUNT ? derived_type(state, source, target, class) : 0;

    *out = (struct context){source.user, OBJECT_ROLE, target.type};
    if (class == CLASS_domain) {
        out->role = (uint16_t)derived_role(state->policy, source.role, target.type);
        out->type = source.type;
    }
    if (type != 0) out->type = (uint16_t)type;
    return context_valid(state->policy, *out);
}

/* The context that step number `step` arrives at; false if it arrives at none. */
static bool step_context(const struct state *state, label_id label, uint32_t step,
                         struct context *out) {
    label_id self = state->label[label].self;
    label_id other = (label_id)((step - 2) / 2);

    if (step == 0) return label_derive(state, label, label, CLASS_domain, out);
    if (step == 1) return self != LABEL_NONE && label_derive(state, label, self, CLASS_event, out);
    if (!state->label[other].domain) return false;
    if (step % 2 == 0) return label_derive(state, label, other, CLASS_event, out);
    return other != label && label_derive(state, other, label, CLASS_event, out);
}

/* Uncounts the first `steps` derivations. */
static void undo(struct state *state, label_id label, uint32_t steps) {
    struct context context;

    for (uint32_t step = 0; step < steps; step++) {
        if (!step_context(state, label, step, &context)) continue;
        struct label *derived = &state->label[label_find(state, context)];
        if (derived->derivations > 0) derived->derivations--;
    }
    state->label[label].domain = false;
    state->label[label].self = LABEL_NONE;
}

/* Does a type rule give it a label of its own for calls on itself? */
static bool has_self(const struct state *state, label_id label) {
    struct context context = state->label[label].context;
    struct context self;

    return context.role != OBJECT_ROLE && label_derive(state, label, label, CLASS_domain, &self) &&
           self.type != context.type;
}

bool closure_add(struct state *state, label_id label) {
    struct context context;

    if (state->label[label].domain || !has_self(state, label)) return true;
    state->label[label].domain = true;
    for (uint32_t step = 0; step < STEPS; step++) {
        if (!step_context(state, label, step, &context)) continue;
        label_id derived = label_find(state, context);
        if (derived == LABEL_NONE) derived = label_make(state, context);
        if (derived == LABEL_NONE) {
            undo(state, label, step);
            return false;
        }
        state->label[derived].derivations++;
        if (step == 0) state->label[label].self = derived;
    }
    return true;
}

void closure_remove(struct state *state, label_id label) {
    if (state->label[label].domain) undo(state, label, STEPS);
}
