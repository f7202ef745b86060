/* SPDX-License-Identifier: Apache-2.0 */
/* Conditional rules: a postfix expression over booleans, the rules that hold when it is true, and
 * those that hold when it is false. Also the booleans themselves. */
#ifndef CORDON_XSM_CONDITIONALS_H
#define CORDON_XSM_CONDITIONALS_H

#include <stdbool.h>
#include <stdint.h>

#include "xsm/cursor.h"

/* Booleans of an image, by value - 1. */
struct boolean_states {
    bool value[BOOLEANS_MAX];
    bool pending[BOOLEANS_MAX];
};

/* Truth of each conditional of an image. */
struct condition_states {
    bool holds[CONDITIONALS_MAX];
};

/* Reads what comes before a conditional's rules: its state and expression. */
enum policy_check conditional_read(struct cursor *cursor, struct policy_conditional *conditional);
/* Reads one rule of the conditional with this number. */
enum policy_check conditional_rule_read(struct cursor *cursor, uint32_t number, bool when);
/* Has this conditional type rule a key of its own? Rules must be sorted. */
enum policy_check conditional_type_rule_check(uint32_t slot, uint32_t number);

void conditions_evaluate(uint32_t slot, const struct boolean_states *booleans,
                         struct condition_states *states);
/* Type of the enabled conditional type rule with this key, or 0. */
uint32_t conditionals_find(uint32_t slot, const struct condition_states *states, uint32_t source,
                           uint32_t target, uint32_t class, uint32_t kind);

#endif
