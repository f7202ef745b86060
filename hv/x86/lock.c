/* SPDX-License-Identifier: Apache-2.0 */
#include "hv/core/lock.h"
#include "hv/x86/lock.h"
#include "hv/x86/paging.h"
#include "hv/x86/percpu.h"

static struct lock lock;

void gate_lock(void) {
    lock_take(&lock);
    if (this_cpu()->sparse_generation != sparse_generation) sparse_catch_up();
}

void gate_unlock(void) { lock_give(&lock); }
