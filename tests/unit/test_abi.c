/* SPDX-License-Identifier: Apache-2.0 */
/* Every argument structure of hv/abi/arguments.h, and what is shared with guests, against the
 * public headers of libxen-dev: size, and place and size of each field. It is the compiler that
 * checks; the program only says how much was compared. For the tools' calls, which are one big
 * union in Xen, the size is that of a part and must not exceed the whole. */
#include <stddef.h>
#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#undef __STRICT_ANSI__ /* save.h wants anonymous unions, which C11 has */
#define __XEN_TOOLS__ 1
#define __XEN_INTERFACE_VERSION__ 0x00041100
#include <xen/domctl.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/hvm/save.h>
#include <xen/memory.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/sysctl.h>
#include <xen/vcpu.h>
#include <xen/version.h>
#include <xen/xen.h>
#include <xen/xsm/flask_op.h>

/* Names that both have: their values are kept before ours take their place. */
enum {
    XEN_DOMID_SELF = (int)DOMID_SELF,
    XEN_DOMID_FIRST_RESERVED = (int)DOMID_FIRST_RESERVED,
    XEN_GNTMAP_DEVICE_MAP = (int)GNTMAP_device_map,
    XEN_GNTMAP_HOST_MAP = (int)GNTMAP_host_map,
    XEN_GNTMAP_READONLY = (int)GNTMAP_readonly,
    XEN_GNTMAP_APPLICATION_MAP = (int)GNTMAP_application_map,
    XEN_GNTMAP_CONTAINS_PTE = (int)GNTMAP_contains_pte,
    XEN_GNTCOPY_SOURCE_GREF = (int)GNTCOPY_source_gref,
    XEN_GNTCOPY_DEST_GREF = (int)GNTCOPY_dest_gref,
    XEN_GTF_READING = (int)GTF_reading,
    XEN_GTF_WRITING = (int)GTF_writing,
    XEN_XENMAPSPACE_SHARED_INFO = (int)XENMAPSPACE_shared_info,
    XEN_XENMAPSPACE_GRANT_TABLE = (int)XENMAPSPACE_grant_table,
    XEN_XENMAPSPACE_GMFN_FOREIGN = (int)XENMAPSPACE_gmfn_foreign,
    XEN_XENMEM_RESOURCE_GRANT_TABLE = (int)XENMEM_resource_grant_table,
    XEN_SHUTDOWN_POWEROFF = (int)SHUTDOWN_poweroff,
    XEN_SHUTDOWN_REBOOT = (int)SHUTDOWN_reboot,
    XEN_SHUTDOWN_CRASH = (int)SHUTDOWN_crash,
    XEN_SHUTDOWN_WATCHDOG = (int)SHUTDOWN_watchdog,
    XEN_VCPU_SSHOTTMR_FUTURE = (int)VCPU_SSHOTTMR_future,
    XEN_DOMCTL_VERSION = (int)XEN_DOMCTL_INTERFACE_VERSION,
    XEN_SYSCTL_VERSION = (int)XEN_SYSCTL_INTERFACE_VERSION,
    XEN_FLASK_VERSION = (int)XEN_FLASK_INTERFACE_VERSION,
    XEN_EVTCHNSTAT_CLOSED = (int)EVTCHNSTAT_closed,
    XEN_EVTCHNSTAT_UNBOUND = (int)EVTCHNSTAT_unbound,
    XEN_EVTCHNSTAT_INTERDOMAIN = (int)EVTCHNSTAT_interdomain,
    XEN_EVTCHNSTAT_VIRQ = (int)EVTCHNSTAT_virq,
    XEN_EVTCHNSTAT_IPI = (int)EVTCHNSTAT_ipi,
};
#undef DOMID_SELF
#undef DOMID_FIRST_RESERVED

#include "hv/abi/arguments.h"
#include "hv/abi/shared_info.h"
#include "hv/core/calls.h"

#define SAME(ours, theirs) _Static_assert((long long)(ours) == (long long)(theirs), "Xen ABI")
#define SIZE(ours, theirs) SAME(sizeof(ours), sizeof(theirs))
#define PART(ours, theirs) _Static_assert(sizeof(ours) <= sizeof(theirs), "Xen ABI")
#define FIELD(ours, field, theirs, their_field)                                                    \
    SAME(offsetof(ours, field), offsetof(theirs, their_field));                                    \
    SAME(sizeof(((ours *)0)->field), sizeof(((theirs *)0)->their_field))

SAME(DOMID_SELF, XEN_DOMID_SELF);
SAME(DOMID_FIRST_RESERVED, XEN_DOMID_FIRST_RESERVED);
SAME(GNTMAP_DEVICE_MAP, XEN_GNTMAP_DEVICE_MAP);
SAME(GNTMAP_HOST_MAP, XEN_GNTMAP_HOST_MAP);
SAME(GNTMAP_READONLY, XEN_GNTMAP_READONLY);
SAME(GNTMAP_APPLICATION_MAP, XEN_GNTMAP_APPLICATION_MAP);
SAME(GNTMAP_CONTAINS_PTE, XEN_GNTMAP_CONTAINS_PTE);
SAME(GNTCOPY_SOURCE_GREF, XEN_GNTCOPY_SOURCE_GREF);
SAME(GNTCOPY_DEST_GREF, XEN_GNTCOPY_DEST_GREF);
SAME(GTF_READING, XEN_GTF_READING);
SAME(GTF_WRITING, XEN_GTF_WRITING);
SAME(XENMAPSPACE_SHARED_INFO, XEN_XENMAPSPACE_SHARED_INFO);
SAME(XENMAPSPACE_GRANT_TABLE, XEN_XENMAPSPACE_GRANT_TABLE);
SAME(XENMAPSPACE_GMFN_FOREIGN, XEN_XENMAPSPACE_GMFN_FOREIGN);
SAME(XENMEM_RESOURCE_GRANT_TABLE, XEN_XENMEM_RESOURCE_GRANT_TABLE);
SAME(SHUTDOWN_POWEROFF, XEN_SHUTDOWN_POWEROFF);
SAME(SHUTDOWN_REBOOT, XEN_SHUTDOWN_REBOOT);
SAME(SHUTDOWN_CRASH, XEN_SHUTDOWN_CRASH);
SAME(SHUTDOWN_WATCHDOG, XEN_SHUTDOWN_WATCHDOG);
SAME(VCPU_SSHOTTMR_FUTURE, XEN_VCPU_SSHOTTMR_FUTURE);
SAME(DOMCTL_VERSION, XEN_DOMCTL_VERSION);
SAME(SYSCTL_VERSION, XEN_SYSCTL_VERSION);
SAME(FLASK_VERSION, XEN_FLASK_VERSION);
SAME(EVTCHNSTAT_CLOSED, XEN_EVTCHNSTAT_CLOSED);
SAME(EVTCHNSTAT_UNBOUND, XEN_EVTCHNSTAT_UNBOUND);
SAME(EVTCHNSTAT_INTERDOMAIN, XEN_EVTCHNSTAT_INTERDOMAIN);
SAME(EVTCHNSTAT_VIRQ, XEN_EVTCHNSTAT_VIRQ);
SAME(EVTCHNSTAT_IPI, XEN_EVTCHNSTAT_IPI);

SIZE(struct arg_evtchn_bind_interdomain, struct evtchn_bind_interdomain);
FIELD(struct arg_evtchn_bind_interdomain, remote_dom, struct evtchn_bind_interdomain, remote_dom);
FIELD(struct arg_evtchn_bind_interdomain, remote_port, struct evtchn_bind_interdomain, remote_port);
FIELD(struct arg_evtchn_bind_interdomain, local_port, struct evtchn_bind_interdomain, local_port);

SIZE(struct arg_evtchn_bind_virq, struct evtchn_bind_virq);
FIELD(struct arg_evtchn_bind_virq, virq, struct evtchn_bind_virq, virq);
FIELD(struct arg_evtchn_bind_virq, vcpu, struct evtchn_bind_virq, vcpu);
FIELD(struct arg_evtchn_bind_virq, port, struct evtchn_bind_virq, port);

SIZE(struct arg_evtchn_bind_ipi, struct evtchn_bind_ipi);
FIELD(struct arg_evtchn_bind_ipi, vcpu, struct evtchn_bind_ipi, vcpu);
FIELD(struct arg_evtchn_bind_ipi, port, struct evtchn_bind_ipi, port);

