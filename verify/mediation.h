/* SPDX-License-Identifier: Apache-2.0 */
/* What must have been granted before a step runs, for every call, written by hand from the meaning
 * of the call. Nothing here is derived from hv/core/calls.h or from the demands_*() functions: the
 * proof (verify/gate.c) is that the two agree. verify/steps.h makes each of these predicates the
 * precondition of its step.
 *
 * answered(subject, object, permission, epoch) can come true only by xsm_decide(). Each step moves
 * the epoch on, so no answer serves two steps, and none outlives a change that a step makes (a
 * policy load, a boolean, the end of a domain). */
#ifndef CORDON_VERIFY_MEDIATION_H
#define CORDON_VERIFY_MEDIATION_H

#include "evtchn/evtchn.h"
#include "hv/core/request.h"

/*@ ghost
      unsigned long epoch;    // of answers: a step leaves another
      unsigned long trail;    // the audit trail
      unsigned long beneath;  // all state below the gate that no other name here stands for
      unsigned long stepped;  // by a step of this CPU
      unsigned opened;        // by the step of a multicall: its entries may run
      unsigned held;          // the gate's lock, by the CPU that runs this
      unsigned exited_domain; // who left guest mode on this CPU, as the machine layer says: nothing
      unsigned exited_vcpu;   // in the core assigns these two
*/

/*@ axiomatic Answers {
      predicate answered(integer subject, integer object, integer permission, integer time);

      // What the state machines and the security module's label table say, in an epoch.
      logic integer derived_label(integer from, integer to, integer time);
      logic integer sid_label(integer sid, integer time);
      logic integer port_state(integer domain, integer port, integer time);
      logic integer port_label(integer domain, integer port, integer time);
      logic integer port_peer(integer domain, integer port, integer time);
      logic boolean handle_used(integer mapper, integer handle, integer time);
      logic integer handle_granter(integer mapper, integer handle, integer time);
    } */

/* clang-format off */
/* As one range of elements: a range of ranges costs the provers much. */
#define ALL_VCPUS vcpus[..][..]

/* --- who is meant ---------------------------------------------------------------------------- */

/* The domain that a number names: the caller for 0x7ff0; 0xffff if there is none alive. */
#define NAMED(r, domid) ( \
    domid == 0x7ff0 ? r->caller : \
    domid >= 512 || domains[domid].state == DOMAIN_FREE || \
    domains[domid].state == DOMAIN_DYING ? 0xffff : domid)
/* The same where a dying domain is there too. */
#define NAMED_DYING(r, domid) ( \
    domid == 0x7ff0 ? r->caller : \
    domid >= 512 || domains[domid].state == DOMAIN_FREE ? 0xffff : domid)
/* What it is as an object of the caller. */
#define LABEL_OF(r, domain) ( \
    domain == 0xffff ? LABEL_UNLABELED : \
    domain == r->caller ? r->self_label : domains[domain].label)
/* Label of a channel between two domains, and of a port. */
#define CHANNEL(from, to) ( \
    from == 0xffff || to == 0xffff ? LABEL_UNLABELED : \
    derived_label(domains[from].label, domains[to].label, epoch))
#define PORT_OF(domain, number) ( \
    domain == 0xffff || port_state(domain, number, epoch) == PORT_FREE ? \
    LABEL_UNLABELED : port_label(domain, number, epoch))
/* What the domain at one end of a channel is to the channel. */
#define END_OF(domain, other) ( \
    domain == 0xffff ? LABEL_UNLABELED : \
    domain == other ? domains[domain].self_label : domains[domain].label)
#define LABEL_FOR(sid) \
    (sid_label(sid, epoch) == LABEL_NONE ? LABEL_UNLABELED : sid_label(sid, epoch))
#define GRANTER(r) ( \
    handle_used(r->caller, r->in.gnttab_unmap.handle, epoch) ? \
    handle_granter(r->caller, r->in.gnttab_unmap.handle, epoch) : 0xffff)
