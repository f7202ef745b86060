/* SPDX-License-Identifier: Apache-2.0 */
/* Near-valid calls, generated from the list: the plausible arguments of each row (attempts.c) with
 * words of the argument structure and registers replaced by numbers that lie close to what exists,
 * alone, as a batch, and in multicalls; and ports, MSRs and CPUID leaves. Each epoch is a process
 * of its own in a fresh world, so that a number found is replayed by itself. Ends with which rows
 * succeeded and which error numbers were seen. Arguments: number of calls, seed, [the only epoch]
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hv/abi/errno.h"
#include "tests/gate/attempts.h"
#include "tests/gate/xsm_fake.h"

#define CALLS_PER_EPOCH 500u
#define CHECK_EVERY 50u
#define ERRORS 128u
#define ARG ((uint64_t)WORLD_ARGUMENTS * PAGE_SIZE)
#define BUF ((uint64_t)WORLD_BUFFER * PAGE_SIZE)
#define ENTRIES_AT 2048u /* of multicall entries in the buffer page */

/* Shared by all epochs. */
struct statistics {
    uint64_t calls, refused, continued, multicalls, ports, machine_registers, conditions;
    uint64_t succeeded[CALL_COUNT];
    uint64_t seen[CALL_COUNT + 1][ERRORS];   /* by row and error; the last row: unknown calls */
    uint64_t status[CALL_COUNT + 1][ERRORS]; /* the same for elements of batches */
};
static struct statistics *statistics;
static uint64_t seed;

/* Rows that refuse whoever may call them: the question is mediated, the thing is not offered. */
static const enum call_id never_succeed[] = {CALL_version_build_id, CALL_memory_increase,
                                             CALL_vcpu_physid};
/* And those that need a module with policies and booleans. */
static const enum call_id of_policies[] = {CALL_flask_load, CALL_flask_getbool, CALL_flask_setbool,
                                           CALL_flask_commitbools};

static uint32_t any(uint32_t limit) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % limit);
}

#define ONE_OF(list) (list)[any((uint32_t)(sizeof(list) / sizeof((list)[0])))]

/* --- numbers -------------------------------------------------------------------------------- */

static uint64_t any_gfn(void) {
    static const uint64_t places[] = {
        0,      WORLD_ARGUMENTS, WORLD_BUFFER,  20,       27, 63, 64, 511, 512, 1023, 1024, 0x4fff,
        0x5000, 0x5001,          GFN_LIMIT - 1, GFN_LIMIT};
    return any(3) == 0 ? any(1100) : ONE_OF(places);
}

static uint64_t any_address(void) {
    static const uint64_t wild[] = {0,
                                    1,
                                    0x7fffffffffff,
                                    0x800000000000,
                                    UINT64_MAX,
                                    UINT64_MAX - 7,
                                    0xffff800000000000,
                                    0xfffffffffffff000};
    uint32_t which = any(8);

    if (which == 0) return ONE_OF(wild);
    if (which == 1) return any_gfn() * PAGE_SIZE + PAGE_SIZE - 1 - any(16);
    if (which == 2) return any_gfn() * PAGE_SIZE + any(PAGE_SIZE);
    return (any(2) == 0 ? ARG : BUF) + any(3) * 512u;
}

static uint64_t boundary(void) {
    static const uint64_t numbers[] = {0,
                                       0x7f,
                                       0x80,
                                       0xff,
                                       0x100,
                                       0x7fff,
                                       0x8000,
                                       0xffff,
                                       0x10000,
                                       0x7fffffff,
                                       0x80000000,
                                       0xffffffff,
                                       0x100000000,
                                       0x7fffffffffffffff,
                                       0x8000000000000000,
                                       UINT64_MAX};
    return ONE_OF(numbers) + any(3) - 1;
}

/* What stands near a number that was plausible. */
static uint64_t near(uint64_t plausible) {
    static const uint16_t domids[] = {0, 1, 2, 3, 4, 5, 6, DOMID_SELF, 0x7ff1, 0x7ff2, 0x7ff4};

    switch (any(10)) {
    case 0: return plausible + 1;
    case 1: return plausible - 1;
    case 2: return plausible << 1 | any(2);
    case 3: return any(32); /* ports, references, handles, vCPUs, labels, orders */
    case 4: return any(600);
    case 5: return ONE_OF(domids);
    case 6: return any_gfn();
    case 7: return any_address();
    case 8: return plausible ^ 1ull << any(64);
    default: return boundary();
    }
}

