/* SPDX-License-Identifier: Apache-2.0 */
/* Argument structures of the calls, in the layouts of Xen 4.17's public ABI for 64-bit guests: one
 * member a row of calls.h names, and no unions, for the prover's sake. tests/unit/test_abi.c
 * compares every size and offset with the public headers. Guest handles are guest-virtual
 * addresses. */
#ifndef CORDON_ABI_ARGUMENTS_H
#define CORDON_ABI_ARGUMENTS_H

#include <stdint.h>

#define DOMID_SELF 0x7ff0u
#define DOMID_FIRST_RESERVED 0x7ff0u
#define DOMCTL_VERSION 0x15u
#define SYSCTL_VERSION 0x15u
#define FLASK_VERSION 1u

/* Parts of them, and elements of their arrays. */
struct arg_gnttab_copy_side {
    uint64_t frame; /* gfn, or in the low 32 bits a grant reference */
    uint16_t domid, offset;
    uint32_t pad;
};
struct arg_flask_header {
    uint32_t cmd, interface_version;
};
struct arg_bitmap {
    uint64_t bitmap;
    uint32_t nr_bits, pad;
};
/* An E820 entry: 20 bytes, of each 64-bit number the low half first. */
struct arg_memory_range {
    uint32_t address[2], size[2], type;
};
/*@ requires \valid_read(half + (0 .. 1));
    terminates \true;
    assigns \nothing; */
static inline uint64_t arg_whole(const uint32_t half[2]) {
    return half[0] | (uint64_t)half[1] << 32;
}
struct arg_cputopo {
    uint32_t core, socket, node;
};
struct arg_meminfo {
    uint64_t memsize, memfree;
};
struct arg_cpuid_leaf {
    uint32_t leaf, subleaf, a, b, c, d;
};
struct arg_domctl_header {
    uint32_t cmd, interface_version;
    uint16_t domain, pad[3];
};
struct arg_arch_config {
    uint32_t emulation_flags, misc_flags;
};
struct arg_domain_info {
    uint16_t domain, pad1;
    uint32_t flags;
    uint64_t tot_pages, max_pages, outstanding_pages, shr_pages, paged_pages;
    uint64_t shared_info_frame, cpu_time;
    uint32_t nr_online_vcpus, max_vcpu_id, ssidref;
    uint8_t handle[16];
    uint32_t cpupool;
    uint8_t gpaddr_bits, pad2[7];
    struct arg_arch_config arch_config;
};

struct arguments {
    /* --- event_channel_op --- */
    struct arg_evtchn_bind_interdomain {
        uint16_t remote_dom, pad;
        uint32_t remote_port, local_port; /* out: local_port */
    } bind_interdomain;
    struct arg_evtchn_bind_virq {
        uint32_t virq, vcpu, port; /* out: port */
    } bind_virq;
    struct arg_evtchn_bind_ipi {
        uint32_t vcpu, port; /* out: port */
    } bind_ipi;
    struct arg_evtchn_port {
        uint32_t port;
    } port;
    struct arg_evtchn_status {
        uint16_t dom, pad;
        uint32_t port, status, vcpu; /* out from status on */
        uint32_t remote;             /* domid (low 16 bits), or virq */
        uint32_t remote_port;
    } status;
    struct arg_evtchn_alloc_unbound {
        uint16_t dom, remote_dom;
        uint32_t port; /* out */
    } alloc_unbound;
    struct arg_evtchn_bind_vcpu {
        uint32_t port, vcpu;
    } bind_vcpu;
    struct arg_evtchn_reset {
        uint16_t dom;
    } evtchn_reset;
#define EVTCHNSTAT_CLOSED 0u
#define EVTCHNSTAT_UNBOUND 1u
#define EVTCHNSTAT_INTERDOMAIN 2u
#define EVTCHNSTAT_VIRQ 4u
#define EVTCHNSTAT_IPI 5u

