/* SPDX-License-Identifier: Apache-2.0 */
/* World switch. RAX, RSP, RIP and RFLAGS travel in the VMCB and the host save area; VMLOAD and VMSAVE
 * carry FS, GS, TR, LDTR and the system call MSRs. Everything else that is general purpose is here.
 * Offsets are those of struct machine_vcpu (asserted in vcpu.h). */
    .text

/* void svm_run(struct machine_vcpu *vcpu, uint64_t host_state) */
    .globl svm_run
    .type svm_run, @function
svm_run:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    push %rsi
    push %rdi
    mov 112(%rdi), %rax
    mov 0(%rdi), %rbx
    mov 8(%rdi), %rcx
    mov 16(%rdi), %rdx
    mov 24(%rdi), %rsi
    mov 40(%rdi), %rbp
    mov 48(%rdi), %r8
    mov 56(%rdi), %r9
    mov 64(%rdi), %r10
    mov 72(%rdi), %r11
    mov 80(%rdi), %r12
    mov 88(%rdi), %r13
    mov 96(%rdi), %r14
    mov 104(%rdi), %r15
    mov 32(%rdi), %rdi
    vmload %rax
    vmrun %rax
    vmsave %rax
    push %rdi
    mov 8(%rsp), %rdi
    mov %rbx, 0(%rdi)
    mov %rcx, 8(%rdi)
    mov %rdx, 16(%rdi)
    mov %rsi, 24(%rdi)
    mov %rbp, 40(%rdi)
    mov %r8, 48(%rdi)
    mov %r9, 56(%rdi)
    mov %r10, 64(%rdi)
    mov %r11, 72(%rdi)
    mov %r12, 80(%rdi)
    mov %r13, 88(%rdi)
    mov %r14, 96(%rdi)
    mov %r15, 104(%rdi)
    popq 32(%rdi)
    pop %rdi
    pop %rax
    vmload %rax
    /* No value of the guest's stays where speculation could use it. The rest are popped. */
    xor %ecx, %ecx
    xor %edx, %edx
    xor %esi, %esi
    xor %r8d, %r8d
    xor %r9d, %r9d
    xor %r10d, %r10d
    xor %r11d, %r11d
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
    .size svm_run, . - svm_run

/* void svm_forget_returns(void): 32 calls whose returns never come. */
    .globl svm_forget_returns
    .type svm_forget_returns, @function
svm_forget_returns:
    mov $16, %ecx
1:  call 2f
    int3
2:  call 3f
    int3
3:  dec %ecx
    jnz 1b
    add $256, %rsp
    ret
    .size svm_forget_returns, . - svm_forget_returns

    .section .note.GNU-stack, "", @progbits
