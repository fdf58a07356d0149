/* SPDX-License-Identifier: Apache-2.0 */
/* A folder read from its first entry to its last. What must fit: each segment begins
 * where the one before ended and over the same root; every entry is the next and what
 * its hashes say; the root at each end; and whoever says which id an incarnation had
 * says the same, so that segments of two restorations cannot be one backup. */
#include "archive/archive_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "wire/names.h"
#include "wire/wire.h"

#define KEEPSAKE_NAME     "keepsake"
#define KEEPSAKE_FILE_MAX 4096

/* ---- the keepsake ------------------------------------------------------------------ */

int keepsake_read (const char *dir, struct arena *arena, struct keepsake *ret,
                   struct err *err)
{
    char path[PATH_MAX];
    struct buffer file = { 0 };
    struct hash digest;
    struct bytes message;
    path_of (path, dir, KEEPSAKE_NAME);
    int rc = file_read (path, KEEPSAKE_FILE_MAX, &file, err);
    struct bytes rest = buffer_bytes (&file);
    if (rc == 0 && (!archive_frame_take (&rest, &message) || rest.size != HASH_SIZE))
        rc = err_set (err, -EBADMSG, "%s: is no keepsake, or cut short", path);
    if (rc == 0) {
        hash_bytes (BYTES (file.data, file.size - HASH_SIZE), &digest);
        if (!bytes_equal (hash_view (&digest), rest))
            rc = err_set (err, -EBADMSG, "%s: is damaged: its digest is another one",
                          path);
    }
    if (rc == 0 && (rc = keepsake_decode (arena, message, ret, err)) < 0)
        err_prefix (err, "%s", path);
    if (file.size > 0)
        explicit_bzero (file.data, file.size);
    buffer_done (&file);
    return rc;
}

int keepsake_write (const char *dir, const struct keepsake *keepsake, struct err *err)
{
    char path[PATH_MAX];
    struct arena arena;
    struct buffer file = { 0 };
    struct hash digest;
    arena_init (&arena, 0);
    path_of (path, dir, KEEPSAKE_NAME);
    archive_frame_append (&file, keepsake_encode (&arena, keepsake));
    hash_bytes (buffer_bytes (&file), &digest);
    buffer_append_bytes (&file, hash_view (&digest));
    int rc = file_write (path, buffer_bytes (&file), 0600, err);
    explicit_bzero (file.data, file.size);
    buffer_done (&file);
    arena_done (&arena);
    return rc;
}

/* ---- who is who -------------------------------------------------------------------- */

static bool claim (struct archive_reader *reader, uint32_t incarnation,
                   struct bytes journal)
{
    for (size_t i = 0; i < reader->n_claims; i++)
        if (reader->claims[i].incarnation == incarnation)
            return bytes_equal (journal, BYTES_OF (reader->claims[i].journal));
    if (reader->n_claims < CLAIMS_MAX) {
        struct claim *new = &reader->claims[reader->n_claims++];
        new->incarnation = incarnation;
        memcpy (new->journal, journal.data, JOURNAL_ID_SIZE);
    }
    return true;
}

static int claims_of_entry (struct archive_reader *reader, const struct entry *entry,
                            struct err *err)
{
    const struct incarnation *opening = entry->incarnation;
    if (opening == NULL || (claim (reader, opening->incarnation, opening->journal) &&
                            claim (reader, opening->incarnation - 1, opening->previous)))
        return 0;
    return err_set (err, -EBADMSG,
                    "%s: entry %" PRIu64 " opens incarnation %u under another name than "
                    "other files say: these are parts of two backups",
                    reader->segment.path, entry->sequence, opening->incarnation);
}

void extent_move (struct archive_extent *extent, const struct entry *entry,
                  const struct hash *leaf)
{
    const struct incarnation *opening = entry->incarnation;
    extent->last = entry->sequence;
    extent->last_ms = entry->time_ms;
    extent->leaf = *leaf;
    if (opening == NULL || opening->incarnation <= extent->incarnation)
        return;
    extent->incarnation = opening->incarnation;
    memcpy (extent->journal, opening->journal.data, JOURNAL_ID_SIZE);
}

/* ---- segments ---------------------------------------------------------------------- */

static int segment_fits (struct archive_reader *reader, struct err *err)
{
    const struct segment_head *head = &reader->segment.head;
    struct hash root;
    tree_frontier_root (&reader->frontier, &root);
    if (head->speaker != reader->keepsake.speaker)
        return err_set (err, -EINVAL, "%s: is of %s, the keepsake of %s",
                        reader->segment.path, speaker_name (head->speaker),
                        speaker_name (reader->keepsake.speaker));
    if (!bytes_equal (head->root_before, hash_view (&root)))
        return err_set (err, -EBADMSG,
                        "%s: does not continue the entries before it: it is of another "
                        "backup, or of another incarnation",
                        reader->segment.path);
    if (!claim (reader, head->incarnation, head->journal))
        return err_set (err, -EBADMSG,
                        "%s: is of incarnation %u, but of another journal than the other "
                        "files",
                        reader->segment.path, head->incarnation);
    return 0;
}

