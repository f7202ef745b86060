/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and evaluates constraints. What the reader lets through, the evaluator handles in full: the
 * same list of operators and the same depth. */
#include "xsm/constraints.h"

#include "xsm/bitmap.h"
#include "xsm/symbols.h"

enum { KIND_NOT = 1, KIND_AND, KIND_OR, KIND_COMPARE, KIND_NAMES };
enum { ATTRIBUTE_USER = 1, ATTRIBUTE_ROLE = 2, ATTRIBUTE_TYPE = 4, ATTRIBUTE_TARGET = 8 };
enum { OPERATOR_EQUAL = 1, OPERATOR_UNEQUAL, OPERATOR_DOM, OPERATOR_DOMBY, OPERATOR_INCOMP };

#define NODE_HEAD 12u

uint32_t permissions_to_ours(uint32_t slot, uint32_t class, uint32_t bits) {
    uint32_t ours = 0;

    for (uint32_t i = 0; i < PERMISSIONS_PER_CLASS && bits != 0; i++, bits >>= 1) {
        uint8_t bit = policy_index[slot].class[class].bit[i];
        if ((bits & 1) != 0 && bit < PERMISSIONS_PER_CLASS) ours |= 1u << bit;
    }
    return ours;
}

uint32_t permissions_to_policy(uint32_t slot, uint32_t class, uint32_t bits) {
    uint32_t theirs = 0;

    for (uint32_t i = 0; i < PERMISSIONS_PER_CLASS; i++) {
        uint8_t bit = policy_index[slot].class[class].bit[i];
        if (bit < PERMISSIONS_PER_CLASS && (bits >> bit & 1) != 0) theirs |= 1u << i;
    }
    return theirs;
}

enum policy_check permissions_check(uint32_t slot, uint32_t class, uint32_t bits) {
    uint32_t undefined = ~policy_index[slot].class[class].defined;
    uint32_t beyond = bits & undefined;

    if (policy_index[slot].class[class].ours == NO_CLASS) return CHECK_UNKNOWN_CLASS;
    /* checkpolicy writes "*" and "~{...}" as complements in 32 bits: then all that is undefined is
     * set. It has no meaning and maps to nothing; some of it and not the rest is an error. */
    if (beyond != 0 && beyond != undefined) return CHECK_RULE_PERMISSION;
    for (uint32_t i = 0; i < PERMISSIONS_PER_CLASS; i++)
        if (((bits & ~undefined) >> i & 1) != 0 && policy_index[slot].class[class].bit[i] == NO_BIT)
            return CHECK_UNKNOWN_PERMISSION;
    return CHECK_PASSED;
}

static enum symbol_kind attribute_kind(uint32_t attribute) {
    switch (attribute) {
    case ATTRIBUTE_USER: return SYMBOL_USER;
    case ATTRIBUTE_ROLE: return SYMBOL_ROLE;
    case ATTRIBUTE_TYPE: return SYMBOL_TYPE;
    }
    return SYMBOL_KINDS;
}

/* The set of names, and the set as it was written, which only tools look at. */
static enum policy_check read_names(struct cursor *cursor, uint32_t attribute, uint32_t operation) {
    enum symbol_kind kind = attribute_kind(attribute & ~(uint32_t)ATTRIBUTE_TARGET);
    uint32_t flags;

    if (kind == SYMBOL_KINDS || (operation != OPERATOR_EQUAL && operation != OPERATOR_UNEQUAL))
        return CHECK_CONSTRAINT;
    enum policy_check check = take_bitmap(cursor, policy_index[cursor->slot].count[kind]);
    if (check == CHECK_PASSED) check = take_bitmap(cursor, TYPES_MAX);
    if (check == CHECK_PASSED) check = take_bitmap(cursor, TYPES_MAX);
    return check == CHECK_PASSED ? take_u32(cursor, &flags) : check;
}

static enum policy_check check_comparison(uint32_t attribute, uint32_t operation) {
    enum symbol_kind kind = attribute_kind(attribute);
    uint32_t highest = kind == SYMBOL_ROLE ? OPERATOR_INCOMP : OPERATOR_UNEQUAL;

    if (kind == SYMBOL_KINDS || operation == 0 || operation > highest) return CHECK_CONSTRAINT;
    return CHECK_PASSED;
}

/* One node; *depth is the number of operands on the stack. */
static enum policy_check read_node(struct cursor *cursor, uint32_t *depth) {
    uint32_t head[3] = {0, 0, 0}; /* kind, attribute, operator */
    enum policy_check check = take_words(cursor, 3, head);
    if (check != CHECK_PASSED) return check;
    switch (head[0]) {
    case KIND_NOT: check = *depth >= 1 ? CHECK_PASSED : CHECK_CONSTRAINT; break;
    case KIND_AND:
    case KIND_OR:
        if (*depth < 2) return CHECK_CONSTRAINT;
        *depth -= 1;
        break;
    case KIND_COMPARE:
    case KIND_NAMES:
        if (*depth >= CONSTRAINT_DEPTH_MAX) return CHECK_CONSTRAINT;
        *depth += 1;
        check = head[0] == KIND_NAMES ? read_names(cursor, head[1], head[2])
                                      : check_comparison(head[1], head[2]);
        break;
    default: check = CHECK_CONSTRAINT; break;
    }
    return check;
}

