/* SPDX-License-Identifier: Apache-2.0 */
/* Looks into an image. What it finds was validated; it stays in bounds even if it had not been. */
#include "xsm/policy.h"

#define BITMAP_HEAD 12u /* unit, end, nodes */
#define BITMAP_NODE 12u /* {start, 64 bits} in rising order */
#define BITMAP_NODES_MAX (TYPES_MAX / 64u)
#define INDEXED_PER_CALL 64u

static const struct symbol_layout layouts[SYMBOL_KINDS] = {
    [SYMBOL_CLASS] = {6, 0, 2, 0, POLICY_CLASSES_MAX, 63},
    [SYMBOL_ROLE] = {3, 0, 1, POLICY_CLASSES_MAX, ROLES_MAX, 63},
    [SYMBOL_TYPE] = {4, 0, 1, SYMBOLS_MAX - TYPES_MAX, TYPES_MAX, 127},
    [SYMBOL_USER] = {3, 0, 1, POLICY_CLASSES_MAX + ROLES_MAX, USERS_MAX, 63},
    [SYMBOL_BOOLEAN] = {3, 2, 0, POLICY_CLASSES_MAX + ROLES_MAX + USERS_MAX, BOOLEANS_MAX, 63},
};

struct symbol_layout symbol_layout(enum symbol_kind kind) {
    return layouts[kind];
}

/*@ requires readable(policy);
    terminates \true;
    assigns \nothing;
    ensures bounded: \result <= BITMAP_NODES_MAX; */
static uint32_t bitmap_nodes(const struct policy *policy, uint32_t at) {
    uint32_t nodes = image_u32(policy, at + 8);

    return nodes < BITMAP_NODES_MAX ? nodes : BITMAP_NODES_MAX;
}

uint32_t bitmap_bytes(const struct policy *policy, uint32_t at) {
    return BITMAP_HEAD + bitmap_nodes(policy, at) * BITMAP_NODE;
}

uint32_t bitmap_next(const struct policy *policy, uint32_t at, uint32_t from) {
    uint32_t nodes = bitmap_nodes(policy, at);

    /*@ loop invariant 0 <= i <= nodes;
        loop assigns i;
        loop variant nodes - i; */
    for (uint32_t i = 0; i < nodes; i++) {
        uint32_t bit = image_u32(policy, at + BITMAP_HEAD + i * BITMAP_NODE);
        uint64_t map = image_u64(policy, at + BITMAP_HEAD + i * BITMAP_NODE + 4);
        if (bit >= TYPES_MAX) return BITMAP_END;
        if (from > bit) {
            map = from - bit < 64 ? map >> (from - bit) : 0;
            bit = from;
        }
        if (map == 0) continue;
        uint32_t end = bit + 64;
        /*@ loop invariant \at(bit, LoopEntry) <= bit <= end;
            loop assigns bit, map;
            loop variant end - bit; */
        for (; bit < end && map % 2 == 0; map /= 2) bit++;
        return bit;
    }
    return BITMAP_END;
}

bool bitmap_has(const struct policy *policy, uint32_t at, uint32_t bit) {
    return bitmap_next(policy, at, bit) == bit;
}

bool bytes_equal(const uint8_t *a, uint32_t a_length, const uint8_t *b, uint32_t b_length) {
    if (a_length != b_length) return false;
    /*@ loop invariant 0 <= i <= a_length;
        loop invariant equal: \forall integer j; 0 <= j < i ==> a[j] == b[j];
        loop assigns i;
        loop variant a_length - i; */
    for (uint32_t i = 0; i < a_length; i++)
        if (a[i] != b[i]) return false;
    return true;
}

/*@ requires readable(policy) && kind < SYMBOL_KINDS;
    terminates \true;
    assigns \nothing;
    ensures within: within(policy, \result.at, \result.length); */
static struct name name_at(const struct policy *policy, enum symbol_kind kind, uint32_t at) {
    struct name name = {at + 4 * layouts[kind].words,
                        image_u32(policy, at + 4 * layouts[kind].length)};

    return image_has(policy, name.at, name.length) ? name : (struct name){0, 0};
}

struct name symbol_name(const struct policy *policy, enum symbol_kind kind, uint32_t value) {
    struct name none = {0, 0};

    if (value == 0 || value > policy->count[kind]) return none;
    uint32_t at = policy->symbol_at[layouts[kind].first + value - 1];
    return at == 0 ? none : name_at(policy, kind, at);
}

/*@ requires \valid_read(text + (0 .. length - 1));
    terminates \true;
    assigns \nothing;
    ensures place: \result < TYPE_PLACES; */
