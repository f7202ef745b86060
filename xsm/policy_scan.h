/* SPDX-License-Identifier: Apache-2.0 */
/* Validates an image in bounded pieces and fills its index. Nothing of an image is believed before
 * all of it was seen to be well-formed, consistent, and consumed to the last byte. */
#ifndef CORDON_XSM_POLICY_SCAN_H
#define CORDON_XSM_POLICY_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "xsm/cursor.h"
#include "xsm/rules.h"

/* In the order of the image up to SCAN_END; then what needs all of it. */
enum scan_phase {
    SCAN_HEADER,
    SCAN_COMMONS,
    SCAN_CLASSES,
    SCAN_ROLES,
    SCAN_TYPES,
    SCAN_USERS,
    SCAN_BOOLEANS,
    SCAN_SENSITIVITIES,
    SCAN_CATEGORIES,
    SCAN_RULES,
    SCAN_CONDITIONALS,
    SCAN_ROLE_TRANSITIONS,
    SCAN_ROLE_ALLOWS,
    SCAN_FILENAME_TRANSITIONS,
    SCAN_INITIAL_SIDS,
    SCAN_OBJECT_CONTEXTS,
    SCAN_GENFS,
    SCAN_RANGE_TRANSITIONS,
    SCAN_ATTRIBUTES,
    SCAN_END,
    SCAN_LINK_CLASSES,
    SCAN_LINK_ROLES,
    SCAN_LINK_TYPES,
    SCAN_SORT,
    SCAN_DUPLICATES,
    SCAN_CONDITIONAL_TYPES,
    SCAN_DONE
};

struct policy_scan {
    struct cursor cursor;
    enum scan_phase phase;
    bool entered;                                   /* the phase's head was read */
    uint32_t items;                                 /* of the phase in all */
    uint32_t item;                                  /* next */
    uint32_t table;                                 /* where the phase's items begin */
    enum { LIST_NONE, LIST_TRUE, LIST_FALSE } list; /* of the conditional under way */
    uint32_t rules;                                 /* still to read of that list */
    struct rule_sort sort;
};

void policy_scan_begin(struct policy_scan *scan, uint32_t slot, uint32_t size);
/* One piece. *done when the image is valid. */
enum policy_check policy_scan_step(struct policy_scan *scan, bool *done);

/* The head of the phase, and its next item: in policy_enter.c and policy_items.c. */
enum policy_check scan_enter(struct policy_scan *scan);
enum policy_check scan_item(struct policy_scan *scan);

#endif
