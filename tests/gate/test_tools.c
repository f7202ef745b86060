/* SPDX-License-Identifier: Apache-2.0 */
/* What libxl and libxenguest ask for while they build a guest: what each answer must hold, and what
 * is refused since nothing here would do it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "hv/core/request.h"
#include "tests/gate/world.h"
#include "tests/gate/xsm_fake.h"

#define ARG ((uint64_t)WORLD_ARGUMENTS * PAGE_SIZE)
#define BUF ((uint64_t)WORLD_BUFFER * PAGE_SIZE)
#define TARGET 3
#define NO_BUFFERS (-105)
#define INVALID (-22)
#define UNSUPPORTED (-95)

#define HEADER(sub) .h = {sub, DOMCTL_VERSION, TARGET, {0}}
/* The call's arguments in place; its result. */
#define MAKE(call, type, ...)                                                                      \
    (memcpy(world_arguments(0), &(struct type){__VA_ARGS__}, sizeof(struct type)), call)
#define DOMCTL(type, ...) MAKE(world_call(0, HC_DOMCTL, ARG, 0, 0), type, __VA_ARGS__)
#define SYSCTL(type, ...) MAKE(world_call(0, HC_SYSCTL, ARG, 0, 0), type, __VA_ARGS__)

static struct arg_cpuid_leaf *leaves(void) {
    return (struct arg_cpuid_leaf *)(void *)world_buffer(0);
}

static struct arg_cpuid_leaf *leaf(uint32_t number) {
    struct arg_cpuid_leaf *found = leaves();

    while (found->leaf != number) found++;
    return found;
}

/* Reads the policy of new HVM guests; the number of its leaves. */
static uint32_t read_policy(void) {
    const struct arg_sysctl_cpu_policy *out = (const void *)world_arguments(0);

    assert_int_equal(SYSCTL(arg_sysctl_cpu_policy, 29, SYSCTL_VERSION, 5, 120, 0, 0, BUF, 0), 0);
    return out->nr_leaves;
}

static int64_t set_policy(uint32_t count) {
    return DOMCTL(arg_domctl_cpu_policy, HEADER(83), count, 0, BUF, 0);
}

static void test_policy_is_what_the_guest_has(void **state) {
    const struct arg_sysctl_cpu_policy *out = (const void *)world_arguments(0);
    uint32_t count;

    (void)state;
    assert_int_equal(SYSCTL(arg_sysctl_cpu_policy, 29, SYSCTL_VERSION, 0, 0, 0, 0, 0, 0), 0);
    assert_int_equal(out->nr_leaves, 120);
    assert_int_equal(out->nr_msrs, 0);
    count = read_policy();
    assert_in_range(count, 10, 120);
    assert_int_equal(leaf(1)->c, gate_cpuid(TARGET, 0, 1, 0).ecx);
    assert_int_equal(leaf(0x80000001)->d, gate_cpuid(TARGET, 0, 0x80000001, 0).edx);
    assert_int_equal(SYSCTL(arg_sysctl_cpu_policy, 29, SYSCTL_VERSION, 5, count - 1, 0, 0, BUF, 0),
                     NO_BUFFERS);
    assert_int_equal(SYSCTL(arg_sysctl_cpu_policy, 29, SYSCTL_VERSION, 6, 120, 0, 0, BUF, 0),
                     INVALID);
    assert_int_equal(SYSCTL(arg_sysctl_cpu_policy, 29, SYSCTL_VERSION, 5, 120, 0, 1, BUF, 0),
                     INVALID);
}

