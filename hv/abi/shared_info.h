/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that guest and hypervisor share: Xen's public ABI for 64-bit x86
 * (xen/include/public/xen.h), as types of our own. Guests write all of it at any time: single
 * fields are read and written atomically, and nothing in them is believed. */
#ifndef CORDON_ABI_SHARED_INFO_H
#define CORDON_ABI_SHARED_INFO_H

#include "hv/abi/types.h"

#define TIME_TSC_STABLE (1u << 0)

/* system_time + ((tsc - tsc_timestamp) << tsc_shift, or >> -tsc_shift) * tsc_to_system_mul >> 32 */
struct guest_time_info {
    uint32_t version; /* odd while it changes */
    uint32_t reserved_4;
    uint64_t tsc_timestamp, system_time; /* ticks, ns */
    uint32_t tsc_to_system_mul;
    int8_t tsc_shift;
    uint8_t flags;
    uint8_t reserved_30[2];
};
_Static_assert(sizeof(struct guest_time_info) == 32, "vcpu_time_info");
_Static_assert(offsetof(struct guest_time_info, tsc_timestamp) == 8, "vcpu_time_info");
_Static_assert(offsetof(struct guest_time_info, tsc_to_system_mul) == 24, "vcpu_time_info");
_Static_assert(offsetof(struct guest_time_info, flags) == 29, "vcpu_time_info");

struct guest_vcpu_info {
    uint8_t evtchn_upcall_pending;
    uint8_t evtchn_upcall_mask; /* only SCHEDOP_block clears it; injection does not look */
    uint8_t reserved_2[6];
    uint64_t evtchn_pending_sel; /* bit = word of evtchn_pending */
    uint64_t arch[2];            /* cr2 of PV guests, padding */
    struct guest_time_info time;
};
_Static_assert(sizeof(struct guest_vcpu_info) == 64, "vcpu_info");
_Static_assert(offsetof(struct guest_vcpu_info, evtchn_pending_sel) == 8, "vcpu_info");
_Static_assert(offsetof(struct guest_vcpu_info, time) == 32, "vcpu_info");

#define SHARED_INFO_VCPUS 32u
#define SHARED_INFO_WORDS (MAX_PORTS / 64u)

struct guest_shared_info {
    struct guest_vcpu_info vcpu_info[SHARED_INFO_VCPUS];
    uint64_t evtchn_pending[SHARED_INFO_WORDS], evtchn_mask[SHARED_INFO_WORDS];
    uint32_t wc_version; /* odd while it changes */
    uint32_t wc_sec;     /* wall clock at system time 0, seconds since 1970, low half */
    uint32_t wc_nsec, wc_sec_hi;
    uint64_t arch[6]; /* p2m of PV guests */
};
_Static_assert(offsetof(struct guest_shared_info, evtchn_pending) == 2048, "shared_info");
_Static_assert(offsetof(struct guest_shared_info, evtchn_mask) == 2560, "shared_info");
_Static_assert(offsetof(struct guest_shared_info, wc_version) == 3072, "shared_info");
_Static_assert(offsetof(struct guest_shared_info, wc_sec_hi) == 3084, "shared_info");
_Static_assert(sizeof(struct guest_shared_info) == 3136, "shared_info");
_Static_assert(MAX_VCPUS <= SHARED_INFO_VCPUS, "each vCPU has a vcpu_info by default");

/* Version 1 grant entry: 8 bytes, the first four change in one atomic step. */
#define GTF_TYPE_MASK 3u
#define GTF_PERMIT_ACCESS 1u
#define GTF_READONLY 4u
#define GTF_READING 8u
#define GTF_WRITING 16u
struct guest_grant_entry {
    uint32_t flags_and_domid; /* GTF_*, domid in the upper half */
    uint32_t frame;
};
_Static_assert(sizeof(struct guest_grant_entry) == 8, "grant_entry_v1");

#endif