    /* --- grant_table_op --- */
    struct arg_gnttab_map {
        uint64_t host_addr;
        uint32_t flags, ref;
        uint16_t dom;
        int16_t status; /* out from here */
        uint32_t handle;
        uint64_t dev_bus_addr;
    } gnttab_map;
    struct arg_gnttab_unmap {
        uint64_t host_addr, dev_bus_addr;
        uint32_t handle;
        int16_t status; /* out */
        uint16_t pad;
    } gnttab_unmap;
    struct arg_gnttab_setup_table {
        uint16_t dom, pad;
        uint32_t nr_frames;
        int16_t status; /* out */
        uint16_t pad2[3];
        uint64_t frame_list;
    } gnttab_setup;
    struct arg_gnttab_copy {
        struct arg_gnttab_copy_side source, dest;
        uint16_t len, flags;
        int16_t status; /* out */
        uint16_t pad;
    } gnttab_copy;
    struct arg_gnttab_query_size {
        uint16_t dom, pad;
        uint32_t nr_frames, max_nr_frames; /* out from here */
        int16_t status;
        uint16_t pad2;
    } gnttab_query;
    struct arg_gnttab_set_version {
        uint32_t version;
    } gnttab_version;
    struct arg_gnttab_get_version {
        uint16_t dom, pad;
        uint32_t version; /* out */
    } gnttab_get_version;
#define GNTMAP_DEVICE_MAP 1u
#define GNTMAP_HOST_MAP 2u
#define GNTMAP_READONLY 4u
#define GNTMAP_APPLICATION_MAP 8u
#define GNTMAP_CONTAINS_PTE 16u
#define GNTCOPY_SOURCE_GREF 1u
#define GNTCOPY_DEST_GREF 2u

    /* --- memory_op --- */
    struct arg_memory_reservation {
        uint64_t extent_start; /* array of gfns */
        uint64_t nr_extents;
        uint32_t extent_order, mem_flags;
        uint16_t domid, pad[3];
    } reservation;
    struct arg_domid {
        uint16_t domid;
    } domid;
    struct arg_add_to_physmap {
        uint16_t domid, size;
        uint32_t space;
        uint64_t idx, gpfn;
    } physmap;
    struct arg_add_to_physmap_batch {
        uint16_t domid, space, size, foreign_domid;
        uint64_t idxs, gpfns, errs;
    } physmap_batch;
    struct arg_remove_from_physmap {
        uint16_t domid, pad[3];
        uint64_t gpfn;
    } remove_physmap;
    struct arg_memory_map {
        uint32_t nr_entries, pad;
        uint64_t buffer;
    } memory_map;
    struct arg_foreign_memory_map {
        uint16_t domid, pad[3];
        struct arg_memory_map map;
    } foreign_map;
    struct arg_acquire_resource {
        uint16_t domid, type;
        uint32_t id, nr_frames, pad;
        uint64_t frame, frame_list;
    } resource;
    struct arg_pod_target {
        uint64_t target_pages, tot_pages, pod_cache_pages, pod_entries; /* out but the first */
        uint16_t domid, pad[3];
    } pod_target;
#define XENMAPSPACE_SHARED_INFO 0u
#define XENMAPSPACE_GRANT_TABLE 1u
#define XENMAPSPACE_GMFN_FOREIGN 4u
#define XENMEM_RESOURCE_GRANT_TABLE 1u
#define MEMORY_OP_MASK 0x3fu
#define MEMORY_OP_EXTENT_SHIFT 6u

    /* --- sched_op, vcpu_op --- */
    struct arg_sched_shutdown {
        uint32_t reason;
    } shutdown;
    struct arg_sched_poll {
        uint64_t ports;
        uint32_t nr_ports, pad;
        uint64_t timeout;
    } poll;
    struct arg_sched_remote_shutdown {
        uint16_t domain_id, pad;
        uint32_t reason;
    } remote_shutdown;
    struct arg_sched_watchdog {
        uint32_t id, timeout; /* seconds */
    } watchdog;
    struct arg_vcpu_register_info {
        uint64_t mfn;
        uint32_t offset, rsvd;
    } vcpu_info;
    struct arg_vcpu_address {
        uint64_t address;
    } vcpu_address, physid;
    struct arg_vcpu_set_timer {
        uint64_t timeout_abs_ns;
        uint32_t flags, pad;
    } vcpu_timer;
    struct arg_vcpu_runstate {
        int32_t state;
        uint32_t pad;
        uint64_t state_entry_time, time[4];
    } runstate;
#define SHUTDOWN_POWEROFF 0u
#define SHUTDOWN_REBOOT 1u
#define SHUTDOWN_CRASH 3u
#define SHUTDOWN_WATCHDOG 4u
#define VCPU_SSHOTTMR_FUTURE 1u

