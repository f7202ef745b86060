/* SPDX-License-Identifier: Apache-2.0 */
/* The frame table: whose each frame is, and on which way back. Lists and frame_chunks.c only
 * propose frames; what a frame's own entry says decides. Relies on the gate's lock and on callers'
 * flush epochs; zeroing is hv/x86's. */
#include "hv/core/frame.h"

#include "hv/core/frame_chunks.h"

#define EPOCH_HALF (1u << 31)
#define FLUSHED_PER_CALL 192u
#define LOOKED_AT_PER_CALL 1024u

/* The frames of one state, from the oldest to the newest linked through gfn. */
struct frame_queue {
    uint32_t first;
    uint32_t last;
};

_Static_assert(sizeof(struct frame) == 16, "the table takes 1/256 of memory");

static struct frame *frames;
static uint32_t frame_limit;                /* frames 0 .. frame_limit - 1 have an entry */
static uint64_t counts[FRAME_FLUSHING + 1]; /* frames in each state */
static uint32_t owned[MAX_DOMAINS];
static struct frame_queue queues[FRAME_FLUSHING + 1]; /* DIRTY and FLUSHING have one */
static uint32_t first_share; /* frames that domain 0 has or can always take */
static bool short_of_clean;  /* the last allocation found too little that is clean */

/*@ predicate is_frame(integer f) = 0 <= f < frame_limit;
    predicate is_domain(integer d) = 0 <= d < MAX_DOMAINS;
    predicate is_state(integer s) = 0 <= s <= FRAME_FLUSHING;
    predicate in_state(integer s, integer f) = is_frame(f) && frames[f].state == s;
    predicate clean(integer f) = in_state(FRAME_CLEAN, f);
    predicate free(integer f) = in_state(FRAME_CLEAN, f) || in_state(FRAME_DIRTY, f) ||
        in_state(FRAME_SCRUBBING, f) || in_state(FRAME_FLUSHING, f);

    predicate tabled = frame_limit <= FRAME_NONE && \valid(frames + (0 .. frame_limit - 1));

    // Who has no owner has no references either.
    predicate typed = \forall integer f; is_frame(f) ==> is_state(frames[f].state) &&
        (frames[f].state == FRAME_OWNED ==> frames[f].owner < MAX_DOMAINS &&
            (frames[f].use == FRAME_ORPHAN ==> frames[f].references != 0)) &&
        (frames[f].state != FRAME_OWNED ==>
            frames[f].owner == DOMAIN_NONE && frames[f].references == 0);

    // How many of the first n frames.
    logic integer states(integer s, integer n) =
        n <= 0 ? 0 : states(s, n - 1) + (frames[n - 1].state == s ? 1 : 0);
    logic integer owns(integer d, integer f) =
        frames[f].state == FRAME_OWNED && frames[f].owner == d ? 1 : 0;
    logic integer owners(integer d, integer n) =
        n <= 0 ? 0 : owners(d, n - 1) + owns(d, n - 1);
    predicate stated = \forall integer s; is_state(s) ==> counts[s] == states(s, frame_limit);
    predicate charged = \forall integer d; is_domain(d) ==> owned[d] == owners(d, frame_limit);

    predicate frames_ok = tabled && typed && stated && charged;

    predicate is(integer f, struct frame v) = frames[f].owner == v.owner &&
        frames[f].state == v.state && frames[f].use == v.use &&
        frames[f].references == v.references && frames[f].gfn == v.gfn &&
        frames[f].epoch == v.epoch;

    // A frame stays what it is, whose it is and where it is seen; its link may change.
    predicate kept{A, B}(integer f) =
        \at(frames[f].state, A) == \at(frames[f].state, B) &&
        \at(frames[f].owner, A) == \at(frames[f].owner, B) &&
        \at(frames[f].use, A) == \at(frames[f].use, B) &&
        \at(frames[f].references, A) == \at(frames[f].references, B) &&
        (\at(frames[f].state, A) == FRAME_OWNED ==>
            \at(frames[f].gfn, A) == \at(frames[f].gfn, B)) &&
        (\at(frames[f].state, A) == FRAME_FLUSHING ==>
            \at(frames[f].epoch, A) == \at(frames[f].epoch, B));
    predicate same{A, B}(integer f) = kept{A, B}(f) &&
        \at(frames[f].gfn, A) == \at(frames[f].gfn, B) &&
        \at(frames[f].epoch, A) == \at(frames[f].epoch, B);
    predicate others_kept{A, B}(integer x) =
        \forall integer f; is_frame{A}(f) && f != x ==> kept{A, B}(f);
    predicate all_kept{A, B} = \forall integer f; is_frame{A}(f) ==> kept{A, B}(f);

    // The whole of a frame's life: no other way leads from one owner to the next.
    predicate passes{A, B}(integer f, integer s, integer t) =
        in_state{A}(s, f) && in_state{B}(t, f);
    predicate lawful{A, B} = \forall integer f; is_frame{A}(f) ==>
        (\at(frames[f].state, A) == \at(frames[f].state, B) &&
            \at(frames[f].owner, A) == \at(frames[f].owner, B)) ||
        passes{A, B}(f, FRAME_ABSENT, FRAME_HYPERVISOR) ||
        passes{A, B}(f, FRAME_ABSENT, FRAME_DIRTY) ||
        passes{A, B}(f, FRAME_DIRTY, FRAME_SCRUBBING) ||
        passes{A, B}(f, FRAME_SCRUBBING, FRAME_CLEAN) ||
        passes{A, B}(f, FRAME_CLEAN, FRAME_OWNED) ||
        passes{A, B}(f, FRAME_CLEAN, FRAME_HYPERVISOR) ||
        (passes{A, B}(f, FRAME_OWNED, FRAME_FLUSHING) &&
            (\at(frames[f].references, A) == 0 || (\at(frames[f].references, A) == 1 &&
                \at(frames[f].use, A) == FRAME_ORPHAN))) ||
        passes{A, B}(f, FRAME_FLUSHING, FRAME_DIRTY);

    predicate in_range(integer f, integer first, integer count) = first <= f < first + count;
*/

/*@ terminates \true;
    assigns \nothing;
    ensures \result == 1 <==> is_frame(mfn.number); */
static bool frame_exists(struct mfn mfn) { return mfn.number < frame_limit; }

/*@ requires tabled;
    terminates \true;
    assigns \nothing;
    ensures \result == 1 <==> in_state(state, number); */
