/* SPDX-License-Identifier: Apache-2.0 */
/* Writes small policy images byte by byte, with every section in use, and keeps the offset of each
 * item that a test spoils. Included by the tests of the policy reader and of labels. */
#ifndef CORDON_TESTS_XSM_IMAGE_H
#define CORDON_TESTS_XSM_IMAGE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tests/host/xsm_changes.h"

/* What the image holds beyond the usual. */
struct wishes {
    uint32_t extra_types;      /* x000 ... of role system_r */
    uint32_t extra_attributes; /* each of which every extra type bears */
    uint32_t distinct_rules;   /* among the first extra types, each with its own permissions */
    bool extra_selves;         /* a self transition for each extra type */
    bool without_blue;         /* the type blue_t is missing */
    bool reversed;             /* types are numbered otherwise */
    bool other_permissions;    /* red_t may create, not pause */
    bool no_self;              /* red_t has no self transition */
    bool permissive;           /* a permissive type */
    bool flag;                 /* state of the boolean */
};

#define IMAGE_ROOM (1u << 20)
#define MARKS_MAX 96u

static struct image {
    uint8_t bytes[IMAGE_ROOM];
    uint32_t size;
    uint32_t marks;
    const char *mark[MARKS_MAX];
    uint32_t mark_at[MARKS_MAX];
} image;

static inline void mark(const char *name) {
    image.mark[image.marks] = name;
    image.mark_at[image.marks++] = image.size;
}

static inline uint32_t marked(const char *name) {
    for (uint32_t i = 0; i < image.marks; i++)
        if (strcmp(image.mark[i], name) == 0) return image.mark_at[i];
    printf("no mark %s\n", name);
    return UINT32_MAX;
}

static inline void put16(uint32_t value) {
    image.bytes[image.size++] = (uint8_t)value;
    image.bytes[image.size++] = (uint8_t)(value >> 8);
}

static inline void put32(uint32_t value) {
    put16(value);
    put16(value >> 16);
}

static inline void put64(uint64_t value) {
    put32((uint32_t)value);
    put32((uint32_t)(value >> 32));
}

static inline void put_name(const char *name) {
    memcpy(image.bytes + image.size, name, strlen(name));
    image.size += (uint32_t)strlen(name);
}

static inline void spoil32(const char *name, uint32_t add, uint32_t value) {
    uint32_t at = marked(name) + add;
    for (uint32_t i = 0; i < 4; i++) image.bytes[at + i] = (uint8_t)(value >> (8 * i));
}

static inline void spoil16(const char *name, uint32_t add, uint32_t value) {
    image.bytes[marked(name) + add] = (uint8_t)value;
    image.bytes[marked(name) + add + 1] = (uint8_t)(value >> 8);
}

/* Bitmap of the values from..to, both included; none if from > to. */
static inline void put_values(uint32_t from, uint32_t to) {
    uint32_t first = (from - 1) / 64;
    uint32_t last = (to - 1) / 64;
    put32(64);
    if (from > to) {
        put64(0);
        return;
    }
    put32((last + 1) * 64);
    put32(last - first + 1);
    for (uint32_t word = first; word <= last; word++) {
        uint64_t map = UINT64_MAX;
        if (word == first) map &= UINT64_MAX << (from - 1) % 64;
        if (word == last) map &= UINT64_MAX >> (63 - (to - 1) % 64);
        put32(word * 64);
        put64(map);
    }
}

static inline void put_range(void) {
    put32(1);
    put32(0);
    put_values(1, 0);
}

static inline void put_context(uint32_t user, uint32_t role, uint32_t type) {
    put32(user);
    put32(role);
    put32(type);
    put_range();
}

/* Values of the types. */
enum {
    A_DOMAIN = 1,
    T_XEN,
    T_DOM0,
    T_DOM0_SELF,
    T_RED,
    T_RED_SELF,
    T_BLUE,
    T_CHANNEL,
    T_VERSION,
    T_FIRST_EXTRA
};

static struct wishes wish;

/* Value that a type has in the image. */
static inline uint32_t number(uint32_t type) {
    if (wish.reversed && type > A_DOMAIN && type < T_FIRST_EXTRA)
        return T_FIRST_EXTRA + A_DOMAIN - type;
    return type;
}

/* names: permissions separated by spaces */
static inline void put_class(const char *name, uint32_t value, const char *names,
                             uint32_t constraints) {
    char copy[1024];
    uint32_t count = 0;
    for (const char *at = names; *at; at++) count += at == names || *at == ' ';
    put32((uint32_t)strlen(name));
    put32(0);
    put32(value);
    put32(count);
    put32(count);
    put32(constraints);
    put_name(name);
    strcpy(copy, names);
    uint32_t bit = 1;
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
        put32((uint32_t)strlen(word));
        put32(bit++);
        put_name(word);
    }
}

