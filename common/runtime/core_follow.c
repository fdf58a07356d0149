/* SPDX-License-Identifier: Apache-2.0 */
/* Following: entries of other daemons come in, each acts exactly once.
 *
 *     core_connected ─▶ Follow{journal, after, hash of after, credit}
 *     Entries ─▶ in order? whole? known? ─▶ view ─▶ (not yet taken over) follow ─▶ events
 *             ─▶ the position moves in the same transaction ─▶ commit ─▶ FollowCredit
 *
 * Two memories keep "once": the position (not journaled, moves with every entry) and what
 * was taken over (a fact: own events name their source). A position that was thrown away
 * folds the views again and takes nothing over twice.
 *
 * What was taken over is told by position (wire/journal.h), which grows over incarnations:
 * the incarnation in which an entry was written is that of the last KIND_INCARNATION
 * passed. A restored source is entered by core_incarnation.c.
 *
 * A link stops, with a sentence in 'problem' that status shows, when going on would build
 * on sand: the source is another journal, an entry is not what its hash says, or an
 * essential kind is unknown to this program. Everything else heals by asking again. */
#include "runtime/core_inside.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "wire/names.h"
#include "wire/wire.h"

/* ---- positions ---------------------------------------------------------------------
 *
 *   speaker (1) → journal (16) acted (8) hash of acted (32) incarnation of acted (4)
 *
 * Before there were incarnations the last four bytes were not there.                     */

#define POSITION_FIRST_SIZE (JOURNAL_ID_SIZE + 8 + HASH_SIZE)
#define POSITION_SIZE       (POSITION_FIRST_SIZE + 4)

static struct bytes position_key (struct key *key, enum speaker speaker)
{
    key_init (key);
    key_u8 (key, (uint8_t) speaker);
    return key_view (key);
}

void position_put (struct txn *txn, enum speaker speaker, const struct mark *mark)
{
    struct key key;
    uint8_t value[POSITION_SIZE];
    memcpy (value, mark->journal, JOURNAL_ID_SIZE);
    put_be64 (value + JOURNAL_ID_SIZE, mark->acted);
    memcpy (value + JOURNAL_ID_SIZE + 8, mark->acted_hash.data, HASH_SIZE);
    put_be32 (value + POSITION_FIRST_SIZE, mark->incarnation);
    txn_put (txn, CORE_POSITIONS, position_key (&key, speaker), BYTES_OF (value));
}

static void position_get (struct txn *txn, enum speaker speaker, struct mark *ret)
{
    struct key key;
    struct bytes value;
    *ret = (struct mark){ .incarnation = 1 };
    if (!txn_get (txn, CORE_POSITIONS, position_key (&key, speaker), &value) ||
        (value.size != POSITION_SIZE && value.size != POSITION_FIRST_SIZE))
        return;
    ret->is_known = true;
    memcpy (ret->journal, value.data, JOURNAL_ID_SIZE);
    ret->acted = get_be64 (value.data + JOURNAL_ID_SIZE);
    memcpy (ret->acted_hash.data, value.data + JOURNAL_ID_SIZE + 8, HASH_SIZE);
    if (value.size == POSITION_SIZE)
        ret->incarnation = get_be32 (value.data + POSITION_FIRST_SIZE);
}

static void body_hash_stated (const struct followed *followed, struct hash *ret)
{
    *ret = (struct hash){ 0 };
    if (followed->body_hash.size == HASH_SIZE)
        memcpy (ret->data, followed->body_hash.data, HASH_SIZE);
}

void links_load (struct core *core, struct txn *txn)
{
    for (size_t i = 0; i < core->n_links; i++) {
        struct link *link = &core->links[i];
        position_get (txn, link->spec->speaker, &link->done);
        link->here = link->done;
        link->is_changed = false;
    }
}

static void leaf_hash_of (const struct followed *followed, struct hash *ret)
{
    struct hash body_hash;
    body_hash_stated (followed, &body_hash);
    journal_leaf_hash (followed->header, &body_hash, ret);
}

