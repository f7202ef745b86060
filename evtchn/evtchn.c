/* SPDX-License-Identifier: Apache-2.0 */
/* Ports of all domains. An UNBOUND or INTERDOMAIN port names the other end; a VIRQ port is named by
 * exactly one binding below. Relies on the gate's lock, and on rows being backed as evtchn_create()
 * says; leaves pending bits and upcalls to effects. */
#include "evtchn/evtchn.h"

#include "evtchn/storage.h"

#define NO_PORT 0u

struct evtchn_domain {
    uint32_t ports;  /* ports 1 .. ports - 1 exist; 0: not alive */
    uint32_t vcpus;  /* vCPUs 0 .. vcpus - 1 may be notified */
    uint32_t lowest; /* no port of 1 .. lowest - 1 is FREE */
    uint32_t open;   /* ports that are not FREE */
};

struct global_virq {
    domain_id domain;
    uint16_t port; /* NO_PORT: bound nowhere */
};

_Static_assert(sizeof(struct port) == 8, "a row of ports is eight pages");
_Static_assert(MAX_PORTS <= UINT16_MAX && MAX_DOMAINS <= UINT16_MAX, "names of ports are 16 bits");
_Static_assert(MAX_VCPUS <= UINT8_MAX, "a port names its vCPU in 8 bits");

struct port ports[MAX_DOMAINS][MAX_PORTS] SPARSE;

static struct evtchn_domain domains[MAX_DOMAINS];
static uint16_t virq_ports[MAX_DOMAINS][MAX_VCPUS][VIRQ_COUNT]; /* NO_PORT: not bound */
static struct global_virq global_virqs[VIRQ_COUNT];

/*@ predicate is_domain(integer d) = 0 <= d < MAX_DOMAINS;
    predicate alive(integer d) = is_domain(d) && domains[d].ports != 0;
    predicate in_row(integer d, integer p) = is_domain(d) && 0 <= p < MAX_PORTS;
    predicate exists_port(integer d, integer p) = is_domain(d) && 1 <= p < domains[d].ports;
    predicate free(integer d, integer p) = ports[d][p].state == PORT_FREE;

    // Figures of a domain, and what the scan for a FREE port learned.
    predicate sized = \forall integer d; is_domain(d) ==>
        domains[d].ports <= MAX_PORTS && domains[d].vcpus <= MAX_VCPUS &&
        domains[d].lowest <= MAX_PORTS && (domains[d].ports != 0 ==> 1 <= domains[d].lowest);
    predicate taken_below = \forall integer d, p; is_domain(d) && 1 <= p < domains[d].lowest &&
        p < domains[d].ports ==> !free(d, p);

    // Only ports that exist are in use, and each notifies a vCPU that exists.
    predicate typed = \forall integer d, p; in_row(d, p) && !free(d, p) ==>
        exists_port(d, p) && ports[d][p].state <= PORT_IPI &&
        (ports[d][p].vcpu == 0 || ports[d][p].vcpu < domains[d].vcpus);

    // The peer of an INTERDOMAIN port is INTERDOMAIN and names it back.
    predicate names(integer d, integer p, integer e, integer q) =
        ports[d][p].state == PORT_INTERDOMAIN && ports[d][p].remote_domain == e &&
        ports[d][p].remote_port_or_virq == q;
    predicate paired(integer d, integer p) =
        exists_port(ports[d][p].remote_domain, ports[d][p].remote_port_or_virq) &&
        names(ports[d][p].remote_domain, ports[d][p].remote_port_or_virq, d, p) &&
        !names(d, p, d, p);
    predicate symmetric = \forall integer d, p;
        in_row(d, p) && ports[d][p].state == PORT_INTERDOMAIN ==> paired(d, p);

    // A VIRQ is bound to exactly the port that says so.
    predicate virq_port(integer d, integer p, integer v, integer q) =
        exists_port(d, p) && ports[d][p].state == PORT_VIRQ &&
        ports[d][p].remote_port_or_virq == q && (per_vcpu(q) ==> ports[d][p].vcpu == v);
    predicate virqs_ok = (\forall integer d, v, q; is_domain(d) && 0 <= v < MAX_VCPUS &&
            0 <= q < VIRQ_COUNT && virq_ports[d][v][q] != NO_PORT ==>
            per_vcpu(q) && virq_port(d, virq_ports[d][v][q], v, q)) &&
        (\forall integer q; 0 <= q < VIRQ_COUNT && global_virqs[q].port != NO_PORT ==>
            !per_vcpu(q) && virq_port(global_virqs[q].domain, global_virqs[q].port, 0, q));
    predicate virq_named(integer d, integer p, integer q) = 0 <= q < VIRQ_COUNT &&
        (per_vcpu(q) ==> virq_ports[d][ports[d][p].vcpu][q] == p) &&
        (!per_vcpu(q) ==> global_virqs[q].domain == d && global_virqs[q].port == p);
    predicate named = \forall integer d, p; in_row(d, p) && ports[d][p].state == PORT_VIRQ ==>
        virq_named(d, p, ports[d][p].remote_port_or_virq);

    // The same while one port is on its way to FREE: nothing names it any more.
    predicate symmetric_but(integer d, integer p) = \forall integer x, y; in_row(x, y) &&
        !(x == d && y == p) && ports[x][y].state == PORT_INTERDOMAIN ==>
        paired(x, y) && !names(x, y, d, p);
    predicate named_but(integer d, integer p) = \forall integer x, y; in_row(x, y) &&
        !(x == d && y == p) && ports[x][y].state == PORT_VIRQ ==>
        virq_named(x, y, ports[x][y].remote_port_or_virq);
    predicate unnamed(integer d, integer p) = \forall integer v, q; 0 <= v < MAX_VCPUS &&
        0 <= q < VIRQ_COUNT ==> virq_ports[d][v][q] != p &&
        !(global_virqs[q].domain == d && global_virqs[q].port == p);

    // How many of the first n ports of a row are in use.
    logic integer used(integer d, integer n) =
        n <= 0 ? 0 : used(d, n - 1) + (ports[d][n - 1].state == PORT_FREE ? 0 : 1);
    predicate counted = \forall integer d; is_domain(d) ==> domains[d].open == used(d, MAX_PORTS);

    predicate evtchn_ok = sized && taken_below && typed && symmetric && virqs_ok && named &&
   counted;

    predicate same_ports_but{A, B}(integer d, integer p) = \forall integer x, y;
        in_row(x, y) && !(x == d && y == p) ==> \at(ports[x][y], A) == \at(ports[x][y], B);
    predicate same_ports{A, B} = same_ports_but{A, B}(MAX_DOMAINS, 0);
    predicate same_domains_but{A, B}(integer d) = \forall integer x;
        is_domain(x) && x != d ==> \at(domains[x], A) == \at(domains[x], B);
    // All of a domain's figures but those two which a step changes.
    predicate same_figures{A, B}(integer d) =
        \at(domains[d].ports, A) == \at(domains[d].ports, B) &&
        \at(domains[d].vcpus, A) == \at(domains[d].vcpus, B);

    // A FREE port came into use, or none: nothing else of any port, nor a domain's figures.
    predicate opened{A, B}(integer d, integer p) =
        exists_port{A}(d, p) && free{A}(d, p) && !free{B}(d, p) && same_ports_but{A, B}(d, p) &&
        same_figures{A, B}(d);
    predicate nothing_opened{A, B}(integer d) = same_ports{A, B} && same_figures{A, B}(d) &&
        \at(domains[d].open, A) == \at(domains[d].open, B);
    predicate same_port_values(struct port a, integer state, integer vcpu, integer domain,
                               integer other, integer label) =
        a.state == state && a.vcpu == vcpu && a.remote_domain == domain &&
        a.remote_port_or_virq == other && a.label == label;

    // One effect was added and no other is altered.
    predicate one_more{A, B}(struct effects *e, integer kind, integer d, integer p, integer v) =
        \at(e->count, B) == \at(e->count, A) + 1 &&
        \at(effect_is(&e->items[\at(e->count, A)], kind, d) &&
            effect_plain(&e->items[\at(e->count, A)]) &&
            e->items[\at(e->count, A)].port == p && e->items[\at(e->count, A)].vcpu == v, B);
    predicate notifies{A, B}(struct effects *e, integer d, integer p, integer v) =
        one_more{A, B}(e, EFFECT_NOTIFY, d, p, v);
*/

