/* SPDX-License-Identifier: Apache-2.0 */
/* Reads symbol tables. Every value is defined once and none is missing, so that whatever refers to
 * a value within the count finds its symbol; every name is defined once per table. */
#include "xsm/constraints.h"
#include "xsm/symbols.h"
#include "xsm/vocabulary_names.h"

#define NAME_SET                                                                                   \
    16384u /* more than all symbols of an image, so that a free place is always met                \
            */
#define PERMISSION_HEAD 8u
#define PROPERTY_PRIMARY 1u
#define PROPERTY_ATTRIBUTE 2u

static struct name name_set[NAME_SET];
static uint32_t names_seen;

void symbols_begin(void) {
    for (uint32_t i = 0; i < NAME_SET; i++) name_set[i].length = 0;
    names_seen = 0;
}

static bool same_names(uint32_t slot, struct name a, struct name b) {
    if (a.length != b.length) return false;
    for (uint32_t i = 0; i < a.length; i++)
        if (image_u8(slot, a.at + i) != image_u8(slot, b.at + i)) return false;
    return true;
}

/* Names of earlier tables lie below `table` and do not count. */
static enum policy_check remember_name(uint32_t slot, struct name name, uint32_t table) {
    uint32_t hash = 2166136261u;

    if (names_seen >= NAME_SET - 1) return CHECK_COUNT;
    for (uint32_t i = 0; i < name.length; i++)
        hash = (hash ^ image_u8(slot, name.at + i)) * 16777619u;
    for (uint32_t i = 0; i < NAME_SET; i++) {
        uint32_t place = (hash + i) % NAME_SET;
        if (name_set[place].length == 0) {
            name_set[place] = name;
            names_seen++;
            return CHECK_PASSED;
        }
        if (name_set[place].at >= table && same_names(slot, name_set[place], name))
            return CHECK_DUPLICATE_NAME;
    }
    return CHECK_COUNT;
}

/* Reads the name that is next and remembers it. */
static enum policy_check read_name(struct cursor *cursor, uint32_t length, uint32_t maximum,
                                   uint32_t table) {
    struct name name = {cursor->at, length};
    enum policy_check check = take_name(cursor, length, maximum);
    return check == CHECK_PASSED ? remember_name(cursor->slot, name, table) : check;
}

/* Offset 0 is the header's, so that 0 means: not yet defined. */
static enum policy_check define_at(uint32_t *place, uint32_t at) {
    if (*place != 0) return CHECK_VALUE;
    *place = at;
    return CHECK_PASSED;
}

/* Notes where the symbol of `value` is. */
static enum policy_check define(uint32_t slot, enum symbol_kind kind, uint32_t value, uint32_t at) {
    enum policy_check check = CHECK_VALUE;

    if (value == 0 || value > policy_index[slot].count[kind]) return CHECK_VALUE;
    switch (kind) {
    case SYMBOL_CLASS: check = define_at(&policy_index[slot].class[value - 1].at, at); break;
    case SYMBOL_ROLE: check = define_at(&policy_index[slot].role_at[value - 1], at); break;
    case SYMBOL_TYPE: check = define_at(&policy_index[slot].type_at[value - 1], at); break;
    case SYMBOL_USER: check = define_at(&policy_index[slot].user_at[value - 1], at); break;
    case SYMBOL_BOOLEAN: check = define_at(&policy_index[slot].boolean_at[value - 1], at); break;
    case SYMBOL_KINDS: break;
    }
    return check;
}

/* Has an earlier permission, of those from `first` on, this name? */
static bool permission_repeats(uint32_t slot, uint32_t first, struct name name) {
    uint32_t at = first;

    for (uint32_t i = 0; i < PERMISSIONS_PER_CLASS && at + PERMISSION_HEAD < name.at; i++) {
        struct name earlier = {at + PERMISSION_HEAD, image_u32(slot, at)};
        if (same_names(slot, earlier, name)) return true;
        at = earlier.at + earlier.length;
    }
    return false;
}

/* One permission of a class: {length, value, name}. */
static enum policy_check read_permission(struct cursor *cursor, uint32_t class, uint32_t first) {
    uint32_t head[2] = {0, 0};
    enum policy_check check = take_words(cursor, 2, head);
    if (check != CHECK_PASSED) return check;
    if (head[1] == 0 || head[1] > PERMISSIONS_PER_CLASS) return CHECK_VALUE;
    if (policy_index[cursor->slot].class[class].defined >> (head[1] - 1) & 1) return CHECK_VALUE;
    struct name name = {cursor->at, head[0]};
    check = take_name(cursor, head[0], NAME_MAX_OTHER);
    if (check != CHECK_PASSED) return check;
    if (permission_repeats(cursor->slot, first, name)) return CHECK_DUPLICATE_NAME;

