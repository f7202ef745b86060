/* SPDX-License-Identifier: Apache-2.0 */
/* Records of the life of policies and domains. */
#include "hv/core/audit_trail.h"

#include "hv/core/machine.h"

static inline uint32_t sid_of(domain_id domain, label_id otherwise) {
    return xsm_sid_of_label(domain == DOMAIN_NONE ? otherwise : domains[domain].label);
}

/* `record` but for what all have. */
static inline void append_now(struct audit_record *record, domain_id subject, domain_id object) {
    record->subject_domain = subject;
    record->object_domain = object;
    record->time = machine_now();
    record->epoch = xsm_identity()->epoch;
    audit_append(record);
}

void audit_event(enum audit_kind kind, domain_id subject, domain_id object, uint32_t value0,
                 uint32_t value1) {
    struct audit_record record = {.kind = (uint8_t)kind,
                                  .granted = 1,
                                  .permission = PERMISSION_NONE,
                                  .subject = sid_of(subject, LABEL_XEN),
                                  .object = sid_of(object, LABEL_SECURITY),
                                  .value0 = value0,
                                  .value1 = value1};

    append_now(&record, subject, object);
}

void audit_decision(label_id subject, label_id object, enum permission permission, bool granted,
                    domain_id subject_domain, domain_id object_domain) {
    struct audit_record record = {.kind = AUDIT_DECISION,
                                  .granted = granted,
                                  .permission = (uint16_t)permission,
                                  .subject = xsm_sid_of_label(subject),
                                  .object = xsm_sid_of_label(object)};

    append_now(&record, subject_domain, object_domain);
}

void audit_unknown_call(domain_id by, uint64_t number, uint64_t sub) {
    struct audit_record record = {.kind = AUDIT_DECISION,
                                  .permission = PERMISSION_NONE,
                                  .subject = sid_of(by, LABEL_XEN),
                                  .object = xsm_sid_of_label(LABEL_XEN),
                                  .value0 = (uint32_t)number,
                                  .value1 = (uint32_t)sub};

    append_now(&record, by, DOMAIN_NONE);
}

void audit_booleans_changed(domain_id by) {
    uint32_t values = 0;
    const char *name;
    bool value, pending;

    for (uint32_t i = 0; i < 32 && xsm_boolean_get(i, &name, &value, &pending); i++)
        values |= (value ? 1u : 0u) << i;
    audit_event(AUDIT_BOOLEANS, by, DOMAIN_NONE, xsm_identity()->epoch, values);
}

void audit_trail_format(const struct audit_record *record, char *line, size_t size) {
    char subject[CONTEXT_MAX] = "";
    char object[CONTEXT_MAX] = "";
    size_t length;

    (void)xsm_label_context(xsm_label_of_sid(record->subject), subject, sizeof(subject), &length);
    (void)xsm_label_context(xsm_label_of_sid(record->object), object, sizeof(object), &length);
    (void)audit_format(record, subject, object, line, size);
}
