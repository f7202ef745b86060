/* SPDX-License-Identifier: Apache-2.0 */
/* Events for the guest, at most one an entry (AMD manual volume 2, 15.20 and 15.21). First what an
 * exit cut short or an instruction raised; then the event channel upcall, level-triggered on the
 * byte in vcpu_info and without EOI, as Xen's callback vector is; then the local APIC. */
#include "hv/x86/vcpu.h"

void inject_again(struct machine_vcpu *vcpu) {
    struct vmcb_control *control = &vcpu->vmcb->control;
    uint64_t event = control->exit_interrupt_info;
    uint64_t vector = event & EVENT_VECTOR;

    /* RIP is still at INT n, INT3 or INTO: the instruction is executed again. Injecting it would
     * push its own address instead of the next one's. */
    if ((event & EVENT_TYPE) == EVENT_SOFTWARE) return;
    if ((event & EVENT_TYPE) == EVENT_EXCEPTION && (vector == VECTOR_BP || vector == VECTOR_OF))
        return;
    control->event_inject = event;
}

/* While it is open VMEXIT_VINTR comes as soon as the guest can take an interrupt. */
static void set_window(struct vmcb_control *control, bool open) {
    uint64_t window = VIRTUAL_IRQ | VIRTUAL_PRIORITY | VIRTUAL_IGNORE_TPR;

    control->virtual_interrupt = (control->virtual_interrupt & ~window) | (open ? window : 0);
    control->intercept_1 &= ~INTERCEPT(VMEXIT_VINTR);
    if (open) control->intercept_1 |= INTERCEPT(VMEXIT_VINTR);
}

bool inject_prepare(struct machine_vcpu *vcpu) {
    struct vmcb *vmcb = vcpu->vmcb;
    struct vmcb_control *control = &vmcb->control;
    int vector = upcall_waits(vcpu) ? gate_callback_vector(vcpu->domain, vcpu->id) : 0;

    bool waits = vector != 0 || gate_interrupt_waits(vcpu->domain, vcpu->id);
    bool ready = (control->event_inject & EVENT_VALID) == 0 &&
                 (vmcb->save.rflags & RFLAGS_IF) != 0 && (control->interrupt_shadow & 1u) == 0;

    set_window(control, waits && !ready);
    if (!waits || !ready) return waits;
    if (vector == 0) vector = gate_interrupt_accept(vcpu->domain, vcpu->id);
    if (vector > 0) control->event_inject = (unsigned)vector | EVENT_VALID;
    return gate_interrupt_waits(vcpu->domain, vcpu->id);
}
