/* SPDX-License-Identifier: Apache-2.0 */
/* A policy image and what its reading left behind: where its parts are. Two images are resident,
 * one in force and one that is loaded. Readers are total: what lies outside the image reads as
 * zero, so that memory safety rests on no invariant over its content. Values start at 1; 0 is none,
 * and bit i of a bitmap stands for value i + 1. */
#ifndef CORDON_XSM_POLICY_H
#define CORDON_XSM_POLICY_H

#include "xsm/xsm.h"

#define POLICY_CLASSES_MAX 64u
#define ROLES_MAX 256u
#define USERS_MAX 256u
#define TYPES_MAX 8192u         /* types and attributes */
#define TYPE_SYMBOLS_MAX 12288u /* aliases included */
#define SYMBOLS_MAX (POLICY_CLASSES_MAX + ROLES_MAX + TYPES_MAX + USERS_MAX + BOOLEANS_MAX)
#define TYPE_PLACES 16384u /* more than there are symbols: a free place is always met */
#define CONDITIONALS_MAX 256u
#define CONDITIONAL_RULES_MAX 16384u
#define CONDITIONAL_TYPE_RULES_MAX 256u
#define RULE_BYTES 12u
#define BITMAP_END UINT32_MAX
#define NO_CLASS 0xffu /* a class that the hypervisor lacks */
#define NO_BIT 0xffu   /* likewise a permission */
#define OBJECT_ROLE 1u /* object_r: in a context it goes with every user and type */

enum symbol_kind { SYMBOL_CLASS, SYMBOL_ROLE, SYMBOL_TYPE, SYMBOL_USER, SYMBOL_BOOLEAN };
#define SYMBOL_KINDS 5u /* also: none of them */

/* How a symbol of each kind begins: `words` words, among them the length of the name that follows
 * and the value. */
struct symbol_layout {
    uint32_t words, length, value; /* the last two are indices of words */
    uint32_t first;                /* index of value 1 in symbol_at */
    uint32_t maximum;              /* values */
    uint32_t longest;              /* name; they keep every context within CONTEXT_MAX */
};

#define SYMBOL_WORDS_MAX 6u

/*@ // Index of a kind's value 1 in symbol_at.
    logic integer symbols_from(integer kind) =
        kind == SYMBOL_CLASS ? 0 :
        kind == SYMBOL_ROLE ? POLICY_CLASSES_MAX :
        kind == SYMBOL_USER ? POLICY_CLASSES_MAX + ROLES_MAX :
        kind == SYMBOL_BOOLEAN ? POLICY_CLASSES_MAX + ROLES_MAX + USERS_MAX :
        SYMBOLS_MAX - TYPES_MAX;

    // How many values it may have.
    logic integer symbols_most(integer kind) =
        kind == SYMBOL_CLASS ? POLICY_CLASSES_MAX :
        kind == SYMBOL_ROLE ? ROLES_MAX :
        kind == SYMBOL_TYPE ? TYPES_MAX :
        kind == SYMBOL_USER ? USERS_MAX : BOOLEANS_MAX;
*/

/*@ requires kind < SYMBOL_KINDS;
    terminates \true;
    assigns \nothing;
    ensures words: 0 < \result.words <= SYMBOL_WORDS_MAX && \result.length < SYMBOL_WORDS_MAX &&
        \result.value < SYMBOL_WORDS_MAX;
    ensures placed: \result.first == symbols_from(kind) &&
        \result.first + \result.maximum <= SYMBOLS_MAX;
    ensures maximum: \result.maximum == symbols_most(kind); */
struct symbol_layout symbol_layout(enum symbol_kind kind);

struct context {
    uint16_t user, role, type;
};

struct name {
    uint32_t at, length;
};

/* A counted list of the image: its number of items, and where the first is. */
struct list {
    uint32_t count, at;
};

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
    uint64_t key; /* source, target, class, kind: 16 bits each, the first highest */
    uint16_t source, target, class, kind;
    uint32_t datum;
};

