/* SPDX-License-Identifier: Apache-2.0 */
/* A tenant that floods: every port that it can get, bound to its peer (peer=) and to itself, every
 * mapping of its peer's page that it can get, and events without end to a peer that has to answer
 * each. Its limits hold, and what it gave up it can have again. The peer's offers are port= and
 * grant=.
 */
#include "tests/guest/guest.h"

#define PORTS_MAX 1024u
#define MAPPINGS_MAX 4096u /* what a guest gets */
#define ROUNDS 3u
#define EVENTS 3000u

static uint32_t handles[MAPPINGS_MAX];
static uint64_t addresses[MAPPINGS_MAX + 1];

/* Until it is refused: the number of ports, which are closed again. */
static uint64_t flood_ports(uint16_t to) {
    uint64_t first = 0, last = 0, count = 0;
    int64_t port;

    for (port = event_offer(to); port > 0 && count < PORTS_MAX; port = event_offer(to)) {
        if (first == 0) first = (uint64_t)port;
        last = (uint64_t)port;
        count++;
        guest_report()->progress++;
    }
    for (uint64_t each = first; first != 0 && each <= last; each++)
        (void)event_close((uint32_t)each);
    return count;
}

static uint64_t flood_mappings(uint16_t peer) {
    uint64_t count = 0;
    int64_t handle;

    for (;;) {
        handle = grant_map(peer, guest_option("grant", 0), addresses[count], true);
        if (handle < 0) break;
        if (count == MAPPINGS_MAX) guest_fail("mappings without a limit");
        if (*(const char *)addresses[count] != 't') guest_fail("not the page of the peer");
        handles[count] = (uint32_t)handle;
        count++;
        guest_report()->progress++;
    }
    for (uint64_t i = 0; i < count; i++)
        if (grant_unmap(handles[i], addresses[i]) != 0) guest_fail("a mapping cannot be given up");
    return count;
}

static void flood_events(uint16_t peer) {
    int64_t port = event_bind(peer, guest_option("port", 0));

    guest_say_result("binds its peer's port", port);
    if (port <= 0) guest_fail("no channel to the peer");
    for (uint32_t i = 0; i < EVENTS; i++) {
        (void)event_send((uint32_t)port);
        if (i % 2 == 0) (void)event_taken((uint32_t)port);
        guest_report()->progress++;
    }
    (void)event_close((uint32_t)port);
}

void guest_main(void) {
    uint16_t peer = (uint16_t)guest_option("peer", 0);
    uint64_t counts[ROUNDS][2];

    if (events_start() != 0) guest_fail("no shared_info");
    for (uint32_t i = 0; i <= MAPPINGS_MAX; i++) addresses[i] = guest_free_address();
    for (uint32_t i = 0; i < ROUNDS; i++) {
        counts[i][0] = flood_ports(peer);
        counts[i][1] = flood_mappings(peer);
        guest_say_numbers("ports, mappings", counts[i], 2);
        flood_events(peer);
        if (counts[i][0] == 0 || counts[i][0] >= PORTS_MAX || counts[i][1] == 0)
            guest_fail("no limit, or nothing at all");
        if (counts[i][0] != counts[0][0] || counts[i][1] != counts[0][1])
            guest_fail("what was given up does not come back");
    }
    guest_pass();
}
