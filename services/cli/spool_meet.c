/* SPDX-License-Identifier: Apache-2.0 */
/* The sender's side of the spool: what the daemon says of us at every connection, and
 * what came of what was said.
 *
 *   commands of the spool   1 ………………… 57 58 ………… 90 91 …      never renumbered
 *   stretches               incarnation 1 │ 3, enrols  │ 4, enrols
 *   on the way              1 ………………… 57   1=enrol 2 …   1=enrol 2 …
 *
 * A stretch is opened where somebody else has used the key: a spool that was lost, a copy,
 * what this disk was before it was restored. What has no outcome goes along; if the other
 * one had sent it as well, the number and code of a filing tell (REFUSAL_REGISTERED). Since
 * nothing is renumbered, a daemon that was restored is told all of it again, enrolments
 * and all, in the very words of the first time. */
#include "cli/spool_records.h"

#include "cli/cli.h"

#include "base/civil.h"
#include "store/cursor.h"
#include "wire/names.h"

#include <errno.h>

/* One meeting. */
struct meeting {
    struct txn *txn;
    enum speaker speaker;
    int64_t now_ms;
    struct spool_door door;
    struct spool_stretches stretches;
};

static struct meeting meeting_begin (struct spool *spool, enum speaker speaker,
                                     int64_t now_ms)
{
    struct meeting meeting = { .txn = txn_begin_write (spool->store),
                               .speaker = speaker,
                               .now_ms = now_ms };
    meeting.door = spool_get_door (meeting.txn, speaker);
    spool_get_stretches (meeting.txn, speaker, &meeting.door, &meeting.stretches);
    return meeting;
}

static int meeting_end (struct spool *spool, struct meeting *meeting, struct err *err)
{
    spool_put_door (meeting->txn, meeting->speaker, &meeting->door);
    return spool_end (spool, &meeting->txn, err);
}

/* ---- stretches ------------------------------------------------------------------- */

/* Slips of the other spool are out, and some may bear the numbers that would be next here:
 * go on where it can hardly have come (see last_serial in spool.c). */
static void serials_leap (struct meeting *meeting)
{
    int32_t day = civil_day (meeting->now_ms);
    uint32_t there =
        (uint32_t) ((meeting->now_ms - civil_day_start_ms (day)) / SPOOL_SLIP_EVERY_MS);
    if (txn_count (meeting->txn, SPOOL_SERIALS) > 0 &&
        spool_get_serial (meeting->txn, day) < there)
        spool_put_serial (meeting->txn, day, there);
}

/* From 'first' on everything is of this incarnation. What was to be opened there and never
 * was gives way. */
static void stretch_open (struct meeting *meeting, uint32_t incarnation, uint64_t first,
                          bool enrols)
{
    struct spool_stretches *stretches = &meeting->stretches;
    struct spool_stretch stretch = { .incarnation = incarnation,
                                     .first = first,
                                     .enrols = enrols,
                                     .since_ms = meeting->now_ms };
    for (size_t i = 0; i < stretches->count; i++) /* the first may stand nowhere yet */
        spool_put_stretch (meeting->txn, meeting->speaker, &stretches->of[i]);
    while (stretches->count > 0 &&
           (stretches->of[stretches->count - 1].first >= first ||
            stretches->of[stretches->count - 1].incarnation >= incarnation ||
            stretches->count == SPOOL_STRETCHES_MAX))
        spool_delete_stretch (meeting->txn, meeting->speaker,
                              stretches->of[--stretches->count].incarnation);
    stretches->of[stretches->count++] = stretch;
    spool_put_stretch (meeting->txn, meeting->speaker, &stretch);
    meeting->door.incarnation = incarnation;
    if (enrols)
        serials_leap (meeting);
}

/* The daemon is at an incarnation before ours, and the one behind it is not ours: what
 * stood between was lost with its store. Ours follow at once. */
static void stretches_close_up (struct meeting *meeting, size_t from,
                                uint32_t incarnation)
{
    struct spool_stretches *stretches = &meeting->stretches;
    for (size_t i = from; i < stretches->count; i++) {
        struct spool_stretch *stretch = &stretches->of[i];
        spool_delete_stretch (meeting->txn, meeting->speaker, stretch->incarnation);
        stretch->incarnation = incarnation++;
        spool_put_stretch (meeting->txn, meeting->speaker, stretch);
        meeting->door.incarnation = stretch->incarnation;
    }
}

/* ---- where the daemon stands ----------------------------------------------------- */

/* The first of our counters that the daemon has not taken, by the stretch that it is in;
 * past the end of the last: it has taken what we never said. */
