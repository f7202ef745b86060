/* SPDX-License-Identifier: Apache-2.0 */
/* Real type enforcement in place of the tests' module, with a policy from WORLD_POLICY. */
#include "hv/core/flask.h"
#include "hv/core/lock.h"
#include "tests/gate/xsm_fake.h"
#include "tests/host/machine.h"
#include "tests/host/xsm_changes.h"

void decisions_draw(uint32_t salt, uint32_t share) {
    enum reason reason;

    gate_lock();
    /* A label may be on its way: the core sees it arrive. */
    while (xsm_change() != XSM_NO_CHANGE && xsm_work_take()) {
        gate_unlock();
        flask_work_unlocked();
        gate_lock();
    }
    for (uint32_t i = 0; i < xsm_boolean_count(); i++)
        xsm_boolean_set_pending(i, share != 0 && (salt >> (i % 32) & 1) != 0);
    reason = booleans_commit_whole();
    gate_unlock();
    host_check(reason == REASON_OK || reason == REASON_BUSY, "booleans are committed");
}
