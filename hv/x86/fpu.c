/* SPDX-License-Identifier: Apache-2.0 */
/* FPU, XCR0, debug and TSC_AUX registers, switched eagerly: while a vCPU is loaded this CPU holds
 * them, and the hypervisor itself uses none. A vCPU that comes back to registers that nobody else
 * used meanwhile is not loaded again. */
#include "hv/x86/cpu.h"
#include "hv/x86/vcpu.h"

#define CPUID_XSAVE (1u << 26)              /* 1 ecx */
#define CPUID_RDTSCP (1u << 27)             /* 8000_0001 edx */
#define CPUID_PREDICTION_BARRIER (1u << 12) /* 8000_0008 ebx: IBPB */
#define MSR_PRED_CMD 0x49u
#define PRED_CMD_BARRIER 1u

#define XCR0_X87 (1u << 0)
#define XCR0_SSE (1u << 1)
#define XCR0_AVX (1u << 2)
#define XCR0_AVX512 (7u << 5)
#define XCR0_PKRU (1u << 9)
#define XCR0_KNOWN (XCR0_X87 | XCR0_SSE | XCR0_AVX | XCR0_AVX512 | XCR0_PKRU)

#define FXSAVE_BYTES 512u
#define FCW_RESET 0x37fu
#define MXCSR_RESET 0x1f80u
#define MXCSR_OFFSET 24u

static struct machine_vcpu *loaded[MAX_CPUS]; /* whose state the registers hold */
uint64_t fpu_xcr0_mask;
uint32_t fpu_xsave_bytes = FXSAVE_BYTES;
bool fpu_has_tsc_aux;
static bool has_prediction_barrier;

void fpu_cpu_start(void) {
    fpu_has_tsc_aux = (cpuid(0x80000001u, 0).edx & CPUID_RDTSCP) != 0;
    has_prediction_barrier = cpuid(0x80000000u, 0).eax >= 0x80000008u &&
                             (cpuid(0x80000008u, 0).ebx & CPUID_PREDICTION_BARRIER) != 0;
    write_cr0((read_cr0() & ~(uint64_t)(CR0_EM | CR0_TS)) | CR0_MP | CR0_NE);
    if ((cpuid(1, 0).ecx & CPUID_XSAVE) == 0) return;
    write_cr4(read_cr4() | CR4_OSXSAVE);
    fpu_xcr0_mask = cpuid(0xd, 0).eax & XCR0_KNOWN;
    xsetbv(0, fpu_xcr0_mask);
    fpu_xsave_bytes = cpuid(0xd, 0).ebx;
}

uint32_t machine_xsave_frames(void) { return (fpu_xsave_bytes + PAGE_SIZE - 1) / PAGE_SIZE; }

void fpu_reset(struct machine_vcpu *vcpu) {
    uint8_t *area = vcpu->xsave;
    uint16_t control_word = FCW_RESET;
    uint32_t mxcsr = MXCSR_RESET;

    __builtin_memset(area, 0, fpu_xsave_bytes);
    __builtin_memcpy(area, &control_word, sizeof(control_word));
    __builtin_memcpy(area + MXCSR_OFFSET, &mxcsr, sizeof(mxcsr));
    vcpu->xcr0 = XCR0_X87;
    vcpu->tsc_aux = 0;
    __builtin_memset(vcpu->debug, 0, sizeof(vcpu->debug));
    vcpu->loaded_cpu = CPU_NONE;
}

/* XCR0 holds the whole mask but while a guest runs that enabled less. */
static void set_xcr0(const struct machine_vcpu *vcpu, uint64_t value) {
    if (fpu_xcr0_mask != 0 && vcpu->xcr0 != fpu_xcr0_mask) xsetbv(0, value);
}

static void load(const struct machine_vcpu *vcpu) {
    static const int32_t zero = 0;
    const uint64_t *debug = vcpu->debug;

    /* FXRSTOR and XRSTOR leave the last instruction's pointers alone while no exception is pending:
     * they would tell of the previous guest (CVE-2006-1056). */
    __asm__ volatile("fnclex; ffree %%st(7); fildl %0" : : "m"(zero));
    if (fpu_xcr0_mask == 0)
        __asm__ volatile("fxrstor64 (%0)" : : "r"(vcpu->xsave) : "memory");
    else
        __asm__ volatile("xrstor64 (%0)"
                         :
                         : "r"(vcpu->xsave), "a"(fpu_xcr0_mask), "d"(0)
                         : "memory");
    __asm__ volatile("mov %0, %%dr0; mov %1, %%dr1; mov %2, %%dr2; mov %3, %%dr3"
                     :
                     : "r"(debug[0]), "r"(debug[1]), "r"(debug[2]), "r"(debug[3]));
    if (fpu_has_tsc_aux) wrmsr(MSR_TSC_AUX, vcpu->tsc_aux);
}

void fpu_load(struct machine_vcpu *vcpu) {
    uint32_t cpu = this_cpu()->id;

    if (loaded[cpu] != vcpu || vcpu->loaded_cpu != cpu) {
        /* Nothing that the branch predictors learned from one guest serves another. */
        svm_forget_returns();
        if (has_prediction_barrier) wrmsr(MSR_PRED_CMD, PRED_CMD_BARRIER);
        load(vcpu);
        loaded[cpu] = vcpu;
        vcpu->loaded_cpu = cpu;
    }
    set_xcr0(vcpu, vcpu->xcr0);
}

void fpu_save(struct machine_vcpu *vcpu) {
    uint64_t *debug = vcpu->debug;

    __asm__ volatile("mov %%dr0, %0; mov %%dr1, %1; mov %%dr2, %2; mov %%dr3, %3"
                     : "=r"(debug[0]), "=r"(debug[1]), "=r"(debug[2]), "=r"(debug[3]));
    if (fpu_xcr0_mask == 0) {
        __asm__ volatile("fxsave64 (%0)" : : "r"(vcpu->xsave) : "memory");
        return;
    }
    /* QEMU's TCG does not intercept XSETBV: what the guest wrote is only in the register. */
    vcpu->xcr0 = xgetbv(0);
    set_xcr0(vcpu, fpu_xcr0_mask);
    __asm__ volatile("xsave64 (%0)" : : "r"(vcpu->xsave), "a"(fpu_xcr0_mask), "d"(0) : "memory");
}

bool fpu_set_xcr0(struct machine_vcpu *vcpu, uint64_t value) {
    uint64_t upper = value & XCR0_AVX512;

    if ((value & ~fpu_xcr0_mask) != 0 || (value & XCR0_X87) == 0) return false;
    if ((value & XCR0_AVX) != 0 && (value & XCR0_SSE) == 0) return false;
    if (upper != 0 && (upper != XCR0_AVX512 || (value & XCR0_AVX) == 0)) return false;

    vcpu->xcr0 = value;
    xsetbv(0, value);
    return true;
}
