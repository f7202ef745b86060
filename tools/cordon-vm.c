/* SPDX-License-Identifier: Apache-2.0 */
/* cordon-vm: builds a tiny guest (tests/guest/) under a label, and connects to what it offers. Each
 * command prints one line that begins with `allowed:`, `denied:` or `failed:`, and its status says
 * the same: 0, 1, 2. Made of libxenctrl and its siblings alone, so it runs on any Xen as well. */
#include <elf.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <xenctrl.h> /* before the other headers of Xen: it defines what they offer */

#include <xen/arch-x86/hvm/start_info.h>
#include <xen/hvm/save.h>
#include <xencall.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xengnttab.h>
#include <xentoollog.h>

#include "tools/guest_layout.h"

#define PAGE_BYTES 4096u
#define PAGE_ORDER_2M 9u
#define IMAGE_MAX GUEST_MEMORY
#define NOTE_PHYS32_ENTRY 18u
#define PATIENCE_MS 5000
#define LISTED_MAX 512
#define SCRATCH_ADDRESS 0x3f0000000000ull /* guest-physical, where no kernel puts anything */

enum { ALLOWED, DENIED, FAILED };

static const char usage[] =
    "usage: cordon-vm create LABEL ELF [--domid N] [--vcpus N] [--paused] [WORD...]\n"
    "           build and start a guest; WORDs are its command line. LABEL is a context, or a "
    "type\n"
    "           of system_u:system_r\n"
    "       cordon-vm event DOMID    bind the event channel it offers, send, await its answer\n"
    "       cordon-vm grant DOMID    map the page it grants and print its text\n"
    "       cordon-vm report DOMID   print what it says of itself\n"
    "       cordon-vm start DOMID    start it, built or paused\n"
    "       cordon-vm pause DOMID\n"
    "       cordon-vm list           numbers of the domains that may be seen\n"
    "       cordon-vm destroy DOMID\n"
    "status: 0 allowed, 1 denied, 2 failed for another reason\n";

static xc_interface *xc;
static xentoollog_logger *quiet; /* what the libraries would say of a refusal, we say */

/* The one line that a command prints. */
__attribute__((format(printf, 1, 2))) static int allowed(const char *format, ...) {
    va_list list;

    va_start(list, format);
    fputs("allowed: ", stdout);
    vprintf(format, list);
    putchar('\n');
    va_end(list);
    return ALLOWED;
}

__attribute__((format(printf, 2, 3))) static int refused(int error, const char *format, ...) {
    va_list list;

    va_start(list, format);
    fputs(error == EPERM ? "denied: " : "failed: ", stdout);
    vprintf(format, list);
    printf(" (%s)\n", strerror(error));
    va_end(list);
    return error == EPERM ? DENIED : FAILED;
}

/* --- memory of the guest ------------------------------------------------------------------------
 */

/* Maps `size` bytes at a page boundary of the guest; NULL and errno. Ends with the process. */
static void *map(uint32_t domain, uint64_t address, size_t size) {
    static xenforeignmemory_handle *memory;
    size_t pages = (size + PAGE_BYTES - 1) / PAGE_BYTES;
    xen_pfn_t frames[IMAGE_MAX / PAGE_BYTES];
    int errors[IMAGE_MAX / PAGE_BYTES];
    void *at;

    if (memory == NULL) memory = xenforeignmemory_open(quiet, 0);
    if (memory == NULL || pages > IMAGE_MAX / PAGE_BYTES) return NULL;
    for (size_t i = 0; i < pages; i++) frames[i] = address / PAGE_BYTES + i;
    at = xenforeignmemory_map(memory, domain, PROT_READ | PROT_WRITE, pages, frames, errors);
    for (size_t i = 0; at != NULL && i < pages; i++) {
        if (errors[i] != 0) {
            errno = -errors[i];
            return NULL;
        }
    }
    return at;
}

