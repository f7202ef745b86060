/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the next state aside: translates the labels in use, closes them under derivation, drops
 * what nothing wants, builds the table. What is in force is not touched before the commit. */
#include "xsm/build.h"
#include "xsm/table.h"
#include "xsm/te.h"

enum work { WORK_TRANSLATE, WORK_CLOSE, WORK_SWEEP, WORK_BUILD };

struct stage {
    uint32_t slot;
    uint32_t side;
    uint32_t from; /* image by which the labels were noted */
    uint32_t builder;
    uint32_t changes;
    enum work work;
    uint32_t label;                 /* next */
    struct label noted[LABELS_MAX]; /* labels in force when it began */
};

static struct stage stage;

void stage_boot(void) {
    labels_clear(te.side);
    for (uint32_t i = 1; i < LABEL_INITIAL_COUNT; i++) {
        label_sets[te.side].label[i].live = true;
        label_sets[te.side].label[i].sid = i;
    }
}

void stage_begin(uint32_t slot, uint32_t builder) {
    stage.slot = slot;
    stage.side = 1 - te.side;
    stage.from = te.slot;
    stage.builder = builder;
    stage.changes = te.changes;
    stage.work = WORK_TRANSLATE;
    stage.label = 0;
    for (uint32_t i = 0; i < LABELS_MAX; i++) stage.noted[i] = label_sets[te.side].label[i];
}

void stage_booleans(const struct boolean_states *states) {
    conditions_evaluate(stage.slot, states, &condition_states[stage.side]);
}

/* The context of a noted label under the new image. */
static bool translated(uint32_t label, struct context *out) {
    *out = stage.noted[label].context;
    if (label < LABEL_INITIAL_COUNT) {
        *out = policy_index[stage.slot].initial[label];
        return true;
    }
    return stage.slot == stage.from ||
           context_translate(stage.from, stage.slot, stage.noted[label].context, out);
}

/* A label keeps its index and its SID. One that is only derived may go, and come back by the
 * closure. */
static enum policy_check translate(uint32_t label) {
    struct context context;

    if (label == 0) labels_clear(stage.side);
    if (!stage.noted[label].live) return CHECK_PASSED;
    if (!translated(label, &context))
        return stage.noted[label].holds > 0 ? CHECK_LIVE_LABEL : CHECK_PASSED;
    labels_place(stage.side, (label_id)label, context);
    label_sets[stage.side].label[label].sid = stage.noted[label].sid;
    label_sets[stage.side].label[label].asker = stage.noted[label].asker;
    label_sets[stage.side].label[label].holds = stage.noted[label].holds;
    return CHECK_PASSED;
}

/* A label that a domain carries must stay one that a domain can carry. */
static enum policy_check close_label(uint32_t label) {
    struct deriving by = {stage.slot, stage.side};
    bool wanted = label < LABEL_INITIAL_COUNT || label_sets[stage.side].label[label].holds > 0;

    if (!label_sets[stage.side].label[label].live || !wanted) return CHECK_PASSED;
    if (!closure_add(by, (label_id)label)) return CHECK_LABEL_ROOM;
    if (stage.noted[label].live && stage.noted[label].domain && stage.noted[label].holds > 0 &&
        !label_sets[stage.side].label[label].domain)
        return CHECK_LIVE_LABEL;
    return CHECK_PASSED;
}

static void sweep(uint32_t label) {
    if (label_sets[stage.side].label[label].live && !labels_wanted(stage.side, (label_id)label))
        labels_remove(stage.side, (label_id)label);
}

static enum policy_check work_on(uint32_t label) {
    enum policy_check check = CHECK_PASSED;

    switch (stage.work) {
    case WORK_TRANSLATE: check = translate(label); break;
    case WORK_CLOSE: check = close_label(label); break;
    case WORK_SWEEP: sweep(label); break;
    case WORK_BUILD: break;
    }
    return check;
}

/* Work on one live label is a piece; places without one cost next to nothing. */
static enum policy_check work_on_labels(void) {
    enum policy_check check = CHECK_PASSED;
    bool worked = false;

    while (stage.label < LABELS_MAX && check == CHECK_PASSED && !worked) {
        worked = stage.noted[stage.label].live;
        check = work_on(stage.label);
        stage.label++;
    }
    if (check == CHECK_PASSED && stage.label >= LABELS_MAX) {
        stage.label = 0;
        stage.work = stage.work + 1;
        if (stage.work == WORK_BUILD) build_begin(stage.builder, stage.slot, stage.side);
    }
    return check;
}

enum policy_check stage_step(bool *done) {
    *done = false;
    return stage.work == WORK_BUILD ? build_step(stage.builder, done) : work_on_labels();
}

bool stage_is_old(void) { return stage.changes != te.changes; }

/* Holds may have been taken and given since; no label came or went, and none changed between held
 * and not held, or the state would be old. */
void stage_commit(void) {
    for (uint32_t i = 1; i < LABELS_MAX; i++) {
        if (!label_sets[stage.side].label[i].live) continue;
        label_sets[stage.side].label[i].holds = label_sets[te.side].label[i].holds;
        if (label_sets[stage.side].label[i].sid == 0)
            label_sets[stage.side].label[i].sid = te.next_sid++;
    }
    te.slot = stage.slot;
    te.side = stage.side;
    te.changes++;
    table_switch(te.side);
}

enum policy_check stage_again(const struct boolean_states *states) {
    enum policy_check check = CHECK_PASSED;
    bool done = false;

    stage_begin(te.slot, BUILDER_LOCKED);
    stage_booleans(states);
    while (check == CHECK_PASSED && !done) check = stage_step(&done);
    if (check == CHECK_PASSED) stage_commit();
    return check;
}
