/* SPDX-License-Identifier: Apache-2.0 */
/* What the boot loader hands over (Multiboot2 specification 2.0, section 3.6). */
#ifndef CORDON_X86_MULTIBOOT2_H
#define CORDON_X86_MULTIBOOT2_H

#include "hv/core/boot.h"

#define RSDP_SIZE 36u

/* Copies all that is needed, so that the information may be overwritten afterwards; module bytes
 * stay where they are. `rsdp` is zeroed if there is none. NULL, or one line that says what is
 * wrong. */
const char *multiboot2_read(uint32_t magic, uint32_t address, struct boot_info *boot,
                            uint8_t rsdp[RSDP_SIZE]);

#endif
