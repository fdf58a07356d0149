/* SPDX-License-Identifier: Apache-2.0 */
/* Cursors that stand on a key.
 *
 * LMDB moves its own cursors along when their pages change, with a history of mistakes
 * in the corner cases (a delete under one cursor through another, a page merged away).
 * We do not lean on that: the key is copied, and after any write in the transaction the
 * next move looks the key up again. Without writes a move is LMDB's own. */
#include "store/cursor.h"
#include "store/store_inside.h"

#include <string.h>
#include <sys/mman.h>

/* A durable store is mapped without the kernel's readahead (store.c). Who goes through a
 * table in order says so himself, once that shows. */
#define RUN_LEAST   256
#define AHEAD_BYTES (512u << 10)
#define PAGE        4096u

void cursor_init (struct cursor *cursor, struct txn *txn, unsigned table)
{
    assert (table < txn->store->table_count);
    *cursor = (struct cursor){ .txn = txn, .table = table };
    txn->cursors++;
    if (txn->error != 0)
        return;
    int rc = mdb_cursor_open (txn->lmdb, txn->store->tables[table], &cursor->lmdb);
    if (rc != 0) {
        cursor->lmdb = NULL;
        txn->error = store_error (rc);
    }
}

void cursor_done (struct cursor *cursor)
{
    if (cursor->txn == NULL)
        return;
    if (cursor->lmdb != NULL)
        mdb_cursor_close (cursor->lmdb);
    cursor->txn->cursors--;
    *cursor = (struct cursor){ 0 };
}

/* Every move ends here: 'key' goes in for MDB_SET_RANGE and is unused otherwise. */
static bool move (struct cursor *cursor, MDB_cursor_op op, struct bytes key)
{
    struct txn *txn = cursor->txn;
    cursor->is_on = false;
    if (txn->error != 0 || cursor->lmdb == NULL)
        return false;
    MDB_val place = { .mv_size = key.size, .mv_data = (void *) (uintptr_t) key.data };
    MDB_val value;
    int rc = mdb_cursor_get (cursor->lmdb, &place, &value, op);
    if (rc == MDB_NOTFOUND)
        return false;
    if (rc != 0 || place.mv_size > KEY_SIZE_MAX) {
        txn->error = rc != 0 ? store_error (rc) : store_error (MDB_CORRUPTED);
        return false;
    }
    memcpy (cursor->key.data, place.mv_data, place.mv_size);
    cursor->key.size = place.mv_size;
    cursor->value = BYTES (value.mv_data, value.mv_size);
    cursor->changes = txn->changes;
    cursor->is_on = true;
    return true;
}

static const struct bytes anywhere = { NULL, 0 };

bool cursor_seek (struct cursor *cursor, struct bytes key)
{
    assert (key.size <= KEY_SIZE_MAX);
    if (key.size == 0) /* LMDB knows no empty key; every key comes after it */
        return cursor_first (cursor);
    return move (cursor, MDB_SET_RANGE, key);
}

bool cursor_seek_before (struct cursor *cursor, struct bytes key)
{
    assert (key.size <= KEY_SIZE_MAX);
    if (key.size == 0) {
        cursor->is_on = false;
        return false;
    }
    struct key copy; /* it may be our own, which the first move overwrites */
    key_init (&copy);
    key_bytes (&copy, key);
    if (move (cursor, MDB_SET_RANGE, key_view (&copy)))
        return move (cursor, MDB_PREV, anywhere);
    return cursor_last (cursor);
}

bool cursor_first (struct cursor *cursor)
{
    return move (cursor, MDB_FIRST, anywhere);
}

bool cursor_last (struct cursor *cursor)
{
    return move (cursor, MDB_LAST, anywhere);
}

/* The last key with a prefix stands before the first that is greater than all of them:
 * the prefix with its last byte that is not 0xff counted up, and cut there. */
bool cursor_last_within (struct cursor *cursor, struct bytes prefix)
{
    struct key after;
    key_init (&after);
    key_bytes (&after, prefix);
    while (after.size > 0 && after.data[after.size - 1] == 0xff)
        after.size--;
    bool is_found;
    if (after.size == 0) {
        is_found = cursor_last (cursor);
    } else {
        after.data[after.size - 1]++;
        is_found = cursor_seek_before (cursor, key_view (&after));
    }
    cursor->is_on = is_found && cursor_is_within (cursor, prefix);
    return cursor->is_on;
}

/* Only advice: behind the end of the map it is refused, and nothing comes of that. */
static void read_ahead (struct cursor *cursor)
{
    uintptr_t at = (uintptr_t) cursor->value.data & ~(uintptr_t) (PAGE - 1);
    if (!cursor->txn->store->is_at_random || cursor->run++ < RUN_LEAST ||
        at - cursor->ahead < AHEAD_BYTES)
        return;
    cursor->ahead = at;
    (void) madvise ((void *) at, AHEAD_BYTES, MADV_WILLNEED);
}

bool cursor_next (struct cursor *cursor)
{
    if (!cursor->is_on)
        return false;
    if (cursor->changes == cursor->txn->changes) {
        bool is_on = move (cursor, MDB_NEXT, anywhere);
        if (is_on)
            read_ahead (cursor);
        return is_on;
    }
    struct key stood = cursor->key;
    if (!move (cursor, MDB_SET_RANGE, key_view (&stood)))
        return false;
    if (!bytes_equal (cursor_key (cursor), key_view (&stood)))
        return true;
    return move (cursor, MDB_NEXT, anywhere);
}

bool cursor_prev (struct cursor *cursor)
{
    if (!cursor->is_on)
        return false;
    if (cursor->changes == cursor->txn->changes)
        return move (cursor, MDB_PREV, anywhere);
    return cursor_seek_before (cursor, key_view (&cursor->key));
}

bool cursor_is_on (const struct cursor *cursor)
{
    return cursor->is_on;
}

bool cursor_is_within (const struct cursor *cursor, struct bytes prefix)
{
    return cursor->is_on && cursor->key.size >= prefix.size &&
           (prefix.size == 0 || memcmp (cursor->key.data, prefix.data, prefix.size) == 0);
}

struct bytes cursor_key (const struct cursor *cursor)
{
    assert (cursor->is_on);
    return key_view (&cursor->key);
}

struct bytes cursor_value (const struct cursor *cursor)
{
    assert (cursor->is_on && cursor->changes == cursor->txn->changes);
    return cursor->value;
}
