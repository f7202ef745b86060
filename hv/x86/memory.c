/* SPDX-License-Identifier: Apache-2.0 */
/* First fit over a short list: boot takes memory a few dozen times. */
#include "hv/x86/memory.h"
#include "hv/x86/paging.h"

#define PAGE_MASK (PAGE_SIZE - 1ull)

static bool add(struct boot_range *ranges, uint32_t *count, uint64_t start, uint64_t end,
                uint32_t type) {
    if (start >= end) return true;
    if (*count >= BOOT_RANGES) return false;
    ranges[*count] = (struct boot_range){.address = start, .size = end - start, .type = type};
    (*count)++;
    return true;
}

static uint64_t range_end(const struct boot_range *range) { return range->address + range->size; }

static bool overlaps(const struct boot_range *range, uint64_t start, uint64_t end) {
    return range->address < end && start < range_end(range);
}

bool memory_add(struct boot_info *boot, uint64_t address, uint64_t size, uint32_t type) {
    uint64_t end;

    if (address >= DIRECT_MAP_SIZE) return true;
    end = size > DIRECT_MAP_SIZE - address ? DIRECT_MAP_SIZE : address + size;
    if (type == MEMORY_RAM) {
        address = (address + PAGE_MASK) & ~PAGE_MASK;
        end &= ~PAGE_MASK;
    } else {
        address &= ~PAGE_MASK;
        end = (end + PAGE_MASK) & ~PAGE_MASK;
    }
    return add(boot->range, &boot->ranges, address, end, type);
}

bool memory_reserve(struct boot_info *boot, uint64_t address, uint64_t size) {
    uint64_t start = address & ~PAGE_MASK;
    uint64_t end = (address + size + PAGE_MASK) & ~PAGE_MASK;

    for (uint32_t i = 0; i < boot->reserved_ranges; i++) {
        struct boot_range *range = &boot->reserved[i];

        if (range_end(range) == start) {
            range->size += end - start;
            return true;
        }
    }
    return add(boot->reserved, &boot->reserved_ranges, start, end, MEMORY_RESERVED);
}

/* Does range j keep RAM range i from being used where they overlap? Of two RAM ranges the first
 * does. */
static bool cuts(const struct boot_info *boot, uint32_t j, uint32_t i) {
    const struct boot_range *other = &boot->range[j];
    const struct boot_range *range = &boot->range[i];

    return j != i && (other->type != MEMORY_RAM || j < i) &&
           overlaps(other, range->address, range_end(range));
}

bool memory_tidy(struct boot_info *boot) {
    uint32_t kept = 0;

    for (uint32_t i = 0; i < boot->ranges; i++) {
        struct boot_range *range = &boot->range[i];

        for (uint32_t j = 0; range->type == MEMORY_RAM && j < boot->ranges; j++) {
            const struct boot_range *other = &boot->range[j];
            uint64_t end = range_end(range);

            if (!cuts(boot, j, i)) continue;
            if (!add(boot->range, &boot->ranges, range_end(other), end, MEMORY_RAM)) return false;
            range->size = other->address > range->address ? other->address - range->address : 0;
        }
    }
    for (uint32_t i = 0; i < boot->ranges; i++) {
        if (boot->range[i].size > 0) {
            boot->range[kept] = boot->range[i];
            kept++;
        }
    }
    boot->ranges = kept;
    return true;
}

bool memory_is_ram(const struct boot_info *boot, uint64_t address, uint64_t size) {
    for (uint32_t i = 0; i < boot->ranges; i++) {
        const struct boot_range *range = &boot->range[i];

        if (range->type == MEMORY_RAM && address >= range->address &&
            address - range->address < range->size &&
            size <= range->size - (address - range->address))
            return true;
    }
    return false;
}

bool memory_has_ram(const struct boot_info *boot, uint64_t address, uint64_t size) {
    for (uint32_t i = 0; i < boot->ranges; i++)
        if (boot->range[i].type == MEMORY_RAM && overlaps(&boot->range[i], address, address + size))
            return true;
    return false;
}

uint64_t memory_top(const struct boot_info *boot) {
    uint64_t top = 0;

    for (uint32_t i = 0; i < boot->ranges; i++)
        if (boot->range[i].type == MEMORY_RAM && range_end(&boot->range[i]) > top)
            top = range_end(&boot->range[i]);
    return top;
}

/* The lowest place from `start` on that overlaps nothing reserved. Each step passes one range. */
static uint64_t skip_reserved(const struct boot_info *boot, uint64_t start, uint64_t size,
                              uint64_t alignment) {
    uint32_t i = 0;

    start = (start + alignment - 1) & ~(alignment - 1);
    while (i < boot->reserved_ranges) {
        if (overlaps(&boot->reserved[i], start, start + size)) {
            start = (range_end(&boot->reserved[i]) + alignment - 1) & ~(alignment - 1);
            i = 0;
        } else {
            i++;
        }
    }
    return start;
}

uint64_t memory_take(struct boot_info *boot, uint64_t size, uint64_t alignment, uint64_t lowest,
                     uint64_t limit) {
    uint64_t best = limit;

    for (uint32_t i = 0; i < boot->ranges; i++) {
        const struct boot_range *range = &boot->range[i];
        uint64_t end = range_end(range) < limit ? range_end(range) : limit;
        uint64_t start;

        if (range->type != MEMORY_RAM) continue;
        start = range->address > lowest ? range->address : lowest;
        start = skip_reserved(boot, start, size, alignment);
        if (start < end && size <= end - start && start < best) best = start;
    }
    if (best == limit || !memory_reserve(boot, best, size)) return 0;
    return best;
}
