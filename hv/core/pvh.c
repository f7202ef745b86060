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

/*@ predicate readable{L}(uint8_t *bytes, integer size) =
        0 <= size <= UINT64_MAX && (size > 0 ==> \valid_read(bytes + (0 .. size - 1)));

    logic integer le16{L}(uint8_t *b, integer at) = b[at] + 0x100 * b[at + 1];
    logic integer le32{L}(uint8_t *b, integer at) = le16(b, at) + 0x10000 * le16(b, at + 2);
    logic integer le64{L}(uint8_t *b, integer at) = le32(b, at) + 0x100000000 * le32(b, at + 4);

    // The program header table lies within the image.
    predicate headed{L}(uint8_t *b, integer size) = 64 <= size && le16(b, 56) <= PHDRS_MAX &&
        le64(b, 32) + le16(b, 56) * PHDR_SIZE <= size;

    // The note at `at`, which ends before `end`, is Xen's, of an entry point, and names this one.
    predicate noted{L}(uint8_t *b, integer at, integer end, integer entry) =
        0 <= at && at + 20 <= end && le32(b, at) <= 4 && le32(b, at + 8) == 18 &&
        le32(b, at + 12) == 0x006e6558 && le32(b, at + 16) == entry;

    // What may be loaded: bytes from within the image, to addresses that do not wrap.
    predicate loadable{L}(struct pvh_image *out, integer i, integer size) =
        out->segment[i].offset + out->segment[i].file_size <= size &&
        out->segment[i].file_size <= out->segment[i].size && 0 < out->segment[i].size &&
        out->segment[i].address + out->segment[i].size <= UINT64_MAX &&
        out->segment[i].address + out->segment[i].size <= out->end;
    predicate all_loadable{L}(struct pvh_image *out, integer size) =
        out->segments <= PVH_SEGMENTS_MAX &&
        \forall integer i; 0 <= i < out->segments ==> loadable(out, i, size);
*/

/*@ requires at <= UINT64_MAX - 1 && \valid_read(bytes + (at .. at + 1));
    terminates \true;
    assigns \nothing;
    ensures \result == le16(bytes, at); */
static uint32_t read_u16(const uint8_t *bytes, uint64_t at) {
    return bytes[at] + 0x100u * bytes[at + 1];
}

/*@ requires at <= UINT64_MAX - 3 && \valid_read(bytes + (at .. at + 3));
    terminates \true;
    assigns \nothing;
    ensures \result == le32(bytes, at); */
static uint32_t read_u32(const uint8_t *bytes, uint64_t at) {
    return read_u16(bytes, at) + 0x10000u * read_u16(bytes, at + 2);
}

/*@ requires at <= UINT64_MAX - 7 && \valid_read(bytes + (at .. at + 7));
    terminates \true;
    assigns \nothing;
    ensures \result == le64(bytes, at); */
static uint64_t read_u64(const uint8_t *bytes, uint64_t at) {
    return read_u32(bytes, at) + 0x100000000u * read_u32(bytes, at + 4);
}

/*@ terminates \true;
    assigns \nothing;
    ensures within: \result == 1 <==> offset + length <= size; */
static bool within(uint64_t offset, uint64_t length, uint64_t size) {
    return offset <= size && length <= size - offset;
}

/*@ requires readable(bytes, size);
    terminates \true;
    assigns \nothing; */
static bool is_bzimage(const uint8_t *bytes, uint64_t size) {
    return within(BZIMAGE_MAGIC_AT, 4, size) && read_u32(bytes, BZIMAGE_MAGIC_AT) == 0x53726448u;
}

/*@ requires value <= UINT64_MAX - 3;
    terminates \true;
    assigns \nothing;
    ensures value <= \result <= value + 3 && \result % 4 == 0; */
static uint64_t round4(uint64_t value) { return (value + 3) / 4 * 4; }

