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

void sha256_begin(struct sha256 *sha);
void sha256_append(struct sha256 *sha, const uint8_t *bytes, uint32_t count);
void sha256_end(struct sha256 *sha, uint8_t digest[SHA256_BYTES]);

#endif
