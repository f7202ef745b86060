/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of a domain's guest-physical map, with what they mean for the frames behind it. */
#ifndef CORDON_CORE_GUEST_MEMORY_H
#define CORDON_CORE_GUEST_MEMORY_H

#include "hv/abi/reason.h"
#include "hv/core/guest_map.h"

/* Makes sure that mapping (or splitting) this leaf finds its table pages: takes clean frames into
 * the domain's pool. REASON_AGAIN, REASON_NO_MEMORY. */
enum reason guest_memory_reserve_tables(domain_id domain, struct gfn gfn, unsigned order);

static inline void guest_memory_add_map(struct effects *effects, domain_id domain, struct gfn gfn,
                                        struct mfn mfn, unsigned order, enum map_kind kind,
                                        bool writable) {
    struct effect *effect = effects_add(effects, EFFECT_MAP, domain);

    effect->gfn = gfn;
    effect->mfn = mfn;
    effect->order = (uint8_t)order;
    effect->map_kind = (uint8_t)kind;
    effect->writable = writable;
}

static inline void guest_memory_add_unmap(struct effects *effects, domain_id domain, struct gfn gfn,
                                          unsigned order) {
    struct effect *effect = effects_add(effects, EFFECT_UNMAP, domain);

    effect->gfn = gfn;
    effect->order = (uint8_t)order;
}

/* Gives the domain 2^order frames of RAM at gfn, which must be empty and aligned. */
enum reason guest_memory_populate(domain_id domain, struct gfn gfn, unsigned order,
                                  struct effects *effects);

/* Takes what is mapped at gfn (one 4 KiB page, or a whole leaf of 2^order) out of the map: RAM goes
 * back to the hypervisor, a foreign mapping drops its reference, a special page is only unmapped.
 * REASON_BUSY: a grant mapping, which only its unmap ends. REASON_NO_ENTRY: nothing there. */
enum reason guest_memory_release(domain_id domain, struct gfn gfn, unsigned order,
                                 struct effects *effects);

/* Puts a special frame of the domain itself at gfn; what was there is released, and the frame
 * leaves the place it had before. */
enum reason guest_memory_place_special(domain_id domain, struct mfn mfn, struct gfn gfn,
                                       struct effects *effects);

/* Maps a frame of another domain at gfn, taking a reference; a foreign or RAM page there is
 * released first. */
enum reason guest_memory_map_foreign(domain_id domain, struct gfn gfn, struct mfn mfn,
                                     struct effects *effects);

#endif
