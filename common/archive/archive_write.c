/* SPDX-License-Identifier: Apache-2.0 */
/* A folder that grows.
 *
 * Every file is written under another name, synced, renamed, and its folder synced
 * (base/file.h). The last segment is short nearly always; the next run begins with its
 * entries and puts a longer one in its place by one rename. So whatever is there is whole
 * at every moment.
 *
 *   edge: size of the tree (8) · hashes of its frontier, 32 bytes for each bit of the size,
 *         lowest first
 *
 * The edge saves reading everything: it must give the root that the last segment ends with,
 * which its digest guards. It is written behind the segment and removed before segments are
 * set aside, so one that is ahead of them says that files are missing; where it is gone too,
 * that cannot be known. */
#include "archive/archive_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "wire/names.h"
#include "wire/wire.h"

struct archive_writer {
    char *dir;
    struct arena arena;
    struct keepsake keepsake;
    struct tree_frontier frontier;
    struct archive_extent extent;

    /* The segment under way; those of its entries that are on disk already too. */
    uint64_t first;
    struct hash root_before;
    struct buffer frames, leaves;
    bool is_changed;

    struct arena scratch;
};

/* ---- the edge ---------------------------------------------------------------------- */

static int edge_write (const struct archive_writer *writer, struct err *err)
{
    char path[PATH_MAX];
    uint8_t edge[EDGE_SIZE_MAX];
    size_t size = 8;
    put_be64 (edge, writer->frontier.size);
    for (unsigned level = 0; level < TREE_LEVELS; level++) {
        if ((writer->frontier.size >> level & 1) == 0)
            continue;
        memcpy (edge + size, writer->frontier.nodes[level].data, HASH_SIZE);
        size += HASH_SIZE;
    }
    path_of (path, writer->dir, EDGE_NAME);
    return file_write (path, BYTES (edge, size), 0600, err);
}

/* Before segments go: it would say that they are missing. */
static int edge_remove (const struct archive_writer *writer, struct err *err)
{
    char path[PATH_MAX];
    path_of (path, writer->dir, EDGE_NAME);
    if (unlink (path) < 0 && errno != ENOENT)
        return err_set (err, -errno, "%s: %s", path, strerror (errno));
    return 0;
}

static bool edge_fits (const struct tree_frontier *edge, const struct segment_end *end)
{
    struct hash root;
    tree_frontier_root (edge, &root);
    return edge->size == end->last && bytes_equal (hash_view (&root), end->root);
}

/* ---- going on ---------------------------------------------------------------------- */

static void begin_segment (struct archive_writer *writer)
{
    writer->first = writer->extent.last + 1;
    tree_frontier_root (&writer->frontier, &writer->root_before);
    buffer_clear (&writer->frames);
    buffer_clear (&writer->leaves);
    writer->is_changed = false;
}

static bool is_full (const struct archive_writer *writer)
{
    return writer->frames.size >= SEGMENT_BYTES ||
           writer->leaves.size >= ARCHIVE_ENTRIES_MAX * ARCHIVE_LEAF_SIZE;
}

/* The last segment: its frames where it is short, and always what its entries say. */
static int segment_take_up (struct archive_writer *writer, struct segment *segment,
                            struct err *err)
{
    struct followed followed;
    struct entry entry;
    struct hash leaf;
    struct archive_extent *extent = &writer->extent;
    int rc;
    writer->first = segment->head.first;
    memcpy (writer->root_before.data, segment->head.root_before.data, HASH_SIZE);
    buffer_append_bytes (&writer->frames, segment->rest);
    buffer_append_bytes (&writer->leaves, segment->end.leaves);
    if (segment->head.incarnation > extent->incarnation) {
        extent->incarnation = segment->head.incarnation;
        memcpy (extent->journal, segment->head.journal.data, JOURNAL_ID_SIZE);
    }
    while ((rc = segment_next (segment, &followed, &entry, &leaf, err)) > 0)
        extent_move (extent, &entry, &leaf);
    memcpy (extent->root.data, segment->end.root.data, HASH_SIZE);
    return rc;
}

