/* SPDX-License-Identifier: Apache-2.0 */
/* The classes and permissions that this hypervisor knows, by name. The first 13 classes are Xen's
 * under their own names (the union of 4.17 and its 2026 development tree), so that policies written
 * for Xen compile here; the rest are ours, for what Xen leaves unmediated. policy/access_vectors is
 * generated from this list. A policy image is matched by name: order here is not part of any ABI.
 *
 * CLASS(name) opens a class, PERM(class, name) adds its next permission bit (at most 32 a class).
 */
#ifndef CORDON_XSM_VOCABULARY_H
#define CORDON_XSM_VOCABULARY_H

/* clang-format off */
#define XSM_VOCABULARY(CLASS, PERM) \
    CLASS(xen) \
    PERM(xen, settime) PERM(xen, tbufcontrol) PERM(xen, readconsole) PERM(xen, clearconsole) \
    PERM(xen, perfcontrol) PERM(xen, mtrr_add) PERM(xen, mtrr_del) PERM(xen, mtrr_read) \
    PERM(xen, microcode) PERM(xen, physinfo) PERM(xen, quirk) PERM(xen, writeconsole) \
    PERM(xen, readapic) PERM(xen, writeapic) PERM(xen, kexec) PERM(xen, firmware) \
    PERM(xen, sleep) PERM(xen, frequency) PERM(xen, getidle) PERM(xen, debug) \
    PERM(xen, getcpuinfo) PERM(xen, heap) PERM(xen, pm_op) PERM(xen, mca_op) PERM(xen, lockprof) \
    PERM(xen, cpupool_op) PERM(xen, hypfs_op) PERM(xen, getscheduler) PERM(xen, setscheduler) \
    PERM(xen, privprofile) PERM(xen, nonprivprofile) \
    CLASS(xen2) \
    PERM(xen2, resource_op) PERM(xen2, psr_cmt_op) PERM(xen2, psr_alloc) PERM(xen2, get_symbol) \
    PERM(xen2, pmu_ctrl) PERM(xen2, pmu_use) PERM(xen2, get_cpu_featureset) \
    PERM(xen2, livepatch_op) PERM(xen2, coverage_op) PERM(xen2, get_dom0_console) \
    PERM(xen2, get_cpu_levelling_caps) \
    CLASS(domain) \
    PERM(domain, setvcpucontext) PERM(domain, pause) PERM(domain, unpause) PERM(domain, resume) \
    PERM(domain, create) PERM(domain, transition) PERM(domain, max_vcpus) PERM(domain, destroy) \
    PERM(domain, setaffinity) PERM(domain, getaffinity) PERM(domain, getscheduler) \
    PERM(domain, getdomaininfo) PERM(domain, getvcpuinfo) PERM(domain, getvcpucontext) \
    PERM(domain, setdomainmaxmem) PERM(domain, setdomainhandle) PERM(domain, setdebugging) \
    PERM(domain, hypercall) PERM(domain, settime) PERM(domain, set_target) \
    PERM(domain, shutdown) PERM(domain, setaddrsize) PERM(domain, getaddrsize) \
    PERM(domain, trigger) PERM(domain, getpodtarget) PERM(domain, setpodtarget) \
    PERM(domain, set_misc_info) PERM(domain, set_virq_handler) PERM(domain, getpagingmempool) \
    PERM(domain, setpagingmempool) \
    CLASS(domain2) \
    PERM(domain2, relabelfrom) PERM(domain2, relabelto) PERM(domain2, relabelself) \
    PERM(domain2, make_priv_for) PERM(domain2, set_as_target) PERM(domain2, set_cpu_policy) \
    PERM(domain2, gettsc) PERM(domain2, settsc) PERM(domain2, setscheduler) \
    PERM(domain2, setclaim) PERM(domain2, cacheflush) PERM(domain2, create_hardware_domain) \
    PERM(domain2, set_vnumainfo) PERM(domain2, get_vnumainfo) PERM(domain2, psr_cmt_op) \
    PERM(domain2, vm_event) PERM(domain2, soft_reset) PERM(domain2, mem_access) \
    PERM(domain2, mem_paging) PERM(domain2, mem_sharing) PERM(domain2, psr_alloc) \
    PERM(domain2, resource_map) PERM(domain2, get_cpu_policy) PERM(domain2, vuart_op) \
    PERM(domain2, dt_overlay) PERM(domain2, set_llc_colors) PERM(domain2, get_domain_state) \
    CLASS(hvm) \
    PERM(hvm, sethvmc) PERM(hvm, gethvmc) PERM(hvm, setparam) PERM(hvm, getparam) \
    PERM(hvm, bind_irq) PERM(hvm, hvmctl) PERM(hvm, mem_sharing) PERM(hvm, audit_p2m) \
    PERM(hvm, share_mem) PERM(hvm, altp2mhvm) PERM(hvm, altp2mhvm_op) PERM(hvm, dm) \
    CLASS(mmu) \
    PERM(mmu, map_read) PERM(mmu, map_write) PERM(mmu, pageinfo) PERM(mmu, adjust) \
    PERM(mmu, stat) PERM(mmu, updatemp) PERM(mmu, physmap) PERM(mmu, pinpage) \
    PERM(mmu, memorymap) PERM(mmu, remote_remap) PERM(mmu, mmuext_op) PERM(mmu, exchange) \
    PERM(mmu, target_hack) \
    CLASS(resource) \
    PERM(resource, add) PERM(resource, remove) PERM(resource, use) PERM(resource, use_iommu) \
    PERM(resource, use_iommu_nointremap) PERM(resource, use_noiommu) PERM(resource, add_irq) \
    PERM(resource, remove_irq) PERM(resource, add_ioport) PERM(resource, remove_ioport) \
    PERM(resource, add_iomem) PERM(resource, remove_iomem) PERM(resource, stat_device) \
    PERM(resource, add_device) PERM(resource, remove_device) PERM(resource, plug) \
    PERM(resource, unplug) PERM(resource, setup) \
    CLASS(shadow) \
    PERM(shadow, disable) PERM(shadow, enable) PERM(shadow, logdirty) \
    CLASS(event) \
    PERM(event, bind) PERM(event, send) PERM(event, status) PERM(event, create) \
    PERM(event, reset) \
    CLASS(grant) \
    PERM(grant, map_read) PERM(grant, map_write) PERM(grant, unmap) PERM(grant, transfer) \
    PERM(grant, setup) PERM(grant, copy) PERM(grant, query) \
    CLASS(security) \
    PERM(security, compute_av) PERM(security, compute_create) PERM(security, compute_member) \
    PERM(security, check_context) PERM(security, load_policy) PERM(security, compute_relabel) \
    PERM(security, setenforce) PERM(security, setbool) PERM(security, setsecparam) \
    PERM(security, add_ocontext) PERM(security, del_ocontext) \
    CLASS(version) \
    PERM(version, xen_extraversion) PERM(version, xen_compile_info) \
    PERM(version, xen_capabilities) PERM(version, xen_changeset) PERM(version, xen_pagesize) \
    PERM(version, xen_guest_handle) PERM(version, xen_commandline) PERM(version, xen_build_id) \
    CLASS(argo) \
    PERM(argo, enable) PERM(argo, register_single_source) PERM(argo, register_any_source) \
    PERM(argo, send) \
    CLASS(cordon) \
    PERM(cordon, version) PERM(cordon, get_features) PERM(cordon, platform_parameters) \
    PERM(cordon, max_ram_page) PERM(cordon, memory_sharing_stat) PERM(cordon, power_off) \
    PERM(cordon, reset) PERM(cordon, getenforce) PERM(cordon, policyvers) PERM(cordon, mls) \
    PERM(cordon, getbool) PERM(cordon, avc_stats) PERM(cordon, log_write) \
    CLASS(own) \
    PERM(own, shutdown) PERM(own, watchdog) PERM(own, memory_map) PERM(own, set_grant_version) \
    PERM(own, multicall) PERM(own, ipi) PERM(own, cpu_start) PERM(own, claim_stat) \
    CLASS(vcpu) \
    PERM(vcpu, yield) PERM(vcpu, block) PERM(vcpu, poll) PERM(vcpu, timer) PERM(vcpu, runstate) \
    PERM(vcpu, register_info) PERM(vcpu, register_time) PERM(vcpu, up) PERM(vcpu, down) \
    PERM(vcpu, status) PERM(vcpu, physid) PERM(vcpu, nmi) \
    CLASS(port) \
    PERM(port, bind_virq) PERM(port, bind_global_virq) PERM(port, bind_ipi) \
    PERM(port, bind_vcpu) PERM(port, close) PERM(port, unmask)

