/* SPDX-License-Identifier: Apache-2.0 */
/* What the gate's two sources, hv/core/gate.c and hv/core/multicall.c, promise each other and
 * believe of what both call. */
#ifndef CORDON_VERIFY_PROMISES_H
#define CORDON_VERIFY_PROMISES_H

#include "verify/entries.h"

/* What request_read() fills is in its callers a place of which nothing is known yet, so it may as
 * well be said to leave it. */
/*@ requires under_way: under_way(r);
    terminates \true;
    assigns \nothing; */
bool request_read(const struct request *r, uint64_t address, void *to, uint32_t bytes);
/*@ requires under_way: under_way(r);
    terminates \true;
    assigns beneath; */
bool request_write(const struct request *r, uint64_t address, const void *from, uint32_t bytes);
/*@ terminates \true;
    assigns \nothing; */
static inline int64_t reason_errno(enum reason reason);
/*@ terminates \true;
    assigns \nothing; */
static inline int16_t reason_grant_status(enum reason reason);
/*@ requires \valid_read(effects) && held == 1;
    terminates \true;
    assigns domains[0 .. MAX_DOMAINS - 1], ALL_VCPUS,
            beneath;
    ensures labels: SAME_LABELS; */
void machine_apply(const struct effects *effects);
/*@ requires \valid(effects) && held == 1;
    requires \separated(effects, domains + (0 .. MAX_DOMAINS - 1),
                        &vcpus[0][0] + (0 .. MAX_DOMAINS * MAX_VCPUS - 1), &beneath);
    requires exited_domain < MAX_DOMAINS;
    terminates \true;
    assigns effects->count, domains[0 .. MAX_DOMAINS - 1],
            ALL_VCPUS, beneath;
    ensures labels: SAME_LABELS; */
static inline void machine_apply_all(struct effects *effects);

/*@ requires own: r == &request && request.effects == &effects;
    requires under_way: under_way(r);
    requires opened: opened == 1;
    terminates \true;
    assigns CHANGES;
    ENTRIES
    ensures again: \result == REASON_AGAIN ==>
      r->reg == \old(r->reg) && r->id == CALL_multicall;
    ensures labels: labelled(r); */
enum reason multicall_entries(struct request *r);

/*@ requires own: r == &request && request.effects == &effects;
    requires under_way: under_way(r);
    terminates \true;
    assigns request.id, trail, told, told_version;
    ensures row: \result == REASON_OK ==> r->id < CALL_COUNT;
    ensures numbered: \result == REASON_OK ==> IDENTIFIED(r, number); */
enum reason gate_identify(struct request *r, uint64_t number);

/*@ requires own: r == &request && request.effects == &effects;
    requires under_way: under_way(r);
    requires row: r->id < CALL_COUNT;
    requires alive: domains[r->caller].state == DOMAIN_LIVE;
    terminates \true;
    assigns CHANGES;
    ensures labels: labelled(r); */
enum reason gate_run_call(struct request *r);

#endif
