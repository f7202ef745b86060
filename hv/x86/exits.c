/* SPDX-License-Identifier: Apache-2.0 */
/* Why a guest left guest mode, and what comes of it (AMD manual volume 2, appendix C). Nothing is
 * emulated but single instructions whose operands the exit itself tells; what has effects beyond
 * the vCPU goes through the gate. */
#include "hv/core/guest_map.h"
#include "hv/x86/cpu.h"
#include "hv/x86/paging.h"
#include "hv/x86/svm.h"
#include "hv/x86/tlb.h"

/* Lengths without prefixes, for CPUs that do not tell the next RIP: no kernel uses prefixes here.
 */
#define LENGTH_CPUID 2u
#define LENGTH_MSR 2u
#define LENGTH_HLT 1u
#define LENGTH_VMMCALL 3u
#define LENGTH_XSETBV 3u
#define LENGTH_WBINVD 2u

#define SEGMENT_LONG (1u << 9) /* CS.L in a VMCB segment */
#define CR4_PKE (1u << 22)

#define RESULT_EPERM ((uint64_t)-1)
#define RESULT_ENOSYS ((uint64_t)-38)

#define CPUID1_OSXSAVE (1u << 27)
#define CPUID7_OSPKE (1u << 4)
#define CPUID_D1_XSAVES (1u << 3)

#define GUEST_MSR_TSC 0x10u
#define GUEST_MSR_UCODE 0x8bu
#define GUEST_MSR_MTRRCAP 0xfeu
#define GUEST_MSR_MTRR_DEFAULT 0x2ffu
#define GUEST_MSR_HYPERCALL 0x40000000u
#define GUEST_MSR_HWCR 0xc0010015u
#define GUEST_MSR_NB_CFG 0xc001001fu

#define APIC_BASE_X2APIC 0xfee00c00u
#define APIC_BASE_BSP 0x100u
#define UCODE_REVISION 0x8001250u
#define MTRR_DEFAULT_WRITE_BACK 0x806u
#define HWCR_TSC_FREQ_SEL (1u << 24)

#define EFER_SCE (1u << 0)
#define EFER_FFXSR (1u << 14)
#define EFER_GUEST (EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE)
#define CPUID_FFXSR (1u << 25) /* 8000_0001 edx */

/* The instruction that exited is done. `length` counts where the CPU does not tell. */
static inline void advance(struct machine_vcpu *vcpu, unsigned length) {
    struct vmcb *vmcb = vcpu->vmcb;

    vmcb->save.rip = svm_features.next_rip ? vmcb->control.next_rip : vmcb->save.rip + length;
    vmcb->control.interrupt_shadow = 0;
}

static uint64_t merge(uint32_t low, uint32_t high) { return (uint64_t)high << 32 | low; }

static enum gate_next exit_vmmcall(struct machine_vcpu *vcpu) {
    struct guest_registers *registers = &vcpu->registers;
    struct vmcb_save *save = &vcpu->vmcb->save;
    struct hypercall call;
    enum gate_next next = GATE_RESUME;

    if (save->cpl != 0) {
        call.result = RESULT_EPERM;
    } else if ((save->efer & EFER_LMA) == 0 || (save->cs.attributes & SEGMENT_LONG) == 0) {
        /* Arguments of 32-bit code have another layout: not offered. */
        call.result = RESULT_ENOSYS;
    } else {
        call.number = save->rax;
        call.argument[0] = registers->rdi;
        call.argument[1] = registers->rsi;
        call.argument[2] = registers->rdx;
        call.argument[3] = registers->r10;
        call.argument[4] = registers->r8;
        next = gate_hypercall(vcpu->domain, vcpu->id, &call);
        if (next == GATE_CONTINUE) {
            registers->rdi = call.argument[0];
            registers->rsi = call.argument[1];
            registers->rdx = call.argument[2];
            registers->r10 = call.argument[3];
            registers->r8 = call.argument[4];
            return next;
        }
    }
    save->rax = call.result;
    advance(vcpu, LENGTH_VMMCALL);
    return next;
}

/* Size of the XSAVE area and the offered components follow the vCPU's XCR0, which is loaded. */
static void patch_xsave_leaf(uint32_t subleaf, struct guest_cpuid *out) {
    uint64_t mask = fpu_xcr0_mask();

    if (subleaf == 0) {
        out->eax = (uint32_t)mask;
        out->ebx = cpuid(0xd, 0).ebx;
        out->ecx = fpu_xsave_bytes();
        out->edx = 0;
    } else if (subleaf == 1) {
        out->eax &= ~CPUID_D1_XSAVES;
        out->ebx = out->ecx = out->edx = 0;
    } else if (subleaf >= 64 || (mask >> subleaf & 1u) == 0) {
        *out = (struct guest_cpuid){0};
    }
}

