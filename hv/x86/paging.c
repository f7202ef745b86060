/* SPDX-License-Identifier: Apache-2.0 */
/* AMD manual 2, chapter 5. Tables are made at boot and live in RAM above the image; after that only
 * the last level of the sparse region changes. */
#include "hv/x86/paging.h"
#include "hv/core/frame.h"
#include "hv/x86/apic.h"
#include "hv/x86/cpu.h"
#include "hv/x86/layout.h"
#include "hv/x86/memory.h"
#include "hv/x86/percpu.h"

#define ENTRY_PRESENT (1ull << 0)
#define ENTRY_WRITE (1ull << 1)
#define ENTRY_UNCACHED (3ull << 3) /* PWT and PCD */
#define ENTRY_ACCESSED (1ull << 5)
#define ENTRY_DIRTY (1ull << 6)
#define ENTRY_LARGE (1ull << 7)
#define ENTRY_NO_EXECUTE (1ull << 63)
#define ENTRY_ADDRESS 0x000ffffffffff000ull
#define TABLE_BITS (ENTRY_PRESENT | ENTRY_WRITE | ENTRY_ACCESSED)
#define DATA_BITS (TABLE_BITS | ENTRY_DIRTY | ENTRY_NO_EXECUTE)

#define SIZE_4K 0x1000ull
#define SIZE_2M 0x200000ull
#define SIZE_1G 0x40000000ull
#define LIMIT_4G 0x100000000ull

/* One page of the frame table describes this much memory. */
#define DESCRIBED_BY_PAGE (PAGE_SIZE / sizeof(struct frame) * PAGE_SIZE)
#define WORTH_2M 448u /* of 512 pages in use */
_Static_assert(PAGE_SIZE % sizeof(struct frame) == 0, "no frame straddles two pages");

extern uint8_t sparse_start[], sparse_end[];
extern uint32_t paging_root; /* physical; read by boot.S for started CPUs */

uint32_t paging_root;
static uint64_t root[512] __attribute__((aligned(4096)));
/* The frame table where there is no RAM: frames_start() writes the same to all of it. */
static uint8_t absent_frames[PAGE_SIZE] __attribute__((aligned(4096)));
uint8_t stacks[MAX_CPUS][STACK_PAGES][PAGE_SIZE]
    __attribute__((section(".bss.stacks"), aligned(4096)));
static uint64_t table_base;      /* where tables are seen: identity at first, then the direct map */
static uint64_t *sparse_entries; /* all last-level entries of the region, in one run */
static uint32_t sparse_generation = 1;

static uint64_t *table_pointer(uint64_t address) { return (uint64_t *)(table_base + address); }

/* Tables are taken below 4 GiB, so that the boot tables map them. */
static uint64_t take_tables(struct boot_info *boot, uint64_t pages) {
    uint64_t size = pages * PAGE_SIZE;
    uint64_t address = memory_take(boot, size, PAGE_SIZE, MEMORY_LOW, LIMIT_4G);

    if (address != 0) __builtin_memset(table_pointer(address), 0, size);
    return address;
}

/* The entry for `address` at `level` (1: 4 KiB, 2: 2 MiB, 3: 1 GiB); NULL without memory. */
static uint64_t *find_entry(struct boot_info *boot, uint64_t address, unsigned level) {
    uint64_t *table = root;

    for (unsigned at = 4; at > level; at--) {
        uint64_t *entry = &table[address >> (3 + 9 * at) & 511];

        if ((*entry & ENTRY_PRESENT) == 0) {
            uint64_t new_table = take_tables(boot, 1);

            if (new_table == 0) return NULL;
            *entry = new_table | TABLE_BITS;
        }
        table = table_pointer(*entry & ENTRY_ADDRESS);
    }
    return &table[address >> (3 + 9 * level) & 511];
}

static bool has_1g_pages(void) { return (cpuid(0x80000001, 0).edx & 1u << 26) != 0; }

