/* SPDX-License-Identifier: Apache-2.0 */
/* The debug image: the hypervisor with the invariant checker of the host tests (tests/gate/). No
 * source of the hypervisor knows of it: the linker puts it in front of six functions (ld --wrap),
 * so that the image proper is the same without it. It checks at each `i` among the debug keys,
 * before the machine powers off, and every so many hypercalls. It also tells where a guest crashed.
 */
#include <stdint.h>

#include "hv/core/frame.h"
#include "hv/core/gate.h"
#include "hv/core/guest_map.h"
#include "hv/core/lock.h"
#include "hv/core/log.h"
#include "hv/core/text.h"
#include "hv/x86/paging.h"
#include "hv/x86/serial.h"
#include "hv/x86/stop.h"
#include "hv/x86/vcpu.h"
#include "tests/gate/invariant.h"

#define CHECK_EVERY 20000u

void __real_frames_start(struct frame *table, struct frame_chunk *chunks, uint64_t count);
void __wrap_frames_start(struct frame *table, struct frame_chunk *chunks, uint64_t count);
void __real_debug_key(char key);
void __wrap_debug_key(char key);
enum gate_next __real_gate_hypercall(domain_id domain, vcpu_id vcpu, struct hypercall *call);
enum gate_next __wrap_gate_hypercall(domain_id domain, vcpu_id vcpu, struct hypercall *call);
void __real_gate_schedule(uint32_t cpu, struct schedule *out);
void __wrap_gate_schedule(uint32_t cpu, struct schedule *out);
void __real_gate_crash(domain_id domain, vcpu_id vcpu, enum crash_cause cause, uint64_t detail);
void __wrap_gate_crash(domain_id domain, vcpu_id vcpu, enum crash_cause cause, uint64_t detail);
_Noreturn void __real_machine_power_off(uint8_t code);
_Noreturn void __wrap_machine_power_off(uint8_t code);
_Noreturn void __real_machine_reset(uint8_t code);
_Noreturn void __wrap_machine_reset(uint8_t code);

#define SILENCE_NS 20000000000u /* without a call: the first VM waits or spins for ever */
#define LOOK_NS 1000000000u

static uint64_t frames;
static uint64_t last_call; /* ns */
static uint64_t calls;     /* a few are lost where two CPUs count at once: it is only a pace */
static uint64_t checks;

/* How much held, and how often everything was looked at until now. */
static const char *check(void) {
    static char line[120];
    uint64_t held = world_check();

    checks++;
    (void)text_format(
        line, sizeof(line),
        "invariants: ok, %lu checked, the check is number %lu, hypercalls until now %lu", held,
        checks, calls);
    return line;
}

void invariant_frame_read(struct mfn mfn, uint32_t offset, void *to, uint32_t bytes) {
    __builtin_memcpy(to, (const uint8_t *)frame_pointer(mfn) + offset, bytes);
}

uint32_t invariant_frames(void) { return (uint32_t)frames; }

bool invariant_grants_are_left_alone(void) { return false; }

_Noreturn void invariant_broken(const char *what, uint64_t a, uint64_t b) {
    (void)stop_begin();
    line_write(true, "invariants: BROKEN: %s (%lu, %lu)", what, a, b);
    stop_panic("the hypervisor failed its own check");
}

void __wrap_frames_start(struct frame *table, struct frame_chunk *chunks, uint64_t count) {
    frames = count;
    if (count > INVARIANT_FRAMES) machine_stop("the debug image is for machines of up to 4 GiB");
    __real_frames_start(table, chunks, count);
}

/* The step of a call, so under the lock, and nothing has been changed yet. */
void __wrap_debug_key(char key) {
    if (key == 'i')
        log_line("%s", check());
    else
        __real_debug_key(key);
}

enum gate_next __wrap_gate_hypercall(domain_id domain, vcpu_id vcpu, struct hypercall *call) {
    __atomic_store_n(&last_call, machine_now(), __ATOMIC_RELAXED);
    if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) % CHECK_EVERY == 0) {
        gate_lock();
        (void)check();
        gate_unlock();
    }
    return __real_gate_hypercall(domain, vcpu, call);
}

static void last_words(const char *line) {
    (void)stop_begin();
    line_write(true, "%s", line);
}

/* Where a guest ended, for those who write guests. Without a first VM nothing else would end the
 * machine. */
void __wrap_gate_crash(domain_id domain, vcpu_id vcpu, enum crash_cause cause, uint64_t detail) {
    struct guest_entry entry = guest_map_read(domain, (struct gfn){detail});
    const struct vmcb_save *at = &machine_vcpus[domain][vcpu].vmcb->save;

    if (cause == CRASH_NESTED_FAULT)
        line_write(false, "nested fault at a place of kind %lu, order %lu, writable %lu, vCPU %lu",
                   (uint64_t)entry.kind, (uint64_t)entry.order, (uint64_t)entry.writable,
                   (uint64_t)vcpu);
    line_write(
        false, "domain %lu ends: cause %lu detail %lx rip %lx rsp %lx cr0 %lx cr3 %lx cr4 %lx",
        (uint64_t)domain, (uint64_t)cause, detail, at->rip, at->rsp, at->cr0, at->cr3, at->cr4);
    __real_gate_crash(domain, vcpu, cause, detail);
    if (domain != 0) return;
    gate_lock();
    last_words(check());
    __real_machine_power_off(EXIT_POWER_OFF);
}

/* Each CPU looks up now and then, so that a machine on which nothing happens any more ends too. */
void __wrap_gate_schedule(uint32_t cpu, struct schedule *out) {
    uint64_t now = machine_now();

    __real_gate_schedule(cpu, out);
    if (out->deadline > now + LOOK_NS) out->deadline = now + LOOK_NS;
    if (calls == 0 || now < __atomic_load_n(&last_call, __ATOMIC_RELAXED) + SILENCE_NS) return;
    line_write(false, "no call for %lu seconds", (uint64_t)(SILENCE_NS / LOOK_NS));
    gate_lock();
    last_words(check());
    __real_machine_power_off(EXIT_POWER_OFF);
}

/* Effects, so under the lock, the last of their lists. */
void __wrap_machine_power_off(uint8_t code) {
    last_words(check());
    __real_machine_power_off(code);
}

void __wrap_machine_reset(uint8_t code) {
    last_words(check());
    __real_machine_reset(code);
}
