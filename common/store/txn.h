/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions in which the first failure sticks: after it every write does nothing,
 * every read finds nothing, and the commit reports it. So code inside a transaction
 * reads straight down and looks once, at the end.
 *
 * One write transaction and one read transaction at a time. Both live inside one turn
 * of the loop: no socket call, no waiting between begin and end. */
#ifndef MINQING_STORE_TXN_H
#define MINQING_STORE_TXN_H

#include "base/bytes.h"
#include "store/key.h"
#include "store/store.h"

struct txn;

/* Never NULL: a begin that failed gives a transaction whose failure has stuck. */
MUST_CHECK struct txn *txn_begin_write (struct store *store);
MUST_CHECK struct txn *txn_begin_read (struct store *store);

/* End the transaction, release it and set '*txn' to NULL.
 *   0        everything is on disk (read transactions: it has ended)
 *   -EIO     the outcome is unknown: say nothing to anybody and exit; what is true is
 *            found out after the restart
 *   others   the transaction's first failure; nothing of it is in the store, which can
 *            be used on: -ENOSPC the map is full, -ENOMEM, or what 'txn_fail' said */
MUST_CHECK int txn_commit (struct txn **txn);

/* Throw everything away, release it and set '*txn' to NULL; NULL is fine. */
void txn_abort (struct txn **txn);

/* The failure that stuck, or 0; 'txn_fail' lets the caller's own stick. */
int txn_error (const struct txn *txn);
void txn_fail (struct txn *txn, int code);

bool txn_is_write (const struct txn *txn);

/* Never the same for two transactions of a store while it is open: who keeps state of
 * an unfinished transaction in memory keeps this beside it, and knows it for stale
 * when the number is another (an abort needs no call). */
uint64_t txn_id (const struct txn *txn);

/* Let 'run' write its last records just before the commit, if nothing failed until
 * then. The hook is the caller's memory and must live until the transaction ends. */
struct txn_hook {
    void (*run) (void *arg, struct txn *txn);
    void *arg;
    struct txn_hook *next; /* not the caller's */
};
void txn_before_commit (struct txn *txn, struct txn_hook *hook);

/* ---- tables ----------------------------------------------------------------
 * Keys: 1 to KEY_SIZE_MAX bytes. Values: any size; an empty value is a value.
 * Memory handed out is the store's: valid until the next write in the transaction or
 * its end, whichever comes first; it may be unaligned (read with get_be…). */

/* False when the key is absent or a failure has stuck; '*ret_value' then untouched.
 * 'ret_value' may be NULL. */
bool txn_get (struct txn *txn, unsigned table, struct bytes key, struct bytes *ret_value);

/* Write or replace. 'value' must not be memory of this transaction. */
void txn_put (struct txn *txn, unsigned table, struct bytes key, struct bytes value);

/* Write behind the last key, several times faster than 'txn_put'. A key that is not
 * greater than the last lets -EEXIST stick. */
void txn_append (struct txn *txn, unsigned table, struct bytes key, struct bytes value);

/* The same, but leave the 'size' bytes of the value to the caller, who fills them all
 * before the next call on the transaction. NULL when a failure has stuck. */
uint8_t *txn_put_space (struct txn *txn, unsigned table, struct bytes key, size_t size);
uint8_t *txn_append_space (struct txn *txn, unsigned table, struct bytes key,
                           size_t size);

/* Absent is fine; true when it was there. */
bool txn_delete (struct txn *txn, unsigned table, struct bytes key);

/* Empty the table: for views, which are thrown away and followed again. */
void txn_clear (struct txn *txn, unsigned table);

uint64_t txn_count (struct txn *txn, unsigned table); /* entries; 0 after a failure */

#endif
