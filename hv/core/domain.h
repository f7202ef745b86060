/* SPDX-License-Identifier: Apache-2.0 */
/* Domains and their virtual CPUs.
 *
 *   FREE --create--> PAUSED/BUILDING --unpause--> LIVE --shutdown--> SHUT --destroy--> DYING -->
 * FREE
 *
 * `pauses` counts reasons not to run; a domain is created with one. A DYING domain gives up what it
 * holds in bounded steps; its identity is reused only when every reference is gone. */
#ifndef CORDON_CORE_DOMAIN_H
#define CORDON_CORE_DOMAIN_H

#include "hv/abi/arguments.h"
#include "hv/core/effects.h"
#include "xsm/xsm.h"

enum domain_state { DOMAIN_FREE, DOMAIN_LIVE, DOMAIN_SHUT, DOMAIN_DYING };

#define HVM_PARAMS 40u
#define MEMORY_MAP_ENTRIES 16u
#define SHUTDOWN_NONE 0xffu
#define TABLE_POOL_MAX 4u /* a step maps one leaf at a time: at most three tables */

struct domain {
    enum domain_state state;
    label_id label;      /* what it is as a subject, and as an object to others */
    label_id self_label; /* what it is as an object to itself */
    uint8_t shutdown_code;
    uint16_t pauses;
    uint16_t vcpus;
    uint8_t handle[16];
    uint32_t max_pages;
    uint32_t pages;            /* RAM frames in its map */
    uint32_t table_pool_count; /* table frames reserved and not yet in use */
    struct mfn table_pool[TABLE_POOL_MAX];
    uint32_t table_pool_limit; /* pages the tools granted for tables */
    uint32_t tables;           /* frames in use as tables */
    struct mfn shared_info;
    uint16_t weight;     /* scheduler, 256 is normal */
    uint16_t cap;        /* hundredths of one CPU's time, over all vCPUs; 0: none */
    uint32_t cap_window; /* number of the window that is counted: hv/core/sched.c */
    uint64_t cap_used;   /* ns run in it */
    uint64_t watchdog;   /* ns, when it is shut down; 0: never */
    uint64_t parameters[HVM_PARAMS];
    uint32_t memory_map_entries;
    struct arg_memory_range memory_map[MEMORY_MAP_ENTRIES];
    struct mfn state_head; /* list of FRAME_STATE frames, linked by frame_place() */
    uint32_t state_count;
    uint8_t destroy_phase; /* hv/core/destroy.c */
    uint32_t destroy_cursor;
    uint32_t destroy_frame; /* the rest of a leaf that is mapped no more; the cursor counts it */
    uint64_t destroy_gfn;
};

enum vcpu_state {
    VCPU_DOWN,     /* never started, or after INIT or VCPUOP_down */
    VCPU_RUNNABLE, /* waits for a CPU */
    VCPU_RUNNING,
    VCPU_BLOCKED, /* HLT or SCHEDOP_block: waits for an event */
    VCPU_POLLING, /* SCHEDOP_poll: waits for one of some ports */
};

/* The local APIC in x2APIC mode, what a guest can reach by MSR. 256 vectors in each bitmap; all
 * interrupts are edge-triggered, so there is no TMR to keep. */
#define LAPIC_REGISTERS 12u
struct lapic {
    uint64_t irr[4], isr[4];
    uint32_t registers[LAPIC_REGISTERS]; /* those that are plain storage: hv/core/lapic.c */
    bool waits_for_sipi;
};

/* hv/core/heap.c */
enum heap_kind { HEAP_TIMERS, HEAP_QUEUE, HEAP_KINDS };

struct heap_place {
    uint64_t key;
    uint16_t slot;
    uint8_t cpu; /* whose heap it is */
    bool inside;
};

enum timer_kind {
    TIMER_SINGLESHOT, /* the guest's own */
    TIMER_POLL,       /* end of its SCHEDOP_poll */
    TIMER_PARK,       /* RUNNABLE, but its domain has used up its cap until then */
    TIMER_KINDS
};

struct vcpu {
    uint8_t state; /* enum vcpu_state */
    uint8_t cpu;   /* where it runs, or ran last */
    bool initialised;
    bool woken;            /* stopped by a pause of its domain while it had something to do */
    uint16_t reference;    /* its own, for the scheduler */
    uint64_t affinity;     /* bit per CPU */
    uint64_t virtual_time; /* weighted ns, orders the run queue */
    uint64_t slice_end, run_start;
    uint64_t cpu_time;              /* ns in guest */
    uint64_t deadline[TIMER_KINDS]; /* absolute ns; 0: not set */
    struct heap_place heap[HEAP_KINDS];
    port_id poll_port; /* POLLING: the only port, or 0 for any */
    uint64_t runstate_entry;
    uint16_t continued; /* the call that it must execute again, and with which registers */
    uint64_t continued_reg[3];
    uint8_t change_outcome; /* of the labels or booleans that it changes: 1 + reason, 0: none yet */
    bool info_registered;
    struct mfn info_mfn; /* vcpu_info moved there: RAM of the domain, referenced until it ends */
    struct lapic lapic;
    uint64_t unused[28]; /* so that a page holds a domain's vCPUs, at powers of two */
};

_Static_assert(sizeof(struct vcpu) * MAX_VCPUS == PAGE_SIZE, "a domain's vCPUs fill one page");

extern struct domain domains[MAX_DOMAINS];
extern struct vcpu vcpus[MAX_DOMAINS][MAX_VCPUS];

/* What the tools are told of a domain. hv/core/domain_info.c */
void domain_info(domain_id domain, struct arg_domain_info *out);

/* After a change of policy or booleans, which may derive other self labels. */
void domains_derive_self_labels(void);

/* Takes a clean frame for hypervisor state of this domain and remembers it in the domain's list. */
enum reason domain_state_frame(domain_id domain, struct mfn *mfn);
/* The same, to back a page of the domain's row of that array. */
enum reason domain_back(domain_id domain, enum sparse_array array, uint32_t page,
                        struct effects *effects);
/* Takes a frame off that list, which is not empty. */
struct mfn domain_state_take(domain_id domain);

#define NOT_CONTINUED UINT16_MAX /* struct vcpu: no call waits to be executed again */

/* A vCPU of any domain in one number. */
#define VCPU_REFERENCE_NONE 0xffffu
/*@ requires domain < MAX_DOMAINS && vcpu < MAX_VCPUS;
    terminates \true;
    assigns \nothing;
    ensures \result == domain * MAX_VCPUS + vcpu; */
static inline uint16_t vcpu_reference(domain_id domain, vcpu_id vcpu) {
    return (uint16_t)(domain * MAX_VCPUS + vcpu);
}

#endif
