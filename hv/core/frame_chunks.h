/* SPDX-License-Identifier: Apache-2.0 */
/* Where the frame table looks for CLEAN frames, alone or as aligned blocks. These only propose: the
 * table looks at the frames themselves before it gives any away. The contracts are believed: what
 * is changed is none of the table's. */
#ifndef CORDON_CORE_FRAME_CHUNKS_H
#define CORDON_CORE_FRAME_CHUNKS_H

#include "hv/core/frame.h"

#define FRAME_NONE UINT32_MAX /* not a frame: the last number is not used */

/* Frames 0 .. frames - 1, none of them free. */
/*@ terminates \true;
    assigns \nothing; */
void chunks_start(struct frame_chunk *table, uint32_t frames);

/* First frame of a block of that order which should be CLEAN, or FRAME_NONE. */
/*@ terminates \true;
    assigns \nothing; */
uint32_t chunks_propose(unsigned order);
/* A block of ORDER_2M is free, if not CLEAN yet. */
/*@ terminates \true;
    assigns \nothing; */
bool chunks_expect_whole(void);

/* A frame is on its way back from its owner, or is given by boot. */
/*@ terminates \true;
    assigns \nothing; */
void chunks_add_free(uint32_t number);
/* A free frame is CLEAN: `below` is the one that was proposed before it, a link for the table. */
/*@ terminates \true;
    assigns \nothing; */
uint32_t chunks_add_clean(uint32_t number);
/* The block that was proposed is taken; of a single frame, `below` is its link. */
/*@ terminates \true;
    assigns \nothing; */
void chunks_take(uint32_t first, unsigned order, uint32_t below);

#endif