struct policy_class {
    uint32_t defined; /* permission bits that the image defines */
    struct list constraints;
    uint8_t ours;    /* enum xsm_class, or NO_CLASS */
    uint8_t bit[32]; /* our bit number of each bit of the image, or NO_BIT */
};

struct conditional {
    struct list expression; /* nodes of 8 bytes */
    struct list rules[2];   /* those that hold when it is true, and when it is false */
};

struct conditional_type_rule {
    uint32_t at; /* the rule */
    uint16_t conditional;
    bool when; /* the state of the conditional that enables it */
};

struct policy {
    uint8_t *bytes;
    uint32_t size;       /* 0: there is none, and its slot may have no pages */
    bool refuse_lacking; /* the image asks to be refused if it lacks a permission of ours */
    uint32_t author_version;
    uint32_t count[SYMBOL_KINDS]; /* highest value; while unknown, the most there may be */
    uint32_t symbol_at[SYMBOLS_MAX];
    uint32_t attributes_at[TYPES_MAX]; /* bitmap of each type's attributes */
    struct list type_symbols;          /* aliases included */
    struct list indexed;               /* of them: how many, and where the next is */
    uint32_t type_place[TYPE_PLACES];  /* of their names by hash: the symbol, 0: free */
    struct policy_class class[POLICY_CLASSES_MAX];
    uint8_t class_of_ours[CLASS_COUNT]; /* class value in the image, 0 if it lacks ours */
    struct list rules;                  /* sorted in place by key */
    struct list conditionals;
    struct conditional conditional[CONDITIONALS_MAX];
    uint32_t conditional_rules, conditional_type_rules;
    struct conditional_type_rule conditional_type_rule[CONDITIONAL_TYPE_RULES_MAX];
    struct list role_transitions; /* role, type, new role, class */
    struct list role_allows;      /* role, new role */
    struct context initial[LABEL_INITIAL_COUNT];
};

/*@ // The image is there to be read, whatever it says.
    predicate readable(struct policy *policy) = \valid_read(policy) &&
        (policy->size > 0 ==> \valid_read(policy->bytes + (0 .. policy->size - 1)));

    predicate within(struct policy *policy, integer at, integer bytes) =
        0 <= at && at + bytes <= policy->size;

    // Values are at most as many as there is room for.
    predicate counted(struct policy *policy) =
        policy->count[SYMBOL_CLASS] <= POLICY_CLASSES_MAX &&
        policy->count[SYMBOL_ROLE] <= ROLES_MAX &&
        policy->count[SYMBOL_TYPE] <= TYPES_MAX &&
        policy->count[SYMBOL_USER] <= USERS_MAX &&
        policy->count[SYMBOL_BOOLEAN] <= BOOLEANS_MAX;

    // Likewise the lists that are kept outside the image.
    predicate indexed(struct policy *policy) = counted(policy) &&
        policy->conditionals.count <= CONDITIONALS_MAX &&
        policy->conditional_type_rules <= CONDITIONAL_TYPE_RULES_MAX;

    predicate list_within(struct policy *policy, struct list list, integer item) =
        within(policy, list.at, item * list.count);

    // Conditional type rules belong to conditionals for which there is room.
    predicate listed(struct policy *policy) =
        \forall integer i; 0 <= i < CONDITIONAL_TYPE_RULES_MAX ==>
            policy->conditional_type_rule[i].conditional < CONDITIONALS_MAX;

    predicate context_known(struct policy *policy, struct context context) =
        0 < context.user <= policy->count[SYMBOL_USER] &&
        0 < context.role <= policy->count[SYMBOL_ROLE] &&
        0 < context.type <= policy->count[SYMBOL_TYPE];
*/

/*@ requires \valid_read(policy);
    terminates \true;
    assigns \nothing;
    ensures within: \result == 1 <==> within(policy, at, bytes); */
