/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer target: the policy reader, the table, labels, booleans and a load. */
#include "tests/fuzz/policy_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    (void)policy_try(bytes, size);
    return 0;
}
