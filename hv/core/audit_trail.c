/* SPDX-License-Identifier: Apache-2.0 */
/* Records of the life of policies and domains. */
#include "hv/core/audit_trail.h"

#include "hv/core/domain.h"
#include "hv/core/machine.h"

static void append(enum audit_kind kind, domain_id subject, domain_id object, uint32_t value0,
                   uint32_t value1) {
    struct audit_record record = {.kind = (uint8_t)kind, .granted = 1};

    record.time = machine_now();
    record.last_time = record.time;
    record.permission = PERMISSION_NONE;
    record.subject_domain = subject;
    record.object_domain = object;
    record.epoch = xsm_identity()->epoch;
    record.subject = subject == DOMAIN_NONE ? xsm_sid_of_label(LABEL_XEN)
                                            : xsm_sid_of_label(domains[subject].label);
    record.object = object == DOMAIN_NONE ? xsm_sid_of_label(LABEL_SECURITY)
                                          : xsm_sid_of_label(domains[object].label);
    record.value0 = value0;
    record.value1 = value1;
    audit_append(&record);
}

void audit_decision(label_id subject, label_id object, enum permission permission, bool granted,
                    domain_id subject_domain, domain_id object_domain) {
    struct audit_record record = {.kind = AUDIT_DECISION, .granted = granted};

    record.time = machine_now();
    record.last_time = record.time;
    record.subject = xsm_sid_of_label(subject);
    record.object = xsm_sid_of_label(object);
    record.permission = (uint16_t)permission;
    record.subject_domain = subject_domain;
    record.object_domain = object_domain;
    record.epoch = xsm_identity()->epoch;
    audit_append(&record);
}

void audit_unknown_call(domain_id by, uint64_t number, uint64_t sub) {
    struct audit_record record = {.kind = AUDIT_DECISION, .permission = PERMISSION_NONE};

    record.time = machine_now();
    record.last_time = record.time;
    record.subject = xsm_sid_of_label(domains[by].label);
    record.object = xsm_sid_of_label(LABEL_XEN);
    record.subject_domain = by;
    record.object_domain = DOMAIN_NONE;
    record.epoch = xsm_identity()->epoch;
    record.value0 = (uint32_t)number;
    record.value1 = (uint32_t)sub;
    audit_append(&record);
}

void audit_boot(void) {
    append(AUDIT_BOOT, DOMAIN_NONE, DOMAIN_NONE, xsm_identity()->epoch, xsm_identity()->size);
}

void audit_policy_loaded(domain_id by) {
    append(AUDIT_POLICY_LOAD, by, DOMAIN_NONE, xsm_identity()->epoch, xsm_identity()->size);
}

void audit_policy_refused(domain_id by, uint32_t offset, uint32_t reason) {
    append(AUDIT_POLICY_REFUSED, by, DOMAIN_NONE, offset, reason);
}

void audit_booleans_changed(domain_id by) {
    uint32_t values = 0;
    const char *name;
    bool pending;
    bool value;
    uint32_t i;

    for (i = 0; i < 32 && xsm_boolean_get(i, &name, &value, &pending); i++)
        values |= (value ? 1u : 0u) << i;
    append(AUDIT_BOOLEANS, by, DOMAIN_NONE, xsm_identity()->epoch, values);
}

void audit_domain_created(domain_id domain) {
    append(AUDIT_DOMAIN_CREATED, DOMAIN_NONE, domain, 0, 0);
}

void audit_domain_ended(domain_id domain, uint32_t cause, uint64_t detail) {
    append(AUDIT_DOMAIN_ENDED, DOMAIN_NONE, domain, cause, (uint32_t)detail);
}

void audit_trail_format(const struct audit_record *record, char *line, size_t size) {
    char subject[CONTEXT_MAX] = "";
    char object[CONTEXT_MAX] = "";
    size_t length;

    (void)xsm_label_context(xsm_label_of_sid(record->subject), subject, sizeof(subject), &length);
    (void)xsm_label_context(xsm_label_of_sid(record->object), object, sizeof(object), &length);
    (void)audit_format(record, subject, object, line, size);
}
