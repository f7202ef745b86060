/* SPDX-License-Identifier: Apache-2.0 */
/* What a tiny guest is written with: guest_main() and the calls below. Each answers Xen's negated
 * error number (-1: denied) or its result. A guest tells what it does in its report page
 * (tools/guest_layout.h), as first VM (image/run --kernel) also on the hypervisor's console. */
#ifndef CORDON_TESTS_GUEST_GUEST_H
#define CORDON_TESTS_GUEST_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/guest_layout.h"

#define PAGE_BYTES 4096u
#define DOMAIN_SELF 0x7ff0u

/* Yours. Returning from it idles for ever, which is what a server that answers events does. */
void guest_main(void);

/* Number after NAME= on the command line, or `otherwise`. */
uint32_t guest_option(const char *name, uint32_t otherwise);

/* The first boot module (a Linux guest's initramfs): where it is, and its size in bytes, 0 if there
 * is none. */
const void *guest_module(uint64_t *size);

/* One line: TEXT, with what came of it, or with `count` numbers. */
void guest_say(const char *text);
void guest_say_numbers(const char *text, const uint64_t numbers[], uint32_t count);
void guest_say_text(const char *text, const char *more);
void guest_say_result(const char *text, int64_t result);

/* The report's state. The last two end the guest: it powers itself off. */
void guest_ready(void);
_Noreturn void guest_pass(void);
_Noreturn void guest_fail(const char *why);

struct guest_report *guest_report(void);

uint64_t guest_now(void);      /* ns since the machine started */
void guest_sleep(uint64_t ns); /* or until an event comes */

int64_t hypercall(uint32_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
void *memset(void *to, int value, unsigned long count);

/* --- events: by upcall at vector 0xf3; guest_main() is interrupted only inside event_wait() --- */

/* Maps shared_info and registers the vector. Call it once, before the others. */
int64_t events_start(void);
int64_t event_offer(uint16_t domain);               /* an unbound port for it */
int64_t event_bind(uint16_t domain, uint32_t port); /* to a port that it offers: the local port */
int64_t event_send(uint32_t port);
int64_t event_close(uint32_t port);
/* A masked port collects its event and makes no upcall; unmasking delivers what was collected. */
void event_mask(uint32_t port);
int64_t event_unmask(uint32_t port);
/* Waits by SCHEDOP_poll until a port is pending, and takes it. The port should be masked. */
void event_poll(uint32_t port);
/* The same, for so many nanoseconds: false if the port was not pending by then. */
bool event_poll_for(uint32_t port, uint64_t ns);
/* Lets the processor go for so many nanoseconds. */
void event_rest(uint64_t ns);
/* Halts until some port is pending, takes it and answers its number. */
uint32_t event_wait(void);
uint32_t event_take(void); /* takes some port that is pending, without waiting: 0 if none is */
bool event_taken(uint32_t port); /* takes this one if it is pending, without waiting */
bool event_upcall(void);         /* whether an upcall came since the last time */

/* --- grants, version 1, references 8 to 511 ------------------------------------------------- */

int64_t grants_start(void);
int64_t grant_offer(uint16_t domain, void *page, bool writable); /* the reference */
/* Maps what another domain granted at a guest-physical address where nothing is: the handle. */
int64_t grant_map(uint16_t domain, uint32_t reference, uint64_t address, bool writable);
int64_t grant_unmap(uint32_t handle, uint64_t address);

/* --- further vCPUs, which have no upcalls ---------------------------------------------------- */

/* INIT and SIPI: the vCPU starts (anew) at `entry`, on a stack of its own. */
#define VCPU_APIC_ID(vcpu) (2u * (vcpu)) /* as for HVM guests of Xen */
void vcpu_start(uint32_t vcpu, void (*entry)(void));
void vcpu_command(uint64_t command); /* to the local APIC: MSR 0x830 */

/* An unused guest-physical page, above the guest's memory and mapped one to one. */
uint64_t guest_free_address(void);

#endif
