/* SPDX-License-Identifier: Apache-2.0 */
/* Finds symbols of an image by value and by name, and checks the references between tables once all
 * of them are known. */
#include "xsm/symbols.h"

#include "xsm/bitmap.h"
#include "xsm/constraints.h"

#define CLASS_HEAD 24u
#define ROLE_HEAD 12u
#define TYPE_HEAD 16u
#define USER_HEAD 12u
#define BOOLEAN_HEAD 12u

struct name symbol_name(uint32_t slot, enum symbol_kind kind, uint32_t value) {
    struct name name = {0, 0};
    uint32_t at = 0;

    if (value == 0 || value > policy_index[slot].count[kind]) return name;
    switch (kind) {
    case SYMBOL_CLASS:
        at = policy_index[slot].class[value - 1].at;
        name.at = at + CLASS_HEAD;
        break;
    case SYMBOL_ROLE:
        at = policy_index[slot].role_at[value - 1];
        name.at = at + ROLE_HEAD;
        break;
    case SYMBOL_TYPE:
        at = policy_index[slot].type_at[value - 1];
        name.at = at + TYPE_HEAD;
        break;
    case SYMBOL_USER:
        at = policy_index[slot].user_at[value - 1];
        name.at = at + USER_HEAD;
        break;
    case SYMBOL_BOOLEAN:
        at = policy_index[slot].boolean_at[value - 1];
        name.at = at + BOOLEAN_HEAD;
        break;
    case SYMBOL_KINDS: break;
    }
    if (at != 0) name.length = image_u32(slot, kind == SYMBOL_BOOLEAN ? at + 8 : at);
    return name;
}

static bool name_is(uint32_t slot, struct name name, const char *text, size_t length) {
    if (name.length != length || length == 0) return false;
    for (uint32_t i = 0; i < name.length; i++)
        if (image_u8(slot, name.at + i) != (uint8_t)text[i]) return false;
    return true;
}

/* Walks the table itself, because aliases have no value of their own. */
static uint32_t find_type(uint32_t slot, const char *text, size_t length) {
    uint32_t at = policy_index[slot].type_symbols_at;

    for (uint32_t i = 0; i < policy_index[slot].type_symbols; i++) {
        struct name name = {at + TYPE_HEAD, image_u32(slot, at)};
        if (name_is(slot, name, text, length)) return image_u32(slot, at + 4);
        at = name.at + name.length;
    }
    return 0;
}

uint32_t symbol_find(uint32_t slot, enum symbol_kind kind, const char *text, size_t length) {
    if (kind == SYMBOL_TYPE) return find_type(slot, text, length);
    for (uint32_t value = 1; value <= policy_index[slot].count[kind]; value++)
        if (name_is(slot, symbol_name(slot, kind, value), text, length)) return value;
    return 0;
}

bool symbol_is_attribute(uint32_t slot, uint32_t type) {
    if (type == 0 || type > policy_index[slot].count[SYMBOL_TYPE]) return false;
    return (image_u32(slot, policy_index[slot].type_at[type - 1] + 8) & 2) != 0;
}

uint32_t role_dominates_at(uint32_t slot, uint32_t role) {
    struct name name = symbol_name(slot, SYMBOL_ROLE, role);
    return name.at + name.length;
}

uint32_t role_types_at(uint32_t slot, uint32_t role) {
    uint32_t at = role_dominates_at(slot, role);
    return at + bitmap_bytes(slot, at);
}

uint32_t user_roles_at(uint32_t slot, uint32_t user) {
    struct name name = symbol_name(slot, SYMBOL_USER, user);
    return name.at + name.length;
}

/* Types of a role must not be attributes: a context is checked against types alone. */
static enum policy_check link_role_types(uint32_t slot, uint32_t types_at) {
    uint32_t type = bitmap_next(slot, types_at, 0);

    while (type < TYPES_MAX) {
        if (symbol_is_attribute(slot, type + 1)) return CHECK_NOT_A_TYPE;
        type = bitmap_next(slot, types_at, type + 1);
    }
    return CHECK_PASSED;
}

static enum policy_check link_role(struct cursor *cursor, uint32_t role) {
    uint32_t slot = cursor->slot;

    cursor->at = role_dominates_at(slot, role);
    enum policy_check check = take_bitmap(cursor, policy_index[slot].count[SYMBOL_ROLE]);
    if (check == CHECK_PASSED) check = take_bitmap(cursor, policy_index[slot].count[SYMBOL_TYPE]);
    return check == CHECK_PASSED ? link_role_types(slot, role_types_at(slot, role)) : check;
}

/* The next entry of the type table: an alias must stand for a type. */
static enum policy_check link_type(struct cursor *cursor) {
    uint32_t head[4] = {0, 0, 0, 0};
    enum policy_check check = take_words(cursor, 4, head);
    if (check != CHECK_PASSED) return check;
    bool of_type = head[1] > 0 && head[1] <= policy_index[cursor->slot].count[SYMBOL_TYPE] &&
                   !symbol_is_attribute(cursor->slot, head[1]);
    if (head[2] == 0 && !of_type) return CHECK_TYPE_KIND;
    return skip_bytes(cursor, head[0]);
}

static enum policy_check link_class(struct cursor *cursor, uint32_t class) {
    enum policy_check check = CHECK_PASSED;

    cursor->at = policy_index[cursor->slot].class[class - 1].constraints_at;
    for (uint32_t i = 0; i < policy_index[cursor->slot].class[class - 1].constraints; i++) {
        check = constraint_read(cursor, class - 1);
        if (check != CHECK_PASSED) return check;
    }
    return check;
}

enum policy_check symbols_link(struct cursor *cursor, enum symbol_kind kind, uint32_t number) {
    enum policy_check check = CHECK_PASSED;

    switch (kind) {
    case SYMBOL_CLASS: check = link_class(cursor, number); break;
    case SYMBOL_ROLE: check = link_role(cursor, number); break;
    case SYMBOL_TYPE:
        if (number == 1) cursor->at = policy_index[cursor->slot].type_symbols_at;
        check = link_type(cursor);
        break;
    case SYMBOL_USER:
    case SYMBOL_BOOLEAN:
    case SYMBOL_KINDS: break;
    }
    return check;
}
