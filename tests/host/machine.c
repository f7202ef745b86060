/* SPDX-License-Identifier: Apache-2.0 */
/* The fake machine: clock, console, guest memory, event bits, effects. */
#define _DEFAULT_SOURCE
#include "tests/host/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "evtchn/storage.h"
#include "grants/storage.h"
#include "hv/core/lock.h"

_Alignas(4096) uint8_t host_memory[HOST_FRAMES][PAGE_SIZE];
struct frame host_frame_table[HOST_FRAMES];
uint64_t host_generation[HOST_FRAMES];
uint64_t host_now = 1000000000;
uint32_t host_cpus;
uint32_t host_kicked;
bool host_interruptible;
bool host_powered_off;
bool host_was_reset;
bool host_locked;
char host_console[HOST_CONSOLE];
uint32_t host_console_length;
bool host_console_full;
struct host_vcpu host_vcpus[MAX_DOMAINS][MAX_VCPUS];
uint32_t host_domain_epochs[MAX_DOMAINS];
uint32_t host_flush_epoch = 1;
bool host_owes_flush;
bool host_flush_is_modelled;
bool host_forgets_unmap;
struct host_backed host_backed[HOST_FRAMES];
uint32_t host_backed_count;

static bool epoch_used;
static struct mfn shared_infos[MAX_DOMAINS];
static bool shared_present[MAX_DOMAINS];
static SPARSE uint8_t cpu_state[MAX_DOMAINS][PAGE_SIZE]; /* what the machine keeps of vCPUs */

/* The leak checker cannot read pages that are not backed. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_leaks=0"; }

void host_check(bool holds, const char *what) {
    if (!holds) {
        (void)fprintf(stderr, "the machine: not true: %s\n", what);
        abort();
    }
}

/* --- lock, clock, console ------------------------------------------------------------------- */

void gate_lock(void) {
    host_check(!host_locked, "the lock is never taken twice");
    host_locked = true;
}

void gate_unlock(void) {
    host_check(host_locked, "who unlocks holds the lock");
    host_locked = false;
}

uint64_t machine_now(void) { return host_now; }

uint32_t machine_tsc_khz(void) { return 2000000; }

void machine_tsc_scale(uint32_t *mul, int8_t *shift) {
    *mul = 0x80000000u;
    *shift = 0;
}

bool machine_console_write(const char *text, uint32_t bytes) {
    if (host_console_full) return false;
    if (bytes > HOST_CONSOLE - host_console_length) host_console_length = 0;
    memcpy(host_console + host_console_length, text, bytes);
    host_console_length += bytes;
    return true;
}

uint32_t machine_console_read(char *text, uint32_t bytes) {
    uint32_t count = bytes < 3 ? bytes : 3;

    memcpy(text, "abc", count);
    return count;
}

uint32_t machine_cpus(void) { return host_cpus; }

uint64_t machine_guest_cpus(void) { return (1ull << host_cpus) - 1; }

uint32_t machine_xsave_frames(void) { return 1; }

struct cpuid_result machine_cpuid(uint32_t leaf, uint32_t subleaf) {
    (void)subleaf;
    if (leaf == 0 || leaf == 0x80000000u)
        return (struct cpuid_result){leaf + 0x20, 0x68747541, 0x444d4163, 0x69746e65};
    return (struct cpuid_result){0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff};
}

/* --- frames --------------------------------------------------------------------------------- */

uint8_t *host_frame(struct mfn mfn) {
    host_check(mfn.number < HOST_FRAMES, "a frame number lies in memory");
    return host_memory[mfn.number];
}

static bool in_use(struct mfn mfn) {
    struct frame frame = frame_read(mfn);

    return frame.state == FRAME_OWNED || frame.state == FRAME_FLUSHING;
}

static bool is_zero(const uint8_t *bytes, size_t count) {
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0;
}

void host_frame_read(struct mfn mfn, uint32_t offset, void *to, uint32_t bytes) {
    host_check(offset <= PAGE_SIZE && bytes <= PAGE_SIZE - offset, "an access stays in its page");
    memcpy(to, host_frame(mfn) + offset, bytes);
}

void machine_frame_write(struct mfn mfn, uint32_t offset, const void *from, uint32_t bytes) {
    host_check(offset <= PAGE_SIZE && bytes <= PAGE_SIZE - offset, "an access stays in its page");
    host_check(in_use(mfn), "only frames in use are written");
    memcpy(host_frame(mfn) + offset, from, bytes);
}

