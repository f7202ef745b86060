/* SPDX-License-Identifier: Apache-2.0 */
/* Builds and starts guests. Written are image, start_info and command line. */
#include "tests/guest/build.h"

#include <xen/xen.h>

#include <xen/arch-x86/hvm/start_info.h>
#include <xen/domctl.h>
#include <xen/hvm/save.h>
#include <xen/memory.h>
#include <xen/xsm/flask_op.h>

#include "tests/guest/guest.h"

#define TSC_NATIVE 2u /* TSC_MODE_NEVER_EMULATE */
#define PAGING_POOL (2ull << 20)
#define ERROR_NO_SUCH_CALL (-38)
#define LOADABLE 1u /* PT_LOAD */

struct elf_header {
    uint8_t identity[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, segments_offset, sections_offset;
    uint32_t flags;
    uint16_t size, segment_size, segments;
};

struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, virtual_address, address, file_bytes, memory_bytes, align;
};

static void require(int64_t result, const char *what) {
    if (result >= 0) return;
    guest_say_result(what, result);
    guest_fail("a guest cannot be built");
}

uint32_t build_label(const char *context) {
    struct xen_flask_op call = {.cmd = FLASK_CONTEXT_TO_SID,
                                .interface_version = XEN_FLASK_INTERFACE_VERSION};
    int64_t result;

    while (context[call.u.sid_context.size] != '\0') call.u.sid_context.size++;
    set_xen_guest_handle(call.u.sid_context.context, (char *)context);
    result = hypercall(__HYPERVISOR_xsm_op, (uint64_t)&call, 0, 0, 0);
    if (result == ERROR_NO_SUCH_CALL) return 0;
    require(result, "label of a guest");
    return call.u.sid_context.sid;
}

static int64_t domctl(struct xen_domctl *call, uint32_t command, uint16_t domain) {
    call->cmd = command;
    call->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    call->domain = domain;
    return hypercall(__HYPERVISOR_domctl, (uint64_t)call, 0, 0, 0);
}

void build_populate(uint16_t domain, uint64_t first, uint32_t count, uint32_t order) {
    xen_pfn_t extents[BUILD_EXTENTS_MAX];
    struct xen_memory_reservation reservation = {
        .nr_extents = count, .extent_order = order, .domid = domain};

    for (uint32_t i = 0; i < count; i++) extents[i] = first + ((xen_pfn_t)i << order);
    set_xen_guest_handle(reservation.extent_start, extents);
    require(
        hypercall(__HYPERVISOR_memory_op, XENMEM_populate_physmap, (uint64_t)&reservation, 0, 0) -
            count,
        "memory");
}

static uint16_t create(uint32_t label, uint16_t wanted, uint32_t vcpus) {
    struct xen_domctl call = {.u.createdomain = {.ssidref = label,
                                                 .flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap,
                                                 .max_vcpus = vcpus,
                                                 .max_evtchn_port = 1023,
                                                 .max_grant_frames = 4,
                                                 .max_maptrack_frames = 4,
                                                 .grant_opts = XEN_DOMCTL_GRANT_version(1),
                                                 .arch.emulation_flags = XEN_X86_EMU_LAPIC}};

    require(domctl(&call, XEN_DOMCTL_createdomain, wanted), "createdomain");
    return call.domain;
}

uint16_t build_create(uint32_t label) { return create(label, 0, 1); }

void build_bounds(uint16_t domain, uint64_t bytes) {
    struct xen_domctl call = {.u.max_mem.max_memkb = bytes / 1024};

    require(domctl(&call, XEN_DOMCTL_max_mem, domain), "max_mem");
    call = (struct xen_domctl){.u.paging_mempool.size = PAGING_POOL};
    require(domctl(&call, XEN_DOMCTL_set_paging_mempool_size, domain), "set_paging_mempool_size");
}

void build_control(uint16_t domain, uint32_t command) {
    struct xen_domctl call = {0};

    require(domctl(&call, command, domain), "domctl");
}

static uint16_t build(uint32_t label, uint16_t wanted, uint32_t vcpus, uint64_t bytes) {
    struct xen_domctl call = {.u.max_vcpus.max = vcpus};
    uint16_t domain = create(label, wanted, vcpus);

    require(domctl(&call, XEN_DOMCTL_max_vcpus, domain), "max_vcpus");
    build_bounds(domain, bytes);
    /* Nothing emulates the TSC under Cordon; Xen has to be told. */
    call = (struct xen_domctl){.u.tsc_info.tsc_mode = TSC_NATIVE};
    (void)domctl(&call, XEN_DOMCTL_settscinfo, domain);
    build_populate(domain, 0, (uint32_t)(bytes / PAGE_BYTES >> BUILD_ORDER_2M), BUILD_ORDER_2M);
    return domain;
}

uint16_t build_domain(uint32_t label, uint16_t wanted, uint32_t vcpus) {
    return build(label, wanted, vcpus, GUEST_MEMORY);
}

uint16_t build_small(uint32_t label) { return build(label, 0, 1, GUEST_MEMORY_LEAST); }

