/* SPDX-License-Identifier: Apache-2.0 */
/* The gate: the only way from the machine layer into the core. Each function takes the gate's lock
 * itself unless said, and applies the effects before it lets go. hv/x86 includes no other header of
 * a state machine. */
#ifndef CORDON_CORE_GATE_H
#define CORDON_CORE_GATE_H

#include "hv/abi/types.h"
#include "hv/core/boot.h"
#include "hv/core/machine.h"

/* What the machine does with the vCPU after a request. */
enum gate_next {
    GATE_RESUME,     /* enter the guest again */
    GATE_RESCHEDULE, /* the vCPU may have to give way: gate_schedule() */
    GATE_REPEAT,     /* re-execute the request after pending interrupts: it goes on */
    GATE_CONTINUE,   /* the same after background work too: it waits for some */
};

struct hypercall {
    uint64_t number;      /* RAX */
    uint64_t argument[5]; /* RDI, RSI, RDX, R10, R8: updated when it continues */
    uint64_t result;      /* to RAX, where the request is not executed again */
};
enum gate_next gate_hypercall(domain_id domain, vcpu_id vcpu, struct hypercall *call);

/* I/O port access of `size` 1, 2 or 4 bytes. *value: in for OUT, out for IN. */
enum gate_next gate_port_write(domain_id domain, vcpu_id vcpu, uint16_t port, uint8_t size,
                               uint32_t value);
uint32_t gate_port_read(uint16_t port, uint8_t size); /* a table; takes no lock, changes nothing */

/* MSRs that are not state of the VMCB. False: inject #GP. *next as above. */
bool gate_msr_read(domain_id domain, vcpu_id vcpu, uint32_t msr, uint64_t *value);
bool gate_msr_write(domain_id domain, vcpu_id vcpu, uint32_t msr, uint64_t value,
                    enum gate_next *next);

/* The guest's CPUID; osxsave and the vCPU's XCR0 are the machine's business. No lock. */
struct cpuid_result gate_cpuid(domain_id domain, vcpu_id vcpu, uint32_t leaf, uint32_t subleaf);

/* HLT; `interruptible`: RFLAGS.IF. All vCPUs halted for good is a shutdown. */
enum gate_next gate_halt(domain_id domain, vcpu_id vcpu, bool interruptible);

/* Vector to inject now, or -1. Moves it into service. Called without the lock being held when
 * gate_interrupt_waits() says so; the event upcall is tested by the machine itself. */
bool gate_interrupt_waits(domain_id domain, vcpu_id vcpu); /* no lock; a hint */
bool gate_nmi_waits(domain_id domain, vcpu_id vcpu);       /* vector 2 is among them; the same */
int gate_interrupt_accept(domain_id domain, vcpu_id vcpu);
/* Vector of the event upcall (HVM_PARAM_CALLBACK_IRQ, or per vCPU), or 0. No lock. */
uint8_t gate_callback_vector(domain_id domain);

/* The guest did what nothing handles: it ends, alone, with a record. */
enum crash_cause {
    CRASH_TRIPLE_FAULT = 1, /* detail: RIP, its low half */
    CRASH_NESTED_FAULT,     /* detail: guest-physical address / 4096 */
    CRASH_UNHANDLED_EXIT,   /* detail: exit code */
    CRASH_BAD_STATE,        /* VMRUN refused its state */
};
void gate_crash(domain_id domain, vcpu_id vcpu, enum crash_cause cause, uint64_t detail);

/* What this CPU does next. The vCPU that ran, if any, was left by the machine before the call. */
struct schedule {
    bool idle;
    domain_id domain;
    vcpu_id vcpu;
    uint64_t deadline; /* ns: next timer or end of slice; UINT64_MAX if none */
};
void gate_schedule(uint32_t cpu, struct schedule *out);

/* Event sources of the machine and effects that touch the scheduler. */
void gate_console_input(void); /* characters wait: VIRQ_CONSOLE */
/* For machine_apply() only, under the lock: the vCPU's upcall was raised; the port became pending.
 */
void gate_wake(domain_id domain, vcpu_id vcpu);
void gate_wake_pollers(domain_id domain, port_id port);
/* For machine_apply() only, under the lock: one page for a nested page table. Reserved by the step,
 * so it cannot fail. And back. */
struct mfn gate_table_take(domain_id domain);
void gate_table_give(domain_id domain, struct mfn mfn);

/* Every CPU left guest mode since `epoch`: frames that left before it may be zeroed, as background
 * work. */
void gate_flushed(uint32_t epoch);
/* A bounded piece of background work by this CPU, outside the lock where it is long: zeroing
 * frames, ending domains, printing the log. True if more waits. */
bool gate_background(void);

/* Boot: takes the machine's description, starts every module, builds the first domain. NULL, or one
 * line that says what is wrong and what to do: the machine then stops. */
const char *gate_start(const struct boot_info *boot);

#endif
