/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a measuring guest: the least and the middle of the samples. */
#include "tests/guest/rows.h"

#include "tests/guest/guest.h"

static uint64_t samples[ROW_TRIES];
static uint32_t count;
static uint64_t clock_cost;

void row_sample(uint64_t ticks) {
    uint64_t net = ticks - clock_cost;
    uint32_t at = count;

    if (count == ROW_TRIES) guest_fail("more samples than a row may have");
    for (; at > 0 && samples[at - 1] > net; at--) samples[at] = samples[at - 1];
    samples[at] = net;
    count++;
}

void row_end(const char *name) {
    uint64_t numbers[3] = {samples[0], samples[count / 2], count};
    char text[48] = "row ";
    uint32_t at = 4;

    for (; *name != '\0' && at < sizeof(text) - 1; name++) text[at++] = *name;
    text[at] = '\0';
    guest_say_numbers(text, numbers, 3);
    count = 0;
}

void rows_start(void) {
    clock_cost = UINT64_MAX;
    for (uint32_t try = 0; try < ROW_TRIES; try++) {
        uint64_t start = row_clock();
        uint64_t took = row_clock() - start;

        clock_cost = took < clock_cost ? took : clock_cost;
    }
    guest_say_numbers("clock", &clock_cost, 1);
}
