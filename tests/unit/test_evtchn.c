/* SPDX-License-Identifier: Apache-2.0 */
/* Event channels: each transition, and random sequences over many domains after which pairing must
 * be symmetric and every VIRQ port named by exactly one binding. Pages that were not said to be
 * backed are not accessible, so that touching one ends the test. */
#define _DEFAULT_SOURCE
#include "tests/unit/evtchn_world.h"

/* --- one by one ----------------------------------------------------------------------------- */

static void test_pairing(void **state) {
    port_id offered = 0;
    port_id bound = 0;

    (void)state;
    start(3, 64, 2);
    start(5, 64, 1);
    assert_int_equal(evtchn_alloc_unbound(3, 5, 77, &offered), REASON_OK);
    assert_int_equal(offered, 1);
    assert_int_equal(evtchn_read(3, 1).label, 77);
    /* Silent while nobody listens. */
    assert_int_equal(evtchn_send(3, offered, &effects), REASON_OK);
    assert_int_equal(effects.count, 0);
    assert_int_equal(evtchn_bind_vcpu(3, offered, 1), REASON_OK);
    assert_int_equal(evtchn_bind_vcpu(3, offered, 2), REASON_NO_ENTRY);

    assert_int_equal(evtchn_bind_interdomain(5, 3, offered, 78, &bound, &effects), REASON_OK);
    assert_int_equal(effects.count, 1);
    assert_int_equal(effects.items[0].kind, EFFECT_NOTIFY);
    assert_int_equal(effects.items[0].domain, 5);
    assert_int_equal(effects.items[0].port, bound);
    assert_int_equal(evtchn_read(3, offered).label, 77);
    assert_int_equal(evtchn_read(5, bound).label, 78);
    check_port(3, offered, NULL);
    check_port(5, bound, NULL);

    effects.count = 0;
    assert_int_equal(evtchn_send(5, bound, &effects), REASON_OK);
    assert_int_equal(effects.items[0].domain, 3);
    assert_int_equal(effects.items[0].vcpu, 1);
    assert_int_equal(effects.items[0].port, offered);

    effects.count = 0;
    assert_int_equal(evtchn_close(5, bound, &effects), REASON_OK);
    assert_int_equal(effects.items[0].kind, EFFECT_CLEAR_PENDING);
    assert_int_equal(effects.items[0].domain, 5);
    assert_int_equal(evtchn_read(5, bound).state, PORT_FREE);
    assert_int_equal(evtchn_read(3, offered).state, PORT_UNBOUND);
    assert_int_equal(evtchn_read(3, offered).remote_domain, 5);
    assert_int_equal(evtchn_close(5, bound, &effects), REASON_INVALID);
    /* The closer may come back. */
    assert_int_equal(evtchn_bind_interdomain(5, 3, offered, 1, &bound, &effects), REASON_OK);
}

static void test_bind_refusals(void **state) {
    port_id offered = 0;
    port_id out = 99;

    (void)state;
    start(0, 4, 1);
    start(1, 4, 1);
    start(2, 4, 1);
    assert_int_equal(evtchn_alloc_unbound(0, 1, 0, &offered), REASON_OK);
    assert_int_equal(evtchn_bind_interdomain(2, 0, offered, 0, &out, &effects), REASON_INVALID);
    assert_int_equal(evtchn_bind_interdomain(1, 0, 0, 0, &out, &effects), REASON_INVALID);
    assert_int_equal(evtchn_bind_interdomain(1, 0, 3, 0, &out, &effects), REASON_INVALID);
    assert_int_equal(evtchn_bind_interdomain(1, 0, 4, 0, &out, &effects), REASON_INVALID);
    assert_int_equal(evtchn_bind_interdomain(1, 0, UINT32_MAX, 0, &out, &effects), REASON_INVALID);
    assert_int_equal(evtchn_bind_interdomain(1, 9, 1, 0, &out, &effects), REASON_NO_DOMAIN);
    assert_int_equal(evtchn_bind_interdomain(1, DOMAIN_NONE, 1, 0, &out, &effects),
                     REASON_NO_DOMAIN);
    assert_int_equal(evtchn_alloc_unbound(DOMAIN_NONE, 1, 0, &out), REASON_NO_DOMAIN);
    assert_int_equal(evtchn_alloc_unbound(0, DOMAIN_NONE, 0, &out), REASON_NO_DOMAIN);
    effects.count = EFFECTS_MAX;
    assert_int_equal(evtchn_bind_interdomain(1, 0, offered, 0, &out, &effects), REASON_AGAIN);
    assert_int_equal(evtchn_close(0, offered, &effects), REASON_AGAIN);
    assert_int_equal(evtchn_send(0, offered, &effects), REASON_AGAIN);
    assert_int_equal(evtchn_unmask(0, offered, &effects), REASON_AGAIN);
    effects.count = 0;
    assert_int_equal(evtchn_read(0, offered).state, PORT_UNBOUND);
    assert_int_equal(out, 99);
}