static enum gate_next exit_cpuid(struct machine_vcpu *vcpu) {
    struct vmcb_save *save = &vcpu->vmcb->save;
    uint32_t leaf = (uint32_t)save->rax;
    uint32_t subleaf = (uint32_t)vcpu->registers.rcx;
    struct guest_cpuid out = gate_cpuid(vcpu->domain, vcpu->id, leaf, subleaf);

    if (leaf == 1) {
        out.ecx &= ~CPUID1_OSXSAVE;
        out.ecx |= (save->cr4 & CR4_OSXSAVE) != 0 ? CPUID1_OSXSAVE : 0;
    } else if (leaf == 7 && subleaf == 0) {
        out.ecx &= ~CPUID7_OSPKE;
        out.ecx |= (save->cr4 & CR4_PKE) != 0 ? CPUID7_OSPKE : 0;
    } else if (leaf == 0xd && fpu_xcr0_mask() != 0) {
        patch_xsave_leaf(subleaf, &out);
    }
    save->rax = out.eax;
    vcpu->registers.rbx = out.ebx;
    vcpu->registers.rcx = out.ecx;
    vcpu->registers.rdx = out.edx;
    advance(vcpu, LENGTH_CPUID);
    return GATE_RESUME;
}

static uint64_t apic_base(const struct machine_vcpu *vcpu) {
    return APIC_BASE_X2APIC | (vcpu->id == 0 ? APIC_BASE_BSP : 0);
}

static bool msr_read(struct machine_vcpu *vcpu, uint32_t msr, uint64_t *value) {
    const struct vmcb_save *save = &vcpu->vmcb->save;

    *value = 0;
    switch (msr) {
    case MSR_EFER: *value = save->efer & ~(uint64_t)EFER_SVME; return true;
    case MSR_PAT: *value = save->g_pat; return true;
    case GUEST_MSR_TSC: *value = rdtsc(); return true;
    case MSR_TSC_AUX: *value = vcpu->tsc_aux; return true;
    case MSR_APIC_BASE: *value = apic_base(vcpu); return true;
    case GUEST_MSR_HWCR: *value = HWCR_TSC_FREQ_SEL; return true;
    case GUEST_MSR_UCODE: *value = UCODE_REVISION; return true;
    case GUEST_MSR_MTRR_DEFAULT: *value = MTRR_DEFAULT_WRITE_BACK; return true;
    case GUEST_MSR_NB_CFG:
    case GUEST_MSR_MTRRCAP:
    case GUEST_MSR_HYPERCALL: return true;
    default: return gate_msr_read(vcpu->domain, vcpu->id, msr, value);
    }
}

static bool write_efer(struct machine_vcpu *vcpu, uint64_t value) {
    struct vmcb_save *save = &vcpu->vmcb->save;
    uint64_t allowed = EFER_GUEST;

    if ((gate_cpuid(vcpu->domain, vcpu->id, 0x80000001u, 0).edx & CPUID_FFXSR) != 0)
        allowed |= EFER_FFXSR;
    if ((value & ~allowed) != 0) return false;
    if (((value ^ save->efer) & EFER_LME) != 0 && (save->cr0 & CR0_PG) != 0) return false;

    /* LMA is the processor's to change. */
    save->efer = (value & ~(uint64_t)EFER_LMA) | (save->efer & EFER_LMA) | EFER_SVME;
    tlb_forget(vcpu);
    return true;
}

/* Memory types 2 and 3 do not exist, nor do those above 7. */
static bool write_pat(struct machine_vcpu *vcpu, uint64_t value) {
    for (unsigned i = 0; i < 64; i += 8) {
        uint64_t type = value >> i & 0xffu;

        if (type > 7 || type == 2 || type == 3) return false;
    }
    vcpu->vmcb->save.g_pat = value;
    tlb_forget(vcpu);
    return true;
}

static bool write_tsc_aux(struct machine_vcpu *vcpu, uint64_t value) {
    if (value > UINT32_MAX) return false;
    vcpu->tsc_aux = (uint32_t)value;
    wrmsr(MSR_TSC_AUX, value);
    return true;
}

/* Stub n at 32 * n: mov $n, %eax; vmmcall; ret. Without the lock: while this CPU's mark says that
 * it is in this guest (tlb.h), no frame that its map shows now goes to anybody else. */
