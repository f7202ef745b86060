/* SPDX-License-Identifier: Apache-2.0 */
/* The domains' state, and the frames that are charged to a domain for the hypervisor's own use. */
#include "hv/core/domain.h"

#include "hv/core/frame.h"

struct domain domains[MAX_DOMAINS];
SPARSE struct vcpu vcpus[MAX_DOMAINS][MAX_VCPUS];

enum reason domain_state_frame(domain_id domain, struct mfn *mfn) {
    enum reason reason = frames_allocate(domain, FRAME_STATE, ORDER_4K, mfn);

    if (reason == REASON_OK) {
        frame_place(*mfn, (struct gfn){domains[domain].state_head.number});
        domains[domain].state_head = *mfn;
        domains[domain].state_count++;
    }
    return reason;
}

enum reason domain_back(domain_id domain, enum sparse_array array, uint32_t page,
                        struct effects *effects) {
    struct mfn mfn;
    enum reason reason = domain_state_frame(domain, &mfn);

    if (reason != REASON_OK) return reason;
    struct effect *effect = effects_add(effects, EFFECT_BACK, domain);
    effect->array = array;
    effect->value = page;
    effect->mfn = mfn;
    return REASON_OK;
}

struct mfn domain_state_take(domain_id domain) {
    struct mfn mfn = domains[domain].state_head;

    domains[domain].state_count--;
    domains[domain].state_head.number = frame_read(mfn).gfn;
    return mfn;
}
