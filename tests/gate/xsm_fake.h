/* SPDX-License-Identifier: Apache-2.0 */
/* Hands on the security module of the tests. */
#ifndef CORDON_TESTS_GATE_XSM_FAKE_H
#define CORDON_TESTS_GATE_XSM_FAKE_H

#include "xsm/xsm.h"

#define FAKE_PERMISSIONS (CLASS_COUNT * 32u)

extern enum permission fake_denied; /* PERMISSION_NONE: none */
extern label_id fake_denied_object; /* on this label only; LABEL_NONE: on all */
extern bool fake_records_grants;
extern bool fake_asked[FAKE_PERMISSIONS];
extern uint32_t fake_questions;

void fake_forget(void);

/* Draws the decisions anew: one in `share` questions is denied, always the same ones until the next
 * draw; 0: none. Real type enforcement (xsm_te.c) draws its booleans instead. */
void decisions_draw(uint32_t salt, uint32_t share);

#endif
