/* SPDX-License-Identifier: Apache-2.0 */
/* Ticket lock: fair, so that no CPU starves. Taken with GIF clear only (or before interrupts are
 * on), therefore never by an interrupt handler that interrupted its holder. */
#ifndef CORDON_X86_LOCK_H
#define CORDON_X86_LOCK_H

#include <stdint.h>

struct lock {
    uint32_t next, serving;
};

static inline void lock_take(struct lock *lock) {
    uint32_t ticket = __atomic_fetch_add(&lock->next, 1u, __ATOMIC_RELAXED);

    while (__builtin_expect(__atomic_load_n(&lock->serving, __ATOMIC_ACQUIRE) != ticket, 0))
        __asm__ volatile("pause");
}

static inline void lock_give(struct lock *lock) {
    /* A store of the holder alone: it needs no bus lock, and x86 makes it visible after all before
     * it. */
    __asm__ volatile("incl %0" : "+m"(lock->serving) : : "memory", "cc");
}

#endif
