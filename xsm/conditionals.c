/* SPDX-License-Identifier: Apache-2.0 */
/* Conditional rules: a postfix expression over booleans, the rules that hold when it is true, and
 * those that hold when it is false. */
#include "xsm/reader.h"

enum { BOOLEAN = 1, NOT, OR, AND, XOR, EQUAL, UNEQUAL };

#define CONDITION_DEPTH_MAX 10u
#define CONDITION_NODES_MAX 256u
#define CONDITION_NODE 8u /* {operation, boolean} */

/*@ requires reading(reader);
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures depth: reader->check == CHECK_PASSED ==> 0 < \result <= CONDITION_DEPTH_MAX; */
/* One node; the number of operands on the stack before and behind it. */
static uint32_t read_node(struct reader *reader, uint32_t depth) {
    uint32_t at = reader->at;
    uint32_t operation = take_u32(reader);
    uint32_t boolean = take_u32(reader);
    uint32_t operands = operation == BOOLEAN ? 0 : operation == NOT ? 1 : 2;

    require(reader, operation != 0 && operation <= UNEQUAL, CHECK_CONDITION, at);
    if (operation == BOOLEAN)
        require(reader, boolean != 0 && boolean <= reader->policy->count[SYMBOL_BOOLEAN],
                CHECK_CONDITION, at);
    return operate(reader, depth, operands, CONDITION_DEPTH_MAX, CHECK_CONDITION, at);
}

/*@ requires reading(reader);
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures counted: \result.count <= CONDITION_NODES_MAX;
    ensures within: list_within(reader->policy, \result, CONDITION_NODE); */
/* A state, which is not believed, and the expression. */
static struct list read_expression(struct reader *reader) {
    uint32_t depth = 0;

    (void)take_u32(reader);
    struct list nodes = take_list(reader, CONDITION_NODES_MAX, CONDITION_NODE);
    /*@ loop invariant 0 <= i <= nodes.count && reading(reader) && onward{Pre, Here}(reader);
        loop assigns i, depth, reader->at, reader->check, reader->failed_at;
        loop variant nodes.count - i; */
    for (uint32_t i = 0; i < nodes.count && is_good(reader); i++) depth = read_node(reader, depth);
    require(reader, depth == 1, CHECK_CONDITION, nodes.at - 4);
    return nodes;
}

/*@ requires readable(policy) && indexed(policy);
    terminates \true;
    assigns \nothing; */
/* Its key must be its own, but for the other list of the same conditional. */
static bool type_rule_is_unique(const struct policy *policy, struct conditional_type_rule here) {
    uint64_t key = rule_at(policy, here.at).key;

    if (rules_find(policy, key) != 0) return false;
    /*@ loop invariant 0 <= i <= policy->conditional_type_rules;
        loop assigns i;
        loop variant policy->conditional_type_rules - i; */
    for (uint32_t i = 0; i < policy->conditional_type_rules; i++) {
        struct conditional_type_rule other = policy->conditional_type_rule[i];
        bool either_or = other.conditional == here.conditional && other.when != here.when;
        if (!either_or && rule_at(policy, other.at).key == key) return false;
    }
    return true;
}

/*@ requires reading(reader) && listed(reader->policy);
    requires reader->item < reader->policy->conditionals.count;
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at,
        reader->policy->conditional_rules, reader->policy->conditional_type_rules,
        reader->policy->conditional_type_rule[0 .. CONDITIONAL_TYPE_RULES_MAX - 1];
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures listed: listed(reader->policy);
    ensures counted: reader->check == CHECK_PASSED ==>
        reader->policy->conditional_rules == \old(reader->policy->conditional_rules) + 1 &&
        reader->policy->conditional_rules <= CONDITIONAL_RULES_MAX; */
