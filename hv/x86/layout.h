/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that boot.S and C share. */
#ifndef CORDON_X86_LAYOUT_H
#define CORDON_X86_LAYOUT_H

#define SELECTOR_CODE64 0x08
#define SELECTOR_DATA 0x10
#define SELECTOR_CODE32 0x18
#define SELECTOR_TSS 0x20 /* of CPU 0; the others follow, 16 bytes each */
#define GDT_SIZE (SELECTOR_TSS + 16 * 8)

/* Pages of one CPU. Those in STACKS_MAPPED are its stacks; the others are never mapped, so that
 * they guard the stack above them, and hold what the processor alone accesses, by physical address.
 */
#define STACK_PAGES 8
#define PAGE_HOST_SAVE 0  /* VM_HSAVE_PA */
#define STACK_MAIN_END 4  /* first page above the main stack */
#define PAGE_HOST_STATE 4 /* VMSAVE and VMLOAD of the host */
#define STACK_FAULT 5     /* double fault and machine check, which do not return */
#define STACK_NMI 7
#define STACKS_MAPPED 0xae

#define STUB_SIZE 16 /* bytes of an exception stub */

#endif
