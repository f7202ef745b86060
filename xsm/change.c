/* SPDX-License-Identifier: Apache-2.0 */
/* A change makes the next state aside: it takes over the labels in use, closes them under
 * derivation, drops what nothing wants, and builds the table. What is in force is not touched
 * before the commit, which puts the next state in its place as a whole; so only the beginning and
 * the commit need the gate's lock. Meanwhile holds are taken and given as if there were no change.
 */
#include "xsm/te.h"

/* CONDITIONS -> TRANSLATING -> CLOSING -> BUILDING -> READY; any -> FAILED.
 * READY -commit-> force, or CONDITIONS if a label was taken up again that the next state lacks. */
enum phase { CONDITIONS, TRANSLATING, CLOSING, BUILDING, READY, FAILED };

#define CONDITIONS_PER_STEP 4u

static struct change {
    enum xsm_change kind;
    enum phase phase;
    enum policy_check check; /* why it failed */
    uint32_t at;             /* next conditional or label */
    struct state *next;
    struct context newcomer; /* of a label that is to come to life; type 0: none */
    bool kept[LABELS_MAX];   /* held when this try began, or an earlier one */
} change;

enum xsm_change xsm_change(void) { return change.kind; }

/* Notes the labels in force, under the lock. Each try keeps what those before it kept: so there are
 * no more tries than labels. */
static void note_labels(void) {
    for (uint32_t i = 0; i < LABELS_MAX; i++) {
        struct label *label = &change.next->label[i];
        *label = in_force->label[i];
        if (label->holds > 0) change.kept[i] = true;
        if (change.kept[i]) label->holds = 1;
    }
    change.at = 0;
    change.phase = CONDITIONS;
}

void change_begin(enum xsm_change kind, const struct policy *policy,
                  const bool boolean[BOOLEANS_MAX], struct context newcomer) {
    change = (struct change){.kind = kind, .newcomer = newcomer};
    change.next = in_force == &states[0] ? &states[1] : &states[0];
    change.next->policy = policy;
    for (uint32_t i = 0; i < BOOLEANS_MAX; i++) change.next->boolean[i] = boolean[i];
    note_labels();
}

void change_end(void) { change.kind = XSM_NO_CHANGE; }

enum policy_check change_failure(void) { return change.check; }

static void decide_conditionals(void) {
    struct state *next = change.next;
    uint32_t count = next->policy->conditionals.count;

    for (uint32_t i = 0; i < CONDITIONS_PER_STEP && change.at < count; i++, change.at++)
        next->holds[change.at] =
            conditional_holds(next->policy, &next->policy->conditional[change.at], next->boolean);
    if (change.at < count) return;
    change.at = 1;
    change.phase = TRANSLATING;
}

/* The context of the same names in the next policy. False if it is not valid there. */
static bool translate_context(struct context *context) {
    char text[CONTEXT_MAX];
    size_t length = context_write(in_force->policy, *context, text, sizeof text);

    return length > 0 && context_parse(change.next->policy, text, length - 1, context);
}

/* A label keeps its index and its SID. One that is only derived may go, and come back by the
 * closure. */
static enum policy_check translate(uint32_t index) {
    struct label *label = &change.next->label[index];

    label->must_fit = label->domain && label->holds > 0;
    label->domain = false;
    label->self = LABEL_NONE;
    label->derivations = 0;
    if (index < LABEL_INITIAL_COUNT) {
        label->context = change.next->policy->initial[index];
    } else if (change.kind == XSM_POLICY && !translate_context(&label->context)) {
        if (label->holds > 0) return CHECK_LIVE_LABEL;
        *label = (struct label){0};
    }
    return CHECK_PASSED;
}

static enum policy_check close_label(uint32_t index) {
    struct label *label = &change.next->label[index];

    if (index >= LABEL_INITIAL_COUNT && label->holds == 0) return CHECK_PASSED;
    if (!closure_add(change.next, (label_id)index)) return CHECK_LABEL_ROOM;
    return label->must_fit && !label->domain ? CHECK_LIVE_LABEL : CHECK_PASSED;
}

/* The label that is to come to life: last, when there is room that others left. */
static enum policy_check receive_newcomer(void) {
    if (change.newcomer.type == 0) return CHECK_PASSED;
    label_id label = label_find(change.next, change.newcomer);
    if (label == LABEL_NONE) label = label_make(change.next, change.newcomer);
    if (label == LABEL_NONE) return CHECK_LABEL_ROOM;
    change.next->label[label].holds = 1;
    return close_label(label);
}

/* Work on one live label is a piece; places without one cost next to nothing. */
static enum policy_check work_on_labels(void) {
    enum policy_check check = CHECK_PASSED;

    while (change.at < LABELS_MAX && !change.next->label[change.at].live) change.at++;
    if (change.at < LABELS_MAX) {
        check = change.phase == TRANSLATING ? translate(change.at) : close_label(change.at);
        change.at++;
    } else if (change.phase == TRANSLATING) {
        change.at = 1;
        change.phase = CLOSING;
    } else {
        labels_sweep(change.next);
        check = receive_newcomer();
        build_begin(change.next);
        change.phase = BUILDING;
    }
    return check;
}

void change_work(void) {
    bool done = false;

    switch (change.phase) {
    case CONDITIONS: decide_conditionals(); break;
    case TRANSLATING:
    case CLOSING: change.check = work_on_labels(); break;
    case BUILDING: change.check = build_step(&done); break;
    case READY:
    case FAILED: return;
    }
    if (done) change.phase = READY;
    if (change.check != CHECK_PASSED) change.phase = FAILED;
}

/* Would the next state do for this label, as it is used now? */
static bool is_kept(uint32_t index) {
    const struct label *now = &in_force->label[index];
    const struct label *then = &change.next->label[index];

    return now->holds == 0 ||
           (then->live && then->sid == now->sid && (then->domain || !now->domain));
}

bool change_commit(void) {
    if (change.phase != READY) return false;
    for (uint32_t i = 1; i < LABELS_MAX; i++) {
        if (is_kept(i)) continue;
        note_labels();
        return false;
    }

    for (uint32_t i = 1; i < LABELS_MAX; i++) {
        struct label *label = &change.next->label[i];
        bool stays = label->sid != 0;
        label->holds = stays ? in_force->label[i].holds : 0;
        label->asker = stays ? in_force->label[i].asker : 0;
        if (label->live && !stays) label->sid = next_sid++;
    }
    in_force = change.next;
    return true;
}
