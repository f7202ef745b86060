/* SPDX-License-Identifier: Apache-2.0 */
/* Placement of the hypervisor's own memory in RAM, at boot: boot_info.range says what RAM there is,
 * boot_info.reserved what of it is taken. */
#ifndef CORDON_X86_MEMORY_H
#define CORDON_X86_MEMORY_H

#include "hv/core/boot.h"

/* False: no room in the list. */
bool memory_add(struct boot_info *boot, uint64_t address, uint64_t size, uint32_t type);
bool memory_reserve(struct boot_info *boot, uint64_t address, uint64_t size);

/* Makes RAM ranges whole pages which overlap nothing else. */
bool memory_tidy(struct boot_info *boot);

bool memory_is_ram(const struct boot_info *boot, uint64_t address, uint64_t size);  /* all of it */
bool memory_has_ram(const struct boot_info *boot, uint64_t address, uint64_t size); /* any of it */
uint64_t memory_top(const struct boot_info *boot); /* end of the highest RAM */

/* Takes `size` bytes of RAM, a multiple of a page, aligned, from `lowest` on and below `limit`. Not
 * zeroed. 0: there are none. */
uint64_t memory_take(struct boot_info *boot, uint64_t size, uint64_t alignment, uint64_t lowest,
                     uint64_t limit);

#define MEMORY_LOW 0x100000u /* what lies below belongs to firmware and to the start of CPUs */

#endif
