/* SPDX-License-Identifier: Apache-2.0 */
/* A hypervisor that has to leave a CPU out, which is not the last one to start. Linked around the
 * real function by ld's --wrap; the hypervisor's own objects are those of build/cordon. */
#include "hv/x86/apic.h"
#include "hv/x86/vcpu.h"

#define REFUSED_APIC_ID 1u

const char *__real_svm_cpu_start(void);
const char *__wrap_svm_cpu_start(void);

const char *__wrap_svm_cpu_start(void) {
    return apic_id() == REFUSED_APIC_ID ? "a test wants it" : __real_svm_cpu_start();
}
