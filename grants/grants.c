/* SPDX-License-Identifier: Apache-2.0 */
/* Grant tables of all domains and the live mappings. Relies on the gate's lock, and on the gate to
 * pin entries and to reference frames; touches a page of storage only after it was said to be
 * backed and while something in it is live. */
#include "grants/grants.h"

#include "grants/invariant.h"
#include "grants/storage.h"

_Static_assert(sizeof(struct active_grant) * GRANTS_PER_FRAME == PAGE_SIZE,
               "one page of active grants stands behind each grant frame");
_Static_assert(PAGE_SIZE % sizeof(struct grant_mapping) == 0, "no mapping lies in two pages");

SPARSE struct active_grant active_grants[MAX_DOMAINS][MAX_GRANTS];
SPARSE struct grant_mapping mappings[MAX_DOMAINS][MAX_GRANT_MAPPINGS];

struct grant_domain grant_domains[MAX_DOMAINS];

/*@ requires limits;
    terminates \true;
    assigns \nothing;
    ensures \result <==> exists_grant(granter, reference); */
static bool grant_exists(domain_id granter, grant_ref reference) {
    return granter < MAX_DOMAINS && reference / GRANTS_PER_FRAME < grant_domains[granter].frames;
}

/*@ requires limits && ordered;
    terminates \true;
    assigns \nothing;
    ensures \result <==> live(mapper, handle); */
static bool handle_is_used(domain_id mapper, uint32_t handle) {
    return mapper < MAX_DOMAINS && handle < grant_domains[mapper].backed &&
           mappings[mapper][handle].used;
}

/* Not while anything of an earlier domain of this number is live: its counts would be mixed up with
 * the new domain's. The domain then stays without grants, which is safe. */
/*@ requires grants_ok;
    terminates \true;
    assigns grant_domains[0 .. MAX_DOMAINS - 1];
    ensures ok: grants_ok;
    ensures others: \forall integer d; 0 <= d < MAX_DOMAINS && d != domain ==>
      grant_domains[d] == \old(grant_domains[d]);
    ensures born: domain < MAX_DOMAINS ==>
      (max_frames <= MAX_GRANT_FRAMES && max_mappings <= MAX_GRANT_MAPPINGS &&
       \old(grant_domains[domain].max_frames) == 0 && \old(grant_domains[domain].lent) == 0 &&
       \old(grant_domains[domain].used) == 0
       ? grant_domains[domain].frames == 0 && grant_domains[domain].max_frames == max_frames &&
         grant_domains[domain].backed == 0 && grant_domains[domain].max_mappings == max_mappings &&
         grant_domains[domain].lent == 0 && grant_domains[domain].used == 0
       : grant_domains[domain] == \old(grant_domains[domain])); */
void grants_create(domain_id domain, uint32_t max_frames, uint32_t max_mappings) {
    if (domain >= MAX_DOMAINS || max_frames > MAX_GRANT_FRAMES ||
        max_mappings > MAX_GRANT_MAPPINGS || grant_domains[domain].max_frames != 0 ||
        grant_domains[domain].lent != 0 || grant_domains[domain].used != 0)
        return;

    //@ ghost nobody_names(domain);
    grant_domains[domain].frames = 0;
    grant_domains[domain].max_frames = max_frames;
    grant_domains[domain].backed = 0;
    grant_domains[domain].max_mappings = max_mappings;
}

/*@ requires limits;
    terminates \true;
    assigns \nothing;
    ensures \result == (domain < MAX_DOMAINS ? grant_domains[domain].frames : 0); */
uint32_t grants_frames(domain_id domain) {
    return domain < MAX_DOMAINS ? grant_domains[domain].frames : 0;
}

/*@ requires limits;
    terminates \true;
    assigns \nothing;
    ensures \result == (domain < MAX_DOMAINS ? grant_domains[domain].max_frames : 0); */
uint32_t grants_max_frames(domain_id domain) {
    return domain < MAX_DOMAINS ? grant_domains[domain].max_frames : 0;
}

