/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual platform's fixed numbers, shared by its ACPI tables and by those who answer. */
#ifndef CORDON_CORE_PLATFORM_H
#define CORDON_CORE_PLATFORM_H

#define PORT_ACPI_SLEEP 0xb008u  /* FADT sleep control register: (type << 2) | 0x20 */
#define PORT_ACPI_STATUS 0xb009u /* FADT sleep status register */
#define ACPI_SLEEP_S5 5u
#define ACPI_SLEEP_ENABLE 0x20u

/* Number of a vCPU's local APIC: as the tools write it into the tables that they build. */
#define APIC_ID_OF(vcpu) (2u * (vcpu))
#define APIC_ID_BITS 4u /* of the last one */

#define MSR_X2APIC_FIRST 0x800u
#define MSR_X2APIC_ICR 0x830u
#define MSR_X2APIC_LAST 0x8ffu

#define CPUID_XEN_BASE 0x40000000u

/* Version that guests and tools see: the ABI's, 4.17. */
#define XEN_MAJOR 4u
#define XEN_MINOR 17u

#endif
