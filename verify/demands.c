/* SPDX-License-Identifier: Apache-2.0 */
/* hv/core/demands.c under proof: each list holds what verify/mediation.h says that the call takes.
 * Its own functions' contracts speak of that, so they stand here. */
#include "verify/asked.h"

/*@ terminates \true;
    assigns \nothing;
    ensures \result != 0 <==> id == CALL_domctl_destroy || id == CALL_domctl_getdomaininfo; */
static bool sees_dying(enum call_id id);

/*@ requires from < MAX_DOMAINS || from == DOMAIN_NONE;
    requires to < MAX_DOMAINS || to == DOMAIN_NONE;
    terminates \true;
    assigns \nothing;
    ensures \result == CHANNEL(from, to); */
label_id channel_label(domain_id from, domain_id to);

/*@ terminates \true;
    assigns \nothing;
    ensures \result == PORT_OF(domain, port); */
static label_id port_label(domain_id domain, port_id port);

/* clang-format off */
#define ADDS \
    requires r == &request && d == &demands && d->count < DEMANDS_MAX;
/* clang-format on */

/*@ ADDS requires end < MAX_DOMAINS || end == DOMAIN_NONE;
    terminates \true;
    assigns d->count, d->list[d->count].subject,
            d->list[d->count].object, d->list[d->count].permission,
            d->list[d->count].object_domain, d->list[d->count].optional;
    ensures d->count == \old(d->count) + 1;
    ensures d->list[\old(d->count)].subject == channel;
    ensures d->list[\old(d->count)].object == END_OF(end, other);
    ensures d->list[\old(d->count)].permission == PERMISSION_event_bind;
    ensures d->list[\old(d->count)].optional == 0; */
static void demand_bind(struct demands *d, const struct request *r, label_id channel, domain_id end,
                        domain_id other);

/*@ ADDS requires \valid_read(side) && \separated(d, side);
    requires r->caller < MAX_DOMAINS && r->id == CALL_gnttab_copy;
    terminates \true;
    assigns d->count, d->list[d->count].subject,
            d->list[d->count].object, d->list[d->count].permission,
            d->list[d->count].object_domain, d->list[d->count].optional;
    ensures d->count == \old(d->count) + 1;
    ensures d->list[\old(d->count)].subject == r->label;
    ensures d->list[\old(d->count)].object == LABEL_OF(r, NAMED(r, side->domid));
    ensures d->list[\old(d->count)].permission == PERMISSION_grant_copy;
    ensures d->list[\old(d->count)].optional == 0; */
static void demand_side(struct request *r, struct demands *d,
                        const struct arg_gnttab_copy_side *side);

/*@ ADDS requires d->count == 0;
    terminates \true;
    assigns *d;
    ensures d->count == 3;
    ensures ASKED(d) ==> ON_SELF(r, PERMISSION_own_shutdown);
    ensures d->list[0].object_domain == r->caller;
    ensures d->list[1].object_domain == DOMAIN_NONE && d->list[2].object_domain == DOMAIN_NONE;
    ensures \forall integer g; WIDENED(d, g) ==> POWER(r, g); */
static void demand_shutdown(struct request *r, struct demands *d);

#include "hv/core/demands.c"
