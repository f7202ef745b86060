/* SPDX-License-Identifier: Apache-2.0 */
/* The gate. Every request of a guest passes run_call(): copy once, find, ask, record, step,
 * effects. gate_ask() holds the only call of the question in the whole core; nothing is allocated,
 * written or printed before its answer, and no lock but the gate's own is held. */
#include "hv/core/gate.h"

#include "hv/abi/errno.h"
#include "hv/core/audit_trail.h"
#include "hv/core/domain.h"
#include "hv/core/find.h"
#include "hv/core/flask.h"
#include "hv/core/lapic.h"
#include "hv/core/lock.h"
#include "hv/core/machine.h"
#include "hv/core/platform.h"
#include "hv/core/request.h"

/* Of the elements of a batch that are done in one hold of the lock. */
#define BATCH_BYTES 512u

static struct effects effects;
static struct request request = {.effects = &effects};
static struct demands demands;

/* An answer that is not a plain grant: recorded, unless it is the grant of a call that merely goes
 * on, or the denial of what was only an option. True if the call may go on to the next demand. */
static bool answer_specially(struct request *r, const struct demand *demand, unsigned answer) {
    bool granted = (answer & XSM_GRANTED) != 0;

    if ((answer & XSM_RECORD) != 0 && (granted ? !r->repeats : !demand->optional))
        audit_decision(demand->subject, demand->object, demand->permission, granted, r->caller,
                       demand->object_domain);
    return granted || demand->optional;
}

/* Asks the demands first .. end - 1; true if all that are not optional are granted. */
static inline bool gate_ask(struct request *r, const struct demand *list, uint32_t first,
                            uint32_t end) {
    uint32_t granted = first == 0 ? 0 : r->granted;
    uint32_t i;

    /*@ loop invariant first <= i <= end;
        loop invariant ALL_PASSED(list, first, i);
        loop invariant ALL_BITS(list, granted, first, i);
        loop invariant first == 1 ==> ((granted & 1) != 0 <==> (request.granted & 1) != 0);
        loop invariant i < 1 ==> (granted & 1) == 0;
        loop invariant i < 2 ==> (granted & 2) == 0;
        loop invariant i < 3 ==> (granted & 4) == 0;
        loop invariant i < 4 ==> (granted & 8) == 0;
        loop assigns i, granted, trail;
        loop variant end - i; */
    for (i = first; i < end; i++) {
        const struct demand *demand = &list[i];
        unsigned answer = xsm_decide(demand->subject, demand->object, demand->permission);

        if (answer != XSM_GRANTED && !answer_specially(r, demand, answer)) return false;
        granted |= (answer & XSM_GRANTED) << i;
    }
    r->granted = granted;
    return true;
}

bool gate_may(label_id subject, label_id object, enum permission permission) {
    struct demand one[1] = {{.subject = subject,
                             .object = object,
                             .permission = permission,
                             .object_domain = DOMAIN_NONE,
                             .optional = true}};

    return gate_ask(&request, one, 0, 1) && (request.granted & 1u) != 0;
}

static inline void apply(void) {
    if (effects.count != 0) machine_apply_all(&effects);
}

void request_apply(struct request *r) {
    (void)r;
    apply();
}

/* What the gate itself needs of a row. */
struct row {
    uint16_t permission;
    uint8_t object;       /* label of an object that no argument names; 0: find() */
    uint8_t element_size; /* bytes, of a batch; 0: no batch */
    bool copies;          /* arguments in, or results out */
    bool answers;         /* results out */
    bool names_domain;    /* its step runs only if there is such a domain */
};

#define FIXED_CUSTOM 0
#define FIXED_DOMAIN(field) 0
#define FIXED_SELF 0xff
#define FIXED_XEN LABEL_XEN
#define FIXED_SECURITY LABEL_SECURITY
#define NAMES_CUSTOM false
#define NAMES_DOMAIN(field) true
#define NAMES_SELF false
#define NAMES_XEN false
#define NAMES_SECURITY false
/* of a direction: copies, answers */
#define COPIES_NONE false, false
#define COPIES_IN true, false
#define COPIES_OUT true, true
#define COPIES_INOUT true, true