/*@ terminates \true;
    assigns \nothing;
    ensures \result == 1 <==> alive(domain); */
static bool domain_alive(domain_id domain) {
    return domain < MAX_DOMAINS && domains[domain].ports != 0;
}

/*@ terminates \true;
    assigns \nothing;
    ensures \result == 1 <==> exists_port(domain, port); */
static bool port_exists(domain_id domain, port_id port) {
    return domain < MAX_DOMAINS && port != NO_PORT && port < domains[domain].ports;
}

/* Lowest FREE port of a living domain. What the scan learned is kept even where it finds none, so
 * that a guest cannot make every failing call scan the row. */
/*@ predicate room(integer d) = \exists integer p; exists_port(d, p) && free(d, p); */

/*@ requires alive(domain) && evtchn_ok;
    terminates \true;
    assigns domains[domain].lowest;
    ensures kept: sized && taken_below && typed;
    ensures symmetric: symmetric;
    ensures virqs: virqs_ok;
    ensures named: named;
    ensures counted: counted;
    ensures \result != NO_PORT <==> \old(room(domain));
    ensures \result != NO_PORT ==> exists_port(domain, \result) && free(domain, \result);
    ensures \result != NO_PORT ==> domains[domain].lowest == \result;
    ensures \old(domains[domain].lowest) <= domains[domain].lowest; */
static port_id find_free(domain_id domain) {
    uint32_t port = domains[domain].lowest;

    /*@ loop invariant domains[domain].lowest <= port <= MAX_PORTS;
        loop invariant \forall integer p; 1 <= p < port && p < domains[domain].ports ==>
            !free(domain, p);
        loop assigns port;
        loop variant MAX_PORTS - port; */
    while (port < domains[domain].ports && ports[domain][port].state != PORT_FREE) port++;
    domains[domain].lowest = port;
    return port < domains[domain].ports ? port : NO_PORT;
}

/*@ requires in_row(domain, port) && effects_ok(effects) && effects_room(effects, 1);
    terminates \true;
    assigns effects->count, effects->items[effects->count];
    ensures one_more{Pre, Here}(effects, kind, domain, port, ports[domain][port].vcpu); */
static void tell(enum effect_kind kind, domain_id domain, port_id port, struct effects *effects) {
    struct effect *effect = effects_add(effects, kind, domain);

    effect->vcpu = ports[domain][port].vcpu;
    effect->port = port;
}

/*@ requires in_row(domain, port) && free(domain, port) && value.state != PORT_FREE && counted;
    terminates \true;
    assigns ports[domain][port], domains[domain].open;
    ensures ports[domain][port] == value;
    ensures domains[domain].open == \old(domains[domain].open) + 1;
    ensures counted: counted; */
