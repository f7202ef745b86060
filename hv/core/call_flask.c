/* SPDX-License-Identifier: Apache-2.0 */
/* xsm_op: the policy's administration, with Flask's ABI. A load copies its image in bounded pieces
 * after the answer, works on it in slices outside the lock, and swaps or refuses as a whole. */
#include "hv/core/audit_trail.h"
#include "hv/core/domain.h"
#include "hv/core/flask.h"
#include "hv/core/lock.h"
#include "hv/core/log.h"
#include "hv/core/machine.h"
#include "hv/core/policy_store.h"
#include "hv/core/request.h"
#include "hv/core/text.h"

#define PIECE_BYTES 1024u           /* of an image, copied in one hold of the lock */
#define LOAD_STALE_NS 1000000000ull /* a load that rests so long may be taken over */
#define RECENT_LABELS 16u

static struct {
    bool active;
    bool working; /* a CPU is in xsm_load_work(), outside the lock */
    bool forget;  /* give up as soon as it comes back */
    domain_id domain;
    uint64_t buffer; /* with the size: another load by the same domain is not this one */
    uint32_t size;
    uint32_t copied;
    enum reason worked; /* what the last slice answered; AGAIN before the first */
    uint64_t touched;
    struct xsm_refusal refusal;
} load;

static uint8_t piece[PIECE_BYTES];

/* Labels looked up by name live a little, so that the SID can be used by the tool's next call. */
static label_id recent[RECENT_LABELS];
static uint32_t recent_next;

static void load_end(void) {
    xsm_load_abort();
    load.active = false;
    load.forget = false;
}

void flask_load_forget(domain_id domain) {
    if (load.active && load.domain == domain) {
        load.forget = load.working;
        if (!load.working) load_end();
    }
}

void flask_work_unlocked(void) {
    struct xsm_refusal refusal = {0};
    enum reason reason = xsm_load_work(&refusal);

    gate_lock();
    load.working = false;
    load.worked = reason;
    load.refusal = refusal;
    if (load.forget) load_end();
    gate_unlock();
}

static enum reason load_begin(struct request *r) {
    uint32_t size = r->in.flask_load.size;
    enum reason reason;

    if (load.active && !load.working && machine_now() - load.touched > LOAD_STALE_NS) load_end();
    if (load.active)
        return load.domain == r->caller && load.buffer == r->in.flask_load.buffer &&
                       load.size == size
                   ? REASON_OK
                   : REASON_BUSY;
    if (size == 0 || size > POLICY_IMAGE_MAX) return REASON_INVALID;
    reason = policy_store_back(size, r->effects);
    if (reason == REASON_OK) reason = xsm_load_begin(size);
    if (reason == REASON_OK) {
        load.active = true;
        load.domain = r->caller;
        load.buffer = r->in.flask_load.buffer;
        load.size = size;
        load.copied = 0;
        load.worked = REASON_AGAIN;
    }
    return reason;
}

static void refuse(struct request *r, enum reason reason) {
    char line[192];
    size_t length = 0;

    text_add(line, sizeof(line), &length, "policy refused at byte ");
    text_add_decimal(line, sizeof(line), &length, load.refusal.offset);
    text_add(line, sizeof(line), &length, ": ");
    text_add(line, sizeof(line), &length,
             load.refusal.check == NULL ? "not valid" : load.refusal.check);
    log_line(line);
    audit_policy_refused(r->caller, load.refusal.offset, (uint32_t)reason);
    load_end();
}

static enum reason load_copy(struct request *r) {
    uint32_t left = load.size - load.copied;
    uint32_t count = left < PIECE_BYTES ? left : PIECE_BYTES;
    enum reason reason;

    if (!request_read(r, r->in.flask_load.buffer + load.copied, piece, count)) {
        load_end();
        return REASON_FAULT;
    }
    reason = xsm_load_append(piece, count);
    if (reason != REASON_OK) {
        load_end();
        return reason;
    }
    load.copied += count;
    return REASON_AGAIN;
}

enum reason step_flask_load(struct request *r) {
    enum reason reason = load_begin(r);

    if (reason != REASON_OK) return reason;
    if (load.working) return REASON_BUSY;
    load.touched = machine_now();
    if (load.copied < load.size) return load_copy(r);
    if (load.worked == REASON_AGAIN) {
        load.working = true;
        r->flask_work = true;
        return REASON_AGAIN;
    }
    reason = load.worked;
    if (reason == REASON_OK) {
        reason = xsm_load_commit(&load.refusal);
        load.worked = reason;
    }
    if (reason == REASON_AGAIN) return REASON_AGAIN;
    if (reason != REASON_OK) {
        refuse(r, reason);
        return reason;
    }
    load.active = false;
    audit_policy_loaded(r->caller);
    return REASON_OK;
}

enum reason step_flask_getenforce(struct request *r) {
    r->result = 1;
    return REASON_OK;
}

enum reason step_flask_setenforce(struct request *r) {
    return r->in.flask_word.value == 1 ? REASON_OK
                                       : REASON_UNSUPPORTED; /* there is no other mode */
}

enum reason step_flask_context_to_sid(struct request *r) {
    struct arg_flask_sid_context *in = &r->in.flask_sid_context;
    char context[CONTEXT_MAX];
    uint32_t size = in->size;
    label_id label;
    enum reason reason;