static inline bool frame_in(uint64_t number, enum frame_state state) {
    return number < frame_limit && frames[number].state == state;
}

/* The only place where a frame's state or owner changes. */
/*@ requires tabled && is_frame(number);
    terminates \true;
    assigns frames[number];
    ensures put: is(number, value);
    ensures others: \forall integer f; is_frame(f) && f != number ==> same{Pre, Post}(f);
    ensures states: \forall integer s; 0 <= states(s, frame_limit) <= frame_limit &&
        states(s, frame_limit) == states{Pre}(s, frame_limit) -
        (\old(frames[number].state) == s ? 1 : 0) + (value.state == s ? 1 : 0);
    ensures owners: \forall integer d; 0 <= owners(d, frame_limit) <= frame_limit &&
        owners(d, frame_limit) == owners{Pre}(d, frame_limit) - owns{Pre}(d, number) +
        (value.state == FRAME_OWNED && value.owner == d ? 1 : 0); */
static inline void frame_put(uint32_t number, struct frame value) {
    frames[number] = value;
    /*@ ghost
        /@ loop invariant 0 <= i <= frame_limit;
           loop invariant \forall integer s; 0 <= states(s, i) <= i;
           loop invariant \forall integer d; 0 <= owners(d, i) <= i;
           loop invariant \forall integer s; states(s, i) == states{Pre}(s, i) + (i <= number ? 0 :
               (value.state == s ? 1 : 0) - (\at(frames[number].state, Pre) == s ? 1 : 0));
           loop invariant \forall integer d; owners(d, i) == owners{Pre}(d, i) +
               (i <= number ? 0 : owns(d, number) - owns{Pre}(d, number));
           loop assigns i;
           loop variant frame_limit - i; @/
        for (uint32_t i = 0; i < frame_limit; i++) ; */
}

/* The frame enters the state that has this queue, as the newest. A link that names no frame of the
 * state is the end of its queue. */
/*@ requires tabled && is_frame(number) && value.state == state && is_state(state);
    requires frames[number].state != state && state != FRAME_OWNED;
    terminates \true;
    assigns frames[number], frames[0 .. frame_limit - 1].gfn, queues[state];
    ensures put: is(number, value);
    ensures states: \forall integer s; 0 <= states(s, frame_limit) <= frame_limit &&
        states(s, frame_limit) == states{Pre}(s, frame_limit) -
        (\old(frames[number].state) == s ? 1 : 0) + (value.state == s ? 1 : 0);
    ensures owners: \forall integer d; 0 <= owners(d, frame_limit) <= frame_limit &&
        owners(d, frame_limit) == owners{Pre}(d, frame_limit) - owns{Pre}(d, number);
    ensures others: others_kept{Pre, Post}(number); */
static inline void queue_append(enum frame_state state, uint32_t number, struct frame value) {
    if (frame_in(queues[state].last, state))
        frames[queues[state].last].gfn = number;
    else
        queues[state].first = number;
    queues[state].last = number;
    frame_put(number, value);
}

/*@ ghost
    /@ requires tabled;
       terminates \true;
       assigns \nothing;
       ensures bounds: \forall integer s; 0 <= states(s, frame_limit) <= frame_limit;
       ensures some: \forall integer s, f; in_state(s, f) ==> states(s, frame_limit) != 0;
       ensures none: \forall integer s; states(s, frame_limit) != 0 ==>
           \exists integer f; in_state(s, f); @/
    void lemma_states(void) {
        /@ loop invariant 0 <= i <= frame_limit;
           loop invariant \forall integer s; 0 <= states(s, i) <= i;
           loop invariant \forall integer s, f; in_state(s, f) && f < i ==> states(s, i) != 0;
           loop invariant \forall integer s; states(s, i) != 0 ==>
               \exists integer f; in_state(s, f) && f < i;
           loop assigns i;
           loop variant frame_limit - i; @/
        for (uint32_t i = 0; i < frame_limit; i++) {
            /@ assert in_state(frames[i].state, i); @/
        }
    }
*/

/*@ ghost
    /@ requires tabled;
       requires \forall integer f; is_frame(f) ==> frames[f].state == FRAME_ABSENT;
       terminates \true;
       assigns \nothing;
       ensures \forall integer s; states(s, frame_limit) == (s == FRAME_ABSENT ? frame_limit : 0);
       ensures \forall integer d; owners(d, frame_limit) == 0; @/
    void lemma_absent(void) {
        /@ loop invariant 0 <= i <= frame_limit;
           loop invariant \forall integer s; states(s, i) == (s == FRAME_ABSENT ? i : 0);
           loop invariant \forall integer d; owners(d, i) == 0;
           loop assigns i;
           loop variant frame_limit - i; @/
        for (uint32_t i = 0; i < frame_limit; i++) ;
    }
*/

/* --- start ---------------------------------------------------------------------------------- */

/*@ terminates \true;
    assigns owned[0 .. MAX_DOMAINS - 1], counts[0 .. FRAME_FLUSHING], queues[0 .. FRAME_FLUSHING];
    ensures \forall integer d; is_domain(d) ==> owned[d] == 0;
    ensures \forall integer s; is_state(s) ==>
        counts[s] == (s == FRAME_ABSENT ? frame_limit : 0); */
static void reset_totals(void) {
    /*@ loop invariant 0 <= state <= FRAME_FLUSHING + 1;
        loop invariant \forall integer s; 0 <= s < state ==> counts[s] == 0;
        loop assigns state, counts[0 .. FRAME_FLUSHING], queues[0 .. FRAME_FLUSHING];
        loop variant FRAME_FLUSHING + 1 - state; */
    for (uint32_t state = 0; state <= FRAME_FLUSHING; state++) {
        counts[state] = 0;
        queues[state] = (struct frame_queue){.first = FRAME_NONE, .last = FRAME_NONE};
    }
    /*@ loop invariant 0 <= domain <= MAX_DOMAINS;
        loop invariant \forall integer d; 0 <= d < domain ==> owned[d] == 0;
        loop assigns domain, owned[0 .. MAX_DOMAINS - 1];
        loop variant MAX_DOMAINS - domain; */
    for (uint32_t domain = 0; domain < MAX_DOMAINS; domain++) owned[domain] = 0;
    counts[FRAME_ABSENT] = frame_limit;
}

/*@ logic integer limit_of(integer count) = count < FRAME_NONE ? count : FRAME_NONE; */