    uint8_t ours = policy_index[cursor->slot].class[class].ours;
    policy_index[cursor->slot].class[class].defined |= 1u << (head[1] - 1);
    policy_index[cursor->slot].class[class].bit[head[1] - 1] =
        ours == NO_CLASS ? NO_BIT
                         : vocabulary_bit(ours, &policy_bytes[cursor->slot][name.at], name.length);
    return CHECK_PASSED;
}

static enum policy_check read_permissions(struct cursor *cursor, uint32_t class, uint32_t count) {
    uint32_t first = cursor->at;

    for (uint32_t i = 0; i < PERMISSIONS_PER_CLASS; i++)
        policy_index[cursor->slot].class[class].bit[i] = NO_BIT;
    policy_index[cursor->slot].class[class].defined = 0;
    for (uint32_t i = 0; i < count; i++) {
        enum policy_check check = read_permission(cursor, class, first);
        if (check != CHECK_PASSED) return check;
    }
    /* Values are distinct, so that the highest is the count if none is missing. */
    uint32_t all = count < 32 ? (1u << count) - 1 : UINT32_MAX;
    return policy_index[cursor->slot].class[class].defined == all ? CHECK_PASSED : CHECK_HOLES;
}

/* What follows the permissions: constraints, validatetrans rules, defaults. */
static enum policy_check read_class_rules(struct cursor *cursor, uint32_t class, uint32_t count) {
    enum policy_check check;

    policy_index[cursor->slot].class[class].constraints = count;
    policy_index[cursor->slot].class[class].constraints_at = cursor->at;
    for (uint32_t i = 0; i < count; i++) {
        check = constraint_read(cursor, class);
        if (check != CHECK_PASSED) return check;
    }
    check = take_zero(cursor, CHECK_VALIDATE_TRANSITION);
    for (uint32_t i = 0; i < 4 && check == CHECK_PASSED; i++)
        check = take_zero(cursor, CHECK_DEFAULTS);
    return check;
}

static enum policy_check read_class(struct cursor *cursor, uint32_t table) {
    uint32_t at = cursor->at;
    /* length, length of common, value, permissions: highest and number, constraints */
    uint32_t head[6] = {0, 0, 0, 0, 0, 0};
    enum policy_check check = take_words(cursor, 6, head);
    if (check != CHECK_PASSED) return check;
    if (head[1] != 0) return CHECK_COMMON;
    if (head[3] != head[4]) return CHECK_HOLES;
    if (head[4] > PERMISSIONS_PER_CLASS || head[5] > CONSTRAINTS_PER_CLASS) return CHECK_COUNT;
    uint32_t name_at = cursor->at;
    check = read_name(cursor, head[0], NAME_MAX_OTHER, table);
    if (check == CHECK_PASSED) check = define(cursor->slot, SYMBOL_CLASS, head[2], at);
    if (check != CHECK_PASSED) return check;

    uint8_t ours = vocabulary_class(&policy_bytes[cursor->slot][name_at], head[0]);
    policy_index[cursor->slot].class[head[2] - 1].ours = ours;
    if (ours != NO_CLASS) policy_index[cursor->slot].class_of_ours[ours] = (uint8_t)head[2];
    check = read_permissions(cursor, head[2] - 1, head[4]);
    return check == CHECK_PASSED ? read_class_rules(cursor, head[2] - 1, head[5]) : check;
}

/* Roles and users begin alike: {length, value, bounds, name}. */
static enum policy_check read_bounded(struct cursor *cursor, enum symbol_kind kind,
                                      uint32_t table) {
    uint32_t at = cursor->at;
    uint32_t head[3] = {0, 0, 0};
    enum policy_check check = take_words(cursor, 3, head);
    if (check != CHECK_PASSED) return check;
    if (head[2] != 0) return CHECK_BOUNDS;
    check = read_name(cursor, head[0], NAME_MAX_OTHER, table);
    return check == CHECK_PASSED ? define(cursor->slot, kind, head[1], at) : check;
}

