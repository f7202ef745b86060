/* SPDX-License-Identifier: Apache-2.0 */
/* A record as one line of text, as auditd's tools read it. Names only, never a number for a
 * permission: audit2allow drops such records. Bytes of a context that are not printable become '?',
 * so that a line stays one line. */
#include "audit/audit.h"

struct line {
    char *buffer;
    size_t size;   /* at least 2: the newline and the NUL always find room */
    size_t length; /* written so far, at most size - 2 */
};

static void put_char(struct line *line, char byte) {
    if (line->length < line->size - 2) {
        line->buffer[line->length] = byte;
        line->length++;
    }
}

static void put_text(struct line *line, const char *text) {
    for (size_t index = 0; text[index] != '\0'; index++) put_char(line, text[index]);
}

static void put_context(struct line *line, const char *name, const char *context) {
    put_text(line, name);
    for (size_t index = 0; context[index] != '\0'; index++)
        put_char(line, context[index] > ' ' && context[index] <= '~' ? context[index] : '?');
}

/* Decimal, at least `width` digits (at most 20). */
static void put_number(struct line *line, uint64_t value, uint32_t width) {
    char digits[20] = {0};
    uint32_t count = 0;

    do {
        digits[count] = (char)('0' + (char)(value % 10u));
        value /= 10u;
        count++;
    } while (value != 0 || count < width);
    while (count > 0) {
        count--;
        put_char(line, digits[count]);
    }
}

static void put_field(struct line *line, const char *name, uint64_t value) {
    put_text(line, name);
    put_number(line, value, 1);
}

/* clang-format off */
static const char *class_name(unsigned class)
{
    switch ((enum xsm_class)class) {
#define CLASS(name) case CLASS_##name: return #name;
#define PERM(class, name)
    XSM_VOCABULARY(CLASS, PERM)
#undef CLASS
#undef PERM
    case CLASS_COUNT:
        break;
    }
    return "";
}

static const char *permission_name(enum permission permission)
{
    switch (permission) {
#define CLASS(name)
#define PERM(class, name) case PERMISSION_##class##_##name: return #name;
    XSM_VOCABULARY(CLASS, PERM)
#undef CLASS
#undef PERM
    case PERMISSION_NONE:
        break;
    }
    return "";
}
/* clang-format on */

/* How each kind is told: the type that ausearch knows it by, and the words around its values. A
 * quote that the operation opens ends behind the repeats. */
static const struct form {
    const char *type, *operation, *value0, *value1, *result, *quote;
} forms[] = {
    {"UNKNOWN", "", "", "", "", ""},
    [AUDIT_DECISION] = {"AVC", "", "", "", "", ""},
    [AUDIT_BOOT] = {"SYSTEM_BOOT", " msg='op=boot", " epoch=", "", " res=success", "'"},
    [AUDIT_POLICY_LOAD] = {"MAC_POLICY_LOAD", " op=load", " epoch=", " size=", " res=1", ""},
    [AUDIT_POLICY_REFUSED] = {"MAC_POLICY_LOAD", " op=load", " offset=", " reason=", " res=0", ""},
    [AUDIT_BOOLEANS] = {"MAC_CONFIG_CHANGE", " op=booleans", " epoch=", " values=", " res=1", ""},
    [AUDIT_DOMAIN_CREATED] = {"VIRT_CONTROL", " msg='op=start",
                              " cause=", " detail=", " res=success", "'"},
    [AUDIT_DOMAIN_ENDED] = {"VIRT_CONTROL", " msg='op=stop", " cause=", " detail=", " res=success",
                            "'"},
};

static void put_header(struct line *line, const struct audit_record *record, const char *type) {
    put_text(line, "type=");
    put_text(line, type);
    put_field(line, " msg=audit(", record->time / 1000000000u);
    put_text(line, ".");
    put_number(line, record->time / 1000000u % 1000u, 3);
    put_field(line, ":", record->sequence);
    put_text(line, "):");
}

static void put_parties(struct line *line, const struct audit_record *record,
                        const char *subject_context, const char *object_context) {
    put_field(line, " pid=", record->subject_domain);
    put_field(line, " comm=\"d", record->subject_domain);
    put_field(line, "\" source=d", record->subject_domain);
    if (record->object_domain != DOMAIN_NONE) put_field(line, " target=d", record->object_domain);
    put_context(line, " scontext=", subject_context);
    put_context(line, " tcontext=", object_context);
}

static void put_decision(struct line *line, const struct audit_record *record,
                         const char *subject_context, const char *object_context) {
    enum permission permission = (enum permission)record->permission;

    put_text(line, record->granted != 0 ? " avc:  granted  { " : " avc:  denied  { ");
    put_text(line, permission_name(permission));
    put_text(line, " } for ");
    put_parties(line, record, subject_context, object_context);
    put_text(line, " tclass=");
    put_text(line, class_name(permission_class(permission)));
    put_text(line, " permissive=0");
}

static void put_unknown_call(struct line *line, const struct audit_record *record,
                             const char *subject_context, const char *object_context) {
    put_text(line, " op=unknown_call");
    put_parties(line, record, subject_context, object_context);
    put_field(line, " call=", record->value0);
    put_field(line, " detail=", record->value1);
}

static void put_event(struct line *line, const struct audit_record *record, const struct form *form,
                      const char *subject_context, const char *object_context) {
    if (record->subject_domain != DOMAIN_NONE) put_field(line, " pid=", record->subject_domain);
    /* What user-space auditing would say of itself; aureport skips events without it. */
    put_text(line, " uid=0 auid=4294967295 ses=4294967295");
    put_context(line, " subj=", subject_context);
    put_text(line, form->operation);
    if (record->kind == AUDIT_DOMAIN_CREATED || record->kind == AUDIT_DOMAIN_ENDED) {
        put_field(line, " vm=\"d", record->object_domain);
        put_context(line, "\" vm-ctx=", object_context);
    }
    put_field(line, form->value0, record->value0);
    if (form->value1[0] != '\0') put_field(line, form->value1, record->value1);
    put_text(line, form->result);
}

size_t audit_format(const struct audit_record *record, const char *subject_context,
                    const char *object_context, char *buffer, size_t size) {
    const struct form *form = &forms[record->kind <= AUDIT_DOMAIN_ENDED ? record->kind : 0];
    struct line line = {.buffer = buffer, .size = size};

    /* A call that has no permission is refused without a question. As an AVC, audit2allow would
     * propose a rule for it. */
    bool unknown_call = record->kind == AUDIT_DECISION &&
                        permission_name((enum permission)record->permission)[0] == '\0';

    if (size < 2) return 0;
    put_header(&line, record, unknown_call ? "SELINUX_ERR" : form->type);
    if (unknown_call)
        put_unknown_call(&line, record, subject_context, object_context);
    else if (record->kind == AUDIT_DECISION)
        put_decision(&line, record, subject_context, object_context);
    else
        put_event(&line, record, form, subject_context, object_context);
    if (record->repeats > 0) put_field(&line, " repeats=", record->repeats);
    put_text(&line, form->quote);
    buffer[line.length] = '\n';
    buffer[line.length + 1] = '\0';
    return line.length + 1;
}
