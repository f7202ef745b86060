/* SPDX-License-Identifier: Apache-2.0 */
/* Constraints: postfix expressions over the users, roles and types of both labels. Where one is
 * false, its permissions are taken away. What the reader lets through, the evaluator handles in
 * full: the same list of operators and the same depth. */
#include "xsm/reader.h"

enum { KIND_NOT = 1, KIND_AND, KIND_OR, KIND_COMPARE, KIND_NAMES };
enum { ATTRIBUTE_USER = 1, ATTRIBUTE_ROLE = 2, ATTRIBUTE_TYPE = 4, ATTRIBUTE_TARGET = 8 };
enum { OPERATOR_EQUAL = 1, OPERATOR_UNEQUAL, OPERATOR_DOM, OPERATOR_DOMBY, OPERATOR_INCOMP };

#define CONSTRAINT_NODES_MAX 64u
#define CONSTRAINT_DEPTH_MAX 5u
#define NODE_HEAD 12u /* kind, attribute, operator */

enum policy_check permissions_check(const struct policy *policy, uint32_t class, uint32_t bits) {
    const struct policy_class *here = &policy->class[class - 1];
    uint32_t beyond = bits & ~here->defined;

    if (here->ours == NO_CLASS) return CHECK_UNKNOWN_CLASS;
    /* checkpolicy writes "*" and "~{...}" as complements in 32 bits: then all that is undefined is
     * set. It has no meaning and maps to nothing; some of it and not the rest is an error. */
    if (beyond != 0 && beyond != ~here->defined) return CHECK_RULE_PERMISSION;
    /*@ loop invariant 0 <= i <= 32;
        loop invariant known: \forall integer j; 0 <= j < i &&
            ((bits & here->defined) >> j & 1) != 0 ==> here->bit[j] != NO_BIT;
        loop assigns i;
        loop variant 32 - i; */
    for (uint32_t i = 0; i < 32; i++)
        if (((bits & here->defined) >> i & 1) != 0 && here->bit[i] == NO_BIT)
            return CHECK_UNKNOWN_PERMISSION;
    return CHECK_PASSED;
}

/*@ terminates \true;
    assigns \nothing;
    ensures kind: \result <= SYMBOL_KINDS; */
static uint32_t attribute_kind(uint32_t attribute) {
    switch (attribute) {
    case ATTRIBUTE_USER: return SYMBOL_USER;
    case ATTRIBUTE_ROLE: return SYMBOL_ROLE;
    case ATTRIBUTE_TYPE: return SYMBOL_TYPE;
    }
    return SYMBOL_KINDS;
}

/*@ requires reading(reader);
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader); */
/* The set of names, and the set as it was written, which only tools look at. */
static void read_names(struct reader *reader, uint32_t attribute, uint32_t operation) {
    uint32_t kind = attribute_kind(attribute & ~(uint32_t)ATTRIBUTE_TARGET);
    bool known = operation == OPERATOR_EQUAL || operation == OPERATOR_UNEQUAL;

    if (!require(reader, kind != SYMBOL_KINDS && known, CHECK_CONSTRAINT, reader->at - NODE_HEAD))
        return;
    take_bitmap(reader, reader->policy->count[kind], CHECK_BITMAP_RANGE);
    take_bitmap(reader, TYPES_MAX, CHECK_BITMAP_RANGE);
    take_bitmap(reader, TYPES_MAX, CHECK_BITMAP_RANGE);
    (void)take_u32(reader);
}

/*@ terminates \true;
    assigns \nothing; */
static bool comparison_is_known(uint32_t attribute, uint32_t operation) {
    uint32_t kind = attribute_kind(attribute);
    uint32_t highest = kind == SYMBOL_ROLE ? OPERATOR_INCOMP : OPERATOR_UNEQUAL;

    return kind != SYMBOL_KINDS && operation != 0 && operation <= highest;
}

/*@ requires reading(reader);
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures depth: reader->check == CHECK_PASSED ==> 0 < \result <= CONSTRAINT_DEPTH_MAX; */
/* One node; the number of operands on the stack before and behind it. */
static uint32_t read_node(struct reader *reader, uint32_t depth) {
    uint32_t at = reader->at;
    uint32_t kind = take_u32(reader);
    uint32_t attribute = take_u32(reader);
    uint32_t operation = take_u32(reader);
    uint32_t operands = kind == KIND_NOT ? 1 : kind == KIND_AND || kind == KIND_OR ? 2 : 0;

    require(reader, kind != 0 && kind <= KIND_NAMES, CHECK_CONSTRAINT, at);
    depth = operate(reader, depth, operands, CONSTRAINT_DEPTH_MAX, CHECK_CONSTRAINT, at);
    if (kind == KIND_COMPARE)
        require(reader, comparison_is_known(attribute, operation), CHECK_CONSTRAINT, at);
    if (kind == KIND_NAMES) read_names(reader, attribute, operation);
    return depth;
}

