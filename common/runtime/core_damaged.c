/* SPDX-License-Identifier: Apache-2.0 */
/* Damaged entries of the own journal: a page that flipped a bit, a record that is gone.
 *
 *   a read finds it ─▶ KIND_DAMAGED, once, in the next batch ─▶ status, check, log
 *   a follower comes to it ─▶ a stand-in goes out in its place ─▶ it passes it over and
 *                             journals PARKED, with its source
 *   a backup that has it ─▶ core_mend puts it back, when its leaf fits the tree
 *
 *   damaged: sequence (8) → entry that named it (8)
 *
 * Everything else goes on: what the entry did to the facts it did long ago. */
#include "runtime/core_inside.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "wire/names.h"
#include "wire/wire.h"

/* So far back an entry is looked for that can tell the time of a damaged one. */
#define TIME_LOOK_BACK 64

static struct bytes damaged_key (struct key *key, uint64_t sequence)
{
    key_init (key);
    key_u64 (key, sequence);
    return key_view (key);
}

bool damaged_was_named (struct txn *txn, uint64_t sequence)
{
    struct key key;
    return txn_get (txn, CORE_DAMAGED, damaged_key (&key, sequence), NULL);
}

/* ---- found ------------------------------------------------------------------------- */

static void remember (struct core *core, uint64_t sequence, const char *problem,
                      enum damage_stage stage)
{
    if (core->n_damage == DAMAGE_MAX) {
        if (!core->has_more_damage)
            log_error ("more than %d entries of the journal are damaged: restore it from "
                       "a backup",
                       DAMAGE_MAX);
        core->has_more_damage = true;
        return;
    }
    core->damage[core->n_damage++] =
        (struct damage){ .sequence = sequence, .problem = problem, .stage = stage };
}

void damaged_note (struct core *core, uint64_t sequence, const char *problem)
{
    for (size_t i = 0; i < core->n_damage; i++)
        if (core->damage[i].sequence == sequence)
            return;
    remember (core, sequence, problem, DAMAGE_FOUND);
}

bool damaged_is_here (struct core *core, struct txn *txn, uint64_t sequence)
{
    struct journal_record record;
    if (sequence == 0 || sequence > core->head ||
        journal_read_header (core->journal, txn, sequence, &record) == 0 ||
        txn_error (txn) < 0)
        return false;
    damaged_note (core, sequence, NULL);
    return true;
}

/* Named earlier, and not mended since. */
void damaged_load (struct core *core, struct txn *txn)
{
    struct cursor cursor;
    struct journal_record record;
    cursor_init (&cursor, txn, CORE_DAMAGED);
    for (cursor_first (&cursor); cursor_is_on (&cursor); cursor_next (&cursor)) {
        struct bytes key = cursor_key (&cursor);
        uint64_t sequence = key_take_u64 (&key);
        if (journal_read (core->journal, txn, sequence, &record) < 0)
            remember (core, sequence, NULL, DAMAGE_NAMED);
    }
    cursor_done (&cursor);
}

/* ---- named ------------------------------------------------------------------------- */

static void name_one (struct core *core, const struct damage *damage)
{
    arena_reset (&core->scratch);
    struct event *event = ARENA_NEW (&core->scratch, struct event);
    event->entry.kind = KIND_DAMAGED;
    event->entry.informative = true;
    event->entry.damaged = ARENA_NEW (&core->scratch, struct damaged);
    *event->entry.damaged =
        (struct damaged){ .damaged = damage->sequence, .problem = damage->problem };
    core_emit (core, event, NULL, NULL, NULL, NULL);
}

void damaged_name (struct core *core)
{
    for (size_t i = 0; i < core->n_damage && txn_error (core->txn) == 0; i++) {
        struct damage *damage = &core->damage[i];
        if (damage->stage != DAMAGE_FOUND)
            continue;
        if (!damaged_was_named (core->txn, damage->sequence))
            name_one (core, damage);
        damage->stage = DAMAGE_NAMING;
    }
}

