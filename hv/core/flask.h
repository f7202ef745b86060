/* SPDX-License-Identifier: Apache-2.0 */
/* A policy load under way: copied in pieces, validated in slices outside the lock, swapped under
 * it. */
#ifndef CORDON_CORE_FLASK_H
#define CORDON_CORE_FLASK_H

#include "hv/abi/types.h"

/* One slice of validation, without the gate's lock, by the CPU whose request asked for it. */
void flask_work_unlocked(void);

/* The domain runs no more: its load, if one is under way, is given up. */
void flask_load_forget(domain_id domain);

#endif
