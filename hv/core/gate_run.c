/* SPDX-License-Identifier: Apache-2.0 */
/* The gate's other entries: scheduling, interrupts, faults and background work. None of them is a
 * request; they are consequences of what was allowed before, and SECURITY.md names them. */
#include "evtchn/evtchn.h"
#include "hv/core/audit_trail.h"
#include "hv/core/frame.h"
#include "hv/core/lapic.h"
#include "hv/core/life.h"
#include "hv/core/lock.h"
#include "hv/core/log.h"
#include "hv/core/sched.h"
#include "hv/core/start.h"

#define TIMERS_PER_HOLD 16u
#define SCRUB_PER_CALL 8u
#define EPOCH_HALF (1u << 31)
#define VIRQ_TIMER 0u
#define VIRQ_CONSOLE 2u

static struct effects effects;

static void expire_timers(uint32_t cpu, uint64_t now) {
    struct timer_due due;

    for (uint32_t i = 0; timer_next(cpu) <= now && i < TIMERS_PER_HOLD; i++) {
        timer_take_due(cpu, now, &due);
        if (due.kind[TIMER_PARK]) effects_kick(&effects, sched_unpark(due.domain, due.vcpu));
        if (due.kind[TIMER_POLL] && vcpus[due.domain][due.vcpu].state == VCPU_POLLING)
            effects_kick(&effects, sched_wake(due.domain, due.vcpu));
        if (due.kind[TIMER_SINGLESHOT])
            evtchn_raise_virq(due.domain, due.vcpu, VIRQ_TIMER, &effects);
        machine_apply_all(&effects);
    }
}

void gate_schedule(uint32_t cpu, struct schedule *out) {
    uint64_t now = machine_now();

    gate_lock();
    expire_timers(cpu, now);
    uint64_t watch = watchdog_look(now, &effects);
    if (first_domain_due(now) < watch) watch = first_domain_due(now);
    effects_kick(&effects, sched_pick(cpu, now, out));
    machine_apply_all(&effects);
    if (watch < out->deadline) out->deadline = watch;
    gate_unlock();
}

enum gate_next gate_halt(domain_id domain, vcpu_id vcpu, bool interruptible) {
    enum gate_next next = GATE_RESCHEDULE;
    uint32_t up = 0;

    gate_lock();
    if (!interruptible) {
        /* Nothing can wake it: a domain whose vCPUs all end so has powered off. */
        (void)sched_stop(domain, vcpu, VCPU_DOWN);
        for (uint32_t i = 0; i < domains[domain].vcpus; i++)
            up += vcpus[domain][i].state != VCPU_DOWN ? 1u : 0u;
        if (up == 0) {
            life_shutdown(domain, SHUTDOWN_POWEROFF, &effects);
            machine_apply_all(&effects);
        }
    } else if (machine_upcall_pending(domain, vcpu) || lapic_pending(domain, vcpu) >= 0) {
        next = GATE_RESUME;
    } else {
        (void)sched_stop(domain, vcpu, VCPU_BLOCKED);
    }
    gate_unlock();
    return next;
}

bool gate_msr_read(domain_id domain, vcpu_id vcpu, uint32_t msr, uint64_t *value) {
    gate_lock();
    bool known = lapic_read(domain, vcpu, msr, value);
    gate_unlock();
    return known;
}

bool gate_interrupt_waits(domain_id domain, vcpu_id vcpu) {
    const struct lapic *lapic = &vcpus[domain][vcpu].lapic;

    return (lapic->irr[0] | lapic->irr[1] | lapic->irr[2] | lapic->irr[3]) != 0;
}

bool gate_nmi_waits(domain_id domain, vcpu_id vcpu) { return lapic_nmi_waits(domain, vcpu); }

int gate_interrupt_accept(domain_id domain, vcpu_id vcpu) {
    gate_lock();
    int vector = lapic_accept(domain, vcpu);
    gate_unlock();
    return vector;
}

uint8_t gate_callback_vector(domain_id domain) {
    uint64_t parameter = domains[domain].parameters[0];

    return parameter >> 56 == 2 ? (uint8_t)parameter : 0;
}

void gate_crash(domain_id domain, vcpu_id vcpu, enum crash_cause cause, uint64_t detail) {
    (void)vcpu;
    gate_lock();
    if (domains[domain].state == DOMAIN_LIVE) {
        audit_event(AUDIT_DOMAIN_ENDED, DOMAIN_NONE, domain, cause, (uint32_t)detail);
        life_shutdown(domain, SHUTDOWN_CRASH, &effects);
        machine_apply_all(&effects);
    }
    gate_unlock();
}

void gate_console_input(void) {
    gate_lock();
    evtchn_raise_global_virq(VIRQ_CONSOLE, &effects);
    machine_apply_all(&effects);
    gate_unlock();
}

static void wake(domain_id domain, vcpu_id vcpu) {
    timer_stop(domain, vcpu, TIMER_POLL);
    machine_kick(sched_wake(domain, vcpu));
}

/* A poll ends with any upcall, since the guest may take interrupts meanwhile. */
void gate_wake(domain_id domain, vcpu_id vcpu) {
    const struct vcpu *v = &vcpus[domain][vcpu];

    if (v->state == VCPU_RUNNING)
        machine_kick(v->cpu);
    else if (v->state == VCPU_BLOCKED || v->state == VCPU_POLLING)
        wake(domain, vcpu);
}

/* Whatever vCPU the port notifies, and though it be masked. */
void gate_wake_pollers(domain_id domain, port_id port) {
    for (uint32_t i = 0; i < domains[domain].vcpus; i++) {
        const struct vcpu *v = &vcpus[domain][i];

        if (v->state == VCPU_POLLING && (v->poll_port == 0 || v->poll_port == port))
            wake(domain, (vcpu_id)i);
    }
}

struct mfn gate_table_take(domain_id domain) {
    domains[domain].tables++;
    return domains[domain].table_pool[--domains[domain].table_pool_count];
}

void gate_table_give(domain_id domain, struct mfn mfn) {
    domains[domain].tables--;
    frame_disown(mfn, machine_flush_epoch());
}

/* Every CPU left guest mode since this epoch. */
static uint32_t flushed_epoch;

void gate_flushed(uint32_t epoch) {
    gate_lock();
    if (epoch - flushed_epoch < EPOCH_HALF) flushed_epoch = epoch;
    gate_unlock();
}

bool gate_background(void) {
    struct mfn dirty[SCRUB_PER_CALL];

    gate_lock();
    bool more = log_pump();
    if (first_domain_go_on(&effects)) more = true;
    machine_apply_all(&effects);
    gate_unlock();

    gate_lock();
    domain_id dying = life_dying();
    if (dying != DOMAIN_NONE) {
        /* The end of one may be what another waits for. */
        if (life_destroy(dying, &effects) || domains[dying].state == DOMAIN_FREE) more = true;
        machine_apply_all(&effects);
        gate_unlock();
        gate_lock();
    }
    more = frames_flushed(flushed_epoch) || more;
    uint32_t count = frames_want_scrubbing() ? frames_scrub_take(dirty, SCRUB_PER_CALL) : 0;
    gate_unlock();

    for (uint32_t i = 0; i < count; i++) machine_frame_zero(dirty[i]);
    if (count > 0) {
        gate_lock();
        for (uint32_t i = 0; i < count; i++) frame_scrubbed(dirty[i]);
        gate_unlock();
    }
    return more || count == SCRUB_PER_CALL;
}
