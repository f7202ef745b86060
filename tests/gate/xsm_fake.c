/* SPDX-License-Identifier: Apache-2.0 */
/* A security module for tests: grants everything but one permission, and writes down what it was
 * asked. Labels are those of xsm/simple_labels.c. */
#include "tests/gate/xsm_fake.h"

#include <string.h>

#include "xsm/simple_labels.h"

enum permission fake_denied = PERMISSION_NONE;
bool fake_records_grants;
bool fake_asked[FAKE_PERMISSIONS];
uint32_t fake_questions;

void fake_forget(void) {
    memset(fake_asked, 0, sizeof(fake_asked));
    fake_questions = 0;
}

const char *xsm_module_name(void) { return "fake"; }

enum reason xsm_start(const uint8_t *image, uint32_t size, const char *options) {
    (void)image;
    (void)size;
    return simple_labels_start(options);
}

unsigned xsm_decide(label_id subject, label_id object, enum permission permission) {
    fake_questions++;
    if (permission < FAKE_PERMISSIONS) fake_asked[permission] = true;
    if (subject == LABEL_NONE || object == LABEL_NONE || permission >= FAKE_PERMISSIONS ||
        permission == fake_denied)
        return XSM_RECORD;
    return fake_records_grants ? XSM_GRANTED | XSM_RECORD : XSM_GRANTED;
}
