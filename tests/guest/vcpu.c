/* SPDX-License-Identifier: Apache-2.0 */
/* Further vCPUs of tiny guests, started as stock kernels do: INIT and SIPI through the x2APIC. */
#include "tests/guest/vcpu.h"
#include "tests/guest/guest.h"

#define MSR_X2APIC_ICR 0x830u
#define ICR_INIT 0x4500u
#define ICR_STARTUP (0x600u | VCPU_TRAMPOLINE / PAGE_BYTES)
#define STARTUPS 3u /* one is lost while the vCPU is still on a CPU */
#define STARTUP_NS 200000u

extern const uint8_t vcpu_trampoline[], vcpu_trampoline_end[];
void (*vcpu_entries[VCPUS_MAX])(void);

void vcpu_command(uint64_t command) {
    __asm__ volatile("wrmsr"
                     :
                     : "c"(MSR_X2APIC_ICR), "a"((uint32_t)command), "d"((uint32_t)(command >> 32))
                     : "memory");
}

void vcpu_start(uint32_t vcpu, void (*entry)(void)) {
    uint64_t to = (uint64_t)VCPU_APIC_ID(vcpu) << 32;

    __builtin_memcpy((void *)VCPU_TRAMPOLINE, vcpu_trampoline,
                     (uint64_t)(vcpu_trampoline_end - vcpu_trampoline));
    vcpu_entries[vcpu] = entry;
    vcpu_command(to | ICR_INIT);
    for (uint32_t i = 0; i < STARTUPS; i++) {
        guest_sleep(STARTUP_NS);
        vcpu_command(to | ICR_STARTUP);
    }
}
