/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the head of a policy: classes, initial SIDs and permissions of the vocabulary, in reverse
 * order, so that a match by number rather than by name would show. */
#include <stdio.h>

#include "xsm/vocabulary.h"

/* clang-format off */
static const struct { int class; const char *name; } words[] = {
#define CLASS(name) {-1, #name},
#define PERM(class, name) {CLASS_##class, #name},
    XSM_VOCABULARY(CLASS, PERM)
#undef CLASS
#undef PERM
};
static const char *const classes[CLASS_COUNT] = {
#define CLASS(name) #name,
#define PERM(class, name)
    XSM_VOCABULARY(CLASS, PERM)
#undef CLASS
#undef PERM
};
/* clang-format on */
static const char *const sids[] = {"xenboot",   "xen",      "dom0",   "domio", "domxen",
                                   "unlabeled", "security", "ioport", "iomem", "irq",
                                   "device",    "domU",     "domDM"};

int main(void) {
    puts("class unknown_unused");
    for (int i = CLASS_COUNT - 1; i >= 0; i--) printf("class %s\n", classes[i]);
    for (unsigned i = 0; i < sizeof sids / sizeof sids[0]; i++) printf("sid %s\n", sids[i]);
    puts("class unknown_unused { something }");
    for (int i = CLASS_COUNT - 1; i >= 0; i--) {
        printf("class %s {", classes[i]);
        for (int j = (int)(sizeof words / sizeof words[0]) - 1; j >= 0; j--)
            if (words[j].class == i) printf(" %s", words[j].name);
        puts(" }");
    }
    return 0;
}
