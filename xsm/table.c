/* SPDX-License-Identifier: Apache-2.0 */
/* The tables, and the one question. */
#include "xsm/te.h"

struct state states[2];
struct state *in_force = &states[0];

/*@ predicate in_range(enum permission permission) = permission < CLASS_COUNT * 32; */

/*@ ghost
    /@ requires bit < 32;
       terminates \true;
       assigns \nothing;
       ensures denied: ((WORD_DENIED >> bit * 2) & 3) == XSM_RECORD; @/
    void denied_bits(uint32_t bit) {
        if (bit == 0) return; if (bit == 1) return; if (bit == 2) return; if (bit == 3) return;
        if (bit == 4) return; if (bit == 5) return; if (bit == 6) return; if (bit == 7) return;
        if (bit == 8) return; if (bit == 9) return; if (bit == 10) return; if (bit == 11) return;
        if (bit == 12) return; if (bit == 13) return; if (bit == 14) return; if (bit == 15) return;
        if (bit == 16) return; if (bit == 17) return; if (bit == 18) return; if (bit == 19) return;
        if (bit == 20) return; if (bit == 21) return; if (bit == 22) return; if (bit == 23) return;
        if (bit == 24) return; if (bit == 25) return; if (bit == 26) return; if (bit == 27) return;
        if (bit == 28) return; if (bit == 29) return; if (bit == 30) return; if (bit == 31) return;
    }
*/

/* No label is out of range, by its type; label 0 is denied all. No guest chooses the permission. */
/*@ requires \valid_read(in_force) && sound(&in_force->table);
    terminates \true;
    assigns \nothing;
    ensures unknown: !in_range(permission) ==> \result == XSM_RECORD;
    ensures entry: in_range(permission) ==>
        \result == answer(&in_force->table, subject, object, permission);
    ensures denied: in_force->table.vector[subject][object] == VECTOR_DENIED ==>
        \result == XSM_RECORD; */
unsigned xsm_decide(label_id subject, label_id object, enum permission permission) {
    const struct table *table = &in_force->table;

    if ((uint32_t)permission >= CLASS_COUNT * 32u) return XSM_RECORD;
    //@ ghost denied_bits(permission % 32);
    uint32_t at = table->vector[subject][object] + permission_class(permission);
    return (unsigned)(table->word[at] >> permission_bit(permission) * 2 & 3u);
}

void table_clear(struct table *table) {
    /*@ loop invariant 0 <= s <= LABELS_MAX;
        loop invariant \forall integer i, j; 0 <= i < s && 0 <= j < LABELS_MAX ==>
            table->vector[i][j] == VECTOR_DENIED;
        loop assigns s, table->vector[0 .. LABELS_MAX - 1][0 .. LABELS_MAX - 1];
        loop variant LABELS_MAX - s; */
    for (uint32_t s = 0; s < LABELS_MAX; s++)
        /*@ loop invariant 0 <= o <= LABELS_MAX;
            loop invariant \forall integer i, j; 0 <= i < s && 0 <= j < LABELS_MAX ==>
                table->vector[i][j] == VECTOR_DENIED;
            loop invariant \forall integer j; 0 <= j < o ==> table->vector[s][j] == VECTOR_DENIED;
            loop assigns o, table->vector[0 .. LABELS_MAX - 1][0 .. LABELS_MAX - 1];
            loop variant LABELS_MAX - o; */
        for (uint32_t o = 0; o < LABELS_MAX; o++) table->vector[s][o] = VECTOR_DENIED;
    /*@ loop invariant 0 <= i <= VECTOR_HASH;
        loop invariant \forall integer j; 0 <= j < i ==> table->hash[j] == VECTOR_DENIED;
        loop assigns i, table->hash[0 .. VECTOR_HASH - 1];
        loop variant VECTOR_HASH - i; */
    for (uint32_t i = 0; i < VECTOR_HASH; i++) table->hash[i] = VECTOR_DENIED;
    /*@ loop invariant 0 <= i <= CLASS_COUNT;
        loop invariant \forall integer j; 0 <= j < i ==> table->word[j] == WORD_DENIED;
        loop assigns i, table->word[0 .. CLASS_COUNT - 1];
        loop variant CLASS_COUNT - i; */
    for (uint32_t i = 0; i < CLASS_COUNT; i++) table->word[i] = WORD_DENIED;
    table->words = CLASS_COUNT;
}

