/* SPDX-License-Identifier: Apache-2.0 */
/* `xl debug-keys`: a few lines of state into the log. */
#ifndef CORDON_CORE_DEBUG_KEYS_H
#define CORDON_CORE_DEBUG_KEYS_H

/* An unknown key prints the list of keys. */
void debug_key(char key);

#endif
