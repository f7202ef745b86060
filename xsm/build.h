/* SPDX-License-Identifier: Apache-2.0 */
/* Fills a decision table, rule-driven: for each row, the rules of the subject's type and attributes
 * are expanded over the labels that their targets name; then constraints and role allow take away.
 * In bounded pieces, or at one go for what happens under the lock. */
#ifndef CORDON_XSM_BUILD_H
#define CORDON_XSM_BUILD_H

#include <stdbool.h>
#include <stdint.h>

#include "xsm/labels.h"
#include "xsm/policy_check.h"

/* One builder for work under the lock, one for a load's work outside it. */
enum { BUILDER_LOCKED, BUILDER_LOAD, BUILDERS };

/* Whole table of a side, from its labels. */
void build_begin(uint32_t builder, uint32_t slot, uint32_t side);
/* Only the rows and columns of labels marked with build_mark(), into a table in use. */
void build_begin_marked(uint32_t builder, uint32_t slot, uint32_t side);
void build_mark(uint32_t builder, label_id label);
/* One piece; *done when the table is complete. */
enum policy_check build_step(uint32_t builder, bool *done);

#endif
