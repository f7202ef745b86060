/* SPDX-License-Identifier: Apache-2.0 */
/* ACPI 6.5, chapter 5. Every length is checked against its table before use. */
#include "hv/x86/acpi.h"

#define TABLE_MAX 0x100000u
#define HEADER_SIZE 36u
#define CPU_LOCAL_APIC 0u
#define IO_APIC 1u
#define SOURCE_OVERRIDE 2u
#define CPU_LOCAL_X2APIC 9u
#define CPU_ENABLED 1u
#define APIC_ID_BROADCAST 0xffu
#define SERIAL_IRQ 4u
#define SPACE_IO 1u
#define RESET_SUPPORTED (1u << 10)

#define AML_ONE 0x01u
#define AML_NAME 0x08u
#define AML_BYTE 0x0au
#define AML_PACKAGE 0x12u

struct acpi acpi;
static uint32_t serial_gsi = SERIAL_IRQ;
static bool serial_edge = true;

/* A little-endian number of 1 to 8 bytes. */
static uint64_t read(const uint8_t *from, unsigned bytes) {
    uint64_t value = 0;

    __builtin_memcpy(&value, from, bytes);
    return value;
}

static uint32_t read32(const uint8_t *from) { return (uint32_t)read(from, 4); }

static bool has_signature(const uint8_t *bytes, const char *signature) {
    return __builtin_memcmp(bytes, signature, 4) == 0;
}

/* Of a table, with its header. */
static uint32_t size_of(const uint8_t *table) { return read32(table + 4); }

/* NULL: absent. */
static const uint8_t *find_table(uint64_t address) {
    const uint8_t *table = (const uint8_t *)address;
    uint8_t sum = 0;

    if (address == 0 || address > BOOT_MAP_END - HEADER_SIZE) return NULL;
    uint32_t size = size_of(table);
    if (size < HEADER_SIZE || size > TABLE_MAX || size > BOOT_MAP_END - address) return NULL;
    for (uint32_t i = 0; i < size; i++) sum = (uint8_t)(sum + table[i]);
    return sum == 0 ? table : NULL;
}

static void read_cpu(uint32_t id, uint32_t flags) {
    if ((flags & CPU_ENABLED) == 0 || id >= APIC_ID_BROADCAST) return;
    if (acpi.cpus < MAX_CPUS) acpi.apic_ids[acpi.cpus] = id;
    acpi.cpus++;
}

static void read_madt_entry(const uint8_t *entry, uint32_t size) {
    if (entry[0] == CPU_LOCAL_APIC && size >= 8) read_cpu(entry[3], read32(entry + 4));
    if (entry[0] == CPU_LOCAL_X2APIC && size >= 16) read_cpu(read32(entry + 4), read32(entry + 8));
    if (entry[0] == SOURCE_OVERRIDE && size >= 10 && entry[3] == SERIAL_IRQ) {
        uint32_t flags = read32(entry + 8) & 0xffffu;

        serial_gsi = read32(entry + 4);
        serial_edge = (flags & 0x3) <= 1 && (flags >> 2 & 0x3) <= 1; /* as the bus, or high edge */
    }
}

static void read_ioapic(const uint8_t *entry) {
    uint32_t first = read32(entry + 8);

    /* Of those that start at or below the line's number the nearest has it. */
    if (first > serial_gsi || (acpi.ioapic != 0 && serial_gsi - first > acpi.serial_pin)) return;
    acpi.ioapic = read32(entry + 4);
    acpi.serial_pin = serial_gsi - first;
}

static void read_madt(const uint8_t *madt) {
    for (uint32_t pass = 0; pass < 2; pass++) {
        const uint8_t *end = madt + size_of(madt);

        for (const uint8_t *at = madt + 44; at + 2 <= end && at[1] >= 2; at += at[1]) {
            if (at + at[1] > end) return;
            if (pass == 0)
                read_madt_entry(at, at[1]);
            else if (at[0] == IO_APIC && at[1] >= 12 && serial_edge)
                read_ioapic(at);
        }
    }
}

/* An integer of a package: ZeroOp, OneOp, or BytePrefix and a byte. SLP_TYP has three bits. Returns
 * what follows, NULL if it is something else. */
static const uint8_t *read_integer(const uint8_t *at, const uint8_t *end, uint8_t *value) {
    if (at == NULL || at + 2 > end || (at[0] > AML_ONE && at[0] != AML_BYTE)) return NULL;
    *value = at[0] == AML_BYTE ? at[1] & 7 : at[0];
    return at[0] == AML_BYTE ? at + 2 : at + 1;
}

/* Name (_S5_, Package {a, b, ...}), found by its bytes. */
static bool find_s5(const uint8_t *dsdt) {
    const uint8_t *end = dsdt + size_of(dsdt);

    for (const uint8_t *name = dsdt + HEADER_SIZE; name + 6 <= end; name++) {
        bool named = name[-1] == AML_NAME || (name[-1] == '\\' && name[-2] == AML_NAME);

        if (!has_signature(name, "_S5_") || !named || name[4] != AML_PACKAGE) continue;
        const uint8_t *at =
            name + 5 + 1 + (name[5] >> 6) + 1; /* package length: 1 to 4 bytes; element count */
        at = read_integer(at, end, &acpi.sleep_a);
        if (read_integer(at, end, &acpi.sleep_b) != NULL) return true;
    }
    return false;
}

static void read_fadt(const uint8_t *fadt) {
    uint32_t size = size_of(fadt);

    if (size < 116) return;
    const uint8_t *dsdt = find_table(read32(fadt + 40));
    if (dsdt == NULL && size >= 148) dsdt = find_table(read(fadt + 140, 8));
    acpi.command_port = (uint16_t)read32(fadt + 48);
    acpi.enable_command = fadt[52];
    if (dsdt != NULL && find_s5(dsdt)) acpi.control_a = (uint16_t)read32(fadt + 64);
    acpi.control_b = (uint16_t)read32(fadt + 68);
    if (size >= 129 && (read32(fadt + 112) & RESET_SUPPORTED) != 0 && fadt[116] == SPACE_IO) {
        acpi.reset_port = (uint16_t)read(fadt + 120, 8);
        acpi.reset_value = fadt[128];
    }
}

void acpi_read(const uint8_t rsdp[RSDP_SIZE]) {
    bool second = rsdp[15] >= 2 && read(rsdp + 24, 8) != 0;
    const uint8_t *list = find_table(second ? read(rsdp + 24, 8) : read32(rsdp + 16));
    uint32_t width = second ? 8 : 4;

    for (uint32_t at = HEADER_SIZE; list != NULL && at + width <= size_of(list); at += width) {
        const uint8_t *table = find_table(read(list + at, width));

        if (table != NULL && has_signature(table, "APIC")) read_madt(table);
        if (table != NULL && has_signature(table, "FACP")) read_fadt(table);
    }
}