#define PEER(r) ( \
    port_state(r->caller, r->in.flask_peersid.evtchn, epoch) == PORT_INTERDOMAIN ? \
    port_peer(r->caller, r->in.flask_peersid.evtchn, epoch) : 0xffff)

/* --- by whom, on what ------------------------------------------------------------------------ */

#define MAY(r, object, permission) (answered(r->label, object, permission, epoch))
#define ON_SELF(r, permission) (MAY(r, r->self_label, permission))
#define ON_XEN(r, permission) (MAY(r, LABEL_XEN, permission))
#define ON_SECURITY(r, permission) (MAY(r, LABEL_SECURITY, permission))
/* The domain that the argument names, which is there, and is the step's target. */
#define ON_DOMAIN(r, domid, permission) ( \
    MAY(r, LABEL_OF(r, NAMED(r, domid)), permission) && r->target == NAMED(r, domid) && \
    r->target != 0xffff)

/* --- event channels -------------------------------------------------------------------------- */

#define MAY_evtchn_bind_interdomain(r) ( \
    \let remote = NAMED(r, r->in.bind_interdomain.remote_dom); \
    \let made = CHANNEL(r->caller, remote); \
    r->target == remote && MAY(r, made, PERMISSION_event_create) && \
    answered(made, END_OF(remote, r->caller), PERMISSION_event_bind, epoch) && \
    answered(PORT_OF(remote, r->in.bind_interdomain.remote_port), END_OF(r->caller, remote), \
    PERMISSION_event_bind, epoch))
#define MAY_evtchn_bind_virq(r) ( \
    \let virq = r->in.bind_virq.virq; \
    ON_SELF(r, virq == 0 || virq == 1 || virq == 7 || virq == 13 ? \
    PERMISSION_port_bind_virq : PERMISSION_port_bind_global_virq))
#define MAY_evtchn_close(r) (ON_SELF(r, PERMISSION_port_close))
#define MAY_evtchn_send(r) (MAY(r, PORT_OF(r->caller, r->in.port.port), PERMISSION_event_send))
#define MAY_evtchn_status(r) ( \
    r->target == NAMED(r, r->in.status.dom) && \
    MAY(r, PORT_OF(r->target, r->in.status.port), PERMISSION_event_status))
#define MAY_evtchn_alloc_unbound(r) ( \
    \let local = NAMED(r, r->in.alloc_unbound.dom); \
    \let remote = NAMED(r, r->in.alloc_unbound.remote_dom); \
    r->target == local && MAY(r, CHANNEL(local, remote), PERMISSION_event_create) && \
    answered(CHANNEL(local, remote), END_OF(remote, local), PERMISSION_event_bind, epoch))
#define MAY_evtchn_bind_ipi(r) (ON_SELF(r, PERMISSION_port_bind_ipi))
#define MAY_evtchn_bind_vcpu(r) (ON_SELF(r, PERMISSION_port_bind_vcpu))
#define MAY_evtchn_unmask(r) (ON_SELF(r, PERMISSION_port_unmask))
#define MAY_evtchn_reset(r) (ON_DOMAIN(r, r->in.evtchn_reset.dom, PERMISSION_event_reset))

/* --- grants ---------------------------------------------------------------------------------- */

#define MAY_gnttab_map(r) ( \
    r->target == NAMED(r, r->in.gnttab_map.dom) && \
    MAY(r, LABEL_OF(r, r->target), PERMISSION_grant_map_read) && \
    ((r->in.gnttab_map.flags & 4) == 0 ==> \
    MAY(r, LABEL_OF(r, r->target), PERMISSION_grant_map_write)))
#define MAY_gnttab_unmap(r) \
    (r->target == GRANTER(r) && MAY(r, LABEL_OF(r, r->target), PERMISSION_grant_unmap))
