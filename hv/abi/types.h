/* SPDX-License-Identifier: Apache-2.0 */
/* Quantities that cross module borders. Each address space has its own type, so that a guest frame
 * number cannot be passed where a machine frame number is meant. */
#ifndef CORDON_ABI_TYPES_H
#define CORDON_ABI_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Guest frame number: guest-physical address / 4096. */
struct gfn {
    uint64_t number;
};

/* Machine frame number: machine address / 4096. */
struct mfn {
    uint64_t number;
};

typedef uint16_t domain_id; /* 0 .. MAX_DOMAINS - 1, or DOMAIN_NONE */
typedef uint16_t vcpu_id;   /* 0 .. MAX_VCPUS - 1 within its domain */
typedef uint32_t port_id;   /* event channel port, 1 .. MAX_PORTS - 1; 0 is never a port */
typedef uint32_t grant_ref; /* index into the granter's grant table */

#define PAGE_SIZE 4096u

/* Fixed maxima. Storage for what belongs to a domain is backed when the domain is created. */
#define MAX_DOMAINS 512u
#define DOMAIN_ESTATE                                                                              \
    (MAX_DOMAINS - 1u) /* never a VM: owns what is still mapped of first VMs gone */
#define MAX_VCPUS 8u
#define MAX_CPUS 8u
#define MAX_PORTS 4096u /* the 2-level ABI's limit for 64-bit guests */
#define MAX_GRANT_FRAMES 64u
#define GRANTS_PER_FRAME 512u /* 8-byte version 1 entries in a page */
#define MAX_GRANTS (MAX_GRANT_FRAMES * GRANTS_PER_FRAME)
#define MAX_GRANT_MAPPINGS 16384u /* per mapping domain */

#define DOMAIN_NONE 0xffffu
#define MFN_NONE UINT64_MAX

#endif
