/* SPDX-License-Identifier: Apache-2.0 */
/* Why a guest left guest mode, and what comes of it (AMD manual volume 2, appendix C). Nothing is
 * emulated but single instructions whose operands the exit itself tells; what has effects beyond
 * the vCPU goes through the gate. */
#include "hv/core/guest_map.h"
#include "hv/x86/cpu.h"
#include "hv/x86/paging.h"
#include "hv/x86/tlb.h"

#define unlikely(condition) __builtin_expect(condition, 0)

#define SEGMENT_LONG (1u << 9) /* CS.L in a VMCB segment */

#define RESULT_EPERM ((uint64_t)-1)
#define RESULT_ENOSYS ((uint64_t)-38)

#define CPUID1_OSXSAVE (1u << 27)
#define CPUID_D1_XSAVES (1u << 3)
#define CPUID_FFXSR (1u << 25) /* 8000_0001 edx */

#define GUEST_MSR_TSC 0x10u
#define GUEST_MSR_HYPERCALL 0x40000000u
#define APIC_BASE_X2APIC 0xfee00c00u
#define APIC_BASE_BSP 0x100u

#define EFER_SCE (1u << 0)
#define EFER_FFXSR (1u << 14)

/* MSRs that always read the same. A write is ignored where stock kernels make one and mind a #GP.
 */
static const struct {
    uint32_t msr, value;
    bool writable;
} fixed_msrs[] = {
    {0x8bu, 0x8001250u, false},    /* microcode revision */
    {0xfeu, 0, false},             /* MTRRCAP: no MTRRs */
    {0x2ffu, 0x806u, true},        /* MTRRdefType: write-back */
    {0xc0010015u, 1u << 24, true}, /* HWCR: the TSC counts with P0 */
    {0xc001001fu, 0, true},        /* NB_CFG */
};
#define FIXED_MSRS (sizeof(fixed_msrs) / sizeof(fixed_msrs[0]))

/* The instruction that exited is done. `length` counts where the CPU does not tell: no kernel uses
 * prefixes here. */
static inline void advance(struct vmcb *vmcb, unsigned length) {
    vmcb->save.rip = svm_features.next_rip ? vmcb->control.next_rip : vmcb->save.rip + length;
    vmcb->control.interrupt_shadow = 0;
}

/* An exception instead of the instruction; those of an instruction have error code 0 or none. */
static enum gate_next fault(struct machine_vcpu *vcpu, unsigned vector) {
    uint64_t error = vector == VECTOR_GP || vector == VECTOR_AC ? EVENT_HAS_ERROR : 0;

    vcpu->vmcb->control.event_inject = vector | EVENT_EXCEPTION | EVENT_VALID | error;
    return GATE_RESUME;
}

static inline enum gate_next exit_vmmcall(struct machine_vcpu *vcpu, struct vmcb *vmcb) {
    struct hypercall *call = &vcpu->registers.call;
    struct vmcb_save *save = &vmcb->save;
    enum gate_next next = GATE_RESUME;

    /* Arguments of 32-bit code have another layout: not offered. */
    if (unlikely((save->efer & EFER_LMA) == 0 || (save->cs.attributes & SEGMENT_LONG) == 0)) {
        call->result = RESULT_ENOSYS;
    } else if (unlikely(save->cpl != 0)) {
        call->result = RESULT_EPERM;
    } else {
        call->number = save->rax;
        next = gate_hypercall(vcpu->domain, vcpu->id, call);
        if (unlikely(next >= GATE_REPEAT)) /* enters at the same instruction again */
            return next == GATE_REPEAT ? GATE_RESUME : next;
    }
    save->rax = call->result;
    advance(vmcb, 3);
    return next;
}