/* Memory above 16 TiB stays unused: frame numbers are links of 32 bits. */
/*@ requires \valid(table + (0 .. limit_of(count) - 1));
    terminates \true;
    assigns frames \from table;
    assigns frame_limit, owned[0 .. MAX_DOMAINS - 1], counts[0 .. FRAME_FLUSHING],
        queues[0 .. FRAME_FLUSHING], table[0 .. limit_of(count) - 1];
    ensures tabled: tabled;
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures absent: frame_limit == limit_of(count) &&
        \forall integer f; is_frame(f) ==> in_state(FRAME_ABSENT, f); */
void frames_start(struct frame *table, struct frame_chunk *chunk_table, uint64_t count) {
    frames = table;
    frame_limit = count < FRAME_NONE ? (uint32_t)count : FRAME_NONE;
    reset_totals();
    /*@ loop invariant 0 <= number <= frame_limit;
        loop invariant \forall integer f; is_frame(f) && f < number ==>
            frames[f].state == FRAME_ABSENT && frames[f].owner == DOMAIN_NONE &&
            frames[f].references == 0;
        loop assigns number, table[0 .. limit_of(count) - 1];
        loop variant frame_limit - number; */
    for (uint32_t number = 0; number < frame_limit; number++)
        frame_put(number, (struct frame){.owner = DOMAIN_NONE, .state = FRAME_ABSENT});
    /*@ ghost lemma_absent(); */
    chunks_start(chunk_table, frame_limit);
}

/*@ requires frames_ok && in_state(FRAME_ABSENT, number);
    terminates \true;
    assigns frames[0 .. frame_limit - 1], queues[FRAME_DIRTY], counts[0 .. FRAME_FLUSHING];
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures given: in_state(FRAME_DIRTY, number);
    ensures others: others_kept{Pre, Post}(number); */
static void give_dirty(uint32_t number) {
    queue_append(FRAME_DIRTY, number,
                 (struct frame){.owner = DOMAIN_NONE, .state = FRAME_DIRTY, .gfn = FRAME_NONE});
    counts[FRAME_ABSENT]--;
    counts[FRAME_DIRTY]++;
    chunks_add_free(number);
}

/*@ requires frames_ok && in_state(FRAME_ABSENT, number);
    terminates \true;
    assigns frames[number], counts[0 .. FRAME_FLUSHING];
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures given: in_state(FRAME_HYPERVISOR, number);
    ensures others: others_kept{Pre, Post}(number); */
static void give_hypervisor(uint32_t number) {
    frame_put(number, (struct frame){.owner = DOMAIN_NONE, .state = FRAME_HYPERVISOR});
    counts[FRAME_ABSENT]--;
    counts[FRAME_HYPERVISOR]++;
}

/* Frames that have a state already are no longer boot's to give: what is the hypervisor's is said
 * first, and is never a guest's. */
/*@ requires frames_ok;
    terminates \true;
    assigns frames[0 .. frame_limit - 1], queues[FRAME_DIRTY], counts[0 .. FRAME_FLUSHING];
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures lawful: lawful{Pre, Post};
    ensures given: \forall integer f; in_range(f, first, \old(count)) &&
        in_state{Pre}(FRAME_ABSENT, f) && (state == FRAME_HYPERVISOR || state == FRAME_DIRTY) ==>
        in_state(state, f);
    ensures others: \forall integer f; is_frame(f) && !(in_range(f, first, \old(count)) &&
        in_state{Pre}(FRAME_ABSENT, f)) ==> kept{Pre, Post}(f);
    ensures nothing: state != FRAME_HYPERVISOR && state != FRAME_DIRTY ==> all_kept{Pre, Post}; */
void frames_set_range(uint64_t first, uint64_t count, enum frame_state state) {
    if (first >= frame_limit || (state != FRAME_HYPERVISOR && state != FRAME_DIRTY)) return;
    if (count > frame_limit - first) count = frame_limit - first;

    /*@ loop invariant first <= number <= first + count;
        loop invariant typed: typed;
        loop invariant stated: stated;
        loop invariant charged: charged;
        loop invariant given: \forall integer f; first <= f < number &&
            in_state{Pre}(FRAME_ABSENT, f) ==> in_state(state, f);
        loop invariant others: \forall integer f; is_frame(f) &&
            !(in_state{Pre}(FRAME_ABSENT, f) && first <= f < number) ==> kept{Pre, Here}(f);
        loop assigns number, frames[0 .. frame_limit - 1], queues[FRAME_DIRTY],
            counts[0 .. FRAME_FLUSHING];
        loop variant first + count - number; */
    for (uint64_t number = first; number < first + count; number++) {
        if (frames[number].state != FRAME_ABSENT) continue;
        if (state == FRAME_DIRTY)
            give_dirty((uint32_t)number);
        else
            give_hypervisor((uint32_t)number);
    }
}

/* --- reads ---------------------------------------------------------------------------------- */

/*@ requires tabled;
    terminates \true;
    assigns \nothing;
    ensures read: is_frame(mfn.number) ==> \result == frames[mfn.number];
    ensures absent: !is_frame(mfn.number) ==>
        \result.state == FRAME_ABSENT && \result.owner == DOMAIN_NONE; */
struct frame frame_read(struct mfn mfn) {
    if (!frame_exists(mfn)) return (struct frame){.owner = DOMAIN_NONE, .state = FRAME_ABSENT};
    return frames[mfn.number];
}

/*@ requires frames_ok;
    terminates \true;
    assigns \nothing;
    ensures counted: \result == states(FRAME_CLEAN, frame_limit) +
        states(FRAME_DIRTY, frame_limit) + states(FRAME_SCRUBBING, frame_limit) +
        states(FRAME_FLUSHING, frame_limit);
    ensures all: \result == counts[FRAME_CLEAN] + counts[FRAME_DIRTY] + counts[FRAME_SCRUBBING] +
        counts[FRAME_FLUSHING];
    ensures none: \result == 0 <==> \forall integer f; !free(f); */
uint64_t frames_count_free(void) {
    /*@ ghost lemma_states(); */
    return counts[FRAME_CLEAN] + counts[FRAME_DIRTY] + counts[FRAME_SCRUBBING] +
           counts[FRAME_FLUSHING];
}

/*@ requires frames_ok;
    terminates \true;
    assigns \nothing;
    ensures counted: \result == states(FRAME_CLEAN, frame_limit); */
uint64_t frames_count_clean(void) { return counts[FRAME_CLEAN]; }