SIZE(struct arg_evtchn_port, struct evtchn_close);
FIELD(struct arg_evtchn_port, port, struct evtchn_close, port);

SIZE(struct arg_evtchn_port, struct evtchn_send);
FIELD(struct arg_evtchn_port, port, struct evtchn_send, port);

SIZE(struct arg_evtchn_port, struct evtchn_unmask);
FIELD(struct arg_evtchn_port, port, struct evtchn_unmask, port);

SIZE(struct arg_evtchn_status, struct evtchn_status);
FIELD(struct arg_evtchn_status, dom, struct evtchn_status, dom);
FIELD(struct arg_evtchn_status, port, struct evtchn_status, port);
FIELD(struct arg_evtchn_status, status, struct evtchn_status, status);
FIELD(struct arg_evtchn_status, vcpu, struct evtchn_status, vcpu);
SAME(offsetof(struct arg_evtchn_status, remote), offsetof(struct evtchn_status, u));
FIELD(struct arg_evtchn_status, remote_port, struct evtchn_status, u.interdomain.port);

SIZE(struct arg_evtchn_alloc_unbound, struct evtchn_alloc_unbound);
FIELD(struct arg_evtchn_alloc_unbound, dom, struct evtchn_alloc_unbound, dom);
FIELD(struct arg_evtchn_alloc_unbound, remote_dom, struct evtchn_alloc_unbound, remote_dom);
FIELD(struct arg_evtchn_alloc_unbound, port, struct evtchn_alloc_unbound, port);

SIZE(struct arg_evtchn_bind_vcpu, struct evtchn_bind_vcpu);
FIELD(struct arg_evtchn_bind_vcpu, port, struct evtchn_bind_vcpu, port);
FIELD(struct arg_evtchn_bind_vcpu, vcpu, struct evtchn_bind_vcpu, vcpu);

SIZE(struct arg_evtchn_reset, struct evtchn_reset);
FIELD(struct arg_evtchn_reset, dom, struct evtchn_reset, dom);

SIZE(struct arg_gnttab_map, struct gnttab_map_grant_ref);
FIELD(struct arg_gnttab_map, host_addr, struct gnttab_map_grant_ref, host_addr);
FIELD(struct arg_gnttab_map, flags, struct gnttab_map_grant_ref, flags);
FIELD(struct arg_gnttab_map, ref, struct gnttab_map_grant_ref, ref);
FIELD(struct arg_gnttab_map, dom, struct gnttab_map_grant_ref, dom);
FIELD(struct arg_gnttab_map, status, struct gnttab_map_grant_ref, status);
FIELD(struct arg_gnttab_map, handle, struct gnttab_map_grant_ref, handle);
FIELD(struct arg_gnttab_map, dev_bus_addr, struct gnttab_map_grant_ref, dev_bus_addr);

SIZE(struct arg_gnttab_unmap, struct gnttab_unmap_grant_ref);
FIELD(struct arg_gnttab_unmap, host_addr, struct gnttab_unmap_grant_ref, host_addr);
FIELD(struct arg_gnttab_unmap, dev_bus_addr, struct gnttab_unmap_grant_ref, dev_bus_addr);
FIELD(struct arg_gnttab_unmap, handle, struct gnttab_unmap_grant_ref, handle);
FIELD(struct arg_gnttab_unmap, status, struct gnttab_unmap_grant_ref, status);

SIZE(struct arg_gnttab_setup_table, struct gnttab_setup_table);
FIELD(struct arg_gnttab_setup_table, dom, struct gnttab_setup_table, dom);
FIELD(struct arg_gnttab_setup_table, nr_frames, struct gnttab_setup_table, nr_frames);
FIELD(struct arg_gnttab_setup_table, status, struct gnttab_setup_table, status);
FIELD(struct arg_gnttab_setup_table, frame_list, struct gnttab_setup_table, frame_list);

SIZE(struct arg_gnttab_copy, struct gnttab_copy);
FIELD(struct arg_gnttab_copy, source.frame, struct gnttab_copy, source.u.gmfn);
FIELD(struct arg_gnttab_copy, source.domid, struct gnttab_copy, source.domid);
FIELD(struct arg_gnttab_copy, source.offset, struct gnttab_copy, source.offset);
FIELD(struct arg_gnttab_copy, dest.frame, struct gnttab_copy, dest.u.gmfn);
FIELD(struct arg_gnttab_copy, dest.domid, struct gnttab_copy, dest.domid);
FIELD(struct arg_gnttab_copy, dest.offset, struct gnttab_copy, dest.offset);
FIELD(struct arg_gnttab_copy, len, struct gnttab_copy, len);
FIELD(struct arg_gnttab_copy, flags, struct gnttab_copy, flags);
FIELD(struct arg_gnttab_copy, status, struct gnttab_copy, status);

SIZE(struct arg_gnttab_query_size, struct gnttab_query_size);
FIELD(struct arg_gnttab_query_size, dom, struct gnttab_query_size, dom);
FIELD(struct arg_gnttab_query_size, nr_frames, struct gnttab_query_size, nr_frames);
FIELD(struct arg_gnttab_query_size, max_nr_frames, struct gnttab_query_size, max_nr_frames);
FIELD(struct arg_gnttab_query_size, status, struct gnttab_query_size, status);

SIZE(struct arg_gnttab_set_version, struct gnttab_set_version);
FIELD(struct arg_gnttab_set_version, version, struct gnttab_set_version, version);

SIZE(struct arg_gnttab_get_version, struct gnttab_get_version);
FIELD(struct arg_gnttab_get_version, dom, struct gnttab_get_version, dom);
FIELD(struct arg_gnttab_get_version, version, struct gnttab_get_version, version);

SIZE(struct arg_memory_reservation, struct xen_memory_reservation);
FIELD(struct arg_memory_reservation, extent_start, struct xen_memory_reservation, extent_start);
FIELD(struct arg_memory_reservation, nr_extents, struct xen_memory_reservation, nr_extents);
FIELD(struct arg_memory_reservation, extent_order, struct xen_memory_reservation, extent_order);
FIELD(struct arg_memory_reservation, mem_flags, struct xen_memory_reservation, mem_flags);
FIELD(struct arg_memory_reservation, domid, struct xen_memory_reservation, domid);

SIZE(struct arg_domid, domid_t);

SIZE(struct arg_add_to_physmap, struct xen_add_to_physmap);
FIELD(struct arg_add_to_physmap, domid, struct xen_add_to_physmap, domid);
FIELD(struct arg_add_to_physmap, size, struct xen_add_to_physmap, size);
FIELD(struct arg_add_to_physmap, space, struct xen_add_to_physmap, space);
FIELD(struct arg_add_to_physmap, idx, struct xen_add_to_physmap, idx);
FIELD(struct arg_add_to_physmap, gpfn, struct xen_add_to_physmap, gpfn);

SIZE(struct arg_add_to_physmap_batch, struct xen_add_to_physmap_batch);
FIELD(struct arg_add_to_physmap_batch, domid, struct xen_add_to_physmap_batch, domid);
FIELD(struct arg_add_to_physmap_batch, space, struct xen_add_to_physmap_batch, space);
FIELD(struct arg_add_to_physmap_batch, size, struct xen_add_to_physmap_batch, size);
FIELD(struct arg_add_to_physmap_batch, foreign_domid, struct xen_add_to_physmap_batch,
      u.foreign_domid);
FIELD(struct arg_add_to_physmap_batch, idxs, struct xen_add_to_physmap_batch, idxs);
FIELD(struct arg_add_to_physmap_batch, gpfns, struct xen_add_to_physmap_batch, gpfns);
FIELD(struct arg_add_to_physmap_batch, errs, struct xen_add_to_physmap_batch, errs);

SIZE(struct arg_remove_from_physmap, struct xen_remove_from_physmap);
FIELD(struct arg_remove_from_physmap, domid, struct xen_remove_from_physmap, domid);
FIELD(struct arg_remove_from_physmap, gpfn, struct xen_remove_from_physmap, gpfn);

SIZE(struct arg_memory_map, struct xen_memory_map);
FIELD(struct arg_memory_map, nr_entries, struct xen_memory_map, nr_entries);
FIELD(struct arg_memory_map, buffer, struct xen_memory_map, buffer);