    /* --- hvm_op, xen_version, console, platform --- */
    struct arg_hvm_param {
        uint16_t domid, pad;
        uint32_t index;
        uint64_t value;
    } hvm_param;
    struct arg_version_text16 {
        char text[16];
    } text16;
    struct arg_version_compile {
        char compiler[64], compile_by[16], compile_domain[32], compile_date[32];
    } compile;
    struct arg_version_text64 {
        char text[64];
    } text64;
    struct arg_version_text1024 {
        char text[1024];
    } text1024;
    struct arg_version_platform {
        uint64_t virt_start;
    } platform;
    struct arg_version_features {
        uint32_t submap_idx, submap; /* out: submap */
    } features;
    struct arg_version_handle {
        uint8_t handle[16];
    } handle;
    struct arg_version_build_id {
        uint32_t len;
    } build_id;
    struct arg_platform_settime64 {
        uint32_t cmd, interface_version;
        uint64_t secs;
        uint32_t nsecs, mbz;
        uint64_t system_time;
    } platform_settime;
    struct arg_platform_cpuinfo {
        uint32_t cmd, interface_version, xen_cpuid;
        uint32_t max_present, flags, apic_id, acpi_id; /* out */
    } platform_cpuinfo;

    /* --- xsm_op (flask) --- */
    struct arg_flask_load {
        uint32_t cmd, interface_version;
        uint64_t buffer;
        uint32_t size, pad;
    } flask_load;
    struct arg_flask_word {
        uint32_t cmd, interface_version, value;
    } flask_word;
    struct arg_flask_sid_context {
        uint32_t cmd, interface_version, sid, size;
        uint64_t context;
    } flask_sid_context;
    struct arg_flask_access {
        uint32_t cmd, interface_version, ssid, tsid, tclass, req;
        uint32_t allowed, audit_allow, audit_deny, seqno; /* out */
    } flask_access;
    struct arg_flask_transition {
        uint32_t cmd, interface_version, ssid, tsid, tclass, newsid; /* out: newsid */
    } flask_transition;
    struct arg_flask_boolean {
        uint32_t cmd, interface_version, bool_id;
        uint8_t enforcing, pending, new_value, commit;
        uint32_t size, pad;
        uint64_t name;
    } flask_boolean;
    struct arg_flask_peersid {
        uint32_t cmd, interface_version, evtchn, sid; /* out: sid */
    } flask_peersid;

    /* --- sysctl --- */
    struct arg_sysctl_readconsole {
        uint32_t cmd, interface_version;
        uint8_t clear, incremental, pad0, pad1;
        uint32_t index;
        uint64_t buffer;
        uint32_t count, pad;
    } readconsole;
    struct arg_sysctl_physinfo {
        uint32_t cmd, interface_version;
        uint32_t threads_per_core, cores_per_socket, nr_cpus, max_cpu_id, nr_nodes, max_node_id;
        uint32_t cpu_khz, capabilities, arch_capabilities, pad;
        uint64_t total_pages, free_pages, scrub_pages, outstanding_pages, max_mfn;
        uint32_t hw_cap[8];
    } physinfo;
    struct arg_sysctl_sched_id {
        uint32_t cmd, interface_version, sched_id;
    } sched_id;
    struct arg_sysctl_domaininfolist {
        uint32_t cmd, interface_version;
        uint16_t first_domain, pad;
        uint32_t max_domains;
        uint64_t buffer;
        uint32_t num_domains, pad2;
    } domaininfolist;
    struct arg_sysctl_debug_keys {
        uint32_t cmd, interface_version;
        uint64_t keys;
        uint32_t nr_keys, pad;
    } debug_keys;
    struct arg_sysctl_cputopoinfo {
        uint32_t cmd, interface_version, num_cpus, pad;
        uint64_t cputopo; /* array of struct arg_cputopo */
    } cputopoinfo;
    struct arg_sysctl_numainfo {
        uint32_t cmd, interface_version, num_nodes, pad;
        uint64_t meminfo;  /* array of struct arg_meminfo */
        uint64_t distance; /* array of uint32_t */
    } numainfo;
    struct arg_sysctl_cpupool {
        uint32_t cmd, interface_version, op, cpupool_id, sched_id, domid, cpu, n_dom;
        struct arg_bitmap cpumap;
    } cpupool;
    struct arg_sysctl_featureset {
        uint32_t cmd, interface_version, index, nr_features;
        uint64_t features;
    } featureset;