enum policy_check constraint_read(struct cursor *cursor, uint32_t class) {
    uint32_t permissions = 0;
    uint32_t nodes = 0;
    uint32_t depth = 0;
    enum policy_check check = take_u32(cursor, &permissions);
    if (check == CHECK_PASSED) check = permissions_check(cursor->slot, class, permissions);
    if (check == CHECK_PASSED) check = take_count(cursor, CONSTRAINT_NODES_MAX, NODE_HEAD, &nodes);

    for (uint32_t i = 0; i < nodes && check == CHECK_PASSED; i++) check = read_node(cursor, &depth);
    if (check == CHECK_PASSED && depth != 1) check = CHECK_CONSTRAINT;
    return check;
}

static uint32_t part_of(struct context context, uint32_t attribute) {
    switch (attribute) {
    case ATTRIBUTE_USER: return context.user;
    case ATTRIBUTE_ROLE: return context.role;
    case ATTRIBUTE_TYPE: return context.type;
    }
    return 0;
}

static bool dominates(uint32_t slot, uint32_t role, uint32_t other) {
    return other != 0 && bitmap_has(slot, role_dominates_at(slot, role), other - 1);
}

static bool compare(uint32_t slot, uint32_t operation, uint32_t a, uint32_t b) {
    switch (operation) {
    case OPERATOR_EQUAL: return a == b;
    case OPERATOR_UNEQUAL: return a != b;
    case OPERATOR_DOM: return dominates(slot, a, b);
    case OPERATOR_DOMBY: return dominates(slot, b, a);
    case OPERATOR_INCOMP: return !dominates(slot, a, b) && !dominates(slot, b, a);
    }
    return false;
}

/* Value of an operand node at `at`. */
static bool operand(uint32_t slot, uint32_t at, struct context source, struct context target) {
    uint32_t attribute = image_u32(slot, at + 4);
    uint32_t operation = image_u32(slot, at + 8);

    if (image_u32(slot, at) == KIND_COMPARE)
        return compare(slot, operation, part_of(source, attribute), part_of(target, attribute));
    bool of_target = (attribute & ATTRIBUTE_TARGET) != 0;
    uint32_t value = part_of(of_target ? target : source, attribute & ~(uint32_t)ATTRIBUTE_TARGET);
    bool named = value != 0 && bitmap_has(slot, at + NODE_HEAD, value - 1);
    return operation == OPERATOR_EQUAL ? named : !named;
}

static uint32_t node_bytes(uint32_t slot, uint32_t at) {
    uint32_t bytes = NODE_HEAD;

    if (image_u32(slot, at) != KIND_NAMES) return bytes;
    for (uint32_t i = 0; i < 3; i++) bytes += bitmap_bytes(slot, at + bytes);
    return bytes + 4;
}

/* Evaluates the expression whose nodes begin at *at and leaves *at behind them. The stack is a word
 * of bits, the top being bit 0. */
static bool evaluate(uint32_t slot, uint32_t nodes, uint32_t *at, struct context source,
                     struct context target) {
    uint32_t stack = 0;

    for (uint32_t i = 0; i < nodes; i++) {
        switch (image_u32(slot, *at)) {
        case KIND_NOT: stack ^= 1; break;
        case KIND_AND: stack = (stack >> 1 & ~1u) | (stack & stack >> 1 & 1); break;
        case KIND_OR: stack = stack >> 1 | (stack & 1); break;
        default: stack = stack << 1 | (operand(slot, *at, source, target) ? 1 : 0); break;
        }
        *at += node_bytes(slot, *at);
    }
    return (stack & 1) != 0;
}

uint32_t constraints_apply(uint32_t slot, uint32_t class, struct context source,
                           struct context target, uint32_t allowed) {
    uint32_t at = policy_index[slot].class[class].constraints_at;

    for (uint32_t i = 0; i < policy_index[slot].class[class].constraints && allowed != 0; i++) {
        uint32_t permissions = permissions_to_ours(slot, class, image_u32(slot, at));
        uint32_t nodes = image_u32(slot, at + 4);
        at += 8;
        if (!evaluate(slot, nodes < CONSTRAINT_NODES_MAX ? nodes : CONSTRAINT_NODES_MAX, &at,
                      source, target))
            allowed &= ~permissions;
    }
    return allowed;
}