void machine_frame_zero(struct mfn mfn) {
    host_check(frame_read(mfn).state == FRAME_SCRUBBING, "only frames being scrubbed are zeroed");
    memset(host_frame(mfn), 0, PAGE_SIZE);
    host_generation[mfn.number]++;
}

/* --- guest memory --------------------------------------------------------------------------- */

uint8_t *host_guest(domain_id domain, uint64_t gfn) {
    struct guest_entry entry = guest_map_read(domain, (struct gfn){gfn});

    host_check(entry.kind != MAP_NONE, "the guest has memory there");
    return host_frame(entry.mfn);
}

static bool find(domain_id domain, uint64_t address, bool write, struct mfn *mfn) {
    struct guest_entry entry;

    if (address / PAGE_SIZE >= GFN_LIMIT) return false;
    entry = guest_map_read(domain, (struct gfn){address / PAGE_SIZE});
    *mfn = entry.mfn;
    return entry.kind != MAP_NONE && (entry.writable || !write);
}

bool machine_guest_read(domain_id domain, vcpu_id vcpu, uint64_t address, void *to,
                        uint32_t bytes) {
    struct guest_place place = {.first = 0};
    uint32_t offset = (uint32_t)(address % PAGE_SIZE);

    (void)vcpu;
    host_check(host_locked, "guests are read under the lock");
    host_check(bytes <= PAGE_SIZE, "a copy is bounded by a page");
    place.first = (uint16_t)(bytes <= PAGE_SIZE - offset ? bytes : PAGE_SIZE - offset);
    if (!find(domain, address, false, &place.mfn[0])) return false;
    memcpy(to, host_frame(place.mfn[0]) + offset, place.first);
    if (place.first == bytes) return true;
    if (address + place.first == 0 || !find(domain, address + place.first, false, &place.mfn[1]))
        return false;
    memcpy((uint8_t *)to + place.first, host_frame(place.mfn[1]), bytes - place.first);
    return true;
}

bool machine_guest_place(domain_id domain, vcpu_id vcpu, uint64_t address, uint32_t bytes,
                         struct guest_place *place) {
    uint32_t offset = (uint32_t)(address % PAGE_SIZE);
    uint32_t first = bytes <= PAGE_SIZE - offset ? bytes : PAGE_SIZE - offset;

    (void)vcpu;
    host_check(host_locked, "places are looked up under the lock");
    host_check(bytes <= PAGE_SIZE, "a copy is bounded by a page");
    *place = (struct guest_place){
        .offset = (uint16_t)offset, .first = (uint16_t)first, .second = (uint16_t)(bytes - first)};
    return find(domain, address, true, &place->mfn[0]) &&
           (first == bytes || find(domain, address + first, true, &place->mfn[1]));
}

bool machine_place_read(const struct guest_place *place, void *to, uint32_t bytes) {
    host_check(host_locked && in_use(place->mfn[0]), "arguments come from frames in use");
    host_check(bytes == (uint32_t)place->first + place->second, "a place is read whole");
    memcpy(to, host_frame(place->mfn[0]) + place->offset, place->first);
    if (place->second != 0) {
        host_check(in_use(place->mfn[1]), "arguments come from frames in use");
        memcpy((uint8_t *)to + place->first, host_frame(place->mfn[1]), place->second);
    }
    return true;
}

void machine_place_write(const struct guest_place *place, const void *from, uint32_t bytes) {
    uint32_t first = bytes < place->first ? bytes : place->first;
    uint32_t second = bytes - first < place->second ? bytes - first : place->second;

    host_check(host_locked && in_use(place->mfn[0]), "results go to frames in use");
    memcpy(host_frame(place->mfn[0]) + place->offset, from, first);
    if (second != 0) {
        host_check(in_use(place->mfn[1]), "results go to frames in use");
        memcpy(host_frame(place->mfn[1]), (const uint8_t *)from + first, second);
    }
}

bool machine_guest_translate(domain_id domain, vcpu_id vcpu, uint64_t address, uint64_t *physical) {
    struct mfn mfn;

    (void)vcpu;
    *physical = address;
    return find(domain, address, false, &mfn);
}

/* --- grant entries -------------------------------------------------------------------------- */

