/* SPDX-License-Identifier: Apache-2.0 */
/* A store made from a backup (runtime/restore.h).
 *
 *     empty store ─▶ mark "core.restore", name and secret of the backup ─▶ commit
 *       ─▶ entries: check, append, apply … in bounded transactions
 *       ─▶ openings (KIND_INCARNATION), the mark goes, "core.restate" stands ─▶ commit
 *
 * A process that dies between leaves the mark: the store is not started on, and the next
 * restoration throws everything away and begins anew. */
#include "runtime/restore.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "runtime/core_inside.h"
#include "wire/names.h"
#include "wire/wire.h"

#define STEP_ENTRIES 4096
#define STEP_BYTES   (STORE_BATCH_BYTES / 2) /* facts need room beside the entries */

struct work {
    struct core *core;
    const struct restore *restore;
    uint64_t until;        /* nothing behind it is put back */
    struct hash last_hash; /* leaf of the last entry */
    int64_t doubt_ms; /* since when the entries were in doubt of time; 0: they end sure */
    struct restored *ret;
    struct err *err;
};

static void meta_delete (struct txn *txn, const char *name)
{
    struct key key;
    key_init (&key);
    key_text (&key, "core.");
    key_text (&key, name);
    txn_delete (txn, CORE_META, key_view (&key));
}

static int commit (struct work *work)
{
    int rc = txn_commit (&work->core->txn);
    if (rc < 0)
        return err_set (work->err, rc, "the restoration could not be written: %s",
                        strerror (-rc));
    return 0;
}

/* ---- begin ------------------------------------------------------------------------- */

static int keepsake_check (const struct service_spec *spec,
                           const struct keepsake *keepsake, struct err *err)
{
    if (keepsake->speaker != spec->speaker)
        return err_set (err, -EINVAL, "this is a backup of %s, not of %s",
                        speaker_name (keepsake->speaker), spec->name);
    if (keepsake->schema > CORE_SCHEMA)
        return err_set (
            err, -EINVAL,
            "the backup was made by a newer program (%s, schema %u); this one "
            "(" MINQING_VERSION ") knows schema %d: install the newer one",
            keepsake->version, keepsake->schema, CORE_SCHEMA);
    if (keepsake->incarnation == 0 || keepsake->incarnation >= POSITION_INCARNATION_MAX)
        return err_set (err, -EBADMSG, "the keepsake says incarnation %u: there is none",
                        keepsake->incarnation);
    return 0;
}

static int journal_begin (struct work *work)
{
    static const struct journal_tables tables = { .entries = CORE_ENTRIES,
                                                  .tree = CORE_TREE,
                                                  .meta = CORE_META };
    struct core *core = work->core;
    const struct keepsake *keepsake = work->restore->keepsake;
    struct journal_identity identity = { .incarnation = keepsake->incarnation };
    journal_close (&core->journal);
    int rc = journal_open (core->txn, &tables, core->options.random, &core->journal,
                           work->err);
    if (rc < 0)
        return rc;
    memcpy (identity.id, keepsake->journal.data, JOURNAL_ID_SIZE);
    journal_set_identity (core->journal, core->txn, &identity);
    return 0;
}

/* What a service keeps in memory was read from tables that are gone. */
static int self_begin (struct work *work)
{
    struct core *core = work->core;
    if (core->spec->close != NULL)
        core->spec->close (&core->self);
    core->self = NULL;
    return core->spec->open (core, &core->self, work->err);
}

/* Of a store that is there: what was put back when it was made, and where it began. */
static void there_tell (struct work *work)
{
    struct core *core = work->core;
    const struct journal_identity *identity = journal_identity (core->journal);
    struct txn *txn = txn_begin_read (core->store);
    struct entry entry;
    work->ret->entries = identity->previous_size;
    work->ret->incarnation = identity->incarnation;
    memcpy (work->ret->journal, identity->id, JOURNAL_ID_SIZE);
    arena_reset (&core->scratch);
    if (core_entry (core, txn, identity->previous_size, &core->scratch, &entry, NULL))
        work->ret->last_ms = entry.time_ms;
    txn_abort (&txn);
}