static inline void put_class_end(void) {
    for (uint32_t i = 0; i < 5; i++) put32(0);
}

/* Classes in the order domain 1, event 2, grant 3, xen 4, and 5, which the hypervisor lacks. */
static inline void put_classes(void) {
    mark("classes");
    put32(5);
    put32(5);
    mark("domain");
    put_class("domain", 1, "transition create pause unpause", 0);
    mark("domain end");
    put_class_end();
    mark("event");
    put_class("event", 2, "create send bind", 1);
    mark("constraint");
    put32(2); /* send */
    put32(4);
    put32(4), put32(1), put32(1); /* u1 == u2 */
    mark("constraint names");
    put32(5), put32(4), put32(2); /* t1 != { dom0_t } */
    put_values(number(T_DOM0), number(T_DOM0));
    put_values(number(T_DOM0), number(T_DOM0));
    put_values(1, 0);
    put32(0);
    mark("constraint or");
    put32(3), put32(0), put32(0);
    put32(1), put32(0), put32(0);
    put_class_end();
    put_class("grant", 3, "copy query", 0);
    put_class_end();
    put_class(
        "xen", 4,
        "settime tbufcontrol readconsole clearconsole perfcontrol mtrr_add mtrr_del mtrr_read "
        "microcode physinfo quirk writeconsole readapic",
        0);
    put_class_end();
    mark("strange");
    put_class("strange", 5, "thing", 0);
    put_class_end();
}

static inline uint32_t type_count(void) {
    return T_FIRST_EXTRA - 1 + wish.extra_types * (wish.extra_selves ? 2 : 1) +
           wish.extra_attributes;
}

static inline void put_role(const char *name, uint32_t value, uint32_t types) {
    put32((uint32_t)strlen(name));
    put32(value);
    put32(0);
    put_name(name);
    put_values(value, value);
    if (value > 1) mark(value == 2 ? "system_r types" : "other_r types");
    put_values(2, types);
}

static inline void put_roles(void) {
    mark("roles");
    put32(3);
    put32(3);
    mark("object_r");
    put_role("object_r", 1, 1);
    mark("system_r");
    put_role("system_r", 2, type_count() - wish.extra_attributes);
    put_role("other_r", 3, T_FIRST_EXTRA - 1);
}

static inline void put_type(const char *name, uint32_t value, uint32_t property) {
    put32((uint32_t)strlen(name));
    put32(value);
    put32(property);
    put32(0);
    put_name(name);
}

static inline void put_types(void) {
    char name[16];
    uint32_t value = T_FIRST_EXTRA;
    mark("types");
    put32(type_count());
    put32(type_count() + 1);
    mark("domain_type");
    put_type("domain_type", A_DOMAIN, 3);
    mark("xen_t");
    put_type("xen_t", number(T_XEN), 1);
    put_type("dom0_t", number(T_DOM0), 1);
    put_type("dom0_self", number(T_DOM0_SELF), 1);
    mark("red_t");
    put_type("red_t", number(T_RED), 1);
    put_type("red_self", number(T_RED_SELF), 1);
    mark("blue_t");
    put_type(wish.without_blue ? "grey_t" : "blue_t", number(T_BLUE), 1);
    put_type("channel_t", number(T_CHANNEL), 1);
    mark("version");
    put_type("policy_version_7", number(T_VERSION), 1);
    mark("alias");
    put_type("crimson_t", number(T_RED), 0);
    for (uint32_t i = 0; i < wish.extra_types; i++) {
        snprintf(name, sizeof name, "x%03u", i);
        put_type(name, value++, 1);
    }
    for (uint32_t i = 0; i < wish.extra_types && wish.extra_selves; i++) {
        snprintf(name, sizeof name, "s%03u", i);
        put_type(name, value++, 1);
    }
    for (uint32_t i = 0; i < wish.extra_attributes; i++) {
        snprintf(name, sizeof name, "a%03u", i);
        put_type(name, value++, 3);
    }
}

static inline void put_user(const char *name, uint32_t value) {
    put32((uint32_t)strlen(name));
    put32(value);
    put32(0);
    put_name(name);
    put_values(2, 3);
    put_range();
    put32(0);
    put_values(1, 0);
}

static inline void put_rule(uint32_t source, uint32_t target, uint32_t class, uint32_t kind,
                            uint32_t datum) {
    put16(source);
    put16(target);
    put16(class);
    put16(kind);
    put32(datum);
}

