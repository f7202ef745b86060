/* SPDX-License-Identifier: Apache-2.0 */
/* Who is meant, and what is asked: the domain that an argument names, and the demands of the rows
 * whose object column is CUSTOM. Reads state, assigns only the list and request->target. A channel
 * has a label of its own, derived from its two ends, as in Flask: the creator must be allowed to
 * create such a channel, and the channel to be bound to the domain at its other end. */
#include "evtchn/evtchn.h"
#include "grants/grants.h"
#include "hv/core/domain.h"
#include "hv/core/request.h"

/* A dying domain is absent, but to those who end it or watch it end. */
static bool sees_dying(enum call_id id) {
    return id == CALL_domctl_destroy || id == CALL_domctl_getdomaininfo;
}

domain_id request_domain(const struct request *request, uint16_t domid) {
    if (domid == DOMID_SELF) return request->caller;
    if (domid >= MAX_DOMAINS || domains[domid].state == DOMAIN_FREE) return DOMAIN_NONE;
    if (domains[domid].state == DOMAIN_DYING && !sees_dying(request->id)) return DOMAIN_NONE;
    return domid;
}

label_id channel_label(domain_id from, domain_id to) {
    if (from == DOMAIN_NONE || to == DOMAIN_NONE) return LABEL_UNLABELED;
    return xsm_label_channel(domains[from].label, domains[to].label);
}

/* Label of a port as an object; unlabeled where there is none. */
static label_id port_label(domain_id domain, port_id port) {
    struct port entry;

    if (domain == DOMAIN_NONE) return LABEL_UNLABELED;
    entry = evtchn_read(domain, port);
    return entry.state == PORT_FREE ? LABEL_UNLABELED : entry.label;
}

/* That the channel may have `end` at this end. It is the self label only where both ends are one
 * domain: who asks does not matter. */
static void demand_bind(struct demands *demands, const struct request *r, label_id channel,
                        domain_id end, domain_id other) {
    struct demand *demand = &demands->list[demands->count];

    demand_add(demands, r, LABEL_UNLABELED, end, PERMISSION_event_bind);
    demand->subject = channel;
    if (end != DOMAIN_NONE)
        demand->object = end == other ? domains[end].self_label : domains[end].label;
}

void demands_evtchn_alloc_unbound(struct request *r, struct demands *demands) {
    domain_id local = request_domain(r, r->in.alloc_unbound.dom);
    domain_id remote = request_domain(r, r->in.alloc_unbound.remote_dom);
    label_id channel = channel_label(local, remote);

    r->target = local;
    demand_add(demands, r, channel, local, PERMISSION_event_create);
    demand_bind(demands, r, channel, remote, local);
}

void demands_evtchn_bind_interdomain(struct request *r, struct demands *demands) {
    domain_id remote = request_domain(r, r->in.bind_interdomain.remote_dom);
    label_id channel = channel_label(r->caller, remote);

    r->target = remote;
    demand_add(demands, r, channel, remote, PERMISSION_event_create);
    demand_bind(demands, r, channel, remote, r->caller);
    demand_bind(demands, r, port_label(remote, r->in.bind_interdomain.remote_port), r->caller,
                remote);
}

void demands_evtchn_bind_virq(struct request *r, struct demands *demands) {
    enum permission permission = virq_is_per_vcpu(r->in.bind_virq.virq)
                                     ? PERMISSION_port_bind_virq
                                     : PERMISSION_port_bind_global_virq;

    demand_add(demands, r, r->self_label, r->caller, permission);
}

void demands_evtchn_send(struct request *r, struct demands *demands) {
    struct port entry = evtchn_read(r->caller, r->in.port.port);
    label_id label = entry.state == PORT_FREE ? LABEL_UNLABELED : entry.label;
    domain_id peer = entry.state == PORT_INTERDOMAIN ? entry.remote_domain : r->caller;

    demand_add(demands, r, label, peer, PERMISSION_event_send);
}

void demands_evtchn_status(struct request *r, struct demands *demands) {
    r->target = request_domain(r, r->in.status.dom);
    demand_add(demands, r, port_label(r->target, r->in.status.port), r->target,
               PERMISSION_event_status);
}

