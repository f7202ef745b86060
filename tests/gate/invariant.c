/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold between any two calls, over all modules, found by looking at everything. Plain C
 * without a library, since the debug image has it too (tests/debug/). */
#include "tests/gate/invariant.h"

#include "audit/audit.h"
#include "evtchn/evtchn.h"
#include "grants/storage.h"
#include "hv/abi/shared_info.h"
#include "hv/core/domain.h"
#include "hv/core/frame.h"
#include "hv/core/guest_map.h"
#include "hv/core/machine.h"
#include "hv/core/sched.h"

/* Found while walking the maps. */
static uint32_t mapped[INVARIANT_FRAMES];      /* foreign and grant mappings that name the frame */
static uint8_t ram_mappings[INVARIANT_FRAMES]; /* RAM leaves that name it */
static uint32_t grant_leaves[MAX_DOMAINS];
static uint64_t checked;

static void hold(bool holds, const char *what, uint64_t a, uint64_t b) {
    checked++;
    if (!holds) invariant_broken(what, a, b);
}

static void check_leaf(domain_id domain, struct gfn gfn, const struct guest_entry *entry,
                       uint32_t *ram) {
    /* Leaves of handles that a dying domain, which never runs again, has given up already. */
    bool dead = domains[domain].state == DOMAIN_DYING && entry->kind == MAP_GRANT;
    uint64_t i;

    for (i = 0; i < 1ull << entry->order && !dead; i++) {
        struct mfn mfn = {entry->mfn.number + i};
        struct frame frame = frame_read(mfn);

        hold(mfn.number < invariant_frames(), "a mapped frame exists", domain, mfn.number);
        hold(frame.state == FRAME_OWNED, "a mapped frame is owned", domain, mfn.number);
        switch (entry->kind) {
        case MAP_RAM:
            hold(frame.owner == domain && frame.use == FRAME_RAM, "RAM is its domain's", domain,
                 mfn.number);
            hold(frame.gfn == gfn.number + i, "RAM knows its place", domain, mfn.number);
            ram_mappings[mfn.number]++;
            (*ram)++;
            break;
        case MAP_SPECIAL:
            hold(frame.owner == domain &&
                     (frame.use == FRAME_SHARED_INFO || frame.use == FRAME_GRANT_TABLE) &&
                     frame.gfn == gfn.number,
                 "a special frame knows its place", domain, mfn.number);
            break;
        case MAP_GRANT:
            grant_leaves[domain]++;
            mapped[mfn.number]++;
            break;
        case MAP_FOREIGN:
            hold(frame.owner != domain, "a foreign frame is another's", domain, mfn.number);
            mapped[mfn.number]++;
            break;
        case MAP_NONE: hold(false, "a leaf has a kind", domain, mfn.number);
        }
    }
}

static void check_map(domain_id domain) {
    struct gfn gfn = {0};
    struct guest_entry entry;
    uint32_t ram = 0;

    grant_leaves[domain] = 0;
    while (gfn.number < GFN_LIMIT) {
        if (!guest_map_next(domain, &gfn, &entry)) continue;
        check_leaf(domain, gfn, &entry, &ram);
        gfn.number += 1ull << entry.order;
    }
    hold(domains[domain].state == DOMAIN_DYING || ram == domains[domain].pages,
         "pages count the RAM in the map", ram, domains[domain].pages);
}

static void check_grants(domain_id domain) {
    struct grant_mapping mapping;
    uint32_t count = 0;
    uint32_t handle;

    for (handle = 0; handle < MAX_GRANT_MAPPINGS; handle++) {
        struct guest_entry entry;

        if (!grants_mapping_read(domain, handle, &mapping)) continue;
        count++;
        mapped[mapping.mfn.number] += domains[domain].state == DOMAIN_DYING;
        entry = guest_map_read(domain, mapping.gfn);
        hold(entry.kind == MAP_GRANT && entry.mfn.number == mapping.mfn.number &&
                 entry.writable == mapping.writable,
             "a grant mapping is in the map", domain, handle);
        /* On its way to the estate the frame goes first. */
        hold(frame_read(mapping.mfn).owner == mapping.granter ||
                 (mapping.granter == 0 && domains[0].state == DOMAIN_DYING &&
                  frame_read(mapping.mfn).owner == DOMAIN_ESTATE),
             "a grant is of its granter's frame", domain, handle);
    }
    hold(domains[domain].state == DOMAIN_DYING || count == grant_leaves[domain],
         "each grant leaf has its handle", count, grant_leaves[domain]);
}

static void check_pin(domain_id domain, uint32_t reference, struct active_grant active) {
    struct guest_grant_entry entry;
    bool used = active.readers + active.writers != 0;

    invariant_frame_read(grants_frame(domain, reference / GRANTS_PER_FRAME),
                         reference % GRANTS_PER_FRAME * (uint32_t)sizeof(entry), &entry,
                         (uint32_t)sizeof(entry));
    hold(used == ((entry.flags_and_domid & GTF_READING) != 0) &&
             (active.writers != 0) == ((entry.flags_and_domid & GTF_WRITING) != 0),
         "an entry is pinned while it is mapped", domain, reference);
}

