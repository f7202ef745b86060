/* SPDX-License-Identifier: Apache-2.0 */
/* A policy that is refused on purpose: our reader must refuse it with the expected sentence, and
 * the policy in force must stay. Prints whether libsepol accepts it, for the table of differences.
 * usage: refusals GOOD.bin REFUSED.bin SENTENCE */
#define _DEFAULT_SOURCE
#include "tests/diff/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/xsm_changes.h"

static uint8_t bytes[POLICY_IMAGE_MAX + 1];

static void die(const char *why) {
    printf("%s\n", why);
    exit(1);
}

static enum reason load(const uint8_t *image, uint32_t size, struct xsm_refusal *refusal) {
    enum reason reason = load_whole(image, size);

    *refusal = *xsm_last_refusal();
    return reason;
}

int main(int count, char **argument) {
    struct xsm_refusal refusal = {"", 0};

    if (count != 4) die("usage: refusals GOOD.bin REFUSED.bin SENTENCE");
    uint32_t size = file_read(argument[1], bytes, sizeof bytes);
    if (size == 0 || xsm_start(bytes, size, "") != REASON_OK) die("the good policy does not load");
    uint8_t identity[32];
    memcpy(identity, xsm_identity()->sha256, sizeof identity);

    size = file_read(argument[2], bytes, sizeof bytes);
    if (size == 0) die("no such file");
    bool accepted = oracle_load(bytes, size);
    enum reason reason = load(bytes, size, &refusal);
    if (reason == REASON_OK) die("is accepted");
    if (strcmp(refusal.check, argument[3]) != 0) {
        printf("refused with another sentence: %s\n", refusal.check);
        return 1;
    }
    if (memcmp(identity, xsm_identity()->sha256, sizeof identity) != 0 ||
        xsm_identity()->epoch != 1)
        die("the policy in force did not stay");
    printf("%-8s | %s (byte %u)\n", accepted ? "accepts" : "refuses", refusal.check,
           refusal.offset);
    return 0;
}
