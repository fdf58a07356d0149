/* SPDX-License-Identifier: Apache-2.0 */
/* minqing-NAME --restore DIR: the store of this daemon, made from a backup; and with
 * --entry one damaged entry put back. The daemon itself does it since it knows the folds.
 *
 * While a store is being made the file "restoring" stands beside it: what lies in such a
 * folder is nobody's store, and is begun anew; or it lacked nothing any more but that the
 * file goes, which is made up for. Without it a folder that is not empty is left alone. */
#include "runtime/service_inside.h"

#include "archive/archive.h"
#include "base/file.h"
#include "base/log.h"
#include "runtime/restore.h"
#include "wire/wire.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#define MARK_NAME "restoring"

static int fail (int rc, const struct err *err)
{
    log_line (LOG_LEVEL_CRITICAL, "%s", err->text);
    switch (rc) {
    case -EBADMSG:
    case -EINVAL:
        return EX_DATAERR;
    case -ENOENT:
        return EX_NOINPUT;
    case -ENOTEMPTY:
        return EX_CANTCREAT;
    case -EIO:
        return EX_TEMPFAIL;
    default:
        return EX_IOERR;
    }
}

/* ---- the folder -------------------------------------------------------------------- */

static void mark_path (char ret[PATH_MAX], const char *dir)
{
    snprintf (ret, PATH_MAX, "%s/" MARK_NAME, dir);
}

static bool is_marked (const char *dir)
{
    char mark[PATH_MAX];
    mark_path (mark, dir);
    return access (mark, F_OK) == 0;
}

static int mark_remove (const char *dir, struct err *err)
{
    char mark[PATH_MAX];
    mark_path (mark, dir);
    if (unlink (mark) < 0 && errno != ENOENT)
        return err_set (err, -errno, "%s: %s", mark, strerror (errno));
    return 0;
}

static int folder_check (const char *dir, struct err *err)
{
    if (is_marked (dir))
        return 0;
    DIR *folder = opendir (dir);
    if (folder == NULL)
        return err_set (err, -errno, "%s: %s", dir, strerror (errno));
    bool is_empty = true;
    for (struct dirent *entry; (entry = readdir (folder)) != NULL;)
        is_empty = is_empty && (strcmp (entry->d_name, ".") == 0 ||
                                strcmp (entry->d_name, "..") == 0);
    closedir (folder);
    if (is_empty)
        return 0;
    return err_set (err, -ENOTEMPTY,
                    "%s is not empty: stop the daemon and move the folder away, it may "
                    "still be of use; nothing was changed",
                    dir);
}

/* Root restores, and the daemon has a user of its own: what was made belongs to whom the
 * folder does. (A folder that root has just made is handed over by systemd.) */
static int owner_give (const char *dir, struct err *err)
{
    struct stat status;
    DIR *folder = opendir (dir);
    int rc = 0;
    if (folder == NULL || fstat (dirfd (folder), &status) < 0)
        rc = err_set (err, -errno, "%s: %s", dir, strerror (errno));
    for (struct dirent *entry; rc == 0 && geteuid () == 0 && status.st_uid != 0 &&
                               (entry = readdir (folder)) != NULL;)
        if (strcmp (entry->d_name, "..") != 0 &&
            fchownat (dirfd (folder), entry->d_name, status.st_uid, status.st_gid,
                      AT_SYMLINK_NOFOLLOW) < 0)
            rc = err_set (err, -errno, "%s/%s: %s", dir, entry->d_name, strerror (errno));
    if (folder != NULL)
        closedir (folder);
    return rc;
}

/* ---- the backup -------------------------------------------------------------------- */

/* Its entries, and behind them the openings of stores that were made from it before and
 * lost again, as they stood there: so that their followers are led across too. */
struct source_of_entries {
    const char *dir;
    struct archive_reader *reader;
    struct arena arena;
    struct bytes openings[ARCHIVE_OPENINGS_MAX];
    size_t count, next;
};

