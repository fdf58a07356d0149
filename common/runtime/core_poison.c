/* SPDX-License-Identifier: Apache-2.0 */
/* Poison: an input over which the daemon dies must not kill it for ever.
 *
 *   crash in a batch ─▶ restart, unclean: the next units are tried alone
 *     unit ─▶ note it (commit) ─▶ try it ─▶ commit takes the note away
 *                                  └ crash: the note stays, with its attempts
 *   at the third time a unit is not tried: PARKED is journaled (under the command's
 *   counter, if it is one), the daemon goes on, a person looks.
 *
 * The same note stands there when somebody killed the daemon, the power failed or a commit
 * did: nobody's fault, and it comes again and again where a machine is in trouble. The shell
 * says whether the daemon fell over itself ('was_killed'); a life that was ended from outside
 * counts little, but it counts, since memory without end is ended from outside too.
 *
 * A unit is what can be set aside alone (enum unit_kind). After CAREFUL_UNITS of its kind
 * without a crash batches are batches again; what is parked stays parked.
 *
 *   meta "core.unit" hash (32) → weight (4) · is it being tried (4)                     */
#include "runtime/core_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"

static const char unit_prefix[] = "core.unit";

static struct bytes unit_key (struct key *key, const struct hash *unit)
{
    key_init (key);
    key_text (key, unit_prefix);
    key_bytes (key, hash_view (unit));
    return key_view (key);
}

/* What a life that ended over a unit weighs, and the weight at which it is parked. */
#define WEIGHT_FELL   8
#define WEIGHT_KILLED 1
#define WEIGHT_PARKED (PARK_ATTEMPT * WEIGHT_FELL)

struct attempts {
    uint32_t weight;
    bool is_tried;
};

/* Before lives were weighed there was their number alone. */
static bool attempts_read (struct bytes value, struct attempts *ret)
{
    *ret = (struct attempts){ 0 };
    if (value.size == 4)
        ret->weight = get_be32 (value.data) * WEIGHT_FELL;
    else if (value.size == 8)
        *ret = (struct attempts){ get_be32 (value.data), get_be32 (value.data + 4) != 0 };
    return value.size == 4 || value.size == 8;
}

static struct attempts attempts_get (struct txn *txn, const struct hash *unit)
{
    struct key key;
    struct bytes value;
    struct attempts attempts = { 0 };
    if (txn_get (txn, CORE_META, unit_key (&key, unit), &value))
        (void) attempts_read (value, &attempts);
    return attempts;
}

static void attempts_put (struct txn *txn, const struct hash *unit,
                          struct attempts attempts)
{
    struct key key;
    uint8_t value[8];
    put_be32 (value, attempts.weight);
    put_be32 (value + 4, attempts.is_tried);
    txn_put (txn, CORE_META, unit_key (&key, unit), BYTES_OF (value));
}

static bool is_note (struct bytes key, struct bytes value, struct attempts *ret)
{
    return key.size == strlen (unit_prefix) + HASH_SIZE && attempts_read (value, ret);
}

static bool is_parked (const struct core *core, const struct hash *unit)
{
    for (size_t i = 0; i < core->n_parked; i++)
        if (hash_equal (&core->parked[i], unit))
            return true;
    return false;
}

static void remember_parked (struct core *core, const struct hash *unit)
{
    if (is_parked (core, unit))
        return;
    /* So many are no accident; forgetting the oldest costs it three more crashes. */
    if (core->n_parked == PARKED_MAX)
        memmove (core->parked, core->parked + 1, --core->n_parked * sizeof *core->parked);
    core->parked = reallocarray (core->parked, core->n_parked + 1, sizeof *core->parked);
    if (core->parked == NULL)
        abort ();
    core->parked[core->n_parked++] = *unit;
}

void poison_load (struct core *core, struct txn *txn)
{
    struct cursor cursor;
    struct bytes prefix = bytes_of_text (unit_prefix);
    cursor_init (&cursor, txn, CORE_META);
    for (cursor_seek (&cursor, prefix); cursor_is_within (&cursor, prefix);
         cursor_next (&cursor)) {
        struct attempts attempts;
        struct hash unit;
        if (!is_note (cursor_key (&cursor), cursor_value (&cursor), &attempts) ||
            attempts.weight < WEIGHT_PARKED)
            continue;
        memcpy (unit.data, cursor_key (&cursor).data + prefix.size, HASH_SIZE);
        remember_parked (core, &unit);
    }
    cursor_done (&cursor);
    core->n_parked_done = core->n_parked;
}

