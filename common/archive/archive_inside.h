/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share and nobody else sees. */
#ifndef MINQING_ARCHIVE_ARCHIVE_INSIDE_H
#define MINQING_ARCHIVE_ARCHIVE_INSIDE_H

#include "archive/archive.h"
#include "journal/tree.h"

#include <limits.h>

/* A segment is closed when it has so much; one entry may go beyond it. */
#define SEGMENT_BYTES    ((size_t) 4 << 20)
#define SEGMENT_FILE_MAX (SEGMENT_BYTES + ((size_t) 4 << 20))
#define SEGMENT_NAME     "%012llu.segment"
#define SEGMENT_NAME_MAX 32
#define FRAME_LENGTH     4

/* ---- segment.c --------------------------------------------------------------------- */

void archive_frame_append (struct buffer *to, struct bytes message);
/* The next frame off the front of 'rest'. False: it is cut short. */
bool archive_frame_take (struct bytes *rest, struct bytes *ret_message);

/* A segment in memory, as it is read: entries one by one, checked against the leaf bytes
 * of its end. */
struct segment {
    char path[PATH_MAX];
    struct buffer file;
    struct segment_head head;
    struct segment_end end;
    struct bytes rest;    /* frames not yet read */
    uint64_t at;          /* sequence of the last read; head.first - 1 at the start */
    struct arena arena;   /* head and end */
    struct arena scratch; /* the last entry */
};
/* Read the file; its frames are counted and the digest is held against it, so that what
 * follows is only damaged if the disk is, or somebody wrote it so. */
MUST_CHECK int segment_load (struct segment *segment, const char *dir, uint64_t first,
                             struct err *err);
void segment_done (struct segment *segment);
/* 1: the next entry with its header decoded and its leaf hash; 0: the end; -EBADMSG. */
MUST_CHECK int segment_next (struct segment *segment, struct followed *ret_followed,
                             struct entry *ret_entry, struct hash *ret_leaf,
                             struct err *err);

/* The same checks for an entry from elsewhere. */
MUST_CHECK int entry_prove (struct arena *arena, const struct followed *followed,
                            uint64_t sequence, struct entry *ret_entry,
                            struct hash *ret_leaf, struct err *err);

/* First sequences of the segments of a folder, in order; the caller frees. */
MUST_CHECK int segments_list (const char *dir, uint64_t **ret, size_t *ret_count,
                              struct err *err);

/* ---- archive_read.c ---------------------------------------------------------------- */

/* Which id an incarnation had, from whatever says so: all must say the same. */
#define CLAIMS_MAX 64
struct claim {
    uint32_t incarnation;
    uint8_t journal[JOURNAL_ID_SIZE];
};

struct archive_reader {
    char *dir;
    struct arena arena;
    struct keepsake keepsake;
    uint64_t *firsts;
    size_t n_firsts, next; /* of the segment to be read next */
    bool is_open;          /* 'segment' is */
    struct segment segment;
    struct tree_frontier frontier;
    struct archive_extent extent;
    struct claim claims[CLAIMS_MAX];
    size_t n_claims;
};

/* What an entry changes in the extent: its place, and the incarnation that it opens. */
void extent_move (struct archive_extent *extent, const struct entry *entry,
                  const struct hash *leaf);

/* ---- edge.c ------------------------------------------------------------------------ */

#define EDGE_NAME     "edge"
#define EDGE_SIZE_MAX (8 + TREE_LEVELS * HASH_SIZE)
/* False: it is not there, or is no edge. */
bool edge_read (const char *dir, struct tree_frontier *ret);
/* -EBADMSG: it knows of entries behind 'last', the last of the segments that are there. */
MUST_CHECK int edge_check (const char *dir, uint64_t last, struct err *err);

/* ---- names ------------------------------------------------------------------------- */

void path_of (char ret[PATH_MAX], const char *dir, const char *name);
void segment_name (char ret[SEGMENT_NAME_MAX], uint64_t first);

#endif