SIZE(struct arg_foreign_memory_map, struct xen_foreign_memory_map);
FIELD(struct arg_foreign_memory_map, domid, struct xen_foreign_memory_map, domid);
FIELD(struct arg_foreign_memory_map, map, struct xen_foreign_memory_map, map);

SIZE(struct arg_pod_target, struct xen_pod_target);
FIELD(struct arg_pod_target, target_pages, struct xen_pod_target, target_pages);
FIELD(struct arg_pod_target, tot_pages, struct xen_pod_target, tot_pages);
FIELD(struct arg_pod_target, pod_cache_pages, struct xen_pod_target, pod_cache_pages);
FIELD(struct arg_pod_target, pod_entries, struct xen_pod_target, pod_entries);
FIELD(struct arg_pod_target, domid, struct xen_pod_target, domid);
SIZE(struct arg_acquire_resource, struct xen_mem_acquire_resource);
FIELD(struct arg_acquire_resource, domid, struct xen_mem_acquire_resource, domid);
FIELD(struct arg_acquire_resource, type, struct xen_mem_acquire_resource, type);
FIELD(struct arg_acquire_resource, id, struct xen_mem_acquire_resource, id);
FIELD(struct arg_acquire_resource, nr_frames, struct xen_mem_acquire_resource, nr_frames);
FIELD(struct arg_acquire_resource, pad, struct xen_mem_acquire_resource, pad);
FIELD(struct arg_acquire_resource, frame, struct xen_mem_acquire_resource, frame);
FIELD(struct arg_acquire_resource, frame_list, struct xen_mem_acquire_resource, frame_list);

SIZE(struct arg_sched_shutdown, struct sched_shutdown);
FIELD(struct arg_sched_shutdown, reason, struct sched_shutdown, reason);

SIZE(struct arg_sched_poll, struct sched_poll);
FIELD(struct arg_sched_poll, ports, struct sched_poll, ports);
FIELD(struct arg_sched_poll, nr_ports, struct sched_poll, nr_ports);
FIELD(struct arg_sched_poll, timeout, struct sched_poll, timeout);

SIZE(struct arg_sched_watchdog, struct sched_watchdog);
FIELD(struct arg_sched_watchdog, id, struct sched_watchdog, id);
FIELD(struct arg_sched_watchdog, timeout, struct sched_watchdog, timeout);
SIZE(struct arg_sched_remote_shutdown, struct sched_remote_shutdown);
FIELD(struct arg_sched_remote_shutdown, domain_id, struct sched_remote_shutdown, domain_id);
FIELD(struct arg_sched_remote_shutdown, reason, struct sched_remote_shutdown, reason);

SIZE(struct arg_vcpu_register_info, struct vcpu_register_vcpu_info);
FIELD(struct arg_vcpu_register_info, mfn, struct vcpu_register_vcpu_info, mfn);
FIELD(struct arg_vcpu_register_info, offset, struct vcpu_register_vcpu_info, offset);
FIELD(struct arg_vcpu_register_info, rsvd, struct vcpu_register_vcpu_info, rsvd);

SIZE(struct arg_vcpu_address, struct vcpu_register_time_memory_area);
FIELD(struct arg_vcpu_address, address, struct vcpu_register_time_memory_area, addr);

SIZE(struct arg_vcpu_address, struct vcpu_register_runstate_memory_area);
FIELD(struct arg_vcpu_address, address, struct vcpu_register_runstate_memory_area, addr);

SIZE(struct arg_vcpu_set_timer, struct vcpu_set_singleshot_timer);
FIELD(struct arg_vcpu_set_timer, timeout_abs_ns, struct vcpu_set_singleshot_timer, timeout_abs_ns);
FIELD(struct arg_vcpu_set_timer, flags, struct vcpu_set_singleshot_timer, flags);

SIZE(struct arg_vcpu_runstate, struct vcpu_runstate_info);
FIELD(struct arg_vcpu_runstate, state, struct vcpu_runstate_info, state);
FIELD(struct arg_vcpu_runstate, state_entry_time, struct vcpu_runstate_info, state_entry_time);
FIELD(struct arg_vcpu_runstate, time, struct vcpu_runstate_info, time);

SIZE(struct arg_vcpu_address, struct vcpu_get_physid);
FIELD(struct arg_vcpu_address, address, struct vcpu_get_physid, phys_id);

SIZE(struct arg_hvm_param, struct xen_hvm_param);
FIELD(struct arg_hvm_param, domid, struct xen_hvm_param, domid);
FIELD(struct arg_hvm_param, pad, struct xen_hvm_param, pad);
FIELD(struct arg_hvm_param, index, struct xen_hvm_param, index);
FIELD(struct arg_hvm_param, value, struct xen_hvm_param, value);

SIZE(struct arg_version_text16, xen_extraversion_t);

SIZE(struct arg_version_compile, struct xen_compile_info);
FIELD(struct arg_version_compile, compiler, struct xen_compile_info, compiler);
FIELD(struct arg_version_compile, compile_by, struct xen_compile_info, compile_by);
FIELD(struct arg_version_compile, compile_domain, struct xen_compile_info, compile_domain);
FIELD(struct arg_version_compile, compile_date, struct xen_compile_info, compile_date);

SIZE(struct arg_version_text64, xen_changeset_info_t);

SIZE(struct arg_version_text1024, xen_capabilities_info_t);

SIZE(struct arg_version_text1024, xen_commandline_t);

SIZE(struct arg_version_platform, struct xen_platform_parameters);
FIELD(struct arg_version_platform, virt_start, struct xen_platform_parameters, virt_start);

SIZE(struct arg_version_features, struct xen_feature_info);
FIELD(struct arg_version_features, submap_idx, struct xen_feature_info, submap_idx);
FIELD(struct arg_version_features, submap, struct xen_feature_info, submap);

SIZE(struct arg_version_handle, xen_domain_handle_t);

SIZE(struct arg_version_build_id, struct xen_build_id);
FIELD(struct arg_version_build_id, len, struct xen_build_id, len);

PART(struct arg_platform_settime64, struct xen_platform_op);
FIELD(struct arg_platform_settime64, cmd, struct xen_platform_op, cmd);
FIELD(struct arg_platform_settime64, interface_version, struct xen_platform_op, interface_version);
FIELD(struct arg_platform_settime64, secs, struct xen_platform_op, u.settime64.secs);
FIELD(struct arg_platform_settime64, nsecs, struct xen_platform_op, u.settime64.nsecs);
FIELD(struct arg_platform_settime64, mbz, struct xen_platform_op, u.settime64.mbz);
FIELD(struct arg_platform_settime64, system_time, struct xen_platform_op, u.settime64.system_time);

PART(struct arg_platform_cpuinfo, struct xen_platform_op);
FIELD(struct arg_platform_cpuinfo, cmd, struct xen_platform_op, cmd);
FIELD(struct arg_platform_cpuinfo, interface_version, struct xen_platform_op, interface_version);
FIELD(struct arg_platform_cpuinfo, xen_cpuid, struct xen_platform_op, u.pcpu_info.xen_cpuid);
FIELD(struct arg_platform_cpuinfo, max_present, struct xen_platform_op, u.pcpu_info.max_present);
FIELD(struct arg_platform_cpuinfo, flags, struct xen_platform_op, u.pcpu_info.flags);
FIELD(struct arg_platform_cpuinfo, apic_id, struct xen_platform_op, u.pcpu_info.apic_id);
FIELD(struct arg_platform_cpuinfo, acpi_id, struct xen_platform_op, u.pcpu_info.acpi_id);

PART(struct arg_flask_header, struct xen_flask_op);
FIELD(struct arg_flask_header, cmd, struct xen_flask_op, cmd);
FIELD(struct arg_flask_header, interface_version, struct xen_flask_op, interface_version);

PART(struct arg_flask_load, struct xen_flask_op);
FIELD(struct arg_flask_load, cmd, struct xen_flask_op, cmd);
FIELD(struct arg_flask_load, interface_version, struct xen_flask_op, interface_version);
FIELD(struct arg_flask_load, buffer, struct xen_flask_op, u.load.buffer);
FIELD(struct arg_flask_load, size, struct xen_flask_op, u.load.size);

