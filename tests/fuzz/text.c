/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer target: the lines of the audit trail from any record and contexts, and contexts as a
 * guest writes them. The first byte says which. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "tests/host/xsm_changes.h"

static void hold(bool holds, const char *what) {
    if (!holds) {
        (void)fprintf(stderr, "text: %s\n", what);
        abort();
    }
}

/* A policy for the contexts: the file that TEXT_POLICY names. */
int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerInitialize(int *count, char ***arguments) {
    static uint8_t bytes[POLICY_IMAGE_MAX];
    const char *path = getenv("TEXT_POLICY");
    FILE *file = path ? fopen(path, "rb") : NULL;

    (void)count;
    (void)arguments;
    hold(file != NULL, "TEXT_POLICY names a policy");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    hold(xsm_start(bytes, (uint32_t)size, "") == REASON_OK, "it loads");
    return 0;
}

/* A record of these bytes, a size of the buffer, and two contexts. */
static void try_line(const uint8_t *bytes, size_t size) {
    static char contexts[2][CONTEXT_MAX];
    struct audit_record record;
    uint16_t room;

    if (size < sizeof record + sizeof room) return;
    memcpy(&record, bytes, sizeof record);
    memcpy(&room, bytes + sizeof record, sizeof room);
    room = (uint16_t)(2 + room % AUDIT_LINE_MAX);
    bytes += sizeof record + sizeof room;
    size -= sizeof record + sizeof room;
    for (size_t i = 0, at = 0; i < 2; i++) {
        size_t take = size - at < CONTEXT_MAX - 1 ? size - at : CONTEXT_MAX - 1;
        memcpy(contexts[i], bytes + at, take);
        contexts[i][take] = '\0';
        at += take;
    }
    char *line = malloc(room);
    size_t length = audit_format(&record, contexts[0], contexts[1], line, room);
    hold(length < room && line[length] == '\0', "a line ends within its buffer");
    hold(length > 0 && line[length - 1] == '\n', "a line ends with a newline");
    free(line);
}

static void try_context(const uint8_t *bytes, size_t size) {
    char text[CONTEXT_MAX];
    label_id label;
    size_t length;

    if (size > 4 * CONTEXT_MAX) return;
    char *copy = malloc(size == 0 ? 1 : size); /* no NUL behind it */
    memcpy(copy, bytes, size);
    if (label_find_whole(copy, size, LABEL_NONE, &label) == REASON_OK) {
        hold(xsm_label_context(label, text, sizeof text, &length) == REASON_OK, "it has a context");
        hold(length == size + 1 && memcmp(text, copy, size) == 0, "which is the one asked for");
        xsm_label_drop(label);
    }
    uint32_t index;
    (void)xsm_boolean_find(copy, size, &index);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size == 0) return 0;
    if (bytes[0] % 2 == 0)
        try_line(bytes + 1, size - 1);
    else
        try_context(bytes + 1, size - 1);
    return 0;
}
