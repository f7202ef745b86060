/* SPDX-License-Identifier: Apache-2.0 */
/* A tenant that wakes and is woken as often as it can: timers in the past and in the next moment,
 * polls that are over before they begin, events to itself and between its vCPUs, interrupts by the
 * local APIC, yields. */
#include "tests/guest/guest.h"

#include <xen/xen.h>

#include <xen/sched.h>
#include <xen/vcpu.h>

#define STORMS 1000u
#define IPI_VECTOR 0x40u /* nobody waits for it: interrupts stay off, and it stays pending */
#define ICR_OTHERS (3ull << 18)

static volatile bool second_runs, stop;

static int64_t set_timer(uint64_t deadline) {
    return hypercall(__HYPERVISOR_set_timer_op, deadline, 0, 0, 0);
}

static int64_t poll(uint64_t deadline) {
    struct sched_poll wait = {.timeout = deadline};

    return hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, (uint64_t)&wait, 0, 0);
}

static void second(void) {
    second_runs = true;
    while (!stop) {
        vcpu_command(ICR_OTHERS | IPI_VECTOR);
        (void)hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0);
        (void)poll(guest_now() + 1000);
    }
    for (;;) (void)poll(0);
}

void guest_main(void) {
    uint16_t self = (uint16_t)guest_option("self", 0);
    uint64_t before;
    int64_t refused = 0;

    if (events_start() != 0) guest_fail("no shared_info");
    vcpu_start(1, second);
    before = guest_now();
    for (uint32_t i = 0; i < STORMS; i++) {
        uint64_t now = guest_now();

        if (now < before) guest_fail("time went back");
        before = now;
        refused |= set_timer(1);
        refused |= set_timer(now + i % 7 * 1000);
        refused |= poll(now - 1);
        refused |= poll(now + 5000);
        refused |= hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0);
        vcpu_command(ICR_OTHERS | IPI_VECTOR);
        vcpu_command((uint64_t)self << 32 | IPI_VECTOR);
        guest_report()->progress++;
    }
    stop = true;
    if (refused != 0) guest_fail("a call of its own was refused");
    if (!second_runs) guest_fail("the second vCPU did not start");
    guest_pass();
}
