/* SPDX-License-Identifier: Apache-2.0 */
/* cordon: what Debian's tools lack for this hypervisor. `cordon adopt` makes xenstored know the VMs
 * that ran on while the management VM was started again, so that xl list, console, pause, unpause
 * and destroy work on them. What the former store held is gone: the VMs' names, their devices, and
 * their watches (docs/management-vm.md). Source of the tree: libxl's libxl__domain_make() and
 * libxl__build_post(), 4.17. */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenctrl.h> /* before the other headers of Xen: it defines what they offer */

#include <xen/hvm/params.h>
#include <xenstore.h>

#define DOMAINS_MAX 1024u
#define CONSOLE_LIMIT "1048576"
#define KIB_PER_PAGE 4u
#define TRIES 100

enum { OK, BAD_USAGE, FAILED };

static const char usage[] =
    "usage: cordon adopt [DOMID=NAME...]\n"
    "           make known to xenstored each VM that it does not know; a VM that is given no name\n"
    "           here is called adopted-DOMID (xl rename gives another)\n"
    "status: 0 all are known, 1 usage, 2 some could not be made known\n";

static xc_interface *xc;
static struct xs_handle *xs;

/* What a VM has to be told of: pages and ports of its store and console, 0 where it has none. */
struct vm {
    uint32_t domain;
    const char *name;
    char path[32];  /* /local/domain/N */
    char libxl[32]; /* /libxl/N */
    char uuid[37];
    uint64_t memory; /* KiB */
    uint64_t memory_max;
    uint32_t vcpus;
    uint64_t store_page, store_port, console_page, console_port;
};

static xs_transaction_t transaction;
static bool written; /* so far everything in this transaction */

/* --- the tree ----------------------------------------------------------------------------------
 */

/* VALUE of the node PATH/NAME, whose permissions are those of its parent unless owner() is called.
 */
__attribute__((format(printf, 3, 4))) static void put(const char *path, const char *name,
                                                      const char *format, ...) {
    char node[96];
    char value[96];
    va_list list;

    va_start(list, format);
    vsnprintf(value, sizeof(value), format, list);
    va_end(list);
    snprintf(node, sizeof(node), "%s/%s", path, name);
    written = written && xs_write(xs, transaction, node, value, (unsigned)strlen(value));
}

/* The directory PATH/NAME: `owner`'s; `reader` may read it. */
static void put_directory(const char *path, const char *name, uint32_t owner, uint32_t reader) {
    struct xs_permissions permissions[2] = {{.id = owner, .perms = XS_PERM_NONE},
                                            {.id = reader, .perms = XS_PERM_READ}};
    char node[96];

    snprintf(node, sizeof(node), "%s%s%s", path, *name ? "/" : "", name);
    written = written && xs_mkdir(xs, transaction, node) &&
              xs_set_permissions(xs, transaction, node, permissions, owner == reader ? 1 : 2);
}

static void put_directories(const struct vm *vm) {
    static const char *const readable[] = {"cpu",     "memory", "device",
                                           "control", "store",  "console"};
    static const char *const own[] = {"control/shutdown",
                                      "control/feature-poweroff",
                                      "control/feature-reboot",
                                      "control/feature-suspend",
                                      "control/sysrq",
                                      "device/suspend/event-channel",
                                      "data",
                                      "drivers",
                                      "feature",
                                      "attr",
                                      "error"};

    put_directory(vm->path, "", 0, vm->domain);
    for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
        put_directory(vm->path, readable[i], 0, vm->domain);
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        put_directory(vm->path, own[i], vm->domain, vm->domain);
    put_directory(vm->libxl, "", 0, 0);
    put_directory(vm->libxl, "device", 0, 0);
}

static void put_console(const struct vm *vm) {
    char backend[64];
    char frontend[64];

    snprintf(backend, sizeof(backend), "/local/domain/0/backend/console/%u/0", vm->domain);
    snprintf(frontend, sizeof(frontend), "%s/device/console/0", vm->libxl);
    put(vm->path, "console/backend", "%s", backend);
    put(vm->path, "console/backend-id", "0");
    put(vm->path, "console/limit", CONSOLE_LIMIT);
    put(vm->path, "console/type", "xenconsoled");
    put(vm->path, "console/output", "pty");
    put(vm->path, "console/port", "%llu", (unsigned long long)vm->console_port);
    put(vm->path, "console/ring-ref", "%llu", (unsigned long long)vm->console_page);
    put(backend, "frontend", "%s/console", vm->path);
    put(backend, "frontend-id", "%u", vm->domain);
    put(backend, "online", "1");
    put(backend, "state", "1");
    put(backend, "protocol", "vt100");
    put(frontend, "frontend", "%s/console", vm->path);
    put(frontend, "backend", "%s", backend);
    put(frontend, "backend-id", "0");
}

