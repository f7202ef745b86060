/* SPDX-License-Identifier: Apache-2.0 */
/* From the boot loader to the first domain, in order. Whatever is missing ends in one line. */
#include "hv/x86/acpi.h"
#include "hv/x86/apic.h"
#include "hv/x86/cpu.h"
#include "hv/x86/paging.h"
#include "hv/x86/serial.h"
#include "hv/x86/stop.h"
#include "hv/x86/vcpu.h"

#define TRAMPOLINE_LIMIT 0x9f000u

/* boot.S: what a CPU executes when it is started. */
extern const uint8_t trampoline[], trampoline_end[];

static struct boot_info boot;

/* Takes what must not be given away, and the page where CPUs start. */
static uint64_t reserve_memory(void) {
    uint64_t image = image_physical(image_start);

    memory_reserve(&boot, image, image_physical(image_end) - image);
    for (uint32_t i = 0; i < boot.modules; i++)
        memory_reserve(&boot, boot.module[i].address, boot.module[i].size);
    memory_reserve(&boot, 0, PAGE_SIZE); /* firmware's variables */
    return memory_take(&boot, PAGE_SIZE, PAGE_SIZE, 0, TRAMPOLINE_LIMIT);
}

/* Without an IO-APIC, or if its line is not as expected, the serial line is polled. */
static void route_serial(void) {
    uint64_t page = acpi.ioapic & ~(PAGE_SIZE - 1ull);

    if (acpi.ioapic == 0) return;
    paging_map(&boot, page, page, PAGE_SIZE, MAP_DEVICE);
    ioapic_route((volatile uint32_t *)acpi.ioapic, acpi.serial_pin, VECTOR_SERIAL);
    serial_enable_interrupt();
}

static void stop_at(const char *error) {
    if (error != NULL) machine_stop(error);
}

/* Called from boot.S, on the boot tables. */
_Noreturn void boot_main(uint32_t magic, uint32_t information) {
    uint8_t rsdp[RSDP_SIZE] = {0};

    exceptions_cpu_start(0);
    serial_start();
    const char *error = multiboot2_read(magic, information, &boot, rsdp);
    stop_configure(boot.command_line);
    acpi_read(rsdp);
    stop_at(error);
    uint64_t page = reserve_memory();
    __builtin_memcpy((void *)page, trampoline, (uint64_t)(trampoline_end - trampoline));

    apic_start();
    paging_start(&boot);
    paging_map_frames(&boot);
    stop_at(start_this_cpu(0));
    stop_at(clock_start());
    start_cpus(page);
    route_serial();
    boot.cpus = cpus_running;
    stop_at(gate_start(&boot));
    paging_seal_frames(&boot);
    serial_boot_done();
    release_cpus();
    if ((machine_guest_cpus() & 1u) == 0) halt_forever();
    run_loop();
}

uint32_t machine_cpus(void) { return cpus_running; }

/* Under TCG a guest's XRSTOR on another CPU can undo what VMRUN, STGI or CLGI did on the first: it
 * clears a bit there without a lock (tests/README.md). So that one sleeps for ever. */
uint64_t machine_guest_cpus(void) {
    uint64_t all = (1ull << cpus_running) - 1u;

    return svm_features.tcg && cpus_running > 1 ? all - 1u : all;
}

struct cpuid_result machine_cpuid(uint32_t leaf, uint32_t subleaf) {
    return cpuid(leaf, subleaf);
}
