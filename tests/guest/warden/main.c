/* SPDX-License-Identifier: Apache-2.0 */
/* The first VM of a test with attackers. It builds two tenants that never cease to answer each
 * other; then an attacker, which is the boot module, with a peer that offers it an event channel
 * and a page. One that ended, or that makes no call any more, is destroyed, and the others must go
 * on. The next one's seed is derived from its own, until they made calls= hypercalls in all; if
 * that is 0, there is one, which has to come to its end. Then all memory must be back. Words:
 * seed=, calls=, acts= (of each), breakpoints= (theirs), label= (an index into the labels below).
 */
#include "tests/guest/build.h"
#include "tests/guest/guest.h"
#include "tests/guest/line.h"

#include <xen/xen.h>

#include <xen/domctl.h>
#include <xen/sysctl.h>

#define ATTACKER 6u               /* its domain number */
#define VCPUS 2u                  /* of an attacker */
#define LOOK_NS 20000000ull       /* between two looks at an attacker */
#define STILL_NS 4000000000ull    /* without a call: it waits or spins for ever */
#define PATIENCE_NS 600000000000u /* in which the others go on, and memory comes back */
#define ROUND_TRIPS 20u           /* which the two tenants make after each attack */

extern const uint8_t tenant_image[], neighbour_image[];

static const char *const labels[] = {"system_u:vm_r:tenant_a_t", "system_u:vm_r:denied_t"};
static const volatile struct guest_report *answers; /* of the tenant that asks */
static uint16_t asker, answerer, peer;

static int64_t sysctl(struct xen_sysctl *call, uint32_t command) {
    call->cmd = command;
    call->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    return hypercall(__HYPERVISOR_sysctl, (uint64_t)call, 0, 0, 0);
}

static uint64_t free_pages(void) {
    struct xen_sysctl call = {0};

    if (sysctl(&call, XEN_SYSCTL_physinfo) != 0) guest_fail("no physinfo");
    return call.u.physinfo.free_pages;
}

static void debug_key(char key) {
    struct xen_sysctl call = {.u.debug_keys.nr_keys = 1};

    set_xen_guest_handle(call.u.debug_keys.keys, &key);
    if (sysctl(&call, XEN_SYSCTL_debug_keys) != 0) guest_fail("no debug keys");
}

static const volatile struct guest_report *await(const volatile struct guest_report *report) {
    uint64_t end = guest_now() + PATIENCE_NS;

    while (report->magic != GUEST_REPORT_MAGIC || report->state != GUEST_READY) {
        if (guest_now() > end) guest_fail("a well-behaved tenant does not get ready");
        guest_sleep(LOOK_NS);
    }
    return report;
}

static void start_others(uint32_t label) {
    const volatile struct guest_report *report;
    struct line words = {.length = 0};

    answerer = build_domain(label, 0, 1);
    asker = build_domain(label, 0, 1);
    add_option(&words, "offer=", asker);
    report = await(build_start(answerer, tenant_image, words.text));
    words.length = 0;
    add_option(&words, "reach=", answerer);
    add_option(&words, "port=", report->port);
    add_option(&words, "grant=", report->grant);
    add_option(&words, "rounds=", UINT32_MAX);
    add_option(&words, "pause=", 1);
    build_unmap(report);
    answers = build_start(asker, neighbour_image, words.text);
}

