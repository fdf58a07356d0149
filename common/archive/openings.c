/* SPDX-License-Identifier: Apache-2.0 */
/* Under which names stores made from a folder went on: each is known nowhere else once its
 * store is lost again.
 *
 *   restored: length (4) header of an opening (KIND_INCARNATION) · … · SHA-256 of all that */
#include "archive/archive_inside.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"

#define OPENINGS_NAME     "restored"
#define OPENINGS_FILE_MAX (1024 * ARCHIVE_OPENINGS_MAX)

static int frames_take (struct bytes file, struct arena *arena, struct bytes *ret,
                        size_t *ret_count)
{
    struct hash digest;
    if (file.size < HASH_SIZE)
        return -EBADMSG;
    struct bytes rest = BYTES (file.data, file.size - HASH_SIZE), message;
    hash_bytes (rest, &digest);
    if (memcmp (digest.data, rest.data + rest.size, HASH_SIZE) != 0)
        return -EBADMSG;
    while (rest.size > 0) {
        if (*ret_count == ARCHIVE_OPENINGS_MAX || !archive_frame_take (&rest, &message))
            return -EBADMSG;
        ret[(*ret_count)++] = arena_bytes (arena, message);
    }
    return 0;
}

int archive_openings (const char *dir, struct arena *arena,
                      struct bytes ret[ARCHIVE_OPENINGS_MAX], size_t *ret_count,
                      struct err *err)
{
    char path[PATH_MAX];
    struct buffer file = { 0 };
    *ret_count = 0;
    path_of (path, dir, OPENINGS_NAME);
    int rc = file_read (path, OPENINGS_FILE_MAX, &file, err);
    if (rc == 0 && frames_take (buffer_bytes (&file), arena, ret, ret_count) < 0)
        rc = err_set (err, -EBADMSG,
                      "%s: is damaged: it says which stores were made from this backup "
                      "before; move it away if none was",
                      path);
    buffer_done (&file);
    return rc == -ENOENT ? 0 : rc;
}

int archive_opening_add (const char *dir, struct bytes header, struct err *err)
{
    struct bytes all[ARCHIVE_OPENINGS_MAX + 1];
    char path[PATH_MAX];
    struct arena arena;
    struct buffer file = { 0 };
    struct hash digest;
    size_t count;
    arena_init (&arena, 0);
    path_of (path, dir, OPENINGS_NAME);
    int rc = archive_openings (dir, &arena, all, &count, err);
    all[count++] = header;
    /* Where there are too many the oldest goes, it is the longest ago. */
    for (size_t i = count > ARCHIVE_OPENINGS_MAX; i < count; i++)
        archive_frame_append (&file, all[i]);
    hash_bytes (buffer_bytes (&file), &digest);
    buffer_append_bytes (&file, hash_view (&digest));
    if (rc == 0)
        rc = file_write (path, buffer_bytes (&file), 0644, err);
    buffer_done (&file);
    arena_done (&arena);
    return rc;
}
