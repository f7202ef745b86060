/* SPDX-License-Identifier: Apache-2.0 */
/* The head of each phase: what announces how many items follow, and what must not be there at all.
 */
#include "xsm/policy_scan.h"
#include "xsm/symbols.h"

#define POLICY_MAGIC 0xf97cff8cu
#define POLICY_VERSION 30u
#define SYMBOL_TABLES 8u
#define OBJECT_CONTEXTS 6u
#define CONFIG_MLS 1u
#define CONFIG_REJECT_UNKNOWN 2u
#define CONFIG_ALLOW_UNKNOWN 4u
#define CAPABILITIES_MAX 64u

static enum policy_check check_target(struct cursor *cursor) {
    static const char target[] = "XenFlask";
    uint32_t length = 0;
    enum policy_check check = take_u32(cursor, &length);
    if (check != CHECK_PASSED) return check;
    if (length != sizeof target - 1) return CHECK_TARGET;
    if (length > cursor->size - cursor->at) return CHECK_TRUNCATED;
    for (uint32_t i = 0; i < length; i++)
        if (image_u8(cursor->slot, cursor->at + i) != (uint8_t)target[i]) return CHECK_TARGET;
    cursor->at += length;
    return CHECK_PASSED;
}

static enum policy_check check_settings(uint32_t slot, const uint32_t head[4]) {
    if (head[0] != POLICY_VERSION) return CHECK_VERSION;
    if ((head[1] & CONFIG_MLS) != 0) return CHECK_MLS;
    if ((head[1] & CONFIG_ALLOW_UNKNOWN) != 0) return CHECK_ALLOW_UNKNOWN;
    if ((head[1] & ~CONFIG_REJECT_UNKNOWN) != 0) return CHECK_CONFIG;
    if (head[2] != SYMBOL_TABLES || head[3] != OBJECT_CONTEXTS) return CHECK_SECTIONS;
    policy_index[slot].refuse_lacking = (head[1] & CONFIG_REJECT_UNKNOWN) != 0;
    return CHECK_PASSED;
}

static enum policy_check enter_header(struct cursor *cursor) {
    uint32_t magic = 0;
    uint32_t head[4] = {0, 0, 0, 0}; /* version, configuration, symbol tables, object contexts */
    enum policy_check check = take_u32(cursor, &magic);
    if (check == CHECK_PASSED && magic != POLICY_MAGIC) check = CHECK_MAGIC;
    if (check == CHECK_PASSED) check = check_target(cursor);
    if (check == CHECK_PASSED) check = take_words(cursor, 4, head);
    if (check == CHECK_PASSED) check = check_settings(cursor->slot, head);
    if (check == CHECK_PASSED) check = take_bitmap(cursor, CAPABILITIES_MAX);
    if (check != CHECK_PASSED) return check;
    check = take_bitmap(cursor, 0);
    return check == CHECK_BITMAP_RANGE ? CHECK_PERMISSIVE : check;
}

/* Two counts, of values and of entries, that must both be zero. */
static enum policy_check enter_empty(struct cursor *cursor, enum policy_check otherwise) {
    enum policy_check check = take_zero(cursor, otherwise);
    return check == CHECK_PASSED ? take_zero(cursor, otherwise) : check;
}

static enum policy_check enter_symbols(struct policy_scan *scan, enum symbol_kind kind,
                                       uint32_t maximum, uint32_t entry) {
    uint32_t slot = scan->cursor.slot;
    uint32_t highest = 0;
    enum policy_check check = take_u32(&scan->cursor, &highest);
    if (check == CHECK_PASSED)
        check = take_count(&scan->cursor, TYPE_SYMBOLS_MAX, entry, &scan->items);
    if (check != CHECK_PASSED) return check;
    if (highest > maximum) return CHECK_COUNT;
    if (highest > scan->items || (kind != SYMBOL_TYPE && highest != scan->items))
        return CHECK_HOLES;
    policy_index[slot].count[kind] = highest;
    if (kind == SYMBOL_TYPE) {
        policy_index[slot].type_symbols = scan->items;
        policy_index[slot].type_symbols_at = scan->cursor.at;
    }
    return CHECK_PASSED;
}

/* A counted list whose place and length the index keeps. */
static enum policy_check enter_list(struct policy_scan *scan, uint32_t maximum, uint32_t item,
                                    uint32_t *count, uint32_t *at) {
    enum policy_check check = take_count(&scan->cursor, maximum, item, &scan->items);
    *count = scan->items;
    *at = scan->cursor.at;
    return check;
}

