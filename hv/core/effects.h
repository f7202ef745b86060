/* SPDX-License-Identifier: Apache-2.0 */
/* What the machine must do after a step: a short list, filled by the state machines and applied by
 * hv/x86 in order, under the gate's lock. A step never does these things itself, so the same step
 * runs on the host under test and in the prover. */
#ifndef CORDON_CORE_EFFECTS_H
#define CORDON_CORE_EFFECTS_H

#include "hv/abi/sparse.h"
#include "hv/abi/types.h"

enum effect_kind {
    EFFECT_MAP,           /* domain, gfn -> mfn, order (0, 9, 18), map_kind, writable. Replaces */
    EFFECT_UNMAP,         /* domain, gfn, order; the domain's translations become stale */
    EFFECT_FLUSH,         /* domain: translations become stale */
    EFFECT_NOTIFY,        /* domain, vcpu, port: set pending, raise the upcall, wake */
    EFFECT_CLEAR_PENDING, /* domain, port: clear its pending bit */
    EFFECT_UNMASK,        /* domain, vcpu, port: clear mask; if pending, raise the upcall, wake */
    EFFECT_COPY,          /* mfn:offset -> target_mfn:target_offset, length bytes, within pages */
    EFFECT_UNPIN,         /* grant entry value (index) in mfn: clear the GTF_* bits in flags */
    EFFECT_BACK,          /* row `array` of domain, page index `value`, by frame mfn (zeroed) */
    EFFECT_UNBACK,        /* the reverse */
    EFFECT_VCPU_CREATE,   /* domain, vcpu: VMCB in mfn, XSAVE area in target_mfn */
    EFFECT_VCPU_START,    /* domain, vcpu: SIPI with vector `value` */
    EFFECT_VCPU_INFO,     /* domain, vcpu: vcpu_info moves to mfn:offset */
    EFFECT_VCPU_TIME,     /* domain, vcpu: time area at mfn:offset; filled */
    EFFECT_SHARED_INFO,   /* domain: shared_info is the frame mfn; initialised */
    EFFECT_DROP_TABLES,   /* domain, which runs no more: some of its table pages go back */
    EFFECT_KICK,          /* value: CPU that must leave guest mode or wake from idle */
    EFFECT_POWER_OFF,     /* the machine ends */
    EFFECT_RESET,         /* the machine restarts */
};

enum map_kind {
    MAP_NONE,    /* nothing there */
    MAP_RAM,     /* the domain's own memory */
    MAP_SPECIAL, /* shared_info, grant table frames */
    MAP_FOREIGN, /* another domain's frame by foreign mapping */
    MAP_GRANT,   /* another domain's frame by grant */
};

struct effect {
    enum effect_kind kind;
    domain_id domain;
    vcpu_id vcpu;
    uint8_t order;
    uint8_t map_kind;
    bool writable;
    uint16_t flags;
    uint16_t offset;
    uint16_t target_offset;
    uint16_t length;
    enum sparse_array array;
    uint32_t value;
    port_id port;
    struct gfn gfn;
    struct mfn mfn;
    struct mfn target_mfn;
};

#define EFFECTS_MAX 64u

struct effects {
    uint32_t count;
    struct effect items[EFFECTS_MAX];
};

/*@ predicate effects_ok(struct effects *effects) =
        \valid(effects) && effects->count <= EFFECTS_MAX;

    predicate effects_room(struct effects *effects, integer n) =
        n <= EFFECTS_MAX - effects->count;

    // The last item, and all that a bare kind and domain leave zero.
    predicate effect_is(struct effect *effect, integer kind, integer domain) =
        effect->kind == kind && effect->domain == domain;
    predicate effect_plain(struct effect *effect) =
        effect->order == 0 && effect->map_kind == 0 && effect->writable == 0 &&
        effect->flags == 0 && effect->offset == 0 && effect->target_offset == 0 &&
        effect->length == 0 && effect->array == 0 && effect->value == 0 &&
        effect->gfn.number == 0 && effect->mfn.number == 0 && effect->target_mfn.number == 0; */

/* Room for n more? A step refuses with REASON_AGAIN before its first write where there is not. */
/*@ requires effects_ok(effects);
    terminates \true;
    assigns \nothing;
    ensures room: \result == 1 <==> effects_room(effects, n); */
static inline bool effects_have_room(const struct effects *effects, uint32_t n) {
    return n <= EFFECTS_MAX - effects->count;
}

/* Next item, all fields zero. Callers have checked the room. */
/*@ requires effects_ok(effects) && effects_room(effects, 1);
    terminates \true;
    assigns effects->count, effects->items[effects->count];
    assigns \result \from effects, effects->count;
    ensures \result == &effects->items[\old(effects->count)];
    ensures effects->count == \old(effects->count) + 1;
    ensures added: effect_is(\result, kind, domain);
    ensures plain: effect_plain(\result);
    ensures \result->vcpu == 0 && \result->port == 0; */
static inline struct effect *effects_add(struct effects *effects, enum effect_kind kind,
                                         domain_id domain) {
    struct effect *effect = &effects->items[effects->count];

    effects->count++;
    *effect = (struct effect){.kind = kind, .domain = domain};
    return effect;
}

/* A CPU that must look at its run queue again; MAX_CPUS is none. */
/*@ requires effects_ok(effects);
    terminates \true;
    assigns effects->count, effects->items[effects->count];
    ensures effects_ok(effects);
    ensures cpu < MAX_CPUS && \old(effects_room(effects, 1)) ?
        effects->count == \old(effects->count) + 1 &&
            effect_is(&effects->items[\old(effects->count)], EFFECT_KICK, DOMAIN_NONE) &&
            effects->items[\old(effects->count)].value == cpu :
        effects->count == \old(effects->count); */
static inline void effects_kick(struct effects *effects, uint32_t cpu) {
    if (cpu < MAX_CPUS && effects_have_room(effects, 1))
        effects_add(effects, EFFECT_KICK, DOMAIN_NONE)->value = cpu;
}

#endif
