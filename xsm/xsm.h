/* SPDX-License-Identifier: Apache-2.0 */
/* The security module's interface. One question, xsm_decide(), whose only caller is gate_ask() in
 * hv/core/gate.c; the rest is the control path: labels and the policy's life. Implemented by
 * xsm/te.c (type enforcement), xsm/isolate.c and xsm/deny_all.c, of which exactly one is linked.
 * Knows labels, never domains, frames or ports. Callers hold the gate's lock unless said. */
#ifndef CORDON_XSM_XSM_H
#define CORDON_XSM_XSM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hv/abi/reason.h"
#include "xsm/vocabulary.h"

/* Dense index of a live label; reused after the label died. 0 is never a label: it is denied all.
 * Its type has room for LABELS_MAX values and not one more, so that no index is out of range. */
typedef uint8_t label_id;

#define LABEL_NONE 0u
#define LABELS_MAX 256u
#define CONTEXT_MAX 256u /* bytes of a security context, its final NUL included */
#define BOOLEANS_MAX 64u
#define BOOLEAN_NAME_MAX 64u
#define POLICY_SLOTS 2u
#define POLICY_SPARE POLICY_SLOTS   /* the row of their storage in which rules are sorted */
#define POLICY_IMAGE_MAX (7u << 18) /* bytes: 1.75 MiB, 5,000 types and 100,000 rules fit */

/* Xen's initial SIDs, those that have a use here: both label index and SID number, always live. */
enum {
    LABEL_XENBOOT = 1,
    LABEL_XEN,
    LABEL_DOM0, /* the management VM */
    LABEL_UNLABELED = 6,
    LABEL_SECURITY,
    LABEL_DOMU = 12,
    LABEL_INITIAL_COUNT = 14
};

/* Answer to the question, a set of bits. */
#define XSM_GRANTED 1u /* the subject may */
#define XSM_RECORD 2u  /* and this is to be recorded (denial without dontaudit, or auditallow) */

/* May `subject` do `permission` to `object`? A label that is not live is denied all, and recorded.
 * Constant time, no side effect. Classes and meaning as in Flask. */
unsigned xsm_decide(label_id subject, label_id object, enum permission permission);

/* Name of the linked module: "te", "isolate" or "deny_all". */
const char *xsm_module_name(void);

/* First call. `image` is the boot policy (NULL and 0 where there is none; te then refuses with
 * REASON_BAD_POLICY), `options` the hypervisor's command line (isolate reads its labels from it).
 * The image is copied; it may be freed afterwards. Runs before any domain exists. */
enum reason xsm_start(const uint8_t *image, uint32_t size, const char *options);

/* --- labels --------------------------------------------------------------------------------- */

/* Find the label of a context of `length` bytes without NUL, on behalf of `asking` (quota), and
 * take a hold on it. REASON_NO_CONTEXT: not valid in the running policy. REASON_NO_SPACE: quota
 * full. REASON_AGAIN: it comes to life by a change, which has begun unless another is under way;
 * ask again when there is none. */
enum reason xsm_label_find(const char *context, size_t length, label_id asking, label_id *out);

/* Label with this SID number, or LABEL_NONE. SID numbers are not used twice in one boot. */
label_id xsm_label_of_sid(uint32_t sid);
uint32_t xsm_sid_of_label(label_id label);

void xsm_label_hold(label_id label);
void xsm_label_drop(label_id label);

/* May a domain carry this label? Not xen, xenboot, unlabeled, nor a dead one; under te its type
 * needs the domain attribute's role (context valid) and a self transition. */
bool xsm_label_fits_domain(label_id label);

/* Writes the context with its NUL into buffer[size] and its length (NUL included) to *length. */
enum reason xsm_label_context(label_id label, char *buffer, size_t size, size_t *length);

/* Derived labels, computed when the label came to life (or at a load), so that nothing is interned
 * here: the label of calls on oneself (type_transition t t:domain), and the label of the event
 * channel that `subject` makes towards `peer` (type_transition s p:event). LABEL_UNLABELED where
 * the table had no room, never a wrong label. */
label_id xsm_label_self(label_id domain);
label_id xsm_label_channel(label_id subject, label_id peer);
/* What type_transition source target:class yields, as a held label, for xsm_op's create query.
 * REASON_AGAIN as above. */