/*@ requires limits;
    terminates \true;
    assigns \nothing;
    ensures frame: domain < MAX_DOMAINS && index < grant_domains[domain].frames
      ? \result == grant_domains[domain].shared[index]
      : \result.number == MFN_NONE; */
struct mfn grants_frame(domain_id domain, uint32_t index) {
    if (domain >= MAX_DOMAINS || index >= grant_domains[domain].frames)
        return (struct mfn){.number = MFN_NONE};
    return grant_domains[domain].shared[index];
}

/* The page of active grants arrives zeroed: it is not touched here. */
/*@ requires grants_ok;
    requires zeroed: domain < MAX_DOMAINS && grant_domains[domain].frames < MAX_GRANT_FRAMES ==>
      \forall integer r; grant_domains[domain].frames * GRANTS_PER_FRAME <= r <
        (grant_domains[domain].frames + 1) * GRANTS_PER_FRAME ==>
        active_grants[domain][r].readers == 0 && active_grants[domain][r].writers == 0;
    terminates \true;
    assigns grant_domains[0 .. MAX_DOMAINS - 1];
    ensures ok: grants_ok;
    ensures no_domain: \result == REASON_NO_DOMAIN <==> domain >= MAX_DOMAINS;
    ensures full: \result == REASON_NO_SPACE <==> domain < MAX_DOMAINS &&
      \old(grant_domains[domain].frames) >= \old(grant_domains[domain].max_frames);
    ensures \result == REASON_OK || \result == REASON_NO_DOMAIN || \result == REASON_NO_SPACE;
    ensures refused: \result != REASON_OK ==> \forall integer d; 0 <= d < MAX_DOMAINS ==>
      grant_domains[d] == \old(grant_domains[d]);
    ensures others: \forall integer d; 0 <= d < MAX_DOMAINS && d != domain ==>
      grant_domains[d] == \old(grant_domains[d]);
    ensures grown: \result == REASON_OK ==>
      grant_domains[domain].frames == \old(grant_domains[domain].frames) + 1 &&
      grant_domains[domain].shared[\old(grant_domains[domain].frames)] == shared &&
      grant_domains[domain].max_frames == \old(grant_domains[domain].max_frames) &&
      grant_domains[domain].backed == \old(grant_domains[domain].backed) &&
      grant_domains[domain].max_mappings == \old(grant_domains[domain].max_mappings);
    ensures kept: \result == REASON_OK ==>
      \forall integer i; 0 <= i < \old(grant_domains[domain].frames) ==>
        grant_domains[domain].shared[i] == \old(grant_domains[domain].shared[i]); */
enum reason grants_add_frame(domain_id domain, struct mfn shared) {
    if (domain >= MAX_DOMAINS) return REASON_NO_DOMAIN;
    if (grant_domains[domain].frames >= grant_domains[domain].max_frames) return REASON_NO_SPACE;

    //@ ghost none_beyond(domain);
    grant_domains[domain].shared[grant_domains[domain].frames] = shared;
    grant_domains[domain].frames++;
    return REASON_OK;
}

/*@ requires limits;
    terminates \true;
    assigns \nothing;
    ensures \result == (domain < MAX_DOMAINS ? grant_domains[domain].backed : 0); */
uint32_t grants_mappings_backed(domain_id domain) {
    return domain < MAX_DOMAINS ? grant_domains[domain].backed : 0;
}

/*@ requires limits;
    terminates \true;
    assigns \nothing;
    ensures \result == (domain < MAX_DOMAINS ? grant_domains[domain].max_mappings : 0); */
uint32_t grants_mappings_max(domain_id domain) {
    return domain < MAX_DOMAINS ? grant_domains[domain].max_mappings : 0;
}

