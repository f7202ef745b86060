/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's CPUID: the machine's, less what is not offered, plus the hypervisor's leaves. A table
 * without state: nothing here changes while the machine runs. Source: AMD64 manual volume 3
 * appendix E; Xen's public arch-x86/cpuid.h. */
#include "hv/core/domain.h"
#include "hv/core/gate.h"
#include "hv/core/platform.h"

#define BIT(n) (1u << (n))

/* Leaf 1 ECX: MONITOR, PDCM, TSC deadline and OSXSAVE (which the machine layer fills in) are
 * hidden. */
#define LEAF1_ECX_HIDDEN (BIT(3) | BIT(15) | BIT(24) | BIT(27))
#define LEAF1_ECX_X2APIC BIT(21)
#define LEAF1_ECX_HYPERVISOR BIT(31)
#define LEAF1_EDX_HIDDEN (BIT(7) | BIT(14)) /* MCE, MCA */
#define LEAF1_EDX_APIC BIT(9)
#define LEAF1_EDX_HTT BIT(28)
/* UMIP, PKU, OSPKE, WAITPKG, LA57. */
#define LEAF7_ECX_HIDDEN (BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(16))
/* 80000001 ECX: SVM, extended APIC, IBS, OSVW, SKINIT, WDT, LWP, topology, performance, MWAITX. */
#define EXT1_ECX_HIDDEN                                                                            \
    (BIT(2) | BIT(3) | BIT(9) | BIT(10) | BIT(12) | BIT(13) | BIT(15) | BIT(19) | BIT(22) |        \
     BIT(23) | BIT(24) | BIT(28) | BIT(29))
#define EXT7_EDX_INVARIANT_TSC BIT(8)

/* Leaves that read as zero, by number: of power, performance, memory quality, SGX, tracing, hybrid
 * topology; and of SVM, sampling, encryption. */
#define BASIC_HIDDEN                                                                               \
    (BIT(5) | BIT(6) | BIT(0xa) | BIT(0xf) | BIT(0x10) | BIT(0x12) | BIT(0x14) | BIT(0x1b) |       \
     BIT(0x1f))
#define EXTENDED_HIDDEN (BIT(0xa) | BIT(0x1b) | BIT(0x1f) | 7ull << 0x20)

/* Xen's leaves. */
#define XEN_LEAVES 4u
#define XEN4_FLAGS (BIT(1) | BIT(3) | BIT(4)) /* virtual x2APIC, vCPU id, domain id */

static struct cpuid_result xen_leaf(domain_id domain, vcpu_id vcpu, uint32_t leaf,
                                    uint32_t subleaf) {
    uint32_t mul;
    int8_t shift;

    switch (leaf) {
    case 0: /* "XenVMMXenVMM" */
        return (struct cpuid_result){CPUID_XEN_BASE + XEN_LEAVES, 0x566e6558u, 0x65584d4du,
                                     0x4d4d566eu};
    case 1: return (struct cpuid_result){.eax = XEN_MAJOR << 16 | XEN_MINOR};
    case 2: /* one hypercall page, written through this MSR */
        return (struct cpuid_result){.eax = 1, .ebx = 0x40000000u};
    case 3:
        machine_tsc_scale(&mul, &shift);
        if (subleaf == 0) return (struct cpuid_result){.eax = 1, .ecx = machine_tsc_khz()};
        if (subleaf == 1) return (struct cpuid_result){.ecx = mul, .edx = (uint32_t)(int32_t)shift};
        if (subleaf == 2) return (struct cpuid_result){.eax = machine_tsc_khz()};
        break;
    case 4:
        if (subleaf == 0) return (struct cpuid_result){XEN4_FLAGS, vcpu, domain, 0};
        break;
    default: break;
    }
    return (struct cpuid_result){0};
}

static void basic_leaf(domain_id domain, vcpu_id vcpu, uint32_t leaf, uint32_t subleaf,
                       struct cpuid_result *out) {
    uint32_t count = domains[domain].vcpus;

    switch (leaf) {
    case 1:
        out->ebx = (out->ebx & 0xffffu) | APIC_ID_OF((uint32_t)vcpu) << 24 | count << 16;
        out->ecx = (out->ecx & ~LEAF1_ECX_HIDDEN) | LEAF1_ECX_HYPERVISOR | LEAF1_ECX_X2APIC;
        out->edx = (out->edx & ~LEAF1_EDX_HIDDEN) | LEAF1_EDX_APIC;
        out->edx = count > 1 ? out->edx | LEAF1_EDX_HTT : out->edx & ~LEAF1_EDX_HTT;
        break;
    case 4: out->eax &= 0x3fffu; break;
    case 7:
        out->ebx &= ~BIT(2); /* SGX's neighbour: never on AMD */
        out->ecx &= ~LEAF7_ECX_HIDDEN;
        break;
    case 0xb:
        out->eax = subleaf == 0 ? 1 : subleaf == 1 ? APIC_ID_BITS : 0;
        out->ebx = subleaf == 0 ? 1 : subleaf == 1 ? count : 0;
        out->ecx = subleaf == 0 ? 0x100 : subleaf == 1 ? 0x201 : subleaf;
        out->edx = APIC_ID_OF(vcpu);
        break;
    default:
        if (leaf < 32 && (BASIC_HIDDEN & BIT(leaf)) != 0) *out = (struct cpuid_result){0};
        break;
    }
}

static void extended_leaf(domain_id domain, vcpu_id vcpu, uint32_t leaf, struct cpuid_result *out) {
    switch (leaf) {
    case 0x80000001u:
        out->ecx &= ~EXT1_ECX_HIDDEN;
        out->edx &= ~LEAF1_EDX_HIDDEN;
        break;
    case 0x80000007u: *out = (struct cpuid_result){.edx = EXT7_EDX_INVARIANT_TSC}; break;
    case 0x80000008u: out->ecx = APIC_ID_BITS << 12 | (domains[domain].vcpus - 1u); break;
    case 0x8000001eu: *out = (struct cpuid_result){.eax = APIC_ID_OF(vcpu), .ebx = vcpu}; break;
    default:
        if (leaf < 0x80000040u && (EXTENDED_HIDDEN >> (leaf & 63u) & 1u) != 0)
            *out = (struct cpuid_result){0};
        break;
    }
}

struct cpuid_result gate_cpuid(domain_id domain, vcpu_id vcpu, uint32_t leaf, uint32_t subleaf) {
    if (leaf - CPUID_XEN_BASE <= XEN_LEAVES)
        return xen_leaf(domain, vcpu, leaf - CPUID_XEN_BASE, subleaf);
    struct cpuid_result out = machine_cpuid(leaf, subleaf);
    if (leaf < 0x40000000u)
        basic_leaf(domain, vcpu, leaf, subleaf, &out);
    else if (leaf >= 0x80000000u && leaf < 0xc0000000u)
        extended_leaf(domain, vcpu, leaf, &out);
    else
        out = (struct cpuid_result){0};
    return out;
}

/* Ports: nothing is there, so reads give all ones; the PIT's counter gives 0, or calibration loops
 * on it for a second; port 61's timer is through and it knows of no error, or an NMI would be one;
 * the sleep status register reads 0. */
uint32_t gate_port_read(uint16_t port, uint8_t size) {
    uint32_t ones = size == 1 ? 0xffu : size == 2 ? 0xffffu : 0xffffffffu;

    if (port == 0x61) return 0x20;
    return port == 0x40 || port == 0x42 || port == PORT_ACPI_STATUS ? 0 : ones;
}
