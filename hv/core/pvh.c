/* SPDX-License-Identifier: Apache-2.0 */
/* PVH image validation. Every count and offset is checked by subtraction before it is used. Source:
 * System V ABI (ELF-64); Xen's public elfnote.h. */
#include "hv/core/pvh.h"

#include <stdbool.h>

#define EHDR_SIZE 64u
#define PHDR_SIZE 56u
#define PHDRS_MAX 64u
#define PT_LOAD 1u
#define PT_NOTE 4u
#define NOTE_HEADER 12u
#define NOTES_MAX 256u
#define XEN_ELFNOTE_PHYS32_ENTRY 18u
#define BZIMAGE_MAGIC_AT 0x202u

static uint32_t read_u16(const uint8_t *bytes, uint64_t at) {
    return (uint32_t)bytes[at] | (uint32_t)bytes[at + 1] << 8;
}

static uint32_t read_u32(const uint8_t *bytes, uint64_t at) {
    return read_u16(bytes, at) | read_u16(bytes, at + 2) << 16;
}

static uint64_t read_u64(const uint8_t *bytes, uint64_t at) {
    return (uint64_t)read_u32(bytes, at) | (uint64_t)read_u32(bytes, at + 4) << 32;
}

static bool within(uint64_t offset, uint64_t length, uint64_t size) {
    return offset <= size && length <= size - offset;
}

static bool is_bzimage(const uint8_t *bytes, uint64_t size) {
    return within(BZIMAGE_MAGIC_AT, 4, size) && read_u32(bytes, BZIMAGE_MAGIC_AT) == 0x53726448u;
}

static uint64_t round4(uint64_t value) { return (value + 3) / 4 * 4; }

/* Looks for the entry note in one PT_NOTE segment; the descriptor has 4 or 8 bytes. */
static bool find_entry(const uint8_t *bytes, uint64_t at, uint64_t length, uint32_t *entry) {
    uint64_t end = at + length;
    uint32_t i;

    for (i = 0; i < NOTES_MAX && end - at >= NOTE_HEADER; i++) {
        uint64_t name_size = round4(read_u32(bytes, at));
        uint64_t descriptor_size = read_u32(bytes, at + 4);
        uint32_t type = read_u32(bytes, at + 8);

        at += NOTE_HEADER;
        if (name_size > end - at || round4(descriptor_size) > end - at - name_size) return false;
        if (type == XEN_ELFNOTE_PHYS32_ENTRY && name_size == 4 &&
            read_u32(bytes, at) == 0x006e6558u && descriptor_size >= 4) {
            *entry = read_u32(bytes, at + name_size);
            return true;
        }
        at += name_size + round4(descriptor_size);
    }
    return false;
}

static const char *add_segment(const uint8_t *bytes, uint64_t size, uint64_t header,
                               struct pvh_image *out) {
    struct pvh_segment segment;

    segment.offset = read_u64(bytes, header + 8);
    segment.address = read_u64(bytes, header + 24);
    segment.file_size = read_u64(bytes, header + 32);
    segment.size = read_u64(bytes, header + 40);
    if (segment.size == 0) return 0;
    if (!within(segment.offset, segment.file_size, size))
        return "kernel: a segment lies outside the file; the image is cut short";
    if (segment.file_size > segment.size || segment.size > UINT64_MAX - segment.address)
        return "kernel: a segment has an impossible size";
    if (out->segments == PVH_SEGMENTS_MAX) return "kernel: too many segments";
    out->segment[out->segments] = segment;
    out->segments++;
    if (segment.address + segment.size > out->end) out->end = segment.address + segment.size;
    return 0;
}

static const char *check_header(const uint8_t *bytes, uint64_t size) {
    if (is_bzimage(bytes, size))
        return "kernel: this is a bzImage; unpack it to its vmlinux with image/unpack-kernel";
    if (size < EHDR_SIZE || read_u32(bytes, 0) != 0x464c457fu)
        return "kernel: not an ELF image; give a PVH kernel as the module `kernel`";
    if (bytes[4] != 2 || bytes[5] != 1 || read_u16(bytes, 18) != 62)
        return "kernel: not a 64-bit x86 ELF image";
    if (read_u16(bytes, 54) != PHDR_SIZE || read_u16(bytes, 56) > PHDRS_MAX ||
        !within(read_u64(bytes, 32), (uint64_t)read_u16(bytes, 56) * PHDR_SIZE, size))
        return "kernel: the program header table is damaged";
    return 0;
}

const char *pvh_validate(const uint8_t *bytes, uint64_t size, struct pvh_image *out) {
    const char *wrong = check_header(bytes, size);
    bool entry_found = false;
    uint32_t count;
    uint32_t i;

    out->entry = 0;
    out->end = 0;
    out->segments = 0;
    if (wrong != 0) return wrong;
    count = read_u16(bytes, 56);
    for (i = 0; i < count; i++) {
        uint64_t header = read_u64(bytes, 32) + (uint64_t)i * PHDR_SIZE;
        uint32_t type = read_u32(bytes, header);

        if (type == PT_LOAD) {
            wrong = add_segment(bytes, size, header, out);
            if (wrong != 0) return wrong;
        } else if (type == PT_NOTE && !entry_found &&
                   within(read_u64(bytes, header + 8), read_u64(bytes, header + 32), size)) {
            entry_found = find_entry(bytes, read_u64(bytes, header + 8),
                                     read_u64(bytes, header + 32), &out->entry);
        }
    }
    if (!entry_found) {
        return "kernel: no PVH entry note (XEN_ELFNOTE_PHYS32_ENTRY); give a kernel with "
               "CONFIG_PVH";
    }
    return out->segments == 0 ? "kernel: nothing to load" : 0;
}