#define MAY_gnttab_setup_table(r) (ON_DOMAIN(r, r->in.gnttab_setup.dom, PERMISSION_grant_setup))
#define MAY_gnttab_copy(r) ( \
    MAY(r, LABEL_OF(r, NAMED(r, r->in.gnttab_copy.source.domid)), PERMISSION_grant_copy) && \
    MAY(r, LABEL_OF(r, NAMED(r, r->in.gnttab_copy.dest.domid)), PERMISSION_grant_copy))
#define MAY_gnttab_query_size(r) (ON_DOMAIN(r, r->in.gnttab_query.dom, PERMISSION_grant_query))
#define MAY_gnttab_set_version(r) (ON_SELF(r, PERMISSION_own_set_grant_version))
#define MAY_gnttab_get_version(r) \
    (ON_DOMAIN(r, r->in.gnttab_get_version.dom, PERMISSION_grant_query))

/* --- memory ---------------------------------------------------------------------------------- */

#define MAY_memory_increase(r) (ON_DOMAIN(r, r->in.reservation.domid, PERMISSION_mmu_adjust))
#define MAY_memory_decrease(r) (ON_DOMAIN(r, r->in.reservation.domid, PERMISSION_mmu_adjust))
#define MAY_memory_maximum_ram_page(r) (ON_XEN(r, PERMISSION_cordon_max_ram_page))
#define MAY_memory_current(r) (ON_DOMAIN(r, r->in.domid.domid, PERMISSION_mmu_stat))
#define MAY_memory_maximum(r) (ON_DOMAIN(r, r->in.domid.domid, PERMISSION_mmu_stat))
#define MAY_memory_populate(r) (ON_DOMAIN(r, r->in.reservation.domid, PERMISSION_mmu_adjust))
#define MAY_memory_add_to_physmap(r) (ON_DOMAIN(r, r->in.physmap.domid, PERMISSION_mmu_physmap))
#define MAY_memory_memory_map(r) (ON_SELF(r, PERMISSION_own_memory_map))
#define MAY_memory_set_memory_map(r) \
    (ON_DOMAIN(r, r->in.foreign_map.domid, PERMISSION_mmu_memorymap))
#define MAY_memory_maximum_gpfn(r) (ON_DOMAIN(r, r->in.domid.domid, PERMISSION_mmu_stat))
#define MAY_memory_remove_from_physmap(r) \
    (ON_DOMAIN(r, r->in.remove_physmap.domid, PERMISSION_mmu_physmap))
#define MAY_memory_set_pod_target(r) \
    (ON_DOMAIN(r, r->in.pod_target.domid, PERMISSION_domain_setpodtarget))
#define MAY_memory_sharing_freed(r) (ON_XEN(r, PERMISSION_cordon_memory_sharing_stat))
#define MAY_memory_sharing_shared(r) (ON_XEN(r, PERMISSION_cordon_memory_sharing_stat))
#define MAY_memory_physmap_batch(r) ( \
    \let foreign = NAMED(r, r->in.physmap_batch.foreign_domid); \
    r->target == NAMED(r, r->in.physmap_batch.domid) && \
    MAY(r, LABEL_OF(r, r->target), PERMISSION_mmu_physmap) && \
    (r->in.physmap_batch.space == 4 ==> \
    MAY(r, LABEL_OF(r, foreign), PERMISSION_mmu_map_read) && \
    MAY(r, LABEL_OF(r, foreign), PERMISSION_mmu_map_write)))
#define MAY_memory_claim(r) (ON_DOMAIN(r, r->in.reservation.domid, PERMISSION_domain2_setclaim))
#define MAY_memory_acquire_resource(r) \
    (ON_DOMAIN(r, r->in.resource.domid, PERMISSION_domain2_resource_map))

/* --- scheduling, vCPUs ----------------------------------------------------------------------- */

#define MAY_sched_yield(r) (ON_SELF(r, PERMISSION_vcpu_yield))
#define MAY_sched_block(r) (ON_SELF(r, PERMISSION_vcpu_block))
#define MAY_sched_shutdown(r) (ON_SELF(r, PERMISSION_own_shutdown))
#define MAY_sched_poll(r) (ON_SELF(r, PERMISSION_vcpu_poll))
#define MAY_sched_remote_shutdown(r) \
    (ON_DOMAIN(r, r->in.remote_shutdown.domain_id, PERMISSION_domain_shutdown))
