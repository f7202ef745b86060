/* SPDX-License-Identifier: Apache-2.0 */
/* What belongs to one physical CPU. GS base points to its entry while the CPU is in the hypervisor;
 * after #VMEXIT that holds again once the host's GS and TR are loaded (VMLOAD), before STGI. */
#ifndef CORDON_X86_PERCPU_H
#define CORDON_X86_PERCPU_H

#include "hv/abi/types.h"

struct cpu {
    struct cpu *self; /* at offset 0: read through GS */
    uint32_t id;      /* index into cpus[] */
    uint32_t apic_id;

    /* What keeps the CPU from entering the guest at once; `attention` is all of it in one. Written
     * by this CPU and its interrupt handlers only. */
    union {
        struct {
            volatile bool reschedule; /* kicked, or the timer fired: the gate says what runs next */
            bool must_wait;           /* counted the flush epoch up and owes step 4 of tlb.h */
            bool outside;             /* its mark says so: tlb_enter() must come before VMRUN */
            bool look;                /* the local APIC may have an interrupt for the guest */
        };
        volatile uint32_t attention;
    };
    volatile bool timer_fired; /* the armed deadline passed */
    uint64_t armed_deadline;   /* ns; UINT64_MAX: timer not armed */
    uint32_t next_asid;
    uint64_t asid_generation;
    uint32_t sparse_generation; /* unmaps of the sparse region that this CPU's TLB has seen */
};

extern struct cpu cpus[MAX_CPUS];
extern uint32_t cpus_running; /* cpus[0 .. cpus_running - 1]; constant after boot */

/* exceptions.c: GDT, TSS, IDT and GS base of this CPU, which is cpus[id]. */
void exceptions_cpu_start(uint32_t id);

/* start_cpus.c: this CPU's share of its start: the same for all. NULL, or one line that says what
 * is wrong. */
const char *start_this_cpu(uint32_t id);
/* Starts all CPUs that ACPI lists, up to MAX_CPUS, one after the other; prints a line for each that
 * has to be left out. `page`: the trampoline's address, below 1 MiB. They wait for the release. */
void start_cpus(uint64_t page);
void release_cpus(void);

/* Is any of `attention` set? */
static inline bool cpu_attention(void) {
    bool set;

    __asm__ volatile("cmpl $0, %%gs:%c1"
                     : "=@ccne"(set)
                     : "i"(__builtin_offsetof(struct cpu, attention))
                     : "memory");
    return set;
}

static inline struct cpu *this_cpu(void) {
    struct cpu *cpu;

    __asm__("movq %%gs:0, %0" : "=r"(cpu));
    return cpu;
}

#endif
