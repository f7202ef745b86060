/* SPDX-License-Identifier: Apache-2.0 */
/* Birth of domains. Storage comes first, from frames charged to the new domain; it arrives zeroed,
 * and zero is a vCPU that is down and a port that is free. */
#include "evtchn/storage.h"
#include "hv/core/audit_trail.h"
#include "hv/core/frame.h"
#include "hv/core/guest_map.h"
#include "hv/core/lapic.h"
#include "hv/core/life.h"
#include "hv/core/machine.h"

#define TABLES_BASE 64u /* table pages that any domain may have, before its memory's share */

domain_id life_free_id(domain_id wanted) {
    static domain_id last;

    if (wanted != 0)
        return wanted < DOMAIN_ESTATE && domains[wanted].state == DOMAIN_FREE ? wanted
                                                                              : DOMAIN_NONE;
    for (uint32_t i = 1; i < DOMAIN_ESTATE; i++) {
        domain_id candidate = (domain_id)((last + i) % DOMAIN_ESTATE);

        if (candidate != 0 && domains[candidate].state == DOMAIN_FREE) {
            last = candidate;
            return candidate;
        }
    }
    return DOMAIN_NONE;
}

static void set_fields(domain_id domain, const struct life_plan *plan) {
    struct domain *d = &domains[domain];

    *d = (struct domain){0};
    d->state = DOMAIN_LIVE;
    d->label = plan->label;
    d->self_label = xsm_label_self(plan->label);
    d->shutdown_code = SHUTDOWN_NONE;
    d->pauses = 1;
    d->weight = 256;
    d->table_pool_limit = TABLES_BASE;
    for (uint32_t i = 0; i < 16; i++) d->handle[i] = plan->handle[i];
}

enum reason life_create(domain_id domain, const struct life_plan *plan, struct effects *effects) {
    uint32_t pages = PORT_PAGES(plan->ports);
    uint32_t needed = pages + 5; /* vCPUs, machine state, mappings, shared_info, map root */
    enum reason reason = frames_await(domain, needed);
    struct mfn mfn;

    if (plan->ports < 2 || plan->ports > MAX_PORTS || plan->grant_frames > MAX_GRANT_FRAMES ||
        plan->grant_mappings > MAX_GRANT_MAPPINGS)
        return REASON_INVALID;
    if (reason != REASON_OK) return reason;
    machine_apply_all(effects);

    set_fields(domain, plan);
    xsm_label_hold(plan->label);
    /* Counted: cannot fail. */
    (void)domain_back(domain, SPARSE_VCPUS, 0, effects);
    (void)domain_back(domain, SPARSE_CPU_STATE, 0, effects);
    (void)domain_back(domain, SPARSE_MAPPINGS, 0, effects);
    for (uint32_t i = 0; i < pages; i++) (void)domain_back(domain, SPARSE_PORTS, i, effects);
    (void)domain_state_frame(domain, &guest_map_roots[domain]);
    (void)frames_allocate(domain, FRAME_SHARED_INFO, ORDER_4K, &mfn);
    frame_place(mfn, (struct gfn){GFN_NOWHERE});
    domains[domain].shared_info = mfn;
    effects_add(effects, EFFECT_SHARED_INFO, domain)->mfn = mfn;
    machine_apply_all(effects);
    evtchn_create(domain, plan->ports, 0);
    grants_create(domain, plan->grant_frames, plan->grant_mappings);
    grants_back_mappings(domain, MAPPINGS_PER_PAGE);
    audit_event(AUDIT_DOMAIN_CREATED, DOMAIN_NONE, domain, 0, 0);
    return REASON_OK;
}

enum reason life_set_vcpus(domain_id domain, uint32_t count, struct effects *effects) {
    uint32_t each = 1 + machine_xsave_frames();

    if (count == 0 || count > MAX_VCPUS || domains[domain].vcpus != 0)
        return count == domains[domain].vcpus && count != 0 ? REASON_OK : REASON_INVALID;
    enum reason reason = frames_await(domain, each * count);
    if (reason != REASON_OK) return reason;

    for (uint32_t i = 0; i < count; i++) {
        struct vcpu *v = &vcpus[domain][i];

        *v = (struct vcpu){.state = VCPU_DOWN, .continued = NOT_CONTINUED};
        v->affinity = machine_guest_cpus();
        v->reference = vcpu_reference(domain, (vcpu_id)i);
        v->info_mfn.number = MFN_NONE;
        v->cpu = (uint8_t)(machine_cpus() - 1u); /* the scheduler finds a better one */
        lapic_reset(domain, (vcpu_id)i);
        v->lapic.waits_for_sipi = i != 0;
        struct effect *effect = effects_add(effects, EFFECT_VCPU_CREATE, domain);
        effect->vcpu = (vcpu_id)i;
        (void)domain_state_frame(domain, &effect->mfn);
        for (uint32_t j = 0; j < machine_xsave_frames(); j++)
            (void)domain_state_frame(domain, &effect->target_mfn);
    }
    domains[domain].vcpus = (uint16_t)count;
    evtchn_set_vcpus(domain, count);
    return REASON_OK;
}

void domains_derive_self_labels(void) {
    for (uint32_t i = 0; i < MAX_DOMAINS; i++)
        if (domains[i].state != DOMAIN_FREE)
            domains[i].self_label = xsm_label_self(domains[i].label);
}
