/* SPDX-License-Identifier: Apache-2.0 */
/* Single instructions, under the names of the AMD manual. Nothing here decides. */
#ifndef CORDON_X86_CPU_H
#define CORDON_X86_CPU_H

#include "hv/core/machine.h"

#define MSR_APIC_BASE 0x1bu
#define MSR_PAT 0x277u
#define MSR_EFER 0xc0000080u
#define MSR_GS_BASE 0xc0000101u
#define MSR_TSC_AUX 0xc0000103u
#define MSR_VM_CR 0xc0010114u
#define MSR_VM_HSAVE_PA 0xc0010117u

#define EFER_LME (1u << 8)
#define EFER_LMA (1u << 10)
#define EFER_NXE (1u << 11)
#define EFER_SVME (1u << 12)

#define CR0_PE (1u << 0)
#define CR0_MP (1u << 1)
#define CR0_EM (1u << 2)
#define CR0_TS (1u << 3)
#define CR0_ET (1u << 4)
#define CR0_NE (1u << 5)
#define CR0_WP (1u << 16)
#define CR0_NW (1u << 29)
#define CR0_CD (1u << 30)
#define CR0_PG (1u << 31)

#define CR4_MCE (1u << 6)
#define CR4_OSXSAVE (1u << 18)
#define CR4_SMEP (1u << 20)
#define CR4_SMAP (1u << 21)

#define REGISTER(name)                                                                             \
    static inline uint64_t read_##name(void) {                                                     \
        uint64_t value;                                                                            \
        __asm__ volatile("mov %%" #name ", %0" : "=r"(value) : : "memory");                        \
        return value;                                                                              \
    }                                                                                              \
    static inline void write_##name(uint64_t value) {                                              \
        __asm__ volatile("mov %0, %%" #name : : "r"(value) : "memory");                            \
    }
REGISTER(cr0)
REGISTER(cr2)
REGISTER(cr3) /* writing also drops this CPU's translations: the hypervisor has no global pages */
REGISTER(cr4)

#define PORTS(suffix, type)                                                                        \
    static inline void out##suffix(uint16_t port, type value) {                                    \
        __asm__ volatile("out" #suffix " %0, %1" : : "a"(value), "Nd"(port) : "memory");           \
    }                                                                                              \
    static inline type in##suffix(uint16_t port) {                                                 \
        type value;                                                                                \
        __asm__ volatile("in" #suffix " %1, %0" : "=a"(value) : "Nd"(port) : "memory");            \
        return value;                                                                              \
    }
PORTS(b, uint8_t)
PORTS(w, uint16_t)

/* Numbered 64-bit registers that travel in EDX:EAX. */
#define NUMBERED(read, write)                                                                      \
    static inline uint64_t read(uint32_t number) {                                                 \
        uint32_t low, high;                                                                        \
        __asm__ volatile(#read : "=a"(low), "=d"(high) : "c"(number) : "memory");                  \
        return (uint64_t)high << 32 | low;                                                         \
    }                                                                                              \
    static inline void write(uint32_t number, uint64_t value) {                                    \
        uint32_t high = (uint32_t)(value >> 32);                                                   \
        __asm__ volatile(#write : : "c"(number), "a"((uint32_t)value), "d"(high) : "memory");      \
    }
NUMBERED(rdmsr, wrmsr)
NUMBERED(xgetbv, xsetbv)

static inline struct cpuid_result cpuid(uint32_t leaf, uint32_t subleaf) {
    struct cpuid_result result;

    __asm__ volatile("cpuid"
                     : "=a"(result.eax), "=b"(result.ebx), "=c"(result.ecx), "=d"(result.edx)
                     : "a"(leaf), "c"(subleaf));
    return result;
}

static inline uint64_t rdtsc(void) {
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

static inline void invlpg(const volatile void *address) {
    __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

/* The operand is a physical address. */
static inline void vmsave(uint64_t address) {
    __asm__ volatile("vmsave" : : "a"(address) : "memory");
}

static inline void pause(void) { __asm__ volatile("pause" : : : "memory"); }

/* The hypervisor runs with GIF clear and RFLAGS.IF set, so that VMRUN accepts physical interrupts
 * of the guest's time (AMD manual 2, 15.21.1). Pending interrupts and NMIs are taken here only. */
static inline void interrupts_defer(void) { __asm__ volatile("clgi; sti" : : : "memory"); }
static inline void interrupt_window(void) { __asm__ volatile("stgi; nop; clgi" : : : "memory"); }
/* Waits for an interrupt; one that is pending already is not missed. */
static inline void interrupt_wait(void) {
    __asm__ volatile("cli; stgi; sti; hlt; clgi" : : : "memory");
}

static inline _Noreturn void halt_forever(void) {
    for (;;) __asm__ volatile("cli; hlt" : : : "memory");
}

#endif
