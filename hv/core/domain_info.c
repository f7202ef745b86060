/* SPDX-License-Identifier: Apache-2.0 */
/* struct xen_domctl_getdomaininfo. */
#include "hv/core/sched.h"

#define INFO_DYING 1u
#define INFO_HVM 2u
#define INFO_SHUTDOWN 4u
#define INFO_PAUSED 8u
#define INFO_BLOCKED 0x10u
#define INFO_RUNNING 0x20u
#define INFO_HAP 0x100u
#define INFO_SHUTDOWN_SHIFT 16u

static uint32_t state_flags(domain_id domain) {
    const struct domain *d = &domains[domain];
    uint32_t flags = INFO_HVM | INFO_HAP;
    uint32_t blocked = 0;

    if (d->state == DOMAIN_DYING) return flags | INFO_DYING;
    if (d->state == DOMAIN_SHUT)
        flags |= INFO_SHUTDOWN | (uint32_t)d->shutdown_code << INFO_SHUTDOWN_SHIFT;
    if (d->pauses > 0) flags |= INFO_PAUSED;
    for (uint32_t i = 0; i < d->vcpus; i++) {
        if (vcpus[domain][i].state == VCPU_RUNNING) flags |= INFO_RUNNING;
        blocked += vcpus[domain][i].state >= VCPU_BLOCKED || vcpus[domain][i].state == VCPU_DOWN;
    }
    if (blocked == d->vcpus && d->state == DOMAIN_LIVE) flags |= INFO_BLOCKED;
    return flags;
}

void domain_info(domain_id domain, struct arg_domain_info *out) {
    const struct domain *d = &domains[domain];
    uint64_t now = machine_now();

    *out = (struct arg_domain_info){0};
    out->domain = domain;
    out->flags = state_flags(domain);
    out->tot_pages = d->pages;
    out->max_pages = d->max_pages;
    out->shared_info_frame = UINT64_MAX; /* of no meaning to a translated guest */
    for (uint32_t i = 0; i < d->vcpus; i++) {
        out->cpu_time += sched_cpu_time(domain, (vcpu_id)i, now);
        out->nr_online_vcpus += vcpus[domain][i].state != VCPU_DOWN ? 1 : 0;
    }
    out->max_vcpu_id = d->vcpus > 0 ? d->vcpus - 1u : 0;
    out->ssidref = xsm_sid_of_label(d->label);
    for (uint32_t i = 0; i < 16; i++) out->handle[i] = d->handle[i];
    out->gpaddr_bits = 44;
    out->arch_config.emulation_flags = 1; /* local APIC */
}
