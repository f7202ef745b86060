/* SPDX-License-Identifier: Apache-2.0 */
/* Binary heaps of vCPUs, two for each CPU: its run queue, by virtual time, and its timers, by
 * deadline. A vCPU knows its place in both (struct vcpu), so that leaving costs no search. */
#ifndef CORDON_CORE_HEAP_H
#define CORDON_CORE_HEAP_H

#include "hv/core/domain.h"

/* The vCPU, which is in no heap of this kind, goes into that of `cpu`. */
void heap_insert(enum heap_kind kind, uint32_t cpu, uint16_t reference, uint64_t key);
/* Takes it out of the one that it is in. */
void heap_remove(enum heap_kind kind, uint16_t reference);

#define HEAP_SIZE (MAX_DOMAINS * MAX_VCPUS)

struct heap {
    uint32_t count;
    uint16_t item[HEAP_SIZE]; /* vCPU references; item[0] has the least key */
};
extern struct heap heaps[HEAP_KINDS][MAX_CPUS]; /* written by heap.c alone */

static inline struct vcpu *vcpu_of(uint16_t reference) {
    return &vcpus[reference / MAX_VCPUS][reference % MAX_VCPUS];
}

#endif
