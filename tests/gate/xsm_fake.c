/* SPDX-License-Identifier: Apache-2.0 */
/* A security module for tests: grants everything but one permission, and writes down what it was
 * asked. Labels are those of xsm/simple_labels.c. */
#include "tests/gate/xsm_fake.h"

#include <string.h>

#include "xsm/simple_labels.h"

enum permission fake_denied = PERMISSION_NONE;
label_id fake_denied_object = LABEL_NONE;
bool fake_records_grants;
static uint32_t fake_deny_one_in;
static uint32_t fake_salt;
bool fake_asked[FAKE_PERMISSIONS];
uint32_t fake_questions;

void fake_forget(void) {
    memset(fake_asked, 0, sizeof(fake_asked));
    fake_questions = 0;
}

void decisions_draw(uint32_t salt, uint32_t share) {
    fake_salt = salt;
    fake_deny_one_in = share;
}

const char *xsm_module_name(void) { return "fake"; }

enum reason xsm_start(const uint8_t *image, uint32_t size, const char *options) {
    (void)image;
    (void)size;
    return simple_labels_start(options);
}

/* A decision matrix by chance: the same question has the same answer while the salt is the same. */
static bool denies_by_chance(label_id subject, label_id object, enum permission permission) {
    uint32_t hash = fake_salt ^ ((uint32_t)subject << 24 | (uint32_t)object << 16 | permission);

    if (fake_deny_one_in == 0) return false;
    hash = (hash ^ hash >> 15) * 0x2c1b3c6du;
    hash = (hash ^ hash >> 12) * 0x297a2d39u;
    return (hash ^ hash >> 15) % fake_deny_one_in == 0;
}

unsigned xsm_decide(label_id subject, label_id object, enum permission permission) {
    fake_questions++;
    if (permission < FAKE_PERMISSIONS) fake_asked[permission] = true;
    if (subject == LABEL_NONE || object == LABEL_NONE || permission >= FAKE_PERMISSIONS ||
        (permission == fake_denied &&
         (fake_denied_object == LABEL_NONE || object == fake_denied_object)) ||
        denies_by_chance(subject, object, permission))
        return XSM_RECORD;
    return fake_records_grants ? XSM_GRANTED | XSM_RECORD : XSM_GRANTED;
}
