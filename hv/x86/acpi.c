/* SPDX-License-Identifier: Apache-2.0 */
/* ACPI 6.5, chapter 5. Every length is checked against its table before use. */
#include "hv/x86/acpi.h"

#define LIMIT 0x100000000u
#define TABLE_MAX 0x100000u
#define TABLES_MAX 64u
#define HEADER_SIZE 36u
#define CPU_LOCAL_APIC 0u
#define IO_APIC 1u
#define SOURCE_OVERRIDE 2u
#define CPU_LOCAL_X2APIC 9u
#define CPU_ENABLED 1u
#define SERIAL_IRQ 4u
#define SPACE_IO 1u
#define RESET_SUPPORTED (1u << 10)

#define AML_ZERO 0x00u
#define AML_ONE 0x01u
#define AML_NAME 0x08u
#define AML_BYTE 0x0au
#define AML_PACKAGE 0x12u

struct table {
    const uint8_t *bytes; /* NULL: absent */
    uint32_t size;
};

static struct acpi acpi;
static uint32_t serial_gsi = SERIAL_IRQ;
static bool serial_edge = true;

const struct acpi *acpi_found(void) { return &acpi; }

static uint16_t read16(const uint8_t *from) { return (uint16_t)(from[0] | from[1] << 8); }

static uint32_t read32(const uint8_t *from) {
    return read16(from) | (uint32_t)read16(from + 2) << 16;
}

static uint64_t read64(const uint8_t *from) {
    return read32(from) | (uint64_t)read32(from + 4) << 32;
}

static bool sum_is_zero(const uint8_t *bytes, uint32_t size) {
    uint8_t sum = 0;

    for (uint32_t i = 0; i < size; i++) sum = (uint8_t)(sum + bytes[i]);
    return sum == 0;
}

static bool has_signature(const uint8_t *bytes, const char *signature) {
    return __builtin_memcmp(bytes, signature, 4) == 0;
}

static struct table find_table(uint64_t address) {
    struct table absent = {.bytes = NULL, .size = 0};
    const uint8_t *bytes = (const uint8_t *)address;
    uint32_t size;

    if (address == 0 || address > LIMIT - HEADER_SIZE) return absent;
    size = read32(bytes + 4);
    if (size < HEADER_SIZE || size > TABLE_MAX || size > LIMIT - address ||
        !sum_is_zero(bytes, size))
        return absent;
    return (struct table){.bytes = bytes, .size = size};
}

static void read_cpu(uint32_t id, uint32_t flags) {
    if ((flags & CPU_ENABLED) == 0) return;
    if (acpi.cpus < MAX_CPUS) acpi.apic_ids[acpi.cpus] = id;
    acpi.cpus++;
}

static void read_madt_entry(const uint8_t *entry, uint32_t size) {
    if (entry[0] == CPU_LOCAL_APIC && size >= 8) read_cpu(entry[3], read32(entry + 4));
    if (entry[0] == CPU_LOCAL_X2APIC && size >= 16) read_cpu(read32(entry + 4), read32(entry + 8));
    if (entry[0] == SOURCE_OVERRIDE && size >= 10 && entry[3] == SERIAL_IRQ) {
        uint16_t flags = read16(entry + 8);

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

static void read_madt(struct table madt) {
    for (uint32_t pass = 0; pass < 2; pass++) {
        uint32_t offset = 44;

        while (offset + 2 <= madt.size) {
            const uint8_t *entry = madt.bytes + offset;
            uint32_t size = entry[1];

            if (size < 2 || size > madt.size - offset) return;
            if (pass == 0)
                read_madt_entry(entry, size);
            else if (entry[0] == IO_APIC && size >= 12 && serial_edge)
                read_ioapic(entry);
            offset += size;
        }
    }
}

/* One integer of a package; SLP_TYP has three bits. */
static bool read_integer(const struct table *dsdt, uint32_t *offset, uint8_t *value) {
    uint8_t code;

    if (*offset >= dsdt->size) return false;
    code = dsdt->bytes[*offset];
    (*offset)++;
    if (code == AML_ZERO || code == AML_ONE) {
        *value = code;
        return true;
    }
    if (code != AML_BYTE || *offset >= dsdt->size) return false;
    *value = dsdt->bytes[*offset] & 7;
    (*offset)++;
    return true;
}

/* Name (_S5_, Package {a, b, ...}), found by its bytes. */
static bool find_s5(const struct table *dsdt) {
    for (uint32_t i = HEADER_SIZE + 2; i + 8 <= dsdt->size; i++) {
        const uint8_t *at = dsdt->bytes + i;
        bool named = at[-1] == AML_NAME || (at[-1] == '\\' && at[-2] == AML_NAME);
        uint32_t offset;

        if (!has_signature(at, "_S5_") || !named || at[4] != AML_PACKAGE) continue;
        offset = i + 5 + 1 + (at[5] >> 6) + 1; /* package length: 1 to 4 bytes; element count */
        if (read_integer(dsdt, &offset, &acpi.sleep_a) &&
            read_integer(dsdt, &offset, &acpi.sleep_b))
            return true;
    }
    return false;
}

static void read_fadt(struct table fadt) {
    struct table dsdt;

    if (fadt.size < 116) return;
    dsdt = find_table(read32(fadt.bytes + 40));
    if (dsdt.bytes == NULL && fadt.size >= 148) dsdt = find_table(read64(fadt.bytes + 140));
    acpi.command_port = (uint16_t)read32(fadt.bytes + 48);
    acpi.enable_command = fadt.bytes[52];
    acpi.control_a = (uint16_t)read32(fadt.bytes + 64);
    acpi.control_b = (uint16_t)read32(fadt.bytes + 68);
    acpi.can_power_off = acpi.control_a != 0 && dsdt.bytes != NULL && find_s5(&dsdt);
    if (fadt.size >= 129 && (read32(fadt.bytes + 112) & RESET_SUPPORTED) != 0 &&
        fadt.bytes[116] == SPACE_IO) {
        acpi.reset_port = (uint16_t)read64(fadt.bytes + 120);
        acpi.reset_value = fadt.bytes[128];
    }
}

void acpi_read(const uint8_t rsdp[RSDP_SIZE]) {
    bool second = rsdp[15] >= 2 && read64(rsdp + 24) != 0;
    struct table list = find_table(second ? read64(rsdp + 24) : read32(rsdp + 16));
    uint32_t width = second ? 8 : 4;
    uint32_t offset = HEADER_SIZE;

    for (uint32_t i = 0; list.bytes != NULL && i < TABLES_MAX && list.size - offset >= width; i++) {
        const uint8_t *entry = list.bytes + offset;
        struct table table = find_table(second ? read64(entry) : read32(entry));

        if (table.bytes != NULL && has_signature(table.bytes, "APIC")) read_madt(table);
        if (table.bytes != NULL && has_signature(table.bytes, "FACP")) read_fadt(table);
        offset += width;
    }
}
