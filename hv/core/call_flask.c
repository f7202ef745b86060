/* SPDX-License-Identifier: Apache-2.0 */
/* xsm_op: the policy's administration, with Flask's ABI. A load copies its image in bounded pieces
 * after the answer. Images and changes (xsm/xsm.h) are worked on in slices outside the lock, by the
 * CPUs whose calls wait for them; policies, booleans and labels come into force as a whole. */
#include "hv/core/audit_trail.h"
#include "hv/core/flask.h"
#include "hv/core/lock.h"
#include "hv/core/log.h"
#include "hv/core/machine.h"
#include "hv/core/request.h"
#include "hv/core/text.h"

#define PIECE_BYTES 1024u           /* of an image, copied in one hold of the lock */
#define LOAD_STALE_NS 1000000000ull /* a load that rests so long may be taken over */
#define RECENT_LABELS 16u

static struct {
    bool active;
    bool forget; /* give up as soon as nobody is in xsm_work() */
    domain_id domain;
    uint64_t buffer; /* with the size: another load by the same domain is not this one */
    uint32_t size;
    uint32_t copied;
    enum reason outcome; /* AGAIN before there is one */
    uint64_t touched;
} load;

static bool working;        /* a CPU is in xsm_work(), outside the lock */
static domain_id change_by; /* whose call began the change of labels or booleans, */
static vcpu_id change_vcpu; /* and waits for its outcome; MAX_VCPUS: nobody does */
static uint8_t piece[PIECE_BYTES];

/* Labels looked up by name live a little, so that the SID can be used by the tool's next call. */
static label_id recent[RECENT_LABELS];
static uint32_t recent_next;

/* --- work outside the lock, and what it comes to -----------------------------------------------
 */

static void load_end(void) {
    xsm_load_abort();
    load.active = false;
    load.forget = false;
}

void flask_forget(domain_id domain) {
    if (change_by == domain) change_vcpu = MAX_VCPUS;
    if (load.active && load.domain == domain) {
        load.forget = working;
        if (!working) load_end();
    }
}

static void tell_refusal(void) {
    const struct xsm_refusal *refusal = xsm_last_refusal();

    log_line("policy refused at byte %lu: %s", (uint64_t)refusal->offset, refusal->check);
    audit_event(AUDIT_POLICY_REFUSED, load.domain, DOMAIN_NONE, refusal->offset, load.outcome);
}

static void settle(void) {
    struct xsm_outcome outcome = xsm_settle();

    switch (outcome.change) {
    case XSM_NO_CHANGE: return;
    case XSM_POLICY:
        load.outcome = outcome.reason;
        if (outcome.reason == REASON_OK)
            audit_event(AUDIT_POLICY_LOAD, load.domain, DOMAIN_NONE, xsm_identity()->epoch,
                        xsm_identity()->size);
        else
            tell_refusal();
        break;
    case XSM_BOOLEANS:
        if (outcome.reason == REASON_OK) audit_booleans_changed(change_by);
        break;
    case XSM_LABEL: break;
    }
    if (outcome.reason == REASON_OK) domains_derive_self_labels();
    if (outcome.change == XSM_POLICY || change_vcpu == MAX_VCPUS) return;
    vcpus[change_by][change_vcpu].change_outcome = (uint8_t)(outcome.reason + 1u);
    change_vcpu = MAX_VCPUS;
}

void flask_work_unlocked(void) {
    xsm_work();
    gate_lock();
    working = false;
    if (load.forget) load_end();
    settle();
    gate_unlock();
}

/* The call goes on when the work that it waits for has come further: by this CPU, unless another is
 * at it. */
static enum reason wait(struct request *r) {
    if (!working && xsm_work_take()) {
        working = true;
        r->flask_work = true;
    }
    return REASON_AGAIN;
}

/* The change that is under way was begun by this call. */
static void change_is_of(const struct request *r) {
    change_by = r->caller;
    change_vcpu = r->vcpu;
}

/* Outcome of the change that this call began when it was executed before; REASON_AGAIN: none. */
static enum reason change_outcome(const struct request *r) {
    struct vcpu *v = &vcpus[r->caller][r->vcpu];
    uint32_t outcome = v->change_outcome;

    v->change_outcome = 0;
    /* A call that was not executed before has nothing to do with what a former one began. */
    if (!r->repeats && change_by == r->caller && change_vcpu == r->vcpu) change_vcpu = MAX_VCPUS;
    return r->repeats && outcome != 0 ? (enum reason)(outcome - 1) : REASON_AGAIN;
}

/* --- loads ------------------------------------------------------------------------------------ */

