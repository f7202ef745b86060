/* SPDX-License-Identifier: Apache-2.0 */
/* The closure of derived labels: for each domain label its self label, and for each ordered pair of
 * them the channel label, so that nothing is derived or interned when a port is made. Each
 * derivation counts on the label that it arrives at, and is uncounted when one of its parents goes.
 */
#include "xsm/te.h"

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

/* Counts a derivation on the label that it arrives at, which is made if need be; LABEL_NONE where
 * no context is valid. False if there is no room. */
static bool derive(struct state *state, label_id from, label_id to, enum xsm_class class,
                   label_id *derived) {
    struct context context;

    *derived = LABEL_NONE;
    if (!label_derive(state, from, to, class, &context)) return true;
    *derived = label_find(state, context);
    if (*derived == LABEL_NONE) *derived = label_make(state, context);
    if (*derived != LABEL_NONE) state->label[*derived].derivations++;
    return *derived != LABEL_NONE;
}

static void forget(struct state *state, label_id *derived) {
    if (*derived != LABEL_NONE && state->label[*derived].derivations > 0)
        state->label[*derived].derivations--;
    *derived = LABEL_NONE;
}

/* A domain label is one to which a type rule gives a label of its own for calls on itself. */
bool closure_lacks(const struct state *state, label_id label) {
    struct context context = state->label[label].context;
    struct context self;

    return !state->label[label].domain && context.role != OBJECT_ROLE &&
           label_derive(state, label, label, CLASS_domain, &self) && self.type != context.type;
}

/* Ends its being a domain label. Labels that nothing wants any more remain until they are swept. */
static void closure_remove(struct state *state, label_id label) {
    for (uint32_t i = 0; i < LABELS_MAX; i++) {
        forget(state, &state->channel[label][i]);
        forget(state, &state->channel[i][label]);
    }
    forget(state, &state->label[label].self);
    state->label[label].domain = false;
}

bool closure_add(struct state *state, label_id label) {
    if (!closure_lacks(state, label)) return true; /* so the context of its self label is valid */
    for (uint32_t i = 0; i < LABELS_MAX; i++) {
        state->channel[label][i] = LABEL_NONE;
        state->channel[i][label] = LABEL_NONE;
    }
    state->label[label].domain = true;
    bool room = derive(state, label, label, CLASS_domain, &state->label[label].self);
    for (uint32_t i = 0; i < LABELS_MAX && room; i++) {
        if (!state->label[i].domain) continue;
        room = derive(state, label, (label_id)i, CLASS_event, &state->channel[label][i]);
        if (room && i != label)
            room = derive(state, (label_id)i, label, CLASS_event, &state->channel[i][label]);
    }
    if (!room) closure_remove(state, label);
    return room;
}