/* Each well-behaved tenant lives, and the two that talk are answered. */
static void require_others(void) {
    uint64_t end = guest_now() + PATIENCE_NS;
    uint32_t before = answers->progress;
    uint16_t others[] = {answerer, asker, peer};

    while (answers->progress - before < ROUND_TRIPS) {
        if (guest_now() > end) guest_fail("the well-behaved tenants answer no more");
        guest_sleep(LOOK_NS);
    }
    for (uint32_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if ((build_state(others[i]) & (XEN_DOMINF_shutdown | XEN_DOMINF_dying)) != 0)
            guest_fail("a well-behaved tenant ended");
}

/* Every line that an attacker that came to its end left in its report. */
static void tell(const volatile struct guest_report *report) {
    struct line line = {.length = 0};

    for (uint32_t i = 0; i < GUEST_REPORT_TEXT && report->text[i] != '\0'; i++) {
        char letter[2] = {report->text[i], '\0'};

        if (letter[0] != '\n') {
            add_text(&line, letter);
            continue;
        }
        guest_say_text("  ", line.text);
        line.length = 0;
    }
}

/* Until it ended or stands still: its flags. */
static uint32_t await_end(const volatile struct guest_report *report, uint64_t patience) {
    uint64_t seen_at = guest_now();
    uint32_t seen = 0, flags = 0;

    while ((flags & XEN_DOMINF_shutdown) == 0 && guest_now() < seen_at + patience) {
        if (report->progress != seen) seen_at = guest_now();
        seen = report->progress;
        guest_sleep(LOOK_NS);
        flags = build_state(ATTACKER);
    }
    return flags;
}

static const volatile struct guest_report *start_attacker(uint32_t seed, uint32_t label,
                                                          uint32_t others_label) {
    uint64_t module_bytes;
    const uint8_t *image = guest_module(&module_bytes);
    const volatile struct guest_report *offers;
    struct line words = {.length = 0};

    if (module_bytes == 0) guest_fail("no attacker: it is the boot module");
    (void)build_domain(label, ATTACKER, VCPUS);
    peer = build_domain(others_label, 0, 1);
    add_option(&words, "offer=", ATTACKER);
    offers = await(build_start(peer, tenant_image, words.text));
    words.length = 0;
    add_option(&words, "seed=", seed);
    add_option(&words, "calls=", guest_option("acts", 100000));
    add_option(&words, "self=", ATTACKER);
    add_option(&words, "breakpoints=", guest_option("breakpoints", 1));
    add_option(&words, "peer=", peer);
    add_option(&words, "port=", offers->port);
    add_option(&words, "grant=", offers->grant);
    build_unmap(offers);
    return build_start(ATTACKER, image, words.text);
}

/* One attacker, from its birth to its end: the hypercalls that it made. */
static uint32_t attack(uint32_t seed, uint32_t label, uint32_t others_label, bool once) {
    const volatile struct guest_report *report = start_attacker(seed, label, others_label);
    uint32_t flags = await_end(report, once ? PATIENCE_NS : STILL_NS);
    uint32_t calls = report->progress;
    uint64_t numbers[] = {seed, calls, flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask};

    if (once || report->state == GUEST_FAILED) tell(report);
    if (once && report->state != GUEST_PASSED) guest_fail("the attacker did not come to its end");
    if ((flags & XEN_DOMINF_shutdown) != 0)
        guest_say_numbers("attacker: seed, calls, ended with code", numbers, 3);
    else
        guest_say_numbers("attacker: seed, calls, stands still", numbers, 2);
    build_unmap(report);
    build_control(ATTACKER, XEN_DOMCTL_destroydomain);
    require_others();
    build_control(peer, XEN_DOMCTL_destroydomain);
    return calls;
}

static void await_memory(uint64_t before) {
    uint64_t end = guest_now() + PATIENCE_NS;

    while (free_pages() != before) {
        if (guest_now() > end) guest_fail("memory is missing");
        guest_sleep(LOOK_NS);
    }
    guest_say("all memory is back");
}

/* Another seed for each attacker, the first of them as given. */
static uint32_t next_seed(uint32_t seed) { return seed * 1664525u + 1013904223u; }

void guest_main(void) {
    uint32_t label = build_label(labels[0]);
    uint32_t attacker_label =
        build_label(labels[guest_option("label", 0) % (sizeof(labels) / sizeof(labels[0]))]);
    uint32_t seed = guest_option("seed", 1);
    uint32_t calls = guest_option("calls", 0);
    uint64_t before, made = 0, attackers = 0;

    if (events_start() != 0) guest_fail("no shared_info");
    before = free_pages();
    start_others(label);
    do {
        made += attack(seed, attacker_label, label, calls == 0);
        attackers++;
        seed = next_seed(seed);
    } while (made < calls);
    debug_key('i');
    guest_say_numbers("attackers", &attackers, 1);
    guest_say_numbers("their hypercalls", &made, 1);
    build_unmap(answers);
    build_control(asker, XEN_DOMCTL_destroydomain);
    build_control(answerer, XEN_DOMCTL_destroydomain);
    await_memory(before);
    guest_pass();
}
