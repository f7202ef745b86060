/* SPDX-License-Identifier: Apache-2.0 */
/* What a domain costs that never runs. In between the processor is idle, so that memory is zeroed
 * when it is wanted: that is work of idle time, and no part of a row. */
#include "tests/guest/measure/life.h"

#include <xen/xen.h>

#include <xen/domctl.h>

#include "tests/guest/build.h"
#include "tests/guest/guest.h"
#include "tests/guest/rows.h"

#define EMPTY_TRIES 50u
#define LIFE_TRIES 10u
#define REST_NS 100000000u
#define LARGE_PAGES 16u
#define SMALL_PAGES 256u

static void empty(uint32_t label) { build_control(build_create(label), XEN_DOMCTL_destroydomain); }

/* 33 MiB of it. */
static void live(uint32_t label) {
    uint16_t domain = build_create(label);

    build_bounds(domain, 34ull << 20);
    build_populate(domain, 0, LARGE_PAGES, BUILD_ORDER_2M);
    build_populate(domain, LARGE_PAGES << BUILD_ORDER_2M, SMALL_PAGES, 0);
    build_control(domain, XEN_DOMCTL_pausedomain);
    build_control(domain, XEN_DOMCTL_unpausedomain);
    build_control(domain, XEN_DOMCTL_destroydomain);
}

void measure_life(uint32_t label) {
    ROW(EMPTY_TRIES, "create-destroy", event_rest(REST_NS), empty(label), );
    ROW(LIFE_TRIES, "life-33", event_rest(REST_NS), live(label), );
}
