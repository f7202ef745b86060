/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and sorts type enforcement rules: {source, target, class, kind, datum} in 12 bytes. Sorted
 * by key, the rules of a source lie together, a type rule is found by halving, and equal keys are
 * neighbours. A heap sort: in place, no recursion, n log n on any input. */
#include "xsm/reader.h"

#define HEAP_LEVELS 32u

/*@ requires readable(policy) && counted(policy) && 0 < rule.class <= POLICY_CLASSES_MAX;
    terminates \true;
    assigns \nothing;
    ensures check: \result < CHECK_COUNT_OF; */
/* Type rules relate types, never attributes. */
static enum policy_check check_type_rule(const struct policy *policy, struct rule rule) {
    if (!is_type(policy, rule.source) || !is_type(policy, rule.target)) return CHECK_NOT_A_TYPE;
    if (rule.datum == 0 || rule.datum > policy->count[SYMBOL_TYPE]) return CHECK_RULE_REFERENCE;
    if (!is_type(policy, rule.datum)) return CHECK_NOT_A_TYPE;
    return policy->class[rule.class - 1].ours == NO_CLASS ? CHECK_UNKNOWN_CLASS : CHECK_PASSED;
}

/*@ requires readable(policy) && counted(policy);
    terminates \true;
    assigns \nothing;
    ensures check: \result < CHECK_COUNT_OF; */
static enum policy_check check_rule(const struct policy *policy, struct rule rule) {
    uint32_t types = policy->count[SYMBOL_TYPE];

    if (rule.source == 0 || rule.source > types || rule.target == 0 || rule.target > types ||
        rule.class == 0 || rule.class > policy->count[SYMBOL_CLASS])
        return CHECK_RULE_REFERENCE;
    enum policy_check check = CHECK_RULE_KIND;
    switch (rule.kind) {
    case RULE_ALLOW:
    case RULE_AUDIT_ALLOW: check = permissions_check(policy, rule.class, rule.datum); break;
    case RULE_AUDIT_DENY: check = permissions_check(policy, rule.class, ~rule.datum); break;
    case RULE_TRANSITION:
    case RULE_MEMBER:
    case RULE_CHANGE: check = check_type_rule(policy, rule); break;
    }
    return check;
}

void read_rule(struct reader *reader, bool conditional) {
    uint32_t at = reader->at;
    uint32_t words[3];

    take_words(reader, 3, words);
    require(reader, conditional || (words[1] >> 16 & RULE_ENABLED) == 0, CHECK_RULE_KIND, at);
    if (!is_good(reader)) return;
    enum policy_check check = check_rule(reader->policy, rule_at(reader->policy, at));
    require(reader, check == CHECK_PASSED, check, at);
}

/*@ predicate writable(struct policy *policy) = \valid_read(policy) &&
        (policy->size > 0 ==> \valid(policy->bytes + (0 .. policy->size - 1))) &&
        \separated(policy, policy->bytes + (0 .. policy->size - 1)); */

/*@ requires writable(policy) && within(policy, at, 4);
    terminates \true;
    assigns policy->bytes[at .. at + 3]; */
static void put_double(struct policy *policy, uint32_t at, uint32_t value) {
    uint8_t *bytes = policy->bytes + at;

    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
    bytes[2] = (uint8_t)(value >> 16);
    bytes[3] = (uint8_t)(value >> 24);
}

/*@ requires writable(policy);
    terminates \true;
    assigns policy->bytes[0 .. policy->size - 1]; */
/* The one place that writes to an image after it was copied in. */
static void swap_rules(struct policy *policy, uint32_t a, uint32_t b) {
    uint32_t at = policy->rules.at + a * RULE_BYTES;
    uint32_t with = policy->rules.at + b * RULE_BYTES;

    if (!image_has(policy, at, RULE_BYTES) || !image_has(policy, with, RULE_BYTES)) return;
    /*@ loop invariant 0 <= i <= RULE_BYTES && i % 4 == 0;
        loop assigns i, policy->bytes[0 .. policy->size - 1];
        loop variant RULE_BYTES - i; */
    for (uint32_t i = 0; i < RULE_BYTES; i += 4) {
        uint32_t word = image_double(policy, at + i);
        put_double(policy, at + i, image_double(policy, with + i));
        put_double(policy, with + i, word);
    }
}

/*@ requires readable(policy);
    terminates \true;
    assigns \nothing; */
static uint64_t key_of(const struct policy *policy, uint32_t index) {
    uint32_t at = policy->rules.at + index * RULE_BYTES;

    if (!image_has(policy, at, RULE_BYTES)) return 0;
    return rule_key(image_word(policy, at), image_word(policy, at + 2), image_word(policy, at + 4),
                    image_word(policy, at + 6));
}

/*@ requires writable(policy);
    terminates \true;
    assigns policy->bytes[0 .. policy->size - 1]; */
/* Lets the rule at `root` sink until no child is greater. */
static void sink(struct policy *policy, uint32_t root, uint32_t heap) {
    uint64_t key = key_of(policy, root);

    /*@ loop invariant 0 <= level <= HEAP_LEVELS;
        loop assigns level, root, policy->bytes[0 .. policy->size - 1];
        loop variant HEAP_LEVELS - level; */
    for (uint32_t level = 0; level < HEAP_LEVELS; level++) {
        if (heap < 2 || root > (heap - 2) / 2) return;
        uint32_t child = 2 * root + 1;
        uint64_t greater = key_of(policy, child);
        uint64_t right = child + 1 < heap ? key_of(policy, child + 1) : 0;
        if (right > greater) {
            greater = right;
            child++;
        }
        if (greater <= key) return;
        swap_rules(policy, root, child);
        root = child;
    }
}

/* The heap is made from its middle to its root, then its greatest is taken off one by one. */
void sort_rules(struct reader *reader, uint32_t move) {
    struct policy *policy = reader->policy;
    uint32_t count = policy->rules.count;

    if (move < count / 2) {
        sink(policy, count / 2 - 1 - move, count);
        return;
    }
    uint32_t heap = count - 1 - (move - count / 2); /* what remains of it */
    swap_rules(policy, 0, heap);
    sink(policy, 0, heap);
    if (heap + 1 < count)
        require(reader, key_of(policy, heap) != key_of(policy, heap + 1), CHECK_RULE_DUPLICATE,
                reader->head);
}
