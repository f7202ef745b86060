/* SPDX-License-Identifier: Apache-2.0 */
/* Events for the guest, at most one an entry (AMD manual volume 2, 15.20 and 15.21). First what an
 * exit cut short or an instruction raised; then the event channel upcall, level-triggered on the
 * byte in vcpu_info and without EOI, as Xen's callback vector is; then the local APIC. Interrupts
 * are offered as virtual ones (V_IRQ), which the guest takes before its next instruction, unless a
 * physical one comes first; by EVENTINJ QEMU's TCG now and then delivers them twice. */
#include "hv/x86/apic.h"
#include "hv/x86/vcpu.h"

#define SHADOW_NS 20000u /* longer at each look */
#define SHADOW_LOOKS 16u

/* A virtual interrupt, where none is; vector 0 is a window: VMEXIT_VINTR instead, as soon as the
 * guest can take one. */
static void offer(struct vmcb_control *control, uint64_t vector) {
    control->virtual_interrupt |= VIRTUAL_INTERRUPT | vector << VIRTUAL_VECTOR;
    control->intercept_1 &= ~INTERCEPT(VMEXIT_VINTR);
    if (vector == 0) control->intercept_1 |= INTERCEPT(VMEXIT_VINTR);
}

/* The vector that the guest was offered and has not yet taken; 0: none, or a window. */
static uint64_t offered(uint64_t interrupt) {
    return (interrupt & VIRTUAL_IRQ) != 0 ? interrupt >> VIRTUAL_VECTOR : 0;
}

void inject_again(struct machine_vcpu *vcpu) {
    struct vmcb_control *control = &vcpu->vmcb->control;
    uint64_t event = control->exit_interrupt_info;
    uint64_t vector = event & EVENT_VECTOR;

    /* RIP is still at INT n, INT3 or INTO: the instruction is executed again. Injecting it would
     * push its own address instead of the next one's. */
    if ((event & EVENT_TYPE) == EVENT_SOFTWARE) return;
    if ((event & EVENT_TYPE) == EVENT_EXCEPTION && (vector == VECTOR_BP || vector == VECTOR_OF))
        return;
    /* Of a virtual interrupt that was cut short TCG reports an exception, and offers it again. */
    if (vector != 0 && vector == offered(control->virtual_interrupt)) return;
    control->event_inject = event;
}

/* Is the guest between STI and the instruction after it? Where VMRUN drops the shadow, an upcall
 * could come between STI and HLT, and the guest would sleep over its event: the shadow is then kept
 * by RIP, as a physical interrupt may end each try before that instruction. A guest that jumps to
 * the same place over and over leaves it after so many looks. */
static bool in_shadow(struct machine_vcpu *vcpu) {
    struct vmcb *vmcb = vcpu->vmcb;
    bool again = vcpu->shadow_looks > 0 && vmcb->save.rip == vcpu->shadow_rip;

    vcpu->shadow_looks = again ? vcpu->shadow_looks - 1 : 0;
    if ((vmcb->control.interrupt_shadow & 1u) == 0) return again;
    if (svm_features.tcg) {
        vcpu->shadow_rip = vmcb->save.rip;
        vcpu->shadow_looks = SHADOW_LOOKS;
    }
    return true;
}

bool inject_prepare(struct machine_vcpu *vcpu) {
    struct vmcb_control *control = &vcpu->vmcb->control;
    int vector = upcall_waits(vcpu) ? gate_callback_vector(vcpu->domain) : 0;
    bool shadow = in_shadow(vcpu);

    if (offered(control->virtual_interrupt) != 0) return true; /* a physical one came first */
    control->virtual_interrupt &= VIRTUAL_MASKING | VIRTUAL_TPR;
    if (vector == 0 && !gate_interrupt_waits(vcpu->domain, vcpu->id)) return false;
    if (shadow && svm_features.tcg) {
        /* A window would open at once: one instruction without it, which HLT ends, else this. */
        apic_timer_arm(machine_now() + SHADOW_NS * (1 + SHADOW_LOOKS - vcpu->shadow_looks));
        return true;
    }
    bool ready = ((vcpu->vmcb->save.rflags & RFLAGS_IF) != 0 ||
                  (vector == 0 && gate_nmi_waits(vcpu->domain, vcpu->id))) &&
                 !shadow && (control->event_inject & EVENT_VALID) == 0;
    if (ready && vector == 0) vector = gate_interrupt_accept(vcpu->domain, vcpu->id);
    if (ready && vector == VECTOR_NMI)
        control->event_inject = VECTOR_NMI | EVENT_NMI | EVENT_VALID;
    else if (!ready || vector > 0)
        offer(control, ready ? (uint8_t)vector : 0);
    return ready && gate_interrupt_waits(vcpu->domain, vcpu->id);
}
