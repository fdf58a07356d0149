/* SPDX-License-Identifier: Apache-2.0 */
/* The edge of the tree as a folder keeps it (archive_write.c draws and writes it): a
 * shortcut for who goes on, and for who reads the word of how far the segments went. */
#include "archive/archive_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/file.h"

bool edge_read (const char *dir, struct tree_frontier *ret)
{
    char path[PATH_MAX];
    struct buffer file = { 0 };
    struct err err;
    size_t at = 8;
    *ret = (struct tree_frontier){ 0 };
    path_of (path, dir, EDGE_NAME);
    bool is_read = file_read (path, EDGE_SIZE_MAX, &file, &err) == 0 && file.size >= 8;
    if (is_read)
        ret->size = get_be64 (file.data);
    for (unsigned level = 0; level < TREE_LEVELS && is_read; level++) {
        if ((ret->size >> level & 1) == 0)
            continue;
        is_read = file.size >= at + HASH_SIZE;
        if (is_read)
            memcpy (ret->nodes[level].data, file.data + at, HASH_SIZE);
        at += HASH_SIZE;
    }
    is_read = is_read && file.size == at;
    buffer_done (&file);
    return is_read;
}

int edge_check (const char *dir, uint64_t last, struct err *err)
{
    struct tree_frontier edge;
    if (!edge_read (dir, &edge) || edge.size <= last)
        return 0;
    return err_set (err, -EBADMSG,
                    "%s: the entries %" PRIu64 " to %" PRIu64
                    " are missing: segments of this backup were lost or moved away; put "
                    "them back, or if they are gone for good remove the file '" EDGE_NAME
                    "' there: then the backup is what is left",
                    dir, last + 1, edge.size);
}
