/* SPDX-License-Identifier: Apache-2.0 */
/* Every step, as the gate's proof sees it: it runs only if what verify/mediation.h says was granted
 * since the last step, by the domain that left guest mode, under the lock. CALLED are the hypercall
 * and sub-operation of Xen's public headers (64: port write, 65: MSR write). */
#ifndef CORDON_VERIFY_STEPS_H
#define CORDON_VERIFY_STEPS_H

#include "verify/mediation.h"
#include "verify/numbers.h"

/* Assumed of each step, widely: it ends, leaves alone who asks and which row it is, and the
 * caller's labels stay (verify/mediation looks for the assignments in the text). The proofs of the
 * state machines say more. */
/* clang-format off */
#define REQUEST requires request: under_way(r);
#define STEP \
    assigns r->in, r->result, r->granted, r->reschedule, r->flask_work, r->reg[0 .. 4], \
            *r->effects, domains[0 .. MAX_DOMAINS - 1], \
            ALL_VCPUS, epoch, trail, beneath, \
            stepped; \
    ensures labels: labelled(r);
#define OPENS \
    assigns opened; \
    ensures opened: \result == REASON_OK ==> opened == 1;
/* clang-format on */

/*@ requires mediated: CALLED(r, 32, 0) && MAY_evtchn_bind_interdomain(r);
    REQUEST terminates \true; STEP */
enum reason step_evtchn_bind_interdomain(struct request *r);
/*@ requires mediated: CALLED(r, 32, 1) && MAY_evtchn_bind_virq(r);
    REQUEST terminates \true; STEP */
enum reason step_evtchn_bind_virq(struct request *r);
/*@ requires mediated: CALLED(r, 32, 3) && MAY_evtchn_close(r);
    REQUEST terminates \true; STEP */
enum reason step_evtchn_close(struct request *r);
/*@ requires mediated: CALLED(r, 32, 4) && MAY_evtchn_send(r);
    REQUEST terminates \true; STEP */
enum reason step_evtchn_send(struct request *r);
/*@ requires mediated: CALLED(r, 32, 5) && MAY_evtchn_status(r);
    REQUEST terminates \true; STEP */
enum reason step_evtchn_status(struct request *r);
/*@ requires mediated: CALLED(r, 32, 6) && MAY_evtchn_alloc_unbound(r);
    REQUEST terminates \true; STEP */
enum reason step_evtchn_alloc_unbound(struct request *r);
/*@ requires mediated: CALLED(r, 32, 7) && MAY_evtchn_bind_ipi(r);
    REQUEST terminates \true; STEP */
enum reason step_evtchn_bind_ipi(struct request *r);
/*@ requires mediated: CALLED(r, 32, 8) && MAY_evtchn_bind_vcpu(r);
    REQUEST terminates \true; STEP */
enum reason step_evtchn_bind_vcpu(struct request *r);
/*@ requires mediated: CALLED(r, 32, 9) && MAY_evtchn_unmask(r);
    REQUEST terminates \true; STEP */
enum reason step_evtchn_unmask(struct request *r);
/*@ requires mediated: CALLED(r, 32, 10) && MAY_evtchn_reset(r);
    REQUEST terminates \true; STEP */
enum reason step_evtchn_reset(struct request *r);
/*@ requires mediated: CALLED(r, 20, 0) && MAY_gnttab_map(r);
    REQUEST terminates \true; STEP */
enum reason step_gnttab_map(struct request *r);
/*@ requires mediated: CALLED(r, 20, 1) && MAY_gnttab_unmap(r);
    REQUEST terminates \true; STEP */
enum reason step_gnttab_unmap(struct request *r);
/*@ requires mediated: CALLED(r, 20, 2) && MAY_gnttab_setup_table(r);
    REQUEST terminates \true; STEP */
enum reason step_gnttab_setup_table(struct request *r);
/*@ requires mediated: CALLED(r, 20, 5) && MAY_gnttab_copy(r);
    REQUEST terminates \true; STEP */
enum reason step_gnttab_copy(struct request *r);
/*@ requires mediated: CALLED(r, 20, 6) && MAY_gnttab_query_size(r);
    REQUEST terminates \true; STEP */
enum reason step_gnttab_query_size(struct request *r);
/*@ requires mediated: CALLED(r, 20, 8) && MAY_gnttab_set_version(r);
    REQUEST terminates \true; STEP */
enum reason step_gnttab_set_version(struct request *r);
/*@ requires mediated: CALLED(r, 20, 10) && MAY_gnttab_get_version(r);
    REQUEST terminates \true; STEP */