static bool write_hypercall_page(const struct machine_vcpu *vcpu, uint64_t value) {
    struct gfn gfn = {value / PAGE_SIZE};
    struct guest_entry entry;
    uint8_t *page;

    if (gfn.number >= GFN_LIMIT) return false;
    entry = guest_map_read(vcpu->domain, gfn);
    if (entry.kind != MAP_RAM || !entry.writable) return false;

    page = frame_pointer(entry.mfn);
    for (unsigned n = 0; n < PAGE_SIZE / 32; n++) {
        const uint8_t stub[] = {0xb8, (uint8_t)n, 0, 0, 0, 0x0f, 0x01, 0xd9, 0xc3};

        __builtin_memcpy(page + n * 32, stub, sizeof(stub));
    }
    return true;
}

static bool msr_write(struct machine_vcpu *vcpu, uint32_t msr, uint64_t value,
                      enum gate_next *next) {
    switch (msr) {
    case MSR_EFER: return write_efer(vcpu, value);
    case MSR_PAT: return write_pat(vcpu, value);
    case MSR_TSC_AUX: return write_tsc_aux(vcpu, value);
    case MSR_APIC_BASE: return value == apic_base(vcpu);
    case GUEST_MSR_HYPERCALL: return write_hypercall_page(vcpu, value);
    case GUEST_MSR_TSC:
    case GUEST_MSR_HWCR:
    case GUEST_MSR_NB_CFG:
    case GUEST_MSR_MTRR_DEFAULT: return true; /* ignored: stock kernels write them and mind a #GP */
    default: return gate_msr_write(vcpu->domain, vcpu->id, msr, value, next);
    }
}

static enum gate_next exit_msr(struct machine_vcpu *vcpu) {
    struct guest_registers *registers = &vcpu->registers;
    struct vmcb_save *save = &vcpu->vmcb->save;
    uint32_t msr = (uint32_t)registers->rcx;
    enum gate_next next = GATE_RESUME;
    uint64_t value = merge((uint32_t)save->rax, (uint32_t)registers->rdx);
    bool write = (vcpu->vmcb->control.exit_info_1 & 1u) != 0;

    if (!(write ? msr_write(vcpu, msr, value, &next) : msr_read(vcpu, msr, &value))) {
        vcpu_inject_error(vcpu, VECTOR_GP, 0);
        return GATE_RESUME;
    }
    if (next == GATE_CONTINUE) return next;
    if (!write) {
        save->rax = (uint32_t)value;
        registers->rdx = value >> 32;
    }
    advance(vcpu, LENGTH_MSR);
    return next;
}

static enum gate_next exit_ioio(struct machine_vcpu *vcpu) {
    struct vmcb *vmcb = vcpu->vmcb;
    uint32_t info = (uint32_t)vmcb->control.exit_info_1;
    uint16_t port = IOIO_PORT(info);
    uint8_t size = IOIO_SIZE(info);
    uint64_t mask = size == 1 ? 0xffu : size == 2 ? 0xffffu : 0xffffffffu;
    enum gate_next next = GATE_RESUME;

    if ((info & (IOIO_STRING | IOIO_REPEAT)) != 0) {
        vcpu_inject_error(vcpu, VECTOR_GP, 0);
        return GATE_RESUME;
    }
    if ((info & IOIO_IN) != 0) {
        uint64_t kept = size == 4 ? 0 : vmcb->save.rax & ~mask;

        vmcb->save.rax = kept | (gate_port_read(port, size) & mask);
    } else {
        next =
            gate_port_write(vcpu->domain, vcpu->id, port, size, (uint32_t)(vmcb->save.rax & mask));
        if (next == GATE_CONTINUE) return next;
    }
    vmcb->save.rip = vmcb->control.exit_info_2;
    vmcb->control.interrupt_shadow = 0;
    return next;
}

static enum gate_next exit_hlt(struct machine_vcpu *vcpu) {
    advance(vcpu, LENGTH_HLT);
    return gate_halt(vcpu->domain, vcpu->id, (vcpu->vmcb->save.rflags & RFLAGS_IF) != 0);
}

static enum gate_next exit_xsetbv(struct machine_vcpu *vcpu) {
    const struct guest_registers *registers = &vcpu->registers;
    const struct vmcb_save *save = &vcpu->vmcb->save;

