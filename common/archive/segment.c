/* SPDX-License-Identifier: Apache-2.0 */
/* One segment file:
 *
 *     length (4) SegmentHead · length (4) Followed · … · length (4) SegmentEnd
 *
 * The end has the digest of everything before it, so a flipped bit is found wherever it
 * is; and the first bytes of each leaf hash, so that it can be said which entry it is in. */
#include "archive/archive_inside.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "wire/wire.h"

void path_of (char ret[PATH_MAX], const char *dir, const char *name)
{
    int size = snprintf (ret, PATH_MAX, "%s/%s", dir, name);
    assert (size < PATH_MAX);
}

void segment_name (char ret[SEGMENT_NAME_MAX], uint64_t first)
{
    snprintf (ret, SEGMENT_NAME_MAX, SEGMENT_NAME, (unsigned long long) first);
}

/* ---- frames ------------------------------------------------------------------------ */

void archive_frame_append (struct buffer *to, struct bytes message)
{
    put_be32 (buffer_extend (to, FRAME_LENGTH), (uint32_t) message.size);
    buffer_append_bytes (to, message);
}

bool archive_frame_take (struct bytes *rest, struct bytes *ret_message)
{
    if (rest->size < FRAME_LENGTH)
        return false;
    size_t size = get_be32 (rest->data);
    if (rest->size - FRAME_LENGTH < size)
        return false;
    *ret_message = BYTES (rest->data + FRAME_LENGTH, size);
    rest->data += FRAME_LENGTH + size;
    rest->size -= FRAME_LENGTH + size;
    return true;
}

/* ---- entries ----------------------------------------------------------------------- */

int entry_prove (struct arena *arena, const struct followed *followed, uint64_t sequence,
                 struct entry *ret_entry, struct hash *ret_leaf, struct err *err)
{
    struct hash stated = { 0 }, computed;
    int rc = entry_decode (arena, followed->header, ret_entry, err);
    if (rc < 0)
        return err_prefix (err, "entry %" PRIu64, sequence);
    if (ret_entry->sequence != sequence)
        return err_set (err, -EBADMSG,
                        "entry %" PRIu64 " stands where %" PRIu64 " should be",
                        ret_entry->sequence, sequence);
    if (followed->body_hash.size == HASH_SIZE)
        memcpy (stated.data, followed->body_hash.data, HASH_SIZE);
    journal_body_hash (followed->body, &computed);
    if (followed->body.size > 0 && !hash_equal (&computed, &stated))
        return err_set (err, -EBADMSG,
                        "entry %" PRIu64 ": its body is not what its hash says",
                        sequence);
    journal_leaf_hash (followed->header, &stated, ret_leaf);
    return 0;
}

/* ---- loading ----------------------------------------------------------------------- */

static int damaged (const struct segment *segment, struct err *err, const char *what)
{
    return err_set (err, -EBADMSG, "%s: %s", segment->path, what);
}

static int head_take (struct segment *segment, struct err *err)
{
    struct bytes message;
    if (!archive_frame_take (&segment->rest, &message))
        return damaged (segment, err, "it is shorter than any segment");
    /* The number alone first: a newer format may say anything else. */
    if (segment_head_decode (&segment->arena, message, &segment->head, err) < 0)
        return err_prefix (err, "%s: its beginning", segment->path);
    if (segment->head.format != ARCHIVE_FORMAT)
        return err_set (err, -EINVAL,
                        "%s: is of format %u, this program (" MINQING_VERSION
                        ") reads format %d: use the newer program",
                        segment->path, segment->head.format, ARCHIVE_FORMAT);
    segment->at = segment->head.first - 1;
    return 0;
}

/* Behind the last entry: the frames are walked without being read. */
static int end_take (struct segment *segment, struct err *err)
{
    struct bytes rest = segment->rest, message;
    const uint8_t *end_at = NULL;
    uint64_t count = 0;
    while (rest.size > 0) {
        end_at = rest.data;
        if (!archive_frame_take (&rest, &message))
            return damaged (segment, err, "it is cut short");
        count++;
    }
    if (count < 2)
        return damaged (segment, err, "it has no entries, or is cut short");
    segment->rest.size = (size_t) (end_at - segment->rest.data);
    if (segment_end_decode (&segment->arena, message, &segment->end, err) < 0)
        return err_prefix (err, "%s: its end (it may be cut short)", segment->path);
    return 0;
}