static const struct guest_report *map_report(uint32_t domain) {
    const struct guest_report *report = map(domain, GUEST_REPORT, sizeof(*report));

    if (report != NULL && report->magic != GUEST_REPORT_MAGIC) {
        errno = ENOMSG;
        return NULL;
    }
    return report;
}

/* --- create --------------------------------------------------------------------------------------
 */

struct image {
    unsigned char *bytes;
    size_t size;
    uint32_t entry;
};

static bool read_image(const char *name, struct image *image) {
    FILE *file = fopen(name, "rb");

    image->bytes = malloc(IMAGE_MAX);
    if (file == NULL || image->bytes == NULL) return false;
    image->size = fread(image->bytes, 1, IMAGE_MAX, file);
    fclose(file);
    errno = ENOEXEC;
    return image->size >= sizeof(Elf64_Ehdr) && memcmp(image->bytes, ELFMAG, SELFMAG) == 0 &&
           image->bytes[EI_CLASS] == ELFCLASS64;
}

static const Elf64_Phdr *segment(const struct image *image, unsigned index) {
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)image->bytes;
    const Elf64_Phdr *found;

    if (index >= header->e_phnum || header->e_phentsize != sizeof(*found) ||
        header->e_phoff > image->size ||
        (image->size - header->e_phoff) / sizeof(*found) < header->e_phnum)
        return NULL;
    found = (const Elf64_Phdr *)(image->bytes + header->e_phoff) + index;
    if (found->p_offset > image->size || found->p_filesz > image->size - found->p_offset ||
        found->p_filesz > found->p_memsz)
        return NULL;
    return found;
}

/* Xen's note with the 32-bit entry, in a segment of notes. */
static bool find_entry(const struct image *image, const Elf64_Phdr *notes, uint32_t *entry) {
    size_t at = 0;

    while (at + sizeof(Elf64_Nhdr) <= notes->p_filesz) {
        const unsigned char *note = image->bytes + notes->p_offset + at;
        Elf64_Nhdr head;
        size_t name;
        size_t end;

        memcpy(&head, note, sizeof(head));
        name = (head.n_namesz + 3ul) & ~3ul;
        end = sizeof(head) + name + ((head.n_descsz + 3ul) & ~3ul);
        if (end > notes->p_filesz - at) return false;
        if (head.n_type == NOTE_PHYS32_ENTRY && head.n_namesz == 4 && head.n_descsz >= 4 &&
            memcmp(note + sizeof(head), "Xen", 4) == 0) {
            memcpy(entry, note + sizeof(head) + name, sizeof(*entry));
            return true;
        }
        at += end;
    }
    return false;
}

/* New memory is zero, so only what the file holds is written. */
static bool load(uint32_t domain, struct image *image) {
    const Elf64_Phdr *found;
    bool has_entry = false;

    for (unsigned i = 0; (found = segment(image, i)) != NULL; i++) {
        unsigned char *to;

        if (found->p_type == PT_NOTE && find_entry(image, found, &image->entry)) has_entry = true;
        if (found->p_type != PT_LOAD || found->p_filesz == 0) continue;
        errno = ENOEXEC;
        if (found->p_paddr % PAGE_BYTES != 0 || found->p_paddr >= GUEST_REPORT ||
            found->p_memsz > GUEST_REPORT - found->p_paddr)
            return false;
        to = map(domain, found->p_paddr, found->p_filesz);
        if (to == NULL) return false;
        memcpy(to, image->bytes + found->p_offset, found->p_filesz);
    }
    errno = has_entry ? errno : ENOEXEC;
    return has_entry;
}