static void *map_at(uint64_t at, uint16_t domain, uint64_t address) {
    xen_ulong_t theirs = address / PAGE_BYTES;
    xen_pfn_t ours = at / PAGE_BYTES;
    int error = 0;
    struct xen_add_to_physmap_batch batch = {.domid = DOMID_SELF,
                                             .space = XENMAPSPACE_gmfn_foreign,
                                             .size = 1,
                                             .u.foreign_domid = domain};

    set_xen_guest_handle(batch.idxs, &theirs);
    set_xen_guest_handle(batch.gpfns, &ours);
    set_xen_guest_handle(batch.errs, &error);
    require(hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap_batch, (uint64_t)&batch, 0, 0),
            "foreign mapping");
    require(error, "foreign page");
    return (void *)at;
}

void build_unmap(const volatile void *page) {
    struct xen_remove_from_physmap place = {.domid = DOMID_SELF,
                                            .gpfn = (uint64_t)page / PAGE_BYTES};

    require(hypercall(__HYPERVISOR_memory_op, XENMEM_remove_from_physmap, (uint64_t)&place, 0, 0),
            "unmapping");
}

/* Where one page at a time is written. */
static void *write_at(uint16_t domain, uint64_t address) {
    static uint64_t at;

    if (at == 0) at = guest_free_address();
    return map_at(at, domain, address);
}

/* New memory is zero, so only what the file holds is written. */
static void load(uint16_t domain, const uint8_t *image, const struct elf_segment *segment) {
    for (uint64_t done = 0; done < segment->file_bytes; done += PAGE_BYTES) {
        uint64_t left = segment->file_bytes - done;
        uint8_t *to = write_at(domain, segment->address + done);

        for (uint64_t i = 0; i < left && i < PAGE_BYTES; i++)
            to[i] = image[segment->offset + done + i];
        build_unmap(to);
    }
}

static void write_start_info(uint16_t domain, const char *command_line) {
    struct hvm_start_info *info = write_at(domain, GUEST_START_INFO);
    struct hvm_memmap_table_entry *ram = (struct hvm_memmap_table_entry *)(info + 1);
    char *line;

    *ram = (struct hvm_memmap_table_entry){.size = GUEST_MEMORY, .type = XEN_HVM_MEMMAP_TYPE_RAM};
    *info = (struct hvm_start_info){.magic = XEN_HVM_START_MAGIC_VALUE,
                                    .version = 1,
                                    .cmdline_paddr = GUEST_COMMAND_LINE,
                                    .memmap_paddr = GUEST_START_INFO + sizeof(*info),
                                    .memmap_entries = 1};
    build_unmap(info);
    line = write_at(domain, GUEST_COMMAND_LINE);
    for (uint32_t i = 0; command_line[i] != '\0'; i++) line[i] = command_line[i];
    build_unmap(line);
}

/* PVH's start state: 32-bit protected mode without paging, EBX = start_info. */
static void set_start_state(uint16_t domain, uint64_t entry) {
    static struct {
        struct hvm_save_descriptor header_descriptor;
        HVM_SAVE_TYPE(HEADER) header;
        struct hvm_save_descriptor cpu_descriptor;
        HVM_SAVE_TYPE(CPU) cpu;
        struct hvm_save_descriptor end_descriptor;
    } context;
    HVM_SAVE_TYPE(CPU) *cpu = &context.cpu;
    struct xen_domctl call = {.u.hvmcontext.size = sizeof(context)};

    context.header_descriptor.typecode = HVM_SAVE_CODE(HEADER);
    context.header_descriptor.length = HVM_SAVE_LENGTH(HEADER);
    context.header.magic = HVM_FILE_MAGIC;
    context.header.version = HVM_FILE_VERSION;
    context.cpu_descriptor.typecode = HVM_SAVE_CODE(CPU);
    context.cpu_descriptor.length = HVM_SAVE_LENGTH(CPU);
    cpu->cr0 = 0x11; /* protected mode */
    cpu->rflags = 2;
    cpu->rip = entry;
    cpu->rbx = GUEST_START_INFO;
    cpu->cs_limit = cpu->ds_limit = cpu->es_limit = cpu->ss_limit = UINT32_MAX;
    cpu->tr_limit = 0x67;
    cpu->cs_arbytes = 0xc9b;
    cpu->ds_arbytes = cpu->es_arbytes = cpu->ss_arbytes = 0xc93;
    cpu->tr_arbytes = 0x8b;
    set_xen_guest_handle(call.u.hvmcontext.buffer, (uint8_t *)&context);
    require(domctl(&call, XEN_DOMCTL_sethvmcontext, domain), "sethvmcontext");
}

const volatile struct guest_report *build_start(uint16_t domain, const uint8_t *image,
                                                const char *command_line) {
    const struct elf_header *header = (const struct elf_header *)image;
    const struct elf_segment *segments =
        (const struct elf_segment *)(image + header->segments_offset);
    const struct guest_report *report = map_at(guest_free_address(), domain, GUEST_REPORT);

    for (uint32_t i = 0; i < header->segments; i++)
        if (segments[i].type == LOADABLE) load(domain, image, &segments[i]);
    write_start_info(domain, command_line);
    set_start_state(domain, header->entry);
    build_control(domain, XEN_DOMCTL_unpausedomain);
    return report;
}

uint32_t build_state(uint16_t domain) {
    struct xen_domctl call = {0};

    require(domctl(&call, XEN_DOMCTL_getdomaininfo, domain), "getdomaininfo");
    return call.u.getdomaininfo.flags;
}
