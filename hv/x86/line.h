/* SPDX-License-Identifier: Apache-2.0 */
/* One line of text, cut where it is full. */
#ifndef CORDON_X86_LINE_H
#define CORDON_X86_LINE_H

#include "hv/abi/types.h"

#define LINE_SIZE 240u

struct line {
    uint32_t used;
    char text[LINE_SIZE];
};

void line_text(struct line *line, const char *text);
void line_decimal(struct line *line, uint64_t value);
void line_hex(struct line *line, uint64_t value);
/* Ends it: to the console, or to the console of a machine that stops. */
void line_print(struct line *line);
void line_panic(struct line *line);

#endif
