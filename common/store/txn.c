/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions with a sticky failure, and what is done to tables in them.
 *
 * LMDB poisons a write transaction by itself after some failures (MDB_TXN_ERROR), not
 * after all: here the first one ends the work, whichever it was. Deliberately absent:
 * nested transactions, since a batch is all or nothing. */
#include "store/store_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

static MDB_val val (struct bytes bytes)
{
    /* LMDB takes void * for what it only reads. */
    return (MDB_val){ .mv_size = bytes.size, .mv_data = (void *) (uintptr_t) bytes.data };
}

/* FAULT (ACKNOWLEDGE_EARLY): a commit is put off until the next write transaction begins,
 * so that it costs nobody any time. Until then whoever reads, reads in it. True: 'txn' is
 * such a reader. */
static bool begin_uncommitted (struct txn *txn)
{
    MDB_txn *uncommitted = txn->store->uncommitted;
    if (uncommitted != NULL && !txn->is_write) {
        txn->lmdb = uncommitted;
        return true;
    }
    txn->store->uncommitted = NULL;
    int rc = uncommitted == NULL ? 0 : mdb_txn_commit (uncommitted);
    if (rc != 0)
        txn->error = -EIO;
    return rc != 0;
}

static struct txn *begin (struct store *store, bool is_write)
{
    struct txn *txn = calloc (1, sizeof *txn);
    assert (txn != NULL);
    txn->store = store;
    txn->is_write = is_write;
    txn->id = ++store->last_txn_id;
    struct txn **place = is_write ? &store->writer : &store->reader;
    assert (*place == NULL); /* one at a time */
    *place = txn;
    if (FAULT (ACKNOWLEDGE_EARLY) && begin_uncommitted (txn))
        return txn;
    int rc = mdb_txn_begin (store->env, NULL, is_write ? 0 : MDB_RDONLY, &txn->lmdb);
    if (rc != 0) {
        txn->lmdb = NULL;
        txn->error = store_error (rc);
    }
    return txn;
}

struct txn *txn_begin_write (struct store *store)
{
    assert (!store->is_reader);
    return begin (store, true);
}

struct txn *txn_begin_read (struct store *store)
{
    return begin (store, false);
}

/* ---- the end ------------------------------------------------------------------ */

static void release (struct txn *txn)
{
    assert (txn->cursors == 0); /* somebody forgot cursor_done */
    if (txn->is_write)
        txn->store->writer = NULL;
    else
        txn->store->reader = NULL;
    free (txn);
}

void txn_abort (struct txn **txn)
{
    if (*txn == NULL)
        return;
    struct txn *ending = *txn;
    *txn = NULL;
    if (ending->lmdb != NULL && ending->lmdb != ending->store->uncommitted)
        mdb_txn_abort (ending->lmdb);
    release (ending);
}

static void run_hooks (struct txn *txn)
{
    for (struct txn_hook *hook = txn->hooks; hook != NULL && txn->error == 0;
         hook = hook->next)
        hook->run (hook->arg, txn);
}

/* What a failed commit tells us. A full map or memory is noticed before the first page
 * is written: then surely nothing happened. After anything else, the disk may have some
 * of it, a later commit may yet make the rest good, and the kernel may have dropped the
 * pages that it could not write; which code it was changes nothing for the caller. */
static int commit_error (int lmdb_code)
{
    int rc = store_error (lmdb_code);
    bool is_certain = lmdb_code == 0 || lmdb_code == MDB_MAP_FULL ||
                      lmdb_code == ENOMEM || lmdb_code == MDB_TXN_FULL;
    return is_certain ? rc : -EIO;
}

int txn_commit (struct txn **txn)
{
    struct txn *ending = *txn;
    if (ending->is_write)
        run_hooks (ending);
    int rc = ending->error;
    if (rc == 0 && ending->is_write &&
        (store_must_fail (ending->store, &rc) ||
         store_commit_must_fail (ending->store, false, &rc)))
        ending->error = rc;
    if (rc != 0) {
        txn_abort (txn);
        return rc;
    }
    *txn = NULL;
    if (FAULT (ACKNOWLEDGE_EARLY) && ending->is_write)
        ending->store->uncommitted = ending->lmdb;
    else if (ending->store->uncommitted != ending->lmdb)
        rc = commit_error (mdb_txn_commit (ending->lmdb));
    if (rc == 0 && ending->is_write)
        (void) store_commit_must_fail (ending->store, true, &rc);
    release (ending);
    return rc;
}

