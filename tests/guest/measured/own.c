/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of one domain: calls about nobody but the caller. */
#include "tests/guest/measured/measured.h"

#include <xen/xen.h>

#include <xen/domctl.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/version.h>

#define UNKNOWN_HYPERCALL 55u
#define MOVED_PAGE 0x380u             /* of the guest's memory: given back and taken again */
#define FAR_DEADLINE 1000000000000ull /* ns: 1,000 s after the start, later than any run */

static uint32_t offered, bound;

static void expect(int64_t result, const char *what) {
    if (result < 0) {
        guest_say_result(what, result);
        give_up("a call that is measured does not work");
    }
}

static void cpuid(void) {
    uint32_t a = 0x40000000u, b, c, d;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
}

static void connect(void) {
    offered = (uint32_t)event_offer(DOMID_SELF);
    bound = (uint32_t)event_bind(DOMID_SELF, offered);
    (void)event_taken(bound);
}

static void disconnect(void) {
    (void)event_close(bound);
    (void)event_close(offered);
}

static void connect_and_disconnect(void) {
    offered = (uint32_t)event_offer(DOMID_SELF);
    bound = (uint32_t)event_bind(DOMID_SELF, offered);
    disconnect();
}

static void status(void) {
    struct evtchn_status ask = {.dom = DOMID_SELF, .port = bound};

    (void)hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_status, (uint64_t)&ask, 0, 0);
}

static int64_t move(uint32_t command) {
    xen_pfn_t page = MOVED_PAGE;
    struct xen_memory_reservation reservation = {.nr_extents = 1, .domid = DOMID_SELF};

    set_xen_guest_handle(reservation.extent_start, &page);
    return hypercall(__HYPERVISOR_memory_op, command, (uint64_t)&reservation, 0, 0);
}

static void query(void) {
    struct gnttab_query_size ask = {.dom = DOMID_SELF};

    (void)hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_query_size, (uint64_t)&ask, 1, 0);
}

/* What no tenant may: pause and unpause the management VM. */
static int64_t refused(uint32_t command) {
    struct xen_domctl call = {
        .cmd = command, .interface_version = XEN_DOMCTL_INTERFACE_VERSION, .domain = 0};

    return hypercall(__HYPERVISOR_domctl, (uint64_t)&call, 0, 0, 0);
}

/* Lets a pending upcall happen, so that the next exit does not pay for it. */
static void settle(void) {
    __asm__ volatile("sti; nop; cli" : : : "memory");
    (void)event_upcall();
}

static void drain(void) {
    settle();
    while (event_take() != 0) {
    }
}

static void deliver(uint32_t from) {
    __asm__ volatile("sti" : : : "memory");
    (void)event_send(from);
    while (!event_upcall()) {
    }
    __asm__ volatile("cli" : : : "memory");
}

static void round_trip(void) {
    deliver(bound);
    (void)event_take();
    deliver(offered);
    (void)event_take();
}

static void measure_channels(void) {
    ROW(ROW_TRIES, "event-alloc", , offered = (uint32_t)event_offer(DOMID_SELF),
        (void)event_close(offered));
    offered = (uint32_t)event_offer(DOMID_SELF);
    ROW(ROW_TRIES, "event-bind", drain(), bound = (uint32_t)event_bind(DOMID_SELF, offered),
        (void)event_close(bound));
    ROW(ROW_TRIES, "event-close", bound = (uint32_t)event_bind(DOMID_SELF, offered);
        drain(), (void)event_close(bound), );
    (void)event_close(offered);
    ROW(ROW_TRIES, "alloc-bind-close2", drain(), connect_and_disconnect(), );
    drain();
}

static void measure_events(void) {
    connect();
    expect(event_send(bound), "send");
    drain();
    ROW(ROW_TRIES, "event-status", , status(), );
    event_mask(offered);
    ROW(ROW_TRIES, "send-masked", , (void)event_send(bound), (void)event_taken(offered));
    (void)event_unmask(offered);
    (void)event_send(bound);
    settle();
    ROW(ROW_TRIES, "send-pending", , (void)event_send(bound), );
    ROW(ROW_TRIES, "delivery", drain(), deliver(bound), );
    ROW(ROW_TRIES, "self-round-trip", drain(), round_trip(), );
    disconnect();
}

void measure_own(void) {
    expect(hypercall(__HYPERVISOR_xen_version, XENVER_version, 0, 0, 0), "version");
    ROW(ROW_TRIES, "null", , (void)hypercall(__HYPERVISOR_xen_version, XENVER_version, 0, 0, 0), );
    ROW(ROW_TRIES, "unknown", , (void)hypercall(UNKNOWN_HYPERCALL, 0, 0, 0, 0), );
    ROW(ROW_TRIES, "cpuid", , cpuid(), );
    measure_channels();
    measure_events();
    expect(move(XENMEM_decrease_reservation) - 1, "decrease");
    expect(move(XENMEM_populate_physmap) - 1, "populate");
    ROW(ROW_TRIES, "decrease-populate", , (void)move(XENMEM_decrease_reservation);
        (void)move(XENMEM_populate_physmap), );
    ROW(ROW_TRIES, "grant-query", , query(), );
    ROW(ROW_TRIES, "set-timer", ,
        (void)hypercall(__HYPERVISOR_set_timer_op, FAR_DEADLINE, 0, 0, 0), );
    (void)hypercall(__HYPERVISOR_set_timer_op, 0, 0, 0, 0);
    ROW(ROW_TRIES, "yield", , (void)hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0), );
    if (refused(XEN_DOMCTL_pausedomain) != -1) give_up("a tenant may pause the management VM");
    ROW(ROW_TRIES, "denied", , (void)refused(XEN_DOMCTL_pausedomain), );
    ROW(ROW_TRIES, "denied-new", (void)refused(XEN_DOMCTL_unpausedomain),
        (void)refused(XEN_DOMCTL_pausedomain), );
}