/* A clean stop: what is only noted was not the cause of a crash. */
void poison_forget (struct core *core, struct txn *txn)
{
    struct cursor cursor;
    struct bytes prefix = bytes_of_text (unit_prefix);
    (void) core;
    cursor_init (&cursor, txn, CORE_META);
    for (cursor_seek (&cursor, prefix); cursor_is_within (&cursor, prefix);
         cursor_next (&cursor)) {
        struct attempts attempts;
        if (is_note (cursor_key (&cursor), cursor_value (&cursor), &attempts) &&
            attempts.weight < WEIGHT_PARKED)
            txn_delete (txn, CORE_META, cursor_key (&cursor));
    }
    cursor_done (&cursor);
}

/* What was being tried when the last life ended. */
static bool tried_find (struct txn *txn, struct hash *ret_unit, struct attempts *ret)
{
    struct cursor cursor;
    struct bytes prefix = bytes_of_text (unit_prefix);
    bool is_found = false;
    cursor_init (&cursor, txn, CORE_META);
    for (cursor_seek (&cursor, prefix); !is_found && cursor_is_within (&cursor, prefix);
         cursor_next (&cursor)) {
        is_found =
            is_note (cursor_key (&cursor), cursor_value (&cursor), ret) && ret->is_tried;
        if (is_found)
            memcpy (ret_unit->data, cursor_key (&cursor).data + prefix.size, HASH_SIZE);
    }
    cursor_done (&cursor);
    return is_found;
}

/* It was noted as if it were to blame. */
static void tried_weigh (struct core *core)
{
    struct hash unit;
    struct attempts attempts;
    struct txn *txn = txn_begin_write (core->store);
    while (tried_find (txn, &unit, &attempts)) {
        attempts.is_tried = false;
        if (core->options.was_killed)
            attempts.weight -= WEIGHT_FELL - WEIGHT_KILLED;
        attempts_put (txn, &unit, attempts);
    }
    int rc = txn_commit (&txn);
    if (rc == -EIO)
        core->is_doomed = true;
    else if (rc < 0)
        log_warning ("what was tried last could not be weighed: %s", strerror (-rc));
}

void poison_expect (struct core *core)
{
    if (FAULT (NO_STARTED))
        return; /* a note is a commit too, and would stand in for it */
    for (size_t i = 0; i < UNIT_KIND_COUNT; i++)
        core->careful[i] = CAREFUL_UNITS;
    tried_weigh (core);
}

static void unit_hash (struct hash *ret, enum unit_kind kind, struct bytes a,
                       struct bytes b)
{
    /* They stand in hashes on disk. */
    static const char *const words[UNIT_KIND_COUNT] = {
        [UNIT_FRAME] = "frame", [UNIT_COMMAND] = "command", [UNIT_LINK] = "link",
        [UNIT_ENTRY] = "entry", [UNIT_DUE] = "due",         [UNIT_QUERY] = "query",
    };
    const char *word = words[kind];
    uint8_t size[8];
    put_be64 (size, a.size); /* so that (ab, c) is not (a, bc) */
    struct bytes parts[] = { BYTES (word, strlen (word) + 1), BYTES_OF (size), a, b };
    hash_parts (parts, ARRAY_SIZE (parts), ret);
}

/* ---- in the batch ------------------------------------------------------------------ */

/* The note is taken away with the commit of the work itself. */
void poison_begin_batch (struct core *core)
{
    struct key key;
    if (core->is_noted)
        txn_delete (core->txn, CORE_META, unit_key (&key, &core->noted));
}

/* Note durably that the unit is tried now. True: it was tried too often already. */
static bool note (struct core *core, const struct hash *unit)
{
    struct txn *txn = txn_begin_write (core->store);
    struct attempts attempts = attempts_get (txn, unit);
    if (attempts.weight + WEIGHT_FELL >= WEIGHT_PARKED) {
        txn_abort (&txn);
        return true;
    }
    if (core->is_noted) { /* its batch was undone, without a crash */
        struct key key;
        txn_delete (txn, CORE_META, unit_key (&key, &core->noted));
    }
    attempts.weight += WEIGHT_FELL;
    attempts.is_tried = true;
    attempts_put (txn, unit, attempts);
    int rc = txn_commit (&txn);
    if (rc == -EIO)
        core->is_doomed = true;
    else if (rc < 0)
        log_warning ("an input could not be noted before it is tried: %s",
                     strerror (-rc));
    core->noted = *unit;
    core->is_noted = rc == 0;
    return false;
}

