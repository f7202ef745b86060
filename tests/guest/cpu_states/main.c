/* SPDX-License-Identifier: Apache-2.0 */
/* A tenant that plays with what a machine is switched on and off by: the sleep register with every
 * value but the one that powers off, INIT and SIPI in every order and to wherever, vCPUs that go
 * down and come up, interrupts of every kind of delivery. Its second vCPU runs in whatever state
 * comes of it, in memory that holds no code. */
#include "tests/guest/guest.h"

#include <xen/xen.h>

#include <xen/vcpu.h>

#define PORT_SLEEP 0xb008u
#define PORT_STATUS 0xb009u
#define POWER_OFF (5u << 2 | 0x20u) /* \_S5, and to go there */
#define TYPE_S5(value) (((value) >> 2 & 7u) == 5)
#define ROUNDS 100u
#define ICR_INIT 0x4500u
#define ICR_STARTUP 0x600u
#define EMPTY_PAGE                                                                                 \
    0x20u /* zeros: ADD [BX + SI], AL in real mode, until the segment's end and on                 \
           */

static volatile uint32_t started;

static void write_port(uint16_t port, uint32_t value) {
    __asm__ volatile("outb %b0, %1" : : "a"(value), "Nd"(port));
    __asm__ volatile("outw %w0, %1" : : "a"(value << 8), "Nd"(port));
    __asm__ volatile("outl %0, %1" : : "a"(value << 16), "Nd"(port));
}

static void second(void) {
    started++;
    for (;;) __asm__ volatile("pause");
}

static int64_t vcpu_op(uint32_t command, uint32_t vcpu) {
    return hypercall(__HYPERVISOR_vcpu_op, command, vcpu, 0, 0);
}

/* The commands of one round, in an order that differs from round to round. */
static void play(uint32_t round) {
    uint64_t to = (uint64_t)(round % 5) << 32; /* also to vCPUs that there are not */

    if (to == 0) to = (uint64_t)VCPU_APIC_ID(1) << 32; /* this one has to go on */
    for (uint32_t i = 0; i < 4; i++) {
        switch (round >> 2 * i & 3u) {
        case 0: vcpu_command(to | ICR_INIT); break;
        case 1: vcpu_command(to | ICR_STARTUP | EMPTY_PAGE); break;
        case 2: vcpu_command(to | (uint64_t)(round % 8) << 8 | 0x55u); break;
        default: (void)vcpu_op(round % 2 == 0 ? VCPUOP_down : VCPUOP_up, 1);
        }
    }
}

void guest_main(void) {
    uint64_t numbers[1];

    for (uint32_t value = 0; value < 256; value++) {
        write_port(PORT_STATUS, value);
        if (!TYPE_S5(value)) write_port(PORT_SLEEP, value);
    }
    for (uint32_t round = 0; round < ROUNDS; round++) {
        play(round);
        if (round % 16 == 0) vcpu_start(1, second);
        guest_report()->progress++;
    }
    numbers[0] = started;
    guest_say_numbers("the second vCPU came up", numbers, 1);
    if (started == 0) guest_fail("it never did");
    guest_pass();
}
