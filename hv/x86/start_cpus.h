/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORDON_X86_START_CPUS_H
#define CORDON_X86_START_CPUS_H

#include "hv/abi/types.h"

/* Starts all CPUs that ACPI lists, up to MAX_CPUS, one after the other; prints a line for each that
 * has to be left out. `page`: the trampoline's address, below 1 MiB. They wait for the release. */
void start_cpus(uint64_t page);
void release_cpus(void);
/* This CPU's share of its start: the same for all. NULL, or one line that says what is wrong. */
const char *start_this_cpu(uint32_t id);

#endif
