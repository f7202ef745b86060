/* SPDX-License-Identifier: Apache-2.0 */
/* A model of TLBs on four CPUs under random changes of maps. Translations are cached lazily, for
 * each vCPU on each CPU, and dropped only when the flush protocol says so (hv/x86/tlb.h, of which
 * this is the model): on entry, when the domain's epoch is another one, or when the vCPU ran
 * elsewhere meanwhile. A CPU that made translations stale waits until each stale CPU has left guest
 * mode, in an order and at a time of the dice's choosing, and only then says gate_flushed().
 *
 * Failure: an access through a cached translation to a frame that was given back for reuse; or one
 * that the map no longer holds while the CPU counts as up to date. With a part of the protocol
 * taken away the model must find a failure, or it would be worth nothing. */
#define _DEFAULT_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grants/grants.h"
#include "hv/core/lock.h"
#include "hv/core/sched.h"
#include "tests/gate/world.h"

#define CPUS 4u
#define TENANTS 4u
#define LINES 24u
#define STEPS 1000000u
#define PAGES 48u
#define WINDOW 4096u
#define ARG ((uint64_t)WORLD_ARGUMENTS * PAGE_SIZE)
#define BUF ((uint64_t)WORLD_BUFFER * PAGE_SIZE)

enum mode { FAITHFUL, FORGETS_UNMAP, DOES_NOT_WAIT };

struct line {
    bool valid;
    struct gfn gfn;
    struct mfn mfn;
    bool writable;
    uint64_t generation;
};

/* What the ASID of a vCPU holds on a CPU. */
static struct line lines[CPUS][TENANTS + 1][2][LINES];
static struct {
    uint32_t created; /* which vCPU of this name */
    uint32_t cpu;     /* where its ASID is good */
    uint32_t epoch;
} asids[TENANTS + 1][2];

static struct {
    bool in_guest; /* has a mark: also while it handles an exit */
    domain_id domain;
    vcpu_id vcpu;
    uint32_t epoch;
    bool owes; /* made something stale */
    bool waits;
    uint32_t wait_epoch;
    uint32_t wait_cpu; /* up to here none is stale */
    bool has_call;
    struct hypercall call;
} cpus[CPUS];

static enum mode mode;
static uint64_t seed = 912837465;
static uint32_t stage[TENANTS + 1]; /* of a tenant's construction */
static uint64_t stale_uses, fills, uses, flushes, created;

static uint32_t any(uint32_t limit) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % limit);
}

static void failure(const char *what) {
    (void)fprintf(stderr, "  tlb: %s\n", what);
    (void)fflush(NULL);
    _exit(1);
}

/* --- the protocol --------------------------------------------------------------------------- */

static void enter(uint32_t c) {
    domain_id d = cpus[c].domain;
    vcpu_id v = cpus[c].vcpu;

    cpus[c].in_guest = true;
    cpus[c].epoch = host_domain_epochs[d];
    if (asids[d][v].created != host_vcpus[d][v].created || asids[d][v].cpu != c ||
        asids[d][v].epoch != cpus[c].epoch)
        memset(lines[c][d][v], 0, sizeof(lines[c][d][v]));
    asids[d][v].created = host_vcpus[d][v].created;
    asids[d][v].cpu = c;
    asids[d][v].epoch = cpus[c].epoch;
}

static bool is_stale(uint32_t c) {
    return cpus[c].in_guest && cpus[c].epoch != host_domain_epochs[cpus[c].domain];
}

/* After a gate function on this CPU. */
static void owe(uint32_t c) {
    cpus[c].owes = cpus[c].owes || host_owes_flush;
    host_owes_flush = false;
}

