/* SPDX-License-Identifier: Apache-2.0 */
/* Every cross-module invariant: symmetric channels, one owner a frame, counts of pages, tables,
 * grants and mappings, references equal to mappings, vCPU states. For the host tests and for the
 * debug image alike; each says how large its machine is and what a broken one comes to. Under the
 * gate's lock, between two calls. */
#ifndef CORDON_TESTS_GATE_INVARIANT_H
#define CORDON_TESTS_GATE_INVARIANT_H

#include <stdbool.h>
#include <stdint.h>

#include "hv/abi/types.h"

#define INVARIANT_FRAMES (1u << 20) /* of the largest machine that is checked: 4 GiB */

/* Looks at everything; returns how many single conditions held. */
uint64_t world_check(void);

/* --- what each of them defines -------------------------------------------------------------- */

/* A machine frame's bytes, within one page. */
void invariant_frame_read(struct mfn mfn, uint32_t offset, void *to, uint32_t bytes);
uint32_t invariant_frames(void); /* of this machine, at most INVARIANT_FRAMES */
/* Guests leave the flags of entries alone that the hypervisor pinned. A hostile one does not. */
bool invariant_grants_are_left_alone(void);
_Noreturn void invariant_broken(const char *what, uint64_t a, uint64_t b);

#endif