static void test_loopback(void **state) {
    port_id first = 0;
    port_id second = 0;

    (void)state;
    start(4, 16, 1);
    assert_int_equal(evtchn_alloc_unbound(4, 4, 0, &first), REASON_OK);
    assert_int_equal(evtchn_bind_interdomain(4, 4, first, 0, &second, &effects), REASON_OK);
    assert_int_not_equal(first, second);
    check_port(4, first, NULL);
    check_port(4, second, NULL);
    assert_int_equal(evtchn_close(4, first, &effects), REASON_OK);
    assert_int_equal(evtchn_read(4, second).state, PORT_UNBOUND);
}

static void test_lowest_free_port(void **state) {
    port_id port = 0;

    (void)state;
    start(6, 512, 1); /* a page of ports: beyond it nothing is accessible */
    for (uint32_t expected = 1; expected < 512; expected++) {
        assert_int_equal(evtchn_bind_ipi(6, 0, 0, &port), REASON_OK);
        assert_int_equal(port, expected);
    }
    assert_int_equal(evtchn_bind_ipi(6, 0, 0, &port), REASON_NO_SPACE);
    assert_int_equal(evtchn_close(6, 30, &effects), REASON_OK);
    assert_int_equal(evtchn_close(6, 7, &effects), REASON_OK);
    assert_int_equal(evtchn_bind_ipi(6, 0, 0, &port), REASON_OK);
    assert_int_equal(port, 7);
    assert_int_equal(evtchn_bind_ipi(6, 0, 0, &port), REASON_OK);
    assert_int_equal(port, 30);
    assert_int_equal(evtchn_bind_ipi(6, 0, 0, &port), REASON_NO_SPACE);
}

static void test_virq_bindings(void **state) {
    port_id timer = 0;
    port_id console = 0;
    port_id other = 0;

    (void)state;
    start(0, 32, 2);
    start(1, 32, 1);
    assert_int_equal(evtchn_bind_virq(0, 1, 0, 0, &timer), REASON_OK);
    assert_int_equal(evtchn_bind_virq(0, 1, 0, 0, &other), REASON_EXISTS);
    assert_int_equal(evtchn_bind_virq(0, 0, 0, 0, &other), REASON_OK);
    assert_int_equal(evtchn_bind_virq(1, 0, 0, 0, &other), REASON_OK);
    assert_int_equal(evtchn_bind_virq(0, 2, 0, 0, &other), REASON_NO_ENTRY);
    assert_int_equal(evtchn_bind_virq(0, 0, VIRQ_COUNT, 0, &other), REASON_INVALID);
    assert_int_equal(evtchn_bind_virq(0, 1, 2, 0, &other), REASON_INVALID);
    assert_int_equal(evtchn_bind_virq(0, 0, 2, 0, &console), REASON_OK);
    assert_int_equal(evtchn_bind_virq(1, 0, 2, 0, &other), REASON_EXISTS);
    assert_int_equal(evtchn_send(0, timer, &effects), REASON_INVALID);
    assert_int_equal(evtchn_bind_vcpu(0, timer, 0), REASON_INVALID);
    assert_int_equal(evtchn_bind_vcpu(0, console, 1), REASON_OK);

    evtchn_raise_global_virq(2, &effects);
    assert_int_equal(effects.count, 1);
    assert_int_equal(effects.items[0].vcpu, 1);
    assert_int_equal(effects.items[0].port, console);
    evtchn_raise_virq(0, 1, 0, &effects);
    assert_int_equal(effects.items[1].port, timer);
    evtchn_raise_virq(1, 1, 0, &effects);
    evtchn_raise_virq(1, MAX_VCPUS, 0, &effects);
    evtchn_raise_virq(9, 0, 0, &effects);
    evtchn_raise_virq(0, 0, VIRQ_COUNT, &effects);
    evtchn_raise_global_virq(3, &effects);
    evtchn_raise_global_virq(UINT32_MAX, &effects);
    assert_int_equal(effects.count, 2);

    assert_int_equal(evtchn_close(0, console, &effects), REASON_OK);
    assert_int_equal(evtchn_bind_virq(1, 0, 2, 0, &other), REASON_OK);
    end(1);
    assert_int_equal(evtchn_bind_virq(0, 0, 2, 0, &other), REASON_OK);
}