PART(struct arg_flask_word, struct xen_flask_op);
FIELD(struct arg_flask_word, cmd, struct xen_flask_op, cmd);
FIELD(struct arg_flask_word, interface_version, struct xen_flask_op, interface_version);
FIELD(struct arg_flask_word, value, struct xen_flask_op, u.enforce.enforcing);

PART(struct arg_flask_sid_context, struct xen_flask_op);
FIELD(struct arg_flask_sid_context, cmd, struct xen_flask_op, cmd);
FIELD(struct arg_flask_sid_context, interface_version, struct xen_flask_op, interface_version);
FIELD(struct arg_flask_sid_context, sid, struct xen_flask_op, u.sid_context.sid);
FIELD(struct arg_flask_sid_context, size, struct xen_flask_op, u.sid_context.size);
FIELD(struct arg_flask_sid_context, context, struct xen_flask_op, u.sid_context.context);

PART(struct arg_flask_access, struct xen_flask_op);
FIELD(struct arg_flask_access, cmd, struct xen_flask_op, cmd);
FIELD(struct arg_flask_access, interface_version, struct xen_flask_op, interface_version);
FIELD(struct arg_flask_access, ssid, struct xen_flask_op, u.access.ssid);
FIELD(struct arg_flask_access, tsid, struct xen_flask_op, u.access.tsid);
FIELD(struct arg_flask_access, tclass, struct xen_flask_op, u.access.tclass);
FIELD(struct arg_flask_access, req, struct xen_flask_op, u.access.req);
FIELD(struct arg_flask_access, allowed, struct xen_flask_op, u.access.allowed);
FIELD(struct arg_flask_access, audit_allow, struct xen_flask_op, u.access.audit_allow);
FIELD(struct arg_flask_access, audit_deny, struct xen_flask_op, u.access.audit_deny);
FIELD(struct arg_flask_access, seqno, struct xen_flask_op, u.access.seqno);

PART(struct arg_flask_transition, struct xen_flask_op);
FIELD(struct arg_flask_transition, cmd, struct xen_flask_op, cmd);
FIELD(struct arg_flask_transition, interface_version, struct xen_flask_op, interface_version);
FIELD(struct arg_flask_transition, ssid, struct xen_flask_op, u.transition.ssid);
FIELD(struct arg_flask_transition, tsid, struct xen_flask_op, u.transition.tsid);
FIELD(struct arg_flask_transition, tclass, struct xen_flask_op, u.transition.tclass);
FIELD(struct arg_flask_transition, newsid, struct xen_flask_op, u.transition.newsid);

PART(struct arg_flask_boolean, struct xen_flask_op);
FIELD(struct arg_flask_boolean, cmd, struct xen_flask_op, cmd);
FIELD(struct arg_flask_boolean, interface_version, struct xen_flask_op, interface_version);
FIELD(struct arg_flask_boolean, bool_id, struct xen_flask_op, u.boolean.bool_id);
FIELD(struct arg_flask_boolean, enforcing, struct xen_flask_op, u.boolean.enforcing);
FIELD(struct arg_flask_boolean, pending, struct xen_flask_op, u.boolean.pending);
FIELD(struct arg_flask_boolean, new_value, struct xen_flask_op, u.boolean.new_value);
FIELD(struct arg_flask_boolean, commit, struct xen_flask_op, u.boolean.commit);
FIELD(struct arg_flask_boolean, size, struct xen_flask_op, u.boolean.size);
FIELD(struct arg_flask_boolean, name, struct xen_flask_op, u.boolean.name);

PART(struct arg_flask_peersid, struct xen_flask_op);
FIELD(struct arg_flask_peersid, cmd, struct xen_flask_op, cmd);
FIELD(struct arg_flask_peersid, interface_version, struct xen_flask_op, interface_version);
FIELD(struct arg_flask_peersid, evtchn, struct xen_flask_op, u.peersid.evtchn);
FIELD(struct arg_flask_peersid, sid, struct xen_flask_op, u.peersid.sid);

SIZE(struct arg_bitmap, struct xenctl_bitmap);
FIELD(struct arg_bitmap, bitmap, struct xenctl_bitmap, bitmap);
FIELD(struct arg_bitmap, nr_bits, struct xenctl_bitmap, nr_bits);

PART(struct arg_sysctl_readconsole, struct xen_sysctl);
FIELD(struct arg_sysctl_readconsole, cmd, struct xen_sysctl, cmd);
FIELD(struct arg_sysctl_readconsole, interface_version, struct xen_sysctl, interface_version);
FIELD(struct arg_sysctl_readconsole, clear, struct xen_sysctl, u.readconsole.clear);
FIELD(struct arg_sysctl_readconsole, incremental, struct xen_sysctl, u.readconsole.incremental);
FIELD(struct arg_sysctl_readconsole, index, struct xen_sysctl, u.readconsole.index);
FIELD(struct arg_sysctl_readconsole, buffer, struct xen_sysctl, u.readconsole.buffer);
FIELD(struct arg_sysctl_readconsole, count, struct xen_sysctl, u.readconsole.count);

PART(struct arg_sysctl_physinfo, struct xen_sysctl);
FIELD(struct arg_sysctl_physinfo, cmd, struct xen_sysctl, cmd);
FIELD(struct arg_sysctl_physinfo, interface_version, struct xen_sysctl, interface_version);
FIELD(struct arg_sysctl_physinfo, threads_per_core, struct xen_sysctl, u.physinfo.threads_per_core);
FIELD(struct arg_sysctl_physinfo, cores_per_socket, struct xen_sysctl, u.physinfo.cores_per_socket);
FIELD(struct arg_sysctl_physinfo, nr_cpus, struct xen_sysctl, u.physinfo.nr_cpus);
FIELD(struct arg_sysctl_physinfo, max_cpu_id, struct xen_sysctl, u.physinfo.max_cpu_id);
FIELD(struct arg_sysctl_physinfo, nr_nodes, struct xen_sysctl, u.physinfo.nr_nodes);
FIELD(struct arg_sysctl_physinfo, max_node_id, struct xen_sysctl, u.physinfo.max_node_id);
FIELD(struct arg_sysctl_physinfo, cpu_khz, struct xen_sysctl, u.physinfo.cpu_khz);
FIELD(struct arg_sysctl_physinfo, capabilities, struct xen_sysctl, u.physinfo.capabilities);
FIELD(struct arg_sysctl_physinfo, arch_capabilities, struct xen_sysctl,
      u.physinfo.arch_capabilities);
FIELD(struct arg_sysctl_physinfo, total_pages, struct xen_sysctl, u.physinfo.total_pages);
FIELD(struct arg_sysctl_physinfo, free_pages, struct xen_sysctl, u.physinfo.free_pages);
FIELD(struct arg_sysctl_physinfo, scrub_pages, struct xen_sysctl, u.physinfo.scrub_pages);
FIELD(struct arg_sysctl_physinfo, outstanding_pages, struct xen_sysctl,
      u.physinfo.outstanding_pages);
FIELD(struct arg_sysctl_physinfo, max_mfn, struct xen_sysctl, u.physinfo.max_mfn);
FIELD(struct arg_sysctl_physinfo, hw_cap, struct xen_sysctl, u.physinfo.hw_cap);

PART(struct arg_sysctl_sched_id, struct xen_sysctl);
FIELD(struct arg_sysctl_sched_id, cmd, struct xen_sysctl, cmd);
FIELD(struct arg_sysctl_sched_id, interface_version, struct xen_sysctl, interface_version);
FIELD(struct arg_sysctl_sched_id, sched_id, struct xen_sysctl, u.sched_id.sched_id);

PART(struct arg_sysctl_domaininfolist, struct xen_sysctl);
FIELD(struct arg_sysctl_domaininfolist, cmd, struct xen_sysctl, cmd);
FIELD(struct arg_sysctl_domaininfolist, interface_version, struct xen_sysctl, interface_version);
FIELD(struct arg_sysctl_domaininfolist, first_domain, struct xen_sysctl,
      u.getdomaininfolist.first_domain);
FIELD(struct arg_sysctl_domaininfolist, max_domains, struct xen_sysctl,
      u.getdomaininfolist.max_domains);
FIELD(struct arg_sysctl_domaininfolist, buffer, struct xen_sysctl, u.getdomaininfolist.buffer);
FIELD(struct arg_sysctl_domaininfolist, num_domains, struct xen_sysctl,
      u.getdomaininfolist.num_domains);

