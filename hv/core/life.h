/* SPDX-License-Identifier: Apache-2.0 */
/* Birth and death of domains. */
#ifndef CORDON_CORE_LIFE_H
#define CORDON_CORE_LIFE_H

#include "hv/core/effects.h"
#include "xsm/xsm.h"

/* Pages of a domain's row of ports (evtchn/storage.h). */
#define PORT_PAGES(ports) (((ports) * (uint32_t)sizeof(struct port) + PAGE_SIZE - 1) / PAGE_SIZE)

struct life_plan {
    label_id label;
    uint8_t handle[16];
    uint32_t ports;          /* event channel ports, port 0 included */
    uint32_t grant_frames;   /* maximum */
    uint32_t grant_mappings; /* maximum */
};

/* A free identity, `wanted` if that is not 0 (the initial domain is 0); DOMAIN_NONE if there is
 * none. */
domain_id life_free_id(domain_id wanted);

/* Brings a domain to life, paused once, without memory or vCPUs. Its own state is charged to it.
 * Applies its effects as it goes, since later writes need the storage behind them. */
enum reason life_create(domain_id domain, const struct life_plan *plan, struct effects *effects);

/* Sets the number of vCPUs, once; their machine state is charged to the domain. */
enum reason life_set_vcpus(domain_id domain, uint32_t count, struct effects *effects);

/* The domain runs no more; whoever watches is told. Its memory stays until it is destroyed. */
void life_shutdown(domain_id domain, uint8_t code, struct effects *effects);

/* hv/core/watchdog.c: a domain's own watchdog (SCHEDOP_watchdog): one that it does not set anew in
 * time is shut down, as a domain that hangs is. The date in ns, or 0: none. */
void watchdog_set(domain_id domain, uint64_t date);
/* Shuts down at most one domain whose date has come. Answers when to look again: ns, UINT64_MAX if
 * there is no watchdog. */
uint64_t watchdog_look(uint64_t now, struct effects *effects);

/* Begins the end, or goes on with it by one bounded piece. True while more is to do; false when the
 * identity is free, or waits only for other domains to drop their mappings. */
bool life_destroy(domain_id domain, struct effects *effects);
/* Some dying domain with work left, or DOMAIN_NONE. */
domain_id life_dying(void);

#endif