enum reason step_gnttab_get_version(struct request *r);
/*@ requires mediated: CALLED(r, 12, 0) && MAY_memory_increase(r);
    REQUEST terminates \true; STEP */
enum reason step_memory_increase(struct request *r);
/*@ requires mediated: CALLED(r, 12, 1) && MAY_memory_decrease(r);
    REQUEST terminates \true; STEP */
enum reason step_memory_decrease(struct request *r);
/*@ requires mediated: CALLED(r, 12, 2) && MAY_memory_maximum_ram_page(r);
    REQUEST terminates \true; STEP */
enum reason step_memory_maximum_ram_page(struct request *r);
/*@ requires mediated: CALLED(r, 12, 3) && MAY_memory_current(r);
    REQUEST terminates \true; STEP */
enum reason step_memory_current(struct request *r);
/*@ requires mediated: CALLED(r, 12, 4) && MAY_memory_maximum(r);
    REQUEST terminates \true; STEP */
enum reason step_memory_maximum(struct request *r);
/*@ requires mediated: CALLED(r, 12, 6) && MAY_memory_populate(r);
    REQUEST terminates \true; STEP */
enum reason step_memory_populate(struct request *r);
/*@ requires mediated: CALLED(r, 12, 7) && MAY_memory_add_to_physmap(r);
    REQUEST terminates \true; STEP */
enum reason step_memory_add_to_physmap(struct request *r);
/*@ requires mediated: CALLED(r, 12, 9) && MAY_memory_memory_map(r);
    REQUEST terminates \true; STEP */
enum reason step_memory_memory_map(struct request *r);
/*@ requires mediated: CALLED(r, 12, 13) && MAY_memory_set_memory_map(r);
    REQUEST terminates \true; STEP */
enum reason step_memory_set_memory_map(struct request *r);
/*@ requires mediated: CALLED(r, 12, 14) && MAY_memory_maximum_gpfn(r);
    REQUEST terminates \true; STEP */
enum reason step_memory_maximum_gpfn(struct request *r);
/*@ requires mediated: CALLED(r, 12, 15) && MAY_memory_remove_from_physmap(r);
    REQUEST terminates \true; STEP */
enum reason step_memory_remove_from_physmap(struct request *r);
/*@ requires mediated: CALLED(r, 12, 16) && MAY_memory_set_pod_target(r);
    REQUEST terminates \true; STEP */
enum reason step_memory_set_pod_target(struct request *r);
/*@ requires mediated: CALLED(r, 12, 18) && MAY_memory_sharing_freed(r);
    REQUEST terminates \true; STEP */
enum reason step_memory_sharing_freed(struct request *r);
/*@ requires mediated: CALLED(r, 12, 19) && MAY_memory_sharing_shared(r);
    REQUEST terminates \true; STEP */
enum reason step_memory_sharing_shared(struct request *r);
/*@ requires mediated: CALLED(r, 12, 23) && MAY_memory_physmap_batch(r);
    REQUEST terminates \true; STEP */
enum reason step_memory_physmap_batch(struct request *r);
/*@ requires mediated: CALLED(r, 12, 24) && MAY_memory_claim(r);
    REQUEST terminates \true; STEP */
enum reason step_memory_claim(struct request *r);
/*@ requires mediated: CALLED(r, 12, 28) && MAY_memory_acquire_resource(r);
    REQUEST terminates \true; STEP */
enum reason step_memory_acquire_resource(struct request *r);
/*@ requires mediated: CALLED(r, 29, 0) && MAY_sched_yield(r);
    REQUEST terminates \true; STEP */
enum reason step_sched_yield(struct request *r);
/*@ requires mediated: CALLED(r, 29, 1) && MAY_sched_block(r);
    REQUEST terminates \true; STEP */
enum reason step_sched_block(struct request *r);
/*@ requires mediated: CALLED(r, 29, 2) && MAY_sched_shutdown(r);
    requires power: POWER(r, r->granted);
    REQUEST terminates \true; STEP */
enum reason step_sched_shutdown(struct request *r);
/*@ requires mediated: CALLED(r, 29, 3) && MAY_sched_poll(r);
    REQUEST terminates \true; STEP */
enum reason step_sched_poll(struct request *r);
/*@ requires mediated: CALLED(r, 29, 4) && MAY_sched_remote_shutdown(r);
    REQUEST terminates \true; STEP */
enum reason step_sched_remote_shutdown(struct request *r);
/*@ requires mediated: CALLED(r, 29, 5) && MAY_sched_shutdown_code(r);
    REQUEST terminates \true; STEP */
enum reason step_sched_shutdown_code(struct request *r);
/*@ requires mediated: CALLED(r, 29, 6) && MAY_sched_watchdog(r);
    REQUEST terminates \true; STEP */