/* Of the entries of a frame only the last is a place to be remembered. */
static void hash_settle (struct link *link)
{
    if (link->unhashed != NULL)
        leaf_hash_of (link->unhashed, &link->here.acted_hash);
    link->unhashed = NULL;
}

void links_save (struct core *core, struct txn *txn)
{
    for (size_t i = 0; i < core->n_links; i++) {
        struct link *link = &core->links[i];
        hash_settle (link);
        if (link->is_changed &&
            link->here.is_known) /* else there is no place in it yet */
            position_put (txn, link->spec->speaker, &link->here);
    }
}

void links_settle (struct core *core, bool committed)
{
    for (size_t i = 0; i < core->n_links; i++) {
        struct link *link = &core->links[i];
        if (!link->is_changed)
            continue;
        link->is_changed = false;
        if (committed) {
            if (link->here.acted >= link->done.acted) /* else it follows anew */
                link->ungranted += link->here.acted - link->done.acted;
            link->done = link->here;
        } else {
            link->here = link->done;
            link->must_follow = true;
            link->complete_ms = 0; /* it may have been said of what is undone now */
        }
    }
}

struct link *link_find (struct core *core, enum speaker speaker)
{
    for (size_t i = 0; i < core->n_links; i++)
        if (core->links[i].spec->speaker == speaker)
            return &core->links[i];
    return NULL;
}

/* ---- stopping ---------------------------------------------------------------------- */

static void stop (struct core *core, struct link *link, const char *format, ...)
    PRINTF_LIKE (3, 4);
static void stop (struct core *core, struct link *link, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    vsnprintf (link->problem, sizeof link->problem, format, args);
    va_end (args);
    log_error ("%s no longer follows %s, at entry %" PRIu64 ": %s", core->spec->name,
               speaker_name (link->spec->speaker), link->here.acted, link->problem);
}

/* ---- one entry --------------------------------------------------------------------- */

static bool kind_is_known (uint32_t kind)
{
    return strcmp (kind_name ((enum kind) kind), "unknown") != 0 && kind != KIND_NONE;
}

/* Is the body what its hash says? (The header is: this is how its place is known.) */
static bool entry_is_whole (const struct followed *followed)
{
    struct hash stated, computed;
    if (followed->body_hash.size != HASH_SIZE)
        return followed->body_hash.size == 0 && followed->body.size == 0;
    if (followed->body.size == 0)
        return true;
    body_hash_stated (followed, &stated);
    journal_body_hash (followed->body, &computed);
    return hash_equal (&computed, &stated);
}

/* Where it stands, also among entries that a restoration took away. */
static struct source source_of (const struct link *link, const struct entry *entry)
{
    return (struct source){ .speaker = link->spec->speaker,
                            .sequence =
                                position_make (link->here.incarnation, entry->sequence) };
}

/* What comes of an entry is not earlier than it. The clocks of two daemons are apart by
 * moments: one goes on behind what it had promised, a wall was set back a little, both doubt
 * and each goes on from its own last time. Further apart one of them is wrong, and it is not
 * ours to follow. */
static int64_t followed_time_ms (const struct core *core, const struct entry *entry)
{
    return entry->time_ms - core->now_ms <= TRUST_DOUBT_MS ? entry->time_ms : 0;
}

static void act (struct core *core, struct link *link, const struct entry *entry,
                 struct bytes body)
{
    struct source source = source_of (link, entry);
    struct decision decision;
    if (core->spec->view != NULL)
        core->spec->view (core->self, core->txn, entry, body);
    if (core->spec->follow == NULL ||
        source.sequence <= taken_get (core->txn, source.speaker))
        return;
    core->followed_ms = followed_time_ms (core, entry);
    decision_begin (core, &decision);
    core->spec->follow (core->self, core->txn, entry, body, &decision);
    core_emit_all (core, &decision, &source);
    core->followed_ms = 0;
}

static void park (struct core *core, struct link *link, const struct entry *entry,
                  const struct hash *unit)
{
    struct source source = source_of (link, entry);
    log_error ("entry %" PRIu64 " of %s is parked: %s stumbled over it three times",
               entry->sequence, speaker_name (source.speaker), core->spec->name);
    unit_park (core, unit, NULL, &source, NULL, NULL, NULL);
}

