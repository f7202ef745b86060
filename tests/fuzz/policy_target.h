/* SPDX-License-Identifier: Apache-2.0 */
/* One policy image, tried in every way that a policy is used. Ends the process where something does
 * not hold; meant for a build with ASan and UBSan. */
#ifndef CORDON_TESTS_FUZZ_POLICY_TARGET_H
#define CORDON_TESTS_FUZZ_POLICY_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True if the image was accepted. */
bool policy_try(const uint8_t *bytes, size_t size);

#endif
