/* SPDX-License-Identifier: Apache-2.0 */
/* Death of domains, in bounded pieces. What is freed here follows from an answer given earlier, so
 * it is not asked: a denied piece would leak. The identity stays taken until no other domain maps a
 * frame of it, and the frames are not reused before the flush that their epoch names.
 *
 *   ports -> mappings of others' grants -> guest memory -> grant table, wait for others' mappings
 *   -> tables -> state
 *
 * The first domain is needed again, so nobody can make it wait: frames that others still map, and
 * the grants they mapped them by, pass to the estate, an identity that is never a VM. */
#include "evtchn/storage.h"
#include "hv/core/audit_trail.h"
#include "hv/core/flask.h"
#include "hv/core/frame.h"
#include "hv/core/guest_memory.h"
#include "hv/core/life.h"
#include "hv/core/sched.h"

#define PIECES 8u
#define DISOWNED_PER_HOLD 256u /* frames */
#define VIRQ_DOM_EXC 3u
#define LOANS_LOOKED_AT 64u

enum phase { PHASE_PORTS, PHASE_MAPPINGS, PHASE_MEMORY, PHASE_WAIT, PHASE_LOANS, PHASE_STATE };

static uint32_t dying_count;
static uint32_t last; /* whose turn it was */

static void stop_vcpus(domain_id domain, struct effects *effects) {
    for (uint32_t i = 0; i < domains[domain].vcpus; i++) {
        timer_stop_all(domain, (vcpu_id)i);
        effects_kick(effects, sched_stop(domain, (vcpu_id)i, VCPU_DOWN));
    }
}

void life_shutdown(domain_id domain, uint8_t code, struct effects *effects) {
    if (domains[domain].state != DOMAIN_LIVE) return;
    domains[domain].state = DOMAIN_SHUT;
    domains[domain].shutdown_code = code;
    domains[domain].watchdog = 0;
    audit_event(AUDIT_DOMAIN_ENDED, DOMAIN_NONE, domain, 0, code);
    stop_vcpus(domain, effects);
    flask_forget(domain);
    evtchn_raise_global_virq(VIRQ_DOM_EXC, effects);
}

static bool close_ports(domain_id domain, struct effects *effects) {
    for (uint32_t i = 0; i < 64 && evtchn_ports_open(domain) != 0; i++) {
        struct port entry = evtchn_read(domain, domains[domain].destroy_cursor);
        enum reason reason = evtchn_close(domain, domains[domain].destroy_cursor, effects);

        if (reason == REASON_AGAIN) return false;
        if (reason == REASON_OK) xsm_label_drop(entry.label);
        domains[domain].destroy_cursor++;
    }
    return evtchn_ports_open(domain) == 0;
}

static bool drop_mappings(domain_id domain, struct effects *effects) {
    struct grant_mapping mapping;
    uint32_t handle;

    for (uint32_t i = 0; i < PIECES; i++) {
        if (!grants_any_mapping(domain, &handle)) return true;
        (void)grants_mapping_read(domain, handle, &mapping);
        if (grants_unmap(domain, handle, effects) == REASON_OK)
            frame_dereference(mapping.mfn, machine_flush_epoch());
    }
    return false;
}

/* Frames of a leaf that is mapped no more: a large page takes several holds. */
static void disown_some(domain_id domain) {
    struct domain *d = &domains[domain];
    uint32_t count = d->destroy_cursor < DISOWNED_PER_HOLD ? d->destroy_cursor : DISOWNED_PER_HOLD;

    frames_disown((struct mfn){d->destroy_frame}, count, machine_flush_epoch());
    d->destroy_frame += count;
    d->destroy_cursor -= count;
    d->pages -= count;
}

static void release_leaf(domain_id domain, struct gfn gfn, const struct guest_entry *entry,
                         struct effects *effects) {
    guest_memory_add_unmap(effects, domain, gfn, entry->order);
    if (entry->kind == MAP_FOREIGN) {
        frame_dereference(entry->mfn, machine_flush_epoch());
    } else if (entry->kind == MAP_RAM) {
        domains[domain].destroy_frame = (uint32_t)entry->mfn.number;
        domains[domain].destroy_cursor = 1u << entry->order;
        disown_some(domain);
    }
}

static bool release_memory(domain_id domain, struct effects *effects) {
    struct domain *d = &domains[domain];
    struct gfn gfn = {d->destroy_gfn};
    struct guest_entry entry;

    if (d->destroy_cursor != 0) {
        disown_some(domain);
        return false;
    }
    for (uint32_t i = 0; i < PIECES && d->destroy_cursor == 0; i++) {
        if (!guest_map_next(domain, &gfn, &entry)) break;
        release_leaf(domain, gfn, &entry, effects);
        gfn.number += 1ull << entry.order;
    }
    d->destroy_gfn = gfn.number;
    return gfn.number >= GFN_LIMIT && d->destroy_cursor == 0;
}

static void unback(domain_id domain, enum sparse_array array, uint32_t pages,
                   struct effects *effects) {
    for (uint32_t i = 0; i < pages; i++) {
        struct effect *effect = effects_add(effects, EFFECT_UNBACK, domain);

        effect->array = array;
        effect->value = i;
        if (!effects_have_room(effects, 1)) machine_apply_all(effects);
    }
}

/* Grant frames and infos of vCPUs that somebody has mapped stay as orphans. Once is enough. */
static void release_grants(domain_id domain, struct effects *effects) {
    uint32_t epoch = machine_flush_epoch();
    uint32_t frames = grants_frames(domain);

    for (uint32_t i = 0; i < domains[domain].vcpus; i++) {
        if (vcpus[domain][i].info_registered) {
            vcpus[domain][i].info_registered = false;
            frame_dereference(vcpus[domain][i].info_mfn, epoch);
        }
    }
    for (uint32_t i = 0; i < frames; i++) frame_disown(grants_frame(domain, i), epoch);
    unback(domain, SPARSE_ACTIVE_GRANTS, frames, effects);
    unback(domain, SPARSE_MAPPINGS, grants_mappings_backed(domain) / MAPPINGS_PER_PAGE, effects);
    grants_destroy(domain);
}