/* Replaces words of 2, 4 or 8 bytes at their natural places. */
static void spoil(uint8_t *bytes, uint32_t size) {
    static const uint32_t widths[] = {2, 4, 4, 4, 8, 8};
    uint32_t times = any(3);

    while (times-- > 0) {
        uint32_t width = ONE_OF(widths);
        uint64_t value = 0;
        uint32_t at;

        if (size < width) continue;
        at = any(size < 128 ? size / width : 128 / width) * width;
        memcpy(&value, bytes + at, width);
        value = near(value);
        memcpy(bytes + at, &value, width);
    }
}

/* --- calls ---------------------------------------------------------------------------------- */

static domain_id caller;

static void count_result(enum call_id id, int64_t result) {
    bool batch = id != CALL_UNKNOWN && rows[id].batch;
    uint64_t *seen = batch ? statistics->status[id] : statistics->seen[id];

    statistics->calls++;
    seen[result < 0 && result > -(int64_t)ERRORS ? -result : 0]++;
    if (result < 0)
        statistics->refused++;
    else if (id != CALL_UNKNOWN)
        statistics->succeeded[id]++;
}

static bool is_over(void) {
    return domains[caller].state != DOMAIN_LIVE || host_powered_off || host_was_reset;
}

/* To its end, or until the caller ends; its result, or -11 where it goes on for ever. */
static int64_t run(struct hypercall *call) {
    uint32_t tries = 0;

    while (gate_hypercall(caller, 0, call) >= GATE_REPEAT && tries < 200) {
        if (any(4) != 0) host_flush();
        (void)gate_background();
        statistics->continued++;
        tries++;
        if (is_over()) return 0;
    }
    host_check(!host_locked, "the gate lets go of its lock");
    if (any(4) != 0) host_flush();
    return tries == 200 ? -11 : (int64_t)call->result;
}

/* The plausible call of a row, with its neighbours. */
static void prepare(enum call_id id, struct hypercall *call) {
    uint32_t size = rows[id].size;
    uint32_t elements = rows[id].batch ? 1 + any(3) : 1;
    uint8_t *page = world_arguments(caller);

    (void)attempt_prepare(id, any(VARIANTS), caller, (uint16_t)(any(4) != 0 ? 1 : any(6)), call);
    if (rows[id].batch) call->argument[2] = elements;
    for (uint32_t i = 1; i < elements; i++) memcpy(page + i * size, page, size);
    for (uint32_t i = 0; i < elements && any(3) != 0; i++) spoil(page + i * size, size);
    if (any(4) == 0) spoil(world_buffer(caller), 64);
    if (any(6) == 0) call->argument[any(5)] = any(2) == 0 ? any_address() : near(any(8));
    if (any(40) == 0) call->argument[0] ^= 1ull << (6 + any(58)); /* a continuation's progress */
}

/* Is it still the row that it was, or did a neighbour of its number take its place? */
static enum call_id row_of(enum call_id id, const struct hypercall *call) {
    static const uint64_t in_header =
        1ull << HC_XSM | 1ull << HC_SYSCTL | 1ull << HC_DOMCTL | 1ull << HC_PLATFORM;
    uint64_t sub = call->argument[0];

    if (rows[id].number == HC_SET_TIMER || rows[id].number == HC_MULTICALL) return id;
    if (rows[id].number == HC_MEMORY) sub &= 0x3f;
    if ((in_header >> rows[id].number & 1) != 0) {
        uint32_t command;
        if (sub != ARG) return CALL_UNKNOWN;
        memcpy(&command, world_arguments(caller), sizeof(command));
        sub = command;
    }
    return sub == rows[id].sub ? id : CALL_UNKNOWN;
}

/* Status of the first element of a batch. */
static int64_t batch_status(enum call_id id) {
    uint32_t at = id == CALL_gnttab_map     ? offsetof(struct arg_gnttab_map, status)
                  : id == CALL_gnttab_unmap ? offsetof(struct arg_gnttab_unmap, status)
                                            : offsetof(struct arg_gnttab_copy, status);
    int16_t status;

    memcpy(&status, world_arguments(caller) + at, sizeof(status));
    return status;
}

static void single_call(enum call_id id) {
    struct hypercall call;
    int64_t result;

    prepare(id, &call);
    id = row_of(id, &call);
    result = run(&call);
    if (is_over() && id != CALL_sched_shutdown) return;
    count_result(id,
                 id != CALL_UNKNOWN && rows[id].batch && result == 0 ? batch_status(id) : result);
}