/*@ logic integer all_free = counts[FRAME_CLEAN] + counts[FRAME_DIRTY] + counts[FRAME_SCRUBBING] +
        counts[FRAME_FLUSHING];
    logic integer withheld(integer d) =
        d == 0 || owned[0] >= first_share ? 0 : first_share - owned[0];
    logic integer free_to(integer d) =
        all_free > withheld(d) ? all_free - withheld(d) : 0; */

/*@ requires frames_ok;
    terminates \true;
    assigns \nothing;
    ensures share: \result == free_to(owner); */
uint64_t frames_free_to(domain_id owner) {
    uint64_t free = frames_count_free();
    uint32_t kept = owner == 0 || owned[0] >= first_share ? 0 : first_share - owned[0];

    return free > kept ? free - kept : 0;
}

/*@ requires frames_ok;
    terminates \true;
    assigns \nothing;
    ensures no_memory: \result == REASON_NO_MEMORY <==> free_to(owner) < count;
    ensures again: \result == REASON_AGAIN <==>
        free_to(owner) >= count && counts[FRAME_CLEAN] < count;
    ensures ok: \result == REASON_OK <==>
        free_to(owner) >= count && counts[FRAME_CLEAN] >= count; */
enum reason frames_await(domain_id owner, uint32_t count) {
    if (frames_free_to(owner) < count) return REASON_NO_MEMORY;
    return counts[FRAME_CLEAN] < count ? REASON_AGAIN : REASON_OK;
}

/*@ terminates \true;
    assigns first_share;
    ensures share: first_share == count; */
void frames_share(uint32_t count) { first_share = count; }

/*@ requires frames_ok;
    terminates \true;
    assigns \nothing;
    ensures counted: \result == frame_limit - states(FRAME_ABSENT, frame_limit); */
uint64_t frames_count_total(void) {
    /*@ ghost lemma_states(); */
    return frame_limit - counts[FRAME_ABSENT];
}

/*@ requires frames_ok;
    terminates \true;
    assigns \nothing;
    ensures counted: \result == states(FRAME_HYPERVISOR, frame_limit); */
uint64_t frames_count_hypervisor(void) { return counts[FRAME_HYPERVISOR]; }

/*@ requires frames_ok;
    terminates \true;
    assigns \nothing;
    ensures counted: is_domain(domain) ==> \result == owners(domain, frame_limit);
    ensures nobody: !is_domain(domain) ==> \result == 0; */
uint32_t frames_owned_by(domain_id domain) { return domain < MAX_DOMAINS ? owned[domain] : 0; }

/* --- allocation ----------------------------------------------------------------------------- */

/* What a CLEAN frame may become. */
/*@ predicate takes(struct frame v) = v.references == 0 && v.use != FRAME_ORPHAN &&
        ((v.state == FRAME_OWNED && v.owner < MAX_DOMAINS) ||
         (v.state == FRAME_HYPERVISOR && v.owner == DOMAIN_NONE));
    predicate all_clean(integer first, integer size) =
        \forall integer f; first <= f < first + size ==> clean(f); */

/*@ requires tabled && size <= 1 << ORDER_2M;
    terminates \true;
    assigns \nothing;
    ensures \result == 1 <==> all_clean(first, size);
    ensures \result == 1 && size != 0 ==> first + size <= frame_limit; */
static bool range_is_clean(uint32_t first, uint32_t size) {
    uint32_t index = 0;

    /*@ loop invariant 0 <= index <= size;
        loop invariant all_clean(first, index);
        loop invariant index != 0 ==> first + index <= frame_limit;
        loop assigns index;
        loop variant size - index; */
    while (index < size && frame_in((uint64_t)first + index, FRAME_CLEAN)) index++;
    return index == size;
}

/* All frames of a CLEAN block become `value`. */
/*@ requires frames_ok && takes(value) && all_clean(first, size) && first + size <= frame_limit;
    terminates \true;
    assigns frames[0 .. frame_limit - 1], counts[0 .. FRAME_FLUSHING],
        owned[0 .. MAX_DOMAINS - 1];
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures taken: \forall integer f; is_frame(f) && first <= f < first + size ==> is(f, value);
    ensures others: \forall integer f; is_frame(f) && !(first <= f < first + size) ==>
        kept{Pre, Post}(f); */
static void take(uint32_t first, uint32_t size, struct frame value) {
    /*@ loop invariant 0 <= index <= size;
        loop invariant taken: \forall integer f; is_frame(f) && first <= f < first + index ==>
            is(f, value);
        loop invariant others: \forall integer f; is_frame(f) && !(first <= f < first + index) ==>
            kept{Pre, Here}(f);
        loop invariant states: \forall integer s; states(s, frame_limit) ==
            states{Pre}(s, frame_limit) + (s == value.state ? index : 0) -
            (s == FRAME_CLEAN ? index : 0);
        loop invariant owners: \forall integer d; owners(d, frame_limit) ==
            owners{Pre}(d, frame_limit) +
            (value.state == FRAME_OWNED && d == value.owner ? index : 0);
        loop invariant bounds: index > 0 ==> states(value.state, frame_limit) <= frame_limit &&
            0 <= states(FRAME_CLEAN, frame_limit) &&
            owners(value.owner, frame_limit) <= frame_limit;
        loop assigns index, frames[0 .. frame_limit - 1];
        loop variant size - index; */
    for (uint32_t index = 0; index < size; index++) {
        /*@ assert was: clean{Pre}(first + index); */
        /*@ assert still: clean(first + index); */
        frame_put(first + index, value);
    }
    counts[FRAME_CLEAN] -= size;
    counts[value.state] += size;
    if (value.state == FRAME_OWNED) owned[value.owner] += size;
}

/*@ predicate is_order(integer o) = o == ORDER_4K || o == ORDER_2M;
    logic integer size_of(integer o) = o == ORDER_4K ? 1 : 512; */

/*@ requires frames_ok && takes(value) && is_order(order) && \valid(first) &&
        \base_addr(first) != \base_addr(frames);
    terminates \true;
    assigns frames[0 .. frame_limit - 1], counts[0 .. FRAME_FLUSHING],
        owned[0 .. MAX_DOMAINS - 1], first->number;
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures answers: \result == REASON_OK || \result == REASON_AGAIN ||
        \result == REASON_NO_MEMORY;
    ensures one: order == ORDER_4K ==> \result != REASON_NO_MEMORY;
    ensures clean: \result == REASON_OK ==> all_clean{Pre}(first->number, size_of(order));
    ensures taken: \result == REASON_OK ==> \forall integer f; is_frame(f) &&
        first->number <= f < first->number + size_of(order) ==> is(f, value);
    ensures aligned: \result == REASON_OK ==> first->number % size_of(order) == 0;
    ensures others: \result == REASON_OK ==> \forall integer f; is_frame(f) &&
        !(first->number <= f < first->number + size_of(order)) ==> kept{Pre, Post}(f);
    ensures refused: \result != REASON_OK ==> all_kept{Pre, Post} &&
        first->number == \old(first->number); */
