/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's half of a virtual CPU, and what the files that run it offer each other. It is
 * touched only by the CPU that runs the vCPU, or under the gate's lock while none does; `info` and
 * `start` may change under the lock at any time. */
#ifndef CORDON_X86_VCPU_H
#define CORDON_X86_VCPU_H

#include "hv/abi/shared_info.h"
#include "hv/core/gate.h"
#include "hv/x86/percpu.h"
#include "hv/x86/vmcb.h"

#define CPU_NONE UINT32_MAX
#define START_PENDING 0x100u

#define RFLAGS_IF (1u << 9)
#define VECTOR_DB 1u
#define VECTOR_NMI 2
#define VECTOR_BP 3u
#define VECTOR_OF 4u
#define VECTOR_UD 6u
#define VECTOR_GP 13u
#define VECTOR_AC 17u
#define VECTOR_MC 18u

/* RAX and RSP live in the VMCB. The arguments of a hypercall lie where the gate takes them.
 * svm_run.S knows the order. */
struct guest_registers {
    union {
        struct hypercall call;
        struct {
            uint64_t number, rdi, rsi, rdx, r10, r8, result;
        };
    };
    uint64_t rbx, rcx, rbp, r9, r11, r12, r13, r14, r15;
};
_Static_assert(offsetof(struct guest_registers, call.argument[0]) == 8, "svm_run.S");
_Static_assert(offsetof(struct guest_registers, r8) == 40, "svm_run.S");
_Static_assert(offsetof(struct guest_registers, call.argument[4]) == 40, "svm_run.S");
_Static_assert(offsetof(struct guest_registers, rbx) == 56, "svm_run.S");
_Static_assert(offsetof(struct guest_registers, r15) == 120, "svm_run.S");

/* Where a page of guest-physical memory lies that the guest may write: true until its domain's
 * translations become stale (tlb.h). */
#define VCPU_PAGES 8u
struct vcpu_page {
    uint64_t address; /* UINT64_MAX: none known */
    uint8_t *pointer;
};

struct machine_vcpu {
    struct guest_registers registers;
    uint64_t vmcb_address; /* physical, as the next: the state of the CPU that runs it */
    uint64_t host_state;
    struct vmcb *vmcb;
    void *xsave;
    uint64_t xcr0;
    uint64_t debug[4];            /* DR0 to DR3, while not loaded */
    struct guest_vcpu_info *info; /* NULL: no shared_info yet */
    const uint8_t *upcall;        /* its evtchn_upcall_pending, or a 0 */
    uint64_t asid_generation;     /* of asid_cpu; 0: has no ASID */
    uint64_t flush_epoch;         /* of the domain, when the ASID was taken */
    uint32_t asid_cpu;
    uint32_t loaded_cpu; /* whose registers held its FPU and debug state last */
    uint32_t tsc_aux;
    uint32_t start; /* START_PENDING | vector of a SIPI that the next CPU to run it obeys */
    domain_id domain;
    vcpu_id id;
    uint32_t shadow_looks;              /* how often shadow_rip still counts as such */
    uint64_t shadow_rip;                /* of an exit in an interrupt shadow */
    uint64_t pages_epoch;               /* of the domain, when the first of these was found */
    struct vcpu_page pages[VCPU_PAGES]; /* for guest_copy.c */
} __attribute__((aligned(512)));
_Static_assert(offsetof(struct machine_vcpu, vmcb_address) == 128, "svm_run.S");
_Static_assert(offsetof(struct machine_vcpu, host_state) == 136, "svm_run.S");
_Static_assert(sizeof(struct machine_vcpu[MAX_VCPUS]) == PAGE_SIZE, "a row is one page");

extern struct machine_vcpu machine_vcpus[MAX_DOMAINS][MAX_VCPUS];

/* NULL unless EFFECT_VCPU_CREATE made it, so that nobody touches a row without storage. */
struct machine_vcpu *vcpu_find(domain_id domain, vcpu_id vcpu);

/* Effects, under the gate's lock. */
void vcpu_create(const struct effect *effect);
void vcpu_row_gone(domain_id domain); /* its storage is about to leave */
void vcpu_forget_pages(struct machine_vcpu *vcpu);
void vcpu_set_info(struct machine_vcpu *vcpu, struct guest_vcpu_info *info);
/* Once is enough: all CPUs share one TSC that does not change its rate. */
void vcpu_fill_time(struct guest_time_info *time);

/* State after a SIPI: real mode at vector << 12. By the CPU that is about to run it. */
void vcpu_start_real_mode(struct machine_vcpu *vcpu, uint8_t vector);

/* svm.c */
/* Turns SVM on for this CPU, after its GS base and TR are set. NULL, or one line that says what the
 * CPU lacks. */
const char *svm_cpu_start(void);
struct svm_features {
    bool next_rip;
    bool tcg;       /* QEMU's emulation, with defects of its own: tests/README.md */
    uint32_t asids; /* 1 .. asids - 1 may be used; the least of all CPUs */
};
extern struct svm_features svm_features; /* constant after boot */
/* One bit a port, two bits an MSR: the same for all guests. */
extern uint8_t svm_io_permissions[], svm_msr_permissions[];

/* Enters the guest until its next exit, with GIF clear and RFLAGS.IF set (svm_run.S). Returns the
 * vCPU, since no register keeps it. */
static inline struct machine_vcpu *svm_run(struct machine_vcpu *vcpu) {
    struct machine_vcpu *same;

    __asm__ volatile("call svm_switch"
                     : "=b"(same), "+D"(vcpu)
                     :
                     : "rax", "rcx", "rdx", "rsi", "rbp", "r8", "r9", "r10", "r11", "r12", "r13",
                       "r14", "r15", "cc", "memory");
    return same;
}
/* Fills the return stack buffer with addresses that lead nowhere. */
void svm_forget_returns(void);

/* exits.c: runs the vCPU until it has to give way, or wants the scheduler. */
enum gate_next exits_run(struct machine_vcpu *vcpu);

/* An event waits that its guest has not taken notice of. */
static inline bool upcall_waits(const struct machine_vcpu *vcpu) {
    const uint8_t *upcall = __atomic_load_n(&vcpu->upcall, __ATOMIC_ACQUIRE);

    return __atomic_load_n(upcall, __ATOMIC_RELAXED) != 0;
}
/* The same, where no window is open for it yet. */
static inline bool upcall_comes(const struct machine_vcpu *vcpu) {
    return upcall_waits(vcpu) && (vcpu->vmcb->control.virtual_interrupt & VIRTUAL_IRQ) == 0;
}
/* inject.c: the next event for the guest, or a window for it. True: the local APIC has more. */
bool inject_prepare(struct machine_vcpu *vcpu);
/* inject.c: keeps an event whose delivery the exit cut short. */
void inject_again(struct machine_vcpu *vcpu);

/* fpu.c: FPU, debug and TSC_AUX state of this CPU. */
void fpu_cpu_start(void);
extern bool fpu_has_tsc_aux;
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
