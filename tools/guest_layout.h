/* SPDX-License-Identifier: Apache-2.0 */
/* What a tiny guest and its builder (cordon-vm) agree upon: where things are in the guest's
 * memory, and the report that the guest writes for whoever may map it. */
#ifndef CORDON_TOOLS_GUEST_LAYOUT_H
#define CORDON_TOOLS_GUEST_LAYOUT_H

#include <stdint.h>

#define GUEST_MEMORY 0x400000u       /* bytes; the image lies below GUEST_REPORT */
#define GUEST_MEMORY_LEAST 0x200000u /* what a guest needs that asks for no more */
#define GUEST_REPORT 0x1fc000u       /* guest-physical address of struct guest_report */
#define GUEST_START_INFO 0x1fd000u   /* the builder's: start_info and memory map */
#define GUEST_COMMAND_LINE 0x1fe000u /* words separated by blanks */

#define GUEST_REPORT_MAGIC 0x74726f7065726763ull
#define GUEST_REPORT_TEXT 3968u

enum guest_state { GUEST_STARTING, GUEST_READY, GUEST_PASSED, GUEST_FAILED };

/* One page. The guest alone writes it. */
struct guest_report {
    uint64_t magic;
    uint32_t state;    /* enum guest_state; what it stands for is written before */
    uint32_t domain;   /* for whom the offers below are */
    uint32_t port;     /* an unbound event channel, 0 if there is none */
    uint32_t grant;    /* reference of a granted page, 0 if there is none */
    uint32_t progress; /* how far it is, in units of its own */
    uint8_t reserved[100];
    char text[GUEST_REPORT_TEXT]; /* lines, NUL-terminated */
};
_Static_assert(sizeof(struct guest_report) == 4096, "the report is one page");

#endif
