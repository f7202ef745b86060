/* SPDX-License-Identifier: Apache-2.0 */
/* Fills a decision table, rule-driven: count and list which labels bear each type or attribute;
 * then, row by row, expand the rules of the subject's type and attributes, and the conditional
 * ones, over the labels that their targets name; then, column by column, constraints and role allow
 * take away. In bounded pieces. */
#include "xsm/te.h"

#define MEMBERS_MAX 32768u
#define BUDGET 4096u /* of one step; a rule costs 1 and one more for each label it names */
#define PER_STEP 32u /* labels listed, or columns finished */

enum stage { COUNT, LIST, ROW, RULES, CONDITIONALS, COLUMNS, DONE };

struct cell {
    uint32_t allowed, audit_allow, audit_deny;
};

struct builder {
    struct state *state;
    const struct policy *policy;
    enum stage stage;
    uint32_t label;  /* next to count or list; then the row */
    uint32_t bearer; /* bit of the subject's type or attribute whose rules are under way */
    uint32_t rule;   /* next, by index */
    uint32_t conditional, conditional_rule; /* next, and within it */
    uint32_t column, members, spent;
    bool touched[LABELS_MAX];
    struct cell cell[LABELS_MAX][CLASS_COUNT]; /* of the row */
    uint16_t first[TYPES_MAX + 1];             /* place in `member` of each value's first label */
    uint16_t member[MEMBERS_MAX];
};

static struct builder builder;

void build_begin(struct state *state) {
    struct builder *b = &builder;

    table_clear(&state->table);
    b->state = state;
    b->policy = state->policy;
    b->stage = COUNT;
    b->label = 1;
    b->members = 0;
    for (uint32_t i = 0; i <= TYPES_MAX; i++) b->first[i] = 0;
}

/* The type (as bit) or attribute of a label's type, from a bit on; the type itself comes in its
 * place whether or not the image lists it. */
static uint32_t next_borne(const struct builder *b, uint32_t label, uint32_t from) {
    uint32_t own = b->state->label[label].context.type - 1u;
    uint32_t next = bitmap_next(b->policy, b->policy->attributes_at[own], from);

    return from <= own && own < next ? own : next;
}

static bool has_row(const struct builder *b, uint32_t label) {
    return b->state->label[label].live && b->state->label[label].context.type != 0;
}

/* Counting sort, a label at a time: first how many labels bear each value, then which. */
static enum policy_check list_label(struct builder *b, uint32_t label) {
    for (uint32_t bit = next_borne(b, label, 0); bit < TYPES_MAX;
         bit = next_borne(b, label, bit + 1)) {
        if (b->stage == LIST && b->first[bit] > 0) b->member[--b->first[bit]] = (uint16_t)label;
        if (b->stage == LIST) continue;
        if (b->members >= MEMBERS_MAX) return CHECK_MEMBER_ROOM;
        b->first[bit]++;
        b->members++;
    }
    return CHECK_PASSED;
}

static enum policy_check list_labels(struct builder *b) {
    uint32_t end = b->label + PER_STEP < LABELS_MAX ? b->label + PER_STEP : LABELS_MAX;

    for (; b->label < end; b->label++) {
        enum policy_check check = has_row(b, b->label) ? list_label(b, b->label) : CHECK_PASSED;
        if (check != CHECK_PASSED) return check;
    }
    if (end < LABELS_MAX) return CHECK_PASSED;
    /* Counts become the place behind each value's last member; listing counts down from there. */
    for (uint32_t i = 1; b->stage == COUNT && i <= TYPES_MAX; i++)
        b->first[i] = (uint16_t)(b->first[i] + b->first[i - 1]);
    b->label = 1;
    b->stage++;
    return CHECK_PASSED;
}

static void go_to_bearer(struct builder *b, uint32_t from) {
    b->bearer = next_borne(b, b->label, from);
    b->rule = rules_lower_bound(b->policy, rule_key(b->bearer + 1, 0, 0, 0));
}

/* Prepares the row of the next live label. */
static void start_row(struct builder *b) {
    while (b->label < LABELS_MAX && !has_row(b, b->label)) b->label++;
    if (b->label >= LABELS_MAX) {
        b->stage = DONE;
        return;
    }
    for (uint32_t i = 0; i < LABELS_MAX; i++) b->touched[i] = false;
    go_to_bearer(b, 0);
    b->conditional = 0;
    b->conditional_rule = 0;
    b->column = 1;
    b->stage = RULES;
}

static void apply_to(struct builder *b, uint32_t object, uint32_t class, uint32_t kind,
                     uint32_t bits) {
    struct cell *row = b->cell[object];

    for (uint32_t i = 0; i < CLASS_COUNT && !b->touched[object]; i++)
        row[i] = (struct cell){0, 0, UINT32_MAX};
    b->touched[object] = true;
    if (kind == RULE_ALLOW) row[class].allowed |= bits;
    if (kind == RULE_AUDIT_ALLOW) row[class].audit_allow |= bits;
    if (kind == RULE_AUDIT_DENY) row[class].audit_deny &= ~bits;
}

