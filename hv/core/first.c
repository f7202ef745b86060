/* SPDX-License-Identifier: Apache-2.0 */
/* The first domain: a PVH kernel from the boot modules, with the whole command line that GRUB gave
 * it. It is built in bounded pieces of background work, at boot and whenever it has ended, so it is
 * not asked about; from its first call on it is a caller like any other. The modules lie in frames
 * that no guest maps. Source of the entry state: Xen's public arch-x86/hvm/start_info.h. */
#include "hv/core/frame.h"
#include "hv/core/guest_memory.h"
#include "hv/core/life.h"
#include "hv/core/log.h"
#include "hv/core/pvh.h"
#include "hv/core/sched.h"
#include "hv/core/start.h"
#include "hv/core/text.h"

#define MIB (1ull << 20)
#define SECOND 1000000000ul
#define LOW_END (3072 * MIB) /* RAM below 4 GiB ends here: the local APIC's page stays free */
#define HIGH_START (4096 * MIB)
#define TAIL 0x20000ull /* the last 128 KiB of low RAM hold start_info and the ACPI tables */
#define DEFAULT_MEMORY (512 * MIB)
#define LARGE (2 * MIB)        /* its RAM comes in extents of this size; so is the initrd aligned */
#define SLICE (16 * PAGE_SIZE) /* copied in one piece */
#define PIECE_NS 500000ull     /* while it is not there, a busy CPU does a piece so often */
#define LONG_LIFE (60 * SECOND)
#define DELAY_MAX (64 * SECOND)
#define START_MAGIC 0x336ec578u
#define SIF_INITIAL 3u /* SIF_PRIVILEGED | SIF_INITDOMAIN: Linux's role, no rights here */
#define TOO_LITTLE "too little memory for the first domain: lower dom0_mem= or add memory"
#define TOO_SMALL "kernel and initrd do not fit into the first domain's memory: raise dom0_mem="

enum stage { NONE, CREATE, VCPUS, MEMORY, KERNEL, INITRD, START, BUILT };

static struct {
    const struct boot_module *kernel;
    const struct boot_module *initrd; /* NULL: none */
    const char *wrong;                /* why it could not be built */
    uint64_t wanted;                  /* bytes of RAM */
    uint32_t cpus;
    bool restarts;
    enum stage stage;
    uint32_t segment; /* of the kernel, on its way */
    uint64_t done;    /* bytes of what this stage populates or copies */
    uint64_t memory;  /* bytes that it gets this time */
    uint64_t low;     /* of them below 4 GiB */
    uint64_t initrd_at;
    uint32_t share;    /* frames */
    uint64_t built_at; /* ns */
    uint64_t delay;    /* ns */
    uint64_t due;      /* ns, when it is built again; 0: not known yet */
} first;

static uint8_t page[PAGE_SIZE];
static struct pvh_image image;

/* Writes into the new domain's memory, page by page. False: the place is no RAM of its own, since a
 * manager may change its map while it is built. */
static bool write_guest(uint64_t address, const uint8_t *bytes, uint64_t size) {
    while (size > 0) {
        struct guest_entry entry = guest_map_read(0, (struct gfn){address / PAGE_SIZE});
        uint32_t offset = (uint32_t)(address % PAGE_SIZE);
        uint64_t count = size < PAGE_SIZE - offset ? size : PAGE_SIZE - offset;

        if (entry.kind != MAP_RAM) return false;
        machine_frame_write(entry.mfn, offset, bytes, (uint32_t)count);
        address += count;
        bytes += count;
        size -= count;
    }
    return true;
}

static void clear_page(void) {
    for (uint32_t i = 0; i < PAGE_SIZE; i++) page[i] = 0;
}

static void add_range(uint64_t address, uint64_t size, uint32_t type) {
    if (size == 0) return;
    domains[0].memory_map[domains[0].memory_map_entries++] =
        (struct arg_memory_range){{(uint32_t)address, (uint32_t)(address >> 32)},
                                  {(uint32_t)size, (uint32_t)(size >> 32)},
                                  type};
}

static void describe_memory(void) {
    domains[0].memory_map_entries = 0;
    add_range(0, 0xa0000, MEMORY_RAM);
    add_range(MIB, first.low - TAIL - MIB, MEMORY_RAM);
    add_range(first.low - TAIL, TAIL / 2, MEMORY_RESERVED);
    add_range(first.low - TAIL / 2, TAIL / 2, MEMORY_ACPI);
    add_range(HIGH_START, first.memory - first.low, MEMORY_RAM);
}

