/* SPDX-License-Identifier: Apache-2.0 */
/* Effects: what a step of the core decided, done. Under the gate's lock, in order. What has to wait
 * for other CPUs waits after the lock is released (tlb.h). */
#include "evtchn/storage.h"
#include "grants/storage.h"
#include "hv/core/domain.h"
#include "hv/x86/apic.h"
#include "hv/x86/npt.h"
#include "hv/x86/stop.h"
#include "hv/x86/tlb.h"

_Static_assert(sizeof(vcpus[0]) % PAGE_SIZE == 0 && sizeof(ports[0]) % PAGE_SIZE == 0 &&
                   sizeof(active_grants[0]) % PAGE_SIZE == 0 &&
                   sizeof(mappings[0]) % PAGE_SIZE == 0,
               "rows of sparse arrays are whole pages");

static struct guest_shared_info *shared_infos[MAX_DOMAINS];

void machine_kick(uint32_t cpu) {
    if (cpu == this_cpu()->id)
        this_cpu()->reschedule = true;
    else if (cpu < cpus_running)
        apic_kick(cpu);
}

static __attribute__((noinline)) void *sparse_page(const struct effect *effect) {
    domain_id domain = effect->domain;
    uint64_t offset = (uint64_t)effect->value * PAGE_SIZE;

    switch (effect->array) {
    case SPARSE_VCPUS: return (uint8_t *)vcpus[domain] + offset;
    case SPARSE_PORTS: return (uint8_t *)ports[domain] + offset;
    case SPARSE_ACTIVE_GRANTS: return (uint8_t *)active_grants[domain] + offset;
    case SPARSE_MAPPINGS: return (uint8_t *)mappings[domain] + offset;
    case SPARSE_POLICY_IMAGES: return policy_bytes[domain] + offset;
    case SPARSE_CPU_STATE: return (uint8_t *)machine_vcpus[domain] + offset;
    }
    return NULL;
}

static uint64_t port_bit(port_id port) { return 1ull << (port % 64u); }

/* The port's word in evtchn_pending, or in evtchn_mask; NULL without shared_info. */
static uint64_t *port_word(domain_id domain, port_id port, bool mask) {
    struct guest_shared_info *shared = shared_infos[domain];

    if (shared == NULL || port >= MAX_PORTS) return NULL;
    return mask ? &shared->evtchn_mask[port / 64u] : &shared->evtchn_pending[port / 64u];
}

static bool port_is(domain_id domain, port_id port, bool mask) {
    const uint64_t *word = port_word(domain, port, mask);

    return word != NULL && (__atomic_load_n(word, __ATOMIC_SEQ_CST) & port_bit(port)) != 0;
}

bool machine_port_pending(domain_id domain, port_id port) { return port_is(domain, port, false); }

static void clear_bit(const struct effect *effect, bool mask) {
    uint64_t *word = port_word(effect->domain, effect->port, mask);

    if (word != NULL) (void)__atomic_fetch_and(word, ~port_bit(effect->port), __ATOMIC_SEQ_CST);
}

bool machine_upcall_pending(domain_id domain, vcpu_id id) {
    const struct machine_vcpu *vcpu = vcpu_find(domain, id);

    return vcpu != NULL && upcall_waits(vcpu);
}

bool machine_upcall_due(domain_id domain, vcpu_id id) {
    return machine_upcall_pending(domain, id) &&
           (machine_vcpus[domain][id].vmcb->save.rflags & RFLAGS_IF) != 0;
}

/* The upcall comes where an event is pending, not masked, and new (or newly unmasked). */
static void raise_upcall(const struct effect *effect) {
    const struct machine_vcpu *vcpu = vcpu_find(effect->domain, effect->vcpu);

    if (vcpu == NULL || vcpu->info == NULL) return;
    (void)__atomic_fetch_or(&vcpu->info->evtchn_pending_sel, port_bit(effect->port / 64u),
                            __ATOMIC_SEQ_CST);
    __atomic_store_n(&vcpu->info->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST);
    gate_wake(effect->domain, effect->vcpu);
}

static void notify(const struct effect *effect) {
    uint64_t *word = port_word(effect->domain, effect->port, false);
    uint64_t bit = port_bit(effect->port);

    if (word == NULL || (__atomic_fetch_or(word, bit, __ATOMIC_SEQ_CST) & bit) != 0) return;
    if (!port_is(effect->domain, effect->port, true)) raise_upcall(effect);
    gate_wake_pollers(effect->domain, effect->port);
}

static void unmask(const struct effect *effect) {
    clear_bit(effect, true);
    if (!machine_port_pending(effect->domain, effect->port)) return;
    raise_upcall(effect);
    gate_wake_pollers(effect->domain, effect->port);
}

static void copy(const struct effect *effect) {
    __builtin_memmove(frame_pointer(effect->target_mfn) + effect->target_offset,
                      frame_pointer(effect->mfn) + effect->offset, effect->length);
}

