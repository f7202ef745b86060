/* SPDX-License-Identifier: Apache-2.0 */
/* A tenant that serves: it grants one page and offers one event channel, to domain 0 or to the one
 * that offer= names, and answers each event with a new text in the page and an event. */
#include "tests/guest/guest.h"

static _Alignas(PAGE_BYTES) char page[PAGE_BYTES];

static void write_page(const char *text, uint32_t number) {
    char digits[10];
    uint32_t length = 0;
    uint32_t at = 0;

    do {
        digits[length] = (char)('0' + number % 10);
        length++;
        number /= 10;
    } while (number != 0);
    for (; text[at] != '\0'; at++) page[at] = text[at];
    while (length > 0) {
        length--;
        page[at] = digits[length];
        at++;
    }
    page[at] = '\0';
}

void guest_main(void) {
    uint16_t domain = (uint16_t)guest_option("offer", 0);
    struct guest_report *report = guest_report();
    uint32_t answered = 0;
    int64_t port;

    if (events_start() != 0 || grants_start() != 0) guest_fail("no shared_info or grant table");
    write_page("tenant's page, events answered: ", 0);
    report->domain = domain;
    report->grant = (uint32_t)grant_offer(domain, page, true);
    port = event_offer(domain);
    guest_say_result("offers an event channel", port);
    report->port = port > 0 ? (uint32_t)port : 0;
    guest_ready();

    for (;;) {
        uint32_t pending = event_wait();

        answered++;
        write_page("tenant's page, events answered: ", answered);
        (void)event_send(pending);
    }
}
