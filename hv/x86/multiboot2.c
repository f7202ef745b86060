/* SPDX-License-Identifier: Apache-2.0 */
/* Runs on the boot page tables, where the first 4 GiB are mapped. Every tag is checked against the
 * total size before it is read. */
#include "hv/x86/multiboot2.h"
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

#define TEXT_SIZE 8192u /* command line and module strings together */

struct tag {
    uint32_t type;
    uint32_t size; /* with these two fields */
    const uint8_t *body;
    uint32_t body_size;
};

struct memory_map_header {
    uint32_t entry_size;
    uint32_t entry_version;
};
_Static_assert(sizeof(struct memory_map_header) == 8, "memory map tag");

struct memory_map_entry_2 {
    uint64_t address;
    uint64_t size;
    uint32_t type;
    uint32_t reserved;
};
_Static_assert(sizeof(struct memory_map_entry_2) == 24, "memory map entry");

struct module_header {
    uint32_t start;
    uint32_t end;
};
_Static_assert(sizeof(struct module_header) == 8, "module tag");

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

static const char *read_command_line(struct boot_info *boot, const struct tag *tag) {
    boot->command_line = keep_text(tag->body, tag->body_size);
    return boot->command_line != NULL ? NULL : "the command line is too long; shorten it";
}

static const char *read_module(struct boot_info *boot, const struct tag *tag) {
    struct boot_module *module = &boot->module[boot->modules];
    struct module_header header;
    char *string;

    if (boot->modules >= BOOT_MODULES)
        return "more than 8 boot modules; remove some from the boot loader's configuration";
    if (tag->body_size < sizeof(header)) return "the boot loader's module tag is damaged";
    __builtin_memcpy(&header, tag->body, sizeof(header));
    string = keep_text(tag->body + sizeof(header), tag->body_size - (uint32_t)sizeof(header));
    if (string == NULL) return "the strings of the boot modules are too long; shorten them";
    if (header.end < header.start || header.start % PAGE_SIZE != 0)
        return "a boot module does not start on a page; use a boot loader that aligns modules";

    module->address = header.start;
    module->size = header.end - header.start;
    module->bytes = physical_pointer(header.start);
    module->role = string;
    while (*string != 0 && *string != ' ') string++;
    if (*string == ' ') {
        *string = 0;
        string++;
    }
    while (*string == ' ') string++;
    module->arguments = string;
    boot->modules++;
    return NULL;
}

static uint32_t memory_type_of(uint32_t type) {
    if (type == 1) return MEMORY_RAM;
    return type == 3 ? MEMORY_ACPI : MEMORY_RESERVED;
}

static const char *read_memory_map(struct boot_info *boot, const struct tag *tag) {
    struct memory_map_header header;
    uint32_t offset = sizeof(header);

    if (tag->body_size < sizeof(header)) return "the boot loader's memory map is damaged";
    __builtin_memcpy(&header, tag->body, sizeof(header));
    if (header.entry_size < sizeof(struct memory_map_entry_2))
        return "the boot loader's memory map is damaged";
    while (tag->body_size - offset >= header.entry_size) {
        struct memory_map_entry_2 entry;

        __builtin_memcpy(&entry, tag->body + offset, sizeof(entry));
        if (!memory_add(boot, entry.address, entry.size, memory_type_of(entry.type)))
            return "the memory map has more than 64 ranges";
        offset += header.entry_size;
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
    case TAG_COMMAND_LINE: return read_command_line(boot, tag);
    case TAG_MODULE: return read_module(boot, tag);
    case TAG_MEMORY_MAP: return read_memory_map(boot, tag);
    case TAG_RSDP_1:
    case TAG_RSDP_2: read_rsdp(rsdp, tag); return NULL;
    default: return NULL;
    }
}

static const char *read_tags(const uint8_t *information, uint32_t total, struct boot_info *boot,
                             uint8_t rsdp[RSDP_SIZE]) {
    uint32_t offset = 8;

    while (total - offset >= 8) {
        struct tag tag;
        const char *error;

        __builtin_memcpy(&tag.type, information + offset, 4);
        __builtin_memcpy(&tag.size, information + offset + 4, 4);
        if (tag.type == TAG_END) return NULL;
        if (tag.size < 8 || tag.size > total - offset)
            return "the boot loader's information is damaged";
        tag.body = information + offset + 8;
        tag.body_size = tag.size - 8;
        error = read_tag(boot, rsdp, &tag);
        if (error != NULL) return error;
        if (tag.size > total - offset - 7) return NULL;
        offset += (tag.size + 7) & ~7u;
    }
    return NULL;
}

const char *multiboot2_read(uint32_t magic, uint32_t address, struct boot_info *boot,
                            uint8_t rsdp[RSDP_SIZE]) {
    const uint8_t *information = (const uint8_t *)(uint64_t)address;
    const char *error;
    uint32_t total;

    boot->command_line = "";
    if (magic != MAGIC)
        return "not started by a Multiboot2 boot loader; use GRUB's multiboot2 command";
    __builtin_memcpy(&total, information, sizeof(total));
    if (total < 8 || total > TOTAL_MAX || total > UINT32_MAX - address)
        return "the boot loader's information is damaged";
    error = read_tags(information, total, boot, rsdp);
    if (error != NULL) return error;
    if (boot->ranges == 0) return "the boot loader gives no memory map";
    return memory_tidy(boot) ? NULL : "the memory map has more than 64 ranges";
}
