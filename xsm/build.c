/* SPDX-License-Identifier: Apache-2.0 */
/* The course of a build: count and list which labels bear each type or attribute; then row by row
 * the rules, the conditional rules, and the columns. */
#include "xsm/build.h"

#include "xsm/bitmap.h"
#include "xsm/closure.h"
#include "xsm/constraints.h"
#include "xsm/rules.h"
#include "xsm/table.h"

#define MEMBERS_MAX 32768u
#define BUDGET 4096u /* of one step; a rule costs 1 and one more for each label it names */
#define LABELS_PER_STEP 32u
#define COLUMNS_PER_STEP 32u

enum stage {
    STAGE_COUNT,
    STAGE_LIST,
    STAGE_ROW,
    STAGE_RULES,
    STAGE_CONDITIONALS,
    STAGE_COLUMNS,
    STAGE_DONE
};

struct cell {
    uint32_t allowed;
    uint32_t audit_allow;
    uint32_t audit_deny;
};

struct builder {
    uint32_t slot;
    uint32_t side;
    enum stage stage;
    uint32_t label;       /* next to count or list; then the row */
    uint32_t bearer;      /* bit of the subject's type or attribute whose rules are under way */
    uint32_t rule;        /* next, by index */
    uint32_t conditional; /* next, and within it */
    uint32_t conditional_rule;
    uint32_t column;
    uint32_t spent;
    uint32_t members;
    bool marked[LABELS_MAX];
    bool touched[LABELS_MAX];
    struct cell cell[LABELS_MAX][CLASS_COUNT]; /* of the row */
    bool bears[TYPES_MAX];                     /* the row's type and attributes */
    uint16_t first[TYPES_MAX + 1];             /* place in `member` of each value's first label */
    uint16_t member[MEMBERS_MAX];
};

static struct builder builders[BUILDERS];

static void begin(uint32_t b, uint32_t slot, uint32_t side, bool whole) {
    builders[b].slot = slot;
    builders[b].side = side;
    builders[b].stage = STAGE_COUNT;
    builders[b].label = 1;
    builders[b].members = 0;
    for (uint32_t i = 0; i < LABELS_MAX; i++) builders[b].marked[i] = whole;
    for (uint32_t i = 0; i <= TYPES_MAX; i++) builders[b].first[i] = 0;
}

void build_begin(uint32_t builder, uint32_t slot, uint32_t side) {
    table_clear(side);
    begin(builder, slot, side, true);
}

void build_begin_marked(uint32_t builder, uint32_t slot, uint32_t side) {
    begin(builder, slot, side, false);
}

void build_mark(uint32_t builder, label_id label) { builders[builder].marked[label] = true; }

/* The type (as bit) or attribute after `from` that a type bears; the type itself comes in its place
 * whether or not the image lists it. */
static uint32_t next_borne(uint32_t slot, uint32_t type, uint32_t from) {
    uint32_t own = type - 1;
    uint32_t next = bitmap_next(slot, policy_index[slot].attributes_at[own], from);

    return from <= own && own < next ? own : next;
}

static uint32_t type_of(uint32_t b, uint32_t label) {
    return label_sets[builders[b].side].label[label].context.type;
}

static bool is_live(uint32_t b, uint32_t label) {
    return label_sets[builders[b].side].label[label].live && type_of(b, label) != 0 &&
           type_of(b, label) <= TYPES_MAX;
}

/* Counting sort, first half: how many labels bear each value. */
static enum policy_check count_label(uint32_t b, uint32_t label) {
    for (uint32_t bit = next_borne(builders[b].slot, type_of(b, label), 0); bit < TYPES_MAX;
         bit = next_borne(builders[b].slot, type_of(b, label), bit + 1)) {
        if (builders[b].members >= MEMBERS_MAX) return CHECK_MEMBER_ROOM;
        builders[b].first[bit]++;
        builders[b].members++;
    }
    return CHECK_PASSED;
}

/* Turns counts into the place behind each value's last member; listing counts down from there to
 * the first. */
static void sum_counts(uint32_t b) {
    for (uint32_t i = 1; i <= TYPES_MAX; i++)
        builders[b].first[i] = (uint16_t)(builders[b].first[i] + builders[b].first[i - 1]);
}

static void list_label(uint32_t b, uint32_t label) {
    for (uint32_t bit = next_borne(builders[b].slot, type_of(b, label), 0); bit < TYPES_MAX;
         bit = next_borne(builders[b].slot, type_of(b, label), bit + 1)) {
        uint32_t place = builders[b].first[bit];
        if (place == 0 || place > MEMBERS_MAX) return;
        builders[b].member[place - 1] = (uint16_t)label;
        builders[b].first[bit] = (uint16_t)(place - 1);
    }
}