static void move (struct core *core, struct link *link, uint64_t sequence,
                  const struct hash *leaf_hash)
{
    link->here.acted = sequence;
    link->here.acted_hash = *leaf_hash;
    link->unhashed = NULL;
    link->is_changed = true;
    link->resync_ms = 0;
    link->silent_ms = 0;
    core->batch_tally.acted++;
}

/* To an entry that is in memory until the frame is taken. */
static void move_to (struct core *core, struct link *link, uint64_t sequence,
                     const struct followed *followed)
{
    move (core, link, sequence, &(struct hash){ 0 });
    link->unhashed = followed;
}

/* FAULT (POSITION_APART): the position is moved by itself, before the entry has acted. */
static void move_apart (struct core *core, struct link *link, uint64_t sequence,
                        const struct followed *followed)
{
    move_to (core, link, sequence, followed);
    int rc = batch_commit (core);
    batch_begin (core);
    if (rc < 0)
        txn_fail (core->txn, rc);
}

enum step_result { STEP_ON, STEP_GAP, STEP_STOP };

static bool entry_may_run (struct core *core, const struct link *link,
                           const struct followed *followed, uint64_t sequence,
                           struct hash *ret_unit)
{
    struct hash leaf_hash = { 0 };
    uint8_t name[9] = { (uint8_t) link->spec->speaker };
    put_be64 (name + 1, sequence);
    if (units_are_told_apart (core, UNIT_ENTRY))
        leaf_hash_of (followed, &leaf_hash);
    return unit_may_run (core, UNIT_ENTRY, BYTES_OF (name), hash_view (&leaf_hash),
                         ret_unit);
}

static enum step_result entry_take (struct core *core, struct link *link,
                                    const struct followed *followed)
{
    struct entry entry;
    struct hash leaf_hash, unit;
    struct err err = { 0 };
    if (entry_decode (&core->scratch, followed->header, &entry, &err) < 0) {
        stop (core, link, "the entry behind it cannot be read: %s", err.text);
        return STEP_STOP;
    }
    if (entry.sequence <= link->here.acted)
        return STEP_ON; /* said again after a reconnection */
    if (entry.sequence != link->here.acted + 1 + followed->passed)
        return STEP_GAP;
    struct source source = source_of (link, &entry);
    if (followed->damaged) {
        if (!damaged_pass_over (core, &source, &entry, &leaf_hash)) {
            stop (core, link, "what stands for its damaged entry %" PRIu64 " is no such",
                  entry.sequence);
            return STEP_STOP;
        }
        move (core, link, entry.sequence, &leaf_hash);
        return STEP_ON;
    }
    if (!entry_is_whole (followed)) {
        stop (core, link, "entry %" PRIu64 " is not what its hash says", entry.sequence);
        return STEP_STOP;
    }
    if (!kind_is_known (entry.kind) && !entry.informative) {
        stop (core, link,
              "entry %" PRIu64
              " is of kind %u, which this program does not know: upgrade",
              entry.sequence, entry.kind);
        return STEP_STOP;
    }
    if (entry.kind == KIND_INCARNATION && entry.incarnation != NULL) {
        link->here.incarnation = entry.incarnation->incarnation;
        incarnation_pass (core, link, entry.incarnation);
    }
    if (FAULT (POSITION_APART))
        move_apart (core, link, entry.sequence, followed);
    if (!kind_is_known (entry.kind))
        core->batch_tally.unknown++;
    else if (entry_may_run (core, link, followed, entry.sequence, &unit))
        act (core, link, &entry, followed->body);
    else
        park (core, link, &entry, &unit);
    move_to (core, link, entry.sequence, followed);
    return STEP_ON;
}

/* ---- refused ----------------------------------------------------------------------- */

