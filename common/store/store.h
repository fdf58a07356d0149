/* SPDX-License-Identifier: Apache-2.0 */
/* The store: one LMDB environment with a fixed set of tables, of one daemon.
 *
 * A process opens it, works in transactions (store/txn.h) from one thread and closes
 * it; it must not be carried over a fork, nor lie on a network file system. */
#ifndef MINQING_STORE_STORE_H
#define MINQING_STORE_STORE_H

#include "base/bytes.h"
#include "base/err.h"

struct store;

#define STORE_TABLES_MAX 64

/* What one transaction should stay under, keys and values together: its changed pages
 * are anonymous memory, and above about 1,000 pages LMDB writes them out before their
 * time. The caller's duty; nothing here enforces it. */
#define STORE_BATCH_BYTES (4u << 20)

/* Open the store in directory 'dir' (made, 0700, if absent; its parent must exist) with
 * the tables named, creating what is not there. Tables are spoken of by their index in
 * 'tables'; a table may be added at the end in a later release, a name never changes.
 * 'map_mib' is the most it can ever hold; only what is used takes disk.
 * Commits are durable (LMDB's default flags, asserted).
 *   -EBUSY  another process, or this one, has it open
 *   -EINVAL the file is not ours or its meta pages are damaged: restore or rebuild
 *   -EUCLEAN the file is cut short: restore
 *   others  as the operating system says
 * The caller owns '*ret_store': 'store_close'. */
MUST_CHECK int store_open (const char *dir, const char *const *tables, size_t table_count,
                           size_t map_mib, struct store **ret_store, struct err *err);

/* The same for a store that several processes write, one transaction at a time (a begin
 * waits for the other's end): a terminal's spool. -EBUSY only against 'store_open'. */
MUST_CHECK int store_open_shared (const char *dir, const char *const *tables,
                                  size_t table_count, size_t map_mib,
                                  struct store **ret_store, struct err *err);

/* The same for a tool that only reads, while the daemon may be running: every
 * transaction is a read transaction and must be short, since the daemon's map fills
 * behind it. -ENOENT when there is no store or a table is missing. */
MUST_CHECK int store_open_reader (const char *dir, const char *const *tables,
                                  size_t table_count, struct store **ret_store,
                                  struct err *err);

/* The same as 'store_open' for tests and the simulator: nothing is ever synced, a
 * power cut loses all. A daemon asserts '!store_is_volatile'. */
MUST_CHECK int store_open_volatile (const char *dir, const char *const *tables,
                                    size_t table_count, size_t map_mib,
                                    struct store **ret_store, struct err *err);
/* The same for what a daemon makes to throw away again (the shadow of a scrub): never
 * synced, but a full disk is an error as everywhere. */
MUST_CHECK int store_open_scratch (const char *dir, const char *const *tables,
                                   size_t table_count, size_t map_mib,
                                   struct store **ret_store, struct err *err);
bool store_is_volatile (const struct store *store);

/* Close and set to NULL; NULL is fine. No transaction may be open (assert). */
void store_close (struct store **store);

/* How full it is, 0 to 1: what is in use against what it can still grow to, by its map
 * or by the file system, whichever is less. Refuse new filings at 0.9: in a full map
 * even deletes fail, and the reserve is for working and closing. Cheap enough for every
 * batch. */
double store_used_share (struct store *store);
uint64_t store_map_size (struct store *store); /* bytes that it may grow to */

/* Free the reader slots of processes that died; how many they were. At start and
 * regularly: one forgotten reader lets the map fill. */
unsigned store_reader_check (struct store *store);

const char *store_dir (const struct store *store);

/* For tests: let the n-th write or commit from now on (1 is the next) fail once with
 * 'code' (-EIO, -ENOSPC …); 0 takes it back. Run it up from 1 until nothing fails:
 *
 *     for (unsigned n = 1; n == 1 || failed; n++) {
 *         store_fail_at (store, n, -ENOSPC);
 *         failed = attempt (store) != 0;
 *         ... nothing may be half done ...
 *     }
 */
void store_fail_at (struct store *store, unsigned n, int code);
/* The same for the store that this process opens next: what it does at its start. */
void store_fail_next_opened (unsigned n, int code);

/* For the simulator: let the next commit fail with 'code'; with 'is_done' it is there all
 * the same, for everybody who reads until the power is cut. A 'code' of 0 takes it back. */
void store_fail_commit (struct store *store, bool is_done, int code);
/* Rises with every commit that changed anything. */
uint64_t store_commits (const struct store *store);

#endif
