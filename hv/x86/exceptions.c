/* SPDX-License-Identifier: Apache-2.0 */
/* An exception in the hypervisor is our own mistake (or broken hardware): one report, then the
 * machine stops. Double fault, NMI and machine check have stacks of their own. */
#include "hv/x86/exceptions.h"
#include "hv/x86/apic.h"
#include "hv/x86/cpu.h"
#include "hv/x86/layout.h"
#include "hv/x86/line.h"
#include "hv/x86/paging.h"
#include "hv/x86/percpu.h"
#include "hv/x86/stop.h"

#define VECTOR_NMI 2u
#define VECTOR_DOUBLE_FAULT 8u
#define VECTOR_PAGE_FAULT 14u
#define VECTOR_MACHINE_CHECK 18u
#define IST_DOUBLE_FAULT 1u
#define IST_NMI 2u
#define IST_MACHINE_CHECK 3u

#define TRACE_WORDS 512u
#define TRACE_LINES 8u

/* AMD manual 2, 8.9.3, with the vector that the stub pushed. */
struct trap {
    uint64_t vector, error, rip, cs, rflags, rsp, ss;
};

struct gate {
    uint16_t offset_low;
    uint16_t selector;
    uint8_t ist;
    uint8_t type;
    uint16_t offset_middle;
    uint32_t offset_high;
    uint32_t reserved;
};
_Static_assert(sizeof(struct gate) == 16, "AMD manual 2, figure 4-24");

struct tss {
    uint32_t reserved_0;
    uint32_t rsp[6];
    uint32_t reserved_1[2];
    uint32_t ist[7][2];
    uint32_t reserved_2[2];
    uint16_t reserved_3;
    uint16_t io_map;
};
_Static_assert(sizeof(struct tss) == 104, "AMD manual 2, figure 12-8");
_Static_assert(offsetof(struct tss, ist) == 0x24, "AMD manual 2, figure 12-8");

struct gdt {
    uint64_t null, code64, data, code32;
    uint64_t tss_low, tss_high;
};
_Static_assert(offsetof(struct gdt, code64) == SELECTOR_CODE64, "layout.h");
_Static_assert(offsetof(struct gdt, data) == SELECTOR_DATA, "layout.h");
_Static_assert(offsetof(struct gdt, code32) == SELECTOR_CODE32, "layout.h");
_Static_assert(offsetof(struct gdt, tss_low) == SELECTOR_TSS, "layout.h");

struct __attribute__((packed)) table_register {
    uint16_t limit;
    uint64_t base;
};
_Static_assert(sizeof(struct table_register) == 10, "operand of LGDT and LIDT");

extern const uint8_t exception_stubs[32][STUB_SIZE];
void entry_nmi(void);
void entry_timer(void);
void entry_kick(void);
void entry_serial(void);
void entry_ignored(void);

/* Called from boot.S. */
_Noreturn void exception_report(const struct trap *trap);
void exception_nmi(void);

static struct gate idt[256];
static struct gdt gdts[MAX_CPUS];
static struct tss tsss[MAX_CPUS];

static void set_gate(uint32_t vector, uint64_t entry, unsigned ist) {
    idt[vector] = (struct gate){
        .offset_low = (uint16_t)entry,
        .selector = SELECTOR_CODE64,
        .ist = (uint8_t)ist,
        .type = 0x8e,
        .offset_middle = (uint16_t)(entry >> 16),
        .offset_high = (uint32_t)(entry >> 32),
    };
}

static void set_idt(void) {
    for (uint32_t vector = 0; vector < 32; vector++)
        set_gate(vector, (uint64_t)exception_stubs[vector], 0);
    for (uint32_t vector = 32; vector < 256; vector++) set_gate(vector, (uint64_t)entry_ignored, 0);
    set_gate(VECTOR_NMI, (uint64_t)entry_nmi, IST_NMI);
    set_gate(VECTOR_DOUBLE_FAULT, (uint64_t)exception_stubs[VECTOR_DOUBLE_FAULT], IST_DOUBLE_FAULT);
    set_gate(VECTOR_MACHINE_CHECK, (uint64_t)exception_stubs[VECTOR_MACHINE_CHECK],
             IST_MACHINE_CHECK);
    set_gate(VECTOR_TIMER, (uint64_t)entry_timer, 0);
    set_gate(VECTOR_KICK, (uint64_t)entry_kick, 0);
    set_gate(VECTOR_SERIAL, (uint64_t)entry_serial, 0);
}

static void set_stack(struct tss *tss, unsigned ist, const uint8_t *page) {
    uint64_t top = image_physical(page) + PAGE_SIZE;

    tss->ist[ist - 1][0] = (uint32_t)top;
    tss->ist[ist - 1][1] = (uint32_t)(top >> 32);
}

