/* SPDX-License-Identifier: Apache-2.0 */
/* CPUID over a CPU that has every feature there is: what must be hidden is hidden. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/gate/world.h"

#define BIT(n) (1u << (n))

static bool is_zero(struct cpuid_result c) { return (c.eax | c.ebx | c.ecx | c.edx) == 0; }

static void test_hidden(void **state) {
    struct cpuid_result c = gate_cpuid(1, 0, 1, 0);

    (void)state;
    /* MONITOR, PDCM, TSC deadline; OSXSAVE is the machine layer's. */
    assert_int_equal(c.ecx & (BIT(3) | BIT(15) | BIT(24) | BIT(27)), 0);
    assert_int_equal(c.edx & (BIT(7) | BIT(14)), 0); /* MCE, MCA */
    assert_true((c.ecx & BIT(31)) != 0 && (c.ecx & BIT(21)) != 0);
    c = gate_cpuid(1, 0, 0x80000001, 0);
    assert_int_equal(c.ecx & (BIT(2) | BIT(10) | BIT(12) | BIT(29)), 0); /* SVM, IBS, SKINIT */
    assert_int_equal(gate_cpuid(1, 0, 7, 0).ecx & (BIT(2) | BIT(3) | BIT(4) | BIT(5)), 0);
    assert_true(is_zero(gate_cpuid(1, 0, 0x8000000a, 0))); /* SVM */
    assert_true(is_zero(gate_cpuid(1, 0, 0x8000001f, 0))); /* SEV */
    assert_true(is_zero(gate_cpuid(1, 0, 5, 0)));
    assert_true(is_zero(gate_cpuid(1, 0, 0xa, 0)));
}

static void test_topology(void **state) {
    (void)state;
    for (vcpu_id v = 0; v < 3; v++) {
        struct cpuid_result c = gate_cpuid(1, v, 1, 0);

        assert_int_equal(c.ebx >> 24, 2 * v);
        assert_int_equal(c.ebx >> 16 & 0xff, 3);
        assert_true((c.edx & BIT(28)) != 0);
        assert_int_equal(gate_cpuid(1, v, 0xb, 0).edx, 2 * v);
        assert_int_equal(gate_cpuid(1, v, 0xb, 1).ebx, 3);
        assert_int_equal(gate_cpuid(1, v, 0x80000008, 0).ecx & 0xff, 2);
    }
    assert_int_equal(gate_cpuid(2, 0, 1, 0).edx & BIT(28), 0);
}

static void test_hypervisor_leaves(void **state) {
    struct cpuid_result c = gate_cpuid(1, 2, 0x40000000, 0);

    (void)state;
    assert_int_equal(c.eax, 0x40000004);
    assert_int_equal(c.ebx, 0x566e6558);
    assert_int_equal(gate_cpuid(1, 2, 0x40000001, 0).eax, 4u << 16 | 17);
    c = gate_cpuid(1, 2, 0x40000004, 0);
    assert_int_equal(c.ebx, 2);
    assert_int_equal(c.ecx, 1);
    for (uint32_t leaf = 0x40000005; leaf < 0x40000200; leaf++)
        assert_true(is_zero(gate_cpuid(1, 0, leaf, 0)));
    assert_true(is_zero(gate_cpuid(1, 0, 0xc0000000, 0)));
}

static void test_ports(void **state) {
    (void)state;
    assert_int_equal(gate_port_read(0x60, 1), 0xff);
    assert_int_equal(gate_port_read(0x60, 2), 0xffff);
    assert_int_equal(gate_port_read(0xcf8, 4), 0xffffffff);
    assert_int_equal(gate_port_read(0x40, 1), 0);
    assert_int_equal(gate_port_read(0xb009, 1), 0);
    assert_int_equal(gate_port_read(0x61, 1), 0x20); /* no SERR, no IOCHK, timer 2 has run out */
}

static int boot(void **state) {
    (void)state;
    world_boot(2, "");
    world_domain(1, LABEL_DOMU, 3, 16);
    world_domain(2, LABEL_DOMU, 1, 16);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hidden),
        cmocka_unit_test(test_topology),
        cmocka_unit_test(test_hypervisor_leaves),
        cmocka_unit_test(test_ports),
    };
    return cmocka_run_group_tests_name("cpuid", tests, boot, NULL);
}
