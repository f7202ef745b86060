/* SPDX-License-Identifier: Apache-2.0 */
/* Policy loads and changes under way: in slices outside the lock, put into force under it. */
#ifndef CORDON_CORE_FLASK_H
#define CORDON_CORE_FLASK_H

#include "hv/abi/reason.h"
#include "hv/core/effects.h"

/* One slice, without the gate's lock, by the CPU whose request asked for it. */
void flask_work_unlocked(void);

/* The domain runs no more: its load, if one is under way, is given up, and it waits for nothing. */
void flask_forget(domain_id domain);

/* hv/core/policy_store.c: memory behind the policy images, as much as the largest policy so far
 * took, and kept. Backs the first `size` bytes of what a load would use, its slot and the spare
 * row, some pages a call. REASON_AGAIN: go on; REASON_OK: all are there. */
enum reason policy_store_back(uint32_t size, struct effects *effects);

#endif
