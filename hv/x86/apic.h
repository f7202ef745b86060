/* SPDX-License-Identifier: Apache-2.0 */
/* The host's local APIC (its MMIO page: no more CPUs are used than xAPIC ids can name), its
 * one-shot timer, interrupts between CPUs, and one line of the IO-APIC for the serial port. */
#ifndef CORDON_X86_APIC_H
#define CORDON_X86_APIC_H

#include "hv/abi/types.h"

#define VECTOR_TIMER 0x40u
#define VECTOR_KICK 0x41u
#define VECTOR_SERIAL 0x42u
#define VECTOR_SPURIOUS 0xffu

extern volatile uint32_t *apic_page; /* at its physical address */
/* Masks the 8259s, finds the page. Once, before apic_cpu_start(). */
void apic_start(void);
/* Enables the local APIC of this CPU: everything masked but the timer. */
void apic_cpu_start(void);
uint32_t apic_id(void);

/* clock.c: the TSC, measured against the PIT at boot; machine.h has the rest. NULL, or one line
 * that says what is wrong. Boot CPU, after apic_cpu_start(). */
const char *clock_start(void);
extern uint64_t clock_origin;       /* TSC value at which machine_now() is 0 */
extern uint64_t clock_boot_seconds; /* since 1970, at that moment, by the CMOS clock */
void clock_wait(uint64_t ns);       /* busy, for the start of CPUs */

/* Calibration: counts down from the highest value, and what is left of it. */
void apic_timer_free_run(void);
uint32_t apic_timer_left(void);
void apic_timer_set_rate(uint64_t ticks_per_second);

/* Sees to it that this CPU is interrupted at `deadline_ns` (machine_now()) or somewhat earlier,
 * when nothing earlier is armed. UINT64_MAX: nothing to do. */
void apic_timer_arm(uint64_t deadline_ns);
/* Interrupts cpus[cpu]: it leaves guest mode, or HLT, with `reschedule` set. */
void apic_kick(uint32_t cpu);
void apic_nmi_others(void);
/* INIT and two SIPIs: the CPU starts at page `vector`. */
void apic_start_cpu(uint32_t id, uint8_t vector);

/* Masks all of a mapped IO-APIC but `pin`, which comes to this CPU, edge-triggered. */
void ioapic_route(volatile uint32_t *page, uint32_t pin, uint8_t vector);

#endif
