/* SPDX-License-Identifier: Apache-2.0 */
/* Values worth trying. What could give away a page that the guest runs on is not among them:
 * frame numbers below GFN_SOLID + 64 that the guest uses, and 2 MiB extents around them. */
#include "tests/guest/hostile/hostile.h"

#define DOMID_LAST_TRIED 8u

static uint64_t states[VCPUS];
static uint64_t clock_ns;
static uint64_t clock_ticks;

void random_start(uint32_t seed) {
    for (uint32_t i = 0; i < VCPUS; i++) {
        states[i] = (seed + 1ull) * 0x9e3779b97f4a7c15ull + i * 0xbf58476d1ce4e5b9ull;
        states[i] |= 1u;
    }
}

uint64_t any64(void) {
    uint64_t *state = &states[this_vcpu()];

    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state * 0x2545f4914f6cdd1dull;
}

uint32_t any(uint32_t limit) { return (uint32_t)((any64() >> 20) % limit); }

uint64_t any_value(void) {
    static const uint64_t values[] = {
        0x7ff0,         0x7ff1,         0x7fef,        0x7fff,     0xffff,      0x8000,
        0x1000,         0xfff,          0x1001,        0x7fffffff, 0x80000000u, UINT32_MAX,
        UINT32_MAX - 1, 1ull << 32,     1ull << 40,    1ull << 52, 1ull << 63,  INT64_MAX,
        UINT64_MAX,     UINT64_MAX - 1, 4095ull << 20, 0x400,      0x3ff,       0x10001,
    };

    switch (any(4)) {
    case 0: return any(17);
    case 1: return values[any(sizeof(values) / sizeof(values[0]))];
    case 2: return any64() | 1ull << 30;
    default: return any(80);
    }
}

uint64_t any_gfn(void) {
    static const uint64_t wild[] = {0,          1,          0xfee00,     0xfffff,     0x100000,
                                    0xffffffff, 0xfffffffe, 0x100000000, 1ull << 40,  1ull << 52,
                                    UINT64_MAX, 1u << 18,   GFN_HOLE,    GFN_HOLE + 1};

    switch (any(10)) {
    case 0: return wild[any(sizeof(wild) / sizeof(wild[0]))];
    case 1: return GFN_HUGE + any(0x400);
    case 2:
    case 3:
    case 4: return GFN_FAR + any(FAR_PAGES);
    default: return GFN_LOOSE + any(LOOSE_PAGES);
    }
}

uint64_t any_pointer(void) {
    static const uint64_t wild[] = {
        0,
        1,
        8,
        UINT64_MAX,
        UINT64_MAX - 7,
        1ull << 47,
        (1ull << 47) - 8,
        0xffff800000000000ull,
        0xffff7fffffffffffull,
        0xffffffffffffff00ull,
        1ull << 63,
        UINT32_MAX,
        HUGE_WINDOW,
        FORGED_WINDOW,
        FORGED_WINDOW + 4096,
        1ull << 39,
        0x3f000000,
        0x3f000ff8,
        0xfee00000,
        0x20000000,
        0x20001000,
        0x20000ff8,
        0x80ull << 40,
    };
    uint32_t offset = chance(50) ? 0 : chance(50) ? PAGE_BYTES - 1 - any(64) : any(PAGE_BYTES);

    switch (any(8)) {
    case 0: return wild[any(sizeof(wild) / sizeof(wild[0]))];
    case 1: return ODD_WINDOW(1 + any(5)) + any(8) * PAGE_BYTES + offset;
    case 2: return (GFN_LOOSE + any(LOOSE_PAGES)) * PAGE_BYTES + offset;
    case 3: return (GFN_SCRATCH + any(SCRATCH_PAGES)) * PAGE_BYTES + offset;
    default: return WINDOW + any(WINDOW_PAGES) * PAGE_BYTES + offset;
    }
}

uint16_t any_domid(void) {
    switch (any(10)) {
    case 0: return (uint16_t)any_value();
    case 1: return options.self;
    case 2:
    case 3: return options.peer;
    case 4:
    case 5: return (uint16_t)any(DOMID_LAST_TRIED);
    default: return DOMAIN_SELF;
    }
}

/* VCPUOP_get_runstate_info tells the time: what it ran and what it did not. */
static void read_clock(void) {
    uint64_t *info = (uint64_t *)page_of(GFN_SCRATCH);

    if (ask(24, 4, 0, (uint64_t)info, 0) == 0) {
        clock_ns = info[2] + info[4];
        clock_ticks = ticks();
    }
}

uint64_t any_time(void) {
    if (any(64) == 0 || clock_ns == 0) read_clock();
    if (chance(10)) return any_value();
    if (chance(10)) return clock_ns - any(1000000);
    return clock_ns + (ticks() - clock_ticks) / 2 + any(200000);
}
