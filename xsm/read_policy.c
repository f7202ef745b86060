/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's course through an image: enter a phase, read its items, leave it, go on. */
#include "xsm/reader.h"

#define POLICY_MAGIC 0xf97cff8cu
#define TARGET_XENF 0x466e6558u /* "XenFlask" as two words */
#define TARGET_LASK 0x6b73616cu
#define POLICY_VERSION 30u
#define SYMBOL_TABLES 8u
#define OBJECT_CONTEXTS 6u
#define CONFIG_MLS 1u
#define CONFIG_REJECT_UNKNOWN 2u
#define CONFIG_ALLOW_UNKNOWN 4u
#define CAPABILITIES_MAX 64u
#define ROLE_RULES_MAX (16u * ROLES_MAX)
#define BUDGET 1024u /* of one step; the cheapest item, a rule, costs 2 */

void reader_begin(struct reader *reader, struct policy *policy, uint8_t *bytes, uint32_t size) {
    *reader = (struct reader){.policy = policy};
    *policy = (struct policy){.bytes = bytes, .size = size};
    for (uint32_t kind = 0; kind < SYMBOL_KINDS; kind++)
        policy->count[kind] = symbol_layout((enum symbol_kind)kind).maximum;
}

static void read_header(struct reader *reader) {
    take_exactly(reader, POLICY_MAGIC, CHECK_MAGIC);
    take_exactly(reader, 8, CHECK_TARGET);
    take_exactly(reader, TARGET_XENF, CHECK_TARGET);
    take_exactly(reader, TARGET_LASK, CHECK_TARGET);
    take_exactly(reader, POLICY_VERSION, CHECK_VERSION);
    uint32_t at = reader->at;
    uint32_t config = take_u32(reader);
    require(reader, (config & CONFIG_MLS) == 0, CHECK_MLS, at);
    require(reader, (config & CONFIG_ALLOW_UNKNOWN) == 0, CHECK_ALLOW_UNKNOWN, at);
    require(reader, (config & ~CONFIG_REJECT_UNKNOWN) == 0, CHECK_CONFIG, at);
    reader->policy->refuse_lacking = (config & CONFIG_REJECT_UNKNOWN) != 0;
    take_exactly(reader, SYMBOL_TABLES, CHECK_SECTIONS);
    take_exactly(reader, OBJECT_CONTEXTS, CHECK_SECTIONS);
    take_bitmap(reader, CAPABILITIES_MAX, CHECK_BITMAP_RANGE);
    take_bitmap(reader, 0, CHECK_PERMISSIVE);
    take_zeros(reader, 2, CHECK_COMMON);
    reader->symbols = reader->at;
}

static struct list enter_symbols(struct reader *reader, enum symbol_kind kind) {
    struct symbol_layout layout = symbol_layout(kind);
    uint32_t highest = take_u32(reader);
    struct list table = take_list(reader, TYPE_SYMBOLS_MAX, 4 * layout.words);

    require(reader, highest <= layout.maximum, CHECK_COUNT, reader->head);
    require(reader, highest == table.count || (kind == SYMBOL_TYPE && highest < table.count),
            CHECK_HOLES, reader->head);
    if (is_good(reader)) reader->policy->count[kind] = highest;
    if (kind == SYMBOL_TYPE) {
        reader->policy->type_symbols = table;
        reader->policy->author_version = 0;
    }
    return table;
}