static void opening_take (struct core *core, struct link *link,
                          const struct followed *opening)
{
    struct entry entry;
    struct err err = { 0 };
    arena_reset (&core->scratch);
    if (opening == NULL ||
        entry_decode (&core->scratch, opening->header, &entry, &err) < 0 ||
        entry.incarnation == NULL || !entry_is_whole (opening))
        stop (core, link, "it was restored, but does not say from where it goes on");
    else if (!incarnation_enter (core, link, entry.incarnation, &err))
        stop (core, link, "%s", err.text);
}

static void refused (struct core *core, struct link *link,
                     const struct follow_refused *refused)
{
    link->resync_ms = 0;
    switch (refused->problem) {
    case FOLLOW_WRONG_JOURNAL:
        stop (core, link, "its journal is another one: the source was replaced");
        break;
    case FOLLOW_WRONG_HASH:
        stop (
            core, link,
            "it has another entry at our position: its store was restored by other means "
            "than 'minqing restore'");
        break;
    case FOLLOW_AHEAD:
        stop (core, link,
              "we have acted on entries that it does not have (it ends at %" PRIu64
              "): its store was restored by other means than 'minqing restore'",
              refused->head);
        break;
    case FOLLOW_NO_RIGHT:
        stop (core, link, "it does not let this key follow: see its clients table");
        break;
    case FOLLOW_RESTORED:
        opening_take (core, link, refused->opening);
        break;
    case FOLLOW_NONE:
    case FOLLOW_COUNT:
        break;
    }
}

/* ---- one frame --------------------------------------------------------------------- */

static bool journal_fits (struct core *core, struct link *link,
                          const struct entries *entries)
{
    if (entries->journal.size != JOURNAL_ID_SIZE) {
        stop (core, link, "its journal has no proper name");
        return false;
    }
    if (!link->here.is_known) {
        memcpy (link->here.journal, entries->journal.data, JOURNAL_ID_SIZE);
        link->here.is_known = true;
        link->is_changed = true;
    }
    if (memcmp (link->here.journal, entries->journal.data, JOURNAL_ID_SIZE) == 0)
        return true;
    stop (core, link, "its journal is another one: the source was replaced");
    return false;
}

/* A gap: something was dropped on the way. While an answer to Follow is awaited, what
 * comes is the rest of the old stream. */
static void gap (struct link *link)
{
    if (link->resync_ms == 0)
        link->must_follow = true;
}

/* What was passed over behind the last entry, which is of no use here: the position moves. */
static void pass_over (struct core *core, struct link *link,
                       const struct entries *entries)
{
    struct hash leaf_hash;
    if (entries->passed == 0 || entries->passed_hash.size != HASH_SIZE ||
        link->here.acted + entries->passed != entries->complete)
        return; /* a gap, if it is one, is seen by 'complete' */
    memcpy (leaf_hash.data, entries->passed_hash.data, HASH_SIZE);
    move (core, link, entries->complete, &leaf_hash);
}

static void entries_take (struct core *core, struct link *link,
                          const struct entries *entries)
{
    enum step_result result = STEP_ON;
    if (link->problem[0] != '\0' || !journal_fits (core, link, entries))
        return;
    for (size_t i = 0; i < entries->n_entries && result == STEP_ON; i++) {
        arena_reset (&core->scratch);
        if (txn_error (core->txn) != 0)
            break; /* the batch will be undone */
        result = entry_take (core, link, &entries->entries[i]);
    }
    hash_settle (link);
    if (txn_error (core->txn) != 0)
        return;
    if (result == STEP_ON)
        pass_over (core, link, entries);
    link->head = entries->head;
    link->is_tight = entries->tight;
    if (result == STEP_STOP)
        return;
    if (result == STEP_GAP || link->here.acted < entries->complete) {
        gap (link);
        return;
    }
    if (entries->n_entries == 0 && link->here.acted == entries->complete)
        link->resync_ms = 0;
    if (link->here.acted == entries->complete &&
        entries->complete_ms > link->complete_ms) {
        link->complete_ms = entries->complete_ms;
        link->silent_ms = 0;
    }
}