static struct guest_grant_entry *grant_entry(struct mfn shared, uint32_t index) {
    host_check(index < GRANTS_PER_FRAME, "a grant entry lies in its frame");
    host_check(frame_read(shared).state == FRAME_OWNED &&
                   frame_read(shared).use == FRAME_GRANT_TABLE,
               "grant entries lie in a grant table frame");
    return (struct guest_grant_entry *)(void *)host_frame(shared) + index;
}

enum reason machine_grant_peek(struct mfn shared, uint32_t index, uint16_t mapper, bool write,
                               struct gfn *granted) {
    const struct guest_grant_entry *entry = grant_entry(shared, index);
    uint32_t word = entry->flags_and_domid;

    if ((word & GTF_TYPE_MASK) != GTF_PERMIT_ACCESS || word >> 16 != mapper ||
        (write && (word & GTF_READONLY) != 0))
        return REASON_INVALID;
    granted->number = entry->frame;
    return REASON_OK;
}

enum reason machine_grant_pin(struct mfn shared, uint32_t index, uint16_t mapper, bool write,
                              struct gfn *granted) {
    enum reason reason = machine_grant_peek(shared, index, mapper, write, granted);

    if (reason == REASON_OK) {
        grant_entry(shared, index)->flags_and_domid |=
            write ? GTF_READING | GTF_WRITING : GTF_READING;
    }
    return reason;
}

/* --- events --------------------------------------------------------------------------------- */

struct guest_shared_info *host_shared_info(domain_id domain) {
    return shared_present[domain]
               ? (struct guest_shared_info *)(void *)host_frame(shared_infos[domain])
               : NULL;
}

struct guest_vcpu_info *host_vcpu_info(domain_id domain, vcpu_id vcpu) {
    const struct host_vcpu *v = &host_vcpus[domain][vcpu];

    if (!v->present) return NULL;
    return (struct guest_vcpu_info *)(void *)(host_frame(v->info) + v->info_offset);
}

static bool bit(const uint64_t *words, port_id port) {
    return (words[port / 64] >> (port % 64) & 1u) != 0;
}

bool machine_port_pending(domain_id domain, port_id port) {
    host_check(port < MAX_PORTS, "ports are bounded");
    return host_shared_info(domain) != NULL && bit(host_shared_info(domain)->evtchn_pending, port);
}

static bool port_masked(domain_id domain, port_id port) {
    host_check(port < MAX_PORTS, "ports are bounded");
    return host_shared_info(domain) != NULL && bit(host_shared_info(domain)->evtchn_mask, port);
}

bool machine_upcall_pending(domain_id domain, vcpu_id vcpu) {
    return host_vcpu_info(domain, vcpu) != NULL &&
           host_vcpu_info(domain, vcpu)->evtchn_upcall_pending != 0;
}

bool machine_upcall_due(domain_id domain, vcpu_id vcpu) {
    return machine_upcall_pending(domain, vcpu) && host_interruptible;
}

void machine_upcall_enable(domain_id domain, vcpu_id vcpu) {
    if (host_vcpu_info(domain, vcpu) != NULL) host_vcpu_info(domain, vcpu)->evtchn_upcall_mask = 0;
}

void machine_kick(uint32_t cpu) {
    if (cpu < host_cpus) host_kicked |= 1u << cpu;
}

static void raise_upcall(const struct effect *effect) {
    struct guest_vcpu_info *info = host_vcpu_info(effect->domain, effect->vcpu);

    if (info != NULL) {
        host_check(in_use(host_vcpus[effect->domain][effect->vcpu].info),
                   "vcpu_info lies in a frame in use");
        info->evtchn_pending_sel |= 1ull << (effect->port / 64);
        info->evtchn_upcall_pending = 1;
        gate_wake(effect->domain, effect->vcpu);
    }
}

static void notify(const struct effect *effect) {
    struct guest_shared_info *shared = host_shared_info(effect->domain);
    uint64_t mask = 1ull << (effect->port % 64);

    host_check(effect->port < MAX_PORTS, "ports are bounded");
    if (shared == NULL || (shared->evtchn_pending[effect->port / 64] & mask) != 0) return;
    shared->evtchn_pending[effect->port / 64] |= mask;
    if (!port_masked(effect->domain, effect->port)) raise_upcall(effect);
    gate_wake_pollers(effect->domain, effect->port);
}