static void enter(struct reader *reader) {
    struct policy *policy = reader->policy;
    struct list list = {0, 0};

    reader->head = reader->at;
    switch (reader->phase) {
    case READ_HEADER: read_header(reader); break;
    case READ_CLASSES: list = enter_symbols(reader, SYMBOL_CLASS); break;
    case READ_ROLES: list = enter_symbols(reader, SYMBOL_ROLE); break;
    case READ_TYPES: list = enter_symbols(reader, SYMBOL_TYPE); break;
    case READ_USERS: list = enter_symbols(reader, SYMBOL_USER); break;
    case READ_BOOLEANS: list = enter_symbols(reader, SYMBOL_BOOLEAN); break;
    case READ_RULES:
        take_zeros(reader, 4, CHECK_MLS); /* sensitivities and categories */
        list = policy->rules = take_list(reader, UINT32_MAX, RULE_BYTES);
        break;
    case SORT_RULES: list.count = 1; break;
    case READ_CONDITIONALS:
        list = policy->conditionals = take_list(reader, CONDITIONALS_MAX, 16);
        break;
    case READ_ROLE_TRANSITIONS:
        list = policy->role_transitions = take_list(reader, ROLE_RULES_MAX, 16);
        break;
    case READ_ROLE_ALLOWS: list = policy->role_allows = take_list(reader, ROLE_RULES_MAX, 8); break;
    case READ_INITIAL_SIDS: /* 1 to 13, once each: as many as that, and none twice */
        take_exactly(reader, 0, CHECK_FILENAME_TRANSITION);
        take_exactly(reader, LABEL_INITIAL_COUNT - 1, CHECK_INITIAL_SID);
        list.count = LABEL_INITIAL_COUNT - 1;
        break;
    case READ_ATTRIBUTES:
        take_zeros(reader, OBJECT_CONTEXTS - 1, CHECK_OBJECT_CONTEXT);
        take_exactly(reader, 0, CHECK_GENFS);
        take_exactly(reader, 0, CHECK_RANGE_TRANSITION);
        list.count = policy->count[SYMBOL_TYPE];
        break;
    case READ_DONE: break;
    }
    reader->entered = true;
    reader->items = list.count;
    reader->item = 0;
}

static bool is_role(const struct policy *policy, uint32_t value) {
    return value != 0 && value <= policy->count[SYMBOL_ROLE];
}

/* {role, type, new role, class}. Xen ignores the class and libsepol does not: only the one on which
 * they agree is let in. */
static void read_role_transition(struct reader *reader) {
    const struct policy *policy = reader->policy;
    uint32_t at = reader->at;
    uint32_t word[4];

    take_words(reader, 4, word);
    require(reader, is_role(policy, word[0]) && is_role(policy, word[2]), CHECK_ROLE_RULE, at);
    require(reader, is_type(policy, word[1]), CHECK_ROLE_RULE, at);
    require(reader, word[3] != 0 && word[3] == policy->class_of_ours[CLASS_domain], CHECK_ROLE_RULE,
            at);
}

static void read_role_allow(struct reader *reader) {
    uint32_t at = reader->at;
    uint32_t word[2];

    take_words(reader, 2, word);
    require(reader, is_role(reader->policy, word[0]) && is_role(reader->policy, word[1]),
            CHECK_ROLE_RULE, at);
}

static void read_initial_sid(struct reader *reader) {
    struct context *initial = reader->policy->initial;
    uint32_t at = reader->at;
    uint32_t word[4]; /* SID, user, role, type */

    take_words(reader, 4, word);
    require(reader, word[0] != 0 && word[0] < LABEL_INITIAL_COUNT, CHECK_INITIAL_SID, at);
    require(reader, word[1] <= USERS_MAX && word[2] <= ROLES_MAX && word[3] <= TYPES_MAX,
            CHECK_CONTEXT, at + 4);
    take_range(reader);
    if (!is_good(reader)) return;
    struct context context = {(uint16_t)word[1], (uint16_t)word[2], (uint16_t)word[3]};
    require(reader, initial[word[0]].user == 0, CHECK_INITIAL_SID, at);
    require(reader, context_valid(reader->policy, context), CHECK_CONTEXT, at + 4);
    initial[word[0]] = context;
}