static unsigned choose_level(uint64_t address, uint64_t physical, uint64_t size) {
    uint64_t both = address | physical;

    if (both % SIZE_1G == 0 && size >= SIZE_1G && has_1g_pages()) return 3;
    return both % SIZE_2M == 0 && size >= SIZE_2M ? 2 : 1;
}

bool paging_map(struct boot_info *boot, uint64_t address, uint64_t physical, uint64_t size,
                unsigned flags) {
    uint64_t bits = ENTRY_PRESENT | ENTRY_ACCESSED;

    bits |= (flags & MAP_WRITE) != 0 ? ENTRY_WRITE | ENTRY_DIRTY : 0;
    bits |= (flags & MAP_EXECUTE) != 0 ? 0 : ENTRY_NO_EXECUTE;
    bits |= (flags & MAP_UNCACHED) != 0 ? ENTRY_UNCACHED : 0;
    while (size > 0) {
        unsigned level = choose_level(address, physical, size);
        uint64_t step = 1ull << (3 + 9 * level);
        uint64_t *entry = find_entry(boot, address, level);

        if (entry == NULL) return false;
        *entry = physical | bits | (level > 1 ? ENTRY_LARGE : 0);
        address += step;
        physical += step;
        size -= step;
    }
    return true;
}

static bool map_same(struct boot_info *boot, const uint8_t *start, const uint8_t *end,
                     unsigned flags) {
    uint64_t address = image_physical(start);

    return paging_map(boot, address, address, image_physical(end) - address, flags);
}

static bool map_image(struct boot_info *boot) {
    bool done = map_same(boot, image_start, image_text_end, MAP_EXECUTE) &&
                map_same(boot, image_text_end, image_rodata_end, 0) &&
                map_same(boot, image_rodata_end, stacks[0][0], MAP_WRITE);

    for (uint32_t cpu = 0; cpu < MAX_CPUS; cpu++) {
        for (uint32_t page = 0; page < STACK_PAGES; page++) {
            const uint8_t *start = stacks[cpu][page];

            if ((STACKS_MAPPED >> page & 1u) != 0)
                done = done && map_same(boot, start, start + PAGE_SIZE, MAP_WRITE);
        }
    }
    return done;
}

static bool map_direct(struct boot_info *boot, uint64_t start, uint64_t end) {
    return start >= end || paging_map(boot, DIRECT_MAP + start, start, end - start, MAP_WRITE);
}

/* All RAM but the image, whose text would else be writable under another address. */
static bool map_ram(struct boot_info *boot) {
    uint64_t from = image_physical(image_start);
    uint64_t to = image_physical(image_end);

    for (uint32_t i = 0; i < boot->ranges; i++) {
        uint64_t start = boot->range[i].address;
        uint64_t end = start + boot->range[i].size;

        if (boot->range[i].type != MEMORY_RAM) continue;
        if (!map_direct(boot, start, end < from ? end : from) ||
            !map_direct(boot, start > to ? start : to, end))
            return false;
    }
    return true;
}

static bool map_sparse_tables(struct boot_info *boot) {
    uint64_t first = image_physical(sparse_start);
    uint64_t tables = (image_physical(sparse_end) - first + SIZE_2M - 1) / SIZE_2M;
    uint64_t address = tables > 0 ? take_tables(boot, tables) : 0;

    for (uint64_t i = 0; address != 0 && i < tables; i++) {
        uint64_t *entry = find_entry(boot, first + i * SIZE_2M, 2);

        if (entry == NULL) return false;
        *entry = (address + i * PAGE_SIZE) | TABLE_BITS;
    }
    sparse_entries = physical_pointer(address);
    return tables == 0 || address != 0;
}

bool paging_start(struct boot_info *boot) {
    uint64_t apic = (uint64_t)apic_page;

    if (!map_image(boot) || !map_ram(boot) || !map_sparse_tables(boot)) return false;
    if (!paging_map(boot, apic, apic, PAGE_SIZE, MAP_WRITE | MAP_UNCACHED)) return false;
    paging_root = (uint32_t)image_physical(root);
    paging_cpu_start();
    table_base = DIRECT_MAP;
    return true;
}

