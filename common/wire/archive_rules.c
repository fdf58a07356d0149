/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of archive.proto. */
#include "wire/archive.h"

#include "minqing/v1/archive.pb-c.h"
#include "wire/rules.h"

static const struct wire_field segment_head_fields[] = {
    WIRE_U32 (segment_head, 1, format, REQUIRED),
    WIRE_ENUM (segment_head, 2, speaker, speaker, SPEAKER_COUNT, REQUIRED),
    WIRE_BYTES_OF (segment_head, 3, journal, WIRE_JOURNAL_ID_SIZE, REQUIRED),
    WIRE_U32 (segment_head, 4, incarnation, REQUIRED),
    WIRE_U64 (segment_head, 5, first, REQUIRED),
    WIRE_BYTES_OF (segment_head, 6, root_before, WIRE_HASH_SIZE, REQUIRED),
    WIRE_TIME (segment_head, 7, written_ms, REQUIRED),
};
WIRE_DEFINE (segment_head);

static const struct wire_field segment_end_fields[] = {
    WIRE_U64 (segment_end, 1, last, REQUIRED),
    WIRE_BYTES_OF (segment_end, 2, root, WIRE_HASH_SIZE, REQUIRED),
    WIRE_BYTES (segment_end, 3, leaves, ARCHIVE_ENTRIES_MAX *ARCHIVE_LEAF_SIZE, REQUIRED),
    WIRE_BYTES_OF (segment_end, 4, digest, WIRE_HASH_SIZE, REQUIRED),
};
WIRE_DEFINE (segment_end);
