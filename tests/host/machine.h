/* SPDX-License-Identifier: Apache-2.0 */
/* The host's fake of the machine: implements hv/core/machine.h, guest_map.h and lock.h over a big
 * array of frames. Guest-virtual addresses are guest-physical ones. What the core may never ask of
 * a machine ends the test at once (host_check). */
#ifndef CORDON_TESTS_HOST_MACHINE_H
#define CORDON_TESTS_HOST_MACHINE_H

#include "hv/abi/shared_info.h"
#include "hv/core/domain.h"
#include "hv/core/frame.h"
#include "hv/core/gate.h"
#include "hv/core/guest_map.h"
#include "hv/core/machine.h"

#define HOST_FRAMES 6144u
#define HOST_RESERVED 64u /* frames 0 .. 63 are the hypervisor's */
#define HOST_CONSOLE 65536u

extern uint8_t host_memory[HOST_FRAMES][PAGE_SIZE];
extern struct frame host_frame_table[HOST_FRAMES];
extern uint64_t host_generation[HOST_FRAMES]; /* counts how often a frame was zeroed for reuse */
extern uint64_t host_now;                     /* the clock, in ns */
extern uint32_t host_cpus;
extern uint32_t host_kicked;    /* a bit for each CPU that was told to leave guest mode */
extern bool host_interruptible; /* guests take interrupts when they make a call */
extern bool host_powered_off;
extern bool host_was_reset;
extern bool host_locked;
extern char host_console[HOST_CONSOLE];
extern uint32_t host_console_length;
extern bool host_console_full; /* the serial queue takes nothing */

/* Machine state of a vCPU. */
struct host_vcpu {
    bool present;
    uint32_t created; /* counts, so that a new vCPU is told from an old one of the same name */
    struct mfn info;
    uint16_t info_offset;
    uint32_t rip;
    uint32_t rbx;
    uint32_t start; /* 0x100 | vector of a SIPI */
};
extern struct host_vcpu host_vcpus[MAX_DOMAINS][MAX_VCPUS];

/* The flush protocol, as in hv/x86/tlb.h: a domain's epoch counts what made its translations stale,
 * the flush epoch counts effect lists that did so. */
extern uint32_t host_domain_epochs[MAX_DOMAINS];
extern uint32_t host_flush_epoch;
extern bool host_owes_flush;        /* somebody must wait for all CPUs, then call gate_flushed() */
extern bool host_flush_is_modelled; /* host_flush() does nothing: the test has TLBs of its own */
extern bool host_forgets_unmap;     /* negative test: unmapping does not make translations stale */

void host_check(bool holds, const char *what);

/* Policy that the next boot gets, if any: at most HOST_POLICY_MAX bytes. */
#define HOST_POLICY_MAX (24u * PAGE_SIZE)
extern uint8_t host_policy[HOST_POLICY_MAX];
extern uint32_t host_policy_size;

/* Boots the core with these CPUs; `kernel` may be 0. Returns what gate_start() returns. */
const char *host_boot(const char *command_line, uint32_t cpus, const uint8_t *kernel,
                      uint64_t size);
/* Completes the flush that is owed: no CPU is in guest mode. */
void host_flush(void);

uint8_t *host_frame(struct mfn mfn);
void host_frame_read(struct mfn mfn, uint32_t offset, void *to, uint32_t bytes);
struct guest_shared_info *host_shared_info(domain_id domain);
struct guest_vcpu_info *host_vcpu_info(domain_id domain, vcpu_id vcpu);
/* A page of a guest's memory by guest frame number; ends the test if nothing is there. */
uint8_t *host_guest(domain_id domain, uint64_t gfn);

/* Pages of sparse arrays that are backed now, for those who compare states. */
struct host_backed {
    uint8_t *page;
    uint64_t frame;
};
extern struct host_backed host_backed[HOST_FRAMES];
extern uint32_t host_backed_count;

/* tests/host/map.c */
bool host_map(const struct effect *effect); /* true: translations became stale */
bool host_unmap(domain_id domain, struct gfn gfn, unsigned order);
void host_drop_tables(domain_id domain);

#endif