/* Looks for the entry note in one PT_NOTE segment; the descriptor has 4 or 8 bytes. */
/*@ requires at + length <= UINT64_MAX && readable(bytes, at + length) && \valid(entry);
    terminates \true;
    assigns *entry;
    ensures none: \result == 0 ==> *entry == \old(*entry);
    ensures found: \result == 1 ==>
      \exists integer n; at <= n && noted(bytes, n, at + length, *entry); */
static bool find_entry(const uint8_t *bytes, uint64_t at, uint64_t length, uint32_t *entry) {
    uint64_t end = at + length;

    /*@ loop invariant \at(at, Pre) <= at <= end && i <= NOTES_MAX;
        loop assigns i, at;
        loop variant NOTES_MAX - i; */
    for (uint32_t i = 0; i < NOTES_MAX && end - at >= NOTE_HEADER; i++) {
        uint64_t name_size = round4(read_u32(bytes, at));
        uint64_t descriptor_size = read_u32(bytes, at + 4);
        uint32_t type = read_u32(bytes, at + 8);

        at += NOTE_HEADER;
        if (name_size > end - at || round4(descriptor_size) > end - at - name_size) return false;
        if (type == XEN_ELFNOTE_PHYS32_ENTRY && name_size == 4 &&
            read_u32(bytes, at) == 0x006e6558u && descriptor_size >= 4) {
            *entry = read_u32(bytes, at + name_size);
            /*@ assert noted(bytes, at - NOTE_HEADER, end, *entry); */
            return true;
        }
        at += name_size + round4(descriptor_size);
    }
    return false;
}

/*@ requires readable(bytes, size) && header + PHDR_SIZE <= size && \valid(out);
    requires \separated(out, bytes + (0 .. size - 1)) && all_loadable(out, size);
    terminates \true;
    assigns out->segment[0 .. PVH_SEGMENTS_MAX - 1], out->segments, out->end;
    assigns \result \from bytes[0 .. size - 1];
    ensures loadable: all_loadable(out, size);
    ensures \old(out->segments) <= out->segments; */
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
    /*@ assert \forall integer i; 0 <= i < out->segments ==> loadable(out, i, size); */
    if (out->segments == PVH_SEGMENTS_MAX) return "kernel: too many segments";
    out->segment[out->segments] = segment;
    /*@ assert \let k = out->segments; out->segment[k].offset == segment.offset &&
            out->segment[k].file_size == segment.file_size &&
            out->segment[k].size == segment.size && out->segment[k].address == segment.address; */
    /*@ assert \forall integer i; 0 <= i < out->segments ==> loadable(out, i, size); */
    out->segments++;
    if (segment.address + segment.size > out->end) out->end = segment.address + segment.size;
    /*@ assert loadable(out, out->segments - 1, size); */
    /*@ assert \forall integer i; 0 <= i < out->segments - 1 ==> loadable(out, i, size); */
    return 0;
}

/*@ requires readable(bytes, size);
    terminates \true;
    assigns \result \from bytes[0 .. size - 1];
    ensures headed: \result == \null ==> headed(bytes, size); */
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

/*@ requires readable(bytes, size) && \valid(out) && \separated(out, bytes + (0 .. size - 1));
    terminates \true;
    assigns *out;
    assigns \result \from bytes[0 .. size - 1];
    ensures headed: \result == \null ==> headed(bytes, size);
    ensures loadable: \result == \null ==> out->segments > 0 && all_loadable(out, size);
    ensures entry: \result == \null ==> \exists integer n; noted(bytes, n, size, out->entry); */
const char *pvh_validate(const uint8_t *bytes, uint64_t size, struct pvh_image *out) {
    const char *wrong = check_header(bytes, size);
    bool entry_found = false;
    uint32_t count;

    out->entry = 0;
    out->end = 0;
    out->segments = 0;
    if (wrong != 0) return wrong;
    count = read_u16(bytes, 56);
    /*@ loop invariant 0 <= i <= count;
        loop invariant all_loadable(out, size);
        loop invariant entry_found ==> \exists integer n; noted(bytes, n, size, out->entry);
        loop assigns i, wrong, entry_found, *out;
        loop variant count - i; */
    for (uint32_t i = 0; i < count; i++) {
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
