/* SPDX-License-Identifier: Apache-2.0 */
/* minqing-NAME --restore DIR: the store of this daemon, made from a backup; and with
 * --entry one damaged entry put back. The daemon itself does it since it knows the folds.
 *
 * While a store is being made the file "restoring" stands beside it: what lies in such a
 * folder is nobody's store, and is begun anew. Without it a folder that is not empty is
 * left alone. */
#include "runtime/service_inside.h"

#include "archive/archive.h"
#include "base/file.h"
#include "base/log.h"
#include "runtime/restore.h"

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

static int folder_check (const char *dir, struct err *err)
{
    char mark[PATH_MAX];
    mark_path (mark, dir);
    if (access (mark, F_OK) == 0)
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

/* ---- the store --------------------------------------------------------------------- */

static int store_make (struct shell *shell, const struct core_options *options,
                       const char *dir, struct restored *restored, struct err *err)
{
    struct archive_reader *reader;
    struct core_options copy = *options;
    char mark[PATH_MAX];
    mark_path (mark, options->dir);
    copy.gauges = NULL;
    int rc = archive_open (dir, &reader, err);
    if (rc < 0)
        return rc;
    struct restore restore = { .keepsake = archive_keepsake (reader),
                               .next = archive_next,
                               .arg = reader,
                               .now_ms = shell->now_ms };
    rc = file_write (mark, BYTES ("", 0), 0600, err);
    if (rc == 0)
        rc = core_restore (shell->spec, &copy, &restore, restored, err);
    if (rc == 0)
        rc = owner_give (options->dir, err);
    if (rc == 0 && unlink (mark) < 0)
        rc = err_set (err, -errno, "%s: %s", mark, strerror (errno));
    archive_close (&reader);
    explicit_bzero (copy.random, sizeof copy.random);
    return rc;
}

/* All of the backup is proved before the first byte is written. */
static int restore_all (struct shell *shell, const struct core_options *options,
                        const char *dir)
{
    struct archive_extent extent;
    struct restored restored;
    struct err err = { 0 };
    int rc = folder_check (options->dir, &err);
    if (rc == 0)
        rc = archive_check (dir, &extent, &err);
    if (rc == 0 && extent.speaker != shell->spec->speaker)
        rc = err_set (&err, -EINVAL, "%s: is no backup of %s", dir, shell->spec->name);
    if (rc == 0)
        rc = store_make (shell, options, dir, &restored, &err);
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

static int restore_entry (struct shell *shell, const struct core_options *options,
                          const struct restoration *restoration)
{
    struct block block = { 0 };
    struct err err = { 0 };
    size_t count = 0;
    arena_init (&block.arena, 0);
    int rc = block_read (restoration->dir, restoration->entry, &block, &err);
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
