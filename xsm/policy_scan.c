/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's course through an image: enter a phase, read its items, leave it, go on. */
#include "xsm/policy_scan.h"

#include "xsm/bitmap.h"
#include "xsm/conditionals.h"
#include "xsm/contexts.h"
#include "xsm/symbols.h"
#include "xsm/vocabulary_names.h"

#define POLICY_MAGIC 0xf97cff8cu
#define POLICY_VERSION 30u
#define SYMBOL_TABLES 8u
#define OBJECT_CONTEXTS 6u
#define CONFIG_MLS 1u
#define CONFIG_REJECT_UNKNOWN 2u
#define CONFIG_ALLOW_UNKNOWN 4u
#define CAPABILITIES_MAX 64u
#define BUDGET 1024u /* of one step; the cheapest item, a rule, costs 2 */

void policy_scan_begin(struct policy_scan *scan, uint32_t slot, uint32_t size)
{
    scan->cursor.slot = slot;
    scan->cursor.size = size;
    scan->cursor.at = 0;
    scan->phase = SCAN_HEADER;
    scan->entered = false;
    scan->items = 0;
    scan->item = 0;
    scan->table = 0;
    scan->list = LIST_NONE;
    scan->rules = 0;
    policy_index[slot] = (struct policy_index){0};
    policy_index[slot].size = size;
    for (uint32_t i = 0; i < CLASS_COUNT; i++)
        policy_index[slot].class_of_ours[i] = 0;
    /* What refers to a later table is held to its upper limit first, and linked afterwards. */
    policy_index[slot].count[SYMBOL_ROLE] = ROLES_MAX;
    policy_index[slot].count[SYMBOL_TYPE] = TYPES_MAX;
    policy_index[slot].count[SYMBOL_USER] = USERS_MAX;
    symbols_begin();
}

static enum policy_check check_target(struct cursor *cursor)
{
    static const char target[] = "XenFlask";
    uint32_t length = 0;
    enum policy_check check = take_u32(cursor, &length);
    if (check != CHECK_PASSED)
        return check;
    if (length != sizeof target - 1)
        return CHECK_TARGET;
    if (length > cursor->size - cursor->at)
        return CHECK_TRUNCATED;
    for (uint32_t i = 0; i < length; i++)
        if (image_u8(cursor->slot, cursor->at + i) != (uint8_t)target[i])
            return CHECK_TARGET;
    cursor->at += length;
    return CHECK_PASSED;
}

static enum policy_check check_settings(uint32_t slot, const uint32_t head[4])
{
    if (head[0] != POLICY_VERSION)
        return CHECK_VERSION;
    if ((head[1] & CONFIG_MLS) != 0)
        return CHECK_MLS;
    if ((head[1] & CONFIG_ALLOW_UNKNOWN) != 0)
        return CHECK_ALLOW_UNKNOWN;
    if ((head[1] & ~CONFIG_REJECT_UNKNOWN) != 0)
        return CHECK_CONFIG;
    if (head[2] != SYMBOL_TABLES || head[3] != OBJECT_CONTEXTS)
        return CHECK_SECTIONS;
    policy_index[slot].refuse_lacking = (head[1] & CONFIG_REJECT_UNKNOWN) != 0;
    return CHECK_PASSED;
}

static enum policy_check enter_header(struct cursor *cursor)
{
    uint32_t magic = 0;
    uint32_t head[4] = {0, 0, 0, 0}; /* version, configuration, symbol tables, object contexts */
    enum policy_check check = take_u32(cursor, &magic);
    if (check == CHECK_PASSED && magic != POLICY_MAGIC)
        check = CHECK_MAGIC;
    if (check == CHECK_PASSED)
        check = check_target(cursor);
    if (check == CHECK_PASSED)
        check = take_words(cursor, 4, head);
    if (check == CHECK_PASSED)
        check = check_settings(cursor->slot, head);
    if (check == CHECK_PASSED)
        check = take_bitmap(cursor, CAPABILITIES_MAX);
    if (check != CHECK_PASSED)
        return check;
    check = take_bitmap(cursor, 0);
    return check == CHECK_BITMAP_RANGE ? CHECK_PERMISSIVE : check;
}

/* Two counts, of values and of entries, that must both be zero. */
static enum policy_check enter_empty(struct cursor *cursor, enum policy_check otherwise)
{
    enum policy_check check = take_zero(cursor, otherwise);
    return check == CHECK_PASSED ? take_zero(cursor, otherwise) : check;
}

