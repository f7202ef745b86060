/* SPDX-License-Identifier: Apache-2.0 */
/* Reads an image front to back in bounded pieces and notes where its parts are. Nothing of an image
 * is believed before all of it was seen to be well-formed, consistent, and consumed to the last
 * byte. The first check that fails stays, with the offset of the item that failed it; from then on
 * whatever is taken is zero and nothing moves. */
#ifndef CORDON_XSM_READER_H
#define CORDON_XSM_READER_H

#include "xsm/policy.h"
#include "xsm/policy_check.h"

/* In the order of the image. Symbols are read twice: what refers to a later table can only be
 * checked when all are known. Phases of symbol tables are in the order of enum symbol_kind. */
enum reader_phase {
    READ_HEADER,
    READ_CLASSES,
    READ_ROLES,
    READ_TYPES,
    READ_USERS,
    READ_BOOLEANS,
    READ_RULES,
    SORT_RULES,
    READ_CONDITIONALS,
    READ_ROLE_TRANSITIONS,
    READ_ROLE_ALLOWS,
    READ_INITIAL_SIDS,
    READ_ATTRIBUTES,
    READ_DONE
};

/* Every name must be the only one of its scope: the kind of a symbol, or the class (by value) of a
 * permission, counted on from there. */
struct scoped_name {
    uint32_t at;
    uint16_t length; /* 0: the place is free */
    uint16_t scope;
};

#define NAMES 16384u /* more than all symbols of an image: a free place is always met */

struct reader {
    struct policy *policy;
    uint32_t at;
    enum policy_check check;
    uint32_t failed_at;
    enum reader_phase phase;
    bool entered;                  /* the phase's head was read */
    bool again;                    /* symbols are read for the second time */
    uint32_t head;                 /* of the phase */
    uint32_t items, item;          /* of the phase in all, and the next */
    uint32_t lists;                /* of the conditional under way that were begun */
    uint32_t list_left;            /* rules still to read of the last of them */
    uint32_t symbols;              /* where they begin */
    uint32_t rule, pass;           /* that sorting has come to */
    bool counted;                  /* the pass knows where the rules with each value belong */
    uint32_t place[TYPES_MAX + 1]; /* of the next rule with each value; before that, the count */
    struct scoped_name names[NAMES];
};

/* --- reader.c, for the parts of the reader ---------------------------------------------------- */

/*@ // A reader never stands behind the end of its image, there is no index in its policy that is
    // out of range, and the three do not overlap.
    predicate reading(struct reader *reader) =
        \valid(reader) && \valid(reader->policy) && reader->at <= reader->policy->size &&
        reader->check < CHECK_COUNT_OF &&
        (reader->policy->size > 0 ==>
            \valid(reader->policy->bytes + (0 .. reader->policy->size - 1))) &&
        \separated(reader, reader->policy,
            reader->policy->bytes + (0 .. reader->policy->size - 1)) &&
        indexed(reader->policy);

    predicate same_image{A, B}(struct reader *reader) =
        \at(reader->policy, A) == \at(reader->policy, B) &&
        \at(reader->policy->bytes, A) == \at(reader->policy->bytes, B) &&
        \at(reader->policy->size, A) == \at(reader->policy->size, B);

    // The room in which rules are sorted is none of these.
    predicate spare_is_apart(struct reader *reader) =
        \separated(&policy_bytes[POLICY_SPARE][0 .. POLICY_IMAGE_MAX - 1], reader, reader->policy,
            reader->policy->bytes + (0 .. reader->policy->size - 1));

    // Reading never goes back, and the first check that fails stays: nothing moves after it.
    predicate onward{A, B}(struct reader *reader) = same_image{A, B}(reader) &&
        \at(reader->at, B) >= \at(reader->at, A) &&
        (\at(reader->check, A) != CHECK_PASSED ==>
            \at(reader->check, B) == \at(reader->check, A) &&
            \at(reader->failed_at, B) == \at(reader->failed_at, A) &&
            \at(reader->at, B) == \at(reader->at, A));
*/

/*@ requires \valid_read(reader);
    terminates \true;
    assigns \nothing;
    ensures good: \result == 1 <==> reader->check == CHECK_PASSED; */
bool is_good(const struct reader *reader);

