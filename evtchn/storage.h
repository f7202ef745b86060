/* SPDX-License-Identifier: Apache-2.0 */
/* Where the ports lie, for hv/x86, which backs rows (SPARSE_PORTS), and for tests that check the
 * invariant. Nobody else includes this. */
#ifndef CORDON_EVTCHN_STORAGE_H
#define CORDON_EVTCHN_STORAGE_H

#include "evtchn/evtchn.h"

/* Port p of domain d; entry 0 of a row stays FREE. Backed up to what evtchn_create() was told. */
extern struct port ports[MAX_DOMAINS][MAX_PORTS];

#endif
