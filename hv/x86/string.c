/* SPDX-License-Identifier: Apache-2.0 */
/* The four functions that the compiler itself calls. */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t bytes) {
    void *target = to;
    size_t words = bytes / 8;
    size_t rest = bytes % 8;

    __asm__ volatile("rep movsq" : "+D"(target), "+S"(from), "+c"(words) : : "memory");
    __asm__ volatile("rep movsb" : "+D"(target), "+S"(from), "+c"(rest) : : "memory");
    return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
    uint8_t *target = (uint8_t *)to + bytes - 1;
    const uint8_t *source = (const uint8_t *)from + bytes - 1;

    if ((uintptr_t)to - (uintptr_t)from >= bytes) return memcpy(to, from, bytes);
    __asm__ volatile("std; rep movsb; cld" : "+D"(target), "+S"(source), "+c"(bytes) : : "memory");
    return to;
}

void *memset(void *to, int value, size_t bytes) {
    void *target = to;
    size_t words = bytes / 8;
    size_t rest = bytes % 8;
    uint64_t pattern = (uint8_t)value * 0x0101010101010101u;

    __asm__ volatile("rep stosq" : "+D"(target), "+c"(words) : "a"(pattern) : "memory");
    __asm__ volatile("rep stosb" : "+D"(target), "+c"(rest) : "a"(pattern) : "memory");
    return to;
}

int memcmp(const void *left, const void *right, size_t bytes) {
    const uint8_t *a = left;
    const uint8_t *b = right;

    for (size_t i = 0; i < bytes; i++)
        if (a[i] != b[i]) return a[i] - b[i];
    return 0;
}
