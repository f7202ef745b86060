/* SPDX-License-Identifier: Apache-2.0 */
/* The ring of records. A record is final once a reader has had it or a later one exists: repeats
 * are folded only into the newest record, and only before it was read. Relies on the gate's lock.
 */
#include "audit/audit.h"

static struct audit_record records[AUDIT_RECORDS]; /* record n is in slot (n - 1) % AUDIT_RECORDS */
static uint64_t newest;                            /* its sequence number; 0: none yet */
static uint64_t read; /* highest sequence number that a reader has had */

_Static_assert(sizeof(struct audit_record) == 56, "no padding that would carry old bytes out");

/*@ predicate kept(integer n) = 1 <= n <= newest && newest - n < AUDIT_RECORDS;

    logic integer slot(integer n) = (n - 1) % AUDIT_RECORDS;

    // Every record that is kept stands in its slot under its own number.
    predicate numbered = read <= newest &&
        \forall integer n; kept(n) ==> records[slot(n)].sequence == n;

    // No reader has had it and none is newer: repeats may still be folded in.
    predicate open(integer n) = n == newest && read < n;

    predicate apart(struct audit_record *record) =
        \separated(record, &records[0 .. AUDIT_RECORDS - 1], &newest, &read);
*/

/*@ requires 1 <= sequence;
    terminates \true;
    assigns \nothing;
    ensures \result == slot(sequence) && \result < AUDIT_RECORDS; */
static uint32_t slot_of(uint64_t sequence) { return (uint32_t)((sequence - 1) % AUDIT_RECORDS); }

/*@ terminates \true;
    assigns newest, read;
    ensures numbered: numbered;
    ensures empty: newest == 0; */
void audit_start(void) {
    newest = 0;
    read = 0;
}

/*@ predicate same(struct audit_record a, struct audit_record b) =
        a.subject == b.subject && a.object == b.object && a.permission == b.permission &&
        a.subject_domain == b.subject_domain && a.object_domain == b.object_domain &&
        a.kind == b.kind && a.granted == b.granted && a.epoch == b.epoch &&
        a.value0 == b.value0 && a.value1 == b.value1; */

/* All but time, sequence and what folding itself counts. */
/*@ requires \valid_read(record) && slot < AUDIT_RECORDS;
    terminates \true;
    assigns \nothing;
    ensures \result == 1 <==> same(records[slot], *record); */
static bool same_event(uint32_t slot, const struct audit_record *record) {
    return records[slot].subject == record->subject && records[slot].object == record->object &&
           records[slot].permission == record->permission &&
           records[slot].subject_domain == record->subject_domain &&
           records[slot].object_domain == record->object_domain &&
           records[slot].kind == record->kind && records[slot].granted == record->granted &&
           records[slot].epoch == record->epoch && records[slot].value0 == record->value0 &&
           records[slot].value1 == record->value1;
}

/*@ predicate foldable(struct audit_record record) = newest > 0 && open(newest) &&
        same(records[slot(newest)], record) && records[slot(newest)].repeats < UINT32_MAX; */

/*@ requires \valid_read(record);
    terminates \true;
    assigns \nothing;
    ensures \result == 1 <==> foldable(*record); */
static bool folds(const struct audit_record *record) {
    return newest != 0 && read < newest && same_event(slot_of(newest), record) &&
           records[slot_of(newest)].repeats < UINT32_MAX;
}

/* A number of 64 bits: at one record a nanosecond it lasts for 584 years. */
/*@ requires \valid_read(record) && apart(record) && numbered;
    requires lasting: newest < UINT64_MAX;
    terminates \true;
    assigns newest, records[0 .. AUDIT_RECORDS - 1];
    ensures numbered: numbered;
    ensures final: \forall integer n; \old(kept(n) && !open(n)) && kept(n) ==>
        records[slot(n)] == \old(records[slot(n)]);
    ensures counted: (\old(foldable(*record)) ==> newest == \old(newest)) &&
        (!\old(foldable(*record)) ==> newest == \old(newest) + 1);
    ensures stored: same(records[slot(newest)], *record) &&
        records[slot(newest)].last_time == record->time;
    ensures fresh: newest > \old(newest) ==> records[slot(newest)].repeats == 0 &&
        records[slot(newest)].time == record->time;
    ensures folded: newest == \old(newest) ==>
        records[slot(newest)].repeats == \old(records[slot(newest)].repeats) + 1 &&
        records[slot(newest)].time == \old(records[slot(newest)].time); */
void audit_append(const struct audit_record *record) {
    if (folds(record)) {
        records[slot_of(newest)].repeats++;
        records[slot_of(newest)].last_time = record->time;
        return;
    }
    newest++;
    records[slot_of(newest)] = *record;
    records[slot_of(newest)].sequence = newest;
    records[slot_of(newest)].last_time = record->time;
    records[slot_of(newest)].repeats = 0;
}

/*@ requires \valid(out) && apart(out) && numbered;
    terminates \true;
    assigns *out, read;
    ensures numbered: numbered;
    ensures answered: \result == 1 <==> kept(sequence);
    ensures copied: \result == 1 ==> *out == \old(records[slot(sequence)]) &&
        out->sequence == sequence;
    ensures marked: read == (\result == 1 && sequence > \old(read) ? sequence : \old(read));
    ensures untouched: \result == 0 ==> *out == \old(*out); */
bool audit_read(uint64_t sequence, struct audit_record *out) {
    if (sequence == 0 || sequence > newest || sequence < audit_oldest()) return false;
    *out = records[slot_of(sequence)];
    if (sequence > read) read = sequence;
    return true;
}

/*@ terminates \true;
    assigns \nothing;
    ensures oldest: newest > 0 ==> kept(\result) && !kept(\result - 1);
    ensures none: newest == 0 ==> \result == 0; */
uint64_t audit_oldest(void) {
    if (newest == 0) return 0;
    return audit_lost() + 1;
}

/*@ terminates \true;
    assigns \nothing;
    ensures newest: \result == newest; */
uint64_t audit_newest(void) { return newest; }

/*@ terminates \true;
    assigns \nothing;
    ensures lost: \result == \max(0, newest - AUDIT_RECORDS); */
uint64_t audit_lost(void) { return newest > AUDIT_RECORDS ? newest - AUDIT_RECORDS : 0; }