/*@ predicate same(struct table *table, integer at, uint64_t *word, integer count) =
        \forall integer i; 0 <= i < count ==> table->word[at + i] == word[i]; */

/*@ requires \valid_read(table) && at + CLASS_COUNT <= WORDS_MAX;
    requires \valid_read(word + (0 .. CLASS_COUNT - 1));
    terminates \true;
    assigns \nothing;
    ensures same: \result == 1 <==> same(table, at, word, CLASS_COUNT); */
static bool vector_is(const struct table *table, uint32_t at, const uint64_t word[CLASS_COUNT]) {
    /*@ loop invariant 0 <= i <= CLASS_COUNT;
        loop invariant same(table, at, word, i);
        loop assigns i;
        loop variant CLASS_COUNT - i; */
    for (uint32_t i = 0; i < CLASS_COUNT; i++)
        if (table->word[at + i] != word[i]) return false;
    return true;
}

uint32_t table_vector(struct table *table, const uint64_t word[CLASS_COUNT]) {
    uint64_t hash = 0;

    if (vector_is(table, VECTOR_DENIED, word)) return VECTOR_DENIED;
    /*@ loop invariant 0 <= i <= CLASS_COUNT;
        loop assigns i, hash;
        loop variant CLASS_COUNT - i; */
    for (uint32_t i = 0; i < CLASS_COUNT; i++)
        hash = (hash ^ word[i] ^ hash >> 32) * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t place = (uint32_t)(hash >> 40) % VECTOR_HASH;
    /*@ loop invariant 0 <= i <= VECTOR_HASH && place < VECTOR_HASH;
        loop assigns i, place;
        loop variant VECTOR_HASH - i; */
    for (uint32_t i = 0; i < VECTOR_HASH && table->hash[place] != VECTOR_DENIED; i++) {
        if (vector_is(table, table->hash[place], word)) return table->hash[place];
        place = (place + 1) % VECTOR_HASH;
    }
    if (table->words > WORDS_MAX - CLASS_COUNT || table->hash[place] != VECTOR_DENIED)
        return WORDS_MAX;
    uint32_t made = table->words;
    /*@ loop invariant 0 <= i <= CLASS_COUNT;
        loop invariant same(table, made, word, i);
        loop invariant kept: \forall integer j; 0 <= j < made ==>
            table->word[j] == \at(table->word[j], Pre);
        loop assigns i, table->word[0 .. WORDS_MAX - 1];
        loop variant CLASS_COUNT - i; */
    for (uint32_t i = 0; i < CLASS_COUNT; i++) table->word[made + i] = word[i];
    table->hash[place] = (uint16_t)made;
    table->words += CLASS_COUNT;
    return made;
}

/* The table holds answers, not the policy's three words: auditallow is known where it is allowed,
 * auditdeny where it is not, which is all that either can mean. */
/*@ requires \valid_read(in_force) && sound(&in_force->table) && class < CLASS_COUNT;
    requires \valid(out) && \separated(out, in_force, &in_force);
    terminates \true;
    assigns *out; */
void xsm_vector(label_id subject, label_id object, enum xsm_class class, struct xsm_vector *out) {
    uint32_t record = 0;

    out->allowed = 0;
    /*@ loop invariant 0 <= bit <= 32;
        loop assigns bit, record, out->allowed;
        loop variant 32 - bit; */
    for (uint32_t bit = 0; bit < 32; bit++) {
        unsigned answer = xsm_decide(subject, object, (enum permission)(class * 32 + bit));
        out->allowed |= (answer & XSM_GRANTED) / XSM_GRANTED << bit;
        record |= (answer & XSM_RECORD) / XSM_RECORD << bit;
    }
    out->audit_allow = record & out->allowed;
    out->audit_deny = record | out->allowed;
}