static void test_ipi_and_unmask(void **state) {
    port_id port = 0;

    (void)state;
    start(2, 8, 1);
    assert_int_equal(evtchn_bind_ipi(2, 1, 0, &port), REASON_NO_ENTRY);
    evtchn_set_vcpus(2, 3);
    assert_int_equal(evtchn_bind_ipi(2, 2, 0, &port), REASON_OK);
    assert_int_equal(evtchn_bind_vcpu(2, port, 0), REASON_INVALID);
    assert_int_equal(evtchn_send(2, port, &effects), REASON_OK);
    assert_int_equal(effects.items[0].vcpu, 2);
    assert_int_equal(evtchn_unmask(2, port, &effects), REASON_OK);
    assert_int_equal(effects.items[1].kind, EFFECT_UNMASK);
    assert_int_equal(effects.items[1].vcpu, 2);
    assert_int_equal(effects.items[1].port, port);
    assert_int_equal(evtchn_unmask(2, 0, &effects), REASON_INVALID);
    assert_int_equal(evtchn_unmask(2, 8, &effects), REASON_INVALID);
    evtchn_set_vcpus(2, 1); /* never lowered */
    assert_int_equal(evtchn_bind_ipi(2, 2, 0, &port), REASON_OK);
}

static void test_create_refuses(void **state) {
    port_id port = 0;

    (void)state;
    evtchn_create(8, MAX_PORTS + 1, 1);
    assert_int_equal(evtchn_ports(8), 0);
    evtchn_create(8, 8, MAX_VCPUS + 1);
    assert_int_equal(evtchn_ports(8), 0);
    evtchn_create(MAX_DOMAINS, 8, 1);
    assert_int_equal(evtchn_ports(MAX_DOMAINS), 0);
    start(8, MAX_PORTS, MAX_VCPUS);
    assert_int_equal(evtchn_bind_ipi(8, 0, 0, &port), REASON_OK);
    evtchn_create(8, 0, 0); /* a port is open: nothing changes */
    assert_int_equal(evtchn_ports(8), MAX_PORTS);
    assert_int_equal(evtchn_read(8, port).state, PORT_IPI);
    assert_int_equal(evtchn_close(8, port, &effects), REASON_OK);
    evtchn_create(8, 0, 0);
    assert_int_equal(evtchn_ports(8), 0);
    assert_int_equal(evtchn_bind_ipi(8, 0, 0, &port), REASON_NO_DOMAIN);
}

/* Death leaves peers UNBOUND, and no domain ends while its ports are open. */
static void test_death(void **state) {
    port_id mine = 0;
    port_id theirs = 0;
    port_id late = 0;

    (void)state;
    start(1, 100, 1);
    start(2, 100, 1);
    for (uint32_t pair = 0; pair < 60; pair++) {
        assert_int_equal(evtchn_alloc_unbound(1, 2, 0, &mine), REASON_OK);
        effects.count = 0;
        assert_int_equal(evtchn_bind_interdomain(2, 1, mine, 0, &theirs, &effects), REASON_OK);
    }
    assert_int_equal(evtchn_alloc_unbound(1, 2, 0, &late), REASON_OK);
    effects.count = EFFECTS_MAX;
    assert_int_equal(evtchn_close(1, mine, &effects), REASON_AGAIN);
    evtchn_create(1, 0, 0);
    assert_int_equal(evtchn_ports(1), 100);
    effects.count = 0;
    assert_int_equal(evtchn_bind_interdomain(2, 1, late, 0, &theirs, &effects), REASON_OK);
    end(1);
    for (uint32_t port = 1; port <= 61; port++) {
        assert_int_equal(evtchn_read(2, port).state, PORT_UNBOUND);
        assert_int_equal(evtchn_read(2, port).remote_domain, 1);
    }
    assert_int_equal(evtchn_alloc_unbound(1, 2, 0, &mine), REASON_NO_DOMAIN);
    /* A new domain of that number starts with nothing. */
    start(1, 100, 1);
    for (uint32_t port = 0; port < 100; port++)
        assert_int_equal(evtchn_read(1, port).state, PORT_FREE);
}