/*@ requires reading(reader) && check < CHECK_COUNT_OF && (!holds ==> check != CHECK_PASSED);
    terminates \true;
    assigns reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures required: \old(reader->check) == CHECK_PASSED ==>
        (holds ? reader->check == CHECK_PASSED : reader->check == check && reader->failed_at == at);
    ensures good: \result == 1 <==> reader->check == CHECK_PASSED; */
/* Unless it holds, the check fails for the item at `at`. Is the reader still good? */
bool require(struct reader *reader, bool holds, enum policy_check check, uint32_t at);

/*@ requires reading(reader);
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures taken: reader->check == CHECK_PASSED ==> reader->at == \old(reader->at) + 4;
    ensures nothing: reader->check != CHECK_PASSED ==> \result == 0;
    ensures exact: \old(reader->check) == CHECK_PASSED ==>
        (reader->check == CHECK_PASSED <==> within(reader->policy, \old(reader->at), 4)); */
uint32_t take_u32(struct reader *reader);

/*@ requires reading(reader) && \valid(words + (0 .. count - 1));
    requires \separated(words + (0 .. count - 1), reader, reader->policy,
        reader->policy->bytes + (0 .. reader->policy->size - 1));
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at, words[0 .. count - 1];
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures taken: reader->check == CHECK_PASSED ==>
        reader->at == \old(reader->at) + 4 * count; */
void take_words(struct reader *reader, uint32_t count, uint32_t *words);

/* A word that must have this value, and words that must be zero. */
/*@ requires reading(reader) && CHECK_PASSED < otherwise < CHECK_COUNT_OF;
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures taken: reader->check == CHECK_PASSED ==> reader->at == \old(reader->at) + 4; */
void take_exactly(struct reader *reader, uint32_t value, enum policy_check otherwise);

/*@ requires reading(reader) && CHECK_PASSED < otherwise < CHECK_COUNT_OF;
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures taken: reader->check == CHECK_PASSED ==> reader->at == \old(reader->at) + 4 * count; */
void take_zeros(struct reader *reader, uint32_t count, enum policy_check otherwise);

/*@ requires reading(reader) && item > 0;
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures counted: \result.count <= maximum &&
        \result.count <= (reader->policy->size - reader->at) / item;
    ensures placed: \result.at == reader->at;
    ensures taken: reader->check == CHECK_PASSED ==> reader->at == \old(reader->at) + 4; */
/* The head of a list of items of at least `item` bytes each: at most `maximum`, and no more than
 * can follow. */
struct list take_list(struct reader *reader, uint32_t maximum, uint32_t item);

/*@ requires reading(reader);
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures named: reader->check == CHECK_PASSED ==> 0 < \result.length <= longest &&
        within(reader->policy, \result.at, \result.length) && \result.length == length &&
        \result.at == \old(reader->at) && reader->at == \old(reader->at) + length;
    ensures text: reader->check == CHECK_PASSED ==>
        \forall integer i; \result.at <= i < \result.at + \result.length ==>
            ' ' < reader->policy->bytes[i] <= '~' && reader->policy->bytes[i] != ':'; */
/* A name, printable and without the colon that separates the parts of a context. */
struct name take_name(struct reader *reader, uint32_t length, uint32_t longest);

/*@ requires reading(reader) && CHECK_PASSED < beyond < CHECK_COUNT_OF;
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures taken: reader->check == CHECK_PASSED ==> reader->at >= \old(reader->at) + 12; */
/* A bitmap in canonical form with no bit from `limit` on. */
void take_bitmap(struct reader *reader, uint32_t limit, enum policy_check beyond);

/*@ requires reading(reader) && CHECK_PASSED < otherwise < CHECK_COUNT_OF && most < UINT32_MAX;
    terminates \true;
    assigns reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures depth: reader->check == CHECK_PASSED ==>
        \result == depth - operands + 1 && 0 < \result <= most;
    ensures exact: \old(reader->check) == CHECK_PASSED ==> (reader->check == CHECK_PASSED <==>
        operands <= depth && depth - operands < most); */
/* The operands on top of a stack of this depth become one result, the depth is returned. Or the
 * check fails for the item at `at`. */
uint32_t operate(struct reader *reader, uint32_t depth, uint32_t operands, uint32_t most,
                 enum policy_check otherwise, uint32_t at);

/* The level and range of a policy without MLS: present, and empty. */
/*@ requires reading(reader);
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader); */
void take_level(struct reader *reader);

/*@ requires reading(reader);
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader); */
void take_range(struct reader *reader);