static void test_policy_with_other_features_is_refused(void **state) {
    uint32_t count = read_policy();

    (void)state;
    assert_int_equal(set_policy(count), 0);
    leaf(1)->b = ~leaf(1)->b; /* topology and the like are the tools' to guess */
    leaf(1)->d ^= 1u << 28;
    leaf(0x80000001)->c ^= 2;
    assert_int_equal(set_policy(count), 0);
    for (uint32_t bit = 0; bit < 32; bit++) {
        (void)read_policy();
        leaf(1)->c ^= 1u << bit; /* fewer, or more: nested virtualisation, say */
        assert_int_equal(set_policy(count), INVALID);
        (void)read_policy();
        leaf(7)->b ^= 1u << bit;
        assert_int_equal(set_policy(count), INVALID);
        (void)read_policy();
        leaf(0x80000001)->d ^= 1u << bit;
        assert_int_equal(set_policy(count), INVALID);
    }
    assert_int_equal(set_policy(121), INVALID);
    assert_int_equal(DOMCTL(arg_domctl_cpu_policy, HEADER(83), 0, 1, 0, BUF), INVALID);
}

static void test_context_can_be_set_as_it_was_read(void **state) {
    const struct arg_domctl_hvmcontext *out = (const void *)world_arguments(0);
    const uint16_t *types = (const void *)world_buffer(0);
    uint32_t size;

    (void)state;
    assert_int_equal(DOMCTL(arg_domctl_hvmcontext, HEADER(33), 0, 0, 0), 0);
    size = out->size;
    assert_int_equal(DOMCTL(arg_domctl_hvmcontext, HEADER(33), size - 1, 0, BUF), NO_BUFFERS);
    assert_int_equal(DOMCTL(arg_domctl_hvmcontext, HEADER(33), size, 0, BUF), 0);
    assert_int_equal(types[0], 1);              /* header */
    assert_int_equal(types[(8 + 24) / 2], 14);  /* MTRR */
    assert_int_equal(types[(size - 8) / 2], 0); /* end */
    vcpus[TARGET][0].initialised = false;
    assert_int_equal(DOMCTL(arg_domctl_hvmcontext, HEADER(34), size, 0, BUF), 0);
    assert_false(vcpus[TARGET][0].initialised); /* it holds nothing to start from */
    assert_int_equal(DOMCTL(arg_domctl_hvmcontext, HEADER(34), size - 8, 0, BUF), INVALID);
}

/* xenconsoled asks for number after number until it is told that there is no more. */
static void test_absent_number_is_answered_with_the_next_domain(void **state) {
    const struct arg_domctl_getdomaininfo *out = (const void *)world_arguments(0);

    (void)state;
#define ASK(number) DOMCTL(arg_domctl_getdomaininfo, .h = {5, DOMCTL_VERSION, number, {0}})
    assert_int_equal(ASK(1), 0);
    assert_int_equal(out->info.domain, TARGET);
    assert_int_equal(out->h.domain, TARGET);
    assert_int_equal(ASK(TARGET), 0);
    assert_int_equal(out->info.domain, TARGET);
    assert_int_equal(ASK(TARGET + 1), -3);
    assert_int_equal(ASK(MAX_DOMAINS), -3);
    assert_int_equal(ASK(0x7fff), -3);
    world_domain(7, LABEL_DOMU + 1, 1, 16);
    assert_int_equal(ASK(TARGET + 1), 0);
    assert_int_equal(out->info.domain, 7);
    fake_denied = PERMISSION_domain_getdomaininfo;
    fake_denied_object = LABEL_DOMU;
    assert_int_equal(ASK(1), 0);
    assert_int_equal(out->info.domain, 7);
    assert_int_equal(ASK(TARGET), -1);
    fake_denied = PERMISSION_NONE;
    assert_true(world_destroy(7));
}

static void test_counter_is_the_processors(void **state) {
    (void)state;
    assert_int_equal(DOMCTL(arg_domctl_tsc_info, HEADER(60), .tsc_mode = 0), 0);
    assert_int_equal(DOMCTL(arg_domctl_tsc_info, HEADER(60), .tsc_mode = 2), 0);
    assert_int_equal(DOMCTL(arg_domctl_tsc_info, HEADER(60), .tsc_mode = 1), UNSUPPORTED);
    assert_int_equal(DOMCTL(arg_domctl_tsc_info, HEADER(60), .tsc_mode = 3), UNSUPPORTED);
    assert_int_equal(DOMCTL(arg_domctl_tsc_info, HEADER(60), .gtsc_khz = 1000), UNSUPPORTED);
}