static void unmask(const struct effect *effect) {
    struct guest_shared_info *shared = host_shared_info(effect->domain);

    host_check(effect->port < MAX_PORTS, "ports are bounded");
    if (shared == NULL) return;
    shared->evtchn_mask[effect->port / 64] &= ~(1ull << (effect->port % 64));
    if (machine_port_pending(effect->domain, effect->port)) {
        raise_upcall(effect);
        gate_wake_pollers(effect->domain, effect->port);
    }
}

static void clear_pending(const struct effect *effect) {
    struct guest_shared_info *shared = host_shared_info(effect->domain);

    host_check(effect->port < MAX_PORTS, "ports are bounded");
    if (shared != NULL) shared->evtchn_pending[effect->port / 64] &= ~(1ull << (effect->port % 64));
}

/* --- other effects -------------------------------------------------------------------------- */

uint32_t machine_flush_epoch(void) {
    host_check(host_locked, "the flush epoch is read under the lock");
    epoch_used = true;
    return host_flush_epoch;
}

static void stale(domain_id domain) {
    host_domain_epochs[domain]++;
    epoch_used = true;
}

static void map(const struct effect *effect) {
    uint64_t i;

    for (i = 0; i < 1ull << effect->order; i++) {
        struct frame frame = frame_read((struct mfn){effect->mfn.number + i});

        host_check(frame.state == FRAME_OWNED, "only owned frames are mapped");
        host_check(effect->map_kind == MAP_FOREIGN || effect->map_kind == MAP_GRANT ||
                       frame.owner == effect->domain,
                   "RAM and special frames are the domain's own");
        host_check(effect->map_kind == MAP_RAM || effect->order == 0, "only RAM has large leaves");
        host_check(effect->map_kind != MAP_RAM || frame.use == FRAME_RAM, "RAM is RAM");
        host_check(effect->map_kind == MAP_RAM || effect->map_kind == MAP_SPECIAL ||
                       frame.references > 0,
                   "another domain's frame is referenced");
        host_check(effect->map_kind != MAP_RAM ||
                       is_zero(host_memory[effect->mfn.number + i], PAGE_SIZE),
                   "new memory is zero");
    }
    host_check(effect->gfn.number < GFN_LIMIT && effect->gfn.number % (1ull << effect->order) == 0,
               "a leaf is aligned");
    if (host_map(effect)) stale(effect->domain);
}

static void copy(const struct effect *effect) {
    host_check(effect->offset + effect->length <= PAGE_SIZE &&
                   effect->target_offset + effect->length <= PAGE_SIZE,
               "a copy stays in its pages");
    host_check(frame_read(effect->mfn).use == FRAME_RAM &&
                   frame_read(effect->target_mfn).use == FRAME_RAM && in_use(effect->mfn) &&
                   in_use(effect->target_mfn),
               "copies are from RAM to RAM");
    memmove(host_frame(effect->target_mfn) + effect->target_offset,
            host_frame(effect->mfn) + effect->offset, effect->length);
}

static uint8_t *sparse_page(const struct effect *effect) {
    uint64_t offset = (uint64_t)effect->value * PAGE_SIZE;
    uint8_t *row = NULL;
    size_t size = 0;

    switch (effect->array) {
    case SPARSE_VCPUS:
        row = (uint8_t *)vcpus[effect->domain];
        size = sizeof(vcpus[0]);
        break;
    case SPARSE_PORTS:
        row = (uint8_t *)ports[effect->domain];
        size = sizeof(ports[0]);
        break;
    case SPARSE_ACTIVE_GRANTS:
        row = (uint8_t *)active_grants[effect->domain];
        size = sizeof(active_grants[0]);
        break;
    case SPARSE_MAPPINGS:
        row = (uint8_t *)mappings[effect->domain];
        size = sizeof(mappings[0]);
        break;
    case SPARSE_CPU_STATE:
        row = cpu_state[effect->domain];
        size = sizeof(cpu_state[0]);
        break;
    case SPARSE_POLICY_IMAGES:
        row = policy_bytes[effect->domain];
        size = sizeof(policy_bytes[0]);
        break;
    }
    host_check(row != NULL && offset < size, "a page of state lies in its row");
    return row + offset;
}

static uint32_t backed_at(const uint8_t *page) {
    uint32_t i;

    for (i = 0; i < host_backed_count && host_backed[i].page != page; i++) {
    }
    return i;
}

