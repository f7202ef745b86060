/* SPDX-License-Identifier: Apache-2.0 */
/* A load is one call, which the hypervisor continues as often as it needs: all is counted. */
#include "tests/guest/measure/policy.h"

#include <xen/xen.h>

#include <xen/xsm/flask_op.h>

#include "tests/guest/guest.h"
#include "tests/guest/rows.h"

#define DEFAULT_LOADS 20u
#define LARGE_LOADS 3u

static void load(const char *image, uint64_t size) {
    struct xen_flask_op call = {.cmd = FLASK_LOAD,
                                .interface_version = XEN_FLASK_INTERFACE_VERSION,
                                .u.load.size = (uint32_t)size};
    int64_t result;

    set_xen_guest_handle(call.u.load.buffer, (char *)image);
    result = hypercall(__HYPERVISOR_xsm_op, (uint64_t)&call, 0, 0, 0);
    if (result < 0) {
        guest_say_result("load of a policy", result);
        guest_fail("a policy that is measured does not load");
    }
}

void measure_policies(uint64_t first) {
    uint64_t size;
    const char *images = guest_module(&size);

    if (size == 0) return;
    if (first == 0 || first >= size) guest_fail("policy= is not the size of the first image");
    rows_start();
    ROW(DEFAULT_LOADS, "policy-default", , load(images, first), );
    ROW(LARGE_LOADS, "policy-large", , load(images + first, size - first), );
    load(images, first);
}