static int read_all (struct archive_writer *writer, struct err *err)
{
    struct archive_reader *reader;
    struct followed followed;
    int rc = archive_open (writer->dir, &reader, err);
    if (rc < 0)
        return rc;
    while ((rc = archive_next (reader, &followed, err)) > 0)
        ;
    writer->frontier = reader->frontier;
    archive_close (&reader);
    return rc;
}

/* Where the folder ends now. */
static int take_up (struct archive_writer *writer, struct err *err)
{
    uint64_t *firsts = NULL;
    size_t count = 0;
    struct segment segment;
    struct archive_extent *extent = &writer->extent;
    *extent = (struct archive_extent){ .speaker = writer->keepsake.speaker,
                                       .incarnation = writer->keepsake.incarnation };
    memcpy (extent->journal, writer->keepsake.journal.data, JOURNAL_ID_SIZE);
    writer->frontier = (struct tree_frontier){ 0 };
    tree_frontier_root (&writer->frontier, &extent->root);
    begin_segment (writer);
    int rc = segments_list (writer->dir, &firsts, &count, err);
    uint64_t last = count > 0 ? firsts[count - 1] : 0;
    free (firsts);
    if (rc == 0 && count == 0)
        rc = edge_check (writer->dir, 0, err);
    if (rc < 0 || count == 0)
        return rc;
    rc = segment_load (&segment, writer->dir, last, err);
    if (rc < 0)
        return rc;
    if (!edge_read (writer->dir, &writer->frontier) ||
        !edge_fits (&writer->frontier, &segment.end))
        rc = read_all (writer, err);
    if (rc == 0)
        rc = segment_take_up (writer, &segment, err);
    extent->segments = (uint32_t) count;
    segment_done (&segment);
    if (rc == 0 && is_full (writer))
        begin_segment (writer);
    return rc;
}

static void keepsake_copy (struct archive_writer *writer, const struct keepsake *from)
{
    writer->keepsake = *from;
    writer->keepsake.journal = arena_bytes (&writer->arena, from->journal);
    writer->keepsake.secret = arena_bytes (&writer->arena, from->secret);
    writer->keepsake.version = arena_text (&writer->arena, from->version);
}

static int keepsake_begin (struct archive_writer *writer, const struct keepsake *keepsake,
                           struct err *err)
{
    uint64_t *firsts = NULL;
    size_t count = 0;
    int rc = keepsake_read (writer->dir, &writer->arena, &writer->keepsake, err);
    if (rc == 0 && writer->keepsake.speaker != keepsake->speaker)
        return err_set (err, -EINVAL, "%s: holds a backup of %s, not of %s", writer->dir,
                        speaker_name (writer->keepsake.speaker),
                        speaker_name (keepsake->speaker));
    if (rc != -ENOENT)
        return rc;
    rc = segments_list (writer->dir, &firsts, &count, err);
    free (firsts);
    if (rc == 0 && count > 0)
        rc = err_set (err, -EBADMSG, "%s: has entries, but no keepsake any more",
                      writer->dir);
    if (rc < 0)
        return rc;
    keepsake_copy (writer, keepsake);
    return keepsake_write (writer->dir, keepsake, err);
}

int archive_append_open (const char *dir, const struct keepsake *keepsake,
                         struct archive_writer **ret, struct err *err)
{
    if (mkdir (dir, 0700) < 0 && errno != EEXIST)
        return err_set (err, -errno, "%s: %s", dir, strerror (errno));
    struct archive_writer *writer = calloc (1, sizeof *writer);
    if (writer == NULL || (writer->dir = strdup (dir)) == NULL)
        abort ();
    arena_init (&writer->arena, 0);
    arena_init (&writer->scratch, 0);
    int rc = keepsake_begin (writer, keepsake, err);
    if (rc == 0)
        rc = take_up (writer, err);
    if (rc < 0) {
        archive_append_close (&writer);
        return rc;
    }
    *ret = writer;
    return 0;
}

void archive_append_close (struct archive_writer **place)
{
    struct archive_writer *writer = *place;
    if (writer == NULL)
        return;
    *place = NULL;
    arena_done (&writer->arena);
    arena_done (&writer->scratch);
    buffer_done (&writer->frames);
    buffer_done (&writer->leaves);
    free (writer->dir);
    free (writer);
}

void archive_appended (const struct archive_writer *writer, struct archive_extent *ret)
{
    *ret = writer->extent;
    tree_frontier_root (&writer->frontier, &ret->root);
}

