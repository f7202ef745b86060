/* SPDX-License-Identifier: Apache-2.0 */
/* Security contexts: validity, names, and what a new object's context is. */
#ifndef CORDON_XSM_CONTEXTS_H
#define CORDON_XSM_CONTEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xsm/conditionals.h"
#include "xsm/policy_image.h"

static inline bool context_equal(struct context a, struct context b) {
    return a.user == b.user && a.role == b.role && a.type == b.type;
}

/* May these values stand together? */
bool context_valid(uint32_t slot, struct context context);
/* user:role:type by name. False if it is not a valid context. */
bool context_parse(uint32_t slot, const char *text, size_t length, struct context *out);
/* Writes the names and a NUL; returns the bytes written, or 0 if they do not fit. */
size_t context_write(uint32_t slot, struct context context, char *buffer, size_t size);
/* The context of the same names in another image. False if it would not be valid there. */
bool context_translate(uint32_t from, uint32_t to, struct context context, struct context *out);
/* Context of what `source` makes of, or on, `target`. `class` is ours. False if it is not valid. */
bool context_derive(uint32_t slot, const struct condition_states *states, struct context source,
                    struct context target, enum xsm_class class, struct context *out);
/* Does a type rule give `type` a label of its own for calls on itself? */
bool context_has_self(uint32_t slot, const struct condition_states *states, struct context context);
/* Is there a role_allow from one to the other? */
bool role_allowed(uint32_t slot, uint32_t from, uint32_t to);

#endif