static enum reason allocate(struct frame value, unsigned order, struct mfn *first) {
    uint32_t size = order == ORDER_4K ? 1 : 1u << ORDER_2M;
    uint32_t number = chunks_propose(order);

    if (number % size != 0 || !range_is_clean(number, size))
        return order == ORDER_4K || chunks_expect_whole() ? REASON_AGAIN : REASON_NO_MEMORY;

    chunks_take(number, order, frames[number].gfn);
    take(number, size, value);
    first->number = number;
    return REASON_OK;
}

/*@ requires frames_ok && \valid(first) && \base_addr(first) != \base_addr(frames);
    requires use <= FRAME_STATE && use != FRAME_ORPHAN;
    terminates \true;
    assigns frames[0 .. frame_limit - 1], counts[0 .. FRAME_FLUSHING],
        owned[0 .. MAX_DOMAINS - 1], first->number, short_of_clean;
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures lawful: lawful{Pre, Post};
    ensures no_domain: \result == REASON_NO_DOMAIN <==> owner >= MAX_DOMAINS;
    ensures invalid: \result == REASON_INVALID <==> owner < MAX_DOMAINS && !is_order(order);
    ensures no_memory: owner < MAX_DOMAINS && order == ORDER_4K ==>
        (\result == REASON_NO_MEMORY <==> \old(free_to(owner)) < 1);
    ensures share: owner < MAX_DOMAINS && is_order(order) &&
        \old(free_to(owner)) < size_of(order) ==> \result == REASON_NO_MEMORY;
    ensures clean: \result == REASON_OK ==> all_clean{Pre}(first->number, size_of(order));
    ensures taken: \result == REASON_OK ==> \forall integer f; is_frame(f) &&
        first->number <= f < first->number + size_of(order) ==>
        in_state(FRAME_OWNED, f) && frames[f].owner == owner && frames[f].use == use &&
        frames[f].references == 0 && frames[f].gfn == FRAME_NONE;
    ensures aligned: \result == REASON_OK ==> first->number % size_of(order) == 0;
    ensures others: \result == REASON_OK ==> \forall integer f; is_frame(f) &&
        !(first->number <= f < first->number + size_of(order)) ==> kept{Pre, Post}(f);
    ensures refused: \result != REASON_OK ==> all_kept{Pre, Post} &&
        first->number == \old(first->number); */
enum reason frames_allocate(domain_id owner, enum frame_use use, unsigned order,
                            struct mfn *first) {
    struct frame value = {
        .owner = owner, .state = FRAME_OWNED, .use = (uint8_t)use, .gfn = FRAME_NONE};
    enum reason reason;

    if (owner >= MAX_DOMAINS) return REASON_NO_DOMAIN;
    if (order != ORDER_4K && order != ORDER_2M) return REASON_INVALID;
    if (frames_free_to(owner) < 1u << order) return REASON_NO_MEMORY;

    reason = allocate(value, order, first);
    short_of_clean = reason == REASON_AGAIN;
    return reason;
}

/*@ requires frames_ok && \valid(mfn) && \base_addr(mfn) != \base_addr(frames);
    terminates \true;
    assigns frames[0 .. frame_limit - 1], counts[0 .. FRAME_FLUSHING],
        owned[0 .. MAX_DOMAINS - 1], mfn->number;
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures lawful: lawful{Pre, Post};
    ensures kept: \result == REASON_OK ==>
        passes{Pre, Post}(mfn->number, FRAME_CLEAN, FRAME_HYPERVISOR) &&
        others_kept{Pre, Post}(mfn->number);
    ensures no_memory: \result == REASON_NO_MEMORY <==> \old(free_to(DOMAIN_NONE)) < 1;
    ensures refused: \result != REASON_OK ==> all_kept{Pre, Post}; */
enum reason frames_keep(struct mfn *mfn) {
    struct frame value = {.owner = DOMAIN_NONE, .state = FRAME_HYPERVISOR};
    enum reason reason = frames_await(DOMAIN_NONE, 1);

    return reason != REASON_OK ? reason : allocate(value, ORDER_4K, mfn);
}

/*@ requires frames_ok;
    terminates \true;
    assigns \nothing;
    ensures wanted: short_of_clean || states(FRAME_CLEAN, frame_limit) < CLEAN_RESERVE <==>
        \result == 1; */
bool frames_want_scrubbing(void) { return short_of_clean || frames_count_clean() < CLEAN_RESERVE; }

/* --- life with an owner --------------------------------------------------------------------- */

/*@ requires frames_ok;
    terminates \true;
    assigns frames[mfn.number].gfn;
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures placed: in_state(FRAME_OWNED, mfn.number) ==>
        frames[mfn.number].gfn == (uint32_t)gfn.number;
    ensures nothing: is_frame(mfn.number) && !in_state(FRAME_OWNED, mfn.number) ==>
        frames[mfn.number].gfn == \old(frames[mfn.number].gfn); */
void frame_place(struct mfn mfn, struct gfn gfn) {
    if (frame_in(mfn.number, FRAME_OWNED)) frames[mfn.number].gfn = (uint32_t)gfn.number;
}

/*@ requires frames_ok;
    requires kept: gfn.number + count <= UINT32_MAX + 1;
    terminates \true;
    assigns frames[0 .. frame_limit - 1].gfn;
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures placed: \forall integer k; 0 <= k < \old(count) &&
        in_state(FRAME_OWNED, first.number + k) ==>
        frames[first.number + k].gfn == gfn.number + k;
    ensures others: \forall integer f; is_frame(f) && !(in_range(f, first.number, \old(count)) &&
        in_state(FRAME_OWNED, f)) ==> frames[f].gfn == \old(frames[f].gfn); */
