/* SPDX-License-Identifier: Apache-2.0 */
/* The guest that is built twice. */
    .section .rodata
    .balign 16
    .globl measured_image
measured_image:
    .incbin "measured.elf"

    .section .note.GNU-stack, "", @progbits
