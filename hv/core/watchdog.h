/* SPDX-License-Identifier: Apache-2.0 */
/* A domain's own watchdog (SCHEDOP_watchdog): one that it does not set anew in time is shut down,
 * as a domain that hangs is. */
#ifndef CORDON_CORE_WATCHDOG_H
#define CORDON_CORE_WATCHDOG_H

#include "hv/abi/types.h"
#include "hv/core/effects.h"

/* The date in ns, or 0: none. */
void watchdog_set(domain_id domain, uint64_t date);

/* Shuts down at most one domain whose date has come. Answers when to look again: ns, UINT64_MAX if
 * there is no watchdog. */
uint64_t watchdog_look(uint64_t now, struct effects *effects);

#endif