/* After the name. The counts are upper limits until their tables were read; linking looks again. */
static enum policy_check read_role_sets(struct cursor *cursor) {
    enum policy_check check = take_bitmap(cursor, policy_index[cursor->slot].count[SYMBOL_ROLE]);
    if (check != CHECK_PASSED) return check;
    return take_bitmap(cursor, policy_index[cursor->slot].count[SYMBOL_TYPE]);
}

static enum policy_check read_user_sets(struct cursor *cursor) {
    enum policy_check check = take_bitmap(cursor, policy_index[cursor->slot].count[SYMBOL_ROLE]);
    if (check == CHECK_PASSED) check = take_range(cursor);
    return check == CHECK_PASSED ? take_level(cursor) : check;
}

/* The author's version: digits after the prefix, at most nine, none of them a leading zero. */
static enum policy_check read_author_version(uint32_t slot, struct name name, uint32_t property) {
    static const char prefix[] = "policy_version_";
    uint32_t version = 0;

    for (uint32_t i = 0; i < sizeof prefix - 1; i++)
        if (i >= name.length || image_u8(slot, name.at + i) != (uint8_t)prefix[i])
            return CHECK_PASSED;
    uint32_t digits_at = name.at + (uint32_t)sizeof prefix - 1;
    uint32_t digits = name.length - ((uint32_t)sizeof prefix - 1);
    if (property != PROPERTY_PRIMARY || policy_index[slot].author_version != 0)
        return CHECK_AUTHOR_VERSION;
    if (digits == 0 || digits > 9 || image_u8(slot, digits_at) == '0') return CHECK_AUTHOR_VERSION;
    for (uint32_t i = 0; i < digits; i++) {
        uint8_t byte = image_u8(slot, digits_at + i);
        if (byte < '0' || byte > '9') return CHECK_AUTHOR_VERSION;
        version = version * 10 + (byte - '0');
    }
    policy_index[slot].author_version = version;
    return CHECK_PASSED;
}

static enum policy_check read_type(struct cursor *cursor, uint32_t table) {
    uint32_t at = cursor->at;
    uint32_t head[4] = {0, 0, 0, 0}; /* length, value, property, bounds */
    enum policy_check check = take_words(cursor, 4, head);
    if (check != CHECK_PASSED) return check;
    if (head[3] != 0) return CHECK_BOUNDS;
    if (head[2] > (PROPERTY_PRIMARY | PROPERTY_ATTRIBUTE) || head[2] == PROPERTY_ATTRIBUTE)
        return CHECK_TYPE_KIND;
    struct name name = {cursor->at, head[0]};
    check = read_name(cursor, head[0], NAME_MAX_TYPE, table);
    if (check == CHECK_PASSED) check = read_author_version(cursor->slot, name, head[2]);
    if (check == CHECK_PASSED && head[2] != 0)
        check = define(cursor->slot, SYMBOL_TYPE, head[1], at);
    return check;
}

static enum policy_check read_boolean(struct cursor *cursor, uint32_t table) {
    uint32_t at = cursor->at;
    uint32_t head[3] = {0, 0, 0}; /* value, state, length */
    enum policy_check check = take_words(cursor, 3, head);
    if (check != CHECK_PASSED) return check;
    if (head[1] > 1) return CHECK_STATE;
    check = read_name(cursor, head[2], NAME_MAX_OTHER, table);
    return check == CHECK_PASSED ? define(cursor->slot, SYMBOL_BOOLEAN, head[0], at) : check;
}

enum policy_check symbols_read(struct cursor *cursor, enum symbol_kind kind, uint32_t table) {
    enum policy_check check = CHECK_VALUE;

    switch (kind) {
    case SYMBOL_CLASS: check = read_class(cursor, table); break;
    case SYMBOL_ROLE:
        check = read_bounded(cursor, kind, table);
        if (check == CHECK_PASSED) check = read_role_sets(cursor);
        break;
    case SYMBOL_TYPE: check = read_type(cursor, table); break;
    case SYMBOL_USER:
        check = read_bounded(cursor, kind, table);
        if (check == CHECK_PASSED) check = read_user_sets(cursor);
        break;
    case SYMBOL_BOOLEAN: check = read_boolean(cursor, table); break;
    case SYMBOL_KINDS: break;
    }
    return check;
}

enum policy_check symbols_complete(uint32_t slot, enum symbol_kind kind) {
    for (uint32_t value = 1; value <= policy_index[slot].count[kind]; value++)
        if (symbol_name(slot, kind, value).length == 0) return CHECK_HOLES;
    return CHECK_PASSED;
}
