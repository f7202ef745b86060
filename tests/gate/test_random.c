/* SPDX-License-Identifier: Apache-2.0 */
/* Random operations by several domains through the gate, on four CPUs, under decision matrices that
 * are drawn anew now and then. Between them every invariant must hold (tests/gate/invariant.c), and
 * when all tenants are gone, memory must be as it was. Arguments: number of operations, seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grants/grants.h"
#include "hv/core/life.h"
#include "hv/core/lock.h"
#include "hv/core/sched.h"
#include "tests/gate/world.h"
#include "tests/gate/xsm_fake.h"

#define TENANTS 6u
#define PAGES 64u
#define WINDOW 4096u /* gfn from which grants and foreign pages are mapped */
#define CHECK_EVERY 997u
#define POLICY_EVERY 5003u /* operations until the decisions are drawn anew */

static struct effects effects;
static uint64_t operations;
static uint64_t seed;
static uint64_t done[MAX_DOMAINS]; /* operations by each */
static uint64_t calls;
static uint64_t answers[128]; /* how often each result, -127 .. 0, and 0 for positive ones */

static uint32_t any(uint32_t limit) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % limit);
}

static domain_id any_tenant(void) { return (domain_id)(1 + any(TENANTS)); }

static uint16_t any_domid(void) {
    uint32_t which = any(20);

    return (uint16_t)(which == 0 ? DOMID_SELF : which == 1 ? 400 : any(TENANTS + 1));
}

static uint64_t any_gfn(void) {
    static const uint64_t wild[] = {0, 7, 511, 512, 1u << 18, GFN_LIMIT - 1, GFN_LIMIT, UINT64_MAX};
    uint32_t which = any(16);

    if (which == 0) return wild[any(8)];
    return which < 8 ? 16 + any(PAGES - 16) : WINDOW + any(64);
}

static int64_t call(domain_id domain, vcpu_id vcpu, uint64_t number, uint64_t a0, uint64_t a1,
                    uint64_t a2) {
    struct hypercall hypercall = {.number = number, .argument = {a0, a1, a2}};
    uint32_t tries = 0;
    int64_t result;

    calls++;
    while (gate_hypercall(domain, vcpu, &hypercall) >= GATE_REPEAT && tries < 300) {
        if (any(4) != 0) host_flush();
        (void)gate_background();
        tries++;
        if (domains[domain].state == DOMAIN_FREE || host_vcpus[domain][vcpu].present == false)
            return 0; /* it ended in between */
    }
    if (any(4) != 0) host_flush();
    result = tries == 300 ? -11 : (int64_t)hypercall.result;
    answers[result < 0 && result > -128 ? -result : 0]++;
    return result;
}

#define ARGUMENTS(type, ...)                                                                       \
    do {                                                                                           \
        struct type arguments = {__VA_ARGS__};                                                     \
        memcpy(world_arguments(d), &arguments, sizeof(arguments));                                 \
    } while (0)
#define ARG ((uint64_t)WORLD_ARGUMENTS * PAGE_SIZE)
#define BUF ((uint64_t)WORLD_BUFFER * PAGE_SIZE)

/* --- kinds of operations, by vCPU v of domain d --------------------------------------------- */

static void do_event(domain_id d, vcpu_id v) {
    uint32_t port = any(24);

    switch (any(10)) {
    case 0:
        ARGUMENTS(arg_evtchn_alloc_unbound, .dom = any(4) != 0 ? DOMID_SELF : any_domid(),
                  .remote_dom = any_domid());
        (void)call(d, v, HC_EVENT, 6, ARG, 0);
        break;
    case 1:
    case 2:
        ARGUMENTS(arg_evtchn_bind_interdomain, .remote_dom = any_domid(), .remote_port = port);
        (void)call(d, v, HC_EVENT, 0, ARG, 0);
        break;
    case 3:
        ARGUMENTS(arg_evtchn_bind_virq, .virq = any(26), .vcpu = any(3));
        (void)call(d, v, HC_EVENT, 1, ARG, 0);
        break;
    case 4:
        ARGUMENTS(arg_evtchn_bind_ipi, .vcpu = any(3));
        (void)call(d, v, HC_EVENT, 7, ARG, 0);
        break;
    case 5:
        ARGUMENTS(arg_evtchn_bind_vcpu, .port = port, .vcpu = any(3));
        (void)call(d, v, HC_EVENT, 8, ARG, 0);
        break;
    case 6:
        ARGUMENTS(arg_evtchn_reset, .dom = any(20) == 0 ? any_domid() : DOMID_SELF);
        if (any(30) == 0) (void)call(d, v, HC_EVENT, 10, ARG, 0);
        break;
    default:
        ARGUMENTS(arg_evtchn_port, .port = port);
        (void)call(d, v, HC_EVENT, any(4) == 0 ? 3 : any(3) == 0 ? 9 : 4, ARG, 0);
        break;
    }
}

