/* SPDX-License-Identifier: Apache-2.0 */
/* The guest that answers. */
#include "tests/guest/measured/measured.h"
#include "tests/guest/ring.h"

static uint64_t successor(uint64_t number) { return number + 1; }

/* What came by the ring is summed up; the sum is the answer to a request of 0. */
static uint64_t drain(volatile struct ring *ring) {
    static uint64_t sum;
    uint64_t word;

    while (ring_take(ring, &word)) sum += word;
    return sum;
}

static void serve_ring(uint32_t port) {
    volatile struct ring *ring = (volatile struct ring *)pages[RING_PAGE];

    for (;;) {
        (void)event_wait();
        uint64_t sum = drain(ring);

        if (ring->request == 0)
            ring->answer = sum;
        else
            ring_serve_call(ring, successor);
        (void)event_send(port);
    }
}

void serve(uint16_t peer) {
    struct guest_report *report = guest_report();
    int64_t port = event_offer(peer);
    uint32_t i;

    if (port < 0) guest_fail("no channel to the peer");
    event_mask((uint32_t)port);
    for (i = 0; i < GRANTED_PAGES; i++) {
        int64_t reference = grant_offer(peer, pages[i], true);

        if (i != RING_PAGE) pages[i][0] = (char)i;
        if (i == 0) report->grant = (uint32_t)reference;
    }
    report->port = (uint32_t)port;
    guest_ready();

    for (i = 0; i < ROUNDS; i++) {
        event_poll((uint32_t)port);
        (void)event_send((uint32_t)port);
    }
    (void)event_unmask((uint32_t)port);
    for (i = 0; i < ROUNDS; i++) {
        (void)event_wait();
        (void)event_send((uint32_t)port);
    }
    serve_ring((uint32_t)port);
}
