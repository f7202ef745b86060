/* SPDX-License-Identifier: Apache-2.0 */
/* Contracts of what finds and lists demands, and of what it looks at. */
#ifndef CORDON_VERIFY_ASKED_H
#define CORDON_VERIFY_ASKED_H

#include "grants/grants.h"
#include "verify/mediation.h"

/* clang-format off */
#define GRANTED(d, k) \
    (answered(d->list[k].subject, d->list[k].object, d->list[k].permission, epoch))
/* Demand k does not refuse the call. */
#define PASSES(d, k) (k < d->count && !d->list[k].optional ==> GRANTED(d, k))
#define ASKED(d) (PASSES(d, 0) && PASSES(d, 1) && PASSES(d, 2) && PASSES(d, 3))
/* A set bit of r->granted says that this demand was granted. */
#define BIT_HOLDS(d, k, bit, bits) (k < d->count && (bits & bit) != 0 ==> GRANTED(d, k))
#define WIDENED(d, bits) ( \
    BIT_HOLDS(d, 0, 1, bits) && BIT_HOLDS(d, 1, 2, bits) && BIT_HOLDS(d, 2, 4, bits) && \
    BIT_HOLDS(d, 3, 8, bits))

/* clang-format on */

/* Assumed: what is looked at stays as it is between steps. */
/*@ terminates \true;
    assigns \nothing;
    ensures \result == derived_label(subject, peer, epoch); */
label_id xsm_label_channel(label_id subject, label_id peer);
/*@ terminates \true;
    assigns \nothing;
    ensures \result == sid_label(sid, epoch); */
label_id xsm_label_of_sid(uint32_t sid);
/*@ terminates \true;
    assigns \nothing;
    ensures \result.state == port_state(domain, port, epoch);
    ensures \result.label == port_label(domain, port, epoch);
    ensures \result.remote_domain == port_peer(domain, port, epoch);
    ensures \result.state == PORT_INTERDOMAIN ==> \result.remote_domain < MAX_DOMAINS; */
struct port evtchn_read(domain_id domain, port_id port);
/*@ terminates \true;
    assigns \nothing;
    ensures \result < MAX_DOMAINS || \result == DOMAIN_NONE;
    ensures \result != DOMAIN_NONE <==> handle_used(mapper, handle, epoch) == \true;
    ensures \result != DOMAIN_NONE ==> \result == handle_granter(mapper, handle, epoch); */
domain_id grants_granter(domain_id mapper, uint32_t handle);

/* The gate's one request and one list of demands. */
static struct request request;
static struct demands demands;

/* clang-format off */
#define LISTED \
    requires own: r == &request && d == &demands; \
    requires request: under_way(r); \
    requires none_yet: d->count == 0;
#define LISTS \
    assigns *d, r->target; \
    ensures some: 1 <= d->count <= DEMANDS_MAX;
/* clang-format on */

/*@ requires r->id == CALL_evtchn_bind_interdomain;
    LISTED terminates \true; LISTS
    ensures enough: ASKED(d) ==> MAY_evtchn_bind_interdomain(r); */
void demands_evtchn_bind_interdomain(struct request *r, struct demands *d);
/*@ requires r->id == CALL_evtchn_bind_virq;
    LISTED terminates \true; LISTS
    ensures enough: ASKED(d) ==> MAY_evtchn_bind_virq(r); */
void demands_evtchn_bind_virq(struct request *r, struct demands *d);
/*@ requires r->id == CALL_evtchn_send;
    LISTED terminates \true; LISTS
    ensures enough: ASKED(d) ==> MAY_evtchn_send(r); */
void demands_evtchn_send(struct request *r, struct demands *d);
/*@ requires r->id == CALL_evtchn_status;
    LISTED terminates \true; LISTS
    ensures enough: ASKED(d) ==> MAY_evtchn_status(r); */
void demands_evtchn_status(struct request *r, struct demands *d);
/*@ requires r->id == CALL_evtchn_alloc_unbound;
    LISTED terminates \true; LISTS
    ensures enough: ASKED(d) ==> MAY_evtchn_alloc_unbound(r); */
void demands_evtchn_alloc_unbound(struct request *r, struct demands *d);
/*@ requires r->id == CALL_gnttab_map;
    LISTED terminates \true; LISTS
    ensures enough: ASKED(d) ==> MAY_gnttab_map(r); */
void demands_gnttab_map(struct request *r, struct demands *d);
/*@ requires r->id == CALL_gnttab_unmap;
    LISTED terminates \true; LISTS
    ensures enough: ASKED(d) ==> MAY_gnttab_unmap(r); */
void demands_gnttab_unmap(struct request *r, struct demands *d);
/*@ requires r->id == CALL_gnttab_copy;
    LISTED terminates \true; LISTS
    ensures enough: ASKED(d) ==> MAY_gnttab_copy(r); */
void demands_gnttab_copy(struct request *r, struct demands *d);
/*@ requires r->id == CALL_memory_physmap_batch;
    LISTED terminates \true; LISTS
    ensures enough: ASKED(d) ==> MAY_memory_physmap_batch(r); */
void demands_memory_physmap_batch(struct request *r, struct demands *d);
/*@ requires r->id == CALL_sched_shutdown;
    LISTED terminates \true; LISTS
    ensures enough: ASKED(d) ==> MAY_sched_shutdown(r);
    ensures power: \forall integer g; WIDENED(d, g) ==> POWER(r, g); */
void demands_sched_shutdown(struct request *r, struct demands *d);
/*@ requires r->id == CALL_flask_get_peer_sid;
    LISTED terminates \true; LISTS
    ensures enough: ASKED(d) ==> MAY_flask_get_peer_sid(r); */
void demands_flask_get_peer_sid(struct request *r, struct demands *d);
/*@ requires r->id == CALL_sysctl_readconsole;
    LISTED terminates \true; LISTS
    ensures enough: ASKED(d) ==> MAY_sysctl_readconsole(r); */
void demands_sysctl_readconsole(struct request *r, struct demands *d);
/*@ requires r->id == CALL_domctl_create;
    LISTED terminates \true; LISTS
    ensures enough: ASKED(d) ==> MAY_domctl_create(r); */
void demands_domctl_create(struct request *r, struct demands *d);
/*@ requires r->id == CALL_domctl_destroy;
    LISTED terminates \true; LISTS
    ensures enough: ASKED(d) ==> MAY_domctl_destroy(r); */
void demands_domctl_destroy(struct request *r, struct demands *d);
/*@ requires r->id == CALL_domctl_getdomaininfo;
    LISTED terminates \true; LISTS
    ensures enough: ASKED(d) ==> MAY_domctl_getdomaininfo(r); */
void demands_domctl_getdomaininfo(struct request *r, struct demands *d);
/*@ requires r->id == CALL_domctl_scheduler;
    LISTED terminates \true; LISTS
    ensures enough: ASKED(d) ==> MAY_domctl_scheduler(r); */
void demands_domctl_scheduler(struct request *r, struct demands *d);
/*@ requires r->id == CALL_acpi_sleep;
    LISTED terminates \true; LISTS
    ensures enough: ASKED(d) ==> MAY_acpi_sleep(r);
    ensures power: \forall integer g; WIDENED(d, g) ==> POWER(r, g); */
void demands_acpi_sleep(struct request *r, struct demands *d);

#endif