enum xsm_class {
#define CLASS(name) CLASS_##name,
#define PERM(class, name)
    XSM_VOCABULARY(CLASS, PERM)
#undef CLASS
#undef PERM
    CLASS_COUNT
};

/* Bit number of each permission within its class: one enum a class would do, but one list must
 * become several things, so each class opens a run that restarts at zero. */
enum xsm_permission_ordinal {
#define CLASS(name) ORDINAL_FIRST_##name, ORDINAL_BEFORE_##name = ORDINAL_FIRST_##name - 1,
#define PERM(class, name) ORDINAL_##class##_##name,
    XSM_VOCABULARY(CLASS, PERM)
#undef CLASS
#undef PERM
    ORDINAL_COUNT
};

/* A permission carries its class (high bits) and its bit number (low five): a check against the
 * wrong class cannot be written. */
enum permission {
    PERMISSION_NONE = 0xffff,
#define CLASS(name)
#define PERM(class, name)                                                                         \
    PERMISSION_##class##_##name =                                                                 \
        CLASS_##class * 32 + (ORDINAL_##class##_##name - ORDINAL_FIRST_##class),
    XSM_VOCABULARY(CLASS, PERM)
#undef CLASS
#undef PERM
};
/* clang-format on */

/*@ terminates \true;
    assigns \nothing;
    ensures \result == (unsigned)permission / 32; */
static inline unsigned permission_class(enum permission permission) {
    return (unsigned)permission / 32u;
}

/*@ terminates \true;
    assigns \nothing;
    ensures \result == (unsigned)permission % 32; */
static inline unsigned permission_bit(enum permission permission) {
    return (unsigned)permission % 32u;
}

#endif
