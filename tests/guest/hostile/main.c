/* SPDX-License-Identifier: Apache-2.0 */
/* A guest that tries everything it can from a seed: calls=N (100,000) acts, then a report of what
 * came of them, then one act that ends it. Words: seed=, calls=, self= and peer= (domain numbers,
 * the peer runs tenant/ with offer=self), last= (which end; by the seed), tell=N (how far
 * it is, each N calls), breakpoints=0 (it sets none), first=1 (it is the first VM: it ends by a
 * power-off). */
#include "tests/guest/hostile/hostile.h"

#define REPORT_ERRORS 140u
#define REPORT_TRAPS 32u
#define RACE_ACTS 64u
#define WATCH_ACTS 64u

struct options options;

static volatile uint32_t made;
static uint32_t last;

static void any_act(void) {
    uint32_t which = any(1000);

    if (which < 640)
        act_call();
    else if (which < 690)
        act_raw_call();
    else if (which < 720)
        act_multicall();
    else if (which < 790)
        act_msr();
    else if (which < 840)
        act_port();
    else if (which < 870)
        act_cpuid();
    else if (which < 890)
        act_interrupt();
    else if (which < 893)
        act_wait();
    else if (which < 943)
        act_instruction();
    else if (which < 963)
        act_control_register();
    else if (which < 973)
        act_debug();
    else if (which < 979)
        act_user_code();
    else if (which < 994)
        act_page_table();
    else
        act_hypercall_page();
}

static void say_two(const char *text, uint64_t a, uint64_t b) {
    uint64_t numbers[] = {a, b};

    guest_say_numbers(text, numbers, 2);
}

static void say_one(const char *text, uint64_t number) { guest_say_numbers(text, &number, 1); }

static void report(void) {
    say_one("seed", options.seed);
    say_one("calls", made);
    for (uint32_t i = 0; i < REPORT_ERRORS; i++)
        if (results[i] != 0) say_two("error", i, results[i]);
    for (uint32_t i = 0; i < REPORT_TRAPS; i++)
        if (traps[i] != 0) say_two("trap", i, traps[i]);
    say_two("restarts", restarts[FIRST], restarts[SECOND]);
    guest_say_text("last act: ", last_acts[last]);
}

_Noreturn void main_loop(void) {
    while (made < options.calls) {
        made++;
        if (made % options.tell == 0) say_two("call", made, restarts[FIRST] + restarts[SECOND]);
        beats[FIRST]++;
        guest_report()->progress = asked[FIRST] + asked[SECOND]; /* it may end before it reports */
        if (made % RACE_ACTS == 0) race = any(RACES);
        if (made % WATCH_ACTS == 0) watch(SECOND);
        attempt(any_act);
    }
    race = RACE_NOTHING;
    report();
    if (options.first) guest_pass();
    act_last(last);
}

/* vcpu_info in a page of its own, and a timer's event by upcall, with every other seed. */
static void start_events(void) {
    struct {
        uint64_t mfn;
        uint32_t offset, reserved;
    } info = {GFN_VCPU_INFO, 0, 0};
    struct {
        uint16_t domid, pad;
        uint32_t index;
        uint64_t value;
    } callback = {DOMAIN_SELF, 0, 0, 2ull << 56 | 0xf3};
    uint32_t timer[3] = {0, 0, 0};

    (void)ask(34, 0, (uint64_t)&callback, 0, 0);
    if (options.seed % 2 == 0) return;
    for (uint32_t i = 0; i < VCPUS; i++) {
        info.offset = i * 64;
        (void)ask(24, 10, i, (uint64_t)&info, 0);
    }
    if (ask(32, 1, (uint64_t)timer, 0, 0) == 0) (void)ask(32, 9, (uint64_t)&timer[2], 0, 0);
}

void guest_main(void) {
    options.seed = guest_option("seed", 1);
    options.calls = guest_option("calls", 100000);
    options.self = (uint16_t)guest_option("self", 0);
    options.peer = (uint16_t)guest_option("peer", 0);
    options.first = guest_option("first", 0) != 0;
    options.breakpoints = guest_option("breakpoints", 1) != 0;
    options.tell = guest_option("tell", UINT32_MAX);
    last = guest_option("last", options.seed) % LAST_ACTS;
    random_start(options.seed);
    traps_start();
    set_up_window();
    start_events();
    calls_start();
    say_one("hostile with seed", options.seed);
    guest_ready();
    start_vcpu(SECOND);
    restarts[SECOND] = 0;
    main_loop();
}