/* Type rules are few and looked up one by one: they are listed. */
static void read_conditional_rule(struct reader *reader, bool when) {
    struct policy *policy = reader->policy;
    struct conditional_type_rule here = {reader->at, (uint16_t)reader->item, when};

    require(reader, policy->conditional_rules < CONDITIONAL_RULES_MAX, CHECK_COUNT, here.at);
    read_rule(reader, true);
    if (!is_good(reader)) return;
    policy->conditional_rules++;
    if (rule_at(policy, here.at).kind < RULE_TRANSITION) return;

    uint32_t listed = policy->conditional_type_rules;
    require(reader, listed < CONDITIONAL_TYPE_RULES_MAX, CHECK_COUNT, here.at);
    require(reader, type_rule_is_unique(policy, here), CHECK_CONDITIONAL_CONFLICT, here.at);
    if (!is_good(reader)) return;
    policy->conditional_type_rule[listed] = here;
    policy->conditional_type_rules = listed + 1;
}

/*@ requires reading(reader) && reader->item < CONDITIONALS_MAX;
    terminates \true;
    assigns reader->policy->conditional[reader->item].expression;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader); */
static void note_expression(struct reader *reader, struct list nodes) {
    reader->policy->conditional[reader->item].expression = nodes;
}

/*@ requires reading(reader) && reader->item < CONDITIONALS_MAX && reader->lists < 2;
    terminates \true;
    assigns reader->lists, reader->list_left,
        reader->policy->conditional[reader->item].rules[0 .. 1];
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures next: reader->lists == \old(reader->lists) + 1 && reader->list_left == rules.count; */
static void note_rules(struct reader *reader, struct list rules) {
    reader->policy->conditional[reader->item].rules[reader->lists] = rules;
    reader->list_left = rules.count;
    reader->lists++;
}

bool read_conditional(struct reader *reader) {
    uint32_t list = reader->lists;

    if (reader->list_left > 0) {
        reader->list_left--;
        read_conditional_rule(reader, list == 1);
        return false;
    }
    if (list == 2) {
        reader->lists = 0;
        return true;
    }
    if (list == 0) note_expression(reader, read_expression(reader));
    note_rules(reader, take_list(reader, CONDITIONAL_RULES_MAX, RULE_BYTES));
    return false;
}

/* Results of an operation on two operands a and b, at bit 2a + b. */
static const uint8_t truth[] = {
    [OR] = 0xe, [AND] = 0x8, [XOR] = 0x6, [EQUAL] = 0x9, [UNEQUAL] = 0x6};

/* The stack is a word of bits, the top being bit 0. */
bool conditional_holds(const struct policy *policy, const struct conditional *conditional,
                       const bool values[BOOLEANS_MAX]) {
    uint32_t stack = 0;

    /*@ loop invariant 0 <= i <= conditional->expression.count;
        loop assigns i, stack;
        loop variant conditional->expression.count - i; */
    for (uint32_t i = 0; i < conditional->expression.count; i++) {
        uint32_t at = conditional->expression.at + i * CONDITION_NODE;
        uint32_t operation = image_u32(policy, at);
        if (operation == BOOLEAN)
            stack = stack << 1 | (uint32_t)values[(image_u32(policy, at + 4) - 1) % BOOLEANS_MAX];
        else if (operation == NOT)
            stack ^= 1;
        else
            stack = (stack >> 1 & ~1u) | (truth[operation % sizeof truth] >> stack % 4 & 1);
    }
    return (stack & 1) != 0;
}

uint32_t conditionals_find(const struct policy *policy, const bool holds[CONDITIONALS_MAX],
                           uint64_t key) {
    /*@ loop invariant 0 <= i <= policy->conditional_type_rules;
        loop assigns i;
        loop variant policy->conditional_type_rules - i; */
    for (uint32_t i = 0; i < policy->conditional_type_rules; i++) {
        struct conditional_type_rule here = policy->conditional_type_rule[i];
        struct rule rule = rule_at(policy, here.at);
        if (holds[here.conditional] == here.when && rule.key == key) return rule.datum;
    }
    return 0;
}