enum reason step_sched_watchdog(struct request *r);
/*@ requires mediated: CALLED(r, 64, 0) && MAY_acpi_sleep(r);
    requires power: POWER(r, r->granted);
    REQUEST terminates \true; STEP */
enum reason step_acpi_sleep(struct request *r);
/*@ requires mediated: CALLED(r, 24, 1) && MAY_vcpu_up(r);
    REQUEST terminates \true; STEP */
enum reason step_vcpu_up(struct request *r);
/*@ requires mediated: CALLED(r, 24, 2) && MAY_vcpu_down(r);
    REQUEST terminates \true; STEP */
enum reason step_vcpu_down(struct request *r);
/*@ requires mediated: CALLED(r, 24, 3) && MAY_vcpu_is_up(r);
    REQUEST terminates \true; STEP */
enum reason step_vcpu_is_up(struct request *r);
/*@ requires mediated: CALLED(r, 24, 4) && MAY_vcpu_runstate(r);
    REQUEST terminates \true; STEP */
enum reason step_vcpu_runstate(struct request *r);
/*@ requires mediated: CALLED(r, 24, 5) && MAY_vcpu_register_runstate(r);
    REQUEST terminates \true; STEP */
enum reason step_vcpu_register_runstate(struct request *r);
/*@ requires mediated: CALLED(r, 24, 7) && MAY_vcpu_stop_periodic(r);
    REQUEST terminates \true; STEP */
enum reason step_vcpu_stop_periodic(struct request *r);
/*@ requires mediated: CALLED(r, 24, 8) && MAY_vcpu_set_singleshot(r);
    REQUEST terminates \true; STEP */
enum reason step_vcpu_set_singleshot(struct request *r);
/*@ requires mediated: CALLED(r, 24, 9) && MAY_vcpu_stop_singleshot(r);
    REQUEST terminates \true; STEP */
enum reason step_vcpu_stop_singleshot(struct request *r);
/*@ requires mediated: CALLED(r, 24, 10) && MAY_vcpu_register_info(r);
    REQUEST terminates \true; STEP */
enum reason step_vcpu_register_info(struct request *r);
/*@ requires mediated: CALLED(r, 24, 12) && MAY_vcpu_physid(r);
    REQUEST terminates \true; STEP */
enum reason step_vcpu_physid(struct request *r);
/*@ requires mediated: CALLED(r, 24, 13) && MAY_vcpu_register_time(r);
    REQUEST terminates \true; STEP */
enum reason step_vcpu_register_time(struct request *r);
/*@ requires mediated: CALLED(r, 15, 0) && MAY_set_timer(r);
    REQUEST terminates \true; STEP */
enum reason step_set_timer(struct request *r);
/*@ requires mediated: CALLED(r, 65, 0) && MAY_apic_icr(r);
    REQUEST terminates \true; STEP */
enum reason step_apic_icr(struct request *r);
/*@ requires mediated: CALLED(r, 13, 0) && MAY_multicall(r);
    REQUEST terminates \true; STEP OPENS */
enum reason step_multicall(struct request *r);
/*@ requires mediated: CALLED(r, 34, 0) && MAY_hvm_set_param(r);
    REQUEST terminates \true; STEP */
enum reason step_hvm_set_param(struct request *r);
/*@ requires mediated: CALLED(r, 34, 1) && MAY_hvm_get_param(r);
    REQUEST terminates \true; STEP */
enum reason step_hvm_get_param(struct request *r);
/*@ requires mediated: CALLED(r, 17, 0) && MAY_version_version(r);
    REQUEST terminates \true; STEP */
enum reason step_version_version(struct request *r);
/*@ requires mediated: CALLED(r, 17, 1) && MAY_version_extra(r);
    REQUEST terminates \true; STEP */
enum reason step_version_extra(struct request *r);
/*@ requires mediated: CALLED(r, 17, 2) && MAY_version_compile_info(r);
    REQUEST terminates \true; STEP */
enum reason step_version_compile_info(struct request *r);
/*@ requires mediated: CALLED(r, 17, 3) && MAY_version_capabilities(r);
    REQUEST terminates \true; STEP */
enum reason step_version_capabilities(struct request *r);
/*@ requires mediated: CALLED(r, 17, 4) && MAY_version_changeset(r);
    REQUEST terminates \true; STEP */
enum reason step_version_changeset(struct request *r);
/*@ requires mediated: CALLED(r, 17, 5) && MAY_version_platform(r);
    REQUEST terminates \true; STEP */