PART(struct arg_sysctl_debug_keys, struct xen_sysctl);
FIELD(struct arg_sysctl_debug_keys, cmd, struct xen_sysctl, cmd);
FIELD(struct arg_sysctl_debug_keys, interface_version, struct xen_sysctl, interface_version);
FIELD(struct arg_sysctl_debug_keys, keys, struct xen_sysctl, u.debug_keys.keys);
FIELD(struct arg_sysctl_debug_keys, nr_keys, struct xen_sysctl, u.debug_keys.nr_keys);

PART(struct arg_sysctl_cputopoinfo, struct xen_sysctl);
FIELD(struct arg_sysctl_cputopoinfo, cmd, struct xen_sysctl, cmd);
FIELD(struct arg_sysctl_cputopoinfo, interface_version, struct xen_sysctl, interface_version);
FIELD(struct arg_sysctl_cputopoinfo, num_cpus, struct xen_sysctl, u.cputopoinfo.num_cpus);
FIELD(struct arg_sysctl_cputopoinfo, cputopo, struct xen_sysctl, u.cputopoinfo.cputopo);

SIZE(struct arg_cputopo, struct xen_sysctl_cputopo);
FIELD(struct arg_cputopo, core, struct xen_sysctl_cputopo, core);
FIELD(struct arg_cputopo, socket, struct xen_sysctl_cputopo, socket);
FIELD(struct arg_cputopo, node, struct xen_sysctl_cputopo, node);

PART(struct arg_sysctl_numainfo, struct xen_sysctl);
FIELD(struct arg_sysctl_numainfo, cmd, struct xen_sysctl, cmd);
FIELD(struct arg_sysctl_numainfo, interface_version, struct xen_sysctl, interface_version);
FIELD(struct arg_sysctl_numainfo, num_nodes, struct xen_sysctl, u.numainfo.num_nodes);
FIELD(struct arg_sysctl_numainfo, meminfo, struct xen_sysctl, u.numainfo.meminfo);
FIELD(struct arg_sysctl_numainfo, distance, struct xen_sysctl, u.numainfo.distance);

SIZE(struct arg_meminfo, struct xen_sysctl_meminfo);
FIELD(struct arg_meminfo, memsize, struct xen_sysctl_meminfo, memsize);
FIELD(struct arg_meminfo, memfree, struct xen_sysctl_meminfo, memfree);

PART(struct arg_sysctl_cpupool, struct xen_sysctl);
FIELD(struct arg_sysctl_cpupool, cmd, struct xen_sysctl, cmd);
FIELD(struct arg_sysctl_cpupool, interface_version, struct xen_sysctl, interface_version);
FIELD(struct arg_sysctl_cpupool, op, struct xen_sysctl, u.cpupool_op.op);
FIELD(struct arg_sysctl_cpupool, cpupool_id, struct xen_sysctl, u.cpupool_op.cpupool_id);
FIELD(struct arg_sysctl_cpupool, sched_id, struct xen_sysctl, u.cpupool_op.sched_id);
FIELD(struct arg_sysctl_cpupool, domid, struct xen_sysctl, u.cpupool_op.domid);
FIELD(struct arg_sysctl_cpupool, cpu, struct xen_sysctl, u.cpupool_op.cpu);
FIELD(struct arg_sysctl_cpupool, n_dom, struct xen_sysctl, u.cpupool_op.n_dom);
FIELD(struct arg_sysctl_cpupool, cpumap, struct xen_sysctl, u.cpupool_op.cpumap);

PART(struct arg_sysctl_featureset, struct xen_sysctl);
FIELD(struct arg_sysctl_featureset, cmd, struct xen_sysctl, cmd);
FIELD(struct arg_sysctl_featureset, interface_version, struct xen_sysctl, interface_version);
FIELD(struct arg_sysctl_featureset, index, struct xen_sysctl, u.cpu_featureset.index);
FIELD(struct arg_sysctl_featureset, nr_features, struct xen_sysctl, u.cpu_featureset.nr_features);
FIELD(struct arg_sysctl_featureset, features, struct xen_sysctl, u.cpu_featureset.features);

PART(struct arg_sysctl_scheduler, struct xen_sysctl);
FIELD(struct arg_sysctl_scheduler, xen_cmd, struct xen_sysctl, cmd);
FIELD(struct arg_sysctl_scheduler, cpupool_id, struct xen_sysctl, u.scheduler_op.cpupool_id);
FIELD(struct arg_sysctl_scheduler, sched_id, struct xen_sysctl, u.scheduler_op.sched_id);
FIELD(struct arg_sysctl_scheduler, cmd, struct xen_sysctl, u.scheduler_op.cmd);
FIELD(struct arg_sysctl_scheduler, ratelimit_us, struct xen_sysctl,
      u.scheduler_op.u.sched_credit2.ratelimit_us);

PART(struct arg_sysctl_cpu_policy, struct xen_sysctl);
FIELD(struct arg_sysctl_cpu_policy, cmd, struct xen_sysctl, cmd);
FIELD(struct arg_sysctl_cpu_policy, index, struct xen_sysctl, u.cpu_policy.index);
FIELD(struct arg_sysctl_cpu_policy, nr_leaves, struct xen_sysctl, u.cpu_policy.nr_leaves);
FIELD(struct arg_sysctl_cpu_policy, nr_msrs, struct xen_sysctl, u.cpu_policy.nr_msrs);
FIELD(struct arg_sysctl_cpu_policy, rsvd, struct xen_sysctl, u.cpu_policy._rsvd);
FIELD(struct arg_sysctl_cpu_policy, leaves, struct xen_sysctl, u.cpu_policy.leaves);
FIELD(struct arg_sysctl_cpu_policy, msrs, struct xen_sysctl, u.cpu_policy.msrs);
SIZE(struct arg_cpuid_leaf, struct xen_cpuid_leaf);
FIELD(struct arg_cpuid_leaf, leaf, struct xen_cpuid_leaf, leaf);
FIELD(struct arg_cpuid_leaf, subleaf, struct xen_cpuid_leaf, subleaf);
FIELD(struct arg_cpuid_leaf, a, struct xen_cpuid_leaf, a);
FIELD(struct arg_cpuid_leaf, d, struct xen_cpuid_leaf, d);

PART(struct arg_domctl_header, struct xen_domctl);
FIELD(struct arg_domctl_header, cmd, struct xen_domctl, cmd);
FIELD(struct arg_domctl_header, interface_version, struct xen_domctl, interface_version);
FIELD(struct arg_domctl_header, domain, struct xen_domctl, domain);

PART(struct arg_domctl_createdomain, struct xen_domctl);
FIELD(struct arg_domctl_createdomain, h.cmd, struct xen_domctl, cmd);
FIELD(struct arg_domctl_createdomain, h.interface_version, struct xen_domctl, interface_version);
FIELD(struct arg_domctl_createdomain, h.domain, struct xen_domctl, domain);
FIELD(struct arg_domctl_createdomain, ssidref, struct xen_domctl, u.createdomain.ssidref);
FIELD(struct arg_domctl_createdomain, handle, struct xen_domctl, u.createdomain.handle);
FIELD(struct arg_domctl_createdomain, flags, struct xen_domctl, u.createdomain.flags);
FIELD(struct arg_domctl_createdomain, iommu_opts, struct xen_domctl, u.createdomain.iommu_opts);
FIELD(struct arg_domctl_createdomain, max_vcpus, struct xen_domctl, u.createdomain.max_vcpus);
FIELD(struct arg_domctl_createdomain, max_evtchn_port, struct xen_domctl,
      u.createdomain.max_evtchn_port);
FIELD(struct arg_domctl_createdomain, max_grant_frames, struct xen_domctl,
      u.createdomain.max_grant_frames);
FIELD(struct arg_domctl_createdomain, max_maptrack_frames, struct xen_domctl,
      u.createdomain.max_maptrack_frames);
FIELD(struct arg_domctl_createdomain, grant_opts, struct xen_domctl, u.createdomain.grant_opts);
FIELD(struct arg_domctl_createdomain, vmtrace_size, struct xen_domctl, u.createdomain.vmtrace_size);
FIELD(struct arg_domctl_createdomain, cpupool_id, struct xen_domctl, u.createdomain.cpupool_id);
FIELD(struct arg_domctl_createdomain, arch.emulation_flags, struct xen_domctl,
      u.createdomain.arch.emulation_flags);