/* --- read_symbols.c, rules.c, conditionals.c, constraints.c ----------------------------------- */

/*@ requires reading(reader) && kind < SYMBOL_KINDS;
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at, reader->names[0 .. NAMES - 1],
        reader->policy->class[0 .. POLICY_CLASSES_MAX - 1],
        reader->policy->class_of_ours[0 .. CLASS_COUNT - 1],
        reader->policy->symbol_at[0 .. SYMBOLS_MAX - 1], reader->policy->author_version;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader); */
void read_symbol(struct reader *reader, enum symbol_kind kind);

/*@ requires reading(reader);
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader); */
void read_rule(struct reader *reader, bool conditional);

/*@ requires reading(reader) && spare_is_apart(reader);
    terminates \true;
    assigns reader->check, reader->failed_at, reader->rule, reader->pass, reader->counted,
        reader->place[0 .. TYPES_MAX], *(policy_bytes[POLICY_SPARE] + (0 .. POLICY_IMAGE_MAX - 1)),
        reader->policy->bytes[0 .. reader->policy->size - 1];
    ensures reading: reading(reader);
    ensures image: same_image{Old, Here}(reader); */
/* The next piece of sorting the unconditional rules. True when it was the last. */
bool sort_rules(struct reader *reader);

/*@ requires reading(reader) && listed(reader->policy) && reader->lists <= 2;
    requires reader->item < reader->policy->conditionals.count;
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at, reader->lists, reader->list_left,
        reader->policy->conditional[reader->item], reader->policy->conditional_rules,
        reader->policy->conditional_type_rules,
        reader->policy->conditional_type_rule[0 .. CONDITIONAL_TYPE_RULES_MAX - 1];
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures listed: listed(reader->policy) && reader->lists <= 2;
    ensures last: \result == 1 ==> reader->lists == 0; */
/* The next piece of a conditional. True when it was the last. */
bool read_conditional(struct reader *reader);

/*@ requires readable(policy) && \valid_read(conditional);
    requires \valid_read(values + (0 .. BOOLEANS_MAX - 1));
    terminates \true;
    assigns \nothing; */
bool conditional_holds(const struct policy *policy, const struct conditional *conditional,
                       const bool values[BOOLEANS_MAX]);

/*@ requires readable(policy) && indexed(policy) && listed(policy);
    requires \valid_read(holds + (0 .. CONDITIONALS_MAX - 1));
    terminates \true;
    assigns \nothing; */
/* Type of the enabled conditional type rule with this key, or 0. */
uint32_t conditionals_find(const struct policy *policy, const bool holds[CONDITIONALS_MAX],
                           uint64_t key);

/*@ requires reading(reader) && 0 < class <= POLICY_CLASSES_MAX;
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader); */
/* Constraint of a class (by value). */
void read_constraint(struct reader *reader, uint32_t class);

/*@ requires \valid_read(policy) && 0 < class <= POLICY_CLASSES_MAX;
    terminates \true;
    assigns \nothing;
    ensures check: \result < CHECK_COUNT_OF;
    ensures lacked: \result == CHECK_UNKNOWN_CLASS <==> policy->class[class - 1].ours == NO_CLASS;
    ensures known: \result == CHECK_PASSED ==> \forall integer i; 0 <= i < 32 &&
        ((bits & policy->class[class - 1].defined) >> i & 1) != 0 ==>
            policy->class[class - 1].bit[i] != NO_BIT; */
/* Are these bits defined by the class (by value), and known to the hypervisor? */
enum policy_check permissions_check(const struct policy *policy, uint32_t class, uint32_t bits);

/*@ requires readable(policy) && counted(policy) && 0 < class <= POLICY_CLASSES_MAX;
    requires \separated(policy, policy->bytes + (0 .. policy->size - 1));
    terminates \true;
    assigns \nothing;
    ensures less: \forall integer bit; 0 <= bit < 32 && (\result >> bit & 1) != 0 ==>
        (allowed >> bit & 1) != 0; */
/* What is left of `allowed` (our bits) when the class's constraints are applied to a pair. */
uint32_t constraints_apply(const struct policy *policy, uint32_t class, struct context source,
                           struct context target, uint32_t allowed);

/* --- read_policy.c ---------------------------------------------------------------------------- */

void reader_begin(struct reader *reader, struct policy *policy, uint8_t *bytes, uint32_t size);
/* One piece. At READ_DONE the image is valid. */
void reader_step(struct reader *reader);

#endif
