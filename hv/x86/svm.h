/* SPDX-License-Identifier: Apache-2.0 */
/* Running virtual CPUs: what the files of the SVM half offer each other and main.c. */
#ifndef CORDON_X86_SVM_H
#define CORDON_X86_SVM_H

#include "hv/core/gate.h"
#include "hv/x86/percpu.h"
#include "hv/x86/vcpu.h"

/* svm.c */
/* Turns SVM on for this CPU, after its GS base and TR are set. NULL, or one line that says what the
 * CPU lacks. */
const char *svm_cpu_start(void);
struct svm_features {
    bool next_rip;
    uint32_t asids; /* 1 .. asids - 1 may be used; the least of all CPUs */
};
extern struct svm_features svm_features; /* constant after boot */
/* One bit a port, two bits an MSR: the same for all guests. */
extern uint8_t svm_io_permissions[], svm_msr_permissions[];

/* Enters the guest until its next exit, with GIF clear and RFLAGS.IF set (svm_run.S). */
static inline void svm_run(const struct machine_vcpu *vcpu, uint64_t host_state) {
    __asm__ volatile("call svm_switch"
                     :
                     : "D"(vcpu), "S"(host_state)
                     : "rax", "rbx", "rcx", "rdx", "rbp", "r8", "r9", "r10", "r11", "r12", "r13",
                       "r14", "r15", "cc", "memory");
}
/* Fills the return stack buffer with addresses that lead nowhere. */
void svm_forget_returns(void);

/* exits.c: runs the vCPU until it has to give way, or wants the scheduler. */
enum gate_next exits_run(struct cpu *cpu, struct machine_vcpu *vcpu);

/* An event waits that its guest has not taken notice of. */
static inline bool upcall_waits(const struct machine_vcpu *vcpu) {
    const struct guest_vcpu_info *info = __atomic_load_n(&vcpu->info, __ATOMIC_ACQUIRE);

    return info != NULL && __atomic_load_n(&info->evtchn_upcall_pending, __ATOMIC_RELAXED) != 0;
}
/* inject.c: the next event for the guest, or a window for it. True: the local APIC has more. */
bool inject_prepare(struct machine_vcpu *vcpu);
/* inject.c: keeps an event whose delivery the exit cut short. */
void inject_again(struct machine_vcpu *vcpu);

/* fpu.c: FPU, debug and TSC_AUX state of this CPU. */
void fpu_cpu_start(void);
extern uint64_t fpu_xcr0_mask;   /* what XCR0 may hold; 0 without XSAVE */
extern uint32_t fpu_xsave_bytes; /* area for all of the mask */
void fpu_reset(struct machine_vcpu *vcpu);
void fpu_load(struct machine_vcpu *vcpu);
void fpu_save(struct machine_vcpu *vcpu);
/* XSETBV by the loaded vCPU; false: #GP. */
bool fpu_set_xcr0(struct machine_vcpu *vcpu, uint64_t value);

/* run.c: what each CPU does for ever. */
_Noreturn void run_loop(void);

#endif