FIELD(struct arg_domctl_createdomain, arch.misc_flags, struct xen_domctl,
      u.createdomain.arch.misc_flags);

SIZE(struct arg_domain_info, struct xen_domctl_getdomaininfo);
FIELD(struct arg_domain_info, domain, struct xen_domctl_getdomaininfo, domain);
FIELD(struct arg_domain_info, flags, struct xen_domctl_getdomaininfo, flags);
FIELD(struct arg_domain_info, tot_pages, struct xen_domctl_getdomaininfo, tot_pages);
FIELD(struct arg_domain_info, max_pages, struct xen_domctl_getdomaininfo, max_pages);
FIELD(struct arg_domain_info, outstanding_pages, struct xen_domctl_getdomaininfo,
      outstanding_pages);
FIELD(struct arg_domain_info, shr_pages, struct xen_domctl_getdomaininfo, shr_pages);
FIELD(struct arg_domain_info, paged_pages, struct xen_domctl_getdomaininfo, paged_pages);
FIELD(struct arg_domain_info, shared_info_frame, struct xen_domctl_getdomaininfo,
      shared_info_frame);
FIELD(struct arg_domain_info, cpu_time, struct xen_domctl_getdomaininfo, cpu_time);
FIELD(struct arg_domain_info, nr_online_vcpus, struct xen_domctl_getdomaininfo, nr_online_vcpus);
FIELD(struct arg_domain_info, max_vcpu_id, struct xen_domctl_getdomaininfo, max_vcpu_id);
FIELD(struct arg_domain_info, ssidref, struct xen_domctl_getdomaininfo, ssidref);
FIELD(struct arg_domain_info, handle, struct xen_domctl_getdomaininfo, handle);
FIELD(struct arg_domain_info, cpupool, struct xen_domctl_getdomaininfo, cpupool);
FIELD(struct arg_domain_info, gpaddr_bits, struct xen_domctl_getdomaininfo, gpaddr_bits);
FIELD(struct arg_domain_info, arch_config, struct xen_domctl_getdomaininfo, arch_config);

PART(struct arg_domctl_getdomaininfo, struct xen_domctl);
FIELD(struct arg_domctl_getdomaininfo, h.cmd, struct xen_domctl, cmd);
FIELD(struct arg_domctl_getdomaininfo, h.interface_version, struct xen_domctl, interface_version);
FIELD(struct arg_domctl_getdomaininfo, h.domain, struct xen_domctl, domain);
FIELD(struct arg_domctl_getdomaininfo, info, struct xen_domctl, u.getdomaininfo);

PART(struct arg_domctl_max_mem, struct xen_domctl);
FIELD(struct arg_domctl_max_mem, h.cmd, struct xen_domctl, cmd);
FIELD(struct arg_domctl_max_mem, h.interface_version, struct xen_domctl, interface_version);
FIELD(struct arg_domctl_max_mem, h.domain, struct xen_domctl, domain);
FIELD(struct arg_domctl_max_mem, max_memkb, struct xen_domctl, u.max_mem.max_memkb);

PART(struct arg_domctl_word, struct xen_domctl);
FIELD(struct arg_domctl_word, h.cmd, struct xen_domctl, cmd);
FIELD(struct arg_domctl_word, h.interface_version, struct xen_domctl, interface_version);
FIELD(struct arg_domctl_word, h.domain, struct xen_domctl, domain);
FIELD(struct arg_domctl_word, value, struct xen_domctl, u.max_vcpus.max);

PART(struct arg_domctl_getvcpuinfo, struct xen_domctl);
FIELD(struct arg_domctl_getvcpuinfo, h.cmd, struct xen_domctl, cmd);
FIELD(struct arg_domctl_getvcpuinfo, h.interface_version, struct xen_domctl, interface_version);
FIELD(struct arg_domctl_getvcpuinfo, h.domain, struct xen_domctl, domain);
FIELD(struct arg_domctl_getvcpuinfo, vcpu, struct xen_domctl, u.getvcpuinfo.vcpu);
FIELD(struct arg_domctl_getvcpuinfo, online, struct xen_domctl, u.getvcpuinfo.online);
FIELD(struct arg_domctl_getvcpuinfo, blocked, struct xen_domctl, u.getvcpuinfo.blocked);
FIELD(struct arg_domctl_getvcpuinfo, running, struct xen_domctl, u.getvcpuinfo.running);
FIELD(struct arg_domctl_getvcpuinfo, cpu_time, struct xen_domctl, u.getvcpuinfo.cpu_time);
FIELD(struct arg_domctl_getvcpuinfo, cpu, struct xen_domctl, u.getvcpuinfo.cpu);

PART(struct arg_domctl_vcpuaffinity, struct xen_domctl);
FIELD(struct arg_domctl_vcpuaffinity, h.cmd, struct xen_domctl, cmd);
FIELD(struct arg_domctl_vcpuaffinity, h.interface_version, struct xen_domctl, interface_version);
FIELD(struct arg_domctl_vcpuaffinity, h.domain, struct xen_domctl, domain);
FIELD(struct arg_domctl_vcpuaffinity, vcpu, struct xen_domctl, u.vcpuaffinity.vcpu);
FIELD(struct arg_domctl_vcpuaffinity, flags, struct xen_domctl, u.vcpuaffinity.flags);
FIELD(struct arg_domctl_vcpuaffinity, cpumap_hard, struct xen_domctl, u.vcpuaffinity.cpumap_hard);
FIELD(struct arg_domctl_vcpuaffinity, cpumap_soft, struct xen_domctl, u.vcpuaffinity.cpumap_soft);

PART(struct arg_domctl_scheduler, struct xen_domctl);
FIELD(struct arg_domctl_scheduler, h.cmd, struct xen_domctl, cmd);
FIELD(struct arg_domctl_scheduler, h.interface_version, struct xen_domctl, interface_version);
FIELD(struct arg_domctl_scheduler, h.domain, struct xen_domctl, domain);
FIELD(struct arg_domctl_scheduler, sched_id, struct xen_domctl, u.scheduler_op.sched_id);
FIELD(struct arg_domctl_scheduler, cmd, struct xen_domctl, u.scheduler_op.cmd);
FIELD(struct arg_domctl_scheduler, weight, struct xen_domctl, u.scheduler_op.u.credit2.weight);
FIELD(struct arg_domctl_scheduler, cap, struct xen_domctl, u.scheduler_op.u.credit2.cap);

PART(struct arg_domctl_mempool, struct xen_domctl);
FIELD(struct arg_domctl_mempool, h.cmd, struct xen_domctl, cmd);
FIELD(struct arg_domctl_mempool, h.interface_version, struct xen_domctl, interface_version);
FIELD(struct arg_domctl_mempool, h.domain, struct xen_domctl, domain);
FIELD(struct arg_domctl_mempool, size, struct xen_domctl, u.paging_mempool.size);

PART(struct arg_domctl_hvmcontext, struct xen_domctl);
FIELD(struct arg_domctl_hvmcontext, h.cmd, struct xen_domctl, cmd);
FIELD(struct arg_domctl_hvmcontext, h.interface_version, struct xen_domctl, interface_version);
FIELD(struct arg_domctl_hvmcontext, h.domain, struct xen_domctl, domain);
FIELD(struct arg_domctl_hvmcontext, size, struct xen_domctl, u.hvmcontext.size);
FIELD(struct arg_domctl_hvmcontext, buffer, struct xen_domctl, u.hvmcontext.buffer);

PART(struct arg_domctl_tsc_info, struct xen_domctl);
FIELD(struct arg_domctl_tsc_info, h.cmd, struct xen_domctl, cmd);
FIELD(struct arg_domctl_tsc_info, h.interface_version, struct xen_domctl, interface_version);
FIELD(struct arg_domctl_tsc_info, h.domain, struct xen_domctl, domain);
FIELD(struct arg_domctl_tsc_info, tsc_mode, struct xen_domctl, u.tsc_info.tsc_mode);
FIELD(struct arg_domctl_tsc_info, gtsc_khz, struct xen_domctl, u.tsc_info.gtsc_khz);
FIELD(struct arg_domctl_tsc_info, incarnation, struct xen_domctl, u.tsc_info.incarnation);
FIELD(struct arg_domctl_tsc_info, elapsed_nsec, struct xen_domctl, u.tsc_info.elapsed_nsec);

