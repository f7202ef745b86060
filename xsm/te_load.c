/* SPDX-License-Identifier: Apache-2.0 */
/* A policy's way from bytes to force, and booleans. The next state is made aside: it takes over the
 * labels in use, closes them under derivation, drops what nothing wants, and builds the table. What
 * is in force is not touched before the commit, so that only a load's beginning and its commit need
 * the gate's lock. Booleans, and a table that is full, make a next state at one go. */
#include "hv/abi/sparse.h"
#include "xsm/sha256.h"
#include "xsm/te.h"

/* IDLE -begin-> RECEIVING -work-> READING -> TRANSLATING -> CLOSING -> BUILDING -> READY
 * READY -commit-> IDLE, or TRANSLATING if labels changed; any -refusal, abort-> IDLE */
enum phase { IDLE, RECEIVING, READING, TRANSLATING, CLOSING, BUILDING, READY };

#define HASHED_PER_STEP 4096u /* bytes */

struct load {
    enum phase phase;
    uint32_t size, received, hashed;
    uint32_t changes; /* of labels in force when theirs were noted */
    uint32_t label;   /* next to translate or close */
    struct state *next;
    struct sha256 sha;
    struct reader reader;
};

static struct load load;
static uint32_t slot; /* of the policy in force */
static struct policy policies[POLICY_SLOTS];
static bool pending[BOOLEANS_MAX];
static struct xsm_identity identity;
static struct xsm_refusal last_refusal = {"", 0};

SPARSE uint8_t policy_bytes[POLICY_SLOTS + 1][POLICY_IMAGE_MAX];

uint32_t xsm_load_slot(void) { return 1 - slot; }

const struct xsm_identity *xsm_identity(void) { return &identity; }

const struct xsm_refusal *xsm_last_refusal(void) { return &last_refusal; }

/* --- the next state --------------------------------------------------------------------------- */

/* Notes the labels in force, under the lock. */
static void note_labels(const struct policy *policy) {
    load.next = in_force == &states[0] ? &states[1] : &states[0];
    load.next->policy = policy;
    load.changes = label_changes;
    for (uint32_t i = 0; i < LABELS_MAX; i++) load.next->label[i] = in_force->label[i];
}

static void begin_state(const bool boolean[BOOLEANS_MAX]) {
    const struct policy *policy = load.next->policy;

    for (uint32_t i = 0; i < BOOLEANS_MAX; i++) load.next->boolean[i] = boolean[i];
    for (uint32_t i = 0; i < policy->conditionals.count; i++)
        load.next->holds[i] = conditional_holds(policy, &policy->conditional[i], boolean);
    load.label = 1;
    load.phase = TRANSLATING;
}

/* The context of the same names in another policy. False if it is not valid there. */
static bool translate_context(const struct policy *from, const struct policy *to,
                              struct context *context) {
    char text[CONTEXT_MAX];
    size_t length = context_write(from, *context, text, sizeof text);

    return length > 0 && context_parse(to, text, length - 1, context);
}

/* A label keeps its index and its SID. One that is only derived may go, and come back by the
 * closure. */
static enum policy_check translate(uint32_t index) {
    struct label *label = &load.next->label[index];

    label->must_fit = label->domain && label->holds > 0;
    label->domain = false;
    label->self = LABEL_NONE;
    label->derivations = 0;
    if (index < LABEL_INITIAL_COUNT) {
        label->context = load.next->policy->initial[index];
    } else if (load.next->policy != in_force->policy &&
               !translate_context(in_force->policy, load.next->policy, &label->context)) {
        if (label->holds > 0) return CHECK_LIVE_LABEL;
        *label = (struct label){0};
    }
    return CHECK_PASSED;
}

static enum policy_check close_label(uint32_t index) {
    struct label *label = &load.next->label[index];

    if (index >= LABEL_INITIAL_COUNT && label->holds == 0) return CHECK_PASSED;
    if (!closure_add(load.next, (label_id)index)) return CHECK_LABEL_ROOM;
    return label->must_fit && !label->domain ? CHECK_LIVE_LABEL : CHECK_PASSED;
}

/* Work on one live label is a piece; places without one cost next to nothing. */
static enum policy_check work_on_labels(void) {
    enum policy_check check = CHECK_PASSED;

