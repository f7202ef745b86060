/* SPDX-License-Identifier: Apache-2.0 */
/* Grants of tiny guests: the one frame of their table, and mapping what others grant. */
#include "tests/guest/guest.h"

#include <xen/xen.h>

#include <xen/grant_table.h>
#include <xen/memory.h>

#define ERROR_RESOURCES (-28)

static grant_entry_v1_t *table;

/* Status of a grant operation as an error number; permission_denied is also what the granter's
 * entry gives to the wrong domain. */
static int64_t grant_error(int16_t status) {
    if (status == GNTST_permission_denied) return -1;
    return status == GNTST_okay ? 0 : -1000 + status;
}

int64_t grants_start(void) {
    uint64_t address = guest_free_address();
    struct xen_add_to_physmap place = {
        .domid = DOMID_SELF, .space = XENMAPSPACE_grant_table, .gpfn = address / PAGE_BYTES};
    int64_t result =
        hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, (uint64_t)&place, 0, 0);

    if (result == 0) table = (grant_entry_v1_t *)address;
    return result;
}

int64_t grant_offer(uint16_t domain, void *page, bool writable) {
    static uint32_t next = GNTTAB_NR_RESERVED_ENTRIES;
    uint32_t reference = next;

    if (reference >= PAGE_BYTES / sizeof(*table)) return ERROR_RESOURCES;
    next++;
    table[reference].domid = domain;
    table[reference].frame = (uint32_t)((uint64_t)page / PAGE_BYTES);
    __atomic_store_n(&table[reference].flags,
                     (uint16_t)(GTF_permit_access | (writable ? 0 : GTF_readonly)),
                     __ATOMIC_RELEASE);
    return reference;
}

int64_t grant_map(uint16_t domain, uint32_t reference, uint64_t address, bool writable) {
    struct gnttab_map_grant_ref map = {
        .host_addr = address,
        .flags = GNTMAP_host_map | (writable ? 0u : GNTMAP_readonly),
        .ref = reference,
        .dom = domain,
    };
    int64_t result =
        hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref, (uint64_t)&map, 1, 0);

    if (result == 0) result = grant_error(map.status);
    return result == 0 ? (int64_t)map.handle : result;
}

int64_t grant_unmap(uint32_t handle, uint64_t address) {
    struct gnttab_unmap_grant_ref unmap = {.host_addr = address, .handle = handle};
    int64_t result =
        hypercall(__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, (uint64_t)&unmap, 1, 0);

    return result == 0 ? grant_error(unmap.status) : result;
}