static bool is_alone_in_batch (const struct core *core, enum unit_kind kind)
{
    return core->careful[kind] > 0 && !core->only_repeats;
}

bool units_are_told_apart (const struct core *core, enum unit_kind kind)
{
    return is_alone_in_batch (core, kind) || core->is_noted || core->n_parked > 0;
}

bool unit_may_run (struct core *core, enum unit_kind kind, struct bytes a, struct bytes b,
                   struct hash *ret_unit)
{
    bool is_alone = is_alone_in_batch (core, kind);
    if (!units_are_told_apart (core, kind))
        return true;
    unit_hash (ret_unit, kind, a, b);
    if (is_parked (core, ret_unit))
        return false;
    /* What is noted must not be blamed for this one: its note goes with its commit. */
    if (core->only_repeats || (!is_alone && !core->is_noted))
        return true;
    int rc = batch_commit (core);
    bool is_too_much = false;
    if (rc == 0 && is_alone) {
        core->careful[kind]--;
        is_too_much = note (core, ret_unit);
    }
    batch_begin (core);
    if (rc < 0)
        txn_fail (core->txn, rc); /* what was undone is told at the end of the batch */
    else if (core->is_doomed)
        txn_fail (core->txn, -EIO);
    return !is_too_much;
}

bool unit_park (struct core *core, const struct hash *unit, const struct actor *actor,
                const struct source *source, const struct due_row *due,
                struct entry *ret_entry, struct hash *ret_leaf_hash)
{
    struct event *event = ARENA_NEW (&core->scratch, struct event);
    struct parked *parked = ARENA_NEW (&core->scratch, struct parked);
    *parked = (struct parked){ .input = hash_view (unit), .attempts = PARK_ATTEMPT };
    if (source != NULL) {
        parked->source = ARENA_NEW (&core->scratch, struct source);
        *parked->source = *source;
    }
    if (due != NULL) {
        parked->due = ARENA_NEW (&core->scratch, struct due_row);
        *parked->due = *due;
    }
    event->entry.kind = KIND_PARKED;
    event->entry.informative = true;
    event->entry.parked = parked;
    bool is_known = is_parked (core, unit);
    /* A frame or question that comes again is refused again without another entry. A row
     * that stands there again (its table was folded anew) is taken away again. */
    if (is_known && actor == NULL && due == NULL)
        return true;
    attempts_put (core->txn, unit, (struct attempts){ .weight = WEIGHT_PARKED });
    if (!core_emit (core, event, actor, source, ret_entry, ret_leaf_hash))
        return false;
    remember_parked (core, unit);
    core->batch_tally.parked++;
    return true;
}

/* ---- while speaking ---------------------------------------------------------------- */

/* A question has no entry of its own unless it is parked; then it gets a small batch. */
static void park_question (struct core *core, const struct hash *unit)
{
    log_error ("a question is parked: %s stumbled over it three times", core->spec->name);
    batch_begin (core);
    unit_park (core, unit, NULL, NULL, NULL, NULL, NULL);
    if (batch_commit (core) < 0)
        log_error ("the parked question could not be journaled");
}

bool unit_may_hear (struct core *core, enum unit_kind kind, struct bytes a,
                    struct bytes b)
{
    struct hash unit;
    if (core->careful[kind] == 0 && core->n_parked == 0)
        return true;
    unit_hash (&unit, kind, a, b);
    if (is_parked (core, &unit))
        return false;
    if (core->careful[kind] == 0)
        return true;
    core->careful[kind]--;
    if (!note (core, &unit))
        return true;
    park_question (core, &unit);
    return false;
}

void unit_heard (struct core *core)
{
    if (!core->is_noted)
        return;
    batch_begin (core); /* takes the note away */
    if (batch_commit (core) < 0)
        log_warning ("the note of a question that was answered stays");
}
