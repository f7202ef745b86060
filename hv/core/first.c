/* SPDX-License-Identifier: Apache-2.0 */
/* The first domain: a PVH kernel from the boot modules, with the whole command line that GRUB gave
 * it. Boot builds it, so it is not asked about; from its first call on it is a caller like any
 * other. Source of the entry state: Xen's public arch-x86/hvm/start_info.h. */
#include "hv/core/acpi_tables.h"
#include "hv/core/domain.h"
#include "hv/core/frame.h"
#include "hv/core/gate.h"
#include "hv/core/guest_memory.h"
#include "hv/core/life.h"
#include "hv/core/machine.h"
#include "hv/core/pvh.h"
#include "hv/core/sched.h"
#include "hv/core/start.h"
#include "hv/core/text.h"

#define MIB (1ull << 20)
#define LOW_END (3072 * MIB) /* RAM below 4 GiB ends here: the local APIC's page stays free */
#define HIGH_START (4096 * MIB)
#define TAIL 0x20000ull /* the last 128 KiB of low RAM hold start_info and the ACPI tables */
#define DEFAULT_MEMORY (512 * MIB)
#define INITRD_ALIGN (2 * MIB)
#define START_MAGIC 0x336ec578u
#define SIF_INITIAL                                                                                \
    3u /* SIF_PRIVILEGED | SIF_INITDOMAIN: how Linux knows its role; no rights here */

static uint8_t page[PAGE_SIZE];
static struct pvh_image image;

/* Boot is not in a hurry and has no vCPU to put off: zero frames until there are enough. */
static enum reason patiently(enum reason reason) {
    if (reason == REASON_AGAIN) (void)gate_background(0);
    return reason;
}

static const char *populate(uint64_t from, uint64_t to, struct effects *effects) {
    uint64_t gfn = from / PAGE_SIZE;
    enum reason reason;
    unsigned order;

    while (gfn < to / PAGE_SIZE) {
        order = gfn % (1u << ORDER_1G) == 0 && to / PAGE_SIZE - gfn >= 1u << ORDER_1G ? ORDER_1G
                                                                                      : ORDER_2M;
        do {
            reason = patiently(guest_memory_populate(0, (struct gfn){gfn}, order, effects));
            if (reason == REASON_NO_MEMORY && order == ORDER_1G) {
                order = ORDER_2M;
                reason = REASON_AGAIN;
            }
        } while (reason == REASON_AGAIN);
        if (reason != REASON_OK)
            return "too little memory for the first domain: lower dom0_mem= or add memory";
        machine_apply_all(effects);
        gfn += 1ull << order;
    }
    return 0;
}

/* Writes into the new domain's memory, page by page; the place was checked to be RAM. */
static void write_guest(uint64_t address, const uint8_t *bytes, uint64_t size) {
    while (size > 0) {
        struct guest_entry entry = guest_map_read(0, (struct gfn){address / PAGE_SIZE});
        uint32_t offset = (uint32_t)(address % PAGE_SIZE);
        uint64_t count = size < PAGE_SIZE - offset ? size : PAGE_SIZE - offset;

        machine_frame_write(entry.mfn, offset, bytes, (uint32_t)count);
        address += count;
        bytes += count;
        size -= count;
    }
}

static void put(uint32_t at, uint64_t value, uint32_t bytes) {
    uint32_t i;

    for (i = 0; i < bytes; i++) page[at + i] = (uint8_t)(value >> (8 * i));
}

static void clear_page(void) {
    uint32_t i;

    for (i = 0; i < PAGE_SIZE; i++) page[i] = 0;
}

static void add_range(uint64_t address, uint64_t size, uint32_t type) {
    struct memory_map_entry *entry = &domains[0].memory_map[domains[0].memory_map_entries];

    if (size > 0) {
        *entry = (struct memory_map_entry){.address = address, .size = size, .type = type};
        domains[0].memory_map_entries++;
    }
}

static void describe_memory(uint64_t low, uint64_t high) {
    domains[0].memory_map_entries = 0;
    add_range(0, 0xa0000, MEMORY_RAM);
    add_range(MIB, low - TAIL - MIB, MEMORY_RAM);
    add_range(low - TAIL, TAIL / 2, MEMORY_RESERVED);
    add_range(low - TAIL / 2, TAIL / 2, MEMORY_ACPI);
    add_range(HIGH_START, high, MEMORY_RAM);
}

