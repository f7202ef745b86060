/* SPDX-License-Identifier: Apache-2.0 */
/* Type enforcement: labels in force. All of this runs under the gate's lock. The question itself is
 * in xsm/table.c. */
#include "xsm/te.h"

#define LABEL_QUOTA 64u          /* labels alive on behalf of one asking label */
#define ASKER_QUERIES UINT32_MAX /* create queries share one quota of their own */

uint32_t next_sid;

const char *xsm_module_name(void) { return "te"; }

static bool is_live(label_id label) { return label != LABEL_NONE && in_force->label[label].live; }

label_id label_find(const struct state *state, struct context context) {
    for (uint32_t i = 1; i < LABELS_MAX; i++) {
        const struct label *label = &state->label[i];
        if (label->live && label->context.type == context.type &&
            label->context.role == context.role && label->context.user == context.user)
            return (label_id)i;
    }
    return LABEL_NONE;
}

label_id label_make(struct state *state, struct context context) {
    for (uint32_t i = LABEL_INITIAL_COUNT; i < LABELS_MAX; i++) {
        if (state->label[i].live) continue;
        state->label[i] = (struct label){.context = context, .live = true};
        return (label_id)i;
    }
    return LABEL_NONE;
}

void labels_sweep(struct state *state) {
    for (uint32_t i = LABEL_INITIAL_COUNT; i < LABELS_MAX; i++) {
        struct label *label = &state->label[i];
        if (label->holds == 0 && label->derivations == 0) *label = (struct label){0};
    }
}

static uint32_t labels_asked_by(uint32_t sid) {
    uint32_t count = 0;

    for (uint32_t i = LABEL_INITIAL_COUNT; i < LABELS_MAX; i++)
        if (in_force->label[i].live && in_force->label[i].asker == sid) count++;
    return count;
}

/* Takes a hold on the label of a context. One that is not there, or is to become a domain's, comes
 * with a change, which begins unless another is under way. */
static enum reason find_or_make(struct context context, uint32_t asker, label_id *out) {
    label_id label = label_find(in_force, context);
    bool held =
        label != LABEL_NONE && (label < LABEL_INITIAL_COUNT || in_force->label[label].holds > 0);

    if (!held && asker != 0 && labels_asked_by(asker) >= LABEL_QUOTA) return REASON_NO_SPACE;
    if (label == LABEL_NONE || closure_lacks(in_force, label)) {
        if (xsm_change() == XSM_NO_CHANGE)
            change_begin(XSM_LABEL, in_force->policy, in_force->boolean, context);
        return REASON_AGAIN;
    }
    if (!held) in_force->label[label].asker = asker;
    xsm_label_hold(label);
    *out = label;
    return REASON_OK;
}

enum reason xsm_label_find(const char *context, size_t length, label_id asking, label_id *out) {
    struct context parsed;

    if (!context_parse(in_force->policy, context, length, &parsed)) return REASON_NO_CONTEXT;
    return find_or_make(parsed, xsm_sid_of_label(asking), out);
}

enum reason xsm_label_create(label_id source, label_id target, enum xsm_class class,
                             label_id *out) {
    struct context derived;

    if (!is_live(source) || !is_live(target)) return REASON_NO_ENTRY;
    if (!label_derive(in_force, source, target, class, &derived)) return REASON_NO_CONTEXT;
    return find_or_make(derived, ASKER_QUERIES, out);
}

label_id xsm_label_of_sid(uint32_t sid) {
    for (uint32_t i = 1; i < LABELS_MAX && sid != 0; i++)
        if (in_force->label[i].live && in_force->label[i].sid == sid) return (label_id)i;
    return LABEL_NONE;
}

uint32_t xsm_sid_of_label(label_id label) {
    return is_live(label) ? in_force->label[label].sid : 0;
}

void xsm_label_hold(label_id label) {
    if (is_live(label) && in_force->label[label].holds < UINT32_MAX) in_force->label[label].holds++;
}

void xsm_label_drop(label_id label) {
    if (!is_live(label) || in_force->label[label].holds == 0) return;
    in_force->label[label].holds--;
    if (in_force->label[label].holds == 0) in_force->label[label].asker = 0;
}

bool xsm_label_fits_domain(label_id label) {
    return is_live(label) && in_force->label[label].domain && label != LABEL_XENBOOT &&
           label != LABEL_XEN && label != LABEL_UNLABELED;
}

enum reason xsm_label_context(label_id label, char *buffer, size_t size, size_t *length) {
    if (!is_live(label)) return REASON_NO_ENTRY;
    size_t written = context_write(in_force->policy, in_force->label[label].context, buffer, size);
    if (written == 0) return REASON_NO_BUFFERS;
    *length = written;
    return REASON_OK;
}

label_id xsm_label_self(label_id domain) {
    if (!is_live(domain) || in_force->label[domain].self == LABEL_NONE) return LABEL_UNLABELED;
    return in_force->label[domain].self;
}

label_id xsm_label_channel(label_id subject, label_id peer) {
    if (!in_force->label[subject].domain) return LABEL_UNLABELED;
    label_id channel = in_force->channel[subject][peer];
    return channel != LABEL_NONE ? channel : LABEL_UNLABELED;
}

bool xsm_class_of_policy(uint16_t policy_class, enum xsm_class *out) {
    if (policy_class == 0 || policy_class > in_force->policy->count[SYMBOL_CLASS]) return false;
    uint8_t ours = in_force->policy->class[policy_class - 1].ours;
    if (ours >= CLASS_COUNT) return false;
    *out = (enum xsm_class)ours;
    return true;
}

uint32_t xsm_permissions_to_policy(enum xsm_class class, uint32_t permissions) {
    uint32_t value = class < CLASS_COUNT ? in_force->policy->class_of_ours[class] : 0;
    uint32_t theirs = 0;

    for (uint32_t i = 0; i < 32 && value - 1 < POLICY_CLASSES_MAX; i++) {
        uint8_t bit = in_force->policy->class[value - 1].bit[i];
        if (bit < 32 && (permissions >> bit & 1) != 0) theirs |= 1u << i;
    }
    return theirs;
}
