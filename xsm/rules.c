/* SPDX-License-Identifier: Apache-2.0 */
/* Reads, sorts and finds rules. A heap sort: in place, no recursion, n log n on any input. */
#include "xsm/rules.h"

#include "xsm/constraints.h"
#include "xsm/symbols.h"

#define HEAP_LEVELS 32u

struct rule rule_at(uint32_t slot, uint32_t at) {
    struct rule rule = {0, 0, 0, 0, 0};

    if (at > POLICY_IMAGE_MAX - RULE_BYTES) return rule;
    rule.source = image_u16(slot, at);
    rule.target = image_u16(slot, at + 2);
    rule.class = image_u16(slot, at + 4);
    rule.kind = (uint16_t)(image_u16(slot, at + 6) & ~(uint32_t)RULE_ENABLED);
    rule.datum = image_u32(slot, at + 8);
    return rule;
}

/* Type rules relate types, never attributes. */
static enum policy_check check_type_rule(uint32_t slot, struct rule rule) {
    if (symbol_is_attribute(slot, rule.source) || symbol_is_attribute(slot, rule.target))
        return CHECK_NOT_A_TYPE;
    if (rule.datum == 0 || rule.datum > policy_index[slot].count[SYMBOL_TYPE])
        return CHECK_RULE_REFERENCE;
    if (symbol_is_attribute(slot, rule.datum)) return CHECK_NOT_A_TYPE;
    return policy_index[slot].class[rule.class - 1].ours == NO_CLASS ? CHECK_UNKNOWN_CLASS
                                                                     : CHECK_PASSED;
}

static enum policy_check check_rule(uint32_t slot, struct rule rule) {
    enum policy_check check = CHECK_RULE_KIND;

    if (rule.source == 0 || rule.source > policy_index[slot].count[SYMBOL_TYPE])
        return CHECK_RULE_REFERENCE;
    if (rule.target == 0 || rule.target > policy_index[slot].count[SYMBOL_TYPE])
        return CHECK_RULE_REFERENCE;
    if (rule.class == 0 || rule.class > policy_index[slot].count[SYMBOL_CLASS])
        return CHECK_RULE_REFERENCE;
    switch (rule.kind) {
    case RULE_ALLOW:
    case RULE_AUDIT_ALLOW: check = permissions_check(slot, rule.class - 1u, rule.datum); break;
    case RULE_AUDIT_DENY: check = permissions_check(slot, rule.class - 1u, ~rule.datum); break;
    case RULE_TRANSITION:
    case RULE_MEMBER:
    case RULE_CHANGE: check = check_type_rule(slot, rule); break;
    }
    return check;
}

enum policy_check rule_read(struct cursor *cursor, bool conditional) {
    if (cursor->size - cursor->at < RULE_BYTES) return CHECK_TRUNCATED;
    if (!conditional && (image_u16(cursor->slot, cursor->at + 6) & RULE_ENABLED) != 0)
        return CHECK_RULE_KIND;
    enum policy_check check = check_rule(cursor->slot, rule_at(cursor->slot, cursor->at));
    if (check == CHECK_PASSED) cursor->at += RULE_BYTES;
    return check;
}

static uint64_t key_of(uint32_t source, uint32_t target, uint32_t class, uint32_t kind) {
    return (uint64_t)source << 48 | (uint64_t)target << 32 | (uint64_t) class << 16 | kind;
}

static uint32_t place_of(uint32_t slot, uint32_t index) {
    return policy_index[slot].rules_at + index * RULE_BYTES;
}

static uint64_t key_at(uint32_t slot, uint32_t index) {
    uint32_t at = place_of(slot, index);
    return key_of(image_u16(slot, at), image_u16(slot, at + 2), image_u16(slot, at + 4),
                  image_u16(slot, at + 6));
}

struct rule rule_number(uint32_t slot, uint32_t index) {
    return rule_at(slot, place_of(slot, index));
}

/* The one place that writes to an image after it was copied in. */
static void swap_rules(uint32_t slot, uint32_t a, uint32_t b) {
    uint32_t at = place_of(slot, a);
    uint32_t with = place_of(slot, b);

    if (at > POLICY_IMAGE_MAX - RULE_BYTES || with > POLICY_IMAGE_MAX - RULE_BYTES) return;
    for (uint32_t i = 0; i < RULE_BYTES; i++) {
        uint8_t byte = policy_bytes[slot][at + i];
        policy_bytes[slot][at + i] = policy_bytes[slot][with + i];
        policy_bytes[slot][with + i] = byte;
    }
}

/* Lets the rule at `root` sink until no child is greater. */
static void sink(uint32_t slot, uint32_t root, uint32_t heap) {
    for (uint32_t level = 0; level < HEAP_LEVELS; level++) {
        if (heap < 2 || root > (heap - 2) / 2) return;
        uint32_t child = 2 * root + 1;
        if (child + 1 < heap && key_at(slot, child + 1) > key_at(slot, child)) child++;
        if (key_at(slot, child) <= key_at(slot, root)) return;
        swap_rules(slot, root, child);
        root = child;
    }
}

void rules_sort_begin(uint32_t slot, struct rule_sort *sort) {
    sort->unsettled = policy_index[slot].rules / 2;
    sort->heap = policy_index[slot].rules;
}

bool rules_sort_step(uint32_t slot, struct rule_sort *sort, uint32_t moves) {
    for (uint32_t i = 0; i < moves; i++) {
        if (sort->unsettled > 0) {
            sort->unsettled--;
            sink(slot, sort->unsettled, sort->heap);
        } else if (sort->heap > 1) {
            sort->heap--;
            swap_rules(slot, 0, sort->heap);
            sink(slot, 0, sort->heap);
        } else {
            return true;
        }
    }
    return false;
}

bool rule_differs_from_last(uint32_t slot, uint32_t index) {
    return key_at(slot, index) != key_at(slot, index - 1);
}

/* Index of the first rule whose key is not below `key`. */
static uint32_t lower_bound(uint32_t slot, uint64_t key) {
    uint32_t low = 0;
    uint32_t high = policy_index[slot].rules;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (key_at(slot, middle) < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t rules_first_of(uint32_t slot, uint32_t source) {
    return lower_bound(slot, key_of(source, 0, 0, 0));
}

uint32_t rules_find(uint32_t slot, uint32_t source, uint32_t target, uint32_t class,
                    uint32_t kind) {
    uint64_t key = key_of(source, target, class, kind);
    uint32_t index = lower_bound(slot, key);

    if (index >= policy_index[slot].rules || key_at(slot, index) != key) return 0;
    return rule_number(slot, index).datum;
}
