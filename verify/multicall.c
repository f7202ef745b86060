/* SPDX-License-Identifier: Apache-2.0 */
/* hv/core/multicall.c under proof: each entry is identified and run as a call of its own, of the
 * domain that left guest mode and under its labels; no entry runs once the domain has ended, and
 * none is a multicall. */
#define ELEMENTS /* of a batch: hv/core/gate.c alone sees them */
#include "verify/promises.h"
#include "verify/steps.h"

/* clang-format off */
#define OUTSIDE(place) \
    \separated(place, &request, &effects, &demands, &results, domains + (0 .. MAX_DOMAINS - 1), \
        &vcpus[0][0] + (0 .. MAX_DOMAINS * MAX_VCPUS - 1), &epoch, &trail, &beneath)
/* clang-format on */

/*@ requires own: r == &request && request.effects == &effects;
    requires under_way: under_way(r);
    requires alive: domains[r->caller].state == DOMAIN_LIVE;
    requires \valid(entry) && OUTSIDE(entry);
    terminates \true;
    assigns CHANGES_APART, *entry;
    ENTRIES
    ensures labels: labelled(r);
    ensures result: \result == REASON_OK ==> entry->result == r->result;
    ensures registers: r->reg == &entry->args[0]; */
static enum reason run_entry(struct request *r, struct arg_multicall_entry *entry);

#include "hv/core/multicall.c"