/* start_info, module list and memory map in one page; the command line in the next ones. */
static bool write_start_info(uint64_t at) {
    const char *command_line = first.kernel->arguments;

    clear_page();
    page_put(page, 0, START_MAGIC, 4);
    page_put(page, 4, 1, 4); /* version */
    page_put(page, 8, SIF_INITIAL, 4);
    page_put(page, 12, first.initrd != 0 ? 1 : 0, 4);
    page_put(page, 16, at + 0x100, 8); /* module list */
    page_put(page, 24, at + PAGE_SIZE, 8);
    page_put(page, 32, at + TAIL / 2, 8); /* RSDP */
    page_put(page, 40, at + 0x200, 8);    /* memory map */
    page_put(page, 48, domains[0].memory_map_entries, 4);
    page_put(page, 0x100, first.initrd_at, 8);
    page_put(page, 0x108, first.initrd != 0 ? first.initrd->size : 0, 8);
    for (uint32_t i = 0; i < domains[0].memory_map_entries; i++) {
        page_put(page, 0x200 + 24 * i, arg_whole(domains[0].memory_map[i].address), 8);
        page_put(page, 0x208 + 24 * i, arg_whole(domains[0].memory_map[i].size), 8);
        page_put(page, 0x210 + 24 * i, domains[0].memory_map[i].type, 4);
    }
    if (!write_guest(at, page, PAGE_SIZE)) return false;
    clear_page();
    for (uint32_t i = 0; i < PAGE_SIZE - 1 && command_line[i] != '\0'; i++)
        page[i] = (uint8_t)command_line[i];
    return write_guest(at + PAGE_SIZE, page, PAGE_SIZE);
}

/* In a full machine it does without the frames of its predecessors that others still map. */
static const char *lay_out(void) {
    bool full = frames_free_to(0) < first.share;
    uint64_t without = full ? (uint64_t)frames_owned_by(DOMAIN_ESTATE) * PAGE_SIZE : 0;

    first.memory = first.wanted > without ? (first.wanted - without) / LARGE * LARGE : 0;
    if (first.memory == 0 || first.memory / PAGE_SIZE > frames_free_to(0)) return TOO_LITTLE;
    first.low = first.memory < LOW_END ? first.memory : LOW_END;
    first.initrd_at = (image.end + LARGE - 1) / LARGE * LARGE;
    uint64_t top = first.low - TAIL;
    if (image.end <= top && (first.initrd == 0 || (first.initrd_at <= top &&
                                                   first.initrd->size <= top - first.initrd_at)))
        return 0;
    return TOO_SMALL;
}

/* --- stages: REASON_OK when one is over, REASON_AGAIN where more of it is to do ----------------
 */

static enum reason create(struct effects *effects) {
    struct life_plan plan = {.label = LABEL_DOM0,
                             .ports = MAX_PORTS,
                             .grant_frames = 32,
                             .grant_mappings = MAX_GRANT_MAPPINGS};

    if (lay_out() != 0) return REASON_NO_MEMORY;
    enum reason reason = life_create(0, &plan, effects);
    if (reason != REASON_OK) return reason;

    domains[0].max_pages = (uint32_t)(first.memory / PAGE_SIZE);
    domains[0].table_pool_limit = 256 + (uint32_t)(first.memory / PAGE_SIZE / 128);
    return REASON_OK;
}

/* One extent; a page where memory is in pieces by now. */
static enum reason populate(struct effects *effects) {
    uint64_t address = first.done < first.low ? first.done : first.done - first.low + HIGH_START;
    struct gfn gfn = {address / PAGE_SIZE};
    enum reason reason = REASON_NO_MEMORY;
    unsigned order = ORDER_2M;

    if (address % LARGE == 0) reason = guest_memory_populate(0, gfn, order, effects);
    if (reason == REASON_NO_MEMORY) {
        order = ORDER_4K;
        reason = guest_memory_populate(0, gfn, order, effects);
    }
    if (reason != REASON_OK) return reason;

    first.done += (uint64_t)PAGE_SIZE << order;
    return first.done < first.memory ? REASON_AGAIN : REASON_OK;
}

static enum reason copy(uint64_t address, const uint8_t *bytes, uint64_t size) {
    uint64_t count = size - first.done < SLICE ? size - first.done : SLICE;

    if (!write_guest(address + first.done, bytes + first.done, count)) return REASON_BUSY;
    first.done += count;
    return first.done < size ? REASON_AGAIN : REASON_OK;
}

static enum reason copy_kernel(void) {
    const struct pvh_segment *segment = &image.segment[first.segment];
    enum reason reason =
        copy(segment->address, first.kernel->bytes + segment->offset, segment->file_size);

    if (reason != REASON_OK) return reason;
    first.done = 0;
    first.segment++;
    return first.segment < image.segments ? REASON_AGAIN : REASON_OK;
}

static enum reason start(struct effects *effects) {
    uint64_t at = first.low - TAIL;

