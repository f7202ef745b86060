/* SPDX-License-Identifier: Apache-2.0 */
/* Type enforcement: labels and answers. The question itself is in xsm/table.c. All of this runs
 * under the gate's lock and works on the state in force. */
#include "xsm/te.h"

#include "xsm/build.h"
#include "xsm/constraints.h"
#include "xsm/table.h"

#define LABEL_QUOTA 64u          /* labels alive on behalf of one asking label */
#define ASKER_QUERIES UINT32_MAX /* create queries share one quota of their own */

struct te te;

const char *xsm_module_name(void) { return "te"; }

static bool is_live(label_id label) {
    return label != LABEL_NONE && label < LABELS_MAX && label_sets[te.side].label[label].live;
}

static struct deriving by_what_is_in_force(void) {
    struct deriving by = {te.slot, te.side};
    return by;
}

/* Ends every label that nothing wants any more. */
static void sweep_labels(void) {
    for (uint32_t i = LABEL_INITIAL_COUNT; i < LABELS_MAX; i++) {
        if (!is_live((label_id)i) || labels_wanted(te.side, (label_id)i)) continue;
        labels_remove(te.side, (label_id)i);
        table_forget(te.side, (label_id)i);
    }
}

/* Numbers the labels that came to life and makes their rows and columns in the table in force. */
static enum policy_check admit_new_labels(void) {
    enum policy_check check = CHECK_PASSED;
    bool done = false;
    bool any = false;

    build_begin_marked(BUILDER_LOCKED, te.slot, te.side);
    for (uint32_t i = 1; i < LABELS_MAX; i++) {
        if (!is_live((label_id)i) || label_sets[te.side].label[i].sid != 0) continue;
        label_sets[te.side].label[i].sid = te.next_sid++;
        build_mark(BUILDER_LOCKED, (label_id)i);
        any = true;
    }
    while (any && check == CHECK_PASSED && !done) check = build_step(BUILDER_LOCKED, &done);
    return check;
}

/* Vectors of labels that died are not given back: where they are used up, the table is made afresh,
 * if a load does not have the other one. */
static bool admit_or_rebuild(void) {
    if (admit_new_labels() == CHECK_PASSED) return true;
    return !load_under_way() && stage_again(&booleans[te.slot]) == CHECK_PASSED;
}

/* Takes a label that is held for the first time into the closure. False: no room, nothing changed.
 */
static bool adopt(label_id label, uint32_t asker) {
    te.changes++;
    label_sets[te.side].label[label].asker = asker;
    label_sets[te.side].label[label].holds = 1;
    if (closure_add(by_what_is_in_force(), label) && admit_or_rebuild()) return true;
    closure_remove(by_what_is_in_force(), label);
    label_sets[te.side].label[label].asker = 0;
    label_sets[te.side].label[label].holds = 0;
    sweep_labels();
    return false;
}

static enum reason find_or_make(struct context context, uint32_t asker, label_id *out) {
    label_id label = labels_find(te.side, context);

    if (label != LABEL_NONE &&
        (label < LABEL_INITIAL_COUNT || label_sets[te.side].label[label].holds > 0)) {
        xsm_label_hold(label);
        *out = label;
        return REASON_OK;
    }
    if (asker != 0 && labels_asked_by(te.side, asker) >= LABEL_QUOTA) return REASON_NO_SPACE;
    if (label == LABEL_NONE) {
        label = labels_free_place(te.side);
        if (label == LABEL_NONE) return REASON_NO_SPACE;
        labels_place(te.side, label, context);
    }
    if (!adopt(label, asker)) return REASON_NO_SPACE;
    *out = label;
    return REASON_OK;
}

enum reason xsm_label_find(const char *context, size_t length, label_id asking, label_id *out) {
    struct context parsed = {0, 0, 0};

    if (!context_parse(te.slot, context, length, &parsed)) return REASON_NO_CONTEXT;
    return find_or_make(parsed, xsm_sid_of_label(asking), out);
}

