/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin for QEMU 7.2 that counts, so that the hypervisor needs no counters of its own:
 * instructions by function, and how many the gate's lock is held at a time (all that the one
 * processor executes between the entries of gate_lock() and gate_unlock()), the most for each
 * purpose. Arguments: symbols=FILE, what `nm -n` prints of the hypervisor; out=FILE, which gets
 * lines `function INSTRUCTIONS NAME` and `hold INSTRUCTIONS NAME HOLDS`. The purpose of a hold is
 * the last step_*() that began under the lock, or else the last gate_*() that was entered before
 * it. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* QEMU's documented plugin interface, version 1; Debian ships no header of it. */
typedef uint64_t qemu_plugin_id_t;
struct qemu_info;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc, char **argv);
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
#define FUNCTIONS_MAX 4096u
#define PUBLIC __attribute__((visibility("default")))

PUBLIC int qemu_plugin_version = 1;

enum purpose { OTHER, STEP, GATE, LOCK, UNLOCK };

struct function {
    uint64_t address;
    char name[64];
    enum purpose purpose;
    uint64_t instructions;
    uint64_t before;     /* the hold that goes on */
    uint64_t in_longest; /* hold of all */
    uint64_t longest_hold;
    uint64_t holds;
};

/* By address; the first stands for all below the hypervisor: firmware, boot loader, guests. */
static struct function functions[FUNCTIONS_MAX] = {{.name = "-"}};
static unsigned count = 1;
static uint64_t end; /* of the last function */
static uint64_t executed, since;
static bool held;
static struct function *purpose, *entered = &functions[0];
static const char *out;

static void locked(void) {
    for (unsigned i = 0; i < count; i++) functions[i].before = functions[i].instructions;
    held = true;
    since = executed;
    purpose = entered;
}

static void unlocked(void) {
    static uint64_t longest;
    uint64_t instructions = executed - since;

    if (!held) return;
    held = false;
    purpose->holds++;
    if (instructions > purpose->longest_hold) purpose->longest_hold = instructions;
    if (instructions <= longest) return;
    longest = instructions;
    for (unsigned i = 0; i < count; i++)
        functions[i].in_longest = functions[i].instructions - functions[i].before;
}

static void called(unsigned int vcpu, void *data) {
    struct function *function = data;

    (void)vcpu;
    switch (function->purpose) {
    case LOCK: locked(); break;
    case UNLOCK: unlocked(); break;
    case GATE: entered = held ? entered : function; break;
    case STEP: purpose = held ? function : purpose; break;
    case OTHER: break;
    }
}

/* The function that holds an address. */
static struct function *find(uint64_t address) {
    unsigned low = 0, high = count;

    if (address >= end) return &functions[0];
    while (high - low > 1) {
        unsigned middle = (low + high) / 2;

        if (functions[middle].address <= address)
            low = middle;
        else
            high = middle;
    }
    return &functions[low];
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
        uint64_t address = qemu_plugin_insn_vaddr(instruction);
        struct function *function = find(address);

        qemu_plugin_register_vcpu_insn_exec_inline(instruction, ADD_U64, &executed, 1);
        qemu_plugin_register_vcpu_insn_exec_inline(instruction, ADD_U64, &function->instructions,
                                                   1);
        if (address == function->address && function->purpose != OTHER)
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, called, NO_REGISTERS, function);
    }
}

static void ended(qemu_plugin_id_t id, void *data) {
    FILE *file = fopen(out, "w");

    (void)id;
    (void)data;
    if (file == NULL) return;
    for (const struct function *f = functions; f < functions + count; f++) {
        if (f->instructions > 0)
            fprintf(file, "function %llu %s\n", (unsigned long long)f->instructions, f->name);
        if (f->in_longest > 0)
            fprintf(file, "longest %llu %s\n", (unsigned long long)f->in_longest, f->name);
        if (f->holds > 0)
            fprintf(file, "hold %llu %s %llu\n", (unsigned long long)f->longest_hold, f->name,
                    (unsigned long long)f->holds);
    }
    fclose(file);
}

static enum purpose purpose_of(const char *name) {
    if (strcmp(name, "gate_lock") == 0) return LOCK;
    if (strcmp(name, "gate_unlock") == 0) return UNLOCK;
    if (strncmp(name, "gate_", 5) == 0) return GATE;
    return strncmp(name, "step_", 5) == 0 ? STEP : OTHER;
}

static bool read_symbols(const char *path) {
    FILE *file = fopen(path, "r");
    unsigned long long address;
    bool lock = false, unlock = false;
    char kind;

    if (file == NULL) return false;
    while (count < FUNCTIONS_MAX &&
           fscanf(file, "%llx %c %63s", &address, &kind, functions[count].name) == 3) {
        struct function *function = &functions[count];

        end = address;
        if (kind != 't' && kind != 'T') continue;
        function->address = address;
        function->purpose = purpose_of(function->name);
        lock = lock || function->purpose == LOCK;
        unlock = unlock || function->purpose == UNLOCK;
        count++;
    }
    fclose(file);
    return lock && unlock && count < FUNCTIONS_MAX;
}

PUBLIC int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info *info, int argc,
                               char **argv) {
    bool read = false;

    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "symbols=", 8) == 0) read = read_symbols(argv[i] + 8);
        if (strncmp(argv[i], "out=", 4) == 0) out = strdup(argv[i] + 4);
    }
    if (!read || out == NULL) {
        fputs("count: needs symbols=FILE with gate_lock and gate_unlock, and out=FILE\n", stderr);
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