/* ---- entries ----------------------------------------------------------------------- */

int archive_append (struct archive_writer *writer, const struct followed *followed,
                    struct err *err)
{
    struct entry entry;
    struct hash leaf;
    arena_reset (&writer->scratch);
    int rc = entry_prove (&writer->scratch, followed, writer->extent.last + 1, &entry,
                          &leaf, err);
    if (rc < 0)
        return rc;
    archive_frame_append (&writer->frames, followed_encode (&writer->scratch, followed));
    buffer_append (&writer->leaves, leaf.data, ARCHIVE_LEAF_SIZE);
    tree_append (&writer->frontier, &leaf, NULL, NULL);
    extent_move (&writer->extent, &entry, &leaf);
    writer->is_changed = true;
    if (!is_full (writer))
        return 0;
    rc = archive_flush (writer, err);
    if (rc == 0)
        begin_segment (writer);
    return rc;
}

static int64_t now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_REALTIME, &now);
    return now.tv_sec * INT64_C (1000) + now.tv_nsec / 1000000;
}

static void segment_compose (struct archive_writer *writer, struct buffer *file)
{
    const struct archive_extent *extent = &writer->extent;
    struct hash digest, root;
    tree_frontier_root (&writer->frontier, &root);
    struct segment_head head = { .format = ARCHIVE_FORMAT,
                                 .speaker = extent->speaker,
                                 .journal = BYTES_OF (extent->journal),
                                 .incarnation = extent->incarnation,
                                 .first = writer->first,
                                 .root_before = hash_view (&writer->root_before),
                                 .written_ms = now_ms () };
    struct segment_end end = { .last = extent->last,
                               .root = hash_view (&root),
                               .leaves = buffer_bytes (&writer->leaves) };
    arena_reset (&writer->scratch);
    archive_frame_append (file, segment_head_encode (&writer->scratch, &head));
    buffer_append_bytes (file, buffer_bytes (&writer->frames));
    hash_bytes (buffer_bytes (file), &digest);
    end.digest = hash_view (&digest);
    archive_frame_append (file, segment_end_encode (&writer->scratch, &end));
}

/* The name of the journal as its newest incarnation has it, once the entry that opens
 * that is on disk: before, the folder ends under the old name. */
static int keepsake_renew (struct archive_writer *writer, struct err *err)
{
    const struct archive_extent *extent = &writer->extent;
    if (writer->keepsake.incarnation >= extent->incarnation)
        return 0;
    writer->keepsake.incarnation = extent->incarnation;
    writer->keepsake.journal = arena_bytes (&writer->arena, BYTES_OF (extent->journal));
    return keepsake_write (writer->dir, &writer->keepsake, err);
}

int archive_flush (struct archive_writer *writer, struct err *err)
{
    char name[SEGMENT_NAME_MAX], path[PATH_MAX];
    struct buffer file = { 0 };
    if (!writer->is_changed)
        return 0;
    segment_name (name, writer->first);
    path_of (path, writer->dir, name);
    bool is_new = access (path, F_OK) < 0;
    segment_compose (writer, &file);
    int rc = file_write (path, buffer_bytes (&file), 0600, err);
    buffer_done (&file);
    if (rc == 0)
        rc = edge_write (writer, err);
    if (rc == 0)
        rc = keepsake_renew (writer, err);
    if (rc < 0)
        return rc;
    writer->is_changed = false;
    writer->extent.segments += is_new;
    return 0;
}

/* ---- set aside --------------------------------------------------------------------- */

static int sync_folder (const char *dir, struct err *err)
{
    int fd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd >= 0 && fsync (fd) == 0 ? 0 : -errno;
    if (fd >= 0)
        close (fd);
    return rc < 0 ? err_set (err, rc, "%s: %s", dir, strerror (-rc)) : 0;
}

