/* SPDX-License-Identifier: Apache-2.0 */
/* Every reason for which a policy is refused, as one list: the sentence is what the operator reads,
 * and the tests walk the list so that no check stands untested. */
#ifndef CORDON_XSM_POLICY_CHECK_H
#define CORDON_XSM_POLICY_CHECK_H

/* clang-format off */
#define POLICY_CHECKS(CHECK) \
    CHECK(PASSED, "passed") \
    CHECK(TRUNCATED, "the image ends inside an item") \
    CHECK(MAGIC, "this is not a policy image") \
    CHECK(TARGET, "the target is not XenFlask") \
    CHECK(VERSION, "the policydb version is not 30") \
    CHECK(MLS, "multi-level security is not supported") \
    CHECK(ALLOW_UNKNOWN, "the policy asks to allow what it does not know") \
    CHECK(CONFIG, "a configuration bit is unknown") \
    CHECK(SECTIONS, "the number of symbol tables or object contexts is wrong") \
    CHECK(BITMAP, "a bitmap is not in canonical form") \
    CHECK(BITMAP_RANGE, "a bitmap holds a value that is not defined") \
    CHECK(PERMISSIVE, "a type is permissive") \
    CHECK(COUNT, "a table holds more than there is room for") \
    CHECK(NAME, "a name is empty, too long, or holds a byte that is not allowed") \
    CHECK(DUPLICATE_NAME, "a name is defined twice") \
    CHECK(COMMON, "common permissions are not supported") \
    CHECK(VALUE, "a value is out of range or defined twice") \
    CHECK(HOLES, "the values of a table are not consecutive") \
    CHECK(OBJECT_ROLE, "role 1 is not object_r") \
    CHECK(BOUNDS, "a role, type or user is bounded") \
    CHECK(DEFAULTS, "a class has default object rules") \
    CHECK(VALIDATE_TRANSITION, "a class has validatetrans rules") \
    CHECK(CONSTRAINT, "a constraint expression is malformed") \
    CHECK(TYPE_KIND, "a type symbol is of an unknown kind, or an alias of no type") \
    CHECK(NOT_A_TYPE, "an attribute stands where a type must") \
    CHECK(STATE, "the state of a boolean is neither 0 nor 1") \
    CHECK(RULE_KIND, "a rule is of an unknown or forbidden kind") \
    CHECK(RULE_REFERENCE, "a rule names a type or class that is not defined") \
    CHECK(RULE_PERMISSION, "a rule or constraint names a permission that its class lacks") \
    CHECK(RULE_DUPLICATE, "two rules have the same key") \
    CHECK(UNKNOWN_CLASS, "a rule or constraint uses a class that the hypervisor lacks") \
    CHECK(UNKNOWN_PERMISSION, "a rule or constraint uses a permission that the hypervisor lacks") \
    CHECK(LACKING, "the policy lacks a permission and asks to be refused for that") \
    CHECK(CONDITION, "a conditional expression is malformed") \
    CHECK(CONDITIONAL_CONFLICT, "a conditional type rule has the key of another type rule") \
    CHECK(ROLE_RULE, "a role rule names a role, type or class that it may not") \
    CHECK(FILENAME_TRANSITION, "filename transitions are not supported") \
    CHECK(INITIAL_SID, "the initial SIDs are not exactly 1 to 13") \
    CHECK(CONTEXT, "a security context is not valid") \
    CHECK(OBJECT_CONTEXT, "device, port and memory contexts are not supported yet") \
    CHECK(GENFS, "genfs contexts are not supported") \
    CHECK(RANGE_TRANSITION, "range transitions are not supported") \
    CHECK(ATTRIBUTE_MAP, "the attributes of a type hold another type") \
    CHECK(TRAILING, "bytes follow the end of the policy") \
    CHECK(AUTHOR_VERSION, "policy_version_N must be one type with a plain number") \
    CHECK(LIVE_LABEL, "a label in use would not be valid") \
    CHECK(LABEL_ROOM, "the labels and those derived from them are too many") \
    CHECK(MEMBER_ROOM, "the attributes of the labels in use are too many") \
    CHECK(VECTOR_ROOM, "the decisions differ in more ways than there is room for")

enum policy_check {
#define CHECK(name, sentence) CHECK_##name,
    POLICY_CHECKS(CHECK)
#undef CHECK
    CHECK_COUNT_OF
};
/* clang-format on */

/*@ requires check < CHECK_COUNT_OF;
    terminates \true;
    assigns \result \from check; */
/* The sentence for the operator. */
const char *policy_check_sentence(enum policy_check check);

#endif
