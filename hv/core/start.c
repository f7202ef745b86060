/* SPDX-License-Identifier: Apache-2.0 */
/* Boot of the core: frames, audit, policy, scheduler, first domain, in this order. What cannot be
 * enforced is not booted. */
#include "hv/core/start.h"

#include "hv/core/audit_trail.h"
#include "hv/core/flask.h"
#include "hv/core/frame.h"
#include "hv/core/log.h"
#include "hv/core/sched.h"
#include "hv/core/text.h"

static const char *command_line = "";
static struct effects effects;

const char *start_command_line(void) { return command_line; }

static void set_frames(const struct boot_range *range, enum frame_state state) {
    frames_set_range(range->address / PAGE_SIZE, range->size / PAGE_SIZE, state);
}

static void take_memory(const struct boot_info *boot) {
    frames_start(boot->frame_table, boot->frame_chunks, boot->frames);
    for (uint32_t i = 0; i < boot->reserved_ranges; i++)
        set_frames(&boot->reserved[i], FRAME_HYPERVISOR);
    for (uint32_t i = 0; i < boot->ranges; i++)
        if (boot->range[i].type == MEMORY_RAM) set_frames(&boot->range[i], FRAME_DIRTY);
}

const struct boot_module *start_module(const struct boot_info *boot, const char *role) {
    for (uint32_t i = 0; i < boot->modules; i++)
        if (text_equal(boot->module[i].role, role)) return &boot->module[i];
    return 0;
}

static void banner(const struct boot_info *boot) {
    const struct xsm_identity *identity = xsm_identity();
    char digest[2 * sizeof(identity->sha256) + 1] = "";

    log_line("Cordon " CORDON_VERSION ", security module %s, enforcing", xsm_module_name());
    for (uint32_t i = 0; i < sizeof(identity->sha256); i++) {
        digest[2 * i] = "0123456789abcdef"[identity->sha256[i] >> 4];
        digest[2 * i + 1] = "0123456789abcdef"[identity->sha256[i] & 15];
    }
    if (identity->size > 0)
        log_line("policy sha256 %s, %lu bytes", digest, (uint64_t)identity->size);
    log_line("%lu CPUs, %lu MiB, hypervisor and modules %lu MiB", (uint64_t)boot->cpus,
             frames_count_total() / 256, frames_count_hypervisor() / 256);
}

static const char *start_policy(const struct boot_info *boot) {
    static char line[256];
    const struct boot_module *module = start_module(boot, "policy");
    const uint8_t *policy = module == 0 ? 0 : module->bytes;
    uint32_t size = module == 0 ? 0 : (uint32_t)module->size;

    if (module != 0 && module->size > POLICY_IMAGE_MAX)
        return "policy: larger than 1.75 MiB; give a policy made by checkpolicy -t xen -c 30";
    while (policy_store_back(size, &effects) == REASON_AGAIN) (void)gate_background();
    if (xsm_start(policy, size, boot->command_line) == REASON_OK) return 0;
    if (size == 0)
        return "no policy: add module2 <file> policy to the boot entry; nothing boots unenforced";
    (void)text_format(
        line, sizeof(line),
        "policy refused at byte %lu: %s; give a policy made by checkpolicy -t xen -c 30",
        (uint64_t)xsm_last_refusal()->offset, xsm_last_refusal()->check);
    return line;
}

const char *gate_start(const struct boot_info *boot) {
    command_line = boot->command_line;
    take_memory(boot);
    audit_start();
    sched_start(boot->cpus);
    const char *wrong = start_policy(boot);
    if (wrong != 0) return wrong;
    banner(boot);
    audit_event(AUDIT_BOOT, DOMAIN_NONE, DOMAIN_NONE, xsm_identity()->epoch, xsm_identity()->size);
    wrong = first_domain_plan(boot);
    if (wrong != 0) return wrong;
    while (!first_domain_runs(&wrong)) (void)gate_background();
    return wrong;
}
