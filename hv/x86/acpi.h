/* SPDX-License-Identifier: Apache-2.0 */
/* The little that is needed of ACPI: which CPUs there are, the IO-APIC pin of the serial line,
 * power off and reset. No AML is interpreted. */
#ifndef CORDON_X86_ACPI_H
#define CORDON_X86_ACPI_H

#include "hv/x86/memory.h"

struct acpi {
    uint32_t cpus; /* usable ones; may exceed what apic_ids holds */
    uint32_t apic_ids[MAX_CPUS];

    uint64_t ioapic; /* MMIO page of the IO-APIC that has the serial line; 0: none */
    uint32_t serial_pin;

    uint16_t control_a, control_b; /* PM1a_CNT, 0: no power off; PM1b_CNT (or 0) */
    uint8_t sleep_a, sleep_b;      /* SLP_TYP of S5 */
    uint16_t command_port;         /* SMI_CMD, 0 if there is none */
    uint8_t enable_command;
    uint16_t reset_port; /* 0: none in I/O space */
    uint8_t reset_value;
};

/* Runs on the boot page tables: tables above 4 GiB are not seen. What is damaged counts as absent.
 */
void acpi_read(const uint8_t rsdp[RSDP_SIZE]);
extern struct acpi acpi; /* constant after boot */

#endif
