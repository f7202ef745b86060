/* SPDX-License-Identifier: Apache-2.0 */
/* A small world on the fake machine: the core booted with a first domain of 4 MiB, and further
 * domains which are built by hand, since the module under test may refuse their creation. Ends the
 * test where something does not work. */
#ifndef CORDON_TESTS_GATE_WORLD_H
#define CORDON_TESTS_GATE_WORLD_H

#include "hv/abi/arguments.h"
#include "hv/core/calls.h"
#include "tests/gate/invariant.h"
#include "tests/host/machine.h"

#define WORLD_DOM0_PAGES 1024u
#define WORLD_ARGUMENTS 8u /* gfn of each domain's page of arguments */
#define WORLD_BUFFER 9u    /* gfn of its page for lists and texts */

/* Boots; `options` are added to the command line, `kernel` may be 0 for a small valid image. */
void world_boot(uint32_t cpus, const char *options);
/* The small valid image. */
uint64_t world_kernel(uint8_t *image, uint64_t size);

/* A domain with RAM at gfn 0 .. pages - 1 and that many vCPUs; paused, vCPU 0 ready to start. */
void world_domain(domain_id domain, label_id label, uint32_t vcpus, uint32_t pages);
void world_unpause(domain_id domain);

/* One hold of the lock; what is owed to the TLBs is paid afterwards. */
enum gate_next world_hold(domain_id domain, struct hypercall *call);
/* A call to its end, with background work in between; its result. */
int64_t world_call(domain_id domain, uint64_t number, uint64_t a0, uint64_t a1, uint64_t a2);
/* Background work until there is none. */
void world_rest(void);
/* Each CPU looks at what it runs next. */
void world_reschedule(void);
/* Until the first domain, which has ended, runs again. */
void world_revive(void);
/* Ends a domain and waits until its identity is free; false if others keep it. */
bool world_destroy(domain_id domain);

/* Guests write into their grant tables as they like, so that no pin can be told from there. */
extern bool world_guests_are_hostile;

/* The argument page of a domain. */
uint8_t *world_arguments(domain_id domain);
uint8_t *world_buffer(domain_id domain);

#endif
