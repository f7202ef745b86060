/* SPDX-License-Identifier: Apache-2.0 */
/* The measured guests. The client offers domain 0 a channel: an event on it starts the rows, one
 * back says that the report is complete. */
#include "tests/guest/measured/measured.h"

_Alignas(PAGE_BYTES) char pages[GRANTED_PAGES][PAGE_BYTES];

static uint32_t control;

_Noreturn void give_up(const char *why) {
    (void)event_send(control);
    guest_fail(why);
}

void guest_main(void) {
    uint16_t peer = (uint16_t)guest_option("peer", 0);
    int64_t port;

    if (events_start() != 0 || grants_start() != 0) guest_fail("no shared_info or grant table");
    if (guest_option("role", 0) == 0) {
        serve(peer);
        return;
    }
    port = event_offer(0);
    if (port < 0) guest_fail("no channel to who measures");
    control = (uint32_t)port;
    guest_report()->port = control;
    guest_ready();
    while (event_wait() != control) {
    }
    rows_start();
    measure_own();
    port = measure_pair(peer, guest_option("port", 0), guest_option("grant", 0));
    measure_ring(peer, (uint32_t)port, guest_option("grant", 0) + RING_PAGE);
    guest_say("complete");
    (void)event_send(control);
}
