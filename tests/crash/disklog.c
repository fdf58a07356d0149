/* SPDX-License-Identifier: Apache-2.0 */
/* What a process writes to its store, in order: preloaded into a daemon it logs every write
 * and sync of data.mdb to the file that $MINQING_DISK_LOG names, so that a disk can be made
 * that lost any of what was not synced (disk_model.py).
 *
 * A record is 32 bytes and its data, numbers little-endian:
 *     time in ns of CLOCK_MONOTONIC (8) | what (8) | offset (8) | size (8) | data
 * A write is logged before it begins, and once more, without its data, when it returned
 * from a descriptor that syncs by itself. A sync is logged when it has returned. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum what { WRITTEN = 1, SYNCED = 2, SYNCED_RANGE = 3, CUT = 4 };

struct record {
    uint64_t time_ns, what, offset, size;
};

#define FDS 4096
static bool is_store[FDS], syncs_itself[FDS];
static int log_fd = -1;

static void *real (const char *name)
{
    void *found = dlsym (RTLD_NEXT, name);
    if (found == NULL)
        abort ();
    return found;
}

/* Past our own functions. */
static void log_bytes (const void *data, size_t size)
{
    for (const char *at = data; size > 0;) {
        long done = syscall (SYS_write, log_fd, at, size);
        if (done <= 0)
            abort ();
        at += done;
        size -= (size_t) done;
    }
}

static void note (enum what what, uint64_t offset, uint64_t size)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    struct record record = { (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec,
                             what, offset, size };
    log_bytes (&record, sizeof record);
}

static bool is_logged (int fd)
{
    return fd >= 0 && fd < FDS && is_store[fd];
}

static void look_at_open (int fd, const char *path, int flags)
{
    const char *name = strrchr (path, '/');
    if (fd < 0 || fd >= FDS)
        return;
    is_store[fd] = name != NULL && strcmp (name, "/data.mdb") == 0;
    syncs_itself[fd] = (flags & O_DSYNC) != 0;
    if (!is_store[fd] || log_fd >= 0)
        return;
    const char *file = getenv ("MINQING_DISK_LOG");
    if (file == NULL)
        abort ();
    log_fd = (int) syscall (SYS_openat, AT_FDCWD, file,
                            O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_fd < 0)
        abort ();
}

/* ---- what liblmdb calls --------------------------------------------------------------- */

static int open_and_look (const char *function, const char *path, int flags, mode_t mode)
{
    int (*next) (const char *, int, ...) =
        (int (*) (const char *, int, ...)) real (function);
    int fd = next (path, flags, mode);
    look_at_open (fd, path, flags);
    return fd;
}

int open (const char *path, int flags, ...)
{
    va_list args;
    va_start (args, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg (args, mode_t) : 0;
    va_end (args);
    return open_and_look ("open", path, flags, mode);
}

int open64 (const char *path, int flags, ...)
{
    va_list args;
    va_start (args, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg (args, mode_t) : 0;
    va_end (args);
    return open_and_look ("open64", path, flags, mode);
}

/* LMDB may set the flag later (fcntl F_SETFL does not change O_DSYNC on Linux). */
int close (int fd)
{
    static int (*next) (int);
    if (next == NULL)
        next = (int (*) (int)) real ("close");
    if (is_logged (fd))
        is_store[fd] = false;
    return next (fd);
}

ssize_t pwrite (int fd, const void *data, size_t size, off_t offset)
{
    static ssize_t (*next) (int, const void *, size_t, off_t);
    if (next == NULL)
        next = (ssize_t (*) (int, const void *, size_t, off_t)) real ("pwrite");
    if (!is_logged (fd))
        return next (fd, data, size, offset);
    note (WRITTEN, (uint64_t) offset, size);
    log_bytes (data, size);
    ssize_t done = next (fd, data, size, offset);
    if (done > 0 && syncs_itself[fd])
        note (SYNCED_RANGE, (uint64_t) offset, (uint64_t) done);
    return done;
}

ssize_t pwrite64 (int fd, const void *data, size_t size, off_t offset)
{
    return pwrite (fd, data, size, offset);
}

static void note_here (int fd, const struct iovec *parts, int count)
{
    off_t offset = lseek (fd, 0, SEEK_CUR);
    uint64_t size = 0;
    for (int i = 0; i < count; i++)
        size += parts[i].iov_len;
    note (WRITTEN, (uint64_t) offset, size);
    for (int i = 0; i < count; i++)
        log_bytes (parts[i].iov_base, parts[i].iov_len);
}

ssize_t writev (int fd, const struct iovec *parts, int count)
{
    static ssize_t (*next) (int, const struct iovec *, int);
    if (next == NULL)
        next = (ssize_t (*) (int, const struct iovec *, int)) real ("writev");
    if (is_logged (fd))
        note_here (fd, parts, count);
    return next (fd, parts, count);
}

ssize_t write (int fd, const void *data, size_t size)
{
    static ssize_t (*next) (int, const void *, size_t);
    if (next == NULL)
        next = (ssize_t (*) (int, const void *, size_t)) real ("write");
    if (is_logged (fd))
        note_here (fd, &(struct iovec){ (void *) (uintptr_t) data, size }, 1);
    return next (fd, data, size);
}

static int sync_and_note (int fd, const char *function)
{
    int (*next) (int) = (int (*) (int)) real (function);
    int rc = next (fd);
    if (rc == 0 && is_logged (fd))
        note (SYNCED, 0, 0);
    return rc;
}

int fdatasync (int fd)
{
    return sync_and_note (fd, "fdatasync");
}

int fsync (int fd)
{
    return sync_and_note (fd, "fsync");
}

int ftruncate (int fd, off_t size)
{
    static int (*next) (int, off_t);
    if (next == NULL)
        next = (int (*) (int, off_t)) real ("ftruncate");
    if (is_logged (fd))
        note (CUT, (uint64_t) size, 0);
    return next (fd, size);
}
