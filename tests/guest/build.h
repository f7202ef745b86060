/* SPDX-License-Identifier: Apache-2.0 */
/* Building a domain by bare hypercalls: the public ABI alone, so it is the same under Xen. */
#ifndef CORDON_TESTS_GUEST_BUILD_H
#define CORDON_TESTS_GUEST_BUILD_H

#include <stdint.h>

#include "tools/guest_layout.h"

/* SID of a context, or 0 where the hypervisor has no labels. */
uint32_t build_label(const char *context);

/* The parts: a paused domain without memory or vCPUs; how much it may have; extents 0, 9 orders
 * large from frame `first` on, at most BUILD_EXTENTS_MAX; a domctl without arguments. */
#define BUILD_EXTENTS_MAX 256u
#define BUILD_ORDER_2M 9u
uint16_t build_create(uint32_t label);
void build_bounds(uint16_t domain, uint64_t bytes);
void build_populate(uint16_t domain, uint64_t first, uint32_t count, uint32_t order);
void build_control(uint16_t domain, uint32_t command);

/* A paused domain of GUEST_MEMORY bytes, with that number (0: any); ends the guest if a step is
 * refused. */
uint16_t build_domain(uint32_t label, uint16_t wanted, uint32_t vcpus);
/* The same with one vCPU, any number and GUEST_MEMORY_LEAST bytes. */
uint16_t build_small(uint32_t label);

/* Loads an ELF image with that command line, and starts it: its report. Until that is unmapped the
 * domain's end is not complete. */
const volatile struct guest_report *build_start(uint16_t domain, const uint8_t *image,
                                                const char *command_line);
void build_unmap(const volatile void *page);

/* XEN_DOMINF_* of xen/domctl.h. */
uint32_t build_state(uint16_t domain);

#endif
