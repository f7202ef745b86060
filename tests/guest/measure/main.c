/* SPDX-License-Identifier: Apache-2.0 */
/* Measures calls in TSC ticks, which are instructions under QEMU's -icount shift=0: the least of
 * some tries, the cost of reading the clock taken off. Run it as the first VM. */
#include "tests/guest/guest.h"

#define TRIES 50u
#define HC_VERSION 17u
#define HC_GRANT 20u
#define HC_SCHED 29u
#define HC_EVENT 32u

static uint64_t clock_cost;

static uint64_t ticks(void) {
    uint32_t low, high;

    __asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

#define MEASURE(name, statement)                                                                   \
    do {                                                                                           \
        uint64_t least = UINT64_MAX;                                                               \
        for (uint32_t try = 0; try < TRIES; try++) {                                               \
            uint64_t start = ticks();                                                              \
            statement;                                                                             \
            uint64_t took = ticks() - start;                                                       \
            least = took < least ? took : least;                                                   \
        }                                                                                          \
        guest_say_result("measure " name, (int64_t)(least - clock_cost));                          \
        if (clock_cost == 0) clock_cost = least;                                                   \
    } while (0)

static void cpuid_exit(void) {
    uint32_t a = 0x40000000u, b, c, d;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
}

static uint32_t close_port(uint32_t port) {
    uint32_t argument = port;

    return (uint32_t)hypercall(HC_EVENT, 3, (uint64_t)&argument, 0, 0);
}

static void alloc_bind_close(void) {
    uint32_t offered = (uint32_t)event_offer(DOMAIN_SELF);
    uint32_t bound = (uint32_t)event_bind(DOMAIN_SELF, offered);

    (void)close_port(bound);
    (void)close_port(offered);
}

void guest_main(void) {
    uint32_t query[4] = {DOMAIN_SELF, 0, 0, 0};
    uint32_t offered;
    uint32_t bound;

    if (events_start() != 0) guest_fail("no shared_info");
    MEASURE("clock", (void)0);
    MEASURE("null", (void)hypercall(HC_VERSION, 0, 0, 0, 0));
    MEASURE("unknown", (void)hypercall(55, 0, 0, 0, 0));
    MEASURE("cpuid", cpuid_exit());
    offered = (uint32_t)event_offer(DOMAIN_SELF);
    bound = (uint32_t)event_bind(DOMAIN_SELF, offered);
    (void)event_send(bound);
    MEASURE("send-pending", (void)event_send(bound));
    MEASURE("alloc-bind-close2", alloc_bind_close());
    MEASURE("grant-query", (void)hypercall(HC_GRANT, 6, (uint64_t)query, 1, 0));
    MEASURE("yield", (void)hypercall(HC_SCHED, 0, 0, 0, 0));
    guest_pass();
}