static const struct row rows[CALL_COUNT] = {
#define ROW(size, direction, object, permission)                                                   \
    { PERMISSION_##permission, FIXED_##object, size, COPIES_##direction, NAMES_##object }
#define CALL(name, number, sub, place, arguments, direction, object, permission, residue)          \
    [CALL_##name] = ROW(0, direction, object, permission),
#define BATCH(name, number, sub, place, arguments, direction, object, permission, residue)         \
    [CALL_##name] = ROW(sizeof(request.in.arguments), direction, object, permission),
    CALLS(CALL, BATCH)
#undef CALL
#undef BATCH
};

/* The elements of a batch that this hold of the lock does: all such rows are INOUT. */
static struct {
#define CALL(name, number, sub, place, arguments, direction, object, permission, residue)
#define BATCH(name, number, sub, place, arguments, direction, object, permission, residue)         \
    struct arg_##arguments arguments[BATCH_BYTES / sizeof(struct arg_##arguments)];
    CALLS(CALL, BATCH)
#undef BATCH
} elements;
static void *const elements_of[CALL_COUNT] = {
#define BATCH(name, number, sub, place, arguments, direction, object, permission, residue)         \
    [CALL_##name] = elements.arguments,
    CALLS(CALL, BATCH)
#undef CALL
#undef BATCH
};

/* Asks the demand of a row whose object is fixed. */
/*@ GOING requires row == &rows[r->id] && row->object != 0;
    terminates \true;
    assigns demands.list[0], request.target, request.granted, trail;
    ensures target: r->target == DOMAIN_NONE;
    ensures fixed: \result != 0 ==>
      answered(r->label, row->object == 0xff ? r->self_label : row->object, row->permission, epoch);
 */
static inline bool ask_fixed(struct request *r, const struct row *row) {
    bool self = row->object == FIXED_SELF;

    demands.list[0] =
        (struct demand){r->label, self ? r->self_label : row->object,
                        (enum permission)row->permission, self ? r->caller : DOMAIN_NONE, false};
    r->target = DOMAIN_NONE;
    return gate_ask(r, demands.list, 0, 1);
}

/* The object columns of calls.h. */
#define OBJECT_SELF(name, permission)
#define OBJECT_XEN(name, permission)
#define OBJECT_SECURITY(name, permission)
#define OBJECT_CUSTOM(name, permission) demands_##name(r, &demands)
#define OBJECT_DOMAIN(field)                                                                       \
    r->target = request_domain(r, r->in.field);                                                    \
    OBJECT_TARGET
#define OBJECT_TARGET(name, permission)                                                            \
    demand_add(&demands, r, request_object(r, r->target), r->target, PERMISSION_##permission)

static void find(struct request *r) {
    demands.count = 0;
    r->target = DOMAIN_NONE;
    switch (r->id) {
#define CALL(name, number, sub, place, arguments, direction, object, permission, residue)          \
    case CALL_##name: OBJECT_##object(name, permission); break;
        CALLS(CALL, CALL)
#undef CALL
    case CALL_UNKNOWN: break;
    }
}

static enum reason step(struct request *r) {
    switch (r->id) {
#define CALL(name, number, sub, place, arguments, direction, object, permission, residue)          \
    case CALL_##name: return step_##name(r);
        CALLS(CALL, CALL)
#undef CALL
    case CALL_UNKNOWN: break;
    }
    return REASON_NO_CALL;
}

/* The place and direction columns. */
#define PLACE_A0 0
#define PLACE_A1 1
#define PLACE_A2 2
#define PLACE_NONE 0
#define COPY_NONE(place, member) true
#define COPY_IN(place, member)                                                                     \
    machine_guest_read(r->caller, r->vcpu, r->reg[PLACE_##place], &r->in.member,                   \
                       (uint32_t)sizeof(r->in.member))
#define COPY_OUT(place, member)                                                                    \
    machine_guest_place(r->caller, r->vcpu, r->reg[PLACE_##place], (uint32_t)sizeof(r->in.member), \
                        &results)
#define COPY_INOUT(place, member)                                                                  \
    COPY_OUT(place, member) &&                                                                     \
        machine_place_read(&results, &r->in.member, (uint32_t)sizeof(r->in.member))
#define RESULT_NONE(member)
#define RESULT_IN(member)
#define RESULT_OUT(member)                                                                         \
    machine_place_write(&results, &r->in.member, (uint32_t)sizeof(r->in.member))
#define RESULT_INOUT(member) RESULT_OUT(member)

static struct guest_place results;

/* One copy of the fixed-size arguments, and the place for the results, so that copying out cannot
 * fail after the step. An element's are there already. */
static bool copy_arguments(struct request *r, uint32_t element) {
    switch (r->id) {
#define CALL(name, number, sub, place, arguments, direction, object, permission, residue)          \
    case CALL_##name:                                                                              \
        return COPY_##direction(place, arguments);
#define BATCH(name, number, sub, place, arguments, direction, object, permission, residue)         \
    case CALL_##name: r->in.arguments = elements.arguments[element]; return true;
        CALLS(CALL, BATCH)
#undef CALL
#undef BATCH
    case CALL_UNKNOWN: break;
    }
    return false;
}

static void copy_results(struct request *r) {
    switch (r->id) {
#define CALL(name, number, sub, place, arguments, direction, object, permission, residue)          \
    case CALL_##name: RESULT_##direction(arguments); break;
        CALLS(CALL, CALL)
#undef CALL
    case CALL_UNKNOWN: break;
    }
}

static void set_status(struct request *r, uint32_t element, enum reason reason) {
    switch (r->id) {
#define CALL(name, number, sub, place, arguments, direction, object, permission, residue)          \
    case CALL_##name:                                                                              \
        break;
#define BATCH(name, number, sub, place, arguments, direction, object, permission, residue)         \
    case CALL_##name:                                                                              \
        r->in.arguments.status = reason_grant_status(reason);                                      \
        elements.arguments[element] = r->in.arguments;                                             \
        break;
        CALLS(CALL, BATCH)
#undef CALL
#undef BATCH
    case CALL_UNKNOWN: break;
    }
}

static bool ask_rest(struct request *r) { return gate_ask(r, demands.list, 1, demands.count); }

/* Asks what find() found: mostly it is one demand; none at all is a refusal. */
static inline bool ask_found(struct request *r) {
    find(r);
    return demands.count != 0 && gate_ask(r, demands.list, 0, 1) &&
           (demands.count == 1 || ask_rest(r));
}

/* One call, or one element of a batch: copy, find, ask, step. */
/*@ GOING requires row == &rows[r->id] && ELEMENT(element);
    terminates \true;
    assigns CHANGES;
    ensures labels: labelled(r);
    ensures opened: \result == REASON_OK && r->id == CALL_multicall ==> opened == 1; */
static inline enum reason ask_and_step(struct request *r, const struct row *row, uint32_t element) {
    r->result = 0;
    if (row->copies && !copy_arguments(r, element)) return REASON_FAULT;
    if (!(row->object != 0 ? ask_fixed(r, row) : ask_found(r))) return REASON_DENIED;
    if (row->names_domain && r->target == DOMAIN_NONE) return REASON_NO_DOMAIN;
    return step(r);
}

/* Elements of a batch that this hold does: what lies in one page, or the one that lies in two. */
/*@ requires under_way(r) && 0 < size <= 255;
    terminates \true;
    assigns \nothing;
    ensures fit: \result <= BATCH_BYTES / size; */
static uint32_t elements_at_once(const struct request *r, uint32_t size) {
    uint32_t most = BATCH_BYTES / size;
    uint32_t in_page;

    if (r->reg[2] <= 1) return (uint32_t)r->reg[2];
    in_page = (uint32_t)(PAGE_SIZE - r->reg[1] % PAGE_SIZE) / size;
    if (in_page < most) most = in_page == 0 ? 1 : in_page;
    return most < r->reg[2] ? most : (uint32_t)r->reg[2];
}

/* A bounded number of elements in one hold of the lock; the progress is left in the registers. */
/*@ GOING requires row == &rows[r->id] && row->element_size != 0;
    terminates \true;
    assigns CHANGES;
    ensures labels: labelled(r); */
static enum reason run_batch(struct request *r, const struct row *row) {
    uint32_t size = row->element_size;
    uint32_t count = elements_at_once(r, size);
    enum reason reason = REASON_OK;
    bool repeats = r->repeats;
    uint32_t done = 0;

    r->result = 0;
    if (count == 0) return REASON_OK;
    if (!machine_guest_place(r->caller, r->vcpu, r->reg[1], count * size, &results) ||
        !machine_place_read(&results, elements_of[r->id], count * size))
        return REASON_FAULT;
    r->repeats = false; /* each element is a new call */
    /*@ loop invariant done <= count;
        loop invariant request.effects == &effects && request.id == \at(request.id, Pre);
        loop invariant under_way(r);
        loop assigns done, reason, CHANGES;
        loop variant 2 * (count - done) + (reason == REASON_OK ? 1 : 0); */
    while (done < count && reason == REASON_OK) {
        reason = ask_and_step(r, row, done);
        if (reason != REASON_AGAIN && reason != REASON_FAULT) {
            set_status(r, done, reason);
            reason = REASON_OK;
            done++;
        }
        apply();
    }
    machine_place_write(&results, elements_of[r->id], done * size);
    r->repeats = repeats;
    r->reg[1] += (uint64_t)done * size;
    r->reg[2] -= done;
    r->result = r->reg[2] == 0 ? 0 : (int64_t)done;
    return reason == REASON_OK && r->reg[2] != 0 ? REASON_AGAIN : reason;
}

static inline enum reason run_call(struct request *r) {
    const struct row *row = &rows[r->id];
    enum reason reason;

    if (row->element_size != 0) return run_batch(r, row);
    reason = ask_and_step(r, row, 0);
    if (reason == REASON_OK && row->answers) copy_results(r);
    apply();
    return reason;
}

/* Reads the header, which the step never looks at again. */
static enum call_id find_by_header(struct request *r, uint64_t number, enum reason *refusal) {
    struct arg_flask_header header;
    uint8_t row;

    *refusal = REASON_FAULT;
    if (!request_read(r, r->reg[0], &header, (uint32_t)sizeof(header))) return CALL_UNKNOWN;
    /*@ ghost told = header.cmd; told_version = header.interface_version; */
    *refusal = REASON_ACCESS;
    if ((number == HC_SYSCTL && header.interface_version != SYSCTL_VERSION) ||
        (number == HC_DOMCTL && header.interface_version != DOMCTL_VERSION))
        return CALL_UNKNOWN;
    *refusal = REASON_NO_CALL;
    if (number == HC_XSM && header.interface_version != FLASK_VERSION) return CALL_UNKNOWN;
    row = call_row(number, header.cmd);
    return row == 0 ? CALL_UNKNOWN : (enum call_id)(row - 1);
}

/* What no register names. An unknown call is recorded, with its sub-operation where a register
 * holds that. */
static enum reason identify_slowly(struct request *r, uint64_t number) {
    bool in_header = CALL_IN_HEADER(number);
    enum reason refusal = REASON_NO_CALL;

    r->id = CALL_UNKNOWN;
    if (in_header) r->id = find_by_header(r, number, &refusal);
    if (r->id != CALL_UNKNOWN) return REASON_OK;
    if (refusal == REASON_NO_CALL) audit_unknown_call(r->caller, number, in_header ? 0 : r->reg[0]);
    return refusal;
}

/* Which row a hypercall is. */
static inline enum reason identify(struct request *r, uint64_t number) {
    uint8_t row = number < HYPERCALLS ? call_row(number, r->reg[0] & sub_mask[number]) : 0;

    if (row == 0) return identify_slowly(r, number);
    r->id = (enum call_id)(row - 1);
    return REASON_OK;
}

enum reason gate_run_call(struct request *r) { return run_call(r); }

enum reason gate_identify(struct request *r, uint64_t number) { return identify(r, number); }

/* False: the domain ended while this vCPU was on its way here; its request is dropped. */
static inline bool begin(struct request *r, domain_id domain, vcpu_id vcpu) {
    r->caller = domain;
    r->vcpu = vcpu;
    r->label = domains[domain].label;
    r->self_label = domains[domain].self_label;
    r->repeats = false;
    r->reschedule = false;
    r->flask_work = false;
    return domains[domain].state == DOMAIN_LIVE;
}

static inline enum gate_next next_of(const struct request *r) {
    return r->reschedule ? GATE_RESCHEDULE : GATE_RESUME;
}

/* Of a call that is executed again. */
static enum gate_next next_of_again(const struct request *r) {
    return r->result != 0 && !r->reschedule ? GATE_REPEAT : GATE_CONTINUE;
}

/* vCPUs that were told to execute a call again: a hint that saves the look at each of them, and
 * counts those that ended meanwhile too. */
static uint32_t continuations;

/* Is this the call that the vCPU was told to execute again, unchanged? */
static bool goes_on(const struct request *r) {
    const struct vcpu *v = &vcpus[r->caller][r->vcpu];

    return v->continued == r->id && v->continued_reg[0] == r->reg[0] &&
           v->continued_reg[1] == r->reg[1] && v->continued_reg[2] == r->reg[2];
}

static void forget_continuation(domain_id domain, vcpu_id vcpu) {
    vcpus[domain][vcpu].continued = NOT_CONTINUED;
    continuations--;
}

static void remember_continuation(const struct request *r) {
    struct vcpu *v = &vcpus[r->caller][r->vcpu];
    uint32_t i;

    if (v->continued == NOT_CONTINUED) continuations++;
    v->continued = (uint16_t)r->id;
    /*@ loop invariant 0 <= i <= 3;
        loop assigns i, v->continued_reg[0 .. 2];
        loop variant 3 - i; */
    for (i = 0; i < 3; i++) v->continued_reg[i] = r->reg[i];
}

static inline enum reason run_hypercall(struct request *r, uint64_t number) {
    enum reason reason = identify(r, number);

    if (reason != REASON_OK) return reason;
    if (continuations != 0) r->repeats = goes_on(r);
    reason = run_call(r);
    if (r->id == CALL_multicall && reason == REASON_OK) reason = multicall_entries(r);
    if (reason == REASON_AGAIN)
        remember_continuation(r);
    else if (r->repeats)
        forget_continuation(r->caller, r->vcpu);
    return reason;
}

enum gate_next gate_hypercall(domain_id domain, vcpu_id vcpu, struct hypercall *call) {
    struct request *r = &request;
    enum gate_next next = GATE_RESCHEDULE;
    enum reason reason;
    bool flask_work;

    gate_lock();
    if (begin(r, domain, vcpu)) {
        r->reg = call->argument;
        reason = run_hypercall(r, call->number);
        next = reason == REASON_AGAIN ? next_of_again(r) : next_of(r);
        call->result = (uint64_t)(reason == REASON_OK ? r->result : reason_errno(reason));
    }
    flask_work = r->flask_work;
    gate_unlock();
    if (flask_work) flask_work_unlocked();
    return next;
}

enum gate_next gate_port_write(domain_id domain, vcpu_id vcpu, uint16_t port, uint8_t size,
                               uint32_t value) {
    uint64_t argument[5] = {value};
    enum gate_next next;

    (void)size;
    if (port != PORT_ACPI_SLEEP) return GATE_RESUME;
    gate_lock();
    request.id = CALL_acpi_sleep;
    request.reg = argument;
    if (begin(&request, domain, vcpu)) (void)gate_run_call(&request);
    next = next_of(&request);
    gate_unlock();
    return next;
}

bool gate_msr_write(domain_id domain, vcpu_id vcpu, uint32_t msr, uint64_t value,
                    enum gate_next *next) {
    uint64_t argument[5] = {value};
    bool accepted = true;

    gate_lock();
    if (!begin(&request, domain, vcpu)) {
        request.reschedule = true;
    } else if (msr == MSR_X2APIC_ICR) {
        request.id = CALL_apic_icr;
        request.reg = argument;
        (void)gate_run_call(&request); /* a denied interrupt is lost, as one to nobody is */
    } else {
        accepted = lapic_write(domain, vcpu, msr, value);
    }
    *next = next_of(&request);
    gate_unlock();
    return accepted;
}
