/* SPDX-License-Identifier: Apache-2.0 */
/* Finding what a request names. Reads state, assigns only to the request. */
#include "hv/core/find.h"

#include "hv/core/domain.h"
#include "hv/core/machine.h"
#include "hv/core/request.h"

#define KEY(number, sub) ((uint32_t)(number)*256u + (uint32_t)(sub))

enum call_id call_find(uint64_t number, uint64_t sub)
{
    if (number > MSR_WRITE || sub > 255) {
        return CALL_UNKNOWN;
    }
    switch (KEY(number, sub)) {
#define CALL(name, number, sub, place, arguments, direction, object, permission, residue)          \
    case KEY(number, sub):                                                                         \
        return CALL_##name;
        CALLS(CALL, CALL)
#undef CALL
    default: /* a guest's number, not an enum */
        return CALL_UNKNOWN;
    }
}

const char *call_name(enum call_id id)
{
    switch (id) {
#define CALL(name, number, sub, place, arguments, direction, object, permission, residue)          \
    case CALL_##name:                                                                              \
        return #name;
        CALLS(CALL, CALL)
#undef CALL
    case CALL_UNKNOWN:
        break;
    }
    return "unknown";
}

/* A dying domain is absent, but to those who end it or watch it end. */
static bool sees_dying(enum call_id id)
{
    return id == CALL_domctl_destroy || id == CALL_domctl_getdomaininfo;
}

domain_id request_domain(const struct request *request, uint16_t domid)
{
    if (domid == DOMID_SELF) {
        return request->caller;
    }
    if (domid >= MAX_DOMAINS || domains[domid].state == DOMAIN_FREE) {
        return DOMAIN_NONE;
    }
    if (domains[domid].state == DOMAIN_DYING && !sees_dying(request->id)) {
        return DOMAIN_NONE;
    }
    return domid;
}

label_id request_object(const struct request *request, domain_id domain)
{
    if (domain == DOMAIN_NONE) {
        return LABEL_UNLABELED;
    }
    return domain == request->caller ? request->self_label : domains[domain].label;
}

void demand_add(struct demands *demands, const struct request *request, label_id object,
                domain_id object_domain, enum permission permission)
{
    struct demand *demand = &demands->list[demands->count];

    demands->count++;
    demand->subject = request->label;
    demand->object = object;
    demand->permission = permission;
    demand->object_domain = object_domain;
    demand->optional = false;
}

bool request_read(const struct request *request, uint64_t address, void *to, uint32_t bytes)
{
    return machine_guest_read(request->caller, request->vcpu, address, to, bytes);
}

bool request_write(const struct request *request, uint64_t address, const void *from,
                   uint32_t bytes)
{
    struct guest_place place;

    if (!machine_guest_place(request->caller, request->vcpu, address, bytes, &place)) {
        return false;
    }
    machine_place_write(&place, from, bytes);
    return true;
}