static void open_port(domain_id domain, port_id port, struct port value) {
    ports[domain][port] = value;
    domains[domain].open++;
    /*@ ghost
        /@ loop invariant 0 <= i <= MAX_PORTS;
           loop invariant used{Pre}(domain, i) <= i - (i > port ? 1 : 0);
           loop invariant \forall integer d; is_domain(d) ==> used(d, i) ==
               used{Pre}(d, i) + ((d == domain && i > port) ? 1 : 0);
           loop assigns i;
           loop variant MAX_PORTS - i; @/
        for (uint32_t i = 0; i < MAX_PORTS; i++) ; */
}

/* The other end of a pair changes. */
/*@ requires in_row(domain, port) && !free(domain, port) && state != PORT_FREE && state <= PORT_IPI;
    requires counted;
    terminates \true;
    assigns ports[domain][port].state, ports[domain][port].remote_port_or_virq;
    ensures ports[domain][port].state == state;
    ensures ports[domain][port].remote_port_or_virq == peer;
    ensures counted: counted; */
static void set_peer(domain_id domain, port_id port, enum port_state state, uint16_t peer) {
    ports[domain][port].state = (uint8_t)state;
    ports[domain][port].remote_port_or_virq = peer;
    /*@ ghost
        /@ loop invariant 0 <= i <= MAX_PORTS;
           loop invariant \forall integer d; is_domain(d) ==> used(d, i) == used{Pre}(d, i);
           loop assigns i;
           loop variant MAX_PORTS - i; @/
        for (uint32_t i = 0; i < MAX_PORTS; i++) ; */
}

/*@ ghost
    /@ requires is_domain(d) && counted && domains[d].open == 0;
       terminates \true;
       assigns \nothing;
       ensures \forall integer p; 0 <= p < MAX_PORTS ==> free(d, p); @/
    void lemma_none_used(uint32_t d) {
        /@ loop invariant 0 <= i <= MAX_PORTS;
           loop invariant used(d, i) >= 0;
           loop invariant \forall integer p; 0 <= p < i && !free(d, p) ==> used(d, i) >= 1;
           loop assigns i;
           loop variant MAX_PORTS - i; @/
        for (uint32_t i = 0; i < MAX_PORTS; i++) ;
    }
*/

/*@ ghost
    /@ requires \forall integer d, p; in_row(d, p) ==> free(d, p);
       requires \forall integer d; is_domain(d) ==> domains[d].ports == 0 &&
           domains[d].vcpus == 0 && domains[d].lowest == 0 && domains[d].open == 0;
       requires \forall integer d, v, q; is_domain(d) && 0 <= v < MAX_VCPUS &&
           0 <= q < VIRQ_COUNT ==> virq_ports[d][v][q] == NO_PORT;
       requires \forall integer q; 0 <= q < VIRQ_COUNT ==> global_virqs[q].port == NO_PORT;
       terminates \true;
       assigns \nothing;
       ensures established: evtchn_ok; @/
    void theorem_zeroed_memory_is_a_start(void) {
        /@ loop invariant 0 <= i <= MAX_PORTS;
           loop invariant \forall integer d; is_domain(d) ==> used(d, i) == 0;
           loop assigns i;
           loop variant MAX_PORTS - i; @/
        for (uint32_t i = 0; i < MAX_PORTS; i++) ;
    }
*/

/* Not while ports are open: their peers and VIRQs would name what is no more. Else all are FREE: so
 * is the storage that arrives, which is zeroed. */
/*@ predicate can_create(integer d, integer count, integer v) = is_domain(d) &&
        domains[d].open == 0 && count <= MAX_PORTS && v <= MAX_VCPUS; */

/*@ requires evtchn_ok;
    terminates \true;
    assigns domains[domain];
    ensures kept: sized && taken_below && typed;
    ensures symmetric: symmetric;
    ensures virqs: virqs_ok;
    ensures named: named;
    ensures counted: counted;
    ensures made: \old(can_create(domain, count, vcpus)) ==>
        domains[domain].ports == count && domains[domain].vcpus == vcpus &&
        domains[domain].open == 0;
    ensures free: \old(can_create(domain, count, vcpus)) ==>
        \forall integer p; 0 <= p < MAX_PORTS ==> free(domain, p);
    ensures refused: is_domain(domain) && !\old(can_create(domain, count, vcpus)) ==>
        domains[domain] == \old(domains[domain]); */
void evtchn_create(domain_id domain, uint32_t count, uint32_t vcpus) {
    if (domain >= MAX_DOMAINS || domains[domain].open != 0 || count > MAX_PORTS ||
        vcpus > MAX_VCPUS)
        return;

    /*@ ghost lemma_none_used(domain); */
    domains[domain] = (struct evtchn_domain){.ports = count, .vcpus = vcpus, .lowest = 1};
}

/* Never lowered: a port could be left that names a vCPU which is no more. */
/*@ requires evtchn_ok;
    terminates \true;
    assigns domains[domain].vcpus;
    ensures kept: sized && taken_below && typed;
    ensures symmetric: symmetric;
    ensures virqs: virqs_ok;
    ensures named: named;
    ensures counted: counted;
    ensures set: alive(domain) ==> domains[domain].vcpus ==
        (vcpus <= MAX_VCPUS ? \max(vcpus, \old(domains[domain].vcpus)) :
                              \old(domains[domain].vcpus));
    ensures dead: is_domain(domain) && !alive(domain) ==>
        domains[domain].vcpus == \old(domains[domain].vcpus); */
void evtchn_set_vcpus(domain_id domain, uint32_t vcpus) {
    if (domain_alive(domain) && vcpus <= MAX_VCPUS && vcpus > domains[domain].vcpus)
        domains[domain].vcpus = vcpus;
}

/*@ terminates \true;
    assigns \nothing;
    ensures alive: \result != 0 <==> alive(domain);
    ensures count: is_domain(domain) ==> \result == domains[domain].ports; */
