/* SPDX-License-Identifier: Apache-2.0 */
/* What the machine layer found at boot. */
#ifndef CORDON_CORE_BOOT_H
#define CORDON_CORE_BOOT_H

#include "hv/abi/types.h"

enum memory_type { MEMORY_RAM = 1, MEMORY_RESERVED = 2, MEMORY_ACPI = 3 };

#define BOOT_RANGES 64u
#define BOOT_MODULES 8u

struct boot_range {
    uint64_t address; /* bytes, of whole pages */
    uint64_t size;
    uint32_t type;
};

/* A GRUB module; `role` is the first word of its string, `arguments` the rest. */
struct boot_module {
    uint64_t address; /* machine address of its first byte, page aligned */
    uint64_t size;
    const uint8_t *bytes; /* the same through the hypervisor's map of memory */
    const char *role;     /* NUL-terminated: "policy", "kernel", "initrd" */
    const char *arguments;
};

struct frame;
struct frame_chunk;

struct boot_info {
    const char *command_line;
    uint32_t cpus;
    uint32_t ranges;
    struct boot_range range[BOOT_RANGES];
    uint32_t modules;
    struct boot_module module[BOOT_MODULES];
    /* Frame table, already backed by memory that lies in a hypervisor range. */
    struct frame *frame_table;
    struct frame_chunk *frame_chunks;
    uint64_t frames;
    /* What belongs to the hypervisor: image, tables, frame table, modules. */
    uint32_t reserved_ranges;
    struct boot_range reserved[BOOT_RANGES];
};

#endif
