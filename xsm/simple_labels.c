/* SPDX-License-Identifier: Apache-2.0 */
/* Labels without a policy, and the part of the interface that goes with having none. SID and label
 * number are the same. */
#include "xsm/simple_labels.h"

#include "hv/abi/sparse.h"

#define TYPE_MAX 64u   /* bytes of a type's name, its NUL included */
#define TYPES_MAX 80u  /* labels below are types, */
#define SELF TYPES_MAX /* and that of type t's self label is SELF + t */

static const char prefix[] = "system_u:system_r:";
static const char self_suffix[] = "_self";

static const char initial_types[LABEL_INITIAL_COUNT][16] = {
    [LABEL_XENBOOT] = "xenboot_t",
    "xen_t",
    "dom0_t",
    "domio_t",
    "domxen_t",
    "unlabeled_t",
    "security_t",
    "ioport_t",
    "iomem_t",
    "irq_t",
    "device_t",
    "domU_t",
    "dm_dom_t",
};

static char types[TYPES_MAX][TYPE_MAX]; /* by label; 0 is none */
static uint32_t type_count;
static struct xsm_identity identity;
static const struct xsm_refusal no_policy = {"this module has no policy", 0};

SPARSE uint8_t policy_bytes[POLICY_SLOTS + 1][POLICY_IMAGE_MAX]; /* never touched, never backed */

/* May a domain carry labels of this type? Then it has a self label. */
static bool is_of_domains(uint32_t type) {
    return type < type_count && (type == LABEL_DOM0 || type >= LABEL_DOMU);
}

static bool is_live(label_id label) {
    return label != LABEL_NONE && (label < type_count || simple_label_of_self(label) != LABEL_NONE);
}

static size_t text_length(const char *text, size_t room) {
    size_t length = 0;

    while (length < room && text[length] != '\0') length++;
    return length;
}

static bool text_is(const char *text, size_t length, const char *other, size_t other_length) {
    if (length != other_length) return false;
    for (size_t i = 0; i < length; i++)
        if (text[i] != other[i]) return false;
    return true;
}

static bool ends_like_self(const char *type, size_t length) {
    size_t suffix = sizeof self_suffix - 1;

    return length >= suffix && text_is(type + length - suffix, suffix, self_suffix, suffix);
}

static label_id find_type(const char *type, size_t length) {
    for (uint32_t i = 1; i < type_count && length > 0; i++)
        if (text_is(types[i], text_length(types[i], TYPE_MAX), type, length)) return (label_id)i;
    return LABEL_NONE;
}

static bool is_name_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '-' || byte == '.';
}

/* One that looks like a self label could be taken for it: refused. */
static bool add_type(const char *type, size_t length) {
    if (length == 0 || length + sizeof self_suffix > TYPE_MAX || type_count >= TYPES_MAX)
        return false;
    if (ends_like_self(type, length) || find_type(type, length) != LABEL_NONE) return false;
    for (size_t i = 0; i < TYPE_MAX; i++) {
        if (i < length && !is_name_byte(type[i])) return false;
        types[type_count][i] = i < length ? type[i] : '\0';
    }
    type_count++;
    return true;
}

/* The types of one option, separated by commas. */
static bool add_types(const char *text, size_t length) {
    size_t at = 0;

    while (at < length) {
        size_t end = at;
        while (end < length && text[end] != ',') end++;
        if (!add_type(text + at, end - at)) return false;
        at = end + 1;
    }
    return true;
}

/* label=TYPE[,TYPE...], among other words. */
static bool read_options(const char *text) {
    static const char option[] = "label=";
    size_t head = sizeof option - 1;

    while (*text != '\0') {
        size_t length = 0;
        while (text[length] != '\0' && text[length] != ' ') length++;
        if (length >= head && text_is(text, head, option, head) &&
            !add_types(text + head, length - head))
            return false;
        text += length;
        if (*text == ' ') text++;
    }
    return true;
}