uint32_t evtchn_ports(domain_id domain) { return domain < MAX_DOMAINS ? domains[domain].ports : 0; }

/*@ terminates \true;
    assigns \nothing;
    ensures count: is_domain(domain) ==> \result == domains[domain].open; */
uint32_t evtchn_ports_open(domain_id domain) {
    return domain < MAX_DOMAINS ? domains[domain].open : 0;
}

/*@ requires evtchn_ok;
    terminates \true;
    assigns \nothing;
    ensures read: exists_port(domain, port) ==> \result == ports[domain][port];
    ensures absent: !exists_port(domain, port) ==> \result.state == PORT_FREE; */
struct port evtchn_read(domain_id domain, port_id port) {
    if (!port_exists(domain, port)) return (struct port){.state = PORT_FREE};
    return ports[domain][port];
}

/*@ requires evtchn_ok && \valid(out);
    terminates \true;
    assigns ports[domain][0 .. MAX_PORTS - 1], domains[domain].lowest, domains[domain].open, *out;
    ensures kept: sized && taken_below && typed;
    ensures symmetric: symmetric;
    ensures virqs: virqs_ok;
    ensures named: named;
    ensures counted: counted;
    ensures no_domain: \result == REASON_NO_DOMAIN <==> !(alive(domain) && is_domain(remote));
    ensures no_space: \result == REASON_NO_SPACE <==>
        alive(domain) && is_domain(remote) && !\old(room(domain));
    ensures accepted: \result == REASON_OK <==>
        alive(domain) && is_domain(remote) && \old(room(domain));
    ensures opened: \result == REASON_OK ==> opened{Pre, Post}(domain, *out) &&
        same_port_values(ports[domain][*out], PORT_UNBOUND, 0, remote, 0, label);
    ensures unchanged: is_domain(domain) && \result != REASON_OK ==>
        nothing_opened{Pre, Post}(domain) && *out == \old(*out); */
enum reason evtchn_alloc_unbound(domain_id domain, domain_id remote, uint8_t label, port_id *out) {
    port_id port;

    if (!domain_alive(domain) || remote >= MAX_DOMAINS) return REASON_NO_DOMAIN;
    port = find_free(domain);
    if (port == NO_PORT) return REASON_NO_SPACE;

    open_port(domain, port,
              (struct port){.state = PORT_UNBOUND, .remote_domain = remote, .label = label});
    *out = port;
    return REASON_OK;
}

/*@ predicate offered(integer d, integer e, integer q) = exists_port(e, q) &&
        ports[e][q].state == PORT_UNBOUND && ports[e][q].remote_domain == d; */

/*@ requires evtchn_ok && \valid(out) && effects_ok(effects) &&
        \separated(out, effects);
    terminates \true;
    assigns ports[domain][0 .. MAX_PORTS - 1], ports[remote][remote_port],
        domains[domain].lowest, domains[domain].open, *out, effects->count,
        effects->items[effects->count];
    ensures sized: sized;
    ensures taken_below: taken_below;
    ensures typed: typed;
    ensures symmetric: symmetric;
    ensures virqs: virqs_ok;
    ensures named: named;
    ensures counted: counted;
    ensures no_domain: \result == REASON_NO_DOMAIN <==> !(alive(domain) && alive(remote));
    ensures invalid: \result == REASON_INVALID <==>
        alive(domain) && alive(remote) && !\old(offered(domain, remote, remote_port));
    ensures again: \result == REASON_AGAIN <==> alive(domain) && alive(remote) &&
        \old(offered(domain, remote, remote_port) && !effects_room(effects, 1));
    ensures no_space: \result == REASON_NO_SPACE <==> alive(domain) && alive(remote) &&
        \old(offered(domain, remote, remote_port) && effects_room(effects, 1) && !room(domain));
    ensures accepted: \result == REASON_OK <==> alive(domain) && alive(remote) &&
        \old(offered(domain, remote, remote_port) && effects_room(effects, 1) && room(domain));
    ensures paired: \result == REASON_OK ==>
        same_port_values(ports[domain][*out], PORT_INTERDOMAIN, 0, remote, remote_port, label) &&
        names(remote, remote_port, domain, *out);
    ensures others: \result == REASON_OK ==> exists_port(domain, *out) &&
        free{Pre}(domain, *out) && \forall integer x, y; in_row(x, y) &&
            !(x == domain && y == *out) && !(x == remote && y == remote_port) ==>
            ports[x][y] == \old(ports[x][y]);
    ensures notified: \result == REASON_OK ==> notifies{Pre, Post}(effects, domain, *out, 0);
    ensures unchanged: is_domain(domain) && \result != REASON_OK ==>
        nothing_opened{Pre, Post}(domain) && *out == \old(*out) &&
        effects->count == \old(effects->count); */
enum reason evtchn_bind_interdomain(domain_id domain, domain_id remote, port_id remote_port,
                                    uint8_t label, port_id *out, struct effects *effects) {
    port_id port;

    if (!domain_alive(domain) || !domain_alive(remote)) return REASON_NO_DOMAIN;
    if (!port_exists(remote, remote_port) || ports[remote][remote_port].state != PORT_UNBOUND ||
        ports[remote][remote_port].remote_domain != domain)
        return REASON_INVALID;
    if (!effects_have_room(effects, 1)) return REASON_AGAIN;
    port = find_free(domain);
    if (port == NO_PORT) return REASON_NO_SPACE;

    open_port(domain, port,
              (struct port){.state = PORT_INTERDOMAIN,
                            .remote_domain = remote,
                            .remote_port_or_virq = (uint16_t)remote_port,
                            .label = label});
    set_peer(remote, remote_port, PORT_INTERDOMAIN, (uint16_t)port);
    /*@ assert typed: typed; */
    /*@ assert virqs: virqs_ok && named; */
    tell(EFFECT_NOTIFY, domain, port, effects);
    *out = port;
    return REASON_OK;
}

