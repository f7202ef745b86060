/* SPDX-License-Identifier: Apache-2.0 */
/* AMD manual 2, chapter 5. Tables are made at boot and live in RAM above the image; after that only
 * the last level of the sparse region changes. */
#include "hv/x86/paging.h"
#include "hv/core/frame.h"
#include "hv/x86/apic.h"
#include "hv/x86/cpu.h"
#include "hv/x86/memory.h"
#include "hv/x86/percpu.h"

#define TABLE_BITS (ENTRY_PRESENT | ENTRY_WRITABLE | ENTRY_ACCESSED)

#define SIZE_2M 0x200000ull
#define CPUID_1G_PAGES (1u << 26) /* 8000_0001 edx */

/* One page of the frame table describes this much memory. */
#define DESCRIBED_BY_PAGE (PAGE_SIZE / sizeof(struct frame) * PAGE_SIZE)
#define WORTH_2M 448u /* of 512 pages in use */
_Static_assert(PAGE_SIZE % sizeof(struct frame) == 0, "no frame straddles two pages");

extern uint8_t sparse_start[], sparse_end[];
uint32_t paging_root; /* physical; read by boot.S for started CPUs */
static uint64_t root[512] __attribute__((aligned(4096)));
/* The frame table where there is no RAM: frames_start() writes the same to all of it. */
static uint8_t absent_frames[PAGE_SIZE] __attribute__((aligned(4096)));
uint8_t stacks[MAX_CPUS][STACK_PAGES][PAGE_SIZE]
    __attribute__((section(".bss.stacks"), aligned(4096)));
static uint64_t table_base;      /* where tables are seen: identity at first, then the direct map */
static uint64_t *sparse_entries; /* all last-level entries of the region, in one run */
uint32_t sparse_generation = 1;

static uint64_t size_of(unsigned level) { return 1ull << (3 + 9 * level); }

static uint64_t *table_pointer(uint64_t address) { return (uint64_t *)(table_base + address); }

/* Tables are taken below 4 GiB, so that the boot tables map them. */
static uint64_t take_tables(struct boot_info *boot, uint64_t pages) {
    uint64_t address = memory_take(boot, pages * PAGE_SIZE, PAGE_SIZE, MEMORY_LOW, BOOT_MAP_END);

    __builtin_memset(table_pointer(address), 0, pages * PAGE_SIZE);
    return address;
}

/* The entry for `address` at `level` (1: 4 KiB, 2: 2 MiB, 3: 1 GiB). */
static uint64_t *find_entry(struct boot_info *boot, uint64_t address, unsigned level) {
    uint64_t *table = root;

    for (unsigned at = 4; at > level; at--) {
        uint64_t *entry = &table[address >> (3 + 9 * at) & 511];

        if ((*entry & ENTRY_PRESENT) == 0) *entry = take_tables(boot, 1) | TABLE_BITS;
        table = table_pointer(*entry & ENTRY_ADDRESS);
    }
    return &table[address >> (3 + 9 * level) & 511];
}

void paging_map(struct boot_info *boot, uint64_t address, uint64_t physical, uint64_t size,
                uint64_t bits) {
    unsigned largest = (cpuid(0x80000001, 0).edx & CPUID_1G_PAGES) != 0 ? 3 : 2;

    while (size > 0) {
        unsigned level = largest;
        uint64_t step = size_of(level);

        for (; (address | physical) % step != 0 || size < step; step = size_of(level)) level--;
        *find_entry(boot, address, level) = physical | bits | (level > 1 ? ENTRY_LARGE : 0);
        address += step;
        physical += step;
        size -= step;
    }
}

static void map_same(struct boot_info *boot, const uint8_t *start, const uint8_t *end,
                     uint64_t bits) {
    uint64_t address = image_physical(start);

    paging_map(boot, address, address, image_physical(end) - address, bits);
}

static void map_image(struct boot_info *boot) {
    map_same(boot, image_start, image_text_end, MAP_EXECUTE);
    map_same(boot, image_text_end, image_rodata_end, MAP_READ);
    map_same(boot, image_rodata_end, stacks[0][0], MAP_WRITE);
    for (uint32_t page = 0; page < MAX_CPUS * STACK_PAGES; page++)
        if ((STACKS_MAPPED >> page % STACK_PAGES & 1u) != 0)
            map_same(boot, stacks[0][page], stacks[0][page + 1], MAP_WRITE);
}

static void map_direct(struct boot_info *boot, uint64_t start, uint64_t end) {
    if (start < end) paging_map(boot, DIRECT_MAP + start, start, end - start, MAP_WRITE);
}

