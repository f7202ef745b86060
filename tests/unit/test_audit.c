/* SPDX-License-Identifier: Apache-2.0 */
/* The audit trail: sequence numbers are used once, what a reader had never changes, losses are
 * counted, repeats are folded; and each kind's line, for every permission of the vocabulary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "audit/audit.h"

#define STEPS 200000u
#define SUBJECT "system_u:vm_r:tenant_t"
#define OBJECT "system_u:system_r:storage_t"

static uint64_t seed = 2685821657736338717ull;

static uint32_t any(uint32_t limit) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 11) % limit);
}

static struct audit_record denial(void) {
    return (struct audit_record){.time = 1234567890123ull,
                                 .subject = 20,
                                 .object = 30,
                                 .permission = PERMISSION_grant_map_read,
                                 .subject_domain = 3,
                                 .object_domain = 5,
                                 .kind = AUDIT_DECISION,
                                 .epoch = 1};
}

static int empty(void **state) {
    (void)state;
    audit_start();
    return 0;
}

/* --- ring ----------------------------------------------------------------------------------- */

static void test_empty(void **state) {
    struct audit_record record;

    (void)state;
    assert_int_equal(audit_oldest(), 0);
    assert_int_equal(audit_newest(), 0);
    assert_int_equal(audit_lost(), 0);
    assert_false(audit_read(0, &record));
    assert_false(audit_read(1, &record));
    assert_false(audit_read(UINT64_MAX, &record));
}

static void test_folding(void **state) {
    struct audit_record record = denial();
    struct audit_record out;

    (void)state;
    record.sequence = 99; /* set by the trail, whatever is passed */
    record.repeats = 99;
    audit_append(&record);
    record.time += 5;
    audit_append(&record);
    record.time += 5;
    audit_append(&record);
    assert_int_equal(audit_newest(), 1);
    assert_true(audit_read(1, &out));
    assert_int_equal(out.sequence, 1);
    assert_int_equal(out.repeats, 2);
    assert_int_equal(out.time, 1234567890123ull);
    assert_int_equal(out.last_time, 1234567890133ull);
    /* It was read: a further repeat is a record of its own. */
    audit_append(&record);
    assert_int_equal(audit_newest(), 2);
    assert_true(audit_read(1, &out));
    assert_int_equal(out.repeats, 2);
    assert_true(audit_read(2, &out));
    assert_int_equal(out.repeats, 0);
    assert_int_equal(out.last_time, out.time);
}

/* A record that differs in any one field but time and sequence is not folded. */
static void test_every_field_counts(void **state) {
    struct audit_record base = denial();

    (void)state;
    for (uint32_t field = 0; field < 10; field++) {
        struct audit_record other = base;

        other.subject += field == 0;
        other.object += field == 1;
        other.permission = field == 2 ? PERMISSION_grant_map_write : other.permission;
        other.subject_domain = field == 3 ? 4 : other.subject_domain;
        other.object_domain = field == 4 ? DOMAIN_NONE : other.object_domain;
        other.kind = field == 5 ? AUDIT_BOOT : other.kind;
        other.granted = field == 6 ? 1 : 0;
        other.epoch += field == 7;
        other.value0 += field == 8;
        other.value1 += field == 9;
        audit_append(&base);
        audit_append(&other);
        assert_int_equal(audit_newest(), 2 * field + 2);
    }
}

static void test_losses(void **state) {
    struct audit_record record = denial();
    struct audit_record out;

    (void)state;
    for (uint32_t count = 1; count <= 3 * AUDIT_RECORDS + 7; count++) {
        record.value0 = count;
        audit_append(&record);
        assert_int_equal(audit_newest(), count);
        assert_int_equal(audit_lost(), count > AUDIT_RECORDS ? count - AUDIT_RECORDS : 0);
        assert_int_equal(audit_oldest(), audit_lost() + 1);
    }
    assert_false(audit_read(audit_oldest() - 1, &out));
    assert_false(audit_read(audit_newest() + 1, &out));
    for (uint64_t sequence = audit_oldest(); sequence <= audit_newest(); sequence++) {
        assert_true(audit_read(sequence, &out));
        assert_int_equal(out.sequence, sequence);
        assert_int_equal(out.value0, sequence);
    }
}

