/* SPDX-License-Identifier: Apache-2.0 */
/* multicall: each entry is a call of its own, asked on its own. */
#include "hv/abi/errno.h"
#include "hv/core/request.h"

#define ENTRIES_PER_HOLD 16u
#define WITHIN_ENTRY 1u /* in the third register: the last hold ended within an entry */

/* Asked like any call; the entries follow in multicall_entries(). */
enum reason step_multicall(struct request *r) {
    (void)r;
    /*@ ghost opened = 1; */
    return REASON_OK;
}

static enum reason run_entry(struct request *r, struct arg_multicall_entry *entry) {
    enum reason reason;

    r->reg = entry->args;
    reason = gate_identify(r, entry->op);
    if (reason == REASON_OK) reason = r->id == CALL_multicall ? REASON_NO_CALL : gate_run_call(r);
    entry->result = reason == REASON_OK ? r->result : reason_errno(reason);
    return reason;
}

/* A long entry leaves its progress in the guest's entry, and the multicall is executed again: this
 * entry, and none that follows it, is one that goes on. */
enum reason multicall_entries(struct request *r) {
    uint64_t *outer = r->reg;
    uint64_t address = outer[0];
    uint64_t remaining = outer[1];
    bool repeats = r->repeats;
    bool goes_on = repeats && outer[2] == WITHIN_ENTRY;
    struct arg_multicall_entry entry;
    enum reason reason = REASON_OK;
    bool heavy = false;
    uint32_t done = 0;

    /* An entry may end the domain: then it is the last. A batch fills a hold by itself. */
    /*@ loop invariant done <= ENTRIES_PER_HOLD;
        loop invariant own: r == &request && request.effects == &effects;
        loop invariant who: held == 1 && r->caller == exited_domain && r->vcpu == exited_vcpu;
        loop invariant labels: labelled(r);
        loop invariant \valid(outer + (0 .. 4)) && OUTSIDE(outer + (0 .. 4));
        loop invariant r->reg == outer || r->reg == &entry.args[0];
        loop assigns address, done, entry, heavy, reason, CHANGES_APART, told, told_version,
          request.id, request.reg;
        loop variant 2 * (ENTRIES_PER_HOLD - done) + (reason != REASON_AGAIN ? 1 : 0); */
    while (!heavy && done < ENTRIES_PER_HOLD && done < remaining && reason != REASON_AGAIN &&
           domains[r->caller].state == DOMAIN_LIVE) {
        if (!request_read(r, address, &entry, (uint32_t)sizeof(entry))) return REASON_FAULT;
        r->repeats = goes_on && done == 0;
        heavy = entry.op == HC_GRANT || entry.op == HC_MEMORY;
        reason = run_entry(r, &entry);
        r->repeats = repeats;
        if (!request_write(r, address, &entry, (uint32_t)sizeof(entry))) return REASON_FAULT;
        if (reason != REASON_AGAIN) {
            address += sizeof(entry);
            done++;
        }
    }
    r->id = CALL_multicall;
    r->reg = outer;
    outer[0] = address;
    outer[1] = remaining - done;
    outer[2] = reason == REASON_AGAIN ? WITHIN_ENTRY : 0;
    if (reason != REASON_AGAIN) r->result = outer[1] == 0 ? 0 : (int64_t)done;
    return outer[1] == 0 ? REASON_OK : REASON_AGAIN;
}
