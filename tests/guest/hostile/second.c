/* SPDX-License-Identifier: Apache-2.0 */
/* The second vCPU: while the first makes calls it rewrites their arguments and the page tables
 * through which they are passed. Here is also how each vCPU keeps the other moving. */
#include "tests/guest/hostile/hostile.h"

#define HC_VCPU 24u
#define HC_SCHED 29u
#define VCPUOP_IS_UP 3u
#define WAKE_VECTOR 0xf1u
#define ICR_INIT_ASSERT 0x4500u
#define ICR_STARTUP (0x600u | GFN_TRAMPOLINE)
#define WAKE_TICKS 2000000u
#define RESTART_TICKS 2000000000ull

#define PRESENT 1u
#define WRITABLE 2u
#define USER 4u
#define LARGE 0x80u

extern const uint8_t trampoline[], trampoline_end[], trampoline_root[];

volatile uint64_t beats[VCPUS];
volatile uint32_t race;
volatile uint32_t race_offset;
volatile bool all_halt;
volatile uint64_t restarts[VCPUS];

static uint64_t seen_beats[VCPUS];
static uint64_t seen_at[VCPUS];
static uint64_t woken_at[VCPUS];

void vcpu_started(void);

static uint64_t entry(uint64_t gfn, uint64_t flags) { return gfn * PAGE_BYTES | flags; }

static uint64_t *table(uint64_t gfn) { return (uint64_t *)page_of(gfn); }

static uint64_t plain_entry(uint32_t page) {
    uint64_t code = 0x100;
    uint64_t root;

    __asm__ volatile("mov %%cr3, %0" : "=r"(root));
    switch (page) {
    case 6: return entry(code, PRESENT);
    case 7: return entry(root / PAGE_BYTES, PRESENT);
    case 8: return entry(GFN_TABLE, PRESENT | WRITABLE);
    case 9: return entry(GFN_HOLE, PRESENT | WRITABLE);
    case 10: return entry(0xfee00, PRESENT | WRITABLE);
    case 11: return entry(0xffffffffffull, PRESENT | WRITABLE);
    case 12: return entry(GFN_ARGUMENTS, WRITABLE);
    case 13: return entry(GFN_ARGUMENTS, PRESENT);
    case 14: return entry(GFN_FAR, PRESENT | WRITABLE);
    case 15: return entry(GFN_FAR + 1, PRESENT | WRITABLE);
    case 16: return entry(GFN_LOOSE, PRESENT | WRITABLE);
    case 17: return entry(GFN_CODE, PRESENT | USER);
    case 18: return entry(GFN_ARGUMENTS, PRESENT | WRITABLE | 0xfffull << 52);
    case 19: return entry(0, PRESENT | WRITABLE);
    case 20: return entry(GFN_DIRECTORY, PRESENT | WRITABLE);
    case 21: return entry(GFN_VCPU_INFO, PRESENT | WRITABLE);
    default: return entry(GFN_SOLID + page % 8u, PRESENT | WRITABLE);
    }
}

/* Only calls look through these, and what they answer may change them: the processor never does. It
 * has TEST_WINDOW. */
void set_up_window(void) {
    uint64_t *directory = table(GFN_DIRECTORY);
    uint64_t root;
    uint64_t *top;
    uint64_t *pointers;

    for (uint32_t i = 0; i < WINDOW_PAGES; i++) table(GFN_TABLE)[i] = plain_entry(i);
    directory[0] = entry(GFN_TABLE, PRESENT | WRITABLE);
    directory[1] = entry(0x200, PRESENT | LARGE); /* read-only: the report is in it */
    directory[2] = entry(GFN_HOLE, PRESENT | WRITABLE);
    directory[3] = entry(GFN_DIRECTORY, PRESENT | WRITABLE); /* a directory read as a table */
    directory[4] = entry(GFN_FAR, PRESENT | WRITABLE);       /* whatever is mapped there */
    directory[5] = entry(GFN_ARGUMENTS, PRESENT | WRITABLE | 0xffull << 52);
    table(GFN_TEST_DIRECTORY)[0] = entry(GFN_TEST_TABLE, PRESENT | WRITABLE | USER);
    table(GFN_TEST_TABLE)[USER_PAGE] = entry(GFN_CODE, PRESENT | WRITABLE | USER);

    __asm__ volatile("mov %%cr3, %0" : "=r"(root));
    top = (uint64_t *)(root & ~0xfffull);
    pointers = (uint64_t *)(top[0] & ~0xfffull);
    top[0] |= USER;
    pointers[1] = entry(GFN_DIRECTORY, PRESENT | WRITABLE);
    pointers[2] = entry(GFN_TEST_DIRECTORY, PRESENT | WRITABLE | USER);
    pointers[3] = entry(GFN_ARGUMENTS, PRESENT | WRITABLE);
    pointers[4] = entry(0x40000, PRESENT | LARGE);
    __asm__ volatile("mov %0, %%cr3" : : "r"(root) : "memory");
}

/* --- keeping each other going ---------------------------------------------------------------- */

void vcpu_started(void) {
    uint32_t vcpu;

    traps_start();
    vcpu = this_vcpu();
    beats[vcpu]++;
    if (vcpu == FIRST) main_loop();
    second_loop();
}

