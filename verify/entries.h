/* SPDX-License-Identifier: Apache-2.0 */
/* What a call and a hold of the lock may change, and how a row is found: for hv/core/gate.c and
 * hv/core/multicall.c. */
#ifndef CORDON_VERIFY_ENTRIES_H
#define CORDON_VERIFY_ENTRIES_H

#include "verify/numbers.h"

#include "hv/abi/types.h"

/* Believed: tests/unit/test_find.c looks up every number and sub-operation that the tables have. */
/*@ requires number < HYPERCALLS;
    terminates \true;
    assigns \nothing;
    ensures row: \result <= CALL_COUNT;
    ensures numbered: \result != 0 ==>
      number_of(\result - 1) == number && sub_of(\result - 1) == sub; */
static inline uint8_t call_row(uint64_t number, uint64_t sub);

#include "hv/abi/errno.h"
#include "hv/core/find.h"
#include "hv/core/machine.h"
#include "verify/asked.h"

/*@ ghost
      unsigned told;         // the sub-operation in an argument's header, when it was read
      unsigned told_version; // and the version of the interface
*/

static struct effects effects;
static struct guest_place results;
static uint32_t continuations;

/* clang-format off */
#define SAME_LABELS \
    domains[exited_domain].label == \old(domains[exited_domain].label) && \
    domains[exited_domain].self_label == \old(domains[exited_domain].self_label)
/* What effects may change, where they are applied. */
#define APPLIED \
    effects, domains[0 .. MAX_DOMAINS - 1], ALL_VCPUS, beneath
/* What a call may change, its step included; and the same but for the registers. */
#define CHANGES request.reg[0 .. 4], CHANGES_APART
#define CHANGES_APART \
    request.in, request.result, request.granted, request.target, request.repeats, \
    request.reschedule, request.flask_work, effects, demands, results, \
    domains[0 .. MAX_DOMAINS - 1], ALL_VCPUS, epoch, trail, beneath, stepped, opened ELEMENTS
/* What the entries of a multicall change beside. */
#define ENTRIES assigns request.id, told, told_version; assigns request.reg \from request.reg;
/* The row is the one with the hypercall's number, and with the sub-operation that the guest named in
 * the first register, or in the header of the argument. */
#define IDENTIFIED(r, number) ( \
    number_of(r->id) == number && \
    (sub_of(r->id) == (r->reg[0] & sub_mask[number]) || \
     CALL_IN_HEADER(number) && sub_of(r->id) == told))
/* What other CPUs may have changed whenever this one takes the lock: all that it covers. */
#define SHARED \
    request, effects, demands, results, continuations, domains[0 .. MAX_DOMAINS - 1], \
    ALL_VCPUS, epoch, trail, beneath ELEMENTS
/* clang-format on */

#endif
