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
    bool ending;     /* being destroyed: opens no more ports */
};

struct global_virq {
    domain_id domain;
    uint16_t port; /* NO_PORT: bound nowhere */
};

_Static_assert(sizeof(struct port) == 8, "a row of ports is eight pages");
_Static_assert(MAX_PORTS <= UINT16_MAX && MAX_DOMAINS <= UINT16_MAX, "names of ports are 16 bits");
_Static_assert(MAX_VCPUS <= UINT8_MAX, "a port names its vCPU in 8 bits");

SPARSE struct port ports[MAX_DOMAINS][MAX_PORTS];

static struct evtchn_domain domains[MAX_DOMAINS];
static uint16_t virq_ports[MAX_DOMAINS][MAX_VCPUS][VIRQ_COUNT]; /* NO_PORT: not bound */
static struct global_virq global_virqs[VIRQ_COUNT];

static bool domain_alive(domain_id domain) {
    return domain < MAX_DOMAINS && domains[domain].ports != 0;
}

static bool port_exists(domain_id domain, port_id port) {
    return domain < MAX_DOMAINS && port != NO_PORT && port < domains[domain].ports;
}

/* Lowest FREE port of a living domain. What the scan learned is kept even where it finds none, so
 * that a guest cannot make every failing call scan the row. */
static port_id find_free(domain_id domain) {
    uint32_t port = domains[domain].lowest;

    if (domains[domain].ending) return NO_PORT;
    while (port < domains[domain].ports && ports[domain][port].state != PORT_FREE) port++;
    domains[domain].lowest = port;
    return port < domains[domain].ports ? port : NO_PORT;
}

static void notify(domain_id domain, port_id port, struct effects *effects) {
    struct effect *effect = effects_add(effects, EFFECT_NOTIFY, domain);

    effect->vcpu = ports[domain][port].vcpu;
    effect->port = port;
}

static void clear_pending(domain_id domain, port_id port, struct effects *effects) {
    effects_add(effects, EFFECT_CLEAR_PENDING, domain)->port = port;
}

/* Not while ports are open: their peers and VIRQs would name what is no more. */
void evtchn_create(domain_id domain, uint32_t count, uint32_t vcpus) {
    if (domain >= MAX_DOMAINS || domains[domain].open != 0 || count > MAX_PORTS ||
        vcpus > MAX_VCPUS)
        return;

    for (uint32_t port = 0; port < count; port++)
        ports[domain][port] = (struct port){.state = PORT_FREE};
    domains[domain].ports = count;
    domains[domain].vcpus = vcpus;
    domains[domain].lowest = 1;
    domains[domain].open = 0;
    domains[domain].ending = false;
}

/* Never lowered: a port could be left that names a vCPU which is no more. */
void evtchn_set_vcpus(domain_id domain, uint32_t vcpus) {
    if (domain_alive(domain) && vcpus <= MAX_VCPUS && vcpus > domains[domain].vcpus)
        domains[domain].vcpus = vcpus;
}

uint32_t evtchn_ports(domain_id domain) { return domain < MAX_DOMAINS ? domains[domain].ports : 0; }

struct port evtchn_read(domain_id domain, port_id port) {
    if (!port_exists(domain, port)) return (struct port){.state = PORT_FREE};
    return ports[domain][port];
}

enum reason evtchn_alloc_unbound(domain_id domain, domain_id remote, uint8_t label, port_id *out) {
    port_id port;

    if (!domain_alive(domain) || remote >= MAX_DOMAINS) return REASON_NO_DOMAIN;
    port = find_free(domain);
    if (port == NO_PORT) return REASON_NO_SPACE;

    ports[domain][port] =
        (struct port){.state = PORT_UNBOUND, .remote_domain = remote, .label = label};
    domains[domain].open++;
    *out = port;
    return REASON_OK;
}

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

    ports[domain][port] = (struct port){.state = PORT_INTERDOMAIN,
                                        .remote_domain = remote,
                                        .remote_port_or_virq = (uint16_t)remote_port,
                                        .label = label};
    ports[remote][remote_port].state = PORT_INTERDOMAIN;
    ports[remote][remote_port].remote_port_or_virq = (uint16_t)port;
    notify(domain, port, effects);
    domains[domain].open++;
    *out = port;
    return REASON_OK;
}

static bool virq_is_bound(domain_id domain, vcpu_id vcpu, uint32_t virq) {
    if (virq_is_per_vcpu(virq)) return virq_ports[domain][vcpu][virq] != NO_PORT;
    return global_virqs[virq].port != NO_PORT;
}

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

    ports[domain][port] = (struct port){.state = PORT_VIRQ,
                                        .vcpu = (uint8_t)vcpu,
                                        .remote_port_or_virq = (uint16_t)virq,
                                        .label = label};
    if (virq_is_per_vcpu(virq))
        virq_ports[domain][vcpu][virq] = (uint16_t)port;
    else
        global_virqs[virq] = (struct global_virq){.domain = domain, .port = (uint16_t)port};
    domains[domain].open++;
    *out = port;
    return REASON_OK;
}