static enum policy_check enter_symbols(struct policy_scan *scan, enum symbol_kind kind,
                                       uint32_t maximum, uint32_t entry)
{
    uint32_t slot = scan->cursor.slot;
    uint32_t highest = 0;
    enum policy_check check = take_u32(&scan->cursor, &highest);
    if (check == CHECK_PASSED)
        check = take_count(&scan->cursor, TYPE_SYMBOLS_MAX, entry, &scan->items);
    if (check != CHECK_PASSED)
        return check;
    if (highest > maximum)
        return CHECK_COUNT;
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
                                    uint32_t *count, uint32_t *at)
{
    enum policy_check check = take_count(&scan->cursor, maximum, item, &scan->items);
    *count = scan->items;
    *at = scan->cursor.at;
    return check;
}

/* Initial SIDs 1 to 13, once each: as many as that, and no value twice. */
static enum policy_check enter_initial_sids(struct policy_scan *scan)
{
    enum policy_check check = take_u32(&scan->cursor, &scan->items);
    if (check == CHECK_PASSED && scan->items != LABEL_INITIAL_COUNT - 1)
        check = CHECK_INITIAL_SID;
    return check;
}

static enum policy_check enter_tables(struct policy_scan *scan)
{
    enum policy_check check = CHECK_PASSED;

    switch (scan->phase) {
    case SCAN_HEADER:
        check = enter_header(&scan->cursor);
        break;
    case SCAN_COMMONS:
        check = enter_empty(&scan->cursor, CHECK_COMMON);
        break;
    case SCAN_CLASSES:
        check = enter_symbols(scan, SYMBOL_CLASS, POLICY_CLASSES_MAX, 24);
        break;
    case SCAN_ROLES:
        check = enter_symbols(scan, SYMBOL_ROLE, ROLES_MAX, 12);
        break;
    case SCAN_TYPES:
        check = enter_symbols(scan, SYMBOL_TYPE, TYPES_MAX, 16);
        break;
    case SCAN_USERS:
        check = enter_symbols(scan, SYMBOL_USER, USERS_MAX, 12);
        break;
    case SCAN_BOOLEANS:
        check = enter_symbols(scan, SYMBOL_BOOLEAN, BOOLEANS_MAX, 12);
        break;
    default: /* sensitivities and categories */
        check = enter_empty(&scan->cursor, CHECK_MLS);
        break;
    }
    return check;
}

static enum policy_check enter_lists(struct policy_scan *scan)
{
    struct policy_index *index = &policy_index[scan->cursor.slot];
    enum policy_check check = CHECK_PASSED;

    switch (scan->phase) {
    case SCAN_RULES:
        check = enter_list(scan, UINT32_MAX, RULE_BYTES, &index->rules, &index->rules_at);
        break;
    case SCAN_CONDITIONALS:
        check = enter_list(scan, CONDITIONALS_MAX, 16, &index->conditionals,
                           &index->conditionals_at);
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
    case SCAN_INITIAL_SIDS:
        check = enter_initial_sids(scan);
        break;
    case SCAN_OBJECT_CONTEXTS:
        for (uint32_t i = 0; i < OBJECT_CONTEXTS - 1 && check == CHECK_PASSED; i++)
            check = take_zero(&scan->cursor, CHECK_OBJECT_CONTEXT);
        break;
    case SCAN_GENFS:
        check = take_zero(&scan->cursor, CHECK_GENFS);
        break;
    default:
        check = take_zero(&scan->cursor, CHECK_RANGE_TRANSITION);
        break;
    }
    return check;
}

/* Phases after the last byte was read look at the whole. */
static enum policy_check enter_whole(struct policy_scan *scan)
{
    const struct policy_index *index = &policy_index[scan->cursor.slot];

    switch (scan->phase) {
    case SCAN_ATTRIBUTES:
        scan->items = index->count[SYMBOL_TYPE];
        break;
    case SCAN_END:
        return scan->cursor.at == scan->cursor.size ? CHECK_PASSED : CHECK_TRAILING;
    case SCAN_LINK_CLASSES:
        scan->items = index->count[SYMBOL_CLASS];
        break;
    case SCAN_LINK_ROLES:
        scan->items = index->count[SYMBOL_ROLE];
        break;
    case SCAN_LINK_TYPES:
        scan->items = index->type_symbols;
        break;
    case SCAN_SORT:
        rules_sort_begin(scan->cursor.slot, &scan->sort);
        scan->items = 1; /* done when sorted */
        break;
    case SCAN_DUPLICATES:
        scan->cursor.at = index->rules_at;
        scan->items = index->rules > 0 ? index->rules - 1 : 0;
        break;
    case SCAN_CONDITIONAL_TYPES:
        scan->items = index->conditional_type_rules;
        break;
    default:
        break;
    }
    return CHECK_PASSED;
}

static enum policy_check enter(struct policy_scan *scan)
{
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

/* One move in a conditional: its head, one rule, or the turn to its second list. */
static enum policy_check read_conditional(struct policy_scan *scan)
{
    struct policy_conditional *here =
        &policy_index[scan->cursor.slot].conditional[scan->item];
    enum policy_check check = CHECK_PASSED;

