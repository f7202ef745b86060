/* SPDX-License-Identifier: Apache-2.0 */
/* The ACPI tables of the first domain, written field by field at the offsets that the specification
 * gives: RSDP, XSDT, a hardware-reduced FADT, a DSDT that holds \_S5, and a MADT of local APICs. A
 * kernel chooses its x2APIC driver while it reads the MADT, so there is no going without. Source:
 * ACPI 6.4, chapters 4 and 5. */
#include "hv/core/platform.h"
#include "hv/core/start.h"

#define XSDT_AT 0x040u
#define FADT_AT 0x080u
#define DSDT_AT 0x200u
#define MADT_AT 0x280u
#define FADT_SIZE 276u
#define HEADER_SIZE 36u

#define FADT_HW_REDUCED (1u << 20)
#define FADT_WBINVD 1u
#define FADT_NO_BUTTONS (1u << 4 | 1u << 5)
#define FADT_NO_VGA (1u << 2)
#define FADT_NO_RTC (1u << 5)

/* Name (_S5, Package (4) {5, 0, 0, 0}) */
#define DSDT_CODE "\x08_S5_\x12\x07\x04\x0a\x05\0\0"

void page_put(uint8_t *page, uint32_t at, uint64_t value, uint32_t bytes) {
    for (uint32_t i = 0; i < bytes; i++) page[at + i] = (uint8_t)(value >> (8 * i));
}

static void put_text(uint8_t *page, uint32_t at, const char *text, uint32_t bytes) {
    for (uint32_t i = 0; i < bytes; i++) page[at + i] = (uint8_t)text[i];
}

/* Makes the bytes of a table add up to zero. */
static void set_checksum(uint8_t *page, uint32_t at, uint32_t size, uint32_t checksum_at) {
    uint32_t sum = 0;

    page[checksum_at] = 0;
    for (uint32_t i = 0; i < size; i++) sum += page[at + i];
    page[checksum_at] = (uint8_t)(0u - sum);
}

/* The header of a table whose contents are there. */
static void close_table(uint8_t *page, uint32_t at, const char *name, uint32_t size,
                        uint32_t revision) {
    put_text(page, at, name, 4);
    page_put(page, at + 4, size, 4);
    page_put(page, at + 8, revision, 1);
    put_text(page, at + 10, "CORDONCORDONVM", 14); /* of 6 and 8 bytes */
    page_put(page, at + 24, 1, 4);
    put_text(page, at + 28, "CRDN", 4);
    page_put(page, at + 32, 1, 4);
    set_checksum(page, at, size, at + 9);
}

/* Generic address of a byte register in I/O space. */
static void put_register(uint8_t *page, uint32_t at, uint32_t port) {
    page_put(page, at, 1 | 8 << 8 | 1 << 24, 4); /* system I/O, 8 bits, byte access */
    page_put(page, at + 4, port, 8);
}

static void build_fadt(uint8_t *page, uint64_t address) {
    page_put(page, FADT_AT + 40, address + DSDT_AT, 4);
    page_put(page, FADT_AT + 109, FADT_NO_VGA | FADT_NO_RTC, 2);
    page_put(page, FADT_AT + 112, FADT_HW_REDUCED | FADT_WBINVD | FADT_NO_BUTTONS, 4);
    page_put(page, FADT_AT + 131, 4, 1); /* minor version */
    page_put(page, FADT_AT + 140, address + DSDT_AT, 8);
    put_register(page, FADT_AT + 244, PORT_ACPI_SLEEP);
    put_register(page, FADT_AT + 256, PORT_ACPI_STATUS);
    close_table(page, FADT_AT, "FACP", FADT_SIZE, 6);
}

static void build_madt(uint8_t *page, uint32_t cpus) {
    page_put(page, MADT_AT + 36, 0xfee00000u, 4);
    for (uint32_t i = 0; i < cpus; i++) { /* type 0, local APIC; size; number; id; enabled */
        page_put(page, MADT_AT + 44 + 8 * i, 0 | 8 << 8 | i << 16 | APIC_ID_OF(i) << 24, 4);
        page_put(page, MADT_AT + 48 + 8 * i, 1, 4);
    }
    close_table(page, MADT_AT, "APIC", 44 + 8 * cpus, 4);
}

void acpi_tables_build(uint8_t page[PAGE_SIZE], uint64_t address, uint32_t cpus) {
    put_text(page, DSDT_AT + HEADER_SIZE, DSDT_CODE, sizeof(DSDT_CODE));
    close_table(page, DSDT_AT, "DSDT", HEADER_SIZE + sizeof(DSDT_CODE), 2);
    build_fadt(page, address);
    build_madt(page, cpus);
    page_put(page, XSDT_AT + 36, address + FADT_AT, 8);
    page_put(page, XSDT_AT + 44, address + MADT_AT, 8);
    close_table(page, XSDT_AT, "XSDT", HEADER_SIZE + 16, 1);
    put_text(page, 0, "RSD PTR ", 8);
    put_text(page, 9, "CORDON", 6);
    page_put(page, 15, 2, 1);
    page_put(page, 20, 36, 4);
    page_put(page, 24, address + XSDT_AT, 8);
    set_checksum(page, 0, 20, 8);
    set_checksum(page, 0, 36, 32);
}
