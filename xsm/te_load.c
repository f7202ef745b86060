/* SPDX-License-Identifier: Apache-2.0 */
/* Type enforcement: a policy's way from bytes to force, and booleans. A load has its own image,
 * side and builder, so that only its beginning and its commit need the gate's lock. */
#include "xsm/build.h"
#include "xsm/policy_scan.h"
#include "xsm/sha256.h"
#include "xsm/symbols.h"
#include "xsm/table.h"
#include "xsm/te.h"

/* IDLE -begin-> RECEIVING -work-> SCANNING -work-> STAGING -work-> READY -commit-> IDLE
 * READY -commit, labels changed-> STAGING; any -refusal, abort-> IDLE */
enum load_state { LOAD_IDLE, LOAD_RECEIVING, LOAD_SCANNING, LOAD_STAGING, LOAD_READY };

struct load {
    enum load_state state;
    uint32_t slot;
    uint32_t size;
    uint32_t received;
    struct sha256 sha;
    struct policy_scan scan;
};

static struct load load;
static struct xsm_refusal last_refusal = {"", 0};

struct boolean_states booleans[IMAGE_SLOTS];
char boolean_names[IMAGE_SLOTS][BOOLEANS_MAX][BOOLEAN_NAME_MAX];

bool load_under_way(void) { return load.state != LOAD_IDLE; }

enum reason xsm_load_begin(uint32_t size) {
    if (load.state != LOAD_IDLE) return REASON_BUSY;
    if (size == 0) return REASON_INVALID;
    if (size > POLICY_IMAGE_MAX) return REASON_NO_SPACE;

    load.state = LOAD_RECEIVING;
    load.slot = 1 - te.slot;
    load.size = size;
    load.received = 0;
    sha256_begin(&load.sha);
    stage_begin(load.slot, BUILDER_LOAD);
    return REASON_OK;
}

enum reason xsm_load_append(const uint8_t *bytes, uint32_t count) {
    if (load.state != LOAD_RECEIVING || count > load.size - load.received) return REASON_INVALID;
    for (uint32_t i = 0; i < count; i++) policy_bytes[load.slot][load.received + i] = bytes[i];
    sha256_append(&load.sha, bytes, count);
    load.received += count;
    return REASON_OK;
}

/* Booleans of the new image: its own states, except where a boolean of that name is in force. */
static void take_booleans(uint32_t slot) {
    for (uint32_t i = 0; i < BOOLEANS_MAX; i++) {
        struct name name = symbol_name(slot, SYMBOL_BOOLEAN, i + 1);
        uint32_t length = name.length < BOOLEAN_NAME_MAX ? name.length : BOOLEAN_NAME_MAX - 1;
        uint32_t index;
        for (uint32_t j = 0; j < BOOLEAN_NAME_MAX; j++)
            boolean_names[slot][i][j] = j < length ? (char)image_u8(slot, name.at + j) : 0;
        bool value = length > 0 && image_u32(slot, policy_index[slot].boolean_at[i] + 4) != 0;
        if (length > 0 && xsm_boolean_find(boolean_names[slot][i], length, &index))
            value = booleans[te.slot].value[index];
        booleans[slot].value[i] = value;
        booleans[slot].pending[i] = value;
    }
}

static enum policy_check work_on_scan(void) {
    bool done;
    enum policy_check check = policy_scan_step(&load.scan, &done);

    if (done) {
        take_booleans(load.slot);
        stage_booleans(&booleans[load.slot]);
        load.state = LOAD_STAGING;
    }
    return check;
}

static enum policy_check work_on_stage(void) {
    bool done;
    enum policy_check check = stage_step(&done);

    if (done) load.state = LOAD_READY;
    return check;
}

static enum policy_check start_scan(void) {
    if (load.received != load.size) return CHECK_INCOMPLETE;
    policy_scan_begin(&load.scan, load.slot, load.size);
    load.state = LOAD_SCANNING;
    return CHECK_PASSED;
}

enum reason xsm_load_work(struct xsm_refusal *refusal) {
    enum policy_check check = CHECK_PASSED;

