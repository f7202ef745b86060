/* SPDX-License-Identifier: Apache-2.0 */
/* Reads symbol tables. Every value is defined once and none is missing, so that whatever refers to
 * a value within the count finds its symbol; every name is defined once per table. */
#include "xsm/reader.h"

#define CONSTRAINTS_PER_CLASS 64u

enum { PROPERTY_PRIMARY = 1, PROPERTY_ATTRIBUTE = 2 };

/*@ requires \valid(reader) && readable(reader->policy);
    requires within(reader->policy, name.at, name.length);
    requires \separated(reader, reader->policy,
        reader->policy->bytes + (0 .. reader->policy->size - 1));
    terminates \true;
    assigns reader->names[0 .. NAMES - 1]; */
/* Is it the first of its scope, or the same as was read before? Then it is remembered. */
static bool is_first(struct reader *reader, struct name name, uint32_t scope) {
    const struct policy *policy = reader->policy;
    uint32_t hash = 2166136261u;

    /*@ loop invariant 0 <= i <= name.length;
        loop assigns i, hash;
        loop variant name.length - i; */
    for (uint32_t i = 0; i < name.length; i++)
        hash = (hash ^ policy->bytes[name.at + i]) * 16777619u;
    /*@ loop invariant 0 <= i <= NAMES;
        loop assigns i, reader->names[0 .. NAMES - 1];
        loop variant NAMES - i; */
    for (uint32_t i = 0; i < NAMES; i++) {
        uint32_t place = (hash + i) % NAMES;
        if (reader->names[place].length == 0)
            reader->names[place] =
                (struct scoped_name){name.at, (uint16_t)name.length, (uint16_t)scope};
        struct scoped_name known = reader->names[place];
        if (known.at == name.at) return true;
        if (known.scope == scope && image_has(policy, known.at, known.length) &&
            bytes_equal(&policy->bytes[known.at], known.length, &policy->bytes[name.at],
                        name.length))
            return false;
    }
    return false;
}

/*@ requires reading(reader);
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at, reader->names[0 .. NAMES - 1];
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures named: reader->check == CHECK_PASSED ==> 0 < \result.length <= longest &&
        within(reader->policy, \result.at, \result.length) && \result.length == length &&
        \result.at == \old(reader->at) && reader->at == \old(reader->at) + length; */
static struct name take_scoped_name(struct reader *reader, uint32_t length, uint32_t longest,
                                    uint32_t scope) {
    struct name name = take_name(reader, length, longest);

    if (is_good(reader))
        require(reader, is_first(reader, name, scope), CHECK_DUPLICATE_NAME, name.at);
    return name;
}

/*@ requires bit < 32;
    terminates \true;
    assigns \nothing; */
static bool has_bit(uint32_t word, uint32_t bit) { return (word >> bit & 1) != 0; }

/*@ terminates \true;
    assigns \nothing; */
static uint32_t lowest_bits(uint32_t count) { return count < 32 ? (1u << count) - 1 : UINT32_MAX; }

/*@ requires reading(reader) && 0 < value <= POLICY_CLASSES_MAX && bit < 32;
    requires within(reader->policy, name.at, name.length);
    terminates \true;
    assigns reader->policy->class[value - 1].defined,
        reader->policy->class[value - 1].bit[0 .. 31];
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader); */
static void define_permission(struct reader *reader, uint32_t value, uint32_t bit,
                              struct name name) {
    struct policy_class *here = &reader->policy->class[value - 1];

    here->defined |= 1u << bit;
    if (here->ours == NO_CLASS) return;
    here->bit[bit] = vocabulary_bit(here->ours, &reader->policy->bytes[name.at], name.length);
}

/*@ requires reading(reader) && 0 < value <= POLICY_CLASSES_MAX;
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at, reader->names[0 .. NAMES - 1],
        reader->policy->class[value - 1].defined, reader->policy->class[value - 1].bit[0 .. 31];
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader); */
/* One permission of a class: {length, value, name}. */
static void read_permission(struct reader *reader, uint32_t value) {
    uint32_t at = reader->at;
    uint32_t length = take_u32(reader);
    uint32_t bit = take_u32(reader) - 1;

    require(reader, bit < 32 && !has_bit(reader->policy->class[value - 1].defined, bit),
            CHECK_VALUE, at + 4);
    struct name name = take_scoped_name(reader, length, 63, SYMBOL_KINDS + value);
    if (is_good(reader)) define_permission(reader, value, bit, name);
}

