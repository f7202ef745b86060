/* SPDX-License-Identifier: Apache-2.0 */
/* From the boot loader to the first domain, in order. Whatever is missing ends in one line. */
#include "hv/core/gate.h"
#include "hv/x86/acpi.h"
#include "hv/x86/apic.h"
#include "hv/x86/cpu.h"
#include "hv/x86/memory.h"
#include "hv/x86/paging.h"
#include "hv/x86/percpu.h"
#include "hv/x86/serial.h"
#include "hv/x86/stop.h"
#include "hv/x86/svm.h"

#define NO_MEMORY "not enough memory for the hypervisor's own tables; give the machine more RAM"
#define TRAMPOLINE_LOWEST 0x1000u
#define TRAMPOLINE_LIMIT 0x9f000u

/* boot.S: what a CPU executes when it is started. */
extern const uint8_t trampoline[], trampoline_end[];

static struct boot_info boot;

/* Takes what must not be given away; the trampoline's page goes to *page. NULL, or what is wrong.
 */
static const char *reserve_memory(uint64_t *page) {
    uint64_t image = image_physical(image_start);

    if (!memory_reserve(&boot, image, image_physical(image_end) - image)) return NO_MEMORY;
    for (uint32_t i = 0; i < boot.modules; i++) {
        const struct boot_module *module = &boot.module[i];

        if (!memory_is_ram(&boot, module->address, module->size))
            return "a boot module lies outside RAM; the boot loader's memory map is wrong";
        if (!memory_reserve(&boot, module->address, module->size)) return NO_MEMORY;
    }
    *page = memory_take(&boot, PAGE_SIZE, PAGE_SIZE, TRAMPOLINE_LOWEST, TRAMPOLINE_LIMIT);
    /* Page 0: firmware's variables. */
    return memory_reserve(&boot, 0, PAGE_SIZE) ? NULL : NO_MEMORY;
}

/* Without an IO-APIC, or if its line is not as expected, the serial line is polled. */
static void route_serial(void) {
    uint64_t address = acpi.ioapic;
    uint64_t page = address & ~(PAGE_SIZE - 1ull);

    if (address == 0 || !paging_map(&boot, page, page, PAGE_SIZE, MAP_WRITE | MAP_UNCACHED)) return;
    ioapic_route((volatile uint32_t *)address, acpi.serial_pin, VECTOR_SERIAL);
    serial_enable_interrupt();
}

static const char *start(uint32_t magic, uint32_t information) {
    uint8_t rsdp[RSDP_SIZE] = {0};
    uint64_t page = 0;
    const char *error = multiboot2_read(magic, information, &boot, rsdp);

    stop_configure(boot.command_line);
    acpi_read(rsdp);
    if (error == NULL) error = reserve_memory(&page);
    if (error != NULL) return error;
    if (page != 0)
        __builtin_memcpy((void *)page, trampoline, (uint64_t)(trampoline_end - trampoline));

    apic_start();
    if (!paging_start(&boot) || !paging_map_frames(&boot)) return NO_MEMORY;
    error = start_this_cpu(0);
    if (error == NULL) error = clock_start();
    if (error != NULL) return error;
    if (page != 0) start_cpus(page);
    route_serial();
    boot.cpus = cpus_running;
    return gate_start(&boot);
}

/* Called from boot.S, on the boot tables. */
_Noreturn void boot_main(uint32_t magic, uint32_t information) {
    const char *error;

    exceptions_cpu_start(0);
    serial_start();
    error = start(magic, information);
    if (error != NULL) machine_stop(error);
    paging_seal_frames(&boot);
    serial_boot_done();
    release_cpus();
    run_loop();
}

uint32_t machine_cpus(void) { return cpus_running; }

struct cpuid_result machine_cpuid(uint32_t leaf, uint32_t subleaf) {
    return cpuid(leaf, subleaf);
}
