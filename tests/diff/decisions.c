/* SPDX-License-Identifier: Apache-2.0 */
/* Differential test: every decision and every new label of a policy, by our reader and table
 * against libsepol. Compared by name, so that the numbering of either side does not matter. usage:
 * decisions policy.bin [every Nth context, default 1] */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sepol/debug.h>
#include <sepol/policydb/conditional.h>
#include <sepol/policydb/policydb.h>
#include <sepol/policydb/services.h>
#include <sepol/policydb/sidtab.h>

#include "xsm/xsm.h"

#define CONTEXTS_MAX 65536u
#define BLOCK 24u /* contexts alive at a time, of either side; leaves room for what they derive */

static policydb_t db;
static sidtab_t sids;

static char *context_text[CONTEXTS_MAX];
static sepol_security_id_t context_sid[CONTEXTS_MAX];
static label_id context_label[CONTEXTS_MAX];
static uint32_t contexts, refused;

/* clang-format off */
static const char *const class_names[CLASS_COUNT] = {
#define CLASS(name) #name,
#define PERM(class, name)
    XSM_VOCABULARY(CLASS, PERM)
#undef CLASS
#undef PERM
};
static const struct { enum permission permission; const char *name; } permission_names[] = {
#define CLASS(name)
#define PERM(class, name) {PERMISSION_##class##_##name, #name},
    XSM_VOCABULARY(CLASS, PERM)
#undef CLASS
#undef PERM
};
/* clang-format on */
#define PERMISSIONS (sizeof permission_names / sizeof permission_names[0])

/* Bit (from 1) of the policy for each of our permissions, 0 if it lacks it. */
static uint32_t policy_class[CLASS_COUNT];
static uint32_t policy_bit[PERMISSIONS];

static unsigned long cells, granted, labels, mismatches;

static void die(const char *why) {
    fprintf(stderr, "decisions: %s\n", why);
    exit(2);
}

static void load(const char *path) {
    FILE *file = fopen(path, "rb");
    struct policy_file policy;
    static uint8_t bytes[POLICY_IMAGE_MAX + 1];
    if (!file) die("no such file");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    sepol_debug(0);
    policy_file_init(&policy);
    policy.type = PF_USE_MEMORY;
    policy.data = (char *)bytes;
    policy.len = size;
    if (policydb_init(&db) || policydb_read(&db, &policy, 0)) die("libsepol refuses the policy");
    if (sepol_sidtab_init(&sids) || policydb_load_isids(&db, &sids))
        die("libsepol finds no initial SIDs");
    sepol_set_policydb(&db);
    sepol_set_sidtab(&sids);
    enum reason reason = xsm_start(bytes, (uint32_t)size, "");
    if (reason != REASON_OK) {
        fprintf(stderr, "%s: byte %u: %s\n", path, xsm_last_refusal()->offset,
                xsm_last_refusal()->check);
        die("the module under test refuses the policy");
    }
}

static uint32_t find_bit(class_datum_t *class, const char *name) {
    perm_datum_t *permission = hashtab_search(class->permissions.table, (char *)name);
    return permission ? permission->s.value : 0;
}

static void match_names(void) {
    for (uint32_t i = 0; i < CLASS_COUNT; i++) {
        class_datum_t *class = hashtab_search(db.p_classes.table, (char *)class_names[i]);
        policy_class[i] = class ? class->s.value : 0;
    }
    for (size_t i = 0; i < PERMISSIONS; i++) {
        uint32_t class = permission_class(permission_names[i].permission);
        if (policy_class[class])
            policy_bit[i] =
                find_bit(db.class_val_to_struct[policy_class[class] - 1], permission_names[i].name);
    }
}

static void add_context(const char *user, const char *role, const char *type) {
    char text[1024];
    sepol_security_id_t sid;
    int length = snprintf(text, sizeof text, "%s:%s:%s", user, role, type);
    if (sepol_context_to_sid(text, (size_t)length, &sid) != 0) {
        label_id label;
        refused++;
        if (xsm_label_find(text, (size_t)length, LABEL_NONE, &label) != REASON_NO_CONTEXT) {
            printf("MISMATCH context %s\n", text);
            mismatches++;
        }
        return;
    }
    if (contexts == CONTEXTS_MAX) die("too many contexts");
    context_text[contexts] = strdup(text);
    context_sid[contexts++] = sid;
}

static void list_contexts(uint32_t every) {
    uint32_t count = 0;
    for (uint32_t u = 0; u < db.p_users.nprim; u++)
        for (uint32_t r = 0; r < db.p_roles.nprim; r++)
            for (uint32_t t = 0; t < db.p_types.nprim; t++)
                if (db.type_val_to_struct[t]->flavor != TYPE_ATTRIB && count++ % every == 0)
                    add_context(db.p_user_val_to_name[u], db.p_role_val_to_name[r],
                                db.p_type_val_to_name[t]);
}

static void complain(uint32_t s, uint32_t t, const char *what, const char *which) {
    if (mismatches++ < 20)
        printf("MISMATCH %s %s: %s -> %s\n", what, which, context_text[s], context_text[t]);
}

static unsigned expected_answer(const struct sepol_av_decision *av, uint32_t bit) {
    if (bit == 0) return XSM_RECORD;
    uint32_t mask = 1u << (bit - 1);
    if (av->allowed & mask) return XSM_GRANTED | (av->auditallow & mask ? XSM_RECORD : 0);
    return av->auditdeny & mask ? XSM_RECORD : 0;
}

