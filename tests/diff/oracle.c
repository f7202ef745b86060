/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE
#include "tests/diff/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sepol/debug.h>
#include <sepol/policydb/sidtab.h>

#define SIDS_MAX (1u << 20)

policydb_t oracle_db;
static sidtab_t sids;
static char *text_of_sid[SIDS_MAX]; /* by SID, since libsepol writes it anew each time */

static void die(const char *why) {
    fprintf(stderr, "oracle: %s\n", why);
    exit(2);
}

uint32_t file_read(const char *path, uint8_t *bytes, uint32_t limit) {
    FILE *file = fopen(path, "rb");
    if (!file) return 0;
    size_t size = fread(bytes, 1, limit, file);
    fclose(file);
    return (uint32_t)size;
}

bool oracle_load(const uint8_t *bytes, uint32_t size) {
    struct policy_file policy;

    sepol_debug(0);
    policy_file_init(&policy);
    policy.type = PF_USE_MEMORY;
    policy.data = (char *)bytes;
    policy.len = size;
    if (policydb_init(&oracle_db) || policydb_read(&oracle_db, &policy, 0)) return false;
    if (sepol_sidtab_init(&sids) || policydb_load_isids(&oracle_db, &sids)) return false;
    sepol_set_policydb(&oracle_db);
    sepol_set_sidtab(&sids);
    return true;
}

void oracle_forget_sids(void) {
    for (uint32_t i = 0; i < SIDS_MAX && i < sids.next_sid; i++) {
        free(text_of_sid[i]);
        text_of_sid[i] = NULL;
    }
    sepol_sidtab_destroy(&sids);
    if (sepol_sidtab_init(&sids) || policydb_load_isids(&oracle_db, &sids)) die("no initial SIDs");
}

sepol_security_id_t oracle_sid(const char *context) {
    sepol_security_id_t sid;

    return sepol_context_to_sid((char *)context, strlen(context), &sid) == 0 ? sid : 0;
}

const char *oracle_text(sepol_security_id_t sid) {
    size_t length;

    if (sid >= SIDS_MAX) die("too many SIDs");
    if (!text_of_sid[sid] && sepol_sid_to_context(sid, &text_of_sid[sid], &length) != 0)
        die("no context for one of its own SIDs");
    return text_of_sid[sid];
}

const char *oracle_new_context(sepol_security_id_t source, sepol_security_id_t target,
                               uint32_t class) {
    sepol_security_id_t sid;

    if (sepol_transition_sid(source, target, (sepol_security_class_t) class, &sid) != 0)
        return NULL;
    return oracle_text(sid);
}

void oracle_decide(sepol_security_id_t source, sepol_security_id_t target, uint32_t class,
                   struct sepol_av_decision *av) {
    if (sepol_compute_av(source, target, (sepol_security_class_t) class, ~0u, av) != 0)
        die("no decision");
}

void oracle_set_boolean(uint32_t index, bool value) {
    oracle_db.bool_val_to_struct[index]->state = value;
}

void oracle_commit_booleans(void) { evaluate_conds(&oracle_db); }

uint32_t oracle_class(const char *name) {
    class_datum_t *class = hashtab_search(oracle_db.p_classes.table, (char *)name);
    return class ? class->s.value : 0;
}

uint32_t oracle_bit(uint32_t class, const char *permission) {
    class_datum_t *datum = oracle_db.class_val_to_struct[class - 1];
    perm_datum_t *found = hashtab_search(datum->permissions.table, (char *)permission);
    if (!found && datum->comdatum)
        found = hashtab_search(datum->comdatum->permissions.table, (char *)permission);
    return found ? found->s.value : 0;
}