/*@ requires grants_ok;
    terminates \true;
    assigns grant_domains[0 .. MAX_DOMAINS - 1].backed,
            mappings[0 .. MAX_DOMAINS - 1][0 .. MAX_GRANT_MAPPINGS - 1];
    ensures ok: grants_ok;
    ensures others: \forall integer d; 0 <= d < MAX_DOMAINS && d != domain ==>
      grant_domains[d].backed == \old(grant_domains[d].backed);
    ensures kept: \forall integer m, h; 0 <= m < MAX_DOMAINS && 0 <= h < MAX_GRANT_MAPPINGS &&
      (m != domain || h < \old(grant_domains[domain].backed)) ==>
      mappings[m][h] == \old(mappings[m][h]);
    ensures grown: domain < MAX_DOMAINS ==> grant_domains[domain].backed ==
      (\old(grant_domains[domain].backed) < count <= MAX_GRANT_MAPPINGS
       ? count : \old(grant_domains[domain].backed)); */
void grants_back_mappings(domain_id domain, uint32_t count) {
    if (domain >= MAX_DOMAINS || count > MAX_GRANT_MAPPINGS) return;

    /*@ loop invariant \at(grant_domains[domain].backed, Pre) <= handle;
        loop invariant handle <= count || handle == \at(grant_domains[domain].backed, Pre);
        loop invariant \forall integer m, h; 0 <= m < MAX_DOMAINS && 0 <= h < MAX_GRANT_MAPPINGS &&
          (m != domain || h < \at(grant_domains[domain].backed, Pre) || h >= handle) ==>
          mappings[m][h] == \at(mappings[m][h], Pre);
        loop invariant \forall integer h; \at(grant_domains[domain].backed, Pre) <= h < handle ==>
          mappings[domain][h].order == h && mappings[domain][h].place == h &&
          mappings[domain][h].used == 0;
        loop assigns handle, mappings[domain][0 .. MAX_GRANT_MAPPINGS - 1];
        loop variant MAX_GRANT_MAPPINGS - handle; */
    for (uint32_t handle = grant_domains[domain].backed; handle < count; handle++)
        mappings[domain][handle] = (struct grant_mapping){.order = handle, .place = handle};
    /*@ ghost
      /@ loop invariant 0 <= i <= MAX_GRANT_MAPPINGS;
         loop invariant \forall integer m, g; row_lent(m, g, i) == row_lent{Pre}(m, g, i);
         loop invariant \forall integer m, g, r, w;
           row_names(m, g, r, w, i) == row_names{Pre}(m, g, r, w, i);
         loop assigns i;
         loop variant MAX_GRANT_MAPPINGS - i; @/
      for (uint32_t i = 0; i < MAX_GRANT_MAPPINGS; i++) ;
      /@ loop invariant 0 <= i <= MAX_DOMAINS;
         loop invariant \forall integer g; all_lent(g, i) == all_lent{Pre}(g, i);
         loop invariant \forall integer g, r, w; all_names(g, r, w, i) == all_names{Pre}(g, r, w,
      i); loop assigns i; loop variant MAX_DOMAINS - i; @/ for (uint32_t i = 0; i < MAX_DOMAINS;
      i++) ;
    */
    if (count > grant_domains[domain].backed) grant_domains[domain].backed = count;
}

/*@ requires limits;
    terminates \true;
    assigns \nothing;
    ensures free: \result <==> domain_has_handle(mapper); */
bool grants_handle_free(domain_id mapper) {
    return mapper < MAX_DOMAINS && grant_domains[mapper].used < grant_domains[mapper].backed &&
           grant_domains[mapper].used < grant_domains[mapper].max_mappings;
}

/*@ requires limits && active_counts;
    terminates \true;
    assigns \nothing;
    ensures active: exists_grant(granter, reference)
      ? \result.readers == all_names(granter, reference, 0, MAX_DOMAINS) &&
        \result.writers == all_names(granter, reference, 1, MAX_DOMAINS)
      : \result.readers == 0 && \result.writers == 0; */
struct active_grant grants_active(domain_id granter, grant_ref reference) {
    if (!grant_exists(granter, reference)) return (struct active_grant){.readers = 0};
    return active_grants[granter][reference];
}

/*@ requires grants_ok && \valid(out);
    terminates \true;
    assigns *out;
    ensures live: \result <==> live(mapper, handle);
    ensures copied: \result ? is_mapping(out, mapper, handle) : *out == \old(*out); */
