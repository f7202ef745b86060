/* SPDX-License-Identifier: Apache-2.0 */
/* sysctl: the machine as the tools see it. One NUMA node, one CPU pool, one scheduler. */
#include "audit/audit.h"
#include "hv/core/frame.h"
#include "hv/core/log.h"
#include "hv/core/machine.h"
#include "hv/core/request.h"

#define CAPABILITY_HVM 1u
#define CAPABILITY_HAP 8u
#define CAPABILITY_GNTTAB_V1 0x100u
#define READ_PIECE 1024u
#define KEYS_MAX 16u
#define CPUPOOL_INFO 3u
#define CPUPOOL_FREEINFO 6u

/* One piece a call: the tools ask until they get none, and `index` says where to go on. */
enum reason step_sysctl_readconsole(struct request *r) {
    struct arg_sysctl_readconsole *in = &r->in.readconsole;
    char text[READ_PIECE];
    uint32_t index = in->incremental != 0 ? in->index : 0;
    uint32_t pumped = r->repeats ? (uint32_t)r->reg[1] : 0;

    /* What was recorded before the call is in the text. */
    if (pumped < AUDIT_RECORDS && log_pump()) {
        r->reg[1] = pumped + 1;
        return REASON_AGAIN;
    }
    in->count = log_read(&index, text, in->count < READ_PIECE ? in->count : READ_PIECE);
    if (in->count != 0 && !request_write(r, in->buffer, text, in->count)) return REASON_FAULT;
    in->index = index;
    if (in->clear != 0) log_clear();
    return REASON_OK;
}

enum reason step_sysctl_physinfo(struct request *r) {
    struct arg_sysctl_physinfo *out = &r->in.physinfo;
    struct cpuid_result features = machine_cpuid(1, 0);
    struct cpuid_result extended = machine_cpuid(0x80000001u, 0);

    out->threads_per_core = 1;
    out->cores_per_socket = machine_cpus();
    out->nr_cpus = machine_cpus();
    out->max_cpu_id = machine_cpus() - 1;
    out->nr_nodes = 1;
    out->max_node_id = 0;
    out->cpu_khz = machine_tsc_khz();
    out->capabilities = CAPABILITY_HVM | CAPABILITY_HAP | CAPABILITY_GNTTAB_V1;
    out->arch_capabilities = 0;
    out->total_pages = frames_count_total();
    out->free_pages = frames_free_to(DOMAIN_NONE);
    out->scrub_pages = frames_count_free() - frames_count_clean();
    out->outstanding_pages = 0;
    out->max_mfn = frames_count_total(); /* the tools want the order of magnitude, not addresses */
    uint32_t words[8] = {features.edx, features.ecx, extended.edx, extended.ecx};
    for (uint32_t i = 0; i < 8; i++) out->hw_cap[i] = words[i];
    return REASON_OK;
}

enum reason step_sysctl_sched_id(struct request *r) {
    r->in.sched_id.sched_id = SCHEDULER_CREDIT2;
    return REASON_OK;
}

/* Skips what the caller may not see: the tools stop at the first error. */
enum reason step_sysctl_domaininfolist(struct request *r) {
    struct arg_sysctl_domaininfolist *in = &r->in.domaininfolist;
    struct arg_domain_info info;
    /* The second register says where to go on. */
    uint32_t i = r->repeats ? (uint32_t)r->reg[1] : in->first_domain;
    uint32_t found = r->repeats ? (uint32_t)(r->reg[1] >> 32) : 0;
    uint32_t looked = 0;

    for (; i < MAX_DOMAINS && found < in->max_domains; i++) {
        if (domains[i].state == DOMAIN_FREE) continue;
        if (looked == 8) { /* enough for one hold */
            r->reg[1] = (uint64_t)found << 32 | i;
            return REASON_AGAIN;
        }
        looked++;
        if (!gate_may(r->label, request_object(r, (domain_id)i), PERMISSION_domain_getdomaininfo))
            continue;
        domain_info((domain_id)i, &info);
        if (!request_write(r, in->buffer + found * sizeof(info), &info, sizeof(info)))
            return REASON_FAULT;
        found++;
    }
    in->num_domains = found;
    return REASON_OK;
}

