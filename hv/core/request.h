/* SPDX-License-Identifier: Apache-2.0 */
/* A call under way: who asks, with which arguments (copied once), what it demands, and what it
 * yields. There is one, static, since the gate's lock covers a call from copy to effects. */
#ifndef CORDON_CORE_REQUEST_H
#define CORDON_CORE_REQUEST_H

#include "hv/core/calls.h"
#include "hv/core/domain.h"

/* What the policy is asked. `optional` demands widen the effect of a call and do not refuse it. */
struct demand {
    label_id subject, object;
    enum permission permission;
    domain_id object_domain; /* for the record; DOMAIN_NONE if the object is no domain */
    bool optional;
};

#define DEMANDS_MAX 4u

struct demands {
    uint32_t count;
    struct demand list[DEMANDS_MAX];
};

struct request {
    enum call_id id;
    domain_id caller;
    vcpu_id vcpu;
    label_id label;      /* the caller's */
    label_id self_label; /* the caller's, as an object to itself */
    uint64_t *reg;       /* argument registers; a step that continues writes its progress there */
    struct arguments in; /* copied once; results are copied out of the same member */
    domain_id target;    /* the domain that a DOMAIN(...) object named; DOMAIN_NONE if absent */
    uint32_t granted;    /* bit i: demand i was granted (for optional ones) */
    int64_t result;      /* of a step that answers REASON_OK; with REASON_AGAIN what this hold did
                          * of a long call, 0 where it waits for background work */
    bool repeats;        /* executed again to go on: its grants were recorded the first time */
    bool reschedule;     /* the vCPU may have to give way */
    bool flask_work; /* a slice of a policy load or a change is to be worked on, outside the lock */
    struct effects *effects;
};

/* Domain that a guest names; the caller for DOMID_SELF; DOMAIN_NONE if there is none alive. */
/*@ requires \valid_read(request);
    terminates \true;
    assigns \nothing;
    ensures caller: domid == DOMID_SELF ==> \result == request->caller;
    ensures other: domid != DOMID_SELF ==>
      \result == (domid < MAX_DOMAINS && domains[domid].state != DOMAIN_FREE &&
                  (domains[domid].state != DOMAIN_DYING || request->id == CALL_domctl_destroy ||
                   request->id == CALL_domctl_getdomaininfo) ? domid : DOMAIN_NONE); */
domain_id request_domain(const struct request *request, uint16_t domid);
/* Its label as an object of this caller: self label, label, or unlabeled if absent. */
/*@ requires \valid_read(request);
    requires domain < MAX_DOMAINS || domain == DOMAIN_NONE;
    terminates \true;
    assigns \nothing;
    ensures absent: domain == DOMAIN_NONE ==> \result == LABEL_UNLABELED;
    ensures present: domain != DOMAIN_NONE ==>
      \result == (domain == request->caller ? request->self_label : domains[domain].label); */
static inline label_id request_object(const struct request *request, domain_id domain) {
    if (domain == DOMAIN_NONE) return LABEL_UNLABELED;
    return domain == request->caller ? request->self_label : domains[domain].label;
}

/* Label of a channel between two domains, unlabeled if one is absent. */
label_id channel_label(domain_id from, domain_id to);

/* One silent question for an enumeration that skips what is forbidden. hv/core/gate.c */
bool gate_may(label_id subject, label_id object, enum permission permission);

/* The gate's two halves, for the entries of a multicall: which row it is, and the call itself from
 * copy to effects. hv/core/gate.c */
enum reason gate_identify(struct request *request, uint64_t number);
enum reason gate_run_call(struct request *request);
/* Runs the entries of a granted multicall. hv/core/multicall.c */
enum reason multicall_entries(struct request *request);

/* Adds a demand of the caller. */
/*@ requires \valid(demands) && \valid_read(request) && \separated(demands, request);
    requires room: demands->count < DEMANDS_MAX;
    terminates \true;
    assigns demands->count, demands->list[demands->count].subject,
            demands->list[demands->count].object, demands->list[demands->count].permission,
            demands->list[demands->count].object_domain, demands->list[demands->count].optional;
    ensures demands->count == \old(demands->count) + 1;
    ensures subject: demands->list[\old(demands->count)].subject == request->label;
    ensures object: demands->list[\old(demands->count)].object == object;
    ensures permission: demands->list[\old(demands->count)].permission == permission;
    ensures named: demands->list[\old(demands->count)].object_domain == object_domain;
    ensures required: demands->list[\old(demands->count)].optional == 0; */
static inline void demand_add(struct demands *demands, const struct request *request,
                              label_id object, domain_id object_domain,
                              enum permission permission) {
    struct demand *demand = &demands->list[demands->count];

    demands->count++;
    demand->subject = request->label;
    demand->object = object;
    demand->permission = permission;
    demand->object_domain = object_domain;
    demand->optional = false;
}

/* Applies the effects so far, for steps that write to storage which their own effects back. */
void request_apply(struct request *request);

/* Frame `index` of the domain's grant table; the table grows to hold it, one frame at a time, each
 * with the page of active counts behind it, charged to that domain. REASON_AGAIN: execute again.
 * hv/core/call_grant.c */
enum reason grant_table_frame(struct request *r, domain_id owner, uint64_t index, struct mfn *mfn);

/* Bounded copies of bulk data, after the answer. False: fault. */
bool request_read(const struct request *r, uint64_t address, void *to, uint32_t bytes);
bool request_write(const struct request *r, uint64_t address, const void *from, uint32_t bytes);

/* For steps that only answer a number. */
/*@ requires \valid(request);
    terminates \true;
    assigns request->result;
    ensures \result == REASON_OK; */
static inline enum reason request_answer(struct request *request, uint64_t result) {
    request->result = (int64_t)result;
    return REASON_OK;
}

/* The low bits of a CPU bitmap, cut to the caller's buffer. REASON_FAULT or REASON_OK. */
enum reason request_write_bits(const struct request *r, const struct arg_bitmap *map,
                               uint64_t bits);

/* The parts of each row: its step, and where its object is CUSTOM what it demands, as listed in
 * hv/core/demands.c. */
#define CALL(name, number, sub, place, arguments, direction, object, permission, residue)          \
    enum reason step_##name(struct request *request);                                              \
    void demands_##name(struct request *request, struct demands *demands);
CALLS(CALL, CALL)
#undef CALL

#endif