/* The attributes of one type, and often the type itself. */
static void read_attributes(struct reader *reader, uint32_t type) {
    struct policy *policy = reader->policy;
    uint32_t at = reader->at;

    take_bitmap(reader, policy->count[SYMBOL_TYPE], CHECK_BITMAP_RANGE);
    policy->attributes_at[type] = at;
    for (uint32_t bit = bitmap_next(policy, at, 0); bit < TYPES_MAX && is_good(reader);
         bit = bitmap_next(policy, at, bit + 1))
        require(reader, bit == type || !is_type(policy, bit + 1), CHECK_ATTRIBUTE_MAP, at);
}

static void read_item(struct reader *reader) {
    switch (reader->phase) {
    case READ_CLASSES:
    case READ_ROLES:
    case READ_TYPES:
    case READ_USERS:
    case READ_BOOLEANS:
        read_symbol(reader, (enum symbol_kind)(reader->phase - READ_CLASSES));
        break;
    case READ_RULES: read_rule(reader, false); break;
    case SORT_RULES:
        if (!sort_rules(reader)) return;
        break;
    case READ_CONDITIONALS:
        if (!read_conditional(reader)) return;
        break;
    case READ_ROLE_TRANSITIONS: read_role_transition(reader); break;
    case READ_ROLE_ALLOWS: read_role_allow(reader); break;
    case READ_INITIAL_SIDS: read_initial_sid(reader); break;
    case READ_ATTRIBUTES: read_attributes(reader, reader->item); break;
    case READ_HEADER:
    case READ_DONE: break;
    }
    reader->item++;
}

/* Does the image know every permission that the hypervisor asks about? */
static bool lacks_nothing(const struct policy *policy) {
    uint32_t known = 0;

    for (uint32_t class = 0; class < policy->count[SYMBOL_CLASS]; class ++)
        for (uint32_t bit = 0; bit < 32; bit++)
            if (policy->class[class].bit[bit] != NO_BIT) known++;
    return known == ORDINAL_COUNT;
}

/* Was each value defined? */
static bool types_are_complete(const struct policy *policy) {
    for (uint32_t value = 1; value <= policy->count[SYMBOL_TYPE]; value++)
        if (symbol_name(policy, SYMBOL_TYPE, value).length == 0) return false;
    return true;
}

/* What can be said of a table once all of it was read. */
static void leave(struct reader *reader) {
    static const uint8_t object_role[] = "object_r";
    const struct policy *policy = reader->policy;

    if (reader->phase == READ_CLASSES)
        require(reader, !policy->refuse_lacking || lacks_nothing(policy), CHECK_LACKING,
                reader->head);
    if (reader->phase == READ_ROLES)
        require(reader, symbol_find(policy, SYMBOL_ROLE, object_role, 8) == OBJECT_ROLE,
                CHECK_OBJECT_ROLE, reader->head);
    if (reader->phase == READ_TYPES)
        require(reader, types_are_complete(policy), CHECK_HOLES, reader->head);
    if (reader->phase == READ_ATTRIBUTES)
        require(reader, reader->at == policy->size, CHECK_TRAILING, reader->at);
    if (!is_good(reader)) return;
    reader->entered = false;
    if (reader->phase == READ_BOOLEANS && !reader->again) {
        reader->again = true;
        reader->at = reader->symbols;
        reader->phase = READ_CLASSES;
    } else {
        reader->phase++;
    }
}

/* Rough cost of an item, such that BUDGET of them is one bounded piece of work. */
static uint32_t cost(enum reader_phase phase) {
    switch (phase) {
    case READ_CLASSES: return BUDGET;
    case READ_ROLES:
    case READ_USERS:
    case READ_ATTRIBUTES: return BUDGET / 16;
    case READ_TYPES:
    case SORT_RULES: return BUDGET / 64;
    default: return 2;
    }
}

void reader_step(struct reader *reader) {
    for (uint32_t spent = 0; spent < BUDGET && is_good(reader); spent += cost(reader->phase)) {
        if (reader->phase == READ_DONE) return;
        if (!reader->entered)
            enter(reader);
        else if (reader->item < reader->items)
            read_item(reader);
        else
            leave(reader);
    }
}
