/* SPDX-License-Identifier: Apache-2.0 */
/* The one list of calls. A row is a call that a guest can make, and everything that is done per
 * call is generated from here: dispatch, the copies, the demands, the names in the audit trail, the
 * whole-list tests, the fuzzer's grammar and the table in SECURITY.md. A row without its parts does
 * not compile.
 *
 * CALL(name, number, sub, place, arguments, direction, object, permission, residue)
 *   name        step_<name>() is its step
 *   number, sub hypercall and sub-operation; PORT_OUT and MSR_WRITE name the other two ways in
 *   place       where the guest's argument structure is: A0..A4 (register) or NONE
 *   arguments   member of struct arguments
 *   direction   of the copies: IN, OUT, INOUT, NONE
 *   object      of the demand: SELF (the self label), XEN, SECURITY, DOMAIN(field) (the domain that
 *               the arguments name: its label, the self label if it is the caller, unlabeled if it
 *               is absent), or CUSTOM: demands_<name>() lists them
 *   permission  class_permission as in xsm/vocabulary.h; for CUSTOM the principal one
 *   residue     what outlives the call: NOTHING, PORT, GRANT_MAPPING, FOREIGN_MAPPING, VIRQ, DOMAIN
 *
 * BATCH rows are arrays at A1 of A2 elements: each element is a call of its own; what is refused is
 * told in the element's status. Each entry of a multicall is a call of its own as well. */
#ifndef CORDON_CORE_CALLS_H
#define CORDON_CORE_CALLS_H

#define HC_MEMORY 12
#define HC_MULTICALL 13
#define HC_SET_TIMER 15
#define HC_VERSION 17
#define HC_CONSOLE 18
#define HC_GRANT 20
#define HC_VCPU 24
#define HC_XSM 27
#define HC_SCHED 29
#define HC_EVENT 32
#define HC_HVM 34
#define HC_SYSCTL 35
#define HC_DOMCTL 36
#define HC_PLATFORM 7
#define HYPERCALLS 64 /* numbers from 0; the next two are not among them */
#define PORT_OUT 64
#define MSR_WRITE 65

