/* SPDX-License-Identifier: Apache-2.0 */
/* Plausible arguments, row by row: with everything granted, most of these succeed. */
#include "tests/gate/attempts.h"

#include <string.h>

#include "evtchn/evtchn.h"
#include "grants/grants.h"
#include "hv/core/lock.h"
#include "hv/core/request.h"

#define WIDTH_A0 0
#define WIDTH_A1 1
#define WIDTH_A2 2
#define WIDTH_NONE PLACE_NOWHERE
#define READS_IN true
#define READS_INOUT true
#define READS_OUT false
#define READS_NONE false
#define SIZE_NONE(member) 0
#define SIZE_IN(member) (uint32_t)sizeof(((struct arguments *)0)->member)
#define SIZE_OUT(member) SIZE_IN(member)
#define SIZE_INOUT(member) SIZE_IN(member)
#define ROW(row_name, row_number, row_sub, row_place, member, direction, object, row_permission,   \
            is_batch)                                                                              \
    [CALL_##row_name] = {.name = #row_name,                                                        \
                         .number = row_number,                                                     \
                         .sub = row_sub,                                                           \
                         .permission = PERMISSION_##row_permission,                                \
                         .size = SIZE_##direction(member),                                         \
                         .place = WIDTH_##row_place,                                               \
                         .copies_in = READS_##direction,                                           \
                         .batch = is_batch},
#define CALL(name, number, sub, place, arguments, direction, object, permission, residue)          \
    ROW(name, number, sub, place, arguments, direction, object, permission, false)
#define BATCH(name, number, sub, place, arguments, direction, object, permission, residue)         \
    ROW(name, number, sub, place, arguments, direction, object, permission, true)
const struct row rows[CALL_COUNT] = {CALLS(CALL, BATCH)};
#undef CALL
#undef BATCH

#define ARG ((uint64_t)WORLD_ARGUMENTS * PAGE_SIZE)
#define BUF ((uint64_t)WORLD_BUFFER * PAGE_SIZE)
#define FREE_GFN 0x5000u
#define POLICY_GFN 100u

static port_id own_bound;      /* of domain 0, to domain 1 */
static port_id peer_bound;     /* its other end */
static port_id remote_unbound; /* of domain 1, for domain 0 */
static uint32_t handle;        /* of domain 0's mapping of domain 1's grant 0 */
static struct effects effects;

static void apply(void) {
    machine_apply(&effects);
    effects.count = 0;
}

static struct mfn frame_for(domain_id domain, enum frame_use use) {
    struct mfn mfn;

    host_check(frames_allocate(domain, use, ORDER_4K, &mfn) == REASON_OK, "a frame");
    return mfn;
}

/* Domain 1 lends gfn 20 .. 27 to domain 0, which has mapped the first. */
static void lend(void) {
    struct guest_grant_entry *entries;
    struct effect *effect;
    struct gfn granted;
    struct mfn state;
    struct mfn shared = frame_for(1, FRAME_GRANT_TABLE);
    uint32_t i;

    host_check(domain_state_frame(1, &state) == REASON_OK, "a frame");
    frame_place(shared, (struct gfn){GFN_NOWHERE});
    effect = effects_add(&effects, EFFECT_BACK, 1);
    effect->array = SPARSE_ACTIVE_GRANTS;
    effect->mfn = state;
    apply();
    host_check(grants_add_frame(1, shared) == REASON_OK, "a grant table");
    entries = (struct guest_grant_entry *)(void *)host_frame(shared);
    for (i = 0; i < 8; i++) entries[i] = (struct guest_grant_entry){GTF_PERMIT_ACCESS, 20 + i};
    host_check(machine_grant_pin(shared, 0, 0, true, &granted) == REASON_OK, "a grant");
    effect = effects_add(&effects, EFFECT_MAP, 0);
    effect->gfn.number = FREE_GFN - 1;
    effect->mfn = guest_map_read(1, granted).mfn;
    effect->map_kind = MAP_GRANT;
    effect->writable = true;
    host_check(frame_reference(effect->mfn) == REASON_OK, "a reference");
    host_check(grants_map(0, 1, 0, effect->mfn, effect->gfn, true, &handle) == REASON_OK, "mapped");
    for (i = 0; guest_map_tables_needed(0, effect->gfn, ORDER_4K) > i; i++)
        domains[0].table_pool[domains[0].table_pool_count++] = frame_for(0, FRAME_TABLE);
    apply();
}

