/* SPDX-License-Identifier: Apache-2.0 */
/* What two guests say to each other in a page that one grants the other: a ring of words in one
 * direction, and a call. The hypervisor is asked when the page is mapped and the channel bound; the
 * data passes without it, and an event only tells that there is some. */
#ifndef CORDON_TESTS_GUEST_RING_H
#define CORDON_TESTS_GUEST_RING_H

#include <stdbool.h>
#include <stdint.h>

#define RING_SLOTS 256u

/* One page. Counters run freely; each is written by one side alone. */
struct ring {
    uint32_t produced;
    uint32_t reserved_1[15]; /* the two sides write to cache lines of their own */
    uint32_t consumed;
    uint32_t reserved_2[15];
    uint64_t request, answer; /* of a call */
    uint64_t reserved_3[14];
    uint64_t slots[RING_SLOTS];
};
_Static_assert(sizeof(struct ring) <= 4096, "one page");

/* Producer: false if the ring is full. The consumer is told by an event on `port` when `rate` words
 * came since the last, or when ring_flush() is called. */
struct ring_producer {
    volatile struct ring *ring;
    uint32_t port;
    uint32_t rate;
    uint32_t told; /* `produced` at the last event */
};
bool ring_put(struct ring_producer *producer, uint64_t word);
void ring_flush(struct ring_producer *producer);

/* Consumer: false if the ring is empty. The other side is not believed: a count that cannot be is
 * taken for an empty ring. */
bool ring_take(volatile struct ring *ring, uint64_t *word);

/* A synchronous call, built from a pair of events: the answer of the domain that serves `port`,
 * which is masked and answers by ring_serve_call() at each event. */
uint64_t ring_call(volatile struct ring *ring, uint32_t port, uint64_t request);
void ring_serve_call(volatile struct ring *ring, uint64_t (*serve)(uint64_t request));

#endif
