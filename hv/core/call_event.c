/* SPDX-License-Identifier: Apache-2.0 */
/* event_channel_op: the steps. A port holds its channel's label as long as it is bound. */
#include "evtchn/evtchn.h"
#include "hv/core/request.h"

#define RESET_PORTS 128u

static enum reason holding(label_id label, enum reason bound) {
    if (bound == REASON_OK) xsm_label_hold(label);
    return bound;
}

enum reason step_evtchn_alloc_unbound(struct request *r) {
    domain_id remote = request_domain(r, r->in.alloc_unbound.remote_dom);
    label_id channel = channel_label(r->target, remote);

    if (r->target == DOMAIN_NONE || remote == DOMAIN_NONE) return REASON_NO_DOMAIN;
    return holding(channel,
                   evtchn_alloc_unbound(r->target, remote, channel, &r->in.alloc_unbound.port));
}

enum reason step_evtchn_bind_interdomain(struct request *r) {
    label_id channel = channel_label(r->caller, r->target);

    if (r->target == DOMAIN_NONE) return REASON_NO_DOMAIN;
    return holding(
        channel, evtchn_bind_interdomain(r->caller, r->target, r->in.bind_interdomain.remote_port,
                                         channel, &r->in.bind_interdomain.local_port, r->effects));
}

enum reason step_evtchn_bind_virq(struct request *r) {
    if (r->in.bind_virq.vcpu >= domains[r->caller].vcpus) return REASON_NO_ENTRY;
    return holding(r->self_label,
                   evtchn_bind_virq(r->caller, (vcpu_id)r->in.bind_virq.vcpu, r->in.bind_virq.virq,
                                    r->self_label, &r->in.bind_virq.port));
}

enum reason step_evtchn_bind_ipi(struct request *r) {
    if (r->in.bind_ipi.vcpu >= domains[r->caller].vcpus) return REASON_NO_ENTRY;
    return holding(r->self_label, evtchn_bind_ipi(r->caller, (vcpu_id)r->in.bind_ipi.vcpu,
                                                  r->self_label, &r->in.bind_ipi.port));
}

enum reason step_evtchn_close(struct request *r) {
    struct port entry = evtchn_read(r->caller, r->in.port.port);
    enum reason reason = evtchn_close(r->caller, r->in.port.port, r->effects);

    if (reason == REASON_OK) xsm_label_drop(entry.label);
    return reason;
}

enum reason step_evtchn_send(struct request *r) {
    return evtchn_send(r->caller, r->in.port.port, r->effects);
}

static const uint8_t statuses[] = {[PORT_FREE] = EVTCHNSTAT_CLOSED,
                                   [PORT_UNBOUND] = EVTCHNSTAT_UNBOUND,
                                   [PORT_INTERDOMAIN] = EVTCHNSTAT_INTERDOMAIN,
                                   [PORT_VIRQ] = EVTCHNSTAT_VIRQ,
                                   [PORT_IPI] = EVTCHNSTAT_IPI};

enum reason step_evtchn_status(struct request *r) {
    struct arg_evtchn_status *out = &r->in.status;

    if (r->target == DOMAIN_NONE) return REASON_NO_DOMAIN;
    if (out->port == 0 || out->port >= evtchn_ports(r->target)) return REASON_INVALID;
    struct port entry = evtchn_read(r->target, out->port);
    out->status = statuses[entry.state];
    out->vcpu = entry.vcpu;
    bool peer = entry.state == PORT_UNBOUND || entry.state == PORT_INTERDOMAIN;
    out->remote = peer ? entry.remote_domain : 0;
    if (entry.state == PORT_VIRQ) out->remote = entry.remote_port_or_virq;
    out->remote_port = entry.state == PORT_INTERDOMAIN ? entry.remote_port_or_virq : 0;
    return REASON_OK;
}

enum reason step_evtchn_bind_vcpu(struct request *r) {
    if (r->in.bind_vcpu.vcpu >= domains[r->caller].vcpus) return REASON_NO_ENTRY;
    return evtchn_bind_vcpu(r->caller, r->in.bind_vcpu.port, (vcpu_id)r->in.bind_vcpu.vcpu);
}

enum reason step_evtchn_unmask(struct request *r) {
    return evtchn_unmask(r->caller, r->in.port.port, r->effects);
}

/* Closes every port, a bounded number in each hold; the third register says where to go on. */
enum reason step_evtchn_reset(struct request *r) {
    uint32_t ports = r->target == DOMAIN_NONE ? 0 : evtchn_ports(r->target);
    port_id port = r->repeats ? (port_id)r->reg[2] : 1;

    for (uint32_t i = 0; i < RESET_PORTS && port < ports && effects_have_room(r->effects, 4); i++) {
        struct port entry = evtchn_read(r->target, port);

        if (evtchn_close(r->target, port, r->effects) == REASON_OK) xsm_label_drop(entry.label);
        port++;
    }
    r->reg[2] = port;
    return port < ports ? REASON_AGAIN : REASON_OK;
}
