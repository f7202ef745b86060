/* SPDX-License-Identifier: Apache-2.0 */
/* Rows between two domains: round trips, and grants which the peer offers. */
#include "tests/guest/measured/measured.h"

#include <xen/xen.h>

#include <xen/grant_table.h>

static struct gnttab_map_grant_ref maps[SHARED_PAGES];
static struct gnttab_unmap_grant_ref unmaps[SHARED_PAGES];
static struct gnttab_copy copies[SHARED_PAGES];
static uint64_t addresses[SHARED_PAGES];

static void check(int16_t status) {
    if (status == GNTST_okay) return;
    guest_say_result("status of a grant operation", -1000 + status);
    give_up("a grant operation that is measured does not work");
}

static void operate(uint32_t command, void *list, uint32_t count) {
    (void)hypercall(__HYPERVISOR_grant_table_op, command, (uint64_t)list, count, 0);
}

static void prepare(uint16_t peer, uint32_t reference) {
    for (uint32_t i = 0; i < SHARED_PAGES; i++) {
        addresses[i] = guest_free_address();
        maps[i] = (struct gnttab_map_grant_ref){
            .host_addr = addresses[i], .flags = GNTMAP_host_map, .ref = reference + i, .dom = peer};
        copies[i] = (struct gnttab_copy){.source.u.ref = reference + i,
                                         .source.domid = peer,
                                         .dest.u.gmfn = (uint64_t)pages[i] / PAGE_BYTES,
                                         .dest.domid = DOMID_SELF,
                                         .len = PAGE_BYTES,
                                         .flags = GNTCOPY_source_gref};
    }
}

static void map(uint32_t count) { operate(GNTTABOP_map_grant_ref, maps, count); }
static void unmap(uint32_t count) { operate(GNTTABOP_unmap_grant_ref, unmaps, count); }
static void copy(uint32_t count) { operate(GNTTABOP_copy, copies, count); }

/* Handles of the last map into the list for the next unmap; the bytes prove that it was one. */
static void take_handles(uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        check(maps[i].status);
        if (*(const char *)addresses[i] != (char)i) give_up("a mapped page is another's");
        unmaps[i] =
            (struct gnttab_unmap_grant_ref){.host_addr = addresses[i], .handle = maps[i].handle};
    }
}

static void check_unmaps(uint32_t count) {
    for (uint32_t i = 0; i < count; i++) check(unmaps[i].status);
}

static void check_copies(uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        check(copies[i].status);
        if (pages[i][0] != (char)i) give_up("a copied page is another's");
        pages[i][0] = (char)(i + 1);
    }
}

static void map_and_unmap(uint32_t count) {
    map(count);
    for (uint32_t i = 0; i < count; i++) unmaps[i].handle = maps[i].handle;
    unmap(count);
}

static void measure_grants(uint32_t count, const char *const names[4]) {
    ROW(ROW_TRIES, names[0], , map(count), take_handles(count); unmap(count); check_unmaps(count));
    ROW(ROW_TRIES, names[1], map(count); take_handles(count), unmap(count), check_unmaps(count));
    ROW(ROW_TRIES, names[2], , map_and_unmap(count), check_unmaps(count));
    ROW(ROW_TRIES, names[3], , copy(count), check_copies(count));
}

static void by_poll(uint32_t port) {
    (void)event_send(port);
    event_poll(port);
}

static void by_upcall(uint32_t port) {
    (void)event_send(port);
    (void)event_wait();
}

uint32_t measure_pair(uint16_t peer, uint32_t port, uint32_t reference) {
    static const char *const one[4] = {"grant-map-1", "grant-unmap-1", "grant-map-unmap-1",
                                       "grant-copy-1"};
    static const char *const many[4] = {"grant-map-64", "grant-unmap-64", "grant-map-unmap-64",
                                        "grant-copy-64"};
    int64_t bound = event_bind(peer, port);

    if (bound < 0) give_up("no channel to the peer");
    event_mask((uint32_t)bound);
    (void)event_taken((uint32_t)bound);
    ROW(ROUNDS, "round-trip-poll", , by_poll((uint32_t)bound), );
    (void)event_unmask((uint32_t)bound);
    ROW(ROUNDS, "round-trip-upcall", , by_upcall((uint32_t)bound), );
    prepare(peer, reference);
    measure_grants(1, one);
    measure_grants(SHARED_PAGES, many);
    return (uint32_t)bound;
}