    if (size == 0 || size > CONTEXT_MAX) return REASON_INVALID;
    if (!request_read(r, in->context, context, size)) return REASON_FAULT;
    while (size > 0 && context[size - 1] == '\0') size--;
    reason = xsm_label_find(context, size, r->label, &label);
    if (reason != REASON_OK) return reason;

    if (recent[recent_next] != LABEL_NONE) xsm_label_drop(recent[recent_next]);
    recent[recent_next] = label;
    recent_next = (recent_next + 1) % RECENT_LABELS;
    in->sid = xsm_sid_of_label(label);
    return REASON_OK;
}

enum reason step_flask_sid_to_context(struct request *r) {
    struct arg_flask_sid_context *in = &r->in.flask_sid_context;
    label_id label = xsm_label_of_sid(in->sid);
    char context[CONTEXT_MAX];
    enum reason reason;
    size_t length;

    if (label == LABEL_NONE) return REASON_INVALID;
    reason = xsm_label_context(label, context, sizeof(context), &length);
    if (reason != REASON_OK) return reason;
    if (length > in->size) return REASON_RANGE;
    if (!request_write(r, in->context, context, (uint32_t)length)) return REASON_FAULT;
    in->size = (uint32_t)length;
    return REASON_OK;
}

enum reason step_flask_access(struct request *r) {
    struct arg_flask_access *in = &r->in.flask_access;
    label_id subject = xsm_label_of_sid(in->ssid);
    label_id object = xsm_label_of_sid(in->tsid);
    struct xsm_vector vector;
    enum xsm_class class;

    if (subject == LABEL_NONE || object == LABEL_NONE ||
        !xsm_class_of_policy((uint16_t)in->tclass, &class))
        return REASON_INVALID;
    xsm_vector(subject, object, class, &vector);
    in->allowed = xsm_permissions_to_policy(class, vector.allowed);
    in->audit_allow = xsm_permissions_to_policy(class, vector.audit_allow);
    in->audit_deny = xsm_permissions_to_policy(class, vector.audit_deny);
    in->seqno = xsm_identity()->epoch;
    return REASON_OK;
}

enum reason step_flask_create(struct request *r) {
    struct arg_flask_transition *in = &r->in.flask_transition;
    label_id source = xsm_label_of_sid(in->ssid);
    label_id target = xsm_label_of_sid(in->tsid);
    enum xsm_class class;
    enum reason reason;
    label_id label;

    if (source == LABEL_NONE || target == LABEL_NONE ||
        !xsm_class_of_policy((uint16_t)in->tclass, &class))
        return REASON_INVALID;
    reason = xsm_label_create(source, target, class, &label);
    if (reason == REASON_OK) {
        in->newsid = xsm_sid_of_label(label);
        xsm_label_drop(label);
    }
    return reason;
}

enum reason step_flask_policyvers(struct request *r) {
    r->result = (int64_t)xsm_identity()->version;
    return REASON_OK;
}

enum reason step_flask_mls(struct request *r) {
    r->result = 0;
    return REASON_OK;
}

/* The boolean that is meant: by number, or by name where the number is -1. */
static enum reason named_boolean(struct request *r) {
    struct arg_flask_boolean *in = &r->in.flask_boolean;
    char name[BOOLEAN_NAME_MAX];

    if (in->bool_id != UINT32_MAX)
        return in->bool_id < xsm_boolean_count() ? REASON_OK : REASON_NO_ENTRY;
    if (in->size == 0 || in->size > BOOLEAN_NAME_MAX) return REASON_NO_ENTRY;
    if (!request_read(r, in->name, name, in->size)) return REASON_FAULT;
    return xsm_boolean_find(name, in->size, &in->bool_id) ? REASON_OK : REASON_NO_ENTRY;
}

static void tell_boolean(struct arg_flask_boolean *in, const char **name) {
    bool value = false;
    bool pending = false;

    (void)xsm_boolean_get(in->bool_id, name, &value, &pending);
    in->enforcing = value;
    in->pending = pending;
}

enum reason step_flask_getbool(struct request *r) {
    struct arg_flask_boolean *in = &r->in.flask_boolean;
    bool by_number = in->bool_id != UINT32_MAX;
    enum reason reason = named_boolean(r);
    const char *name = "";
    uint32_t length;

    if (reason != REASON_OK) return reason;
    tell_boolean(in, &name);
    if (by_number && in->size > 0) {
        length = (uint32_t)text_length(name);
        if (length > in->size) return REASON_RANGE;
        if (!request_write(r, in->name, name, length < in->size ? length + 1 : length))
            return REASON_FAULT;
        in->size = length;
    }
    return REASON_OK;
}

static enum reason commit(struct request *r) {
    enum reason reason = load.active ? REASON_BUSY : xsm_booleans_commit();

    if (reason == REASON_OK) audit_booleans_changed(r->caller);
    return reason;
}

enum reason step_flask_setbool(struct request *r) {
    struct arg_flask_boolean *in = &r->in.flask_boolean;
    enum reason reason = named_boolean(r);
    const char *name;

    if (reason != REASON_OK) return reason;
    xsm_boolean_set_pending(in->bool_id, in->new_value != 0);
    if (in->commit != 0) reason = commit(r);
    tell_boolean(in, &name);
    return reason;
}

enum reason step_flask_commitbools(struct request *r) { return commit(r); }

enum reason step_flask_get_peer_sid(struct request *r) {
    if (r->target == DOMAIN_NONE) return REASON_INVALID;
    r->in.flask_peersid.sid = xsm_sid_of_label(domains[r->target].label);
    return REASON_OK;
}
