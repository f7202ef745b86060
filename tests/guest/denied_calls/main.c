/* SPDX-License-Identifier: Apache-2.0 */
/* A tenant whose label has no permission but to give up: every other call of the list is answered
 * by EPERM, in a batch by its element's status, and what is no call by ENOSYS. */
#include "tests/guest/list.h"

#define NOT_PERMITTED (-1)
#define NO_SUCH_CALL (-38)
#define GRANT_PERMISSION_DENIED (-8) /* GNTST_permission_denied */
#define ARGUMENTS 0x280000ull

/* What a policy always grants (give_up() in policy/interfaces.if). */
static bool gives_up(enum call_id id) {
    return id == CALL_evtchn_close || id == CALL_evtchn_reset || id == CALL_gnttab_unmap ||
           id == CALL_memory_increase || id == CALL_memory_decrease || id == CALL_memory_populate ||
           id == CALL_memory_add_to_physmap || id == CALL_memory_remove_from_physmap ||
           id == CALL_sched_shutdown || id == CALL_sched_shutdown_code;
}

/* Zeros name domain 0, or no other. The status of a batch's element is somewhere in it. */
static bool is_refused(const struct list_row *row) {
    uint8_t *arguments = (uint8_t *)ARGUMENTS;
    int64_t result;

    for (uint32_t i = 0; i < row->bytes + 8u; i++) arguments[i] = 0;
    if (list_has_header(row)) list_write_header(row, arguments);
    result = list_call(row, ARGUMENTS, 1);
    if (!row->batch) return result == NOT_PERMITTED;
    for (uint32_t i = 0; i + 2 <= row->bytes; i += 2)
        if (*(int16_t *)&arguments[i] == GRANT_PERMISSION_DENIED) return result == 0;
    return false;
}

void guest_main(void) {
    uint64_t counts[2] = {0, 0};

    for (uint32_t id = 0; id < CALL_COUNT; id++) {
        const struct list_row *row = &list_rows[id];

        if (!list_is_hypercall(row) || gives_up((enum call_id)id)) continue;
        if (!is_refused(row)) {
            guest_say(row->name);
            guest_fail("a call that is not permitted has another answer");
        }
        counts[0]++;
        guest_report()->progress++;
    }
    for (uint32_t number = 0; number < HYPERCALLS; number++) {
        bool known = false;

        for (uint32_t id = 0; id < CALL_COUNT; id++) known |= list_rows[id].number == number;
        if (known) continue;
        if (hypercall(number, 0, 0, 0, 0) != NO_SUCH_CALL)
            guest_fail("an unknown call is no ENOSYS");
        counts[1]++;
    }
    guest_say_numbers("calls refused, unknown calls", counts, 2);
    guest_pass();
}