static void wait_on(uint32_t c) {
    uint32_t i;

    if (!cpus[c].waits) {
        cpus[c].waits = true;
        cpus[c].owes = false;
        cpus[c].wait_epoch = host_flush_epoch;
        cpus[c].wait_cpu = 0;
        cpus[c].in_guest = false;
        for (i = 0; i < CPUS; i++) host_kicked |= is_stale(i) ? 1u << i : 0;
    }
    while (cpus[c].wait_cpu < CPUS && (mode == DOES_NOT_WAIT || !is_stale(cpus[c].wait_cpu)))
        cpus[c].wait_cpu++;
    if (cpus[c].wait_cpu == CPUS) {
        cpus[c].waits = false;
        gate_flushed(cpus[c].wait_epoch);
        flushes++;
    }
}

/* --- accesses ------------------------------------------------------------------------------- */

static void use(uint32_t c, const struct line *line) {
    struct frame frame = frame_read(line->mfn);
    struct guest_entry entry = guest_map_read(cpus[c].domain, line->gfn);
    bool holds = entry.kind != MAP_NONE && entry.mfn.number == line->mfn.number &&
                 (entry.writable || !line->writable);

    uses++;
    stale_uses += !holds;
    if (frame.state != FRAME_OWNED && frame.state != FRAME_FLUSHING)
        failure("a frame is reached that waits for zeroing or a new owner");
    if (host_generation[line->mfn.number] != line->generation)
        failure("a frame is reached that was zeroed since");
    if (!holds && !is_stale(c)) failure("a translation outlives its mapping");
}

static void access_memory(uint32_t c) {
    struct line *line = &lines[c][cpus[c].domain][cpus[c].vcpu][any(LINES)];
    struct guest_entry entry;
    struct gfn gfn = {any(2) == 0 ? any(PAGES) : WINDOW + any(12)};

    if (line->valid) {
        use(c, line);
        if (any(20) == 0) line->valid = false; /* evicted */
        return;
    }
    entry = guest_map_read(cpus[c].domain, gfn);
    if (entry.kind != MAP_NONE) {
        *line =
            (struct line){true, gfn, entry.mfn, entry.writable, host_generation[entry.mfn.number]};
        fills++;
    }
}

/* --- calls ---------------------------------------------------------------------------------- */

#define ARGUMENTS(type, ...)                                                                       \
    do {                                                                                           \
        struct type arguments = {__VA_ARGS__};                                                     \
        memcpy(world_arguments(d), &arguments, sizeof(arguments));                                 \
    } while (0)
#define CALL(number_, a0, a1, a2)                                                                  \
    (struct hypercall) {                                                                           \
        .number = number_, .argument = { a0, a1, a2 }                                              \
    }

static void lend_something(domain_id d) {
    uint32_t reference = any(16);
    struct mfn frame = grants_frame(d, 0);
    struct guest_grant_entry *entry;

    if (frame.number == MFN_NONE) return;
    entry = (struct guest_grant_entry *)(void *)host_frame(frame) + reference;
    if ((entry->flags_and_domid & (GTF_READING | GTF_WRITING)) == 0)
        *entry = (struct guest_grant_entry){any(TENANTS + 1) << 16 | GTF_PERMIT_ACCESS,
                                            16 + any(PAGES - 16)};
}

static struct hypercall memory_call(domain_id d) {
    uint64_t list[4] = {16 + any(PAGES - 16), 16 + any(PAGES - 16), WINDOW + any(12),
                        WINDOW + any(12)};

    memcpy(world_buffer(d), list, sizeof(list));
    switch (any(4)) {
    case 0:
    case 1:
        ARGUMENTS(arg_memory_reservation, .extent_start = BUF, .nr_extents = 2,
                  .domid = DOMID_SELF);
        return CALL(HC_MEMORY, any(2) == 0 ? 1 : 6, ARG, 0);
    case 2:
        ARGUMENTS(arg_add_to_physmap_batch, .domid = DOMID_SELF, .space = XENMAPSPACE_GMFN_FOREIGN,
                  .size = 2, .foreign_domid = (uint16_t)any(TENANTS + 1), .idxs = BUF,
                  .gpfns = BUF + 16, .errs = BUF + 64);
        return CALL(HC_MEMORY, 23, ARG, 0);
    default:
        ARGUMENTS(arg_remove_from_physmap, .domid = DOMID_SELF, .gpfn = list[2]);
        return CALL(HC_MEMORY, 15, ARG, 0);
    }
}

