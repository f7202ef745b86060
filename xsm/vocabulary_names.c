/* SPDX-License-Identifier: Apache-2.0 */
/* Names come from the one list in xsm/vocabulary.h. */
#include "xsm/policy.h"

#define VOCABULARY_NAME_MAX 24u

/* clang-format off */
static const char class_name[CLASS_COUNT][VOCABULARY_NAME_MAX] = {
#define CLASS(name) #name,
#define PERM(class, name)
    XSM_VOCABULARY(CLASS, PERM)
#undef CLASS
#undef PERM
};

static const struct { char name[VOCABULARY_NAME_MAX]; uint8_t class, bit; } permissions[ORDINAL_COUNT] = {
#define CLASS(name)
#define PERM(class, name) \
    {#name, CLASS_##class, (uint8_t)(ORDINAL_##class##_##name - ORDINAL_FIRST_##class)},
    XSM_VOCABULARY(CLASS, PERM)
#undef CLASS
#undef PERM
};
/* clang-format on */

/*@ requires \valid_read(ours + (0 .. VOCABULARY_NAME_MAX - 1));
    requires \valid_read(name + (0 .. length - 1));
    terminates \true;
    assigns \nothing; */
static bool same_name(const char ours[VOCABULARY_NAME_MAX], const uint8_t *name, uint32_t length) {
    if (length >= VOCABULARY_NAME_MAX || ours[length] != 0) return false;
    /*@ loop invariant 0 <= i <= length;
        loop assigns i;
        loop variant length - i; */
    for (uint32_t i = 0; i < length; i++)
        if ((uint8_t)ours[i] != name[i]) return false;
    return true;
}

uint8_t vocabulary_class(const uint8_t *name, uint32_t length) {
    /*@ loop invariant 0 <= i <= CLASS_COUNT;
        loop assigns i;
        loop variant CLASS_COUNT - i; */
    for (uint32_t i = 0; i < CLASS_COUNT; i++)
        if (same_name(class_name[i], name, length)) return (uint8_t)i;
    return NO_CLASS;
}

uint8_t vocabulary_bit(uint32_t class, const uint8_t *name, uint32_t length) {
    /*@ loop invariant 0 <= i <= ORDINAL_COUNT;
        loop assigns i;
        loop variant ORDINAL_COUNT - i; */
    for (uint32_t i = 0; i < ORDINAL_COUNT; i++)
        if (permissions[i].class == class && same_name(permissions[i].name, name, length))
            return permissions[i].bit % 32u;
    return NO_BIT;
}
