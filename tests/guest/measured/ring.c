/* SPDX-License-Identifier: Apache-2.0 */
/* Rows over a ring that the peer grants: a synchronous call, and a ring full of words, about which
 * the peer is told at several rates. */
#include "tests/guest/ring.h"

#include "tests/guest/measured/measured.h"

static volatile struct ring *ring;
static uint64_t sent; /* sum of all words */

static void call(uint32_t port, uint64_t number) {
    if (ring_call(ring, port, number) != number + 1) give_up("a call came back wrong");
}

/* All words have arrived when this returns: the peer has the processor only while we wait. */
static void fill(struct ring_producer *producer) {
    for (uint32_t i = 0; i < RING_SLOTS; i++) {
        if (!ring_put(producer, i)) give_up("the ring is full too early");
        sent += i;
    }
    ring_flush(producer);
    while (ring->consumed != ring->produced) event_poll(producer->port);
}

static void check_sum(uint32_t port) {
    if (ring_call(ring, port, 0) != sent) give_up("words were lost in the ring");
}

void measure_ring(uint16_t peer, uint32_t port, uint32_t reference) {
    static const char *const names[] = {"ring-1", "ring-8", "ring-64", "ring-256"};
    static const uint32_t rates[] = {1, 8, 64, 256};
    uint64_t address = guest_free_address();

    if (grant_map(peer, reference, address, true) < 0) give_up("the ring cannot be mapped");
    ring = (volatile struct ring *)address;
    event_mask(port);
    (void)event_taken(port);
    ROW(ROW_TRIES, "call", , call(port, 1 + try), );
    ring->request = 0;
    for (uint32_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        struct ring_producer producer = {
            .ring = ring, .port = port, .rate = rates[i], .told = ring->produced};

        ROW(ROW_TRIES, names[i], , fill(&producer), );
        check_sum(port);
    }
}