/* A guest's store into its own table; entries that are mapped it leaves alone. */
static void grant_something(domain_id d) {
    uint32_t reference = any(any(8) == 0 ? 600 : 24);
    struct mfn frame = grants_frame(d, reference / GRANTS_PER_FRAME);
    struct guest_grant_entry *entry;

    if (frame.number == MFN_NONE) return;
    entry = (struct guest_grant_entry *)(void *)host_frame(frame) + reference % GRANTS_PER_FRAME;
    if ((entry->flags_and_domid & (GTF_READING | GTF_WRITING)) == 0) {
        entry->frame = (uint32_t)any_gfn();
        entry->flags_and_domid =
            any(TENANTS + 1) << 16 | (any(4) == 0 ? GTF_READONLY : 0) | GTF_PERMIT_ACCESS;
    }
}

static void do_grant(domain_id d, vcpu_id v) {
    uint32_t count = 1 + any(3);
    uint32_t i;

    for (i = 0; i < 4; i++) grant_something(any(2) == 0 ? d : (domain_id)any(TENANTS + 1));
    switch (any(8)) {
    case 0:
        ARGUMENTS(arg_gnttab_setup_table, .dom = any(8) == 0 ? any_domid() : DOMID_SELF,
                  .nr_frames = any(5));
        (void)call(d, v, HC_GRANT, 2, ARG, 1);
        break;
    case 1:
    case 2:
    case 3: {
        struct arg_gnttab_map map[3] = {{0}};

        for (i = 0; i < count; i++) {
            map[i].host_addr = (WINDOW + any(64)) * PAGE_SIZE;
            map[i].flags = GNTMAP_HOST_MAP | (any(3) == 0 ? GNTMAP_READONLY : 0);
            map[i].ref = any(any(8) == 0 ? 3000 : 24);
            map[i].dom = any_domid();
        }
        memcpy(world_arguments(d), map, sizeof(map));
        (void)call(d, v, HC_GRANT, 0, ARG, count);
        break;
    }
    case 4: {
        struct arg_gnttab_copy copy = {.len = (uint16_t)any(4200), .flags = (uint16_t)any(4)};

        copy.source = (struct arg_gnttab_copy_side){
            any(24), (copy.flags & 1) != 0 ? any_domid() : DOMID_SELF, (uint16_t)any(4200), 0};
        copy.dest = (struct arg_gnttab_copy_side){
            16 + any(40), (copy.flags & 2) != 0 ? any_domid() : DOMID_SELF, (uint16_t)any(64), 0};
        memcpy(world_arguments(d), &copy, sizeof(copy));
        (void)call(d, v, HC_GRANT, 5, ARG, 1);
        break;
    }
    default: {
        struct arg_gnttab_unmap unmap[3] = {{0}};

        for (i = 0; i < count; i++) {
            struct grant_mapping mapping = {.used = false};

            unmap[i].handle = any(40);
            if (grants_mapping_read(d, unmap[i].handle, &mapping) && any(20) != 0)
                unmap[i].host_addr = mapping.gfn.number * PAGE_SIZE;
        }
        memcpy(world_arguments(d), unmap, sizeof(unmap));
        (void)call(d, v, HC_GRANT, 1, ARG, count);
        break;
    }
    }
}

