/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the list by number, and copies of bulk data for the request under way. */
#include "hv/core/find.h"

#include "hv/core/machine.h"
#include "hv/core/request.h"

/* clang-format off */
const uint64_t sub_mask[HYPERCALLS] = {
    [HC_MEMORY] = MEMORY_OP_MASK, [HC_VERSION] = UINT64_MAX, [HC_CONSOLE] = UINT64_MAX,
    [HC_GRANT] = UINT64_MAX, [HC_VCPU] = UINT64_MAX, [HC_SCHED] = UINT64_MAX,
    [HC_EVENT] = UINT64_MAX, [HC_HVM] = UINT64_MAX,
};

const uint8_t row_of[MSR_WRITE + 1][SUBS] = {
#define CALL(name, number, sub, place, arguments, direction, object, permission, residue) \
    [number][sub] = CALL_##name + 1,
    CALLS(CALL, CALL)
#undef CALL
};
/* clang-format on */

#define CALL(name, number, sub, place, arguments, direction, object, permission, residue)          \
    _Static_assert((sub) != 0 || !CALL_IN_HEADER(number), "0 stands for what the header says");
CALLS(CALL, CALL)
#undef CALL

bool request_read(const struct request *r, uint64_t address, void *to, uint32_t bytes) {
    return machine_guest_read(r->caller, r->vcpu, address, to, bytes);
}

bool request_write(const struct request *r, uint64_t address, const void *from, uint32_t bytes) {
    struct guest_place place;

    if (!machine_guest_place(r->caller, r->vcpu, address, bytes, &place)) return false;
    machine_place_write(&place, from, bytes);
    return true;
}

enum reason request_write_bits(const struct request *r, const struct arg_bitmap *map,
                               uint64_t bits) {
    uint32_t bytes = map->nr_bits / 8 + (map->nr_bits % 8 != 0 ? 1 : 0);

    if (bytes > sizeof(bits)) bytes = sizeof(bits);
    if (bytes != 0 && !request_write(r, map->bitmap, &bits, bytes)) return REASON_FAULT;
    return REASON_OK;
}
