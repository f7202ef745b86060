/* SPDX-License-Identifier: Apache-2.0 */
/* Where a further vCPU starts after a SIPI: from real mode to 64-bit C. */
#include "tests/guest/vcpu.h"

    .section .rodata
    .globl vcpu_trampoline, vcpu_trampoline_end
vcpu_trampoline:
    .code16
    cli
    movw %cs, %ax
    movw %ax, %ds
    lgdtl descriptors_pointer - vcpu_trampoline
    movl $0x11, %eax /* ET, PE */
    movl %eax, %cr0
    ljmpl $24, $(VCPU_TRAMPOLINE + protected - vcpu_trampoline)
    .code32
protected:
    movl $16, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl $0x20, %eax /* PAE */
    movl %eax, %cr4
    movl $guest_page_tables, %eax
    movl %eax, %cr3
    movl $0xc0000080, %ecx
    movl $0x100, %eax /* EFER.LME */
    xorl %edx, %edx
    wrmsr
    movl $0x80000011, %eax /* PG, ET, PE */
    movl %eax, %cr0
    ljmp $8, $long_mode
    .balign 8
descriptors:
    .quad 0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cf9b000000ffff
descriptors_pointer:
    .word descriptors_pointer - descriptors - 1
    .long VCPU_TRAMPOLINE + descriptors - vcpu_trampoline
vcpu_trampoline_end:

    .text
    .code64
long_mode:
    movl $0x802, %ecx /* x2APIC ID: twice the vCPU's number */
    rdmsr
    shrl %eax
    movl %eax, %ecx
    shll $VCPU_STACK_SHIFT, %ecx
    leaq vcpu_stacks(%rcx), %rsp
    xorl %ebp, %ebp
    call *vcpu_entries(, %rax, 8)
1:  hlt
    jmp 1b

    .section .bss
    .balign 16
vcpu_stacks: /* that of vCPU 0 is in start.S */
    .skip (VCPUS_MAX - 1) << VCPU_STACK_SHIFT

    .section .note.GNU-stack, "", @progbits