/* All RAM but the image, whose text would else be writable under another address. */
static void map_ram(struct boot_info *boot) {
    uint64_t from = image_physical(image_start);
    uint64_t to = image_physical(image_end);

    for (uint32_t i = 0; i < boot->ranges; i++) {
        uint64_t start = boot->range[i].address;
        uint64_t end = start + boot->range[i].size;

        if (boot->range[i].type != MEMORY_RAM) continue;
        map_direct(boot, start, end < from ? end : from);
        map_direct(boot, start > to ? start : to, end);
    }
}

static void map_sparse_tables(struct boot_info *boot) {
    uint64_t first = image_physical(sparse_start);
    uint64_t tables = (image_physical(sparse_end) - first + SIZE_2M - 1) / SIZE_2M;
    uint64_t address = take_tables(boot, tables);

    for (uint64_t i = 0; i < tables; i++)
        *find_entry(boot, first + i * SIZE_2M, 2) = (address + i * PAGE_SIZE) | TABLE_BITS;
    sparse_entries = physical_pointer(address);
}

void paging_start(struct boot_info *boot) {
    uint64_t apic = (uint64_t)apic_page;

    map_image(boot);
    map_ram(boot);
    map_sparse_tables(boot);
    paging_map(boot, apic, apic, PAGE_SIZE, MAP_DEVICE);
    paging_root = (uint32_t)image_physical(root);
    paging_cpu_start();
    table_base = DIRECT_MAP;
}

void paging_cpu_start(void) {
    uint32_t features = cpuid(0, 0).eax >= 7 ? cpuid(7, 0).ebx : 0;

    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
    write_cr0((read_cr0() | CR0_WP) & ~(uint64_t)(CR0_CD | CR0_NW));
    write_cr3(paging_root);
    write_cr4(read_cr4() | CR4_MCE | ((features & 1u << 7) != 0 ? CR4_SMEP : 0) |
              ((features & 1u << 20) != 0 ? CR4_SMAP : 0));
}

static void *take_zeroed(struct boot_info *boot, uint64_t size, uint64_t alignment) {
    void *taken = physical_pointer(memory_take(boot, size, alignment, MEMORY_LOW, DIRECT_MAP_SIZE));

    return __builtin_memset(taken, 0, size);
}

static uint32_t pages_in_use(const struct boot_info *boot, uint64_t described) {
    uint32_t used = 0;

    for (uint32_t i = 0; i < 512; i++)
        used += memory_has_ram(boot, described + i * DESCRIBED_BY_PAGE, DESCRIBED_BY_PAGE) ? 1 : 0;
    return used;
}

/* 2 MiB of the frame table lie in one large page, or in single ones where much of it would be
 * unused; where no RAM is described, one page serves all. Once sealed that page is read-only. */
static void map_frames(struct boot_info *boot, bool sealed) {
    uint64_t top = memory_top(boot);

    for (uint64_t i = 0; i * DESCRIBED_BY_PAGE < top; i++) {
        uint64_t address = FRAME_TABLE_MAP + i * PAGE_SIZE;
        bool large = i % 512 == 0 && pages_in_use(boot, i * DESCRIBED_BY_PAGE) >= WORTH_2M;
        uint64_t size = large ? SIZE_2M : PAGE_SIZE;

        if (!large && !memory_has_ram(boot, i * DESCRIBED_BY_PAGE, DESCRIBED_BY_PAGE))
            paging_map(boot, address, image_physical(absent_frames), size,
                       sealed ? MAP_READ : MAP_WRITE);
        else if (!sealed)
            paging_map(boot, address, (uint64_t)take_zeroed(boot, size, size) - DIRECT_MAP, size,
                       MAP_WRITE);
        if (large) i += 511;
    }
}

void paging_seal_frames(struct boot_info *boot) {
    map_frames(boot, true);
    write_cr3(read_cr3());
}

void paging_map_frames(struct boot_info *boot) {
    boot->frames = memory_top(boot) / PAGE_SIZE;
    map_frames(boot, false);
    boot->frame_table = (struct frame *)FRAME_TABLE_MAP;
    boot->frame_chunks = take_zeroed(boot, frames_chunk_bytes(boot->frames), PAGE_SIZE);
}

static uint64_t *sparse_entry(const void *page) {
    return &sparse_entries[(image_physical(page) - image_physical(sparse_start)) / PAGE_SIZE];
}

void sparse_map(void *page, struct mfn mfn) {
    *sparse_entry(page) = mfn.number * PAGE_SIZE | MAP_WRITE;
}

void sparse_unmap(void *page) {
    *sparse_entry(page) = 0;
    invlpg(page);
    sparse_generation++;
    this_cpu()->sparse_generation++;
}

void sparse_catch_up(void) {
    this_cpu()->sparse_generation = sparse_generation;
    write_cr3(read_cr3());
}
