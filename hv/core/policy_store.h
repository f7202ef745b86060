/* SPDX-License-Identifier: Apache-2.0 */
/* Memory behind the policy images: as much as the largest policy so far took, and kept. */
#ifndef CORDON_CORE_POLICY_STORE_H
#define CORDON_CORE_POLICY_STORE_H

#include "hv/abi/reason.h"
#include "hv/core/effects.h"

/* Backs the first `size` bytes of what a load would use, its slot and the spare row, some pages a
 * call. REASON_AGAIN: go on; REASON_OK: all are there. */
enum reason policy_store_back(uint32_t size, struct effects *effects);

#endif
