/* SPDX-License-Identifier: Apache-2.0 */
/* The tables, and the one question. */
#include "xsm/te.h"

#define WORD_DENIED UINT64_C(0xaaaaaaaaaaaaaaaa) /* nothing granted, all recorded */

struct state states[2];
struct state *in_force = &states[0];

/* No label is out of range, by its type; label 0 is denied all. No guest chooses the permission. */
unsigned xsm_decide(label_id subject, label_id object, enum permission permission) {
    const struct table *table = &in_force->table;

    if ((uint32_t)permission >= CLASS_COUNT * 32u) return XSM_RECORD;
    uint32_t at = table->vector[subject * LABELS_MAX + object] + permission_class(permission);
    return (unsigned)(table->word[at] >> permission_bit(permission) * 2) & 3u;
}

void table_clear(struct table *table) {
    for (uint32_t i = 0; i < PAIRS; i++) table->vector[i] = VECTOR_DENIED;
    for (uint32_t i = 0; i < VECTOR_HASH; i++) table->hash[i] = VECTOR_DENIED;
    for (uint32_t i = 0; i < CLASS_COUNT; i++) table->word[i] = WORD_DENIED;
    table->words = CLASS_COUNT;
}

static bool vector_is(const struct table *table, uint32_t at, const uint64_t word[CLASS_COUNT]) {
    for (uint32_t i = 0; i < CLASS_COUNT; i++)
        if (table->word[at + i] != word[i]) return false;
    return true;
}

uint32_t table_vector(struct table *table, const uint64_t word[CLASS_COUNT]) {
    uint64_t hash = 0;

    if (vector_is(table, VECTOR_DENIED, word)) return VECTOR_DENIED;
    for (uint32_t i = 0; i < CLASS_COUNT; i++)
        hash = (hash ^ word[i] ^ hash >> 32) * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t place = (uint32_t)(hash >> 40) % VECTOR_HASH;
    while (table->hash[place] != VECTOR_DENIED) { /* most places are free */
        if (vector_is(table, table->hash[place], word)) return table->hash[place];
        place = (place + 1) % VECTOR_HASH;
    }
    if (table->words >= WORDS_MAX) return WORDS_MAX;
    for (uint32_t i = 0; i < CLASS_COUNT; i++) table->word[table->words + i] = word[i];
    table->hash[place] = (uint16_t)table->words;
    table->words += CLASS_COUNT;
    return table->hash[place];
}

void table_forget(struct table *table, label_id label) {
    for (uint32_t i = 0; i < LABELS_MAX; i++) {
        table->vector[label * LABELS_MAX + i] = VECTOR_DENIED;
        table->vector[i * LABELS_MAX + label] = VECTOR_DENIED;
    }
}

/* The table holds answers, not the policy's three words: auditallow is known where it is allowed,
 * auditdeny where it is not, which is all that either can mean. */
void xsm_vector(label_id subject, label_id object, enum xsm_class class, struct xsm_vector *out) {
    uint32_t record = 0;

    out->allowed = 0;
    for (uint32_t bit = 0; bit < 32; bit++) {
        unsigned answer = xsm_decide(subject, object, (enum permission)(class * 32 + bit));
        out->allowed |= (answer & XSM_GRANTED) / XSM_GRANTED << bit;
        record |= (answer & XSM_RECORD) / XSM_RECORD << bit;
    }
    out->audit_allow = record & out->allowed;
    out->audit_deny = record | out->allowed;
}
