/* SPDX-License-Identifier: Apache-2.0 */
/* Hypercalls from the hypervisor's own list of them, with arguments by a grammar: each row has the
 * kinds of its fields, in order. Rows without one, and those to come, are filled with any values.
 */
#include "hv/core/calls.h"

#include "hv/core/request.h"
#include "tests/guest/hostile/hostile.h"

#define NOWHERE 9u
#define KNOWN_MAPPINGS 16u
#define ARGUMENT_MAX 1100u
#define ERRNO_AGAIN_MAX (-256)

enum { WHERE_A0, WHERE_A1, WHERE_A2, WHERE_NONE = NOWHERE };

struct row {
    uint16_t number, sub;
    uint8_t place;
    uint16_t size;
    const char *fields;
};

/* d domid, D domid and padding to 8, p port, v vCPU, V VIRQ, r grant reference, h handle, n count,
 * N count of 64 bits, o order, f mapping flags, w small 16-bit number, m map space, S the same of
 * 32 bits, g frame number, G frame number or reference, a address of a far page, L P M T pointer to
 * a list of frame numbers, of ports, to a multicall, to text, t time, c sub-operation, i interface
 * version, s SID, b four bytes, X any 64 bits, z Z zeros of 16 and 32 bits, _ low byte of a string
 * that never ends the guest: an invalid reason */
static const char *const grammar[CALL_COUNT] = {
    [CALL_evtchn_bind_interdomain] = "dzpZ",
    [CALL_evtchn_bind_virq] = "VvZ",
    [CALL_evtchn_close] = "p",
    [CALL_evtchn_send] = "p",
    [CALL_evtchn_status] = "dzpZZZZ",
    [CALL_evtchn_alloc_unbound] = "ddZ",
    [CALL_evtchn_bind_ipi] = "vZ",
    [CALL_evtchn_bind_vcpu] = "pv",
    [CALL_evtchn_unmask] = "p",
    [CALL_evtchn_reset] = "d",
    [CALL_gnttab_map] = "afrdzZX",
    [CALL_gnttab_unmap] = "aXhzz",
    [CALL_gnttab_setup_table] = "dznzzzzL",
    [CALL_gnttab_copy] = "GdwZGdwZwwzz",
    [CALL_gnttab_query_size] = "dzZZzz",
    [CALL_gnttab_set_version] = "n",
    [CALL_gnttab_get_version] = "dzZ",
    [CALL_memory_increase] = "LNoZD",
    [CALL_memory_decrease] = "LNoZD",
    [CALL_memory_populate] = "LNoZD",
    [CALL_memory_claim] = "LNoZD",
    [CALL_memory_current] = "d",
    [CALL_memory_maximum] = "d",
    [CALL_memory_maximum_gpfn] = "d",
    [CALL_memory_add_to_physmap] = "dwSNg",
    [CALL_memory_memory_map] = "nZT",
    [CALL_memory_set_memory_map] = "DnZT",
    [CALL_memory_remove_from_physmap] = "Dg",
    [CALL_memory_physmap_batch] = "dmwdLLT",
    [CALL_memory_acquire_resource] = "dwZnZNL",
    [CALL_sched_shutdown] = "_",
    [CALL_sched_poll] = "PnZt",
    [CALL_sched_remote_shutdown] = "dz_",
    [CALL_sched_shutdown_code] = "n",
    [CALL_sched_watchdog] = "_",
    [CALL_vcpu_register_runstate] = "T",
    [CALL_vcpu_set_singleshot] = "tnZ",
    [CALL_vcpu_register_info] = "gwzZ",
    [CALL_vcpu_register_time] = "T",
    [CALL_hvm_set_param] = "dznX",
    [CALL_hvm_get_param] = "dznX",
    [CALL_version_features] = "nZ",
    [CALL_version_build_id] = "n",
    [CALL_platform_get_cpuinfo] = "cinZZZZ",
    [CALL_platform_settime64] = "ciXZZX",
    [CALL_flask_load] = "ciTnZ",
    [CALL_flask_setenforce] = "cin",
    [CALL_flask_context_to_sid] = "cisnT",
    [CALL_flask_sid_to_context] = "cisnT",
    [CALL_flask_access] = "cissnnZZZZ",
    [CALL_flask_create] = "cissnZ",
    [CALL_flask_getbool] = "cinbnZT",
    [CALL_flask_setbool] = "cinbnZT",
    [CALL_flask_get_peer_sid] = "cipZ",
    [CALL_sysctl_readconsole] = "cibnTnZ",
    [CALL_sysctl_physinfo] = "ci",
    [CALL_sysctl_sched_id] = "ciZ",
    [CALL_sysctl_domaininfolist] = "cidznTZZ",
    [CALL_sysctl_debug_keys] = "ciTnZ",
    [CALL_sysctl_cputopoinfo] = "cinZT",
    [CALL_sysctl_numainfo] = "cinZTT",
    [CALL_sysctl_cpupool] = "cinnnnnnTnZ",
    [CALL_sysctl_featureset] = "cinnT",
    [CALL_domctl_create] = "ciDsXXCnnnnnnnnnn",
    [CALL_domctl_destroy] = "ciO",
    [CALL_domctl_pause] = "ciO",
    [CALL_domctl_unpause] = "ciD",
    [CALL_domctl_getdomaininfo] = "ciD",
    [CALL_domctl_setvcpuaffinity] = "ciDvnTnZTnZ",
    [CALL_domctl_max_mem] = "ciDN",
    [CALL_domctl_getvcpuinfo] = "ciDv",
    [CALL_domctl_max_vcpus] = "ciDv",
    [CALL_domctl_scheduler] = "ciDnnwwZ",
    [CALL_domctl_sethandle] = "ciDXX",
    [CALL_domctl_getvcpuaffinity] = "ciDvnTnZTnZ",
    [CALL_domctl_sethvmcontext] = "ciOnZT",
    [CALL_domctl_get_paging_mempool] = "ciDN",
    [CALL_domctl_set_paging_mempool] = "ciDN",
};