PART(struct arg_domctl_sendtrigger, struct xen_domctl);
FIELD(struct arg_domctl_sendtrigger, h.cmd, struct xen_domctl, cmd);
FIELD(struct arg_domctl_sendtrigger, h.domain, struct xen_domctl, domain);
FIELD(struct arg_domctl_sendtrigger, trigger, struct xen_domctl, u.sendtrigger.trigger);
FIELD(struct arg_domctl_sendtrigger, vcpu, struct xen_domctl, u.sendtrigger.vcpu);

PART(struct arg_domctl_nodeaffinity, struct xen_domctl);
FIELD(struct arg_domctl_nodeaffinity, h.cmd, struct xen_domctl, cmd);
FIELD(struct arg_domctl_nodeaffinity, h.domain, struct xen_domctl, domain);
FIELD(struct arg_domctl_nodeaffinity, nodemap, struct xen_domctl, u.nodeaffinity.nodemap);

PART(struct arg_domctl_cpu_policy, struct xen_domctl);
FIELD(struct arg_domctl_cpu_policy, h.cmd, struct xen_domctl, cmd);
FIELD(struct arg_domctl_cpu_policy, h.domain, struct xen_domctl, domain);
FIELD(struct arg_domctl_cpu_policy, nr_leaves, struct xen_domctl, u.cpu_policy.nr_leaves);
FIELD(struct arg_domctl_cpu_policy, nr_msrs, struct xen_domctl, u.cpu_policy.nr_msrs);
FIELD(struct arg_domctl_cpu_policy, leaves, struct xen_domctl, u.cpu_policy.leaves);
FIELD(struct arg_domctl_cpu_policy, msrs, struct xen_domctl, u.cpu_policy.msrs);

PART(struct arg_domctl_handle, struct xen_domctl);
FIELD(struct arg_domctl_handle, h.cmd, struct xen_domctl, cmd);
FIELD(struct arg_domctl_handle, h.interface_version, struct xen_domctl, interface_version);
FIELD(struct arg_domctl_handle, h.domain, struct xen_domctl, domain);
FIELD(struct arg_domctl_handle, handle, struct xen_domctl, u.setdomainhandle.handle);

SIZE(struct arg_multicall_entry, struct multicall_entry);
FIELD(struct arg_multicall_entry, op, struct multicall_entry, op);
FIELD(struct arg_multicall_entry, result, struct multicall_entry, result);
FIELD(struct arg_multicall_entry, args, struct multicall_entry, args);

SIZE(struct guest_time_info, struct vcpu_time_info);
FIELD(struct guest_time_info, version, struct vcpu_time_info, version);
FIELD(struct guest_time_info, tsc_timestamp, struct vcpu_time_info, tsc_timestamp);
FIELD(struct guest_time_info, system_time, struct vcpu_time_info, system_time);
FIELD(struct guest_time_info, tsc_to_system_mul, struct vcpu_time_info, tsc_to_system_mul);
FIELD(struct guest_time_info, tsc_shift, struct vcpu_time_info, tsc_shift);
FIELD(struct guest_time_info, flags, struct vcpu_time_info, flags);
SIZE(struct guest_vcpu_info, struct vcpu_info);
FIELD(struct guest_vcpu_info, evtchn_upcall_pending, struct vcpu_info, evtchn_upcall_pending);
FIELD(struct guest_vcpu_info, evtchn_upcall_mask, struct vcpu_info, evtchn_upcall_mask);
FIELD(struct guest_vcpu_info, evtchn_pending_sel, struct vcpu_info, evtchn_pending_sel);
FIELD(struct guest_vcpu_info, time, struct vcpu_info, time);
SIZE(struct guest_shared_info, struct shared_info);
FIELD(struct guest_shared_info, vcpu_info, struct shared_info, vcpu_info);
FIELD(struct guest_shared_info, evtchn_pending, struct shared_info, evtchn_pending);
FIELD(struct guest_shared_info, evtchn_mask, struct shared_info, evtchn_mask);
FIELD(struct guest_shared_info, wc_version, struct shared_info, wc_version);
FIELD(struct guest_shared_info, wc_sec, struct shared_info, wc_sec);
FIELD(struct guest_shared_info, wc_nsec, struct shared_info, wc_nsec);
FIELD(struct guest_shared_info, wc_sec_hi, struct shared_info, wc_sec_hi);
SIZE(struct guest_grant_entry, struct grant_entry_v1);
FIELD(struct guest_grant_entry, frame, struct grant_entry_v1, frame);

/* What hv/core/call_domctl.c reads of a context record. */
SAME(offsetof(struct hvm_hw_cpu, rbx), 520);
SAME(offsetof(struct hvm_hw_cpu, rip), 640);
SAME(offsetof(struct hvm_hw_cpu, cr0), 656);
SAME(HVM_SAVE_CODE(HEADER), 1);
SAME(HVM_SAVE_LENGTH(HEADER), 24);
SAME(HVM_SAVE_CODE(CPU), 2);
SAME(HVM_SAVE_CODE(MTRR), 14);
SAME(HVM_SAVE_LENGTH(MTRR), 240);
SAME(HVM_FILE_MAGIC, 0x54381286u);
SAME(HVM_FILE_VERSION, 1);
SAME(HVM_SAVE_CODE(END), 0);

SAME(SCHEDOP_GETINFO, XEN_SYSCTL_SCHEDOP_getinfo);
SAME(SENDTRIGGER_NMI, XEN_DOMCTL_SENDTRIGGER_NMI);
SAME(CPUID_NO_SUBLEAF, XEN_CPUID_NO_SUBLEAF);

/* Numbers of the calls. */
SAME(HC_MEMORY, __HYPERVISOR_memory_op);
SAME(HC_MULTICALL, __HYPERVISOR_multicall);
SAME(HC_SET_TIMER, __HYPERVISOR_set_timer_op);
SAME(HC_VERSION, __HYPERVISOR_xen_version);
SAME(HC_CONSOLE, __HYPERVISOR_console_io);
SAME(HC_GRANT, __HYPERVISOR_grant_table_op);
SAME(HC_VCPU, __HYPERVISOR_vcpu_op);
SAME(HC_XSM, __HYPERVISOR_xsm_op);
SAME(HC_SCHED, __HYPERVISOR_sched_op);
SAME(HC_EVENT, __HYPERVISOR_event_channel_op);
SAME(HC_HVM, __HYPERVISOR_hvm_op);
SAME(HC_SYSCTL, __HYPERVISOR_sysctl);
SAME(HC_DOMCTL, __HYPERVISOR_domctl);
SAME(HC_PLATFORM, __HYPERVISOR_platform_op);