void frames_place(struct mfn first, uint32_t count, struct gfn gfn) {
    if (!frame_exists(first)) return;
    if (count > frame_limit - first.number) count = frame_limit - (uint32_t)first.number;

    /*@ loop invariant 0 <= i <= count && number == first.number + i;
        loop invariant typed: typed;
        loop invariant stated: stated;
        loop invariant charged: charged;
        loop invariant placed: \forall integer k; 0 <= k < i &&
            in_state(FRAME_OWNED, first.number + k) ==>
            frames[first.number + k].gfn == gfn.number + k;
        loop invariant others: \forall integer f; is_frame(f) && !(in_range(f, first.number, i) &&
            in_state(FRAME_OWNED, f)) ==> frames[f].gfn == \at(frames[f].gfn, Pre);
        loop assigns i, number, frames[0 .. frame_limit - 1].gfn;
        loop variant count - i; */
    for (uint32_t i = 0, number = (uint32_t)first.number; i < count; i++, number++)
        frame_place((struct mfn){number}, (struct gfn){gfn.number + i});
}

/*@ predicate referable(integer f) = in_state(FRAME_OWNED, f) &&
        (frames[f].use == FRAME_RAM || frames[f].use == FRAME_GRANT_TABLE); */

/*@ requires frames_ok;
    terminates \true;
    assigns frames[mfn.number].references;
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures invalid: \result == REASON_INVALID <==> !\old(referable(mfn.number));
    ensures no_space: \result == REASON_NO_SPACE <==> \old(referable(mfn.number)) &&
        \old(frames[mfn.number].references) == UINT32_MAX;
    ensures ok: \result == REASON_OK <==> \old(referable(mfn.number)) &&
        \old(frames[mfn.number].references) != UINT32_MAX;
    ensures taken: \result == REASON_OK ==>
        frames[mfn.number].references == \old(frames[mfn.number].references) + 1;
    ensures refused: \result != REASON_OK && is_frame(mfn.number) ==>
        frames[mfn.number].references == \old(frames[mfn.number].references); */
enum reason frame_reference(struct mfn mfn) {
    if (!frame_in(mfn.number, FRAME_OWNED) ||
        (frames[mfn.number].use != FRAME_RAM && frames[mfn.number].use != FRAME_GRANT_TABLE))
        return REASON_INVALID;
    if (frames[mfn.number].references == UINT32_MAX) return REASON_NO_SPACE;

    frames[mfn.number].references++;
    return REASON_OK;
}

/*@ predicate left{A, B}(integer f, integer e) = passes{A, B}(f, FRAME_OWNED, FRAME_FLUSHING) &&
        \at(frames[f].epoch, B) == e; */

/* OWNED -> FLUSHING. Kept short: a large page is 512 of them in one hold of the lock. */
/*@ requires frames_ok && in_state(FRAME_OWNED, number);
    terminates \true;
    assigns frames[0 .. frame_limit - 1], queues[FRAME_FLUSHING], counts[0 .. FRAME_FLUSHING],
        owned[0 .. MAX_DOMAINS - 1];
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures left: left{Pre, Post}(number, epoch);
    ensures others: others_kept{Pre, Post}(number); */
static inline void frame_flush_later(uint32_t number, uint32_t epoch) {
    owned[frames[number].owner]--;
    queue_append(
        FRAME_FLUSHING, number,
        (struct frame){
            .owner = DOMAIN_NONE, .state = FRAME_FLUSHING, .gfn = FRAME_NONE, .epoch = epoch});
    counts[FRAME_OWNED]--;
    counts[FRAME_FLUSHING]++;
    chunks_add_free(number);
}

/*@ predicate referenced(integer f) = in_state(FRAME_OWNED, f) && frames[f].references != 0;
    predicate last_of_orphan(integer f) = in_state(FRAME_OWNED, f) &&
        frames[f].use == FRAME_ORPHAN && frames[f].references == 1; */

/*@ requires frames_ok;
    terminates \true;
    assigns frames[0 .. frame_limit - 1], queues[FRAME_FLUSHING], counts[0 .. FRAME_FLUSHING],
        owned[0 .. MAX_DOMAINS - 1];
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures lawful: lawful{Pre, Post};
    ensures last: \old(last_of_orphan(mfn.number)) ==> left{Pre, Post}(mfn.number, epoch);
    ensures dropped: \old(referenced(mfn.number) && !last_of_orphan(mfn.number)) ==>
        frames[mfn.number].references == \old(frames[mfn.number].references) - 1 &&
        in_state(FRAME_OWNED, mfn.number) &&
        frames[mfn.number].use == \old(frames[mfn.number].use) &&
        frames[mfn.number].gfn == \old(frames[mfn.number].gfn);
    ensures nothing: !\old(referenced(mfn.number)) ==> all_kept{Pre, Post};
    ensures others: others_kept{Pre, Post}(mfn.number); */
void frame_dereference(struct mfn mfn, uint32_t epoch) {
    uint32_t number = (uint32_t)mfn.number;

    if (!frame_in(mfn.number, FRAME_OWNED) || frames[number].references == 0) return;

    if (frames[number].references == 1 && frames[number].use == FRAME_ORPHAN)
        frame_flush_later(number, epoch);
    else
        frames[number].references--;
}

/*@ predicate orphaned{A, B}(integer f) = passes{A, B}(f, FRAME_OWNED, FRAME_OWNED) &&
        \at(frames[f].owner, A) == \at(frames[f].owner, B) &&
        \at(frames[f].references, A) == \at(frames[f].references, B) &&
        \at(frames[f].use, B) == FRAME_ORPHAN && \at(frames[f].gfn, B) == FRAME_NONE;
    predicate disowned{A, B}(integer f, integer e) =
        (\at(frames[f].references, A) == 0 ==> left{A, B}(f, e)) &&
        (\at(frames[f].references, A) != 0 ==> orphaned{A, B}(f)); */

/* ORPHAN while it is referenced. */
/*@ requires frames_ok && in_state(FRAME_OWNED, number);
    terminates \true;
    assigns frames[0 .. frame_limit - 1], queues[FRAME_FLUSHING], counts[0 .. FRAME_FLUSHING],
        owned[0 .. MAX_DOMAINS - 1];
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures disowned: disowned{Pre, Post}(number, epoch);
    ensures others: others_kept{Pre, Post}(number); */
static inline void frame_leave(uint32_t number, uint32_t epoch) {
    struct frame value = frames[number];

    if (value.references == 0) {
        frame_flush_later(number, epoch);
        return;
    }
    value.use = FRAME_ORPHAN;
    value.gfn = FRAME_NONE;
    frame_put(number, value);
}

