/* SPDX-License-Identifier: Apache-2.0 */
/* Memory behind the policy images. */
#include "hv/core/domain.h"
#include "hv/core/flask.h"
#include "hv/core/frame.h"
#include "hv/core/machine.h"

#define PAGES_PER_CALL 16u

static uint32_t backed[POLICY_SLOTS + 1]; /* pages */

enum reason policy_store_back(uint32_t size, struct effects *effects) {
    uint32_t slot = xsm_load_slot();
    uint32_t needed = (size + PAGE_SIZE - 1) / PAGE_SIZE;
    struct mfn mfn;

    if (slot >= POLICY_SLOTS) return REASON_OK; /* a module that keeps no policy */
    uint32_t row = backed[slot] < needed ? slot : POLICY_SPARE;
    for (uint32_t i = 0; i < PAGES_PER_CALL && backed[row] < needed; i++) {
        enum reason reason = frames_keep(&mfn);
        if (reason != REASON_OK) return reason;
        struct effect *effect = effects_add(effects, EFFECT_BACK, (domain_id)row);
        effect->array = SPARSE_POLICY_IMAGES;
        effect->value = backed[row];
        effect->mfn = mfn;
        backed[row]++;
    }
    machine_apply_all(effects);
    return backed[row] < needed || row == slot ? REASON_AGAIN : REASON_OK;
}