enum reason xsm_label_create(label_id source, label_id target, enum xsm_class class,
                             label_id *out) {
    struct context derived;

    if (!is_live(source) || !is_live(target)) return REASON_NO_ENTRY;
    if (!context_derive(te.slot, &condition_states[te.side],
                        label_sets[te.side].label[source].context,
                        label_sets[te.side].label[target].context, class, &derived))
        return REASON_NO_CONTEXT;
    return find_or_make(derived, ASKER_QUERIES, out);
}

label_id xsm_label_of_sid(uint32_t sid) { return labels_of_sid(te.side, sid); }

uint32_t xsm_sid_of_label(label_id label) {
    return is_live(label) ? label_sets[te.side].label[label].sid : 0;
}

void xsm_label_hold(label_id label) {
    if (!is_live(label) || label_sets[te.side].label[label].holds == UINT32_MAX) return;
    if (label_sets[te.side].label[label].holds == 0) te.changes++;
    label_sets[te.side].label[label].holds++;
}

void xsm_label_drop(label_id label) {
    if (!is_live(label) || label_sets[te.side].label[label].holds == 0) return;
    label_sets[te.side].label[label].holds--;
    if (label_sets[te.side].label[label].holds > 0) return;
    te.changes++;
    if (label < LABEL_INITIAL_COUNT) return;
    label_sets[te.side].label[label].asker = 0;
    closure_remove(by_what_is_in_force(), label);
    sweep_labels();
}

bool xsm_label_fits_domain(label_id label) {
    return is_live(label) && label_sets[te.side].label[label].domain && label != LABEL_XENBOOT &&
           label != LABEL_XEN && label != LABEL_UNLABELED;
}

enum reason xsm_label_context(label_id label, char *buffer, size_t size, size_t *length) {
    if (!is_live(label)) return REASON_NO_ENTRY;
    size_t written = context_write(te.slot, label_sets[te.side].label[label].context, buffer, size);
    if (written == 0) return REASON_NO_BUFFERS;
    *length = written;
    return REASON_OK;
}

label_id xsm_label_self(label_id domain) {
    if (!is_live(domain) || label_sets[te.side].label[domain].self == LABEL_NONE)
        return LABEL_UNLABELED;
    return label_sets[te.side].label[domain].self;
}

label_id xsm_label_channel(label_id subject, label_id peer) {
    if (!is_live(subject) || !is_live(peer)) return LABEL_UNLABELED;
    label_id channel = closure_channel(by_what_is_in_force(), subject, peer);
    return channel != LABEL_NONE ? channel : LABEL_UNLABELED;
}

/* The table holds answers, not the policy's three words: auditallow is known where it is allowed,
 * auditdeny where it is not, which is all that either can mean. */
void xsm_vector(label_id subject, label_id object, enum xsm_class class, struct xsm_vector *out) {
    uint64_t word = table_word(te.side, subject, object, class);
    uint32_t record = gather_bits(word / XSM_RECORD);

    out->allowed = gather_bits(word);
    out->audit_allow = record & out->allowed;
    out->audit_deny = record | out->allowed;
}

bool xsm_class_of_policy(uint16_t policy_class, enum xsm_class *out) {
    if (policy_class == 0 || policy_class > policy_index[te.slot].count[SYMBOL_CLASS]) return false;
    uint8_t ours = policy_index[te.slot].class[policy_class - 1].ours;
    if (ours >= CLASS_COUNT) return false;
    *out = (enum xsm_class)ours;
    return true;
}

uint32_t xsm_permissions_to_policy(enum xsm_class class, uint32_t permissions) {
    uint32_t theirs = class < CLASS_COUNT ? policy_index[te.slot].class_of_ours[class] : 0;

    return theirs == 0 ? 0 : permissions_to_policy(te.slot, theirs - 1, permissions);
}

const struct xsm_identity *xsm_identity(void) { return &te.identity; }
