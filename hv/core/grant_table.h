/* SPDX-License-Identifier: Apache-2.0 */
/* Growth of a domain's grant table. */
#ifndef CORDON_CORE_GRANT_TABLE_H
#define CORDON_CORE_GRANT_TABLE_H

#include "hv/core/request.h"

/* Frame `index` of the domain's grant table; the table grows to hold it, one frame at a time, each
 * with the page of active counts behind it, charged to that domain. REASON_AGAIN: execute again. */
enum reason grant_table_frame(struct request *request, domain_id domain, uint64_t index,
                              struct mfn *mfn);

#endif
