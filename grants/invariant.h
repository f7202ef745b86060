/* SPDX-License-Identifier: Apache-2.0 */
/* For the prover alone: the invariant of grants, and the inductions on its sums that no solver does
 * by itself (ghost functions whose loops are the inductions). */
#ifndef CORDON_GRANTS_INVARIANT_H
#define CORDON_GRANTS_INVARIANT_H

#include "grants/storage.h"

/*@
  predicate live(integer m, integer h) =
    0 <= m < MAX_DOMAINS && 0 <= h < MAX_GRANT_MAPPINGS && mappings[m][h].used == 1;

  predicate exists_grant(integer g, integer r) =
    0 <= g < MAX_DOMAINS && 0 <= r < grant_domains[g].frames * GRANTS_PER_FRAME;

  // Live mappings of granter g, and (names) of its reference r, w == 1 to write: among the first n
  // handles of mapper m; of the first n mappers.
  logic integer row_lent{L}(integer m, integer g, integer n) =
    n <= 0 ? 0 : row_lent(m, g, n - 1) +
      (mappings[m][n - 1].used == 1 && mappings[m][n - 1].granter == g ? 1 : 0);
  logic integer all_lent{L}(integer g, integer n) =
    n <= 0 ? 0 : all_lent(g, n - 1) + row_lent(n - 1, g, MAX_GRANT_MAPPINGS);
  logic integer row_names{L}(integer m, integer g, integer r, integer w, integer n) =
    n <= 0 ? 0 : row_names(m, g, r, w, n - 1) +
      (mappings[m][n - 1].used == 1 && mappings[m][n - 1].granter == g &&
       mappings[m][n - 1].reference == r && mappings[m][n - 1].writable == w ? 1 : 0);
  logic integer all_names{L}(integer g, integer r, integer w, integer n) =
    n <= 0 ? 0 : all_names(g, r, w, n - 1) + row_names(n - 1, g, r, w, MAX_GRANT_MAPPINGS);

  predicate limits = \forall integer d; 0 <= d < MAX_DOMAINS ==>
    grant_domains[d].frames <= grant_domains[d].max_frames <= MAX_GRANT_FRAMES &&
    grant_domains[d].used <= grant_domains[d].backed <= MAX_GRANT_MAPPINGS &&
    grant_domains[d].max_mappings <= MAX_GRANT_MAPPINGS;

  // `order` and `place` are inverse permutations of the handles with storage; the live ones are
  // the first `used` in that order. Storage that is not there, or comes zeroed, holds nothing.
  predicate ordered = \forall integer m, h; 0 <= m < MAX_DOMAINS && 0 <= h < MAX_GRANT_MAPPINGS ==>
    (h >= grant_domains[m].backed ==> mappings[m][h].used == 0) &&
    (h < grant_domains[m].backed ==>
     mappings[m][h].order < grant_domains[m].backed &&
     mappings[m][h].place < grant_domains[m].backed &&
     mappings[m][mappings[m][h].order].place == h && mappings[m][mappings[m][h].place].order == h &&
     (mappings[m][h].used == 1 <==> mappings[m][h].place < grant_domains[m].used));

  // A live mapping names a grant that exists, unless its granter is dead.
  predicate named = \forall integer m, h; live(m, h) ==>
    mappings[m][h].granter < MAX_DOMAINS && mappings[m][h].reference < MAX_GRANTS &&
    (grant_domains[mappings[m][h].granter].max_frames != 0 ==>
     exists_grant(mappings[m][h].granter, mappings[m][h].reference));

  predicate lent_counts = \forall integer g; 0 <= g < MAX_DOMAINS ==>
    grant_domains[g].lent == all_lent(g, MAX_DOMAINS);

  predicate active_counts = \forall integer g, r; exists_grant(g, r) ==>
    active_grants[g][r].readers == all_names(g, r, 0, MAX_DOMAINS) &&
    active_grants[g][r].writers == all_names(g, r, 1, MAX_DOMAINS);

  predicate grants_ok = limits && ordered && named && lent_counts && active_counts;

  predicate is_mapping(struct grant_mapping *p, integer m, integer h) =
    p->used == mappings[m][h].used && p->writable == mappings[m][h].writable &&
    p->granter == mappings[m][h].granter && p->reference == mappings[m][h].reference &&
    p->mfn == mappings[m][h].mfn && p->gfn == mappings[m][h].gfn;

  predicate domain_has_handle(integer m) = 0 <= m < MAX_DOMAINS &&
    grant_domains[m].used < grant_domains[m].backed &&
    grant_domains[m].used < grant_domains[m].max_mappings;

  // A live mapping by the grant of a dead granter may name another that is dead.
  predicate can_pass(integer m, integer h, integer heir) = live(m, h) && 0 <= heir < MAX_DOMAINS &&
    grant_domains[mappings[m][h].granter].max_frames == 0 && grant_domains[heir].max_frames == 0;

  // What an unmap or a refused pin has to take back: reading unless it is mapped, writing unless it
  // is mapped to write.
  logic integer pins_left(integer g, integer r, integer w) =
    (w == 1 && all_names(g, r, 1, MAX_DOMAINS) == 0 ? GRANT_PIN_WRITING : 0) +
    (all_names(g, r, 0, MAX_DOMAINS) == 0 && all_names(g, r, 1, MAX_DOMAINS) == 0
     ? GRANT_PIN_READING : 0);

  predicate is_unpin(struct effect *e, integer g, integer r, integer w) =
    e->kind == EFFECT_UNPIN && e->domain == g && e->value == r % GRANTS_PER_FRAME &&
    e->mfn == grant_domains[g].shared[r / GRANTS_PER_FRAME] && e->flags == pins_left(g, r, w);
*/

