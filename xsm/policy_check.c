/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of the policy checks. */
#include "xsm/policy_check.h"

/* clang-format off */
static const char *const sentences[CHECK_COUNT_OF] = {
#define CHECK(name, sentence) sentence,
    POLICY_CHECKS(CHECK)
#undef CHECK
};
/* clang-format on */

const char *policy_check_sentence(enum policy_check check) {
    return check < CHECK_COUNT_OF ? sentences[check] : "unknown check";
}