/* Entries of the same row, of others with the same arguments, and of multicalls. */
static void multicall(enum call_id id) {
    struct hypercall call;
    struct arg_multicall_entry entries[4] = {{0}};
    uint32_t count = 1 + any(4);
    uint8_t *place = world_buffer(caller) + ENTRIES_AT;

    prepare(id, &call);
    for (uint32_t i = 0; i < count; i++) {
        const struct row *row = &rows[any(2) == 0 ? id : (enum call_id)any(CALL_COUNT)];
        entries[i].op = any(10) == 0 ? HC_MULTICALL : row->number;
        memcpy(entries[i].args, call.argument, sizeof(call.argument));
        if (row != &rows[id]) entries[i].args[0] = any(2) == 0 ? row->sub : ARG;
        if (entries[i].op == HC_MULTICALL) entries[i].args[0] = BUF + ENTRIES_AT;
    }
    memcpy(place, entries, sizeof(entries));
    call = (struct hypercall){.number = HC_MULTICALL, .argument = {BUF + ENTRIES_AT, count}};
    if (any(10) == 0) call.argument[any(2)] = near(call.argument[any(2)]);
    statistics->multicalls++;
    count_result(CALL_multicall, run(&call));
}

/* An entry that is a multicall itself, in a world where nothing overwrites the entries. */
static void check_nesting(void) {
    struct arg_multicall_entry entries[2] = {{.op = HC_MULTICALL, .args = {BUF, 2}},
                                             {.op = HC_VERSION}};

    memcpy(world_buffer(0), entries, sizeof(entries));
    host_check(world_call(0, HC_MULTICALL, BUF, 2, 0) == 0, "a multicall runs");
    memcpy(entries, world_buffer(0), sizeof(entries));
    host_check((int64_t)entries[0].result == -38, "a multicall within a multicall is refused");
    host_check((int64_t)entries[1].result > 0, "and those behind it run");
}

static void unknown_call(void) {
    struct hypercall call = {.number = any(4) == 0 ? boundary() : any(70),
                             .argument = {any(2) == 0 ? any(64) : ARG, any_address(), near(1)}};

    for (uint32_t i = 0; i < 8; i++) spoil(world_arguments(caller), 64);
    count_result(CALL_UNKNOWN, run(&call));
}

static void port_access(void) {
    static const uint16_t ports[] = {0xb008, 0xb000, 0xb004, 0x70,   0x71,  0xcf8,
                                     0xcfc,  0x3f8,  0xb007, 0xb009, 0xffff};
    static const uint8_t sizes[] = {1, 2, 4};
    uint16_t port = any(2) == 0 ? ONE_OF(ports) : (uint16_t)any(65536);
    uint8_t size = ONE_OF(sizes);

    statistics->ports++;
    (void)gate_port_read(port, size);
    /* Power off and reset end the epoch: not each time. */
    if (port == 0xb008 && any(30) != 0) return;
    (void)gate_port_write(caller, 0, port, size,
                          any(2) == 0 ? 5u << 2 | 0x20 : (uint32_t)boundary());
    if (port == 0xb008) count_result(CALL_acpi_sleep, 0);
}

static void machine_register(void) {
    static const uint32_t known[] = {0x1b,       0x830,      0x80b,      0x808,      0x802,
                                     0x8ff,      0x10,       0xc0000080, 0xc0000103, 0x277,
                                     0xc0010015, 0x40000000, 0x838,      0x832,      0x83e};
    uint32_t number = any(3) == 0 ? 0x800 + any(64) : ONE_OF(known);
    enum gate_next next;
    uint64_t value;
    bool accepted;

    statistics->machine_registers++;
    (void)gate_msr_read(caller, 0, number, &value);
    (void)gate_cpuid(caller, 0, any(2) == 0 ? any(40) : 0x40000000u + any(6), any(20));
    (void)gate_cpuid(caller, 0, (uint32_t)near(0x80000000u), any(3));
    value = any(2) == 0 ? (uint64_t)any(4) << 32 | any(4) << 18 | (any(7) << 8) | any(256)
                        : near(value);
    accepted = gate_msr_write(caller, 0, number, value, &next);
    if (number == 0x830 && accepted) count_result(CALL_apic_icr, 0);
}

/* --- epochs --------------------------------------------------------------------------------- */

static void operate(void) {
    uint32_t which = any(20);
    enum call_id id = (enum call_id)any(CALL_COUNT);
    /* What ends the world is made seldom. */
    bool drastic =
        id == CALL_sched_shutdown || id == CALL_evtchn_reset || id == CALL_domctl_destroy;

    if (drastic && any(10) != 0) return;
    if (any(8) == 0) decisions_draw(any(UINT32_MAX), any(3) == 0 ? 8 : 0);
    if (which == 0)
        unknown_call();
    else if (which == 1 || id == CALL_acpi_sleep)
        port_access();
    else if (which == 2 || id == CALL_apic_icr)
        machine_register();
    else if (which < 6 || id == CALL_multicall)
        multicall(id);
    else
        single_call(id);
}