static struct hypercall grant_call(domain_id d) {
    struct grant_mapping mapping = {.used = false};
    uint32_t handle = any(12);

    lend_something((domain_id)any(TENANTS + 1));
    if (grants_frames(d) == 0) {
        ARGUMENTS(arg_gnttab_setup_table, .dom = DOMID_SELF, .nr_frames = 1);
        return CALL(HC_GRANT, 2, ARG, 1);
    }
    if (grants_mapping_read(d, handle, &mapping)) {
        ARGUMENTS(arg_gnttab_unmap, .host_addr = mapping.gfn.number * PAGE_SIZE, .handle = handle);
        return CALL(HC_GRANT, 1, ARG, 1);
    }
    ARGUMENTS(arg_gnttab_map, .host_addr = (WINDOW + any(12)) * (uint64_t)PAGE_SIZE,
              .flags = GNTMAP_HOST_MAP | (any(2) == 0 ? GNTMAP_READONLY : 0), .ref = any(16),
              .dom = (uint16_t)any(TENANTS + 1));
    return CALL(HC_GRANT, 0, ARG, 1);
}

static void start_tenant(domain_id tenant) {
    if (domains[tenant].state != DOMAIN_LIVE || domains[tenant].vcpus == 0) return;
    machine_vcpu_start_pvh(tenant, 0, 0, 0);
    for (vcpu_id v = 0; v < domains[tenant].vcpus; v++) {
        vcpus[tenant][v].initialised = true;
        vcpus[tenant][v].woken = true;
    }
    created++;
}

/* Domain 0 builds tenants step by step, and ends them. */
static struct hypercall manage_call(domain_id d) {
    uint16_t tenant = (uint16_t)(1 + any(TENANTS));
    uint64_t list[PAGES];
    uint32_t i;

    if (domains[tenant].state == DOMAIN_FREE) stage[tenant] = 0;
    switch (stage[tenant]) {
    case 0:
        stage[tenant] = 1;
        ARGUMENTS(arg_domctl_createdomain, .h = {1, DOMCTL_VERSION, tenant, {0}},
                  .ssidref = LABEL_DOMU, .flags = 3, .max_vcpus = 1, .max_evtchn_port = 63,
                  .max_grant_frames = 1, .max_maptrack_frames = 1);
        return CALL(HC_DOMCTL, ARG, 0, 0);
    case 1:
        stage[tenant] = 2;
        ARGUMENTS(arg_domctl_max_mem, .h = {11, DOMCTL_VERSION, tenant, {0}},
                  .max_memkb = 4 * PAGES);
        return CALL(HC_DOMCTL, ARG, 0, 0);
    case 2:
        stage[tenant] = 3;
        ARGUMENTS(arg_domctl_word, .h = {15, DOMCTL_VERSION, tenant, {0}}, .value = 2);
        return CALL(HC_DOMCTL, ARG, 0, 0);
    case 3:
        stage[tenant] = 4;
        for (i = 0; i < PAGES; i++) list[i] = i;
        memcpy(world_buffer(d), list, sizeof(list));
        ARGUMENTS(arg_memory_reservation, .extent_start = BUF, .nr_extents = PAGES,
                  .domid = tenant);
        return CALL(HC_MEMORY, 6, ARG, 0);
    case 4:
        stage[tenant] = 5;
        start_tenant(tenant);
        ARGUMENTS(arg_domctl_header, 4, DOMCTL_VERSION, tenant, {0});
        return CALL(HC_DOMCTL, ARG, 0, 0);
    default:
        ARGUMENTS(arg_domctl_header, any(30) == 0 ? 2 : 5, DOMCTL_VERSION, tenant, {0});
        return CALL(HC_DOMCTL, ARG, 0, 0);
    }
}

