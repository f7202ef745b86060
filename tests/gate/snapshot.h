/* SPDX-License-Identifier: Apache-2.0 */
/* The whole state as bytes: all static data of the core's and the fake machine's objects, whose
 * .data and .bss the build has renamed to core_data and core_bss, and the backed pages of sparse
 * arrays. Only the gate's own scratch and the audit ring are left out, by not being renamed. */
#ifndef CORDON_TESTS_GATE_SNAPSHOT_H
#define CORDON_TESTS_GATE_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>

void snapshot_take(void);
/* True if nothing changed since; else *where is the first difference: an offset into the section or
 * page that *what names. */
bool snapshot_same(const char **what, size_t *where);

#endif