    if (scan->rules > 0) {
        scan->rules--;
        check = conditional_rule_read(&scan->cursor, scan->item, scan->list == LIST_TRUE);
    } else if (scan->list == LIST_NONE) {
        check = conditional_read(&scan->cursor, here);
        if (check == CHECK_PASSED)
            check = take_count(&scan->cursor, CONDITIONAL_RULES_MAX, RULE_BYTES, &here->when_true);
        here->when_true_at = scan->cursor.at;
        scan->rules = here->when_true;
        scan->list = LIST_TRUE;
    } else if (scan->list == LIST_TRUE) {
        check = take_count(&scan->cursor, CONDITIONAL_RULES_MAX, RULE_BYTES, &here->when_false);
        here->when_false_at = scan->cursor.at;
        scan->rules = here->when_false;
        scan->list = LIST_FALSE;
    } else {
        scan->list = LIST_NONE;
        scan->item++;
    }
    return check;
}

/* {role, type, new role, class}. Xen ignores the class and libsepol does not: only the one on which
 * they agree is let in. */
static enum policy_check read_role_transition(struct cursor *cursor)
{
    uint32_t word[4] = {0, 0, 0, 0};
    uint32_t roles = policy_index[cursor->slot].count[SYMBOL_ROLE];
    enum policy_check check = take_words(cursor, 4, word);
    if (check != CHECK_PASSED)
        return check;
    if (word[0] == 0 || word[0] > roles || word[2] == 0 || word[2] > roles)
        return CHECK_ROLE_RULE;
    if (word[1] == 0 || word[1] > policy_index[cursor->slot].count[SYMBOL_TYPE] ||
        symbol_is_attribute(cursor->slot, word[1]))
        return CHECK_ROLE_RULE;
    if (word[3] == 0 || word[3] != policy_index[cursor->slot].class_of_ours[CLASS_domain])
        return CHECK_ROLE_RULE;
    return CHECK_PASSED;
}

static enum policy_check read_role_allow(struct cursor *cursor)
{
    uint32_t word[2] = {0, 0};
    uint32_t roles = policy_index[cursor->slot].count[SYMBOL_ROLE];
    enum policy_check check = take_words(cursor, 2, word);
    if (check != CHECK_PASSED)
        return check;
    if (word[0] == 0 || word[0] > roles || word[1] == 0 || word[1] > roles)
        return CHECK_ROLE_RULE;
    return CHECK_PASSED;
}

static enum policy_check read_initial_sid(struct cursor *cursor)
{
    uint32_t sid = 0;
    struct context context = {0, 0, 0};
    enum policy_check check = take_u32(cursor, &sid);
    if (check != CHECK_PASSED)
        return check;
    if (sid == 0 || sid >= LABEL_INITIAL_COUNT)
        return CHECK_INITIAL_SID;
    if (policy_index[cursor->slot].initial[sid].user != 0)
        return CHECK_INITIAL_SID;
    check = take_context(cursor, &context);
    if (check != CHECK_PASSED)
        return check;
    policy_index[cursor->slot].initial[sid] = context;
    return context_valid(cursor->slot, context) ? CHECK_PASSED : CHECK_CONTEXT;
}

/* The attributes of one type, and often the type itself. */
static enum policy_check read_attributes(struct cursor *cursor, uint32_t type)
{
    uint32_t at = cursor->at;
    uint32_t types = policy_index[cursor->slot].count[SYMBOL_TYPE];
    enum policy_check check = take_bitmap(cursor, types);
    if (check != CHECK_PASSED)
        return check;
    policy_index[cursor->slot].attributes_at[type] = at;
    for (uint32_t bit = bitmap_next(cursor->slot, at, 0); bit < TYPES_MAX;
         bit = bitmap_next(cursor->slot, at, bit + 1))
        if (bit != type && !symbol_is_attribute(cursor->slot, bit + 1))
            return CHECK_ATTRIBUTE_MAP;
    return CHECK_PASSED;
}

static enum policy_check read_symbol(struct policy_scan *scan)
{
    static const enum symbol_kind kinds[] = {SYMBOL_CLASS, SYMBOL_ROLE, SYMBOL_TYPE, SYMBOL_USER,
                                             SYMBOL_BOOLEAN};
    enum policy_check check;

    if (scan->phase < SCAN_CLASSES || scan->phase > SCAN_BOOLEANS)
        return CHECK_SECTIONS;
    check = symbols_read(&scan->cursor, kinds[scan->phase - SCAN_CLASSES], scan->table);
    scan->item++;
    return check;
}

static enum policy_check read_list_item(struct policy_scan *scan)
{
    enum policy_check check = CHECK_SECTIONS;

