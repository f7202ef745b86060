/* SPDX-License-Identifier: Apache-2.0 */
/* libsepol as the oracle: what SELinux's own library makes of a policy image. */
#ifndef CORDON_TESTS_DIFF_ORACLE_H
#define CORDON_TESTS_DIFF_ORACLE_H

#include <stdint.h>
#include <sys/types.h> /* which sepol/policydb/services.h needs */

#include <sepol/policydb/conditional.h> /* has a member named bool: before stdbool.h */
#include <sepol/policydb/policydb.h>
#include <sepol/policydb/services.h>
#include <stdbool.h>

extern policydb_t oracle_db;

/* Reads a file of at most `limit` bytes; returns its size, 0 if there is none. */
uint32_t file_read(const char *path, uint8_t *bytes, uint32_t limit);
/* Does libsepol accept the image? Then the functions below answer from it. Once in a process. */
bool oracle_load(const uint8_t *bytes, uint32_t size);
/* Begins SIDs anew: libsepol finds one by walking all that it ever gave. */
void oracle_forget_sids(void);
/* SID of a context, 0 if the policy does not allow it. */
sepol_security_id_t oracle_sid(const char *context);
const char *oracle_text(sepol_security_id_t sid);
/* Context of what `source` makes of `target`, or NULL if there is no valid one. */
const char *oracle_new_context(sepol_security_id_t source, sepol_security_id_t target,
                               uint32_t class);
void oracle_decide(sepol_security_id_t source, sepol_security_id_t target, uint32_t class,
                   struct sepol_av_decision *av);
void oracle_set_boolean(uint32_t index, bool value);
void oracle_commit_booleans(void);
/* Value of a class, and bit (from 1) of a permission in it; 0 if the policy lacks it. */
uint32_t oracle_class(const char *name);
uint32_t oracle_bit(uint32_t class, const char *permission);

#endif