/*@ requires reading(reader) && 0 < value <= POLICY_CLASSES_MAX;
    requires within(reader->policy, name.at, name.length);
    terminates \true;
    assigns reader->policy->class[value - 1],
        reader->policy->class_of_ours[0 .. CLASS_COUNT - 1];
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader); */
/* Which of ours a class is, if any. */
static void define_class(struct reader *reader, uint32_t value, struct name name) {
    struct policy *policy = reader->policy;
    uint8_t ours = vocabulary_class(&policy->bytes[name.at], name.length);

    policy->class[value - 1].ours = ours;
    if (ours != NO_CLASS) policy->class_of_ours[ours] = (uint8_t)value;
    policy->class[value - 1].defined = 0;
    /*@ loop invariant 0 <= i <= 32;
        loop assigns i, policy->class[value - 1].bit[0 .. 31];
        loop variant 32 - i; */
    for (uint32_t i = 0; i < 32; i++) policy->class[value - 1].bit[i] = NO_BIT;
}

/*@ requires reading(reader) && 0 < value <= POLICY_CLASSES_MAX;
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at, reader->names[0 .. NAMES - 1],
        reader->policy->class[value - 1].defined, reader->policy->class[value - 1].bit[0 .. 31];
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader); */
static void read_permissions(struct reader *reader, uint32_t value, uint32_t count) {
    uint32_t at = reader->at;

    /*@ loop invariant 0 <= i <= count && reading(reader) && onward{Pre, Here}(reader);
        loop assigns i, reader->at, reader->check, reader->failed_at, reader->names[0 .. NAMES - 1],
            reader->policy->class[value - 1].defined, reader->policy->class[value - 1].bit[0 .. 31];
        loop variant count - i; */
    for (uint32_t i = 0; i < count && is_good(reader); i++) read_permission(reader, value);
    /* Values are distinct, so that the highest is the count if none is missing. */
    require(reader, reader->policy->class[value - 1].defined == lowest_bits(count), CHECK_HOLES,
            at);
}

/*@ requires reading(reader) && 0 < value <= POLICY_CLASSES_MAX;
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at,
        reader->policy->class[value - 1].constraints;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader); */
/* What follows a class's permissions: constraints, validatetrans rules, defaults. */
static void read_constraints(struct reader *reader, uint32_t value, uint32_t count) {
    reader->policy->class[value - 1].constraints = (struct list){count, reader->at};
    /*@ loop invariant 0 <= i <= count && reading(reader) && onward{Pre, Here}(reader);
        loop assigns i, reader->at, reader->check, reader->failed_at;
        loop variant count - i; */
    for (uint32_t i = 0; i < count && is_good(reader); i++) read_constraint(reader, value);
    take_exactly(reader, 0, CHECK_VALIDATE_TRANSITION);
    take_zeros(reader, 4, CHECK_DEFAULTS);
}

/*@ requires reading(reader) && within(reader->policy, name.at, name.length);
    terminates \true;
    assigns reader->check, reader->failed_at, reader->policy->author_version;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader); */
/* The author's version: digits after the prefix, at most nine, none of them a leading zero. */
static void read_author_version(struct reader *reader, struct name name, uint32_t property) {
    static const uint8_t prefix[] = "policy_version_";
    const uint8_t *text = &reader->policy->bytes[name.at];
    uint32_t digits_at = sizeof prefix - 1;
    uint32_t version = 0;

    if (name.length < digits_at || !bytes_equal(text, digits_at, prefix, digits_at)) return;
    uint32_t digits = name.length - digits_at;
    bool plain = digits > 0 && digits <= 9 && text[digits_at] != '0';
    /*@ loop invariant digits_at <= i <= name.length;
        loop assigns i, plain, version;
        loop variant name.length - i; */
    for (uint32_t i = digits_at; i < name.length && plain; i++) {
        plain = text[i] >= '0' && text[i] <= '9';
        version = version * 10 + (text[i] - (uint32_t)'0');
    }
    bool only = property == PROPERTY_PRIMARY && reader->policy->author_version == 0;
    reader->policy->author_version = version;
    require(reader, plain && only, CHECK_AUTHOR_VERSION, name.at);
}

