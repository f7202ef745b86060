/* SPDX-License-Identifier: Apache-2.0 */
/* The guest that answers. */
#include "tests/guest/measured/measured.h"

void serve(uint16_t peer) {
    struct guest_report *report = guest_report();
    int64_t port = event_offer(peer);
    uint32_t i;

    if (port < 0) guest_fail("no channel to the peer");
    event_mask((uint32_t)port);
    for (i = 0; i < SHARED_PAGES; i++) {
        int64_t reference = grant_offer(peer, pages[i], true);

        pages[i][0] = (char)i;
        if (i == 0) report->grant = (uint32_t)reference;
    }
    report->port = (uint32_t)port;
    guest_ready();

    for (i = 0; i < ROUNDS; i++) {
        event_poll((uint32_t)port);
        (void)event_send((uint32_t)port);
    }
    (void)event_unmask((uint32_t)port);
    for (;;) {
        (void)event_wait();
        (void)event_send((uint32_t)port);
    }
}