/*@ predicate virq_bound(integer d, integer v, integer q) =
        (per_vcpu(q) ==> virq_ports[d][v][q] != NO_PORT) &&
        (!per_vcpu(q) ==> global_virqs[q].port != NO_PORT);
    predicate virq_valid(integer v, integer q) = q < VIRQ_COUNT && (per_vcpu(q) || v == 0);
    predicate same_virqs_but{A, B}(integer d, integer v, integer q) =
        (\forall integer x, y, z; is_domain(x) && 0 <= y < MAX_VCPUS && 0 <= z < VIRQ_COUNT &&
            !(per_vcpu(q) && x == d && y == v && z == q) ==>
            \at(virq_ports[x][y][z], A) == \at(virq_ports[x][y][z], B)) &&
        (\forall integer z; 0 <= z < VIRQ_COUNT && !(!per_vcpu(q) && z == q) ==>
            \at(global_virqs[z], A) == \at(global_virqs[z], B)); */

/*@ requires is_domain(domain) && vcpu < MAX_VCPUS && virq < VIRQ_COUNT;
    terminates \true;
    assigns \nothing;
    ensures \result == 1 <==> virq_bound(domain, vcpu, virq); */
static bool virq_is_bound(domain_id domain, vcpu_id vcpu, uint32_t virq) {
    if (virq_is_per_vcpu(virq)) return virq_ports[domain][vcpu][virq] != NO_PORT;
    return global_virqs[virq].port != NO_PORT;
}

/*@ requires evtchn_ok && \valid(out);
    terminates \true;
    assigns ports[domain][0 .. MAX_PORTS - 1], domains[domain].lowest, domains[domain].open, *out,
        virq_ports[domain][0 .. MAX_VCPUS - 1][0 .. VIRQ_COUNT - 1],
        global_virqs[0 .. VIRQ_COUNT - 1];
    ensures sized: sized;
    ensures taken_below: taken_below;
    ensures typed: typed;
    ensures symmetric: symmetric;
    ensures virqs: virqs_ok;
    ensures named: named;
    ensures counted: counted;
    ensures no_domain: \result == REASON_NO_DOMAIN <==> !alive(domain);
    ensures invalid: \result == REASON_INVALID <==> alive(domain) && !virq_valid(vcpu, virq);
    ensures no_entry: \result == REASON_NO_ENTRY <==>
        alive(domain) && virq_valid(vcpu, virq) && vcpu >= domains[domain].vcpus;
    ensures exists: \result == REASON_EXISTS <==> alive(domain) && virq_valid(vcpu, virq) &&
        vcpu < domains[domain].vcpus && \old(virq_bound(domain, vcpu, virq));
    ensures no_space: \result == REASON_NO_SPACE <==> alive(domain) && virq_valid(vcpu, virq) &&
        vcpu < domains[domain].vcpus && \old(!virq_bound(domain, vcpu, virq) && !room(domain));
    ensures accepted: \result == REASON_OK <==> alive(domain) && virq_valid(vcpu, virq) &&
        vcpu < domains[domain].vcpus && \old(!virq_bound(domain, vcpu, virq) && room(domain));
    ensures opened: \result == REASON_OK ==> opened{Pre, Post}(domain, *out) &&
        same_port_values(ports[domain][*out], PORT_VIRQ, vcpu, 0, virq, label);
    ensures bound: \result == REASON_OK ==> virq_named(domain, *out, virq) &&
        same_virqs_but{Pre, Post}(domain, vcpu, virq);
    ensures unchanged: is_domain(domain) && \result != REASON_OK ==>
        nothing_opened{Pre, Post}(domain) && *out == \old(*out) &&
        same_virqs_but{Pre, Post}(MAX_DOMAINS, 0, VIRQ_COUNT); */
enum reason evtchn_bind_virq(domain_id domain, vcpu_id vcpu, uint32_t virq, uint8_t label,
                             port_id *out) {
    port_id port;

    if (!domain_alive(domain)) return REASON_NO_DOMAIN;
    /* As Xen: a global VIRQ starts at vCPU 0 and is moved by bind_vcpu. */
    if (virq >= VIRQ_COUNT || (!virq_is_per_vcpu(virq) && vcpu != 0)) return REASON_INVALID;
    if (vcpu >= domains[domain].vcpus) return REASON_NO_ENTRY;
    if (virq_is_bound(domain, vcpu, virq)) return REASON_EXISTS;
    port = find_free(domain);
    if (port == NO_PORT) return REASON_NO_SPACE;

    open_port(domain, port,
              (struct port){.state = PORT_VIRQ,
                            .vcpu = (uint8_t)vcpu,
                            .remote_port_or_virq = (uint16_t)virq,
                            .label = label});
    if (virq_is_per_vcpu(virq))
        virq_ports[domain][vcpu][virq] = (uint16_t)port;
    else
        global_virqs[virq] = (struct global_virq){.domain = domain, .port = (uint16_t)port};
    /*@ assert taken_below: taken_below; */
    /*@ assert typed: typed; */
    /*@ assert virqs: virqs_ok; */
    /*@ assert named: named; */
    *out = port;
    return REASON_OK;
}