/* Active counts against the mappings that name them. */
static void check_active(void) {
    static struct active_grant found[MAX_DOMAINS][4 * GRANTS_PER_FRAME];
    static uint32_t lent[MAX_DOMAINS];
    struct grant_mapping mapping;
    uint32_t domain;
    uint32_t handle;

    __builtin_memset(lent, 0, sizeof(lent));
    for (domain = 0; domain < MAX_DOMAINS; domain++) {
        uint32_t limit = grants_frames((domain_id)domain) * GRANTS_PER_FRAME;

        __builtin_memset(found[domain], 0,
                         sizeof(found[0][0]) *
                             (limit < 4 * GRANTS_PER_FRAME ? limit : 4 * GRANTS_PER_FRAME));
    }
    for (domain = 0; domain < MAX_DOMAINS; domain++) {
        for (handle = 0; domains[domain].state != DOMAIN_FREE && handle < MAX_GRANT_MAPPINGS;
             handle++) {
            if (grants_mapping_read((domain_id)domain, handle, &mapping)) {
                lent[mapping.granter]++;
                if (mapping.reference < 4 * GRANTS_PER_FRAME) {
                    found[mapping.granter][mapping.reference].readers += !mapping.writable;
                    found[mapping.granter][mapping.reference].writers += mapping.writable;
                }
            }
        }
    }
    for (domain = 0; domain < MAX_DOMAINS; domain++) {
        uint32_t limit = grants_frames((domain_id)domain) * GRANTS_PER_FRAME;
        uint32_t i;

        hold(lent[domain] == grant_domains[domain].lent, "lent counts mappings", domain,
             lent[domain]);
        for (i = 0; i < limit && i < 4 * GRANTS_PER_FRAME; i++) {
            struct active_grant active = grants_active((domain_id)domain, i);

            hold(active.readers == found[domain][i].readers &&
                     active.writers == found[domain][i].writers,
                 "active counts equal the mappings", domain, i);
            if (invariant_grants_are_left_alone()) check_pin((domain_id)domain, i, active);
        }
    }
}

static void check_ports(domain_id domain) {
    port_id port;

    for (port = 0; port < evtchn_ports(domain); port++) {
        struct port here = evtchn_read(domain, port);
        struct port there;

        if (here.state != PORT_INTERDOMAIN) {
            hold(here.state != PORT_UNBOUND || here.remote_domain < MAX_DOMAINS,
                 "an unbound port names a domain", domain, port);
            continue;
        }
        there = evtchn_read(here.remote_domain, here.remote_port_or_virq);
        hold(there.state == PORT_INTERDOMAIN && there.remote_domain == domain &&
                 there.remote_port_or_virq == port,
             "channels are symmetric", domain, port);
    }
}

/* Of a large page that a dying domain's map has lost and which is disowned in several holds. */
static bool being_disowned(uint32_t frame, domain_id owner) {
    const struct domain *d = &domains[owner];

    return d->state == DOMAIN_DYING && d->destroy_frame != 0 && frame >= d->destroy_frame &&
           frame - d->destroy_frame < d->destroy_cursor;
}

static void check_frames(void) {
    static uint32_t owned[MAX_DOMAINS];
    uint64_t present = 0;
    uint64_t free = 0;
    uint32_t i;

    __builtin_memset(owned, 0, sizeof(owned));
    for (i = 0; i < invariant_frames(); i++) {
        struct frame frame = frame_read((struct mfn){i});
        uint32_t infos = 0;
        uint32_t v;

        present += frame.state != FRAME_ABSENT;
        if (frame.state != FRAME_OWNED) {
            hold(frame.references == 0 && mapped[i] == 0, "a free frame is mapped nowhere", i, 0);
            free += frame.state >= FRAME_DIRTY;
            continue;
        }
        hold(frame.owner < MAX_DOMAINS &&
                 (domains[frame.owner].state != DOMAIN_FREE ||
                  (frame.owner == DOMAIN_ESTATE && frame.use == FRAME_ORPHAN)),
             "an owner lives, or the frame is of the estate", frame.owner, i);
        owned[frame.owner]++;
        for (v = 0; v < domains[frame.owner].vcpus; v++) {
            infos +=
                vcpus[frame.owner][v].info_registered && vcpus[frame.owner][v].info_mfn.number == i;
        }
        hold(frame.references == mapped[i] + infos, "references count mappings", frame.references,
             mapped[i] + infos);
        hold(frame.use != FRAME_RAM || ram_mappings[i] == !being_disowned(i, frame.owner),
             "RAM is in its owner's map once", frame.owner, i);
        hold(frame.use != FRAME_ORPHAN || frame.references > 0, "an orphan is referenced", i, 0);
    }
    hold(present == frames_count_total(), "every frame was looked at", present,
         frames_count_total());
    hold(free == frames_count_free(), "free frames are counted", free, frames_count_free());
    for (i = 0; i < MAX_DOMAINS; i++) {
        hold(owned[i] == frames_owned_by((domain_id)i), "owned frames are counted", owned[i],
             frames_owned_by((domain_id)i));
    }
}

