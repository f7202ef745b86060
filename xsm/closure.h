/* SPDX-License-Identifier: Apache-2.0 */
/* The closure of derived labels: for each domain label its self label, and for each ordered pair of
 * them the channel label, so that nothing is interned when a port is made. Each derivation counts
 * on the label that it arrives at, and is uncounted when one of its parents goes. */
#ifndef CORDON_XSM_CLOSURE_H
#define CORDON_XSM_CLOSURE_H

#include <stdbool.h>
#include <stdint.h>

#include "xsm/labels.h"

/* What to derive by: an image and the truth of its conditionals. */
struct deriving {
    uint32_t slot;
    uint32_t side; /* of the labels */
};

/* Truth of the conditionals, per side. */
extern struct condition_states condition_states[SIDES];

/* Makes a living label a domain label if it has a self transition. False if there is no room; then
 * nothing changed. */
bool closure_add(struct deriving by, label_id label);
/* Ends its being a domain label. Labels that nothing wants any more remain until they are swept. */
void closure_remove(struct deriving by, label_id label);
/* The channel label from one to the other, or LABEL_NONE. */
label_id closure_channel(struct deriving by, label_id subject, label_id peer);

#endif