/* start_info, module list and memory map in one page; the command line in the next ones. */
static void write_start_info(uint64_t at, const char *command_line, uint64_t initrd,
                             uint64_t initrd_size, uint64_t rsdp) {
    uint32_t i;

    clear_page();
    put(0, START_MAGIC, 4);
    put(4, 1, 4); /* version */
    put(8, SIF_INITIAL, 4);
    put(12, initrd_size != 0 ? 1 : 0, 4);
    put(16, at + 0x100, 8); /* module list */
    put(24, at + PAGE_SIZE, 8);
    put(32, rsdp, 8);
    put(40, at + 0x200, 8); /* memory map */
    put(48, domains[0].memory_map_entries, 4);
    put(0x100, initrd, 8);
    put(0x108, initrd_size, 8);
    for (i = 0; i < domains[0].memory_map_entries; i++) {
        put(0x200 + 24 * i, domains[0].memory_map[i].address, 8);
        put(0x208 + 24 * i, domains[0].memory_map[i].size, 8);
        put(0x210 + 24 * i, domains[0].memory_map[i].type, 4);
    }
    write_guest(at, page, PAGE_SIZE);
    clear_page();
    for (i = 0; i < PAGE_SIZE - 1 && command_line[i] != '\0'; i++)
        page[i] = (uint8_t)command_line[i];
    write_guest(at + PAGE_SIZE, page, PAGE_SIZE);
}

static const char *load(const struct boot_module *kernel, const struct boot_module *initrd,
                        uint64_t low, uint64_t *initrd_at) {
    uint64_t top = low - TAIL;
    uint32_t i;

    *initrd_at = (image.end + INITRD_ALIGN - 1) / INITRD_ALIGN * INITRD_ALIGN;
    if (image.end > top || *initrd_at > top || (initrd != 0 && initrd->size > top - *initrd_at))
        return "kernel and initrd do not fit into the first domain's memory: raise dom0_mem=";
    for (i = 0; i < image.segments; i++) {
        write_guest(image.segment[i].address, kernel->bytes + image.segment[i].offset,
                    image.segment[i].file_size);
    }
    if (initrd != 0) write_guest(*initrd_at, initrd->bytes, initrd->size);
    return 0;
}

static const char *create(uint64_t memory, uint32_t cpus, struct effects *effects) {
    struct life_plan plan = {
        .label = LABEL_DOM0, .ports = MAX_PORTS, .grant_frames = 32, .grant_mappings = 4096};
    enum reason reason;

    do {
        reason = patiently(life_create(0, &plan, effects));
    } while (reason == REASON_AGAIN);
    if (reason == REASON_OK) {
        domains[0].initial = true;
        domains[0].max_pages = (uint32_t)(memory / PAGE_SIZE);
        domains[0].table_pool_limit = 256 + (uint32_t)(memory / PAGE_SIZE / 128);
        do {
            reason = patiently(life_set_vcpus(0, cpus, effects));
        } while (reason == REASON_AGAIN);
    }
    if (reason != REASON_OK) return "too little memory for the first domain";
    machine_apply_all(effects);
    return 0;
}

const char *first_domain(const struct boot_info *boot, struct effects *effects) {
    const struct boot_module *kernel = start_module(boot, "kernel");
    const struct boot_module *initrd = start_module(boot, "initrd");
    uint64_t memory = text_option(boot->command_line, "dom0_mem", DEFAULT_MEMORY);
    uint64_t cpus = text_option(boot->command_line, "dom0_max_vcpus", boot->cpus);
    const char *wrong;
    uint64_t initrd_at;
    uint64_t low;

    if (kernel == 0)
        return "no module `kernel`: add module2 <file> kernel <arguments> to the boot entry";
    wrong = pvh_validate(kernel->bytes, kernel->size, &image);
    if (wrong != 0) return wrong;
    memory = memory / (2 * MIB) * (2 * MIB);
    if (memory < 4 * MIB || memory / PAGE_SIZE > frames_count_free())
        return "too little memory for the first domain: lower dom0_mem= or add memory";
    if (cpus == 0 || cpus > MAX_VCPUS) return "dom0_max_vcpus= must be 1 to 8";
    low = memory < LOW_END ? memory : LOW_END;
    wrong = create(memory, (uint32_t)cpus, effects);
    if (wrong == 0) wrong = populate(0, low, effects);
    if (wrong == 0 && memory > low)
        wrong = populate(HIGH_START, HIGH_START + memory - low, effects);
    if (wrong == 0) {
        describe_memory(low, memory - low);
        wrong = load(kernel, initrd, low, &initrd_at);
    }
    if (wrong != 0) return wrong;
    write_start_info(low - TAIL, kernel->arguments, initrd_at, initrd == 0 ? 0 : initrd->size,
                     low - TAIL / 2);
    clear_page();
    acpi_tables_build(page, low - TAIL / 2, (uint32_t)cpus);
    write_guest(low - TAIL / 2, page, PAGE_SIZE);
    machine_vcpu_start_pvh(0, 0, image.entry, (uint32_t)(low - TAIL));
    vcpus[0][0].initialised = true;
    vcpus[0][0].woken = true;
    domains[0].pauses = 0;
    sched_domain_unpaused(0, effects);
    machine_apply_all(effects);
    return 0;
}