/*@ requires frames_ok;
    terminates \true;
    assigns frames[0 .. frame_limit - 1], queues[FRAME_FLUSHING], counts[0 .. FRAME_FLUSHING],
        owned[0 .. MAX_DOMAINS - 1];
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures lawful: lawful{Pre, Post};
    ensures disowned: \forall integer f; in_range(f, first.number, \old(count)) &&
        in_state{Pre}(FRAME_OWNED, f) ==> disowned{Pre, Post}(f, epoch);
    ensures others: \forall integer f; is_frame(f) && !(in_range(f, first.number, \old(count)) &&
        in_state{Pre}(FRAME_OWNED, f)) ==> kept{Pre, Post}(f); */
void frames_disown(struct mfn first, uint32_t count, uint32_t epoch) {
    if (!frame_exists(first)) return;
    if (count > frame_limit - first.number) count = frame_limit - (uint32_t)first.number;

    /*@ loop invariant 0 <= i <= count && number == first.number + i;
        loop invariant typed: typed;
        loop invariant stated: stated;
        loop invariant charged: charged;
        loop invariant disowned: \forall integer f; in_range(f, first.number, i) &&
            in_state{Pre}(FRAME_OWNED, f) ==> disowned{Pre, Here}(f, epoch);
        loop invariant others: \forall integer f; is_frame(f) && !(in_range(f, first.number, i) &&
            in_state{Pre}(FRAME_OWNED, f)) ==> kept{Pre, Here}(f);
        loop assigns i, number, frames[0 .. frame_limit - 1], queues[FRAME_FLUSHING],
            counts[0 .. FRAME_FLUSHING], owned[0 .. MAX_DOMAINS - 1];
        loop variant count - i; */
    for (uint32_t i = 0, number = (uint32_t)first.number; i < count; i++, number++)
        if (frames[number].state == FRAME_OWNED) frame_leave(number, epoch);
}

/*@ requires frames_ok;
    terminates \true;
    assigns frames[0 .. frame_limit - 1], queues[FRAME_FLUSHING], counts[0 .. FRAME_FLUSHING],
        owned[0 .. MAX_DOMAINS - 1];
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures lawful: lawful{Pre, Post};
    ensures disowned: in_state{Pre}(FRAME_OWNED, mfn.number) ==>
        disowned{Pre, Post}(mfn.number, epoch);
    ensures nothing: !in_state{Pre}(FRAME_OWNED, mfn.number) ==> all_kept{Pre, Post};
    ensures others: others_kept{Pre, Post}(mfn.number); */
void frame_disown(struct mfn mfn, uint32_t epoch) { frames_disown(mfn, 1, epoch); }

/*@ predicate orphan_of(integer d, integer f) = in_state(FRAME_OWNED, f) &&
        frames[f].owner == d && frames[f].use == FRAME_ORPHAN;
    predicate bequeathed{A, B}(integer f, integer d) = orphan_of{B}(d, f) &&
        \at(frames[f].references, A) == \at(frames[f].references, B); */

/*@ requires frames_ok && in_state(FRAME_OWNED, number) && frames[number].use == FRAME_ORPHAN;
    requires to < MAX_DOMAINS && to != frames[number].owner;
    terminates \true;
    assigns frames[number], owned[0 .. MAX_DOMAINS - 1];
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures bequeathed: bequeathed{Pre, Post}(number, to);
    ensures others: others_kept{Pre, Post}(number); */
static void frame_bequeath(uint32_t number, domain_id to) {
    struct frame value = frames[number];

    owned[value.owner]--;
    owned[to]++;
    value.owner = to;
    frame_put(number, value);
}

/*@ requires frames_ok && from < MAX_DOMAINS && to < MAX_DOMAINS && from != to;
    requires \valid(cursor) && \base_addr(cursor) != \base_addr(frames) && *cursor <= frame_limit;
    terminates \true;
    assigns frames[0 .. frame_limit - 1], owned[0 .. MAX_DOMAINS - 1], *cursor;
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures bounded: \old(*cursor) <= *cursor <= frame_limit &&
        *cursor - \old(*cursor) <= LOOKED_AT_PER_CALL;
    ensures ended: \result == 1 <==> *cursor == frame_limit;
    ensures bequeathed: \forall integer f; orphan_of{Pre}(from, f) && \old(*cursor) <= f < *cursor
        ==> bequeathed{Pre, Post}(f, to);
    ensures others: \forall integer f; is_frame(f) && !(orphan_of{Pre}(from, f) &&
        \old(*cursor) <= f < *cursor) ==> kept{Pre, Post}(f); */
bool frames_bequeath(domain_id from, domain_id to, uint32_t *cursor) {
    uint32_t end =
        frame_limit - *cursor < LOOKED_AT_PER_CALL ? frame_limit : *cursor + LOOKED_AT_PER_CALL;

    /*@ loop invariant \at(*cursor, Pre) <= number <= end;
        loop invariant typed: typed;
        loop invariant stated: stated;
        loop invariant charged: charged;
        loop invariant bequeathed: \forall integer f; orphan_of{Pre}(from, f) &&
            \at(*cursor, Pre) <= f < number ==> bequeathed{Pre, Here}(f, to);
        loop invariant others: \forall integer f; is_frame(f) && !(orphan_of{Pre}(from, f) &&
            \at(*cursor, Pre) <= f < number) ==> kept{Pre, Here}(f);
        loop assigns number, frames[0 .. frame_limit - 1], owned[0 .. MAX_DOMAINS - 1];
        loop variant end - number; */
    for (uint32_t number = *cursor; number < end; number++)
        if (frames[number].state == FRAME_OWNED && frames[number].owner == from &&
            frames[number].use == FRAME_ORPHAN)
            frame_bequeath(number, to);
    *cursor = end;
    return end == frame_limit;
}

/* --- on the way back ------------------------------------------------------------------------ */

/*@ predicate before(integer e, integer epoch) =
        e != epoch && (uint32_t)(epoch - e) < EPOCH_HALF;
    predicate done(integer epoch) = in_state(FRAME_FLUSHING, queues[FRAME_FLUSHING].first) &&
        before(frames[queues[FRAME_FLUSHING].first].epoch, epoch); */

/* Did the oldest FLUSHING frame leave before `epoch`, counting modulo 2^32? */
/*@ requires tabled;
    terminates \true;
    assigns \nothing;
    ensures \result == 1 <==> done(epoch); */
