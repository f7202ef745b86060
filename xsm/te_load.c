/* SPDX-License-Identifier: Apache-2.0 */
/* A policy's way from bytes to a valid image, and what becomes of changes. An image is received,
 * hashed and read beside what is in force; then a change puts it there. A load and a change of
 * booleans exclude each other, so that between a load's beginning and its end no answer changes;
 * labels come to life meanwhile, by changes that take turns with the load's. */
#include "hv/abi/sparse.h"
#include "xsm/sha256.h"
#include "xsm/te.h"

/* IDLE -begin-> RECEIVING -all bytes are there-> HASHING -> READING -> INDEXING -> VALID, then a
 * change begins when no other is under way; its commit, any refusal, abort-> IDLE */
enum load_phase { IDLE, RECEIVING, HASHING, READING, INDEXING, VALID };

#define HASHED_PER_STEP 4096u /* bytes */

struct load {
    enum load_phase phase;
    uint32_t size, received, hashed;
    uint8_t digest[SHA256_BYTES];
    uint32_t known[BOOLEANS_MAX]; /* value in force of the boolean with the same name, 0: none */
    struct sha256 sha;
    struct reader reader;
};

static struct load load;
static bool at_change; /* what is worked on next, or at the moment: the change, or else the image */
static uint32_t slot;  /* of the policy in force */
static struct policy policies[POLICY_SLOTS];
static bool pending[BOOLEANS_MAX];
static struct xsm_identity identity;
static struct xsm_refusal last_refusal = {"", 0};
static const struct context nobody = {0, 0, 0};

SPARSE uint8_t policy_bytes[POLICY_SLOTS + 1][POLICY_IMAGE_MAX];

uint32_t xsm_load_slot(void) { return 1 - slot; }

const struct xsm_identity *xsm_identity(void) { return &identity; }

const struct xsm_refusal *xsm_last_refusal(void) { return &last_refusal; }

/* --- loads ------------------------------------------------------------------------------------ */

enum reason xsm_load_begin(uint32_t size) {
    if (load.phase != IDLE || xsm_change() == XSM_BOOLEANS) return REASON_BUSY;
    if (size == 0) return REASON_INVALID;
    if (size > POLICY_IMAGE_MAX) return REASON_NO_SPACE;

    load.phase = RECEIVING; /* the rest is large and set later: this is one hold of the lock */
    load.size = size;
    load.received = 0;
    load.hashed = 0;
    sha256_begin(&load.sha);
    return REASON_OK;
}

enum reason xsm_load_append(const uint8_t *bytes, uint32_t count) {
    uint8_t *to = policy_bytes[1 - slot] + load.received;
    uint32_t i = 0;

    if (load.phase != RECEIVING || count > load.size - load.received) return REASON_INVALID;
    for (; count - i >= 4; i += 4) copy_double(bytes + i, to + i);
    for (; i < count; i++) to[i] = bytes[i];
    load.received += count;
    if (load.received == load.size) load.phase = HASHING;
    return REASON_OK;
}

/* Hashed first, for the reader sorts rules in their place. */
static void hash(uint8_t *bytes) {
    uint32_t left = load.size - load.hashed;
    uint32_t count = left < HASHED_PER_STEP ? left : HASHED_PER_STEP;

    sha256_append(&load.sha, bytes + load.hashed, count);
    load.hashed += count;
    if (count < left) return;
    sha256_end(&load.sha, load.digest);
    reader_begin(&load.reader, &policies[1 - slot], bytes, load.size);
    load.phase = READING;
}

/* Looks for the booleans of the same names. */
static void know_booleans(void) {
    const struct policy *policy = &policies[1 - slot];

    for (uint32_t i = 0; i < policy->count[SYMBOL_BOOLEAN]; i++) {
        struct name name = symbol_name(policy, SYMBOL_BOOLEAN, i + 1);
        load.known[i] =
            symbol_find(&policies[slot], SYMBOL_BOOLEAN, &policy->bytes[name.at], name.length);
    }
}

static void work_on_image(void) {
    if (load.phase == HASHING) {
        hash(policy_bytes[1 - slot]);
    } else if (load.phase == READING) {
        reader_step(&load.reader);
        if (load.reader.phase == READ_DONE) load.phase = INDEXING;
    } else if (load.phase == INDEXING && types_index(&policies[1 - slot])) {
        know_booleans();
        load.phase = VALID;
    }
}

