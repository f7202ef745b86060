/* SPDX-License-Identifier: Apache-2.0 */
/* What the pure core asks of the machine: implemented by hv/x86, and by tests/host/machine.c for
 * the host. Together with effects.h this is the whole trusted boundary below the core. Everything
 * is called under the gate's lock unless said. */
#ifndef CORDON_CORE_MACHINE_H
#define CORDON_CORE_MACHINE_H

#include "grants/grants.h"

/* Nanoseconds since boot; monotonic over all CPUs. No lock needed. */
uint64_t machine_now(void);
uint32_t machine_tsc_khz(void);
/* tsc -> ns as pvclock has it: ns = ((tsc << shift, or >> -shift) * mul) >> 32. */
void machine_tsc_scale(uint32_t *mul, int8_t *shift);

void machine_apply(const struct effects *effects);
/* Applies the list and empties it. */
static inline void machine_apply_all(struct effects *effects) {
    machine_apply(effects);
    effects->count = 0;
}

/* Epoch that an unmap made now belongs to: a frame disowned at epoch E may be reused once every CPU
 * has left guest mode since E (hv/x86 then calls gate_flushed). */
uint32_t machine_flush_epoch(void);

/* One bounded copy from guest-virtual memory of a vCPU that is on this CPU; false on any fault, and
 * then nothing may be concluded from `to`. At most 4096 bytes. */
bool machine_guest_read(domain_id domain, vcpu_id vcpu, uint64_t address, void *to, uint32_t bytes);

/* A place in guest memory for results: at most two frames, checked writable in the guest's page
 * tables and in the guest-physical map. Stays valid while the lock is held. */
struct guest_place {
    struct mfn mfn[2];
    uint16_t offset; /* within mfn[0] */
    uint16_t first;  /* bytes in mfn[0] */
    uint16_t second; /* bytes in mfn[1] */
};
bool machine_guest_place(domain_id domain, vcpu_id vcpu, uint64_t address, uint32_t bytes,
                         struct guest_place *place);
/* Both for as many bytes as the place was looked up for; read returns false for another number. */
bool machine_place_read(const struct guest_place *place, void *to, uint32_t bytes);
void machine_place_write(const struct guest_place *place, const void *from, uint32_t bytes);
/* Guest-virtual to guest-physical of a mapped byte; false if unmapped. */
bool machine_guest_translate(domain_id domain, vcpu_id vcpu, uint64_t address, uint64_t *physical);

/* Machine frames by number, within one page. */
void machine_frame_write(struct mfn mfn, uint32_t offset, const void *from, uint32_t bytes);
void machine_frame_zero(struct mfn mfn); /* no lock needed */

/* Atomically: read version 1 entry `index` of the shared grant frame, check that it permits access
 * to `mapper` (GTF_permit_access, domid, no GTF_readonly if write), set GTF_reading (and
 * GTF_writing). *granted: the frame that it names, by the granter's map. REASON_INVALID: it does
 * not permit. Bounded retries: REASON_BUSY. */
enum reason machine_grant_pin(struct mfn shared, uint32_t index, uint16_t mapper, bool write,
                              struct gfn *granted);
/* The same check without setting anything, for a copy. */
enum reason machine_grant_peek(struct mfn shared, uint32_t index, uint16_t mapper, bool write,
                               struct gfn *granted);

/* Guest-visible event bits. */
bool machine_port_pending(domain_id domain, port_id port);
bool machine_upcall_pending(domain_id domain, vcpu_id vcpu);
bool machine_upcall_due(domain_id domain, vcpu_id vcpu); /* that, and the guest takes interrupts */
/* The CPU must ask what it runs next; MAX_CPUS is none. */
void machine_kick(uint32_t cpu);
/* Clears evtchn_upcall_mask (SCHEDOP_block). */
void machine_upcall_enable(domain_id domain, vcpu_id vcpu);

/* vCPU 0's start state of the PVH ABI: flat 32-bit protected mode, paging off. */
void machine_vcpu_start_pvh(domain_id domain, vcpu_id vcpu, uint32_t rip, uint32_t rbx);

/* CPUID of the CPU, unmasked. */
struct cpuid_result {
    uint32_t eax, ebx, ecx, edx;
};
struct cpuid_result machine_cpuid(uint32_t leaf, uint32_t subleaf);
uint32_t machine_cpus(void);
uint64_t machine_guest_cpus(void); /* a bit for each CPU that may run guests, the last one always */
/* Bytes of an XSAVE (or FXSAVE) area; frames needed to hold it. */
uint32_t machine_xsave_frames(void);

/* The serial line. Queued; false if the queue has no room for all of it. */
bool machine_console_write(const char *text, uint32_t bytes);
uint32_t machine_console_read(char *text, uint32_t bytes);

#endif
