/* SPDX-License-Identifier: Apache-2.0 */
/* The symbol tables of an image: classes, roles, types, users, booleans. Reading them checks form
 * and defines each value once; linking checks what refers to a later table. */
#ifndef CORDON_XSM_SYMBOLS_H
#define CORDON_XSM_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xsm/cursor.h"

/* Forgets the names seen, before an image is read. */
void symbols_begin(void);
/* Reads one entry of a table whose first entry is at `table`. */
enum policy_check symbols_read(struct cursor *cursor, enum symbol_kind kind, uint32_t table);
/* Was each value up to the table's highest defined? For use when the table was read. */
enum policy_check symbols_complete(uint32_t slot, enum symbol_kind kind);
/* Second look, when all tables are known, at the `number`-th (from 1) class, role or entry of the
 * type table, in order. */
enum policy_check symbols_link(struct cursor *cursor, enum symbol_kind kind, uint32_t number);

struct name {
    uint32_t at;
    uint32_t length;
};

/* Name of a value; empty if there is none. */
struct name symbol_name(uint32_t slot, enum symbol_kind kind, uint32_t value);
/* Value of a name, aliases included, or 0. */
uint32_t symbol_find(uint32_t slot, enum symbol_kind kind, const char *name, size_t length);
bool symbol_is_attribute(uint32_t slot, uint32_t type);
/* Where a role's dominated roles, a role's types and a user's roles are. */
uint32_t role_dominates_at(uint32_t slot, uint32_t role);
uint32_t role_types_at(uint32_t slot, uint32_t role);
uint32_t user_roles_at(uint32_t slot, uint32_t user);

#endif
