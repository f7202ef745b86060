/* SPDX-License-Identifier: Apache-2.0 */
/* Primitives of the policy reader. */
#include "xsm/reader.h"

/* clang-format off */
static const char *const sentences[CHECK_COUNT_OF] = {
#define CHECK(name, sentence) sentence,
    POLICY_CHECKS(CHECK)
#undef CHECK
};
/* clang-format on */

const char *policy_check_sentence(enum policy_check check) { return sentences[check]; }

bool is_good(const struct reader *reader) { return reader->check == CHECK_PASSED; }

bool require(struct reader *reader, bool holds, enum policy_check check, uint32_t at) {
    if (is_good(reader) && !holds) {
        reader->check = check;
        reader->failed_at = at;
    }
    return is_good(reader);
}

/*@ requires reading(reader);
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader);
    ensures passed: reader->check == CHECK_PASSED ==> \result + bytes == reader->at;
    ensures here: \result == \old(reader->at);
    ensures exact: \old(reader->check) == CHECK_PASSED ==>
        (reader->check == CHECK_PASSED <==> within(reader->policy, \old(reader->at), bytes)); */
/* Goes past `bytes` bytes and returns where they are; they are there if the reader stays good. */
static uint32_t pass(struct reader *reader, uint32_t bytes) {
    uint32_t at = reader->at;

    if (require(reader, image_has(reader->policy, at, bytes), CHECK_TRUNCATED, at))
        reader->at += bytes;
    return at;
}

uint32_t take_u32(struct reader *reader) {
    uint32_t at = pass(reader, 4);

    return is_good(reader) ? image_u32(reader->policy, at) : 0;
}

void take_words(struct reader *reader, uint32_t count, uint32_t *words) {
    /*@ loop invariant 0 <= i <= count;
        loop invariant reading(reader) && onward{Pre, Here}(reader);
        loop invariant taken: reader->check == CHECK_PASSED ==>
            reader->at == \at(reader->at, Pre) + 4 * i;
        loop assigns i, reader->at, reader->check, reader->failed_at, words[0 .. count - 1];
        loop variant count - i; */
    for (uint32_t i = 0; i < count; i++) words[i] = take_u32(reader);
}

void take_exactly(struct reader *reader, uint32_t value, enum policy_check otherwise) {
    uint32_t at = reader->at;

    require(reader, take_u32(reader) == value, otherwise, at);
}

void take_zeros(struct reader *reader, uint32_t count, enum policy_check otherwise) {
    /*@ loop invariant 0 <= i <= count;
        loop invariant reading(reader) && onward{Pre, Here}(reader);
        loop invariant taken: reader->check == CHECK_PASSED ==>
            reader->at == \at(reader->at, Pre) + 4 * i;
        loop assigns i, reader->at, reader->check, reader->failed_at;
        loop variant count - i; */
    for (uint32_t i = 0; i < count; i++) take_exactly(reader, 0, otherwise);
}

struct list take_list(struct reader *reader, uint32_t maximum, uint32_t item) {
    uint32_t head = reader->at;
    uint32_t count = take_u32(reader);

    require(reader, count <= (reader->policy->size - reader->at) / item, CHECK_TRUNCATED, head);
    require(reader, count <= maximum, CHECK_COUNT, head);
    return (struct list){is_good(reader) ? count : 0, reader->at};
}

struct name take_name(struct reader *reader, uint32_t length, uint32_t longest) {
    require(reader, length > 0 && length <= longest, CHECK_NAME, reader->at);
    struct name name = {pass(reader, length), length};

    /*@ loop invariant 0 <= i <= length && reading(reader) && onward{LoopEntry, Here}(reader);
        loop invariant text: reader->check == CHECK_PASSED ==>
            \forall integer j; name.at <= j < name.at + i ==>
                ' ' < reader->policy->bytes[j] <= '~' && reader->policy->bytes[j] != ':';
        loop assigns i, reader->check, reader->failed_at;
        loop variant length - i; */
    for (uint32_t i = 0; i < length && is_good(reader); i++) {
        uint8_t byte = reader->policy->bytes[name.at + i];
        require(reader, byte > ' ' && byte <= '~' && byte != ':', CHECK_NAME, name.at);
    }
    return name;
}

/*@ requires reading(reader) && CHECK_PASSED < beyond < CHECK_COUNT_OF;
    terminates \true;
    assigns reader->at, reader->check, reader->failed_at;
    ensures reading: reading(reader);
    ensures onward: onward{Old, Here}(reader); */
/* One node {start, 64 bits}. `floor` is the lowest start that keeps the order; the next is
 * returned. */
static uint32_t take_bitmap_node(struct reader *reader, uint32_t limit, uint32_t floor,
                                 enum policy_check beyond) {
    uint32_t at = pass(reader, 12);
    uint32_t start = image_u32(reader->policy, at);
    uint64_t map = image_u64(reader->policy, at + 4);

    require(reader, start % 64 == 0 && start >= floor && map != 0, CHECK_BITMAP, at);
    require(reader, start < limit && (limit - start >= 64 || map >> (limit - start) == 0), beyond,
            at);
    return start + 64;
}

void take_bitmap(struct reader *reader, uint32_t limit, enum policy_check beyond) {
    uint32_t at = reader->at;
    uint32_t floor = 0;

    take_exactly(reader, 64, CHECK_BITMAP);
    uint32_t end = take_u32(reader);
    struct list nodes = take_list(reader, UINT32_MAX, 12);
    /*@ loop invariant 0 <= i <= nodes.count;
        loop invariant reading(reader) && onward{Pre, Here}(reader);
        loop invariant reader->check == CHECK_PASSED ==> reader->at >= \at(reader->at, Pre) + 12;
        loop assigns i, floor, reader->at, reader->check, reader->failed_at;
        loop variant nodes.count - i; */
    for (uint32_t i = 0; i < nodes.count && is_good(reader); i++)
        floor = take_bitmap_node(reader, limit, floor, beyond);
    require(reader, end == floor, CHECK_BITMAP, at + 4);
}

uint32_t operate(struct reader *reader, uint32_t depth, uint32_t operands, uint32_t most,
                 enum policy_check otherwise, uint32_t at) {
    require(reader, operands <= depth && depth - operands < most, otherwise, at);
    return depth - operands + 1;
}

void take_level(struct reader *reader) {
    take_exactly(reader, 0, CHECK_MLS);
    take_bitmap(reader, 0, CHECK_MLS);
}

void take_range(struct reader *reader) {
    take_exactly(reader, 1, CHECK_MLS);
    take_level(reader);
}
