/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of loading a policy. */
#ifndef CORDON_TESTS_GUEST_MEASURE_POLICY_H
#define CORDON_TESTS_GUEST_MEASURE_POLICY_H

#include <stdint.h>

/* Of the boot module's two images one after the other, the first of `first` bytes; nothing if there
 * is no module. */
void measure_policies(uint64_t first);

#endif
