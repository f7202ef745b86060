/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin for QEMU 7.2: how many instructions the gate's lock is held, the most for each purpose.
 * It counts every instruction that the one processor executes between the entries of gate_lock()
 * and gate_unlock(), so the hypervisor itself needs no counter. Arguments: lock= and unlock=,
 * addresses in hexadecimal; any number of step=ADDRESS:NAME and site=ADDRESS:NAME; out=FILE. A hold
 * is counted for the last step that began under the lock, or else for the last site that was
 * entered before it. The file gets lines `INSTRUCTIONS NAME HOLDS`. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* QEMU's documented plugin interface, version 1; Debian ships no header of it. */
typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           void (*translated)(qemu_plugin_id_t id,
                                                              struct qemu_plugin_tb *block));
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id,
                                    void (*ended)(qemu_plugin_id_t id, void *data), void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
                                            void (*executed)(unsigned int vcpu, void *data),
                                            int registers, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *instruction, int operation,
                                                void *counter, uint64_t addend);

#define NO_REGISTERS 0
#define ADD_U64 0
#define STEPS_MAX 256u

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

struct step {
    uint64_t address;
    const char *name;
    bool is_site;
    uint64_t longest;
    uint64_t holds;
};

static struct step steps[STEPS_MAX] = {{.name = "-"}};
static unsigned count = 1;
static uint64_t lock_address, unlock_address;
static uint64_t executed, since;
static bool held;
static struct step *current, *site = &steps[0];
static const char *out;

static void locked(unsigned int vcpu, void *data) {
    (void)vcpu;
    (void)data;
    held = true;
    since = executed;
    current = site;
}

static void stepped(unsigned int vcpu, void *data) {
    struct step *step = data;

    (void)vcpu;
    if (!held && step->is_site) site = step;
    if (held && !step->is_site) current = step;
}

static void unlocked(unsigned int vcpu, void *data) {
    uint64_t instructions = executed - since;

    (void)vcpu;
    (void)data;
    if (!held) return;
    held = false;
    current->holds++;
    if (instructions > current->longest) current->longest = instructions;
}

static void watch(struct qemu_plugin_insn *instruction) {
    uint64_t address = qemu_plugin_insn_vaddr(instruction);

    if (address == lock_address)
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, locked, NO_REGISTERS, NULL);
    if (address == unlock_address)
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, unlocked, NO_REGISTERS, NULL);
    for (unsigned i = 1; i < count; i++)
        if (address == steps[i].address)
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, stepped, NO_REGISTERS, &steps[i]);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);

        qemu_plugin_register_vcpu_insn_exec_inline(instruction, ADD_U64, &executed, 1);
        watch(instruction);
    }
}

static void ended(qemu_plugin_id_t id, void *data) {
    FILE *file = fopen(out, "w");

    (void)id;
    (void)data;
    if (file == NULL) return;
    for (unsigned i = 0; i < count; i++)
        if (steps[i].holds > 0)
            fprintf(file, "%llu %s %llu\n", (unsigned long long)steps[i].longest, steps[i].name,
                    (unsigned long long)steps[i].holds);
    fclose(file);
}

static bool take(const char *argument) {
    const char *value = strchr(argument, '=');
    char *name;

    if (value == NULL) return false;
    value++;
    if (strncmp(argument, "out=", 4) == 0) {
        out = strdup(value);
    } else if (strncmp(argument, "lock=", 5) == 0) {
        lock_address = strtoull(value, NULL, 16);
    } else if (strncmp(argument, "unlock=", 7) == 0) {
        unlock_address = strtoull(value, NULL, 16);
    } else if ((strncmp(argument, "step=", 5) == 0 || strncmp(argument, "site=", 5) == 0) &&
               count < STEPS_MAX) {
        steps[count].is_site = argument[1] == 'i';
        steps[count].address = strtoull(value, &name, 16);
        steps[count].name = strdup(*name == ':' ? name + 1 : name);
        count++;
    } else {
        return false;
    }
    return true;
}

struct qemu_info;
int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv);

__attribute__((visibility("default"))) int
qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv) {
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (!take(argv[i])) {
            fprintf(stderr, "hold: what is %s?\n", argv[i]);
            return 1;
        }
    }
    if (lock_address == 0 || unlock_address == 0 || out == NULL) return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
