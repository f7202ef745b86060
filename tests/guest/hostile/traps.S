/* SPDX-License-Identifier: Apache-2.0 */
/* Traps, how an act is given up, ring 3, and where a vCPU starts after a SIPI. */

#define STUB 16
#define SCRATCH_SELECTOR 8

    .section .text
    .code64

/* One stub a vector: what the processor pushed is never looked at, since nothing is resumed. */
    .balign STUB
    .globl trap_stubs
trap_stubs:
    vector = 0
    .rept 256
    .balign STUB
    movl $vector, %edi
    jmp trap_entry
    vector = vector + 1
    .endr

trap_entry:
    pushq $2
    popfq
    cld
    movl $16, %eax
    movl %eax, %ds
    movl %eax, %es
    andq $-16, %rsp
    call trap_taken

/* attempt_in(act, place): 0, or after trap_abandon(place) 1. */
    .globl attempt_in
attempt_in:
    movq %rbx, 0(%rsi)
    movq %rbp, 8(%rsi)
    movq %r12, 16(%rsi)
    movq %r13, 24(%rsi)
    movq %r14, 32(%rsi)
    movq %r15, 40(%rsi)
    movq %rsp, 48(%rsi)
    subq $8, %rsp
    call *%rdi
    addq $8, %rsp
    xorl %eax, %eax
    ret

    .globl trap_abandon
trap_abandon:
    movl $16, %eax
    movl %eax, %ss
    movq 0(%rdi), %rbx
    movq 8(%rdi), %rbp
    movq 16(%rdi), %r12
    movq 24(%rdi), %r13
    movq 32(%rdi), %r14
    movq 40(%rdi), %r15
    movq 48(%rdi), %rsp
    movl $1, %eax
    ret

/* user_enter(rip, rflags): ring 3, which it leaves by a trap. */
    .globl user_enter
user_enter:
    pushq $0x1b
    pushq %rdi
    pushq %rsi
    pushq $0x23
    pushq %rdi
    iretq

/* call_with(code, rax, rcx, rdx): calls bytes that end in RET. */
    .globl call_with
call_with:
    pushq %rbx
    pushq %rbp
    movq %rdi, %r8
    movq %rsi, %rax
    xchgq %rdx, %rcx
    movq %rdi, %rsi
    xorl %ebx, %ebx
    call *%r8
    popq %rbp
    popq %rbx
    ret

/* Copied to GFN_TRAMPOLINE. Tries a hypercall in real and in protected mode on its way. */
    .balign 16
    .globl trampoline
    .globl trampoline_end
trampoline:
    .code16
    cli
    movl $17, %eax
    vmmcall
    movw %cs, %ax
    movw %ax, %ds
    lgdtl trampoline_gdt_pointer - trampoline
    movl $0x11, %eax
    movl %eax, %cr0
    ljmpl $24, $(0x90000 + trampoline_protected - trampoline)
    .code32
trampoline_protected:
    movl $16, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl $17, %eax
    vmmcall
    movl $0x20, %eax
    movl %eax, %cr4
    movl 0x90000 + trampoline_root - trampoline, %eax
    movl %eax, %cr3
    movl $0xc0000080, %ecx
    movl $0x100, %eax
    xorl %edx, %edx
    wrmsr
    movl $0x80010031, %eax
    movl %eax, %cr0
    ljmpl $8, $(0x90000 + trampoline_long - trampoline)
    .code64
trampoline_long:
    movl $0x802, %ecx /* x2APIC ID */
    rdmsr
    leaq first_stack_end, %rsp
    testl %eax, %eax
    jz 1f
    leaq second_stack_end, %rsp
1:  movq $vcpu_started, %rcx
    xorl %ebp, %ebp
    call *%rcx
    .balign 8
trampoline_gdt:
    .quad 0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cf9b000000ffff
trampoline_gdt_pointer:
    .word 31
    .long 0x90000 + trampoline_gdt - trampoline
    .globl trampoline_root
    .balign 8
trampoline_root:
    .long 0
trampoline_end:

    .section .bss
    .balign 16
    .skip 8192
first_stack_end:
    .skip 8192
second_stack_end:

    .section .note.GNU-stack, "", @progbits
