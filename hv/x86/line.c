/* SPDX-License-Identifier: Apache-2.0 */
#include "hv/core/machine.h"
#include "hv/core/text.h"
#include "hv/x86/serial.h"

void line_write(bool last_words, const char *format, ...) {
    char line[240];
    va_list arguments;

    va_start(arguments, format);
    size_t length = text_format_list(line, sizeof(line) - 1, format, arguments);
    va_end(arguments);
    line[length] = '\n';
    if (last_words)
        serial_panic_write(line, (uint32_t)length + 1);
    else
        (void)machine_console_write(line, (uint32_t)length + 1);
}
