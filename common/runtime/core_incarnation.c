/* SPDX-License-Identifier: Apache-2.0 */
/* Restored journals. Ours: a restoration (core_restore.c) ends with KIND_INCARNATION, the
 * folds remember which ids it closed, and what the service has to say of it is said
 * before anybody is answered. Others': a source that was restored leads us across.
 *
 *        1 … N           N+1         …                      incarnation of an entry: that
 *     kept by both   KIND_INCARNATION   the new ones         of the last opening before it
 *             └─ N+1 … after: lost, but we may have acted on them
 *
 *     after <= N   nothing was lost for us: take the new id, follow again
 *     after >  N   own entries CROSSED name the grievances that lost entries were about;
 *                  views are thrown away and every journal is followed from the beginning,
 *                  so that they are right by construction; what was taken over stays, and
 *                  is not taken over twice (CORE_TAKEN). Without views there is nothing to
 *                  fold again, and the position goes to N.
 *
 *   incarnations: id of an earlier incarnation (16) → sequence of the entry that closed it */
#include "runtime/core_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "wire/names.h"
#include "wire/wire.h"

#define CROSSED_MAX LIMIT_ROWS /* grievances in one entry */
/* Terminals that are up are connected again within half a minute. */
#define RECOVERING_MS (15 * 60 * INT64_C (1000))
#define RESTATE_STEP  512 /* calls of the service in one batch */

/* ---- ours -------------------------------------------------------------------------- */

void incarnation_apply (struct core *core, const struct entry *entry)
{
    uint8_t sequence[8];
    if (entry->kind != KIND_INCARNATION || entry->incarnation == NULL)
        return;
    put_be64 (sequence, entry->sequence);
    txn_put (core->txn, CORE_INCARNATIONS, entry->incarnation->previous,
             BYTES_OF (sequence));
}

bool incarnation_find (struct txn *txn, struct bytes journal, uint64_t *ret_sequence)
{
    struct bytes value;
    if (journal.size != JOURNAL_ID_SIZE ||
        !txn_get (txn, CORE_INCARNATIONS, journal, &value) || value.size != 8)
        return false;
    *ret_sequence = get_be64 (value.data);
    return true;
}

uint64_t core_next_position (struct core *core, struct txn *txn)
{
    return position_make (journal_identity (core->journal)->incarnation,
                          journal_next_sequence (core->journal, txn));
}

int64_t core_restored_ms (struct core *core, struct txn *txn)
{
    const struct journal_identity *identity = journal_identity (core->journal);
    struct arena arena;
    struct entry entry;
    uint64_t sequence;
    if (identity->incarnation == 1)
        return 0;
    arena_init (&arena, 0);
    bool is_known = incarnation_find (txn, BYTES (identity->previous_id, JOURNAL_ID_SIZE),
                                      &sequence) &&
                    core_entry (core, txn, sequence, &arena, &entry, NULL);
    int64_t restored_ms = is_known ? entry.time_ms : 0;
    arena_done (&arena);
    return restored_ms;
}

bool core_is_recovering (struct core *core, struct txn *txn, int64_t now_ms)
{
    int64_t restored_ms = core_restored_ms (core, txn);
    return restored_ms != 0 && now_ms < restored_ms + RECOVERING_MS;
}

/* ---- others' ----------------------------------------------------------------------- */

/* Grievances of one CROSSED entry, gathered from the newest backwards. */
struct crossing {
    struct core *core;
    const struct link *link;
    const struct incarnation *opening;
    uint64_t acted; /* in the incarnation before */
    uint64_t grievances[CROSSED_MAX];
    size_t count;
    bool is_said; /* one entry at least */
};