/* Many subjects and a reader that comes now and then. Whatever it had stays as it was; every append
 * is in exactly one record, read or lost. */
static void test_random(void **state) {
    static struct audit_record had[STEPS + 1];
    struct audit_record out;
    uint64_t appended = 0;
    uint64_t told = 0; /* appends that the records read so far stand for */
    uint64_t next = 1;

    (void)state;
    for (uint32_t step = 0; step < STEPS; step++) {
        struct audit_record record = denial();
        uint64_t before = audit_newest();

        record.time += step;
        record.subject_domain = (uint16_t)any(3);
        record.value0 = any(2);
        audit_append(&record);
        appended++;
        assert_true(audit_newest() == before || audit_newest() == before + 1);
        if (any(1500) != 0 && audit_newest() - next < AUDIT_RECORDS - 1) continue;
        assert_true(next >= audit_oldest());
        for (; next <= audit_newest(); next++) {
            assert_true(audit_read(next, &had[next]));
            assert_int_equal(had[next].sequence, next);
            assert_true(had[next].last_time >= had[next].time);
            told += had[next].repeats + 1u;
        }
        assert_int_equal(told, appended);
        for (uint64_t sequence = audit_oldest(); sequence < next; sequence++) {
            assert_true(audit_read(sequence, &out));
            assert_memory_equal(&out, &had[sequence], sizeof out);
        }
    }
    assert_true(audit_lost() > 0);
}

/* --- lines ---------------------------------------------------------------------------------- */

static char text[AUDIT_LINE_MAX];

static void expect_line(const struct audit_record *record, const char *expected) {
    size_t length = audit_format(record, SUBJECT, OBJECT, text, sizeof text);

    assert_string_equal(text, expected);
    assert_int_equal(length, strlen(expected));
}

static void test_decision_lines(void **state) {
    struct audit_record record = denial();

    (void)state;
    record.sequence = 42;
    expect_line(&record, "type=AVC msg=audit(1234.567:42): avc:  denied  { map_read } for  pid=3 "
                         "comm=\"d3\" source=d3 target=d5 scontext=" SUBJECT " tcontext=" OBJECT
                         " tclass=grant permissive=0\n");
    record.granted = 1;
    record.object_domain = DOMAIN_NONE;
    record.repeats = UINT32_MAX;
    record.permission = PERMISSION_port_unmask;
    record.time = 5000000;
    record.sequence = UINT64_MAX;
    expect_line(&record,
                "type=AVC msg=audit(0.005:18446744073709551615): avc:  granted  { unmask } "
                "for  pid=3 comm=\"d3\" source=d3 scontext=" SUBJECT " tcontext=" OBJECT
                " tclass=port permissive=0 repeats=4294967295\n");
    record = denial();
    record.permission = PERMISSION_NONE;
    record.value0 = 55;
    expect_line(&record,
                "type=SELINUX_ERR msg=audit(1234.567:0): op=unknown_call pid=3 comm=\"d3\" "
                "source=d3 target=d5 scontext=" SUBJECT " tcontext=" OBJECT " call=55 detail=0\n");
}