static bool flush_is_done(uint32_t epoch) {
    uint32_t first = queues[FRAME_FLUSHING].first;

    return frame_in(first, FRAME_FLUSHING) && frames[first].epoch != epoch &&
           (uint32_t)(epoch - frames[first].epoch) < EPOCH_HALF;
}

/*@ requires frames_ok && in_state(FRAME_FLUSHING, queues[FRAME_FLUSHING].first);
    terminates \true;
    assigns frames[0 .. frame_limit - 1], queues[0 .. FRAME_FLUSHING], counts[0 .. FRAME_FLUSHING];
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures flushed: passes{Pre, Post}(\old(queues[FRAME_FLUSHING].first), FRAME_FLUSHING,
        FRAME_DIRTY);
    ensures others: others_kept{Pre, Post}(\old(queues[FRAME_FLUSHING].first)); */
static void flush_one(void) {
    uint32_t number = queues[FRAME_FLUSHING].first;

    queues[FRAME_FLUSHING].first = frames[number].gfn;
    queue_append(FRAME_DIRTY, number,
                 (struct frame){.owner = DOMAIN_NONE, .state = FRAME_DIRTY, .gfn = FRAME_NONE});
    counts[FRAME_FLUSHING]--;
    counts[FRAME_DIRTY]++;
}

/*@ requires frames_ok;
    terminates \true;
    assigns frames[0 .. frame_limit - 1], queues[0 .. FRAME_FLUSHING], counts[0 .. FRAME_FLUSHING];
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures lawful: lawful{Pre, Post};
    ensures more: \result == 1 <==> done(epoch);
    ensures flushed: \forall integer f; is_frame(f) && !kept{Pre, Post}(f) ==>
        passes{Pre, Post}(f, FRAME_FLUSHING, FRAME_DIRTY) &&
        before(\old(frames[f].epoch), epoch); */
bool frames_flushed(uint32_t epoch) {
    /*@ loop invariant 0 <= taken <= FLUSHED_PER_CALL;
        loop invariant typed: typed;
        loop invariant stated: stated;
        loop invariant charged: charged;
        loop invariant flushed: \forall integer f; is_frame(f) && !kept{Pre, Here}(f) ==>
            passes{Pre, Here}(f, FRAME_FLUSHING, FRAME_DIRTY) &&
            before(\at(frames[f].epoch, Pre), epoch);
        loop assigns taken, frames[0 .. frame_limit - 1], queues[0 .. FRAME_FLUSHING],
            counts[0 .. FRAME_FLUSHING];
        loop variant FLUSHED_PER_CALL - taken; */
    for (uint32_t taken = 0; taken < FLUSHED_PER_CALL && flush_is_done(epoch); taken++) flush_one();
    return flush_is_done(epoch);
}

/*@ requires frames_ok && in_state(FRAME_DIRTY, queues[FRAME_DIRTY].first);
    terminates \true;
    assigns frames[0 .. frame_limit - 1], queues[FRAME_DIRTY], counts[0 .. FRAME_FLUSHING];
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures scrubbing: passes{Pre, Post}(\result, FRAME_DIRTY, FRAME_SCRUBBING);
    ensures others: others_kept{Pre, Post}(\result); */
static uint32_t scrub_one(void) {
    uint32_t number = queues[FRAME_DIRTY].first;

    queues[FRAME_DIRTY].first = frames[number].gfn;
    frame_put(number, (struct frame){.owner = DOMAIN_NONE, .state = FRAME_SCRUBBING});
    counts[FRAME_DIRTY]--;
    counts[FRAME_SCRUBBING]++;
    return number;
}

/*@ requires frames_ok && \valid(out + (0 .. max - 1)) && \base_addr(out) != \base_addr(frames);
    terminates \true;
    assigns frames[0 .. frame_limit - 1], queues[FRAME_DIRTY], counts[0 .. FRAME_FLUSHING],
        out[0 .. max - 1];
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures lawful: lawful{Pre, Post};
    ensures bounded: \result <= max;
    ensures taken: \forall integer i; 0 <= i < \result ==>
        passes{Pre, Post}(out[i].number, FRAME_DIRTY, FRAME_SCRUBBING);
    ensures once: \forall integer i, j; 0 <= i < j < \result ==> out[i].number != out[j].number;
    ensures others: \forall integer f; is_frame(f) && !kept{Pre, Post}(f) ==>
        \exists integer i; 0 <= i < \result && out[i].number == f; */
uint32_t frames_scrub_take(struct mfn *out, uint32_t max) {
    uint32_t taken = 0;

    /*@ loop invariant 0 <= taken <= max;
        loop invariant typed: typed;
        loop invariant stated: stated;
        loop invariant charged: charged;
        loop invariant taken: \forall integer i; 0 <= i < taken ==>
            passes{Pre, Here}(out[i].number, FRAME_DIRTY, FRAME_SCRUBBING);
        loop invariant once: \forall integer i, j; 0 <= i < j < taken ==>
            out[i].number != out[j].number;
        loop invariant others: \forall integer f; is_frame(f) && !kept{Pre, Here}(f) ==>
            \exists integer i; 0 <= i < taken && out[i].number == f;
        loop assigns taken, frames[0 .. frame_limit - 1], queues[FRAME_DIRTY],
            counts[0 .. FRAME_FLUSHING], out[0 .. max - 1];
        loop variant max - taken; */
    while (taken < max && frame_in(queues[FRAME_DIRTY].first, FRAME_DIRTY)) {
        out[taken].number = scrub_one();
        taken++;
    }
    return taken;
}

/*@ requires frames_ok;
    terminates \true;
    assigns frames[mfn.number], counts[0 .. FRAME_FLUSHING];
    ensures typed: typed;
    ensures stated: stated;
    ensures charged: charged;
    ensures lawful: lawful{Pre, Post};
    ensures scrubbed: in_state{Pre}(FRAME_SCRUBBING, mfn.number) ==> clean(mfn.number);
    ensures nothing: !in_state{Pre}(FRAME_SCRUBBING, mfn.number) ==> all_kept{Pre, Post};
    ensures others: others_kept{Pre, Post}(mfn.number); */
void frame_scrubbed(struct mfn mfn) {
    uint32_t number = (uint32_t)mfn.number;

    if (!frame_in(mfn.number, FRAME_SCRUBBING)) return;

    frame_put(number, (struct frame){.owner = DOMAIN_NONE,
                                     .state = FRAME_CLEAN,
                                     .gfn = chunks_add_clean(number)});
    counts[FRAME_SCRUBBING]--;
    counts[FRAME_CLEAN]++;
}