/* Booleans keep their states; those that are not known have the image's. */
static void begin_change_of_policy(void) {
    const struct policy *policy = &policies[1 - slot];
    bool boolean[BOOLEANS_MAX] = {false};

    for (uint32_t i = 0; i < policy->count[SYMBOL_BOOLEAN]; i++) {
        uint32_t at = symbol_name(policy, SYMBOL_BOOLEAN, i + 1).at;
        uint32_t known = load.known[i];
        boolean[i] = known != 0 ? in_force->boolean[known - 1] : image_u32(policy, at - 8) != 0;
    }
    change_begin(XSM_POLICY, policy, boolean, nobody);
}

void xsm_load_abort(void) {
    policies[1 - slot].size = 0;
    load.phase = IDLE;
    if (xsm_change() == XSM_POLICY) change_end();
}

static enum reason refuse(enum policy_check check, uint32_t offset) {
    last_refusal.check = policy_check_sentence(check);
    last_refusal.offset = offset;
    xsm_load_abort();
    return REASON_BAD_POLICY;
}

/* --- work on images and changes --------------------------------------------------------------- */

bool xsm_work_take(void) {
    bool image = load.phase >= HASHING && load.phase < VALID;
    bool change = xsm_change() != XSM_NO_CHANGE;

    at_change = change && !(image && at_change);
    return image || change;
}

void xsm_work(void) {
    if (at_change)
        change_work();
    else
        work_on_image();
}

/* What follows from a change that has come into force. */
static void conclude(enum xsm_change kind) {
    if (kind == XSM_LABEL) return;
    identity.epoch++;
    for (uint32_t i = 0; i < BOOLEANS_MAX; i++) pending[i] = in_force->boolean[i];
    if (kind == XSM_BOOLEANS) return;
    policies[slot].size = 0;
    slot = 1 - slot;
    load.phase = IDLE;
    for (uint32_t i = 0; i < SHA256_BYTES; i++) identity.sha256[i] = load.digest[i];
    identity.size = load.size;
    identity.version = 30;
}

static enum reason fail(enum xsm_change kind, enum policy_check check) {
    if (kind == XSM_POLICY) return refuse(check, load.size);
    return check == CHECK_LIVE_LABEL ? REASON_NO_CONTEXT : REASON_NO_SPACE;
}

struct xsm_outcome xsm_settle(void) {
    struct xsm_outcome outcome = {XSM_NO_CHANGE, REASON_OK};

    if (load.phase == READING && load.reader.check != CHECK_PASSED) {
        outcome.reason = refuse(load.reader.check, load.reader.failed_at);
        outcome.change = XSM_POLICY;
    } else if (xsm_change() != XSM_NO_CHANGE &&
               (change_failure() != CHECK_PASSED || change_commit())) {
        outcome.change = xsm_change();
        change_end();
        if (change_failure() != CHECK_PASSED)
            outcome.reason = fail(outcome.change, change_failure());
        else
            conclude(outcome.change);
    }
    if (load.phase == VALID && xsm_change() == XSM_NO_CHANGE) begin_change_of_policy();
    return outcome;
}

/* As if nothing had ever been loaded: the initial labels, and nothing is allowed. */
static void reset(void) {
    last_refusal = (struct xsm_refusal){"", 0};
    identity = (struct xsm_identity){.epoch = 0};
    load.phase = IDLE;
    change_end();
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
    struct xsm_outcome outcome = {XSM_NO_CHANGE, REASON_OK};

    (void)options;
    reset();
    if (xsm_load_begin(size) != REASON_OK) {
        last_refusal.check = size == 0 ? "there is no policy" : "the policy is too large";
        return REASON_BAD_POLICY;
    }
    (void)xsm_load_append(image, size);
    while (outcome.change == XSM_NO_CHANGE && xsm_work_take()) {
        xsm_work();
        outcome = xsm_settle();
    }
    return outcome.reason;
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
    if (xsm_change() != XSM_NO_CHANGE) return REASON_AGAIN;
    change_begin(XSM_BOOLEANS, in_force->policy, pending, nobody);
    return REASON_OK;
}