static uint64_t wanted_of (const struct meeting *meeting, size_t at, uint64_t next)
{
    const struct spool_stretches *stretches = &meeting->stretches;
    const struct spool_stretch *stretch = &stretches->of[at];
    uint64_t wanted = stretch->first;
    if (next > 1u + stretch->enrols)
        wanted += next - 1 - stretch->enrols;
    if (at + 1 < stretches->count && wanted > stretches->of[at + 1].first)
        wanted = stretches->of[at + 1].first;
    return wanted;
}

/* It has less than was acknowledged: it was restored, and is told again from there; what
 * is not kept any more it does not get. */
static void go_back (struct meeting *meeting, uint32_t theirs, uint64_t wanted)
{
    struct spool_door *door = &meeting->door;
    if (wanted > door->acked)
        return;
    door->acked = wanted - 1;
    if (door->acked >= door->pruned)
        return;
    stretch_open (meeting, theirs + 1, door->pruned + 1, true);
    door->acked = door->pruned;
}

static void place (struct meeting *meeting, uint32_t theirs, uint64_t next)
{
    struct spool_door *door = &meeting->door;
    struct spool_stretches *stretches = &meeting->stretches;
    size_t at = 0;
    while (at < stretches->count && stretches->of[at].incarnation < theirs)
        at++;
    assert (at < stretches->count); /* the newest is the door's */
    door->opened = theirs;
    if (stretches->of[at].incarnation != theirs) {
        if (stretches->of[at].incarnation != theirs + 1)
            stretches_close_up (meeting, at, theirs + 1);
        go_back (meeting, theirs, stretches->of[at].first);
        return;
    }
    if (at + 1 < stretches->count && stretches->of[at + 1].incarnation != theirs + 1)
        stretches_close_up (meeting, at + 1, theirs + 1);
    uint64_t wanted = wanted_of (meeting, at, next);
    if (wanted > door->next)
        serials_leap (meeting);
    if (wanted > door->next && door->acked + 1 == door->next)
        stretch_open (meeting, theirs + 1, door->next, true);
    else
        /* Where it has more than we said, what has no outcome is said all the same: by its
         * answers it is known, or it is another's (spool_conflict). */
        go_back (meeting, theirs, wanted);
}

static int replaced (struct spool *spool, struct meeting *meeting, uint32_t theirs,
                     struct err *err)
{
    txn_abort (&meeting->txn);
    return err_set (err, -ESTALE,
                    _ ("another spool goes on with this key (incarnation %u, ours is "
                       "%u): use that one. To go on here, with what %s has unsent: "
                       "minqing terminal take-over"),
                    theirs, meeting->door.incarnation, spool_dir (spool));
}

int spool_meet (struct spool *spool, enum speaker speaker,
                const struct standing *standing, int64_t now_ms, struct err *err)
{
    struct meeting meeting = meeting_begin (spool, speaker, now_ms);
    struct spool_door *door = &meeting.door;
    uint32_t theirs = standing->incarnation == 0 ? 1 : standing->incarnation;
    bool is_new = theirs == 1 && standing->next_counter <= 1;
    if (door->incarnation == 0) {
        stretch_open (&meeting, is_new ? 1 : theirs + 1, 1, !is_new);
        door->opened = theirs;
    } else if (theirs <= door->incarnation) {
        place (&meeting, theirs, standing->next_counter);
    } else if (door->takes_over) {
        stretch_open (&meeting, theirs + 1, door->acked + 1, true);
        door->opened = theirs;
    } else {
        return replaced (spool, &meeting, theirs, err);
    }
    door->takes_over = false;
    return meeting_end (spool, &meeting, err);
}

int spool_take_over (struct spool *spool, struct err *err)
{
    struct txn *txn = txn_begin_write (spool->store);
    for (unsigned speaker = SPEAKER_NONE + 1; speaker < SPEAKER_COUNT; speaker++) {
        struct spool_door door = spool_get_door (txn, (enum speaker) speaker);
        if (door.incarnation == 0)
            continue;
        door.takes_over = true;
        spool_put_door (txn, (enum speaker) speaker, &door);
    }
    return spool_end (spool, &txn, err);
}

/* ---- saying ---------------------------------------------------------------------- */

static struct enrol *enrol_of (const struct spool_stretch *stretch, struct arena *arena)
{
    char since[CIVIL_TIME_SIZE];
    struct enrol *enrol = ARENA_NEW (arena, struct enrol);
    civil_format_time (stretch->since_ms, since);
    enrol->why = arena_format (arena, "a spool of its own since %s (%lld)", since,
                               (long long) stretch->since_ms);
    return enrol;
}

