/* SPDX-License-Identifier: Apache-2.0 */
/* Contexts of an image in force. */
#include "xsm/contexts.h"

#include "xsm/bitmap.h"
#include "xsm/rules.h"
#include "xsm/symbols.h"

#define ROLE_TRANSITION_BYTES 16u
#define ROLE_ALLOW_BYTES 8u

bool context_valid(uint32_t slot, struct context context) {
    if (context.user == 0 || context.user > policy_index[slot].count[SYMBOL_USER]) return false;
    if (context.role == 0 || context.role > policy_index[slot].count[SYMBOL_ROLE]) return false;
    if (context.type == 0 || context.type > policy_index[slot].count[SYMBOL_TYPE]) return false;
    if (symbol_is_attribute(slot, context.type)) return false;
    if (context.role == OBJECT_ROLE) return true;
    return bitmap_has(slot, role_types_at(slot, context.role), context.type - 1u) &&
           bitmap_has(slot, user_roles_at(slot, context.user), context.role - 1u);
}

/* Bytes before the next colon, or all. */
static size_t part_length(const char *text, size_t length) {
    size_t i = 0;

    while (i < length && text[i] != ':') i++;
    return i;
}

bool context_parse(uint32_t slot, const char *text, size_t length, struct context *out) {
    if (length >= CONTEXT_MAX) return false;
    size_t user = part_length(text, length);
    if (user == length) return false;
    size_t role_at = user + 1;
    size_t role = part_length(text + role_at, length - role_at);
    if (role == length - role_at) return false;
    size_t type_at = role_at + role + 1;

    out->user = (uint16_t)symbol_find(slot, SYMBOL_USER, text, user);
    out->role = (uint16_t)symbol_find(slot, SYMBOL_ROLE, text + role_at, role);
    out->type = (uint16_t)symbol_find(slot, SYMBOL_TYPE, text + type_at, length - type_at);
    return context_valid(slot, *out);
}

/* Appends a name and the byte that ends it; 0 if there is no room. */
static size_t append(uint32_t slot, struct name name, char end, char *buffer, size_t size,
                     size_t used) {
    if (name.length == 0 || size - used < (size_t)name.length + 1) return 0;
    for (uint32_t i = 0; i < name.length; i++) buffer[used + i] = (char)image_u8(slot, name.at + i);
    buffer[used + name.length] = end;
    return used + name.length + 1;
}

size_t context_write(uint32_t slot, struct context context, char *buffer, size_t size) {
    size_t used = append(slot, symbol_name(slot, SYMBOL_USER, context.user), ':', buffer, size, 0);
    if (used == 0) return 0;
    used = append(slot, symbol_name(slot, SYMBOL_ROLE, context.role), ':', buffer, size, used);
    if (used == 0) return 0;
    return append(slot, symbol_name(slot, SYMBOL_TYPE, context.type), 0, buffer, size, used);
}

bool context_translate(uint32_t from, uint32_t to, struct context context, struct context *out) {
    char text[CONTEXT_MAX];
    size_t length = context_write(from, context, text, sizeof text);

    return length > 0 && context_parse(to, text, length - 1, out);
}

static uint32_t derived_type(uint32_t slot, const struct condition_states *states,
                             struct context source, struct context target, uint32_t class) {
    uint32_t type = 0;

    if (class == 0) return 0;
    type = rules_find(slot, source.type, target.type, class, RULE_TRANSITION);
    if (type == 0)
        type = conditionals_find(slot, states, source.type, target.type, class, RULE_TRANSITION);
    return type;
}

/* First role_transition of this role on this type, or the role itself. */
static uint32_t derived_role(uint32_t slot, uint32_t role, uint32_t type) {
    for (uint32_t i = 0; i < policy_index[slot].role_transitions; i++) {
        uint32_t at = policy_index[slot].role_transitions_at + i * ROLE_TRANSITION_BYTES;
        if (image_u32(slot, at) == role && image_u32(slot, at + 4) == type)
            return image_u32(slot, at + 8);
    }
    return role;
}

bool context_derive(uint32_t slot, const struct condition_states *states, struct context source,
                    struct context target, enum xsm_class class, struct context *out) {
    bool of_domain = class == CLASS_domain;
    uint32_t theirs = class < CLASS_COUNT ? policy_index[slot].class_of_ours[class] : 0;
    uint32_t type = derived_type(slot, states, source, target, theirs);

    out->user = source.user;
    out->role = of_domain ? (uint16_t)derived_role(slot, source.role, target.type) : OBJECT_ROLE;
    out->type = of_domain ? source.type : target.type;
    if (type != 0) out->type = (uint16_t)type;
    return context_valid(slot, *out);
}

bool context_has_self(uint32_t slot, const struct condition_states *states,
                      struct context context) {
    struct context self;
    uint32_t theirs = policy_index[slot].class_of_ours[CLASS_domain];
    uint32_t type = derived_type(slot, states, context, context, theirs);

    if (context.role == OBJECT_ROLE || type == 0 || type == context.type) return false;
    return context_derive(slot, states, context, context, CLASS_domain, &self);
}

bool role_allowed(uint32_t slot, uint32_t from, uint32_t to) {
    for (uint32_t i = 0; i < policy_index[slot].role_allows; i++) {
        uint32_t at = policy_index[slot].role_allows_at + i * ROLE_ALLOW_BYTES;
        if (image_u32(slot, at) == from && image_u32(slot, at + 4) == to) return true;
    }
    return false;
}
