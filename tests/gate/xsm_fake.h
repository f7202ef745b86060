/* SPDX-License-Identifier: Apache-2.0 */
/* Hands on the security module of the tests. */
#ifndef CORDON_TESTS_GATE_XSM_FAKE_H
#define CORDON_TESTS_GATE_XSM_FAKE_H

#include "xsm/xsm.h"

#define FAKE_PERMISSIONS (CLASS_COUNT * 32u)

extern enum permission fake_denied; /* PERMISSION_NONE: none */
extern uint32_t fake_deny_one_in;   /* 0: none; else that many of the questions, by fake_salt */
extern uint32_t fake_salt;
extern bool fake_records_grants;
extern bool fake_asked[FAKE_PERMISSIONS];
extern uint32_t fake_questions;

void fake_forget(void);

#endif
