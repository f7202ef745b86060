/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual local APIC: priority, end of interrupt, every register, destinations, INIT and SIPI.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hv/core/lapic.h"
#include "hv/core/request.h"
#include "hv/core/sched.h"
#include "tests/gate/world.h"

#define FIRST 0x800u

static struct effects effects;

/* A write to the interrupt command register, once granted. */
static void command_from(vcpu_id vcpu, uint64_t command) {
    struct request r = {.caller = 1, .vcpu = vcpu, .reg = &command, .effects = &effects};

    assert_int_equal(step_apic_icr(&r), REASON_OK);
}

static int clean(void **state) {
    (void)state;
    effects.count = 0;
    for (vcpu_id v = 0; v < 4; v++) {
        lapic_reset(1, v);
        vcpus[1][v].state = VCPU_BLOCKED;
        vcpus[1][v].lapic.waits_for_sipi = false;
    }
    domains[1].pauses = 1; /* so that nothing enters the run queue */
    return 0;
}

static void test_priority(void **state) {
    (void)state;
    assert_int_equal(lapic_accept(1, 0), -1);
    for (uint32_t vector = 16; vector < 256; vector += 5)
        assert_true(lapic_write(1, 0, 0x83f, vector));
    for (uint32_t class = 15; class > 0; class --) {
        int accepted = lapic_accept(1, 0);

        assert_int_equal(accepted / 16, class);
        /* Nothing of the same class or below comes in between. */
        assert_int_equal(lapic_pending(1, 0), -1);
        while (accepted >= 0) {
            assert_true(lapic_write(1, 0, 0x80b, 0));
            accepted = lapic_pending(1, 0) / 16 == (int)class ? lapic_accept(1, 0) : -1;
        }
    }
    assert_int_equal(lapic_accept(1, 0), -1);
    assert_true(lapic_write(1, 0, 0x80b, 0)); /* an end of nothing */
}

static void test_every_register(void **state) {
    uint64_t value = 0;

    (void)state;
    for (uint32_t msr = FIRST; msr < FIRST + 0x100; msr++) {
        bool written = lapic_write(1, 1, msr, 0x31);

        assert_false(lapic_write(1, 1, msr, 1ull << 32));
        if (written && msr != 0x80b && msr != 0x83f) {
            assert_true(lapic_read(1, 1, msr, &value));
            assert_int_equal(value, 0x31);
        }
    }
    assert_false(lapic_read(1, 1, FIRST - 1, &value) || lapic_read(1, 1, FIRST + 0x100, &value));
    assert_false(lapic_write(1, 1, FIRST - 1, 0) || lapic_write(1, 1, FIRST + 0x100, 0));
    assert_true(lapic_read(1, 1, 0x802, &value) && value == 2);
    assert_true(lapic_read(1, 1, 0x80d, &value) && value == 4);
    assert_true(lapic_read(1, 1, 0x821, &value) && value == 1u << 17); /* vector 0x31 requested */
    assert_false(lapic_write(1, 1, 0x802, 5));                         /* read only */
    assert_false(lapic_write(1, 1, 0x83f, 15));                        /* no such vector */
}

static uint32_t reached(uint64_t command) {
    uint32_t mask = 0;

    (void)clean(NULL);
    command_from(1, command);
    for (vcpu_id v = 0; v < 4; v++) mask |= (lapic_pending(1, v) == 0x40 ? 1u : 0u) << v;
    return mask;
}

static void test_destinations(void **state) {
    (void)state;
    assert_int_equal(reached(0x40 | 4ull << 32), 4);  /* physical */
    assert_int_equal(reached(0x40 | 3ull << 32), 0);  /* nobody's */
    assert_int_equal(reached(0x40 | 18ull << 32), 0); /* absent */
    assert_int_equal(reached(0x40 | UINT64_C(0xffffffff) << 32), 15);
    assert_int_equal(reached(0x40 | 1u << 11 | 0x11ull << 32), 5);    /* logical */
    assert_int_equal(reached(0x40 | 1u << 11 | 0x10011ull << 32), 0); /* another cluster */
    assert_int_equal(reached(0x40 | 1u << 18), 2);                    /* self */
    assert_int_equal(reached(0x40 | 2u << 18), 15);
    assert_int_equal(reached(0x40 | 3u << 18), 13);
    assert_int_equal(reached(0x40 | 2u << 8 | 2u << 18), 0); /* SMI */
    assert_int_equal(reached(0x0f | 2u << 18), 0);           /* a vector that is none */
}

static void test_nmi_comes_before_all_and_is_not_in_service(void **state) {
    (void)state;
    command_from(1, 0x40 | 4ull << 32);
    assert_int_equal(lapic_accept(1, 2), 0x40);
    command_from(1, 0x80 | 4ull << 32);
    command_from(1, 4u << 8 | 0x90 | 4ull << 32); /* its vector means nothing */
    assert_true(lapic_nmi_waits(1, 2) && !lapic_nmi_waits(1, 1));
    assert_int_equal(lapic_accept(1, 2), 2);
    assert_false(lapic_nmi_waits(1, 2));
    assert_int_equal(lapic_accept(1, 2), 0x80);
    assert_true(lapic_write(1, 2, 0x80b, 0)); /* end of 0x80: 0x40 is still in service */
    command_from(1, 0x4f | 4ull << 32);
    assert_int_equal(lapic_pending(1, 2), -1);
    lapic_nmi(1, 2, &effects);
    assert_int_equal(lapic_accept(1, 2), 2);
    vcpus[1][3].state = VCPU_DOWN;
    lapic_nmi(1, 3, &effects);
    assert_false(lapic_nmi_waits(1, 3));
}

static void test_init_and_startup(void **state) {
    (void)state;
    command_from(0, 5u << 8 | 1u << 14 | 4ull << 32);
    assert_int_equal(vcpus[1][2].state, VCPU_DOWN);
    assert_true(vcpus[1][2].lapic.waits_for_sipi);
    effects.count = 0;
    command_from(0, 6u << 8 | 0x9a | 4ull << 32);
    assert_int_equal(effects.items[0].kind, EFFECT_VCPU_START);
    assert_int_equal(effects.items[0].vcpu, 2);
    assert_int_equal(effects.items[0].value, 0x9a);
    assert_int_not_equal(vcpus[1][2].state, VCPU_DOWN);
    effects.count = 0;
    command_from(0, 6u << 8 | 0x9b | 4ull << 32); /* the second one is ignored */
    assert_int_equal(effects.count, 0);
    /* To one that is down an interrupt is lost. */
    vcpus[1][3].state = VCPU_DOWN;
    command_from(0, 0x40 | 6ull << 32);
    assert_int_equal(lapic_pending(1, 3), -1);
}

static int boot(void **state) {
    (void)state;
    world_boot(2, "");
    world_domain(1, LABEL_DOMU, 4, 16);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_priority, clean),
        cmocka_unit_test_setup(test_every_register, clean),
        cmocka_unit_test_setup(test_destinations, clean),
        cmocka_unit_test_setup(test_nmi_comes_before_all_and_is_not_in_service, clean),
        cmocka_unit_test_setup(test_init_and_startup, clean),
    };
    return cmocka_run_group_tests_name("lapic", tests, boot, NULL);
}
