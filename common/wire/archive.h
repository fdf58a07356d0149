/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of proto/minqing/v1/archive.proto as plain C; what each field means stands
 * there. Absent numbers are 0. Memory belongs to the arena that the message was decoded
 * into. */
#ifndef MINQING_WIRE_ARCHIVE_H
#define MINQING_WIRE_ARCHIVE_H

#include "base/bytes.h"
#include "wire/journal.h"

#define ARCHIVE_FORMAT 1

/* Entries of one segment, and what is kept of the leaf hash of each. */
#define ARCHIVE_ENTRIES_MAX 4096
#define ARCHIVE_LEAF_SIZE   4

struct segment_head {
    uint32_t format;
    enum speaker speaker;
    struct bytes journal;
    uint32_t incarnation;
    uint64_t first;
    struct bytes root_before; /* over the entries before 'first' */
    int64_t written_ms;
};

struct segment_end {
    uint64_t last;
    struct bytes root;   /* over entries 1 to 'last' */
    struct bytes leaves; /* ARCHIVE_LEAF_SIZE bytes of each leaf hash */
    struct bytes digest; /* of the file up to here */
};

#endif
