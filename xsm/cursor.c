/* SPDX-License-Identifier: Apache-2.0 */
/* Primitives of the policy reader. */
#include "xsm/cursor.h"

enum policy_check take_u32(struct cursor *cursor, uint32_t *value) {
    if (cursor->size - cursor->at < 4) return CHECK_TRUNCATED;
    *value = image_u32(cursor->slot, cursor->at);
    cursor->at += 4;
    return CHECK_PASSED;
}

enum policy_check take_words(struct cursor *cursor, uint32_t count, uint32_t *words) {
    for (uint32_t i = 0; i < count; i++) {
        enum policy_check check = take_u32(cursor, &words[i]);
        if (check != CHECK_PASSED) return check;
    }
    return CHECK_PASSED;
}

enum policy_check take_count(struct cursor *cursor, uint32_t maximum, uint32_t item,
                             uint32_t *count) {
    enum policy_check check = take_u32(cursor, count);
    if (check != CHECK_PASSED) return check;
    if (*count > (cursor->size - cursor->at) / item) return CHECK_TRUNCATED;
    return *count > maximum ? CHECK_COUNT : CHECK_PASSED;
}

enum policy_check take_zero(struct cursor *cursor, enum policy_check otherwise) {
    uint32_t value;
    enum policy_check check = take_u32(cursor, &value);
    if (check != CHECK_PASSED) return check;
    return value == 0 ? CHECK_PASSED : otherwise;
}

enum policy_check skip_bytes(struct cursor *cursor, uint32_t count) {
    if (count > cursor->size - cursor->at) return CHECK_TRUNCATED;
    cursor->at += count;
    return CHECK_PASSED;
}

enum policy_check take_name(struct cursor *cursor, uint32_t length, uint32_t maximum) {
    if (length == 0 || length > maximum) return CHECK_NAME;
    if (length > cursor->size - cursor->at) return CHECK_TRUNCATED;
    for (uint32_t i = 0; i < length; i++) {
        uint8_t byte = image_u8(cursor->slot, cursor->at + i);
        if (byte <= ' ' || byte > '~' || byte == ':') return CHECK_NAME;
    }
    cursor->at += length;
    return CHECK_PASSED;
}

/* One node {start, 64 bits}. `floor` is the lowest start that keeps the order. */
static enum policy_check take_bitmap_node(struct cursor *cursor, uint32_t limit, uint32_t *floor) {
    uint32_t start = 0;
    enum policy_check check = take_u32(cursor, &start);
    if (check != CHECK_PASSED) return check;
    if (cursor->size - cursor->at < 8) return CHECK_TRUNCATED;
    uint64_t map = image_u64(cursor->slot, cursor->at);
    cursor->at += 8;
    if (start % 64 != 0 || start < *floor || map == 0) return CHECK_BITMAP;
    if (start >= limit) return CHECK_BITMAP_RANGE;
    if (limit - start < 64 && map >> (limit - start) != 0) return CHECK_BITMAP_RANGE;
    *floor = start + 64;
    return CHECK_PASSED;
}

enum policy_check take_bitmap(struct cursor *cursor, uint32_t limit) {
    uint32_t head[3] = {0, 0, 0}; /* unit, high bit, nodes */
    enum policy_check check = take_words(cursor, 3, head);
    if (check != CHECK_PASSED) return check;
    if (head[0] != 64) return CHECK_BITMAP;
    if (head[2] > (cursor->size - cursor->at) / 12) return CHECK_TRUNCATED;

    uint32_t floor = 0;
    for (uint32_t i = 0; i < head[2]; i++) {
        check = take_bitmap_node(cursor, limit, &floor);
        if (check != CHECK_PASSED) return check;
    }
    return head[1] == floor ? CHECK_PASSED : CHECK_BITMAP;
}

enum policy_check take_level(struct cursor *cursor) {
    enum policy_check check = take_zero(cursor, CHECK_MLS);
    if (check != CHECK_PASSED) return check;
    check = take_bitmap(cursor, 0);
    return check == CHECK_BITMAP_RANGE ? CHECK_MLS : check;
}

enum policy_check take_range(struct cursor *cursor) {
    uint32_t levels = 0;
    enum policy_check check = take_u32(cursor, &levels);
    if (check != CHECK_PASSED) return check;
    return levels == 1 ? take_level(cursor) : CHECK_MLS;
}

enum policy_check take_context(struct cursor *cursor, struct context *context) {
    uint32_t value[3] = {0, 0, 0};
    enum policy_check check = take_words(cursor, 3, value);
    if (check != CHECK_PASSED) return check;
    if (value[0] > USERS_MAX || value[1] > ROLES_MAX || value[2] > TYPES_MAX) return CHECK_CONTEXT;
    context->user = (uint16_t)value[0];
    context->role = (uint16_t)value[1];
    context->type = (uint16_t)value[2];
    return take_range(cursor);
}