    switch (scan->phase) {
    case SCAN_RULES:
        check = rule_read(&scan->cursor, false);
        break;
    case SCAN_ROLE_TRANSITIONS:
        check = read_role_transition(&scan->cursor);
        break;
    case SCAN_ROLE_ALLOWS:
        check = read_role_allow(&scan->cursor);
        break;
    case SCAN_INITIAL_SIDS:
        check = read_initial_sid(&scan->cursor);
        break;
    case SCAN_ATTRIBUTES:
        check = read_attributes(&scan->cursor, scan->item);
        break;
    default:
        break;
    }
    scan->item++;
    return check;
}

static enum policy_check check_whole(struct policy_scan *scan)
{
    uint32_t slot = scan->cursor.slot;
    enum policy_check check = CHECK_PASSED;

    scan->item++;
    switch (scan->phase) {
    case SCAN_LINK_CLASSES:
        check = symbols_link(&scan->cursor, SYMBOL_CLASS, scan->item);
        break;
    case SCAN_LINK_ROLES:
        check = symbols_link(&scan->cursor, SYMBOL_ROLE, scan->item);
        break;
    case SCAN_LINK_TYPES:
        check = symbols_link(&scan->cursor, SYMBOL_TYPE, scan->item);
        break;
    case SCAN_SORT:
        if (!rules_sort_step(slot, &scan->sort, 64))
            scan->item = 0;
        break;
    case SCAN_DUPLICATES:
        check = rule_differs_from_last(slot, scan->item) ? CHECK_PASSED : CHECK_RULE_DUPLICATE;
        break;
    default:
        check = conditional_type_rule_check(slot, scan->item - 1);
        break;
    }
    return check;
}

/* Does the image know every permission that the hypervisor asks about? */
static bool image_is_complete(uint32_t slot)
{
    for (uint32_t class = 0; class < CLASS_COUNT; class++) {
        uint32_t theirs = policy_index[slot].class_of_ours[class];
        uint32_t known = 0;
        for (uint32_t bit = 0; theirs != 0 && bit < PERMISSIONS_PER_CLASS; bit++)
            if (policy_index[slot].class[theirs - 1].bit[bit] != NO_BIT)
                known++;
        if (known != vocabulary_size(class))
            return false;
    }
    return true;
}

static bool role_one_is_object_role(uint32_t slot)
{
    return symbol_find(slot, SYMBOL_ROLE, "object_r", 8) == OBJECT_ROLE;
}

/* What can be said of a table once all of it was read. */
static enum policy_check leave(struct policy_scan *scan)
{
    uint32_t slot = scan->cursor.slot;
    enum policy_check check = CHECK_PASSED;

    if (scan->phase == SCAN_CLASSES && policy_index[slot].refuse_lacking)
        check = image_is_complete(slot) ? CHECK_PASSED : CHECK_LACKING;
    if (scan->phase == SCAN_ROLES)
        check = role_one_is_object_role(slot) ? CHECK_PASSED : CHECK_OBJECT_ROLE;
    if (scan->phase == SCAN_TYPES)
        check = symbols_complete(slot, SYMBOL_TYPE);
    return check;
}

/* Rough cost of an item, such that BUDGET of them is one bounded piece of work. */
static uint32_t cost(enum scan_phase phase)
{
    switch (phase) {
    case SCAN_CLASSES:
    case SCAN_LINK_CLASSES:
    case SCAN_SORT:
        return BUDGET;
    case SCAN_ROLES:
    case SCAN_USERS:
    case SCAN_LINK_ROLES:
    case SCAN_ATTRIBUTES:
    case SCAN_CONDITIONAL_TYPES:
        return BUDGET / 16;
    case SCAN_TYPES:
        return BUDGET / 64;
    default:
        return 2;
    }
}

static enum policy_check read_item(struct policy_scan *scan)
{
    enum policy_check check;

    if (scan->phase < SCAN_RULES)
        check = read_symbol(scan);
    else if (scan->phase == SCAN_CONDITIONALS)
        check = read_conditional(scan);
    else if (scan->phase < SCAN_END)
        check = read_list_item(scan);
    else
        check = check_whole(scan);
    return check;
}

enum policy_check policy_scan_step(struct policy_scan *scan, bool *done)
{
    enum policy_check check = CHECK_PASSED;

    for (uint32_t spent = 0; spent < BUDGET && check == CHECK_PASSED;
         spent += cost(scan->phase)) {
        if (scan->phase == SCAN_DONE)
            break;
        if (!scan->entered) {
            check = enter(scan);
            scan->entered = true;
        } else if (scan->item < scan->items) {
            check = read_item(scan);
        } else {
            check = leave(scan);
            scan->phase++;
            scan->entered = false;
        }
    }
    *done = check == CHECK_PASSED && scan->phase == SCAN_DONE;
    return check;
}
