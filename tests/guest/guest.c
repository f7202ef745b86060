/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime of tiny guests: hypercalls, report, console, end. */
#include "tests/guest/guest.h"

#include <xen/xen.h>

#include <xen/arch-x86/hvm/start_info.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#define FREE_ADDRESSES 0x20000000ull /* 512 MiB: above the memory, below what start.S maps */

static const char *command_line = "";
static struct hvm_modlist_entry module;
static uint32_t text_length;
static bool has_console; /* the first VM: others would only fill the audit trail with refusals */

void guest_start(const struct hvm_start_info *info);

/* VMMCALL, since this hypervisor runs on AMD-V. */
int64_t hypercall(uint32_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
    uint64_t result = number;
    register uint64_t r10 __asm__("r10") = d;

    __asm__ volatile("vmmcall"
                     : "+a"(result), "+D"(a), "+S"(b), "+d"(c), "+r"(r10)
                     :
                     : "r8", "memory");
    return (int64_t)result;
}

/* Nobody maps the first VM's, and at GUEST_REPORT its boot module may lie. */
struct guest_report *guest_report(void) {
    static struct guest_report first;

    return has_console ? &first : (struct guest_report *)GUEST_REPORT;
}

uint64_t guest_free_address(void) {
    static uint64_t next = FREE_ADDRESSES;

    next += PAGE_BYTES;
    return next - PAGE_BYTES;
}

uint64_t guest_now(void) {
    struct vcpu_runstate_info info;

    (void)hypercall(__HYPERVISOR_vcpu_op, VCPUOP_get_runstate_info, 0, (uint64_t)&info, 0);
    return info.time[RUNSTATE_running] + info.time[RUNSTATE_runnable] +
           info.time[RUNSTATE_blocked] + info.time[RUNSTATE_offline];
}

void guest_sleep(uint64_t ns) {
    struct sched_poll poll = {.timeout = guest_now() + ns};

    (void)hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, (uint64_t)&poll, 0, 0);
}

uint32_t guest_option(const char *name, uint32_t otherwise) {
    const char *at = command_line;
    uint32_t value = 0;
    uint32_t i;

    while (*at != '\0') {
        for (i = 0; name[i] != '\0' && at[i] == name[i]; i++) {
        }
        if (name[i] == '\0' && at[i] == '=') {
            for (at += i + 1; *at >= '0' && *at <= '9'; at++)
                value = value * 10 + (uint32_t)(*at - '0');
            return value;
        }
        while (*at != '\0' && *at != ' ') at++;
        while (*at == ' ') at++;
    }
    return otherwise;
}

const void *guest_module(uint64_t *size) {
    *size = module.size;
    return (const void *)module.paddr;
}

static void put(char byte) {
    struct guest_report *report = guest_report();

    if (text_length < GUEST_REPORT_TEXT - 1) {
        report->text[text_length] = byte;
        text_length++;
        report->text[text_length] = '\0';
    }
}

static void put_text(const char *text) {
    for (; *text != '\0'; text++) put(*text);
}

static void put_number(uint64_t number) {
    if (number >= 10) put_number(number / 10);
    put((char)('0' + number % 10));
}

/* What the report got since `from` goes to the console too. */
static void end_line(uint32_t from) {
    put('\n');
    if (!has_console) return;
    (void)hypercall(__HYPERVISOR_console_io, CONSOLEIO_write, text_length - from,
                    (uint64_t)&guest_report()->text[from], 0);
}

void guest_say(const char *text) {
    uint32_t from = text_length;

    put_text(text);
    end_line(from);
}

void guest_say_result(const char *text, int64_t result) {
    uint32_t from = text_length;

    put_text(text);
    if (result >= 0) {
        put_text(": allowed, ");
        put_number((uint64_t)result);
    } else if (result == -1) {
        put_text(": denied");
    } else {
        put_text(": failed, error ");
        put_number((uint64_t)-result);
    }
    end_line(from);
}

void guest_say_text(const char *text, const char *more) {
    uint32_t from = text_length;

    put_text(text);
    put_text(more);
    end_line(from);
}

void guest_say_numbers(const char *text, const uint64_t numbers[], uint32_t count) {
    uint32_t from = text_length;

    put_text(text);
    for (uint32_t i = 0; i < count; i++) {
        put(' ');
        put_number(numbers[i]);
    }
    end_line(from);
}

static void set_state(enum guest_state state) {
    __atomic_store_n(&guest_report()->state, (uint32_t)state, __ATOMIC_RELEASE);
}

void guest_ready(void) { set_state(GUEST_READY); }

static _Noreturn void power_off(void) {
    struct sched_shutdown shutdown = {.reason = SHUTDOWN_poweroff};

    for (;;) (void)hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (uint64_t)&shutdown, 0, 0);
}

_Noreturn void guest_pass(void) {
    guest_say("PASS");
    set_state(GUEST_PASSED);
    power_off();
}

_Noreturn void guest_fail(const char *why) {
    guest_say(why);
    guest_say("FAIL");
    set_state(GUEST_FAILED);
    power_off();
}

void guest_start(const struct hvm_start_info *info) {
    struct guest_report *report;

    if (info->cmdline_paddr != 0) command_line = (const char *)info->cmdline_paddr;
    if (info->nr_modules != 0) module = *(const struct hvm_modlist_entry *)info->modlist_paddr;
    has_console = (info->flags & SIF_INITDOMAIN) != 0;
    report = guest_report();
    report->state = GUEST_STARTING;
    report->port = 0;
    report->grant = 0;
    report->progress = 0;
    report->text[0] = '\0';
    report->magic = GUEST_REPORT_MAGIC;
    guest_main();
}

/* gcc makes calls of these. */
void *memcpy(void *to, const void *from, unsigned long count);

void *memset(void *to, int value, unsigned long count) {
    void *end = to;

    __asm__ volatile("rep stosb" : "+D"(end), "+c"(count) : "a"(value) : "memory");
    return to;
}

void *memcpy(void *to, const void *from, unsigned long count) {
    void *end = to;

    __asm__ volatile("rep movsb" : "+D"(end), "+S"(from), "+c"(count) : : "memory");
    return to;
}
