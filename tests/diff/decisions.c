/* SPDX-License-Identifier: Apache-2.0 */
/* Differential test: every decision and every new label of a policy, by our reader and table
 * against libsepol. Compared by name, so that the numbering of either side does not matter.
 *
 * usage: decisions policy.bin [EVERY]     every pair of contexts, or of each EVERYth one
 *        decisions policy.bin band        each context that a domain may have, as source and as
 *                                         target, towards its 24 to 47 neighbours: for policies
 *                                         with too many pairs */
#define _DEFAULT_SOURCE
#include "tests/diff/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/xsm_changes.h"
#include "xsm/te.h"

#define CONTEXTS_MAX 65536u
#define BLOCK 24u /* contexts alive at a time, of either side; leaves room for what they derive */
#define HELD_MAX 48u  /* labels kept alive since the next pair probably makes them again */
#define STATES_MAX 6u /* settings of the booleans, beside the policy's own */

static char *context_text[CONTEXTS_MAX];
static sepol_security_id_t context_sid[CONTEXTS_MAX];
static label_id context_label[CONTEXTS_MAX];
static uint32_t contexts, refused;
static uint8_t bytes[POLICY_IMAGE_MAX + 1];

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

/* A permission of ours and its bit (from 1) in the policy, 0 if that lacks it. */
struct match {
    enum permission permission;
    uint32_t theirs;
    const char *name;
};
static struct match matches[CLASS_COUNT][32];
static uint32_t match_count[CLASS_COUNT];
static uint32_t policy_class[CLASS_COUNT];

static unsigned long cells, granted, new_labels, derived_labels, mismatches;

static void die(const char *why) {
    fprintf(stderr, "decisions: %s\n", why);
    exit(2);
}

static void load(const char *path) {
    uint32_t size = file_read(path, bytes, sizeof bytes);

    if (size == 0) die("no such file");
    if (!oracle_load(bytes, size)) die("libsepol refuses the policy");
    if (xsm_start(bytes, size, "") != REASON_OK) {
        fprintf(stderr, "byte %u: %s\n", xsm_last_refusal()->offset, xsm_last_refusal()->check);
        die("the module under test refuses the policy");
    }
}

static void complain(uint32_t s, uint32_t t, const char *what, const char *which) {
    if (mismatches++ < 20)
        printf("MISMATCH %s %s: %s -> %s\n", what, which, context_text[s], context_text[t]);
}

/* The numbers by which tools name classes and permissions in queries, both ways. */
static void check_numbers(uint32_t class) {
    enum xsm_class ours;

    if (!xsm_class_of_policy((uint16_t)policy_class[class], &ours) || (uint32_t)ours != class)
        die("a class of the policy has another number");
    for (uint32_t i = 0; i < match_count[class]; i++) {
        const struct match *match = &matches[class][i];
        uint32_t theirs = match->theirs ? 1u << (match->theirs - 1) : 0;
        if (xsm_permissions_to_policy(ours, 1u << permission_bit(match->permission)) != theirs)
            die("a permission of the policy has another number");
    }
}

static void match_names(void) {
    for (uint32_t i = 0; i < CLASS_COUNT; i++) policy_class[i] = oracle_class(class_names[i]);
    for (size_t i = 0; i < PERMISSIONS; i++) {
        enum permission permission = permission_names[i].permission;
        uint32_t class = permission_class(permission);
        const char *name = permission_names[i].name;
        uint32_t theirs = policy_class[class] ? oracle_bit(policy_class[class], name) : 0;
        matches[class][match_count[class]++] = (struct match){permission, theirs, name};
    }
    for (uint32_t i = 0; i < CLASS_COUNT; i++)
        if (policy_class[i]) check_numbers(i);
}

/* --- contexts --------------------------------------------------------------------------------- */

static void add_context(const char *user, const char *role, const char *type) {
    char text[1024];
    int length = snprintf(text, sizeof text, "%s:%s:%s", user, role, type);

    if (oracle_sid(text) == 0) {
        label_id label;
        refused++;
        if (label_find_whole(text, (size_t)length, LABEL_NONE, &label) != REASON_NO_CONTEXT) {
            printf("MISMATCH context %s\n", text);
            mismatches++;
        }
        return;
    }
    if (contexts == CONTEXTS_MAX) die("too many contexts");
    context_text[contexts++] = strdup(text);
}

