/* SPDX-License-Identifier: Apache-2.0 */
/* Every vector ends the act of the vCPU that took it. Each vCPU has a stack for traps alone (IST),
 * so that an act may leave its own in any state. */
#include "tests/guest/hostile/hostile.h"

#define MSR_EOI 0x80bu
#define MSR_SYSENTER_CS 0x174u /* 0: SYSENTER faults */
#define MSR_EFER 0xc0000080u
#define EFER_LONG 0x100u
#define CR0_PLAIN 0x80010031u /* PG, WP, NE, ET, PE */
#define CR4_PLAIN 0x20u
#define DR7_PLAIN 0x400u
#define TRAP_STACK 4096u
#define VECTOR_FIRST_INTERRUPT 16u
#define SELECTOR_TSS 0x28u
#define SAVED 8u

struct gate {
    uint16_t offset_low, selector;
    uint8_t stack, type;
    uint16_t offset_middle;
    uint32_t offset_high, reserved;
};
struct __attribute__((packed)) tss {
    uint32_t reserved_0;
    uint64_t rsp[3], reserved_28, ist[7], reserved_92;
    uint16_t reserved_100, io_map;
};
_Static_assert(sizeof(struct tss) == 104, "AMD64 manual volume 2, 12.2.5");
struct __attribute__((packed)) table_register {
    uint16_t limit;
    uint64_t base;
};

extern const uint8_t trap_stubs[256][16];
int attempt_in(void (*act)(void), uint64_t *place);
_Noreturn void trap_abandon(const uint64_t *place);
_Noreturn void trap_taken(uint64_t vector);

uint64_t traps[256];
volatile bool control_is_odd[VCPUS];

static struct gate gates[256];
static struct tss segments[VCPUS];
/* 0, code, data, user data, user code, then one TSS in two entries. */
static uint64_t descriptors[VCPUS][7];
static uint64_t saved[VCPUS][SAVED];
static _Alignas(16) uint8_t stacks[VCPUS][TRAP_STACK];
static uint64_t root;

static void write_msr(uint32_t msr, uint64_t value) {
    __asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static void plain_control(void) {
    __asm__ volatile("mov %0, %%cr0" : : "r"((uint64_t)CR0_PLAIN));
    __asm__ volatile("mov %0, %%cr4" : : "r"((uint64_t)CR4_PLAIN));
    __asm__ volatile("mov %0, %%cr3" : : "r"(root) : "memory");
    __asm__ volatile("mov %0, %%dr7" : : "r"((uint64_t)DR7_PLAIN));
    write_msr(MSR_EFER, EFER_LONG);
    write_msr(MSR_SYSENTER_CS, 0);
}

/* GDTR is the one register that differs between the vCPUs and cannot be lost. */
uint32_t this_vcpu(void) {
    struct table_register table;

    __asm__ volatile("sgdt %0" : "=m"(table));
    return table.base == (uint64_t)descriptors[SECOND] ? SECOND : FIRST;
}

_Noreturn void trap_taken(uint64_t vector) {
    uint32_t vcpu = this_vcpu();

    traps[vector]++;
    if (control_is_odd[vcpu]) plain_control();
    if (vector >= VECTOR_FIRST_INTERRUPT) {
        write_msr(MSR_EOI, 0);
        page_of(GFN_VCPU_INFO)[vcpu * 64] = 0; /* evtchn_upcall_pending, if that is here */
    }
    trap_abandon(saved[vcpu]);
}

void attempt(void (*act)(void)) {
    uint32_t vcpu = this_vcpu();

    if (attempt_in(act, saved[vcpu]) == 0 && control_is_odd[vcpu]) plain_control();
    control_is_odd[vcpu] = false;
}

static void set_gates(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint64_t entry = (uint64_t)trap_stubs[i];

        gates[i] = (struct gate){.offset_low = (uint16_t)entry,
                                 .selector = 8,
                                 .stack = 1,
                                 .type = 0x8e,
                                 .offset_middle = (uint16_t)(entry >> 16),
                                 .offset_high = (uint32_t)(entry >> 32)};
    }
}

/* Which vCPU is known by its number: the trampoline has chosen the stack by it. */
void traps_start(void) {
    uint32_t low, high, vcpu;
    uint64_t base;
    struct table_register table = {.limit = sizeof(gates) - 1, .base = (uint64_t)gates};

    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(0x802u));
    vcpu = low == 0 ? FIRST : SECOND;
    base = (uint64_t)&segments[vcpu];
    segments[vcpu].ist[0] = (uint64_t)stacks[vcpu] + TRAP_STACK;
    segments[vcpu].io_map = sizeof(struct tss);
    descriptors[vcpu][1] = 0x00af9b000000ffff;
    descriptors[vcpu][2] = 0x00cf93000000ffff;
    descriptors[vcpu][3] = 0x00cff3000000ffff;
    descriptors[vcpu][4] = 0x00affb000000ffff;
    descriptors[vcpu][5] = (sizeof(struct tss) - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 |
                           (base >> 24 & 0xff) << 56;
    descriptors[vcpu][6] = base >> 32;
    if (root == 0) set_gates(); /* once: the other vCPU may be using them */
    __asm__ volatile("lidt %0" : : "m"(table));
    table = (struct table_register){sizeof(descriptors[0]) - 1, (uint64_t)descriptors[vcpu]};
    __asm__ volatile("lgdt %0; ltr %w1" : : "m"(table), "r"(SELECTOR_TSS));
    if (root == 0) __asm__ volatile("mov %%cr3, %0" : "=r"(root));
    plain_control();
}
