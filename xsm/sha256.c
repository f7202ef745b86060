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
static uint32_t rotate(uint32_t word, uint32_t by) { return word >> by | word << (32 - by); }

/* The message schedule. */
/*@ requires \valid_read(block + (0 .. SHA256_BLOCK - 1)) && \valid(schedule + (0 .. 63));
    terminates \true;
    assigns schedule[0 .. 63]; */
static void expand(const uint8_t block[SHA256_BLOCK], uint32_t schedule[64]) {
    /*@ loop invariant 0 <= i <= 16;
        loop assigns i, schedule[0 .. 63];
        loop variant 16 - i; */
    for (uint32_t i = 0; i < 16; i++)
        schedule[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
                      (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    /*@ loop invariant 16 <= i <= 64;
        loop assigns i, schedule[0 .. 63];
        loop variant 64 - i; */
    for (uint32_t i = 16; i < 64; i++) {
        uint32_t a = schedule[i - 15];
        uint32_t b = schedule[i - 2];
        uint32_t sigma0 = rotate(a, 7) ^ rotate(a, 18) ^ a >> 3;
        uint32_t sigma1 = rotate(b, 17) ^ rotate(b, 19) ^ b >> 10;
        schedule[i] = schedule[i - 16] + sigma0 + schedule[i - 7] + sigma1;
    }
}

/* The eight working variables are a window that moves down one word a round, so none is copied. */
/*@ requires \valid(state + (0 .. 7)) && \valid_read(block + (0 .. SHA256_BLOCK - 1));
    terminates \true;
    assigns state[0 .. 7]; */
static void compress(uint32_t state[8], const uint8_t block[SHA256_BLOCK]) {
    uint32_t schedule[64];
    uint32_t window[64 + 8];

    expand(block, schedule);
    /*@ loop invariant 0 <= i <= 8;
        loop assigns i, window[64 .. 71];
        loop variant 8 - i; */
    for (uint32_t i = 0; i < 8; i++) window[64 + i] = state[i];
    /*@ loop invariant 0 <= i <= 64;
        loop assigns i, window[0 .. 71];
        loop variant i; */
    for (uint32_t i = 64; i > 0; i--) {
        uint32_t *v = window + i;
        uint32_t sum1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
        uint32_t choose = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t first = v[7] + sum1 + choose + round_constant[64 - i] + schedule[64 - i];
        uint32_t sum0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
        uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        v[3] += first;
        window[i - 1] = first + sum0 + majority;
    }
    /*@ loop invariant 0 <= i <= 8;
        loop assigns i, state[0 .. 7];
        loop variant 8 - i; */
    for (uint32_t i = 0; i < 8; i++) state[i] += window[i];
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

void sha256_append(struct sha256 *sha, const uint8_t *bytes, uint32_t count) {
    /*@ loop invariant 0 <= i <= count;
        loop invariant counted: sha->length == \at(sha->length, Pre) + i;
        loop assigns i, *sha;
        loop variant count - i; */
    for (uint32_t i = 0; i < count; i++) append_byte(sha, bytes[i]);
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
