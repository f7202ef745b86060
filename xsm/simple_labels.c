/* SPDX-License-Identifier: Apache-2.0 */
/* Labels without a policy, and the part of the interface that goes with having none. SID and label
 * number are the same. */
#include "xsm/simple_labels.h"

#define TYPE_MAX 64u /* bytes of a type's name, its NUL included */
#define SIMPLE_LABELS_MAX 160u

struct simple_label {
    char type[TYPE_MAX];
    label_id self; /* LABEL_NONE: no domain may carry it */
    label_id of;   /* set in a self label: whose */
};

static const char prefix[] = "system_u:system_r:";
static const char option[] = "label=";
static const char self_suffix[] = "_self";

static const char initial_types[LABEL_INITIAL_COUNT][16] = {
    [LABEL_XENBOOT] = "xenboot_t",   [LABEL_XEN] = "xen_t",       [LABEL_DOM0] = "dom0_t",
    [LABEL_DOMIO] = "domio_t",       [LABEL_DOMXEN] = "domxen_t", [LABEL_UNLABELED] = "unlabeled_t",
    [LABEL_SECURITY] = "security_t", [LABEL_IOPORT] = "ioport_t", [LABEL_IOMEM] = "iomem_t",
    [LABEL_IRQ] = "irq_t",           [LABEL_DEVICE] = "device_t", [LABEL_DOMU] = "domU_t",
    [LABEL_DOMDM] = "dm_dom_t",
};

static struct simple_label simple_labels[SIMPLE_LABELS_MAX];
static uint32_t simple_label_count;
static struct xsm_identity identity;
static const struct xsm_refusal no_policy = {"this module has no policy", 0};

static bool is_live(label_id label) { return label != LABEL_NONE && label < simple_label_count; }

static bool type_is(uint32_t label, const char *type, size_t length) {
    if (length >= TYPE_MAX || simple_labels[label].type[length] != 0) return false;
    for (size_t i = 0; i < length; i++)
        if (simple_labels[label].type[i] != type[i]) return false;
    return true;
}

static label_id find_type(const char *type, size_t length) {
    for (uint32_t i = 1; i < simple_label_count; i++)
        if (length > 0 && type_is(i, type, length)) return (label_id)i;
    return LABEL_NONE;
}

static bool is_name_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '-' || byte == '.';
}

/* Appends a label of a type whose name is `type` and, for a self label, the suffix. */
static label_id append_label(const char *type, size_t length, bool self) {
    size_t suffix = self ? sizeof self_suffix - 1 : 0;
    uint32_t label = simple_label_count;

    if (label >= SIMPLE_LABELS_MAX || length == 0 || length >= TYPE_MAX - suffix) return LABEL_NONE;
    for (size_t i = 0; i < TYPE_MAX; i++) {
        char byte = 0;
        if (i < length)
            byte = type[i];
        else if (i < length + suffix)
            byte = self_suffix[i - length];
        simple_labels[label].type[i] = byte;
    }
    simple_labels[label].self = LABEL_NONE;
    simple_labels[label].of = LABEL_NONE;
    simple_label_count = label + 1;
    return (label_id)label;
}

/* Gives a label its self label, which makes it one that a domain may carry. */
static bool append_self(label_id label) {
    size_t length = 0;

    while (length < TYPE_MAX && simple_labels[label].type[length] != 0) length++;
    label_id self = append_label(simple_labels[label].type, length, true);
    if (self == LABEL_NONE) return false;
    simple_labels[label].self = self;
    simple_labels[self].of = label;
    return true;
}

static bool ends_like_self(const char *type, size_t length) {
    size_t suffix = sizeof self_suffix - 1;

    if (length < suffix) return false;
    for (size_t i = 0; i < suffix; i++)
        if (type[length - suffix + i] != self_suffix[i]) return false;
    return true;
}

/* One type of the option. One that looks like a self label could be taken for it: refused. */
static bool add_type(const char *type, size_t length) {
    if (ends_like_self(type, length)) return false;
    for (size_t i = 0; i < length; i++)
        if (!is_name_byte(type[i])) return false;
    if (find_type(type, length) != LABEL_NONE) return false;
    label_id label = append_label(type, length, false);
    return label != LABEL_NONE && append_self(label);
}

/* The types of one option, separated by commas; *length is what it takes of the command line. */
static bool add_types(const char *text, size_t *length) {
    size_t at = 0;

    while (text[at] != 0 && text[at] != ' ') {
        size_t end = at;
        while (text[end] != 0 && text[end] != ' ' && text[end] != ',') end++;
        if (!add_type(text + at, end - at)) return false;
        at = text[end] == ',' ? end + 1 : end;
    }
    *length = at;
    return true;
}

static bool begins_with_option(const char *text) {
    for (size_t i = 0; i < sizeof option - 1; i++)
        if (text[i] != option[i]) return false;
    return true;
}

static bool read_options(const char *text) {
    size_t at = 0;
    size_t length = 0;

    while (text[at] != 0) {
        bool word_begins = at == 0 || text[at - 1] == ' ';
        if (word_begins && begins_with_option(text + at)) {
            at += sizeof option - 1;
            if (!add_types(text + at, &length)) return false;
            at += length;
        } else {
            at++;
        }
    }
    return true;
}

