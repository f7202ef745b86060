/* SPDX-License-Identifier: Apache-2.0 */
/* The ends of the machine. */
#ifndef CORDON_X86_STOP_H
#define CORDON_X86_STOP_H

#include "hv/abi/types.h"

#define EXIT_POWER_OFF 0u
#define EXIT_STOPPED 1u /* machine_stop() */
#define EXIT_PANIC 2u   /* stop_panic() */
#define EXIT_RESET 3u

/* Reads `debug-exit` and `panic=poweroff` from the command line. */
void stop_configure(const char *command_line);

/* `code` goes to QEMU's isa-debug-exit device first if the command line has `debug-exit`. */
_Noreturn void machine_power_off(uint8_t code);
_Noreturn void machine_reset(uint8_t code);
/* Prints one line that says what is wrong and what to do, then powers the machine off. */
_Noreturn void machine_stop(const char *line);

/* Stops the other CPUs as soon as each leaves guest mode and writes out the console's queue. True
 * for the one CPU that goes on; false if that was done already. */
bool stop_begin(void);
bool stop_begun(void);
/* The report's last line; then the machine halts, or powers off with panic=poweroff. */
_Noreturn void stop_panic(const char *line);

#endif
