/* SPDX-License-Identifier: Apache-2.0 */
/* hv/core/gate.c under proof: every step's precondition (verify/steps.h) holds where it is called,
 * whichever row of hv/core/calls.h it is. The contracts of the gate's own functions stand here.
 * verify/prove cuts the list into slices and includes before this file a header with one of them:
 * CALLS is then these rows alone, and HERE(id) says that a call is one of them. */
#define ELEMENTS , elements
#include "verify/entries.h"

#include "hv/core/audit_trail.h"
#include "hv/core/find.h"
#include "hv/core/flask.h"
#include "hv/core/gate.h"
#include "hv/core/lapic.h"
#include "hv/core/lock.h"
#include "verify/asked.h"
#include "verify/steps.h"

/* clang-format off */
#define OWN requires own: r == &request && request.effects == &effects;
#define GOING \
    requires own: r == &request && request.effects == &effects; \
    requires under_way: under_way(r); \
    requires row: HERE(r->id);
/* An element that the batch under way has room for. */
#define ELEMENT(element) ( \
    rows[r->id].element_size != 0 ==> element < BATCH_BYTES / rows[r->id].element_size)

#define ONE(l, k) (answered(l[k].subject, l[k].object, l[k].permission, epoch))
#define PASSED(l, k, from, to) (from <= k < to ==> l[k].optional || ONE(l, k))
#define BIT(l, k, b, bits, from, to) (from <= k < to ==> ((bits & b) != 0 <==> ONE(l, k)))
#define ALL_PASSED(l, from, to) \
    (PASSED(l, 0, from, to) && PASSED(l, 1, from, to) && PASSED(l, 2, from, to) && \
     PASSED(l, 3, from, to))
#define ALL_BITS(l, bits, from, to) \
    (BIT(l, 0, 1, bits, from, to) && BIT(l, 1, 2, bits, from, to) && \
     BIT(l, 2, 4, bits, from, to) && BIT(l, 3, 8, bits, from, to))
#define ALONE(bits) ((bits & 2) == 0 && (bits & 4) == 0 && (bits & 8) == 0)
/* clang-format on */

#include "hv/core/gate.c"

/* The contracts follow: some name what is defined in there. */
#include "verify/promises.h"

/* --- assumed ---------------------------------------------------------------------------------- */

/* Assumed: the security module's answer. This is where a demand comes to be answered. */
/*@ terminates \true;
    assigns \nothing;
    ensures granted: (\result & XSM_GRANTED) != 0 <==>
                     answered(subject, object, permission, epoch); */
unsigned xsm_decide(label_id subject, label_id object, enum permission permission);
/*@ terminates \true;
    assigns trail; */
void audit_decision(label_id subject, label_id object, enum permission permission, bool granted,
                    domain_id subject_domain, domain_id object_domain);
/*@ terminates \true;
    assigns trail; */
void audit_unknown_call(domain_id by, uint64_t number, uint64_t sub);
/*@ requires place: domain == exited_domain && vcpu == exited_vcpu && held == 1;
    terminates \true;
    assigns request.in; */
bool machine_guest_read(domain_id domain, vcpu_id vcpu, uint64_t address, void *to, uint32_t bytes);
/*@ requires \valid(place);
    requires place: domain == exited_domain && vcpu == exited_vcpu && held == 1;
    terminates \true;
    assigns *place; */
bool machine_guest_place(domain_id domain, vcpu_id vcpu, uint64_t address, uint32_t bytes,
                         struct guest_place *place);
/*@ requires \valid_read(place);
    terminates \true;
    assigns request.in, elements; */
bool machine_place_read(const struct guest_place *place, void *to, uint32_t bytes);
/*@ requires \valid_read(place);
    terminates \true;
    assigns beneath; */
void machine_place_write(const struct guest_place *place, const void *from, uint32_t bytes);
/*@ requires place: domain == exited_domain && vcpu == exited_vcpu && held == 1;
    terminates \true;
    assigns ALL_VCPUS; */
bool lapic_write(domain_id domain, vcpu_id vcpu, uint32_t msr, uint64_t value);
/*@ requires unlocked: held == 0;
    terminates \true;
    assigns SHARED;
    ensures request.effects == &effects; */
void flask_work_unlocked(void);
/*@ requires once: held == 0;
    terminates \true;
    assigns SHARED, held;
    ensures held == 1 && request.effects == &effects; */
void gate_lock(void);
/*@ requires held == 1 && request.effects == &effects;
    terminates \true;
    assigns held;
    ensures held == 0; */
void gate_unlock(void);

/* --- asking ----------------------------------------------------------------------------------- */

/*@ OWN requires \valid_read(demand);
    terminates \true;
    assigns trail;
    ensures \result != 0 <==> (answer & XSM_GRANTED) != 0 || demand->optional != 0; */
static bool answer_specially(struct request *r, const struct demand *demand, unsigned answer);

