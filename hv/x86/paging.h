/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's own address space:
 *
 *   image            at its physical address: text RX, read-only data R, the rest RW; see layout.h
 *   device pages     at their physical address, uncached: local APIC, IO-APIC
 *   0x40000000       sparse arrays (hv/abi/sparse.h), backed page by page
 *   DIRECT_MAP       all RAM but the image
 *   FRAME_TABLE_MAP  struct frame of every machine frame; one shared page where no RAM is
 *
 * All of it is supervisor and, but for text, not executable. */
#ifndef CORDON_X86_PAGING_H
#define CORDON_X86_PAGING_H

#include "hv/core/boot.h"
#include "hv/x86/layout.h"

#define DIRECT_MAP 0xffff800000000000u
#define DIRECT_MAP_SIZE 0x0000100000000000u
#define FRAME_TABLE_MAP 0xffff900000000000u

/* Entries of page tables: ours, a guest's, and nested ones (AMD manual volume 2, 5.4 and 15.25). */
#define ENTRY_PRESENT (1ull << 0)
#define ENTRY_WRITABLE (1ull << 1)
#define ENTRY_USER (1ull << 2)
#define ENTRY_UNCACHED (3ull << 3) /* PWT and PCD */
#define ENTRY_ACCESSED (1ull << 5)
#define ENTRY_DIRTY (1ull << 6)
#define ENTRY_LARGE (1ull << 7)
#define ENTRY_NO_EXECUTE (1ull << 63)
#define ENTRY_ADDRESS 0x000ffffffffff000ull

static inline void *physical_pointer(uint64_t address) { return (void *)(DIRECT_MAP + address); }

static inline void *frame_pointer(struct mfn mfn) {
    return physical_pointer(mfn.number * PAGE_SIZE);
}

/* Physical address of an object inside the image. */
static inline uint64_t image_physical(const volatile void *object) { return (uint64_t)object; }

/* The last part of the image: layout.h says which pages are mapped. */
extern uint8_t stacks[MAX_CPUS][STACK_PAGES][PAGE_SIZE];
/* Bounds of the image and of its text. */
extern uint8_t image_start[], image_text_end[], image_rodata_end[], image_end[];

/* Bits of a leaf, by what it is for. */
#define MAP_EXECUTE (ENTRY_PRESENT | ENTRY_ACCESSED)
#define MAP_READ (MAP_EXECUTE | ENTRY_NO_EXECUTE)
#define MAP_WRITE (MAP_READ | ENTRY_WRITABLE | ENTRY_DIRTY)
#define MAP_DEVICE (MAP_WRITE | ENTRY_UNCACHED)

/* Maps whole pages with the largest page size that fits. Boot only, as the next four. */
void paging_map(struct boot_info *boot, uint64_t address, uint64_t physical, uint64_t size,
                uint64_t bits);
/* Builds everything but the frame table and switches this CPU to it. */
void paging_start(struct boot_info *boot);
/* Control registers of this CPU: write protection, SMEP, SMAP, no-execute; loads the tables. */
void paging_cpu_start(void);
/* Places the frame table and the chunk array in RAM and maps them: fills frames, frame_table and
 * frame_chunks of `boot`. Where there is no RAM, every entry must be written alike. */
void paging_map_frames(struct boot_info *boot);
/* After gate_start(): the entries where there is no RAM become read-only. */
void paging_seal_frames(struct boot_info *boot);

/* One page of a sparse array, under the gate's lock. A CPU that may still hold the translation of
 * an unmapped page drops it when it next takes that lock. */
void sparse_map(void *page, struct mfn mfn);
void sparse_unmap(void *page);
/* Called by gate_lock() where this CPU's generation is not the region's. */
extern uint32_t sparse_generation;
void sparse_catch_up(void);

#endif
