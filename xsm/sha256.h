/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4) of a message that comes in pieces. */
#ifndef CORDON_XSM_SHA256_H
#define CORDON_XSM_SHA256_H

#include <stdint.h>

#define SHA256_BYTES 32u
#define SHA256_BLOCK 64u

struct sha256 {
    uint32_t state[8];
    uint8_t block[SHA256_BLOCK];
    uint64_t length; /* bytes so far */
};

/*@ requires \valid(sha);
    terminates \true;
    assigns sha->state[0 .. 7], sha->length;
    ensures empty: sha->length == 0; */
void sha256_begin(struct sha256 *sha);

/*@ requires \valid(sha) && (count > 0 ==> \valid_read(bytes + (0 .. count - 1)));
    requires \separated(sha, bytes + (0 .. count - 1));
    requires lasting: sha->length <= UINT64_MAX - count;
    terminates \true;
    assigns *sha;
    ensures counted: sha->length == \old(sha->length) + count; */
void sha256_append(struct sha256 *sha, const uint8_t *bytes, uint32_t count);

/*@ requires \valid(sha) && \valid(digest + (0 .. SHA256_BYTES - 1));
    requires \separated(sha, digest + (0 .. SHA256_BYTES - 1));
    requires lasting: sha->length <= UINT64_MAX - 2 * SHA256_BLOCK;
    terminates \true;
    assigns *sha, digest[0 .. SHA256_BYTES - 1]; */
void sha256_end(struct sha256 *sha, uint8_t digest[SHA256_BYTES]);

#endif
