/* SPDX-License-Identifier: Apache-2.0 */
/* Runs on the boot page tables, where the first 4 GiB are mapped. Every tag is checked against the
 * total size before it is read. */
#include "hv/x86/memory.h"
#include "hv/x86/paging.h"

#define MAGIC 0x36d76289u
#define TOTAL_MAX 0x100000u
#define TAG_END 0u
#define TAG_COMMAND_LINE 1u
#define TAG_MODULE 3u
#define TAG_MEMORY_MAP 6u
#define TAG_RSDP_1 14u
#define TAG_RSDP_2 15u
#define RSDP_1_SIZE 20u

#define DAMAGED "the boot loader's information is damaged"
#define TEXT_SIZE 8192u /* command line and module strings together */

struct tag {
    uint32_t type;
    uint32_t size; /* with these two fields */
    const uint8_t *body;
    uint32_t body_size;
};

struct memory_map_entry {
    uint64_t address, size;
    uint32_t type, reserved;
};
_Static_assert(sizeof(struct memory_map_entry) == 24, "memory map tag");

static char text[TEXT_SIZE];
static uint32_t text_used;

/* NULL if it has no end or there is no room. */
static char *keep_text(const uint8_t *from, uint32_t size) {
    char *kept = &text[text_used];
    uint32_t length = 0;

    while (length < size && from[length] != 0) length++;
    if (length == size || size > TEXT_SIZE - text_used) return NULL;
    __builtin_memcpy(kept, from, length + 1);
    text_used += length + 1;
    return kept;
}

static const char *read_module(struct boot_info *boot, const struct tag *tag) {
    struct boot_module *module = &boot->module[boot->modules];
    uint32_t bounds[2]; /* start and end */
    char *string;

    if (boot->modules >= BOOT_MODULES)
        return "more than 8 boot modules; remove some from the boot loader's configuration";
    if (tag->body_size < sizeof(bounds)) return DAMAGED;
    __builtin_memcpy(bounds, tag->body, sizeof(bounds));
    string = keep_text(tag->body + sizeof(bounds), tag->body_size - (uint32_t)sizeof(bounds));
    if (string == NULL) return "the strings of the boot modules are too long; shorten them";
    if (bounds[1] < bounds[0] || bounds[0] % PAGE_SIZE != 0)
        return "a boot module does not start on a page; use a boot loader that aligns modules";

    *module = (struct boot_module){.address = bounds[0],
                                   .size = bounds[1] - bounds[0],
                                   .bytes = physical_pointer(bounds[0]),
                                   .role = string};
    while (*string != 0 && *string != ' ') string++;
    for (; *string == ' '; string++) *string = 0;
    module->arguments = string;
    boot->modules++;
    return NULL;
}

/* GRUB gives the ranges in order; where two overlapped, it could not be told which one counts. */
static const char *read_memory_map(struct boot_info *boot, const struct tag *tag) {
    uint32_t header[2] = {0, 0}; /* size and version of an entry */
    uint64_t end = 0;

    if (tag->body_size >= sizeof(header)) __builtin_memcpy(header, tag->body, sizeof(header));
    if (header[0] < sizeof(struct memory_map_entry)) return DAMAGED;
    for (uint32_t at = sizeof(header); tag->body_size - at >= header[0]; at += header[0]) {
        struct memory_map_entry entry;
        uint32_t type;

        __builtin_memcpy(&entry, tag->body + at, sizeof(entry));
        type = entry.type == MEMORY_RAM || entry.type == MEMORY_ACPI ? entry.type : MEMORY_RESERVED;
        if (entry.address < end || entry.size > UINT64_MAX - entry.address)
            return "the ranges of the memory map overlap";
        if (!memory_add(boot, entry.address, entry.size, type))
            return "the memory map has more than 64 ranges";
        end = entry.address + entry.size;
    }
    return NULL;
}

static void read_rsdp(uint8_t rsdp[RSDP_SIZE], const struct tag *tag) {
    uint32_t wanted = tag->type == TAG_RSDP_1 ? RSDP_1_SIZE : RSDP_SIZE;

    /* The second revision wins, whichever comes first. */
    if (tag->body_size < wanted || (tag->type == TAG_RSDP_1 && rsdp[0] != 0)) return;
    __builtin_memcpy(rsdp, tag->body, wanted);
}

static const char *read_tag(struct boot_info *boot, uint8_t rsdp[RSDP_SIZE],
                            const struct tag *tag) {
    switch (tag->type) {
    case TAG_COMMAND_LINE:
        boot->command_line = keep_text(tag->body, tag->body_size);
        return boot->command_line != NULL ? NULL : "the command line is too long; shorten it";
    case TAG_MODULE: return read_module(boot, tag);
    case TAG_MEMORY_MAP: return read_memory_map(boot, tag);
    case TAG_RSDP_1:
    case TAG_RSDP_2: read_rsdp(rsdp, tag); return NULL;
    default: return NULL;
    }
}

const char *multiboot2_read(uint32_t magic, uint32_t address, struct boot_info *boot,
                            uint8_t rsdp[RSDP_SIZE]) {
    const uint8_t *information = (const uint8_t *)(uint64_t)address;
    const char *error = NULL;
    uint32_t total;

    boot->command_line = "";
    if (magic != MAGIC)
        return "not started by a Multiboot2 boot loader; use GRUB's multiboot2 command";
    __builtin_memcpy(&total, information, sizeof(total));
    if (total > TOTAL_MAX || total > UINT32_MAX - address) return DAMAGED;
    for (uint32_t offset = 8; error == NULL && total >= offset + 8;) {
        struct tag tag = {.body = information + offset + 8};

        __builtin_memcpy(&tag.type, information + offset, 4);
        __builtin_memcpy(&tag.size, information + offset + 4, 4);
        if (tag.type == TAG_END) break;
        if (tag.size < 8 || tag.size > total - offset) return DAMAGED;
        tag.body_size = tag.size - 8;
        error = read_tag(boot, rsdp, &tag);
        offset += (tag.size + 7) & ~7u;
    }
    if (error == NULL && boot->ranges == 0) return "the boot loader gives no memory map";
    return error;
}
