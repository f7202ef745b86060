/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of the rows: by which hypercall and sub-operation a call came. verify/steps.h says by
 * hand which they are for each step; the axioms below are what the list says. */
#ifndef CORDON_VERIFY_NUMBERS_H
#define CORDON_VERIFY_NUMBERS_H

#include "hv/core/calls.h"

/* clang-format off */
#define NUMBERED(name, number, sub, place, arguments, direction, object, permission, residue) \
    axiom numbered_##name: number_of(CALL_##name) == number && sub_of(CALL_##name) == sub;

/*@ axiomatic Numbers {
      logic integer number_of(integer row);
      logic integer sub_of(integer row);
      CALLS(NUMBERED, NUMBERED)
    } */

#define CALLED(r, number, sub) (number_of(r->id) == number && sub_of(r->id) == sub)
/* clang-format on */

#endif