void attempts_world(const char *options) {
    struct schedule schedule;

    world_boot(2, options);
    world_domain(1, LABEL_DOMU, 2, 64);
    world_domain(2, LABEL_DOMU + 1, 1, 64);
    world_domain(3, LABEL_DOMU, 0, 16);
    world_domain(4, LABEL_DOMU, 1, 16);
    vcpus[4][0].initialised = false;
    vcpus[4][0].woken = false;
    gate_lock();
    host_check(evtchn_alloc_unbound(1, 0, LABEL_DOMU, &peer_bound) == REASON_OK &&
                   evtchn_bind_interdomain(0, 1, peer_bound, LABEL_DOM0, &own_bound, &effects) ==
                       REASON_OK &&
                   evtchn_alloc_unbound(1, 0, LABEL_DOMU, &remote_unbound) == REASON_OK,
               "channels");
    lend();
    gate_unlock();
    world_unpause(1);
    gate_schedule(0, &schedule);
    gate_schedule(1, &schedule);
    host_flush();
    host_kicked = 0;
    world_check();
}

#define PUT(type, ...)                                                                             \
    do {                                                                                           \
        struct type filled = {__VA_ARGS__};                                                        \
        memcpy(page, &filled, sizeof(filled));                                                     \
    } while (0)
#define HEADER(id_) .h = {(uint32_t)rows[id_].sub, DOMCTL_VERSION, target, {0}}

static bool prepare_event(enum call_id id, uint32_t variant, uint16_t target, uint8_t *page) {
    switch (id) {
    case CALL_evtchn_bind_interdomain:
        PUT(arg_evtchn_bind_interdomain, .remote_dom = target, .remote_port = remote_unbound);
        return variant == 0;
    case CALL_evtchn_bind_virq:
        PUT(arg_evtchn_bind_virq, .virq = variant == 0 ? 1 : 3);
        return variant < 2;
    case CALL_evtchn_close:
    case CALL_evtchn_send:
    case CALL_evtchn_unmask: PUT(arg_evtchn_port, own_bound); return variant == 0;
    case CALL_evtchn_status:
        PUT(arg_evtchn_status, .dom = target, .port = variant == 0 ? peer_bound : 400);
        return variant < 2;
    case CALL_evtchn_alloc_unbound:
        PUT(arg_evtchn_alloc_unbound, .dom = variant == 0 ? DOMID_SELF : target,
            .remote_dom = variant == 0 ? target : 0);
        return variant < 2;
    case CALL_evtchn_bind_vcpu: PUT(arg_evtchn_bind_vcpu, own_bound, 0); return variant == 0;
    case CALL_evtchn_reset:
        PUT(arg_evtchn_reset, variant == 0 ? target : DOMID_SELF);
        return variant < 2;
    default: return variant == 0;
    }
}

static bool prepare_grant(enum call_id id, uint32_t variant, uint16_t target, uint8_t *page) {
    switch (id) {
    case CALL_gnttab_map:
        PUT(arg_gnttab_map, .host_addr = FREE_GFN * (uint64_t)PAGE_SIZE,
            .flags = GNTMAP_HOST_MAP | (variant == 1 ? GNTMAP_READONLY : 0), .ref = 1,
            .dom = target);
        return variant < 2;
    case CALL_gnttab_unmap:
        PUT(arg_gnttab_unmap, .host_addr = (FREE_GFN - 1) * (uint64_t)PAGE_SIZE, .handle = handle);
        return variant == 0;
    case CALL_gnttab_setup_table:
        PUT(arg_gnttab_setup_table, .dom = target, .nr_frames = 2);
        return variant == 0;
    case CALL_gnttab_copy:
        PUT(arg_gnttab_copy, .source = {2, target, 0, 0}, .dest = {10, DOMID_SELF, 0, 0},
            .len = 100, .flags = GNTCOPY_SOURCE_GREF);
        return variant == 0;
    case CALL_gnttab_query_size: PUT(arg_gnttab_query_size, .dom = target); return variant == 0;
    case CALL_gnttab_set_version: PUT(arg_gnttab_set_version, 1); return variant == 0;
    default: PUT(arg_gnttab_get_version, .dom = target); return variant == 0;
    }
}

