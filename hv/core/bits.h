/* SPDX-License-Identifier: Apache-2.0 */
/* Bits of 64-bit words in plain C: the prover follows neither builtins nor the C library. */
#ifndef CORDON_CORE_BITS_H
#define CORDON_CORE_BITS_H

#include <stdbool.h>
#include <stdint.h>

/* Position of the highest set bit; the word is not zero. */
/*@ requires word != 0;
    terminates \true;
    assigns \nothing;
    ensures \result < 64; */
static inline uint32_t bits_highest(uint64_t word) {
    uint32_t position = 0;
    uint32_t step;

    /*@ loop invariant position <= 64 - 2 * step || step == 0;
        loop assigns position, word, step;
        loop variant step; */
    for (step = 32; step > 0; step /= 2) {
        if (word >> step != 0) {
            position += step;
            word >>= step;
        }
    }
    return position;
}

#endif