/* The size of the XSAVE area and the offered components follow the vCPU's XCR0, which is loaded. */
static void patch_xsave_leaf(uint32_t subleaf, struct cpuid_result *out) {
    uint64_t mask = fpu_xcr0_mask;

    if (subleaf == 0)
        *out = (struct cpuid_result){(uint32_t)mask, cpuid(0xd, 0).ebx, fpu_xsave_bytes, 0};
    else if (subleaf == 1)
        *out = (struct cpuid_result){.eax = out->eax & ~CPUID_D1_XSAVES};
    else if (subleaf >= 64 || (mask >> subleaf & 1u) == 0)
        *out = (struct cpuid_result){0};
}

static enum gate_next exit_cpuid(struct machine_vcpu *vcpu) {
    struct vmcb_save *save = &vcpu->vmcb->save;
    uint32_t leaf = (uint32_t)save->rax;
    uint32_t subleaf = (uint32_t)vcpu->registers.rcx;
    struct cpuid_result out = gate_cpuid(vcpu->domain, vcpu->id, leaf, subleaf);

    if (leaf == 1)
        out.ecx |= (save->cr4 & CR4_OSXSAVE) != 0 ? CPUID1_OSXSAVE : 0;
    else if (leaf == 0xd && fpu_xcr0_mask != 0)
        patch_xsave_leaf(subleaf, &out);
    save->rax = out.eax;
    vcpu->registers.rbx = out.ebx;
    vcpu->registers.rcx = out.ecx;
    vcpu->registers.rdx = out.edx;
    advance(vcpu->vmcb, 2);
    return GATE_RESUME;
}

static uint64_t apic_base(const struct machine_vcpu *vcpu) {
    return APIC_BASE_X2APIC | (vcpu->id == 0 ? APIC_BASE_BSP : 0);
}

static bool msr_read(struct machine_vcpu *vcpu, uint32_t msr, uint64_t *value) {
    const struct vmcb_save *save = &vcpu->vmcb->save;

    switch (msr) {
    case MSR_EFER: *value = save->efer & ~(uint64_t)EFER_SVME; return true;
    case MSR_PAT: *value = save->g_pat; return true;
    case GUEST_MSR_TSC: *value = rdtsc(); return true;
    case MSR_TSC_AUX: *value = vcpu->tsc_aux; return fpu_has_tsc_aux;
    case MSR_APIC_BASE: *value = apic_base(vcpu); return true;
    case GUEST_MSR_HYPERCALL: *value = 0; return true;
    default: break;
    }
    for (unsigned i = 0; i < FIXED_MSRS; i++) {
        *value = fixed_msrs[i].value;
        if (fixed_msrs[i].msr == msr) return true;
    }
    return gate_msr_read(vcpu->domain, vcpu->id, msr, value);
}

static bool write_efer(struct machine_vcpu *vcpu, uint64_t value) {
    struct vmcb_save *save = &vcpu->vmcb->save;
    uint64_t allowed = EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE;

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

/* Stub n at 32 * n: mov $n, %eax; vmmcall; ret. Without the lock: while this CPU's mark says that
 * it is in this guest (tlb.h), no frame that its map shows now goes to anybody else. */
static bool write_hypercall_page(const struct machine_vcpu *vcpu, uint64_t value) {
    struct gfn gfn = {value / PAGE_SIZE};

    if (gfn.number >= GFN_LIMIT) return false;
    struct guest_entry entry = guest_map_read(vcpu->domain, gfn);
    if (entry.kind != MAP_RAM || !entry.writable) return false;

    uint8_t *page = frame_pointer(entry.mfn);
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
    case MSR_TSC_AUX:
        if (value > UINT32_MAX || !fpu_has_tsc_aux) return false;
        vcpu->tsc_aux = (uint32_t)value;
        wrmsr(MSR_TSC_AUX, value);
        return true;
    case MSR_APIC_BASE: return value == apic_base(vcpu);
    case GUEST_MSR_HYPERCALL: return write_hypercall_page(vcpu, value);
    case GUEST_MSR_TSC: return true; /* ignored, as the fixed ones */
    default: break;
    }
    for (unsigned i = 0; i < FIXED_MSRS; i++)
        if (fixed_msrs[i].msr == msr) return fixed_msrs[i].writable;
    return gate_msr_write(vcpu->domain, vcpu->id, msr, value, next);
}