static int begin (struct work *work)
{
    struct core *core = work->core;
    uint8_t mark = 1;
    if (core->head > 0 && !core->is_half_restored) {
        there_tell (work);
        return err_set (work->err, -ENOTEMPTY,
                        "there is a store in %s already, with %" PRIu64
                        " entries: move it away first, nothing was changed",
                        core->options.dir, core->head);
    }
    core->txn = txn_begin_write (core->store);
    for (unsigned i = 0; i < CORE_TABLES + core->spec->n_tables; i++)
        txn_clear (core->txn, i);
    schema_begin (core, core->txn);
    meta_put (core->txn, "restore", BYTES_OF (mark));
    meta_put (core->txn, "secret", work->restore->keepsake->secret);
    int rc = journal_begin (work);
    if (rc == 0)
        rc = commit (work);
    return rc < 0 ? rc : self_begin (work);
}

/* ---- entries ----------------------------------------------------------------------- */

static int body_check (const struct followed *followed, uint64_t sequence,
                       struct hash *ret_stated, struct err *err)
{
    struct hash computed;
    *ret_stated = (struct hash){ 0 };
    if (followed->body_hash.size == HASH_SIZE)
        memcpy (ret_stated->data, followed->body_hash.data, HASH_SIZE);
    journal_body_hash (followed->body, &computed);
    if (followed->body.size > 0 && !hash_equal (&computed, ret_stated))
        return err_set (err, -EBADMSG,
                        "the body of entry %" PRIu64 " is not what its hash says",
                        sequence);
    return 0;
}

/* A backup that ended before its keepsake was renewed: the entries know better. */
static void identity_follow (struct work *work, const struct entry *entry)
{
    struct core *core = work->core;
    struct journal_identity identity = { 0 };
    if (entry->kind != KIND_INCARNATION || entry->incarnation == NULL ||
        entry->incarnation->incarnation <= journal_identity (core->journal)->incarnation)
        return;
    identity.incarnation = entry->incarnation->incarnation;
    memcpy (identity.id, entry->incarnation->journal.data, JOURNAL_ID_SIZE);
    journal_set_identity (core->journal, core->txn, &identity);
}

static void doubt_follow (struct work *work, const struct entry *entry)
{
    if (!entry->time_uncertain || entry->kind == KIND_TIME_SETTLED)
        work->doubt_ms = 0;
    else if (work->doubt_ms == 0)
        work->doubt_ms = entry->time_ms;
}

/* Decode, append, fold. The store has its own copy, and the frame its memory. */
static int entry_put_back (struct work *work, const struct followed *followed)
{
    struct core *core = work->core;
    struct entry entry;
    struct hash body_hash;
    uint64_t next = journal_next_sequence (core->journal, core->txn);
    arena_reset (&core->scratch);
    int rc = entry_decode (&core->scratch, followed->header, &entry, work->err);
    if (rc < 0)
        return err_prefix (work->err, "entry %" PRIu64 " of the backup", next);
    if (entry.incarnation != NULL &&
        (entry.incarnation->incarnation < 2 ||
         entry.incarnation->incarnation >= POSITION_INCARNATION_MAX))
        return err_set (work->err, -EBADMSG,
                        "entry %" PRIu64 " of the backup opens incarnation %u: there is "
                        "none",
                        next, entry.incarnation->incarnation);
    if (entry.sequence != next)
        return err_set (work->err, -EBADMSG,
                        "the backup has entry %" PRIu64 " where %" PRIu64 " should be",
                        entry.sequence, next);
    rc = body_check (followed, next, &body_hash, work->err);
    if (rc < 0)
        return rc;
    if (followed->body.size > 0)
        journal_append (core->journal, core->txn, followed->header, followed->body,
                        &work->last_hash);
    else
        journal_append_bare (core->journal, core->txn, followed->header, &body_hash,
                             &work->last_hash);
    core_apply (core, &entry, followed->body);
    identity_follow (work, &entry);
    doubt_follow (work, &entry);
    core->last_time_ms = entry.time_ms;
    work->ret->entries = next;
    work->ret->last_ms = entry.time_ms;
    return 0;
}

/* One transaction of them: 1 when there may be more. */
static int some_put_back (struct work *work)
{
    struct followed followed;
    size_t bytes = 0;
    int rc = 1;
    for (unsigned i = 0; i < STEP_ENTRIES && bytes < STEP_BYTES; i++) {
        rc = work->restore->next (work->restore->arg, &followed, work->err);
        if (rc <= 0)
            break;
        if (work->ret->entries >= work->until) {
            work->ret->given_up++;
            continue;
        }
        rc = entry_put_back (work, &followed);
        if (rc < 0)
            break;
        rc = 1;
        bytes += followed.header.size + followed.body.size;
    }
    return rc;
}