static void list_contexts(uint32_t every, bool band) {
    const policydb_t *db = &oracle_db;
    uint32_t count = 0;

    for (uint32_t u = 0; u < db->p_users.nprim; u++)
        for (uint32_t r = band ? 1 : 0; r < db->p_roles.nprim; r++)
            for (uint32_t t = 0; t < db->p_types.nprim; t++)
                if (db->type_val_to_struct[t]->flavor != TYPE_ATTRIB && count++ % every == 0)
                    add_context(db->p_user_val_to_name[u], db->p_role_val_to_name[r],
                                db->p_type_val_to_name[t]);
}

/* --- decisions -------------------------------------------------------------------------------- */

static unsigned expected_answer(const struct sepol_av_decision *av, uint32_t bit) {
    if (bit == 0) return XSM_RECORD;
    uint32_t mask = 1u << (bit - 1);
    if (av->allowed & mask) return XSM_GRANTED | (av->auditallow & mask ? XSM_RECORD : 0);
    return av->auditdeny & mask ? XSM_RECORD : 0;
}

/* Both the answer of the one question and the vector of the tools' query. */
static void compare_permission(uint32_t s, uint32_t t, const struct sepol_av_decision *av,
                               const struct match *match, const struct xsm_vector *vector) {
    unsigned expected = expected_answer(av, match->theirs);
    unsigned answer = xsm_decide(context_label[s], context_label[t], match->permission);
    uint32_t ours = 1u << permission_bit(match->permission);
    bool may = (expected & XSM_GRANTED) != 0;
    bool recorded = (expected & XSM_RECORD) != 0;

    if (answer != expected) complain(s, t, "answer", match->name);
    if (((vector->allowed & ours) != 0) != may) complain(s, t, "allowed", match->name);
    if (may && ((vector->audit_allow & ours) != 0) != recorded)
        complain(s, t, "auditallow", match->name);
    if (!may && ((vector->audit_deny & ours) != 0) != recorded)
        complain(s, t, "auditdeny", match->name);
}

static void compare_cell(uint32_t s, uint32_t t, uint32_t class) {
    struct sepol_av_decision av = {0, 0, 0, ~0u, 0};
    struct xsm_vector vector;

    if (policy_class[class] != 0)
        oracle_decide(context_sid[s], context_sid[t], policy_class[class], &av);
    xsm_vector(context_label[s], context_label[t], (enum xsm_class) class, &vector);
    cells++;
    if (av.allowed) granted++;
    for (uint32_t i = 0; i < match_count[class]; i++)
        compare_permission(s, t, &av, &matches[class][i], &vector);
}

/* --- new labels ------------------------------------------------------------------------------- */

static label_id held[HELD_MAX];
static uint32_t held_count;

static void release_held(void) {
    while (held_count > 0) xsm_label_drop(held[--held_count]);
}

static enum reason make_label(uint32_t s, uint32_t t, uint32_t class, label_id *label) {
    enum xsm_class ours = (enum xsm_class) class;
    enum reason reason = label_create_whole(context_label[s], context_label[t], ours, label);

    if (reason == REASON_NO_SPACE) {
        release_held();
        reason = label_create_whole(context_label[s], context_label[t], ours, label);
    }
    if (reason == REASON_NO_SPACE) die("no room for a derived label");
    return reason;
}

static void hold(label_id label) {
    for (uint32_t i = 0; i < held_count; i++)
        if (held[i] == label) {
            xsm_label_drop(label);
            return;
        }
    if (held_count == HELD_MAX) release_held();
    held[held_count++] = label;
}

static bool is_context(label_id label, const char *expected) {
    char text[CONTEXT_MAX] = "";
    size_t length;

    return xsm_label_context(label, text, sizeof text, &length) == REASON_OK &&
           strcmp(text, expected) == 0;
}

static void compare_new_label(uint32_t s, uint32_t t, uint32_t class) {
    label_id label;

    if (policy_class[class] == 0) return;
    new_labels++;
    const char *expected = oracle_new_context(context_sid[s], context_sid[t], policy_class[class]);
    enum reason reason = make_label(s, t, class, &label);
    if ((reason == REASON_OK) != (expected != NULL) ||
        (expected != NULL && !is_context(label, expected)))
        complain(s, t, "new label", class_names[class]);
    if (reason == REASON_OK) hold(label);
}

static const char *part_behind(const char *text, uint32_t colons) {
    while (colons-- > 0) text = strchr(text, ':') + 1;
    return text;
}

/* Has it a self label? What it makes of itself is then valid and of another type. */
static bool has_self(uint32_t s, const char *self) {
    label_id label = context_label[s];

    return self != NULL && strncmp(part_behind(context_text[s], 1), "object_r:", 9) != 0 &&
           strcmp(part_behind(self, 2), part_behind(context_text[s], 2)) != 0 &&
           label != LABEL_XEN && label != LABEL_XENBOOT && label != LABEL_UNLABELED;
}

