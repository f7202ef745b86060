/* SPDX-License-Identifier: Apache-2.0 */
/* The gate's lock: one, fair, held for bounded work, never taken twice by one CPU. */
#ifndef CORDON_CORE_LOCK_H
#define CORDON_CORE_LOCK_H

void gate_lock(void);
void gate_unlock(void);

#endif
