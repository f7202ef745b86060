/* SPDX-License-Identifier: Apache-2.0 */
/* World switch. RAX, RSP, RIP and RFLAGS travel in the VMCB and the host save area; VMLOAD and VMSAVE
 * carry FS, GS, TR, LDTR and the system call MSRs. Everything else that is general purpose is here.
 * Offsets are those of struct machine_vcpu (asserted in vcpu.h). */
#define OFFSET_RDI 8
#define OFFSET_RDX 24
#define OFFSET_RBX 56
#define OFFSET_VMCB_ADDRESS 128
#define OFFSET_HOST_STATE 136

        .macro load register
        mov     offset(%rdi), %\register
        .endm
        .macro save register
        mov     %\register, offset(%rax)
        .endm

        /* All but RSI and RDI, which is the last to be loaded. */
        .macro each_register operation
        .set    offset, OFFSET_RDX
        .irp    register, rdx, r10, r8
        \operation \register
        .set    offset, offset + 8
        .endr
        .set    offset, OFFSET_RBX
        .irp    register, rbx, rcx, rbp, r9, r11, r12, r13, r14, r15
        \operation \register
        .set    offset, offset + 8
        .endr
        .endm

        .text
/* RDI: struct machine_vcpu, which comes back in RBX. No other register is kept, and of the guest's
 * values none stays where speculation could use it. */
        .globl  svm_switch
svm_switch:
        push    %rdi
        mov     OFFSET_VMCB_ADDRESS(%rdi), %rax
        each_register load
        mov     OFFSET_RDI + 8(%rdi), %rsi
        mov     OFFSET_RDI(%rdi), %rdi
        vmload  %rax
        vmrun   %rax
        vmsave  %rax
        pop     %rax
        mov     %rdi, OFFSET_RDI(%rax)
        mov     %rsi, OFFSET_RDI + 8(%rax)
        each_register save
        mov     %rax, %rbx
        mov     OFFSET_HOST_STATE(%rbx), %rax
        vmload  %rax
        .irp    register, edi, esi, edx, r10d, r8d, ecx, ebp, r9d, r11d, r12d, r13d, r14d, r15d
        xor     %\register, %\register
        .endr
        ret

/* void svm_forget_returns(void): 32 calls whose returns never come. */
        .globl  svm_forget_returns
svm_forget_returns:
        mov     $16, %ecx
1:      call    2f
        int3
2:      call    3f
        int3
3:      dec     %ecx
        jnz     1b
        add     $256, %rsp
        ret

        .section .note.GNU-stack, "", @progbits
