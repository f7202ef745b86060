/* SPDX-License-Identifier: Apache-2.0 */
/* Debug keys. Reads state, writes the log. */
#include "hv/core/debug_keys.h"

#include "audit/audit.h"
#include "hv/core/domain.h"
#include "hv/core/frame.h"
#include "hv/core/log.h"
#include "hv/core/text.h"

#define LISTED_DOMAINS 32u

static char line[160];
static size_t length;

static void number(const char *before, uint64_t value) {
    text_add(line, sizeof(line), &length, before);
    text_add_decimal(line, sizeof(line), &length, value);
}

static void list_domains(void) {
    uint32_t listed = 0;

    for (uint32_t i = 0; i < MAX_DOMAINS && listed < LISTED_DOMAINS; i++) {
        if (domains[i].state != DOMAIN_FREE) {
            length = 0;
            number("domain ", i);
            number(": state ", domains[i].state);
            number(" vcpus ", domains[i].vcpus);
            number(" pages ", domains[i].pages);
            number(" of ", domains[i].max_pages);
            number(" tables ", domains[i].tables);
            number(" sid ", xsm_sid_of_label(domains[i].label));
            log_line(line);
            listed++;
        }
    }
}

void debug_key(char key) {
    length = 0;
    switch (key) {
    case 'q': list_domains(); break;
    case 'm':
        number("frames: total ", frames_count_total());
        number(" free ", frames_count_free());
        number(" clean ", frames_count_clean());
        number(" hypervisor ", frames_count_hypervisor());
        log_line(line);
        break;
    case 'a':
        number("audit: newest ", audit_newest());
        number(" oldest ", audit_oldest());
        number(" lost ", audit_lost());
        log_line(line);
        break;
    default: log_line("debug keys: a audit trail, m memory, q domains"); break;
    }
}
