/* SPDX-License-Identifier: Apache-2.0 */
/* From the boot loader's 32-bit protected mode, and from the real mode of a started CPU, to C in long
 * mode; and from an exception or interrupt to C. */
#include "hv/x86/layout.h"

#define PAGE 4096
#define CR4_BITS 0x620        /* PAE, OSFXSR, OSXMMEXCPT */
#define CR0_BITS 0x80010033   /* PG, WP, NE, ET, MP, PE */
#define EFER 0xc0000080
#define EFER_LME 0x100
#define EFER_LME_NXE 0x900
#define ERROR_CODES 0x60227d00 /* bit = vector at which the CPU pushes one */

        .section .boot, "a"
        .align 8
header:
        .long 0xe85250d6, 0, header_end - header, -(0xe85250d6 + header_end - header)
        .align 8
        .short 6, 0                     /* modules start on pages */
        .long 8
        .short 0, 0                     /* end */
        .long 8
header_end:

        .text
        .code32
        .globl _start
_start:
        cli
        cld
        mov     %eax, %ebp
        mov     %ebx, %esi
        mov     $0x80000000, %eax
        cpuid
        cmp     $0x80000001, %eax
        jb      no_long_mode
        mov     $0x80000001, %eax
        cpuid
        bt      $29, %edx
        jnc     no_long_mode

        /* The first 4 GiB, identity mapped in pages of 2 MiB, until paging.c has its own. */
        movl    $(boot_pdpt + 3), boot_pml4
        .irp    gigabyte, 0, 1, 2, 3
        movl    $(boot_pd + PAGE * \gigabyte + 3), boot_pdpt + 8 * \gigabyte
        .endr
        mov     $boot_pd, %edi
        mov     $0x83, %eax
        mov     $2048, %ecx
1:      mov     %eax, (%edi)
        add     $0x200000, %eax
        add     $8, %edi
        loop    1b

        lgdt    trampoline_gdtr
        mov     %ebp, %edi
        mov     $(stacks + PAGE * STACK_MAIN_END), %esp
        mov     $boot_main, %ebp
        mov     $boot_pml4, %eax
        mov     $EFER_LME, %ebx

/* EAX: page tables; EBX: bits for EFER; ESP: stack; EBP: function to call; EDI, ESI: its arguments. */
long_mode:
        mov     %eax, %cr3
        mov     $CR4_BITS, %eax
        mov     %eax, %cr4
        mov     $EFER, %ecx
        rdmsr
        or      %ebx, %eax
        wrmsr
        mov     $CR0_BITS, %eax
        mov     %eax, %cr0
        ljmp    $SELECTOR_CODE64, $1f
        .code64
1:      mov     $SELECTOR_DATA, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        xor     %eax, %eax
        mov     %eax, %fs
        mov     %eax, %gs
        mov     %esp, %esp
        mov     %ebp, %ebp
        call    *%rbp
        ud2

        .code32
no_long_mode:
        mov     $no_long_mode_text, %esi
2:      mov     $0x3fd, %dx
        mov     $100000, %ecx
3:      in      %dx, %al
        test    $0x20, %al
        loopz   3b
        lodsb
        test    %al, %al
        jz      4f
        mov     $0x3f8, %dx
        out     %al, %dx
        jmp     2b
4:      hlt
        jmp     4b

/* What a started CPU executes in real mode: copied to a page below 1 MiB. */
        .section .rodata
        .code16
        .globl trampoline, trampoline_end
trampoline:
        cli
        mov     %cs, %ax
        mov     %ax, %ds
        lgdtl   trampoline_gdtr - trampoline
        mov     %cr0, %eax
        or      $1, %eax
        mov     %eax, %cr0
        ljmpl   $SELECTOR_CODE32, $started
        .align 4
trampoline_gdtr:
        .short  GDT_SIZE - 1
        .long   gdt
trampoline_end:

        .text
        .code32
started:
        mov     $SELECTOR_DATA, %eax
        mov     %eax, %ds
        /* A CPU that comes after it was given up finds no ticket, and stays here. */
        mov     $-1, %edi
        xchg    %edi, start_ticket
        cmp     $-1, %edi
        je      4b
        imul    $(PAGE * STACK_PAGES), %edi, %esp
        add     $(stacks + PAGE * STACK_MAIN_END), %esp
        mov     $started_main, %ebp
        mov     paging_root, %eax
        mov     $EFER_LME_NXE, %ebx
        jmp     long_mode

/* Exceptions: each stub pushes a zero where the CPU pushes no error code, then its vector. */
        .code64
        .globl exception_stubs
        .balign STUB_SIZE
exception_stubs:
        .set    vector, 0
        .rept   32
        .balign STUB_SIZE
        .if     (ERROR_CODES >> vector & 1) == 0
        push    $0
        .endif
        push    $vector
        jmp     exception_common
        .set    vector, vector + 1
        .endr

exception_common:
        cld
        mov     %rsp, %rdi
        and     $-16, %rsp
        call    exception_report
        ud2

/* Interrupts: taken in the hypervisor only, at a window it chose; C uses general registers alone. */
        .macro interrupt name, handler
        .globl  \name
\name:
        .irp    register, rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11
        push    %\register
        .endr
        cld
        call    \handler
        .irp    register, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax
        pop     %\register
        .endr
        iretq
        .endm

        interrupt entry_nmi, exception_nmi
        interrupt entry_timer, apic_timer_interrupt
        interrupt entry_kick, apic_kick_interrupt
        interrupt entry_serial, apic_serial_interrupt
        .globl  entry_ignored
entry_ignored:
        iretq

        .section .rodata
no_long_mode_text:
        .asciz  "Cordon: this CPU has no 64-bit mode; use an AMD CPU with SVM and nested paging\r\n"

        .data
        .globl  start_ticket
        .balign 4
start_ticket:
        .long   -1

        .bss
        .balign PAGE
boot_pml4: .skip PAGE
boot_pdpt: .skip PAGE
boot_pd: .skip  4 * PAGE

        .section .note.GNU-stack, "", @progbits
