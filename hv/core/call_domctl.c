/* SPDX-License-Identifier: Apache-2.0 */
/* domctl: the management of other domains. None of these is special: each is asked about the label
 * of the domain that it names. */
#include "hv/core/lapic.h"
#include "hv/core/life.h"
#include "hv/core/request.h"
#include "hv/core/sched.h"

#define FLAG_HVM 1u
#define FLAG_HAP 2u
#define DEFAULT_GRANT_FRAMES 32u
#define AFFINITY_HARD 1u
#define TSC_MODE_DEFAULT 0u
#define TSC_MODE_NATIVE 2u
#define PAGES_PER_TABLE 128u /* generous: one table page maps 512 pages */

/* Records of an HVM context (xen/arch-x86/hvm/save.h). */
#define RECORD_END 0u
#define RECORD_HEADER 1u
#define RECORD_CPU 2u
#define RECORD_MTRR 14u
#define RECORD(type, bytes) ((uint64_t)(bytes) << 32 | (type))
#define CONTEXT_MAGIC 0x54381286u
#define RECORDS_MAX 16u
#define CPU_RBX 520u
#define CPU_RIP 640u
#define CPU_CR0 656u
#define CPU_SIZE_MIN 664u

static uint32_t limit(int32_t asked, uint32_t otherwise, uint32_t maximum) {
    if (asked < 0) return otherwise;
    return (uint32_t)asked > maximum ? maximum : (uint32_t)asked;
}

enum reason step_domctl_create(struct request *r) {
    struct arg_domctl_createdomain *in = &r->in.create;
    struct life_plan plan;

    plan.label = xsm_label_of_sid(in->ssidref);
    if (plan.label == LABEL_NONE || !xsm_label_fits_domain(plan.label)) return REASON_NO_CONTEXT;
    if ((in->flags & ~(FLAG_HVM | FLAG_HAP)) != 0 || (in->flags & FLAG_HVM) == 0 ||
        in->max_vcpus == 0 || in->max_vcpus > MAX_VCPUS || in->iommu_opts != 0)
        return REASON_INVALID;
    domain_id domain = life_free_id(in->h.domain < DOMID_FIRST_RESERVED ? in->h.domain : 0);
    if (domain == DOMAIN_NONE) return in->h.domain == 0 ? REASON_NO_SPACE : REASON_EXISTS;
    plan.ports = in->max_evtchn_port >= MAX_PORTS - 1 ? MAX_PORTS : in->max_evtchn_port + 1;
    plan.grant_frames = limit(in->max_grant_frames, DEFAULT_GRANT_FRAMES, MAX_GRANT_FRAMES);
    /* 32 pages where none are asked for: 4,096 mappings. */
    uint32_t pages = limit(in->max_maptrack_frames, 32, MAX_GRANT_MAPPINGS / MAPPINGS_PER_PAGE);
    plan.grant_mappings = pages * MAPPINGS_PER_PAGE;
    for (uint32_t i = 0; i < 16; i++) plan.handle[i] = in->handle[i];
    enum reason reason = life_create(domain, &plan, r->effects);
    if (reason == REASON_OK) in->h.domain = domain;
    return reason;
}

enum reason step_domctl_destroy(struct request *r) {
    if (r->target == DOMAIN_NONE) {
        /* Idle CPUs destroy too: the last piece may have been theirs. */
        return r->repeats ? REASON_OK : REASON_NO_DOMAIN;
    }
    if (r->target == r->caller) return REASON_INVALID;
    /* The next domain 0 must not meet a call that is about this one. */
    if (!life_destroy(r->target, r->effects) || r->target == 0) return REASON_OK;
    r->result = 1;
    return REASON_AGAIN;
}

enum reason step_domctl_pause(struct request *r) {
    if (r->target == r->caller || domains[r->target].pauses == UINT16_MAX) return REASON_INVALID;
    domains[r->target].pauses++;
    if (domains[r->target].pauses == 1) sched_domain_paused(r->target, r->effects);
    return REASON_OK;
}

enum reason step_domctl_unpause(struct request *r) {
    if (domains[r->target].pauses == 0) return REASON_INVALID;
    domains[r->target].pauses--;
    if (domains[r->target].pauses == 0) sched_domain_unpaused(r->target, r->effects);
    return REASON_OK;
}

/* Where there is no domain of that number, the next one answers: xenconsoled goes through all of
 * them so. What the caller may not see is skipped. */
static bool is_next(const struct request *r, uint32_t domain) {
    return domains[domain].state != DOMAIN_FREE &&
           gate_may(r->label, request_object(r, (domain_id)domain),
                    PERMISSION_domain_getdomaininfo);
}