    if (fpu_xcr0_mask() == 0 || (save->cr4 & CR4_OSXSAVE) == 0)
        vcpu_inject(vcpu, VECTOR_UD);
    else if (save->cpl != 0 || (uint32_t)registers->rcx != 0 ||
             !fpu_set_xcr0(vcpu, merge((uint32_t)save->rax, (uint32_t)registers->rdx)))
        vcpu_inject_error(vcpu, VECTOR_GP, 0);
    else
        advance(vcpu, LENGTH_XSETBV);
    return GATE_RESUME;
}

/* #DB and #AC go back to the guest; the exit has let physical interrupts in between. */
static enum gate_next exit_exception(struct machine_vcpu *vcpu, unsigned vector) {
    if (vector == VECTOR_MC) {
        gate_crash(vcpu->domain, vcpu->id, CRASH_UNHANDLED_EXIT, VMEXIT_EXCEPTION + VECTOR_MC);
        return GATE_RESCHEDULE;
    }
    if ((vcpu->vmcb->control.event_inject & EVENT_VALID) != 0)
        return GATE_RESUME; /* it happened during the delivery that is now tried again */
    if (vector == VECTOR_AC)
        vcpu_inject_error(vcpu, VECTOR_AC, 0);
    else
        vcpu_inject(vcpu, vector);
    return GATE_RESUME;
}

static enum gate_next crash(struct machine_vcpu *vcpu, enum crash_cause cause, uint64_t detail) {
    gate_crash(vcpu->domain, vcpu->id, cause, detail);
    return GATE_RESCHEDULE;
}

/* Out of line, so that the way of a hypercall saves few registers. */
__attribute__((noinline)) static enum gate_next dispatch(struct machine_vcpu *vcpu, uint32_t code) {
    struct vmcb_control *control = &vcpu->vmcb->control;

    if (code >= VMEXIT_EXCEPTION && code <= VMEXIT_EXCEPTION_LAST)
        return exit_exception(vcpu, code - VMEXIT_EXCEPTION);
    switch (code) {
    case VMEXIT_INTR:
    case VMEXIT_NMI: /* stays pending until GIF is set */ interrupt_window(); return GATE_RESUME;
    case VMEXIT_VINTR: /* inject_prepare() finds the guest ready */
        control->virtual_interrupt &= ~VIRTUAL_IRQ;
        control->intercept_1 &= ~INTERCEPT_VINTR;
        return GATE_RESUME;
    case VMEXIT_CPUID: return exit_cpuid(vcpu);
    case VMEXIT_MSR: return exit_msr(vcpu);
    case VMEXIT_IOIO: return exit_ioio(vcpu);
    case VMEXIT_HLT: return exit_hlt(vcpu);
    case VMEXIT_XSETBV: return exit_xsetbv(vcpu);
    case VMEXIT_WBINVD: /* all memory is write-back and coherent: nothing to do */
    case VMEXIT_INVD: advance(vcpu, LENGTH_WBINVD); return GATE_RESUME;
    case VMEXIT_RDPMC: vcpu_inject_error(vcpu, VECTOR_GP, 0); return GATE_RESUME;
    case VMEXIT_VMRUN:
    case VMEXIT_VMLOAD:
    case VMEXIT_VMSAVE:
    case VMEXIT_STGI:
    case VMEXIT_CLGI:
    case VMEXIT_SKINIT:
    case VMEXIT_INVLPGA:
    case VMEXIT_MONITOR:
    case VMEXIT_MWAIT:
    case VMEXIT_MWAIT_ARMED:
    case VMEXIT_RSM: vcpu_inject(vcpu, VECTOR_UD); return GATE_RESUME;
    case VMEXIT_SHUTDOWN: return crash(vcpu, CRASH_TRIPLE_FAULT, 0);
    case VMEXIT_NPF: return crash(vcpu, CRASH_NESTED_FAULT, control->exit_info_2 / PAGE_SIZE);
    case VMEXIT_INVALID: tlb_distrust(this_cpu()); return crash(vcpu, CRASH_BAD_STATE, 0);
    default: return crash(vcpu, CRASH_UNHANDLED_EXIT, code);
    }
}

enum gate_next exit_handle(struct machine_vcpu *vcpu) {
    struct vmcb_control *control = &vcpu->vmcb->control;
    uint32_t code = (uint32_t)control->exit_code; /* of -1, TCG writes only the low half */

    control->event_inject = 0;
    if ((control->exit_interrupt_info & EVENT_VALID) != 0) inject_again(vcpu);
    if (code == VMEXIT_VMMCALL) return exit_vmmcall(vcpu);
    return dispatch(vcpu, code);
}
