/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and evaluates conditionals. */
#include "xsm/conditionals.h"

#include "xsm/rules.h"
#include "xsm/symbols.h"

enum {
    CONDITION_BOOLEAN = 1,
    CONDITION_NOT,
    CONDITION_OR,
    CONDITION_AND,
    CONDITION_XOR,
    CONDITION_EQUAL,
    CONDITION_UNEQUAL
};

#define CONDITION_DEPTH_MAX 10u
#define CONDITION_NODES_MAX 256u
#define CONDITION_NODE 8u

static enum policy_check read_node(struct cursor *cursor, uint32_t *depth) {
    uint32_t node[2] = {0, 0};
    enum policy_check check = take_words(cursor, 2, node);
    if (check != CHECK_PASSED) return check;
    if (node[0] == CONDITION_BOOLEAN) {
        if (node[1] == 0 || node[1] > policy_index[cursor->slot].count[SYMBOL_BOOLEAN])
            return CHECK_CONDITION;
        if (*depth >= CONDITION_DEPTH_MAX) return CHECK_CONDITION;
        *depth += 1;
        return CHECK_PASSED;
    }
    if (node[0] == CONDITION_NOT) return *depth >= 1 ? CHECK_PASSED : CHECK_CONDITION;
    if (node[0] < CONDITION_OR || node[0] > CONDITION_UNEQUAL || *depth < 2) return CHECK_CONDITION;
    *depth -= 1;
    return CHECK_PASSED;
}

enum policy_check conditional_read(struct cursor *cursor, struct policy_conditional *conditional) {
    uint32_t state;
    uint32_t depth = 0;
    enum policy_check check = take_u32(cursor, &state);
    if (check == CHECK_PASSED)
        check = take_count(cursor, CONDITION_NODES_MAX, CONDITION_NODE, &conditional->expression);
    conditional->expression_at = cursor->at;
    for (uint32_t i = 0; check == CHECK_PASSED && i < conditional->expression; i++)
        check = read_node(cursor, &depth);
    if (check == CHECK_PASSED && depth != 1) check = CHECK_CONDITION;
    return check;
}

/* Type rules are few and looked up one by one: they are listed when read. */
static enum policy_check list_type_rule(uint32_t slot, uint32_t at, uint32_t number, bool when) {
    uint32_t listed = policy_index[slot].conditional_type_rules;

    if (listed >= CONDITIONAL_TYPE_RULES_MAX) return CHECK_COUNT;
    policy_index[slot].conditional_type_rule[listed].at = at;
    policy_index[slot].conditional_type_rule[listed].conditional = (uint16_t)number;
    policy_index[slot].conditional_type_rule[listed].when = when;
    policy_index[slot].conditional_type_rules = listed + 1;
    return CHECK_PASSED;
}

enum policy_check conditional_rule_read(struct cursor *cursor, uint32_t number, bool when) {
    uint32_t at = cursor->at;

    if (policy_index[cursor->slot].conditional_rules >= CONDITIONAL_RULES_MAX) return CHECK_COUNT;
    enum policy_check check = rule_read(cursor, true);
    if (check != CHECK_PASSED) return check;
    policy_index[cursor->slot].conditional_rules++;
    if (rule_is_of_types(rule_at(cursor->slot, at)))
        check = list_type_rule(cursor->slot, at, number, when);
    return check;
}

static bool same_key(struct rule a, struct rule b) {
    return a.source == b.source && a.target == b.target && a.class == b.class && a.kind == b.kind;
}

enum policy_check conditional_type_rule_check(uint32_t slot, uint32_t number) {
    struct policy_type_rule here = policy_index[slot].conditional_type_rule[number];
    struct rule rule = rule_at(slot, here.at);

    if (rules_find(slot, rule.source, rule.target, rule.class, rule.kind) != 0)
        return CHECK_CONDITIONAL_CONFLICT;
    for (uint32_t i = 0; i < number; i++) {
        struct policy_type_rule other = policy_index[slot].conditional_type_rule[i];
        bool either_or = other.conditional == here.conditional && other.when != here.when;
        if (!either_or && same_key(rule, rule_at(slot, other.at)))
            return CHECK_CONDITIONAL_CONFLICT;
    }
    return CHECK_PASSED;
}

static bool combine(uint32_t operation, bool a, bool b) {
    switch (operation) {
    case CONDITION_OR: return a || b;
    case CONDITION_AND: return a && b;
    case CONDITION_XOR:
    case CONDITION_UNEQUAL: return a != b;
    case CONDITION_EQUAL: return a == b;
    }
    return false;
}

/* The stack is a word of bits, the top being bit 0. */
static bool evaluate(uint32_t slot, const struct policy_conditional *conditional,
                     const struct boolean_states *booleans) {
    uint32_t stack = 0;

    for (uint32_t i = 0; i < conditional->expression; i++) {
        uint32_t operation = image_u32(slot, conditional->expression_at + i * CONDITION_NODE);
        uint32_t value = image_u32(slot, conditional->expression_at + i * CONDITION_NODE + 4);
        if (operation == CONDITION_BOOLEAN) {
            bool set = value > 0 && value <= BOOLEANS_MAX && booleans->value[value - 1];
            stack = stack << 1 | (set ? 1 : 0);
        } else if (operation == CONDITION_NOT) {
            stack ^= 1;
        } else {
            bool result = combine(operation, (stack & 1) != 0, (stack & 2) != 0);
            stack = (stack >> 1 & ~1u) | (result ? 1 : 0);
        }
    }
    return (stack & 1) != 0;
}

void conditions_evaluate(uint32_t slot, const struct boolean_states *booleans,
                         struct condition_states *states) {
    for (uint32_t i = 0; i < CONDITIONALS_MAX; i++)
        states->holds[i] = i < policy_index[slot].conditionals &&
                           evaluate(slot, &policy_index[slot].conditional[i], booleans);
}

uint32_t conditionals_find(uint32_t slot, const struct condition_states *states, uint32_t source,
                           uint32_t target, uint32_t class, uint32_t kind) {
    for (uint32_t i = 0; i < policy_index[slot].conditional_type_rules; i++) {
        struct policy_type_rule here = policy_index[slot].conditional_type_rule[i];
        struct rule rule = rule_at(slot, here.at);
        bool enabled =
            here.conditional < CONDITIONALS_MAX && states->holds[here.conditional] == here.when;
        if (enabled && rule.source == source && rule.target == target && rule.class == class &&
            rule.kind == kind)
            return rule.datum;
    }
    return 0;
}
