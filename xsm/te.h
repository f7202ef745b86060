/* SPDX-License-Identifier: Apache-2.0 */
/* Type enforcement's state and its parts: te.c keeps labels, closure.c derives them, table.c holds
 * the decisions and answers, build.c makes them, change.c puts a new state in place of another,
 * te_load.c brings policies and booleans. */
#ifndef CORDON_XSM_TE_H
#define CORDON_XSM_TE_H

#include "xsm/reader.h"

/* A label is a context with a number. It lives while it is initial, held from outside, or derived
 * from a living domain label; one that nothing wants any more is left out by the next change. */
struct label {
    struct context context;
    bool live;
    bool domain;          /* the closure is kept for it: self and channel labels */
    bool must_fit;        /* while the next state is made: a domain may carry it, so it must stay
                             one that a domain can carry */
    label_id self;        /* LABEL_NONE unless domain */
    uint32_t sid;         /* 0: none given yet */
    uint32_t asker;       /* SID on whose behalf it is held, 0: derived, or held by nothing */
    uint32_t holds;       /* from outside */
    uint32_t derivations; /* how often the closure arrives at it */
};

#define VECTORS_MAX 2048u
#define WORDS_MAX (VECTORS_MAX * CLASS_COUNT)
#define VECTOR_HASH 4096u
#define WORD_DENIED UINT64_C(0xaaaaaaaaaaaaaaaa) /* nothing granted, all recorded */
#define VECTOR_DENIED 0u /* denies all and records all: that of pairs that no rule mentions */

/* Decisions. A vector is a word a class, with two bits a permission just as xsm_decide() returns
 * them; it is known by the index of its first word. Equal vectors are one. */
struct table {
    uint16_t vector[LABELS_MAX][LABELS_MAX]; /* of a pair: subject, object */
    uint64_t word[WORDS_MAX];
    uint16_t hash[VECTOR_HASH]; /* vectors by hash; VECTOR_DENIED: the place is free */
    uint32_t words;
};

_Static_assert(LABELS_MAX == (label_id)-1 + 1, "the type of a label holds its range");
_Static_assert(WORDS_MAX <= UINT16_MAX, "words are known by 16 bits");

/*@ // Every vector of a pair or of the hash is one of those made, and the first denies all.
    predicate sound(struct table *table) =
        CLASS_COUNT <= table->words <= WORDS_MAX &&
        (\forall label_id s, o; table->vector[s][o] + CLASS_COUNT <= table->words) &&
        (\forall integer i; 0 <= i < VECTOR_HASH ==>
            table->hash[i] + CLASS_COUNT <= table->words) &&
        (\forall integer i; 0 <= i < CLASS_COUNT ==> table->word[i] == WORD_DENIED);

    // What the table has for a permission of a pair: two bits.
    logic integer answer(struct table *table, integer subject, integer object, integer permission) =
        (table->word[table->vector[subject][object] + permission / 32] >>
         permission % 32 * 2) & 3;
*/

/* All that a policy, its booleans and the labels in use come to. */
struct state {
    const struct policy *policy;
    bool boolean[BOOLEANS_MAX];   /* by value - 1 */
    bool holds[CONDITIONALS_MAX]; /* truth of the policy's conditionals */
    struct label label[LABELS_MAX];
    /* Label of the channel from one domain label to another; LABEL_NONE: none is valid. Rows of
     * other labels mean nothing. */
    label_id channel[LABELS_MAX][LABELS_MAX];
    struct table table;
};

/* One state is in force, where nothing is ever changed but holds; the other is made aside. */
extern struct state states[2];
extern struct state *in_force;
extern uint32_t next_sid;

/* --- te.c ------------------------------------------------------------------------------------- */

/* The label of a context, or LABEL_NONE. */
label_id label_find(const struct state *state, struct context context);
/* Brings a label of a context to life at a free place, with nothing that keeps it alive yet. Or
 * LABEL_NONE. */
label_id label_make(struct state *state, struct context context);
/* Ends every label that nothing wants any more. */
void labels_sweep(struct state *state);

/* --- closure.c -------------------------------------------------------------------------------- */

/* The context of what `source` makes of, or on, `target`. False if it is not valid. */
bool label_derive(const struct state *state, label_id source, label_id target, enum xsm_class class,
                  struct context *out);
/* Has it a self transition, and is no domain label yet? */
bool closure_lacks(const struct state *state, label_id label);
/* Makes a living label a domain label if it has a self transition. False if there is no room; then
 * nothing changed, but for labels to be swept. */
bool closure_add(struct state *state, label_id label);

/* --- table.c ---------------------------------------------------------------------------------- */

/*@ requires \valid(table);
    terminates \true;
    assigns *table;
    ensures sound: sound(table);
    ensures denied: \forall label_id s, o; table->vector[s][o] == VECTOR_DENIED; */
void table_clear(struct table *table);

/*@ requires \valid(table) && sound(table) && \valid_read(word + (0 .. CLASS_COUNT - 1));
    requires \separated(table, word + (0 .. CLASS_COUNT - 1));
    terminates \true;
    assigns table->word[0 .. WORDS_MAX - 1], table->hash[0 .. VECTOR_HASH - 1], table->words;
    ensures sound: sound(table);
    ensures kept: table->words >= \old(table->words) &&
        \forall integer i; 0 <= i < \old(table->words) ==> table->word[i] == \old(table->word[i]);
    ensures found: \result == WORDS_MAX || (\result + CLASS_COUNT <= table->words &&
        \forall integer i; 0 <= i < CLASS_COUNT ==> table->word[\result + i] == word[i]); */
/* The vector with these words, or WORDS_MAX if there is no room. */
uint32_t table_vector(struct table *table, const uint64_t word[CLASS_COUNT]);

/* --- build.c: fills a table, rule by rule ----------------------------------------------------- */

/* The table of a state. */
void build_begin(struct state *state);
/* One piece; *done when the table is complete. */
enum policy_check build_step(bool *done);

/* --- change.c --------------------------------------------------------------------------------- */

/* Begins to make the state of a policy, its booleans, the labels in use, and one more, if its type
 * is not 0. Under the lock, while there is no change. */
void change_begin(enum xsm_change kind, const struct policy *policy,
                  const bool boolean[BOOLEANS_MAX], struct context newcomer);
/* One bounded piece, which needs no lock. */
void change_work(void);
/* What failed, or CHECK_PASSED. */
enum policy_check change_failure(void);
/* Puts it into force, under the lock. False: it is not complete, or what it began with has changed
 * so that it had to begin afresh. */
bool change_commit(void);
/* There is no change any more. */
void change_end(void);

#endif