static int segment_open (struct archive_reader *reader, struct err *err)
{
    uint64_t first = reader->firsts[reader->next], expected = reader->extent.last + 1;
    if (first > expected) {
        char name[SEGMENT_NAME_MAX];
        segment_name (name, expected);
        return err_set (err, -EBADMSG,
                        "%s/%s: is missing, and with it the entries %" PRIu64
                        " to %" PRIu64,
                        reader->dir, name, expected, first - 1);
    }
    if (first < expected)
        return err_set (err, -EBADMSG,
                        "%s: a file begins at entry %" PRIu64 ", which stands in the one "
                        "before: these are parts of two backups",
                        reader->dir, first);
    int rc = segment_load (&reader->segment, reader->dir, first, err);
    if (rc < 0)
        return rc;
    reader->is_open = true;
    reader->next++;
    return segment_fits (reader, err);
}

static int segment_close (struct archive_reader *reader, struct err *err)
{
    tree_frontier_root (&reader->frontier, &reader->extent.root);
    if (!bytes_equal (reader->segment.end.root, hash_view (&reader->extent.root)))
        return err_set (err, -EBADMSG,
                        "%s: its entries do not give the root that it ends with",
                        reader->segment.path);
    segment_done (&reader->segment);
    reader->is_open = false;
    reader->extent.segments++;
    return 0;
}

/* ---- reading ----------------------------------------------------------------------- */

int archive_open (const char *dir, struct archive_reader **ret, struct err *err)
{
    struct archive_reader *reader = calloc (1, sizeof *reader);
    if (reader == NULL || (reader->dir = strdup (dir)) == NULL)
        abort ();
    arena_init (&reader->arena, 0);
    int rc = keepsake_read (dir, &reader->arena, &reader->keepsake, err);
    if (rc == 0)
        rc = segments_list (dir, &reader->firsts, &reader->n_firsts, err);
    if (rc < 0) {
        archive_close (&reader);
        return rc;
    }
    struct archive_extent *extent = &reader->extent;
    extent->speaker = reader->keepsake.speaker;
    extent->incarnation = reader->keepsake.incarnation;
    memcpy (extent->journal, reader->keepsake.journal.data, JOURNAL_ID_SIZE);
    tree_frontier_root (&reader->frontier, &extent->root);
    claim (reader, extent->incarnation, reader->keepsake.journal);
    *ret = reader;
    return 0;
}

void archive_close (struct archive_reader **place)
{
    struct archive_reader *reader = *place;
    if (reader == NULL)
        return;
    *place = NULL;
    if (reader->is_open)
        segment_done (&reader->segment);
    arena_done (&reader->arena);
    free (reader->firsts);
    free (reader->dir);
    free (reader);
}

int archive_next (void *arg, struct followed *ret_followed, struct err *err)
{
    struct archive_reader *reader = arg;
    struct entry entry;
    struct hash leaf;
    for (;;) {
        int rc;
        if (!reader->is_open) {
            if (reader->next == reader->n_firsts)
                return edge_check (reader->dir, reader->extent.last, err);
            rc = segment_open (reader, err);
            if (rc < 0)
                return rc;
        }
        rc = segment_next (&reader->segment, ret_followed, &entry, &leaf, err);
        if (rc > 0) {
            tree_append (&reader->frontier, &leaf, NULL, NULL);
            extent_move (&reader->extent, &entry, &leaf);
            rc = claims_of_entry (reader, &entry, err);
            return rc < 0 ? rc : 1;
        }
        if (rc == 0)
            rc = segment_close (reader, err);
        if (rc < 0)
            return rc;
    }
}

void archive_extent (const struct archive_reader *reader, struct archive_extent *ret)
{
    *ret = reader->extent;
}

const struct keepsake *archive_keepsake (const struct archive_reader *reader)
{
    return &reader->keepsake;
}

int archive_check (const char *dir, struct archive_extent *ret, struct err *err)
{
    struct archive_reader *reader;
    struct followed followed;
    int rc = archive_open (dir, &reader, err);
    if (rc < 0)
        return rc;
    while ((rc = archive_next (reader, &followed, err)) > 0)
        ;
    if (rc == 0 && ret != NULL)
        archive_extent (reader, ret);
    archive_close (&reader);
    return rc;
}
