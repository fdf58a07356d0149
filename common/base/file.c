/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail (struct err *err, const char *file)
{
    return err_set (err, -errno, "%s: %s", file, strerror (errno));
}

static int read_all (int fd, const char *file, size_t max, struct buffer *ret,
                     struct err *err)
{
    uint8_t chunk[16384];
    size_t size = 0;
    for (;;) {
        ssize_t got = read (fd, chunk, sizeof chunk);
        if (got == 0)
            return 0;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail (err, file);
        size += (size_t) got;
        if (size > max)
            return err_set (err, -EFBIG, "%s: is larger than %zu bytes", file, max);
        buffer_append (ret, chunk, (size_t) got);
    }
}

int file_read (const char *file, size_t max, struct buffer *ret, struct err *err)
{
    /* Not blocking, lest a FIFO under this name keep us waiting for a writer. */
    int fd = open (file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return fail (err, file);
    struct stat status;
    int rc;
    if (fstat (fd, &status) < 0)
        rc = fail (err, file);
    else if (!S_ISREG (status.st_mode))
        rc = err_set (err, -EINVAL, "%s: is no file", file);
    else
        rc = read_all (fd, file, max, ret, err);
    close (fd);
    return rc;
}

static bool write_all (int fd, struct bytes content)
{
    while (content.size > 0) {
        ssize_t n = write (fd, content.data, content.size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        content.data += n;
        content.size -= (size_t) n;
    }
    return true;
}

/* A rename is durable only when its directory is. */
static bool sync_dir_of (const char *file)
{
    char dir[PATH_MAX];
    snprintf (dir, sizeof dir, "%s", file);
    int fd = open (dirname (dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = fd >= 0 && fsync (fd) == 0;
    int code = errno;
    if (fd >= 0)
        close (fd);
    errno = code;
    return is_synced;
}

int file_write (const char *file, struct bytes content, mode_t mode, struct err *err)
{
    char draft[PATH_MAX];
    if (snprintf (draft, sizeof draft, "%s.new", file) >= (int) sizeof draft)
        return err_set (err, -ENAMETOOLONG, "%s: the name is too long", file);
    int fd = open (draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    bool is_written = fd >= 0 && write_all (fd, content) && fsync (fd) == 0 &&
                      rename (draft, file) == 0 && sync_dir_of (file);
    int code = is_written ? 0 : -errno;
    if (fd >= 0)
        close (fd);
    if (is_written)
        return 0;
    if (fd >= 0) /* a full disk is not filled with drafts */
        unlink (draft);
    return err_set (err, code, "%s: cannot be written: %s", file, strerror (-code));
}