void demands_gnttab_map(struct request *r, struct demands *demands) {
    domain_id granter = request_domain(r, r->in.gnttab_map.dom);
    label_id label = request_object(r, granter);

    r->target = granter;
    demand_add(demands, r, label, granter, PERMISSION_grant_map_read);
    if ((r->in.gnttab_map.flags & GNTMAP_READONLY) == 0)
        demand_add(demands, r, label, granter, PERMISSION_grant_map_write);
}

void demands_gnttab_unmap(struct request *r, struct demands *demands) {
    r->target = grants_granter(r->caller, r->in.gnttab_unmap.handle);
    demand_add(demands, r, request_object(r, r->target), r->target, PERMISSION_grant_unmap);
}

static void demand_side(struct request *r, struct demands *demands,
                        const struct arg_gnttab_copy_side *side) {
    domain_id domain = request_domain(r, side->domid);

    demand_add(demands, r, request_object(r, domain), domain, PERMISSION_grant_copy);
}

void demands_gnttab_copy(struct request *r, struct demands *demands) {
    demand_side(r, demands, &r->in.gnttab_copy.source);
    demand_side(r, demands, &r->in.gnttab_copy.dest);
}

void demands_memory_physmap_batch(struct request *r, struct demands *demands) {
    const struct arg_add_to_physmap_batch *in = &r->in.physmap_batch;
    domain_id foreign = request_domain(r, in->foreign_domid);

    r->target = request_domain(r, in->domid);
    demand_add(demands, r, request_object(r, r->target), r->target, PERMISSION_mmu_physmap);
    if (in->space == XENMAPSPACE_GMFN_FOREIGN) {
        demand_add(demands, r, request_object(r, foreign), foreign, PERMISSION_mmu_map_read);
        demand_add(demands, r, request_object(r, foreign), foreign, PERMISSION_mmu_map_write);
    }
}

/* A shutdown ends the machine too where the label has that power. */
static void demand_shutdown(struct request *r, struct demands *demands) {
    demand_add(demands, r, r->self_label, r->caller, PERMISSION_own_shutdown);
    demand_add(demands, r, LABEL_XEN, DOMAIN_NONE, PERMISSION_cordon_power_off);
    demands->list[1].optional = true;
    demand_add(demands, r, LABEL_XEN, DOMAIN_NONE, PERMISSION_cordon_reset);
    demands->list[2].optional = true;
}

void demands_sched_shutdown(struct request *r, struct demands *demands) {
    demand_shutdown(r, demands);
}

void demands_acpi_sleep(struct request *r, struct demands *demands) { demand_shutdown(r, demands); }

void demands_flask_get_peer_sid(struct request *r, struct demands *demands) {
    struct port port = evtchn_read(r->caller, r->in.flask_peersid.evtchn);

    r->target = port.state == PORT_INTERDOMAIN ? port.remote_domain : DOMAIN_NONE;
    demand_add(demands, r, r->target == DOMAIN_NONE ? LABEL_UNLABELED : port.label, r->target,
               PERMISSION_event_status);
}

void demands_sysctl_readconsole(struct request *r, struct demands *demands) {
    demand_add(demands, r, LABEL_XEN, DOMAIN_NONE, PERMISSION_xen_readconsole);
    if (r->in.readconsole.clear != 0)
        demand_add(demands, r, LABEL_XEN, DOMAIN_NONE, PERMISSION_xen_clearconsole);
}

void demands_domctl_create(struct request *r, struct demands *demands) {
    label_id label = xsm_label_of_sid(r->in.create.ssidref);

    demand_add(demands, r, label == LABEL_NONE ? LABEL_UNLABELED : label, DOMAIN_NONE,
               PERMISSION_domain_create);
}

void demands_domctl_destroy(struct request *r, struct demands *demands) {
    r->target = request_domain(r, r->in.domctl.domain);
    demand_add(demands, r, request_object(r, r->target), r->target, PERMISSION_domain_destroy);
}

void demands_domctl_getdomaininfo(struct request *r, struct demands *demands) {
    r->target = request_domain(r, r->in.getdomaininfo.h.domain);
    demand_add(demands, r, request_object(r, r->target), r->target,
               PERMISSION_domain_getdomaininfo);
}

void demands_domctl_scheduler(struct request *r, struct demands *demands) {
    r->target = request_domain(r, r->in.scheduler.h.domain);
    demand_add(demands, r, request_object(r, r->target), r->target,
               r->in.scheduler.cmd == SCHEDOP_GETINFO ? PERMISSION_domain_getscheduler
                                                      : PERMISSION_domain2_setscheduler);
}