enum reason step_sysctl_debug_keys(struct request *r) {
    const struct arg_sysctl_debug_keys *in = &r->in.debug_keys;
    char keys[KEYS_MAX];

    if (in->nr_keys > KEYS_MAX) return REASON_INVALID;
    if (in->nr_keys > 0 && !request_read(r, in->keys, keys, in->nr_keys)) return REASON_FAULT;
    for (uint32_t i = 0; i < in->nr_keys; i++) debug_key(keys[i]);
    return REASON_OK;
}

enum reason step_sysctl_cputopoinfo(struct request *r) {
    struct arg_sysctl_cputopoinfo *in = &r->in.cputopoinfo;
    struct arg_cputopo cpu = {0};

    for (uint32_t i = 0; in->cputopo != 0 && i < in->num_cpus && i < machine_cpus(); i++) {
        cpu.core = i;
        if (!request_write(r, in->cputopo + i * sizeof(cpu), &cpu, sizeof(cpu)))
            return REASON_FAULT;
    }
    in->num_cpus = machine_cpus();
    return REASON_OK;
}

enum reason step_sysctl_numainfo(struct request *r) {
    struct arg_sysctl_numainfo *in = &r->in.numainfo;
    struct arg_meminfo memory;
    uint32_t distance = 10;

    memory.memsize = frames_count_total() * PAGE_SIZE;
    memory.memfree = frames_free_to(DOMAIN_NONE) * PAGE_SIZE;
    if (in->num_nodes > 0 && in->meminfo != 0 &&
        !request_write(r, in->meminfo, &memory, sizeof(memory)))
        return REASON_FAULT;
    if (in->num_nodes > 0 && in->distance != 0 &&
        !request_write(r, in->distance, &distance, sizeof(distance)))
        return REASON_FAULT;
    in->num_nodes = 1;
    return REASON_OK;
}

enum reason step_sysctl_cpupool(struct request *r) {
    struct arg_sysctl_cpupool *in = &r->in.cpupool;
    uint32_t count = 0;

    if (in->op == CPUPOOL_FREEINFO) return request_write_bits(r, &in->cpumap, 0);
    if (in->op != CPUPOOL_INFO) return REASON_UNSUPPORTED;
    if (in->cpupool_id > 0) return REASON_NO_ENTRY;
    for (uint32_t i = 0; i < MAX_DOMAINS; i++) count += domains[i].state != DOMAIN_FREE ? 1 : 0;
    in->sched_id = SCHEDULER_CREDIT2;
    in->n_dom = count;
    return request_write_bits(r, &in->cpumap, (1ull << machine_cpus()) - 1);
}

/* A slice is not cut short for a rate, so there is none to tell, and none to set. */
enum reason step_sysctl_scheduler(struct request *r) {
    struct arg_sysctl_scheduler *in = &r->in.sysctl_scheduler;

    if (in->sched_id != SCHEDULER_CREDIT2 || in->cmd != SCHEDOP_GETINFO) return REASON_UNSUPPORTED;
    if (in->cpupool_id > 0) return REASON_NO_ENTRY;
    in->ratelimit_us = 0;
    return REASON_OK;
}

/* Feature words in the order of Xen's featuresets, as far as CPUID gives them directly. */
enum reason step_sysctl_featureset(struct request *r) {
    struct arg_sysctl_featureset *in = &r->in.featureset;
    struct cpuid_result leaf1 = machine_cpuid(1, 0);
    struct cpuid_result leaf7 = machine_cpuid(7, 0);
    struct cpuid_result e1 = machine_cpuid(0x80000001u, 0);
    struct cpuid_result e8 = machine_cpuid(0x80000008u, 0);
    uint32_t words[] = {leaf1.edx, leaf1.ecx, e1.edx, e1.ecx, 0,
                        leaf7.ebx, leaf7.ecx, 0,      e8.ebx, leaf7.edx};
    uint32_t count = (uint32_t)(sizeof(words) / sizeof(words[0]));

    if (in->features != 0 && in->nr_features < count) count = in->nr_features;
    if (in->features != 0 && count > 0 &&
        !request_write(r, in->features, words, count * (uint32_t)sizeof(words[0])))
        return REASON_FAULT;
    in->nr_features = count;
    return REASON_OK;
}
