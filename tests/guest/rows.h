/* SPDX-License-Identifier: Apache-2.0 */
/* Measuring: a row is a statement, run ROW_TRIES times between two readings of the TSC, less what
 * two readings beside each other take. Under QEMU's -icount shift=0 a tick is an instruction. */
#ifndef CORDON_TESTS_GUEST_ROWS_H
#define CORDON_TESTS_GUEST_ROWS_H

#include <stdint.h>

#define ROW_TRIES 200u

static inline uint64_t row_clock(void) {
    uint32_t low, high;

    __asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

/* What two readings beside each other take. Call it once, before the first row. */
void rows_start(void);
void row_sample(uint64_t ticks);
/* Says `row NAME least median samples` of the samples since the last row. */
void row_end(const char *name);

/* `prepare` and `tidy` are not measured. */
#define ROW(tries, name, prepare, statement, tidy)                                                 \
    do {                                                                                           \
        for (uint32_t try = 0; try < (tries); try++) {                                             \
            prepare;                                                                               \
            uint64_t start = row_clock();                                                          \
            statement;                                                                             \
            row_sample(row_clock() - start);                                                       \
            tidy;                                                                                  \
        }                                                                                          \
        row_end(name);                                                                             \
    } while (0)

#endif