enum reason evtchn_bind_ipi(domain_id domain, vcpu_id vcpu, uint8_t label, port_id *out) {
    port_id port;

    if (!domain_alive(domain)) return REASON_NO_DOMAIN;
    if (vcpu >= domains[domain].vcpus) return REASON_NO_ENTRY;
    port = find_free(domain);
    if (port == NO_PORT) return REASON_NO_SPACE;

    ports[domain][port] = (struct port){.state = PORT_IPI, .vcpu = (uint8_t)vcpu, .label = label};
    domains[domain].open++;
    *out = port;
    return REASON_OK;
}

/* The peer already names this domain; it stays UNBOUND for it. */
static void unpair(domain_id domain, port_id port) {
    domain_id remote = ports[domain][port].remote_domain;
    port_id remote_port = ports[domain][port].remote_port_or_virq;

    ports[remote][remote_port].state = PORT_UNBOUND;
    ports[remote][remote_port].remote_port_or_virq = 0;
}

static void unbind_virq(domain_id domain, port_id port) {
    uint32_t virq = ports[domain][port].remote_port_or_virq;

    if (virq_is_per_vcpu(virq))
        virq_ports[domain][ports[domain][port].vcpu][virq] = NO_PORT;
    else
        global_virqs[virq] = (struct global_virq){.port = NO_PORT};
}

/* For a port that is not FREE. */
static void close_port(domain_id domain, port_id port) {
    if (ports[domain][port].state == PORT_INTERDOMAIN)
        unpair(domain, port);
    else if (ports[domain][port].state == PORT_VIRQ)
        unbind_virq(domain, port);
    ports[domain][port] = (struct port){.state = PORT_FREE};
    domains[domain].open--;
    if (port < domains[domain].lowest) domains[domain].lowest = port;
}

enum reason evtchn_close(domain_id domain, port_id port, struct effects *effects) {
    if (!port_exists(domain, port) || ports[domain][port].state == PORT_FREE) return REASON_INVALID;
    if (!effects_have_room(effects, 1)) return REASON_AGAIN;

    close_port(domain, port);
    clear_pending(domain, port, effects);
    return REASON_OK;
}

enum reason evtchn_send(domain_id domain, port_id port, struct effects *effects) {
    if (!port_exists(domain, port)) return REASON_INVALID;
    if (!effects_have_room(effects, 1)) return REASON_AGAIN;
    switch ((enum port_state)ports[domain][port].state) {
    case PORT_INTERDOMAIN:
        notify(ports[domain][port].remote_domain, ports[domain][port].remote_port_or_virq, effects);
        return REASON_OK;
    case PORT_IPI: notify(domain, port, effects); return REASON_OK;
    case PORT_UNBOUND: return REASON_OK;
    case PORT_FREE:
    case PORT_VIRQ: return REASON_INVALID;
    }
    return REASON_INVALID;
}

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
    return REASON_OK;
}

/* A FREE port too, as Xen: the mask bit is the domain's own memory. */
enum reason evtchn_unmask(domain_id domain, port_id port, struct effects *effects) {
    struct effect *effect;

    if (!port_exists(domain, port)) return REASON_INVALID;
    if (!effects_have_room(effects, 1)) return REASON_AGAIN;

    effect = effects_add(effects, EFFECT_UNMASK, domain);
    effect->vcpu = ports[domain][port].vcpu;
    effect->port = port;
    return REASON_OK;
}

/* Callers leave room for one effect. Where they do not, the event is lost rather than memory
 * overwritten. */
void evtchn_raise_virq(domain_id domain, vcpu_id vcpu, uint32_t virq, struct effects *effects) {
    if (!domain_alive(domain) || vcpu >= MAX_VCPUS || virq >= VIRQ_COUNT ||
        virq_ports[domain][vcpu][virq] == NO_PORT || !effects_have_room(effects, 1))
        return;

    notify(domain, virq_ports[domain][vcpu][virq], effects);
}

void evtchn_raise_global_virq(uint32_t virq, struct effects *effects) {
    if (virq >= VIRQ_COUNT || global_virqs[virq].port == NO_PORT || !effects_have_room(effects, 1))
        return;

    notify(global_virqs[virq].domain, global_virqs[virq].port, effects);
}

/* Counts ports that it looks at, FREE ones too, so that a step is bounded whatever the row holds.
 */
bool evtchn_destroy_step(domain_id domain, uint32_t *cursor, uint32_t max,
                         struct effects *effects) {
    if (!domain_alive(domain)) return true;
    domains[domain].ending = true;
    for (uint32_t looked = 0; looked < max && *cursor < domains[domain].ports; looked++) {
        if (ports[domain][*cursor].state != PORT_FREE) {
            if (!effects_have_room(effects, 1)) return false;
            close_port(domain, *cursor);
            clear_pending(domain, *cursor, effects);
        }
        *cursor += 1;
    }
    if (*cursor < domains[domain].ports || domains[domain].open != 0) return false;
    domains[domain] = (struct evtchn_domain){.ports = 0};
    return true;
}