#define MAY_sched_shutdown_code(r) (ON_SELF(r, PERMISSION_own_shutdown))
#define MAY_sched_watchdog(r) (ON_SELF(r, PERMISSION_own_watchdog))
#define MAY_acpi_sleep(r) (ON_SELF(r, PERMISSION_own_shutdown))
/* Bits that widen a shutdown to the machine. */
#define POWER(r, granted) ( \
    ((granted & 2) != 0 ==> ON_XEN(r, PERMISSION_cordon_power_off)) && \
    ((granted & 4) != 0 ==> ON_XEN(r, PERMISSION_cordon_reset)))
#define MAY_vcpu_up(r) (ON_SELF(r, PERMISSION_vcpu_up))
#define MAY_vcpu_down(r) (ON_SELF(r, PERMISSION_vcpu_down))
#define MAY_vcpu_is_up(r) (ON_SELF(r, PERMISSION_vcpu_status))
#define MAY_vcpu_runstate(r) (ON_SELF(r, PERMISSION_vcpu_runstate))
#define MAY_vcpu_register_runstate(r) (ON_SELF(r, PERMISSION_vcpu_runstate))
#define MAY_vcpu_stop_periodic(r) (ON_SELF(r, PERMISSION_vcpu_timer))
#define MAY_vcpu_set_singleshot(r) (ON_SELF(r, PERMISSION_vcpu_timer))
#define MAY_vcpu_stop_singleshot(r) (ON_SELF(r, PERMISSION_vcpu_timer))
#define MAY_vcpu_register_info(r) (ON_SELF(r, PERMISSION_vcpu_register_info))
#define MAY_vcpu_physid(r) (ON_SELF(r, PERMISSION_vcpu_physid))
#define MAY_vcpu_register_time(r) (ON_SELF(r, PERMISSION_vcpu_register_time))
#define MAY_set_timer(r) (ON_SELF(r, PERMISSION_vcpu_timer))
#define MAY_apic_icr(r) (ON_SELF(r, PERMISSION_own_ipi))
#define MAY_multicall(r) (ON_SELF(r, PERMISSION_own_multicall))

/* --- parameters, version, console, platform -------------------------------------------------- */

#define MAY_hvm_set_param(r) (ON_DOMAIN(r, r->in.hvm_param.domid, PERMISSION_hvm_setparam))
#define MAY_hvm_get_param(r) (ON_DOMAIN(r, r->in.hvm_param.domid, PERMISSION_hvm_getparam))
#define MAY_version_version(r) (ON_XEN(r, PERMISSION_cordon_version))
#define MAY_version_extra(r) (ON_XEN(r, PERMISSION_version_xen_extraversion))
#define MAY_version_compile_info(r) (ON_XEN(r, PERMISSION_version_xen_compile_info))
#define MAY_version_capabilities(r) (ON_XEN(r, PERMISSION_version_xen_capabilities))
#define MAY_version_changeset(r) (ON_XEN(r, PERMISSION_version_xen_changeset))
#define MAY_version_platform(r) (ON_XEN(r, PERMISSION_cordon_platform_parameters))
#define MAY_version_features(r) (ON_XEN(r, PERMISSION_cordon_get_features))
#define MAY_version_pagesize(r) (ON_XEN(r, PERMISSION_version_xen_pagesize))
#define MAY_version_guest_handle(r) (ON_XEN(r, PERMISSION_version_xen_guest_handle))
#define MAY_version_commandline(r) (ON_XEN(r, PERMISSION_version_xen_commandline))
#define MAY_version_build_id(r) (ON_XEN(r, PERMISSION_version_xen_build_id))
#define MAY_console_write(r) (ON_XEN(r, PERMISSION_xen_writeconsole))
#define MAY_console_read(r) (ON_XEN(r, PERMISSION_xen_readconsole))
#define MAY_platform_get_cpuinfo(r) (ON_XEN(r, PERMISSION_xen_getcpuinfo))
#define MAY_platform_settime64(r) (ON_XEN(r, PERMISSION_xen_settime))

