/* SPDX-License-Identifier: Apache-2.0 */
/* The environment: a directory with LMDB's data.mdb and lock.mdb, locked by flock on
 * the directory itself for the process that writes.
 *
 * Laws kept here: no flag of LMDB that touches durability, asserted, since each loses
 * acknowledged commits; one environment per directory and process, since LMDB's
 * own locks vanish when a second one is closed. Backup, compaction and growing the map
 * are not here. */
#include "store/store_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/fault.h"

/* The daemon, and tools that look in; a slot is 64 bytes of lock.mdb. */
#define READERS_MAX 32

#define FILE_MODE 0600

enum manner { DURABLE, SHARED, VOLATILE, SCRATCH, READER };

static bool is_durable (enum manner manner)
{
    return manner == DURABLE || manner == SHARED;
}

/* Stores of this process: fcntl locks do not tell one process from itself. */
static struct store *open_stores;

/* For tests: when the store that is opened next is to fail (store_fail_next_opened). */
static unsigned fail_next_in;
static int fail_next_code;

int store_error (int lmdb_code)
{
    switch (lmdb_code) {
    case MDB_SUCCESS:
        return 0;
    case MDB_MAP_FULL:
        return -ENOSPC;
    case MDB_KEYEXIST:
        return -EEXIST;
    case MDB_NOTFOUND:
        return -ENOENT;
    case MDB_TXN_FULL:
        return -E2BIG;
    case MDB_READERS_FULL:
        return -EUSERS;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
        return -EUCLEAN;
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_INCOMPATIBLE:
    case MDB_BAD_VALSIZE:
    case MDB_BAD_DBI:
    case MDB_BAD_TXN:
        return -EINVAL;
    default:
        /* Positive codes are errno; what is left of LMDB's (MDB_PANIC, MDB_PROBLEM …)
         * says that the environment cannot be trusted any more. */
        return lmdb_code > 0 ? -lmdb_code : -EIO;
    }
}

/* ---- open ------------------------------------------------------------------- */

static int open_dir (struct store *store, const char *dir, enum manner manner,
                     struct err *err)
{
    if (manner != READER && mkdir (dir, 0700) < 0 && errno != EEXIST)
        return err_set (err, -errno, "%s: cannot make the store's directory: %s", dir,
                        strerror (errno));
    store->dir_fd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->dir_fd < 0)
        return err_set (err, -errno, "%s: cannot open the store's directory: %s", dir,
                        strerror (errno));
    /* LMDB would make lock.mdb for a reader too, owned by whoever looked first. */
    if (manner == READER && faccessat (store->dir_fd, "lock.mdb", F_OK, 0) < 0)
        return err_set (err, -ENOENT, "%s: there is no store yet", dir);
    struct stat status;
    if (fstat (store->dir_fd, &status) < 0)
        return err_set (err, -errno, "%s: %s", dir, strerror (errno));
    store->device = status.st_dev;
    store->inode = status.st_ino;
    for (struct store *other = open_stores; other != NULL; other = other->next)
        if (other->device == store->device && other->inode == store->inode)
            return err_set (err, -EBUSY, "%s: this process has the store open already",
                            dir);
    int lock = manner == SHARED ? LOCK_SH : LOCK_EX;
    if (manner != READER && flock (store->dir_fd, lock | LOCK_NB) < 0)
        return err_set (err, errno == EWOULDBLOCK ? -EBUSY : -errno,
                        "%s: another process has the store open; stop it first", dir);
    return 0;
}

/* LMDB takes a map that is smaller than its data for one of exactly that size, in which
 * nothing can be written any more, not even a delete. */
static int check_map (struct store *store, size_t map_mib, struct err *err)
{
    MDB_envinfo info;
    MDB_stat stat;
    int rc = mdb_env_info (store->env, &info);
    if (rc == 0)
        rc = mdb_env_stat (store->env, &stat);
    assert (rc == 0);
    size_t used = (info.me_last_pgno + 1) * stat.ms_psize;
    if (used <= map_mib << 20)
        return 0;
    size_t used_mib = (used >> 20) + 1;
    return err_set (err, -EINVAL,
                    "%s: map_mib %zu is too small, the store holds %zu MiB already: give "
                    "it %zu or more",
                    store->dir, map_mib, used_mib, used_mib + used_mib / 4 + 1);
}