/* EDX:EAX, the operand of WRMSR and XSETBV. */
static uint64_t operand(const struct machine_vcpu *vcpu) {
    return vcpu->registers.rdx << 32 | (uint32_t)vcpu->vmcb->save.rax;
}

static enum gate_next exit_msr(struct machine_vcpu *vcpu) {
    uint32_t msr = (uint32_t)vcpu->registers.rcx;
    enum gate_next next = GATE_RESUME;
    uint64_t value = operand(vcpu);
    bool write = (vcpu->vmcb->control.exit_info_1 & 1u) != 0;

    if (!(write ? msr_write(vcpu, msr, value, &next) : msr_read(vcpu, msr, &value)))
        return fault(vcpu, VECTOR_GP);
    this_cpu()->look = true; /* an interrupt to itself, or the end of one */
    if (next == GATE_CONTINUE) return next;
    if (!write) {
        vcpu->vmcb->save.rax = (uint32_t)value;
        vcpu->registers.rdx = value >> 32;
    }
    advance(vcpu->vmcb, 2);
    return next;
}

static enum gate_next exit_ioio(struct machine_vcpu *vcpu) {
    struct vmcb *vmcb = vcpu->vmcb;
    uint64_t *rax = &vmcb->save.rax;
    uint32_t info = (uint32_t)vmcb->control.exit_info_1;
    uint16_t port = IOIO_PORT(info);
    uint8_t size = IOIO_SIZE(info);
    uint64_t kept = size == 1 ? ~0xffull : size == 2 ? ~0xffffull : 0; /* of RAX, by IN */
    enum gate_next next = GATE_RESUME;

    if ((info & (IOIO_STRING | IOIO_REPEAT)) != 0) return fault(vcpu, VECTOR_GP);
    if ((info & IOIO_IN) == 0)
        next = gate_port_write(vcpu->domain, vcpu->id, port, size, (uint32_t)(*rax & ~kept));
    else
        *rax = (*rax & kept) | (gate_port_read(port, size) & ~kept);
    if (next == GATE_CONTINUE) return next;
    vmcb->save.rip = vmcb->control.exit_info_2;
    vmcb->control.interrupt_shadow = 0;
    return next;
}

static enum gate_next exit_hlt(struct machine_vcpu *vcpu) {
    advance(vcpu->vmcb, 1);
    return gate_halt(vcpu->domain, vcpu->id, (vcpu->vmcb->save.rflags & RFLAGS_IF) != 0);
}

static enum gate_next exit_xsetbv(struct machine_vcpu *vcpu) {
    const struct vmcb_save *save = &vcpu->vmcb->save;

    if (fpu_xcr0_mask == 0 || (save->cr4 & CR4_OSXSAVE) == 0) return fault(vcpu, VECTOR_UD);
    if (save->cpl != 0 || (uint32_t)vcpu->registers.rcx != 0 || !fpu_set_xcr0(vcpu, operand(vcpu)))
        return fault(vcpu, VECTOR_GP);
    advance(vcpu->vmcb, 3);
    return GATE_RESUME;
}

static enum gate_next crash(struct machine_vcpu *vcpu, enum crash_cause cause, uint64_t detail) {
    gate_crash(vcpu->domain, vcpu->id, cause, detail);
    return GATE_RESCHEDULE;
}

/* #DB and #AC go back to the guest, unless they came from the delivery of an event that is now
 * tried again; the exit has let physical interrupts in between. #MC counts as unhandled. */
static enum gate_next exit_exception(struct machine_vcpu *vcpu, unsigned vector) {
    if ((vcpu->vmcb->control.event_inject & EVENT_VALID) != 0) return GATE_RESUME;
    return fault(vcpu, vector);
}

