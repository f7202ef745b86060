/* SPDX-License-Identifier: Apache-2.0 */
/* Short texts: log lines and command-line options. */
#include "hv/core/text.h"

static void add(char *buffer, size_t size, size_t *length, const char *more) {
    for (; *more != '\0' && *length + 1 < size; more++, ++*length) buffer[*length] = *more;
    buffer[*length] = '\0';
}

static void add_number(char *buffer, size_t size, size_t *length, uint64_t value, uint32_t base) {
    char digits[21];
    char *at = &digits[sizeof(digits) - 1];

    *at = '\0';
    do {
        at--;
        *at = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    add(buffer, size, length, at);
}

size_t text_format_list(char *buffer, size_t size, const char *format, va_list arguments) {
    size_t length = 0;

    buffer[0] = '\0';
    for (; *format != '\0'; format++) {
        if (*format != '%') {
            add(buffer, size, &length, (const char[]){*format, '\0'});
        } else if (format[1] == 's') {
            add(buffer, size, &length, va_arg(arguments, const char *));
            format++;
        } else {
            uint32_t base = format[2] == 'x' ? 16 : 10;
            add_number(buffer, size, &length, va_arg(arguments, uint64_t), base);
            format += 2;
        }
    }
    return length;
}

size_t text_format(char *buffer, size_t size, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    size_t length = text_format_list(buffer, size, format, arguments);
    va_end(arguments);
    return length;
}

size_t text_length(const char *text) {
    size_t i = 0;

    while (text[i] != '\0') i++;
    return i;
}

bool text_equal(const char *a, const char *b) {
    size_t i = 0;

    while (a[i] != '\0' && a[i] == b[i]) i++;
    return a[i] == b[i];
}

/* Where the word `name=` has its equals sign; SIZE_MAX if there is none. */
static size_t find_word(const char *line, const char *name) {
    for (size_t i = 0; line[i] != '\0'; i++) {
        size_t j = 0;

        while (name[j] != '\0' && line[i + j] == name[j]) j++;
        if (name[j] == '\0' && (i == 0 || line[i - 1] == ' ') && line[i + j] == '=') return i + j;
    }
    return SIZE_MAX;
}

static uint32_t suffix_shift(char suffix) {
    if (suffix == 'K' || suffix == 'k') return 10;
    if (suffix == 'M' || suffix == 'm') return 20;
    return suffix == 'G' || suffix == 'g' ? 30 : 0;
}

uint64_t text_option(const char *line, const char *name, uint64_t otherwise) {
    size_t at = find_word(line, name);
    uint64_t value = 0;

    if (at == SIZE_MAX || line[at + 1] < '0' || line[at + 1] > '9') return otherwise;
    for (at++; line[at] >= '0' && line[at] <= '9'; at++) {
        if (value > (UINT64_MAX - 9) / 10) return otherwise;
        value = value * 10 + (uint64_t)(line[at] - '0');
    }
    uint32_t shift = suffix_shift(line[at]);
    return value > UINT64_MAX >> shift ? otherwise : value << shift;
}