static enum policy_check count_labels(uint32_t b) {
    enum policy_check check = CHECK_PASSED;

    for (uint32_t i = 0; i < LABELS_PER_STEP && check == CHECK_PASSED; i++) {
        if (builders[b].label >= LABELS_MAX) {
            sum_counts(b);
            builders[b].label = 1;
            builders[b].stage = STAGE_LIST;
            return CHECK_PASSED;
        }
        if (is_live(b, builders[b].label)) check = count_label(b, builders[b].label);
        builders[b].label++;
    }
    return check;
}

static void list_labels(uint32_t b) {
    for (uint32_t i = 0; i < LABELS_PER_STEP; i++) {
        if (builders[b].label >= LABELS_MAX) {
            builders[b].label = 1;
            builders[b].stage = STAGE_ROW;
            return;
        }
        if (is_live(b, builders[b].label)) list_label(b, builders[b].label);
        builders[b].label++;
    }
}

/* Prepares the row of the next live label. */
static void start_row(uint32_t b) {
    if (builders[b].label >= LABELS_MAX) {
        builders[b].stage = STAGE_DONE;
        return;
    }
    if (!is_live(b, builders[b].label)) {
        builders[b].label++;
        return;
    }
    uint32_t type = type_of(b, builders[b].label);
    for (uint32_t i = 0; i < LABELS_MAX; i++) builders[b].touched[i] = false;
    for (uint32_t i = 0; i < TYPES_MAX; i++) builders[b].bears[i] = false;
    for (uint32_t bit = next_borne(builders[b].slot, type, 0); bit < TYPES_MAX;
         bit = next_borne(builders[b].slot, type, bit + 1))
        builders[b].bears[bit] = true;
    builders[b].bearer = next_borne(builders[b].slot, type, 0);
    builders[b].rule = rules_first_of(builders[b].slot, builders[b].bearer + 1);
    builders[b].conditional = 0;
    builders[b].conditional_rule = 0;
    builders[b].column = 1;
    builders[b].stage = STAGE_RULES;
}

/* Is this pair of the row to be made? */
static bool is_due(uint32_t b, uint32_t object) {
    return builders[b].marked[builders[b].label] || builders[b].marked[object];
}

static void touch(uint32_t b, uint32_t object) {
    if (builders[b].touched[object]) return;
    builders[b].touched[object] = true;
    for (uint32_t i = 0; i < CLASS_COUNT; i++) {
        builders[b].cell[object][i].allowed = 0;
        builders[b].cell[object][i].audit_allow = 0;
        builders[b].cell[object][i].audit_deny = UINT32_MAX;
    }
}

static void apply_to(uint32_t b, uint32_t object, uint32_t class, uint16_t kind, uint32_t bits) {
    touch(b, object);
    switch (kind) {
    case RULE_ALLOW: builders[b].cell[object][class].allowed |= bits; break;
    case RULE_AUDIT_ALLOW: builders[b].cell[object][class].audit_allow |= bits; break;
    case RULE_AUDIT_DENY: builders[b].cell[object][class].audit_deny &= ~bits; break;
    }
}

/* Expands a rule, whose source the row bears, over the labels that bear its target. */
static void apply(uint32_t b, struct rule rule) {
    uint32_t slot = builders[b].slot;

    builders[b].spent++;
    if (rule.class == 0 || rule.class > POLICY_CLASSES_MAX || rule.target == 0 ||
        rule.target > TYPES_MAX || rule_is_of_types(rule))
        return;
    uint32_t class = policy_index[slot].class[rule.class - 1].ours;
    uint32_t first = builders[b].first[rule.target - 1];
    uint32_t end = builders[b].first[rule.target];
    if (class >= CLASS_COUNT || first >= end || end > MEMBERS_MAX) return;

    uint32_t named = rule.kind == RULE_AUDIT_DENY ? ~rule.datum : rule.datum;
    uint32_t bits = permissions_to_ours(slot, rule.class - 1u, named);
    for (uint32_t i = first; i < end; i++) {
        uint32_t object = builders[b].member[i];
        if (object < LABELS_MAX && is_due(b, object)) apply_to(b, object, class, rule.kind, bits);
    }
    builders[b].spent += end - first;
}