/*@ OWN requires first <= end <= DEMANDS_MAX && \valid_read(list + (0 .. end - 1));
    requires \separated(list + (0 .. end - 1), &request.granted, &trail);
    requires first <= 1 && (first == 1 ==> ALONE(request.granted));
    terminates \true;
    assigns request.granted, trail;
    ensures all: \result != 0 <==> ALL_PASSED(list, first, end);
    ensures bits: \result != 0 ==> ALL_BITS(list, request.granted, first, end);
    ensures first: \result != 0 && first == 1 ==>
      ((request.granted & 1) != 0 <==> (\old(request.granted) & 1) != 0);
    ensures one: \result != 0 && end <= 1 ==> ALONE(request.granted); */
static inline bool gate_ask(struct request *r, const struct demand *list, uint32_t first,
                            uint32_t end);

/*@ requires request.effects == &effects;
    terminates \true;
    assigns request.granted, trail;
    ensures answer: \result != 0 <==> answered(subject, object, permission, epoch); */
bool gate_may(label_id subject, label_id object, enum permission permission);

/*@ requires held == 1 && exited_domain < MAX_DOMAINS;
    terminates \true;
    assigns APPLIED;
    ensures labels: SAME_LABELS; */
static inline void apply(void);
/*@ requires held == 1 && exited_domain < MAX_DOMAINS;
    terminates \true;
    assigns APPLIED;
    ensures labels: SAME_LABELS; */
void request_apply(struct request *r);

/* --- the rows --------------------------------------------------------------------------------- */

/* clang-format off */
#define FOUND_SELF(name)
#define FOUND_XEN(name)
#define FOUND_SECURITY(name)
#define FOUND_CUSTOM(name) \
    ensures name: r->id == CALL_##name ==> ASKED((&demands)) ==> MAY_##name(r);
#define FOUND_DOMAIN(field) FOUND_TARGET
#define FOUND_TARGET(name) \
    ensures name: r->id == CALL_##name && r->target != 0xffff ==> \
        ASKED((&demands)) ==> MAY_##name(r);
#define FOUND(name, number, sub, place, arguments, direction, object, permission, residue) \
    FOUND_##object(name)
#define GOT_SELF(name)
#define GOT_XEN(name)
#define GOT_SECURITY(name)
#define GOT_CUSTOM(name) ensures name: \result != 0 && r->id == CALL_##name ==> MAY_##name(r);
#define GOT_DOMAIN(field) GOT_TARGET
#define GOT_TARGET(name) \
    ensures name: \result != 0 && r->id == CALL_##name && r->target != 0xffff ==> MAY_##name(r);
#define GOT(name, number, sub, place, arguments, direction, object, permission, residue) \
    GOT_##object(name)
/* A row whose step runs only if there is such a domain may still have none before step(). */
#define MAY_STEP(name, number, sub, place, arguments, direction, object, permission, residue) \
    requires name: r->id == CALL_##name ==> MAY_##name(r);
#define IS_POWER (r->id == CALL_sched_shutdown || r->id == CALL_acpi_sleep)
/* clang-format on */

/*@ GOING
    terminates \true;
    assigns demands, request.target;
    ensures some: demands.count <= DEMANDS_MAX;
    CALLS(FOUND, FOUND)
    ensures power: IS_POWER ==> \forall integer g; WIDENED((&demands), g) ==> POWER(r, g); */
static void find(struct request *r);

/*@ GOING requires 1 < demands.count <= DEMANDS_MAX && ALONE(request.granted);
    terminates \true;
    assigns request.granted, trail;
    ensures all: \result != 0 ==> ALL_PASSED(demands.list, 1, demands.count);
    ensures bits: \result != 0 ==> ALL_BITS(demands.list, request.granted, 1, demands.count);
    ensures first: \result != 0 ==>
      ((request.granted & 1) != 0 <==> (\old(request.granted) & 1) != 0); */
static bool ask_rest(struct request *r);

/*@ GOING
    terminates \true;
    assigns demands, request.target, request.granted, trail;
    CALLS(GOT, GOT)
    ensures power: \result != 0 && IS_POWER ==> POWER(r, r->granted); */
static inline bool ask_found(struct request *r);

/*@ GOING CALLS(MAY_STEP, MAY_STEP)
    requires power: IS_POWER ==> POWER(r, r->granted);
    terminates \true;
    assigns CHANGES;
    ensures labels: labelled(r);
    ensures opened: \result == REASON_OK && r->id == CALL_multicall ==> opened == 1; */
static enum reason step(struct request *r);

/*@ GOING requires ELEMENT(element);
    terminates \true;
    assigns request.in, results, elements; */
static bool copy_arguments(struct request *r, uint32_t element);

/*@ GOING
    terminates \true;
    assigns beneath; */
static void copy_results(struct request *r);

/*@ GOING requires ELEMENT(element);
    terminates \true;
    assigns request.in, elements; */
static void set_status(struct request *r, uint32_t element, enum reason reason);

/* --- the entries ------------------------------------------------------------------------------ */

/*@ GOING
    requires alive: domains[r->caller].state == DOMAIN_LIVE;
    terminates \true;
    assigns CHANGES;
    ensures labels: labelled(r);
    ensures opened: \result == REASON_OK && r->id == CALL_multicall ==> opened == 1; */
