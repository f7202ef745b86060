/* SPDX-License-Identifier: Apache-2.0 */
/* Building short texts in fixed buffers: what does not fit is cut, and the buffer always ends with
 * NUL. */
#ifndef CORDON_CORE_TEXT_H
#define CORDON_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Appends to a buffer of `size` bytes at *length. */
void text_add(char *buffer, size_t size, size_t *length, const char *more);
void text_add_decimal(char *buffer, size_t size, size_t *length, uint64_t value);

size_t text_length(const char *text);
bool text_equal(const char *a, const char *b);
/* Value of `name=` in a line of words: the number after it (suffix K, M or G), or `otherwise`. */
uint64_t text_option(const char *line, const char *name, uint64_t otherwise);

#endif
