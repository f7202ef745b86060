/* SPDX-License-Identifier: Apache-2.0 */
/* The ACPI tables of the first domain: RSDP, XSDT, a hardware-reduced FADT, a DSDT that holds \_S5,
 * and a MADT of local APICs. A kernel chooses its x2APIC driver while it reads the MADT, so there
 * is no going without. Source: ACPI 6.4, chapters 4 and 5. */
#ifndef CORDON_CORE_ACPI_TABLES_H
#define CORDON_CORE_ACPI_TABLES_H

#include <stdint.h>

#define ACPI_TABLES_SIZE 4096u

/* Fills one zeroed page that the guest will see at guest-physical `address`; the RSDP is its start.
 */
void acpi_tables_build(uint8_t page[ACPI_TABLES_SIZE], uint64_t address, uint32_t cpus);

#endif