static void test_other_lines(void **state) {
    static const char *const expected[] = {
        [AUDIT_BOOT] = "SYSTEM_BOOT|msg='op=boot epoch=7 res=success'\n",
        [AUDIT_POLICY_LOAD] = "MAC_POLICY_LOAD|op=load epoch=7 size=8 res=1\n",
        [AUDIT_POLICY_REFUSED] = "MAC_POLICY_LOAD|op=load offset=7 reason=8 res=0\n",
        [AUDIT_BOOLEANS] = "MAC_CONFIG_CHANGE|op=booleans epoch=7 values=8 res=1\n",
        [AUDIT_DOMAIN_CREATED] = "VIRT_CONTROL|msg='op=start vm=\"d5\" vm-ctx=" OBJECT
                                 " cause=7 detail=8 res=success'\n",
        [AUDIT_DOMAIN_ENDED] =
            "VIRT_CONTROL|msg='op=stop vm=\"d5\" vm-ctx=" OBJECT " cause=7 detail=8 res=success'\n",
    };

    (void)state;
    for (uint8_t kind = AUDIT_BOOT; kind <= AUDIT_DOMAIN_ENDED; kind++) {
        struct audit_record record = denial();
        const char *tail = strchr(expected[kind], '|') + 1;
        char line[AUDIT_LINE_MAX];

        record.kind = kind;
        record.value0 = 7;
        record.value1 = 8;
        snprintf(line, sizeof line,
                 "type=%.*s msg=audit(1234.567:0): pid=3 uid=0 auid=4294967295 ses=4294967295 "
                 "subj=" SUBJECT " %s",
                 (int)(tail - 1 - expected[kind]), expected[kind], tail);
        expect_line(&record, line);
    }
}

/* The whole vocabulary: names of permission and class, never a number. */
static void test_every_permission(void **state) {
    static const struct {
        const char *class;
        const char *name;
        enum permission permission;
    } all[] = {
#define CLASS(name)
#define PERM(class, name) {#class, #name, PERMISSION_##class##_##name},
        XSM_VOCABULARY(CLASS, PERM)
#undef CLASS
#undef PERM
    };
    char part[128];

    (void)state;
    for (size_t index = 0; index < sizeof all / sizeof all[0]; index++) {
        struct audit_record record = denial();

        record.permission = (uint16_t)all[index].permission;
        audit_format(&record, SUBJECT, OBJECT, text, sizeof text);
        snprintf(part, sizeof part, " denied  { %s } for ", all[index].name);
        assert_non_null(strstr(text, part));
        snprintf(part, sizeof part, " tclass=%s permissive=0\n", all[index].class);
        assert_non_null(strstr(text, part));
    }
}

/* Any value of any field gives one line that ends, in printable bytes. */
static void test_any_record_is_one_line(void **state) {
    static char context[256];

    (void)state;
    for (uint32_t round = 0; round < 3000; round++) {
        struct audit_record record;
        size_t length;

        for (size_t index = 0; index < sizeof record; index++)
            ((unsigned char *)&record)[index] = (unsigned char)any(256);
        record.kind = (uint8_t)any(10);
        for (size_t index = 0; index < sizeof context - 1; index++)
            context[index] = (char)(1 + any(255));
        length = audit_format(&record, context, context, text, sizeof text);
        assert_true(length < sizeof text - 1); /* nothing was cut */
        assert_int_equal(strlen(text), length);
        for (size_t index = 0; index < length - 1; index++)
            assert_true(text[index] >= ' ' && text[index] <= '~');
        assert_int_equal(text[length - 1], '\n');
    }
}

static void test_small_buffers(void **state) {
    struct audit_record record = denial();
    size_t whole = audit_format(&record, SUBJECT, OBJECT, text, sizeof text);

    (void)state;
    assert_int_equal(audit_format(&record, SUBJECT, OBJECT, text, 0), 0);
    assert_int_equal(audit_format(&record, SUBJECT, OBJECT, text, 1), 0);
    for (size_t size = 2; size < whole + 4; size++) {
        char small[AUDIT_LINE_MAX];
        size_t length;

        memset(small, '#', sizeof small);
        length = audit_format(&record, SUBJECT, OBJECT, small, size);
        assert_int_equal(length, size - 1 < whole ? size - 1 : whole);
        assert_int_equal(small[length - 1], '\n');
        assert_int_equal(small[length], '\0');
        assert_int_equal(small[size], '#');
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_empty, empty),
        cmocka_unit_test_setup(test_folding, empty),
        cmocka_unit_test_setup(test_every_field_counts, empty),
        cmocka_unit_test_setup(test_losses, empty),
        cmocka_unit_test_setup(test_random, empty),
        cmocka_unit_test(test_decision_lines),
        cmocka_unit_test(test_other_lines),
        cmocka_unit_test(test_every_permission),
        cmocka_unit_test(test_any_record_is_one_line),
        cmocka_unit_test(test_small_buffers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
