/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share and nobody else sees. */
#ifndef MINQING_STORE_STORE_INSIDE_H
#define MINQING_STORE_STORE_INSIDE_H

#include "store/store.h"
#include "store/txn.h"

#include <lmdb.h>
#include <sys/types.h>

struct store {
    MDB_env *env;
    char *dir;
    int dir_fd; /* locked (flock) by the one who writes */
    dev_t device;
    ino_t inode;
    bool is_reader;
    bool is_volatile;
    bool is_at_random; /* mapped without readahead */
    size_t table_count;
    MDB_dbi tables[STORE_TABLES_MAX];

    struct txn *writer; /* the open one of each sort */
    struct txn *reader;
    uint64_t last_txn_id;
    MDB_txn *uncommitted; /* FAULT (ACKNOWLEDGE_EARLY) only: said to be committed */

    unsigned fail_in; /* writes and commits until the one that fails; 0: none does */
    int fail_code;
    int commit_code; /* of the next commit (store_fail_commit); 0: its own */
    bool commit_is_done;

    struct store *next; /* of the stores this process has open */
};

struct txn {
    struct store *store;
    MDB_txn *lmdb; /* NULL when begin failed */
    int error;     /* the first failure, sticky */
    bool is_write;
    uint64_t id;
    uint64_t changes; /* counts writes: memory handed out before the last is invalid */
    unsigned cursors; /* open */
    struct txn_hook *hooks;
};

/* An LMDB code as a negative errno; 0 stays 0. */
int store_error (int lmdb_code);

/* -EUCLEAN and a sentence: the file ends before the last page that is in use. To be asked
 * before anything is read but the meta pages. */
MUST_CHECK int store_check_size (struct store *store, struct err *err);
/* A folder in which there has been a store, and now is none: -EUCLEAN. The mark by which that
 * is known is durable with the folder's next sync. */
MUST_CHECK int store_check_made (struct store *store, struct err *err);
void store_note_made (struct store *store);

/* True, once, when this write or commit is the one to fail (store_fail_at). */
bool store_must_fail (struct store *store, int *ret_code);
/* The same for a commit only, before it is done and after. */
bool store_commit_must_fail (struct store *store, bool is_done, int *ret_code);

#endif
