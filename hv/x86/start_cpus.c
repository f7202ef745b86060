/* SPDX-License-Identifier: Apache-2.0 */
/* CPUs are started one at a time, so they share one set of variables. A CPU whose time differs from
 * the boot CPU's is left out: machine_now() would not be monotonic. */
#include "hv/x86/acpi.h"
#include "hv/x86/apic.h"
#include "hv/x86/cpu.h"
#include "hv/x86/paging.h"
#include "hv/x86/serial.h"
#include "hv/x86/stop.h"
#include "hv/x86/vcpu.h"

#define NO_TICKET 0xffffffffu
#define ANSWER_NS 5000000000u

/* The CPU that starts: AWAITED -> ANSWERED (-> ASKED for its time -> TIMED) -> ACCEPTED or REFUSED
 * -> TAKEN. Before the next one starts it has taken its verdict, or it would take the next one's.
 */
enum start_state { AWAITED, ANSWERED, ASKED, TIMED, ACCEPTED, REFUSED, TAKEN };

extern uint32_t start_ticket; /* boot.S: index that a starting CPU takes */

static volatile enum start_state state;
static const char *volatile start_error;
static volatile uint64_t start_tsc;
static volatile bool released;

struct cpu cpus[MAX_CPUS];
uint32_t cpus_running = 1;

const char *start_this_cpu(uint32_t id) {
    struct cpu *cpu = &cpus[id];

    cpu->outside = true;
    cpu->armed_deadline = UINT64_MAX;
    apic_cpu_start();
    cpu->apic_id = apic_id();
    const char *error = svm_cpu_start();
    if (error == NULL) interrupts_defer();
    return error;
}

static void await(enum start_state wanted) {
    while (state != wanted && state != REFUSED) pause();
}

/* Called from boot.S. */
_Noreturn void started_main(uint32_t id) {
    paging_cpu_start();
    exceptions_cpu_start(id);
    start_error = start_this_cpu(id);
    state = ANSWERED;
    await(ASKED);
    if (state == ASKED) {
        start_tsc = rdtsc();
        state = TIMED;
        await(ACCEPTED);
    }
    bool accepted = state == ACCEPTED;
    state = TAKEN;
    /* Without a call: from now on this stack may be the next CPU's. */
    if (!accepted) halt_forever();
    while (!released) pause();
    run_loop();
}

/* NULL, or why the CPU has to be left out. */
static const char *start_cpu(uint32_t id, uint8_t vector) {
    state = AWAITED;
    start_error = NULL;
    __atomic_store_n(&start_ticket, cpus_running, __ATOMIC_SEQ_CST);
    apic_start_cpu(id, vector);
    uint64_t end = machine_now() + ANSWER_NS;
    while (state != ANSWERED && machine_now() < end) pause();
    if (state != ANSWERED) {
        if (__atomic_exchange_n(&start_ticket, NO_TICKET, __ATOMIC_SEQ_CST) == NO_TICKET)
            machine_stop("a CPU hangs while it starts; switch it off in the firmware's setup");
        return "it does not answer";
    }
    const char *error = start_error;
    if (error == NULL) {
        uint64_t before = rdtsc();
        state = ASKED;
        await(TIMED);
        if (start_tsc < before || start_tsc > rdtsc())
            error = "its time stamp counter differs from the first CPU's";
    }
    state = error == NULL ? ACCEPTED : REFUSED;
    while (state != TAKEN) pause();
    return error;
}

void start_cpus(uint64_t page) {
    for (uint32_t i = 0; i < acpi.cpus && i < MAX_CPUS && cpus_running < MAX_CPUS; i++) {
        uint32_t id = acpi.apic_ids[i];

        if (id == cpus[0].apic_id) continue;
        const char *error = start_cpu(id, (uint8_t)(page / PAGE_SIZE));
        if (error == NULL)
            cpus_running++;
        else
            line_write(false, "Cordon: the CPU with APIC id %lu is left out: %s", (uint64_t)id,
                       error);
    }
    if (acpi.cpus > MAX_CPUS)
        line_write(false, "Cordon: this machine has %lu CPUs; 8 are used", (uint64_t)acpi.cpus);
}

void release_cpus(void) { released = true; }
