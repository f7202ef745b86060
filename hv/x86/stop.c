/* SPDX-License-Identifier: Apache-2.0 */
#include "hv/x86/stop.h"
#include "hv/x86/acpi.h"
#include "hv/x86/apic.h"
#include "hv/x86/cpu.h"
#include "hv/x86/percpu.h"
#include "hv/x86/serial.h"

#define DEBUG_EXIT_PORT 0xf4u
#define RESET_PORT 0xcf9u
#define SLEEP_ENABLE (1 << 13)
#define SCI_ENABLE (1u << 0)

static bool debug_exit;
static bool panic_powers_off;
static bool begun;

static bool has_option(const char *line, const char *option) {
    uint32_t length = 0;

    for (uint32_t i = 0; line[i] != 0 && option[length] != 0; i++)
        length = line[i] == option[length] ? length + 1 : 0;
    return option[length] == 0;
}

void stop_configure(const char *command_line) {
    debug_exit = has_option(command_line, "debug-exit");
    panic_powers_off = has_option(command_line, "panic=poweroff");
}

/* Silence, and the way out of a test. */
static void finish(uint8_t code) {
    (void)stop_begin();
    serial_flush();
    if (debug_exit) outb(DEBUG_EXIT_PORT, code);
}

/* Firmware that is not in ACPI mode yet is asked for it (ACPI 6.5, 4.8.2.5). */
static void enable_acpi(void) {
    if (acpi.command_port == 0 || (inw(acpi.control_a) & SCI_ENABLE) != 0) return;
    outb(acpi.command_port, acpi.enable_command);
    for (uint32_t i = 0; i < 300000 && (inw(acpi.control_a) & SCI_ENABLE) == 0; i++) pause();
}

_Noreturn void machine_power_off(uint8_t code) {
    finish(code);
    if (acpi.control_a != 0) {
        enable_acpi();
        outw(acpi.control_a, (uint16_t)(acpi.sleep_a << 10 | SLEEP_ENABLE));
        if (acpi.control_b != 0)
            outw(acpi.control_b, (uint16_t)(acpi.sleep_b << 10 | SLEEP_ENABLE));
    }
    halt_forever();
}

_Noreturn void machine_reset(uint8_t code) {
    finish(code);
    if (acpi.reset_port != 0) outb(acpi.reset_port, acpi.reset_value);
    outb(RESET_PORT, 0x02);
    outb(RESET_PORT, 0x06);
    outb(0x64, 0xfe); /* the keyboard controller's reset line */
    halt_forever();
}

_Noreturn void machine_stop(const char *line) {
    (void)stop_begin();
    line_write(true, "Cordon: %s", line);
    machine_power_off(EXIT_STOPPED);
}

bool stop_begin(void) {
    if (__atomic_exchange_n(&begun, true, __ATOMIC_SEQ_CST)) return false;
    if (cpus_running > 1) apic_nmi_others();
    serial_flush();
    return true;
}

bool stop_begun(void) { return __atomic_load_n(&begun, __ATOMIC_SEQ_CST); }

_Noreturn void stop_panic(const char *line) {
    line_write(true, "Cordon: %s", line);
    if (panic_powers_off) machine_power_off(EXIT_PANIC);
    finish(EXIT_PANIC);
    halt_forever();
}