/*@ requires evtchn_ok && \valid(out);
    terminates \true;
    assigns ports[domain][0 .. MAX_PORTS - 1], domains[domain].lowest, domains[domain].open, *out;
    ensures kept: sized && taken_below && typed;
    ensures symmetric: symmetric;
    ensures virqs: virqs_ok;
    ensures named: named;
    ensures counted: counted;
    ensures no_domain: \result == REASON_NO_DOMAIN <==> !alive(domain);
    ensures no_entry: \result == REASON_NO_ENTRY <==>
        alive(domain) && vcpu >= domains[domain].vcpus;
    ensures no_space: \result == REASON_NO_SPACE <==>
        alive(domain) && vcpu < domains[domain].vcpus && !\old(room(domain));
    ensures accepted: \result == REASON_OK <==>
        alive(domain) && vcpu < domains[domain].vcpus && \old(room(domain));
    ensures opened: \result == REASON_OK ==> opened{Pre, Post}(domain, *out) &&
        same_port_values(ports[domain][*out], PORT_IPI, vcpu, 0, 0, label);
    ensures unchanged: is_domain(domain) && \result != REASON_OK ==>
        nothing_opened{Pre, Post}(domain) && *out == \old(*out); */
enum reason evtchn_bind_ipi(domain_id domain, vcpu_id vcpu, uint8_t label, port_id *out) {
    port_id port;

    if (!domain_alive(domain)) return REASON_NO_DOMAIN;
    if (vcpu >= domains[domain].vcpus) return REASON_NO_ENTRY;
    port = find_free(domain);
    if (port == NO_PORT) return REASON_NO_SPACE;

    open_port(domain, port,
              (struct port){.state = PORT_IPI, .vcpu = (uint8_t)vcpu, .label = label});
    *out = port;
    return REASON_OK;
}

/*@ predicate same_but_peer{A, B}(integer d, integer p) = \forall integer x, y;
        in_row(x, y) && !names{A}(d, p, x, y) ==> \at(ports[x][y], A) == \at(ports[x][y], B);
    // Its peer waits for this domain again, and keeps its vCPU and its label.
    predicate let_go{A, B}(integer d, integer p) = \forall integer x, y;
        in_row(x, y) && names{A}(d, p, x, y) ==> same_port_values(\at(ports[x][y], B), PORT_UNBOUND,
            \at(ports[x][y].vcpu, A), d, NO_PORT, \at(ports[x][y].label, A));
    predicate closed{A, B}(integer d, integer p) = free{B}(d, p) && \forall integer x, y;
        in_row(x, y) && !(x == d && y == p) && !names{A}(d, p, x, y) ==>
        \at(ports[x][y], A) == \at(ports[x][y], B); */

/* The peer already names this domain; it stays UNBOUND for it. */
/*@ requires evtchn_ok && in_row(domain, port) && ports[domain][port].state == PORT_INTERDOMAIN;
    terminates \true;
    assigns ports[0 .. MAX_DOMAINS - 1][0 .. MAX_PORTS - 1];
    ensures kept: sized && taken_below && typed;
    ensures symmetric_but(domain, port);
    ensures virqs: virqs_ok && named && unnamed(domain, port);
    ensures counted: counted;
    ensures others: same_but_peer{Pre, Post}(domain, port);
    ensures let_go: let_go{Pre, Post}(domain, port); */
static void unpair(domain_id domain, port_id port) {
    /*@ assert ports[domain][port].remote_domain < MAX_DOMAINS &&
            ports[domain][port].remote_port_or_virq < MAX_PORTS; */
    set_peer(ports[domain][port].remote_domain, ports[domain][port].remote_port_or_virq,
             PORT_UNBOUND, NO_PORT);
}

/*@ requires evtchn_ok && in_row(domain, port) && ports[domain][port].state == PORT_VIRQ;
    terminates \true;
    assigns virq_ports[domain][ports[domain][port].vcpu][ports[domain][port].remote_port_or_virq],
        global_virqs[ports[domain][port].remote_port_or_virq];
    ensures virqs_ok && named_but(domain, port) && unnamed(domain, port);
    ensures \let q = ports[domain][port].remote_port_or_virq;
        !virq_bound(domain, ports[domain][port].vcpu, q) &&
        same_virqs_but{Pre, Post}(domain, ports[domain][port].vcpu, q); */
static void unbind_virq(domain_id domain, port_id port) {
    uint32_t virq = ports[domain][port].remote_port_or_virq;

    if (virq_is_per_vcpu(virq))
        virq_ports[domain][ports[domain][port].vcpu][virq] = NO_PORT;
    else
        global_virqs[virq] = (struct global_virq){.port = NO_PORT};
}

/* For a port that is not FREE. */
/*@ requires sized && taken_below && typed && virqs_ok && counted;
    requires in_row(domain, port) && !free(domain, port);
    requires symmetric_but(domain, port);
    requires named_but(domain, port);
    requires unnamed(domain, port);
    terminates \true;
    assigns ports[domain][port], domains[domain].open, domains[domain].lowest;
    ensures sized: sized;
    ensures taken_below: taken_below;
    ensures typed: typed;
    ensures symmetric: symmetric;
    ensures virqs: virqs_ok;
    ensures named: named;
    ensures counted: counted;
    ensures free(domain, port); */
static void free_port(domain_id domain, port_id port) {
    ports[domain][port] = (struct port){.state = PORT_FREE};
    domains[domain].open--;
    /*@ ghost
        /@ loop invariant 0 <= i <= MAX_PORTS;
           loop invariant used{Pre}(domain, i) >= (i > port ? 1 : 0);
           loop invariant \forall integer d; is_domain(d) ==> used(d, i) ==
               used{Pre}(d, i) - ((d == domain && i > port) ? 1 : 0);
           loop assigns i;
           loop variant MAX_PORTS - i; @/
        for (uint32_t i = 0; i < MAX_PORTS; i++) ; */
    if (port < domains[domain].lowest) domains[domain].lowest = port;
}