enum reason step_version_platform(struct request *r);
/*@ requires mediated: CALLED(r, 17, 6) && MAY_version_features(r);
    REQUEST terminates \true; STEP */
enum reason step_version_features(struct request *r);
/*@ requires mediated: CALLED(r, 17, 7) && MAY_version_pagesize(r);
    REQUEST terminates \true; STEP */
enum reason step_version_pagesize(struct request *r);
/*@ requires mediated: CALLED(r, 17, 8) && MAY_version_guest_handle(r);
    REQUEST terminates \true; STEP */
enum reason step_version_guest_handle(struct request *r);
/*@ requires mediated: CALLED(r, 17, 9) && MAY_version_commandline(r);
    REQUEST terminates \true; STEP */
enum reason step_version_commandline(struct request *r);
/*@ requires mediated: CALLED(r, 17, 10) && MAY_version_build_id(r);
    REQUEST terminates \true; STEP */
enum reason step_version_build_id(struct request *r);
/*@ requires mediated: CALLED(r, 18, 0) && MAY_console_write(r);
    REQUEST terminates \true; STEP */
enum reason step_console_write(struct request *r);
/*@ requires mediated: CALLED(r, 18, 1) && MAY_console_read(r);
    REQUEST terminates \true; STEP */
enum reason step_console_read(struct request *r);
/*@ requires mediated: CALLED(r, 7, 55) && MAY_platform_get_cpuinfo(r);
    REQUEST terminates \true; STEP */
enum reason step_platform_get_cpuinfo(struct request *r);
/*@ requires mediated: CALLED(r, 7, 62) && MAY_platform_settime64(r);
    REQUEST terminates \true; STEP */
enum reason step_platform_settime64(struct request *r);
/*@ requires mediated: CALLED(r, 27, 1) && MAY_flask_load(r);
    REQUEST terminates \true; STEP */
enum reason step_flask_load(struct request *r);
/*@ requires mediated: CALLED(r, 27, 2) && MAY_flask_getenforce(r);
    REQUEST terminates \true; STEP */
enum reason step_flask_getenforce(struct request *r);
/*@ requires mediated: CALLED(r, 27, 3) && MAY_flask_setenforce(r);
    REQUEST terminates \true; STEP */
enum reason step_flask_setenforce(struct request *r);
/*@ requires mediated: CALLED(r, 27, 4) && MAY_flask_context_to_sid(r);
    REQUEST terminates \true; STEP */
enum reason step_flask_context_to_sid(struct request *r);
/*@ requires mediated: CALLED(r, 27, 5) && MAY_flask_sid_to_context(r);
    REQUEST terminates \true; STEP */
enum reason step_flask_sid_to_context(struct request *r);
/*@ requires mediated: CALLED(r, 27, 6) && MAY_flask_access(r);
    REQUEST terminates \true; STEP */
enum reason step_flask_access(struct request *r);
/*@ requires mediated: CALLED(r, 27, 7) && MAY_flask_create(r);
    REQUEST terminates \true; STEP */
enum reason step_flask_create(struct request *r);
/*@ requires mediated: CALLED(r, 27, 10) && MAY_flask_policyvers(r);
    REQUEST terminates \true; STEP */
enum reason step_flask_policyvers(struct request *r);
/*@ requires mediated: CALLED(r, 27, 11) && MAY_flask_getbool(r);
    REQUEST terminates \true; STEP */
enum reason step_flask_getbool(struct request *r);
/*@ requires mediated: CALLED(r, 27, 12) && MAY_flask_setbool(r);
    REQUEST terminates \true; STEP */
enum reason step_flask_setbool(struct request *r);
/*@ requires mediated: CALLED(r, 27, 13) && MAY_flask_commitbools(r);
    REQUEST terminates \true; STEP */
enum reason step_flask_commitbools(struct request *r);
/*@ requires mediated: CALLED(r, 27, 14) && MAY_flask_mls(r);
    REQUEST terminates \true; STEP */
enum reason step_flask_mls(struct request *r);
/*@ requires mediated: CALLED(r, 27, 23) && MAY_flask_get_peer_sid(r);
    REQUEST terminates \true; STEP */
enum reason step_flask_get_peer_sid(struct request *r);
/*@ requires mediated: CALLED(r, 35, 1) && MAY_sysctl_readconsole(r);
    REQUEST terminates \true; STEP */
enum reason step_sysctl_readconsole(struct request *r);
/*@ requires mediated: CALLED(r, 35, 3) && MAY_sysctl_physinfo(r);
    REQUEST terminates \true; STEP */
enum reason step_sysctl_physinfo(struct request *r);
/*@ requires mediated: CALLED(r, 35, 4) && MAY_sysctl_sched_id(r);
    REQUEST terminates \true; STEP */
