/* SPDX-License-Identifier: Apache-2.0 */
/* CPUID as the tools see it. Every domain has what hv/core/cpuid.c gives it, so there is one policy
 * to read, and one that is set must name these features, neither fewer nor more: nothing here would
 * hide or add one. */
#include "hv/core/gate.h"
#include "hv/core/request.h"

#define POLICIES 6u     /* Xen's: raw, host, maximum and default, of both kinds of guest */
#define LEAVES_MAX 120u /* what the tools' own structure holds */
#define LEAF1_EDX_HTT (1u << 28)
#define EXT1_ECX_CMP_LEGACY (1u << 1)

/* The leaves that are told, as many as the tools write back, since that is all the room they then
 * have. `a`: the last leaf that a policy speaks of; b, c, d: which bits it must leave alone, which
 * is features without the two by which the tools tell of a topology. */
static const struct arg_cpuid_leaf policy[] = {
    {0, CPUID_NO_SUBLEAF, 7, 0, 0, 0},
    {1, CPUID_NO_SUBLEAF, 0, 0, ~0u, ~LEAF1_EDX_HTT},
    {2, CPUID_NO_SUBLEAF, 0, 0, 0, 0},
    {3, CPUID_NO_SUBLEAF, 0, 0, 0, 0},
    {4, 0, 0, 0, 0, 0},
    {5, CPUID_NO_SUBLEAF, 0, 0, 0, 0},
    {6, CPUID_NO_SUBLEAF, 0, 0, 0, 0},
    {7, 0, 0, ~0u, ~0u, ~0u},
    {7, 1, 0, ~0u, ~0u, ~0u},
    {7, 2, 0, ~0u, ~0u, ~0u},
    {0x40000000u, CPUID_NO_SUBLEAF, 0, 0, 0, 0},
    {0x40000100u, CPUID_NO_SUBLEAF, 0, 0, 0, 0},
    {0x80000000u, CPUID_NO_SUBLEAF, 0x80000001u, 0, 0, 0},
    {0x80000001u, CPUID_NO_SUBLEAF, 0, 0, ~EXT1_ECX_CMP_LEGACY, ~0u},
};
#define POLICY_LEAVES ((uint32_t)(sizeof(policy) / sizeof(policy[0])))

enum reason step_sysctl_cpu_policy(struct request *r) {
    struct arg_sysctl_cpu_policy *in = &r->in.sysctl_policy;

    if (in->index >= POLICIES || in->rsvd != 0) return REASON_INVALID;
    if (in->leaves != 0 && in->nr_leaves < POLICY_LEAVES) return REASON_NO_BUFFERS;
    for (uint32_t i = 0; in->leaves != 0 && i < POLICY_LEAVES; i++) {
        struct cpuid_result is = gate_cpuid(r->caller, 0, policy[i].leaf, policy[i].subleaf);
        struct arg_cpuid_leaf out = {policy[i].leaf, policy[i].subleaf, is.eax, is.ebx, is.ecx,
                                     is.edx};

        if (policy[i].a != 0) out.a = policy[i].a;
        if (!request_write(r, in->leaves + i * sizeof(out), &out, sizeof(out))) return REASON_FAULT;
    }
    in->nr_leaves = in->leaves == 0 ? LEAVES_MAX : POLICY_LEAVES;
    in->nr_msrs = 0;
    return REASON_OK;
}

/* Whether the domain has what this leaf says. */
static bool agrees(domain_id domain, const struct arg_cpuid_leaf *said) {
    for (uint32_t i = 0; i < POLICY_LEAVES; i++) {
        const struct arg_cpuid_leaf *fixed = &policy[i];
        if (fixed->leaf != said->leaf || fixed->subleaf != said->subleaf) continue;
        struct cpuid_result is = gate_cpuid(domain, 0, said->leaf, said->subleaf);
        return ((is.ebx ^ said->b) & fixed->b) == 0 && ((is.ecx ^ said->c) & fixed->c) == 0 &&
               ((is.edx ^ said->d) & fixed->d) == 0;
    }
    return true;
}

enum reason step_domctl_set_cpu_policy(struct request *r) {
    struct arg_domctl_cpu_policy *in = &r->in.cpu_policy;
    struct arg_cpuid_leaf said;

    if (in->nr_leaves > LEAVES_MAX || in->nr_msrs != 0) return REASON_INVALID;
    for (uint32_t i = 0; i < in->nr_leaves; i++) {
        if (!request_read(r, in->leaves + i * sizeof(said), &said, sizeof(said)))
            return REASON_FAULT;
        if (!agrees(r->target, &said)) return REASON_INVALID;
    }
    return REASON_OK;
}