/*@ requires evtchn_ok && in_row(domain, port) && !free(domain, port);
    terminates \true;
    assigns ports[0 .. MAX_DOMAINS - 1][0 .. MAX_PORTS - 1],
        virq_ports[domain][0 .. MAX_VCPUS - 1][0 .. VIRQ_COUNT - 1],
        global_virqs[0 .. VIRQ_COUNT - 1], domains[domain].open, domains[domain].lowest;
    ensures kept: sized && taken_below && typed;
    ensures symmetric: symmetric;
    ensures virqs: virqs_ok;
    ensures named: named;
    ensures counted: counted;
    ensures closed: closed{Pre, Post}(domain, port);
    ensures let_go: let_go{Pre, Post}(domain, port);
    ensures same_figures{Pre, Post}(domain); */
static void close_port(domain_id domain, port_id port) {
    /*@ assert ports[domain][port].state == PORT_VIRQ ==>
            ports[domain][port].remote_port_or_virq < VIRQ_COUNT &&
            ports[domain][port].vcpu < MAX_VCPUS; */
    /*@ assert ports[domain][port].state != PORT_INTERDOMAIN ==> symmetric_but(domain, port); */
    /*@ assert ports[domain][port].state != PORT_VIRQ ==> unnamed(domain, port); */
    if (ports[domain][port].state == PORT_INTERDOMAIN)
        unpair(domain, port);
    else if (ports[domain][port].state == PORT_VIRQ)
        unbind_virq(domain, port);
    free_port(domain, port);
}

/*@ requires evtchn_ok && effects_ok(effects);
    terminates \true;
    assigns ports[0 .. MAX_DOMAINS - 1][0 .. MAX_PORTS - 1],
        virq_ports[domain][0 .. MAX_VCPUS - 1][0 .. VIRQ_COUNT - 1],
        global_virqs[0 .. VIRQ_COUNT - 1], domains[domain].open, domains[domain].lowest,
        effects->count, effects->items[effects->count];
    ensures kept: sized && taken_below && typed;
    ensures symmetric: symmetric;
    ensures virqs: virqs_ok;
    ensures named: named;
    ensures counted: counted;
    ensures invalid: \result == REASON_INVALID <==>
        !(exists_port(domain, port) && !free{Pre}(domain, port));
    ensures again: \result == REASON_AGAIN <==> exists_port(domain, port) &&
        !free{Pre}(domain, port) && !\old(effects_room(effects, 1));
    ensures accepted: \result == REASON_OK <==> exists_port(domain, port) &&
        !free{Pre}(domain, port) && \old(effects_room(effects, 1));
    ensures closed: \result == REASON_OK ==> closed{Pre, Post}(domain, port);
    ensures let_go: \result == REASON_OK ==> let_go{Pre, Post}(domain, port);
    ensures cleared: \result == REASON_OK ==>
        one_more{Pre, Post}(effects, EFFECT_CLEAR_PENDING, domain, port, 0);
    ensures unchanged: \result != REASON_OK ==> same_ports{Pre, Post} &&
        effects->count == \old(effects->count); */
enum reason evtchn_close(domain_id domain, port_id port, struct effects *effects) {
    if (!port_exists(domain, port) || ports[domain][port].state == PORT_FREE) return REASON_INVALID;
    if (!effects_have_room(effects, 1)) return REASON_AGAIN;

    close_port(domain, port);
    effects_add(effects, EFFECT_CLEAR_PENDING, domain)->port = port;
    return REASON_OK;
}

/*@ predicate sends(integer d, integer p) = ports[d][p].state == PORT_UNBOUND ||
        ports[d][p].state == PORT_INTERDOMAIN || ports[d][p].state == PORT_IPI; */

/*@ requires evtchn_ok && effects_ok(effects);
    terminates \true;
    assigns effects->count, effects->items[effects->count];
    ensures invalid: \result == REASON_INVALID <==> !exists_port(domain, port) ||
        (\old(effects_room(effects, 1)) && !sends(domain, port));
    ensures again: \result == REASON_AGAIN <==>
        exists_port(domain, port) && !\old(effects_room(effects, 1));
    ensures accepted: \result == REASON_OK <==>
        exists_port(domain, port) && \old(effects_room(effects, 1)) && sends(domain, port);
    ensures peer: \result == REASON_OK && ports[domain][port].state == PORT_INTERDOMAIN ==>
        \let e = ports[domain][port].remote_domain;
        \let q = ports[domain][port].remote_port_or_virq;
        notifies{Pre, Post}(effects, e, q, ports[e][q].vcpu);
    ensures self: \result == REASON_OK && ports[domain][port].state == PORT_IPI ==>
        notifies{Pre, Post}(effects, domain, port, ports[domain][port].vcpu);
    ensures silent: \result != REASON_OK || ports[domain][port].state == PORT_UNBOUND ==>
        effects->count == \old(effects->count); */
enum reason evtchn_send(domain_id domain, port_id port, struct effects *effects) {
    if (!port_exists(domain, port)) return REASON_INVALID;
    if (!effects_have_room(effects, 1)) return REASON_AGAIN;
    switch ((enum port_state)ports[domain][port].state) {
    case PORT_INTERDOMAIN:
        tell(EFFECT_NOTIFY, ports[domain][port].remote_domain,
             ports[domain][port].remote_port_or_virq, effects);
        return REASON_OK;
    case PORT_IPI: tell(EFFECT_NOTIFY, domain, port, effects); return REASON_OK;
    case PORT_UNBOUND: return REASON_OK;
    case PORT_FREE:
    case PORT_VIRQ: return REASON_INVALID;
    }
    return REASON_INVALID;
}