static void unpin(const struct effect *effect) {
    struct guest_grant_entry *entry = frame_pointer(effect->mfn);

    (void)__atomic_fetch_and(&entry[effect->value].flags_and_domid, ~(uint32_t)effect->flags,
                             __ATOMIC_SEQ_CST);
}

/* Where vcpu_info is until the guest moves it. */
static __attribute__((noinline)) void use_default_info(domain_id domain, vcpu_id id) {
    struct machine_vcpu *vcpu = vcpu_find(domain, id);

    if (vcpu != NULL && shared_infos[domain] != NULL)
        vcpu_set_info(vcpu, &shared_infos[domain]->vcpu_info[id]);
}

/* The reset waits for the CPU that enters it next: after an INIT another CPU may not have left the
 * guest yet, and would write over the new state. */
static void start_vcpu(const struct effect *effect) {
    struct machine_vcpu *vcpu = &machine_vcpus[effect->domain][effect->vcpu];

    __atomic_store_n(&vcpu->start, START_PENDING | (effect->value & 0xffu), __ATOMIC_RELEASE);
}

/* The new place holds garbage, and events may have come in at the old one until now: everything
 * counts as pending, so that nothing is lost. */
static __attribute__((noinline)) void move_vcpu_info(const struct effect *effect) {
    struct machine_vcpu *vcpu = vcpu_find(effect->domain, effect->vcpu);
    struct guest_vcpu_info *info = frame_pointer(effect->mfn) + effect->offset;

    if (vcpu == NULL) return;
    *info = vcpu->info != NULL ? *vcpu->info : (struct guest_vcpu_info){0};
    info->evtchn_pending_sel = UINT64_MAX;
    info->evtchn_upcall_pending = 1;
    vcpu_set_info(vcpu, info);
}

static __attribute__((noinline)) void set_shared_info(const struct effect *effect) {
    struct guest_shared_info *shared = frame_pointer(effect->mfn);
    uint64_t seconds = clock_boot_seconds;

    *shared = (struct guest_shared_info){
        .wc_version = 2, .wc_sec = (uint32_t)seconds, .wc_sec_hi = (uint32_t)(seconds >> 32)};
    for (unsigned i = 0; i < SHARED_INFO_WORDS; i++) shared->evtchn_mask[i] = UINT64_MAX;
    shared_infos[effect->domain] = shared;
    for (vcpu_id i = 0; i < MAX_VCPUS; i++) use_default_info(effect->domain, i);
}

void machine_upcall_enable(domain_id domain, vcpu_id id) {
    struct machine_vcpu *vcpu = vcpu_find(domain, id);

    if (vcpu != NULL && vcpu->info != NULL)
        __atomic_store_n(&vcpu->info->evtchn_upcall_mask, 0, __ATOMIC_RELAXED);
}

static void apply_one(const struct effect *effect) {
    switch (effect->kind) {
    case EFFECT_MAP:
        if (npt_map(effect)) tlb_domain_stale(effect->domain);
        break;
    case EFFECT_UNMAP:
        if (npt_unmap(effect)) tlb_domain_stale(effect->domain);
        break;
    case EFFECT_FLUSH: tlb_domain_stale(effect->domain); break;
    case EFFECT_DROP_TABLES:
        npt_destroy_step(effect->domain);
        tlb_domain_stale(effect->domain);
        break;
    case EFFECT_NOTIFY: notify(effect); break;
    case EFFECT_CLEAR_PENDING: clear_bit(effect, false); break;
    case EFFECT_UNMASK: unmask(effect); break;
    case EFFECT_COPY: copy(effect); break;
    case EFFECT_UNPIN: unpin(effect); break;
    case EFFECT_BACK: sparse_map(sparse_page(effect), effect->mfn); break;
    case EFFECT_UNBACK:
        if (effect->array == SPARSE_CPU_STATE) vcpu_row_gone(effect->domain);
        if (effect->array == SPARSE_CPU_STATE) shared_infos[effect->domain] = NULL;
        sparse_unmap(sparse_page(effect));
        break;
    case EFFECT_VCPU_CREATE:
        vcpu_create(effect);
        use_default_info(effect->domain, effect->vcpu);
        break;
    case EFFECT_VCPU_START: start_vcpu(effect); break;
    case EFFECT_VCPU_INFO: move_vcpu_info(effect); break;
    case EFFECT_VCPU_TIME: vcpu_fill_time(frame_pointer(effect->mfn) + effect->offset); break;
    case EFFECT_SHARED_INFO: set_shared_info(effect); break;
    case EFFECT_KICK: machine_kick(effect->value); break;
    case EFFECT_POWER_OFF: machine_power_off(EXIT_POWER_OFF);
    case EFFECT_RESET: machine_reset(EXIT_RESET);
    }
}

void machine_apply(const struct effects *effects) {
    const struct effect *end = effects->items + effects->count;

    for (const struct effect *effect = effects->items; effect < end; effect++) apply_one(effect);
    tlb_effects_done(this_cpu());
}
