/* SPDX-License-Identifier: Apache-2.0 */
/* A line of text, such as the command line of a guest that another builds. What does not fit is cut
 * off. */
#ifndef CORDON_TESTS_GUEST_LINE_H
#define CORDON_TESTS_GUEST_LINE_H

#include <stdint.h>

#define LINE_BYTES 120u

struct line {
    char text[LINE_BYTES];
    uint32_t length;
};

static inline void add_text(struct line *line, const char *text) {
    for (; *text != '\0' && line->length < LINE_BYTES - 1; text++)
        line->text[line->length++] = *text;
    line->text[line->length] = '\0';
}

/* The word NAME, then VALUE, then a blank. */
static inline void add_option(struct line *line, const char *name, uint32_t value) {
    char digits[11];
    uint32_t at = sizeof(digits) - 1;

    digits[at] = '\0';
    do {
        at--;
        digits[at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    add_text(line, name);
    add_text(line, digits + at);
    add_text(line, " ");
}

#endif