/* Sub-operations: ours by the name of the row. */
enum {
#define CALL(name, number, sub, place, arguments, direction, object, permission, residue)          \
    SUB_##name = sub,
    CALLS(CALL, CALL)
#undef CALL
};
SAME(SUB_evtchn_bind_interdomain, EVTCHNOP_bind_interdomain);
SAME(SUB_evtchn_bind_virq, EVTCHNOP_bind_virq);
SAME(SUB_evtchn_close, EVTCHNOP_close);
SAME(SUB_evtchn_send, EVTCHNOP_send);
SAME(SUB_evtchn_status, EVTCHNOP_status);
SAME(SUB_evtchn_alloc_unbound, EVTCHNOP_alloc_unbound);
SAME(SUB_evtchn_bind_ipi, EVTCHNOP_bind_ipi);
SAME(SUB_evtchn_bind_vcpu, EVTCHNOP_bind_vcpu);
SAME(SUB_evtchn_unmask, EVTCHNOP_unmask);
SAME(SUB_evtchn_reset, EVTCHNOP_reset);
SAME(SUB_gnttab_map, GNTTABOP_map_grant_ref);
SAME(SUB_gnttab_unmap, GNTTABOP_unmap_grant_ref);
SAME(SUB_gnttab_setup_table, GNTTABOP_setup_table);
SAME(SUB_gnttab_copy, GNTTABOP_copy);
SAME(SUB_gnttab_query_size, GNTTABOP_query_size);
SAME(SUB_gnttab_set_version, GNTTABOP_set_version);
SAME(SUB_gnttab_get_version, GNTTABOP_get_version);
SAME(SUB_memory_increase, XENMEM_increase_reservation);
SAME(SUB_memory_decrease, XENMEM_decrease_reservation);
SAME(SUB_memory_maximum_ram_page, XENMEM_maximum_ram_page);
SAME(SUB_memory_current, XENMEM_current_reservation);
SAME(SUB_memory_maximum, XENMEM_maximum_reservation);
SAME(SUB_memory_populate, XENMEM_populate_physmap);
SAME(SUB_memory_add_to_physmap, XENMEM_add_to_physmap);
SAME(SUB_memory_memory_map, XENMEM_memory_map);
SAME(SUB_memory_set_memory_map, XENMEM_set_memory_map);
SAME(SUB_memory_maximum_gpfn, XENMEM_maximum_gpfn);
SAME(SUB_memory_remove_from_physmap, XENMEM_remove_from_physmap);
SAME(SUB_memory_set_pod_target, XENMEM_set_pod_target);
SAME(SUB_memory_sharing_freed, XENMEM_get_sharing_freed_pages);
SAME(SUB_memory_sharing_shared, XENMEM_get_sharing_shared_pages);
SAME(SUB_memory_physmap_batch, XENMEM_add_to_physmap_batch);
SAME(SUB_memory_claim, XENMEM_claim_pages);
SAME(SUB_memory_acquire_resource, XENMEM_acquire_resource);
SAME(SUB_sched_yield, SCHEDOP_yield);
SAME(SUB_sched_block, SCHEDOP_block);
SAME(SUB_sched_shutdown, SCHEDOP_shutdown);
SAME(SUB_sched_poll, SCHEDOP_poll);
SAME(SUB_sched_remote_shutdown, SCHEDOP_remote_shutdown);
SAME(SUB_sched_shutdown_code, SCHEDOP_shutdown_code);
SAME(SUB_sched_watchdog, SCHEDOP_watchdog);
SAME(SUB_vcpu_up, VCPUOP_up);
SAME(SUB_vcpu_down, VCPUOP_down);
SAME(SUB_vcpu_is_up, VCPUOP_is_up);
SAME(SUB_vcpu_runstate, VCPUOP_get_runstate_info);
SAME(SUB_vcpu_register_runstate, VCPUOP_register_runstate_memory_area);
SAME(SUB_vcpu_stop_periodic, VCPUOP_stop_periodic_timer);
SAME(SUB_vcpu_set_singleshot, VCPUOP_set_singleshot_timer);
SAME(SUB_vcpu_stop_singleshot, VCPUOP_stop_singleshot_timer);
SAME(SUB_vcpu_register_info, VCPUOP_register_vcpu_info);
SAME(SUB_vcpu_physid, VCPUOP_get_physid);
SAME(SUB_vcpu_register_time, VCPUOP_register_vcpu_time_memory_area);
SAME(SUB_hvm_set_param, HVMOP_set_param);
SAME(SUB_hvm_get_param, HVMOP_get_param);
SAME(SUB_version_version, XENVER_version);
SAME(SUB_version_extra, XENVER_extraversion);
SAME(SUB_version_compile_info, XENVER_compile_info);
SAME(SUB_version_capabilities, XENVER_capabilities);
SAME(SUB_version_changeset, XENVER_changeset);
SAME(SUB_version_platform, XENVER_platform_parameters);
SAME(SUB_version_features, XENVER_get_features);
SAME(SUB_version_pagesize, XENVER_pagesize);
SAME(SUB_version_guest_handle, XENVER_guest_handle);
SAME(SUB_version_commandline, XENVER_commandline);
SAME(SUB_version_build_id, XENVER_build_id);
SAME(SUB_console_write, CONSOLEIO_write);
SAME(SUB_console_read, CONSOLEIO_read);
SAME(SUB_platform_get_cpuinfo, XENPF_get_cpuinfo);
SAME(SUB_platform_settime64, XENPF_settime64);
SAME(SUB_flask_load, FLASK_LOAD);
SAME(SUB_flask_getenforce, FLASK_GETENFORCE);
SAME(SUB_flask_setenforce, FLASK_SETENFORCE);
SAME(SUB_flask_context_to_sid, FLASK_CONTEXT_TO_SID);
SAME(SUB_flask_sid_to_context, FLASK_SID_TO_CONTEXT);
SAME(SUB_flask_access, FLASK_ACCESS);
SAME(SUB_flask_create, FLASK_CREATE);
SAME(SUB_flask_policyvers, FLASK_POLICYVERS);
SAME(SUB_flask_getbool, FLASK_GETBOOL);
SAME(SUB_flask_setbool, FLASK_SETBOOL);
SAME(SUB_flask_commitbools, FLASK_COMMITBOOLS);
SAME(SUB_flask_mls, FLASK_MLS);
SAME(SUB_flask_get_peer_sid, FLASK_GET_PEER_SID);
SAME(SUB_sysctl_readconsole, XEN_SYSCTL_readconsole);
SAME(SUB_sysctl_physinfo, XEN_SYSCTL_physinfo);
SAME(SUB_sysctl_sched_id, XEN_SYSCTL_sched_id);
SAME(SUB_sysctl_domaininfolist, XEN_SYSCTL_getdomaininfolist);
SAME(SUB_sysctl_debug_keys, XEN_SYSCTL_debug_keys);
SAME(SUB_sysctl_cputopoinfo, XEN_SYSCTL_cputopoinfo);
SAME(SUB_sysctl_numainfo, XEN_SYSCTL_numainfo);
SAME(SUB_sysctl_cpupool, XEN_SYSCTL_cpupool_op);
SAME(SUB_sysctl_featureset, XEN_SYSCTL_get_cpu_featureset);
SAME(SUB_sysctl_scheduler, XEN_SYSCTL_scheduler_op);
SAME(SUB_sysctl_cpu_policy, XEN_SYSCTL_get_cpu_policy);
SAME(SUB_domctl_create, XEN_DOMCTL_createdomain);
SAME(SUB_domctl_destroy, XEN_DOMCTL_destroydomain);
SAME(SUB_domctl_pause, XEN_DOMCTL_pausedomain);
SAME(SUB_domctl_unpause, XEN_DOMCTL_unpausedomain);
SAME(SUB_domctl_getdomaininfo, XEN_DOMCTL_getdomaininfo);
SAME(SUB_domctl_setvcpuaffinity, XEN_DOMCTL_setvcpuaffinity);
SAME(SUB_domctl_max_mem, XEN_DOMCTL_max_mem);
SAME(SUB_domctl_getvcpuinfo, XEN_DOMCTL_getvcpuinfo);
SAME(SUB_domctl_max_vcpus, XEN_DOMCTL_max_vcpus);
SAME(SUB_domctl_scheduler, XEN_DOMCTL_scheduler_op);
SAME(SUB_domctl_sethandle, XEN_DOMCTL_setdomainhandle);
SAME(SUB_domctl_getvcpuaffinity, XEN_DOMCTL_getvcpuaffinity);
SAME(SUB_domctl_sendtrigger, XEN_DOMCTL_sendtrigger);
SAME(SUB_domctl_gethvmcontext, XEN_DOMCTL_gethvmcontext);
SAME(SUB_domctl_settscinfo, XEN_DOMCTL_settscinfo);
SAME(SUB_domctl_setnodeaffinity, XEN_DOMCTL_setnodeaffinity);
SAME(SUB_domctl_set_cpu_policy, XEN_DOMCTL_set_cpu_policy);
SAME(SUB_domctl_sethvmcontext, XEN_DOMCTL_sethvmcontext);
SAME(SUB_domctl_get_paging_mempool, XEN_DOMCTL_get_paging_mempool_size);
SAME(SUB_domctl_set_paging_mempool, XEN_DOMCTL_set_paging_mempool_size);

/* Rows that have no sub-operation: their number is none of the ABI's. */
SAME(SUB_set_timer + SUB_multicall + SUB_acpi_sleep + SUB_apic_icr, 0);
SAME(CALL_COUNT, 113 + 4);

static void test_layouts(void **state) {
    (void)state;
    print_message(
        "abi: 91 structures, 380 fields, 51 constants, 112 sub-operations as in Xen's headers\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_layouts)};

    return cmocka_run_group_tests_name("abi", tests, NULL, NULL);
}