static void back(const struct effect *effect) {
    uint8_t *page = sparse_page(effect);

    struct frame frame = frame_read(effect->mfn);

    if (effect->array == SPARSE_POLICY_IMAGES)
        host_check(frame.state == FRAME_HYPERVISOR, "policies lie in the hypervisor's frames");
    else
        host_check(frame.state == FRAME_OWNED && frame.use == FRAME_STATE &&
                       frame.owner == effect->domain,
                   "state lies in frames charged to its domain");
    host_check(is_zero(host_frame(effect->mfn), PAGE_SIZE), "state begins with zeros");
    host_check(backed_at(page) == host_backed_count, "a page of state is backed once");
    host_check(mprotect(page, PAGE_SIZE, PROT_READ | PROT_WRITE) == 0, "mprotect");
    memset(page, 0, PAGE_SIZE);
    host_backed[host_backed_count] = (struct host_backed){page, effect->mfn.number};
    host_backed_count++;
}

static void unback(const struct effect *effect) {
    uint8_t *page = sparse_page(effect);
    uint32_t at = backed_at(page);

    host_check(at < host_backed_count, "only a backed page is given back");
    host_check(in_use((struct mfn){host_backed[at].frame}), "state outlives its page");
    host_check(mprotect(page, PAGE_SIZE, PROT_NONE) == 0, "mprotect");
    host_backed_count--;
    host_backed[at] = host_backed[host_backed_count];
    if (effect->array == SPARSE_CPU_STATE) {
        memset(host_vcpus[effect->domain], 0, sizeof(host_vcpus[0]));
        shared_present[effect->domain] = false;
    }
}

static void set_shared_info(const struct effect *effect) {
    struct guest_shared_info *shared;

    host_check(frame_read(effect->mfn).use == FRAME_SHARED_INFO &&
                   frame_read(effect->mfn).owner == effect->domain,
               "shared_info is the domain's");
    shared_infos[effect->domain] = effect->mfn;
    shared_present[effect->domain] = true;
    shared = host_shared_info(effect->domain);
    memset(shared, 0, sizeof(*shared));
    memset(shared->evtchn_mask, 0xff, sizeof(shared->evtchn_mask));
    shared->wc_version = 2;
}

static void create_vcpu(const struct effect *effect) {
    static uint32_t created;
    struct host_vcpu *v = &host_vcpus[effect->domain][effect->vcpu];

    host_check(frame_read(effect->mfn).use == FRAME_STATE &&
                   frame_read(effect->target_mfn).use == FRAME_STATE,
               "a vCPU's pages are state");
    created++;
    *v = (struct host_vcpu){.present = true, .created = created};
    v->info = shared_infos[effect->domain];
    v->info_offset = (uint16_t)(effect->vcpu * sizeof(struct guest_vcpu_info));
}

static void move_vcpu_info(const struct effect *effect) {
    struct host_vcpu *v = &host_vcpus[effect->domain][effect->vcpu];
    struct guest_vcpu_info *info;

    host_check(v->present && effect->offset <= PAGE_SIZE - sizeof(*info) &&
                   frame_read(effect->mfn).owner == effect->domain,
               "vcpu_info lies in the domain's own memory");
    info = (struct guest_vcpu_info *)(void *)(host_frame(effect->mfn) + effect->offset);
    memmove(info, host_vcpu_info(effect->domain, effect->vcpu), sizeof(*info));
    info->evtchn_pending_sel = UINT64_MAX;
    info->evtchn_upcall_pending = 1;
    v->info = effect->mfn;
    v->info_offset = effect->offset;
}

static void fill_time(const struct effect *effect) {
    host_check(effect->offset <= PAGE_SIZE - sizeof(struct guest_time_info) &&
                   frame_read(effect->mfn).owner == effect->domain,
               "a time area lies in the domain's own memory");
    memset(host_frame(effect->mfn) + effect->offset, 1, sizeof(struct guest_time_info));
}

static void unpin(const struct effect *effect) {
    host_check(frame_read(effect->mfn).owner == effect->domain, "the granter's entry is unpinned");
    grant_entry(effect->mfn, effect->value)->flags_and_domid &= ~(uint32_t)effect->flags;
}

