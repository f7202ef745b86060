/* SPDX-License-Identifier: Apache-2.0 */
/* Debug keys. Reads state, writes the log. */
#include "audit/audit.h"
#include "hv/core/domain.h"
#include "hv/core/frame.h"
#include "hv/core/log.h"

#define LISTED_DOMAINS 32u

static void list_domains(void) {
    uint32_t listed = 0;

    for (uint32_t i = 0; i < MAX_DOMAINS && listed < LISTED_DOMAINS; i++) {
        const struct domain *d = &domains[i];

        if (d->state == DOMAIN_FREE) continue;
        log_line("domain %lu: state %lu vcpus %lu pages %lu of %lu tables %lu sid %lu", (uint64_t)i,
                 (uint64_t)d->state, (uint64_t)d->vcpus, (uint64_t)d->pages, (uint64_t)d->max_pages,
                 (uint64_t)d->tables, (uint64_t)xsm_sid_of_label(d->label));
        listed++;
    }
}

void debug_key(char key) {
    switch (key) {
    case 'q': list_domains(); break;
    case 'm':
        log_line("frames: total %lu free %lu clean %lu hypervisor %lu", frames_count_total(),
                 frames_count_free(), frames_count_clean(), frames_count_hypervisor());
        break;
    case 'a':
        log_line("audit: newest %lu oldest %lu lost %lu", audit_newest(), audit_oldest(),
                 audit_lost());
        break;
    default: log_line("debug keys: a audit trail, m memory, q domains"); break;
    }
}