int txn_error (const struct txn *txn)
{
    return txn->error;
}

void txn_fail (struct txn *txn, int code)
{
    assert (code < 0);
    if (txn->error == 0)
        txn->error = code;
}

bool txn_is_write (const struct txn *txn)
{
    return txn->is_write;
}

uint64_t txn_id (const struct txn *txn)
{
    return txn->id;
}

void txn_before_commit (struct txn *txn, struct txn_hook *hook)
{
    assert (txn->is_write);
    struct txn_hook **link = &txn->hooks;
    while (*link != NULL) {
        assert (*link != hook);
        link = &(*link)->next;
    }
    hook->next = NULL;
    *link = hook;
}

/* ---- tables ------------------------------------------------------------------- */

static MDB_dbi dbi (const struct txn *txn, unsigned table)
{
    assert (table < txn->store->table_count);
    return txn->store->tables[table];
}

static void check_key (struct bytes key)
{
    assert (key.size > 0 && key.size <= KEY_SIZE_MAX);
}

/* Before every write: may it be tried at all? */
static bool may_write (struct txn *txn)
{
    assert (txn->is_write);
    if (txn->error != 0)
        return false;
    txn->changes++;
    return !store_must_fail (txn->store, &txn->error);
}

bool txn_get (struct txn *txn, unsigned table, struct bytes key, struct bytes *ret_value)
{
    check_key (key);
    MDB_dbi handle = dbi (txn, table);
    if (txn->error != 0)
        return false;
    MDB_val wanted = val (key), found;
    int rc = mdb_get (txn->lmdb, handle, &wanted, &found);
    if (rc == MDB_NOTFOUND)
        return false;
    if (rc != 0) {
        txn->error = store_error (rc);
        return false;
    }
    if (ret_value != NULL)
        *ret_value = BYTES (found.mv_data, found.mv_size);
    return true;
}

static bool put (struct txn *txn, unsigned table, struct bytes key, MDB_val *value,
                 unsigned flags)
{
    check_key (key);
    MDB_dbi handle = dbi (txn, table);
    if (!may_write (txn))
        return false;
    MDB_val place = val (key);
    int rc = mdb_put (txn->lmdb, handle, &place, value, flags);
    if (rc != 0)
        txn->error = store_error (rc);
    return rc == 0;
}

void txn_put (struct txn *txn, unsigned table, struct bytes key, struct bytes value)
{
    MDB_val content = val (value);
    put (txn, table, key, &content, 0);
}

void txn_append (struct txn *txn, unsigned table, struct bytes key, struct bytes value)
{
    MDB_val content = val (value);
    put (txn, table, key, &content, MDB_APPEND);
}

static uint8_t *put_space (struct txn *txn, unsigned table, struct bytes key, size_t size,
                           unsigned flags)
{
    MDB_val space = { .mv_size = size };
    if (!put (txn, table, key, &space, flags | MDB_RESERVE))
        return NULL;
    return space.mv_data;
}

uint8_t *txn_put_space (struct txn *txn, unsigned table, struct bytes key, size_t size)
{
    return put_space (txn, table, key, size, 0);
}

uint8_t *txn_append_space (struct txn *txn, unsigned table, struct bytes key, size_t size)
{
    return put_space (txn, table, key, size, MDB_APPEND);
}

bool txn_delete (struct txn *txn, unsigned table, struct bytes key)
{
    check_key (key);
    MDB_dbi handle = dbi (txn, table);
    if (!may_write (txn))
        return false;
    MDB_val place = val (key);
    int rc = mdb_del (txn->lmdb, handle, &place, NULL);
    if (rc != 0 && rc != MDB_NOTFOUND)
        txn->error = store_error (rc);
    return rc == 0;
}

void txn_clear (struct txn *txn, unsigned table)
{
    MDB_dbi handle = dbi (txn, table);
    if (!may_write (txn))
        return;
    int rc = mdb_drop (txn->lmdb, handle, 0);
    if (rc != 0)
        txn->error = store_error (rc);
}

uint64_t txn_count (struct txn *txn, unsigned table)
{
    MDB_dbi handle = dbi (txn, table);
    if (txn->error != 0)
        return 0;
    MDB_stat stat;
    int rc = mdb_stat (txn->lmdb, handle, &stat);
    if (rc != 0) {
        txn->error = store_error (rc);
        return 0;
    }
    return stat.ms_entries;
}
