/* SPDX-License-Identifier: Apache-2.0 */
/* An exception in the hypervisor is our own mistake (or broken hardware): one report, then the
 * machine stops. Double fault and machine check share a stack apart, NMI has its own. */
#include "hv/x86/apic.h"
#include "hv/x86/cpu.h"
#include "hv/x86/paging.h"
#include "hv/x86/serial.h"
#include "hv/x86/stop.h"
#include "hv/x86/vcpu.h"

#define VECTOR_DF 8u
#define IST_FAULT 1u
#define IST_NMI 2u

/* AMD manual 2, 8.9.3, with the vector that the stub pushed. */
struct trap {
    uint64_t vector, error, rip, cs, rflags, rsp, ss;
};

struct __attribute__((packed)) tss {
    uint8_t reserved_00[0x24];
    uint64_t ist[7];
    uint8_t reserved_5c[0x66 - 0x5c];
    uint16_t io_map;
};
_Static_assert(sizeof(struct tss) == 104, "AMD manual 2, figure 12-8");
_Static_assert(offsetof(struct tss, ist) == 0x24, "AMD manual 2, figure 12-8");

_Static_assert(GDT_SIZE == SELECTOR_TSS + 16 * MAX_CPUS, "layout.h");

struct __attribute__((packed)) table_register {
    uint16_t limit;
    uint64_t base;
};
_Static_assert(sizeof(struct table_register) == 10, "operand of LGDT and LIDT");

extern const uint8_t exception_stubs[32][STUB_SIZE];
extern const uint8_t entry_nmi[], entry_timer[], entry_kick[], entry_serial[], entry_ignored[];

/* Loaded by boot.S. */
uint64_t gdt[GDT_SIZE / 8] = {
    [SELECTOR_CODE64 / 8] = 0x00af9b000000ffff,
    [SELECTOR_DATA / 8] = 0x00cf93000000ffff,
    [SELECTOR_CODE32 / 8] = 0x00cf9b000000ffff,
};
static uint64_t idt[256][2];
static struct tss tsss[MAX_CPUS];

/* An interrupt gate (AMD manual 2, figure 4-24). The image lies below 4 GiB. */
static void set_gate(uint32_t vector, uint64_t entry, uint64_t ist) {
    idt[vector][0] = (entry & 0xffff) | SELECTOR_CODE64 << 16 | ist << 32 | 0x8eull << 40 |
                     (entry >> 16 & 0xffff) << 48;
}

static void set_idt(void) {
    for (uint32_t i = 0; i < 32; i++) set_gate(i, (uint64_t)exception_stubs[i], 0);
    for (uint32_t i = 32; i < 256; i++) set_gate(i, (uint64_t)entry_ignored, 0);
    set_gate(VECTOR_DF, (uint64_t)exception_stubs[VECTOR_DF], IST_FAULT);
    set_gate(VECTOR_MC, (uint64_t)exception_stubs[VECTOR_MC], IST_FAULT);
    set_gate(VECTOR_NMI, (uint64_t)entry_nmi, IST_NMI);
    set_gate(VECTOR_TIMER, (uint64_t)entry_timer, 0);
    set_gate(VECTOR_KICK, (uint64_t)entry_kick, 0);
    set_gate(VECTOR_SERIAL, (uint64_t)entry_serial, 0);
}

void exceptions_cpu_start(uint32_t id) {
    struct tss *tss = &tsss[id];
    uint64_t base = (uint64_t)tss;
    uint64_t *descriptor = &gdt[SELECTOR_TSS / 8 + 2 * id];
    struct table_register idtr = {.limit = sizeof(idt) - 1, .base = (uint64_t)idt};

    if (id == 0) set_idt();
    tss->ist[IST_FAULT - 1] = image_physical(stacks[id][STACK_FAULT]) + PAGE_SIZE;
    tss->ist[IST_NMI - 1] = image_physical(stacks[id][STACK_NMI]) + PAGE_SIZE;
    tss->io_map = sizeof(*tss);
    *descriptor = (sizeof(*tss) - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 | base >> 24 << 56;
    __asm__ volatile("lidt %0; lldt %w1; ltr %w2"
                     :
                     : "m"(idtr), "r"(0), "r"(SELECTOR_TSS + 16 * id)
                     : "memory");
    cpus[id].self = &cpus[id];
    cpus[id].id = id;
    wrmsr(MSR_GS_BASE, (uint64_t)&cpus[id]);
}

static bool on_stack(uint32_t id, uint64_t address) {
    uint64_t page = (address - image_physical(stacks[id])) / PAGE_SIZE;

    return page < STACK_PAGES && (STACKS_MAPPED >> page & 1u) != 0;
}

/* A second exception on the way, here or on another CPU, ends in the halt below. */
_Noreturn void exception_report(const struct trap *trap) {
    static const char names[32][4] = {"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM",
                                      "#DF", "#9",  "#TS", "#NP", "#SS", "#GP", "#PF", "#15",
                                      "#MF", "#AC", "#MC", "#XM", "#VE", "#CP"};
    uint32_t id = this_cpu()->id;

    if (!stop_begin()) halt_forever();
    line_write(true, "\nCordon: exception in the hypervisor: vector %lu (%s), error 0x%lx, CPU %lu",
               trap->vector, names[trap->vector % 32], trap->error, (uint64_t)id);
    line_write(true, "  rip 0x%lx rsp 0x%lx rflags 0x%lx cr2 0x%lx", trap->rip, trap->rsp,
               trap->rflags, read_cr2());
    if (trap->vector == VECTOR_DF && !on_stack(id, trap->rsp - 8))
        stop_panic("the stack of this CPU overflowed; please report this as a bug");
    stop_panic("the hypervisor failed; please report this as a bug");
}

/* Comes from a CPU that stops the machine; any other NMI (a watchdog, a button) is let pass. */
void exception_nmi(void) {
    if (stop_begun()) halt_forever();
}
