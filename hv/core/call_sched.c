/* SPDX-License-Identifier: Apache-2.0 */
/* sched_op, vcpu_op and set_timer_op: a vCPU's time, and the end of a domain by its own hand. */
#include "hv/abi/shared_info.h"
#include "hv/core/frame.h"
#include "hv/core/guest_map.h"
#include "hv/core/life.h"
#include "hv/core/platform.h"
#include "hv/core/request.h"
#include "hv/core/sched.h"

#define POLL_PORTS_MAX 128u
#define NS_PER_SECOND 1000000000u

enum reason step_sched_yield(struct request *r) {
    sched_give_way(r->caller, r->vcpu);
    r->reschedule = true;
    return REASON_OK;
}

/* Enables events and waits for one, atomically: nothing is lost, since events are raised under the
 * lock that is held here. */
enum reason step_sched_block(struct request *r) {
    machine_upcall_enable(r->caller, r->vcpu);
    if (!machine_upcall_pending(r->caller, r->vcpu)) {
        (void)sched_stop(r->caller, r->vcpu, VCPU_BLOCKED);
        r->reschedule = true;
    }
    return REASON_OK;
}

static enum reason shut_down(struct request *r, uint32_t code) {
    life_shutdown(r->caller, (uint8_t)code, r->effects);
    if (code == SHUTDOWN_POWEROFF && (r->granted & 2u) != 0)
        (void)effects_add(r->effects, EFFECT_POWER_OFF, DOMAIN_NONE);
    else if (code == SHUTDOWN_REBOOT && (r->granted & 4u) != 0)
        (void)effects_add(r->effects, EFFECT_RESET, DOMAIN_NONE);
    r->reschedule = true;
    return REASON_OK;
}

enum reason step_sched_shutdown(struct request *r) {
    if (r->in.shutdown.reason > 0xfeu) return REASON_INVALID;
    return shut_down(r, r->in.shutdown.reason);
}

enum reason step_acpi_sleep(struct request *r) {
    if ((r->reg[0] & ACPI_SLEEP_ENABLE) == 0 || (r->reg[0] >> 2 & 7u) != ACPI_SLEEP_S5)
        return REASON_INVALID;
    return shut_down(r, SHUTDOWN_POWEROFF);
}

enum reason step_sched_shutdown_code(struct request *r) {
    domains[r->caller].shutdown_code = (uint8_t)r->in.shutdown.reason;
    return REASON_OK;
}

enum reason step_sched_remote_shutdown(struct request *r) {
    if (r->in.remote_shutdown.reason > 0xfeu) return REASON_INVALID;
    life_shutdown(r->target, (uint8_t)r->in.remote_shutdown.reason, r->effects);
    r->reschedule = r->target == r->caller;
    return REASON_OK;
}

/* One for each domain, number 1; asked for as 0 it is a new one. */
enum reason step_sched_watchdog(struct request *r) {
    const struct arg_sched_watchdog *in = &r->in.watchdog;
    uint64_t wait = (uint64_t)in->timeout * NS_PER_SECOND;
    bool runs = domains[r->caller].watchdog != 0;

    if (in->id > 1 || (in->id == 0 ? wait == 0 : !runs)) return REASON_INVALID;
    if (in->id == 0 && runs) return REASON_NO_SPACE;

    watchdog_set(r->caller, wait == 0 ? 0 : machine_now() + wait);
    r->result = in->id == 0;
    r->reschedule = true; /* the CPU's own deadline may have moved */
    return REASON_OK;
}

enum reason step_sched_poll(struct request *r) {
    const struct arg_sched_poll *in = &r->in.poll;
    uint32_t port = 0;

    if (in->nr_ports > POLL_PORTS_MAX) return REASON_INVALID;
    for (uint32_t i = 0; i < in->nr_ports; i++) {
        if (!request_read(r, in->ports + 4ull * i, &port, sizeof(port))) return REASON_FAULT;
        if (port >= MAX_PORTS) return REASON_INVALID;
        if (machine_port_pending(r->caller, port)) return REASON_OK;
    }
    if (in->timeout != 0 && in->timeout <= machine_now()) return REASON_OK;
    if (machine_upcall_due(r->caller, r->vcpu)) return REASON_OK;

    if (in->timeout != 0)
        effects_kick(r->effects, timer_set(r->caller, r->vcpu, TIMER_POLL, in->timeout));
    vcpus[r->caller][r->vcpu].poll_port = in->nr_ports == 1 ? port : 0;
    (void)sched_stop(r->caller, r->vcpu, VCPU_POLLING);
    r->reschedule = true;
    return REASON_OK;
}

/* --- vcpu_op: the vCPU is named by register 1 ----------------------------------------------- */

static enum reason vcpu_exists(const struct request *r) {
    return r->reg[1] < domains[r->caller].vcpus ? REASON_OK : REASON_NO_ENTRY;
}

enum reason step_vcpu_up(struct request *r) {
    vcpu_id vcpu = (vcpu_id)r->reg[1];

    if (vcpu_exists(r) != REASON_OK) return REASON_NO_ENTRY;
    if (!vcpus[r->caller][vcpu].initialised) return REASON_INVALID;
    if (vcpus[r->caller][vcpu].state == VCPU_DOWN)
        effects_kick(r->effects, sched_wake(r->caller, vcpu));
    return REASON_OK;
}

