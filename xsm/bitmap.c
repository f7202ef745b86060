/* SPDX-License-Identifier: Apache-2.0 */
/* Bitmaps are lists of {start, 64 bits} in rising order; a start of an image in force is below
 * TYPES_MAX, and what is not is skipped. */
#include "xsm/bitmap.h"

#include "xsm/policy_image.h"

#define BITMAP_HEAD 12u
#define BITMAP_NODE 12u
#define BITMAP_NODES_MAX (TYPES_MAX / 64u)

static uint32_t bitmap_nodes(uint32_t slot, uint32_t at) {
    uint32_t nodes = at < POLICY_IMAGE_MAX ? image_u32(slot, at + 8) : 0;
    return nodes < BITMAP_NODES_MAX ? nodes : BITMAP_NODES_MAX;
}

bool bitmap_has(uint32_t slot, uint32_t at, uint32_t bit) {
    uint32_t nodes = bitmap_nodes(slot, at);

    for (uint32_t i = 0; i < nodes; i++) {
        uint32_t node = at + BITMAP_HEAD + i * BITMAP_NODE;
        uint32_t start = image_u32(slot, node);
        if (start > bit) return false;
        if (bit - start < 64) return (image_u64(slot, node + 4) >> (bit - start) & 1) != 0;
    }
    return false;
}

/* Index of the lowest set bit of a map that is not zero. */
static uint32_t lowest_bit(uint64_t map) {
    uint32_t bit = 0;

    for (uint32_t width = 32; width > 0; width /= 2) {
        if ((map & ((UINT64_C(1) << width) - 1)) == 0) {
            map >>= width;
            bit += width;
        }
    }
    return bit;
}

uint32_t bitmap_next(uint32_t slot, uint32_t at, uint32_t from) {
    uint32_t nodes = bitmap_nodes(slot, at);

    for (uint32_t i = 0; i < nodes; i++) {
        uint32_t node = at + BITMAP_HEAD + i * BITMAP_NODE;
        uint32_t start = image_u32(slot, node);
        uint64_t map = image_u64(slot, node + 4);
        if (start >= TYPES_MAX) return BITMAP_END;
        if (from >= start && from - start >= 64) continue;
        if (from > start) map &= UINT64_MAX << (from - start);
        if (map != 0) return start + lowest_bit(map);
    }
    return BITMAP_END;
}

uint32_t bitmap_bytes(uint32_t slot, uint32_t at) {
    return BITMAP_HEAD + bitmap_nodes(slot, at) * BITMAP_NODE;
}