void start_vcpu(uint32_t vcpu) {
    uint64_t to = (uint64_t)VCPU_APIC_ID(vcpu) << 32;
    uint64_t root;

    __asm__ volatile("mov %%cr3, %0" : "=r"(root));
    __builtin_memcpy(page_of(GFN_TRAMPOLINE), trampoline, (uint64_t)(trampoline_end - trampoline));
    *(uint32_t *)(page_of(GFN_TRAMPOLINE) + (trampoline_root - trampoline)) = (uint32_t)root;
    restarts[vcpu]++;
    send_ipi(to | ICR_INIT_ASSERT);
    for (uint32_t i = 0; i < 3; i++) {
        uint64_t start = ticks();

        while (ticks() - start < WAKE_TICKS / 4) __asm__ volatile("pause");
        send_ipi(to | ICR_STARTUP);
    }
    seen_at[vcpu] = ticks();
}

void watch(uint32_t vcpu) {
    uint64_t now = ticks();

    if (beats[vcpu] != seen_beats[vcpu]) {
        seen_beats[vcpu] = beats[vcpu];
        seen_at[vcpu] = now;
        woken_at[vcpu] = now;
    } else if (now - seen_at[vcpu] > (vcpu == FIRST ? RESTART_TICKS : 8 * RESTART_TICKS)) {
        start_vcpu(vcpu); /* not each the other at once: none would be left */
    } else if (now - woken_at[vcpu] > WAKE_TICKS) {
        woken_at[vcpu] = now;
        send_ipi((uint64_t)VCPU_APIC_ID(vcpu) << 32 | WAKE_VECTOR);
        if (ask(HC_VCPU, VCPUOP_IS_UP, vcpu, 0, 0) == 0) start_vcpu(vcpu);
    }
}

void ensure_second(void) {
    if (ask(HC_VCPU, VCPUOP_IS_UP, SECOND, 0, 0) == 0) start_vcpu(SECOND);
}

/* --- races ----------------------------------------------------------------------------------- */

static void race_fields(void) {
    uint8_t *at = page_of(GFN_ARGUMENTS) + (race_offset & ~3u) + any(16) * 4;

    if (chance(50))
        *(volatile uint32_t *)at = (uint32_t)any_value();
    else if (chance(50))
        *(volatile uint16_t *)at = any_domid();
    else
        *(volatile uint32_t *)page_of(GFN_PORTS + any(2)) = (uint32_t)any_value();
}

/* Between a valid value and another, as fast as it goes: what a double fetch would fall for. */
static void race_two_values(void) {
    volatile uint16_t *domid = (volatile uint16_t *)(page_of(GFN_ARGUMENTS) + race_offset);
    volatile uint64_t *list = (volatile uint64_t *)page_of(GFN_LIST);
    uint16_t before = *domid;
    uint64_t frame = list[0];

    for (uint32_t i = 0; i < 50; i++) {
        *domid = options.peer;
        list[0] = GFN_LOOSE + (i & 7u);
        *domid = before;
        list[0] = frame;
    }
}

static void race_tables(void) {
    volatile uint64_t *entries = table(GFN_TABLE);
    volatile uint64_t *directory = table(GFN_DIRECTORY);
    uint32_t page = any(WINDOW_PAGES);
    uint64_t small = entry(GFN_TABLE, PRESENT | WRITABLE);

    switch (any(5)) {
    case 0: entries[page] = plain_entry(any(WINDOW_PAGES)); break;
    case 1: entries[page] = 0; break;
    case 2: directory[0] = small & ~(uint64_t)PRESENT; break;
    case 3: directory[0] = entry(GFN_HOLE, PRESENT | WRITABLE); break;
    default: entries[page] = entry(any_gfn(), PRESENT | WRITABLE);
    }
    for (uint32_t i = any(200); i > 0; i--) __asm__ volatile("pause");
    directory[0] = small;
    entries[page] = plain_entry(page);
}

static void own_calls(void) {
    uint64_t port = any(16);

    switch (any(6)) {
    case 0: (void)ask(32, 4, (uint64_t)&port, 0, 0); break;
    case 1: (void)ask(32, 3, (uint64_t)&port, 0, 0); break;
    case 2: (void)ask(HC_SCHED, 0, 0, 0, 0); break;
    case 3: (void)ask(15, any_time(), 0, 0, 0); break;
    case 4: act_multicall(); break;
    default: send_ipi(any(256)); /* fixed, to the first */
    }
}

static void act_race(void) {
    switch (race) {
    case RACE_FIELDS: race_fields(); break;
    case RACE_TWO_VALUES: race_two_values(); break;
    case RACE_TABLES: race_tables(); break;
    case RACE_CALLS: own_calls(); break;
    default: break;
    }
    for (uint32_t i = any(60); i > 0; i--) __asm__ volatile("pause");
}

_Noreturn void second_loop(void) {
    for (;;) {
        beats[SECOND]++;
        attempt(act_race);
        if (all_halt)
            for (;;) __asm__ volatile("cli; hlt");
        watch(FIRST);
    }
}
