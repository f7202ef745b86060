/* SPDX-License-Identifier: Apache-2.0 */
/* What the core adds to the audit trail beside decisions, and records as text. */
#ifndef CORDON_CORE_AUDIT_TRAIL_H
#define CORDON_CORE_AUDIT_TRAIL_H

#include "audit/audit.h"
#include "hv/core/domain.h"

void audit_decision(label_id subject, label_id object, enum permission permission, bool granted,
                    domain_id subject_domain, domain_id object_domain);
/* A call that no row of the list has: an AVC record without a permission. */
void audit_unknown_call(domain_id by, uint64_t number, uint64_t sub);
/* The values are as audit.h has them for each kind; DOMAIN_NONE as subject is the hypervisor, as
 * object the policy. */
void audit_event(enum audit_kind kind, domain_id subject, domain_id object, uint32_t value0,
                 uint32_t value1);
void audit_booleans_changed(domain_id by);

/* One line, with the contexts that the running policy has for the SIDs. */
void audit_trail_format(const struct audit_record *record, char *line, size_t size);

#endif
