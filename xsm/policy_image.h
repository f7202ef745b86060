/* SPDX-License-Identifier: Apache-2.0 */
/* The two resident policy images and, for each, where its parts are. One image is in force while
 * the other is loaded. Readers are total: an offset outside the buffer reads as zero, so that
 * memory safety rests on no invariant over the image's content. */
#ifndef CORDON_XSM_POLICY_IMAGE_H
#define CORDON_XSM_POLICY_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "xsm/vocabulary_names.h"
#include "xsm/xsm.h"

#define IMAGE_SLOTS 2u

#define POLICY_CLASSES_MAX 64u
#define ROLES_MAX 256u
#define USERS_MAX 256u
#define TYPES_MAX 8192u         /* types and attributes */
#define TYPE_SYMBOLS_MAX 12288u /* aliases included */
#define CONDITIONALS_MAX 256u
#define CONDITIONAL_RULES_MAX 16384u
#define CONDITIONAL_TYPE_RULES_MAX 256u
#define PERMISSIONS_PER_CLASS 32u

#define OBJECT_ROLE 1u /* object_r: in a context it goes with every user and type */

enum symbol_kind {
    SYMBOL_CLASS,
    SYMBOL_ROLE,
    SYMBOL_TYPE,
    SYMBOL_USER,
    SYMBOL_BOOLEAN,
    SYMBOL_KINDS
};

/* Values start at 1; 0 stands for none. */
struct context {
    uint16_t user;
    uint16_t role;
    uint16_t type;
};

struct policy_class {
    uint32_t at;          /* symbol entry */
    uint32_t defined;     /* permission bits that the image defines */
    uint32_t constraints; /* number */
    uint32_t constraints_at;
    uint8_t ours;                       /* enum xsm_class, or NO_CLASS */
    uint8_t bit[PERMISSIONS_PER_CLASS]; /* our bit number of each bit of the image, or NO_BIT */
};

struct policy_conditional {
    uint32_t expression, expression_at; /* nodes of 8 bytes */
    uint32_t when_true, when_true_at;   /* rules of 12 bytes */
    uint32_t when_false, when_false_at;
};

struct policy_type_rule {
    uint32_t at; /* the rule */
    uint16_t conditional;
    bool when; /* the state of the conditional that enables it */
};

/* What the validation of an image leaves behind. */
struct policy_index {
    uint32_t size;
    bool refuse_lacking; /* the image asks to be refused if it lacks a permission of ours */
    uint32_t author_version;
    uint32_t count[SYMBOL_KINDS]; /* highest value of each kind */
    uint32_t type_symbols, type_symbols_at;
    struct policy_class class[POLICY_CLASSES_MAX];
    uint32_t role_at[ROLES_MAX];
    uint32_t type_at[TYPES_MAX];
    uint32_t user_at[USERS_MAX];
    uint32_t boolean_at[BOOLEANS_MAX];
    uint32_t attributes_at[TYPES_MAX];  /* bitmap of each type's attributes */
    uint8_t class_of_ours[CLASS_COUNT]; /* class value in the image, 0 if it lacks ours */
    uint32_t rules, rules_at;
    uint32_t conditionals, conditional_rules, conditionals_at;
    struct policy_conditional conditional[CONDITIONALS_MAX];
    uint32_t conditional_type_rules;
    struct policy_type_rule conditional_type_rule[CONDITIONAL_TYPE_RULES_MAX];
    uint32_t role_transitions, role_transitions_at;
    uint32_t role_allows, role_allows_at;
    struct context initial[LABEL_INITIAL_COUNT];
};

extern uint8_t policy_bytes[IMAGE_SLOTS][POLICY_IMAGE_MAX];
extern struct policy_index policy_index[IMAGE_SLOTS];

/*@ requires slot < IMAGE_SLOTS;
    terminates \true;
    assigns \nothing; */
static inline uint8_t image_u8(uint32_t slot, uint32_t at) {
    return at < POLICY_IMAGE_MAX ? policy_bytes[slot][at] : 0;
}

/*@ requires slot < IMAGE_SLOTS;
    terminates \true;
    assigns \nothing; */
static inline uint16_t image_u16(uint32_t slot, uint32_t at) {
    if (at > POLICY_IMAGE_MAX - 2) return 0;
    return (uint16_t)(policy_bytes[slot][at] + 0x100u * policy_bytes[slot][at + 1]);
}

/*@ requires slot < IMAGE_SLOTS;
    terminates \true;
    assigns \nothing; */
static inline uint32_t image_u32(uint32_t slot, uint32_t at) {
    if (at > POLICY_IMAGE_MAX - 4) return 0;
    return (uint32_t)policy_bytes[slot][at] | (uint32_t)policy_bytes[slot][at + 1] << 8 |
           (uint32_t)policy_bytes[slot][at + 2] << 16 | (uint32_t)policy_bytes[slot][at + 3] << 24;
}

/*@ requires slot < IMAGE_SLOTS;
    terminates \true;
    assigns \nothing; */
static inline uint64_t image_u64(uint32_t slot, uint32_t at) {
    if (at > POLICY_IMAGE_MAX - 8) return 0;
    return (uint64_t)image_u32(slot, at) | (uint64_t)image_u32(slot, at + 4) << 32;
}

#endif
