/* SPDX-License-Identifier: Apache-2.0 */
/* What the boot loader hands over (Multiboot2 specification 2.0, section 3.6), and the placement of
 * the hypervisor's own memory in RAM at boot: boot_info.range says what RAM there is, in order,
 * boot_info.reserved what of it is taken. */
#ifndef CORDON_X86_MEMORY_H
#define CORDON_X86_MEMORY_H

#include "hv/core/boot.h"

#define RSDP_SIZE 36u

/* Copies all that is needed, so that the information may be overwritten afterwards; module bytes
 * stay where they are. `rsdp` is zeroed if there is none. NULL, or one line that says what is
 * wrong. */
const char *multiboot2_read(uint32_t magic, uint32_t address, struct boot_info *boot,
                            uint8_t rsdp[RSDP_SIZE]);

/* False: no room in the list. RAM loses its incomplete pages, anything else gains them. */
bool memory_add(struct boot_info *boot, uint64_t address, uint64_t size, uint32_t type);
void memory_reserve(struct boot_info *boot, uint64_t address, uint64_t size);

bool memory_has_ram(const struct boot_info *boot, uint64_t address, uint64_t size);
uint64_t memory_top(const struct boot_info *boot); /* end of the highest RAM */

/* Takes whole pages of RAM that hold `size` bytes, aligned, from `lowest` on and below `limit`. Not
 * zeroed. Where there are none the machine stops. */
uint64_t memory_take(struct boot_info *boot, uint64_t size, uint64_t alignment, uint64_t lowest,
                     uint64_t limit);

#define BOOT_MAP_END 0x100000000ull /* what the boot page tables map */
#define MEMORY_LOW 0x100000u        /* below, only the start of CPUs takes memory */

#endif
