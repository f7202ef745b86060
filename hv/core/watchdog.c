/* SPDX-License-Identifier: Apache-2.0 */
/* Watchdogs of domains. The earliest date is kept, and may be too early: setting one anew costs
 * nothing, and looking at all domains happens once for many of them. */
#include "hv/core/domain.h"
#include "hv/core/life.h"

static uint64_t next = UINT64_MAX; /* no date is before it */

void watchdog_set(domain_id domain, uint64_t date) {
    domains[domain].watchdog = date;
    if (date != 0 && date < next) next = date;
}

uint64_t watchdog_look(uint64_t now, struct effects *effects) {
    uint64_t earliest = UINT64_MAX;

    if (now < next) return next;
    for (uint32_t i = 0; i < MAX_DOMAINS; i++) {
        uint64_t date = domains[i].watchdog;

        if (date != 0 && date <= now) {
            domains[i].watchdog = 0;
            life_shutdown((domain_id)i, SHUTDOWN_WATCHDOG, effects);
            return now;
        }
        if (date != 0 && date < earliest) earliest = date;
    }
    next = earliest;
    return next;
}
