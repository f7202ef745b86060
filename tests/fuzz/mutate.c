/* SPDX-License-Identifier: Apache-2.0 */
/* Every truncation and many mutations of policy images, from a printed seed.
 * usage: mutate MUTATIONS SEED IMAGE...
 * A mutant is made by one to four of: another bit, another byte, a number put over a word, bytes
 * taken out, bytes repeated, bytes of another image. REPLAY=n in the environment runs the nth only
 * (counted over all images), and writes it to mutant.bin first. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/policy_target.h"

#define IMAGE_MAX 65536u

struct image {
    const char *path;
    uint32_t size;
    uint8_t bytes[IMAGE_MAX];
};

static struct image *images;
static int count;
static uint8_t mutant[IMAGE_MAX];
static uint32_t mutant_size;
static uint64_t seed;

static uint32_t any(uint32_t limit) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % limit);
}

static void put_word(void) {
    static const uint32_t numbers[] = {
        0,      1,      2,       3,          4,          5,          8,         16,  30,
        32,     33,     63,      64,         65,         128,        255,       256, 0x7fff,
        0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
    uint32_t at = any(mutant_size - 3);
    uint32_t word;

    memcpy(&word, mutant + at, 4);
    word = any(2) == 0 ? numbers[any(sizeof numbers / 4)] : word + (any(2) == 0 ? 1u : ~0u);
    memcpy(mutant + at, &word, 4);
}

static void take_out(void) {
    uint32_t bytes = 1 + any(any(2) == 0 ? 4 : 64);
    uint32_t at = any(mutant_size);

    if (bytes > mutant_size - at) bytes = mutant_size - at;
    memmove(mutant + at, mutant + at + bytes, mutant_size - at - bytes);
    mutant_size -= bytes;
}

static void repeat(void) {
    uint32_t bytes = 1 + any(any(2) == 0 ? 12 : 64);
    uint32_t at = any(mutant_size);

    if (bytes > mutant_size - at || bytes > IMAGE_MAX - mutant_size) return;
    memmove(mutant + at + bytes, mutant + at, mutant_size - at);
    mutant_size += bytes;
}

static void splice(void) {
    const struct image *other = &images[any((uint32_t)count)];
    uint32_t at = any(mutant_size);
    uint32_t from = any(other->size);
    uint32_t bytes = 1 + any(256);

    if (bytes > mutant_size - at) bytes = mutant_size - at;
    if (bytes > other->size - from) bytes = other->size - from;
    memcpy(mutant + at, other->bytes + from, bytes);
}

static void mutate(const struct image *image) {
    memcpy(mutant, image->bytes, image->size);
    mutant_size = image->size;
    for (uint32_t i = 1 + any(4); i > 0 && mutant_size > 8; i--) {
        switch (any(8)) {
        case 0: mutant[any(mutant_size)] ^= (uint8_t)(1u << any(8)); break;
        case 1: mutant[any(mutant_size)] = (uint8_t)any(256); break;
        case 2: take_out(); break;
        case 3: repeat(); break;
        case 4: splice(); break;
        default: put_word(); break;
        }
    }
}

static void read_image(struct image *image, const char *path) {
    FILE *file = fopen(path, "rb");

    image->path = path;
    image->size = file ? (uint32_t)fread(image->bytes, 1, IMAGE_MAX, file) : 0;
    if (image->size < 8 || image->size == IMAGE_MAX) {
        (void)fprintf(stderr, "mutate: cannot use %s\n", path);
        exit(2);
    }
    (void)fclose(file);
}

static uint32_t truncations(const struct image *image) {
    uint32_t size;

    for (size = 0; size < image->size; size++) {
        if (policy_try(image->bytes, size)) {
            (void)printf("mutate: %s is accepted with %u bytes\n", image->path, size);
            exit(1);
        }
    }
    return size;
}

static void replay(void) {
    FILE *file = fopen("mutant.bin", "wb");

    if (file == NULL || fwrite(mutant, 1, mutant_size, file) != mutant_size) exit(2);
    (void)fclose(file);
    (void)printf("%s\n", policy_try(mutant, mutant_size) ? "accepted" : "refused");
}

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    const char *wanted = getenv("REPLAY");
    uint64_t mutants = strtoull(argv[1], NULL, 0);
    uint64_t first = strtoull(argv[2], NULL, 0);
    uint64_t number = 0;

    count = argc - 3;
    images = calloc((size_t)count, sizeof *images);
    for (int i = 0; i < count; i++) read_image(&images[i], argv[3 + i]);
    for (int i = 0; i < count; i++) {
        uint64_t accepted = 0;
        uint32_t parts = wanted ? 0 : truncations(&images[i]);
        if (!wanted && !policy_try(images[i].bytes, images[i].size)) return 1;
        for (uint64_t m = 0; m < mutants; m++, number++) {
            seed = (first + number) * 0x9e3779b97f4a7c15ull | 1;
            mutate(&images[i]);
            if (wanted && number == strtoull(wanted, NULL, 0)) replay();
            if (wanted) continue;
            /* Where a sanitizer ends the process, this is the last line. */
            if (m % 1000 == 0) (void)fprintf(stderr, "from mutant %" PRIu64 "\n", number);
            accepted += policy_try(mutant, mutant_size);
        }
        (void)printf("%s: %u truncations refused, %" PRIu64 " mutants, %" PRIu64 " accepted\n",
                     images[i].path, parts, mutants, accepted);
    }
    return 0;
}