void link_take (struct core *core, struct link *link, struct bytes frame)
{
    struct from_door message;
    struct err err = { 0 };
    struct hash unit;
    uint8_t name = (uint8_t) link->spec->speaker;
    arena_reset (&core->entries);
    link->heard_ms = core->now_ms;
    link->heard_bytes += frame.size;
    if (!unit_may_run (core, UNIT_LINK, BYTES_OF (name), frame, &unit)) {
        unit_park (core, &unit, NULL, NULL, NULL, NULL, NULL);
        return;
    }
    if (from_door_decode (&core->entries, frame, &message, &err) < 0) {
        core->batch_tally.bad_frames++;
        log_warning ("a frame of %s cannot be read and is dropped: %s",
                     speaker_name (link->spec->speaker), err.text);
        gap (link);
        return;
    }
    for (size_t i = 0; i < message.n_replies; i++) {
        arena_reset (&core->scratch);
        ask_answer (core, link->spec->speaker, &message.replies[i]);
    }
    if (message.follow_refused != NULL)
        refused (core, link, message.follow_refused);
    if (message.entries != NULL)
        entries_take (core, link, message.entries);
}

/* ---- speaking ---------------------------------------------------------------------- */

void core_connected (struct core *core, enum speaker speaker)
{
    struct link *link = link_find (core, speaker);
    assert (link != NULL);
    link->is_connected = true;
    link->must_follow = true;
    /* A source that was repaired, or a program that was upgraded, gets a new try. */
    link->problem[0] = '\0';
}

static void follow_say (struct core *core, struct link *link)
{
    struct follow follow = { .after = link->done.acted,
                             .credit = FOLLOW_WINDOW,
                             .n_without = link->spec->n_without,
                             .can_wait = link->spec->can_wait };
    follow.without = ARENA_ARRAY (&core->scratch, uint32_t, follow.n_without + 1);
    for (size_t i = 0; i < follow.n_without; i++)
        follow.without[i] = link->spec->without[i];
    if (link->done.is_known)
        follow.journal = BYTES (link->done.journal, JOURNAL_ID_SIZE);
    /* Of a stand-in we know no hash, whatever stands there when it was put back. */
    if (link->done.acted > 0 && !hash_is_zero (&link->done.acted_hash))
        follow.after_hash = hash_view (&link->done.acted_hash);
    outbox_link (core, link->spec->speaker, &(struct to_door){ .follow = &follow });
    link->must_follow = false;
    link->resync_ms = core->now_ms > 0 ? core->now_ms : 1;
    link->ungranted = 0;
    link->heard_bytes = 0;
}

static bool owes_credit (const struct link *link)
{
    return link->ungranted >= FOLLOW_WINDOW / 2 ||
           (link->ungranted > 0 && link->heard_bytes >= FOLLOW_CREDIT_BYTES);
}

void links_speak (struct core *core)
{
    for (size_t i = 0; i < core->n_links; i++) {
        struct link *link = &core->links[i];
        if (!link->is_connected || link->problem[0] != '\0')
            continue;
        if (link->resync_ms != 0 && core->now_ms >= link->resync_ms + RESYNC_MS)
            link->must_follow = true;
        if (link->must_follow) {
            /* What could not be taken will not be a moment later: do not fetch it over
             * and over again. */
            if (!is_resting (core))
                follow_say (core, link);
        } else if (owes_credit (link)) {
            struct follow_credit credit = { .acted = link->done.acted,
                                            .credit = (uint32_t) link->ungranted };
            outbox_link (core, link->spec->speaker,
                         &(struct to_door){ .follow_credit = &credit });
            link->ungranted = 0;
            link->heard_bytes = 0;
        }
    }
}

int64_t links_wake_ms (const struct core *core)
{
    int64_t wake_ms = INT64_MAX;
    for (size_t i = 0; i < core->n_links; i++) {
        const struct link *link = &core->links[i];
        if (!link->is_connected || link->problem[0] != '\0')
            continue;
        if (link->must_follow && !is_resting (core))
            return 0;
        if (link->must_follow && core->rest_until_ms < wake_ms)
            wake_ms = core->rest_until_ms;
        if (link->resync_ms != 0 && link->resync_ms + RESYNC_MS < wake_ms)
            wake_ms = link->resync_ms + RESYNC_MS;
    }
    return wake_ms;
}
