/* SPDX-License-Identifier: Apache-2.0 */
/* Constraints: postfix expressions over the users, roles and types of both labels. Where one is
 * false, its permissions are taken away. */
#ifndef CORDON_XSM_CONSTRAINTS_H
#define CORDON_XSM_CONSTRAINTS_H

#include <stdint.h>

#include "xsm/cursor.h"

#define CONSTRAINTS_PER_CLASS 64u
#define CONSTRAINT_NODES_MAX 64u
#define CONSTRAINT_DEPTH_MAX 5u

/* Reads one constraint of a class (value - 1), checking form and references. */
enum policy_check constraint_read(struct cursor *cursor, uint32_t class);
/* What is left of `allowed` (our bits) when the class's constraints are applied to a pair. */
uint32_t constraints_apply(uint32_t slot, uint32_t class, struct context source,
                           struct context target, uint32_t allowed);
/* Permission bits of the image's class as ours; unknown ones are dropped. */
uint32_t permissions_to_ours(uint32_t slot, uint32_t class, uint32_t bits);
/* And back; what the image lacks is dropped. */
uint32_t permissions_to_policy(uint32_t slot, uint32_t class, uint32_t bits);
/* Are these bits defined by the class, and known to the hypervisor? */
enum policy_check permissions_check(uint32_t slot, uint32_t class, uint32_t bits);

#endif