void paging_cpu_start(void) {
    struct cpuid_result features = {0, 0, 0, 0};

    if (cpuid(0, 0).eax >= 7) features = cpuid(7, 0);
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
    write_cr0((read_cr0() | CR0_WP) & ~(uint64_t)(CR0_CD | CR0_NW));
    write_cr3(paging_root);
    write_cr4(read_cr4() | CR4_MCE | ((features.ebx & 1u << 7) != 0 ? CR4_SMEP : 0) |
              ((features.ebx & 1u << 20) != 0 ? CR4_SMAP : 0));
}

static bool map_taken(struct boot_info *boot, uint64_t address, uint64_t size) {
    uint64_t physical = memory_take(boot, size, size, MEMORY_LOW, DIRECT_MAP_SIZE);

    if (physical == 0) return false;
    __builtin_memset(physical_pointer(physical), 0, size);
    return paging_map(boot, address, physical, size, MAP_WRITE);
}

static uint32_t pages_in_use(const struct boot_info *boot, uint64_t described) {
    uint32_t used = 0;

    for (uint32_t i = 0; i < 512; i++)
        used += memory_has_ram(boot, described + i * DESCRIBED_BY_PAGE, DESCRIBED_BY_PAGE) ? 1 : 0;
    return used;
}

/* 2 MiB of the frame table lie in one large page, or in single ones where much of it would be
 * unused; where no RAM is described, one page serves all. Once sealed that page is read-only. */
static bool map_frames(struct boot_info *boot, bool sealed) {
    uint64_t top = memory_top(boot);

    for (uint64_t i = 0; i * DESCRIBED_BY_PAGE < top; i++) {
        uint64_t address = FRAME_TABLE_MAP + i * SIZE_4K;
        bool large = i % 512 == 0 && pages_in_use(boot, i * DESCRIBED_BY_PAGE) >= WORTH_2M;
        bool used = large || memory_has_ram(boot, i * DESCRIBED_BY_PAGE, DESCRIBED_BY_PAGE);

        if (used && !sealed && !map_taken(boot, address, large ? SIZE_2M : SIZE_4K)) return false;
        if (!used && !paging_map(boot, address, image_physical(absent_frames), SIZE_4K,
                                 sealed ? 0 : MAP_WRITE))
            return false;
        if (large) i += 511;
    }
    return true;
}

void paging_seal_frames(struct boot_info *boot) {
    (void)map_frames(boot, true); /* cannot fail: the tables are there */
    write_cr3(read_cr3());
}

bool paging_map_frames(struct boot_info *boot) {
    uint64_t chunk_bytes, chunks;

    boot->frames = memory_top(boot) / PAGE_SIZE;
    if (!map_frames(boot, false)) return false;
    chunk_bytes = (frames_chunk_bytes(boot->frames) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1ull);
    chunks = memory_take(boot, chunk_bytes, PAGE_SIZE, MEMORY_LOW, DIRECT_MAP_SIZE);
    if (chunks == 0) return false;
    boot->frame_table = (struct frame *)FRAME_TABLE_MAP;
    boot->frame_chunks = physical_pointer(chunks);
    __builtin_memset(boot->frame_chunks, 0, chunk_bytes);
    return true;
}

static uint64_t *sparse_entry(const void *page) {
    return &sparse_entries[(image_physical(page) - image_physical(sparse_start)) / PAGE_SIZE];
}

void sparse_map(void *page, struct mfn mfn) {
    *sparse_entry(page) = mfn.number * PAGE_SIZE | DATA_BITS;
}

void sparse_unmap(void *page) {
    *sparse_entry(page) = 0;
    invlpg(page);
    sparse_generation++;
    this_cpu()->sparse_generation++;
}

void sparse_catch_up(void) {
    struct cpu *cpu = this_cpu();

    if (cpu->sparse_generation != sparse_generation) {
        cpu->sparse_generation = sparse_generation;
        write_cr3(read_cr3());
    }
}