/*@ predicate movable(integer d, integer p) = ports[d][p].state == PORT_UNBOUND ||
        ports[d][p].state == PORT_INTERDOMAIN ||
        (ports[d][p].state == PORT_VIRQ && !per_vcpu(ports[d][p].remote_port_or_virq)); */

/*@ requires evtchn_ok;
    terminates \true;
    assigns ports[domain][port].vcpu;
    ensures kept: sized && taken_below && typed;
    ensures symmetric: symmetric;
    ensures virqs: virqs_ok;
    ensures named: named;
    ensures counted: counted;
    ensures invalid: \result == REASON_INVALID <==> !exists_port(domain, port) ||
        (vcpu < domains[domain].vcpus && !movable{Pre}(domain, port));
    ensures no_entry: \result == REASON_NO_ENTRY <==>
        exists_port(domain, port) && vcpu >= domains[domain].vcpus;
    ensures accepted: \result == REASON_OK <==> exists_port(domain, port) &&
        vcpu < domains[domain].vcpus && movable{Pre}(domain, port);
    ensures moved: \result == REASON_OK ==> ports[domain][port].vcpu == vcpu;
    ensures unchanged: in_row(domain, port) && \result != REASON_OK ==>
        ports[domain][port].vcpu == \old(ports[domain][port].vcpu); */
enum reason evtchn_bind_vcpu(domain_id domain, port_id port, vcpu_id vcpu) {
    if (!port_exists(domain, port)) return REASON_INVALID;
    if (vcpu >= domains[domain].vcpus) return REASON_NO_ENTRY;
    switch ((enum port_state)ports[domain][port].state) {
    case PORT_VIRQ:
        if (virq_is_per_vcpu(ports[domain][port].remote_port_or_virq)) return REASON_INVALID;
        break;
    case PORT_UNBOUND:
    case PORT_INTERDOMAIN: break;
    case PORT_FREE:
    case PORT_IPI: return REASON_INVALID;
    }

    ports[domain][port].vcpu = (uint8_t)vcpu;
    /*@ ghost
        /@ loop invariant 0 <= i <= MAX_PORTS;
           loop invariant \forall integer d; is_domain(d) ==> used(d, i) == used{Pre}(d, i);
           loop assigns i;
           loop variant MAX_PORTS - i; @/
        for (uint32_t i = 0; i < MAX_PORTS; i++) ; */
    return REASON_OK;
}

/* A FREE port too, as Xen: the mask bit is the domain's own memory. */
/*@ requires evtchn_ok && effects_ok(effects);
    terminates \true;
    assigns effects->count, effects->items[effects->count];
    ensures invalid: \result == REASON_INVALID <==> !exists_port(domain, port);
    ensures again: \result == REASON_AGAIN <==>
        exists_port(domain, port) && !\old(effects_room(effects, 1));
    ensures accepted: \result == REASON_OK <==>
        exists_port(domain, port) && \old(effects_room(effects, 1));
    ensures unmasked: \result == REASON_OK ==> one_more{Pre, Post}(effects, EFFECT_UNMASK, domain,
        port, ports[domain][port].vcpu);
    ensures unchanged: \result != REASON_OK ==> effects->count == \old(effects->count); */
enum reason evtchn_unmask(domain_id domain, port_id port, struct effects *effects) {
    if (!port_exists(domain, port)) return REASON_INVALID;
    if (!effects_have_room(effects, 1)) return REASON_AGAIN;

    tell(EFFECT_UNMASK, domain, port, effects);
    return REASON_OK;
}

/* Callers leave room for one effect. Where they do not, the event is lost rather than memory
 * overwritten. */
/*@ predicate bound_to(integer d, integer v, integer q) = alive(d) && v < MAX_VCPUS &&
        q < VIRQ_COUNT && virq_ports[d][v][q] != NO_PORT; */

/*@ requires evtchn_ok && effects_ok(effects);
    terminates \true;
    assigns effects->count, effects->items[effects->count];
    ensures raised: bound_to(domain, vcpu, virq) && \old(effects_room(effects, 1)) ==>
        \let p = virq_ports[domain][vcpu][virq];
        notifies{Pre, Post}(effects, domain, p, vcpu) && exists_port(domain, p);
    ensures unbound: !(bound_to(domain, vcpu, virq) && \old(effects_room(effects, 1))) ==>
        effects->count == \old(effects->count); */
void evtchn_raise_virq(domain_id domain, vcpu_id vcpu, uint32_t virq, struct effects *effects) {
    if (!domain_alive(domain) || vcpu >= MAX_VCPUS || virq >= VIRQ_COUNT ||
        virq_ports[domain][vcpu][virq] == NO_PORT || !effects_have_room(effects, 1))
        return;

    tell(EFFECT_NOTIFY, domain, virq_ports[domain][vcpu][virq], effects);
}

/*@ requires evtchn_ok && effects_ok(effects);
    terminates \true;
    assigns effects->count, effects->items[effects->count];
    ensures raised: virq < VIRQ_COUNT && global_virqs[virq].port != NO_PORT &&
        \old(effects_room(effects, 1)) ==>
        \let d = global_virqs[virq].domain;
        \let p = global_virqs[virq].port;
        notifies{Pre, Post}(effects, d, p, ports[d][p].vcpu) && exists_port(d, p);
    ensures unbound: !(virq < VIRQ_COUNT && global_virqs[virq].port != NO_PORT &&
        \old(effects_room(effects, 1))) ==> effects->count == \old(effects->count); */
void evtchn_raise_global_virq(uint32_t virq, struct effects *effects) {
    if (virq >= VIRQ_COUNT || global_virqs[virq].port == NO_PORT || !effects_have_room(effects, 1))
        return;

    tell(EFFECT_NOTIFY, global_virqs[virq].domain, global_virqs[virq].port, effects);
}
