/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of labels: a label is a context with a number. Two sets: one in force, one being made for a
 * policy or boolean change. A label lives while it is initial, held from outside, or derived from a
 * living domain label. */
#ifndef CORDON_XSM_LABELS_H
#define CORDON_XSM_LABELS_H

#include <stdbool.h>
#include <stdint.h>

#include "xsm/contexts.h"
#include "xsm/xsm.h"

#define SIDES 2u /* one in force, one aside */
#define LABEL_BUCKETS 256u

struct label {
    struct context context;
    bool live;
    bool domain;          /* closure is kept for it: self and channel labels */
    bool found;           /* by the chain of its bucket; a twin of the same context is not */
    label_id self;        /* LABEL_NONE unless domain */
    label_id next;        /* in its bucket */
    uint32_t sid;         /* 0: none given yet */
    uint32_t asker;       /* SID on whose behalf it came to life, 0: derived */
    uint32_t holds;       /* from outside */
    uint32_t derivations; /* how often the closure arrives at it */
};

struct label_set {
    struct label label[LABELS_MAX];
    label_id bucket[LABEL_BUCKETS];
};

extern struct label_set label_sets[SIDES];

void labels_clear(uint32_t side);
/* The label of a context, or LABEL_NONE. */
label_id labels_find(uint32_t side, struct context context);
/* A free place, or LABEL_NONE. */
label_id labels_free_place(uint32_t side);
/* Brings a label to life at a free place, with nothing that keeps it alive yet. */
void labels_place(uint32_t side, label_id label, struct context context);
void labels_remove(uint32_t side, label_id label);
/* Is there anything for whose sake it lives? */
bool labels_wanted(uint32_t side, label_id label);
/* How many labels came to life on behalf of a SID. */
uint32_t labels_asked_by(uint32_t side, uint32_t sid);
label_id labels_of_sid(uint32_t side, uint32_t sid);

#endif
