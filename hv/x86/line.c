/* SPDX-License-Identifier: Apache-2.0 */
#include "hv/x86/line.h"
#include "hv/core/machine.h"
#include "hv/x86/serial.h"

static void put(struct line *line, char character) {
    if (line->used < LINE_SIZE - 1) { /* leaves room for the newline */
        line->text[line->used] = character;
        line->used++;
    }
}

static void number(struct line *line, uint64_t value, unsigned base) {
    char digits[20];
    uint32_t count = 0;

    do {
        digits[count] = "0123456789abcdef"[value % base];
        value /= base;
        count++;
    } while (value > 0);
    while (count > 0) {
        count--;
        put(line, digits[count]);
    }
}

void line_text(struct line *line, const char *text) {
    for (; *text != 0; text++) put(line, *text);
}

void line_decimal(struct line *line, uint64_t value) { number(line, value, 10); }

void line_hex(struct line *line, uint64_t value) {
    line_text(line, "0x");
    number(line, value, 16);
}

static void end(struct line *line) {
    line->text[line->used] = '\n';
    line->used++;
}

void line_print(struct line *line) {
    end(line);
    (void)machine_console_write(line->text, line->used);
}

void line_panic(struct line *line) {
    end(line);
    serial_panic_write(line->text, line->used);
}