void read_constraint(struct reader *reader, uint32_t class) {
    uint32_t at = reader->at;
    uint32_t depth = 0;
    enum policy_check check = permissions_check(reader->policy, class, take_u32(reader));

    require(reader, check == CHECK_PASSED, check, at);
    struct list nodes = take_list(reader, CONSTRAINT_NODES_MAX, NODE_HEAD);
    /*@ loop invariant 0 <= i <= nodes.count && reading(reader) && onward{Pre, Here}(reader);
        loop assigns i, depth, reader->at, reader->check, reader->failed_at;
        loop variant nodes.count - i; */
    for (uint32_t i = 0; i < nodes.count && is_good(reader); i++) depth = read_node(reader, depth);
    require(reader, depth == 1, CHECK_CONSTRAINT, at);
}

/*@ terminates \true;
    assigns \nothing; */
static uint32_t part_of(struct context context, uint32_t attribute) {
    switch (attribute) {
    case ATTRIBUTE_USER: return context.user;
    case ATTRIBUTE_ROLE: return context.role;
    }
    return context.type;
}

/*@ requires readable(policy) && counted(policy);
    terminates \true;
    assigns \nothing; */
static bool dominates(const struct policy *policy, uint32_t role, uint32_t other) {
    return bitmap_has(policy, symbol_end(policy, SYMBOL_ROLE, role), other - 1);
}

/*@ requires readable(policy) && counted(policy);
    terminates \true;
    assigns \nothing; */
static bool compare(const struct policy *policy, uint32_t operation, uint32_t a, uint32_t b) {
    switch (operation) {
    case OPERATOR_EQUAL: return a == b;
    case OPERATOR_UNEQUAL: return a != b;
    case OPERATOR_DOM: return dominates(policy, a, b);
    case OPERATOR_DOMBY: return dominates(policy, b, a);
    }
    return !dominates(policy, a, b) && !dominates(policy, b, a);
}

/*@ requires readable(policy) && counted(policy);
    terminates \true;
    assigns \nothing; */
/* Value of an operand node. */
static bool operand(const struct policy *policy, uint32_t at, struct context source,
                    struct context target) {
    uint32_t attribute = image_u32(policy, at + 4);
    uint32_t operation = image_u32(policy, at + 8);

    if (image_u32(policy, at) == KIND_COMPARE)
        return compare(policy, operation, part_of(source, attribute), part_of(target, attribute));
    bool of_target = (attribute & ATTRIBUTE_TARGET) != 0;
    uint32_t value = part_of(of_target ? target : source, attribute & ~(uint32_t)ATTRIBUTE_TARGET);
    return bitmap_has(policy, at + NODE_HEAD, value - 1) == (operation == OPERATOR_EQUAL);
}

/*@ requires readable(policy) && counted(policy);
    terminates \true;
    assigns \nothing; */
static uint32_t node_bytes(const struct policy *policy, uint32_t at) {
    uint32_t bytes = NODE_HEAD;

    if (image_u32(policy, at) != KIND_NAMES) return bytes;
    /*@ loop invariant 0 <= i <= 3;
        loop assigns i, bytes;
        loop variant 3 - i; */
    for (uint32_t i = 0; i < 3; i++) bytes += bitmap_bytes(policy, at + bytes);
    return bytes + 4;
}

/*@ requires readable(policy) && counted(policy) && \valid(at);
    requires \separated(at, policy, policy->bytes + (0 .. policy->size - 1));
    terminates \true;
    assigns *at; */
/* Evaluates the expression whose nodes begin at *at and leaves *at behind them. The stack is a word
 * of bits, the top being bit 0. */
static bool evaluate(const struct policy *policy, uint32_t nodes, uint32_t *at,
                     struct context source, struct context target) {
    uint32_t stack = 0;

    /*@ loop invariant 0 <= i <= nodes;
        loop assigns i, stack, *at;
        loop variant nodes - i; */
    for (uint32_t i = 0; i < nodes; i++) {
        uint32_t kind = image_u32(policy, *at);
        if (kind == KIND_NOT)
            stack ^= 1;
        else if (kind == KIND_AND)
            stack = (stack >> 1 & ~1u) | (stack & stack >> 1 & 1);
        else if (kind == KIND_OR)
            stack = stack >> 1 | (stack & 1);
        else
            stack = stack << 1 | (uint32_t)operand(policy, *at, source, target);
        *at += node_bytes(policy, *at);
    }
    return (stack & 1) != 0;
}

uint32_t constraints_apply(const struct policy *policy, uint32_t class, struct context source,
                           struct context target, uint32_t allowed) {
    struct list constraints = policy->class[class - 1].constraints;

    /*@ loop invariant 0 <= i <= constraints.count;
        loop invariant less: \forall integer bit; 0 <= bit < 32 && (allowed >> bit & 1) != 0 ==>
            (\at(allowed, Pre) >> bit & 1) != 0;
        loop assigns i, constraints.at, allowed;
        loop variant constraints.count - i; */
    for (uint32_t i = 0; i < constraints.count && allowed != 0; i++) {
        uint32_t permissions =
            permissions_to_ours(policy, class, image_u32(policy, constraints.at));
        uint32_t nodes = image_u32(policy, constraints.at + 4) % (CONSTRAINT_NODES_MAX + 1);
        constraints.at += 8;
        if (!evaluate(policy, nodes, &constraints.at, source, target)) allowed &= ~permissions;
    }
    return allowed;
}