static void crossing_say (struct crossing *crossing)
{
    struct core *core = crossing->core;
    struct event event = { .entry = { .kind = KIND_CROSSED, .informative = true } };
    struct crossed crossed = { .speaker = crossing->link->spec->speaker,
                               .incarnation = crossing->opening->incarnation,
                               .acted = crossing->acted,
                               .kept = crossing->opening->previous_size,
                               .grievances = crossing->grievances,
                               .n_grievances = crossing->count };
    /* The opening is taken over by it: crossed once, whichever way it is met. */
    struct source source = { .speaker = crossed.speaker,
                             .sequence =
                                 position_make (crossed.incarnation, crossed.kept + 1) };
    event.entry.crossed = &crossed;
    core_emit (core, &event, NULL, &source, NULL, NULL);
    crossing->count = 0;
    crossing->is_said = true;
}

static void crossing_add (struct crossing *crossing, uint64_t grievance)
{
    for (size_t i = crossing->count; i > 0; i--)
        if (crossing->grievances[i - 1] == grievance)
            return;
    if (crossing->count == CROSSED_MAX)
        crossing_say (crossing);
    crossing->grievances[crossing->count++] = grievance;
}

/* Own entries name their sources in the order in which those were acted on: going back,
 * the first whose source was kept ends it. Entries are read one by one, since the journal
 * grows meanwhile; memory is that of one. */
static void crossing_gather (struct crossing *crossing)
{
    struct core *core = crossing->core;
    enum speaker speaker = crossing->link->spec->speaker;
    struct arena arena;
    uint64_t at = journal_size (core->journal, core->txn);
    /* Nothing of what is lost was taken over: then there is nothing to look for. */
    if (position_sequence (taken_get (core->txn, speaker)) <=
        crossing->opening->previous_size)
        at = 0;
    arena_init (&arena, 0);
    for (; at > 0; at--) {
        struct entry entry;
        arena_reset (&arena);
        if (txn_error (core->txn) != 0)
            break;
        if (!core_entry (core, core->txn, at, &arena, &entry, NULL) ||
            entry.source == NULL || entry.source->speaker != speaker)
            continue;
        if (position_sequence (entry.source->sequence) <=
            crossing->opening->previous_size)
            break;
        if (entry.grievance != 0)
            crossing_add (crossing, entry.grievance);
    }
    arena_done (&arena);
    if (crossing->count > 0 || !crossing->is_said)
        crossing_say (crossing);
}

/* What the views were folded from is followed again, all of it. */
static void views_forget (struct core *core)
{
    for (size_t i = core->spec->n_facts; i < core->spec->n_tables; i++)
        txn_clear (core->txn, core_table ((unsigned) i));
    for (size_t i = 0; i < core->n_links; i++) {
        struct link *link = &core->links[i];
        link->here.acted = 0;
        link->here.acted_hash = (struct hash){ 0 };
        link->here.incarnation = 1;
        link->is_changed = true;
        link->must_follow = true;
        link->complete_ms = 0;
    }
}

static void cross (struct core *core, struct link *link,
                   const struct incarnation *opening)
{
    struct crossing crossing = {
        .core = core, .link = link, .opening = opening, .acted = link->here.acted
    };
    log_warning ("%s was restored: it lost its entries %" PRIu64 " to %" PRIu64
                 ", on which %s had acted; what they led to stays",
                 speaker_name (link->spec->speaker), opening->previous_size + 1,
                 link->here.acted, core->spec->name);
    crossing_gather (&crossing);
    if (core->spec->view != NULL) {
        views_forget (core);
        return;
    }
    link->here.acted = opening->previous_size;
    link->here.acted_hash = (struct hash){ 0 };
    if (opening->previous_hash.size == HASH_SIZE)
        memcpy (link->here.acted_hash.data, opening->previous_hash.data, HASH_SIZE);
}

