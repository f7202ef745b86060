/* SPDX-License-Identifier: Apache-2.0 */
/* The first VM of a test of density: guests= tenants of 2 MiB, alive at once, each of which answers
 * when it is started and once more when all of them run. Then they end, and all memory is back. The
 * last of them must not cost more than the first did: under -icount a tick is an instruction. */
#include "tests/guest/build.h"
#include "tests/guest/guest.h"
#include "tests/guest/rows.h"

#include <xen/xen.h>

#include <xen/domctl.h>
#include <xen/sysctl.h>

#define LABEL "system_u:vm_r:tenant_a_t"
#define GUESTS_MAX 510u /* domain numbers are 1 to 510 */
#define SOME 50u        /* whose cost is compared */
#define LOOK_NS 1000000ull
#define REST_NS 5000000ull /* in which an idle processor zeroes memory ahead */
#define PATIENCE_NS 600000000000ull

extern const uint8_t tenant_image[];

static struct {
    uint16_t domain;
    uint32_t port;
    const volatile struct guest_report *report;
    uint64_t cost; /* of its creation and start */
} guests[GUESTS_MAX];

static uint64_t free_pages(void) {
    struct xen_sysctl call = {.cmd = XEN_SYSCTL_physinfo,
                              .interface_version = XEN_SYSCTL_INTERFACE_VERSION};

    if (hypercall(__HYPERVISOR_sysctl, (uint64_t)&call, 0, 0, 0) != 0) guest_fail("no physinfo");
    return call.u.physinfo.free_pages;
}

/* Tenants serve while the first VM sleeps: there is one processor. */
static void require_ready(uint32_t i) {
    uint64_t end = guest_now() + PATIENCE_NS;

    while (guests[i].report->state != GUEST_READY) {
        if (guest_now() > end) guest_fail("a tenant does not get ready");
        guest_sleep(LOOK_NS);
    }
}

static void ask(uint32_t i) {
    if (event_send(guests[i].port) != 0) guest_fail("an event cannot be sent");
    event_poll(guests[i].port);
}

static void start(uint32_t i, uint32_t label) {
    uint64_t before;
    int64_t port;

    guest_sleep(REST_NS);
    before = row_clock();
    guests[i].domain = build_small(label);
    guests[i].report = build_start(guests[i].domain, tenant_image, "offer=0");
    guests[i].cost = row_clock() - before;
    require_ready(i);
    port = event_bind(guests[i].domain, guests[i].report->port);
    if (port < 0) guest_fail("no channel to a tenant");
    guests[i].port = (uint32_t)port;
    event_mask(guests[i].port);
    (void)event_taken(guests[i].port);
    ask(i);
}

static uint64_t least_cost(uint32_t first) {
    uint64_t least = UINT64_MAX;

    for (uint32_t i = first; i < first + SOME; i++)
        if (guests[i].cost < least) least = guests[i].cost;
    return least;
}

static void compare(uint32_t count) {
    uint64_t costs[2] = {least_cost(0), least_cost(count - SOME)};

    guest_say_numbers("creation and start, first and last:", costs, 2);
    if (costs[1] > costs[0] + costs[0] / 50) guest_fail("creation gets dearer the more there are");
}

static void end(uint32_t i) {
    build_unmap(guests[i].report);
    build_control(guests[i].domain, XEN_DOMCTL_destroydomain);
    (void)event_close(guests[i].port);
}

static void await_memory(uint64_t before) {
    uint64_t last = guest_now() + PATIENCE_NS;

    while (free_pages() != before) {
        if (guest_now() > last) guest_fail("memory is lost");
        guest_sleep(LOOK_NS);
    }
}

void guest_main(void) {
    uint64_t count = guest_option("guests", 500);
    uint32_t label = build_label(LABEL);
    uint64_t before;

    if (events_start() != 0) guest_fail("no shared_info");
    if (count < 2 * SOME || count > GUESTS_MAX) guest_fail("guests= is 100 to 510");
    before = free_pages();
    for (uint32_t i = 0; i < count; i++) start(i, label);
    for (uint32_t i = 0; i < count; i++) ask(i);
    guest_say_numbers("alive and answering:", &count, 1);
    compare((uint32_t)count);
    for (uint32_t i = 0; i < count; i++) end(i);
    await_memory(before);
    guest_pass();
}