static bool write_start_info(uint32_t domain, char *const words[]) {
    unsigned char *page = map(domain, GUEST_START_INFO, 2ul * PAGE_BYTES);
    size_t table = sizeof(struct hvm_start_info);
    struct hvm_memmap_table_entry ram = {.size = GUEST_MEMORY, .type = XEN_HVM_MEMMAP_TYPE_RAM};
    struct hvm_start_info info = {.magic = XEN_HVM_START_MAGIC_VALUE,
                                  .version = 1,
                                  .cmdline_paddr = GUEST_COMMAND_LINE,
                                  .memmap_paddr = GUEST_START_INFO + table,
                                  .memmap_entries = 1};
    char *line = (char *)page + GUEST_COMMAND_LINE - GUEST_START_INFO;
    size_t used = 0;

    if (page == NULL) return false;
    memcpy(page, &info, sizeof(info));
    memcpy(page + table, &ram, sizeof(ram));
    for (; *words != NULL && strlen(*words) < PAGE_BYTES - 2 - used; words++) {
        memcpy(line + used, *words, strlen(*words));
        used += strlen(*words);
        line[used] = ' ';
        used++;
    }
    return true;
}

/* PVH's start state: 32-bit protected mode without paging, EBX = start_info. */
static bool set_start_state(uint32_t domain, uint32_t entry) {
    struct {
        struct hvm_save_descriptor header_descriptor;
        HVM_SAVE_TYPE(HEADER) header;
        struct hvm_save_descriptor cpu_descriptor;
        HVM_SAVE_TYPE(CPU) cpu;
        struct hvm_save_descriptor end_descriptor;
        HVM_SAVE_TYPE(END) end;
    } context;
    HVM_SAVE_TYPE(CPU) *cpu = &context.cpu;

    memset(&context, 0, sizeof(context));
    context.header_descriptor.typecode = HVM_SAVE_CODE(HEADER);
    context.header_descriptor.length = HVM_SAVE_LENGTH(HEADER);
    context.header.magic = HVM_FILE_MAGIC;
    context.header.version = HVM_FILE_VERSION;
    context.cpu_descriptor.typecode = HVM_SAVE_CODE(CPU);
    context.cpu_descriptor.length = HVM_SAVE_LENGTH(CPU);
    context.end_descriptor.typecode = HVM_SAVE_CODE(END);
    context.end_descriptor.length = HVM_SAVE_LENGTH(END);
    cpu->cr0 = 0x11; /* protected mode */
    cpu->rflags = 2;
    cpu->rip = entry;
    cpu->rbx = GUEST_START_INFO;
    cpu->cs_limit = cpu->ds_limit = cpu->es_limit = cpu->ss_limit = UINT32_MAX;
    cpu->tr_limit = 0x67;
    cpu->cs_arbytes = 0xc9b;
    cpu->ds_arbytes = cpu->es_arbytes = cpu->ss_arbytes = 0xc93;
    cpu->tr_arbytes = 0x8b;
    return xc_domain_hvm_setcontext(xc, domain, (uint8_t *)&context, sizeof(context)) == 0;
}

/* What comes after the domain exists. */
static bool build(uint32_t domain, uint32_t vcpus, struct image *image, char *const words[]) {
    xen_pfn_t extents[GUEST_MEMORY / PAGE_BYTES >> PAGE_ORDER_2M];
    unsigned count = sizeof(extents) / sizeof(extents[0]);

    for (unsigned i = 0; i < count; i++) extents[i] = (xen_pfn_t)i << PAGE_ORDER_2M;
    return xc_domain_max_vcpus(xc, domain, vcpus) == 0 &&
           xc_domain_setmaxmem(xc, domain, GUEST_MEMORY / 1024) == 0 &&
           xc_domain_populate_physmap_exact(xc, domain, count, PAGE_ORDER_2M, 0, extents) == 0 &&
           load(domain, image) && write_start_info(domain, words) &&
           set_start_state(domain, image->entry);
}

static bool await_ready(uint32_t domain) {
    const struct guest_report *report = map(domain, GUEST_REPORT, sizeof(*report));
    const struct timespec pause = {.tv_nsec = 1000000};

    for (int i = 0; report != NULL && i < PATIENCE_MS; i++) {
        if (report->magic == GUEST_REPORT_MAGIC &&
            __atomic_load_n(&report->state, __ATOMIC_ACQUIRE) != GUEST_STARTING)
            return true;
        nanosleep(&pause, NULL);
    }
    errno = ETIMEDOUT;
    return false;
}

