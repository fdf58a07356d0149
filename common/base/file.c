/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
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