static bool opening_continues (const struct archive_extent *extent,
                               const struct entry *entry)
{
    const struct incarnation *opening = entry->incarnation;
    return entry->sequence == extent->last + 1 &&
           opening->previous_size == extent->last &&
           bytes_equal (opening->previous, BYTES_OF (extent->journal)) &&
           (extent->last == 0 ||
            bytes_equal (opening->previous_hash, hash_view (&extent->leaf)));
}

/* Those that its entries tell of themselves go. */
static int openings_read (struct source_of_entries *source, struct archive_extent extent,
                          struct err *err)
{
    size_t count;
    int rc =
        archive_openings (source->dir, &source->arena, source->openings, &count, err);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        struct bytes header = source->openings[i];
        struct hash none = { 0 };
        struct entry entry;
        rc = entry_decode (&source->arena, header, &entry, err);
        if (rc < 0 || entry.incarnation == NULL ||
            entry.incarnation->incarnation <= extent.incarnation)
            continue;
        if (!opening_continues (&extent, &entry)) {
            log_warning ("%s: another store was made from this backup when it had other "
                         "entries: who followed that one will stop",
                         source->dir);
            break;
        }
        source->openings[source->count++] = header;
        extent.last = entry.sequence;
        extent.incarnation = entry.incarnation->incarnation;
        memcpy (extent.journal, entry.incarnation->journal.data, JOURNAL_ID_SIZE);
        journal_leaf_hash (header, &none, &extent.leaf);
    }
    return rc;
}

static int next_entry (void *arg, struct followed *ret_followed, struct err *err)
{
    struct source_of_entries *source = arg;
    int rc = archive_next (source->reader, ret_followed, err);
    if (rc != 0 || source->next == source->count)
        return rc;
    *ret_followed = (struct followed){ .header = source->openings[source->next++] };
    return 1;
}

/* Where the folder cannot be written the store is made all the same: it is needed. */
static void opening_note (void *arg, struct bytes header)
{
    struct source_of_entries *source = arg;
    struct err err = { 0 };
    if (archive_opening_add (source->dir, header, &err) < 0)
        log_warning ("%s; it is not noted there that a store is made from it: do not "
                     "restore from it a second time before 'minqing backup' has gone on "
                     "in it, or followers will stop",
                     err.text);
}

/* ---- the store --------------------------------------------------------------------- */

static int store_make (struct shell *shell, const struct core_options *options,
                       struct source_of_entries *source, struct restored *restored,
                       struct err *err)
{
    struct core_options copy = *options;
    bool was_begun = is_marked (options->dir);
    char mark[PATH_MAX];
    mark_path (mark, options->dir);
    copy.gauges = NULL;
    int rc = archive_open (source->dir, &source->reader, err);
    if (rc < 0)
        return rc;
    struct restore restore = { .keepsake = archive_keepsake (source->reader),
                               .next = next_entry,
                               .arg = source,
                               .opened = opening_note,
                               .now_ms = shell->now_ms };
    rc = file_write (mark, BYTES ("", 0), 0600, err);
    if (rc == 0)
        rc = core_restore (shell->spec, &copy, &restore, restored, err);
    if (rc == -ENOTEMPTY && was_begun)
        rc = 0; /* it was all there when the one before this died */
    if (rc == 0)
        rc = owner_give (options->dir, err);
    if (rc == 0)
        rc = mark_remove (options->dir, err);
    archive_close (&source->reader);
    explicit_bzero (copy.random, sizeof copy.random);
    return rc;
}

/* All of the backup is proved before the first byte is written. */
static int restore_all (struct shell *shell, const struct core_options *options,
                        const char *dir)
{
    struct archive_extent extent;
    struct source_of_entries source = { .dir = dir };
    struct restored restored;
    struct err err = { 0 };
    int rc = folder_check (options->dir, &err);
    if (rc == 0)
        rc = archive_check (dir, &extent, &err);
    if (rc == 0 && extent.speaker != shell->spec->speaker)
        rc = err_set (&err, -EINVAL, "%s: is no backup of %s", dir, shell->spec->name);
    arena_init (&source.arena, 0);
    if (rc == 0) { /* the opening is not stamped by a wall that cannot be right */
        clock_begin (shell->clock, NULL, extent.last_ms);
        shell_look_at_clock (shell);
    }
    if (rc == 0)
        rc = openings_read (&source, extent, &err);
    if (rc == 0)
        rc = store_make (shell, options, &source, &restored, &err);
    arena_done (&source.arena);
    if (rc < 0)
        return fail (rc, &err);
    log_notice ("%s: %" PRIu64 " entries restored from %s; the journal goes on as "
                "incarnation %u",
                shell->spec->name, restored.entries, dir, restored.incarnation);
    printf ("restored %" PRIu64 " %" PRId64 " %u\n", restored.entries, restored.last_ms,
            restored.incarnation);
    return fflush (stdout) == 0 ? 0 : EX_IOERR;
}

