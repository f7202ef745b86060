/* SPDX-License-Identifier: Apache-2.0 */
/* Policy loads and changes under way: in slices outside the lock, put into force under it. */
#ifndef CORDON_CORE_FLASK_H
#define CORDON_CORE_FLASK_H

#include "hv/abi/types.h"

/* One slice, without the gate's lock, by the CPU whose request asked for it. */
void flask_work_unlocked(void);

/* The domain runs no more: its load, if one is under way, is given up, and it waits for nothing. */
void flask_forget(domain_id domain);

#endif