static void do_memory(domain_id d, vcpu_id v) {
    static const uint32_t orders[] = {0, 0, 0, 0, 0, 9, 18, 3};
    uint64_t list[8];
    uint64_t count = 1 + any(3);
    uint32_t i;

    for (i = 0; i < 8; i++) do {
            list[i] = any_gfn();
        } while (list[i] == WORLD_ARGUMENTS || list[i] == WORLD_BUFFER || list[i] == 0);
    memcpy(world_buffer(d), list, sizeof(list));
    switch (any(8)) {
    case 0:
    case 1:
    case 2:
        /* Decreases of another's memory would take its pages of arguments too. */
        ARGUMENTS(arg_memory_reservation, .extent_start = BUF, .nr_extents = count,
                  .extent_order = orders[any(8)], .domid = any(6) == 0 ? any_domid() : DOMID_SELF);
        (void)call(d, v, HC_MEMORY, any(2) == 0 && list[0] > 511 ? 1 : 6, ARG, 0);
        break;
    case 3:
        for (i = 0; i < 3; i++) list[i] = 16 + any(PAGES - 16);
        memcpy(world_buffer(d), list, sizeof(list));
        ARGUMENTS(arg_memory_reservation, .extent_start = BUF, .nr_extents = count,
                  .domid = DOMID_SELF);
        (void)call(d, v, HC_MEMORY, any(3) == 0 ? 1 : 6, ARG, 0);
        break;
    case 4:
        ARGUMENTS(arg_add_to_physmap, .domid = any(6) == 0 ? any_domid() : DOMID_SELF,
                  .space = any(3), .idx = any(5), .gpfn = list[0]);
        if (list[0] > 15) (void)call(d, v, HC_MEMORY, 7, ARG, 0);
        break;
    case 5:
        ARGUMENTS(arg_remove_from_physmap, .domid = DOMID_SELF, .gpfn = list[0]);
        if (list[0] > 15 && any(2) == 0) (void)call(d, v, HC_MEMORY, 15, ARG, 0);
        break;
    case 6: {
        uint64_t places[4];

        for (i = 0; i < 4; i++) {
            list[i] = 16 + any(PAGES - 16);
            places[i] = WINDOW + any(64);
        }
        memcpy(world_buffer(d), list, sizeof(list));
        memcpy(world_buffer(d) + 512, places, sizeof(places));
        ARGUMENTS(arg_add_to_physmap_batch, .domid = DOMID_SELF, .space = XENMAPSPACE_GMFN_FOREIGN,
                  .size = (uint16_t)count, .foreign_domid = any_domid(), .idxs = BUF,
                  .gpfns = BUF + 512, .errs = BUF + 1024);
        (void)call(d, v, HC_MEMORY, 23, ARG, 0);
        break;
    }
    default:
        list[0] = WINDOW + any(64);
        list[1] = WINDOW + any(64);
        memcpy(world_buffer(d), list, sizeof(list));
        ARGUMENTS(arg_acquire_resource, .domid = any_domid(), .type = XENMEM_RESOURCE_GRANT_TABLE,
                  .nr_frames = any(3), .frame = any(3), .frame_list = any(8) == 0 ? 0 : BUF);
        (void)call(d, v, HC_MEMORY, 28, ARG, 0);
        break;
    }
}

static void do_sched(domain_id d, vcpu_id v) {
    enum gate_next next;
    uint64_t value;

    switch (any(12)) {
    case 0: (void)call(d, v, HC_SCHED, any(2), 0, 0); break;
    case 1:
        memset(world_buffer(d), 0, 64);
        ARGUMENTS(arg_sched_poll, .ports = BUF, .nr_ports = any(3),
                  .timeout = host_now + any(9999));
        (void)call(d, v, HC_SCHED, 3, ARG, 0);
        break;
    case 2:
        ARGUMENTS(arg_vcpu_set_timer, .timeout_abs_ns = host_now + any(1u << 24));
        (void)call(d, v, HC_VCPU, any(4) == 0 ? 9 : 8, any(3), ARG);
        break;
    case 3: (void)call(d, v, HC_SET_TIMER, host_now + any(1u << 24), 0, 0); break;
    case 4: (void)call(d, v, HC_VCPU, 1 + any(3), any(3), 0); break;
    case 5:
        ARGUMENTS(arg_vcpu_register_info, .mfn = any_gfn(), .offset = 8 * any(520));
        (void)call(d, v, HC_VCPU, 10, any(3), ARG);
        break;
    case 6:
        ARGUMENTS(arg_vcpu_address, .address = any_gfn() * PAGE_SIZE + any(4096));
        (void)call(d, v, HC_VCPU, any(2) == 0 ? 13 : 5, any(3), ARG);
        break;
    case 7: /* INIT, SIPI, fixed, to any vCPU or by shorthand */
        value = (uint64_t)any(4) << 32 | any(4) << 18 | 1u << 14 |
                (any(3) == 0   ? 5u
                 : any(2) == 0 ? 6u
                               : 0u)
                    << 8 |
                any(256);
        (void)gate_msr_write(d, v, 0x830, value, &next);
        host_flush();
        break;
    case 8:
        (void)gate_msr_write(d, v, 0x80b, 0, &next);
        (void)gate_interrupt_accept(d, v);
        break;
    case 9:
        if (gate_halt(d, v, d == 0 || any(50) != 0) == GATE_RESUME)
            host_vcpu_info(d, v)->evtchn_upcall_pending = 0;
        host_flush();
        break;
    case 10:
        if (d != 0 && any(60) == 0) {
            ARGUMENTS(arg_sched_shutdown, .reason = any(6));
            (void)call(d, v, HC_SCHED, any(2) == 0 ? 2 : 5, ARG, 0);
        }
        break;
    default: (void)call(d, v, HC_VERSION, any(12), ARG, 0); break;
    }
}

