/* SPDX-License-Identifier: Apache-2.0 */
/* What each CPU does for ever: asks the gate what runs next, runs it until it must give way, or
 * waits. All of it with GIF clear; physical interrupts are taken in the windows, where no lock is
 * held. */
#include "hv/x86/apic.h"
#include "hv/x86/cpu.h"
#include "hv/x86/serial.h"
#include "hv/x86/tlb.h"

#define CONSOLE_POLL_NS 10000000u
#define DRAIN_BYTES 64u

static enum gate_next run_vcpu(struct cpu *cpu, struct machine_vcpu *vcpu) {
    uint32_t start = __atomic_exchange_n(&vcpu->start, 0, __ATOMIC_ACQUIRE);

    if (start != 0) vcpu_start_real_mode(vcpu, (uint8_t)start);
    fpu_load(vcpu);
    enum gate_next next = exits_run(vcpu);
    fpu_save(vcpu);
    tlb_leave(cpu);
    return next;
}

static void arm_timer(const struct cpu *cpu, const struct schedule *schedule) {
    apic_timer_arm(schedule->deadline);
    if (cpu->id == cpus_running - 1 && !serial_has_interrupt)
        apic_timer_arm(machine_now() + CONSOLE_POLL_NS);
}

/* One round of what is done for all: console and background work. True if more of it waits. */
static bool housekeeping(struct cpu *cpu) {
    (void)serial_drain(DRAIN_BYTES);
    if (cpu->id == cpus_running - 1 && serial_poll_input()) gate_console_input();
    bool more = gate_background();
    if (cpu->must_wait) tlb_wait(cpu);
    return more;
}

static void idle(struct cpu *cpu, const struct schedule *schedule) {
    if (housekeeping(cpu)) return;
    arm_timer(cpu, schedule);
    /* What happens from here on is pending until the instruction that waits. */
    if (!cpu->reschedule) interrupt_wait();
}

void run_loop(void) {
    struct cpu *cpu = this_cpu();
    struct schedule schedule;

    for (;;) {
        bool busy = cpu->timer_fired;

        interrupt_window();
        cpu->reschedule = false;
        cpu->timer_fired = false;
        gate_schedule(cpu->id, &schedule);
        if (cpu->must_wait) tlb_wait(cpu);
        if (schedule.idle) {
            idle(cpu, &schedule);
            continue;
        }
        arm_timer(cpu, &schedule);
        if (run_vcpu(cpu, &machine_vcpus[schedule.domain][schedule.vcpu]) == GATE_CONTINUE || busy)
            (void)housekeeping(cpu);
    }
}
