/* SPDX-License-Identifier: Apache-2.0 */
/* Bits of 64-bit words in plain C: the prover follows neither builtins nor the C library. */
#ifndef CORDON_CORE_BITS_H
#define CORDON_CORE_BITS_H

#include <stdbool.h>
#include <stdint.h>

#define WORD_BITS 64u

/*@ terminates \true;
    assigns \nothing;
    ensures \result == (uint64_t)(1ull << (index % 64)); */
static inline uint64_t bit_of(uint32_t index) { return 1ull << (index % WORD_BITS); }

/* Position of the lowest set bit, 64 where none is. */
/*@ terminates \true;
    assigns \nothing;
    ensures \result <= 64;
    ensures word == 0 <==> \result == 64; */
static inline uint32_t bits_lowest(uint64_t word) {
    uint32_t position = 0;

    if (word == 0) return WORD_BITS;
    if ((word & 0xffffffffu) == 0) {
        position += 32;
        word >>= 32;
    }
    if ((word & 0xffffu) == 0) {
        position += 16;
        word >>= 16;
    }
    if ((word & 0xffu) == 0) {
        position += 8;
        word >>= 8;
    }
    if ((word & 0xfu) == 0) {
        position += 4;
        word >>= 4;
    }
    if ((word & 0x3u) == 0) {
        position += 2;
        word >>= 2;
    }
    if ((word & 0x1u) == 0) position += 1;
    return position;
}

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