/* clang-format off */
#define CALLS(CALL, BATCH) \
    /* name, number, sub, place, arguments, direction, object, permission, residue */ \
    CALL(evtchn_bind_interdomain, HC_EVENT, 0, A1, bind_interdomain, INOUT, CUSTOM, event_bind, PORT) \
    CALL(evtchn_bind_virq, HC_EVENT, 1, A1, bind_virq, INOUT, CUSTOM, port_bind_virq, VIRQ) \
    CALL(evtchn_close, HC_EVENT, 3, A1, port, IN, SELF, port_close, NOTHING) \
    CALL(evtchn_send, HC_EVENT, 4, A1, port, IN, CUSTOM, event_send, NOTHING) \
    CALL(evtchn_status, HC_EVENT, 5, A1, status, INOUT, CUSTOM, event_status, NOTHING) \
    CALL(evtchn_alloc_unbound, HC_EVENT, 6, A1, alloc_unbound, INOUT, CUSTOM, event_create, PORT) \
    CALL(evtchn_bind_ipi, HC_EVENT, 7, A1, bind_ipi, INOUT, SELF, port_bind_ipi, VIRQ) \
    CALL(evtchn_bind_vcpu, HC_EVENT, 8, A1, bind_vcpu, IN, SELF, port_bind_vcpu, NOTHING) \
    CALL(evtchn_unmask, HC_EVENT, 9, A1, port, IN, SELF, port_unmask, NOTHING) \
    CALL(evtchn_reset, HC_EVENT, 10, A1, evtchn_reset, IN, DOMAIN(evtchn_reset.dom), event_reset, NOTHING) \
    BATCH(gnttab_map, HC_GRANT, 0, A1, gnttab_map, INOUT, CUSTOM, grant_map_read, GRANT_MAPPING) \
    BATCH(gnttab_unmap, HC_GRANT, 1, A1, gnttab_unmap, INOUT, CUSTOM, grant_unmap, NOTHING) \
    CALL(gnttab_setup_table, HC_GRANT, 2, A1, gnttab_setup, INOUT, DOMAIN(gnttab_setup.dom), grant_setup, NOTHING) \
    BATCH(gnttab_copy, HC_GRANT, 5, A1, gnttab_copy, INOUT, CUSTOM, grant_copy, NOTHING) \
    CALL(gnttab_query_size, HC_GRANT, 6, A1, gnttab_query, INOUT, DOMAIN(gnttab_query.dom), grant_query, NOTHING) \
    CALL(gnttab_set_version, HC_GRANT, 8, A1, gnttab_version, INOUT, SELF, own_set_grant_version, NOTHING) \
    CALL(gnttab_get_version, HC_GRANT, 10, A1, gnttab_get_version, INOUT, DOMAIN(gnttab_get_version.dom), grant_query, NOTHING) \
    CALL(memory_increase, HC_MEMORY, 0, A1, reservation, IN, DOMAIN(reservation.domid), mmu_adjust, NOTHING) \
    CALL(memory_decrease, HC_MEMORY, 1, A1, reservation, IN, DOMAIN(reservation.domid), mmu_adjust, NOTHING) \
    CALL(memory_maximum_ram_page, HC_MEMORY, 2, NONE, nothing, NONE, XEN, cordon_max_ram_page, NOTHING) \
    CALL(memory_current, HC_MEMORY, 3, A1, domid, IN, DOMAIN(domid.domid), mmu_stat, NOTHING) \
    CALL(memory_maximum, HC_MEMORY, 4, A1, domid, IN, DOMAIN(domid.domid), mmu_stat, NOTHING) \
    CALL(memory_populate, HC_MEMORY, 6, A1, reservation, IN, DOMAIN(reservation.domid), mmu_adjust, NOTHING) \
    CALL(memory_add_to_physmap, HC_MEMORY, 7, A1, physmap, IN, DOMAIN(physmap.domid), mmu_physmap, NOTHING) \
    CALL(memory_memory_map, HC_MEMORY, 9, A1, memory_map, INOUT, SELF, own_memory_map, NOTHING) \
    CALL(memory_set_memory_map, HC_MEMORY, 13, A1, foreign_map, IN, DOMAIN(foreign_map.domid), mmu_memorymap, NOTHING) \
    CALL(memory_maximum_gpfn, HC_MEMORY, 14, A1, domid, IN, DOMAIN(domid.domid), mmu_stat, NOTHING) \
    CALL(memory_remove_from_physmap, HC_MEMORY, 15, A1, remove_physmap, IN, DOMAIN(remove_physmap.domid), mmu_physmap, NOTHING) \
    CALL(memory_set_pod_target, HC_MEMORY, 16, A1, pod_target, INOUT, DOMAIN(pod_target.domid), domain_setpodtarget, NOTHING) \
    CALL(memory_sharing_freed, HC_MEMORY, 18, NONE, nothing, NONE, XEN, cordon_memory_sharing_stat, NOTHING) \
    CALL(memory_sharing_shared, HC_MEMORY, 19, NONE, nothing, NONE, XEN, cordon_memory_sharing_stat, NOTHING) \
    CALL(memory_physmap_batch, HC_MEMORY, 23, A1, physmap_batch, IN, CUSTOM, mmu_map_write, FOREIGN_MAPPING) \
    CALL(memory_claim, HC_MEMORY, 24, A1, reservation, IN, DOMAIN(reservation.domid), domain2_setclaim, NOTHING) \
    CALL(memory_acquire_resource, HC_MEMORY, 28, A1, resource, INOUT, DOMAIN(resource.domid), domain2_resource_map, FOREIGN_MAPPING) \
    CALL(sched_yield, HC_SCHED, 0, NONE, nothing, NONE, SELF, vcpu_yield, NOTHING) \
    CALL(sched_block, HC_SCHED, 1, NONE, nothing, NONE, SELF, vcpu_block, NOTHING) \
    CALL(sched_shutdown, HC_SCHED, 2, A1, shutdown, IN, CUSTOM, own_shutdown, NOTHING) \
    CALL(sched_poll, HC_SCHED, 3, A1, poll, IN, SELF, vcpu_poll, NOTHING) \
    CALL(sched_remote_shutdown, HC_SCHED, 4, A1, remote_shutdown, IN, DOMAIN(remote_shutdown.domain_id), domain_shutdown, NOTHING) \
    CALL(sched_shutdown_code, HC_SCHED, 5, A1, shutdown, IN, SELF, own_shutdown, NOTHING) \
    CALL(sched_watchdog, HC_SCHED, 6, A1, watchdog, IN, SELF, own_watchdog, NOTHING) \
    CALL(vcpu_up, HC_VCPU, 1, NONE, nothing, NONE, SELF, vcpu_up, NOTHING) \
    CALL(vcpu_down, HC_VCPU, 2, NONE, nothing, NONE, SELF, vcpu_down, NOTHING) \
    CALL(vcpu_is_up, HC_VCPU, 3, NONE, nothing, NONE, SELF, vcpu_status, NOTHING) \
    CALL(vcpu_runstate, HC_VCPU, 4, A2, runstate, OUT, SELF, vcpu_runstate, NOTHING) \
    CALL(vcpu_register_runstate, HC_VCPU, 5, A2, vcpu_address, IN, SELF, vcpu_runstate, NOTHING) \
    CALL(vcpu_stop_periodic, HC_VCPU, 7, NONE, nothing, NONE, SELF, vcpu_timer, NOTHING) \
    CALL(vcpu_set_singleshot, HC_VCPU, 8, A2, vcpu_timer, IN, SELF, vcpu_timer, NOTHING) \
    CALL(vcpu_stop_singleshot, HC_VCPU, 9, NONE, nothing, NONE, SELF, vcpu_timer, NOTHING) \
    CALL(vcpu_register_info, HC_VCPU, 10, A2, vcpu_info, IN, SELF, vcpu_register_info, NOTHING) \
    CALL(vcpu_physid, HC_VCPU, 12, A2, physid, OUT, SELF, vcpu_physid, NOTHING) \
    CALL(vcpu_register_time, HC_VCPU, 13, A2, vcpu_address, IN, SELF, vcpu_register_time, NOTHING) \
    CALL(set_timer, HC_SET_TIMER, 0, NONE, nothing, NONE, SELF, vcpu_timer, NOTHING) \
    CALL(hvm_set_param, HC_HVM, 0, A1, hvm_param, IN, DOMAIN(hvm_param.domid), hvm_setparam, NOTHING) \
    CALL(hvm_get_param, HC_HVM, 1, A1, hvm_param, INOUT, DOMAIN(hvm_param.domid), hvm_getparam, NOTHING) \
    CALL(version_version, HC_VERSION, 0, NONE, nothing, NONE, XEN, cordon_version, NOTHING) \
    CALL(version_extra, HC_VERSION, 1, A1, text16, OUT, XEN, version_xen_extraversion, NOTHING) \
    CALL(version_compile_info, HC_VERSION, 2, A1, compile, OUT, XEN, version_xen_compile_info, NOTHING) \
    CALL(version_capabilities, HC_VERSION, 3, A1, text1024, OUT, XEN, version_xen_capabilities, NOTHING) \
    CALL(version_changeset, HC_VERSION, 4, A1, text64, OUT, XEN, version_xen_changeset, NOTHING) \
    CALL(version_platform, HC_VERSION, 5, A1, platform, OUT, XEN, cordon_platform_parameters, NOTHING) \
    CALL(version_features, HC_VERSION, 6, A1, features, INOUT, XEN, cordon_get_features, NOTHING) \
    CALL(version_pagesize, HC_VERSION, 7, NONE, nothing, NONE, XEN, version_xen_pagesize, NOTHING) \
    CALL(version_guest_handle, HC_VERSION, 8, A1, handle, OUT, XEN, version_xen_guest_handle, NOTHING) \
    CALL(version_commandline, HC_VERSION, 9, A1, text1024, OUT, XEN, version_xen_commandline, NOTHING) \
    CALL(version_build_id, HC_VERSION, 10, A1, build_id, IN, XEN, version_xen_build_id, NOTHING) \
    CALL(console_write, HC_CONSOLE, 0, NONE, nothing, NONE, XEN, xen_writeconsole, NOTHING) \
    CALL(console_read, HC_CONSOLE, 1, NONE, nothing, NONE, XEN, xen_readconsole, NOTHING) \
    CALL(platform_get_cpuinfo, HC_PLATFORM, 55, A0, platform_cpuinfo, INOUT, XEN, xen_getcpuinfo, NOTHING) \
    CALL(platform_settime64, HC_PLATFORM, 62, A0, platform_settime, IN, XEN, xen_settime, NOTHING) \
    CALL(flask_load, HC_XSM, 1, A0, flask_load, IN, SECURITY, security_load_policy, NOTHING) \
    CALL(flask_getenforce, HC_XSM, 2, NONE, nothing, NONE, SECURITY, cordon_getenforce, NOTHING) \
    CALL(flask_setenforce, HC_XSM, 3, A0, flask_word, IN, SECURITY, security_setenforce, NOTHING) \
    CALL(flask_context_to_sid, HC_XSM, 4, A0, flask_sid_context, INOUT, SECURITY, security_check_context, NOTHING) \
    CALL(flask_sid_to_context, HC_XSM, 5, A0, flask_sid_context, INOUT, SECURITY, security_check_context, NOTHING) \
    CALL(flask_access, HC_XSM, 6, A0, flask_access, INOUT, SECURITY, security_compute_av, NOTHING) \
    CALL(flask_create, HC_XSM, 7, A0, flask_transition, INOUT, SECURITY, security_compute_create, NOTHING) \
    CALL(flask_policyvers, HC_XSM, 10, NONE, nothing, NONE, SECURITY, cordon_policyvers, NOTHING) \
    CALL(flask_getbool, HC_XSM, 11, A0, flask_boolean, INOUT, SECURITY, cordon_getbool, NOTHING) \
    CALL(flask_setbool, HC_XSM, 12, A0, flask_boolean, INOUT, SECURITY, security_setbool, NOTHING) \
    CALL(flask_commitbools, HC_XSM, 13, NONE, nothing, NONE, SECURITY, security_setbool, NOTHING) \
    CALL(flask_mls, HC_XSM, 14, NONE, nothing, NONE, SECURITY, cordon_mls, NOTHING) \
    CALL(flask_get_peer_sid, HC_XSM, 23, A0, flask_peersid, INOUT, CUSTOM, event_status, NOTHING) \
    CALL(sysctl_readconsole, HC_SYSCTL, 1, A0, readconsole, INOUT, CUSTOM, xen_readconsole, NOTHING) \
    CALL(sysctl_physinfo, HC_SYSCTL, 3, A0, physinfo, INOUT, XEN, xen_physinfo, NOTHING) \
    CALL(sysctl_sched_id, HC_SYSCTL, 4, A0, sched_id, INOUT, XEN, xen_getscheduler, NOTHING) \
    CALL(sysctl_domaininfolist, HC_SYSCTL, 6, A0, domaininfolist, INOUT, XEN, xen_physinfo, NOTHING) \
    CALL(sysctl_debug_keys, HC_SYSCTL, 7, A0, debug_keys, IN, XEN, xen_debug, NOTHING) \
    CALL(sysctl_cputopoinfo, HC_SYSCTL, 16, A0, cputopoinfo, INOUT, XEN, xen_physinfo, NOTHING) \
    CALL(sysctl_numainfo, HC_SYSCTL, 17, A0, numainfo, INOUT, XEN, xen_physinfo, NOTHING) \
    CALL(sysctl_cpupool, HC_SYSCTL, 18, A0, cpupool, INOUT, XEN, xen_cpupool_op, NOTHING) \
    CALL(sysctl_scheduler, HC_SYSCTL, 19, A0, sysctl_scheduler, INOUT, XEN, xen_getscheduler, NOTHING) \
    CALL(sysctl_featureset, HC_SYSCTL, 26, A0, featureset, INOUT, XEN, xen2_get_cpu_featureset, NOTHING) \
    CALL(sysctl_cpu_policy, HC_SYSCTL, 29, A0, sysctl_policy, INOUT, XEN, xen_physinfo, NOTHING) \
    CALL(domctl_create, HC_DOMCTL, 1, A0, create, INOUT, CUSTOM, domain_create, DOMAIN) \
    CALL(domctl_destroy, HC_DOMCTL, 2, A0, domctl, IN, CUSTOM, domain_destroy, NOTHING) \
    CALL(domctl_pause, HC_DOMCTL, 3, A0, domctl, IN, DOMAIN(domctl.domain), domain_pause, NOTHING) \
    CALL(domctl_unpause, HC_DOMCTL, 4, A0, domctl, IN, DOMAIN(domctl.domain), domain_unpause, NOTHING) \
    CALL(domctl_getdomaininfo, HC_DOMCTL, 5, A0, getdomaininfo, INOUT, CUSTOM, domain_getdomaininfo, NOTHING) \
    CALL(domctl_setvcpuaffinity, HC_DOMCTL, 9, A0, vcpuaffinity, INOUT, DOMAIN(vcpuaffinity.h.domain), domain_setaffinity, NOTHING) \
    CALL(domctl_max_mem, HC_DOMCTL, 11, A0, max_mem, IN, DOMAIN(max_mem.h.domain), domain_setdomainmaxmem, NOTHING) \
    CALL(domctl_getvcpuinfo, HC_DOMCTL, 14, A0, getvcpuinfo, INOUT, DOMAIN(getvcpuinfo.h.domain), domain_getvcpuinfo, NOTHING) \
    CALL(domctl_max_vcpus, HC_DOMCTL, 15, A0, domctl_word, IN, DOMAIN(domctl_word.h.domain), domain_max_vcpus, NOTHING) \
    CALL(domctl_scheduler, HC_DOMCTL, 16, A0, scheduler, INOUT, CUSTOM, domain_getscheduler, NOTHING) \
    CALL(domctl_sethandle, HC_DOMCTL, 17, A0, domctl_handle, IN, DOMAIN(domctl_handle.h.domain), domain_setdomainhandle, NOTHING) \
    CALL(domctl_getvcpuaffinity, HC_DOMCTL, 25, A0, vcpuaffinity, INOUT, DOMAIN(vcpuaffinity.h.domain), domain_getaffinity, NOTHING) \
    CALL(domctl_sendtrigger, HC_DOMCTL, 28, A0, sendtrigger, IN, DOMAIN(sendtrigger.h.domain), domain_trigger, NOTHING) \
    CALL(domctl_gethvmcontext, HC_DOMCTL, 33, A0, hvmcontext, INOUT, DOMAIN(hvmcontext.h.domain), hvm_gethvmc, NOTHING) \
    CALL(domctl_sethvmcontext, HC_DOMCTL, 34, A0, hvmcontext, IN, DOMAIN(hvmcontext.h.domain), hvm_sethvmc, NOTHING) \
    CALL(domctl_settscinfo, HC_DOMCTL, 60, A0, tsc_info, IN, DOMAIN(tsc_info.h.domain), domain2_settsc, NOTHING) \
    CALL(domctl_setnodeaffinity, HC_DOMCTL, 68, A0, nodeaffinity, IN, DOMAIN(nodeaffinity.h.domain), domain_setaffinity, NOTHING) \
    CALL(domctl_set_cpu_policy, HC_DOMCTL, 83, A0, cpu_policy, IN, DOMAIN(cpu_policy.h.domain), domain2_set_cpu_policy, NOTHING) \
    CALL(domctl_get_paging_mempool, HC_DOMCTL, 85, A0, mempool, INOUT, DOMAIN(mempool.h.domain), domain_getpagingmempool, NOTHING) \
    CALL(domctl_set_paging_mempool, HC_DOMCTL, 86, A0, mempool, IN, DOMAIN(mempool.h.domain), domain_setpagingmempool, NOTHING) \
    CALL(multicall, HC_MULTICALL, 0, NONE, nothing, NONE, SELF, own_multicall, NOTHING) \
    CALL(acpi_sleep, PORT_OUT, 0, NONE, nothing, NONE, CUSTOM, own_shutdown, NOTHING) \
    CALL(apic_icr, MSR_WRITE, 0, NONE, nothing, NONE, SELF, own_ipi, NOTHING)
/* clang-format on */

enum call_id {
#define CALL(name, number, sub, place, arguments, direction, object, permission, residue)          \
    CALL_##name,
    CALLS(CALL, CALL)
#undef CALL
        CALL_COUNT,
    CALL_UNKNOWN = CALL_COUNT
};

#endif
