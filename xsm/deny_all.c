/* SPDX-License-Identifier: Apache-2.0 */
/* Denies everything to everybody and records it: what the system does when nothing is granted, for
 * tests, and a start from which each grant must be shown to be needed. */
#include "xsm/simple_labels.h"

const char *xsm_module_name(void) { return "deny_all"; }

enum reason xsm_start(const uint8_t *image, uint32_t size, const char *options) {
    (void)image;
    (void)size;
    return simple_labels_start(options);
}

unsigned xsm_decide(label_id subject, label_id object, enum permission permission) {
    (void)subject;
    (void)object;
    (void)permission;
    return XSM_RECORD;
}
