/* SPDX-License-Identifier: Apache-2.0 */
/* The decision table: for each pair of labels the number of a vector, and for each vector and class
 * the answers to its 32 permissions, two bits each, just as xsm_decide() returns them. Two tables:
 * one in force, one aside. */
#ifndef CORDON_XSM_TABLE_H
#define CORDON_XSM_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "xsm/xsm.h"

#define TABLES 2u
#define VECTORS_MAX 2048u
#define VECTOR_WORDS 32u /* one a class; those of no class are denied and recorded */
#define VECTOR_NONE VECTORS_MAX
#define WORD_DENIED UINT64_C(0xaaaaaaaaaaaaaaaa) /* nothing granted, all recorded */

struct vector {
    uint64_t word[CLASS_COUNT];
};

/* Denies all and records all: the vector of pairs that no rule mentions. */
#define VECTOR_DENIED 0u

void table_clear(uint32_t table);
/* Number of a vector with these words, shared with equal ones; VECTOR_NONE if there is no room. */
uint32_t table_vector(uint32_t table, const struct vector *vector);
void table_set(uint32_t table, label_id subject, label_id object, uint32_t vector);
/* Denies all from and to a label. */
void table_forget(uint32_t table, label_id label);
uint64_t table_word(uint32_t table, label_id subject, label_id object, enum xsm_class class);
uint32_t table_vectors(uint32_t table);
/* Puts a table in force. */
void table_switch(uint32_t table);
uint32_t table_in_force(void);

/* Spreads 32 bits to the even bits of 64, and back. */
uint64_t spread_bits(uint32_t bits);
uint32_t gather_bits(uint64_t bits);

#endif
