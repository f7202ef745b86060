/* SPDX-License-Identifier: Apache-2.0 */
/* From numbers to rows of the list, and from names that guests use to domains and labels. */
#ifndef CORDON_CORE_FIND_H
#define CORDON_CORE_FIND_H

#include "hv/core/calls.h"

#include <stdint.h>

/* CALL_UNKNOWN where no row has these numbers. */
enum call_id call_find(uint64_t number, uint64_t sub);
/* Name of the row. */
const char *call_name(enum call_id id);

#endif
