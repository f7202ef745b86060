/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the VM that it runs in hang: a thread of the highest real-time priority spins on each CPU,
 * so that no other program runs any more; interrupts still come. Linked statically, laid over the
 * management VM's root by tests/system/run. */
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    struct sched_param most = {.sched_priority = 99};
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    FILE *limit = fopen("/proc/sys/kernel/sched_rt_runtime_us", "w");

    if (limit == NULL || fputs("-1", limit) < 0 || fclose(limit) != 0 ||
        sched_setscheduler(0, SCHED_FIFO, &most) != 0) {
        perror("hang");
        return 1;
    }
    while (cpus > 1 && fork() > 0) cpus--;
    for (;;) {
    }
}