static bool start(uint32_t domain) {
    return xc_domain_unpause(xc, domain) == 0 && await_ready(domain);
}

static int start_paused(uint32_t domain) {
    if (!start(domain)) return refused(errno, "start domain %u", domain);
    return allowed("domain %u runs", domain);
}

static bool find_label(const char *label, uint32_t *sid) {
    char context[256];

    snprintf(context, sizeof(context), "%s%s",
             strchr(label, ':') ? "" : "system_u:system_r:", label);
    return xc_flask_context_to_sid(xc, context, (uint32_t)strlen(context), sid) == 0;
}

static int create(char *const words[]) {
    struct xen_domctl_createdomain config = {
        .flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap,
        .max_vcpus = 1,
        .max_evtchn_port = 1023,
        .max_grant_frames = 4,
        .max_maptrack_frames = 4,
        .grant_opts = XEN_DOMCTL_GRANT_version(1),
        .arch.emulation_flags = XEN_X86_EMU_LAPIC,
    };
    const char *label = words[0];
    struct image image = {0};
    uint32_t domain = 0;
    bool paused = false;
    int error;

    if (!read_image(words[1], &image)) return refused(errno, "%s", words[1]);
    words += 2;
    if (words[0] != NULL && strcmp(words[0], "--domid") == 0 && words[1] != NULL) {
        domain = (uint32_t)strtoul(words[1], NULL, 10);
        words += 2;
    }
    if (words[0] != NULL && strcmp(words[0], "--vcpus") == 0 && words[1] != NULL) {
        config.max_vcpus = (uint32_t)strtoul(words[1], NULL, 10);
        words += 2;
    }
    if (words[0] != NULL && strcmp(words[0], "--paused") == 0) {
        paused = true;
        words++;
    }
    if (!find_label(label, &config.ssidref)) return refused(errno, "label %s", label);
    if (xc_domain_create(xc, &domain, &config) != 0)
        return refused(errno, "create a domain labelled %s", label);
    if (!build(domain, config.max_vcpus, &image, words) || !(paused || start(domain))) {
        error = errno;
        (void)xc_domain_destroy(xc, domain);
        return refused(error, "build domain %u labelled %s", domain, label);
    }
    return allowed("domain %u %s, labelled %s", domain, paused ? "is built" : "runs", label);
}

/* --- connect -------------------------------------------------------------------------------------
 */

/* Our end of a fresh channel is raised once by binding; that is taken first. */
static bool answered(xenevtchn_handle *events, xenevtchn_port_or_error_t port) {
    struct pollfd wait = {.fd = xenevtchn_fd(events), .events = POLLIN};

    for (int round = 0; round < 2; round++) {
        if (poll(&wait, 1, round == 0 ? 0 : PATIENCE_MS) == 1) {
            if (xenevtchn_pending(events) != port ||
                xenevtchn_unmask(events, (evtchn_port_t)port) != 0)
                return false;
        } else if (round == 1) {
            errno = ETIMEDOUT;
            return false;
        }
        if (round == 0 && xenevtchn_notify(events, (evtchn_port_t)port) != 0) return false;
    }
    return true;
}

/* A guest that was not allowed to offer one tells port 0: then the first is asked for. */
static int event(uint32_t domain) {
    xenevtchn_handle *events = xenevtchn_open(quiet, 0);
    const struct guest_report *report = map_report(domain);
    xenevtchn_port_or_error_t port;

    if (events == NULL || report == NULL)
        return refused(errno, "event channel of domain %u", domain);
    port = xenevtchn_bind_interdomain(events, domain, report->port == 0 ? 1 : report->port);
    if (port < 0) return refused(errno, "event channel with domain %u", domain);
    if (!answered(events, port)) return refused(errno, "event to domain %u", domain);
    return allowed("event channel with domain %u: sent and answered", domain);
}