static uint32_t place_of(const uint8_t *text, uint32_t length) {
    uint32_t hash = 2166136261u;

    /*@ loop invariant 0 <= i <= length;
        loop assigns i, hash;
        loop variant length - i; */
    for (uint32_t i = 0; i < length; i++) hash = (hash ^ text[i]) * 16777619u;
    return (hash ^ hash >> 16) % TYPE_PLACES;
}

bool types_index(struct policy *policy) {
    /*@ loop invariant 0 <= i <= INDEXED_PER_CALL && readable(policy);
        loop assigns i, policy->indexed, policy->type_place[0 .. TYPE_PLACES - 1];
        loop variant INDEXED_PER_CALL - i; */
    for (uint32_t i = 0; i < INDEXED_PER_CALL && policy->indexed.count < policy->type_symbols.count;
         i++, policy->indexed.count++) {
        uint32_t at = policy->indexed.count == 0 ? policy->type_symbols.at : policy->indexed.at;
        struct name name = name_at(policy, SYMBOL_TYPE, at);
        uint32_t place = place_of(&policy->bytes[name.at], name.length);
        /*@ loop invariant 0 <= j <= TYPE_PLACES && place < TYPE_PLACES;
            loop assigns j, place;
            loop variant TYPE_PLACES - j; */
        for (uint32_t j = 0; j < TYPE_PLACES && policy->type_place[place] != 0; j++)
            place = (place + 1) % TYPE_PLACES;
        policy->type_place[place] = at;
        policy->indexed.at = name.at + name.length;
    }
    return policy->indexed.count >= policy->type_symbols.count;
}

/*@ requires readable(policy) && \valid_read(text + (0 .. length - 1));
    terminates \true;
    assigns \nothing; */
/* Aliases have no value of their own, but that of their type. */
static uint32_t find_type(const struct policy *policy, const uint8_t *text, uint32_t length) {
    uint32_t place = place_of(text, length);

    /*@ loop invariant 0 <= i <= TYPE_PLACES && place < TYPE_PLACES;
        loop assigns i, place;
        loop variant TYPE_PLACES - i; */
    for (uint32_t i = 0; i < TYPE_PLACES && policy->type_place[place] != 0; i++) {
        uint32_t at = policy->type_place[place];
        struct name name = name_at(policy, SYMBOL_TYPE, at);
        if (bytes_equal(&policy->bytes[name.at], name.length, text, length))
            return image_u32(policy, at + 4);
        place = (place + 1) % TYPE_PLACES;
    }
    return 0;
}

uint32_t symbol_find(const struct policy *policy, enum symbol_kind kind, const uint8_t *text,
                     uint32_t length) {
    if (length == 0) return 0;
    if (kind == SYMBOL_TYPE) return find_type(policy, text, length);
    /*@ loop invariant 1 <= value <= policy->count[kind] + 1;
        loop assigns value;
        loop variant policy->count[kind] + 1 - value; */
    for (uint32_t value = 1; value <= policy->count[kind]; value++) {
        struct name name = symbol_name(policy, kind, value);
        if (bytes_equal(&policy->bytes[name.at], name.length, text, length)) return value;
    }
    return 0;
}

bool is_type(const struct policy *policy, uint32_t value) {
    if (value == 0 || value > policy->count[SYMBOL_TYPE]) return false;
    uint32_t at = policy->symbol_at[layouts[SYMBOL_TYPE].first + value - 1];
    return (image_u32(policy, at + 8) & 2) == 0; /* that bit is set in attributes */
}

uint32_t symbol_end(const struct policy *policy, enum symbol_kind kind, uint32_t value) {
    struct name name = symbol_name(policy, kind, value);
    return name.at + name.length;
}

bool context_valid(const struct policy *policy, struct context context) {
    if (context.user == 0 || context.user > policy->count[SYMBOL_USER]) return false;
    if (context.role == 0 || context.role > policy->count[SYMBOL_ROLE]) return false;
    if (!is_type(policy, context.type)) return false;
    if (context.role == OBJECT_ROLE) return true;
    uint32_t dominated_at = symbol_end(policy, SYMBOL_ROLE, context.role);
    uint32_t types_at = dominated_at + bitmap_bytes(policy, dominated_at);
    uint32_t roles_at = symbol_end(policy, SYMBOL_USER, context.user);
    return bitmap_has(policy, types_at, context.type - 1u) &&
           bitmap_has(policy, roles_at, context.role - 1u);
}