static bool prepare_memory(enum call_id id, uint32_t variant, uint16_t target, uint8_t *page,
                           uint8_t *buffer) {
    static const uint64_t places[] = {40, 41, FREE_GFN + 1, FREE_GFN + 2};

    memcpy(buffer, places, sizeof(places));
    switch (id) {
    case CALL_memory_populate:
    case CALL_memory_decrease:
    case CALL_memory_increase:
    case CALL_memory_claim:
        PUT(arg_memory_reservation, .extent_start = id == CALL_memory_populate ? BUF + 16 : BUF,
            .nr_extents = 2, .domid = variant == 0 ? target : DOMID_SELF);
        return variant < 2;
    case CALL_memory_current:
    case CALL_memory_maximum:
    case CALL_memory_maximum_gpfn: PUT(arg_domid, target); return variant == 0;
    case CALL_memory_add_to_physmap:
        PUT(arg_add_to_physmap, .domid = variant == 0 ? DOMID_SELF : target,
            .space = XENMAPSPACE_SHARED_INFO, .gpfn = FREE_GFN + 1);
        return variant < 2;
    case CALL_memory_set_pod_target:
        PUT(arg_pod_target, .target_pages = 8, .domid = target);
        return variant == 0;
    case CALL_memory_memory_map:
        PUT(arg_memory_map, .nr_entries = 8, .buffer = BUF);
        return variant == 0;
    case CALL_memory_set_memory_map:
        PUT(arg_foreign_memory_map, .domid = target, .map = {.nr_entries = 1, .buffer = BUF});
        return variant == 0;
    case CALL_memory_remove_from_physmap:
        PUT(arg_remove_from_physmap, .domid = variant == 0 ? target : DOMID_SELF, .gpfn = 50);
        return variant < 2;
    case CALL_memory_physmap_batch:
        PUT(arg_add_to_physmap_batch, .domid = DOMID_SELF,
            .space = variant == 0 ? XENMAPSPACE_GMFN_FOREIGN : XENMAPSPACE_GRANT_TABLE, .size = 2,
            .foreign_domid = target, .idxs = BUF, .gpfns = BUF + 16, .errs = BUF + 512);
        return variant < 2;
    case CALL_memory_acquire_resource:
        PUT(arg_acquire_resource, .domid = target, .type = XENMEM_RESOURCE_GRANT_TABLE,
            .nr_frames = 2, .frame_list = BUF + 16);
        return variant == 0;
    default: return variant == 0;
    }
}

static bool prepare_sched(enum call_id id, uint32_t variant, uint16_t target, uint8_t *page) {
    switch (id) {
    case CALL_sched_shutdown: PUT(arg_sched_shutdown, variant); return variant < 3;
    case CALL_sched_shutdown_code: PUT(arg_sched_shutdown, 2 /* suspend */); return variant == 0;
    case CALL_sched_watchdog: PUT(arg_sched_watchdog, .timeout = 1000000); return variant == 0;
    case CALL_sched_poll:
        PUT(arg_sched_poll, .ports = BUF, .nr_ports = 1, .timeout = host_now + 1000);
        return variant == 0;
    case CALL_sched_remote_shutdown:
        PUT(arg_sched_remote_shutdown, .domain_id = target, .reason = 3);
        return variant == 0;
    case CALL_vcpu_register_runstate:
    case CALL_vcpu_register_time: PUT(arg_vcpu_address, BUF + 64); return variant == 0;
    case CALL_vcpu_set_singleshot:
        PUT(arg_vcpu_set_timer, .timeout_abs_ns = host_now + 1000000);
        return variant == 0;
    case CALL_vcpu_register_info: PUT(arg_vcpu_register_info, .mfn = 30); return variant == 0;
    case CALL_hvm_set_param:
    case CALL_hvm_get_param:
        PUT(arg_hvm_param, .domid = variant == 0 ? target : DOMID_SELF, .index = 1, .value = 77);
        return variant < 2;
    default: return variant == 0;
    }
}

/* Where the caller has memory enough and the world a policy, that policy. */
static void put_policy(domain_id caller, struct arg_flask_load *load) {
    load->buffer = BUF;
    load->size = 100;
    if (host_policy_size == 0 || caller != 0) return;
    load->buffer = POLICY_GFN * (uint64_t)PAGE_SIZE;
    load->size = host_policy_size;
    for (uint32_t done = 0; done < host_policy_size; done += PAGE_SIZE) {
        uint64_t gfn = POLICY_GFN + done / PAGE_SIZE;
        if (guest_map_read(caller, (struct gfn){gfn}).kind == MAP_RAM)
            memcpy(host_guest(caller, gfn), host_policy + done, PAGE_SIZE);
    }
}

