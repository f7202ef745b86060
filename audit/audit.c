/* SPDX-License-Identifier: Apache-2.0 */
/* The ring of records. A record is final once a reader has had it or a later one exists: repeats
 * are folded only into the newest record, and only before it was read. Relies on the gate's lock.
 */
#include "audit/audit.h"

static struct audit_record records[AUDIT_RECORDS]; /* record n is in slot (n - 1) % AUDIT_RECORDS */
static uint64_t newest;                            /* its sequence number; 0: none yet */
static uint64_t read; /* highest sequence number that a reader has had */

_Static_assert(sizeof(struct audit_record) == 56, "no padding that would carry old bytes out");

static uint32_t slot_of(uint64_t sequence) { return (uint32_t)((sequence - 1) % AUDIT_RECORDS); }

void audit_start(void) {
    newest = 0;
    read = 0;
}

/* All but time, sequence and what folding itself counts. */
static bool same_event(uint32_t slot, const struct audit_record *record) {
    return records[slot].subject == record->subject && records[slot].object == record->object &&
           records[slot].permission == record->permission &&
           records[slot].subject_domain == record->subject_domain &&
           records[slot].object_domain == record->object_domain &&
           records[slot].kind == record->kind && records[slot].granted == record->granted &&
           records[slot].epoch == record->epoch && records[slot].value0 == record->value0 &&
           records[slot].value1 == record->value1;
}

static bool folds(const struct audit_record *record) {
    return newest != 0 && read < newest && same_event(slot_of(newest), record) &&
           records[slot_of(newest)].repeats < UINT32_MAX;
}

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

bool audit_read(uint64_t sequence, struct audit_record *out) {
    if (sequence == 0 || sequence > newest || sequence < audit_oldest()) return false;
    *out = records[slot_of(sequence)];
    if (sequence > read) read = sequence;
    return true;
}

uint64_t audit_oldest(void) {
    if (newest == 0) return 0;
    return audit_lost() + 1;
}

uint64_t audit_newest(void) { return newest; }

uint64_t audit_lost(void) { return newest > AUDIT_RECORDS ? newest - AUDIT_RECORDS : 0; }
