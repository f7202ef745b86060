/* SPDX-License-Identifier: Apache-2.0 */
/* One line of text, cut where it is full: to the console, or to that of a machine that stops.
 * Formats: %s, %lu and %lx. */
#ifndef CORDON_X86_LINE_H
#define CORDON_X86_LINE_H

void line_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void line_panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