/*@ predicate head_fits(integer kind, uint32_t *word) =
        kind == SYMBOL_CLASS ? word[1] == 0 && word[3] == word[4] <= 32 &&
            word[5] <= CONSTRAINTS_PER_CLASS :
        kind == SYMBOL_ROLE || kind == SYMBOL_USER ? word[2] == 0 :
        kind == SYMBOL_TYPE ? word[3] == 0 && (word[2] == 0 || word[2] == PROPERTY_PRIMARY ||
            word[2] == (PROPERTY_PRIMARY | PROPERTY_ATTRIBUTE)) :
        word[1] <= 1; */

/*@ requires reading(reader) && kind < SYMBOL_KINDS && \valid_read(word + (0 .. 5));
    requires \separated(reader, word + (0 .. 5));
    terminates \true;
    assigns reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures exact: \old(reader->check) == CHECK_PASSED ==>
        (reader->check == CHECK_PASSED <==> head_fits(kind, word)); */
/* What the words at the head of a symbol must not be. Classes: length, length of common, value,
 * permissions (highest and number), constraints. Roles and users: length, value, bounds. Types:
 * length, value, property, bounds. Booleans: value, state, length. */
static void check_head(struct reader *reader, enum symbol_kind kind, const uint32_t *word) {
    uint32_t at = reader->at - 4 * symbol_layout(kind).words;

    switch (kind) {
    case SYMBOL_CLASS:
        require(reader, word[1] == 0, CHECK_COMMON, at + 4);
        require(reader, word[3] == word[4], CHECK_HOLES, at + 12);
        require(reader, word[4] <= 32, CHECK_COUNT, at + 16);
        require(reader, word[5] <= CONSTRAINTS_PER_CLASS, CHECK_COUNT, at + 20);
        break;
    case SYMBOL_ROLE:
    case SYMBOL_USER: require(reader, word[2] == 0, CHECK_BOUNDS, at + 8); break;
    case SYMBOL_TYPE:
        require(reader, word[3] == 0, CHECK_BOUNDS, at + 12);
        require(reader, word[2] <= 3 && word[2] != PROPERTY_ATTRIBUTE, CHECK_TYPE_KIND, at + 8);
        break;
    case SYMBOL_BOOLEAN: require(reader, word[1] <= 1, CHECK_STATE, at + 4); break;
    }
}

/*@ requires reading(reader) && kind < SYMBOL_KINDS;
    terminates \true;
    assigns reader->check, reader->failed_at, reader->policy->symbol_at[0 .. SYMBOLS_MAX - 1];
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures value: reader->check == CHECK_PASSED ==> 0 < value <= reader->policy->count[kind] &&
        reader->policy->symbol_at[symbols_from(kind) + value - 1] == at;
    ensures others: \forall integer i; 0 <= i < SYMBOLS_MAX &&
        i != symbols_from(kind) + value - 1 ==>
            reader->policy->symbol_at[i] == \old(reader->policy->symbol_at[i]);
    ensures exact: \old(reader->check) == CHECK_PASSED ==> (reader->check == CHECK_PASSED <==>
        0 < value <= reader->policy->count[kind] &&
        (\old(reader->policy->symbol_at[symbols_from(kind) + value - 1]) == 0 ||
         \old(reader->policy->symbol_at[symbols_from(kind) + value - 1]) == at)); */
/* Offset 0 is the header's, so that 0 means: not yet defined. */
static void define(struct reader *reader, enum symbol_kind kind, uint32_t value, uint32_t at) {
    struct policy *policy = reader->policy;
    struct symbol_layout layout = symbol_layout(kind);
    uint32_t value_at = at + 4 * layout.value;
    bool in_range = value > 0 && value <= policy->count[kind];

    if (!require(reader, in_range, CHECK_VALUE, value_at)) return;
    uint32_t known = policy->symbol_at[layout.first + value - 1];
    require(reader, known == 0 || known == at, CHECK_VALUE, value_at);
    policy->symbol_at[layout.first + value - 1] = at;
}

