/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptor tables of each CPU, and what happens at an exception of the hypervisor itself. */
#ifndef CORDON_X86_EXCEPTIONS_H
#define CORDON_X86_EXCEPTIONS_H

#include "hv/abi/types.h"

/* GDT, TSS, IDT and GS base of this CPU, which is cpus[id]. */
void exceptions_cpu_start(uint32_t id);

#endif
