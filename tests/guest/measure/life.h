/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a domain's life. */
#ifndef CORDON_TESTS_GUEST_MEASURE_LIFE_H
#define CORDON_TESTS_GUEST_MEASURE_LIFE_H

#include <stdint.h>

/* Creation and destruction of domains with that label, after rows_start(). */
void measure_life(uint32_t label);

#endif
