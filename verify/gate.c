/* SPDX-License-Identifier: Apache-2.0 */
/* hv/core/gate.c under proof: every step's precondition (verify/steps.h) holds where it is called,
 * whichever row of hv/core/calls.h it is. The contracts of the gate's own functions stand here. */
#include "hv/core/gate.h"
#include "hv/abi/errno.h"
#include "hv/core/audit_trail.h"
#include "hv/core/find.h"
#include "hv/core/flask.h"
#include "hv/core/lapic.h"
#include "hv/core/lock.h"
#include "hv/core/machine.h"
#include "verify/asked.h"
#include "verify/steps.h"

static struct effects effects;
static struct guest_place results;
static uint32_t continuations;
struct row;

/* clang-format off */
#define OWN requires own: r == &request && request.effects == &effects;
#define GOING \
    requires own: r == &request && request.effects == &effects; \
    requires under_way: under_way(r); \
    requires row: r->id < CALL_COUNT;
/* What a call may change, its step included. */
#define CHANGES \
    request.in, request.result, request.granted, request.target, request.reschedule, \
    request.flask_work, request.reg[0 .. 4], effects, demands, results, \
    domains[0 .. MAX_DOMAINS - 1], vcpus[0 .. MAX_DOMAINS - 1][0 .. MAX_VCPUS - 1], \
    epoch, trail, beneath
/* clang-format on */

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
/*@ terminates \true;
    assigns request.in; */
bool machine_guest_read(domain_id domain, vcpu_id vcpu, uint64_t address, void *to, uint32_t bytes);
/*@ requires \valid(place);
    terminates \true;
    assigns *place; */
bool machine_guest_place(domain_id domain, vcpu_id vcpu, uint64_t address, uint32_t bytes,
                         struct guest_place *place);
/* Assumed for the elements of a batch alone, which no clause here names. */
/*@ terminates \true;
    assigns beneath; */
bool machine_place_read(const struct guest_place *place, void *to, uint32_t bytes);
/*@ terminates \true;
    assigns beneath; */
void machine_place_write(const struct guest_place *place, const void *from, uint32_t bytes);
/*@ terminates \true;
    assigns domains[0 .. MAX_DOMAINS - 1], vcpus[0 .. MAX_DOMAINS - 1][0 .. MAX_VCPUS - 1],
            beneath; */
void machine_apply(const struct effects *effects);
/*@ requires \valid(effects);
    terminates \true;
    assigns effects->count, domains[0 .. MAX_DOMAINS - 1],
            vcpus[0 .. MAX_DOMAINS - 1][0 .. MAX_VCPUS - 1], beneath; */
static inline void machine_apply_all(struct effects *effects);

/* --- asking ----------------------------------------------------------------------------------- */

/* clang-format off */
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

/* --- the rows --------------------------------------------------------------------------------- */

/* clang-format off */
/* What the object column leaves to be said of a row by ask_fixed(), and by find(). A row whose step
 * runs only if there is such a domain may still have none here. */
#define ROW_SELF row->object == 0xff && row->names_domain == 0
#define ROW_XEN row->object == LABEL_XEN && row->names_domain == 0
#define ROW_SECURITY row->object == LABEL_SECURITY && row->names_domain == 0
#define ROW_CUSTOM row->object == 0 && row->names_domain == 0
#define ROW_DOMAIN(field) row->object == 0 && row->names_domain != 0
#define ROW_IS(name, number, sub, place, arguments, direction, column, asked, residue) \
    requires name: r->id == CALL_##name ==> \
        ROW_##column && row->permission == PERMISSION_##asked;
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
    assigns CHANGES; */
static enum reason step(struct request *r);

/*@ terminates \true;
    assigns request.in, results; */
static bool copy_arguments(struct request *r, uint32_t element);

/*@ GOING
    terminates \true;
    assigns CHANGES; */
static inline enum reason run_call(struct request *r);

#include "hv/core/gate.c"
