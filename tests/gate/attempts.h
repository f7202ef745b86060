/* SPDX-License-Identifier: Apache-2.0 */
/* A plausible attempt at each row of the list, with its variants, in the fixed world below. */
#ifndef CORDON_TESTS_GATE_ATTEMPTS_H
#define CORDON_TESTS_GATE_ATTEMPTS_H

#include "tests/gate/world.h"

struct row {
    const char *name;
    uint64_t number;
    uint64_t sub;
    enum permission permission;
    uint32_t size;  /* bytes of its arguments */
    uint8_t place;  /* argument register, or PLACE_NOWHERE */
    bool copies_in; /* arguments are read */
    bool batch;
};
#define PLACE_NOWHERE 9u
extern const struct row rows[CALL_COUNT];

/* Domain 0 and 1 may talk and lend; 2 is a stranger; 3 has no vCPUs yet; 4 was never started. */
void attempts_world(const char *options);

#define VARIANTS 3u
/* Writes the arguments into the caller's page; false if the row has no such variant. `target` is
 * the domain that it names. */
bool attempt_prepare(enum call_id id, uint32_t variant, domain_id caller, uint16_t target,
                     struct hypercall *call);
/* One hold of it. Ports and MSRs give 0. */
int64_t attempt_make(enum call_id id, domain_id caller, struct hypercall *call,
                     enum gate_next *next);

#endif