#define SIZE_NONE(member) 0
#define SIZE_IN(member) sizeof(((struct arguments *)0)->member)
#define SIZE_OUT(member) SIZE_IN(member)
#define SIZE_INOUT(member) SIZE_IN(member)
static const struct row rows[CALL_COUNT] = {
#define CALL(name, number, sub, place, arguments, direction, object, permission, residue)          \
    [CALL_##name] = {number, sub, WHERE_##place, SIZE_##direction(arguments), 0},
    CALLS(CALL, CALL)
#undef CALL
};

uint64_t results[RESULTS];
volatile uint32_t asked[VCPUS];

static uint32_t list_order; /* of what the list of frame numbers holds now */
static struct {
    uint64_t address;
    uint32_t handle;
} mappings[KNOWN_MAPPINGS];

int64_t ask(uint32_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
    asked[this_vcpu()]++;
    return hypercall(number, a, b, c, d);
}

void note_result(int64_t result) {
    if (result < 0 && result > -(int64_t)RESULTS)
        results[-result]++;
    else
        results[0]++;
}

static uint64_t interface_version(const struct row *row) {
    if (chance(4)) return any_value();
    if (row->number == HC_DOMCTL) return DOMCTL_VERSION;
    if (row->number == HC_SYSCTL) return SYSCTL_VERSION;
    return row->number == HC_XSM ? FLASK_VERSION : 0x03000000u;
}

/* Mostly a page of solid memory that holds what is asked for; `text` is where it is. */
static uint64_t list_pointer(uint32_t gfn) {
    uint32_t index = gfn - GFN_ARGUMENTS;
    uint32_t offset = any(4) == 0 ? any(512) * 8 : 0;

    if (chance(15)) return any_pointer();
    if (chance(8)) offset = PAGE_BYTES - 4 - any(4);
    return (chance(50) ? WINDOW + index * PAGE_BYTES : (uint64_t)gfn * PAGE_BYTES) + offset;
}

/* Not itself, by any of its names: who is paused or destroyed by itself does not go on. */
static uint16_t other_domid(void) {
    uint16_t domid = any_domid();

    return domid == DOMAIN_SELF || domid == options.self ? 7 : domid;
}

struct field {
    uint64_t value;
    uint32_t bytes;
};

static struct field one_field(char kind, const struct row *row) {
    static const uint8_t good_virqs[] = {0, 1, 2, 3, 4, 8, 23, 24, 31};

    switch (kind) {
    case 'd': return (struct field){any_domid(), 2};
    case 'D': return (struct field){any_domid(), 8};
    case 'O': return (struct field){other_domid(), 8};
    case 'p': return (struct field){chance(85) ? any(24) : any_value(), 4};
    case 'v': return (struct field){chance(80) ? any(3) : any_value(), 4};
    case 'V': return (struct field){chance(90) ? good_virqs[any(9)] : any_value(), 4};
    case 'r': return (struct field){chance(80) ? any(12) : chance(50) ? any(2100) : any_value(), 4};
    case 'h': return (struct field){chance(80) ? any(24) : any_value(), 4};
    case 'n':
    case 's': return (struct field){chance(75) ? any(40) : any_value(), 4};
    case 'N': return (struct field){chance(85) ? any(24) : any_value(), 8};
    case 'o': return (struct field){chance(85) ? list_order : chance(50) ? 18 : any(8), 4};
    case 'f': return (struct field){chance(85) ? 2u | (chance(40) ? 4u : 0) : any(32), 4};
    case 'w': return (struct field){chance(70) ? any(64) : any_value(), 2};
    case 'm': return (struct field){chance(90) ? any(5) : any_value(), 2};
    case 'S': return (struct field){chance(90) ? any(5) : any_value(), 4};
    case 'g': return (struct field){any_gfn(), 8};
    case 'G': return (struct field){chance(50) ? any(12) : any_gfn(), 8};
    case 'a':
        return (struct field){(chance(85) ? GFN_FAR + any(FAR_PAGES) : any_gfn()) * PAGE_BYTES +
                                  (chance(10) ? any(8) : 0),
                              8};
    case 'L': return (struct field){list_pointer(GFN_LIST), 8};
    case 'P': return (struct field){list_pointer(GFN_PORTS), 8};
    case 'T': return (struct field){list_pointer(GFN_TEXT), 8};
    case 't': return (struct field){any_time(), 8};
    case 'c': return (struct field){row->sub, 4};
    case 'i': return (struct field){interface_version(row), 4};
    case 'C': return (struct field){chance(80) ? 3 : any_value(), 4}; /* HVM, HAP */
    case 'z': return (struct field){chance(95) ? 0 : any_value(), 2};
    case 'Z': return (struct field){chance(95) ? 0 : any_value(), 4};
    case '_': return (struct field){0xffu + any(1000), 4};
    case 'b': return (struct field){any64(), 4};
    default: return (struct field){chance(50) ? any(600) : any_value(), 8};
    }
}

static void fill(uint8_t *to, enum call_id id) {
    const struct row *row = &rows[id];
    const char *kinds = grammar[id];
    uint32_t at = 0;

    while (at < row->size && at < 256) {
        struct field field =
            kinds != 0 && *kinds != 0 ? one_field(*kinds++, row) : (struct field){any_value(), 4};

        /* as the ABI aligns it */
        while (at % (field.bytes < 8 ? field.bytes : 8) != 0) to[at++] = 0;
        for (uint32_t i = 0; i < field.bytes; i++) to[at++] = (uint8_t)(field.value >> (8 * i));
    }
}

/* A wrong bit in one place, unless it could name a page that the guest runs on. */
static void spoil(uint8_t *to, enum call_id id) {
    const struct row *row = &rows[id];

    if (row->number == HC_MEMORY || row->size < 4 || row->number == HC_SCHED ||
        id == CALL_gnttab_copy || id == CALL_vcpu_register_info)
        return;
    to[any(row->size)] ^= (uint8_t)(1u << any(8));
}

static void known_mapping(uint8_t *to) {
    uint32_t which = any(KNOWN_MAPPINGS);

    __builtin_memcpy(to, &mappings[which].address, 8);
    __builtin_memcpy(to + 16, &mappings[which].handle, 4);
}

/* HVM_PARAM_CALLBACK_IRQ: by vector. */
static void set_callback(uint8_t *to) {
    uint64_t value = 2ull << 56 | (32 + any(224));

    __builtin_memset(to, 0, 8);
    to[0] = 0xf0;
    to[1] = 0x7f;
    __builtin_memcpy(to + 8, &value, sizeof(value));
}

static void remember_mapping(const uint8_t *at) {
    struct arg_gnttab_map map;
    uint32_t which = any(KNOWN_MAPPINGS);

    __builtin_memcpy(&map, at, sizeof(map));
    if (map.status != 0) return;
    mappings[which].address = map.host_addr;
    mappings[which].handle = map.handle;
}

static void fill_lists(void) {
    uint64_t *list = (uint64_t *)page_of(GFN_LIST);
    uint32_t *ports = (uint32_t *)page_of(GFN_PORTS);
    uint8_t *text = page_of(GFN_TEXT);

    list_order = chance(20) ? 9 : 0;
    for (uint32_t i = 0; i < 32; i++) {
        list[i] = list_order == 0 ? any_gfn() : GFN_HUGE + 512ull * any(4);
        ports[i] = chance(90) ? any(24) : (uint32_t)any_value();
        text[i] = (uint8_t) "qmah?\nsystem_u:object_r:xen_t_%s"[(i + any(3)) % 31];
    }
}

/* Where the arguments lie, and the address by which they are passed. */
static uint64_t place_arguments(uint32_t size) {
    uint32_t offset = any(4) == 0 ? any(256) * 8 : 0;

    if (chance(6)) offset += 1 + any(7);
    if (chance(8)) offset = PAGE_BYTES - 1 - any(size == 0 ? 1 : size < 64 ? size : 64);
    race_offset = offset;
    if (chance(8)) return any_pointer();
    if (chance(8)) return (uint64_t)GFN_ARGUMENTS * PAGE_BYTES + offset;
    return WINDOW + (chance(90) ? 0 : 13 * PAGE_BYTES) + offset;
}

static enum call_id any_row(void) {
    uint32_t id = any(chance(options.first ? 60 : 25) ? CALL_COUNT : CALL_domctl_create);

    /* what waits, and what the trail records each time, in proportion */
    if (id == CALL_sched_block || id == CALL_sched_poll || id == CALL_console_write ||
        id == CALL_sysctl_debug_keys || id == CALL_sysctl_readconsole || id == CALL_vcpu_down)
        return any(8) == 0 ? (enum call_id)id : CALL_sched_yield;
    if (id == CALL_acpi_sleep || id == CALL_apic_icr || id == CALL_multicall)
        return CALL_evtchn_send;
    return (enum call_id)id;
}

static bool is_in_header(const struct row *row) {
    return row->number == HC_XSM || row->number == HC_SYSCTL || row->number == HC_DOMCTL ||
           row->number == HC_PLATFORM;
}

static void set_registers(const struct row *row, uint64_t pointer, uint64_t registers[4]) {
    for (uint32_t i = 0; i < 4; i++) registers[i] = any_value();
    if (!is_in_header(row) && row->number != HC_SET_TIMER) registers[0] = row->sub;
    if (row->number == HC_SET_TIMER) registers[0] = any_time();
    if (row->number == HC_MEMORY && chance(4)) registers[0] |= (uint64_t)any(40) << 6;
    if (row->number == HC_VCPU) registers[1] = chance(85) ? any(2) : any_value();
    if (row->number == HC_GRANT) registers[2] = chance(85) ? any(6) : any_value();
    if (row->number == HC_CONSOLE) {
        registers[1] = any(40);
        registers[2] = chance(80) ? (uint64_t)GFN_TEXT * PAGE_BYTES : any_pointer();
    }
    if (row->place != NOWHERE) registers[row->place] = pointer;
}

/* Extents of 2 MiB come from a list that holds none of its own. */
static void keep_own_extents(uint8_t *to, const struct row *row) {
    struct arg_memory_reservation *extents = (struct arg_memory_reservation *)to;

    if (row->number == HC_MEMORY && row->size == sizeof(*extents) && extents->extent_order == 9)
        extents->extent_start = list_order == 9 ? (uint64_t)page_of(GFN_LIST) : 0;
}

/* Where its argument becomes another than it was. */
static bool may_end_the_guest(enum call_id id) {
    return id == CALL_sched_shutdown || id == CALL_sched_remote_shutdown ||
           id == CALL_domctl_pause || id == CALL_domctl_destroy || id == CALL_domctl_sethvmcontext;
}

void act_call(void) {
    enum call_id id = any_row();
    const struct row *row = &rows[id];
    uint8_t *at = page_of(GFN_ARGUMENTS);
    _Alignas(8) uint8_t bytes[ARGUMENT_MAX] = {0};
    uint64_t registers[4];
    uint64_t pointer;
    int64_t result;

    fill_lists();
    fill(bytes, id);
    if (id == CALL_gnttab_unmap && chance(70)) known_mapping(bytes);
    if (id == CALL_hvm_set_param && chance(30)) set_callback(bytes);
    keep_own_extents(bytes, row);
    pointer = place_arguments(row->size);
    if (may_end_the_guest(id)) {
        at = page_of(GFN_SCRATCH);
        race_offset = 0;
        pointer = (uint64_t)at;
    } else if (chance(12)) {
        spoil(bytes, id);
    }
    at += race_offset;
    for (uint32_t i = 0; i < row->size; i++) at[i] = bytes[i];
    set_registers(row, pointer, registers);
    if (id == CALL_sched_block || id == CALL_sched_poll || id == CALL_vcpu_down) ensure_second();
    result = ask(row->number, registers[0], registers[1], registers[2], registers[3]);
    note_result(result);
    if (id == CALL_gnttab_map && result == 0) remember_mapping(at);
}

/* Any registers: the frames that a call would then find in them are far from what is needed. Not a
 * multicall, whose count could reach over all its memory, with a result in each 64 bytes. */
void act_raw_call(void) {
    uint64_t number = chance(80) ? any(64) : any_value();
    uint64_t sub = chance(80) ? any(40) : any_value();

    if (number == HC_CONSOLE || number == HC_MULTICALL) number++; /* the former fills the console */
    if (number == HC_SCHED || number == HC_VCPU || (number == HC_MEMORY && (sub & 63u) < 24) ||
        number == HC_DOMCTL)
        sub = 1000 + any(1000);
    note_result(ask((uint32_t)number, sub, any_pointer(), chance(50) ? any(8) : any_pointer(),
                    any_value()));
}

/* Entries of calls that need no arguments or take small ones, and of unknown ones. */
void act_multicall(void) {
    static const uint8_t numbers[] = {HC_VERSION, HC_EVENT, HC_GRANT, HC_VCPU,     HC_MULTICALL,
                                      HC_XSM,     55,       HC_HVM,   HC_SET_TIMER};
    uint64_t *entry = (uint64_t *)page_of(GFN_MULTICALL);
    uint32_t count = 1 + any(chance(90) ? 8 : 64);

    for (uint32_t i = 0; i < count; i++, entry += 8) {
        entry[0] = chance(2) ? any64() | 1ull << 30 : numbers[any(sizeof(numbers))];
        entry[1] = 0;
        entry[2] =
            entry[0] == HC_SET_TIMER ? any_time() : 3 + any(11); /* not VCPUOP_down: both read it */
        entry[3] = entry[0] == HC_VCPU ? 1 : list_pointer(GFN_ARGUMENTS);
        entry[4] = any(4);
        entry[5] = any_value();
    }
    if (chance(85)) /* not too many zeros as entries behind them, or it does nothing else */
        note_result(ask(HC_MULTICALL, list_pointer(GFN_MULTICALL), count, 0, 0));
    else
        note_result(ask(HC_MULTICALL, HUGE_WINDOW - any(40) * 64, any_value(), 0, 0));
}

/* Some frames of the grant table, with offers to the peer in them, before they are played with. */
void calls_start(void) {
    struct arg_add_to_physmap place = {
        .domid = DOMAIN_SELF, .space = XENMAPSPACE_GRANT_TABLE, .gpfn = GFN_FAR + 1};
    uint32_t *table = (uint32_t *)((GFN_FAR + 1ull) * PAGE_BYTES);

    if (ask(HC_MEMORY, 7, (uint64_t)&place, 0, 0) != 0) return;
    for (uint32_t i = 8; i < 12; i++) {
        table[2 * i] = 1u | (uint32_t)options.peer << 16;
        table[2 * i + 1] = GFN_LOOSE + i;
    }
}