/* gntdev reports every refusal as EINVAL, so the hypervisor is asked once more for the reason. */
static int refusal_of_grant(uint32_t domain, uint32_t reference) {
    struct gnttab_map_grant_ref ask = {.host_addr = SCRATCH_ADDRESS,
                                       .flags = GNTMAP_host_map,
                                       .ref = reference,
                                       .dom = (domid_t)domain};
    xencall_handle *call = xencall_open(quiet, 0);
    struct gnttab_map_grant_ref *buffer = NULL;
    int error = EINVAL;

    if (call != NULL) buffer = xencall_alloc_buffer(call, sizeof(*buffer));
    if (buffer != NULL) {
        *buffer = ask;
        if (xencall3(call, __HYPERVISOR_grant_table_op, GNTTABOP_map_grant_ref,
                     (uint64_t)(uintptr_t)buffer, 1) == 0 &&
            buffer->status == GNTST_permission_denied)
            error = EPERM;
    }
    return error;
}

static int grant(uint32_t domain) {
    xengnttab_handle *grants = xengnttab_open(quiet, 0);
    const struct guest_report *report = map_report(domain);
    const char *page;
    int error;

    if (grants == NULL || report == NULL) return refused(errno, "grant of domain %u", domain);
    page = xengnttab_map_grant_ref(grants, domain, report->grant, PROT_READ | PROT_WRITE);
    if (page == NULL) {
        error = errno == EINVAL ? refusal_of_grant(domain, report->grant) : errno;
        return refused(error, "grant %u of domain %u", report->grant, domain);
    }
    return allowed("grant %u of domain %u says \"%.60s\"", report->grant, domain, page);
}

static int print_report(uint32_t domain) {
    const struct guest_report *report = map_report(domain);

    if (report == NULL) return refused(errno, "report of domain %u", domain);
    for (size_t i = 0; i < GUEST_REPORT_TEXT && report->text[i] != '\0'; i++) {
        char byte = report->text[i];

        putchar(byte == '\n' || (byte >= ' ' && byte <= '~') ? byte : '?');
    }
    return report->state == GUEST_FAILED ? FAILED : ALLOWED;
}

static int pause_domain(uint32_t domain) {
    if (xc_domain_pause(xc, domain) != 0) return refused(errno, "pause domain %u", domain);
    return allowed("domain %u pauses", domain);
}

/* The hypervisor leaves out what the caller may not see. */
static int list(void) {
    static xc_domaininfo_t seen[LISTED_MAX];
    int count = xc_domain_getinfolist(xc, 0, LISTED_MAX, seen);

    if (count < 0) return refused(errno, "list");
    fputs("allowed: domains", stdout);
    for (int i = 0; i < count; i++)
        printf(" %u%s", seen[i].domain, seen[i].flags & XEN_DOMINF_paused ? " (paused)" : "");
    putchar('\n');
    return ALLOWED;
}

static int destroy(uint32_t domain) {
    if (xc_domain_destroy(xc, domain) != 0) return refused(errno, "destroy domain %u", domain);
    return allowed("domain %u destroyed", domain);
}

int main(int count, char *words[]) {
    static const struct {
        const char *name;
        int (*run)(uint32_t domain);
    } commands[] = {{"start", start_paused},  {"event", event},        {"grant", grant},
                    {"report", print_report}, {"pause", pause_domain}, {"destroy", destroy}};
    char *end;
    unsigned long domain;

    quiet = (xentoollog_logger *)xtl_createlogger_stdiostream(stderr, XTL_CRITICAL, 0);
    xc = xc_interface_open(quiet, quiet, 0);
    if (xc == NULL) return refused(errno, "no hypervisor interface");
    if (count >= 4 && strcmp(words[1], "create") == 0) return create(words + 2);
    if (count == 2 && strcmp(words[1], "list") == 0) return list();
    for (size_t i = 0; count == 3 && i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(words[1], commands[i].name) == 0) {
            domain = strtoul(words[2], &end, 10);
            if (end != words[2] && *end == '\0' && domain < DOMID_FIRST_RESERVED)
                return commands[i].run((uint32_t)domain);
        }
    }
    fputs(usage, stderr);
    return FAILED;
}