#define DOMCTL(command, target) .h = {command, DOMCTL_VERSION, target, {0}}

static void build_tenant(domain_id d, vcpu_id v, domain_id tenant) {
    uint64_t list[PAGES];
    uint32_t i;

    ARGUMENTS(arg_domctl_createdomain, DOMCTL(1, tenant),
              .ssidref = any(2) == 0 ? (uint32_t)LABEL_DOMU : LABEL_DOMU + 1, .flags = 3,
              .max_vcpus = 2, .max_evtchn_port = any(200), .max_grant_frames = 4,
              .max_maptrack_frames = any(2) == 0 ? 2 : -1);
    if (call(d, v, HC_DOMCTL, ARG, 0, 0) != 0) return;
    ARGUMENTS(arg_domctl_max_mem, DOMCTL(11, tenant), .max_memkb = PAGES * 6);
    (void)call(d, v, HC_DOMCTL, ARG, 0, 0);
    ARGUMENTS(arg_domctl_word, DOMCTL(15, tenant), .value = 1 + any(2));
    (void)call(d, v, HC_DOMCTL, ARG, 0, 0);
    for (i = 0; i < PAGES; i++) list[i] = i;
    memcpy(world_buffer(d), list, sizeof(list));
    ARGUMENTS(arg_memory_reservation, .extent_start = BUF, .nr_extents = PAGES, .domid = tenant);
    (void)call(d, v, HC_MEMORY, 6, ARG, 0);
    if (domains[tenant].state == DOMAIN_LIVE && domains[tenant].vcpus != 0) {
        machine_vcpu_start_pvh(tenant, 0, 0, 0);
        vcpus[tenant][0].initialised = true;
        vcpus[tenant][0].woken = true;
    }
    ARGUMENTS(arg_domctl_header, 4, DOMCTL_VERSION, tenant, {0});
    (void)call(d, v, HC_DOMCTL, ARG, 0, 0);
}

