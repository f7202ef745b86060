/* SPDX-License-Identifier: Apache-2.0 */
/* Ticket lock: fair, so that no CPU starves. Taken with GIF clear only (or before interrupts are
 * on), therefore never by an interrupt handler that interrupted its holder. */
#ifndef CORDON_X86_LOCK_H
#define CORDON_X86_LOCK_H

#include <stdint.h>

struct lock {
    uint32_t next;
    uint32_t serving;
};

static inline void lock_take(struct lock *lock) {
    uint32_t ticket = __atomic_fetch_add(&lock->next, 1u, __ATOMIC_RELAXED);

    while (__atomic_load_n(&lock->serving, __ATOMIC_ACQUIRE) != ticket) __asm__ volatile("pause");
}

static inline void lock_give(struct lock *lock) {
    uint32_t serving = __atomic_load_n(&lock->serving, __ATOMIC_RELAXED);

    __atomic_store_n(&lock->serving, serving + 1u, __ATOMIC_RELEASE);
}

#endif
