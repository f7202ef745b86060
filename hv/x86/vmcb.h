/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual machine control block: AMD64 Architecture Programmer's Manual, volume 2, appendix B
 * (layout) and C (exit codes). Only fields that the hypervisor uses have names; of each run of them
 * the first offset is asserted. */
#ifndef CORDON_X86_VMCB_H
#define CORDON_X86_VMCB_H

#include "hv/abi/types.h"

struct vmcb_control {
    uint64_t reserved_000;
    uint32_t intercept_exceptions; /* bit = vector */
    uint32_t intercept_1;          /* INTERCEPT(exit code 0x60 to 0x7f) */
    uint32_t intercept_2;          /* INTERCEPT(exit code 0x80 to 0x9f) */
    uint8_t reserved_014[0x040 - 0x014];
    uint64_t iopm_base, msrpm_base;
    uint64_t reserved_050;
    uint32_t asid;
    uint8_t tlb_control;
    uint8_t reserved_05d[3];
    uint64_t virtual_interrupt; /* VIRTUAL_* */
    uint64_t interrupt_shadow;  /* bit 0 */
    uint64_t exit_code, exit_info_1, exit_info_2;
    uint64_t exit_interrupt_info; /* EVENT_*: the event whose delivery was cut short */
    uint64_t nested_enable;       /* bit 0: nested paging */
    uint8_t reserved_098[0x0a8 - 0x098];
    uint64_t event_inject; /* EVENT_* */
    uint64_t nested_cr3;
    uint8_t reserved_0b8[0x0c8 - 0x0b8]; /* 0: the processor caches nothing between entries */
    uint64_t next_rip; /* with CPUID 8000_000a edx bit 3, for intercepted instructions */
    uint8_t reserved_0d0[0x400 - 0x0d0];
};

struct vmcb_segment {
    uint16_t selector;
    uint16_t attributes; /* descriptor bits 55:52 and 47:40 */
    uint32_t limit;
    uint64_t base;
};

struct vmcb_save {
    struct vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
    uint8_t reserved_4a0[0x4cb - 0x4a0];
    uint8_t cpl;
    uint32_t reserved_4cc;
    uint64_t efer;
    uint8_t reserved_4d8[0x548 - 0x4d8];
    uint64_t cr4, cr3, cr0, dr7, dr6, rflags, rip;
    uint8_t reserved_580[0x5d8 - 0x580];
    uint64_t rsp;
    uint8_t reserved_5e0[0x5f8 - 0x5e0];
    uint64_t rax;
    uint8_t reserved_600[0x640 - 0x600];
    uint64_t cr2;
    uint8_t reserved_648[0x668 - 0x648];
    uint64_t g_pat;
    uint8_t reserved_670[0x1000 - 0x670];
};

struct vmcb {
    struct vmcb_control control;
    struct vmcb_save save;
};

#define VMCB_AT(field, offset)                                                                     \
    _Static_assert(offsetof(struct vmcb, field) == (offset), "VMCB: " #field)
VMCB_AT(control.intercept_exceptions, 0x008);
VMCB_AT(control.iopm_base, 0x040);
VMCB_AT(control.asid, 0x058);
VMCB_AT(control.virtual_interrupt, 0x060);
VMCB_AT(control.event_inject, 0x0a8);
VMCB_AT(control.next_rip, 0x0c8);
VMCB_AT(save.es, 0x400);
VMCB_AT(save.cpl, 0x4cb);
VMCB_AT(save.efer, 0x4d0);
VMCB_AT(save.cr4, 0x548);
VMCB_AT(save.rsp, 0x5d8);
VMCB_AT(save.rax, 0x5f8);
VMCB_AT(save.cr2, 0x640);
VMCB_AT(save.g_pat, 0x668);
_Static_assert(sizeof(struct vmcb) == PAGE_SIZE, "VMCB: one page");
#undef VMCB_AT

#define TLB_CONTROL_NOTHING 0u
#define TLB_CONTROL_FLUSH_ALL 1u

#define VIRTUAL_IRQ (1ull << 8)
/* V_IRQ with the highest V_INTR_PRIO and V_IGN_TPR */
#define VIRTUAL_INTERRUPT (VIRTUAL_IRQ | 0x1full << 16)
#define VIRTUAL_VECTOR 32 /* the shift of V_INTR_VECTOR */
#define VIRTUAL_MASKING (1ull << 24)
#define VIRTUAL_TPR 0xffull /* the guest's CR8 */

#define EVENT_VECTOR 0xffull
#define EVENT_TYPE (7ull << 8) /* an interrupt's is 0 */
#define EVENT_NMI (2ull << 8)
#define EVENT_EXCEPTION (3ull << 8)
#define EVENT_SOFTWARE (4ull << 8)
#define EVENT_HAS_ERROR (1ull << 11)
#define EVENT_VALID (1ull << 31)

/* The low 32 bits of exit_code. */
enum vmexit {
    VMEXIT_EXCEPTION = 0x40, /* + vector */
    VMEXIT_INTR = 0x60,
    VMEXIT_NMI = 0x61,
    VMEXIT_INIT = 0x63,
    VMEXIT_VINTR = 0x64,
    VMEXIT_RDPMC = 0x6f,
    VMEXIT_CPUID = 0x72,
    VMEXIT_RSM = 0x73,
    VMEXIT_INVD = 0x76,
    VMEXIT_HLT = 0x78,
    VMEXIT_INVLPGA = 0x7a,
    VMEXIT_IOIO = 0x7b,
    VMEXIT_MSR = 0x7c,
    VMEXIT_FERR_FREEZE = 0x7e,
    VMEXIT_SHUTDOWN = 0x7f,
    VMEXIT_VMRUN = 0x80, /* the first of the instructions that SVM added */
    VMEXIT_VMMCALL = 0x81,
    VMEXIT_RDTSCP = 0x87,
    VMEXIT_ICEBP = 0x88,
    VMEXIT_WBINVD = 0x89,
    VMEXIT_XSETBV = 0x8d, /* the last that is intercepted, after MONITOR and MWAIT */
    VMEXIT_NPF = 0x400,
};
#define VMEXIT_INVALID UINT32_MAX /* -1 */
#define INTERCEPT(code) (1u << ((code)&31u))

/* exit_info_1 of VMEXIT_IOIO (15.10.2). */
#define IOIO_IN (1u << 0)
#define IOIO_STRING (1u << 2)
#define IOIO_REPEAT (1u << 3)
#define IOIO_SIZE(info) ((uint8_t)((info) >> 4 & 7u))
#define IOIO_PORT(info) ((uint16_t)((info) >> 16))

#endif