/*@ requires reading(reader);
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader); */
/* Types of a role must not be attributes: a context is checked against types alone. */
static void read_role(struct reader *reader) {
    const struct policy *policy = reader->policy;

    take_bitmap(reader, policy->count[SYMBOL_ROLE], CHECK_BITMAP_RANGE);
    uint32_t at = reader->at;
    take_bitmap(reader, policy->count[SYMBOL_TYPE], CHECK_BITMAP_RANGE);
    if (!is_good(reader) || !reader->again) return;
    /*@ loop invariant reading(reader) && onward{Pre, Here}(reader);
        loop assigns bit, reader->check, reader->failed_at;
        loop variant TYPES_MAX - bit; */
    for (uint32_t bit = bitmap_next(policy, at, 0); bit < TYPES_MAX;
         bit = bitmap_next(policy, at, bit + 1))
        require(reader, is_type(policy, bit + 1), CHECK_NOT_A_TYPE, at);
}

/*@ requires reading(reader) && kind < SYMBOL_KINDS && \valid(word + (0 .. 5));
    requires \separated(word + (0 .. 5), reader, reader->policy,
        reader->policy->bytes + (0 .. reader->policy->size - 1));
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at, reader->names[0 .. NAMES - 1],
        word[0 .. 5];
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures named: reader->check == CHECK_PASSED ==>
        within(reader->policy, \result.at, \result.length) && head_fits(kind, word); */
/* The words of a symbol, and its name. */
static struct name read_head(struct reader *reader, enum symbol_kind kind, uint32_t *word) {
    struct symbol_layout layout = symbol_layout(kind);

    take_words(reader, layout.words, word);
    check_head(reader, kind, word);
    return take_scoped_name(reader, word[layout.length], layout.longest, kind);
}

/*@ requires reading(reader);
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader); */
static void read_user(struct reader *reader) {
    take_bitmap(reader, reader->policy->count[SYMBOL_ROLE], CHECK_BITMAP_RANGE);
    take_range(reader);
    take_level(reader);
}

/*@ requires reading(reader) && 0 < value <= POLICY_CLASSES_MAX;
    requires within(reader->policy, name.at, name.length);
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at, reader->names[0 .. NAMES - 1],
        reader->policy->class[value - 1], reader->policy->class_of_ours[0 .. CLASS_COUNT - 1];
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader); */
static void read_class(struct reader *reader, uint32_t value, struct name name,
                       uint32_t permissions, uint32_t constraints) {
    define_class(reader, value, name);
    read_permissions(reader, value, permissions);
    read_constraints(reader, value, constraints);
}

/*@ requires reading(reader) && kind < SYMBOL_KINDS;
    requires within(reader->policy, name.at, name.length);
    terminates \true;
    assigns reader->check, reader->failed_at, reader->policy->author_version,
        reader->policy->symbol_at[0 .. SYMBOLS_MAX - 1];
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures value: reader->check == CHECK_PASSED && kind != SYMBOL_TYPE ==>
        0 < value <= reader->policy->count[kind]; */
/* The value of the symbol that begins at `at`. An alias has that of a type. */
static void read_value(struct reader *reader, enum symbol_kind kind, uint32_t value, uint32_t at,
                       struct name name, uint32_t property) {
    if (kind == SYMBOL_TYPE) read_author_version(reader, name, property);
    if (kind != SYMBOL_TYPE || property != 0)
        define(reader, kind, value, at);
    else if (reader->again)
        require(reader, is_type(reader->policy, value), CHECK_TYPE_KIND, at + 4);
}

void read_symbol(struct reader *reader, enum symbol_kind kind) {
    uint32_t at = reader->at;
    uint32_t word[SYMBOL_WORDS_MAX] = {0};

    struct name name = read_head(reader, kind, word);
    uint32_t value = word[symbol_layout(kind).value];
    if (is_good(reader)) read_value(reader, kind, value, at, name, word[2]);
    if (!is_good(reader)) return;

    switch (kind) {
    case SYMBOL_CLASS: read_class(reader, value, name, word[4], word[5]); break;
    case SYMBOL_ROLE: read_role(reader); break;
    case SYMBOL_USER: read_user(reader); break;
    case SYMBOL_TYPE:
    case SYMBOL_BOOLEAN: break;
    }
}