static bool prepare_tools(enum call_id id, uint32_t variant, domain_id caller, uint8_t *page,
                          uint8_t *buffer) {
    static const char context[] = "system_u:system_r:domU_t";

    PUT(arg_flask_header, (uint32_t)rows[id].sub,
        rows[id].number == HC_XSM        ? FLASK_VERSION
        : rows[id].number == HC_PLATFORM ? 0x03000000u
                                         : SYSCTL_VERSION);
    switch (id) {
    case CALL_flask_load: put_policy(caller, (struct arg_flask_load *)(void *)page); break;
    case CALL_flask_setenforce: ((struct arg_flask_word *)(void *)page)->value = 1; break;
    case CALL_flask_context_to_sid:
    case CALL_flask_sid_to_context:
        memcpy(buffer, context, sizeof(context));
        ((struct arg_flask_sid_context *)(void *)page)->sid = LABEL_DOMU;
        ((struct arg_flask_sid_context *)(void *)page)->size =
            id == CALL_flask_context_to_sid ? sizeof(context) : 200;
        ((struct arg_flask_sid_context *)(void *)page)->context = BUF;
        break;
    case CALL_flask_access:
    case CALL_flask_create:
        ((struct arg_flask_transition *)(void *)page)->ssid = LABEL_DOM0;
        ((struct arg_flask_transition *)(void *)page)->tsid = LABEL_DOMU;
        ((struct arg_flask_transition *)(void *)page)->tclass = CLASS_domain + 1;
        break;
    case CALL_flask_get_peer_sid:
        ((struct arg_flask_peersid *)(void *)page)->evtchn = own_bound;
        break;
    case CALL_sysctl_readconsole:
        ((struct arg_sysctl_readconsole *)(void *)page)->clear = variant == 1;
        ((struct arg_sysctl_readconsole *)(void *)page)->buffer = BUF;
        ((struct arg_sysctl_readconsole *)(void *)page)->count = 100;
        return variant < 2;
    case CALL_sysctl_domaininfolist:
        ((struct arg_sysctl_domaininfolist *)(void *)page)->max_domains = 10;
        ((struct arg_sysctl_domaininfolist *)(void *)page)->buffer = BUF;
        break;
    case CALL_sysctl_debug_keys:
        memcpy(buffer, "qma", 3);
        ((struct arg_sysctl_debug_keys *)(void *)page)->keys = BUF;
        ((struct arg_sysctl_debug_keys *)(void *)page)->nr_keys = 3;
        break;
    case CALL_sysctl_scheduler:
        ((struct arg_sysctl_scheduler *)(void *)page)->sched_id = 6;
        ((struct arg_sysctl_scheduler *)(void *)page)->cmd = 1;
        break;
    case CALL_sysctl_cpu_policy:
        ((struct arg_sysctl_cpu_policy *)(void *)page)->index = 5;
        ((struct arg_sysctl_cpu_policy *)(void *)page)->nr_leaves = 100;
        ((struct arg_sysctl_cpu_policy *)(void *)page)->leaves = BUF;
        break;
    case CALL_sysctl_cpupool: ((struct arg_sysctl_cpupool *)(void *)page)->op = 3; break;
    default: break;
    }
    return variant == 0;
}

static void put_context(uint8_t *buffer) {
    static const uint32_t head[] = {2, 1024};
    static const uint64_t entry = 0x100000;
    static const uint64_t cr0 = 1;

    memset(buffer, 0, 1100);
    memcpy(buffer, head, sizeof(head));
    memcpy(buffer + 8 + 640, &entry, 8);
    memcpy(buffer + 8 + 656, &cr0, 8);
}

