/* SPDX-License-Identifier: Apache-2.0 */
/* xen_version, console_io, hvm_op and platform_op: what a guest asks about the hypervisor, and its
 * own parameters. */
#include "hv/core/machine.h"
#include "hv/core/platform.h"
#include "hv/core/request.h"
#include "hv/core/start.h"
#include "hv/core/text.h"

#define CONSOLE_PIECE 128u
#define XENFEAT_WRITABLE_PAGE_TABLES 0u
#define XENFEAT_AUTO_TRANSLATED 2u
#define XENFEAT_SUPERVISOR_MODE_KERNEL 3u
#define XENFEAT_HVM_CALLBACK_VECTOR 8u
#define XENFEAT_HVM_SAFE_PVCLOCK 9u
#define XENFEAT_DOM0 11u
#define XENFEAT_MEMORY_OP_VNODE 13u
#define XENFEAT_NOT_DIRECT_MAPPED 16u

static enum reason fill(char *field, size_t size, const char *text) {
    for (size_t i = 0; i < size; i++) field[i] = '\0';
    (void)text_format(field, size, "%s", text);
    return REASON_OK;
}

enum reason step_version_version(struct request *r) {
    return request_answer(r, XEN_MAJOR << 16 | XEN_MINOR);
}

enum reason step_version_extra(struct request *r) {
    return fill(r->in.text16.text, sizeof(r->in.text16.text), ".0-cordon");
}

enum reason step_version_compile_info(struct request *r) {
    struct arg_version_compile *out = &r->in.compile;

    /* No date and no builder: two builds of one source are the same. */
    (void)fill(out->compiler, sizeof(out->compiler), "C11, freestanding");
    (void)fill(out->compile_by, sizeof(out->compile_by), "cordon");
    (void)fill(out->compile_domain, sizeof(out->compile_domain), "");
    return fill(out->compile_date, sizeof(out->compile_date), "");
}

enum reason step_version_capabilities(struct request *r) {
    return fill(r->in.text1024.text, sizeof(r->in.text1024.text),
                "xen-3.0-x86_64 hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64 ");
}

enum reason step_version_changeset(struct request *r) {
    return fill(r->in.text64.text, sizeof(r->in.text64.text), "cordon " CORDON_VERSION);
}

enum reason step_version_platform(struct request *r) {
    r->in.platform.virt_start = 0xffff800000000000ull;
    return REASON_OK;
}

enum reason step_version_features(struct request *r) {
    uint32_t features = 1u << XENFEAT_AUTO_TRANSLATED | 1u << XENFEAT_HVM_CALLBACK_VECTOR |
                        1u << XENFEAT_HVM_SAFE_PVCLOCK | 1u << XENFEAT_SUPERVISOR_MODE_KERNEL |
                        1u << XENFEAT_WRITABLE_PAGE_TABLES | 1u << XENFEAT_MEMORY_OP_VNODE |
                        1u << XENFEAT_NOT_DIRECT_MAPPED;

    if (r->caller == 0) features |= 1u << XENFEAT_DOM0;
    r->in.features.submap = r->in.features.submap_idx == 0 ? features : 0;
    return REASON_OK;
}

enum reason step_version_pagesize(struct request *r) { return request_answer(r, PAGE_SIZE); }

enum reason step_version_guest_handle(struct request *r) {
    for (uint32_t i = 0; i < 16; i++) r->in.handle.handle[i] = domains[r->caller].handle[i];
    return REASON_OK;
}

enum reason step_version_commandline(struct request *r) {
    return fill(r->in.text1024.text, sizeof(r->in.text1024.text), start_command_line());
}

enum reason step_version_build_id(struct request *r) {
    (void)r;
    return REASON_UNSUPPORTED; /* tools print none then */
}

/* The emergency console: what fits into the serial queue is taken, the rest waits in the caller's
 * own time, so a guest is slowed to the line's pace and holds nobody up. */
enum reason step_console_write(struct request *r) {
    char piece[CONSOLE_PIECE];
    uint64_t left = r->reg[1];
    uint32_t count = left < CONSOLE_PIECE ? (uint32_t)left : CONSOLE_PIECE;

    if (count == 0) return REASON_OK;
    if (!request_read(r, r->reg[2], piece, count)) return REASON_FAULT;
    if (!machine_console_write(piece, count)) return REASON_AGAIN;
    r->reg[1] = left - count;
    r->reg[2] += count;
    return r->reg[1] == 0 ? REASON_OK : REASON_AGAIN;
}

enum reason step_console_read(struct request *r) {
    char piece[CONSOLE_PIECE];
    uint32_t count = r->reg[1] < CONSOLE_PIECE ? (uint32_t)r->reg[1] : CONSOLE_PIECE;
    struct guest_place place;

    if (count == 0) return REASON_OK;
    if (!machine_guest_place(r->caller, r->vcpu, r->reg[2], count, &place)) return REASON_FAULT;
    uint32_t got = machine_console_read(piece, count);
    if (got > 0) machine_place_write(&place, piece, got);
    return request_answer(r, got);
}

enum reason step_hvm_set_param(struct request *r) {
    const struct arg_hvm_param *in = &r->in.hvm_param;

    if (in->index >= HVM_PARAMS) return REASON_INVALID;
    domains[r->target].parameters[in->index] = in->value;
    return REASON_OK;
}

enum reason step_hvm_get_param(struct request *r) {
    struct arg_hvm_param *in = &r->in.hvm_param;

    if (in->index >= HVM_PARAMS) return REASON_INVALID;
    in->value = domains[r->target].parameters[in->index];
    return REASON_OK;
}

/* The wall clock is the machine's; a management kernel that sets it is heard and not followed. */
enum reason step_platform_settime64(struct request *r) { return request_answer(r, 0); }

enum reason step_platform_get_cpuinfo(struct request *r) {
    struct arg_platform_cpuinfo *in = &r->in.platform_cpuinfo;

    in->max_present = machine_cpus() - 1;
    in->flags = in->xen_cpuid < machine_cpus() ? 1u : 2u;
    in->apic_id = in->xen_cpuid;
    in->acpi_id = in->xen_cpuid;
    return REASON_OK;
}