void exceptions_cpu_start(uint32_t id) {
    struct gdt *gdt = &gdts[id];
    struct tss *tss = &tsss[id];
    uint64_t base = (uint64_t)tss;
    struct table_register gdtr = {.limit = sizeof(*gdt) - 1, .base = (uint64_t)gdt};
    struct table_register idtr = {.limit = sizeof(idt) - 1, .base = (uint64_t)idt};

    if (id == 0) set_idt();
    set_stack(tss, IST_DOUBLE_FAULT, stacks[id][STACK_DOUBLE_FAULT]);
    set_stack(tss, IST_NMI, stacks[id][STACK_NMI]);
    set_stack(tss, IST_MACHINE_CHECK, stacks[id][STACK_MACHINE_CHECK]);
    tss->io_map = sizeof(*tss);
    gdt->code64 = 0x00af9b000000ffff;
    gdt->data = 0x00cf93000000ffff;
    gdt->code32 = 0x00cf9b000000ffff;
    gdt->tss_low =
        (sizeof(*tss) - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
    gdt->tss_high = base >> 32;
    __asm__ volatile("lgdt %0" : : "m"(gdtr) : "memory");
    __asm__ volatile("lidt %0" : : "m"(idtr) : "memory");
    __asm__ volatile("lldt %w0" : : "r"(0) : "memory");
    __asm__ volatile("ltr %w0" : : "r"(SELECTOR_TSS) : "memory");
    cpus[id].self = &cpus[id];
    cpus[id].id = id;
    wrmsr(MSR_GS_BASE, (uint64_t)&cpus[id]);
}

/* Is it in a mapped page of this CPU's stacks? */
static bool on_stack(uint32_t id, uint64_t address) {
    uint64_t offset = address - image_physical(stacks[id]);
    uint64_t page = offset / PAGE_SIZE;

    return page < STACK_PAGES &&
           ((page >= STACK_MAIN && page < STACK_MAIN_END) || page == STACK_DOUBLE_FAULT ||
            page == STACK_NMI || page == STACK_MACHINE_CHECK);
}

/* No frame pointers: whatever on the stack points into text is probably a return address. */
static void report_trace(uint32_t id, uint64_t rsp) {
    uint32_t found = 0;
    uint64_t from = image_physical(image_start);
    uint64_t to = image_physical(image_text_end);

    rsp = (rsp + 7) & ~7ull;
    for (uint32_t i = 0; i < TRACE_WORDS && found < TRACE_LINES; i++, rsp += 8) {
        struct line line = {.used = 0};
        uint64_t word;

        if (!on_stack(id, rsp)) break;
        word = *(const uint64_t *)rsp;
        if (word < from || word >= to) continue;
        found++;
        line_text(&line, "  from ");
        line_hex(&line, word);
        line_panic(&line);
    }
}

static const char *exception_name(uint64_t vector) {
    static const char *const names[32] = {"divide error",
                                          "debug",
                                          "NMI",
                                          "breakpoint",
                                          "overflow",
                                          "bound range",
                                          "invalid opcode",
                                          "no FPU",
                                          "double fault",
                                          "vector 9",
                                          "invalid TSS",
                                          "segment not present",
                                          "stack fault",
                                          "general protection",
                                          "page fault",
                                          "vector 15",
                                          "x87",
                                          "alignment check",
                                          "machine check",
                                          "SIMD",
                                          "vector 20",
                                          "control protection"};

    return vector < 32 && names[vector] != NULL ? names[vector] : "unknown";
}

/* A second exception on the way, here or on another CPU, ends in the halt below. */
_Noreturn void exception_report(const struct trap *trap) {
    struct line line = {.used = 0};
    uint32_t id = this_cpu()->id;

    if (!stop_begin()) halt_forever();
    line_text(&line, "\nCordon: exception in the hypervisor: ");
    line_text(&line, exception_name(trap->vector));
    line_text(&line, ", vector ");
    line_decimal(&line, trap->vector);
    line_text(&line, ", error ");
    line_hex(&line, trap->error);
    line_text(&line, ", CPU ");
    line_decimal(&line, id);
    line_panic(&line);
    line.used = 0;
    line_text(&line, "  rip ");
    line_hex(&line, trap->rip);
    line_text(&line, " rsp ");
    line_hex(&line, trap->rsp);
    line_text(&line, " rflags ");
    line_hex(&line, trap->rflags);
    line_text(&line, " cr2 ");
    line_hex(&line, read_cr2());
    line_panic(&line);
    report_trace(id, trap->rsp);
    if (trap->vector == VECTOR_DOUBLE_FAULT && !on_stack(id, trap->rsp - 8))
        stop_panic("the stack of this CPU overflowed; please report this as a bug");
    stop_panic("the hypervisor failed; please report this as a bug");
}

/* Comes from a CPU that stops the machine; any other NMI (a watchdog, a button) is let pass. */
void exception_nmi(void) {
    if (stop_begun()) halt_forever();
}
