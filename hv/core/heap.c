/* SPDX-License-Identifier: Apache-2.0 */
/* Binary heaps of vCPUs. Depth and thus each operation are bounded by the number of vCPUs. */
#include "hv/core/sched.h"

#define DEPTH 13u /* of a heap of HEAP_SIZE */

struct heap heaps[HEAP_KINDS][MAX_CPUS];

static uint64_t key_of(enum heap_kind kind, uint16_t reference) {
    return vcpu_of(reference)->heap[kind].key;
}

static void put(struct heap *heap, enum heap_kind kind, uint32_t slot, uint16_t reference) {
    heap->item[slot] = reference;
    vcpu_of(reference)->heap[kind].slot = (uint16_t)slot;
}

/* Moves `reference` from the free place `slot` to where it belongs, towards the root or away. */
static void sift_up(struct heap *heap, enum heap_kind kind, uint32_t slot, uint16_t reference) {
    uint64_t key = key_of(kind, reference);

    while (slot > 0 && key < key_of(kind, heap->item[(slot - 1) / 2])) {
        put(heap, kind, slot, heap->item[(slot - 1) / 2]);
        slot = (slot - 1) / 2;
    }
    put(heap, kind, slot, reference);
}

static void sift_down(struct heap *heap, enum heap_kind kind, uint32_t slot, uint16_t reference) {
    uint64_t key = key_of(kind, reference);

    for (uint32_t i = 0; i < DEPTH; i++) {
        uint32_t child = 2 * slot + 1;

        if (child + 1 < heap->count &&
            key_of(kind, heap->item[child + 1]) < key_of(kind, heap->item[child]))
            child++;
        if (child >= heap->count || key_of(kind, heap->item[child]) >= key) break;
        put(heap, kind, slot, heap->item[child]);
        slot = child;
    }
    put(heap, kind, slot, reference);
}

void heap_insert(enum heap_kind kind, uint32_t cpu, uint16_t reference, uint64_t key) {
    struct heap_place *place = &vcpu_of(reference)->heap[kind];
    struct heap *heap = &heaps[kind][cpu];

    place->key = key;
    place->cpu = (uint8_t)cpu;
    place->inside = true;
    heap->count++;
    sift_up(heap, kind, heap->count - 1, reference);
}

void heap_remove(enum heap_kind kind, uint16_t reference) {
    struct heap_place *place = &vcpu_of(reference)->heap[kind];
    struct heap *heap = &heaps[kind][place->cpu];
    uint32_t slot = place->slot;

    place->inside = false;
    heap->count--;
    if (slot == heap->count) return;
    uint16_t moved = heap->item[heap->count];
    if (slot > 0 && key_of(kind, moved) < key_of(kind, heap->item[(slot - 1) / 2]))
        sift_up(heap, kind, slot, moved);
    else
        sift_down(heap, kind, slot, moved);
}
