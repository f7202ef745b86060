/* SPDX-License-Identifier: Apache-2.0 */
/* From PVH's 32-bit entry (paging off, EBX = start_info) to 64-bit C, with the lowest gigabyte mapped
 * one to one by pages of 2 MiB. */

    .section .note.Xen, "a", @note
    .align 4
    .long 4, 4, 18 /* XEN_ELFNOTE_PHYS32_ENTRY */
    .asciz "Xen"
    .long start

    .section .text.start, "ax"
    .code32
    .globl start
start:
    movl $stack_end, %esp
    movl %ebx, %ebp

    movl $directory + 3, pointers
    movl $pointers + 3, guest_page_tables
    xorl %ecx, %ecx
    movl $0x83, %eax /* present, writable, 2 MiB */
1:  movl %eax, directory(, %ecx, 8)
    addl $0x200000, %eax
    incl %ecx
    cmpl $512, %ecx
    jne 1b

    movl $guest_page_tables, %eax
    movl %eax, %cr3
    movl $0x20, %eax /* PAE */
    movl %eax, %cr4
    movl $0xc0000080, %ecx
    rdmsr
    orl $0x100, %eax /* EFER.LME */
    wrmsr
    movl $0x80000011, %eax /* PG, ET, PE */
    movl %eax, %cr0
    lgdt descriptors_pointer
    ljmp $8, $long_mode

    .code64
long_mode:
    movl $16, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl %ebp, %edi
    call guest_start
2:  hlt
    jmp 2b

    .section .data
    .align 8
descriptors:
    .quad 0, 0x00af9b000000ffff, 0x00cf93000000ffff
descriptors_end:
descriptors_pointer:
    .word descriptors_end - descriptors - 1
    .quad descriptors

    .section .bss
    .align 4096
    .globl guest_page_tables
guest_page_tables:
    .skip 4096
pointers:
    .skip 4096
directory:
    .skip 4096
stack:
    .skip 8192
stack_end:

    .section .note.GNU-stack, "", @progbits