static bool prepare_domctl(enum call_id id, uint32_t variant, uint16_t target, uint8_t *page,
                           uint8_t *buffer) {
    PUT(arg_domctl_header, (uint32_t)rows[id].sub, DOMCTL_VERSION, target, {0});
    switch (id) {
    case CALL_domctl_create:
        PUT(arg_domctl_createdomain, .h = {1, DOMCTL_VERSION, 0, {0}}, .ssidref = LABEL_DOMU,
            .flags = 3, .max_vcpus = 1, .max_evtchn_port = 100, .max_grant_frames = 4,
            .max_maptrack_frames = 1);
        break;
    case CALL_domctl_max_mem: PUT(arg_domctl_max_mem, HEADER(id), .max_memkb = 4096); break;
    case CALL_domctl_max_vcpus:
        PUT(arg_domctl_word, .h = {15, DOMCTL_VERSION, target == 1 ? 3 : target, {0}}, .value = 2);
        break;
    case CALL_domctl_scheduler:
        PUT(arg_domctl_scheduler, HEADER(id), .sched_id = 6, .cmd = 1 - variant, .weight = 512);
        return variant < 2;
    case CALL_domctl_setvcpuaffinity:
    case CALL_domctl_getvcpuaffinity:
        buffer[0] = 1;
        PUT(arg_domctl_vcpuaffinity, HEADER(id), .flags = 1, .cpumap_hard = {BUF, 8, 0},
            .cpumap_soft = {BUF + 8, 8, 0});
        break;
    case CALL_domctl_sethvmcontext:
        put_context(buffer);
        PUT(arg_domctl_hvmcontext, .h = {34, DOMCTL_VERSION, target == 1 ? 4 : target, {0}},
            .size = 1100, .buffer = BUF);
        break;
    case CALL_domctl_set_paging_mempool:
        PUT(arg_domctl_mempool, HEADER(id), .size = 4 << 20);
        break;
    case CALL_domctl_sendtrigger: PUT(arg_domctl_sendtrigger, HEADER(id)); break;
    case CALL_domctl_gethvmcontext:
        PUT(arg_domctl_hvmcontext, HEADER(id), .size = 300, .buffer = BUF);
        break;
    case CALL_domctl_setnodeaffinity:
        buffer[0] = 1;
        PUT(arg_domctl_nodeaffinity, HEADER(id), .nodemap = {BUF, 8, 0});
        break;
    case CALL_domctl_set_cpu_policy:
        PUT(arg_domctl_cpu_policy, HEADER(id), .nr_leaves = 3, .leaves = BUF);
        break;
    case CALL_domctl_sethandle: PUT(arg_domctl_handle, HEADER(id), .handle = {1, 2, 3}); break;
    default: break;
    }
    return variant == 0;
}

bool attempt_prepare(enum call_id id, uint32_t variant, domain_id caller, uint16_t target,
                     struct hypercall *call) {
    const struct row *row = &rows[id];
    uint8_t *page = world_arguments(caller);
    uint8_t *buffer = world_buffer(caller);

    memset(page, 0, PAGE_SIZE);
    memset(buffer, 0, PAGE_SIZE);
    *call = (struct hypercall){.number = row->number, .argument = {row->sub, ARG, 1}};
    switch (row->number) {
    case HC_EVENT: return prepare_event(id, variant, target, page);
    case HC_GRANT: return prepare_grant(id, variant, target, page);
    case HC_MEMORY: return prepare_memory(id, variant, target, page, buffer);
    case HC_VCPU:
        call->argument[1] = 0;
        call->argument[2] = ARG;
        return prepare_sched(id, variant, target, page);
    case HC_SCHED:
    case HC_HVM: return prepare_sched(id, variant, target, page);
    case HC_CONSOLE:
        call->argument[1] = 5;
        call->argument[2] = BUF;
        return variant == 0;
    case HC_SET_TIMER: call->argument[0] = host_now + 1000000; return variant == 0;
    case HC_XSM:
    case HC_SYSCTL:
    case HC_PLATFORM:
        call->argument[0] = ARG;
        return prepare_tools(id, variant, caller, page, buffer);
    case HC_DOMCTL:
        call->argument[0] = ARG;
        return prepare_domctl(id, variant, target, page, buffer);
    case HC_MULTICALL:
        PUT(arg_multicall_entry, .op = HC_VERSION);
        call->argument[0] = ARG;
        call->argument[1] = 1;
        return variant == 0;
    default: return variant == 0;
    }
}

int64_t attempt_make(enum call_id id, domain_id caller, struct hypercall *call,
                     enum gate_next *next) {
    if (rows[id].number == PORT_OUT) {
        *next = gate_port_write(caller, 0, 0xb008, 1, 5u << 2 | 0x20);
        return 0;
    }
    if (rows[id].number == MSR_WRITE) {
        host_check(gate_msr_write(caller, 0, 0x830, 1u << 18 | 0x40, next), "the ICR is there");
        return 0;
    }
    *next = gate_hypercall(caller, 0, call);
    return (int64_t)call->result;
}
