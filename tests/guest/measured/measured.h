/* SPDX-License-Identifier: Apache-2.0 */
/* What the two measured guests agree upon. They are one image: role=0 on the command line serves,
 * role=1 measures; peer= names the other. */
#ifndef CORDON_TESTS_GUEST_MEASURED_MEASURED_H
#define CORDON_TESTS_GUEST_MEASURED_MEASURED_H

#include <stdint.h>

#include "tests/guest/guest.h"
#include "tests/guest/rows.h"

#define SHARED_PAGES 64u
#define ROUNDS ROW_TRIES /* round trips by poll, then as many by upcall */

#define RING_PAGE SHARED_PAGES /* one more page: the ring */
#define GRANTED_PAGES (SHARED_PAGES + 1u)

extern char pages[GRANTED_PAGES][PAGE_BYTES];

/* Grants all `pages` to `peer`, offers it a channel, and answers its round trips. */
void serve(uint16_t peer);

/* Ends the measurement: who waits for the report is woken first. */
_Noreturn void give_up(const char *why);

void measure_own(void);
/* `port` and the first of the GRANTED_PAGES references are what the peer's report tells. Answers
 * the local port. */
uint32_t measure_pair(uint16_t peer, uint32_t port, uint32_t reference);
void measure_ring(uint16_t peer, uint32_t port, uint32_t reference);

#endif
