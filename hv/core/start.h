/* SPDX-License-Identifier: Apache-2.0 */
/* Boot of the core: what was given on the command line, and the first domain. */
#ifndef CORDON_CORE_START_H
#define CORDON_CORE_START_H

#include "hv/core/boot.h"
#include "hv/core/effects.h"

#define CORDON_VERSION "0.1"

/* The hypervisor's command line, as it was given. */
const char *start_command_line(void);

/* The first boot module of that role, or NULL. */
const struct boot_module *start_module(const struct boot_info *boot, const char *role);

/* Builds and unpauses the domain of the kernel module. NULL, or what is wrong. hv/core/first.c */
const char *first_domain(const struct boot_info *boot, struct effects *effects);

#endif
