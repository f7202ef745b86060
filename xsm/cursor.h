/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an image front to back. Each take checks that its bytes are there before it looks at one,
 * by subtraction, and leaves the cursor at the item that failed. */
#ifndef CORDON_XSM_CURSOR_H
#define CORDON_XSM_CURSOR_H

#include <stdint.h>

#include "xsm/policy_check.h"
#include "xsm/policy_image.h"

/* at <= size <= POLICY_IMAGE_MAX */
struct cursor {
    uint32_t slot;
    uint32_t size;
    uint32_t at;
};

/* Longest names. They keep every context within CONTEXT_MAX. */
#define NAME_MAX_TYPE 127u
#define NAME_MAX_OTHER 63u

enum policy_check take_u32(struct cursor *cursor, uint32_t *value);
/* `count` values in a row, at most 8. */
enum policy_check take_words(struct cursor *cursor, uint32_t count, uint32_t *words);
/* A count of items of at least `item` bytes each: at most `maximum`, and no more than can follow.
 */
enum policy_check take_count(struct cursor *cursor, uint32_t maximum, uint32_t item,
                             uint32_t *count);
/* A value that must be zero; `otherwise` is the check that fails if it is not. */
enum policy_check take_zero(struct cursor *cursor, enum policy_check otherwise);
enum policy_check skip_bytes(struct cursor *cursor, uint32_t count);
/* A name of `length` bytes, printable and without the colon that separates the parts of a context.
 */
enum policy_check take_name(struct cursor *cursor, uint32_t length, uint32_t maximum);
/* A bitmap in canonical form with no bit from `limit` on. */
enum policy_check take_bitmap(struct cursor *cursor, uint32_t limit);
/* The level and range of a policy without MLS: present, and empty. */
enum policy_check take_level(struct cursor *cursor);
enum policy_check take_range(struct cursor *cursor);
/* A context; the values are not checked here. */
enum policy_check take_context(struct cursor *cursor, struct context *context);

#endif