bool grants_mapping_read(domain_id mapper, uint32_t handle, struct grant_mapping *out) {
    if (!handle_is_used(mapper, handle)) return false;
    *out = mappings[mapper][handle];
    return true;
}

/*@ requires grants_ok;
    terminates \true;
    assigns \nothing;
    ensures granter: live(mapper, handle) ? \result == mappings[mapper][handle].granter
      : \result == DOMAIN_NONE; */
domain_id grants_granter(domain_id mapper, uint32_t handle) {
    return handle_is_used(mapper, handle) ? mappings[mapper][handle].granter : DOMAIN_NONE;
}

/*@ requires grants_ok && \valid(handle);
    terminates \true;
    assigns *handle, grant_domains[0 .. MAX_DOMAINS - 1].used, grant_domains[0 .. MAX_DOMAINS -
   1].lent, mappings[0 .. MAX_DOMAINS - 1][0 .. MAX_GRANT_MAPPINGS - 1], active_grants[0 ..
   MAX_DOMAINS - 1][0 .. MAX_GRANTS - 1]; ensures ok: grants_ok; ensures no_domain: \result ==
   REASON_NO_DOMAIN <==> mapper >= MAX_DOMAINS; ensures no_grant: \result == REASON_INVALID <==>
      mapper < MAX_DOMAINS && !exists_grant(granter, reference);
    ensures full: \result == REASON_NO_SPACE <==> mapper < MAX_DOMAINS &&
      exists_grant(granter, reference) && !\old(domain_has_handle(mapper));
    ensures \result == REASON_OK || \result == REASON_NO_DOMAIN || \result == REASON_INVALID ||
      \result == REASON_NO_SPACE;
    ensures mapped: \result == REASON_OK ==> live(mapper, *handle) && !live{Pre}(mapper, *handle) &&
      mappings[mapper][*handle].granter == granter &&
      mappings[mapper][*handle].reference == reference &&
      mappings[mapper][*handle].mfn == mfn && mappings[mapper][*handle].gfn == gfn &&
      (mappings[mapper][*handle].writable <==> writable);
    ensures others: \forall integer m, h; 0 <= m < MAX_DOMAINS && 0 <= h < MAX_GRANT_MAPPINGS &&
      (\result != REASON_OK || m != mapper || h != *handle) ==>
      mappings[m][h] == \old(mappings[m][h]);
    ensures counts: \forall integer g, r; 0 <= g < MAX_DOMAINS && 0 <= r < MAX_GRANTS &&
      (\result != REASON_OK || g != granter || r != reference) ==>
      active_grants[g][r] == \old(active_grants[g][r]);
    ensures used: \forall integer d; 0 <= d < MAX_DOMAINS ==> grant_domains[d].used ==
      \old(grant_domains[d].used) + (\result == REASON_OK && d == mapper ? 1 : 0);
    ensures lent: \forall integer d; 0 <= d < MAX_DOMAINS ==> grant_domains[d].lent ==
      \old(grant_domains[d].lent) + (\result == REASON_OK && d == granter ? 1 : 0); */