static bool can_call(domain_id d) {
    return guest_map_read(d, (struct gfn){WORLD_ARGUMENTS}).kind == MAP_RAM &&
           guest_map_read(d, (struct gfn){WORLD_BUFFER}).kind == MAP_RAM;
}

/* The exit keeps the mark; what another CPU changes meanwhile makes it stale. */
static void exit_and_call(uint32_t c) {
    domain_id d = cpus[c].domain;

    if (!cpus[c].has_call) {
        if (!can_call(d)) return;
        cpus[c].call = d == 0 && any(2) == 0 ? manage_call(d)
                       : any(2) == 0         ? memory_call(d)
                                             : grant_call(d);
    }
    cpus[c].has_call = gate_hypercall(d, cpus[c].vcpu, &cpus[c].call) >= GATE_REPEAT;
    owe(c);
    if (cpus[c].has_call) {
        (void)gate_background();
        owe(c);
    }
}

static void schedule(uint32_t c) {
    struct schedule next;

    cpus[c].in_guest = false;
    cpus[c].has_call = false; /* the guest makes it anew */
    host_now += any(2) == 0 ? SLICE_NS : 1000;
    host_kicked &= ~(1u << c);
    gate_schedule(c, &next);
    owe(c);
    if (next.idle || any(8) == 0) {
        (void)gate_background();
        owe(c);
    }
    cpus[c].domain = next.domain;
    cpus[c].vcpu = next.vcpu;
}

static void step(uint32_t c) {
    uint32_t i;
    bool placed = sched_current(c) != VCPU_REFERENCE_NONE;

    if (cpus[c].owes || cpus[c].waits) {
        if (any(3) == 0) wait_on(c);
        return;
    }
    if (!placed || ((host_kicked >> c & 1u) != 0 && any(6) == 0) || any(60) == 0) {
        schedule(c);
        return;
    }
    if (!cpus[c].in_guest || (is_stale(c) && any(8) == 0)) {
        enter(c);
        return;
    }
    if (any(4) == 0) {
        exit_and_call(c);
        return;
    }
    for (i = 0; i < 8; i++) access_memory(c);
}

static int run(enum mode chosen, uint64_t chosen_seed) {
    uint64_t i;

    mode = chosen;
    seed = chosen_seed;
    world_boot(CPUS, "");
    gate_lock();
    (void)sched_wake(0, 1);
    gate_unlock();
    host_flush_is_modelled = true;
    host_owes_flush = false;
    host_forgets_unmap = mode == FORGETS_UNMAP;
    for (i = 0; i < STEPS; i++) step(any(CPUS));
    (void)printf("  tlb: %u steps: %llu fills, %llu uses, %llu of them stale, %llu flushes, %llu "
                 "domains\n",
                 STEPS, (unsigned long long)fills, (unsigned long long)uses,
                 (unsigned long long)stale_uses, (unsigned long long)flushes,
                 (unsigned long long)created);
    (void)fflush(NULL);
    /* A run without stale uses would show nothing. */
    return fills > 1000 && stale_uses > 100 && created > 10 ? 0 : 2;
}

static int in_process(enum mode chosen, uint64_t chosen_seed) {
    int status = 0;
    pid_t child;

    (void)fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(run(chosen, chosen_seed));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_no_reuse_before_flush(void **state) {
    uint64_t i;

    (void)state;
    for (i = 1; i <= 4; i++) assert_int_equal(in_process(FAITHFUL, i * 7919), 0);
}

static void test_model_sees_a_missing_flush(void **state) {
    (void)state;
    assert_int_equal(in_process(FORGETS_UNMAP, 7919), 1);
}

static void test_model_sees_a_missing_wait(void **state) {
    (void)state;
    assert_int_equal(in_process(DOES_NOT_WAIT, 7919), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_reuse_before_flush),
        cmocka_unit_test(test_model_sees_a_missing_flush),
        cmocka_unit_test(test_model_sees_a_missing_wait),
    };
    return cmocka_run_group_tests_name("tlb", tests, NULL, NULL);
}
