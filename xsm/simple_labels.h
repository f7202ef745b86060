/* SPDX-License-Identifier: Apache-2.0 */
/* Labels of the modules without a policy: system_u:system_r:TYPE, where TYPE is an initial one or
 * was named on the command line (label=TYPE[,TYPE...]). Each type a domain may carry has a self
 * label, TYPE_self. All are made at the start and live for ever, so that holding and dropping do
 * nothing. */
#ifndef CORDON_XSM_SIMPLE_LABELS_H
#define CORDON_XSM_SIMPLE_LABELS_H

#include <stdbool.h>
#include <stdint.h>

#include "xsm/xsm.h"

/* Makes the labels. REASON_INVALID: an option names a type that is malformed, or too many. */
enum reason simple_labels_start(const char *options);

/* The label of which this one is the self label; LABEL_NONE if it is none. */
label_id simple_label_of_self(label_id label);

#endif