void damaged_settle (struct core *core, bool committed)
{
    for (size_t i = 0; i < core->n_damage; i++) {
        struct damage *damage = &core->damage[i];
        if (damage->stage != DAMAGE_NAMING)
            continue;
        damage->stage = committed ? DAMAGE_NAMED : DAMAGE_FOUND;
        if (committed)
            log_event (LOG_LEVEL_ERROR, MESSAGE_ID_DAMAGED, NULL,
                       "entry %" PRIu64
                       " of the journal is damaged (%s); everything else "
                       "goes on. Put it back from a backup: minqing restore DIR %s "
                       "--entry %" PRIu64,
                       damage->sequence,
                       damage->problem != NULL ? damage->problem : "its hash says so",
                       core->spec->name, damage->sequence);
    }
}

bool damaged_wants_turn (const struct core *core)
{
    for (size_t i = 0; i < core->n_damage; i++)
        if (core->damage[i].stage == DAMAGE_FOUND)
            return core->is_started && !is_resting (core);
    return false;
}

void damaged_apply (struct core *core, const struct entry *entry)
{
    struct key key;
    uint8_t value[8];
    if (entry->kind != KIND_DAMAGED || entry->damaged == NULL)
        return;
    put_be64 (value, entry->sequence);
    txn_put (core->txn, CORE_DAMAGED, damaged_key (&key, entry->damaged->damaged),
             BYTES_OF (value));
}

/* ---- followed ---------------------------------------------------------------------- */

/* Of the nearest entry before it that can be read. */
static int64_t time_near (struct core *core, struct txn *txn, uint64_t sequence)
{
    for (uint64_t at = sequence - 1; at > 0 && sequence - at < TIME_LOOK_BACK; at--) {
        struct journal_record record;
        struct entry entry;
        if (journal_read_header (core->journal, txn, at, &record) == 0 &&
            entry_decode (&core->scratch, record.header, &entry, NULL) == 0)
            return entry.time_ms;
    }
    return 0;
}

struct followed damaged_stand_in (struct core *core, struct txn *txn, uint64_t sequence)
{
    struct damaged damaged = { .damaged = sequence };
    struct entry entry = { .sequence = sequence,
                           .time_ms = time_near (core, txn, sequence),
                           .kind = KIND_DAMAGED,
                           .informative = true,
                           .damaged = &damaged };
    buffer_clear (&core->header);
    entry_append (&entry, &core->header);
    damaged_note (core, sequence, NULL);
    return (struct followed){ .header = arena_bytes (&core->scratch,
                                                     buffer_bytes (&core->header)),
                              .damaged = true };
}

bool damaged_pass_over (struct core *core, const struct source *source,
                        const struct entry *entry, struct hash *ret_leaf_hash)
{
    uint8_t name[9] = { (uint8_t) source->speaker };
    struct hash unit;
    if (entry->kind != KIND_DAMAGED || entry->damaged == NULL ||
        entry->damaged->damaged != entry->sequence)
        return false;
    *ret_leaf_hash = (struct hash){ 0 }; /* of the entry itself: not known */
    if (source->sequence <= taken_get (core->txn, source->speaker))
        return true; /* it acted before it was damaged; only the views miss it */
    put_be64 (name + 1, source->sequence);
    struct bytes parts[] = { bytes_of_text ("damaged"), BYTES_OF (name) };
    hash_parts (parts, ARRAY_SIZE (parts), &unit);
    log_event (LOG_LEVEL_ERROR, MESSAGE_ID_DAMAGED, NULL,
               "entry %" PRIu64
               " of %s is damaged there: %s passes it over; what it said "
               "has to be looked at by a person",
               entry->sequence, speaker_name (source->speaker), core->spec->name);
    unit_park (core, &unit, NULL, source, NULL, NULL, NULL);
    return true;
}
