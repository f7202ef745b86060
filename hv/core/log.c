/* SPDX-License-Identifier: Apache-2.0 */
/* Log ring. The serial line gets lines while credit lasts: 200 at once, then 20 a second; what was
 * not shown there is counted, and stays in the ring and in the audit trail. */
#include "hv/core/log.h"

#include "hv/core/audit_trail.h"
#include "hv/core/machine.h"
#include "hv/core/text.h"

#define LINE_MAX AUDIT_LINE_MAX
#define LINE_START "(XEN) "
#define CREDIT_MAX 200u
#define CREDIT_NS 50000000ull

static char ring[LOG_SIZE];
static uint32_t written; /* bytes since boot; wraps with the reader's index */
static uint32_t cleared; /* readers start here */
static uint64_t next_record = 1;
static uint32_t credit = CREDIT_MAX;
static uint64_t credit_time;
static uint64_t unshown;

static void earn_credit(void) {
    uint64_t earned = (machine_now() - credit_time) / CREDIT_NS;

    if (earned > 0) {
        credit_time += earned * CREDIT_NS;
        credit = earned > CREDIT_MAX - credit ? CREDIT_MAX : credit + (uint32_t)earned;
    }
}

static void show(const char *line, uint32_t length) {
    char note[64];

    earn_credit();
    if (credit > 0 && unshown > 0) {
        size_t note_length =
            text_format(note, sizeof(note), LINE_START "%lu lines not shown here\n", unshown);
        if (machine_console_write(note, (uint32_t)note_length)) unshown = 0;
    }
    if (credit == 0 || unshown > 0) {
        unshown++;
        return;
    }
    if (!machine_console_write(line, length)) unshown++;
    credit--;
}

void log_line(const char *format, ...) {
    char line[LINE_MAX] = LINE_START;
    uint32_t length = sizeof(LINE_START) - 1;
    va_list arguments;

    va_start(arguments, format);
    length += (uint32_t)text_format_list(line + length, LINE_MAX - 1 - length, format, arguments);
    va_end(arguments);
    if (line[length - 1] == '\n') length--;
    line[length++] = '\n';
    for (uint32_t i = 0; i < length; i++) ring[written++ % LOG_SIZE] = line[i];
    show(line, length);
}

bool log_pump(void) {
    struct audit_record record;
    char line[LINE_MAX];

    if (next_record < audit_oldest()) next_record = audit_oldest();
    if (next_record > audit_newest()) return false;
    if (audit_read(next_record, &record)) {
        audit_trail_format(&record, line, sizeof(line));
        log_line("%s", line);
    }
    next_record++;
    return next_record <= audit_newest();
}

uint32_t log_read(uint32_t *index, char *to, uint32_t count) {
    uint32_t copied = 0;

    if (written - *index > LOG_SIZE) *index = written - LOG_SIZE;
    if ((int32_t)(cleared - *index) > 0) *index = cleared;
    for (; copied < count && *index != written; copied++, ++*index)
        to[copied] = ring[*index % LOG_SIZE];
    return copied;
}

void log_clear(void) { cleared = written; }