/* Something is damaged: in which entry? The frames that can still be read tell. */
static int digest_check (struct segment *segment, struct err *err)
{
    struct hash digest;
    size_t size = (size_t) (segment->rest.data - segment->file.data) + segment->rest.size;
    hash_bytes (BYTES (segment->file.data, size), &digest);
    if (bytes_equal (hash_view (&digest), segment->end.digest))
        return 0;
    struct followed followed;
    struct entry entry;
    struct hash leaf;
    int rc;
    /* Read on to the first that is not what it should be. */
    while ((rc = segment_next (segment, &followed, &entry, &leaf, err)) > 0)
        ;
    return rc < 0 ? rc : damaged (segment, err, "its frame or its end is damaged");
}

int segment_load (struct segment *segment, const char *dir, uint64_t first,
                  struct err *err)
{
    char name[SEGMENT_NAME_MAX];
    *segment = (struct segment){ 0 };
    arena_init (&segment->arena, 0);
    arena_init (&segment->scratch, 0);
    segment_name (name, first);
    path_of (segment->path, dir, name);
    int rc = file_read (segment->path, SEGMENT_FILE_MAX, &segment->file, err);
    segment->rest = buffer_bytes (&segment->file);
    if (rc == 0)
        rc = head_take (segment, err);
    if (rc == 0)
        rc = end_take (segment, err);
    if (rc == 0 &&
        (segment->head.first != first ||
         segment->end.leaves.size != (segment->end.last + 1 - first) * ARCHIVE_LEAF_SIZE))
        rc = damaged (segment, err, "its name, beginning and end do not fit each other");
    if (rc == 0)
        rc = digest_check (segment, err);
    if (rc < 0)
        segment_done (segment);
    return rc;
}

void segment_done (struct segment *segment)
{
    buffer_done (&segment->file);
    arena_done (&segment->arena);
    arena_done (&segment->scratch);
}

int segment_next (struct segment *segment, struct followed *ret_followed,
                  struct entry *ret_entry, struct hash *ret_leaf, struct err *err)
{
    struct bytes message;
    if (segment->rest.size == 0) {
        if (segment->at != segment->end.last)
            return damaged (segment, err, "entries are missing at its end");
        return 0;
    }
    struct bytes leaves = segment->end.leaves;
    size_t place = (size_t) (segment->at + 1 - segment->head.first) * ARCHIVE_LEAF_SIZE;
    if (!archive_frame_take (&segment->rest, &message) ||
        leaves.size < place + ARCHIVE_LEAF_SIZE)
        return damaged (segment, err, "its frames do not add up");
    struct arena *arena = &segment->scratch;
    arena_reset (arena);
    int rc = followed_decode (arena, message, ret_followed, err);
    if (rc < 0)
        rc = err_prefix (err, "entry %" PRIu64, segment->at + 1);
    else
        rc = entry_prove (arena, ret_followed, segment->at + 1, ret_entry, ret_leaf, err);
    if (rc == 0 && memcmp (ret_leaf->data, leaves.data + place, ARCHIVE_LEAF_SIZE) != 0)
        rc = err_set (err, -EBADMSG, "entry %" PRIu64 " is not what its hash says",
                      segment->at + 1);
    if (rc < 0)
        return err_prefix (err, "%s", segment->path);
    segment->at++;
    return 1;
}

/* ---- the folder -------------------------------------------------------------------- */

static int ascending (const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;
    return x < y ? -1 : x > y;
}

static bool first_of_name (const char *name, uint64_t *ret)
{
    char again[SEGMENT_NAME_MAX];
    char *end;
    *ret = strtoull (name, &end, 10);
    segment_name (again, *ret);
    return *ret > 0 && strcmp (name, again) == 0;
}

int segments_list (const char *dir, uint64_t **ret, size_t *ret_count, struct err *err)
{
    uint64_t *list = NULL;
    size_t count = 0, capacity = 0;
    DIR *folder = opendir (dir);
    if (folder == NULL)
        return err_set (err, -errno, "%s: %s", dir, strerror (errno));
    for (struct dirent *entry; (entry = readdir (folder)) != NULL;) {
        uint64_t first;
        if (!first_of_name (entry->d_name, &first))
            continue;
        if (count == capacity) {
            capacity = capacity == 0 ? 64 : 2 * capacity;
            list = reallocarray (list, capacity, sizeof *list);
            if (list == NULL)
                abort ();
        }
        list[count++] = first;
    }
    closedir (folder);
    if (count > 0)
        qsort (list, count, sizeof *list, ascending);
    *ret = list;
    *ret_count = count;
    return 0;
}
