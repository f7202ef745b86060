/* SPDX-License-Identifier: Apache-2.0 */
/* A tenant that tries to reach another: binds the event channel (port=) and maps the page (grant=)
 * which the domain reach= offers, sends rounds= events (1), each after the answer to the one
 * before and a pause= of so many ms (0), and reports what came of it. The offering guest is
 * tenant/. */
#include "tests/guest/guest.h"

static void say_page(uint64_t address) {
    char text[64];
    uint32_t i;

    for (i = 0; i < sizeof(text) - 1; i++) text[i] = ((const char *)address)[i];
    text[i] = '\0';
    guest_say(text);
}

static void wait_for(uint32_t port) {
    while (event_wait() != port) {
    }
}

void guest_main(void) {
    uint16_t domain = (uint16_t)guest_option("reach", 0);
    uint64_t address = guest_free_address();
    uint32_t pause = guest_option("pause", 0);
    int64_t port;
    int64_t handle;

    if (events_start() != 0) guest_fail("no shared_info");
    handle = grant_map(domain, guest_option("grant", 8), address, true);
    guest_say_result("maps its neighbour's page", handle);
    port = event_bind(domain, guest_option("port", 1));
    guest_say_result("binds its neighbour's event channel", port);
    if (port > 0) {
        (void)event_taken((uint32_t)port); /* binding raises it once */
        guest_say_result("sends an event", event_send((uint32_t)port));
        wait_for((uint32_t)port);
        for (uint32_t round = 1; round < guest_option("rounds", 1); round++) {
            if (pause != 0) guest_sleep(pause * 1000000ull);
            (void)event_send((uint32_t)port);
            wait_for((uint32_t)port);
            guest_report()->progress = round;
        }
        guest_say("is answered");
    }
    if (handle >= 0) say_page(address);
    guest_ready();
}
