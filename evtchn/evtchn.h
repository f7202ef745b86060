/* SPDX-License-Identifier: Apache-2.0 */
/* Event channels: ports of each domain and their pairing. State machine only: it cannot ask the
 * security module, and changes no guest memory; NOTIFY and CLEAR_PENDING effects do. Symmetry is
 * the invariant: an INTERDOMAIN port's peer is INTERDOMAIN and names it back.
 *
 *   FREE --alloc_unbound--> UNBOUND --bind_interdomain (by the peer)--> INTERDOMAIN
 *   FREE --bind_virq/bind_ipi--> VIRQ / IPI          any --close--> FREE
 *   INTERDOMAIN --peer closes--> UNBOUND, for that peer's domain */
#ifndef CORDON_EVTCHN_EVTCHN_H
#define CORDON_EVTCHN_EVTCHN_H

#include "hv/abi/reason.h"
#include "hv/abi/types.h"
#include "hv/core/effects.h"

enum port_state { PORT_FREE, PORT_UNBOUND, PORT_INTERDOMAIN, PORT_VIRQ, PORT_IPI };

struct port {
    uint8_t state;          /* enum port_state */
    uint8_t vcpu;           /* notified vCPU */
    uint16_t remote_domain; /* UNBOUND: who may bind; INTERDOMAIN: the peer */
    uint16_t remote_port_or_virq;
    uint8_t label; /* label_id of the channel, as given at alloc/bind; opaque here */
};

#define VIRQ_COUNT 24u
/* Xen ABI: which VIRQs go to one vCPU each; the others are global to the machine. */
/*@ predicate per_vcpu(integer q) = q == 0 || q == 1 || q == 7 || q == 13; */

/*@ terminates \true;
    assigns \nothing;
    ensures \result == 1 <==> per_vcpu(virq);
    ensures \result != 0 <==> per_vcpu(virq); */
static inline bool virq_is_per_vcpu(uint32_t virq) {
    return virq == 0u /* TIMER */ || virq == 1u /* DEBUG */ || virq == 7u /* XENOPROF */ ||
           virq == 13u /* XENPMU */;
}

/* A domain comes to life with ports 1 .. ports - 1 (storage is backed, zeroed), or, with 0 ports,
 * ends: all its ports are closed by then, else nothing changes. */
void evtchn_create(domain_id domain, uint32_t ports, uint32_t vcpus);
void evtchn_set_vcpus(domain_id domain, uint32_t vcpus);
uint32_t evtchn_ports(domain_id domain);      /* 0: the domain is not alive here */
uint32_t evtchn_ports_open(domain_id domain); /* those that are not FREE */

struct port evtchn_read(domain_id domain, port_id port); /* FREE where out of range */

/* Each step: refusals first, then plain assignments; *out is the new port. */
enum reason evtchn_alloc_unbound(domain_id domain, domain_id remote, uint8_t label, port_id *out);
/* The local port is FREE -> INTERDOMAIN with remote's UNBOUND port that names `domain`. A pending
 * event is raised on the local side, as Xen does. */
enum reason evtchn_bind_interdomain(domain_id domain, domain_id remote, port_id remote_port,
                                    uint8_t label, port_id *out, struct effects *effects);
/* REASON_EXISTS: that VIRQ is bound on that vCPU (or, if global, anywhere). REASON_NO_ENTRY: vcpu.
 */
enum reason evtchn_bind_virq(domain_id domain, vcpu_id vcpu, uint32_t virq, uint8_t label,
                             port_id *out);
enum reason evtchn_bind_ipi(domain_id domain, vcpu_id vcpu, uint8_t label, port_id *out);
enum reason evtchn_close(domain_id domain, port_id port, struct effects *effects);
/* INTERDOMAIN notifies the peer, IPI oneself; UNBOUND is silently nothing; else REASON_INVALID. */
enum reason evtchn_send(domain_id domain, port_id port, struct effects *effects);
enum reason evtchn_bind_vcpu(domain_id domain, port_id port, vcpu_id vcpu);
enum reason evtchn_unmask(domain_id domain, port_id port, struct effects *effects);
/* The hypervisor's own source (room for one effect, else the event is lost): raises the VIRQ where
 * it is bound; nothing where it is not. For a global VIRQ, domain and vcpu are found. */
void evtchn_raise_virq(domain_id domain, vcpu_id vcpu, uint32_t virq, struct effects *effects);
void evtchn_raise_global_virq(uint32_t virq, struct effects *effects);

#endif
