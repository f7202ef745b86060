/* SPDX-License-Identifier: Apache-2.0 */
/* Stale translations: who may still hold them, and when a frame may be reused.
 *
 * Each CPU publishes a mark: "in guest mode for domain D, which I entered when D's epoch was E".
 * Each domain has an epoch, which every change that makes translations stale counts up. A CPU is
 * stale if its mark's epoch is not the domain's.
 *
 *   unmapping CPU, under the lock       entering CPU
 *   1 clears the entry                  a stores its mark with D's epoch   (locked instruction)
 *   2 counts D's epoch up  (locked)     b reads D's epoch again; not equal: back to a
 *   3 counts the flush epoch up         c epoch differs from the vCPU's: takes a fresh ASID
 *   4 unlocked: reads the marks,        d VMRUN
 *     kicks stale CPUs, waits
 *   5 gate_flushed(flush epoch)
 *
 * Why a frame cannot be reached once step 5 is past: let CPU C enter D. Either C's b comes after 2:
 * then C runs with an ASID that no translation carries yet, and whatever it fetches comes from
 * tables in which 1 is done. Or b comes before 2; then a does too, and since 2 and a are locked
 * instructions, step 4 sees C's mark (or a later one) and waits until C has replaced it. C replaces
 * it only outside guest mode. While a CPU handles an exit its mark stays: it counts as in guest
 * mode, which errs to the safe side and keeps what it found in guest memory from being reused. It
 * goes back into the guest without a look at the epoch: the kick of step 4 ends guest mode, or is
 * pending at VMRUN and ends it at once, or was taken before and left `reschedule` set; each leads
 * out of the loop in run.c and to a new mark.
 *
 * ASIDs belong to one CPU and are not reused before the counter wraps; then a VMRUN flushes the
 * whole TLB. A vCPU that ran elsewhere takes a fresh one: what it left here may be older than an
 * epoch it has met meanwhile. QEMU's TCG flushes at each VMRUN: no test there can find a mistake
 * here. */
#ifndef CORDON_X86_TLB_H
#define CORDON_X86_TLB_H

#include "hv/x86/vcpu.h"

/* Steps a to c. VMRUN must follow, since it may have to flush. */
void tlb_enter(struct cpu *cpu, struct machine_vcpu *vcpu);
/* This CPU is in the hypervisor, and done with the vCPU. */
void tlb_leave(struct cpu *cpu);
/* VMRUN refused the VMCB, so that a flush it was told to do may not have happened. */
void tlb_distrust(struct cpu *cpu);
/* The vCPU's own doing made its translations stale (EFER, PAT). */
void tlb_forget(struct machine_vcpu *vcpu);

/* The domain's epoch, under the lock: what is known of its map holds until it changes. */
extern uint64_t tlb_domain_epochs[MAX_DOMAINS];

/* Steps 2 and 3, for machine_apply(). */
void tlb_domain_stale(domain_id domain);
void tlb_effects_done(struct cpu *cpu);
/* Steps 4 and 5, without the lock. Leaves the mark. */
void tlb_wait(struct cpu *cpu);

#endif
