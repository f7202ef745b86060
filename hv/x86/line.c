/* SPDX-License-Identifier: Apache-2.0 */
#include "hv/core/machine.h"
#include "hv/x86/serial.h"
#include <stdarg.h>

#define LINE_SIZE 240u

struct line {
    uint32_t used;
    char text[LINE_SIZE];
};

static void put_text(struct line *line, const char *text) {
    for (; *text != 0 && line->used < LINE_SIZE - 1; text++, line->used++)
        line->text[line->used] = *text;
}

static void put_number(struct line *line, uint64_t value, unsigned base) {
    char digits[21];
    char *at = &digits[20];

    *at = 0;
    do {
        at--;
        *at = "0123456789abcdef"[value % base];
        value /= base;
    } while (value > 0);
    put_text(line, at);
}

static void build(struct line *line, const char *format, va_list arguments) {
    for (; *format != 0; format++) {
        if (*format != '%') {
            put_text(line, (const char[]){*format, 0});
        } else if (format[1] == 's') {
            put_text(line, va_arg(arguments, const char *));
            format++;
        } else {
            put_number(line, va_arg(arguments, uint64_t), format[2] == 'x' ? 16 : 10);
            format += 2;
        }
    }
    line->text[line->used] = '\n'; /* put_text() leaves room */
    line->used++;
}

void line_write(bool last_words, const char *format, ...) {
    struct line line = {.used = 0};
    va_list arguments;

    va_start(arguments, format);
    build(&line, format, arguments);
    va_end(arguments);
    if (last_words)
        serial_panic_write(line.text, line.used);
    else
        (void)machine_console_write(line.text, line.used);
}