static int open_env (struct store *store, enum manner manner, size_t map_mib,
                     struct err *err)
{
    unsigned flags = 0;
    if (manner == VOLATILE)
        flags = MDB_NOSYNC | MDB_WRITEMAP;
    if (manner == SCRATCH) /* never a map that is written: a full disk would be SIGBUS */
        flags = MDB_NOSYNC;
    if (manner == READER)
        flags = MDB_RDONLY;
    /* With it every look at a cold page reads all around it, megabytes where the disk's
     * readahead is large: a start looks at a hundred pages. */
    if (is_durable (manner))
        flags = MDB_NORDAHEAD;
    int rc = mdb_env_create (&store->env);
    if (rc == 0)
        rc = mdb_env_set_maxdbs (store->env, STORE_TABLES_MAX);
    if (rc == 0)
        rc = mdb_env_set_maxreaders (store->env, READERS_MAX);
    if (rc == 0 && manner != READER) /* a reader takes the map's size from the file */
        rc = mdb_env_set_mapsize (store->env, map_mib << 20);
    if (rc == 0)
        rc = mdb_env_open (store->env, store->dir, flags, FILE_MODE);
    if (rc == MDB_INVALID || rc == MDB_VERSION_MISMATCH || rc == MDB_CORRUPTED)
        return err_set (err, -EINVAL,
                        "%s/data.mdb is not a store or its first pages are damaged: "
                        "restore it from backup",
                        store->dir);
    if (rc != 0)
        return err_set (err, store_error (rc), "%s: cannot open the store: %s",
                        store->dir, mdb_strerror (rc));
    if (is_durable (manner)) {
        unsigned found = 0;
        rc = mdb_env_get_flags (store->env, &found);
        assert (rc == 0);
        assert ((found & (MDB_NOSYNC | MDB_NOMETASYNC | MDB_WRITEMAP | MDB_MAPASYNC)) ==
                0);
        if (FAULT (NO_SYNC))
            mdb_env_set_flags (store->env, MDB_NOSYNC, 1);
    }
    rc = store_check_size (store, err);
    return rc < 0 || manner == READER ? rc : check_map (store, map_mib, err);
}

static int open_tables (struct store *store, const char *const *tables, struct err *err)
{
    MDB_txn *txn = NULL;
    const char *table = "";
    int rc = mdb_txn_begin (store->env, NULL, store->is_reader ? MDB_RDONLY : 0, &txn);
    for (size_t i = 0; rc == 0 && i < store->table_count; i++) {
        table = tables[i];
        rc = mdb_dbi_open (txn, table, store->is_reader ? 0 : MDB_CREATE,
                           &store->tables[i]);
    }
    if (rc == 0) {
        rc = mdb_txn_commit (txn);
        txn = NULL;
    }
    if (rc == 0)
        return 0;
    if (txn != NULL)
        mdb_txn_abort (txn);
    return err_set (err, store_error (rc), "%s: cannot open table '%s': %s", store->dir,
                    table, mdb_strerror (rc));
}

