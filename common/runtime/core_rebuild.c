/* SPDX-License-Identifier: Apache-2.0 */
/* Facts folded anew from the journal; views and positions forgotten, to be followed
 * again. In transactions of bounded size, so a mark says that it is under way: a daemon
 * does not start on half a fold. */
#include "runtime/core_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "wire/wire.h"

#define REBUILD_STEP 4096 /* entries of one transaction */

/* Of the core's tables those that are facts; a service says how many of its own are. */
static const unsigned core_facts[] = { CORE_COUNTERS,     CORE_OUTCOMES,
                                       CORE_TAKEN,        CORE_AGENDA,
                                       CORE_TABLE_EVENTS, CORE_INCARNATIONS,
                                       CORE_DAMAGED };

size_t fact_tables (const struct core *core, unsigned ret_tables[FACT_TABLES_MAX])
{
    size_t count = ARRAY_SIZE (core_facts);
    memcpy (ret_tables, core_facts, sizeof core_facts);
    for (unsigned i = 0; i < core->spec->n_facts; i++)
        ret_tables[count++] = core_table (i);
    return count;
}

/* Facts, views and positions. */
static void forget_all (struct core *core)
{
    for (size_t i = 0; i < ARRAY_SIZE (core_facts); i++)
        txn_clear (core->txn, core_facts[i]);
    txn_clear (core->txn, CORE_POSITIONS);
    for (unsigned i = 0; i < core->spec->n_tables; i++)
        txn_clear (core->txn, core_table (i));
}

/* Fold at most REBUILD_STEP entries from '*from' on; '*from' is 0 at the end. */
static int fold_some (struct core *core, uint64_t *from, struct err *err)
{
    struct journal_reader reader;
    struct journal_record record;
    struct entry entry;
    int rc = 1;
    journal_reader_init (&reader, core->journal, core->txn, *from, JOURNAL_BODIES);
    for (unsigned i = 0; i < REBUILD_STEP; i++) {
        rc = journal_reader_next (&reader, &record);
        /* Facts are folded without a body that is damaged, as without an erased one. */
        if (rc == -EBADMSG &&
            journal_read_header (core->journal, core->txn, reader.sequence, &record) == 0)
            rc = 1;
        if (rc <= 0)
            break;
        arena_reset (&core->scratch);
        /* Copied: what is applied writes to the store, whose memory this is. */
        struct bytes body = arena_bytes (&core->scratch, record.body);
        rc = entry_decode (&core->scratch, record.header, &entry, err);
        if (rc < 0)
            break;
        core_apply (core, &entry, body);
        rc = 1;
    }
    uint64_t at = reader.sequence;
    journal_reader_done (&reader);
    if (rc == -EBADMSG)
        return err_set (
            err, rc,
            "entry %" PRIu64 " is damaged: the facts cannot be folded without "
            "it; put it back from a backup first (minqing restore DIR %s --entry %" PRIu64
            ")",
            at, core->spec->name, at);
    if (rc == 0 || rc == 1)
        rc = txn_error (core->txn) < 0 ? txn_error (core->txn) : rc;
    if (rc < 0)
        return err_set (err, rc, "the fold cannot go on at entry %" PRIu64 ": %s", at,
                        strerror (-rc));
    *from = rc == 0 ? 0 : at + 1;
    return 0;
}

int facts_refold (struct core *core, struct err *err)
{
    int rc = 0;
    forget_all (core);
    for (uint64_t from = 1; rc == 0 && from != 0;)
        rc = fold_some (core, &from, err);
    return rc;
}

static int step_commit (struct core *core, struct err *err)
{
    int rc = txn_commit (&core->txn);
    if (rc < 0)
        return err_set (err, rc, "the rebuild could not be written: %s", strerror (-rc));
    return 0;
}

static int fold_all (struct core *core, struct err *err)
{
    struct key key;
    int rc = 0;
    uint8_t mark = 1;
    core->txn = txn_begin_write (core->store);
    forget_all (core);
    meta_put (core->txn, "rebuild", BYTES_OF (mark));
    for (uint64_t from = 1; rc == 0 && from != 0;) {
        rc = fold_some (core, &from, err);
        if (rc == 0 && from != 0) {
            rc = step_commit (core, err);
            core->txn = txn_begin_write (core->store);
        }
    }
    if (rc < 0) {
        txn_abort (&core->txn);
        return rc;
    }
    key_init (&key);
    key_text (&key, "core.rebuild");
    txn_delete (core->txn, CORE_META, key_view (&key));
    return step_commit (core, err);
}

/* What a service keeps in memory was read from the old tables: it is opened anew. */
static int self_reopen (struct core *core, struct err *err)
{
    if (core->spec->close != NULL)
        core->spec->close (&core->self);
    core->self = NULL;
    return core->spec->open (core, &core->self, err);
}

int core_rebuild (struct core *core, struct err *err)
{
    assert (!core->is_started);
    if (core->is_half_restored)
        return err_set (err, -EUCLEAN,
                        "the restoration of %s was interrupted: run it again (minqing "
                        "restore)",
                        core->options.dir);
    log_notice ("%s folds its facts anew from %" PRIu64 " entries", core->spec->name,
                core->head);
    int rc = fold_all (core, err);
    if (rc == 0)
        rc = self_reopen (core, err);
    if (rc < 0)
        return rc;
    core->is_half_built = false;
    struct txn *txn = txn_begin_read (core->store);
    core->next_due_ms = agenda_next_due_ms (txn, CORE_AGENDA);
    links_load (core, txn);
    txn_abort (&txn);
    return tables_load (core, err);
}