static void run_epoch(uint64_t epoch) {
    seed = (epoch + 1) * 0x9e3779b97f4a7c15ull | 1;
    caller = (domain_id)(epoch % 4 == 3 ? 1 : epoch % 16 == 1 ? 2 : 0);
    for (uint32_t i = 0; i < CALLS_PER_EPOCH && !is_over(); i++) {
        if (guest_map_read(caller, (struct gfn){WORLD_ARGUMENTS}).kind != MAP_RAM ||
            guest_map_read(caller, (struct gfn){WORLD_BUFFER}).kind != MAP_RAM)
            break; /* it gave away what it lives on */
        operate();
        if (any(8) == 0) (void)gate_background();
        if (any(8) == 0) host_now += any(1u << 20);
        if (any(8) == 0) world_reschedule();
        if (i % CHECK_EVERY == 0) statistics->conditions += world_check();
    }
    statistics->conditions += world_check();
}

static bool in_process(uint64_t epoch) {
    int status = 0;
    pid_t child;

    (void)fflush(stdout);
    child = fork();
    host_check(child >= 0, "a process");
    if (child == 0) {
        run_epoch(epoch);
        exit(0); /* which writes what tests/coverage counts */
    }
    host_check(waitpid(child, &status, 0) == child, "its end");
    if (status != 0) (void)printf("epoch %" PRIu64 " failed: status %d\n", epoch, status);
    return status == 0;
}

/* And those that a real policy refuses in this world, whose channels have no channel's label. */
static const enum call_id of_channels[] = {CALL_evtchn_bind_interdomain, CALL_evtchn_send,
                                           CALL_evtchn_status, CALL_flask_get_peer_sid};

static bool is_in(enum call_id id, const enum call_id *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (list[i] == id) return true;
    return false;
}

#define IS_IN(id, list) is_in((enum call_id)(id), list, sizeof(list) / sizeof((list)[0]))

static bool is_fake(void) { return strcmp(xsm_module_name(), "fake") == 0; }

static bool may_fail(enum call_id id) {
    bool fake = is_fake();

    return IS_IN(id, never_succeed) || (fake && IS_IN(id, of_policies));
}

/* Complains of rows that never succeeded, and of those that did and should not. */
static uint32_t report_rows(void) {
    uint32_t succeeded = 0;
    uint32_t missing = 0;

    for (uint32_t id = 0; id < CALL_COUNT; id++) {
        bool well = statistics->succeeded[id] != 0;
        succeeded += well;
        if (well == !may_fail((enum call_id)id)) continue;
        if (!is_fake() && IS_IN(id, of_channels)) continue;
        missing++;
        (void)printf("grammar: %s %s\n", rows[id].name, well ? "succeeds now" : "never succeeded");
    }
    (void)printf("grammar: %u of %u rows succeeded\n", succeeded, (unsigned)CALL_COUNT);
    return missing;
}

static uint32_t rows_with(uint32_t error, uint32_t status) {
    uint32_t count = statistics->seen[CALL_UNKNOWN][error] != 0;

    for (uint32_t id = 0; id < CALL_COUNT; id++)
        count +=
            rows[id].batch ? statistics->status[id][status] != 0 : statistics->seen[id][error] != 0;
    return count;
}

/* Error numbers of the reasons: seen where, and which never. */
static void report_reasons(void) {
    (void)printf("grammar: rows by reason:");
#define X(name, error, status) (void)printf(" " #name " %u", rows_with(error, status));
    REASONS(X)
#undef X
    (void)printf("\n");
}

int main(int argc, char **argv) {
    uint64_t calls = argc > 1 ? strtoull(argv[1], NULL, 0) : 100000;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 0) : 20261123;
    uint32_t failures = 0;
    uint64_t epoch;

    statistics =
        mmap(NULL, sizeof(*statistics), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    host_check(statistics != MAP_FAILED, "shared memory");
    attempts_world("");
    world_guests_are_hostile = true;
    check_nesting();
    (void)printf("[ RUN      ] grammar, %" PRIu64 " calls, seed %" PRIu64 "\n", calls, first);
    if (argc > 3) {
        run_epoch(strtoull(argv[3], NULL, 0));
        return 0;
    }
    for (epoch = first; statistics->calls < calls && failures < 10; epoch++)
        failures += !in_process(epoch);
    (void)printf("grammar: %" PRIu64 " calls (%" PRIu64 " refused, %" PRIu64 " continued), %" PRIu64
                 " multicalls, %" PRIu64 " port and %" PRIu64 " MSR accesses, %" PRIu64
                 " conditions checked\n",
                 statistics->calls, statistics->refused, statistics->continued,
                 statistics->multicalls, statistics->ports, statistics->machine_registers,
                 statistics->conditions);
    failures += report_rows();
    report_reasons();
    (void)printf(failures == 0 ? "[       OK ] grammar\n" : "[  FAILED  ] grammar\n");
    return failures != 0;
}