/* A file just made is durable only when its directory is: LMDB does not see to that. */
static int sync_dirs (struct store *store, struct err *err)
{
    int parent = openat (store->dir_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = fsync (store->dir_fd) == 0 && (parent < 0 || fsync (parent) == 0);
    int code = -errno;
    if (parent >= 0)
        close (parent);
    if (is_synced)
        return 0;
    return err_set (err, code, "%s: cannot sync the store's directory: %s", store->dir,
                    strerror (-code));
}

static void release (struct store *store)
{
    if (store->uncommitted != NULL)
        mdb_txn_abort (store->uncommitted);
    if (store->env != NULL)
        mdb_env_close (store->env);
    if (store->dir_fd >= 0)
        close (store->dir_fd); /* and with it the lock */
    free (store->dir);
    free (store);
}

static int open_store (const char *dir, enum manner manner, const char *const *tables,
                       size_t table_count, size_t map_mib, struct store **ret_store,
                       struct err *err)
{
    assert (table_count <= STORE_TABLES_MAX);
    struct store *store = calloc (1, sizeof *store);
    assert (store != NULL);
    store->dir_fd = -1;
    store->dir = strdup (dir);
    assert (store->dir != NULL);
    store->is_reader = manner == READER;
    store->is_at_random = is_durable (manner);
    store->is_volatile = manner == VOLATILE || manner == SCRATCH;
    store->table_count = table_count;
    int rc = open_dir (store, dir, manner, err);
    if (rc == 0 && is_durable (manner))
        rc = store_check_made (store, err);
    if (rc == 0)
        rc = open_env (store, manner, map_mib, err);
    if (rc == 0)
        rc = open_tables (store, tables, err);
    if (rc == 0 && is_durable (manner)) {
        store_note_made (store);
        rc = sync_dirs (store, err);
    }
    if (rc < 0) {
        release (store);
        return rc;
    }
    store->next = open_stores;
    open_stores = store;
    store->fail_in = fail_next_in;
    store->fail_code = fail_next_code;
    fail_next_in = 0;
    *ret_store = store;
    return 0;
}

int store_open (const char *dir, const char *const *tables, size_t table_count,
                size_t map_mib, struct store **ret_store, struct err *err)
{
    return open_store (dir, DURABLE, tables, table_count, map_mib, ret_store, err);
}

int store_open_shared (const char *dir, const char *const *tables, size_t table_count,
                       size_t map_mib, struct store **ret_store, struct err *err)
{
    return open_store (dir, SHARED, tables, table_count, map_mib, ret_store, err);
}

int store_open_volatile (const char *dir, const char *const *tables, size_t table_count,
                         size_t map_mib, struct store **ret_store, struct err *err)
{
    return open_store (dir, VOLATILE, tables, table_count, map_mib, ret_store, err);
}

int store_open_scratch (const char *dir, const char *const *tables, size_t table_count,
                        size_t map_mib, struct store **ret_store, struct err *err)
{
    return open_store (dir, SCRATCH, tables, table_count, map_mib, ret_store, err);
}

int store_open_reader (const char *dir, const char *const *tables, size_t table_count,
                       struct store **ret_store, struct err *err)
{
    return open_store (dir, READER, tables, table_count, 0, ret_store, err);
}

void store_close (struct store **store)
{
    if (*store == NULL)
        return;
    struct store *closing = *store;
    *store = NULL;
    assert (closing->writer == NULL && closing->reader == NULL);
    struct store **link = &open_stores;
    while (*link != closing)
        link = &(*link)->next;
    *link = closing->next;
    release (closing);
}

/* ---- what can be asked -------------------------------------------------------- */

bool store_is_volatile (const struct store *store)
{
    return store->is_volatile;
}

const char *store_dir (const struct store *store)
{
    return store->dir;
}

/* Pages in LMDB's list of free ones. The list is a table of its own, number 0, each
 * value of which begins with the count of pages in it (as mdb_stat(1) reads it). */
static size_t free_pages (struct store *store)
{
    MDB_txn *txn = store->reader == NULL ? NULL : store->reader->lmdb;
    MDB_txn *own = NULL;
    MDB_cursor *cursor = NULL;
    size_t pages = 0;
    if (txn == NULL) {
        if (mdb_txn_begin (store->env, NULL, MDB_RDONLY, &own) != 0)
            return 0;
        txn = own;
    }
    if (mdb_cursor_open (txn, 0, &cursor) == 0) {
        MDB_val key, value;
        while (mdb_cursor_get (cursor, &key, &value, MDB_NEXT) == 0) {
            size_t count = 0;
            if (value.mv_size >= sizeof count)
                memcpy (&count, value.mv_data, sizeof count);
            pages += count;
        }
        mdb_cursor_close (cursor);
    }
    if (own != NULL)
        mdb_txn_abort (own);
    return pages;
}

uint64_t store_map_size (struct store *store)
{
    MDB_envinfo info;
    return mdb_env_info (store->env, &info) == 0 ? info.me_mapsize : 0;
}

double store_used_share (struct store *store)
{
    MDB_envinfo info;
    MDB_stat stat;
    struct statvfs disk;
    if (mdb_env_info (store->env, &info) != 0 || mdb_env_stat (store->env, &stat) != 0)
        return 1;
    double page = stat.ms_psize;
    double total = (double) info.me_mapsize / page;
    double reached = (double) info.me_last_pgno + 1;
    double disk_room = total;
    if (!store->is_volatile && fstatvfs (store->dir_fd, &disk) == 0)
        disk_room = (double) disk.f_bavail * (double) disk.f_frsize / page;
    double room = total - reached < disk_room ? total - reached : disk_room;
    /* Pages that were freed count as room. Counting them means walking a list, so not
     * before the answer could matter. */
    double used = reached;
    if (room < reached) {
        double freed = (double) free_pages (store);
        used -= freed;
        room += freed;
    }
    return used / (used + room);
}

unsigned store_reader_check (struct store *store)
{
    int dead = 0;
    if (mdb_reader_check (store->env, &dead) != 0)
        return 0;
    return (unsigned) dead;
}

void store_fail_at (struct store *store, unsigned n, int code)
{
    assert (n == 0 || code < 0);
    store->fail_in = n;
    store->fail_code = code;
}

void store_fail_commit (struct store *store, bool is_done, int code)
{
    store->commit_is_done = is_done;
    store->commit_code = code;
}

bool store_commit_must_fail (struct store *store, bool is_done, int *ret_code)
{
    if (store->commit_code == 0 || store->commit_is_done != is_done)
        return false;
    *ret_code = store->commit_code;
    store->commit_code = 0;
    return true;
}

uint64_t store_commits (const struct store *store)
{
    MDB_envinfo info;
    return mdb_env_info (store->env, &info) == 0 ? info.me_last_txnid : 0;
}

void store_fail_next_opened (unsigned n, int code)
{
    assert (n == 0 || code < 0);
    fail_next_in = n;
    fail_next_code = code;
}

bool store_must_fail (struct store *store, int *ret_code)
{
    if (store->fail_in == 0 || --store->fail_in > 0)
        return false;
    *ret_code = store->fail_code;
    return true;
}
