/* SPDX-License-Identifier: Apache-2.0 */
/* Events of tiny guests. Pending bits are taken by event_wait() itself; the upcall only ends its
 * HLT, so that nothing runs beside guest_main(). Interrupts are enabled inside event_wait() alone.
 */
#include "tests/guest/guest.h"

#include <xen/xen.h>

#include <xen/event_channel.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>

#define UPCALL_VECTOR 0xf3u
#define CALLBACK_IS_VECTOR (2ull << 56)
#define GATE_PRESENT_INTERRUPT 0x8e00u
#define CODE_SELECTOR 8u

struct gate {
    uint16_t offset_low, selector, type, offset_middle;
    uint32_t offset_high, reserved;
};
_Static_assert(sizeof(struct gate) == 16, "AMD64 manual volume 2, 8.2");

struct interrupt_frame;

static struct gate gates[256];
static shared_info_t *shared;

__attribute__((interrupt)) static void upcall(struct interrupt_frame *frame) {
    (void)frame;
    shared->vcpu_info[0].evtchn_upcall_pending = 0;
}

static void set_gate(void) {
    uint64_t entry = (uint64_t)upcall;
    struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) pointer = {sizeof(gates) - 1, (uint64_t)gates};

    gates[UPCALL_VECTOR] = (struct gate){.offset_low = (uint16_t)entry,
                                         .selector = CODE_SELECTOR,
                                         .type = GATE_PRESENT_INTERRUPT,
                                         .offset_middle = (uint16_t)(entry >> 16),
                                         .offset_high = (uint32_t)(entry >> 32)};
    __asm__ volatile("lidt %0" : : "m"(pointer));
}

int64_t events_start(void) {
    uint64_t address = guest_free_address();
    struct xen_add_to_physmap place = {
        .domid = DOMID_SELF, .space = XENMAPSPACE_shared_info, .gpfn = address / PAGE_BYTES};
    struct xen_hvm_param callback = {.domid = DOMID_SELF,
                                     .index = HVM_PARAM_CALLBACK_IRQ,
                                     .value = CALLBACK_IS_VECTOR | UPCALL_VECTOR};
    int64_t result =
        hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, (uint64_t)&place, 0, 0);

    if (result != 0) return result;
    shared = (shared_info_t *)address;
    for (uint32_t word = 0; word < 64; word++)
        shared->evtchn_mask[word] = 0; /* no port is open yet */
    set_gate();
    return hypercall(__HYPERVISOR_hvm_op, HVMOP_set_param, (uint64_t)&callback, 0, 0);
}

int64_t event_offer(uint16_t domain) {
    struct evtchn_alloc_unbound offer = {.dom = DOMID_SELF, .remote_dom = domain};
    int64_t result =
        hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, (uint64_t)&offer, 0, 0);

    return result == 0 ? (int64_t)offer.port : result;
}

int64_t event_bind(uint16_t domain, uint32_t port) {
    struct evtchn_bind_interdomain bind = {.remote_dom = domain, .remote_port = port};
    int64_t result =
        hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_interdomain, (uint64_t)&bind, 0, 0);

    return result == 0 ? (int64_t)bind.local_port : result;
}

int64_t event_send(uint32_t port) {
    struct evtchn_send send = {.port = port};

    return hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, (uint64_t)&send, 0, 0);
}

static bool take(uint32_t word, uint32_t bit) {
    unsigned long mask = 1ul << bit;

    return (__atomic_fetch_and(&shared->evtchn_pending[word], ~mask, __ATOMIC_ACQ_REL) & mask) != 0;
}

bool event_taken(uint32_t port) { return take(port / 64, port % 64); }

static uint32_t take_any(void) {
    uint64_t words =
        __atomic_exchange_n(&shared->vcpu_info[0].evtchn_pending_sel, 0, __ATOMIC_ACQ_REL);
    uint32_t word;
    uint32_t bit;

    for (word = 0; word < 64; word++) {
        for (bit = 0; (words >> word & 1) != 0 && bit < 64; bit++) {
            if (take(word, bit)) {
                /* others may wait in the words that were taken off */
                (void)__atomic_fetch_or(&shared->vcpu_info[0].evtchn_pending_sel, words,
                                        __ATOMIC_ACQ_REL);
                return word * 64 + bit;
            }
        }
    }
    return 0;
}

uint32_t event_wait(void) {
    uint32_t port = take_any();

    while (port == 0) {
        __asm__ volatile("sti; hlt; cli" : : : "memory");
        port = take_any();
    }
    return port;
}
