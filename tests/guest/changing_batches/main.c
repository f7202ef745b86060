/* SPDX-License-Identifier: Apache-2.0 */
/* A tenant whose second vCPU rewrites a batch while the hypervisor works through it, between what
 * is allowed (its peer's grant, to a page of its own) and what is not (another domain's, a
 * reference that was never given, an entry of a multicall that is refused). Whatever it falls upon,
 * only the allowed is ever done: what it can read is its peer's page or its own. */
#include "tests/guest/guest.h"

#include <xen/xen.h>

#include <xen/domctl.h>
#include <xen/grant_table.h>

#define ROUNDS 1500u
#define ROUNDS_MAX 200000u /* a slow machine may not let the two run at once for long */
#define ELEMENTS 8u
#define ENTRIES 16u
#define NOT_PERMITTED (-1)

static struct gnttab_copy copies[ELEMENTS];
static multicall_entry_t entries[ENTRIES];
static _Alignas(PAGE_BYTES) char pages[2][PAGE_BYTES];
static uint16_t peer;
static uint32_t grant;
static volatile bool second_runs;

static uint32_t any(uint32_t limit) {
    static uint32_t state = 1;

    state = state * 1664525u + 1013904223u;
    return (state >> 16) % limit;
}

static void second(void) {
    second_runs = true;
    for (uint32_t i = 0;; i++) {
        volatile struct gnttab_copy *copy = &copies[any(ELEMENTS)];
        volatile multicall_entry_t *entry = &entries[any(ENTRIES)];

        copy->source.domid = (i & 1u) != 0 ? 0 : peer;
        copy->source.u.ref = (i & 2u) != 0 ? grant + 1 : grant;
        copy->dest.domid = (i & 4u) != 0 ? peer : DOMAIN_SELF;
        copy->dest.u.gmfn = (uint64_t)pages[i >> 3 & 1u] / PAGE_BYTES;
        copy->len = (i & 16u) != 0 ? UINT16_MAX : 16;
        entry->op = (i & 32u) != 0 ? __HYPERVISOR_domctl : __HYPERVISOR_xen_version;
    }
}

static void prepare(void) {
    for (uint32_t i = 0; i < ELEMENTS; i++)
        copies[i] = (struct gnttab_copy){.source = {.u.ref = grant, .domid = peer},
                                         .dest = {.u.gmfn = (uint64_t)pages[0] / PAGE_BYTES,
                                                  .domid = DOMAIN_SELF,
                                                  .offset = (uint16_t)(i * 16)},
                                         .len = 16,
                                         .flags = GNTCOPY_source_gref};
    for (uint32_t i = 0; i < ENTRIES; i++)
        entries[i] = (multicall_entry_t){.op = __HYPERVISOR_xen_version};
}

/* Each place that a copy may have reached holds the peer's text or what was there before. */
static uint32_t copied(const char *page) {
    static const char text[] = "tenant's page, e";
    uint32_t count = 0;

    for (uint32_t at = 0; at < ELEMENTS * 16; at += 16) {
        if (page[at] == 0) continue;
        count++;
        for (uint32_t i = 0; i < 16; i++)
            if (page[at + i] != text[i]) guest_fail("what nobody granted was copied");
    }
    return count;
}

/* A version, or a refusal: the domctl that an entry may have become is none of a tenant's. */
static uint32_t answered(void) {
    uint32_t refused = 0;

    for (uint32_t i = 0; i < ENTRIES; i++) {
        int64_t result = (int64_t)entries[i].result;

        if (result < 0) refused++;
        if (result < 0 && result != -14 && result != -13 && result != NOT_PERMITTED)
            guest_fail("an entry has an answer of neither call");
    }
    return refused;
}

/* Something was refused and something done, of both kinds of batch. */
static bool raced(const uint64_t counts[2], uint64_t rounds) {
    return counts[0] != 0 && counts[0] != rounds * ELEMENTS && counts[1] != 0 &&
           counts[1] != rounds * ENTRIES;
}

void guest_main(void) {
    uint64_t counts[2] = {0, 0};
    uint64_t round;

    peer = (uint16_t)guest_option("peer", 0);
    grant = guest_option("grant", 0);
    prepare();
    vcpu_start(1, second);
    while (!second_runs) guest_sleep(1000000);
    for (round = 0; round < ROUNDS || (!raced(counts, round) && round < ROUNDS_MAX); round++) {
        memset(pages, 0, sizeof(pages));
        (void)hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_copy, (uint64_t)copies, ELEMENTS, 0);
        counts[0] += copied(pages[0]) + copied(pages[1]);
        (void)hypercall(__HYPERVISOR_multicall, (uint64_t)entries, ENTRIES, 0, 0);
        counts[1] += answered();
        guest_report()->progress++;
    }
    guest_say_numbers("copied, entries refused", counts, 2);
    if (!raced(counts, round)) guest_fail("there was no race");
    guest_pass();
}