    switch (load.state) {
    case LOAD_IDLE: return REASON_INVALID;
    case LOAD_RECEIVING:
        load.scan.cursor.at = load.received;
        check = start_scan();
        break;
    case LOAD_SCANNING: check = work_on_scan(); break;
    case LOAD_STAGING: check = work_on_stage(); break;
    case LOAD_READY: return REASON_OK;
    }
    if (check == CHECK_PASSED) return load.state == LOAD_READY ? REASON_OK : REASON_AGAIN;
    last_refusal.check = policy_check_sentence(check);
    last_refusal.offset = load.scan.cursor.at;
    *refusal = last_refusal;
    load.state = LOAD_IDLE;
    return REASON_BAD_POLICY;
}

static void identify(void) {
    const struct policy_index *index = &policy_index[te.slot];

    sha256_end(&load.sha, te.identity.sha256);
    te.identity.size = load.size;
    te.identity.version = 30;
    te.identity.types = index->count[SYMBOL_TYPE];
    te.identity.classes = index->count[SYMBOL_CLASS];
    te.identity.rules = index->rules + index->conditional_rules;
    te.identity.booleans = index->count[SYMBOL_BOOLEAN];
    te.identity.author_version = index->author_version;
    te.identity.epoch++;
}

enum reason xsm_load_commit(struct xsm_refusal *refusal) {
    refusal->check = "";
    refusal->offset = 0;
    if (load.state != LOAD_READY) return REASON_INVALID;
    if (stage_is_old()) {
        stage_begin(load.slot, BUILDER_LOAD);
        load.state = LOAD_STAGING;
        return REASON_AGAIN;
    }
    stage_commit();
    identify();
    load.state = LOAD_IDLE;
    return REASON_OK;
}

void xsm_load_abort(void) { load.state = LOAD_IDLE; }

const struct xsm_refusal *xsm_last_refusal(void) { return &last_refusal; }

/* As if nothing had ever been loaded. */
static void reset(void) {
    last_refusal.check = "";
    last_refusal.offset = 0;
    load.state = LOAD_IDLE;
    te = (struct te){0};
    te.next_sid = LABEL_INITIAL_COUNT;
    policy_index[0] = (struct policy_index){0};
    table_clear(te.side);
    table_switch(te.side);
    stage_boot();
}

enum reason xsm_start(const uint8_t *image, uint32_t size, const char *options) {
    struct xsm_refusal refusal = {"", 0};
    enum reason reason = REASON_AGAIN;

    (void)options;
    reset();
    if (size == 0 || xsm_load_begin(size) != REASON_OK) {
        last_refusal.check = size == 0 ? "there is no policy" : "the policy is too large";
        return REASON_BAD_POLICY;
    }
    if (xsm_load_append(image, size) != REASON_OK) return REASON_BAD_POLICY;
    while (reason == REASON_AGAIN) reason = xsm_load_work(&refusal);
    return reason == REASON_OK ? xsm_load_commit(&refusal) : reason;
}

uint32_t xsm_boolean_count(void) { return policy_index[te.slot].count[SYMBOL_BOOLEAN]; }

bool xsm_boolean_get(uint32_t index, const char **name, bool *value, bool *pending) {
    if (index >= xsm_boolean_count() || index >= BOOLEANS_MAX) return false;
    *name = boolean_names[te.slot][index];
    *value = booleans[te.slot].value[index];
    *pending = booleans[te.slot].pending[index];
    return true;
}

bool xsm_boolean_find(const char *name, size_t length, uint32_t *index) {
    uint32_t value = symbol_find(te.slot, SYMBOL_BOOLEAN, name, length);

    if (value == 0 || value > BOOLEANS_MAX) return false;
    *index = value - 1;
    return true;
}

void xsm_boolean_set_pending(uint32_t index, bool value) {
    if (index < xsm_boolean_count() && index < BOOLEANS_MAX)
        booleans[te.slot].pending[index] = value;
}

enum reason xsm_booleans_commit(void) {
    struct boolean_states next = booleans[te.slot];

    if (load.state != LOAD_IDLE) return REASON_BUSY;
    for (uint32_t i = 0; i < BOOLEANS_MAX; i++) next.value[i] = next.pending[i];
    enum policy_check check = stage_again(&next);
    if (check == CHECK_LIVE_LABEL) return REASON_NO_CONTEXT;
    if (check != CHECK_PASSED) return REASON_NO_SPACE;
    booleans[te.slot] = next;
    te.identity.epoch++;
    return REASON_OK;
}