enum reason step_domctl_getdomaininfo(struct request *r) {
    uint32_t domain = r->target;

    if (r->target == DOMAIN_NONE)
        for (domain = r->in.getdomaininfo.h.domain; domain < MAX_DOMAINS; domain++)
            if (is_next(r, domain)) break;
    if (domain >= MAX_DOMAINS) return REASON_NO_DOMAIN;

    domain_info((domain_id)domain, &r->in.getdomaininfo.info);
    r->in.getdomaininfo.h.domain = (domain_id)domain;
    return REASON_OK;
}

enum reason step_domctl_max_mem(struct request *r) {
    uint64_t pages = r->in.max_mem.max_memkb / (PAGE_SIZE / 1024);

    if (pages > UINT32_MAX / 2) return REASON_INVALID;
    domains[r->target].max_pages = (uint32_t)pages;
    if (64 + (uint32_t)pages / PAGES_PER_TABLE > domains[r->target].table_pool_limit)
        domains[r->target].table_pool_limit = 64 + (uint32_t)pages / PAGES_PER_TABLE;
    return REASON_OK;
}

enum reason step_domctl_max_vcpus(struct request *r) {
    return life_set_vcpus(r->target, r->in.domctl_word.value, r->effects);
}

enum reason step_domctl_getvcpuinfo(struct request *r) {
    struct arg_domctl_getvcpuinfo *in = &r->in.getvcpuinfo;

    if (in->vcpu >= domains[r->target].vcpus) return REASON_NO_ENTRY;
    const struct vcpu *v = &vcpus[r->target][in->vcpu];
    in->online = v->state != VCPU_DOWN;
    in->blocked = v->state == VCPU_BLOCKED || v->state == VCPU_POLLING;
    in->running = v->state == VCPU_RUNNING;
    in->cpu_time = sched_cpu_time(r->target, (vcpu_id)in->vcpu, machine_now());
    in->cpu = v->cpu;
    return REASON_OK;
}

enum reason step_domctl_getvcpuaffinity(struct request *r) {
    const struct arg_domctl_vcpuaffinity *in = &r->in.vcpuaffinity;

    if (in->vcpu >= domains[r->target].vcpus) return REASON_NO_ENTRY;
    uint64_t bits = vcpus[r->target][in->vcpu].affinity;
    enum reason reason = request_write_bits(r, &in->cpumap_hard, bits);
    return reason == REASON_OK ? request_write_bits(r, &in->cpumap_soft, UINT64_MAX) : reason;
}

enum reason step_domctl_setvcpuaffinity(struct request *r) {
    const struct arg_domctl_vcpuaffinity *in = &r->in.vcpuaffinity;
    uint32_t bytes = in->cpumap_hard.nr_bits / 8 + (in->cpumap_hard.nr_bits % 8 != 0 ? 1 : 0);
    uint64_t bits = 0;

    if (in->vcpu >= domains[r->target].vcpus) return REASON_NO_ENTRY;
    if ((in->flags & AFFINITY_HARD) == 0)
        return REASON_OK; /* soft affinity is a wish that this scheduler does not use */
    if (bytes > sizeof(bits)) bytes = sizeof(bits);
    if (bytes == 0 || !request_read(r, in->cpumap_hard.bitmap, &bits, bytes)) return REASON_FAULT;
    bits &= machine_guest_cpus();
    if (bits == 0) return REASON_INVALID;

    effects_kick(r->effects, sched_set_affinity(r->target, (vcpu_id)in->vcpu, bits));
    return request_write_bits(r, &in->cpumap_hard, bits);
}

enum reason step_domctl_scheduler(struct request *r) {
    struct arg_domctl_scheduler *in = &r->in.scheduler;

    if (r->target == DOMAIN_NONE) return REASON_NO_DOMAIN;
    if (in->sched_id != SCHEDULER_CREDIT2 || in->cmd > SCHEDOP_GETINFO) return REASON_UNSUPPORTED;
    if (in->cmd == SCHEDOP_GETINFO) {
        in->weight = domains[r->target].weight;
        in->cap = domains[r->target].cap;
        return REASON_OK;
    }
    if (in->weight != 0) domains[r->target].weight = in->weight;
    if (in->cap != UINT16_MAX) domains[r->target].cap = in->cap;
    return REASON_OK;
}

enum reason step_domctl_sethandle(struct request *r) {
    for (uint32_t i = 0; i < 16; i++) domains[r->target].handle[i] = r->in.domctl_handle.handle[i];
    return REASON_OK;
}

/* The start state of vCPU 0. Only the PVH entry state is taken: what else the record holds must
 * agree with it, since nothing else is ever started here. */