static void apply_one(const struct effect *effect) {
    switch (effect->kind) {
    case EFFECT_MAP: map(effect); break;
    case EFFECT_UNMAP:
        if (host_unmap(effect->domain, effect->gfn, effect->order) && !host_forgets_unmap)
            stale(effect->domain);
        break;
    case EFFECT_FLUSH: stale(effect->domain); break;
    case EFFECT_NOTIFY: notify(effect); break;
    case EFFECT_CLEAR_PENDING: clear_pending(effect); break;
    case EFFECT_UNMASK: unmask(effect); break;
    case EFFECT_COPY: copy(effect); break;
    case EFFECT_UNPIN: unpin(effect); break;
    case EFFECT_BACK: back(effect); break;
    case EFFECT_UNBACK: unback(effect); break;
    case EFFECT_VCPU_CREATE: create_vcpu(effect); break;
    case EFFECT_VCPU_START:
        host_vcpus[effect->domain][effect->vcpu].start = 0x100u | effect->value;
        break;
    case EFFECT_VCPU_INFO: move_vcpu_info(effect); break;
    case EFFECT_VCPU_TIME: fill_time(effect); break;
    case EFFECT_SHARED_INFO: set_shared_info(effect); break;
    case EFFECT_DROP_TABLES:
        host_drop_tables(effect->domain);
        stale(effect->domain);
        break;
    case EFFECT_KICK: machine_kick(effect->value); break;
    case EFFECT_POWER_OFF: host_powered_off = true; break;
    case EFFECT_RESET: host_was_reset = true; break;
    }
}

void machine_apply(const struct effects *effects) {
    uint32_t i;

    host_check(effects->count <= EFFECTS_MAX, "effects fit their list");
    for (i = 0; i < effects->count; i++) apply_one(&effects->items[i]);
    if (epoch_used) {
        epoch_used = false;
        host_flush_epoch++;
        host_owes_flush = true;
    }
}

void host_flush(void) {
    if (host_owes_flush && !host_flush_is_modelled) {
        host_owes_flush = false;
        gate_flushed(host_flush_epoch);
    }
}

/* --- vCPUs ---------------------------------------------------------------------------------- */

void machine_vcpu_start_pvh(domain_id domain, vcpu_id vcpu, uint32_t rip, uint32_t rbx) {
    host_check(host_vcpus[domain][vcpu].present, "a vCPU that starts is there");
    host_vcpus[domain][vcpu].rip = rip;
    host_vcpus[domain][vcpu].rbx = rbx;
}

/* --- boot ----------------------------------------------------------------------------------- */

static void protect(void *rows, size_t size) {
    host_check(mprotect(rows, size, PROT_NONE) == 0, "mprotect");
}

uint8_t host_policy[HOST_POLICY_MAX];
uint32_t host_policy_size;

static void add_module(struct boot_info *boot, uint32_t frame, const uint8_t *bytes, uint64_t size,
                       const char *role) {
    memcpy(host_memory[frame], bytes, size);
    boot->module[boot->modules++] = (struct boot_module){(uint64_t)frame * PAGE_SIZE, size,
                                                         host_memory[frame], role, "console=hvc0"};
}

const char *host_boot(const char *command_line, uint32_t cpus, const uint8_t *kernel,
                      uint64_t size) {
    static struct boot_info boot;
    static uint64_t chunk_storage[8192];

    host_cpus = cpus;
    host_check(frames_chunk_bytes(HOST_FRAMES) <= sizeof(chunk_storage), "chunks fit");
    host_check(size <= (40 - 16) * PAGE_SIZE, "the kernel fits");
    protect(vcpus, sizeof(vcpus));
    protect(ports, sizeof(ports));
    protect(active_grants, sizeof(active_grants));
    protect(mappings, sizeof(mappings));
    protect(cpu_state, sizeof(cpu_state));
    memset(host_memory, 0xa5, sizeof(host_memory)); /* what firmware left */
    boot = (struct boot_info){.command_line = command_line,
                              .cpus = cpus,
                              .ranges = 1,
                              .range = {{0, sizeof(host_memory), MEMORY_RAM}},
                              .frame_table = host_frame_table,
                              .frame_chunks = (struct frame_chunk *)(void *)chunk_storage,
                              .frames = HOST_FRAMES,
                              .reserved_ranges = 1,
                              .reserved = {{0, HOST_RESERVED * PAGE_SIZE, 0}}};
    if (kernel != NULL) add_module(&boot, 16, kernel, size, "kernel");
    if (host_policy_size != 0) add_module(&boot, 40, host_policy, host_policy_size, "policy");
    return gate_start(&boot);
}