static void test_of_the_triggers_there_is_the_nmi(void **state) {
    (void)state;
    vcpus[TARGET][0].state = VCPU_BLOCKED;
    assert_int_equal(DOMCTL(arg_domctl_sendtrigger, HEADER(28), 0, 1), -2);
    for (uint32_t other = 1; other < 6; other++)
        assert_int_equal(DOMCTL(arg_domctl_sendtrigger, HEADER(28), other, 0), UNSUPPORTED);
    assert_false(gate_nmi_waits(TARGET, 0));
    assert_int_equal(DOMCTL(arg_domctl_sendtrigger, HEADER(28), 0, 0), 0);
    assert_true(gate_nmi_waits(TARGET, 0));
    assert_int_equal(gate_interrupt_accept(TARGET, 0), 2);
    assert_false(gate_interrupt_waits(TARGET, 0));
}

static void test_there_is_one_node(void **state) {
    (void)state;
    world_buffer(0)[0] = 3;
    assert_int_equal(DOMCTL(arg_domctl_nodeaffinity, HEADER(68), {BUF, 8, 0}), 0);
    world_buffer(0)[0] = 2;
    assert_int_equal(DOMCTL(arg_domctl_nodeaffinity, HEADER(68), {BUF, 8, 0}), INVALID);
    assert_int_equal(DOMCTL(arg_domctl_nodeaffinity, HEADER(68), {BUF, 0, 0}), INVALID);
    assert_int_equal(DOMCTL(arg_domctl_nodeaffinity, HEADER(68), {~0ull, 8, 0}), -14);
}

/* A maximum below what the guest has takes nothing away, and gives nothing until it is met. */
static void test_maximum_below_the_present_size(void **state) {
    const struct arg_pod_target *target = (const void *)world_arguments(0);
    const uint64_t gfn = 0x5000;

    (void)state;
    assert_int_equal(MAKE(world_call(0, HC_MEMORY, 16, ARG, 0), arg_pod_target, .target_pages = 4,
                          .tot_pages = 99, .domid = TARGET),
                     0);
    assert_int_equal(target->tot_pages, domains[TARGET].pages);
    assert_int_equal(DOMCTL(arg_domctl_max_mem, HEADER(11), 4 * domains[TARGET].pages - 16), 0);
    memcpy(world_buffer(0), &gfn, sizeof(gfn));
#define POPULATE                                                                                   \
    MAKE(world_call(0, HC_MEMORY, 6, ARG, 0), arg_memory_reservation, BUF, 1, .domid = TARGET)
    assert_int_equal(POPULATE, 0);
    assert_int_equal(DOMCTL(arg_domctl_max_mem, HEADER(11), 4 * domains[TARGET].pages + 4), 0);
    assert_int_equal(POPULATE, 1);
}

static int boot(void **state) {
    (void)state;
    world_boot(2, "");
    world_domain(TARGET, LABEL_DOMU, 1, 16);
    return 0;
}

static int check(void **state) {
    (void)state;
    world_check();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_policy_is_what_the_guest_has, check),
        cmocka_unit_test_teardown(test_policy_with_other_features_is_refused, check),
        cmocka_unit_test_teardown(test_context_can_be_set_as_it_was_read, check),
        cmocka_unit_test_teardown(test_absent_number_is_answered_with_the_next_domain, check),
        cmocka_unit_test_teardown(test_counter_is_the_processors, check),
        cmocka_unit_test_teardown(test_of_the_triggers_there_is_the_nmi, check),
        cmocka_unit_test_teardown(test_there_is_one_node, check),
        cmocka_unit_test_teardown(test_maximum_below_the_present_size, check),
    };

    return cmocka_run_group_tests_name("tools", tests, boot, NULL);
}
