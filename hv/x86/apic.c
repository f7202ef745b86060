/* SPDX-License-Identifier: Apache-2.0 */
/* AMD manual 2, chapter 16. A register's number counts 16 bytes of the MMIO page. */
#include "hv/x86/apic.h"
#include "hv/x86/cpu.h"
#include "hv/x86/percpu.h"
#include "hv/x86/serial.h"

#define APIC_ID 0x02u
#define APIC_TASK_PRIORITY 0x08u
#define APIC_EOI 0x0bu
#define APIC_SPURIOUS 0x0fu
#define APIC_ICR 0x30u
#define APIC_ICR_HIGH 0x31u
#define APIC_LVT_TIMER 0x32u
#define APIC_LVT_LINT0 0x35u
#define APIC_LVT_ERROR 0x37u
#define APIC_TIMER_INITIAL 0x38u
#define APIC_TIMER_CURRENT 0x39u
#define APIC_TIMER_DIVIDE 0x3eu

#define APIC_BASE_X2APIC (1u << 10)
#define APIC_BASE_ENABLE (1u << 11)
#define APIC_BASE_ADDRESS 0x000ffffffffff000u
#define SPURIOUS_ENABLE 0x100u
#define LVT_MASKED 0x10000u
#define DIVIDE_BY_1 0x0bu
#define ICR_PENDING 0x1000u
#define ICR_NMI 0x400u
#define ICR_INIT 0x500u
#define ICR_STARTUP 0x600u
#define ICR_ASSERT 0x4000u
#define ICR_OTHERS 0xc0000u

#define TICKS_MAX 0xffffffffu
#define DELTA_MAX 1000000000u /* ns: beyond it the timer fires early and is armed anew */

volatile uint32_t *apic_page;
static uint32_t ticks_per_ns; /* times 2^24 */

static uint32_t apic_read(uint32_t number) { return apic_page[number * 4]; }

static void apic_write(uint32_t number, uint32_t value) { apic_page[number * 4] = value; }

/* Their vectors lie apart from exceptions, for spurious interrupts. */
static void mask_8259s(void) {
    static const uint8_t master[] = {0x30, 0x04, 0x01, 0xff}, slave[] = {0x38, 0x02, 0x01, 0xff};

    outb(0x20, 0x11);
    outb(0xa0, 0x11);
    for (uint32_t i = 0; i < sizeof(master); i++) {
        outb(0x21, master[i]);
        outb(0xa1, slave[i]);
    }
}

void apic_start(void) {
    mask_8259s();
    apic_page = (volatile uint32_t *)(rdmsr(MSR_APIC_BASE) & APIC_BASE_ADDRESS);
}

void apic_cpu_start(void) {
    uint64_t before = rdmsr(MSR_APIC_BASE);
    uint64_t base = before & ~(uint64_t)(APIC_BASE_ENABLE | APIC_BASE_X2APIC);

    if ((before & APIC_BASE_X2APIC) != 0) wrmsr(MSR_APIC_BASE, base); /* the only way out */
    wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
    apic_write(APIC_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
    apic_write(APIC_TASK_PRIORITY, 0);
    apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
    for (uint32_t i = APIC_LVT_LINT0; i <= APIC_LVT_ERROR; i++) apic_write(i, LVT_MASKED);
    apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
    apic_write(APIC_TIMER_INITIAL, 0);
}

uint32_t apic_id(void) { return apic_read(APIC_ID) >> 24; }

void apic_timer_free_run(void) {
    apic_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
    apic_write(APIC_TIMER_INITIAL, TICKS_MAX);
}

uint32_t apic_timer_left(void) { return apic_read(APIC_TIMER_CURRENT); }

void apic_timer_set_rate(uint64_t ticks_per_second) {
    ticks_per_ns = (uint32_t)((ticks_per_second << 24) / 1000000000u);
    apic_write(APIC_TIMER_INITIAL, 0);
    apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
}

void apic_timer_arm(uint64_t deadline_ns) {
    struct cpu *cpu = this_cpu();

    if (deadline_ns >= cpu->armed_deadline) return;
    uint64_t now = machine_now();
    uint64_t delta = deadline_ns > now ? deadline_ns - now : 0;
    if (delta > DELTA_MAX) delta = DELTA_MAX;
    uint64_t ticks = delta * ticks_per_ns >> 24;
    if (ticks > TICKS_MAX) ticks = TICKS_MAX;
    cpu->armed_deadline = deadline_ns;
    apic_write(APIC_TIMER_INITIAL, ticks > 0 ? (uint32_t)ticks : 1u);
}

void apic_kick_interrupt(void) {
    this_cpu()->reschedule = true;
    apic_write(APIC_EOI, 0);
}

void apic_timer_interrupt(void) {
    this_cpu()->timer_fired = true;
    this_cpu()->armed_deadline = UINT64_MAX;
    apic_kick_interrupt();
}

void apic_serial_interrupt(void) {
    serial_interrupt();
    apic_kick_interrupt();
}

/* A command that is still pending is waited for, a bounded time. */
static void send(uint32_t id, uint32_t command) {
    for (uint32_t i = 0; i < 100000 && (apic_read(APIC_ICR) & ICR_PENDING) != 0; i++) pause();
    apic_write(APIC_ICR_HIGH, id << 24);
    apic_write(APIC_ICR, ICR_ASSERT | command);
}

void apic_kick(uint32_t cpu) { send(cpus[cpu].apic_id, VECTOR_KICK); }

void apic_nmi_others(void) { send(0, ICR_OTHERS | ICR_NMI); }

void apic_start_cpu(uint32_t id, uint8_t vector) {
    send(id, ICR_INIT);
    clock_wait(10000000);
    send(id, ICR_STARTUP | vector);
    clock_wait(200000);
    send(id, ICR_STARTUP | vector);
}

void ioapic_route(volatile uint32_t *ioapic, uint32_t pin, uint8_t vector) {
    ioapic[0] = 1;
    if (pin > (ioapic[4] >> 16 & 0xff)) return;
    ioapic[0] = 0x10 + 2 * pin + 1;
    ioapic[4] = cpus[cpus_running - 1].apic_id << 24;
    ioapic[0] = 0x10 + 2 * pin;
    ioapic[4] = vector; /* fixed, physical, edge, active high, not masked */
}
