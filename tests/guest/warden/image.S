/* SPDX-License-Identifier: Apache-2.0 */
/* The well-behaved guests. */
    .section .rodata
    .balign 16
    .globl tenant_image
tenant_image:
    .incbin "tenant.elf"
    .balign 16
    .globl neighbour_image
neighbour_image:
    .incbin "neighbour.elf"

    .section .note.GNU-stack, "", @progbits
