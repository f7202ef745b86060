/* SPDX-License-Identifier: Apache-2.0 */
/* Relies on an invariant TSC that all CPUs share; a CPU whose TSC differs is not started (main.c).
 */
#include "hv/x86/apic.h"
#include "hv/x86/cpu.h"

#define PIT_HZ 1193182u
#define PIT_COUNT 23864u /* 20 ms */
#define ROUNDS 3u
#define TSC_BOUND 0x400000000u /* ticks after which the PIT counts as absent: seconds */

#define CMOS_STATUS_A 0x0au
#define CMOS_STATUS_B 0x0bu

uint64_t clock_origin, clock_boot_seconds;
static uint64_t tsc_hz;
static uint32_t scale_mul;
static int8_t scale_shift;

struct interval {
    uint64_t tsc, apic;
};

/* One run of PIT channel 2, with the speaker off. */
static bool measure(struct interval *out) {
    outb(0x61, (uint8_t)((inb(0x61) & ~2u) | 1u));
    outb(0x43, 0xb0); /* channel 2, both bytes, mode 0 */
    outb(0x42, PIT_COUNT & 0xff);
    apic_timer_free_run();
    uint32_t left = apic_timer_left();
    outb(0x42, PIT_COUNT >> 8);
    uint64_t start = rdtsc();
    while ((inb(0x61) & 0x20) == 0)
        if (rdtsc() - start > TSC_BOUND) return false;
    out->tsc = rdtsc() - start;
    out->apic = left - apic_timer_left();
    return true;
}

static void set_scale(void) {
    uint64_t hz = tsc_hz;

    for (; hz > 2000000000u; hz >>= 1) scale_shift--;
    for (; hz <= 1000000000u; hz <<= 1) scale_shift++;
    scale_mul = (uint32_t)((1000000000ull << 32) / hz);
}

static uint8_t cmos_read(uint8_t index) {
    outb(0x70, index);
    return inb(0x71);
}

static uint64_t days_since_1970(uint64_t year, uint64_t month, uint64_t day) {
    static const uint16_t before[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    uint64_t leaps = (year - (month > 2 ? 1968 : 1969)) / 4; /* no century is on the way but 2000 */

    return (year - 1970) * 365 + leaps + before[month - 1] + day - 1;
}

enum { SECOND, MINUTE, HOUR, DAY, MONTH, YEAR, CMOS_FIELDS };

static void cmos_read_time(uint8_t time[CMOS_FIELDS]) {
    static const uint8_t index[CMOS_FIELDS] = {0, 2, 4, 7, 8, 9};

    for (uint32_t i = 0; i < 100000 && (cmos_read(CMOS_STATUS_A) & 0x80) != 0; i++) pause();
    for (uint32_t i = 0; i < CMOS_FIELDS; i++) time[i] = cmos_read(index[i]);
}

/* Two equal readings are not torn by an update. 0 if the clock makes no sense. */
static uint64_t cmos_seconds(void) {
    uint8_t time[CMOS_FIELDS], before[CMOS_FIELDS];
    uint8_t status = cmos_read(CMOS_STATUS_B);

    cmos_read_time(time);
    for (uint32_t i = 0; i < 8; i++) {
        __builtin_memcpy(before, time, sizeof(time));
        cmos_read_time(time);
        if (__builtin_memcmp(before, time, sizeof(time)) == 0) break;
    }
    bool afternoon = (time[HOUR] & 0x80) != 0;
    time[HOUR] &= 0x7f;
    for (uint32_t i = 0; (status & 4) == 0 && i < CMOS_FIELDS; i++) /* BCD */
        time[i] = (uint8_t)((time[i] >> 4) * 10 + (time[i] & 15));
    if ((status & 2) == 0) time[HOUR] = (uint8_t)(time[HOUR] % 12 + (afternoon ? 12 : 0));
    if (time[MONTH] < 1 || time[MONTH] > 12 || time[DAY] < 1 || time[DAY] > 31) return 0;
    return days_since_1970(2000u + time[YEAR], time[MONTH], time[DAY]) * 86400 +
           time[HOUR] * 3600u + time[MINUTE] * 60u + time[SECOND];
}

/* The shortest of a few runs: whatever disturbs one makes it longer. */
const char *clock_start(void) {
    struct interval best = {.tsc = UINT64_MAX, .apic = 0};

    for (uint32_t i = 0; i < ROUNDS; i++) {
        struct interval interval;

        if (!measure(&interval))
            return "the interval timer (8254) does not count; enable it in the firmware's setup";
        if (interval.tsc < best.tsc) best = interval;
    }
    tsc_hz = best.tsc * PIT_HZ / PIT_COUNT;
    if (tsc_hz < 1000000u || best.apic == 0)
        return "the TSC or the local APIC's timer does not count; no usable clock on this machine";
    set_scale();
    apic_timer_set_rate(best.apic * PIT_HZ / PIT_COUNT);
    clock_origin = rdtsc();
    clock_boot_seconds = cmos_seconds();
    return NULL;
}

uint64_t machine_now(void) {
    uint64_t delta = rdtsc() - clock_origin;

    delta = scale_shift >= 0 ? delta << scale_shift : delta >> -scale_shift;
    return (uint64_t)((unsigned __int128)delta * scale_mul >> 32);
}

void clock_wait(uint64_t ns) {
    uint64_t end = machine_now() + ns;

    while (machine_now() < end) pause();
}

uint32_t machine_tsc_khz(void) { return (uint32_t)(tsc_hz / 1000); }

void machine_tsc_scale(uint32_t *mul, int8_t *shift) {
    *mul = scale_mul;
    *shift = scale_shift;
}
