/* SPDX-License-Identifier: Apache-2.0 */
/* What stands around the event channels in their test: the machine that backs rows, and the
 * invariant. Included by one file, after _DEFAULT_SOURCE is defined. */
#ifndef CORDON_TESTS_EVTCHN_WORLD_H
#define CORDON_TESTS_EVTCHN_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "evtchn/evtchn.h"
#include "evtchn/storage.h"

#define DOMAINS 24u
#define STEPS 60000u

static uint64_t seed = 88172645463325252ull;
static struct effects effects;

static uint32_t any(uint32_t limit) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % limit);
}

static domain_id id_of(uint32_t index) {
    return (domain_id)(index == DOMAINS - 1 ? MAX_DOMAINS - 1 : index * 7);
}

static size_t row_bytes(uint32_t count) {
    return (count * sizeof(struct port) + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
}

static void start(domain_id domain, uint32_t count, uint32_t vcpus) {
    assert_int_equal(mprotect(ports[domain], row_bytes(count), PROT_READ | PROT_WRITE), 0);
    evtchn_create(domain, count, vcpus);
    assert_int_equal(evtchn_ports(domain), count);
}

static void end(domain_id domain) {
    uint32_t count = evtchn_ports(domain);

    for (uint32_t port = 0; port < count; port++) {
        effects.count = 0;
        (void)evtchn_close(domain, port, &effects);
    }
    effects.count = 0;
    evtchn_create(domain, 0, 0);
    assert_int_equal(evtchn_ports(domain), 0);
    if (count != 0) {
        for (uint32_t port = 0; port < count; port++)
            assert_int_equal(ports[domain][port].state, PORT_FREE);
        assert_int_equal(mprotect(ports[domain], sizeof ports[domain], PROT_NONE), 0);
    }
}

static int clean(void **state) {
    (void)state;
    effects.count = 0;
    assert_int_equal(mprotect(ports, sizeof ports, PROT_NONE), 0);
    return 0;
}

static int end_all(void **state) {
    (void)state;
    for (uint32_t domain = 0; domain < MAX_DOMAINS; domain++) end((domain_id)domain);
    return 0;
}

/* --- invariant ------------------------------------------------------------------------------ */

static void check_port(domain_id domain, port_id port, uint32_t *virqs) {
    struct port here = evtchn_read(domain, port);
    struct port there;

    switch ((enum port_state)here.state) {
    case PORT_FREE:
        assert_int_equal(here.remote_domain, 0);
        assert_int_equal(here.remote_port_or_virq, 0);
        assert_int_equal(here.label, 0);
        return;
    case PORT_UNBOUND:
        assert_true(here.remote_domain < MAX_DOMAINS);
        assert_int_equal(here.remote_port_or_virq, 0);
        return;
    case PORT_INTERDOMAIN:
        there = evtchn_read(here.remote_domain, here.remote_port_or_virq);
        assert_int_equal(there.state, PORT_INTERDOMAIN);
        assert_int_equal(there.remote_domain, domain);
        assert_int_equal(there.remote_port_or_virq, port);
        assert_false(here.remote_domain == domain && here.remote_port_or_virq == port);
        return;
    case PORT_VIRQ:
        assert_true(here.remote_port_or_virq < VIRQ_COUNT);
        *virqs += 1;
        return;
    case PORT_IPI: return;
    }
    fail();
}

/* Raises every VIRQ of a domain: each reaches a port of that kind; returns how many did. */
static uint32_t count_raised(domain_id domain) {
    uint32_t raised = 0;

    for (uint32_t virq = 0; virq < VIRQ_COUNT; virq++) {
        for (vcpu_id vcpu = 0; vcpu < MAX_VCPUS; vcpu++) {
            effects.count = 0;
            evtchn_raise_virq(domain, vcpu, virq, &effects);
            if (effects.count != 0) {
                struct port port = evtchn_read(domain, effects.items[0].port);

                assert_int_equal(effects.items[0].kind, EFFECT_NOTIFY);
                assert_int_equal(effects.items[0].domain, domain);
                assert_int_equal(effects.items[0].vcpu, vcpu);
                assert_int_equal(port.state, PORT_VIRQ);
                assert_int_equal(port.remote_port_or_virq, virq);
                raised++;
            }
        }
    }
    effects.count = 0;
    return raised;
}

static uint32_t count_raised_global(void) {
    uint32_t raised = 0;

    for (uint32_t virq = 0; virq < VIRQ_COUNT; virq++) {
        effects.count = 0;
        evtchn_raise_global_virq(virq, &effects);
        if (effects.count != 0) {
            struct port port = evtchn_read(effects.items[0].domain, effects.items[0].port);

            assert_false(virq_is_per_vcpu(virq));
            assert_int_equal(port.state, PORT_VIRQ);
            assert_int_equal(port.remote_port_or_virq, virq);
            assert_int_equal(port.vcpu, effects.items[0].vcpu);
            raised++;
        }
    }
    effects.count = 0;
    return raised;
}

static void check_all(void) {
    uint32_t virqs = 0;
    uint32_t raised = count_raised_global();

    for (uint32_t index = 0; index < DOMAINS; index++) {
        domain_id domain = id_of(index);

        for (uint32_t port = 0; port < evtchn_ports(domain); port++)
            check_port(domain, port, &virqs);
        raised += count_raised(domain);
    }
    assert_int_equal(virqs, raised);
}

#endif