bool context_parse(const struct policy *policy, const char *text, size_t length,
                   struct context *out) {
    uint8_t part[CONTEXT_MAX];
    uint16_t value[3];
    uint32_t at = 0;

    if (length >= CONTEXT_MAX) return false;
    /*@ loop invariant 0 <= i <= 3 && at <= length;
        loop assigns i, at, part[0 .. CONTEXT_MAX - 1], value[0 .. 2];
        loop variant 3 - i; */
    for (uint32_t i = 0; i < 3; i++) {
        static const enum symbol_kind kinds[3] = {SYMBOL_USER, SYMBOL_ROLE, SYMBOL_TYPE};
        uint32_t count = 0;
        /*@ loop invariant at + count <= length;
            loop assigns count, part[0 .. CONTEXT_MAX - 1];
            loop variant length - at - count; */
        for (; at + count < length && (i == 2 || text[at + count] != ':'); count++)
            part[count] = (uint8_t)text[at + count];
        value[i] = (uint16_t)symbol_find(policy, kinds[i], part, count);
        at += at + count < length ? count + 1 : count;
    }
    *out = (struct context){value[0], value[1], value[2]};
    return context_valid(policy, *out);
}

/*@ requires readable(policy) && within(policy, name.at, name.length);
    requires \valid(buffer + (0 .. size - 1)) && \valid(used) && *used <= size;
    requires \separated(buffer + (0 .. size - 1), used, policy,
        policy->bytes + (0 .. policy->size - 1));
    terminates \true;
    assigns *used, buffer[0 .. size - 1];
    ensures bounded: *used <= size; */
/* Appends a name and the byte that ends it, if there is room. */
static bool append(const struct policy *policy, struct name name, char end, char *buffer,
                   size_t size, size_t *used) {
    if (name.length == 0 || size - *used < (size_t)name.length + 1) return false;
    /*@ loop invariant 0 <= i <= name.length && *used == \at(*used, Pre) + i;
        loop assigns i, *used, buffer[0 .. size - 1];
        loop variant name.length - i; */
    for (uint32_t i = 0; i < name.length; i++) buffer[(*used)++] = (char)policy->bytes[name.at + i];
    buffer[(*used)++] = end;
    return true;
}

size_t context_write(const struct policy *policy, struct context context, char *buffer,
                     size_t size) {
    struct name user = symbol_name(policy, SYMBOL_USER, context.user);
    struct name role = symbol_name(policy, SYMBOL_ROLE, context.role);
    struct name type = symbol_name(policy, SYMBOL_TYPE, context.type);
    size_t used = 0;

    bool fits = append(policy, user, ':', buffer, size, &used) &&
                append(policy, role, ':', buffer, size, &used) &&
                append(policy, type, '\0', buffer, size, &used);
    return fits ? used : 0;
}

uint32_t permissions_to_ours(const struct policy *policy, uint32_t class, uint32_t bits) {
    uint32_t ours = 0;

    /*@ loop invariant 0 <= i <= 32;
        loop assigns i, ours;
        loop variant 32 - i; */
    for (uint32_t i = 0; i < 32; i++) {
        uint8_t bit = policy->class[class - 1].bit[i];
        if (bit < 32 && (bits >> i & 1) != 0) ours |= 1u << bit;
    }
    return ours;
}

struct rule rule_at(const struct policy *policy, uint32_t at) {
    struct rule rule = {.source = 0};

    if (!image_has(policy, at, RULE_BYTES)) return rule;
    rule.source = image_word(policy, at);
    rule.target = image_word(policy, at + 2);
    rule.class = image_word(policy, at + 4);
    rule.kind = image_word(policy, at + 6) & (uint16_t)~RULE_ENABLED;
    rule.datum = image_double(policy, at + 8);
    rule.key = rule_key(rule.source, rule.target, rule.class, rule.kind);
    return rule;
}

struct rule rule_number(const struct policy *policy, uint32_t index) {
    return rule_at(policy, policy->rules.at + index * RULE_BYTES);
}

uint32_t rules_lower_bound(const struct policy *policy, uint64_t key) {
    uint32_t low = 0;
    uint32_t high = policy->rules.count;

    /*@ loop invariant 0 <= low <= high <= policy->rules.count;
        loop assigns low, high;
        loop variant high - low; */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (rule_number(policy, middle).key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t rules_find(const struct policy *policy, uint64_t key) {
    uint32_t index = rules_lower_bound(policy, key);

    if (index >= policy->rules.count || rule_number(policy, index).key != key) return 0;
    return rule_number(policy, index).datum;
}
