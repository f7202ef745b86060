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

/* The first domain, of the kernel module: hv/core/first.c. Boot makes the plan: NULL, or what is
 * wrong. From then on it is built, and built anew after its end, by background work. */
const char *first_domain_plan(const struct boot_info *boot);
/* Fills one zeroed page that it will see at guest-physical `address`: its ACPI tables, of which the
 * RSDP is the start. hv/core/acpi_tables.c */
void acpi_tables_build(uint8_t page[PAGE_SIZE], uint64_t address, uint32_t cpus);
/* A number of that many bytes, the lowest first. */
void page_put(uint8_t *page, uint32_t at, uint64_t value, uint32_t bytes);
/* One bounded piece. True while more can be done at once. */
bool first_domain_go_on(struct effects *effects);
/* When a busy CPU should do the next piece: ns, UINT64_MAX while there is none. */
uint64_t first_domain_due(uint64_t now);
/* Boot waits until it does, or *wrong says why it could not be built. */
bool first_domain_runs(const char **wrong);

#endif
