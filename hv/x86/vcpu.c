/* SPDX-License-Identifier: Apache-2.0 */
/* Making vCPUs and their start states: PVH's 32-bit protected mode (Xen's docs/misc/pvh) and the
 * real mode of a SIPI (AMD manual volume 2, 14.1.3). */
#include "hv/x86/vcpu.h"

#include "hv/core/guest_map.h"
#include "hv/x86/apic.h"
#include "hv/x86/cpu.h"
#include "hv/x86/paging.h"
#include "hv/x86/tlb.h"

#define PAT_RESET 0x0007040600070406ull
#define DR6_RESET 0xffff0ff0u
#define DR7_RESET 0x400u
/* VMCB segment attributes. */
#define CODE 0x09bu
#define DATA 0x093u
#define FLAT 0xc00u /* 32 bits wide, the limit in pages */
#define LDT_SEGMENT 0x082u
#define TSS_SEGMENT 0x08bu

SPARSE struct machine_vcpu machine_vcpus[MAX_DOMAINS][MAX_VCPUS];
static uint8_t created[MAX_DOMAINS]; /* bit = vCPU */
static const uint8_t no_upcall;

struct machine_vcpu *vcpu_find(domain_id domain, vcpu_id vcpu) {
    if (domain >= MAX_DOMAINS || vcpu >= MAX_VCPUS || (created[domain] >> vcpu & 1u) == 0)
        return NULL;
    return &machine_vcpus[domain][vcpu];
}

void vcpu_row_gone(domain_id domain) { created[domain] = 0; }

static struct vmcb_segment segment(unsigned attributes, uint32_t limit) {
    return (struct vmcb_segment){.attributes = (uint16_t)attributes, .limit = limit};
}

static void set_intercepts(struct vmcb_control *control) {
    /* #DB and #AC: a guest whose delivery of one raises the next would never leave guest mode.
     * #MC: the machine's errors are not the guest's to see. */
    control->intercept_exceptions = 1u << VECTOR_DB | 1u << VECTOR_AC | 1u << VECTOR_MC;
    control->intercept_1 = INTERCEPT(VMEXIT_INTR) | INTERCEPT(VMEXIT_NMI) | INTERCEPT(VMEXIT_INIT) |
                           INTERCEPT(VMEXIT_RDPMC) | INTERCEPT(VMEXIT_CPUID) |
                           INTERCEPT(VMEXIT_RSM) | INTERCEPT(VMEXIT_INVD) | INTERCEPT(VMEXIT_HLT) |
                           INTERCEPT(VMEXIT_INVLPGA) | INTERCEPT(VMEXIT_IOIO) |
                           INTERCEPT(VMEXIT_MSR) | INTERCEPT(VMEXIT_FERR_FREEZE) |
                           INTERCEPT(VMEXIT_SHUTDOWN);
    /* All from VMRUN to XSETBV but two. */
    control->intercept_2 = (2u * INTERCEPT(VMEXIT_XSETBV) - 1u) &
                           ~(INTERCEPT(VMEXIT_RDTSCP) | INTERCEPT(VMEXIT_ICEBP));
    control->iopm_base = image_physical(svm_io_permissions);
    control->msrpm_base = image_physical(svm_msr_permissions);
}

/* What both start states share. */
static struct vmcb_save *reset(struct machine_vcpu *vcpu, uint16_t mode, uint32_t limit) {
    struct vmcb_save *save = &vcpu->vmcb->save;

    *vcpu->vmcb =
        (struct vmcb){.control = {.virtual_interrupt = VIRTUAL_MASKING, .nested_enable = 1}};
    set_intercepts(&vcpu->vmcb->control);
    vcpu->vmcb->control.nested_cr3 = guest_map_roots[vcpu->domain].number * PAGE_SIZE;
    save->cs = segment(CODE | mode, limit);
    save->ds = save->es = save->ss = save->fs = save->gs = segment(DATA | mode, limit);
    save->ldtr = segment(LDT_SEGMENT, 0xffff);
    save->tr = segment(TSS_SEGMENT, 0xffff);
    save->cr0 = CR0_ET;
    save->efer = EFER_SVME;
    save->dr6 = DR6_RESET;
    save->dr7 = DR7_RESET;
    save->rflags = 2;
    save->g_pat = PAT_RESET;
    vcpu->registers = (struct guest_registers){0};
    vcpu->asid_generation = 0;
    fpu_reset(vcpu);
    return save;
}

void vcpu_forget_pages(struct machine_vcpu *vcpu) {
    vcpu->pages_epoch = tlb_domain_epochs[vcpu->domain];
    for (unsigned i = 0; i < VCPU_PAGES; i++) vcpu->pages[i].address = UINT64_MAX;
}

void vcpu_create(const struct effect *effect) {
    struct machine_vcpu *vcpu = &machine_vcpus[effect->domain][effect->vcpu];

    *vcpu = (struct machine_vcpu){.vmcb_address = effect->mfn.number * PAGE_SIZE,
                                  .vmcb = frame_pointer(effect->mfn),
                                  .xsave = frame_pointer(effect->target_mfn),
                                  .upcall = &no_upcall,
                                  .domain = effect->domain,
                                  .id = effect->vcpu};
    vcpu_forget_pages(vcpu);
    (void)reset(vcpu, 0, 0xffff);
    created[effect->domain] = (uint8_t)(created[effect->domain] | 1u << effect->vcpu);
}

void machine_vcpu_start_pvh(domain_id domain, vcpu_id id, uint32_t rip, uint32_t rbx) {
    struct machine_vcpu *vcpu = &machine_vcpus[domain][id];
    struct vmcb_save *save = reset(vcpu, FLAT, UINT32_MAX);

    save->ldtr.limit = 0;
    save->tr.limit = 0x67;
    save->cr0 |= CR0_PE;
    save->rip = rip;
    vcpu->registers.rbx = rbx;
}

void vcpu_start_real_mode(struct machine_vcpu *vcpu, uint8_t vector) {
    struct vmcb_save *save = reset(vcpu, 0, 0xffff);

    save->cs.selector = (uint16_t)(vector << 8);
    save->cs.base = (uint64_t)vector << 12;
    save->gdtr = save->idtr = segment(0, 0xffff);
}

void vcpu_fill_time(struct guest_time_info *time) {
    uint32_t version = __atomic_load_n(&time->version, __ATOMIC_RELAXED) | 1u;

    __atomic_store_n(&time->version, version, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    time->tsc_timestamp = clock_origin;
    time->system_time = 0;
    machine_tsc_scale(&time->tsc_to_system_mul, &time->tsc_shift);
    time->flags = TIME_TSC_STABLE;
    __atomic_store_n(&time->version, version + 1u, __ATOMIC_RELEASE);
}

void vcpu_set_info(struct machine_vcpu *vcpu, struct guest_vcpu_info *info) {
    vcpu_fill_time(&info->time);
    __atomic_store_n(&vcpu->info, info, __ATOMIC_RELEASE);
    __atomic_store_n(&vcpu->upcall, &info->evtchn_upcall_pending, __ATOMIC_RELEASE);
}