/* ---- one entry --------------------------------------------------------------------- */

/* The entry with its neighbours up to multiples of JOURNAL_BLOCK, which prove it. */
struct block {
    uint64_t first;
    struct followed entries[JOURNAL_BLOCK];
    size_t count;
    struct arena arena;
};

static int block_read (const char *dir, uint64_t sequence, struct block *block,
                       struct err *err)
{
    struct archive_reader *reader;
    struct followed followed;
    uint64_t at = 1;
    block->first = (sequence - 1) / JOURNAL_BLOCK * JOURNAL_BLOCK + 1;
    int rc = archive_open (dir, &reader, err);
    if (rc < 0)
        return rc;
    while (block->count < JOURNAL_BLOCK &&
           (rc = archive_next (reader, &followed, err)) > 0)
        if (at++ >= block->first) {
            struct followed *copy = &block->entries[block->count++];
            copy->header = arena_bytes (&block->arena, followed.header);
            copy->body = arena_bytes (&block->arena, followed.body);
            copy->body_hash = arena_bytes (&block->arena, followed.body_hash);
        }
    archive_close (&reader);
    if (rc >= 0 && block->first + block->count <= sequence)
        return err_set (err, -ENOENT, "%s: ends before entry %" PRIu64, dir, sequence);
    return rc < 0 ? rc : 0;
}

static int store_is_there (const char *dir, struct err *err)
{
    char path[PATH_MAX];
    snprintf (path, sizeof path, "%s/data.mdb", dir);
    if (access (path, F_OK) == 0)
        return 0;
    return err_set (err, -ENOENT,
                    "%s: there is no store in which an entry could be put back; without "
                    "--entry all of it is made from the backup",
                    dir);
}

static int restore_entry (struct shell *shell, const struct core_options *options,
                          const struct restoration *restoration)
{
    struct block block = { 0 };
    struct err err = { 0 };
    size_t count = 0;
    arena_init (&block.arena, 0);
    int rc = store_is_there (options->dir, &err);
    if (rc == 0)
        rc = block_read (restoration->dir, restoration->entry, &block, &err);
    if (rc == 0)
        rc = core_open (shell->spec, options, &shell->core, &err);
    if (rc == 0)
        rc = core_mend (shell->core, block.first, block.entries, block.count, &count,
                        &err);
    arena_done (&block.arena);
    if (rc < 0)
        return fail (rc, &err);
    if (count == 0)
        log_notice ("%s: entry %" PRIu64 " is not damaged", shell->spec->name,
                    restoration->entry);
    else
        log_notice ("%s: put back: entry %" PRIu64 "; %zu in all around it",
                    shell->spec->name, restoration->entry, count);
    return 0;
}

void shell_restored (struct shell *shell)
{
    struct err err = { 0 };
    if (mark_remove (config_state (shell->config, shell->spec->speaker), &err) < 0)
        log_warning ("%s: remove it, a daemon works on this store", err.text);
}

int shell_restore (struct shell *shell, const struct restoration *restoration)
{
    struct core_options options;
    struct err err = { 0 };
    if (shell_store_options (shell, &options, &err) < 0)
        return fail (-EACCES, &err);
    int rc = restoration->entry != 0 ? restore_entry (shell, &options, restoration)
                                     : restore_all (shell, &options, restoration->dir);
    explicit_bzero (options.random, sizeof options.random);
    return rc;
}
