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
    union {
        uint8_t body[1];
        struct {
            uint32_t start, end;
            char string[1];
        } module;
        struct {
            uint32_t entry_size, entry_version;
        } map;
    };
};
_Static_assert(offsetof(struct tag, module.string) == 16, "module tag");

struct memory_map_entry {
    uint64_t address, size;
    uint32_t type, reserved;
};
_Static_assert(sizeof(struct memory_map_entry) == 24, "memory map tag");

static char text[TEXT_SIZE];
static uint32_t text_used;

/* NULL if it has no end or there is no room. */
static char *keep_text(const char *from, const uint8_t *end) {
    char *kept = &text[text_used];

    for (; (const uint8_t *)from < end && text_used < TEXT_SIZE; from++) {
        text[text_used++] = *from;
        if (*from == 0) return kept;
    }
    return NULL;
}

static const char *read_module(struct boot_info *boot, const struct tag *tag) {
    uint64_t start = tag->module.start;
    struct boot_module *module = &boot->module[boot->modules];

    if (boot->modules >= BOOT_MODULES)
        return "more than 8 boot modules; remove some from the boot loader's configuration";
    char *string = keep_text(tag->module.string, (const uint8_t *)tag + tag->size);
    if (string == NULL) return "the strings of the boot modules are too long; shorten them";
    if (tag->module.end < start || start % PAGE_SIZE != 0)
        return "a boot module does not start on a page; use a boot loader that aligns modules";

    *module = (struct boot_module){.address = start, .size = tag->module.end - start};
    module->bytes = physical_pointer(start);
    module->role = string;
    while (*string != 0 && *string != ' ') string++;
    for (; *string == ' '; string++) *string = 0;
    module->arguments = string;
    boot->modules++;
    return NULL;
}

/* GRUB gives the ranges in order; where two overlapped, it could not be told which one counts. */
static const char *read_memory_map(struct boot_info *boot, const struct tag *tag) {
    const uint8_t *tag_end = (const uint8_t *)tag + tag->size;
    const uint8_t *at = (const uint8_t *)(&tag->map + 1);
    uint64_t end = 0;

    if (tag->map.entry_size < sizeof(struct memory_map_entry)) return DAMAGED;
    for (; at + tag->map.entry_size <= tag_end; at += tag->map.entry_size) {
        const struct memory_map_entry *entry = (const void *)at;
        bool known = entry->type == MEMORY_RAM || entry->type == MEMORY_ACPI;

        if (entry->address < end || entry->size > UINT64_MAX - entry->address)
            return "the ranges of the memory map overlap";
        if (!memory_add(boot, entry->address, entry->size, known ? entry->type : MEMORY_RESERVED))
            return "the memory map has more than 64 ranges";
        end = entry->address + entry->size;
    }
    return NULL;
}

static void read_rsdp(uint8_t rsdp[RSDP_SIZE], const struct tag *tag) {
    uint32_t wanted = tag->type == TAG_RSDP_1 ? RSDP_1_SIZE : RSDP_SIZE;

    /* The second revision wins, whichever comes first. */
    if (tag->size < 8 + wanted || (tag->type == TAG_RSDP_1 && rsdp[0] != 0)) return;
    __builtin_memcpy(rsdp, tag->body, wanted);
}

static const char *read_command_line(struct boot_info *boot, const struct tag *tag) {
    const char *line = keep_text((const char *)tag->body, (const uint8_t *)tag + tag->size);

    if (line != NULL) boot->command_line = line;
    return line != NULL ? NULL : "the command line is too long; shorten it";
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
        const struct tag *tag = (const void *)(information + offset);

        if (tag->size < 8 || tag->size > total - offset) return DAMAGED;
        switch (tag->type) {
        case TAG_END: return boot->ranges == 0 ? "the boot loader gives no memory map" : NULL;
        case TAG_COMMAND_LINE: error = read_command_line(boot, tag); break;
        case TAG_MODULE: error = read_module(boot, tag); break;
        case TAG_MEMORY_MAP: error = read_memory_map(boot, tag); break;
        case TAG_RSDP_1:
        case TAG_RSDP_2: read_rsdp(rsdp, tag); break;
        default: break;
        }
        offset += (tag->size + 7) & ~7u;
    }
    return error != NULL ? error : DAMAGED;
}