enum reason step_sysctl_sched_id(struct request *r);
/*@ requires mediated: CALLED(r, 35, 6) && MAY_sysctl_domaininfolist(r);
    REQUEST terminates \true; STEP */
enum reason step_sysctl_domaininfolist(struct request *r);
/*@ requires mediated: CALLED(r, 35, 7) && MAY_sysctl_debug_keys(r);
    REQUEST terminates \true; STEP */
enum reason step_sysctl_debug_keys(struct request *r);
/*@ requires mediated: CALLED(r, 35, 16) && MAY_sysctl_cputopoinfo(r);
    REQUEST terminates \true; STEP */
enum reason step_sysctl_cputopoinfo(struct request *r);
/*@ requires mediated: CALLED(r, 35, 17) && MAY_sysctl_numainfo(r);
    REQUEST terminates \true; STEP */
enum reason step_sysctl_numainfo(struct request *r);
/*@ requires mediated: CALLED(r, 35, 18) && MAY_sysctl_cpupool(r);
    REQUEST terminates \true; STEP */
enum reason step_sysctl_cpupool(struct request *r);
/*@ requires mediated: CALLED(r, 35, 26) && MAY_sysctl_featureset(r);
    REQUEST terminates \true; STEP */
enum reason step_sysctl_featureset(struct request *r);
/*@ requires mediated: CALLED(r, 35, 19) && MAY_sysctl_scheduler(r);
    REQUEST terminates \true; STEP */
enum reason step_sysctl_scheduler(struct request *r);
/*@ requires mediated: CALLED(r, 35, 29) && MAY_sysctl_cpu_policy(r);
    REQUEST terminates \true; STEP */
enum reason step_sysctl_cpu_policy(struct request *r);
/*@ requires mediated: CALLED(r, 36, 1) && MAY_domctl_create(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_create(struct request *r);
/*@ requires mediated: CALLED(r, 36, 2) && MAY_domctl_destroy(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_destroy(struct request *r);
/*@ requires mediated: CALLED(r, 36, 5) && MAY_domctl_getdomaininfo(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_getdomaininfo(struct request *r);
/*@ requires mediated: CALLED(r, 36, 3) && MAY_domctl_pause(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_pause(struct request *r);
/*@ requires mediated: CALLED(r, 36, 4) && MAY_domctl_unpause(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_unpause(struct request *r);
/*@ requires mediated: CALLED(r, 36, 9) && MAY_domctl_setvcpuaffinity(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_setvcpuaffinity(struct request *r);
/*@ requires mediated: CALLED(r, 36, 11) && MAY_domctl_max_mem(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_max_mem(struct request *r);
/*@ requires mediated: CALLED(r, 36, 14) && MAY_domctl_getvcpuinfo(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_getvcpuinfo(struct request *r);
/*@ requires mediated: CALLED(r, 36, 15) && MAY_domctl_max_vcpus(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_max_vcpus(struct request *r);
/*@ requires mediated: CALLED(r, 36, 16) && MAY_domctl_scheduler(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_scheduler(struct request *r);
/*@ requires mediated: CALLED(r, 36, 17) && MAY_domctl_sethandle(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_sethandle(struct request *r);
/*@ requires mediated: CALLED(r, 36, 25) && MAY_domctl_getvcpuaffinity(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_getvcpuaffinity(struct request *r);
/*@ requires mediated: CALLED(r, 36, 28) && MAY_domctl_sendtrigger(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_sendtrigger(struct request *r);
/*@ requires mediated: CALLED(r, 36, 33) && MAY_domctl_gethvmcontext(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_gethvmcontext(struct request *r);
/*@ requires mediated: CALLED(r, 36, 34) && MAY_domctl_sethvmcontext(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_sethvmcontext(struct request *r);
/*@ requires mediated: CALLED(r, 36, 60) && MAY_domctl_settscinfo(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_settscinfo(struct request *r);
/*@ requires mediated: CALLED(r, 36, 68) && MAY_domctl_setnodeaffinity(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_setnodeaffinity(struct request *r);
/*@ requires mediated: CALLED(r, 36, 83) && MAY_domctl_set_cpu_policy(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_set_cpu_policy(struct request *r);
/*@ requires mediated: CALLED(r, 36, 85) && MAY_domctl_get_paging_mempool(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_get_paging_mempool(struct request *r);
/*@ requires mediated: CALLED(r, 36, 86) && MAY_domctl_set_paging_mempool(r);
    REQUEST terminates \true; STEP */
enum reason step_domctl_set_paging_mempool(struct request *r);

#endif
