/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's course through an image: enter a phase, read its items, leave it, go on. */
#include "xsm/policy_scan.h"

#include "xsm/symbols.h"
#include "xsm/vocabulary_names.h"

#define BUDGET 1024u /* of one step; the cheapest item, a rule, costs 2 */

void policy_scan_begin(struct policy_scan *scan, uint32_t slot, uint32_t size) {
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
    for (uint32_t i = 0; i < CLASS_COUNT; i++) policy_index[slot].class_of_ours[i] = 0;
    /* What refers to a later table is held to its upper limit first, and linked afterwards. */
    policy_index[slot].count[SYMBOL_ROLE] = ROLES_MAX;
    policy_index[slot].count[SYMBOL_TYPE] = TYPES_MAX;
    policy_index[slot].count[SYMBOL_USER] = USERS_MAX;
    symbols_begin();
}

/* Does the image know every permission that the hypervisor asks about? */
static bool image_is_complete(uint32_t slot) {
    for (uint32_t class = 0; class < CLASS_COUNT; class ++) {
        uint32_t theirs = policy_index[slot].class_of_ours[class];
        uint32_t known = 0;
        for (uint32_t bit = 0; theirs != 0 && bit < PERMISSIONS_PER_CLASS; bit++)
            if (policy_index[slot].class[theirs - 1].bit[bit] != NO_BIT) known++;
        if (known != vocabulary_size(class)) return false;
    }
    return true;
}

static bool role_one_is_object_role(uint32_t slot) {
    return symbol_find(slot, SYMBOL_ROLE, "object_r", 8) == OBJECT_ROLE;
}

/* What can be said of a table once all of it was read. */
static enum policy_check leave(struct policy_scan *scan) {
    uint32_t slot = scan->cursor.slot;
    enum policy_check check = CHECK_PASSED;

    if (scan->phase == SCAN_CLASSES && policy_index[slot].refuse_lacking)
        check = image_is_complete(slot) ? CHECK_PASSED : CHECK_LACKING;
    if (scan->phase == SCAN_ROLES)
        check = role_one_is_object_role(slot) ? CHECK_PASSED : CHECK_OBJECT_ROLE;
    if (scan->phase == SCAN_TYPES) check = symbols_complete(slot, SYMBOL_TYPE);
    return check;
}

/* Rough cost of an item, such that BUDGET of them is one bounded piece of work. */
static uint32_t cost(enum scan_phase phase) {
    switch (phase) {
    case SCAN_CLASSES:
    case SCAN_LINK_CLASSES:
    case SCAN_SORT: return BUDGET;
    case SCAN_ROLES:
    case SCAN_USERS:
    case SCAN_LINK_ROLES:
    case SCAN_ATTRIBUTES:
    case SCAN_CONDITIONAL_TYPES: return BUDGET / 16;
    case SCAN_TYPES: return BUDGET / 64;
    default: return 2;
    }
}

enum policy_check policy_scan_step(struct policy_scan *scan, bool *done) {
    enum policy_check check = CHECK_PASSED;

    for (uint32_t spent = 0; spent < BUDGET && check == CHECK_PASSED; spent += cost(scan->phase)) {
        if (scan->phase == SCAN_DONE) break;
        if (!scan->entered) {
            check = scan_enter(scan);
            scan->entered = true;
        } else if (scan->item < scan->items) {
            check = scan_item(scan);
        } else {
            check = leave(scan);
            scan->phase++;
            scan->entered = false;
        }
    }
    *done = check == CHECK_PASSED && scan->phase == SCAN_DONE;
    return check;
}