static void compare_permission(uint32_t s, uint32_t t, const struct sepol_av_decision *av,
                               size_t i) {
    enum permission permission = permission_names[i].permission;
    uint32_t bit = policy_bit[i];
    struct xsm_vector vector;
    unsigned answer = xsm_decide(context_label[s], context_label[t], permission);

    if (answer != expected_answer(av, bit)) complain(s, t, "answer", permission_names[i].name);
    xsm_vector(context_label[s], context_label[t], (enum xsm_class)permission_class(permission),
               &vector);
    uint32_t ours = 1u << permission_bit(permission);
    unsigned want = bit ? av->allowed >> (bit - 1) & 1 : 0;
    if ((vector.allowed & ours ? 1u : 0u) != want)
        complain(s, t, "allowed", permission_names[i].name);
    if (want && bit && (vector.audit_allow & ours ? 1u : 0u) != (av->auditallow >> (bit - 1) & 1))
        complain(s, t, "auditallow", permission_names[i].name);
    if (!want && bit && (vector.audit_deny & ours ? 1u : 0u) != (av->auditdeny >> (bit - 1) & 1))
        complain(s, t, "auditdeny", permission_names[i].name);
}

static void compare_cell(uint32_t s, uint32_t t, uint32_t class) {
    struct sepol_av_decision av = {0, 0, 0, ~0u, 0};

    if (policy_class[class] != 0 &&
        sepol_compute_av(context_sid[s], context_sid[t],
                         (sepol_security_class_t)policy_class[class], ~0u, &av) != 0)
        die("libsepol does not decide");
    cells++;
    if (av.allowed) granted++;
    for (size_t i = 0; i < PERMISSIONS; i++)
        if (permission_class(permission_names[i].permission) == class)
            compare_permission(s, t, &av, i);
}

static void compare_new_label(uint32_t s, uint32_t t, uint32_t class) {
    sepol_security_id_t sid;
    label_id label;
    char ours[CONTEXT_MAX] = "";
    char *theirs = NULL;
    size_t length;

    if (policy_class[class] == 0) return;
    labels++;
    enum xsm_class ours_class = (enum xsm_class) class;
    int error = sepol_transition_sid(context_sid[s], context_sid[t],
                                     (sepol_security_class_t)policy_class[class], &sid);
    enum reason reason = xsm_label_create(context_label[s], context_label[t], ours_class, &label);
    if (reason == REASON_NO_SPACE) die("no room for a derived label");
    if (reason == REASON_OK) xsm_label_context(label, ours, sizeof ours, &length);
    if (!error && sepol_sid_to_context(sid, &theirs, &length) != 0)
        die("libsepol has no context for its own SID");
    if ((reason == REASON_OK) != (error == 0) || (theirs && strcmp(ours, theirs) != 0))
        complain(s, t, "new label", class_names[class]);
    if (reason == REASON_OK) xsm_label_drop(label);
    free(theirs);
}

static void take_labels(uint32_t first, uint32_t end) {
    for (uint32_t i = first; i < end; i++)
        if (xsm_label_find(context_text[i], strlen(context_text[i]), LABEL_NONE,
                           &context_label[i]) != REASON_OK)
            die("no label for a context that libsepol accepts");
}

static void drop_labels(uint32_t first, uint32_t end) {
    for (uint32_t i = first; i < end; i++) xsm_label_drop(context_label[i]);
}

/* Most new objects have a context of object_r and the target's type: kept alive while a target is
 * compared, so that it is not made anew for each source. */
static void compare_target(uint32_t a, uint32_t a_end, uint32_t t) {
    label_id usual = LABEL_NONE;
    enum reason reason = xsm_label_create(context_label[t], context_label[t], CLASS_port, &usual);
    for (uint32_t s = a; s < a_end; s++)
        for (uint32_t class = 0; class < CLASS_COUNT; class ++) {
            compare_cell(s, t, class);
            compare_new_label(s, t, class);
        }
    if (reason == REASON_OK) xsm_label_drop(usual);
}

static void compare_blocks(uint32_t a, uint32_t a_end, uint32_t b, uint32_t b_end) {
    take_labels(a, a_end);
    take_labels(b, b_end);
    for (uint32_t t = b; t < b_end; t++) compare_target(a, a_end, t);
    drop_labels(a, a_end);
    drop_labels(b, b_end);
}

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

static void compare_all(void) {
    for (uint32_t a = 0; a < contexts; a += BLOCK)
        for (uint32_t b = 0; b < contexts; b += BLOCK)
            compare_blocks(a, least(a + BLOCK, contexts), b, least(b + BLOCK, contexts));
}

/* Sets every boolean to the bits of `states` on both sides. */
static void set_booleans(uint32_t states) {
    for (uint32_t i = 0; i < xsm_boolean_count(); i++) {
        bool value = states >> (i % 32) & 1;
        xsm_boolean_set_pending(i, value);
        db.bool_val_to_struct[i]->state = value;
    }
    if (xsm_booleans_commit() != REASON_OK) die("booleans cannot be committed");
    evaluate_conds(&db);
}

int main(int count, char **argument) {
    if (count < 2) die("usage: decisions policy.bin [every]");
    load(argument[1]);
    match_names();
    list_contexts(count > 2 ? (uint32_t)atoi(argument[2]) : 1);
    compare_all();
    if (xsm_boolean_count() > 0)
        for (uint32_t states = 0; states < 4; states++) {
            set_booleans(states == 3 ? ~0u : states);
            compare_all();
        }
    printf(
        "%s: %u contexts (%u refused), %lu cells, %lu non-zero, %lu new labels, %lu mismatches\n",
        argument[1], contexts, refused, cells, granted, labels, mismatches);
    return mismatches ? 1 : 0;
}
