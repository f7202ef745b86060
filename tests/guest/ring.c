/* SPDX-License-Identifier: Apache-2.0 */
/* Rings and calls of tiny guests. */
#include "tests/guest/ring.h"

#include "tests/guest/guest.h"

bool ring_put(struct ring_producer *producer, uint64_t word) {
    volatile struct ring *ring = producer->ring;
    uint32_t produced = ring->produced;

    if (produced - __atomic_load_n(&ring->consumed, __ATOMIC_ACQUIRE) >= RING_SLOTS) return false;
    ring->slots[produced % RING_SLOTS] = word;
    __atomic_store_n(&ring->produced, produced + 1, __ATOMIC_RELEASE);
    if (produced + 1 - producer->told >= producer->rate) ring_flush(producer);
    return true;
}

void ring_flush(struct ring_producer *producer) {
    if (producer->told == producer->ring->produced) return;
    producer->told = producer->ring->produced;
    (void)event_send(producer->port);
}

bool ring_take(volatile struct ring *ring, uint64_t *word) {
    uint32_t consumed = ring->consumed;
    uint32_t waiting = __atomic_load_n(&ring->produced, __ATOMIC_ACQUIRE) - consumed;

    if (waiting == 0 || waiting > RING_SLOTS) return false;
    *word = ring->slots[consumed % RING_SLOTS];
    __atomic_store_n(&ring->consumed, consumed + 1, __ATOMIC_RELEASE);
    return true;
}

uint64_t ring_call(volatile struct ring *ring, uint32_t port, uint64_t request) {
    ring->request = request;
    (void)event_send(port);
    event_poll(port);
    return ring->answer;
}

void ring_serve_call(volatile struct ring *ring, uint64_t (*serve)(uint64_t request)) {
    ring->answer = serve(ring->request);
}