    struct arg_sysctl_scheduler {
        uint32_t xen_cmd, interface_version, cpupool_id, sched_id, cmd, pad, ratelimit_us;
    } sysctl_scheduler;
    struct arg_sysctl_cpu_policy {
        uint32_t cmd, interface_version, index, nr_leaves, nr_msrs, rsvd;
        uint64_t leaves; /* array of struct arg_cpuid_leaf */
        uint64_t msrs;
    } sysctl_policy;
#define CPUID_NO_SUBLEAF 0xffffffffu

    /* --- domctl --- */
    struct arg_domctl_header domctl;
    struct arg_domctl_createdomain {
        struct arg_domctl_header h;
        uint32_t ssidref;
        uint8_t handle[16];
        uint32_t flags, iommu_opts, max_vcpus, max_evtchn_port;
        int32_t max_grant_frames, max_maptrack_frames;
        uint32_t grant_opts, vmtrace_size, cpupool_id;
        struct arg_arch_config arch;
    } create;
    struct arg_domctl_getdomaininfo {
        struct arg_domctl_header h;
        struct arg_domain_info info;
    } getdomaininfo;
    struct arg_domctl_max_mem {
        struct arg_domctl_header h;
        uint64_t max_memkb;
    } max_mem;
    struct arg_domctl_word {
        struct arg_domctl_header h;
        uint32_t value;
    } domctl_word;
    struct arg_domctl_getvcpuinfo {
        struct arg_domctl_header h;
        uint32_t vcpu;
        uint8_t online, blocked, running, pad;
        uint64_t cpu_time;
        uint32_t cpu, pad2;
    } getvcpuinfo;
    struct arg_domctl_vcpuaffinity {
        struct arg_domctl_header h;
        uint32_t vcpu, flags;
        struct arg_bitmap cpumap_hard, cpumap_soft;
    } vcpuaffinity;
    struct arg_domctl_scheduler {
        struct arg_domctl_header h;
        uint32_t sched_id, cmd;
        uint16_t weight, cap;
        uint32_t pad;
    } scheduler;
#define SCHEDOP_GETINFO 1u /* 0 sets */
#define SCHEDULER_CREDIT2 6u
    struct arg_domctl_mempool {
        struct arg_domctl_header h;
        uint64_t size;
    } mempool;
    struct arg_domctl_hvmcontext {
        struct arg_domctl_header h;
        uint32_t size, pad;
        uint64_t buffer;
    } hvmcontext;
    struct arg_domctl_tsc_info {
        struct arg_domctl_header h;
        uint32_t tsc_mode, gtsc_khz, incarnation, pad;
        uint64_t elapsed_nsec;
    } tsc_info;
    struct arg_domctl_handle {
        struct arg_domctl_header h;
        uint8_t handle[16];
    } domctl_handle;

    struct arg_domctl_sendtrigger {
        struct arg_domctl_header h;
        uint32_t trigger, vcpu;
    } sendtrigger;
#define SENDTRIGGER_NMI 0u
    struct arg_domctl_nodeaffinity {
        struct arg_domctl_header h;
        struct arg_bitmap nodemap;
    } nodeaffinity;
    struct arg_domctl_cpu_policy {
        struct arg_domctl_header h;
        uint32_t nr_leaves, nr_msrs;
        uint64_t leaves, msrs;
    } cpu_policy;

    /* --- multicall --- */
    struct arg_multicall_entry {
        uint64_t op;
        int64_t result;
        uint64_t args[6];
    } multicall;
};

#endif