static enum reason start_state(struct request *r, uint64_t record) {
    uint64_t rip, rbx, cr0;

    if (!request_read(r, record + CPU_RBX, &rbx, 8) ||
        !request_read(r, record + CPU_RIP, &rip, 8) || !request_read(r, record + CPU_CR0, &cr0, 8))
        return REASON_FAULT;
    if ((cr0 & 0x80000001u) != 1 || rip > UINT32_MAX || rbx > UINT32_MAX) return REASON_UNSUPPORTED;

    machine_vcpu_start_pvh(r->target, 0, (uint32_t)rip, (uint32_t)rbx);
    vcpus[r->target][0].initialised = true;
    vcpus[r->target][0].woken = true; /* runs when the domain is unpaused */
    return REASON_OK;
}

/* What a builder takes over into the context that it sets: a header, and registers of a memory type
 * that is the same everywhere. No state of the domain is told. */
enum reason step_domctl_gethvmcontext(struct request *r) {
    static const uint64_t context[] = {[0] = RECORD(RECORD_HEADER, 24),
                                       CONTEXT_MAGIC | 1ull << 32, /* version */
                                       [4] = RECORD(RECORD_MTRR, 240),
                                       [35] = RECORD(RECORD_END, 0)};

    if (r->in.hvmcontext.buffer != 0) {
        if (r->in.hvmcontext.size < sizeof(context)) return REASON_NO_BUFFERS;
        if (!request_write(r, r->in.hvmcontext.buffer, context, sizeof(context)))
            return REASON_FAULT;
    }
    r->in.hvmcontext.size = (uint32_t)sizeof(context);
    return REASON_OK;
}

enum reason step_domctl_sethvmcontext(struct request *r) {
    const struct arg_domctl_hvmcontext *in = &r->in.hvmcontext;
    struct {
        uint16_t type, instance;
        uint32_t length;
    } record;
    uint64_t at = 0;

    if (r->target == r->caller || domains[r->target].pauses == 0 || domains[r->target].vcpus == 0 ||
        vcpus[r->target][0].initialised)
        return REASON_INVALID;
    for (uint32_t i = 0; i < RECORDS_MAX && at + sizeof(record) <= in->size; i++) {
        if (!request_read(r, in->buffer + at, &record, sizeof(record))) return REASON_FAULT;
        at += sizeof(record);
        if (record.type == RECORD_END) return REASON_OK; /* nothing that is set here */
        if (record.length > in->size - at) break;
        if (record.type == RECORD_CPU && record.instance == 0 && record.length >= CPU_SIZE_MIN)
            return start_state(r, in->buffer + at);
        at += record.length;
    }
    return REASON_INVALID;
}

enum reason step_domctl_get_paging_mempool(struct request *r) {
    r->in.mempool.size = (uint64_t)domains[r->target].table_pool_limit * PAGE_SIZE;
    return REASON_OK;
}

enum reason step_domctl_set_paging_mempool(struct request *r) {
    uint64_t pages = r->in.mempool.size / PAGE_SIZE;

    if (pages > UINT32_MAX / 2) return REASON_INVALID;
    if (pages > domains[r->target].table_pool_limit)
        domains[r->target].table_pool_limit = (uint32_t)pages;
    return REASON_OK;
}

/* There are no buttons: a guest that is to end is told through the store. */
enum reason step_domctl_sendtrigger(struct request *r) {
    if (r->in.sendtrigger.vcpu >= domains[r->target].vcpus) return REASON_NO_ENTRY;
    if (r->in.sendtrigger.trigger != SENDTRIGGER_NMI) return REASON_UNSUPPORTED;

    lapic_nmi(r->target, (vcpu_id)r->in.sendtrigger.vcpu, r->effects);
    return REASON_OK;
}

/* Guests read the processor's counter: nothing emulates or scales it. */
enum reason step_domctl_settscinfo(struct request *r) {
    const struct arg_domctl_tsc_info *in = &r->in.tsc_info;
    bool native = in->tsc_mode == TSC_MODE_DEFAULT || in->tsc_mode == TSC_MODE_NATIVE;

    return native && in->gtsc_khz == 0 ? REASON_OK : REASON_UNSUPPORTED;
}

/* One node: whichever are named, it is among them, or the caller is wrong about the machine. */
enum reason step_domctl_setnodeaffinity(struct request *r) {
    uint8_t nodes = 0;

    if (r->in.nodeaffinity.nodemap.nr_bits == 0) return REASON_INVALID;
    if (!request_read(r, r->in.nodeaffinity.nodemap.bitmap, &nodes, 1)) return REASON_FAULT;
    return (nodes & 1u) != 0 ? REASON_OK : REASON_INVALID;
}
