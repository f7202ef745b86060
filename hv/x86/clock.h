/* SPDX-License-Identifier: Apache-2.0 */
/* Time: the TSC, measured against the PIT at boot. machine.h has the rest. */
#ifndef CORDON_X86_CLOCK_H
#define CORDON_X86_CLOCK_H

#include "hv/core/machine.h"

/* NULL, or one line that says what is wrong. Boot CPU, after apic_cpu_start(). */
const char *clock_start(void);
/* TSC value at which machine_now() is 0. */
uint64_t clock_origin(void);
/* Busy wait, for the start of CPUs. */
void clock_wait(uint64_t ns);

#endif