static __attribute__((noinline)) enum gate_next dispatch(struct machine_vcpu *vcpu, uint32_t code) {
    struct vmcb_control *control = &vcpu->vmcb->control;

    switch (code) {
    case VMEXIT_EXCEPTION + VECTOR_DB:
    case VMEXIT_EXCEPTION + VECTOR_AC: return exit_exception(vcpu, code - VMEXIT_EXCEPTION);
    case VMEXIT_INTR:
    case VMEXIT_NMI: /* stays pending until GIF is set */ interrupt_window(); /* fall through */
    case VMEXIT_VINTR: /* the guest is ready */ this_cpu()->look = true; return GATE_RESUME;
    case VMEXIT_MSR: return exit_msr(vcpu);
    case VMEXIT_IOIO: return exit_ioio(vcpu);
    case VMEXIT_HLT: return exit_hlt(vcpu);
    case VMEXIT_XSETBV: return exit_xsetbv(vcpu);
    case VMEXIT_WBINVD: /* all memory is write-back and coherent: nothing to do */
    case VMEXIT_INVD: advance(vcpu->vmcb, 2); return GATE_RESUME;
    case VMEXIT_RDPMC: return fault(vcpu, VECTOR_GP);
    case VMEXIT_INVLPGA:
    case VMEXIT_RSM: return fault(vcpu, VECTOR_UD);
    case VMEXIT_SHUTDOWN: return crash(vcpu, CRASH_TRIPLE_FAULT, vcpu->vmcb->save.rip);
    case VMEXIT_NPF: return crash(vcpu, CRASH_NESTED_FAULT, control->exit_info_2 / PAGE_SIZE);
    case VMEXIT_INVALID: tlb_distrust(this_cpu()); return crash(vcpu, CRASH_BAD_STATE, 0);
    default: break;
    }
    /* SVM's instructions, SKINIT, MONITOR and MWAIT are not offered. */
    if (code >= VMEXIT_VMRUN && code < VMEXIT_XSETBV) return fault(vcpu, VECTOR_UD);
    return crash(vcpu, CRASH_UNHANDLED_EXIT, code);
}

static inline enum gate_next handle(struct machine_vcpu *vcpu) {
    struct vmcb *vmcb = vcpu->vmcb;
    uint32_t code = (uint32_t)vmcb->control.exit_code; /* of -1, TCG writes only the low half */

    vmcb->control.event_inject = 0;
    vmcb->control.tlb_control = TLB_CONTROL_NOTHING;
    if (unlikely((vmcb->control.exit_interrupt_info & EVENT_VALID) != 0)) inject_again(vcpu);
    if (code == VMEXIT_VMMCALL) return exit_vmmcall(vcpu, vmcb);
    if (code == VMEXIT_CPUID) return exit_cpuid(vcpu);
    return dispatch(vcpu, code);
}

/* What has to happen before the guest goes on. False: it has to give way first. */
static __attribute__((noinline)) bool prepare_entry(struct machine_vcpu *vcpu) {
    struct cpu *cpu = this_cpu();

    if (cpu->reschedule) return false;
    if (cpu->must_wait) tlb_wait(cpu);
    cpu->look = inject_prepare(vcpu);
    if (cpu->outside) tlb_enter(cpu, vcpu);
    return true;
}

/* An exit that needs neither goes straight back: no lock but what the gate took for the request, no
 * timer, no state but the registers. */
enum gate_next exits_run(struct machine_vcpu *vcpu) {
    enum gate_next next = GATE_RESUME;

    vcpu->host_state = image_physical(stacks[this_cpu()->id][PAGE_HOST_STATE]);
    this_cpu()->look = true;
    while (next == GATE_RESUME) {
        if (unlikely(cpu_attention() || upcall_comes(vcpu)) && !prepare_entry(vcpu)) break;
        vcpu = svm_run(vcpu);
        next = handle(vcpu);
    }
    return next;
}
