/* SPDX-License-Identifier: Apache-2.0 */
/* Storage of the resident policy images. */
#include "xsm/policy_image.h"

uint8_t policy_bytes[IMAGE_SLOTS][POLICY_IMAGE_MAX];
struct policy_index policy_index[IMAGE_SLOTS];