static void expand_rules(uint32_t b) {
    uint32_t slot = builders[b].slot;
    uint32_t type = type_of(b, builders[b].label);

    while (builders[b].spent < BUDGET) {
        struct rule rule = {0, 0, 0, 0, 0};
        if (builders[b].bearer >= TYPES_MAX) {
            builders[b].stage = STAGE_CONDITIONALS;
            return;
        }
        if (builders[b].rule < policy_index[slot].rules) rule = rule_number(slot, builders[b].rule);
        if (rule.source == builders[b].bearer + 1) {
            apply(b, rule);
            builders[b].rule++;
        } else {
            builders[b].bearer = next_borne(slot, type, builders[b].bearer + 1);
            builders[b].rule = rules_first_of(slot, builders[b].bearer + 1);
            builders[b].spent++;
        }
    }
}

static void expand_conditionals(uint32_t b) {
    uint32_t slot = builders[b].slot;

    while (builders[b].spent < BUDGET) {
        uint32_t number = builders[b].conditional;
        if (number >= policy_index[slot].conditionals || number >= CONDITIONALS_MAX) {
            builders[b].stage = STAGE_COLUMNS;
            return;
        }
        const struct policy_conditional *here = &policy_index[slot].conditional[number];
        bool holds = condition_states[builders[b].side].holds[number];
        uint32_t at = holds ? here->when_true_at : here->when_false_at;
        if (builders[b].conditional_rule < (holds ? here->when_true : here->when_false)) {
            struct rule rule = rule_at(slot, at + builders[b].conditional_rule * RULE_BYTES);
            if (rule.source != 0 && rule.source <= TYPES_MAX && builders[b].bears[rule.source - 1])
                apply(b, rule);
            builders[b].conditional_rule++;
        } else {
            builders[b].conditional_rule = 0;
            builders[b].conditional++;
        }
        builders[b].spent++;
    }
}

/* What is left of what rules allow: constraints, then role allow for a transition of roles. */
static uint32_t restrict_allowed(uint32_t b, uint32_t object, uint32_t class, uint32_t allowed) {
    uint32_t slot = builders[b].slot;
    uint32_t theirs = policy_index[slot].class_of_ours[class];
    struct context source = label_sets[builders[b].side].label[builders[b].label].context;
    struct context target = label_sets[builders[b].side].label[object].context;
    uint32_t transition = 1u << permission_bit(PERMISSION_domain_transition);

    if (allowed == 0 || theirs == 0) return 0;
    allowed = constraints_apply(slot, theirs - 1, source, target, allowed);
    if (class == CLASS_domain && (allowed & transition) != 0 && source.role != target.role &&
        !role_allowed(slot, source.role, target.role))
        allowed &= ~transition;
    return allowed;
}

static uint64_t answers(struct cell cell, uint32_t allowed) {
    uint32_t record = (allowed & cell.audit_allow) | (~allowed & cell.audit_deny);

    return spread_bits(allowed) * XSM_GRANTED | spread_bits(record) * XSM_RECORD;
}

/* Vector of one pair of the row. */
static uint32_t finish_pair(uint32_t b, uint32_t object) {
    struct vector vector;

    if (!builders[b].touched[object]) return VECTOR_DENIED;
    for (uint32_t class = 0; class < CLASS_COUNT; class ++) {
        struct cell cell = builders[b].cell[object][class];
        vector.word[class] = answers(cell, restrict_allowed(b, object, class, cell.allowed));
    }
    return table_vector(builders[b].side, &vector);
}

static enum policy_check finish_columns(uint32_t b) {
    for (uint32_t i = 0; i < COLUMNS_PER_STEP; i++) {
        uint32_t object = builders[b].column;
        if (object >= LABELS_MAX) {
            builders[b].label++;
            builders[b].stage = STAGE_ROW;
            return CHECK_PASSED;
        }
        if (is_live(b, object) && is_due(b, object)) {
            uint32_t vector = finish_pair(b, object);
            if (vector >= VECTORS_MAX) return CHECK_VECTOR_ROOM;
            table_set(builders[b].side, (label_id)builders[b].label, (label_id)object, vector);
        }
        builders[b].column++;
    }
    return CHECK_PASSED;
}

enum policy_check build_step(uint32_t builder, bool *done) {
    enum policy_check check = CHECK_PASSED;

    builders[builder].spent = 0;
    switch (builders[builder].stage) {
    case STAGE_COUNT: check = count_labels(builder); break;
    case STAGE_LIST: list_labels(builder); break;
    case STAGE_ROW: start_row(builder); break;
    case STAGE_RULES: expand_rules(builder); break;
    case STAGE_CONDITIONALS: expand_conditionals(builder); break;
    case STAGE_COLUMNS: check = finish_columns(builder); break;
    case STAGE_DONE: break;
    }
    *done = check == CHECK_PASSED && builders[builder].stage == STAGE_DONE;
    return check;
}
