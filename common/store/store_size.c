/* SPDX-License-Identifier: Apache-2.0 */
/* Is the file as long as its meta pages say? LMDB reads through a map and does not look: the
 * first page behind the end of a file that was cut short is SIGBUS.
 *
 * A file may be shorter and whole: pages at its end that were taken and given back in one
 * transaction are free, and were never written. So where it is short, the list of free
 * pages must name all that are missing. That list is read through the map too, by somebody
 * who survives a SIGBUS.
 *
 * A file of no bytes LMDB takes for a new store. So beside a durable one lies a file that
 * says that there has been a store, made behind the first commit. */
#include "store/store_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A commit of the daemon beside a reader moves the end while it is looked at. */
#define LOOKS_MAX 8

#define WAS_MADE "store.made"

static sigjmp_buf fell_off;

static void fall_off (int number UNUSED)
{
    siglongjmp (fell_off, 1);
}

/* The free pages from 'from' on: LMDB's table 0, values of which are a count and that
 * many page numbers, none of them twice. */
static uint64_t free_from (MDB_cursor *cursor, uint64_t from)
{
    MDB_val key, value;
    uint64_t count = 0;
    while (mdb_cursor_get (cursor, &key, &value, MDB_NEXT) == 0) {
        size_t pages = 0;
        if (value.mv_size >= sizeof pages)
            memcpy (&pages, value.mv_data, sizeof pages);
        for (size_t i = 0; i < pages && (i + 2) * sizeof pages <= value.mv_size; i++) {
            size_t page;
            memcpy (&page, (char *) value.mv_data + (i + 1) * sizeof page, sizeof page);
            count += page >= from;
        }
    }
    return count;
}

static bool are_all_free (MDB_env *env, uint64_t from, uint64_t count)
{
    struct sigaction catch = { .sa_handler = fall_off }, before;
    MDB_txn *volatile txn = NULL;
    MDB_cursor *volatile cursor = NULL;
    volatile bool are_free = false;
    sigaction (SIGBUS, &catch, &before);
    if (sigsetjmp (fell_off, 1) == 0) {
        MDB_txn *begun = NULL;
        MDB_cursor *opened = NULL;
        if (mdb_txn_begin (env, NULL, MDB_RDONLY, &begun) == 0) {
            txn = begun;
            if (mdb_cursor_open (begun, 0, &opened) == 0) {
                cursor = opened;
                are_free = free_from (opened, from) >= count;
            }
        }
    }
    sigaction (SIGBUS, &before, NULL);
    if (cursor != NULL)
        mdb_cursor_close (cursor);
    if (txn != NULL)
        mdb_txn_abort (txn);
    return are_free;
}

int store_check_size (struct store *store, struct err *err)
{
    MDB_envinfo info, again;
    MDB_stat stat;
    struct stat file;
    uint64_t needed = 0;
    int fd = -1;
    for (unsigned look = 0; look < LOOKS_MAX; look++) {
        if (mdb_env_info (store->env, &info) != 0 ||
            mdb_env_stat (store->env, &stat) != 0 ||
            mdb_env_get_fd (store->env, &fd) != 0 || fstat (fd, &file) < 0)
            return err_set (err, -EIO, "%s: the store cannot be looked at", store->dir);
        needed = (info.me_last_pgno + 1) * stat.ms_psize;
        uint64_t there = (uint64_t) file.st_size / stat.ms_psize;
        if ((uint64_t) file.st_size >= needed ||
            are_all_free (store->env, there, info.me_last_pgno + 1 - there))
            return 0;
        if (mdb_env_info (store->env, &again) == 0 &&
            again.me_last_txnid == info.me_last_txnid)
            break;
    }
    return err_set (err, -EUCLEAN,
                    "%s/data.mdb is cut short: %" PRIu64 " bytes of %" PRIu64
                    " are missing at its end; move the folder away and restore it from a "
                    "backup; nothing was changed",
                    store->dir, needed - (uint64_t) file.st_size, needed);
}

int store_check_made (struct store *store, struct err *err)
{
    struct stat file;
    bool is_there = fstatat (store->dir_fd, "data.mdb", &file, 0) == 0;
    if ((is_there && file.st_size > 0) ||
        faccessat (store->dir_fd, WAS_MADE, F_OK, 0) < 0)
        return 0;
    return err_set (
        err, -EUCLEAN,
        "%s/data.mdb is %s, but there has been a store: it was lost, this is no "
        "new one; move the folder away and restore it from a backup; nothing "
        "was changed",
        store->dir, is_there ? "empty" : "gone");
}

/* Only evidence: where a full disk has no room for it, the store is opened all the same. */
void store_note_made (struct store *store)
{
    int fd = openat (store->dir_fd, WAS_MADE, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        close (fd);
}