static int entries_put_back (struct work *work)
{
    int rc = 1;
    while (rc > 0) {
        work->core->txn = txn_begin_write (work->core->store);
        rc = some_put_back (work);
        if (rc < 0)
            return rc;
        int committed = commit (work);
        if (committed < 0)
            return committed;
    }
    return 0;
}

/* ---- openings ---------------------------------------------------------------------- */

static void open_incarnation (struct work *work, uint32_t incarnation,
                              const uint8_t id[JOURNAL_ID_SIZE])
{
    struct core *core = work->core;
    const struct journal_identity *before = journal_identity (core->journal);
    struct journal_identity identity = { .incarnation = incarnation,
                                         .previous_size = work->ret->entries,
                                         .previous_leaf_hash = work->last_hash };
    memcpy (identity.id, id, JOURNAL_ID_SIZE);
    memcpy (identity.previous_id, before->id, JOURNAL_ID_SIZE);
    struct incarnation opening = {
        .incarnation = incarnation,
        .journal = BYTES_OF (identity.id),
        .previous = BYTES_OF (identity.previous_id),
        .previous_size = identity.previous_size,
        .previous_hash = identity.previous_size > 0
                             ? hash_view (&identity.previous_leaf_hash)
                             : BYTES (NULL, 0),
    };
    struct event event = { .entry = { .kind = KIND_INCARNATION } };
    event.entry.incarnation = &opening;
    arena_reset (&core->scratch);
    journal_set_identity (core->journal, core->txn, &identity);
    core_emit (core, &event, NULL, NULL, NULL, NULL);
}

static void opening_tell (struct work *work)
{
    struct core *core = work->core;
    struct journal_record record;
    uint64_t last = journal_size (core->journal, core->txn);
    if (work->restore->opened != NULL &&
        journal_read_header (core->journal, core->txn, last, &record) == 0)
        work->restore->opened (work->restore->arg, record.header);
}

/* A doubt in which the backup ends is not settled by restoring: the openings are said in
 * it, and the daemon settles it when it starts and time is certain. */
static void doubt_go_on (struct work *work)
{
    struct core *core = work->core;
    uint8_t since[8];
    if (work->doubt_ms == 0)
        return;
    core->trust = (struct trust){ .state = TRUST_LOST };
    core->has_trust = true;
    put_be64 (since, (uint64_t) work->doubt_ms);
    meta_put (core->txn, "doubt", BYTES_OF (since));
}

static int finish (struct work *work)
{
    struct core *core = work->core;
    const struct restore *restore = work->restore;
    uint8_t cursor[8] = { 0 };
    core->txn = txn_begin_write (core->store);
    core->now_ms = restore->now_ms;
    doubt_go_on (work);
    for (size_t i = 0; i < restore->n_lost; i++)
        if (restore->lost[i].incarnation > journal_identity (core->journal)->incarnation)
            open_incarnation (work, restore->lost[i].incarnation, restore->lost[i].id);
    if (!FAULT (SAME_INCARNATION))
        open_incarnation (work, journal_identity (core->journal)->incarnation + 1,
                          core->options.random);
    if (core->spec->restate != NULL)
        meta_put (core->txn, "restate", BYTES_OF (cursor));
    meta_delete (core->txn, "restore");
    opening_tell (work);
    int rc = commit (work);
    if (rc < 0)
        return rc;
    const struct journal_identity *identity = journal_identity (core->journal);
    work->ret->incarnation = identity->incarnation;
    memcpy (work->ret->journal, identity->id, JOURNAL_ID_SIZE);
    return 0;
}

/* ---- the whole --------------------------------------------------------------------- */

/* Where the first restoration began that the backup does not know of. */
static uint64_t given_up_from (const struct restore *restore)
{
    uint64_t until = UINT64_MAX;
    for (size_t i = 0; i < restore->n_lost; i++)
        if (restore->lost[i].incarnation > restore->keepsake->incarnation &&
            restore->lost[i].previous_size < until)
            until = restore->lost[i].previous_size;
    return until;
}