/* --- the security server --------------------------------------------------------------------- */

#define MAY_flask_load(r) (ON_SECURITY(r, PERMISSION_security_load_policy))
#define MAY_flask_getenforce(r) (ON_SECURITY(r, PERMISSION_cordon_getenforce))
#define MAY_flask_setenforce(r) (ON_SECURITY(r, PERMISSION_security_setenforce))
#define MAY_flask_context_to_sid(r) (ON_SECURITY(r, PERMISSION_security_check_context))
#define MAY_flask_sid_to_context(r) (ON_SECURITY(r, PERMISSION_security_check_context))
#define MAY_flask_access(r) (ON_SECURITY(r, PERMISSION_security_compute_av))
#define MAY_flask_create(r) (ON_SECURITY(r, PERMISSION_security_compute_create))
#define MAY_flask_policyvers(r) (ON_SECURITY(r, PERMISSION_cordon_policyvers))
#define MAY_flask_getbool(r) (ON_SECURITY(r, PERMISSION_cordon_getbool))
#define MAY_flask_setbool(r) (ON_SECURITY(r, PERMISSION_security_setbool))
#define MAY_flask_commitbools(r) (ON_SECURITY(r, PERMISSION_security_setbool))
#define MAY_flask_mls(r) (ON_SECURITY(r, PERMISSION_cordon_mls))
#define MAY_flask_get_peer_sid(r) ( \
    r->target == PEER(r) && \
    MAY(r, r->target == 0xffff ? LABEL_UNLABELED : \
    port_label(r->caller, r->in.flask_peersid.evtchn, epoch), PERMISSION_event_status))

/* --- the machine and other domains, for the tools -------------------------------------------- */

#define MAY_sysctl_readconsole(r) ( \
    ON_XEN(r, PERMISSION_xen_readconsole) && \
    (r->in.readconsole.clear != 0 ==> ON_XEN(r, PERMISSION_xen_clearconsole)))
#define MAY_sysctl_physinfo(r) (ON_XEN(r, PERMISSION_xen_physinfo))
#define MAY_sysctl_sched_id(r) (ON_XEN(r, PERMISSION_xen_getscheduler))
#define MAY_sysctl_domaininfolist(r) (ON_XEN(r, PERMISSION_xen_physinfo))
#define MAY_sysctl_debug_keys(r) (ON_XEN(r, PERMISSION_xen_debug))
#define MAY_sysctl_cputopoinfo(r) (ON_XEN(r, PERMISSION_xen_physinfo))
#define MAY_sysctl_numainfo(r) (ON_XEN(r, PERMISSION_xen_physinfo))
#define MAY_sysctl_cpupool(r) (ON_XEN(r, PERMISSION_xen_cpupool_op))
#define MAY_sysctl_featureset(r) (ON_XEN(r, PERMISSION_xen2_get_cpu_featureset))
#define MAY_sysctl_scheduler(r) (ON_XEN(r, PERMISSION_xen_getscheduler))
#define MAY_sysctl_cpu_policy(r) (ON_XEN(r, PERMISSION_xen_physinfo))
#define MAY_domctl_create(r) (MAY(r, LABEL_FOR(r->in.create.ssidref), PERMISSION_domain_create))
/* These two see a dying domain, and whether there is one at all is their own business: the second then
 * tells of the next domain of which the caller may be told (gate_may). */
#define MAY_domctl_destroy(r) ( \
    r->target == NAMED_DYING(r, r->in.domctl.domain) && \
    MAY(r, LABEL_OF(r, r->target), PERMISSION_domain_destroy))
#define MAY_domctl_getdomaininfo(r) ( \
    r->target == NAMED_DYING(r, r->in.getdomaininfo.h.domain) && \
    MAY(r, LABEL_OF(r, r->target), PERMISSION_domain_getdomaininfo))