void incarnation_pass (struct core *core, const struct link *link,
                       const struct incarnation *opening)
{
    uint64_t taken = taken_get (core->txn, link->spec->speaker);
    struct crossing crossing = {
        .core = core, .link = link, .opening = opening, .acted = position_sequence (taken)
    };
    if (position_incarnation (taken) >= opening->incarnation ||
        crossing.acted <= opening->previous_size)
        return;
    log_warning ("%s was restored, and so were we: it lost its entries %" PRIu64
                 " to %" PRIu64 ", which %s had taken over; what they led to stays",
                 speaker_name (link->spec->speaker), opening->previous_size + 1,
                 crossing.acted, core->spec->name);
    crossing_gather (&crossing);
}

/* Where our place is the last that was kept, both must mean the same entry. */
static bool opening_fits (const struct link *link, const struct incarnation *opening)
{
    const struct mark *mark = &link->here;
    if (!mark->is_known ||
        !bytes_equal (opening->previous, BYTES (mark->journal, JOURNAL_ID_SIZE)))
        return false;
    return mark->acted == 0 || mark->acted != opening->previous_size ||
           hash_is_zero (&mark->acted_hash) || /* a stand-in */
           bytes_equal (opening->previous_hash, hash_view (&mark->acted_hash));
}

bool incarnation_enter (struct core *core, struct link *link,
                        const struct incarnation *opening, struct err *err)
{
    enum speaker speaker = link->spec->speaker;
    /* An answer to a Follow of before: we are across already. But who refuses forgets the
     * follower, also one that had come by its new name meanwhile: it comes again. */
    if (link->here.is_known &&
        bytes_equal (opening->journal, BYTES (link->here.journal, JOURNAL_ID_SIZE))) {
        link->must_follow = true;
        return true;
    }
    if (!opening_fits (link, opening)) {
        err_set (err, -EBADMSG,
                 "it was restored, but its incarnation %u does not continue what we "
                 "followed",
                 opening->incarnation);
        return false;
    }
    if (link->here.acted > opening->previous_size)
        cross (core, link, opening);
    memcpy (link->here.journal, opening->journal.data, JOURNAL_ID_SIZE);
    link->is_changed = true;
    link->must_follow = true;
    link->complete_ms = 0;
    log_notice ("%s follows incarnation %u of %s, from entry %" PRIu64, core->spec->name,
                opening->incarnation, speaker_name (speaker), link->here.acted);
    return true;
}

/* ---- restated ---------------------------------------------------------------------- */

static bool cursor_get (struct core *core, uint64_t *ret_cursor)
{
    struct bytes value;
    struct txn *txn = txn_begin_read (core->store);
    bool is_there = meta_get (txn, "restate", &value) && value.size == 8;
    if (is_there)
        *ret_cursor = get_be64 (value.data);
    txn_abort (&txn);
    return is_there;
}

static void cursor_put (struct core *core, uint64_t cursor, bool is_more)
{
    uint8_t value[8];
    struct key key;
    put_be64 (value, cursor);
    if (is_more) {
        meta_put (core->txn, "restate", BYTES_OF (value));
        return;
    }
    key_init (&key);
    key_text (&key, "core.restate");
    txn_delete (core->txn, CORE_META, key_view (&key));
}

static bool restate_some (struct core *core, uint64_t *cursor)
{
    bool is_more = true;
    for (unsigned i = 0; i < RESTATE_STEP && is_more; i++) {
        struct decision decision;
        arena_reset (&core->scratch);
        decision_begin (core, &decision);
        is_more = core->spec->restate (core->self, core->txn, cursor, &decision);
        core_emit_all (core, &decision, NULL);
    }
    return is_more;
}

int incarnation_restate (struct core *core, struct err *err)
{
    uint64_t cursor;
    if (core->spec->restate == NULL || !cursor_get (core, &cursor))
        return 0;
    log_notice ("%s was restored: it says what is open", core->spec->name);
    for (bool is_more = true; is_more;) {
        batch_begin (core);
        is_more = restate_some (core, &cursor);
        cursor_put (core, cursor, is_more);
        int rc = batch_commit (core);
        if (rc < 0)
            return err_set (err, rc, "what is open could not be said: %s",
                            strerror (-rc));
    }
    return 0;
}
