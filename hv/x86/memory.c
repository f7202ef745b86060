/* SPDX-License-Identifier: Apache-2.0 */
/* First fit over a short list: boot takes memory a few dozen times. */
#include "hv/x86/memory.h"
#include "hv/x86/paging.h"
#include "hv/x86/stop.h"

#define NO_MEMORY "not enough memory for the hypervisor's own tables; give the machine more RAM"

static uint64_t round_down(uint64_t value, uint64_t size) { return value & ~(size - 1); }

static uint64_t round_up(uint64_t value, uint64_t size) {
    return round_down(value + size - 1, size);
}

static uint64_t end_of(const struct boot_range *range) { return range->address + range->size; }

static bool overlaps(const struct boot_range *range, uint64_t start, uint64_t size) {
    return range->address < start + size && start < end_of(range);
}

bool memory_add(struct boot_info *boot, uint64_t address, uint64_t size, uint32_t type) {
    uint64_t end = size > DIRECT_MAP_SIZE - address ? DIRECT_MAP_SIZE : address + size;
    bool ram = type == MEMORY_RAM;

    if (address >= DIRECT_MAP_SIZE) return true;
    address = ram ? round_up(address, PAGE_SIZE) : round_down(address, PAGE_SIZE);
    end = ram ? round_down(end, PAGE_SIZE) : round_up(end, PAGE_SIZE);
    if (address >= end) return true;
    if (boot->ranges == BOOT_RANGES) return false;
    boot->range[boot->ranges++] = (struct boot_range){address, end - address, type};
    return true;
}

void memory_reserve(struct boot_info *boot, uint64_t address, uint64_t size) {
    uint64_t start = round_down(address, PAGE_SIZE);
    uint64_t whole = round_up(address + size, PAGE_SIZE) - start;
    uint32_t i = 0;

    while (i < boot->reserved_ranges && end_of(&boot->reserved[i]) != start) i++;
    if (i == BOOT_RANGES) machine_stop(NO_MEMORY);
    if (i == boot->reserved_ranges)
        boot->reserved[boot->reserved_ranges++] = (struct boot_range){start, 0, MEMORY_RESERVED};
    boot->reserved[i].size += whole;
}

bool memory_has_ram(const struct boot_info *boot, uint64_t address, uint64_t size) {
    bool found = false;

    for (uint32_t i = 0; i < boot->ranges; i++)
        found |= boot->range[i].type == MEMORY_RAM && overlaps(&boot->range[i], address, size);
    return found;
}

uint64_t memory_top(const struct boot_info *boot) {
    uint32_t i = boot->ranges;

    while (i > 0 && boot->range[i - 1].type != MEMORY_RAM) i--;
    return i > 0 ? end_of(&boot->range[i - 1]) : 0;
}

/* The lowest place from `start` on that overlaps nothing reserved. Each step passes one range. */
static uint64_t skip_reserved(const struct boot_info *boot, uint64_t start, uint64_t size,
                              uint64_t alignment) {
    start = round_up(start, alignment);
    for (uint32_t i = 0; i < boot->reserved_ranges; i++) {
        if (!overlaps(&boot->reserved[i], start, size)) continue;
        start = round_up(end_of(&boot->reserved[i]), alignment);
        i = UINT32_MAX; /* from the first again */
    }
    return start;
}

uint64_t memory_take(struct boot_info *boot, uint64_t size, uint64_t alignment, uint64_t lowest,
                     uint64_t limit) {
    uint64_t best = limit;

    for (uint32_t i = 0; i < boot->ranges; i++) {
        const struct boot_range *range = &boot->range[i];
        uint64_t end = end_of(range) < limit ? end_of(range) : limit;
        uint64_t start = range->address > lowest ? range->address : lowest;

        if (range->type != MEMORY_RAM) continue;
        start = skip_reserved(boot, start, size, alignment);
        if (start < end && size <= end - start && start < best) best = start;
    }
    if (best == limit) machine_stop(NO_MEMORY);
    memory_reserve(boot, best, size);
    return best;
}