/* Frames that others still map keep the identity; those of the first domain get another owner. */
static bool others_are_done(domain_id domain) {
    struct domain *d = &domains[domain];

    if (frames_owned_by(domain) == d->state_count + d->tables + d->table_pool_count + 1)
        return true;
    if (domain == 0 && frames_bequeath(domain, DOMAIN_ESTATE, &d->destroy_cursor))
        d->destroy_cursor = 0;
    return false;
}

/* Mappings by others that name it; the cursor counts the handles of all domains. */
static bool loans_are_done(domain_id domain) {
    uint32_t *cursor = &domains[domain].destroy_cursor;

    for (uint32_t i = 0; i < LOANS_LOOKED_AT && *cursor < MAX_DOMAINS * MAX_GRANT_MAPPINGS; i++) {
        domain_id mapper = (domain_id)(*cursor / MAX_GRANT_MAPPINGS);
        uint32_t handle = *cursor % MAX_GRANT_MAPPINGS;

        *cursor = handle < grants_mappings_backed(mapper) ? *cursor + 1
                                                          : (mapper + 1u) * MAX_GRANT_MAPPINGS;
        if (grants_granter(mapper, handle) == domain)
            grants_bequeath(mapper, handle, DOMAIN_ESTATE);
    }
    return *cursor >= MAX_DOMAINS * MAX_GRANT_MAPPINGS;
}

static void release_state(domain_id domain, struct effects *effects) {
    uint32_t epoch = machine_flush_epoch();
    uint32_t port_pages = PORT_PAGES(evtchn_ports(domain));

    frame_disown(domains[domain].shared_info, epoch);
    while (domains[domain].table_pool_count > 0) frame_disown(gate_table_take(domain), epoch);
    evtchn_create(domain, 0, 0);
    unback(domain, SPARSE_PORTS, port_pages, effects);
    unback(domain, SPARSE_CPU_STATE, 1, effects);
    unback(domain, SPARSE_VCPUS, 1, effects);
    while (domains[domain].state_count > 0) frame_disown(domain_state_take(domain), epoch);
    xsm_label_drop(domains[domain].label);
    domains[domain] = (struct domain){.state = DOMAIN_FREE};
    dying_count--;
}

/* The end of one that was shut already is news as well: its console and store let go of it then. */
static void begin(domain_id domain, struct effects *effects) {
    if (domains[domain].state == DOMAIN_SHUT) evtchn_raise_global_virq(VIRQ_DOM_EXC, effects);
    life_shutdown(domain, SHUTDOWN_NONE, effects);
    domains[domain].state = DOMAIN_DYING;
    domains[domain].destroy_phase = PHASE_PORTS;
    if (dying_count == 0) last = domain;
    dying_count++;
    stop_vcpus(domain, effects);
    (void)effects_add(effects, EFFECT_FLUSH, domain);
}

bool life_destroy(domain_id domain, struct effects *effects) {
    bool done = false;

    if (domains[domain].state != DOMAIN_DYING) {
        begin(domain, effects);
        return true;
    }
    for (uint32_t i = 0; i < domains[domain].vcpus; i++)
        if (sched_current(vcpus[domain][i].cpu) == vcpu_reference(domain, (vcpu_id)i))
            return true; /* its CPU was kicked and has not let go of it yet */
    /* A call of its own that was under way when it ended may have set one. */
    for (uint32_t i = 0; i < domains[domain].vcpus; i++) timer_stop_all(domain, (vcpu_id)i);
    switch (domains[domain].destroy_phase) {
    case PHASE_PORTS: done = close_ports(domain, effects); break;
    case PHASE_MAPPINGS: done = drop_mappings(domain, effects); break;
    case PHASE_MEMORY: done = release_memory(domain, effects); break;
    case PHASE_WAIT:
        release_grants(domain, effects);
        done = others_are_done(domain);
        if (domain == 0) break;
        if (!done) return false;
        domains[domain].destroy_phase++; /* a grant that is lent keeps a frame: it has no loans */
        break;
    case PHASE_LOANS: done = loans_are_done(domain); break;
    default: /* PHASE_STATE, the tables first */
        if (domains[domain].tables != 0) {
            (void)effects_add(effects, EFFECT_DROP_TABLES, domain);
            return true;
        }
        release_state(domain, effects);
        evtchn_raise_global_virq(VIRQ_DOM_EXC, effects);
        return false;
    }
    if (done) {
        domains[domain].destroy_phase++;
        domains[domain].destroy_cursor = 0;
    }
    return true;
}

/* In turn, and those that merely wait for others come last, or one would hold up the rest. */
domain_id life_dying(void) {
    domain_id waiting = DOMAIN_NONE;

    if (dying_count == 1 && domains[last].state == DOMAIN_DYING) return (domain_id)last;
    for (uint32_t i = 1; dying_count > 0 && i <= MAX_DOMAINS; i++) {
        domain_id candidate = (domain_id)((last + i) % MAX_DOMAINS);

        if (domains[candidate].state != DOMAIN_DYING) continue;
        if (domains[candidate].destroy_phase != PHASE_WAIT) {
            last = candidate;
            return candidate;
        }
        if (waiting == DOMAIN_NONE) waiting = candidate;
    }
    if (waiting != DOMAIN_NONE) last = waiting;
    return waiting;
}
