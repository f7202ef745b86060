/* SPDX-License-Identifier: Apache-2.0 */
/* The small world of the gate's tests. */
#include "tests/gate/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hv/core/guest_memory.h"
#include "hv/core/life.h"
#include "hv/core/lock.h"
#include "hv/core/sched.h"

static struct effects effects;

static void put(uint8_t *at, uint64_t value, uint32_t bytes) {
    uint32_t i;

    for (i = 0; i < bytes; i++) at[i] = (uint8_t)(value >> (8 * i));
}

/* One PT_LOAD of 64 bytes at 1 MiB and one PT_NOTE with the entry. */
uint64_t world_kernel(uint8_t *image, uint64_t size) {
    host_check(size >= 512, "room for the image");
    memset(image, 0, 512);
    put(image, 0x464c457f, 4);
    image[4] = 2;
    image[5] = 1;
    image[6] = 1;
    put(image + 16, 2, 2);
    put(image + 18, 62, 2);
    put(image + 20, 1, 4);
    put(image + 32, 64, 8); /* program headers */
    put(image + 52, 64, 2);
    put(image + 54, 56, 2);
    put(image + 56, 2, 2);
    put(image + 64, 1, 4); /* PT_LOAD */
    put(image + 72, 256, 8);
    put(image + 88, 0x100000, 8);
    put(image + 96, 64, 8);
    put(image + 104, 8192, 8);
    put(image + 120, 4, 4); /* PT_NOTE */
    put(image + 128, 320, 8);
    put(image + 152, 20, 8);
    put(image + 160, 20, 8);
    memset(image + 256, 0x90, 64);
    put(image + 320, 4, 4);
    put(image + 324, 4, 4);
    put(image + 328, 18, 4);
    put(image + 332, 0x006e6558, 4);
    put(image + 336, 0x100010, 4);
    return 344;
}

/* The policy whose file the environment names, for the module that needs one. */
static void read_policy(void) {
    const char *path = getenv("WORLD_POLICY");
    FILE *file = path != NULL ? fopen(path, "rb") : NULL;

    host_check(path == NULL || file != NULL, "WORLD_POLICY is a file");
    if (file == NULL) return;
    host_policy_size = (uint32_t)fread(host_policy, 1, sizeof(host_policy), file);
    (void)fclose(file);
    host_check(host_policy_size < sizeof(host_policy), "the policy is small");
}

void world_boot(uint32_t cpus, const char *options) {
    static uint8_t image[512];
    static char line[256];
    const char *wrong;

    read_policy();
    (void)snprintf(line, sizeof(line), "dom0_mem=4M dom0_max_vcpus=2 %s", options);
    wrong = host_boot(line, cpus, image, world_kernel(image, sizeof(image)));
    if (wrong != NULL) (void)fprintf(stderr, "boot: %s\n", wrong);
    host_check(wrong == NULL, "the core boots");
    world_rest();
}

static void apply(void) {
    gate_lock();
    machine_apply(&effects);
    effects.count = 0;
    gate_unlock();
    host_flush();
}

static enum reason patiently(enum reason reason) {
    gate_unlock();
    if (reason == REASON_AGAIN) world_rest();
    return reason;
}

#define UNTIL_DONE(expression)                                                                     \
    do {                                                                                           \
        do {                                                                                       \
            gate_lock();                                                                           \
            reason = patiently(expression);                                                        \
        } while (reason == REASON_AGAIN);                                                          \
        host_check(reason == REASON_OK, "the domain is built");                                    \
        apply();                                                                                   \
    } while (0)

void world_domain(domain_id domain, label_id label, uint32_t count, uint32_t pages) {
    struct life_plan plan = {
        .label = label, .ports = 512, .grant_frames = 4, .grant_mappings = 256};
    enum reason reason;
    uint64_t gfn;

    UNTIL_DONE(life_create(domain, &plan, &effects));
    domains[domain].max_pages = 2 * pages;
    if (count != 0) {
        UNTIL_DONE(life_set_vcpus(domain, count, &effects));
        machine_vcpu_start_pvh(domain, 0, 0x100000, 0);
        vcpus[domain][0].initialised = true;
        vcpus[domain][0].woken = true;
    }
    for (gfn = 0; gfn < pages; gfn++)
        UNTIL_DONE(guest_memory_populate(domain, (struct gfn){gfn}, ORDER_4K, &effects));
}

void world_unpause(domain_id domain) {
    gate_lock();
    domains[domain].pauses = 0;
    sched_domain_unpaused(domain, &effects);
    gate_unlock();
    apply();
}

uint8_t *world_arguments(domain_id domain) { return host_guest(domain, WORLD_ARGUMENTS); }

uint8_t *world_buffer(domain_id domain) { return host_guest(domain, WORLD_BUFFER); }

enum gate_next world_hold(domain_id domain, struct hypercall *call) {
    enum gate_next next = gate_hypercall(domain, 0, call);

    host_check(!host_locked, "the gate lets go of its lock");
    host_flush();
    return next;
}

int64_t world_call(domain_id domain, uint64_t number, uint64_t a0, uint64_t a1, uint64_t a2) {
    struct hypercall call = {.number = number, .argument = {a0, a1, a2}};
    uint32_t tries = 0;

    while (world_hold(domain, &call) >= GATE_REPEAT) {
        (void)gate_background();
        host_flush();
        tries++;
        if (tries == 100000) {
            (void)fprintf(stderr, "call %u(%llx) of %u does not end\n", (unsigned)number,
                          (unsigned long long)a0, domain);
        }
        host_check(tries < 100000, "a call ends");
    }
    return (int64_t)call.result;
}

void world_rest(void) {
    uint32_t tries = 0;

    while (gate_background()) {
        host_flush();
        tries++;
        host_check(tries < 100000, "background work ends");
    }
    host_flush();
}

void world_reschedule(void) {
    struct schedule schedule;
    uint32_t cpu;

    for (cpu = 0; cpu < host_cpus; cpu++) {
        gate_schedule(cpu, &schedule);
        host_flush();
    }
    host_kicked = 0;
}

void world_revive(void) {
    uint32_t tries = 0;

    do {
        world_reschedule();
        if (!gate_background()) host_now += 1000000000;
        host_flush();
        tries++;
        host_check(tries < 100000, "the first domain comes back");
    } while (domains[0].state != DOMAIN_LIVE || domains[0].pauses != 0);
}

bool world_destroy(domain_id domain) {
    bool more = true;

    while (more && domains[domain].state != DOMAIN_FREE) {
        gate_lock();
        more = life_destroy(domain, &effects);
        gate_unlock();
        apply();
        world_reschedule();
    }
    return domains[domain].state == DOMAIN_FREE;
}

void invariant_frame_read(struct mfn mfn, uint32_t offset, void *to, uint32_t bytes) {
    host_frame_read(mfn, offset, to, bytes);
}

uint32_t invariant_frames(void) { return HOST_FRAMES; }

bool world_guests_are_hostile;

bool invariant_grants_are_left_alone(void) { return !world_guests_are_hostile; }

_Noreturn void invariant_broken(const char *what, uint64_t a, uint64_t b) {
    (void)fprintf(stderr, "invariant: %s (%" PRIu64 ", %" PRIu64 ")\n", what, a, b);
    abort();
}
