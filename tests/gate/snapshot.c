/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gate/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "tests/host/machine.h"

/* The linker's names for the ends of the sections; nothing where the build has not made them, and
 * then snapshot_take() ends the test. */
extern unsigned char __start_core_bss[] __attribute__((weak));
extern unsigned char __stop_core_bss[] __attribute__((weak));
extern unsigned char __start_core_data[] __attribute__((weak));
extern unsigned char __stop_core_data[] __attribute__((weak));

static unsigned char *kept_bss;
static unsigned char *kept_data;
static unsigned char *kept_pages;
static uint32_t kept_count;

static size_t bss_size(void) { return (size_t)(__stop_core_bss - __start_core_bss); }
static size_t data_size(void) { return (size_t)(__stop_core_data - __start_core_data); }

void snapshot_take(void) {
    uint32_t i;

    if (kept_bss == NULL) {
        kept_bss = malloc(bss_size());
        kept_data = malloc(data_size() + 1);
        kept_pages = malloc((size_t)HOST_FRAMES * PAGE_SIZE);
    }
    host_check(kept_bss != NULL && kept_data != NULL && kept_pages != NULL, "room for a snapshot");
    host_check(bss_size() > sizeof(host_memory), "guest memory is part of the snapshot");
    memcpy(kept_bss, __start_core_bss, bss_size());
    memcpy(kept_data, __start_core_data, data_size());
    kept_count = host_backed_count;
    for (i = 0; i < host_backed_count; i++)
        memcpy(kept_pages + (size_t)i * PAGE_SIZE, host_backed[i].page, PAGE_SIZE);
}

static bool same(const unsigned char *kept, const unsigned char *now, size_t size, size_t *where) {
    if (memcmp(kept, now, size) == 0) return true;
    for (*where = 0; kept[*where] == now[*where]; (*where)++) {
    }
    return false;
}

bool snapshot_same(const char **what, size_t *where) {
    uint32_t i;

    *what = "static data (core_bss)";
    if (!same(kept_bss, __start_core_bss, bss_size(), where)) return false;
    *what = "static data (core_data)";
    if (!same(kept_data, __start_core_data, data_size(), where)) return false;
    *what = "a backed page";
    for (i = 0; i < kept_count; i++)
        if (!same(kept_pages + (size_t)i * PAGE_SIZE, host_backed[i].page, PAGE_SIZE, where))
            return false;
    return true;
}
