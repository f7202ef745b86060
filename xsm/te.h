/* SPDX-License-Identifier: Apache-2.0 */
/* Type enforcement's own state, shared by its three files: te.c answers and keeps labels,
 * te_stage.c makes the next state aside, te_load.c brings policies and booleans. */
#ifndef CORDON_XSM_TE_H
#define CORDON_XSM_TE_H

#include <stdbool.h>
#include <stdint.h>

#include "xsm/closure.h"
#include "xsm/conditionals.h"
#include "xsm/policy_check.h"
#include "xsm/xsm.h"

/* What is in force: an image, and the side of labels, conditions and table. */
struct te {
    uint32_t slot;
    uint32_t side;
    uint32_t next_sid;
    uint32_t
        changes; /* of the set of labels in force, so that what was made aside can be too old */
    struct xsm_identity identity;
};

extern struct te te;
extern struct boolean_states booleans[IMAGE_SLOTS];
extern char boolean_names[IMAGE_SLOTS][BOOLEANS_MAX][BOOLEAN_NAME_MAX];

/* --- te_stage.c: the next state, made aside ------------------------------------------------------
 */

/* Empty set with the initial labels alive, before the first policy. */
void stage_boot(void);
/* Notes the labels in force (under the lock) for a state with the image in `slot`. */
void stage_begin(uint32_t slot, uint32_t builder);
/* Truth of the booleans in that state. Before the first step. */
void stage_booleans(const struct boolean_states *states);
/* One piece of work outside the lock; *done when the state is complete. */
enum policy_check stage_step(bool *done);
/* Have labels come or gone since it began? */
bool stage_is_old(void);
/* Puts it in force. */
void stage_commit(void);
/* All of it at one go, for the image in force. */
enum policy_check stage_again(const struct boolean_states *states);

/* --- te_load.c ----------------------------------------------------------------------------------
 */

bool load_under_way(void);

#endif