/* The labels that the gate uses: of calls on oneself, and of channels between two domains. */
static void compare_derived(uint32_t s, uint32_t t) {
    if (policy_class[CLASS_domain] == 0) return;
    const char *self =
        oracle_new_context(context_sid[s], context_sid[s], policy_class[CLASS_domain]);

    if (xsm_label_fits_domain(context_label[s]) != has_self(s, self))
        complain(s, s, "label", "fits a domain");
    if (!xsm_label_fits_domain(context_label[s])) return;
    derived_labels++;
    if (!is_context(xsm_label_self(context_label[s]), self)) complain(s, s, "label", "self");
    if (!xsm_label_fits_domain(context_label[t]) || policy_class[CLASS_event] == 0) return;
    derived_labels++;
    label_id channel = xsm_label_channel(context_label[s], context_label[t]);
    const char *expected =
        oracle_new_context(context_sid[s], context_sid[t], policy_class[CLASS_event]);
    if (expected == NULL ? channel != LABEL_UNLABELED : !is_context(channel, expected))
        complain(s, t, "label", "channel");
}

/* --- the walk --------------------------------------------------------------------------------- */

static void take_labels(uint32_t first, uint32_t end) {
    for (uint32_t i = first; i < end; i++) {
        context_sid[i] = oracle_sid(context_text[i]);
        if (label_find_whole(context_text[i], strlen(context_text[i]), LABEL_NONE,
                             &context_label[i]) != REASON_OK)
            die("no label for a context that libsepol accepts");
    }
}

static void drop_labels(uint32_t first, uint32_t end) {
    for (uint32_t i = first; i < end; i++) xsm_label_drop(context_label[i]);
}

static void compare_pair(uint32_t s, uint32_t t) {
    compare_derived(s, t);
    for (uint32_t class = 0; class < CLASS_COUNT; class ++) {
        compare_cell(s, t, class);
        compare_new_label(s, t, class);
    }
}

static void compare_blocks(uint32_t a, uint32_t a_end, uint32_t b, uint32_t b_end) {
    oracle_forget_sids();
    take_labels(a, a_end);
    take_labels(b, b_end);
    for (uint32_t t = b; t < b_end; t++)
        for (uint32_t s = a; s < a_end; s++) compare_pair(s, t);
    release_held();
    drop_labels(a, a_end);
    drop_labels(b, b_end);
}

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

static void compare_all(bool band) {
    for (uint32_t a = 0; a < contexts; a += BLOCK)
        for (uint32_t b = band ? a : 0; b < (band ? least(a + 2 * BLOCK, contexts) : contexts);
             b += BLOCK)
            compare_blocks(a, least(a + BLOCK, contexts), b, least(b + BLOCK, contexts));
}

/* Sets every boolean on both sides: all off, all on, every second, and by a hash. */
static void set_booleans(uint32_t setting) {
    static const uint32_t patterns[STATES_MAX] = {0, ~0u, 0x55555555, 0xaaaaaaaa, 0, 0};

    for (uint32_t i = 0; i < xsm_boolean_count(); i++) {
        uint32_t hash = (i * 0x9e3779b9u ^ setting * 0x85ebca6bu) >> 16;
        bool value = (setting < 4 ? patterns[setting] >> (i % 32) : hash) & 1;
        xsm_boolean_set_pending(i, value);
        oracle_set_boolean(i, value);
    }
    if (booleans_commit_whole() != REASON_OK) die("booleans cannot be committed");
    oracle_commit_booleans();
}

int main(int count, char **argument) {
    if (count < 2) die("usage: decisions policy.bin [EVERY | band]");
    bool band = count > 2 && strcmp(argument[2], "band") == 0;
    load(argument[1]);
    match_names();
    list_contexts(count > 2 && !band ? (uint32_t)atoi(argument[2]) : 1, band);
    compare_all(band);
    uint32_t settings = xsm_boolean_count() == 0 ? 0 : xsm_boolean_count() <= 2 ? 4 : STATES_MAX;
    for (uint32_t setting = 0; setting < settings; setting++) {
        set_booleans(setting);
        compare_all(band);
    }
    printf("%u types, %u rules, %u contexts (%u refused), %lu cells, %lu non-zero, %lu new and "
           "%lu derived labels, %lu mismatches\n",
           in_force->policy->count[SYMBOL_TYPE],
           in_force->policy->rules.count + in_force->policy->conditional_rules, contexts, refused,
           cells, granted, new_labels, derived_labels, mismatches);
    return mismatches ? 1 : 0;
}
