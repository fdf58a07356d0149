/* SPDX-License-Identifier: Apache-2.0 */
/* A place in a table, in key order.
 *
 *     CLEANUP (cursor_done) struct cursor cursor;
 *     cursor_init (&cursor, txn, TABLE_QUEUE);
 *     for (cursor_seek (&cursor, prefix); cursor_is_within (&cursor, prefix);
 *          cursor_next (&cursor))
 *         ... cursor_key (&cursor), cursor_value (&cursor) ...
 *
 * A cursor stands on a key, not on a page: any write or delete in its transaction,
 * of the entry under it too, is allowed between two moves. 'cursor_next' goes to the
 * first key then present after the one it stood on, 'cursor_prev' to the last before
 * it. Only 'cursor_value' becomes invalid with a write: copy first. */
#ifndef MINQING_STORE_CURSOR_H
#define MINQING_STORE_CURSOR_H

#include "store/txn.h"

struct cursor {
    struct txn *txn;
    struct MDB_cursor *lmdb;
    unsigned table;
    bool is_on;       /* stands on an entry */
    uint64_t changes; /* of the transaction, when it got there */
    struct key key;   /* a copy */
    struct bytes value;
    unsigned run;    /* moves to the next */
    uintptr_t ahead; /* where what was asked for ahead begins */
};

/* 'done' comes before the end of the transaction (asserted there). */
void cursor_init (struct cursor *cursor, struct txn *txn, unsigned table);
void cursor_done (struct cursor *cursor);

/* Move; true when it now stands on an entry. After a false move, and after a failure
 * stuck in the transaction, it stands nowhere and next and prev stay false. */
bool cursor_seek (struct cursor *cursor, struct bytes key);        /* first >= key */
bool cursor_seek_before (struct cursor *cursor, struct bytes key); /* last < key */
bool cursor_first (struct cursor *cursor);
bool cursor_last (struct cursor *cursor);
bool cursor_last_within (struct cursor *cursor, struct bytes prefix);
bool cursor_next (struct cursor *cursor);
bool cursor_prev (struct cursor *cursor);

/* It stands on an entry, and the key there begins with 'prefix'. */
bool cursor_is_on (const struct cursor *cursor);
bool cursor_is_within (const struct cursor *cursor, struct bytes prefix);

/* The entry under it; only while it stands on one (assert). The key lives until the
 * cursor moves, the value until the next write in the transaction (assert). */
struct bytes cursor_key (const struct cursor *cursor);
struct bytes cursor_value (const struct cursor *cursor);

#endif
