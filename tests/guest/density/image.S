/* SPDX-License-Identifier: Apache-2.0 */
    .section .rodata
    .balign 16
    .globl tenant_image
tenant_image:
    .incbin "tenant.elf"

    .section .note.GNU-stack, "", @progbits
