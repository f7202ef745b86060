/* SPDX-License-Identifier: Apache-2.0 */
/* Building a domain by bare hypercalls: the public ABI alone, so it is the same under Xen. */
#ifndef CORDON_TESTS_GUEST_MEASURE_BUILD_H
#define CORDON_TESTS_GUEST_MEASURE_BUILD_H

#include <stdint.h>

#include "tools/guest_layout.h"

/* SID of a context, or 0 where the hypervisor has no labels. */
uint32_t build_label(const char *context);

/* A paused domain of one vCPU and GUEST_MEMORY bytes; ends the guest if a step is refused. */
uint16_t build_domain(uint32_t label);

/* Loads the embedded image with that command line, and starts it: its report. */
const volatile struct guest_report *build_start(uint16_t domain, const char *command_line);

void build_destroy(uint16_t domain);

#endif