static void put_tree(const struct vm *vm) {
    char vm_path[48];

    snprintf(vm_path, sizeof(vm_path), "/vm/%s", vm->uuid);
    put_directories(vm);
    put_directory(vm_path, "", 0, vm->domain);
    put(vm_path, "name", "%s", vm->name);
    put(vm_path, "uuid", "%s", vm->uuid);
    put(vm->path, "vm", "%s", vm_path);
    put(vm->path, "name", "%s", vm->name);
    put(vm->path, "domid", "%u", vm->domain);
    put(vm->libxl, "type", "pvh");
    put(vm->path, "memory/static-max", "%llu", (unsigned long long)vm->memory_max);
    put(vm->path, "memory/target", "%llu", (unsigned long long)vm->memory);
    for (uint32_t i = 0; i < vm->vcpus; i++) {
        char name[32];

        snprintf(name, sizeof(name), "cpu/%u/availability", i);
        put(vm->path, name, "online");
    }
    if (vm->store_page != 0) {
        put(vm->path, "store/port", "%llu", (unsigned long long)vm->store_port);
        put(vm->path, "store/ring-ref", "%llu", (unsigned long long)vm->store_page);
    }
    if (vm->console_page != 0) put_console(vm);
}

/* All of it or nothing; the store asks to try again where somebody else has written meanwhile. */
static bool write_tree(const struct vm *vm) {
    bool ended = false;

    for (int i = 0; i < TRIES && !ended; i++) {
        transaction = xs_transaction_start(xs);
        written = transaction != XBT_NULL;
        put_tree(vm);
        if (transaction != XBT_NULL) ended = xs_transaction_end(xs, transaction, !written);
        if (!ended && errno != EAGAIN) return false;
    }
    return ended && written;
}

/* --- domains -----------------------------------------------------------------------------------
 */

static bool is_known(const struct vm *vm) {
    char node[48];
    unsigned length;
    char *name;

    snprintf(node, sizeof(node), "%s/name", vm->path);
    name = xs_read(xs, XBT_NULL, node, &length);
    free(name);
    return name != NULL;
}

/* 0 where the VM was built without. */
static uint64_t parameter(uint32_t domain, uint32_t index) {
    uint64_t value = 0;

    return xc_hvm_param_get(xc, domain, index, &value) == 0 ? value : 0;
}

static void describe(const xc_domaininfo_t *info, struct vm *vm) {
    const uint8_t *u = info->handle;

    vm->domain = info->domain;
    snprintf(vm->path, sizeof(vm->path), "/local/domain/%u", vm->domain);
    snprintf(vm->libxl, sizeof(vm->libxl), "/libxl/%u", vm->domain);
    snprintf(vm->uuid, sizeof(vm->uuid),
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0], u[1],
             u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14],
             u[15]);
    vm->memory = info->tot_pages * KIB_PER_PAGE;
    vm->memory_max = info->max_pages * KIB_PER_PAGE;
    vm->vcpus = info->max_vcpu_id + 1;
    vm->store_page = parameter(vm->domain, HVM_PARAM_STORE_PFN);
    vm->store_port = parameter(vm->domain, HVM_PARAM_STORE_EVTCHN);
    vm->console_page = parameter(vm->domain, HVM_PARAM_CONSOLE_PFN);
    vm->console_port = parameter(vm->domain, HVM_PARAM_CONSOLE_EVTCHN);
}

static const char *wanted_name(uint32_t domain, char *const arguments[]) {
    static char otherwise[32];
    char *end;

    for (; *arguments != NULL; arguments++)
        if (strtoul(*arguments, &end, 10) == domain && *end == '=') return end + 1;
    snprintf(otherwise, sizeof(otherwise), "adopted-%u", domain);
    return otherwise;
}

/* The introduction comes last: it is what makes xenconsoled look at the tree. It empties the ring,
 * so that a request of the VM that was under way then is never answered. */
static bool adopt_one(const struct vm *vm) {
    if (!write_tree(vm) ||
        (vm->store_page != 0 && !xs_introduce_domain(xs, vm->domain, (unsigned long)vm->store_page,
                                                     (unsigned)vm->store_port))) {
        printf("failed: adopt domain %u (%s)\n", vm->domain, strerror(errno));
        return false;
    }
    printf("adopted: domain %u as %s, %s store, %s console\n", vm->domain, vm->name,
           vm->store_page != 0 ? "with" : "without", vm->console_page != 0 ? "with" : "without");
    return true;
}

static int adopt(char *const arguments[]) {
    static xc_domaininfo_t list[DOMAINS_MAX];
    int count = xc_domain_getinfolist(xc, 1, DOMAINS_MAX, list);
    int status = count < 0 ? FAILED : OK;

    if (count < 0) printf("failed: list the domains (%s)\n", strerror(errno));
    for (int i = 0; i < count; i++) {
        struct vm vm = {.name = wanted_name(list[i].domain, arguments)};

        if ((list[i].flags & XEN_DOMINF_dying) != 0) continue;
        describe(&list[i], &vm);
        if (!is_known(&vm) && !adopt_one(&vm)) status = FAILED;
    }
    return status;
}

int main(int count, char *arguments[]) {
    int status;

    if (count < 2 || strcmp(arguments[1], "adopt") != 0) {
        fputs(usage, stderr);
        return BAD_USAGE;
    }
    xc = xc_interface_open(NULL, NULL, 0);
    xs = xs_open(0);
    if (xc == NULL || xs == NULL) {
        printf("failed: %s (%s)\n", xc == NULL ? "open the hypervisor" : "reach xenstored",
               strerror(errno));
        return FAILED;
    }
    status = adopt(arguments + 2);
    xs_close(xs);
    xc_interface_close(xc);
    return status;
}
