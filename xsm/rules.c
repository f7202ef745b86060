/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and sorts type enforcement rules: {source, target, class, kind, datum} in 12 bytes. Sorted
 * by key, the rules of a source lie together, a type rule is found by halving, and equal keys are
 * neighbours. For each of the key's words, from the last to the first, a counting sort that keeps
 * the order of equal ones moves all rules out of the image, or back: linear on any input. */
#include "xsm/reader.h"

#define KEY_WORDS 4u /* an even number: in the end all are back in the image */
#define RULES_PER_PIECE 32u

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

/* --- sorting ---------------------------------------------------------------------------------- */

/*@ requires \valid_read(rule + (0 .. RULE_BYTES - 1)) && word < KEY_WORDS;
    terminates \true;
    assigns \nothing;
    ensures bounded: \result <= TYPES_MAX; */
/* A word of a rule's key, the source being the first; none is greater than the reader lets in. */
static inline uint32_t key_word(const uint8_t *rule, uint32_t word) {
    uint32_t value = rule[2 * word] | (uint32_t)rule[2 * word + 1] << 8;

    return value <= TYPES_MAX ? value : TYPES_MAX;
}

/*@ predicate rules_room(uint8_t *rules, integer count) =
        count <= POLICY_IMAGE_MAX / RULE_BYTES && \valid(rules + (0 .. count * RULE_BYTES - 1)); */

/*@ requires \valid(reader) && word < KEY_WORDS && rules_room(from, end);
    requires \separated(reader, from + (0 .. end * RULE_BYTES - 1));
    terminates \true;
    assigns reader->place[0 .. TYPES_MAX]; */
/* Counts the rules first .. end - 1 by the values of a word of their keys. */
static void count_rules(struct reader *reader, uint32_t word, const uint8_t *from, uint32_t first,
                        uint32_t end) {
    /*@ loop invariant first <= i;
        loop assigns i, reader->place[0 .. TYPES_MAX];
        loop variant end - i; */
    for (uint32_t i = first; i < end; i++) reader->place[key_word(from + i * RULE_BYTES, word)]++;
}

/*@ requires \valid(reader) && word < KEY_WORDS && end <= count;
    requires rules_room(from, count) && rules_room(to, count);
    requires \separated(reader, from + (0 .. count * RULE_BYTES - 1),
        to + (0 .. count * RULE_BYTES - 1));
    terminates \true;
    assigns reader->place[0 .. TYPES_MAX], to[0 .. count * RULE_BYTES - 1]; */
/* Moves the rules first .. end - 1 to their places, those of one value in the order in which they
 * come. */
static void place_rules(struct reader *reader, uint32_t word, const uint8_t *from, uint8_t *to,
                        uint32_t first, uint32_t end, uint32_t count) {
    /*@ loop invariant first <= i;
        loop assigns i, reader->place[0 .. TYPES_MAX], to[0 .. count * RULE_BYTES - 1];
        loop variant end - i; */
    for (uint32_t i = first; i < end; i++) {
        const uint8_t *rule = from + i * RULE_BYTES;
        uint32_t place = reader->place[key_word(rule, word)]++;
        if (place >= count) continue;
        copy_double(rule, to + place * RULE_BYTES);
        copy_double(rule + 4, to + place * RULE_BYTES + 4);
        copy_double(rule + 8, to + place * RULE_BYTES + 8);
    }
}

/*@ requires reading(reader);
    terminates \true;
    assigns reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures image: same_image{Old, Here}(reader); */
/* Keys rise: that they are sorted, and none is there twice, is seen and not concluded. */
static void check_order(struct reader *reader, uint32_t first, uint32_t end) {
    uint64_t key = rule_number(reader->policy, first).key;

    /*@ loop invariant first <= i && reading(reader) && same_image{Pre, Here}(reader);
        loop assigns i, key, reader->check, reader->failed_at;
        loop variant end - i; */
    for (uint32_t i = first; i < end; i++) {
        uint64_t next = rule_number(reader->policy, i + 1).key;
        bool rises = key < next || i + 1 == reader->policy->rules.count;
        require(reader, rises, CHECK_RULE_DUPLICATE, reader->head);
        key = next;
    }
}

/*@ requires reading(reader);
    terminates \true;
    assigns reader->rule, reader->counted, reader->pass, reader->place[0 .. TYPES_MAX];
    ensures reading: reading(reader);
    ensures image: same_image{Old, Here}(reader); */
/* Turns counts into the places of the first rules with each value; places, to counts of the next
 * pass. Bounded by the greatest value that the reader let in. */
static void turn_over(struct reader *reader) {
    uint32_t types = reader->policy->count[SYMBOL_TYPE];
    uint32_t highest = types > POLICY_CLASSES_MAX ? types : POLICY_CLASSES_MAX;
    uint32_t sum = 0;

    /*@ loop invariant 0 <= value <= highest + 1;
        loop assigns value, sum, reader->place[0 .. TYPES_MAX];
        loop variant highest + 1 - value; */
    for (uint32_t value = 0; value <= highest; value++) {
        uint32_t count = reader->place[value];
        reader->place[value] = reader->counted ? 0 : sum;
        sum += count;
    }
    if (reader->counted) reader->pass++;
    reader->counted = !reader->counted;
    reader->rule = 0;
}

/*@ requires reading(reader) && spare_is_apart(reader) && word < KEY_WORDS && end <= count;
    requires count <= POLICY_IMAGE_MAX / RULE_BYTES &&
        within(reader->policy, reader->policy->rules.at, count * RULE_BYTES);
    terminates \true;
    assigns reader->place[0 .. TYPES_MAX],
        *(policy_bytes[POLICY_SPARE] + (0 .. POLICY_IMAGE_MAX - 1)),
        reader->policy->bytes[0 .. reader->policy->size - 1];
    ensures reading: reading(reader);
    ensures image: same_image{Old, Here}(reader); */
/* A piece of a pass: the odd ones bring the rules back into the image. */
static void sort_piece(struct reader *reader, uint32_t word, uint32_t first, uint32_t end,
                       uint32_t count) {
    uint8_t *image = reader->policy->bytes + reader->policy->rules.at;
    uint8_t *spare = policy_bytes[POLICY_SPARE];
    bool back = reader->pass % 2 != 0;

    if (!reader->counted)
        count_rules(reader, word, back ? spare : image, first, end);
    else if (back)
        place_rules(reader, word, spare, image, first, end, count);
    else
        place_rules(reader, word, image, spare, first, end, count);
}

bool sort_rules(struct reader *reader) {
    const struct policy *policy = reader->policy;
    uint32_t count = policy->rules.count;
    uint32_t first = reader->rule < count ? reader->rule : count;
    uint32_t end = count - first > RULES_PER_PIECE ? first + RULES_PER_PIECE : count;
    bool fit = count <= POLICY_IMAGE_MAX / RULE_BYTES &&
               image_has(policy, policy->rules.at, count * RULE_BYTES);

    if (!require(reader, fit, CHECK_TRUNCATED, reader->head)) return true;
    reader->rule = end;
    if (reader->pass >= KEY_WORDS) {
        check_order(reader, first, end);
        return end == count;
    }
    sort_piece(reader, KEY_WORDS - 1 - reader->pass, first, end, count);
    if (end == count) turn_over(reader);
    return false;
}
