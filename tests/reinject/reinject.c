/* SPDX-License-Identifier: Apache-2.0 */
/* A hypervisor in which nested page faults cut the delivery of events short: at each physical
 * interrupt every entry of 2 MiB of the domain that runs loses its user bit, so that the next
 * access faults, most often the push of the interrupt that is just being injected. Linked around
 * the real functions by ld's --wrap; the hypervisor's own objects are those of build/cordon. */
#include "hv/x86/npt.h"
#include "hv/x86/serial.h"
#include "hv/x86/stop.h"
#include "hv/x86/vcpu.h"

#define ENTRIES 512u

static uint64_t faults, reinjected;

bool __real_inject_prepare(struct machine_vcpu *vcpu);
bool __wrap_inject_prepare(struct machine_vcpu *vcpu);
void __real_inject_again(struct machine_vcpu *vcpu);
void __wrap_inject_again(struct machine_vcpu *vcpu);
void __real_gate_crash(domain_id domain, vcpu_id vcpu, enum crash_cause cause, uint64_t detail);
void __wrap_gate_crash(domain_id domain, vcpu_id vcpu, enum crash_cause cause, uint64_t detail);
_Noreturn void __real_machine_power_off(uint8_t code);
_Noreturn void __wrap_machine_power_off(uint8_t code);

static void take_large(uint64_t *directory) {
    for (unsigned i = 0; i < ENTRIES; i++)
        if ((directory[i] & ENTRY_LARGE) != 0)
            (void)__atomic_fetch_and(&directory[i], ~(uint64_t)ENTRY_USER, __ATOMIC_SEQ_CST);
}

bool __wrap_inject_prepare(struct machine_vcpu *vcpu) {
    uint64_t *root = frame_pointer(guest_map_roots[vcpu->domain]);

    for (unsigned i = 0; vcpu->vmcb->control.exit_code == VMEXIT_INTR && i < ENTRIES; i++)
        for (unsigned j = 0; npt_is_table(root[i]) && j < ENTRIES; j++)
            if (npt_is_table(npt_table(root[i])[j])) take_large(npt_table(npt_table(root[i])[j]));
    return __real_inject_prepare(vcpu);
}

void __wrap_inject_again(struct machine_vcpu *vcpu) {
    (void)__atomic_fetch_add(&reinjected, 1, __ATOMIC_RELAXED);
    __real_inject_again(vcpu);
}

/* True if the fault was ours: the leaf is there and lacks the bit, also where what was taken from
 * an entry of 2 MiB was handed on when the core split it. Another CPU may have given it back
 * already. */
static bool give_back(domain_id domain, uint64_t gfn) {
    unsigned order;
    uint64_t *entry = npt_find(domain, gfn, &order);

    if (gfn >= GFN_LIMIT || (*entry & ENTRY_PRESENT) == 0) return false;
    (void)__atomic_fetch_or(entry, ENTRY_USER, __ATOMIC_SEQ_CST);
    return true;
}

void __wrap_gate_crash(domain_id domain, vcpu_id vcpu, enum crash_cause cause, uint64_t detail) {
    if (cause == CRASH_NESTED_FAULT && give_back(domain, detail))
        (void)__atomic_fetch_add(&faults, 1, __ATOMIC_RELAXED);
    else
        __real_gate_crash(domain, vcpu, cause, detail);
}

_Noreturn void __wrap_machine_power_off(uint8_t code) {
    line_write(true, "Cordon: forced faults %lu, events cut short %lu", faults, reinjected);
    __real_machine_power_off(code);
}