enum reason xsm_label_create(label_id source, label_id target, enum xsm_class class, label_id *out);

/* Decision vector of a pair for xsm_op's access query: permissions of the class as bits. */
struct xsm_vector {
    uint32_t allowed, audit_allow, audit_deny;
};
void xsm_vector(label_id subject, label_id object, enum xsm_class class, struct xsm_vector *out);
/* Class and permission numbers of the *running policy's* image (tools speak those) to and from
 * ours. */
bool xsm_class_of_policy(uint16_t policy_class, enum xsm_class *out);
/* Permission bits of a class of ours as the image numbers them, for the access query's answer. */
uint32_t xsm_permissions_to_policy(enum xsm_class class, uint32_t permissions);

/* --- policy --------------------------------------------------------------------------------- */

/* Identity of the running policy. */
struct xsm_identity {
    uint8_t sha256[32]; /* of the image */
    uint32_t size;      /* bytes */
    uint32_t epoch;     /* 1 at boot, +1 with each load or boolean commit */
    uint32_t version;   /* policydb version, 30 */
};
const struct xsm_identity *xsm_identity(void);

/* Why a load was refused: a sentence, and the byte of the image at which the item begins that
 * failed the check; the number of bytes received where no item is at fault. */
struct xsm_refusal {
    const char *check;
    uint32_t offset;
};

/* Why the last start or load was refused; an empty sentence if none was. */
const struct xsm_refusal *xsm_last_refusal(void);

/* Storage of policy images, a slot each: one is in force, and xsm_load_slot() is the other, which a
 * start or load would use, beside the spare row. Where pages back it one by one, those of the first
 * `size` bytes of these two are there before xsm_start() or xsm_load_begin() is given this size,
 * and nothing beyond is touched. They may go after a refusal or an abort; after a commit it is
 * those of the slot that xsm_load_slot() then names, while those of the slot in force stay. */
extern uint8_t policy_bytes[POLICY_SLOTS + 1][POLICY_IMAGE_MAX];
uint32_t xsm_load_slot(void);

/* A load, one at a time (REASON_BUSY, also while booleans change). Its image comes in pieces, under
 * the lock; when it is complete, work begins. */
enum reason xsm_load_begin(uint32_t size);
enum reason xsm_load_append(const uint8_t *bytes, uint32_t count);
/* Gives up a load, from its beginning to the outcome. Not while somebody is in xsm_work(). */
void xsm_load_abort(void);

/* --- changes -------------------------------------------------------------------------------- */

/* Labels come to life, and booleans and policies into force, by a change: the next state is made
 * aside and takes effect as a whole. One is under way at a time; a load's begins when its image is
 * valid and no other is. It belongs to nobody: whoever waits for it works on it, so that nobody
 * waits for a guest. */
enum xsm_change { XSM_NO_CHANGE, XSM_LABEL, XSM_BOOLEANS, XSM_POLICY };

/* What is under way. */
enum xsm_change xsm_change(void);

/* Is there work, on an image or a change? Then the caller has taken a bounded piece of it, and does
 * xsm_work() without the lock; nobody else takes one before the xsm_settle() that follows. */
bool xsm_work_take(void);
/* Touches nothing that xsm_decide() reads. */
void xsm_work(void);

/* What has come to its end, if anything: REASON_OK: it is in force. A policy that is refused:
 * REASON_BAD_POLICY, and xsm_last_refusal(). Labels or booleans: REASON_NO_CONTEXT, a label in use
 * would not be valid; REASON_NO_SPACE, no room. */
struct xsm_outcome {
    enum xsm_change change;
    enum reason reason;
};
struct xsm_outcome xsm_settle(void);

/* --- booleans ------------------------------------------------------------------------------- */

uint32_t xsm_boolean_count(void);
/* Name is NUL-terminated, < BOOLEAN_NAME_MAX, and there until the next call. False if index is out.
 */
bool xsm_boolean_get(uint32_t index, const char **name, bool *value, bool *pending);
bool xsm_boolean_find(const char *name, size_t length, uint32_t *index);
void xsm_boolean_set_pending(uint32_t index, bool value);
/* Begins the change to all pending values. REASON_AGAIN: another change is under way; REASON_BUSY:
 * a load is. */
enum reason xsm_booleans_commit(void);

#endif