static uint32_t charges[MAX_DOMAINS][FRAME_STATE + 1];

static void count_charges(void) {
    uint32_t i;

    __builtin_memset(charges, 0, sizeof(charges));
    for (i = 0; i < invariant_frames(); i++) {
        struct frame frame = frame_read((struct mfn){i});

        if (frame.state == FRAME_OWNED && frame.owner < MAX_DOMAINS)
            charges[frame.owner][frame.use]++;
    }
}

/* What a domain owns is RAM, orphans, tables, special frames or state, each counted. */
static void check_charges(domain_id domain) {
    const uint32_t *uses = charges[domain];

    hold(uses[FRAME_SHARED_INFO] == 1, "one shared_info", domain, uses[FRAME_SHARED_INFO]);
    hold(uses[FRAME_GRANT_TABLE] == grants_frames(domain), "grant frames are counted", domain,
         uses[FRAME_GRANT_TABLE]);
    hold(uses[FRAME_TABLE] == domains[domain].tables + domains[domain].table_pool_count,
         "tables are counted", domain, uses[FRAME_TABLE]);
    hold(uses[FRAME_STATE] == domains[domain].state_count, "state is counted", uses[FRAME_STATE],
         domains[domain].state_count);
}

static void check_vcpus(domain_id domain) {
    uint32_t i;

    for (i = 0; i < domains[domain].vcpus; i++) {
        const struct vcpu *v = &vcpus[domain][i];

        hold(v->state <= VCPU_POLLING && v->cpu < MAX_CPUS, "a vCPU has a state", domain, i);
        hold(v->state != VCPU_RUNNING ||
                 sched_current(v->cpu) == vcpu_reference(domain, (vcpu_id)i),
             "a running vCPU is on its CPU", domain, i);
        hold((v->state == VCPU_RUNNABLE) ==
                 (v->heap[HEAP_QUEUE].inside || v->deadline[TIMER_PARK] != 0),
             "who may run waits for a CPU or its cap's next window", domain, i);
        hold(domains[domain].state == DOMAIN_LIVE || v->state == VCPU_DOWN ||
                 v->state == VCPU_BLOCKED || v->state == VCPU_POLLING,
             "an ended domain runs no more", domain, i);
        hold(domains[domain].pauses == 0 || v->state != VCPU_RUNNABLE,
             "a paused domain waits for no CPU", domain, i);
    }
}

/* Nothing is left of an identity that is free: frames, lent frames and mappings are seen elsewhere.
 */
static void check_gone(domain_id domain) {
    uint32_t cpu;

    hold(evtchn_ports(domain) == 0, "a domain that is gone has no port", domain,
         evtchn_ports(domain));
    hold(domain == DOMAIN_ESTATE || grant_domains[domain].lent == 0,
         "a domain that is gone lends nothing", domain, grant_domains[domain].lent);
    hold(domain == DOMAIN_ESTATE || frames_owned_by(domain) == 0,
         "a domain that is gone owns nothing", domain, frames_owned_by(domain));
    for (cpu = 0; cpu < MAX_CPUS; cpu++)
        hold(sched_current(cpu) == VCPU_REFERENCE_NONE || sched_current(cpu) / MAX_VCPUS != domain,
             "a domain that is gone runs nowhere", domain, cpu);
}

/* The trail only grows, without gaps but for what is counted as lost, and in the order of time. The
 * newest record is left unread, since nothing is folded into what was read. */
static void check_audit(void) {
    static uint64_t newest_before;
    uint64_t oldest = audit_oldest();
    uint64_t newest = audit_newest();
    struct audit_record first;
    struct audit_record last;

    hold(newest >= newest_before, "the audit trail grows", newest, newest_before);
    newest_before = newest;
    if (newest == 0) return;
    hold(oldest <= newest && newest - oldest < AUDIT_RECORDS, "the ring holds its records", oldest,
         newest);
    hold(audit_lost() == oldest - 1, "lost records are counted", audit_lost(), oldest);
    if (newest == oldest) return;
    hold(audit_read(oldest, &first) && audit_read(newest - 1, &last), "kept records are there",
         oldest, newest);
    hold(first.sequence == oldest && last.sequence == newest - 1, "records bear their numbers",
         first.sequence, last.sequence);
    hold(first.time <= last.time && last.time <= last.last_time, "records are in order", first.time,
         last.time);
}

uint64_t world_check(void) {
    uint32_t i;

    checked = 0;
    __builtin_memset(mapped, 0, invariant_frames() * sizeof(mapped[0]));
    __builtin_memset(ram_mappings, 0, invariant_frames() * sizeof(ram_mappings[0]));
    count_charges();
    for (i = 0; i < MAX_DOMAINS; i++) {
        if (domains[i].state != DOMAIN_FREE) {
            check_map((domain_id)i);
            check_grants((domain_id)i);
            check_ports((domain_id)i);
            check_charges((domain_id)i);
            check_vcpus((domain_id)i);
        } else {
            check_gone((domain_id)i);
        }
    }
    check_active();
    check_frames();
    check_audit();
    return checked;
}