static void do_manage(domain_id d, vcpu_id v) {
    domain_id tenant = any_tenant();
    uint64_t bits = 1 + any(15);

    if (domains[tenant].state == DOMAIN_FREE) {
        build_tenant(d, v, tenant);
        return;
    }
    switch (domains[tenant].state == DOMAIN_LIVE ? any(12) : 0) {
    case 0:
        ARGUMENTS(arg_domctl_header, 2, DOMCTL_VERSION, tenant, {0});
        if (domains[tenant].state != DOMAIN_LIVE || any(60) == 0)
            (void)call(d, v, HC_DOMCTL, ARG, 0, 0);
        break;
    case 1:
        ARGUMENTS(arg_domctl_header, 3, DOMCTL_VERSION, tenant, {0});
        (void)call(d, v, HC_DOMCTL, ARG, 0, 0);
        break;
    case 2:
    case 3:
    case 4:
    case 5:
        ARGUMENTS(arg_domctl_header, 4, DOMCTL_VERSION, tenant, {0});
        (void)call(d, v, HC_DOMCTL, ARG, 0, 0);
        break;
    case 6:
        ARGUMENTS(arg_domctl_getdomaininfo, DOMCTL(5, tenant));
        (void)call(d, v, HC_DOMCTL, ARG, 0, 0);
        break;
    case 7:
        memcpy(world_buffer(d), &bits, sizeof(bits));
        ARGUMENTS(arg_domctl_vcpuaffinity, DOMCTL(9, tenant), .flags = 1,
                  .cpumap_hard = {BUF, 8, 0});
        (void)call(d, v, HC_DOMCTL, ARG, 0, 0);
        break;
    case 8:
        ARGUMENTS(arg_domctl_scheduler, DOMCTL(16, tenant), .sched_id = 6, .cmd = any(2),
                  .weight = (uint16_t)any(1000));
        (void)call(d, v, HC_DOMCTL, ARG, 0, 0);
        break;
    case 9:
        ARGUMENTS(arg_sched_remote_shutdown, .domain_id = tenant, .reason = any(5));
        if (any(60) == 0) (void)call(d, v, HC_SCHED, 4, ARG, 0);
        break;
    case 10:
        ARGUMENTS(arg_sysctl_domaininfolist, 6, SYSCTL_VERSION, .max_domains = 10, .buffer = BUF);
        (void)call(d, v, HC_SYSCTL, ARG, 0, 0);
        break;
    default:
        if (domains[tenant].state == DOMAIN_LIVE && any(60) == 0)
            gate_crash(tenant, 0, CRASH_TRIPLE_FAULT, 0);
        break;
    }
}

static void do_multicall(domain_id d, vcpu_id v) {
    struct arg_multicall_entry entries[4] = {{0}};
    struct arg_evtchn_port *ports = (struct arg_evtchn_port *)(void *)world_buffer(d);
    uint32_t i;

    for (i = 0; i < 4; i++) {
        ports[i].port = any(24);
        entries[i].op = HC_EVENT;
        entries[i].args[0] = 4;
        entries[i].args[1] = BUF + i * sizeof(ports[0]);
    }
    memcpy(world_arguments(d), entries, sizeof(entries));
    (void)call(d, v, HC_MULTICALL, ARG, any(5), 0);
}

/* A vCPU that is on a CPU. One that was stopped there makes one more call at times: it was on its
 * way when it was stopped. */
static bool somebody(domain_id *domain, vcpu_id *vcpu) {
    uint32_t cpu = any(host_cpus);
    bool kicked = (host_kicked >> cpu & 1u) != 0;
    struct schedule schedule;
    uint16_t reference;

    host_now += any(100000);
    if ((kicked && any(4) != 0) || any(6) == 0 || sched_current(cpu) == VCPU_REFERENCE_NONE) {
        host_kicked &= ~(1u << cpu);
        host_now += any(3) == 0 ? SLICE_NS : 0;
        gate_schedule(cpu, &schedule);
        host_flush();
    }
    reference = sched_current(cpu);
    *domain = (domain_id)(reference / MAX_VCPUS);
    *vcpu = (vcpu_id)(reference % MAX_VCPUS);
    return reference != VCPU_REFERENCE_NONE;
}

/* Nobody waits for long, or a domain would soon be alone. */
static void wake_somebody(void) {
    domain_id d = (domain_id)(any(2) == 0 ? 0 : any_tenant());
    uint32_t v;

    for (v = 0; domains[d].state == DOMAIN_LIVE && v < domains[d].vcpus; v++) {
        struct vcpu *vcpu = &vcpus[d][v];

        if (vcpu->state == VCPU_BLOCKED || vcpu->state == VCPU_POLLING ||
            (vcpu->state == VCPU_DOWN && vcpu->initialised)) {
            gate_lock();
            (void)sched_wake(d, (vcpu_id)v);
            gate_unlock();
        }
    }
}

static uint32_t deaths; /* of domain 0 */

/* The first domain ends in one of its ways; while it is not there, time flies. */
static void end_first(void) {
    if (domains[0].state == DOMAIN_FREE && any(8) == 0) host_now += 1000000000;
    if (domains[0].state != DOMAIN_LIVE || any(20000) != 0) return;
    deaths++;
    switch (any(3)) {
    case 0: gate_crash(0, 0, CRASH_TRIPLE_FAULT, 0); break;
    case 1:
        gate_lock();
        watchdog_set(0, host_now);
        gate_unlock();
        break;
    default:
        gate_lock();
        (void)life_destroy(0, &effects);
        machine_apply_all(&effects);
        gate_unlock();
        break;
    }
}