enum reason grants_map(domain_id mapper, domain_id granter, grant_ref reference, struct mfn mfn,
                       struct gfn gfn, bool writable, uint32_t *handle) {
    uint32_t slot;

    if (mapper >= MAX_DOMAINS) return REASON_NO_DOMAIN;
    if (!grant_exists(granter, reference)) return REASON_INVALID;
    if (!grants_handle_free(mapper)) return REASON_NO_SPACE;

    slot = mappings[mapper][grant_domains[mapper].used].order;
    mappings[mapper][slot].used = true;
    mappings[mapper][slot].writable = writable;
    mappings[mapper][slot].granter = granter;
    mappings[mapper][slot].reference = reference;
    mappings[mapper][slot].mfn = mfn;
    mappings[mapper][slot].gfn = gfn;
    /*@ ghost
      /@ loop invariant 0 <= i <= MAX_GRANT_MAPPINGS;
         loop invariant \forall integer m, g; row_lent(m, g, i) ==
           row_lent{Pre}(m, g, i) + (m == mapper && i > slot && g == granter ? 1 : 0);
         loop invariant \forall integer m, g, r, w; row_names(m, g, r, w, i) ==
           row_names{Pre}(m, g, r, w, i) + (m == mapper && i > slot && g == granter &&
             r == reference && w == writable ? 1 : 0);
         loop assigns i;
         loop variant MAX_GRANT_MAPPINGS - i; @/
      for (uint32_t i = 0; i < MAX_GRANT_MAPPINGS; i++) ;
      /@ loop invariant 0 <= i <= MAX_DOMAINS;
         loop invariant \forall integer g; all_lent(g, i) ==
           all_lent{Pre}(g, i) + (i > mapper && g == granter ? 1 : 0);
         loop invariant \forall integer g, r, w; all_names(g, r, w, i) ==
           all_names{Pre}(g, r, w, i) + (i > mapper && g == granter && r == reference &&
             w == writable ? 1 : 0);
         loop assigns i;
         loop variant MAX_DOMAINS - i; @/
      for (uint32_t i = 0; i < MAX_DOMAINS; i++) ;
      sums_are_bounded();
    */
    grant_domains[mapper].used++;
    grant_domains[granter].lent++;
    if (writable)
        active_grants[granter][reference].writers++;
    else
        active_grants[granter][reference].readers++;
    *handle = slot;
    //@ assert limits;
    //@ assert ordered;
    //@ assert named;
    //@ assert lent_counts;
    //@ assert active_counts;
    return REASON_OK;
}

/* The handle changes places with the last that is in use. */
/*@ requires limits && ordered && named && lent_counts && live(mapper, handle);
    terminates \true;
    assigns grant_domains[mapper].used, grant_domains[0 .. MAX_DOMAINS - 1].lent,
            mappings[mapper][0 .. MAX_GRANT_MAPPINGS - 1];
    ensures limits;
    ensures ordered;
    ensures named;
    ensures lent_counts;
    ensures used: grant_domains[mapper].used == \old(grant_domains[mapper].used) - 1;
    ensures lent: \forall integer d; 0 <= d < MAX_DOMAINS ==> grant_domains[d].lent ==
      \old(grant_domains[d].lent) - (d == mappings[mapper][handle].granter ? 1 : 0);
    ensures ended: !live(mapper, handle);
    ensures others: \forall integer h; 0 <= h < MAX_GRANT_MAPPINGS ==>
      (h != handle ==> mappings[mapper][h].used == \old(mappings[mapper][h].used)) &&
      mappings[mapper][h].writable == \old(mappings[mapper][h].writable) &&
      mappings[mapper][h].granter == \old(mappings[mapper][h].granter) &&
      mappings[mapper][h].reference == \old(mappings[mapper][h].reference) &&
      mappings[mapper][h].mfn == \old(mappings[mapper][h].mfn) &&
      mappings[mapper][h].gfn == \old(mappings[mapper][h].gfn);
    ensures names: \forall integer g, r, w; all_names(g, r, w, MAX_DOMAINS) ==
      all_names{Pre}(g, r, w, MAX_DOMAINS) - (g == mappings[mapper][handle].granter &&
        r == mappings[mapper][handle].reference && w == mappings[mapper][handle].writable ? 1 : 0);
*/
static void release(domain_id mapper, uint32_t handle) {
    uint32_t used = grant_domains[mapper].used - 1;
    uint32_t last = mappings[mapper][used].order;
    uint32_t place = mappings[mapper][handle].place;
    domain_id granter = mappings[mapper][handle].granter;

    //@ assert granter < MAX_DOMAINS;
    mappings[mapper][place].order = last;
    mappings[mapper][last].place = place;
    mappings[mapper][used].order = handle;
    mappings[mapper][handle].place = used;
    mappings[mapper][handle].used = false;
    grant_domains[mapper].used = used;
    grant_domains[granter].lent--;
    /*@ ghost
      /@ loop invariant 0 <= i <= MAX_GRANT_MAPPINGS;
         loop invariant \forall integer m, g; row_lent(m, g, i) == row_lent{Pre}(m, g, i) -
           (m == mapper && i > handle && g == granter ? 1 : 0);
         loop invariant \forall integer m, g, r, w; row_names(m, g, r, w, i) ==
           row_names{Pre}(m, g, r, w, i) -
           (m == mapper && i > handle && g == granter &&
            r == mappings[mapper][handle].reference && w == mappings[mapper][handle].writable
            ? 1 : 0);
         loop assigns i;
         loop variant MAX_GRANT_MAPPINGS - i; @/
      for (uint32_t i = 0; i < MAX_GRANT_MAPPINGS; i++) ;
      /@ loop invariant 0 <= i <= MAX_DOMAINS;
         loop invariant \forall integer g; all_lent(g, i) == all_lent{Pre}(g, i) -
           (i > mapper && g == granter ? 1 : 0);
         loop invariant \forall integer g, r, w; all_names(g, r, w, i) ==
           all_names{Pre}(g, r, w, i) - (i > mapper && g == granter &&
            r == mappings[mapper][handle].reference && w == mappings[mapper][handle].writable
            ? 1 : 0);
         loop assigns i;
         loop variant MAX_DOMAINS - i; @/
      for (uint32_t i = 0; i < MAX_DOMAINS; i++) ;
      sums_are_bounded();
    */
}

