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
#include <xen/sched.h>

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
static volatile bool upcalled;

__attribute__((interrupt)) static void upcall(struct interrupt_frame *frame) {
    (void)frame;
    shared->vcpu_info[0].evtchn_upcall_pending = 0;
    upcalled = true;
}

bool event_upcall(void) {
    bool came = upcalled;

    upcalled = false;
    return came;
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

int64_t event_close(uint32_t port) {
    struct evtchn_close close = {.port = port};

    return hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_close, (uint64_t)&close, 0, 0);
}

void event_mask(uint32_t port) {
    (void)__atomic_fetch_or(&shared->evtchn_mask[port / 64], 1ul << port % 64, __ATOMIC_ACQ_REL);
}

int64_t event_unmask(uint32_t port) {
    struct evtchn_unmask unmask = {.port = port};

    return hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_unmask, (uint64_t)&unmask, 0, 0);
}

void event_poll(uint32_t port) {
    evtchn_port_t polled = port;
    struct sched_poll poll = {.nr_ports = 1};

    set_xen_guest_handle(poll.ports, &polled);
    while (!event_taken(port))
        (void)hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, (uint64_t)&poll, 0, 0);
}

/* Nanoseconds since the start of the hypervisor (xen.h, struct vcpu_time_info). */
static uint64_t now(void) {
    const volatile vcpu_time_info_t *time = &shared->vcpu_info[0].time;
    uint32_t low, high;
    uint64_t ticks;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    ticks = ((uint64_t)high << 32 | low) - time->tsc_timestamp;
    ticks = time->tsc_shift < 0 ? ticks >> -time->tsc_shift : ticks << time->tsc_shift;
    return time->system_time + (uint64_t)((unsigned __int128)ticks * time->tsc_to_system_mul >> 32);
}

void event_rest(uint64_t ns) {
    struct sched_poll poll = {.timeout = now() + ns};

    (void)hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, (uint64_t)&poll, 0, 0);
}

bool event_poll_for(uint32_t port, uint64_t ns) {
    evtchn_port_t polled = port;
    struct sched_poll poll = {.nr_ports = 1, .timeout = now() + ns};

    set_xen_guest_handle(poll.ports, &polled);
    while (!event_taken(port)) {
        if (now() >= poll.timeout) return false;
        (void)hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, (uint64_t)&poll, 0, 0);
    }
    return true;
}

static bool take(uint32_t word, uint32_t bit) {
    unsigned long mask = 1ul << bit;

    return (__atomic_fetch_and(&shared->evtchn_pending[word], ~mask, __ATOMIC_ACQ_REL) & mask) != 0;
}

bool event_taken(uint32_t port) { return take(port / 64, port % 64); }

/* The upcall is raised when a word gets its first pending port, so a word that is empty must not
 * stay selected, and one that is not must. */
uint32_t event_take(void) {
    uint64_t *selector = &shared->vcpu_info[0].evtchn_pending_sel;
    uint64_t words = __atomic_exchange_n(selector, 0, __ATOMIC_ACQ_REL);

    for (; words != 0; words &= words - 1) {
        uint32_t word = (uint32_t)__builtin_ctzl(words);
        uint64_t ports = shared->evtchn_pending[word] & ~shared->evtchn_mask[word];

        if (ports == 0) continue;
        if ((ports & (ports - 1)) == 0) words &= words - 1;
        if (words != 0) (void)__atomic_fetch_or(selector, words, __ATOMIC_ACQ_REL);
        (void)take(word, (uint32_t)__builtin_ctzl(ports));
        return word * 64 + (uint32_t)__builtin_ctzl(ports);
    }
    return 0;
}

uint32_t event_wait(void) {
    uint32_t port = event_take();

    while (port == 0) {
        __asm__ volatile("sti; hlt; cli" : : : "memory");
        port = event_take();
    }
    return port;
}