#define MAY_domctl_pause(r) (ON_DOMAIN(r, r->in.domctl.domain, PERMISSION_domain_pause))
#define MAY_domctl_unpause(r) (ON_DOMAIN(r, r->in.domctl.domain, PERMISSION_domain_unpause))
#define MAY_domctl_setvcpuaffinity(r) \
    (ON_DOMAIN(r, r->in.vcpuaffinity.h.domain, PERMISSION_domain_setaffinity))
#define MAY_domctl_max_mem(r) \
    (ON_DOMAIN(r, r->in.max_mem.h.domain, PERMISSION_domain_setdomainmaxmem))
#define MAY_domctl_getvcpuinfo(r) \
    (ON_DOMAIN(r, r->in.getvcpuinfo.h.domain, PERMISSION_domain_getvcpuinfo))
#define MAY_domctl_max_vcpus(r) \
    (ON_DOMAIN(r, r->in.domctl_word.h.domain, PERMISSION_domain_max_vcpus))
#define MAY_domctl_scheduler(r) ( \
    r->target == NAMED(r, r->in.scheduler.h.domain) && \
    MAY(r, LABEL_OF(r, r->target), r->in.scheduler.cmd == 1 ? PERMISSION_domain_getscheduler \
    : PERMISSION_domain2_setscheduler))
#define MAY_domctl_sethandle(r) \
    (ON_DOMAIN(r, r->in.domctl_handle.h.domain, PERMISSION_domain_setdomainhandle))
#define MAY_domctl_getvcpuaffinity(r) \
    (ON_DOMAIN(r, r->in.vcpuaffinity.h.domain, PERMISSION_domain_getaffinity))
#define MAY_domctl_sendtrigger(r) \
    (ON_DOMAIN(r, r->in.sendtrigger.h.domain, PERMISSION_domain_trigger))
#define MAY_domctl_gethvmcontext(r) \
    (ON_DOMAIN(r, r->in.hvmcontext.h.domain, PERMISSION_hvm_gethvmc))
#define MAY_domctl_settscinfo(r) (ON_DOMAIN(r, r->in.tsc_info.h.domain, PERMISSION_domain2_settsc))
#define MAY_domctl_setnodeaffinity(r) \
    (ON_DOMAIN(r, r->in.nodeaffinity.h.domain, PERMISSION_domain_setaffinity))
#define MAY_domctl_set_cpu_policy(r) \
    (ON_DOMAIN(r, r->in.cpu_policy.h.domain, PERMISSION_domain2_set_cpu_policy))
#define MAY_domctl_sethvmcontext(r) \
    (ON_DOMAIN(r, r->in.hvmcontext.h.domain, PERMISSION_hvm_sethvmc))
#define MAY_domctl_get_paging_mempool(r) \
    (ON_DOMAIN(r, r->in.mempool.h.domain, PERMISSION_domain_getpagingmempool))
#define MAY_domctl_set_paging_mempool(r) \
    (ON_DOMAIN(r, r->in.mempool.h.domain, PERMISSION_domain_setpagingmempool))

/* clang-format on */

/*@ // The labels that a request carries are those of the domain that made it.
    predicate labelled(struct request *r) =
      r->label == domains[exited_domain].label &&
      r->self_label == domains[exited_domain].self_label;

    // The request under way: of the vCPU that left guest mode, under the lock.
    predicate under_way(struct request *r) =
      \valid(r) && \valid(r->reg + (0 .. 4)) && \valid(r->effects) && held == 1 &&
      exited_domain < MAX_DOMAINS && exited_vcpu < MAX_VCPUS &&
      r->caller == exited_domain && r->vcpu == exited_vcpu && labelled(r) &&
      \separated(r, r->reg + (0 .. 4), r->effects, domains + (0 .. MAX_DOMAINS - 1),
                 &vcpus[0][0] + (0 .. MAX_DOMAINS * MAX_VCPUS - 1), &epoch, &trail, &beneath);
*/

#endif
