/* SPDX-License-Identifier: Apache-2.0 */
/* COM1, a 16550: a queue for output, a ring for input. machine.h has machine_console_write and
 * machine_console_read. While the machine boots, writing waits until all is out. */
#ifndef CORDON_X86_SERIAL_H
#define CORDON_X86_SERIAL_H

#include "hv/abi/types.h"

void serial_start(void);
/* From now on output only queues, and somebody calls serial_drain(). */
void serial_boot_done(void);
/* The line's interrupt arrives at VECTOR_SERIAL: input and a drained FIFO wake the CPU. */
void serial_enable_interrupt(void);
void serial_interrupt(void);

/* Writes up to `max` bytes of the queue while the line takes them. True if more waits: with an
 * interrupt the line asks for it itself, without one the caller comes back within 10 ms. */
bool serial_drain(unsigned max);
/* True once after characters arrived. */
bool serial_poll_input(void);
/* False: call serial_poll_input() at least every 10 ms. */
extern bool serial_has_interrupt;

/* line.c: one line of text, cut where it is full, to the console or to that of a machine that
 * stops. Formats: %s, %lu and %lx. */
void line_write(bool last_words, const char *format, ...) __attribute__((format(__printf__, 2, 3)));

/* For the last words of a machine: takes no lock, returns when all is out. */
void serial_panic_write(const char *text, uint32_t bytes);
/* Sends all that is queued. Takes no lock either. */
void serial_flush(void);

#endif