static void end_stale_load(void) {
    if (load.active && !working && machine_now() - load.touched > LOAD_STALE_NS) load_end();
}

static enum reason load_begin(struct request *r) {
    const struct arg_flask_load *in = &r->in.flask_load;

    end_stale_load();
    bool same = load.domain == r->caller && load.size == in->size && load.buffer == in->buffer;
    if (load.active) return same ? REASON_OK : REASON_BUSY;
    if (in->size == 0 || in->size > POLICY_IMAGE_MAX) return REASON_INVALID;
    enum reason reason = policy_store_back(in->size, r->effects);
    if (reason == REASON_OK) reason = xsm_load_begin(in->size);
    if (reason == REASON_OK) {
        load.active = true;
        load.domain = r->caller;
        load.buffer = in->buffer;
        load.size = in->size;
        load.copied = 0;
        load.outcome = REASON_AGAIN;
    }
    return reason;
}

static enum reason load_copy(struct request *r) {
    uint32_t left = load.size - load.copied;
    uint32_t count = left < PIECE_BYTES ? left : PIECE_BYTES;
    enum reason reason = REASON_FAULT;

    if (request_read(r, r->in.flask_load.buffer + load.copied, piece, count))
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
    load.touched = machine_now();
    if (load.copied < load.size) return load_copy(r);
    if (load.outcome == REASON_AGAIN) return wait(r);
    load.active = false;
    return load.outcome;
}

/* --- labels and booleans ---------------------------------------------------------------------- */

enum reason step_flask_getenforce(struct request *r) { return request_answer(r, 1); }

/* There is no other mode. */
enum reason step_flask_setenforce(struct request *r) {
    return r->in.flask_word.value == 1 ? REASON_OK : REASON_UNSUPPORTED;
}

/* A label that is not there comes to life by a change; which may be that of another call. */
static enum reason wait_for_label(struct request *r, enum xsm_change before) {
    if (before == XSM_NO_CHANGE) change_is_of(r);
    return wait(r);
}

enum reason step_flask_context_to_sid(struct request *r) {
    struct arg_flask_sid_context *in = &r->in.flask_sid_context;
    enum xsm_change before = xsm_change();
    char context[CONTEXT_MAX];
    uint32_t size = in->size;
    label_id label;
    enum reason reason = change_outcome(r);

    if (reason != REASON_OK && reason != REASON_AGAIN) return reason;
    if (size == 0 || size > CONTEXT_MAX) return REASON_INVALID;
    if (!request_read(r, in->context, context, size)) return REASON_FAULT;
    while (size > 0 && context[size - 1] == '\0') size--;
    reason = xsm_label_find(context, size, r->label, &label);
    if (reason == REASON_AGAIN) return wait_for_label(r, before);
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
    size_t length;

    if (label == LABEL_NONE) return REASON_INVALID;
    enum reason reason = xsm_label_context(label, context, sizeof(context), &length);
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
    enum xsm_change before = xsm_change();
    enum xsm_class class;
    label_id label;
    enum reason reason = change_outcome(r);

    if (reason != REASON_OK && reason != REASON_AGAIN) return reason;
    if (source == LABEL_NONE || target == LABEL_NONE ||
        !xsm_class_of_policy((uint16_t)in->tclass, &class))
        return REASON_INVALID;
    reason = xsm_label_create(source, target, class, &label);
    if (reason == REASON_AGAIN) return wait_for_label(r, before);
    if (reason == REASON_OK) {
        in->newsid = xsm_sid_of_label(label);
        xsm_label_drop(label);
    }
    return reason;
}

enum reason step_flask_policyvers(struct request *r) {
    return request_answer(r, xsm_identity()->version);
}

/* There is none. */
enum reason step_flask_mls(struct request *r) { return request_answer(r, 0); }

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

    if (reason != REASON_OK) return reason;
    tell_boolean(in, &name);
    if (by_number && in->size > 0) {
        uint32_t length = (uint32_t)text_length(name);
        if (length > in->size) return REASON_RANGE;
        if (!request_write(r, in->name, name, length < in->size ? length + 1 : length))
            return REASON_FAULT;
        in->size = length;
    }
    return REASON_OK;
}

/* Begins the change to the pending values, and goes on until its outcome is there. */
static enum reason commit(struct request *r) {
    enum reason reason = change_outcome(r);

    if (reason != REASON_AGAIN) return reason;
    end_stale_load();
    reason = xsm_booleans_commit();
    if (reason == REASON_OK) change_is_of(r);
    return reason == REASON_OK || reason == REASON_AGAIN ? wait(r) : reason;
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