enum reason simple_labels_start(const char *options) {
    identity = (struct xsm_identity){.epoch = 1};
    type_count = 1;
    for (uint32_t i = 1; i < LABEL_INITIAL_COUNT; i++)
        if (!add_type(initial_types[i], text_length(initial_types[i], sizeof initial_types[i])))
            return REASON_INVALID;
    if (!read_options(options)) return REASON_INVALID;
    return REASON_OK;
}

label_id simple_label_of_self(label_id label) {
    return label > SELF && is_of_domains(label - SELF) ? (label_id)(label - SELF) : LABEL_NONE;
}

enum reason xsm_label_find(const char *context, size_t length, label_id asking, label_id *out) {
    size_t head = sizeof prefix - 1;

    (void)asking;
    if (length <= head || length >= CONTEXT_MAX) return REASON_NO_CONTEXT;
    if (!text_is(context, head, prefix, head)) return REASON_NO_CONTEXT;
    bool of_self = ends_like_self(context + head, length - head);
    if (of_self) length -= sizeof self_suffix - 1;
    label_id label = find_type(context + head, length - head);
    if (of_self) label = is_of_domains(label) ? (label_id)(label + SELF) : LABEL_NONE;
    if (label == LABEL_NONE) return REASON_NO_CONTEXT;
    *out = label;
    return REASON_OK;
}

label_id xsm_label_of_sid(uint32_t sid) {
    return sid < LABELS_MAX && is_live((label_id)sid) ? (label_id)sid : LABEL_NONE;
}

uint32_t xsm_sid_of_label(label_id label) { return is_live(label) ? label : 0; }

void xsm_label_hold(label_id label) { (void)label; }

void xsm_label_drop(label_id label) { (void)label; }

bool xsm_label_fits_domain(label_id label) { return is_of_domains(label); }

enum reason xsm_label_context(label_id label, char *buffer, size_t size, size_t *length) {
    label_id of = simple_label_of_self(label);
    const char *part[3] = {prefix, types[of != LABEL_NONE ? of : label % TYPES_MAX],
                           of != LABEL_NONE ? self_suffix : ""};
    size_t used = 0;

    if (!is_live(label)) return REASON_NO_ENTRY;
    for (uint32_t i = 0; i < 3; i++)
        for (const char *from = part[i]; *from != '\0'; from++) {
            if (used + 1 >= size) return REASON_NO_BUFFERS;
            buffer[used++] = *from;
        }
    buffer[used++] = '\0';
    *length = used;
    return REASON_OK;
}

label_id xsm_label_self(label_id domain) {
    return is_of_domains(domain) ? (label_id)(domain + SELF) : LABEL_UNLABELED;
}

/* A channel bears its maker's label. */
label_id xsm_label_channel(label_id subject, label_id peer) {
    return is_live(subject) && is_live(peer) ? subject : LABEL_UNLABELED;
}

enum reason xsm_label_create(label_id source, label_id target, enum xsm_class class,
                             label_id *out) {
    if (!is_live(source) || !is_live(target)) return REASON_NO_ENTRY;
    bool self = class == CLASS_domain && source == target && is_of_domains(source);
    *out = self ? (label_id)(source + SELF) : source;
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

uint32_t xsm_load_slot(void) { return POLICY_SLOTS; }

enum reason xsm_load_begin(uint32_t size) {
    (void)size;
    return REASON_UNSUPPORTED;
}

enum reason xsm_load_append(const uint8_t *bytes, uint32_t count) {
    (void)bytes;
    (void)count;
    return REASON_UNSUPPORTED;
}

void xsm_load_abort(void) {}

enum xsm_change xsm_change(void) { return XSM_NO_CHANGE; }

bool xsm_work_take(void) { return false; }

void xsm_work(void) {}

struct xsm_outcome xsm_settle(void) {
    return (struct xsm_outcome){XSM_NO_CHANGE, REASON_OK};
}

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