size_t spool_say (struct spool *spool, enum speaker speaker, uint64_t from, size_t max,
                  size_t bytes, struct arena *arena, struct command *ret_commands,
                  uint64_t *ret_counters)
{
    struct spool_stretches stretches;
    struct txn *txn = txn_begin_read (spool->store);
    struct spool_door door = spool_get_door (txn, speaker);
    spool_get_stretches (txn, speaker, &door, &stretches);
    txn_abort (&txn);
    *ret_counters = 0;
    if (stretches.count == 0)
        return 0;
    struct command *own = ARENA_ARRAY (arena, struct command, max);
    size_t n_own = spool_read (spool, speaker, from, max, bytes, arena, own), n = 0;
    for (size_t i = 0; i < n_own; i++) {
        const struct spool_stretch *stretch = spool_stretch_of (&stretches, from + i);
        bool enrols = spool_enrols_before (&door, stretch, from + i);
        if (n + 1 + enrols > max)
            break;
        if (enrols)
            ret_commands[n++] = (struct command){ .counter = 1,
                                                  .incarnation = stretch->incarnation,
                                                  .enrol = enrol_of (stretch, arena) };
        ret_commands[n] = own[i];
        ret_commands[n].counter = spool_way_counter (stretch, from + i);
        ret_commands[n++].incarnation = stretch->incarnation;
        ++*ret_counters;
    }
    return n;
}

/* ---- outcomes -------------------------------------------------------------------- */

/* The stretch of what comes next, where the outcome is about it. */
static const struct spool_stretch *is_next (const struct meeting *meeting,
                                            const struct outcome *outcome)
{
    const struct spool_door *door = &meeting->door;
    const struct spool_stretch *stretch =
        spool_stretch_of (&meeting->stretches, door->acked + 1);
    if (stretch == NULL || door->acked + 1 >= door->next ||
        (outcome->incarnation == 0 ? 1 : outcome->incarnation) != stretch->incarnation)
        return NULL;
    uint64_t counter = spool_enrols_before (door, stretch, door->acked + 1)
                           ? 1
                           : spool_way_counter (stretch, door->acked + 1);
    return outcome->counter == counter ? stretch : NULL;
}

/* Said again to a daemon that was restored, what was refused and then corrected or given
 * up is not to be corrected again. */
static bool is_to_correct (struct txn *txn, const struct key *key,
                           const struct outcome *outcome)
{
    struct bytes value;
    struct outcome before;
    struct arena arena;
    if (outcome->refusal == NULL || outcome->refusal->code == REFUSAL_REGISTERED)
        return false;
    arena_init (&arena, 0);
    bool was_refused = txn_get (txn, SPOOL_OUTCOMES, key_view (key), &value) &&
                       spool_take_outcome (value, &arena, &before) &&
                       before.refusal != NULL;
    arena_done (&arena);
    return !was_refused || txn_get (txn, SPOOL_REFUSED, key_view (key), NULL);
}

static void take (struct spool *spool, struct meeting *meeting,
                  const struct outcome *outcome)
{
    struct spool_door *door = &meeting->door;
    struct key key = spool_key_counter (meeting->speaker, door->acked + 1);
    struct outcome kept = *outcome;
    bool to_correct = is_to_correct (meeting->txn, &key, outcome);
    kept.counter = ++door->acked;
    spool_put_outcome (spool, meeting->txn, meeting->speaker, &kept, meeting->now_ms);
    if (to_correct)
        txn_put (meeting->txn, SPOOL_REFUSED, key_view (&key), BYTES (NULL, 0));
    else
        txn_delete (meeting->txn, SPOOL_REFUSED, key_view (&key));
}

int spool_record (struct spool *spool, enum speaker speaker,
                  const struct outcome *outcomes, size_t n_outcomes, int64_t now_ms,
                  struct err *err)
{
    struct meeting meeting = meeting_begin (spool, speaker, now_ms);
    for (size_t i = 0; i < n_outcomes; i++) {
        const struct spool_stretch *stretch = is_next (&meeting, &outcomes[i]);
        if (stretch == NULL)
            continue;
        if (spool_enrols_before (&meeting.door, stretch, meeting.door.acked + 1))
            meeting.door.opened = stretch->incarnation;
        else
            take (spool, &meeting, &outcomes[i]);
    }
    spool_prune (meeting.txn, speaker, &meeting.door, now_ms);
    return meeting_end (spool, &meeting, err);
}

int spool_conflict (struct spool *spool, enum speaker speaker,
                    const struct outcome *outcome, int64_t now_ms, struct err *err)
{
    struct meeting meeting = meeting_begin (spool, speaker, now_ms);
    const struct spool_stretch *stretch = is_next (&meeting, outcome);
    if (stretch == NULL) {
        txn_abort (&meeting.txn);
        return 0;
    }
    uint32_t theirs = stretch->incarnation;
    stretch_open (&meeting, theirs + 1, meeting.door.acked + 1, true);
    meeting.door.opened = theirs;
    int rc = meeting_end (spool, &meeting, err);
    return rc < 0 ? rc : 1;
}