enum reason step_vcpu_down(struct request *r) {
    vcpu_id vcpu = (vcpu_id)r->reg[1];

    if (vcpu_exists(r) != REASON_OK) return REASON_NO_ENTRY;
    effects_kick(r->effects, sched_stop(r->caller, vcpu, VCPU_DOWN));
    r->reschedule = true;
    return REASON_OK;
}

enum reason step_vcpu_is_up(struct request *r) {
    if (vcpu_exists(r) != REASON_OK) return REASON_NO_ENTRY;
    return request_answer(r, vcpus[r->caller][r->reg[1]].state != VCPU_DOWN);
}

enum reason step_vcpu_runstate(struct request *r) {
    vcpu_id vcpu = (vcpu_id)r->reg[1];
    uint64_t now = machine_now();

    if (vcpu_exists(r) != REASON_OK) return REASON_NO_ENTRY;
    uint64_t ran = sched_cpu_time(r->caller, vcpu, now);
    r->in.runstate =
        (struct arg_vcpu_runstate){.state = vcpus[r->caller][vcpu].state == VCPU_RUNNING ? 0 : 2,
                                   .state_entry_time = vcpus[r->caller][vcpu].runstate_entry,
                                   .time = {ran, 0, now > ran ? now - ran : 0, 0}};
    return REASON_OK;
}

/* Accepted and not written: the guest sees no stolen time, which Linux does without. */
enum reason step_vcpu_register_runstate(struct request *r) { return vcpu_exists(r); }

enum reason step_vcpu_stop_periodic(struct request *r) { return vcpu_exists(r); }

static enum reason set_timer(struct request *r, vcpu_id vcpu, uint64_t deadline) {
    effects_kick(r->effects, timer_set(r->caller, vcpu, TIMER_SINGLESHOT, deadline));
    r->reschedule = true; /* the CPU's own deadline may have moved */
    return REASON_OK;
}

enum reason step_vcpu_set_singleshot(struct request *r) {
    const struct arg_vcpu_set_timer *in = &r->in.vcpu_timer;
    vcpu_id vcpu = (vcpu_id)r->reg[1];

    if (vcpu_exists(r) != REASON_OK) return REASON_NO_ENTRY;
    if ((in->flags & VCPU_SSHOTTMR_FUTURE) != 0 && in->timeout_abs_ns <= machine_now())
        return REASON_TIME;
    return set_timer(r, vcpu, in->timeout_abs_ns);
}

enum reason step_vcpu_stop_singleshot(struct request *r) {
    if (vcpu_exists(r) != REASON_OK) return REASON_NO_ENTRY;
    timer_stop(r->caller, (vcpu_id)r->reg[1], TIMER_SINGLESHOT);
    return REASON_OK;
}

enum reason step_set_timer(struct request *r) {
    if (r->reg[0] == 0) {
        timer_stop(r->caller, r->vcpu, TIMER_SINGLESHOT);
        return REASON_OK;
    }
    return set_timer(r, r->vcpu, r->reg[0]);
}

enum reason step_vcpu_register_info(struct request *r) {
    const struct arg_vcpu_register_info *in = &r->in.vcpu_info;
    vcpu_id vcpu = (vcpu_id)r->reg[1];

    if (vcpu_exists(r) != REASON_OK) return REASON_NO_ENTRY;
    if (in->offset > PAGE_SIZE - sizeof(struct guest_vcpu_info) || in->offset % 8 != 0)
        return REASON_INVALID;
    if (vcpus[r->caller][vcpu].info_registered) return REASON_INVALID;
    struct guest_entry entry = guest_map_read(r->caller, (struct gfn){in->mfn});
    if (entry.kind != MAP_RAM || frame_reference(entry.mfn) != REASON_OK) return REASON_INVALID;

    vcpus[r->caller][vcpu].info_registered = true;
    vcpus[r->caller][vcpu].info_mfn = entry.mfn;
    struct effect *effect = effects_add(r->effects, EFFECT_VCPU_INFO, r->caller);
    effect->vcpu = vcpu;
    effect->mfn = entry.mfn;
    effect->offset = (uint16_t)in->offset;
    return REASON_OK;
}

enum reason step_vcpu_physid(struct request *r) {
    (void)r;
    return REASON_UNSUPPORTED; /* where a vCPU runs is the hypervisor's business */
}

/* The secondary time area: filled once, since the clock's scale never changes. Not remembered. */
enum reason step_vcpu_register_time(struct request *r) {
    uint64_t physical;
    vcpu_id vcpu = (vcpu_id)r->reg[1];

    if (vcpu_exists(r) != REASON_OK) return REASON_NO_ENTRY;
    if (!machine_guest_translate(r->caller, r->vcpu, r->in.vcpu_address.address, &physical))
        return REASON_FAULT;
    struct guest_entry entry = guest_map_read(r->caller, (struct gfn){physical / PAGE_SIZE});
    if (entry.kind != MAP_RAM || physical % PAGE_SIZE > PAGE_SIZE - sizeof(struct guest_time_info))
        return REASON_INVALID;

    struct effect *effect = effects_add(r->effects, EFFECT_VCPU_TIME, r->caller);
    effect->vcpu = vcpu;
    effect->mfn = entry.mfn;
    effect->offset = (uint16_t)(physical % PAGE_SIZE);
    return REASON_OK;
}
