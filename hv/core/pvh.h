/* SPDX-License-Identifier: Apache-2.0 */
/* Validation of PVH kernel images: 64-bit little-endian ELF for x86-64 with the Xen note
 * XEN_ELFNOTE_PHYS32_ENTRY. Reads the image only; safe for any bytes. */
#ifndef CORDON_CORE_PVH_H
#define CORDON_CORE_PVH_H

#include <stdint.h>

#define PVH_SEGMENTS_MAX 16u

struct pvh_segment {
    uint64_t offset;    /* in the image */
    uint64_t file_size; /* bytes there; offset + file_size lies within the image */
    uint64_t address;   /* guest-physical */
    uint64_t size;      /* bytes in memory, the rest being zero; address + size does not wrap */
};

struct pvh_image {
    uint32_t entry; /* guest-physical address of the 32-bit entry point */
    uint64_t end;   /* end of the highest segment */
    uint32_t segments;
    struct pvh_segment segment[PVH_SEGMENTS_MAX];
};

/* NULL, or a sentence that says what is wrong and what to do. */
const char *pvh_validate(const uint8_t *bytes, uint64_t size, struct pvh_image *out);

#endif