/*@ ghost
  /@ terminates \true;
     assigns \nothing;
     ensures \forall integer g; 0 <= all_lent(g, MAX_DOMAINS) <= MAX_DOMAINS * MAX_GRANT_MAPPINGS;
     ensures \forall integer g, r, w;
       0 <= all_names(g, r, w, MAX_DOMAINS) <= MAX_DOMAINS * MAX_GRANT_MAPPINGS; @/
  static void sums_are_bounded(void) {
    /@ loop invariant 0 <= i <= MAX_GRANT_MAPPINGS;
       loop invariant \forall integer m, g; 0 <= row_lent(m, g, i) <= i;
       loop invariant \forall integer m, g, r, w; 0 <= row_names(m, g, r, w, i) <= i;
       loop assigns i;
       loop variant MAX_GRANT_MAPPINGS - i; @/
    for (uint32_t i = 0; i < MAX_GRANT_MAPPINGS; i++) ;
    /@ loop invariant 0 <= i <= MAX_DOMAINS;
       loop invariant \forall integer g; 0 <= all_lent(g, i) <= i * MAX_GRANT_MAPPINGS;
       loop invariant \forall integer g, r, w; 0 <= all_names(g, r, w, i) <= i * MAX_GRANT_MAPPINGS;
       loop assigns i;
       loop variant MAX_DOMAINS - i; @/
    for (uint32_t i = 0; i < MAX_DOMAINS; i++) ;
  }
*/

/* A granter without loans is named by no live mapping. */
/*@ ghost
  /@ requires granter < MAX_DOMAINS && all_lent(granter, MAX_DOMAINS) == 0;
     terminates \true;
     assigns \nothing;
     ensures \forall integer m, h; live(m, h) ==> mappings[m][h].granter != granter; @/
  static void nobody_names(uint32_t granter) {
    /@ loop invariant 0 <= i <= MAX_GRANT_MAPPINGS;
       loop invariant \forall integer m; row_lent(m, granter, i) >= 0;
       loop invariant \forall integer m, h; 0 <= h < i && live(m, h) &&
         mappings[m][h].granter == granter ==> row_lent(m, granter, i) >= 1;
       loop assigns i;
       loop variant MAX_GRANT_MAPPINGS - i; @/
    for (uint32_t i = 0; i < MAX_GRANT_MAPPINGS; i++) ;
    /@ loop invariant 0 <= i <= MAX_DOMAINS;
       loop invariant all_lent(granter, i) >= 0;
       loop invariant \forall integer m, h; 0 <= m < i && live(m, h) &&
         mappings[m][h].granter == granter ==> all_lent(granter, i) >= 1;
       loop assigns i;
       loop variant MAX_DOMAINS - i; @/
    for (uint32_t i = 0; i < MAX_DOMAINS; i++) ;
  }
*/

/* Beyond the table of a live granter nothing is counted. */
/*@ ghost
  /@ requires named && granter < MAX_DOMAINS && grant_domains[granter].max_frames != 0;
     terminates \true;
     assigns \nothing;
     ensures \forall integer r, w; !exists_grant(granter, r) ==>
       all_names(granter, r, w, MAX_DOMAINS) == 0; @/
  static void none_beyond(uint32_t granter) {
    /@ loop invariant 0 <= i <= MAX_GRANT_MAPPINGS;
       loop invariant \forall integer m, r, w; 0 <= m < MAX_DOMAINS && !exists_grant(granter, r) ==>
         row_names(m, granter, r, w, i) == 0;
       loop assigns i;
       loop variant MAX_GRANT_MAPPINGS - i; @/
    for (uint32_t i = 0; i < MAX_GRANT_MAPPINGS; i++) ;
    /@ loop invariant 0 <= i <= MAX_DOMAINS;
       loop invariant \forall integer r, w; !exists_grant(granter, r) ==>
         all_names(granter, r, w, i) == 0;
       loop assigns i;
       loop variant MAX_DOMAINS - i; @/
    for (uint32_t i = 0; i < MAX_DOMAINS; i++) ;
  }
*/

/* Zeroed memory, which is how it all starts, satisfies the invariant. */
/*@ ghost
  /@ requires \forall integer d; 0 <= d < MAX_DOMAINS ==>
       grant_domains[d].frames == 0 && grant_domains[d].max_frames == 0 &&
       grant_domains[d].backed == 0 && grant_domains[d].max_mappings == 0 &&
       grant_domains[d].lent == 0 && grant_domains[d].used == 0;
     requires \forall integer m, h; 0 <= m < MAX_DOMAINS && 0 <= h < MAX_GRANT_MAPPINGS ==>
       mappings[m][h].used == 0;
     terminates \true;
     assigns \nothing;
     ensures ok: grants_ok; @/
  void zero_is_ok(void) {
    /@ loop invariant 0 <= i <= MAX_GRANT_MAPPINGS;
       loop invariant \forall integer m, g; 0 <= m < MAX_DOMAINS ==> row_lent(m, g, i) == 0;
       loop assigns i;
       loop variant MAX_GRANT_MAPPINGS - i; @/
    for (uint32_t i = 0; i < MAX_GRANT_MAPPINGS; i++) ;
    /@ loop invariant 0 <= i <= MAX_DOMAINS;
       loop invariant \forall integer g; all_lent(g, i) == 0;
       loop assigns i;
       loop variant MAX_DOMAINS - i; @/
    for (uint32_t i = 0; i < MAX_DOMAINS; i++) ;
  }
*/

#endif