static inline bool image_has(const struct policy *policy, uint32_t at, uint32_t bytes) {
    return bytes <= policy->size && at <= policy->size - bytes;
}

/* Within the image: little-endian, one load each where the compiler knows the machine. */
/*@ requires readable(policy) && within(policy, at, 2);
    terminates \true;
    assigns \nothing; */
static inline uint16_t image_word(const struct policy *policy, uint32_t at) {
    const uint8_t *bytes = policy->bytes + at;

    return (uint16_t)(bytes[0] | (uint32_t)bytes[1] << 8);
}

/*@ requires readable(policy) && within(policy, at, 4);
    terminates \true;
    assigns \nothing; */
static inline uint32_t image_double(const struct policy *policy, uint32_t at) {
    const uint8_t *bytes = policy->bytes + at;

    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* Four bytes, likewise. */
/*@ requires \valid_read(from + (0 .. 3)) && \valid(to + (0 .. 3));
    terminates \true;
    assigns to[0 .. 3]; */
static inline void copy_double(const uint8_t *from, uint8_t *to) {
    uint32_t value =
        from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;

    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
    to[2] = (uint8_t)(value >> 16);
    to[3] = (uint8_t)(value >> 24);
}

/*@ requires readable(policy);
    terminates \true;
    assigns \nothing; */
static inline uint32_t image_u32(const struct policy *policy, uint32_t at) {
    return image_has(policy, at, 4) ? image_double(policy, at) : 0;
}

/*@ requires readable(policy);
    terminates \true;
    assigns \nothing; */
static inline uint64_t image_u64(const struct policy *policy, uint32_t at) {
    return image_u32(policy, at) | (uint64_t)image_u32(policy, at + 4) << 32;
}

/* The vocabulary by name: class, or NO_CLASS; bit number of a permission of our class, or NO_BIT.
 */
/*@ requires \valid_read(name + (0 .. length - 1));
    terminates \true;
    assigns \nothing;
    ensures known: \result == NO_CLASS || \result < CLASS_COUNT; */
uint8_t vocabulary_class(const uint8_t *name, uint32_t length);

/*@ requires \valid_read(name + (0 .. length - 1));
    terminates \true;
    assigns \nothing;
    ensures known: \result == NO_BIT || \result < 32; */
uint8_t vocabulary_bit(uint32_t class, const uint8_t *name, uint32_t length);

/*@ requires readable(policy);
    terminates \true;
    assigns \nothing; */
bool bitmap_has(const struct policy *policy, uint32_t at, uint32_t bit);

/*@ requires readable(policy);
    terminates \true;
    assigns \nothing;
    ensures forward: \result >= from; */
/* First set bit that is not below `from`, or BITMAP_END. */
uint32_t bitmap_next(const struct policy *policy, uint32_t at, uint32_t from);

/*@ requires readable(policy);
    terminates \true;
    assigns \nothing; */
/* Bytes that the bitmap takes in the image. */
uint32_t bitmap_bytes(const struct policy *policy, uint32_t at);

/*@ requires \valid_read(a + (0 .. a_length - 1)) && \valid_read(b + (0 .. b_length - 1));
    terminates \true;
    assigns \nothing;
    ensures equal: \result == 1 <==> a_length == b_length &&
        \forall integer i; 0 <= i < a_length ==> a[i] == b[i]; */
bool bytes_equal(const uint8_t *a, uint32_t a_length, const uint8_t *b, uint32_t b_length);

/*@ requires readable(policy) && counted(policy) && kind < SYMBOL_KINDS;
    terminates \true;
    assigns \nothing;
    ensures within: within(policy, \result.at, \result.length); */
/* Name of a value; empty if there is none. */
struct name symbol_name(const struct policy *policy, enum symbol_kind kind, uint32_t value);

/*@ requires readable(policy) && counted(policy) && kind < SYMBOL_KINDS;
    requires \valid_read(name + (0 .. length - 1));
    terminates \true;
    assigns \nothing;
    ensures known: kind != SYMBOL_TYPE ==> \result <= policy->count[kind]; */
/* Value of a name, aliases included, or 0. */
uint32_t symbol_find(const struct policy *policy, enum symbol_kind kind, const uint8_t *name,
                     uint32_t length);

/*@ requires readable(policy) && \valid(policy);
    requires \separated(policy, policy->bytes + (0 .. policy->size - 1));
    terminates \true;
    assigns policy->indexed, policy->type_place[0 .. TYPE_PLACES - 1]; */
/* Lists some more of a valid image's types by name, which symbol_find() needs. True: it was the
 * last. */
bool types_index(struct policy *policy);

/*@ requires readable(policy) && counted(policy);
    terminates \true;
    assigns \nothing;
    ensures known: \result == 1 ==> 0 < value <= policy->count[SYMBOL_TYPE]; */
/* Is it a value of a type, and not of an attribute? */
bool is_type(const struct policy *policy, uint32_t value);

/*@ requires readable(policy) && counted(policy) && kind < SYMBOL_KINDS;
    terminates \true;
    assigns \nothing; */
/* What follows the name: the bitmaps of a role's dominated roles and its types, of a user's roles.
 */
uint32_t symbol_end(const struct policy *policy, enum symbol_kind kind, uint32_t value);

/*@ requires readable(policy) && counted(policy);
    terminates \true;
    assigns \nothing;
    ensures known: \result == 1 ==> context_known(policy, context); */
bool context_valid(const struct policy *policy, struct context context);

/*@ requires readable(policy) && counted(policy) && \valid(out);
    requires length < CONTEXT_MAX ==> \valid_read(text + (0 .. length - 1));
    requires \separated(out, policy, policy->bytes + (0 .. policy->size - 1),
        text + (0 .. length - 1));
    terminates \true;
    assigns *out;
    ensures known: \result == 1 ==> context_known(policy, *out); */
/* user:role:type by name. False if it is not a valid context. */
bool context_parse(const struct policy *policy, const char *text, size_t length,
                   struct context *out);

/*@ requires readable(policy) && counted(policy) && \valid(buffer + (0 .. size - 1));
    requires \separated(buffer + (0 .. size - 1), policy,
        policy->bytes + (0 .. policy->size - 1));
    terminates \true;
    assigns buffer[0 .. size - 1];
    ensures bounded: \result <= size; */
/* Writes the names and a NUL; returns the bytes written, or 0 if they do not fit. */
size_t context_write(const struct policy *policy, struct context context, char *buffer,
                     size_t size);

/*@ requires readable(policy) && 0 < class <= POLICY_CLASSES_MAX;
    terminates \true;
    assigns \nothing; */
/* Permission bits of a class of the image (by value) as ours; unknown ones are dropped. */
uint32_t permissions_to_ours(const struct policy *policy, uint32_t class, uint32_t bits);

/*@ terminates \true;
    assigns \nothing; */
static inline uint64_t rule_key(uint32_t source, uint32_t target, uint32_t class, uint32_t kind) {
    return (uint64_t)source << 48 | (uint64_t)target << 32 | (uint64_t) class << 16 | kind;
}

/*@ requires readable(policy);
    terminates \true;
    assigns \nothing; */
struct rule rule_at(const struct policy *policy, uint32_t at);

/*@ requires readable(policy);
    terminates \true;
    assigns \nothing; */
/* Unconditional rule number `index` (from 0), in sorted order. */
struct rule rule_number(const struct policy *policy, uint32_t index);

/*@ requires readable(policy);
    terminates \true;
    assigns \nothing;
    ensures bounded: \result <= policy->rules.count; */
/* Index of the first unconditional rule whose key is not below `key`. */
uint32_t rules_lower_bound(const struct policy *policy, uint64_t key);

/*@ requires readable(policy);
    terminates \true;
    assigns \nothing; */
/* Type of the unconditional type rule with this key, or 0. */
uint32_t rules_find(const struct policy *policy, uint64_t key);

#endif