/* Expands a rule, whose source the row bears, over the labels that bear its target. */
static void apply(struct builder *b, struct rule rule) {
    b->spent++;
    if (rule.kind >= RULE_TRANSITION || rule.class - 1u >= POLICY_CLASSES_MAX) return;
    uint32_t class = b->policy->class[rule.class - 1].ours;
    if (class >= CLASS_COUNT || rule.target - 1u >= TYPES_MAX) return;
    uint32_t end = b->first[rule.target];
    uint32_t named = rule.kind == RULE_AUDIT_DENY ? ~rule.datum : rule.datum;
    uint32_t bits = permissions_to_ours(b->policy, rule.class, named);

    for (uint32_t i = b->first[rule.target - 1]; i < end; i++, b->spent++)
        apply_to(b, b->member[i], class, rule.kind, bits);
}

static void expand_rules(struct builder *b) {
    while (b->spent < BUDGET && b->bearer < TYPES_MAX) {
        struct rule rule = {.source = 0};
        if (b->rule < b->policy->rules.count) rule = rule_number(b->policy, b->rule);
        if (rule.source == b->bearer + 1) {
            apply(b, rule);
            b->rule++;
        } else {
            go_to_bearer(b, b->bearer + 1);
            b->spent++;
        }
    }
    if (b->bearer >= TYPES_MAX) b->stage = CONDITIONALS;
}

static void expand_conditionals(struct builder *b) {
    for (; b->spent < BUDGET && b->conditional < b->policy->conditionals.count; b->spent += 8) {
        const struct conditional *here = &b->policy->conditional[b->conditional];
        struct list rules = here->rules[b->state->holds[b->conditional] ? 0 : 1];
        if (b->conditional_rule < rules.count) {
            struct rule rule = rule_at(b->policy, rules.at + b->conditional_rule * RULE_BYTES);
            if (next_borne(b, b->label, rule.source - 1u) == rule.source - 1u) apply(b, rule);
            b->conditional_rule++;
        } else {
            b->conditional_rule = 0;
            b->conditional++;
        }
    }
    if (b->conditional >= b->policy->conditionals.count) b->stage = COLUMNS;
}

static bool role_allowed(const struct policy *policy, uint32_t from, uint32_t to) {
    for (uint32_t i = 0; i < policy->role_allows.count; i++) {
        uint32_t at = policy->role_allows.at + i * 8;
        if (image_u32(policy, at) == from && image_u32(policy, at + 4) == to) return true;
    }
    return false;
}

/* What is left of what rules allow: constraints, then role allow for a transition of roles. */
static uint32_t restrict_allowed(const struct builder *b, uint32_t object, uint32_t class,
                                 uint32_t allowed) {
    struct context source = b->state->label[b->label].context;
    struct context target = b->state->label[object].context;
    uint32_t transition = 1u << permission_bit(PERMISSION_domain_transition);

    if (allowed == 0) return 0;
    allowed =
        constraints_apply(b->policy, b->policy->class_of_ours[class], source, target, allowed);
    if (class == CLASS_domain && (allowed & transition) != 0 && source.role != target.role &&
        !role_allowed(b->policy, source.role, target.role))
        allowed &= ~transition;
    return allowed;
}

/* Spreads 32 bits to the even bits of 64. */
static uint64_t spread_bits(uint32_t bits) {
    uint64_t spread = bits;

    spread = (spread | spread << 16) & UINT64_C(0x0000ffff0000ffff);
    spread = (spread | spread << 8) & UINT64_C(0x00ff00ff00ff00ff);
    spread = (spread | spread << 4) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    spread = (spread | spread << 2) & UINT64_C(0x3333333333333333);
    return (spread | spread << 1) & UINT64_C(0x5555555555555555);
}

/* Vector of one pair of the row. */
static uint32_t finish_pair(struct builder *b, uint32_t object) {
    uint64_t word[CLASS_COUNT];

    if (!b->touched[object]) return VECTOR_DENIED;
    for (uint32_t class = 0; class < CLASS_COUNT; class ++) {
        struct cell cell = b->cell[object][class];
        uint32_t allowed = restrict_allowed(b, object, class, cell.allowed);
        uint32_t record = (allowed & cell.audit_allow) | (~allowed & cell.audit_deny);
        word[class] = spread_bits(allowed) * XSM_GRANTED | spread_bits(record) * XSM_RECORD;
    }
    return table_vector(&b->state->table, word);
}

static enum policy_check finish_columns(struct builder *b) {
    uint32_t end = b->column + PER_STEP < LABELS_MAX ? b->column + PER_STEP : LABELS_MAX;

    for (; b->column < end; b->column++) {
        if (!has_row(b, b->column)) continue;
        uint32_t vector = finish_pair(b, b->column);
        if (vector >= WORDS_MAX) return CHECK_VECTOR_ROOM;
        b->state->table.vector[b->label][b->column] = (uint16_t)vector;
    }
    if (end == LABELS_MAX) {
        b->label++;
        b->stage = ROW;
    }
    return CHECK_PASSED;
}

enum policy_check build_step(bool *done) {
    struct builder *b = &builder;
    enum policy_check check = CHECK_PASSED;

    b->spent = 0;
    switch (b->stage) {
    case COUNT:
    case LIST: check = list_labels(b); break;
    case ROW: start_row(b); break;
    case RULES: expand_rules(b); break;
    case CONDITIONALS: expand_conditionals(b); break;
    case COLUMNS: check = finish_columns(b); break;
    case DONE: break;
    }
    *done = check == CHECK_PASSED && b->stage == DONE;
    return check;
}
