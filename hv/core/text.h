/* SPDX-License-Identifier: Apache-2.0 */
/* Short texts in fixed buffers. */
#ifndef CORDON_CORE_TEXT_H
#define CORDON_CORE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Fills a buffer of `size` bytes: what does not fit is cut, and the text always ends with NUL.
 * Returns its length. Formats: %s, %lu and %lx. */
size_t text_format(char *buffer, size_t size, const char *format, ...)
    __attribute__((format(__printf__, 3, 4)));
size_t text_format_list(char *buffer, size_t size, const char *format, va_list arguments);

size_t text_length(const char *text);
bool text_equal(const char *a, const char *b);
/* Value of `name=` in a line of words: the number after it (suffix K, M or G), or `otherwise`. */
uint64_t text_option(const char *line, const char *name, uint64_t otherwise);

#endif
