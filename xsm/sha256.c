/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 as FIPS 180-4 section 6.2 writes it. */
#include "xsm/sha256.h"

static const uint32_t round_constant[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/*@ requires 0 < by < 32;
    terminates \true;
    assigns \nothing; */
static inline uint32_t rotate(uint32_t word, uint32_t by) { return word >> by | word << (32 - by); }

/*@ requires \valid_read(bytes + (0 .. 3));
    terminates \true;
    assigns \nothing; */
static inline uint32_t big_endian(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The message schedule. Here and below, sums of rotations are written with the fewest operations.
 */
/*@ requires \valid_read(block + (0 .. SHA256_BLOCK - 1)) && \valid(schedule + (0 .. 63));
    terminates \true;
    assigns schedule[0 .. 63]; */
static void expand(const uint8_t block[SHA256_BLOCK], uint32_t schedule[64]) {
    /*@ loop invariant 0 <= i <= 16;
        loop assigns i, schedule[0 .. 63];
        loop variant 16 - i; */
    for (uint32_t i = 0; i < 16; i++) schedule[i] = big_endian(block + 4 * i);
    /*@ loop invariant 16 <= i <= 64;
        loop assigns i, schedule[0 .. 63];
        loop variant 64 - i; */
    for (uint32_t i = 16; i < 64; i++) {
        uint32_t a = schedule[i - 15];
        uint32_t b = schedule[i - 2];
        uint32_t sigma0 = rotate(rotate(a, 11) ^ a, 7) ^ a >> 3;  /* by 7 and 18 */
        uint32_t sigma1 = rotate(rotate(b, 2) ^ b, 17) ^ b >> 10; /* by 17 and 19 */
        schedule[i] = schedule[i - 16] + sigma0 + schedule[i - 7] + sigma1;
    }
}

/* One round. The working variables stay where they are and change names from round to round: what
 * is written to d and h is the next e and a. */
/*@ requires \valid(d) && \valid(h) && \separated(d, h);
    terminates \true;
    assigns *d, *h; */
static inline void mix(uint32_t a, uint32_t b, uint32_t c, uint32_t *d, uint32_t e, uint32_t f,
                       uint32_t g, uint32_t *h, uint32_t input) {
    uint32_t sum1 = rotate(rotate(rotate(e, 14) ^ e, 5) ^ e, 6); /* by 6, 11 and 25 */
    uint32_t sum0 = rotate(rotate(rotate(a, 9) ^ a, 11) ^ a, 2); /* by 2, 13 and 22 */
    uint32_t choose = ((f ^ g) & e) ^ g;
    uint32_t majority = ((a | b) & c) | (a & b);

    *h += input + sum1 + choose;
    *d += *h;
    *h += sum0 + majority;
}

/*@ requires \valid(state + (0 .. 7)) && \valid_read(block + (0 .. SHA256_BLOCK - 1));
    requires \separated(state + (0 .. 7), block + (0 .. SHA256_BLOCK - 1));
    terminates \true;
    assigns state[0 .. 7]; */
static void compress(uint32_t state[8], const uint8_t block[SHA256_BLOCK]) {
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    uint32_t schedule[64];

    expand(block, schedule);
    /*@ loop invariant 0 <= i <= 64 && i % 8 == 0;
        loop assigns i, a, b, c, d, e, f, g, h;
        loop variant 64 - i; */
    for (uint32_t i = 0; i < 64; i += 8) {
        const uint32_t *constant = round_constant + i;
        const uint32_t *word = schedule + i;
        mix(a, b, c, &d, e, f, g, &h, constant[0] + word[0]);
        mix(h, a, b, &c, d, e, f, &g, constant[1] + word[1]);
        mix(g, h, a, &b, c, d, e, &f, constant[2] + word[2]);
        mix(f, g, h, &a, b, c, d, &e, constant[3] + word[3]);
        mix(e, f, g, &h, a, b, c, &d, constant[4] + word[4]);
        mix(d, e, f, &g, h, a, b, &c, constant[5] + word[5]);
        mix(c, d, e, &f, g, h, a, &b, constant[6] + word[6]);
        mix(b, c, d, &e, f, g, h, &a, constant[7] + word[7]);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

void sha256_begin(struct sha256 *sha) {
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

    /*@ loop invariant 0 <= i <= 8;
        loop assigns i, sha->state[0 .. 7];
        loop variant 8 - i; */
    for (uint32_t i = 0; i < 8; i++) sha->state[i] = start[i];
    sha->length = 0;
}

/*@ requires \valid(sha) && sha->length < UINT64_MAX;
    terminates \true;
    assigns *sha;
    ensures counted: sha->length == \old(sha->length) + 1; */
static void append_byte(struct sha256 *sha, uint8_t byte) {
    sha->block[sha->length % SHA256_BLOCK] = byte;
    sha->length++;
    if (sha->length % SHA256_BLOCK == 0) compress(sha->state, sha->block);
}

/* A block that is all there is hashed where it lies. */
void sha256_append(struct sha256 *sha, const uint8_t *bytes, uint32_t count) {
    uint32_t done = 0;

    /*@ loop invariant 0 <= done <= count;
        loop invariant counted: sha->length == \at(sha->length, Pre) + done;
        loop assigns done, *sha;
        loop variant count - done; */
    while (done < count) {
        if (sha->length % SHA256_BLOCK == 0 && count - done >= SHA256_BLOCK) {
            compress(sha->state, bytes + done);
            sha->length += SHA256_BLOCK;
            done += SHA256_BLOCK;
        } else {
            append_byte(sha, bytes[done]);
            done++;
        }
    }
}

void sha256_end(struct sha256 *sha, uint8_t digest[SHA256_BYTES]) {
    uint64_t bits = sha->length * 8;

    append_byte(sha, 0x80);
    /*@ loop invariant 0 <= i <= SHA256_BLOCK;
        loop invariant sha->length == \at(sha->length, Pre) + 1 + i;
        loop assigns i, *sha;
        loop variant SHA256_BLOCK - i; */
    for (uint32_t i = 0; i < SHA256_BLOCK && sha->length % SHA256_BLOCK != 56; i++)
        append_byte(sha, 0);
    /*@ loop invariant 0 <= i <= 8;
        loop invariant sha->length <= \at(sha->length, Pre) + 65 + i;
        loop assigns i, *sha;
        loop variant 8 - i; */
    for (uint32_t i = 0; i < 8; i++) append_byte(sha, (uint8_t)(bits >> (56 - 8 * i)));
    /*@ loop invariant 0 <= i <= SHA256_BYTES;
        loop assigns i, digest[0 .. SHA256_BYTES - 1];
        loop variant SHA256_BYTES - i; */
    for (uint32_t i = 0; i < SHA256_BYTES; i++)
        digest[i] = (uint8_t)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
}
