/* SPDX-License-Identifier: Apache-2.0 */
/* Type enforcement rules: {source, target, class, kind, datum} in 12 bytes. After validation the
 * unconditional ones are sorted in place by that key, so that the rules of a source lie together, a
 * type rule is found by halving, and equal keys are neighbours. */
#ifndef CORDON_XSM_RULES_H
#define CORDON_XSM_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "xsm/cursor.h"

#define RULE_BYTES 12u

enum {
    RULE_ALLOW = 0x1,
    RULE_AUDIT_ALLOW = 0x2,
    RULE_AUDIT_DENY = 0x4, /* the datum is the complement of what dontaudit names */
    RULE_TRANSITION = 0x10,
    RULE_MEMBER = 0x20,
    RULE_CHANGE = 0x40,
    RULE_ENABLED = 0x8000 /* in conditional rules only; we evaluate conditions ourselves */
};

struct rule {
    uint16_t source, target, class, kind;
    uint32_t datum;
};

struct rule rule_at(uint32_t slot, uint32_t at);
/* Unconditional rule number `index` (from 0), in sorted order. */
struct rule rule_number(uint32_t slot, uint32_t index);
static inline bool rule_is_of_types(struct rule rule) { return rule.kind >= RULE_TRANSITION; }

/* Reads and checks one rule. */
enum policy_check rule_read(struct cursor *cursor, bool conditional);

/* Sorting, a bounded piece at a time. */
struct rule_sort {
    uint32_t unsettled; /* rules from which the heap is still to be made */
    uint32_t heap;      /* rules not yet in their final place */
};
void rules_sort_begin(uint32_t slot, struct rule_sort *sort);
/* True when sorted. */
bool rules_sort_step(uint32_t slot, struct rule_sort *sort, uint32_t moves);
/* Is the rule at this index (from 1) unlike the one before? */
bool rule_differs_from_last(uint32_t slot, uint32_t index);

/* Index of the first rule whose source is not below `source`. */
uint32_t rules_first_of(uint32_t slot, uint32_t source);
/* Type of the unconditional type rule with this key, or 0. */
uint32_t rules_find(uint32_t slot, uint32_t source, uint32_t target, uint32_t class, uint32_t kind);

#endif