/*@ requires limits && active_counts;
    terminates \true;
    assigns \nothing;
    ensures flags: exists_grant(granter, reference)
      ? \result == pins_left(granter, reference, writable)
      : \result == (writable ? GRANT_PIN_WRITING + GRANT_PIN_READING : GRANT_PIN_READING); */
uint16_t grants_unpin_flags(domain_id granter, grant_ref reference, bool writable) {
    struct active_grant active = grants_active(granter, reference);
    /* A writer reads too. */
    uint16_t reading = active.readers == 0 && active.writers == 0 ? GRANT_PIN_READING : 0;

    return writable && active.writers == 0 ? reading + GRANT_PIN_WRITING : reading;
}

/* The entry's flags that no longer hold, after a mapping of this kind has ended. */
/*@ requires limits && active_counts && exists_grant(granter, reference);
    requires effects_ok(effects) && effects_room(effects, 1);
    terminates \true;
    assigns effects->count, effects->items[effects->count];
    ensures count: effects->count == \old(effects->count) +
      (pins_left(granter, reference, writable) == 0 ? 0 : 1);
    ensures effect: effects->count > \old(effects->count) ==>
      is_unpin(&effects->items[\old(effects->count)], granter, reference, writable); */
static void unpin(domain_id granter, grant_ref reference, bool writable, struct effects *effects) {
    uint16_t flags = grants_unpin_flags(granter, reference, writable);

    if (flags != 0) {
        struct effect *effect = effects_add(effects, EFFECT_UNPIN, granter);

        effect->mfn = grant_domains[granter].shared[reference / GRANTS_PER_FRAME];
        effect->value = reference % GRANTS_PER_FRAME;
        effect->flags = flags;
    }
}