/* Another name for the file: what is then replaced or taken away here stays there. */
static int link_into (const char *dir, const char *aside, uint64_t first, struct err *err)
{
    char name[SEGMENT_NAME_MAX], from[PATH_MAX], to[PATH_MAX];
    segment_name (name, first);
    path_of (from, dir, name);
    path_of (to, aside, name);
    if (link (from, to) == 0)
        return 0;
    if (errno != EEXIST)
        return err_set (err, -errno, "%s: %s", to, strerror (errno));
    struct stat here, there;
    if (stat (from, &here) == 0 && stat (to, &there) == 0 &&
        here.st_ino == there.st_ino && here.st_dev == there.st_dev)
        return 0; /* of a run that did not get further */
    return err_set (err, -EEXIST,
                    "%s: is there already, and is not what is set aside now: move that "
                    "folder away, nothing was changed",
                    to);
}

static int segment_unlink (const char *dir, uint64_t first, struct err *err)
{
    char name[SEGMENT_NAME_MAX], path[PATH_MAX];
    segment_name (name, first);
    path_of (path, dir, name);
    if (unlink (path) < 0)
        return err_set (err, -errno, "%s: %s", path, strerror (errno));
    return 0;
}

/* The tree and the extent before this segment, proved from the beginning. */
static int read_until (struct archive_writer *writer, uint64_t first, struct err *err)
{
    struct archive_reader *reader;
    struct followed followed;
    int rc = archive_open (writer->dir, &reader, err);
    if (rc < 0)
        return rc;
    while (reader->extent.last + 1 < first &&
           (rc = archive_next (reader, &followed, err)) > 0)
        ;
    writer->frontier = reader->frontier;
    writer->extent = reader->extent;
    archive_close (&reader);
    return rc < 0 ? rc : 0;
}

/* The segment in which the last kept entry stands, without those behind it. */
static int segment_shorten (struct archive_writer *writer, uint64_t first, uint64_t kept,
                            struct err *err)
{
    struct segment segment;
    struct followed followed;
    struct entry entry;
    struct hash leaf;
    int rc = read_until (writer, first, err);
    if (rc == 0)
        rc = segment_load (&segment, writer->dir, first, err);
    if (rc < 0)
        return rc;
    begin_segment (writer);
    rc = 0;
    while (rc == 0 && writer->extent.last < kept &&
           (rc = segment_next (&segment, &followed, &entry, &leaf, err)) > 0)
        rc = archive_append (writer, &followed, err);
    segment_done (&segment);
    return rc < 0 ? rc : archive_flush (writer, err);
}

/* All names in lost-N/ first, then the last segment is taken away, the one before … so
 * that a backup without a gap is left whenever it ends. */
static int move_aside (struct archive_writer *writer, const uint64_t *firsts,
                       size_t count, uint64_t kept, uint32_t lost, struct err *err)
{
    char name[SEGMENT_NAME_MAX], aside[PATH_MAX];
    uint64_t end = writer->extent.last;
    size_t from = count;
    snprintf (name, sizeof name, "lost-%u", lost);
    path_of (aside, writer->dir, name);
    if (mkdir (aside, 0700) < 0 && errno != EEXIST)
        return err_set (err, -errno, "%s: %s", aside, strerror (errno));
    int rc = 0;
    while (rc == 0 && from > 0 && end > kept) {
        from--;
        rc = link_into (writer->dir, aside, firsts[from], err);
        end = firsts[from] - 1;
    }
    if (rc == 0)
        rc = sync_folder (aside, err);
    if (rc == 0)
        rc = edge_remove (writer, err);
    if (rc == 0)
        rc = sync_folder (writer->dir, err);
    for (size_t i = count; rc == 0 && i > from; i--)
        if (firsts[i - 1] > kept)
            rc = segment_unlink (writer->dir, firsts[i - 1], err);
    if (rc == 0 && from < count && firsts[from] <= kept)
        rc = segment_shorten (writer, firsts[from], kept, err);
    return rc == 0 ? sync_folder (writer->dir, err) : rc;
}

int archive_set_aside (struct archive_writer *writer, uint64_t kept, uint32_t lost,
                       struct err *err)
{
    uint64_t *firsts = NULL;
    size_t count = 0;
    int rc = archive_flush (writer, err);
    if (rc == 0 && writer->extent.last <= kept)
        return 0;
    if (rc == 0)
        rc = segments_list (writer->dir, &firsts, &count, err);
    if (rc == 0)
        rc = move_aside (writer, firsts, count, kept, lost, err);
    free (firsts);
    return rc < 0 ? rc : take_up (writer, err);
}
