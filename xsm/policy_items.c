/* SPDX-License-Identifier: Apache-2.0 */
/* The items of each phase. */
#include "xsm/bitmap.h"
#include "xsm/conditionals.h"
#include "xsm/contexts.h"
#include "xsm/policy_scan.h"
#include "xsm/symbols.h"

/* One move in a conditional: its head, one rule, or the turn to its second list. */
static enum policy_check read_conditional(struct policy_scan *scan) {
    struct policy_conditional *here = &policy_index[scan->cursor.slot].conditional[scan->item];
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
static enum policy_check read_role_transition(struct cursor *cursor) {
    uint32_t word[4] = {0, 0, 0, 0};
    uint32_t roles = policy_index[cursor->slot].count[SYMBOL_ROLE];
    enum policy_check check = take_words(cursor, 4, word);
    if (check != CHECK_PASSED) return check;
    if (word[0] == 0 || word[0] > roles || word[2] == 0 || word[2] > roles) return CHECK_ROLE_RULE;
    if (word[1] == 0 || word[1] > policy_index[cursor->slot].count[SYMBOL_TYPE] ||
        symbol_is_attribute(cursor->slot, word[1]))
        return CHECK_ROLE_RULE;
    if (word[3] == 0 || word[3] != policy_index[cursor->slot].class_of_ours[CLASS_domain])
        return CHECK_ROLE_RULE;
    return CHECK_PASSED;
}

static enum policy_check read_role_allow(struct cursor *cursor) {
    uint32_t word[2] = {0, 0};
    uint32_t roles = policy_index[cursor->slot].count[SYMBOL_ROLE];
    enum policy_check check = take_words(cursor, 2, word);
    if (check != CHECK_PASSED) return check;
    if (word[0] == 0 || word[0] > roles || word[1] == 0 || word[1] > roles) return CHECK_ROLE_RULE;
    return CHECK_PASSED;
}

static enum policy_check read_initial_sid(struct cursor *cursor) {
    uint32_t sid = 0;
    struct context context = {0, 0, 0};
    enum policy_check check = take_u32(cursor, &sid);
    if (check != CHECK_PASSED) return check;
    if (sid == 0 || sid >= LABEL_INITIAL_COUNT) return CHECK_INITIAL_SID;
    if (policy_index[cursor->slot].initial[sid].user != 0) return CHECK_INITIAL_SID;
    check = take_context(cursor, &context);
    if (check != CHECK_PASSED) return check;
    policy_index[cursor->slot].initial[sid] = context;
    return context_valid(cursor->slot, context) ? CHECK_PASSED : CHECK_CONTEXT;
}

/* The attributes of one type, and often the type itself. */
static enum policy_check read_attributes(struct cursor *cursor, uint32_t type) {
    uint32_t at = cursor->at;
    uint32_t types = policy_index[cursor->slot].count[SYMBOL_TYPE];
    enum policy_check check = take_bitmap(cursor, types);
    if (check != CHECK_PASSED) return check;
    policy_index[cursor->slot].attributes_at[type] = at;
    for (uint32_t bit = bitmap_next(cursor->slot, at, 0); bit < TYPES_MAX;
         bit = bitmap_next(cursor->slot, at, bit + 1))
        if (bit != type && !symbol_is_attribute(cursor->slot, bit + 1)) return CHECK_ATTRIBUTE_MAP;
    return CHECK_PASSED;
}

static enum policy_check read_symbol(struct policy_scan *scan) {
    static const enum symbol_kind kinds[] = {SYMBOL_CLASS, SYMBOL_ROLE, SYMBOL_TYPE, SYMBOL_USER,
                                             SYMBOL_BOOLEAN};
    enum policy_check check;

    if (scan->phase < SCAN_CLASSES || scan->phase > SCAN_BOOLEANS) return CHECK_SECTIONS;
    check = symbols_read(&scan->cursor, kinds[scan->phase - SCAN_CLASSES], scan->table);
    scan->item++;
    return check;
}

static enum policy_check read_list_item(struct policy_scan *scan) {
    enum policy_check check = CHECK_SECTIONS;

    switch (scan->phase) {
    case SCAN_RULES: check = rule_read(&scan->cursor, false); break;
    case SCAN_ROLE_TRANSITIONS: check = read_role_transition(&scan->cursor); break;
    case SCAN_ROLE_ALLOWS: check = read_role_allow(&scan->cursor); break;
    case SCAN_INITIAL_SIDS: check = read_initial_sid(&scan->cursor); break;
    case SCAN_ATTRIBUTES: check = read_attributes(&scan->cursor, scan->item); break;
    default: break;
    }
    scan->item++;
    return check;
}

static enum policy_check check_whole(struct policy_scan *scan) {
    uint32_t slot = scan->cursor.slot;
    enum policy_check check = CHECK_PASSED;

    scan->item++;
    switch (scan->phase) {
    case SCAN_LINK_CLASSES: check = symbols_link(&scan->cursor, SYMBOL_CLASS, scan->item); break;
    case SCAN_LINK_ROLES: check = symbols_link(&scan->cursor, SYMBOL_ROLE, scan->item); break;
    case SCAN_LINK_TYPES: check = symbols_link(&scan->cursor, SYMBOL_TYPE, scan->item); break;
    case SCAN_SORT:
        if (!rules_sort_step(slot, &scan->sort, 64)) scan->item = 0;
        break;
    case SCAN_DUPLICATES:
        check = rule_differs_from_last(slot, scan->item) ? CHECK_PASSED : CHECK_RULE_DUPLICATE;
        break;
    default: check = conditional_type_rule_check(slot, scan->item - 1); break;
    }
    return check;
}

enum policy_check scan_item(struct policy_scan *scan) {
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
