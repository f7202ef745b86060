/* SPDX-License-Identifier: Apache-2.0 */
/* The vocabulary by name: how an image's classes and permissions are matched with ours. */
#ifndef CORDON_XSM_VOCABULARY_NAMES_H
#define CORDON_XSM_VOCABULARY_NAMES_H

#include <stdint.h>

#include "xsm/vocabulary.h"

#define VOCABULARY_NAME_MAX 24u

#define NO_CLASS 0xffu /* a class that the hypervisor lacks */
#define NO_BIT 0xffu   /* likewise a permission */

/* Class with the name of `length` bytes, or NO_CLASS. */
uint8_t vocabulary_class(const uint8_t *name, uint32_t length);
/* Bit number of the so named permission of one of our classes, or NO_BIT. */
uint8_t vocabulary_bit(uint32_t class, const uint8_t *name, uint32_t length);
/* How many permissions our class has. */
uint32_t vocabulary_size(uint32_t class);

#endif
