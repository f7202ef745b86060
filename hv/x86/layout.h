/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that boot.S and C share. */
#ifndef CORDON_X86_LAYOUT_H
#define CORDON_X86_LAYOUT_H

#define SELECTOR_CODE64 0x08
#define SELECTOR_DATA 0x10
#define SELECTOR_CODE32 0x18
#define SELECTOR_TSS 0x20

/* Stacks of one CPU, in pages from its first. Every page that is not named is a guard. */
#define STACK_PAGES 16
#define STACK_MAIN 1
#define STACK_MAIN_END 9
#define STACK_DOUBLE_FAULT 10
#define STACK_NMI 12
#define STACK_MACHINE_CHECK 14

#define STUB_SIZE 16 /* bytes of an exception stub */

#endif