static inline enum reason run_call(struct request *r);

/*@ OWN requires under_way: under_way(r);
    terminates \true;
    assigns request.id, trail, told, told_version;
    ensures row: \result == REASON_OK ==> r->id < CALL_COUNT;
    ensures numbered: \result == REASON_OK ==> IDENTIFIED(r, number); */
static inline enum reason identify(struct request *r, uint64_t number);

/*@ OWN requires under_way: under_way(r);
    terminates \true;
    assigns request.id, trail, told, told_version;
    ensures row: \result == REASON_OK ==> r->id < CALL_COUNT;
    ensures numbered: \result == REASON_OK ==> IDENTIFIED(r, number); */
static enum reason identify_slowly(struct request *r, uint64_t number);

/*@ OWN requires under_way: under_way(r) && \valid(refusal) && \separated(r, refusal);
    requires CALL_IN_HEADER(number);
    terminates \true;
    assigns *refusal, told, told_version;
    ensures refused: *refusal != REASON_OK;
    ensures row: \result <= CALL_COUNT;
    ensures version: \result != CALL_UNKNOWN ==>
      (number == 27 ==> told_version == 1) && (number == 35 ==> told_version == 21) &&
      (number == 36 ==> told_version == 21);
    ensures numbered: \result != CALL_UNKNOWN ==>
      number_of(\result) == number && sub_of(\result) == told; */
static enum call_id find_by_header(struct request *r, uint64_t number, enum reason *refusal);

/*@ OWN
    requires who: domain == exited_domain && vcpu == exited_vcpu && domain < MAX_DOMAINS;
    terminates \true;
    assigns request.caller, request.vcpu, request.label, request.self_label, request.repeats,
            request.reschedule, request.flask_work;
    ensures who: r->caller == exited_domain && r->vcpu == exited_vcpu && labelled(r);
    ensures alive: \result != 0 <==> domains[exited_domain].state == DOMAIN_LIVE; */
static inline bool begin(struct request *r, domain_id domain, vcpu_id vcpu);

/*@ requires \valid_read(r);
    terminates \true;
    assigns \nothing; */
static inline enum gate_next next_of(const struct request *r);
/*@ requires \valid_read(r);
    terminates \true;
    assigns \nothing; */
static enum gate_next next_of_again(const struct request *r);

/*@ requires under_way: under_way(r);
    terminates \true;
    assigns \nothing; */
static bool goes_on(const struct request *r);

/*@ requires domain < MAX_DOMAINS && vcpu < MAX_VCPUS;
    terminates \true;
    assigns vcpus[domain][vcpu].continued, continuations; */
static void forget_continuation(domain_id domain, vcpu_id vcpu);

/*@ requires under_way: under_way(r);
    terminates \true;
    assigns vcpus[r->caller][r->vcpu].continued, vcpus[r->caller][r->vcpu].continued_reg[0 .. 2],
            continuations; */
static void remember_continuation(const struct request *r);

/*@ OWN requires under_way: under_way(r);
    requires alive: domains[r->caller].state == DOMAIN_LIVE;
    terminates \true;
    assigns CHANGES, continuations;
    ENTRIES */
static inline enum reason run_hypercall(struct request *r, uint64_t number);

/* clang-format off */
/* What the machine layer hands over: who left guest mode, without the lock, and places of its own. */
#define EXITED \
    requires exited: domain == exited_domain && vcpu == exited_vcpu; \
    requires exited_domain < MAX_DOMAINS && exited_vcpu < MAX_VCPUS && held == 0;
#define HANDED(place) \
    requires \valid(place) && \separated(place, &request, &effects, &demands, &results, \
        &continuations, domains + (0 .. MAX_DOMAINS - 1), \
        &vcpus[0][0] + (0 .. MAX_DOMAINS * MAX_VCPUS - 1), &epoch, &trail, &beneath, &held);
/* clang-format on */

/*@ EXITED HANDED(call)
    terminates \true;
    assigns SHARED, held, stepped, opened, told, told_version, *call;
    ensures unlocked: held == 0; */
enum gate_next gate_hypercall(domain_id domain, vcpu_id vcpu, struct hypercall *call);

/*@ EXITED
    terminates \true;
    assigns SHARED, held, stepped, opened;
    ensures row: stepped != \old(stepped) ==> port == 0xb008 && request.id == CALL_acpi_sleep;
    ensures unlocked: held == 0; */
enum gate_next gate_port_write(domain_id domain, vcpu_id vcpu, uint16_t port, uint8_t size,
                               uint32_t value);

/*@ EXITED HANDED(next)
    terminates \true;
    assigns SHARED, held, stepped, opened, *next;
    ensures row: stepped != \old(stepped) ==> msr == 0x830 && request.id == CALL_apic_icr;
    ensures unlocked: held == 0; */
bool gate_msr_write(domain_id domain, vcpu_id vcpu, uint32_t msr, uint64_t value,
                    enum gate_next *next);
