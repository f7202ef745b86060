/* SPDX-License-Identifier: Apache-2.0 */
/* Isolation without a policy: the management label may do all; every other label may use its own
 * virtual machine, and share events and memory with peers of the same label. The default label
 * domU_t has no peers: machines that nobody labelled share nothing. */
#include "xsm/simple_labels.h"

/* Each permission as a mask within its class. */
/* clang-format off */
enum permission_mask {
#define CLASS(name)
#define PERM(class, name) MASK_##class##_##name = 1 << PERMISSION_##class##_##name % 32,
    XSM_VOCABULARY(CLASS, PERM)
#undef CLASS
#undef PERM
};
/* clang-format on */

/* What a label may do to its own self label. */
static const uint32_t on_self[CLASS_COUNT] = {
    [CLASS_own] = UINT32_MAX,
    [CLASS_vcpu] = UINT32_MAX,
    [CLASS_port] = ~(uint32_t)MASK_port_bind_global_virq,
    [CLASS_event] = UINT32_MAX,
    [CLASS_grant] = UINT32_MAX,
    [CLASS_mmu] = MASK_mmu_map_read | MASK_mmu_map_write | MASK_mmu_adjust | MASK_mmu_stat |
                  MASK_mmu_physmap | MASK_mmu_exchange,
    [CLASS_hvm] = MASK_hvm_setparam | MASK_hvm_getparam | MASK_hvm_hvmctl,
};

/* To the hypervisor, and of itself: what tells nothing of other machines. */
static const uint32_t on_xen[CLASS_COUNT] = {
    [CLASS_version] = MASK_version_xen_extraversion | MASK_version_xen_capabilities |
                      MASK_version_xen_pagesize | MASK_version_xen_guest_handle,
    [CLASS_cordon] =
        MASK_cordon_version | MASK_cordon_get_features | MASK_cordon_platform_parameters,
};

const char *xsm_module_name(void) { return "isolate"; }

enum reason xsm_start(const uint8_t *image, uint32_t size, const char *options) {
    (void)image;
    (void)size;
    return simple_labels_start(options);
}

/* What a label other than the management's may do. */
static uint32_t tenant_may(label_id subject, label_id object, uint32_t class) {
    uint32_t channel = MASK_event_create | MASK_event_send | MASK_event_status;
    uint32_t may = 0;

    if (simple_label_of_self(object) == subject) may |= on_self[class] | on_xen[class];
    if (object == LABEL_XEN) may |= on_xen[class];
    /* Its event channels bear its own label. */
    if (object == subject && class == CLASS_event) may |= channel;
    /* Peers: other machines of its label. Mapping memory without a grant is not among it. */
    if (object == subject && subject != LABEL_DOMU && class == CLASS_event) may |= MASK_event_bind;
    if (object == subject && subject != LABEL_DOMU && class == CLASS_grant) may = UINT32_MAX;
    /* A client of the management's services, whose grants it maps, not the reverse. */
    if (object == LABEL_DOM0 && class == CLASS_event) may |= MASK_event_bind | MASK_event_send;
    return may;
}

unsigned xsm_decide(label_id subject, label_id object, enum permission permission) {
    uint32_t class = permission_class(permission);

    if (xsm_sid_of_label(object) == 0 || class >= CLASS_COUNT) return XSM_RECORD;
    if (!xsm_label_fits_domain(subject)) return XSM_RECORD;
    if (subject == LABEL_DOM0) return XSM_GRANTED;
    uint32_t may = tenant_may(subject, object, class);
    return (may >> permission_bit(permission) & 1) != 0 ? XSM_GRANTED : XSM_RECORD;
}
