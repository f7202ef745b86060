/* SPDX-License-Identifier: Apache-2.0 */
/* Running virtual CPUs: what the files of the SVM half offer each other and main.c. */
#ifndef CORDON_X86_SVM_H
#define CORDON_X86_SVM_H

#include "hv/core/gate.h"
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
uint64_t svm_io_permissions(void);       /* physical addresses of the maps that all guests share */
uint64_t svm_msr_permissions(void);

/* svm_run.S: enters the guest until its next exit, with GIF clear and RFLAGS.IF set. */
void svm_run(struct machine_vcpu *vcpu, uint64_t host_state);
/* Fills the return stack buffer with addresses that lead nowhere. */
void svm_forget_returns(void);

/* exits.c: deals with the exit that vcpu->vmcb tells of. */
enum gate_next exit_handle(struct machine_vcpu *vcpu);

/* Nothing to inject, and no window open: the usual case, just before entry. */
static inline bool inject_nothing(const struct machine_vcpu *vcpu) {
    const struct guest_vcpu_info *info = __atomic_load_n(&vcpu->info, __ATOMIC_ACQUIRE);

    if (info != NULL && __atomic_load_n(&info->evtchn_upcall_pending, __ATOMIC_RELAXED) != 0)
        return false;
    if ((vcpu->vmcb->control.intercept_1 & INTERCEPT_VINTR) != 0) return false;
    return !gate_interrupt_waits(vcpu->domain, vcpu->id);
}
/* inject.c: otherwise the next event for the guest, or a window for it. */
void inject_prepare(struct machine_vcpu *vcpu);
/* inject.c: keeps an event whose delivery the exit cut short. */
void inject_again(struct machine_vcpu *vcpu);

/* fpu.c: FPU, debug and TSC_AUX state of this CPU. */
void fpu_cpu_start(void);
uint64_t fpu_xcr0_mask(void);   /* what XCR0 may hold; 0 without XSAVE */
uint32_t fpu_xsave_bytes(void); /* area for all of the mask */
void fpu_reset(struct machine_vcpu *vcpu);
void fpu_load(struct machine_vcpu *vcpu);
void fpu_save(struct machine_vcpu *vcpu);
/* XSETBV by the loaded vCPU; false: #GP. */
bool fpu_set_xcr0(struct machine_vcpu *vcpu, uint64_t value);

/* run.c: what each CPU does for ever. */
_Noreturn void run_loop(void);

#endif