/*@ requires grants_ok && effects_ok(effects);
    terminates \true;
    assigns effects->count, effects->items[effects->count],
            grant_domains[0 .. MAX_DOMAINS - 1].used, grant_domains[0 .. MAX_DOMAINS - 1].lent,
            mappings[0 .. MAX_DOMAINS - 1][0 .. MAX_GRANT_MAPPINGS - 1],
            active_grants[0 .. MAX_DOMAINS - 1][0 .. MAX_GRANTS - 1];
    ensures ok: grants_ok;
    ensures no_handle: \result == REASON_INVALID <==> !live{Pre}(mapper, handle);
    ensures no_room: \result == REASON_AGAIN <==>
      live{Pre}(mapper, handle) && \old(effects->count) == EFFECTS_MAX;
    ensures \result == REASON_OK || \result == REASON_INVALID || \result == REASON_AGAIN;
    ensures ended: \result == REASON_OK ==> !live(mapper, handle);
    ensures others: \forall integer m, h; 0 <= m < MAX_DOMAINS && 0 <= h < MAX_GRANT_MAPPINGS ==>
      (\result != REASON_OK || m != mapper || h != handle ==>
       mappings[m][h].used == \old(mappings[m][h].used)) &&
      mappings[m][h].writable == \old(mappings[m][h].writable) &&
      mappings[m][h].granter == \old(mappings[m][h].granter) &&
      mappings[m][h].reference == \old(mappings[m][h].reference) &&
      mappings[m][h].mfn == \old(mappings[m][h].mfn) &&
      mappings[m][h].gfn == \old(mappings[m][h].gfn);
    ensures counts: \forall integer g, r; 0 <= g < MAX_DOMAINS && 0 <= r < MAX_GRANTS &&
      (\result != REASON_OK || g != mappings[mapper][handle].granter ||
       r != mappings[mapper][handle].reference) ==>
      active_grants[g][r] == \old(active_grants[g][r]);
    ensures used: \forall integer d; 0 <= d < MAX_DOMAINS ==> grant_domains[d].used ==
      \old(grant_domains[d].used) - (\result == REASON_OK && d == mapper ? 1 : 0);
    ensures lent: \forall integer d; 0 <= d < MAX_DOMAINS ==> grant_domains[d].lent ==
      \old(grant_domains[d].lent) -
      (\result == REASON_OK && d == mappings[mapper][handle].granter ? 1 : 0);
    ensures refused: \result != REASON_OK ==> effects->count == \old(effects->count);
    ensures unpinned: \result == REASON_OK ==> effects->count == \old(effects->count) +
      (mappings[mapper][handle].reference <
         grant_domains[mappings[mapper][handle].granter].frames * GRANTS_PER_FRAME &&
       pins_left(mappings[mapper][handle].granter, mappings[mapper][handle].reference,
                 mappings[mapper][handle].writable) != 0 ? 1 : 0);
    ensures effect: \result == REASON_OK && effects->count > \old(effects->count) ==>
      is_unpin(&effects->items[\old(effects->count)], mappings[mapper][handle].granter,
               mappings[mapper][handle].reference, mappings[mapper][handle].writable);
*/
enum reason grants_unmap(domain_id mapper, uint32_t handle, struct effects *effects) {
    domain_id granter;
    grant_ref reference;

    if (!handle_is_used(mapper, handle)) return REASON_INVALID;
    if (!effects_have_room(effects, 1)) return REASON_AGAIN;

    granter = mappings[mapper][handle].granter;
    reference = mappings[mapper][handle].reference;
    release(mapper, handle);
    //@ ghost sums_are_bounded();
    /* A granter that died took its table and counts with it. */
    if (!grant_exists(granter, reference)) return REASON_OK;

    if (mappings[mapper][handle].writable)
        active_grants[granter][reference].writers--;
    else
        active_grants[granter][reference].readers--;
    //@ assert active_counts;
    unpin(granter, reference, mappings[mapper][handle].writable, effects);
    return REASON_OK;
}

/*@ requires grants_ok && \valid(handle);
    terminates \true;
    assigns *handle;
    ensures some: \result ? live(mapper, *handle) : *handle == \old(*handle);
    ensures none: !\result ==> \forall integer h; !live(mapper, h); */
bool grants_any_mapping(domain_id mapper, uint32_t *handle) {
    if (mapper >= MAX_DOMAINS || grant_domains[mapper].used == 0) return false;
    *handle = mappings[mapper][grant_domains[mapper].used - 1].order;
    return true;
}

