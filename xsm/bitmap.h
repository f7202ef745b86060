/* SPDX-License-Identifier: Apache-2.0 */
/* Looking into a bitmap of a validated image. Bit i stands for value i + 1. */
#ifndef CORDON_XSM_BITMAP_H
#define CORDON_XSM_BITMAP_H

#include <stdbool.h>
#include <stdint.h>

#define BITMAP_END UINT32_MAX

bool bitmap_has(uint32_t slot, uint32_t at, uint32_t bit);
/* First set bit that is not below `from`, or BITMAP_END. */
uint32_t bitmap_next(uint32_t slot, uint32_t at, uint32_t from);
/* Bytes that the bitmap takes in the image. */
uint32_t bitmap_bytes(uint32_t slot, uint32_t at);

#endif