/* Initial SIDs 1 to 13, once each: as many as that, and no value twice. */
static enum policy_check enter_initial_sids(struct policy_scan *scan) {
    enum policy_check check = take_u32(&scan->cursor, &scan->items);
    if (check == CHECK_PASSED && scan->items != LABEL_INITIAL_COUNT - 1) check = CHECK_INITIAL_SID;
    return check;
}

static enum policy_check enter_tables(struct policy_scan *scan) {
    enum policy_check check = CHECK_PASSED;

    switch (scan->phase) {
    case SCAN_HEADER: check = enter_header(&scan->cursor); break;
    case SCAN_COMMONS: check = enter_empty(&scan->cursor, CHECK_COMMON); break;
    case SCAN_CLASSES: check = enter_symbols(scan, SYMBOL_CLASS, POLICY_CLASSES_MAX, 24); break;
    case SCAN_ROLES: check = enter_symbols(scan, SYMBOL_ROLE, ROLES_MAX, 12); break;
    case SCAN_TYPES: check = enter_symbols(scan, SYMBOL_TYPE, TYPES_MAX, 16); break;
    case SCAN_USERS: check = enter_symbols(scan, SYMBOL_USER, USERS_MAX, 12); break;
    case SCAN_BOOLEANS: check = enter_symbols(scan, SYMBOL_BOOLEAN, BOOLEANS_MAX, 12); break;
    default: /* sensitivities and categories */
        check = enter_empty(&scan->cursor, CHECK_MLS);
        break;
    }
    return check;
}

static enum policy_check enter_lists(struct policy_scan *scan) {
    struct policy_index *index = &policy_index[scan->cursor.slot];
    enum policy_check check = CHECK_PASSED;

    switch (scan->phase) {
    case SCAN_RULES:
        check = enter_list(scan, UINT32_MAX, RULE_BYTES, &index->rules, &index->rules_at);
        break;
    case SCAN_CONDITIONALS:
        check =
            enter_list(scan, CONDITIONALS_MAX, 16, &index->conditionals, &index->conditionals_at);
        break;
    case SCAN_ROLE_TRANSITIONS:
        check = enter_list(scan, ROLES_MAX * 16, 16, &index->role_transitions,
                           &index->role_transitions_at);
        break;
    case SCAN_ROLE_ALLOWS:
        check = enter_list(scan, ROLES_MAX * 16, 8, &index->role_allows, &index->role_allows_at);
        break;
    case SCAN_FILENAME_TRANSITIONS:
        check = take_zero(&scan->cursor, CHECK_FILENAME_TRANSITION);
        break;
    case SCAN_INITIAL_SIDS: check = enter_initial_sids(scan); break;
    case SCAN_OBJECT_CONTEXTS:
        for (uint32_t i = 0; i < OBJECT_CONTEXTS - 1 && check == CHECK_PASSED; i++)
            check = take_zero(&scan->cursor, CHECK_OBJECT_CONTEXT);
        break;
    case SCAN_GENFS: check = take_zero(&scan->cursor, CHECK_GENFS); break;
    default: check = take_zero(&scan->cursor, CHECK_RANGE_TRANSITION); break;
    }
    return check;
}

/* Phases after the last byte was read look at the whole. */
static enum policy_check enter_whole(struct policy_scan *scan) {
    const struct policy_index *index = &policy_index[scan->cursor.slot];

    switch (scan->phase) {
    case SCAN_ATTRIBUTES: scan->items = index->count[SYMBOL_TYPE]; break;
    case SCAN_END: return scan->cursor.at == scan->cursor.size ? CHECK_PASSED : CHECK_TRAILING;
    case SCAN_LINK_CLASSES: scan->items = index->count[SYMBOL_CLASS]; break;
    case SCAN_LINK_ROLES: scan->items = index->count[SYMBOL_ROLE]; break;
    case SCAN_LINK_TYPES: scan->items = index->type_symbols; break;
    case SCAN_SORT:
        rules_sort_begin(scan->cursor.slot, &scan->sort);
        scan->items = 1; /* done when sorted */
        break;
    case SCAN_DUPLICATES:
        scan->cursor.at = index->rules_at;
        scan->items = index->rules > 0 ? index->rules - 1 : 0;
        break;
    case SCAN_CONDITIONAL_TYPES: scan->items = index->conditional_type_rules; break;
    default: break;
    }
    return CHECK_PASSED;
}

enum policy_check scan_enter(struct policy_scan *scan) {
    enum policy_check check;

    scan->items = 0;
    scan->item = 0;
    if (scan->phase < SCAN_RULES)
        check = enter_tables(scan);
    else if (scan->phase < SCAN_ATTRIBUTES)
        check = enter_lists(scan);
    else
        check = enter_whole(scan);
    scan->table = scan->cursor.at;
    return check;
}
