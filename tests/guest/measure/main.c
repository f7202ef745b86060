/* SPDX-License-Identifier: Apache-2.0 */
/* The first VM of a measurement: builds two guests, lets one measure what it asks of the hypervisor
 * and of the other, prints its rows, and measures what only a management VM may. The two keep their
 * own time: a TSC that is not emulated is for the builder to choose, and Xen emulates that of its
 * first VM on a machine like QEMU's. */
#include "tests/guest/build.h"
#include "tests/guest/guest.h"
#include "tests/guest/line.h"
#include "tests/guest/measure/life.h"
#include "tests/guest/measure/policy.h"
#include "tests/guest/rows.h"

#include <xen/xen.h>

#include <xen/domctl.h>
#include <xen/sched.h>

#define LABEL "system_u:vm_r:tenant_a_t"
#define PATIENCE 10000u /* yields until a guest is ready */

extern const uint8_t measured_image[];

static void await(const volatile struct guest_report *report) {
    for (uint32_t i = 0; i < PATIENCE; i++) {
        if (report->magic == GUEST_REPORT_MAGIC && report->state == GUEST_READY) return;
        if (report->magic == GUEST_REPORT_MAGIC && report->state == GUEST_FAILED) break;
        (void)hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0);
    }
    guest_say((const char *)report->text);
    guest_fail("a measured guest does not get ready");
}

/* The report holds more than a line of ours may: what it says is printed line by line. */
static bool print(const volatile struct guest_report *report) {
    struct line line = {.length = 0};
    bool complete = false;

    for (uint32_t i = 0; i < GUEST_REPORT_TEXT && report->text[i] != '\0'; i++) {
        char letter[2] = {report->text[i], '\0'};

        if (letter[0] != '\n') {
            add_text(&line, letter);
            continue;
        }
        guest_say(line.text);
        complete = line.length == 8 && line.text[0] == 'c' && line.text[7] == 'e';
        line.length = 0;
    }
    return complete;
}

static void measure(uint16_t server, uint16_t client) {
    struct line words = {.length = 0};
    const volatile struct guest_report *offers;
    const volatile struct guest_report *rows;
    int64_t port;

    add_option(&words, "role=0 peer=", client);
    offers = build_start(server, measured_image, words.text);
    await(offers);
    words.length = 0;
    add_option(&words, "role=1 peer=", server);
    add_option(&words, "port=", offers->port);
    add_option(&words, "grant=", offers->grant);
    rows = build_start(client, measured_image, words.text);
    await(rows);
    port = event_bind(client, rows->port);
    if (port < 0) guest_fail("no channel to the guest that measures");
    (void)event_taken((uint32_t)port);
    (void)event_send((uint32_t)port);
    while (event_wait() != (uint32_t)port) {
    }
    if (!print(rows)) guest_fail("the guest that measures did not come to its end");
}

void guest_main(void) {
    uint32_t label;
    uint16_t server, client;

    if (events_start() != 0) guest_fail("no shared_info");
    label = build_label(LABEL);
    rows_start();
    measure_life(label);
    server = build_domain(label, 0, 1);
    client = build_domain(label, 0, 1);
    measure(server, client);
    measure_policies(guest_option("policy", 0));
    build_control(client, XEN_DOMCTL_destroydomain);
    build_control(server, XEN_DOMCTL_destroydomain);
    guest_pass();
}