    describe_memory();
    if (!write_start_info(at)) return REASON_BUSY;
    clear_page();
    acpi_tables_build(page, at + TAIL / 2, first.cpus);
    if (!write_guest(at + TAIL / 2, page, PAGE_SIZE)) return REASON_BUSY;

    /* What it is made of, and the tables that it takes where its memory is in pieces. */
    if (first.share == 0) first.share = frames_owned_by(0) + (uint32_t)(first.memory / LARGE);
    frames_share(first.share);
    machine_vcpu_start_pvh(0, 0, image.entry, (uint32_t)at);
    vcpus[0][0].initialised = true;
    vcpus[0][0].woken = true;
    domains[0].pauses = 0;
    sched_domain_unpaused(0, effects);
    first.built_at = machine_now();
    return REASON_OK;
}

static enum reason build(struct effects *effects) {
    const struct boot_module *initrd = first.initrd;

    switch (first.stage) {
    case CREATE: return create(effects);
    case VCPUS: return life_set_vcpus(0, first.cpus, effects);
    case MEMORY: return populate(effects);
    case KERNEL: return copy_kernel();
    case INITRD:
        return initrd == 0 ? REASON_OK : copy(first.initrd_at, initrd->bytes, initrd->size);
    case START: return start(effects);
    case NONE:
    case BUILT: break;
    }
    return REASON_OK;
}

/* --- end and restart ------------------------------------------------------------------------- */

/* At once after a long life, else later each time, so that a kernel that crashes floods nothing. */
static void set_due(uint64_t now) {
    first.delay = first.delay == 0 ? SECOND : 2 * first.delay;
    if (first.delay > DELAY_MAX) first.delay = DELAY_MAX;
    if (now - first.built_at >= LONG_LIFE) first.delay = 0;
    first.due = now + first.delay;
    log_line("the first domain ended; it is started again in %lu s", first.delay / SECOND);
}

/* Takes away what is left of it; when its number is free, the building begins anew. */
static bool revive(struct effects *effects) {
    uint64_t now = machine_now();

    if (!first.restarts) return false;
    if (domains[0].state == DOMAIN_SHUT) return life_destroy(0, effects);
    if (domains[0].state != DOMAIN_FREE) return false;
    if (first.due == 0) set_due(now);
    if (now < first.due) return false;

    first.due = 0;
    first.segment = 0;
    first.stage = CREATE;
    return true;
}

/* Half built, it can be of no use. */
static void give_up(enum reason reason, struct effects *effects) {
    first.wrong = reason == REASON_NO_MEMORY ? TOO_LITTLE : "the first domain's map was changed";
    log_line("%s", first.wrong);
    if (domains[0].state != DOMAIN_FREE) (void)life_destroy(0, effects);
    first.stage = BUILT;
    first.built_at = machine_now();
}

bool first_domain_go_on(struct effects *effects) {
    enum reason reason = REASON_INVALID;

    if (first.stage == NONE) return false;
    if (first.stage == BUILT) return revive(effects);
    if (domains[0].state == (first.stage == CREATE ? DOMAIN_FREE : DOMAIN_LIVE))
        reason = build(effects);
    if (reason == REASON_AGAIN) return true;

    first.done = 0;
    if (reason == REASON_OK)
        first.stage++;
    else
        give_up(reason, effects);
    return true;
}

uint64_t first_domain_due(uint64_t now) {
    if (first.stage == BUILT && (domains[0].state == DOMAIN_LIVE || !first.restarts))
        return UINT64_MAX;
    return first.due > now ? first.due : now + PIECE_NS;
}

const char *first_domain_plan(const struct boot_info *boot) {
    uint64_t cpus = text_option(boot->command_line, "dom0_max_vcpus", boot->cpus);

    first.kernel = start_module(boot, "kernel");
    first.initrd = start_module(boot, "initrd");
    if (first.kernel == 0)
        return "no module `kernel`: add module2 <file> kernel <arguments> to the boot entry";
    const char *wrong = pvh_validate(first.kernel->bytes, first.kernel->size, &image);
    if (wrong != 0) return wrong;
    first.wanted = text_option(boot->command_line, "dom0_mem", DEFAULT_MEMORY);
    first.restarts = text_option(boot->command_line, "dom0_restart", 1) != 0;
    if (cpus == 0 || cpus > MAX_VCPUS) return "dom0_max_vcpus= must be 1 to 8";
    first.cpus = (uint32_t)cpus;
    first.stage = CREATE;
    domains[DOMAIN_ESTATE] = (struct domain){.label = LABEL_DOM0}; /* to whoever gives it back */
    return lay_out();
}

bool first_domain_runs(const char **wrong) {
    *wrong = first.wrong;
    return first.stage == BUILT;
}