    while (load.label < LABELS_MAX && !load.next->label[load.label].live) load.label++;
    if (load.label < LABELS_MAX) {
        check = load.phase == TRANSLATING ? translate(load.label) : close_label(load.label);
        load.label++;
    } else if (load.phase == TRANSLATING) {
        load.label = 1;
        load.phase = CLOSING;
    } else {
        labels_sweep(load.next);
        build_begin(BUILDER_ASIDE, load.next, true);
        load.phase = BUILDING;
    }
    return check;
}

static enum policy_check work_on_state(void) {
    bool done = false;

    if (load.phase != BUILDING) return work_on_labels();
    enum policy_check check = build_step(BUILDER_ASIDE, &done);
    if (done) load.phase = READY;
    return check;
}

/* Holds may have been taken and given since; no label came or went, and none changed between held
 * and not held, or the state would be too old. */
static void commit_state(void) {
    for (uint32_t i = 1; i < LABELS_MAX; i++) {
        struct label *label = &load.next->label[i];
        if (!label->live) continue;
        label->holds = in_force->label[i].holds;
        if (label->sid == 0) label->sid = next_sid++;
    }
    for (uint32_t i = 0; i < BOOLEANS_MAX; i++) pending[i] = load.next->boolean[i];
    in_force = load.next;
    label_changes++;
}

/* Makes the state of the policy in force afresh, with these booleans. */
static enum policy_check remake(const bool boolean[BOOLEANS_MAX]) {
    enum policy_check check = CHECK_PASSED;

    note_labels(in_force->policy);
    begin_state(boolean);
    while (check == CHECK_PASSED && load.phase != READY) check = work_on_state();
    if (check == CHECK_PASSED) commit_state();
    load.phase = IDLE;
    return check;
}

bool rebuild(void) { return load.phase == IDLE && remake(in_force->boolean) == CHECK_PASSED; }

/* --- loads ------------------------------------------------------------------------------------ */

enum reason xsm_load_begin(uint32_t size) {
    if (load.phase != IDLE) return REASON_BUSY;
    if (size == 0) return REASON_INVALID;
    if (size > POLICY_IMAGE_MAX) return REASON_NO_SPACE;

    load.phase = RECEIVING;
    load.size = size;
    load.received = 0;
    load.hashed = 0;
    sha256_begin(&load.sha);
    note_labels(&policies[1 - slot]);
    return REASON_OK;
}

enum reason xsm_load_append(const uint8_t *bytes, uint32_t count) {
    uint8_t *to = policy_bytes[1 - slot] + load.received;
    uint32_t i = 0;

    if (load.phase != RECEIVING || count > load.size - load.received) return REASON_INVALID;
    for (; count - i >= 4; i += 4) copy_double(bytes + i, to + i);
    for (; i < count; i++) to[i] = bytes[i];
    load.received += count;
    return REASON_OK;
}

/* The booleans' own states, except where a boolean of that name is in force. */
static void begin_state_of_image(void) {
    const struct policy *policy = load.next->policy;
    bool boolean[BOOLEANS_MAX] = {false};

    for (uint32_t i = 0; i < policy->count[SYMBOL_BOOLEAN]; i++) {
        struct name name = symbol_name(policy, SYMBOL_BOOLEAN, i + 1);
        uint32_t known =
            symbol_find(in_force->policy, SYMBOL_BOOLEAN, &policy->bytes[name.at], name.length);
        boolean[i] =
            known != 0 ? in_force->boolean[known - 1] : image_u32(policy, name.at - 8) != 0;
    }
    begin_state(boolean);
}

/* Hashed first, for the reader sorts rules in their place. */
static enum policy_check hash(uint8_t *bytes) {
    uint32_t left = load.size - load.hashed;
    uint32_t count = left < HASHED_PER_STEP ? left : HASHED_PER_STEP;

    if (load.received != load.size) return CHECK_INCOMPLETE;
    sha256_append(&load.sha, bytes + load.hashed, count);
    load.hashed += count;
    if (count < left) return CHECK_PASSED;
    reader_begin(&load.reader, &policies[1 - slot], bytes, load.size);
    load.phase = READING;
    return load.reader.check;
}

static enum policy_check work_on_image(void) {
    if (load.phase == RECEIVING) return hash(policy_bytes[1 - slot]);
    reader_step(&load.reader);
    if (load.reader.phase == READ_DONE) begin_state_of_image();
    return load.reader.check;
}

enum reason xsm_load_work(struct xsm_refusal *refusal) {
    if (load.phase == IDLE) return REASON_INVALID;
    if (load.phase == READY) return REASON_OK;
    enum policy_check check = load.phase <= READING ? work_on_image() : work_on_state();
    if (check == CHECK_PASSED) return load.phase == READY ? REASON_OK : REASON_AGAIN;

