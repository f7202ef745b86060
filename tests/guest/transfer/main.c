/* SPDX-License-Identifier: Apache-2.0 */
/* Two tenants that exchange events and data for ever, and notice if anything is lost: whatever ends
 * around them. The receiver (offer=DOMID) grants a ring and offers an event channel; the sender
 * (reach=DOMID) puts numbered items into the ring, sends one event for a batch, and goes on only
 * after the answer, every pause= ms. Each counts in its report, and fails where an item is missing
 * or wrong, or an event does not come. */
#include "tests/guest/guest.h"

#define SLOTS 256u
#define BATCH 16u
#define PATIENCE_NS 120000000000ull
#define NS_PER_MS 1000000u
#define DIGITS 10u

/* Free-running counts; each side writes its own. */
struct ring {
    uint32_t produced;
    uint32_t consumed;
    uint64_t items[SLOTS];
};

static _Alignas(PAGE_BYTES) union {
    struct ring ring;
    uint8_t page[PAGE_BYTES];
} shared_page;

static uint64_t item(uint32_t number) { return number * 0x9e3779b97f4a7c15ull + 1; }

static void put_digits(char *to, uint32_t number) {
    for (uint32_t i = DIGITS; i > 0; i--, number /= 10) to[i - 1] = (char)('0' + number % 10);
}

/* One line, whose digits alone change, so that a reader never sees half a text. */
static void tell(uint32_t rounds, uint32_t items) {
    static const char line[] = "0000000000 rounds, 0000000000 items, nothing lost\n";
    char *text = guest_report()->text;

    if (rounds == 0)
        for (uint32_t i = 0; i < sizeof(line); i++) text[i] = line[i];
    put_digits(text, rounds);
    put_digits(text + 19, items);
}

static void receive(uint16_t domain) {
    struct ring *ring = &shared_page.ring;
    uint32_t rounds = 0;
    uint32_t next = 0;
    int64_t port;

    if (grants_start() != 0) guest_fail("no grant table");
    guest_report()->grant = (uint32_t)grant_offer(domain, ring, true);
    port = event_offer(domain);
    if (port <= 0) guest_fail("no event channel");
    guest_report()->port = (uint32_t)port;
    event_mask((uint32_t)port);
    tell(0, 0);
    guest_ready();
    for (;;) {
        uint32_t end;

        event_poll((uint32_t)port);
        end = __atomic_load_n(&ring->produced, __ATOMIC_ACQUIRE);
        if (end - next != BATCH && rounds != 0) guest_fail("a batch is missing");
        for (; next != end; next++)
            if (ring->items[next % SLOTS] != item(next)) guest_fail("an item is wrong");
        __atomic_store_n(&ring->consumed, next, __ATOMIC_RELEASE);
        rounds++;
        tell(rounds, next);
        (void)event_send((uint32_t)port);
    }
}

static void send(uint16_t domain) {
    struct ring *ring = (struct ring *)guest_free_address();
    uint64_t pause = (uint64_t)guest_option("pause", 20) * NS_PER_MS;
    uint32_t rounds = 0;
    uint32_t next = 0;
    int64_t port;

    if (grant_map(domain, guest_option("grant", 8), (uint64_t)ring, true) < 0)
        guest_fail("no ring");
    port = event_bind(domain, guest_option("port", 1));
    if (port <= 0) guest_fail("no event channel");
    event_mask((uint32_t)port);
    (void)event_taken((uint32_t)port); /* binding raises it once */
    tell(0, 0);
    guest_ready();
    for (;;) {
        for (uint32_t i = 0; i < BATCH; i++, next++) ring->items[next % SLOTS] = item(next);
        __atomic_store_n(&ring->produced, next, __ATOMIC_RELEASE);
        (void)event_send((uint32_t)port);
        if (!event_poll_for((uint32_t)port, PATIENCE_NS)) guest_fail("an event was lost");
        if (__atomic_load_n(&ring->consumed, __ATOMIC_ACQUIRE) != next)
            guest_fail("items were lost");
        rounds++;
        tell(rounds, next);
        if (event_poll_for((uint32_t)port, pause)) guest_fail("an event came twice");
    }
}

void guest_main(void) {
    uint16_t offer = (uint16_t)guest_option("offer", 0);

    if (events_start() != 0) guest_fail("no shared_info");
    if (offer != 0)
        receive(offer);
    else
        send((uint16_t)guest_option("reach", 0));
}