int core_restore (const struct service_spec *spec, const struct core_options *options,
                  const struct restore *restore, struct restored *ret, struct err *err)
{
    struct restored none;
    struct work work = { .restore = restore,
                         .until = given_up_from (restore),
                         .ret = ret != NULL ? ret : &none,
                         .err = err };
    *work.ret = (struct restored){ 0 };
    int rc = keepsake_check (spec, restore->keepsake, err);
    if (rc == 0)
        rc = core_open (spec, options, &work.core, err);
    if (rc < 0)
        return rc;
    rc = begin (&work);
    if (rc == 0)
        rc = entries_put_back (&work);
    if (rc == 0)
        rc = finish (&work);
    core_close (&work.core, false);
    return rc;
}

/* ---- one entry --------------------------------------------------------------------- */

static int mend_some (struct core *core, struct txn *txn, uint64_t first,
                      const struct followed *followed, size_t count, size_t *ret_count,
                      struct err *err)
{
    uint64_t size = journal_size (core->journal, txn);
    for (size_t i = 0; i < count && first + i <= size; i++) {
        struct journal_record record;
        struct hash body_hash;
        if (journal_read (core->journal, txn, first + i, &record) == 0)
            continue;
        int rc = body_check (&followed[i], first + i, &body_hash, err);
        if (rc < 0)
            return rc;
        journal_mend (core->journal, txn, first + i, followed[i].header, followed[i].body,
                      &body_hash);
        if (journal_read (core->journal, txn, first + i, &record) < 0)
            return err_set (err, -EBADMSG, "entry %" PRIu64 " cannot be put back",
                            first + i);
        ++*ret_count;
    }
    for (size_t i = 0; i < count && first + i <= size; i += JOURNAL_BLOCK)
        if (!journal_mended (core->journal, txn, first + i))
            return err_set (err, -EBADMSG,
                            "the entries of the backup from %" PRIu64
                            " on are not those that the tree here knows",
                            first + i);
    return 0;
}

int core_mend (struct core *core, uint64_t first, const struct followed *followed,
               size_t count, size_t *ret_count, struct err *err)
{
    struct txn *txn = txn_begin_write (core->store);
    *ret_count = 0;
    int rc = mend_some (core, txn, first, followed, count, ret_count, err);
    if (rc < 0) {
        txn_abort (&txn);
        return rc;
    }
    rc = txn_commit (&txn);
    if (rc < 0)
        return err_set (err, rc, "entry %" PRIu64 " could not be written: %s", first,
                        strerror (-rc));
    return 0;
}

/* ---- told -------------------------------------------------------------------------- */

static bool opening_read (struct core *core, struct txn *txn, uint64_t sequence,
                          struct journal_identity *ret)
{
    struct entry entry;
    arena_reset (&core->scratch);
    if (!core_entry (core, txn, sequence, &core->scratch, &entry, NULL) ||
        entry.incarnation == NULL)
        return false;
    const struct incarnation *opening = entry.incarnation;
    *ret = (struct journal_identity){ .incarnation = opening->incarnation,
                                      .previous_size = opening->previous_size };
    memcpy (ret->id, opening->journal.data, JOURNAL_ID_SIZE);
    memcpy (ret->previous_id, opening->previous.data, JOURNAL_ID_SIZE);
    return true;
}

static int by_number (const void *a, const void *b)
{
    uint32_t x = ((const struct journal_identity *) a)->incarnation;
    uint32_t y = ((const struct journal_identity *) b)->incarnation;
    return x < y ? -1 : x > y;
}

size_t core_incarnations (struct core *core, struct journal_identity *ret, size_t max)
{
    struct txn *txn = txn_begin_read (core->store);
    struct cursor cursor;
    size_t count = 0;
    cursor_init (&cursor, txn, CORE_INCARNATIONS);
    for (bool is_on = cursor_first (&cursor); is_on && count < max;
         is_on = cursor_next (&cursor)) {
        struct bytes value = cursor_value (&cursor);
        if (value.size == 8 &&
            opening_read (core, txn, get_be64 (value.data), &ret[count]))
            count++;
    }
    cursor_done (&cursor);
    txn_abort (&txn);
    qsort (ret, count, sizeof *ret, by_number);
    return count;
}
