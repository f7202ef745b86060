/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's log: a ring of text that `xl dmesg` reads, and whose lines go to the serial line
 * at a bounded pace. Audit records are turned into lines here, in the background, so that a denied
 * call costs a record and no formatting, and no guest can make the hypervisor print without bound.
 */
#ifndef CORDON_CORE_LOG_H
#define CORDON_CORE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#define LOG_SIZE 32768u

/* One line without its newline, with the formats of text.h; it may be cut. */
void log_line(const char *format, ...) __attribute__((format(__printf__, 1, 2)));

/* Turns a waiting audit record into a line, and sends it to the serial line as the pace allows.
 * True if more records wait. */
bool log_pump(void);

/* Copies up to `count` bytes from position *index (advanced past what was overwritten) for a
 * reader; returns how many. Positions count bytes since boot. */
uint32_t log_read(uint32_t *index, char *to, uint32_t count);
void log_clear(void);

/* hv/core/debug_keys.c: a few lines of state, for `xl debug-keys`. An unknown key lists the keys.
 */
void debug_key(char key);

#endif
