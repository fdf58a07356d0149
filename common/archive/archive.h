/* SPDX-License-Identifier: Apache-2.0 */
/* A folder with the backup of one daemon: the format stands in
 * proto/minqing/v1/archive.proto. What is read is proved: every leaf, the root over all
 * entries at the end of each segment, and every other byte by a digest. What is written
 * is there whole or not at all: a process that is killed at any moment leaves a valid
 * folder, and the next one goes on. */
#ifndef MINQING_ARCHIVE_ARCHIVE_H
#define MINQING_ARCHIVE_ARCHIVE_H

#include "base/arena.h"
#include "base/err.h"
#include "journal/journal.h"
#include "wire/archive.h"
#include "wire/control.h"

/* ---- the keepsake ------------------------------------------------------------------ */

/* -ENOENT: there is none: no backup. -EBADMSG: damaged. -EINVAL: of another format.
 * Memory: the arena. */
MUST_CHECK int keepsake_read (const char *dir, struct arena *arena, struct keepsake *ret,
                              struct err *err);
/* Mode 0600, durable when it returns 0. */
MUST_CHECK int keepsake_write (const char *dir, const struct keepsake *keepsake,
                               struct err *err);

/* ---- reading ----------------------------------------------------------------------- */

struct archive_reader;

/* Begin to read from the first entry. The keepsake too is read; -ENOENT, -EBADMSG,
 * -EINVAL as there. */
MUST_CHECK int archive_open (const char *dir, struct archive_reader **ret,
                             struct err *err);
void archive_close (struct archive_reader **reader);

/* 1: the next entry, proved; its memory lasts until the following call. 0: the end, and
 * all of it is proved. -EBADMSG: damaged, and the sentence names file and entry; -EINVAL: a
 * newer format, or another daemon's; others as the system says. 'arg' is the reader. */
MUST_CHECK int archive_next (void *arg, struct followed *ret_followed, struct err *err);

/* What was proved so far. */
struct archive_extent {
    enum speaker speaker;
    uint64_t last;    /* sequence */
    int64_t last_ms;  /* its time; 0: none */
    struct hash leaf; /* of the last */
    struct hash root; /* over 1 to 'last' */
    uint32_t segments;
    uint32_t incarnation; /* of the keepsake, or a later one that entries opened */
    uint8_t journal[JOURNAL_ID_SIZE]; /* its id */
};
void archive_extent (const struct archive_reader *reader, struct archive_extent *ret);
/* As it stands in the folder, but for journal and incarnation, which are those of the
 * last entry read. Memory: the reader's. */
const struct keepsake *archive_keepsake (const struct archive_reader *reader);

/* Read to the end: 0, or as 'archive_next'. */
MUST_CHECK int archive_check (const char *dir, struct archive_extent *ret,
                              struct err *err);

/* ---- what was made from it --------------------------------------------------------- */

/* The openings (headers of KIND_INCARNATION) of stores that were made from this folder,
 * oldest first. One that is lost again may have left followers behind, who know it by that
 * name. None: 0, and a count of 0. -EBADMSG: damaged. Memory: the arena. */
#define ARCHIVE_OPENINGS_MAX 64
MUST_CHECK int archive_openings (const char *dir, struct arena *arena,
                                 struct bytes ret[ARCHIVE_OPENINGS_MAX],
                                 size_t *ret_count, struct err *err);
/* Durable when it returns 0: before anybody can hear of the name. */
MUST_CHECK int archive_opening_add (const char *dir, struct bytes header,
                                    struct err *err);

/* ---- writing ----------------------------------------------------------------------- */

struct archive_writer;

/* Go on with the folder, or begin it (it is made, 0700, if absent; its parent must
 * exist) with this keepsake. The last segment and the edge are read, and where they do
 * not fit each other everything is: the failures of 'archive_next'.
 * -EINVAL: the folder is another daemon's. */
MUST_CHECK int archive_append_open (const char *dir, const struct keepsake *keepsake,
                                    struct archive_writer **ret, struct err *err);
void archive_append_close (
    struct archive_writer **writer); /* drops what is not flushed */

/* Of what was appended, flushed or not. */
void archive_appended (const struct archive_writer *writer, struct archive_extent *ret);

/* One more entry, which must be the next and what its hashes say (-EBADMSG). A full
 * segment is written to disk at once. */
MUST_CHECK int archive_append (struct archive_writer *writer,
                               const struct followed *followed, struct err *err);
/* Everything appended is durable when it returns 0. */
MUST_CHECK int archive_flush (struct archive_writer *writer, struct err *err);

/* The source was restored and kept 'kept' entries of incarnation 'lost': what the folder
 * has behind them is moved into lost-N/, nothing is deleted. The writer goes on behind
 * 'kept'. Durable; after a crash it is done again. -EEXIST: something else is there. */
MUST_CHECK int archive_set_aside (struct archive_writer *writer, uint64_t kept,
                                  uint32_t lost, struct err *err);

#endif