static inline void put_rules(void) {
    mark("rules");
    put32(8u - wish.no_self + wish.distinct_rules + (wish.extra_selves ? wish.extra_types : 0));
    mark("rule");
    put_rule(number(T_DOM0), A_DOMAIN, 1, 1, 2); /* create */
    mark("rule 2");
    put_rule(number(T_RED), number(T_RED), 1, 1, wish.other_permissions ? 2 : 4);
    put_rule(A_DOMAIN, number(T_CHANNEL), 2, 1, 3);
    put_rule(number(T_DOM0), A_DOMAIN, 1, 2, 2);
    put_rule(number(T_BLUE), A_DOMAIN, 1, 4, ~2u);
    mark("type rule");
    put_rule(number(T_DOM0), number(T_DOM0), 1, 0x10, number(T_DOM0_SELF));
    put_rule(number(T_RED), number(T_DOM0), 2, 0x10, number(T_CHANNEL));
    if (!wish.no_self) put_rule(number(T_RED), number(T_RED), 1, 0x10, number(T_RED_SELF));
    for (uint32_t i = 0; i < wish.extra_types && wish.extra_selves; i++)
        put_rule(T_FIRST_EXTRA + i, T_FIRST_EXTRA + i, 1, 0x10,
                 T_FIRST_EXTRA + wish.extra_types + i);
    for (uint32_t i = 0; i < wish.distinct_rules; i++)
        put_rule(T_FIRST_EXTRA + i / 64, T_FIRST_EXTRA + i % 64, 4, 1, i + 1);
}

static inline void put_conditionals(void) {
    mark("conditionals");
    put32(1);
    put32(1);
    mark("condition");
    put32(2);
    put32(1), put32(1); /* flag */
    put32(2), put32(0); /* not */
    put32(1);           /* when true: flag is off */
    put_rule(number(T_RED), number(T_BLUE), 3, 1, 1);
    put32(2);
    put_rule(number(T_RED), number(T_BLUE), 3, 0x8001, 2);
    mark("conditional type rule");
    put_rule(number(T_RED), number(T_BLUE), 2, 0x8010, number(T_CHANNEL));
}

static inline void put_sids(void) {
    mark("sids");
    put32(13);
    for (uint32_t sid = 1; sid <= 13; sid++) {
        if (sid == 1) mark("sid");
        put32(sid);
        put_context(1, 2, number(sid == LABEL_DOM0 || sid == LABEL_DOMU ? T_DOM0 : T_XEN));
    }
    mark("object contexts");
    for (uint32_t i = 0; i < 5; i++) put32(0);
}

static inline void put_attributes(void) {
    uint32_t attributes_from = type_count() - wish.extra_attributes + 1;
    for (uint32_t value = 1; value <= type_count(); value++) {
        if (value == number(T_DOM0) || value == number(T_RED) || value == number(T_BLUE)) {
            put32(64);
            put32(64);
            put32(1);
            put32(0);
            mark("attributes");
            put64(1u | UINT64_C(1) << (value - 1));
        } else if (value >= T_FIRST_EXTRA && value < T_FIRST_EXTRA + wish.extra_types) {
            put_values(attributes_from, type_count());
        } else {
            put_values(value, value);
        }
    }
}

static inline void write_image(struct wishes wishes) {
    wish = wishes;
    image.size = 0;
    image.marks = 0;
    put32(0xf97cff8c);
    mark("target");
    put32(8);
    put_name("XenFlask");
    mark("header");
    put32(30), put32(0), put32(8), put32(6);
    mark("capabilities");
    put_values(1, 0);
    put_values(1, wish.permissive ? 1 : 0);
    mark("commons");
    put32(0), put32(0);
    put_classes();
    put_roles();
    put_types();
    mark("users");
    put32(2), put32(2);
    mark("user");
    put_user("system_u", 1);
    put_user("other_u", 2);
    mark("booleans");
    put32(1), put32(1);
    mark("boolean");
    put32(1), put32(wish.flag), put32(4);
    put_name("flag");
    mark("sensitivities");
    put32(0), put32(0);
    put32(0), put32(0);
    put_rules();
    put_conditionals();
    mark("role transitions");
    put32(1);
    put32(2), put32(number(T_BLUE)), put32(3), put32(1);
    mark("role allows");
    put32(1);
    put32(2), put32(3);
    mark("filename transitions");
    put32(0);
    put_sids();
    mark("genfs");
    put32(0);
    mark("range transitions");
    put32(0);
    put_attributes();
}

static inline enum reason start_image(struct wishes wishes) {
    write_image(wishes);
    return xsm_start(image.bytes, image.size, "");
}

static inline enum reason load_image(void) { return load_whole(image.bytes, image.size); }

static inline label_id label_named(const char *context) {
    label_id label = LABEL_NONE;
    if (label_find_whole(context, strlen(context), LABEL_NONE, &label) != REASON_OK)
        return LABEL_NONE;
    return label;
}

#endif
