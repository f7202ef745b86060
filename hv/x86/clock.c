/* SPDX-License-Identifier: Apache-2.0 */
/* Relies on an invariant TSC that all CPUs share; a CPU whose TSC differs is not started (main.c).
 */
#include "hv/x86/clock.h"
#include "hv/x86/apic.h"
#include "hv/x86/cpu.h"

#define PIT_HZ 1193182u
#define PIT_COUNT 23864u /* 20 ms */
#define ROUNDS 3u
#define TSC_BOUND 0x400000000u /* ticks after which the PIT counts as absent: seconds */

#define CMOS_SECONDS 0x00u
#define CMOS_MINUTES 0x02u
#define CMOS_HOURS 0x04u
#define CMOS_DAY 0x07u
#define CMOS_MONTH 0x08u
#define CMOS_YEAR 0x09u
#define CMOS_STATUS_A 0x0au
#define CMOS_STATUS_B 0x0bu

static uint64_t origin;
static uint64_t tsc_hz;
static uint32_t scale_mul;
static int8_t scale_shift;
static uint64_t boot_seconds;

struct interval {
    uint64_t tsc;
    uint64_t apic;
};

/* One run of PIT channel 2, with the speaker off. */
static bool measure(struct interval *out) {
    uint64_t start, end;
    uint32_t left;

    outb(0x61, (uint8_t)((inb(0x61) & ~2u) | 1u));
    outb(0x43, 0xb0); /* channel 2, both bytes, mode 0 */
    outb(0x42, PIT_COUNT & 0xff);
    apic_timer_free_run();
    left = apic_timer_left();
    outb(0x42, PIT_COUNT >> 8);
    start = rdtsc();
    do {
        end = rdtsc();
        if (end - start > TSC_BOUND) return false;
    } while ((inb(0x61) & 0x20) == 0);
    end = rdtsc();
    out->apic = left - apic_timer_left();
    out->tsc = end - start;
    return true;
}

static void set_scale(void) {
    uint64_t hz = tsc_hz;

    while (hz > 2000000000u) {
        hz >>= 1;
        scale_shift--;
    }
    while (hz <= 1000000000u) {
        hz <<= 1;
        scale_shift++;
    }
    scale_mul = (uint32_t)((1000000000ull << 32) / hz);
}

static uint8_t cmos_read(uint8_t index) {
    outb(0x70, index);
    return inb(0x71);
}

static uint64_t days_since_1970(uint64_t year, uint64_t month, uint64_t day) {
    static const uint16_t before[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    uint64_t leaps = (year - 1969) / 4; /* 2000 is a leap year, 2100 is beyond the CMOS clock */
    uint64_t days = (year - 1970) * 365 + leaps + before[month - 1] + day - 1;

    return year % 4 == 0 && month > 2 ? days + 1 : days;
}

struct cmos_time {
    uint8_t second, minute, hour, day, month, year;
};

static struct cmos_time cmos_read_time(void) {
    struct cmos_time time;

    for (uint32_t i = 0; i < 100000 && (cmos_read(CMOS_STATUS_A) & 0x80) != 0; i++) pause();
    time.second = cmos_read(CMOS_SECONDS);
    time.minute = cmos_read(CMOS_MINUTES);
    time.hour = cmos_read(CMOS_HOURS);
    time.day = cmos_read(CMOS_DAY);
    time.month = cmos_read(CMOS_MONTH);
    time.year = cmos_read(CMOS_YEAR);
    return time;
}

static uint64_t from_cmos(uint8_t value, bool binary) {
    return binary ? value : (value >> 4) * 10u + (value & 15u);
}

/* Two equal readings are not torn by an update. 0 if the clock makes no sense. */
static uint64_t cmos_seconds(void) {
    struct cmos_time time = cmos_read_time();
    uint8_t status = cmos_read(CMOS_STATUS_B);
    bool binary = (status & 4) != 0;
    uint64_t hour, month, day;

    for (uint32_t i = 0; i < 8; i++) {
        struct cmos_time again = cmos_read_time();

        if (again.second == time.second && again.minute == time.minute && again.hour == time.hour)
            break;
        time = again;
    }
    hour = from_cmos(time.hour & 0x7f, binary);
    if ((status & 2) == 0) hour = hour % 12 + ((time.hour & 0x80) != 0 ? 12 : 0);
    month = from_cmos(time.month, binary);
    day = from_cmos(time.day, binary);
    if (month < 1 || month > 12 || day < 1 || day > 31) return 0;
    return days_since_1970(2000 + from_cmos(time.year, binary), month, day) * 86400 + hour * 3600 +
           from_cmos(time.minute, binary) * 60 + from_cmos(time.second, binary);
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
    origin = rdtsc();
    boot_seconds = cmos_seconds();
    return NULL;
}

uint64_t clock_origin(void) { return origin; }

uint64_t machine_now(void) {
    uint64_t delta = rdtsc() - origin;

    delta = scale_shift >= 0 ? delta << scale_shift : delta >> -scale_shift;
    return (uint64_t)((unsigned __int128)delta * scale_mul >> 32);
}

void clock_wait(uint64_t ns) {
    uint64_t end = machine_now() + ns;

    while (machine_now() < end) pause();
}

uint64_t machine_boot_seconds(void) { return boot_seconds; }

uint32_t machine_tsc_khz(void) { return (uint32_t)(tsc_hz / 1000); }

void machine_tsc_scale(uint32_t *mul, int8_t *shift) {
    *mul = scale_mul;
    *shift = scale_shift;
}