static void operate(void) {
    domain_id d;
    vcpu_id v;

    end_first();
    if (any(16) == 0) (void)gate_background();
    if (any(16) == 0) host_flush();
    if (any(4) == 0) wake_somebody();
    if (!somebody(&d, &v)) return;
    done[d]++;
    if (guest_map_read(d, (struct gfn){WORLD_ARGUMENTS}).kind != MAP_RAM ||
        guest_map_read(d, (struct gfn){WORLD_BUFFER}).kind != MAP_RAM) {
        gate_crash(d, v, CRASH_NESTED_FAULT, 0); /* it has nothing to live on */
        return;
    }
    switch (any(d == 0 ? 6 : 5)) {
    case 0: do_event(d, v); break;
    case 1: do_grant(d, v); break;
    case 2: do_memory(d, v); break;
    case 3: do_sched(d, v); break;
    case 4:
        if (any(4) == 0)
            do_multicall(d, v);
        else
            do_event(d, v);
        break;
    default: do_manage(d, v); break;
    }
}

/* Ends every tenant; those that wait for each other's mappings end in any order. */
static void end_all(void) {
    uint32_t round;
    uint32_t i;

    for (round = 0; round < 4; round++) {
        for (i = 1; i < MAX_DOMAINS; i++)
            if (domains[i].state != DOMAIN_FREE) (void)world_destroy((domain_id)i);
    }
    world_rest();
}

/* What domain 0 itself took meanwhile: its mappings keep tenants, so it gives them up first. */
static void release_first(void) {
    struct arg_gnttab_unmap unmap = {0};
    struct grant_mapping mapping;
    uint32_t handle;
    uint64_t gfn;

    for (handle = 0; handle < MAX_GRANT_MAPPINGS; handle++) {
        if (grants_mapping_read(0, handle, &mapping)) {
            unmap.handle = handle;
            unmap.host_addr = mapping.gfn.number * PAGE_SIZE;
            memcpy(world_arguments(0), &unmap, sizeof(unmap));
            host_check(world_call(0, HC_GRANT, 1, ARG, 1) == 0, "unmapped");
        }
    }
    for (gfn = WINDOW; gfn < WINDOW + 64; gfn++) {
        if (guest_map_read(0, (struct gfn){gfn}).kind == MAP_FOREIGN) {
            struct arg_remove_from_physmap remove = {.domid = DOMID_SELF, .gpfn = gfn};

            memcpy(world_arguments(0), &remove, sizeof(remove));
            host_check(world_call(0, HC_MEMORY, 15, ARG, 0) == 0, "removed");
        }
    }
}

/* Every other time all is granted, so that the world fills up again. */
static void draw_policy(uint64_t number) {
    static const uint32_t shares[] = {0, 3, 0, 10, 0, 50};

    decisions_draw(any(UINT32_MAX), shares[number % 6]);
}

static void test_random_operations(void **state) {
    uint64_t owned;
    uint64_t i;

    (void)state;
    (void)printf("random: %" PRIu64 " operations, seed %" PRIu64 "\n", operations, seed);
    world_boot(4, "");
    owned = frames_count_free() + frames_owned_by(0);
    for (i = 0; i < operations; i++) {
        if (i % POLICY_EVERY == 0) draw_policy(i / POLICY_EVERY);
        operate();
        if (i % CHECK_EVERY == 0) (void)world_check();
    }
    decisions_draw(0, 0);
    world_check();
    world_revive();
    release_first();
    end_all();
    world_check();
    for (i = 1; i < MAX_DOMAINS; i++)
        host_check(domains[i].state == DOMAIN_FREE, "every tenant is gone");
    host_check(frames_count_free() + frames_owned_by(0) == owned, "no frame is lost");
    (void)printf("random: passed; %" PRIu64 " calls; operations by domain", calls);
    for (i = 0; i <= TENANTS; i++) (void)printf(" %" PRIu64, done[i]);
    (void)printf("; domain 0 ended %" PRIu32 " times", deaths);
    (void)printf("; results");
    for (i = 0; i < 128; i++)
        if (answers[i] != 0) (void)printf(" -%" PRIu64 ":%" PRIu64, i, answers[i]);
    (void)printf("\n");
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_operations)};

    operations = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000000;
    seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 20261123;
    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
