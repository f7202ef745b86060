/* SPDX-License-Identifier: Apache-2.0 */
/* Secure virtual machine mode: detection, activation on each CPU, and the two permission maps,
 * which all guests share (AMD manual volume 2, 15.4, 15.10, 15.11, 15.30). */
#include "hv/x86/cpu.h"
#include "hv/x86/paging.h"
#include "hv/x86/vcpu.h"

#define CPUID_SVM (1u << 2)           /* 8000_0001 ecx */
#define CPUID_NESTED_PAGING (1u << 0) /* 8000_000a edx */
#define CPUID_NEXT_RIP (1u << 3)
#define CPUID_EMULATOR 0x40000000u
#define CPUID_TCG 0x54474354u /* "TCGT" */
#define VM_CR_SVMDIS (1u << 4)

#define MSR_RANGE_BYTES 2048u
#define MSR_RANGE_LENGTH 0x2000u

struct svm_features svm_features = {.next_rip = true, .asids = UINT32_MAX};

/* One bit a port; the last page is for accesses that run over the end. */
uint8_t svm_io_permissions[3 * PAGE_SIZE] __attribute__((aligned(4096)));
/* Two bits an MSR: read, then write. Three ranges of 8192 MSRs in 2 KiB each. */
uint8_t svm_msr_permissions[2 * PAGE_SIZE] __attribute__((aligned(4096)));

/* These live wholly in the VMCB: what a guest writes reaches nobody else. Not PAT: an emulator may
 * keep one for host and guest. */
static const uint32_t own_msrs[] = {
    0x174u,      0x175u,      0x176u,                   /* SYSENTER_CS, _ESP, _EIP */
    0xc0000081u, 0xc0000082u, 0xc0000083u, 0xc0000084u, /* STAR, LSTAR, CSTAR, SFMASK */
    0xc0000100u, 0xc0000101u, 0xc0000102u,              /* FS.Base, GS.Base, KernelGSbase */
};

static void build_maps(void) {
    __builtin_memset(svm_io_permissions, 0xff, sizeof(svm_io_permissions));
    __builtin_memset(svm_msr_permissions, 0xff, sizeof(svm_msr_permissions));
    for (uint32_t i = 0; i < sizeof(own_msrs) / sizeof(own_msrs[0]); i++) {
        uint32_t range = own_msrs[i] >= 0xc0000000u ? MSR_RANGE_BYTES : 0;
        uint32_t index = own_msrs[i] % MSR_RANGE_LENGTH;
        uint8_t *byte = &svm_msr_permissions[range + index / 4u];

        *byte = (uint8_t)(*byte & ~(3u << (index % 4u * 2u)));
    }
}

const char *svm_cpu_start(void) {
    struct cpu *cpu = this_cpu();

    if (cpuid(0x80000000u, 0).eax < 0x8000000au || (cpuid(0x80000001u, 0).ecx & CPUID_SVM) == 0)
        return "this CPU has no SVM (AMD-V): Cordon needs it";
    if ((rdmsr(MSR_VM_CR) & VM_CR_SVMDIS) != 0)
        return "SVM is disabled: enable virtualization in the firmware's setup";
    struct cpuid_result features = cpuid(0x8000000au, 0);
    if ((features.edx & CPUID_NESTED_PAGING) == 0)
        return "this CPU has no nested paging: Cordon needs it";
    if (features.ebx < 2) return "this CPU has no address space identifiers for guests";

    if (cpu->id == 0) build_maps();
    /* CPUs start one after the other. */
    if ((features.edx & CPUID_NEXT_RIP) == 0) svm_features.next_rip = false;
    svm_features.tcg = cpuid(CPUID_EMULATOR, 0).ebx == CPUID_TCG;
    if (features.ebx < svm_features.asids) svm_features.asids = features.ebx;
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
    wrmsr(MSR_VM_HSAVE_PA, image_physical(stacks[cpu->id][PAGE_HOST_SAVE]));
    fpu_cpu_start();
    vmsave(image_physical(stacks[cpu->id][PAGE_HOST_STATE]));
    return NULL;
}
