/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that vcpu.S and vcpu.c share. */
#ifndef CORDON_TESTS_GUEST_VCPU_H
#define CORDON_TESTS_GUEST_VCPU_H

#define VCPUS_MAX 4
#define VCPU_TRAMPOLINE 0x90000
#define VCPU_STACK_SHIFT 13

#endif