/* Both are dead, so no active count names either. */
/*@ requires grants_ok;
    terminates \true;
    assigns grant_domains[0 .. MAX_DOMAINS - 1].lent,
            mappings[0 .. MAX_DOMAINS - 1][0 .. MAX_GRANT_MAPPINGS - 1].granter;
    ensures ok: grants_ok;
    ensures passed: \old(can_pass(mapper, handle, heir)) ==>
      mappings[mapper][handle].granter == heir;
    ensures others: \forall integer m, h; 0 <= m < MAX_DOMAINS && 0 <= h < MAX_GRANT_MAPPINGS &&
      (m != mapper || h != handle || !\old(can_pass(mapper, handle, heir))) ==>
      mappings[m][h].granter == \old(mappings[m][h].granter);
    ensures lent: \old(can_pass(mapper, handle, heir)) ==>
      \forall integer d; 0 <= d < MAX_DOMAINS ==> grant_domains[d].lent ==
      \old(grant_domains[d].lent) + (d == heir ? 1 : 0) -
      (d == \old(mappings[mapper][handle].granter) ? 1 : 0);
    ensures refused: !\old(can_pass(mapper, handle, heir)) ==>
      \forall integer d; 0 <= d < MAX_DOMAINS ==>
      grant_domains[d].lent == \old(grant_domains[d].lent); */
void grants_bequeath(domain_id mapper, uint32_t handle, domain_id heir) {
    domain_id granter;

    if (!handle_is_used(mapper, handle) || heir >= MAX_DOMAINS) return;
    granter = mappings[mapper][handle].granter;
    if (grant_domains[granter].max_frames != 0 || grant_domains[heir].max_frames != 0) return;

    mappings[mapper][handle].granter = heir;
    /*@ ghost
      /@ loop invariant 0 <= i <= MAX_GRANT_MAPPINGS;
         loop invariant \forall integer m, g; row_lent(m, g, i) == row_lent{Pre}(m, g, i) +
           (m == mapper && i > handle ? (g == heir ? 1 : 0) - (g == granter ? 1 : 0) : 0);
         loop invariant \forall integer m, g, r, w; g != heir && g != granter ==>
           row_names(m, g, r, w, i) == row_names{Pre}(m, g, r, w, i);
         loop assigns i;
         loop variant MAX_GRANT_MAPPINGS - i; @/
      for (uint32_t i = 0; i < MAX_GRANT_MAPPINGS; i++) ;
      /@ loop invariant 0 <= i <= MAX_DOMAINS;
         loop invariant \forall integer g; all_lent(g, i) == all_lent{Pre}(g, i) +
           (i > mapper ? (g == heir ? 1 : 0) - (g == granter ? 1 : 0) : 0);
         loop invariant \forall integer g, r, w; g != heir && g != granter ==>
           all_names(g, r, w, i) == all_names{Pre}(g, r, w, i);
         loop assigns i;
         loop variant MAX_DOMAINS - i; @/
      for (uint32_t i = 0; i < MAX_DOMAINS; i++) ;
      sums_are_bounded();
    */
    grant_domains[heir].lent++;
    grant_domains[granter].lent--;
    //@ assert limits;
    //@ assert ordered;
    //@ assert named;
    //@ assert lent_counts;
    //@ assert active_counts;
}

/* What it mapped itself stays until it is unmapped, handle by handle. */
/*@ requires grants_ok;
    terminates \true;
    assigns grant_domains[0 .. MAX_DOMAINS - 1];
    ensures ok: grants_ok;
    ensures others: \forall integer d; 0 <= d < MAX_DOMAINS && d != domain ==>
      grant_domains[d] == \old(grant_domains[d]);
    ensures gone: domain < MAX_DOMAINS ==> grant_domains[domain].frames == 0 &&
      grant_domains[domain].max_frames == 0 && grant_domains[domain].max_mappings == 0 &&
      grant_domains[domain].lent == \old(grant_domains[domain].lent) &&
      grant_domains[domain].used == \old(grant_domains[domain].used); */
void grants_destroy(domain_id domain) {
    if (domain >= MAX_DOMAINS) return;

    grant_domains[domain].frames = 0;
    grant_domains[domain].max_frames = 0;
    grant_domains[domain].max_mappings = 0;
    if (grant_domains[domain].used == 0) grant_domains[domain].backed = 0;
}