    last_refusal.check = policy_check_sentence(check);
    last_refusal.offset = load.phase == READING ? load.reader.failed_at : load.received;
    *refusal = last_refusal;
    xsm_load_abort();
    return REASON_BAD_POLICY;
}

static void identify(void) {
    const struct policy *policy = in_force->policy;

    sha256_end(&load.sha, identity.sha256);
    identity.size = load.size;
    identity.version = 30;
    identity.types = policy->count[SYMBOL_TYPE];
    identity.classes = policy->count[SYMBOL_CLASS];
    identity.rules = policy->rules.count + policy->conditional_rules;
    identity.booleans = policy->count[SYMBOL_BOOLEAN];
    identity.author_version = policy->author_version;
    identity.epoch++;
}

enum reason xsm_load_commit(struct xsm_refusal *refusal) {
    *refusal = (struct xsm_refusal){"", 0};
    if (load.phase != READY) return REASON_INVALID;
    if (load.changes != label_changes) {
        note_labels(load.next->policy);
        begin_state_of_image();
        return REASON_AGAIN;
    }
    commit_state();
    policies[slot].size = 0;
    slot = 1 - slot;
    identify();
    load.phase = IDLE;
    return REASON_OK;
}

void xsm_load_abort(void) {
    policies[1 - slot].size = 0;
    load.phase = IDLE;
}

/* As if nothing had ever been loaded: the initial labels, and nothing is allowed. */
static void reset(void) {
    last_refusal = (struct xsm_refusal){"", 0};
    identity = (struct xsm_identity){.epoch = 0};
    load.phase = IDLE;
    next_sid = LABEL_INITIAL_COUNT;
    policies[slot] = (struct policy){.bytes = policy_bytes[slot]};
    in_force->policy = &policies[slot];
    for (uint32_t i = 0; i < LABELS_MAX; i++) {
        bool initial = i > 0 && i < LABEL_INITIAL_COUNT;
        in_force->label[i] = (struct label){.live = initial, .sid = initial ? i : 0};
    }
    table_clear(&in_force->table);
}

enum reason xsm_start(const uint8_t *image, uint32_t size, const char *options) {
    struct xsm_refusal refusal;
    enum reason reason = REASON_AGAIN;

    (void)options;
    reset();
    if (xsm_load_begin(size) != REASON_OK) {
        last_refusal.check = size == 0 ? "there is no policy" : "the policy is too large";
        return REASON_BAD_POLICY;
    }
    (void)xsm_load_append(image, size);
    while (reason == REASON_AGAIN) reason = xsm_load_work(&refusal);
    return reason == REASON_OK ? xsm_load_commit(&refusal) : reason;
}

/* --- booleans --------------------------------------------------------------------------------- */

uint32_t xsm_boolean_count(void) { return in_force->policy->count[SYMBOL_BOOLEAN]; }

bool xsm_boolean_get(uint32_t index, const char **name, bool *value, bool *is_pending) {
    static char text[BOOLEAN_NAME_MAX];
    const struct policy *policy = in_force->policy;

    if (index >= xsm_boolean_count()) return false;
    struct name here = symbol_name(policy, SYMBOL_BOOLEAN, index + 1);
    for (uint32_t i = 0; i < BOOLEAN_NAME_MAX; i++)
        text[i] = i < here.length ? (char)policy->bytes[here.at + i] : '\0';
    *name = text;
    *value = in_force->boolean[index];
    *is_pending = pending[index];
    return true;
}

bool xsm_boolean_find(const char *name, size_t length, uint32_t *index) {
    if (length >= BOOLEAN_NAME_MAX) return false;
    uint32_t value =
        symbol_find(in_force->policy, SYMBOL_BOOLEAN, (const uint8_t *)name, (uint32_t)length);
    if (value != 0) *index = value - 1;
    return value != 0;
}

void xsm_boolean_set_pending(uint32_t index, bool value) {
    if (index < xsm_boolean_count()) pending[index] = value;
}

enum reason xsm_booleans_commit(void) {
    if (load.phase != IDLE) return REASON_BUSY;
    enum policy_check check = remake(pending);
    if (check == CHECK_LIVE_LABEL) return REASON_NO_CONTEXT;
    if (check != CHECK_PASSED) return REASON_NO_SPACE;
    identity.epoch++;
    return REASON_OK;
}
