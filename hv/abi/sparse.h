/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays that hold a fixed maximum for every domain live in a reserved virtual range. Their pages
 * are backed when a domain is created or grows, by frames charged to it (EFFECT_BACK, before the
 * first write); on the host they are plain zeroed memory. */
#ifndef CORDON_ABI_SPARSE_H
#define CORDON_ABI_SPARSE_H

#define SPARSE __attribute__((section(".bss.sparse"), aligned(4096)))

/* The arrays with a row a domain, for EFFECT_BACK. */
enum sparse_array {
    SPARSE_VCPUS,         /* hv/core/domain.h: struct vcpu vcpus[MAX_DOMAINS][MAX_VCPUS] */
    SPARSE_PORTS,         /* evtchn/: struct port ports[MAX_DOMAINS][MAX_PORTS] */
    SPARSE_ACTIVE_GRANTS, /* grants/: struct active_grant active_grants[MAX_DOMAINS][MAX_GRANTS] */
    SPARSE_MAPPINGS,      /* grants/: struct grant_mapping mappings[..][MAX_GRANT_MAPPINGS] */
    SPARSE_CPU_STATE,     /* hv/x86: machine state of vCPUs */
    SPARSE_POLICY_IMAGES, /* xsm/: uint8_t policy_bytes[..][POLICY_IMAGE_MAX] */
};

#endif
