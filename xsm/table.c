/* SPDX-License-Identifier: Apache-2.0 */
/* The tables, and the one question. */
#include "xsm/table.h"

#define HASH_PLACES 4096u

/* Flat, and of powers of two, so that an index is made by shifts and masks alone. */
static uint16_t vector_ids[TABLES * LABELS_MAX * LABELS_MAX]; /* counted over both tables */
static uint64_t vector_words[TABLES * VECTORS_MAX * VECTOR_WORDS];
static uint16_t hash_places[TABLES][HASH_PLACES]; /* number of a vector in its table, or 0: free */
static uint32_t vector_counts[TABLES];
static uint32_t in_force; /* index of the first id of the table in force */

/* A label out of range becomes the pair (0, 0) by a mask, not by a branch that could be
 * mispredicted; label 0 is denied all, and so is a class that does not exist. */
unsigned xsm_decide(label_id subject, label_id object, enum permission permission) {
    uint32_t known = 0u - (uint32_t)((uint32_t)(subject | object) < LABELS_MAX);
    uint32_t pair = ((uint32_t)subject * LABELS_MAX + object) & known;
    uint32_t vector = vector_ids[in_force + pair];
    uint64_t word =
        vector_words[vector * VECTOR_WORDS + permission_class(permission) % VECTOR_WORDS];

    return (unsigned)(word >> 2u * (unsigned)permission % 64u) & 3u;
}

static uint32_t pair_of(uint32_t table, label_id subject, label_id object) {
    return (table * LABELS_MAX + subject) * LABELS_MAX + object;
}

static uint32_t words_of(uint32_t table, uint32_t vector) {
    return (table * VECTORS_MAX + vector) * VECTOR_WORDS;
}

uint64_t spread_bits(uint32_t bits) {
    uint64_t spread = bits;

    spread = (spread | spread << 16) & UINT64_C(0x0000ffff0000ffff);
    spread = (spread | spread << 8) & UINT64_C(0x00ff00ff00ff00ff);
    spread = (spread | spread << 4) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    spread = (spread | spread << 2) & UINT64_C(0x3333333333333333);
    return (spread | spread << 1) & UINT64_C(0x5555555555555555);
}

uint32_t gather_bits(uint64_t bits) {
    bits &= UINT64_C(0x5555555555555555);
    bits = (bits | bits >> 1) & UINT64_C(0x3333333333333333);
    bits = (bits | bits >> 2) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    bits = (bits | bits >> 4) & UINT64_C(0x00ff00ff00ff00ff);
    bits = (bits | bits >> 8) & UINT64_C(0x0000ffff0000ffff);
    return (uint32_t)(bits | bits >> 16);
}

static void clear_vectors(uint32_t table) {
    for (uint32_t i = 0; i < HASH_PLACES; i++) hash_places[table][i] = 0;
    for (uint32_t i = 0; i < VECTOR_WORDS; i++)
        vector_words[words_of(table, VECTOR_DENIED) + i] = WORD_DENIED;
    vector_counts[table] = 1;
}

void table_clear(uint32_t table) {
    uint16_t denied = (uint16_t)(table * VECTORS_MAX + VECTOR_DENIED);

    for (uint32_t i = 0; i < LABELS_MAX * LABELS_MAX; i++)
        vector_ids[table * LABELS_MAX * LABELS_MAX + i] = denied;
    clear_vectors(table);
}

static bool vector_is(uint32_t table, uint32_t id, const struct vector *vector) {
    uint32_t at = words_of(table, id);

    for (uint32_t i = 0; i < CLASS_COUNT; i++)
        if (vector_words[at + i] != vector->word[i]) return false;
    return true;
}

static uint32_t hash_of(const struct vector *vector) {
    uint64_t hash = 0;

    for (uint32_t i = 0; i < CLASS_COUNT; i++)
        hash = (hash ^ vector->word[i] ^ hash >> 32) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(hash >> 40) % HASH_PLACES;
}

static uint32_t add_vector(uint32_t table, const struct vector *vector) {
    uint32_t id = vector_counts[table];

    if (id >= VECTORS_MAX) return VECTOR_NONE;
    for (uint32_t i = 0; i < VECTOR_WORDS; i++)
        vector_words[words_of(table, id) + i] = i < CLASS_COUNT ? vector->word[i] : WORD_DENIED;
    vector_counts[table] = id + 1;
    return id;
}

uint32_t table_vector(uint32_t table, const struct vector *vector) {
    uint32_t hash = hash_of(vector);

    if (vector_is(table, VECTOR_DENIED, vector)) return VECTOR_DENIED;
    for (uint32_t i = 0; i < HASH_PLACES; i++) {
        uint32_t place = (hash + i) % HASH_PLACES;
        uint32_t id = hash_places[table][place];
        if (id == 0) {
            id = add_vector(table, vector);
            hash_places[table][place] = id == VECTOR_NONE ? 0 : (uint16_t)id;
            return id;
        }
        if (vector_is(table, id, vector)) return id;
    }
    return VECTOR_NONE;
}

void table_set(uint32_t table, label_id subject, label_id object, uint32_t vector) {
    vector_ids[pair_of(table, subject, object)] = (uint16_t)(table * VECTORS_MAX + vector);
}

void table_forget(uint32_t table, label_id label) {
    for (uint32_t i = 0; i < LABELS_MAX; i++) {
        table_set(table, label, (label_id)i, VECTOR_DENIED);
        table_set(table, (label_id)i, label, VECTOR_DENIED);
    }
}

uint64_t table_word(uint32_t table, label_id subject, label_id object, enum xsm_class class) {
    if (subject >= LABELS_MAX || object >= LABELS_MAX || class >= CLASS_COUNT) return WORD_DENIED;
    return vector_words[vector_ids[pair_of(table, subject, object)] * VECTOR_WORDS + class];
}

uint32_t table_vectors(uint32_t table) { return vector_counts[table]; }

void table_switch(uint32_t table) { in_force = table * LABELS_MAX * LABELS_MAX; }

uint32_t table_in_force(void) { return in_force / (LABELS_MAX * LABELS_MAX); }