/* --- random sequences ----------------------------------------------------------------------- */

static port_id lowest_free(domain_id domain) {
    for (uint32_t port = 1; port < evtchn_ports(domain); port++)
        if (evtchn_read(domain, port).state == PORT_FREE) return port;
    return 0;
}

static void random_open(domain_id domain, domain_id remote) {
    port_id expected = lowest_free(domain);
    port_id out = 0;
    enum reason reason = REASON_OK;

    switch (any(4)) {
    case 0: reason = evtchn_alloc_unbound(domain, remote, (uint16_t)any(500), &out); break;
    case 1: reason = evtchn_bind_virq(domain, (vcpu_id)any(5), any(26), 0, &out); break;
    case 2: reason = evtchn_bind_ipi(domain, (vcpu_id)any(5), 0, &out); break;
    case 3: reason = evtchn_bind_interdomain(domain, remote, any(130), 3, &out, &effects); break;
    }
    if (reason == REASON_OK) assert_int_equal(out, expected);
    if (reason == REASON_NO_SPACE) assert_int_equal(expected, 0);
}

/* Finds an offer of that domain and takes it up, so that pairs are common. */
static void random_bind(domain_id remote) {
    for (uint32_t port = 1; port < evtchn_ports(remote); port++) {
        struct port offer = evtchn_read(remote, port);
        domain_id domain = offer.remote_domain;
        port_id out = 0;

        if (offer.state == PORT_UNBOUND && evtchn_ports(domain) != 0) {
            port_id expected = lowest_free(domain);
            enum reason reason = evtchn_bind_interdomain(domain, remote, port, 9, &out, &effects);

            assert_int_equal(reason, expected != 0 ? REASON_OK : REASON_NO_SPACE);
            assert_int_equal(out, expected);
            return;
        }
    }
}

static void random_step(void) {
    domain_id domain = id_of(any(DOMAINS));
    domain_id remote = id_of(any(DOMAINS));

    effects.count = 0;
    switch (any(16)) {
    case 0:
        if (any(8) != 0) break;
        if (evtchn_ports(domain) != 0)
            end(domain);
        else
            start(domain, 1 + any(120), any(MAX_VCPUS + 1));
        break;
    case 1:
    case 2:
    case 3:
    case 4: random_open(domain, remote); break;
    case 5:
    case 6:
    case 7:
    case 8: random_bind(remote); break;
    case 9:
    case 10:
    case 11: evtchn_close(domain, any(130), &effects); break;
    case 12: evtchn_send(domain, any(130), &effects); break;
    case 13: evtchn_bind_vcpu(domain, any(130), (vcpu_id)any(MAX_VCPUS)); break;
    case 14: evtchn_unmask(domain, any(130), &effects); break;
    case 15: evtchn_set_vcpus(domain, any(MAX_VCPUS + 2)); break;
    }
}

static void test_random(void **state) {
    uint32_t pairs = 0;

    (void)state;
    for (uint32_t step = 0; step < STEPS; step++) {
        random_step();
        if (step % 50 == 0) check_all();
    }
    for (uint32_t index = 0; index < DOMAINS; index++)
        for (uint32_t port = 1; port < evtchn_ports(id_of(index)); port++)
            pairs += evtchn_read(id_of(index), port).state == PORT_INTERDOMAIN ? 1 : 0;
    assert_true(pairs > 20); /* the sequence was worth checking */
    for (uint32_t index = 0; index < DOMAINS; index++) {
        end(id_of(index));
        check_all();
    }
}

/* A leak checker that runs at exit reads everything. */
static int open_all(void **state) {
    (void)state;
    return mprotect(ports, sizeof ports, PROT_READ | PROT_WRITE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pairing, clean, end_all),
        cmocka_unit_test_setup_teardown(test_bind_refusals, clean, end_all),
        cmocka_unit_test_setup_teardown(test_loopback, clean, end_all),
        cmocka_unit_test_setup_teardown(test_lowest_free_port, clean, end_all),
        cmocka_unit_test_setup_teardown(test_virq_bindings, clean, end_all),
        cmocka_unit_test_setup_teardown(test_ipi_and_unmask, clean, end_all),
        cmocka_unit_test_setup_teardown(test_create_refuses, clean, end_all),
        cmocka_unit_test_setup_teardown(test_death, clean, end_all),
        cmocka_unit_test_setup_teardown(test_random, clean, end_all),
    };

    return cmocka_run_group_tests(tests, NULL, open_all);
}
