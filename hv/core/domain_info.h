/* SPDX-License-Identifier: Apache-2.0 */
/* A domain as the tools see it. */
#ifndef CORDON_CORE_DOMAIN_INFO_H
#define CORDON_CORE_DOMAIN_INFO_H

#include "hv/abi/arguments.h"
#include "hv/abi/types.h"

void domain_info(domain_id domain, struct arg_domain_info *out);

#endif