static bool add_initial_labels(void) {
    simple_label_count = 1; /* LABEL_NONE has its place */
    for (uint32_t i = 1; i < LABEL_INITIAL_COUNT; i++) {
        size_t length = 0;
        while (length < sizeof initial_types[i] && initial_types[i][length] != 0) length++;
        if (append_label(initial_types[i], length, false) == LABEL_NONE) return false;
    }
    return append_self(LABEL_DOM0) && append_self(LABEL_DOMU) && append_self(LABEL_DOMDM);
}

enum reason simple_labels_start(const char *options) {
    identity = (struct xsm_identity){0};
    identity.epoch = 1;
    identity.classes = CLASS_COUNT;
    if (!add_initial_labels()) return REASON_INVALID;
    if (!read_options(options)) return REASON_INVALID;
    identity.types = simple_label_count - 1;
    return REASON_OK;
}

label_id simple_label_of_self(label_id label) {
    return is_live(label) ? simple_labels[label].of : LABEL_NONE;
}

enum reason xsm_label_find(const char *context, size_t length, label_id asking, label_id *out) {
    size_t head = sizeof prefix - 1;

    (void)asking;
    if (length <= head || length >= CONTEXT_MAX) return REASON_NO_CONTEXT;
    for (size_t i = 0; i < head; i++)
        if (context[i] != prefix[i]) return REASON_NO_CONTEXT;
    label_id label = find_type(context + head, length - head);
    if (label == LABEL_NONE) return REASON_NO_CONTEXT;
    *out = label;
    return REASON_OK;
}

label_id xsm_label_of_sid(uint32_t sid) {
    return sid < simple_label_count ? (label_id)sid : LABEL_NONE;
}

uint32_t xsm_sid_of_label(label_id label) { return is_live(label) ? label : 0; }

void xsm_label_hold(label_id label) { (void)label; }

void xsm_label_drop(label_id label) { (void)label; }

bool xsm_label_fits_domain(label_id label) {
    return is_live(label) && simple_labels[label].self != LABEL_NONE;
}

enum reason xsm_label_context(label_id label, char *buffer, size_t size, size_t *length) {
    size_t used = 0;

    if (!is_live(label)) return REASON_NO_ENTRY;
    while (used < TYPE_MAX && simple_labels[label].type[used] != 0) used++;
    size_t needed = sizeof prefix + used; /* the prefix's NUL makes room for ours */
    if (size < needed) return REASON_NO_BUFFERS;

    for (size_t i = 0; i < sizeof prefix - 1; i++) buffer[i] = prefix[i];
    for (size_t i = 0; i < used; i++) buffer[sizeof prefix - 1 + i] = simple_labels[label].type[i];
    buffer[needed - 1] = 0;
    *length = needed;
    return REASON_OK;
}

label_id xsm_label_self(label_id domain) {
    return xsm_label_fits_domain(domain) ? simple_labels[domain].self : LABEL_UNLABELED;
}

/* A channel bears its maker's label. */
label_id xsm_label_channel(label_id subject, label_id peer) {
    return is_live(subject) && is_live(peer) ? subject : LABEL_UNLABELED;
}

enum reason xsm_label_create(label_id source, label_id target, enum xsm_class class,
                             label_id *out) {
    if (!is_live(source) || !is_live(target)) return REASON_NO_ENTRY;
    *out = source;
    if (class == CLASS_domain && source == target && simple_labels[source].self != LABEL_NONE)
        *out = simple_labels[source].self;
    return REASON_OK;
}

void xsm_vector(label_id subject, label_id object, enum xsm_class class, struct xsm_vector *out) {
    out->allowed = 0;
    out->audit_allow = 0;
    out->audit_deny = UINT32_MAX;
    for (uint32_t bit = 0; bit < 32; bit++) {
        enum permission permission = (enum permission)(class * 32 + bit);
        if ((xsm_decide(subject, object, permission) & XSM_GRANTED) != 0) out->allowed |= 1u << bit;
    }
}

/* There is no image: tools that ask get our own numbers, from 1. */
bool xsm_class_of_policy(uint16_t policy_class, enum xsm_class *out) {
    if (policy_class == 0 || policy_class > CLASS_COUNT) return false;
    *out = (enum xsm_class)(policy_class - 1u);
    return true;
}

uint32_t xsm_permissions_to_policy(enum xsm_class class, uint32_t permissions) {
    (void)class;
    return permissions;
}

const struct xsm_identity *xsm_identity(void) { return &identity; }

const struct xsm_refusal *xsm_last_refusal(void) { return &no_policy; }

enum reason xsm_load_begin(uint32_t size) {
    (void)size;
    return REASON_UNSUPPORTED;
}

enum reason xsm_load_append(const uint8_t *bytes, uint32_t count) {
    (void)bytes;
    (void)count;
    return REASON_UNSUPPORTED;
}

enum reason xsm_load_work(struct xsm_refusal *refusal) {
    *refusal = no_policy;
    return REASON_UNSUPPORTED;
}

enum reason xsm_load_commit(struct xsm_refusal *refusal) {
    *refusal = no_policy;
    return REASON_UNSUPPORTED;
}

void xsm_load_abort(void) {}

uint32_t xsm_boolean_count(void) { return 0; }

bool xsm_boolean_get(uint32_t index, const char **name, bool *value, bool *pending) {
    (void)index;
    (void)name;
    (void)value;
    (void)pending;
    return false;
}

bool xsm_boolean_find(const char *name, size_t length, uint32_t *index) {
    (void)name;
    (void)length;
    (void)index;
    return false;
}

void xsm_boolean_set_pending(uint32_t index, bool value) {
    (void)index;
    (void)value;
}

enum reason xsm_booleans_commit(void) { return REASON_UNSUPPORTED; }
