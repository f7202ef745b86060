/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer target: validation of PVH kernel images. What is accepted keeps its contract. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hv/core/pvh.h"

static void hold(int holds, const char *what) {
    if (!holds) {
        (void)fprintf(stderr, "pvh: %s\n", what);
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    struct pvh_image image;
    const char *wrong = pvh_validate(bytes, size, &image);

    if (wrong != NULL) {
        hold(wrong[0] != '\0', "a refusal says what is wrong");
        return 0;
    }
    uint64_t highest = 0;
    hold(image.segments >= 1 && image.segments <= PVH_SEGMENTS_MAX, "segments are counted");
    for (uint32_t i = 0; i < image.segments; i++) {
        const struct pvh_segment *s = &image.segment[i];
        hold(s->offset <= size && s->file_size <= size - s->offset, "a segment lies in the image");
        hold(s->file_size <= s->size, "a segment holds its bytes");
        hold(s->size <= UINT64_MAX - s->address, "a segment does not wrap");
        if (s->address + s->size > highest) highest = s->address + s->size;
    }
    hold(image.end == highest, "the end is that of the highest segment");
    return 0;
}
