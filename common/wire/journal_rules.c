/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of journal.proto. Entries are open to unknown fields: an older follower reads what
 * it knows of a newer speaker's entry and goes by 'kind' and 'informative'. */
#include "wire/journal.h"

#include "minqing/v1/journal.pb-c.h"
#include "wire/rules.h"

static const struct wire_field entry_fields[] = {
    WIRE_U64 (entry, 1, sequence, REQUIRED),
    WIRE_TIME (entry, 2, time_ms, REQUIRED),
    WIRE_U32 (entry, 3, kind, REQUIRED),
    WIRE_BOOL (entry, 4, informative, OPTIONAL),
    WIRE_U64 (entry, 5, grievance, OPTIONAL),
    WIRE_MESSAGE (entry, 6, matter, matter, OPTIONAL),
    WIRE_MESSAGE (entry, 7, source, source, OPTIONAL),
    WIRE_MESSAGE (entry, 8, actor, actor, OPTIONAL),
    WIRE_BOOL (entry, 9, time_uncertain, OPTIONAL),
    WIRE_MESSAGE (entry, 20, started, started, OPTIONAL),
    WIRE_MESSAGE (entry, 21, table, table_taken, OPTIONAL),
    WIRE_MESSAGE (entry, 22, refused, refused_event, OPTIONAL),
    WIRE_MESSAGE (entry, 23, parked, parked, OPTIONAL),
    WIRE_MESSAGE (entry, 24, incarnation, incarnation, OPTIONAL),
    WIRE_MESSAGE (entry, 25, crossed, crossed, OPTIONAL),
    WIRE_MESSAGE (entry, 26, time_settled, time_settled, OPTIONAL),
    WIRE_MESSAGE (entry, 27, lapsed, due_row, OPTIONAL),
    WIRE_MESSAGE (entry, 28, damaged, damaged, OPTIONAL),
    WIRE_MESSAGE (entry, 30, registered, registered, OPTIONAL),
    WIRE_MESSAGE (entry, 31, asked, asked_event, OPTIONAL),
    WIRE_MESSAGE (entry, 40, moved, moved, OPTIONAL),
    WIRE_MESSAGE (entry, 41, ask_answered, ask_answered, OPTIONAL),
    WIRE_MESSAGE (entry, 42, document, document, OPTIONAL),
    WIRE_MESSAGE (entry, 43, restated_all, restated_all, OPTIONAL),
    WIRE_MESSAGE (entry, 50, clocks, clocks, OPTIONAL),
    WIRE_MESSAGE (entry, 51, raised, raised, OPTIONAL),
    WIRE_MESSAGE (entry, 52, raise_ended, raise_ended, OPTIONAL),
    WIRE_MESSAGE (entry, 60, notice, notice, OPTIONAL),
    WIRE_MESSAGE (entry, 61, notice_moved, notice_moved, OPTIONAL),
};
WIRE_DEFINE (entry);

static const struct wire_field source_fields[] = {
    WIRE_ENUM (source, 1, speaker, speaker, SPEAKER_COUNT, REQUIRED),
    WIRE_U64 (source, 2, sequence, REQUIRED),
};
WIRE_DEFINE (source);

static const struct wire_field started_fields[] = {
    WIRE_TEXT (started, 1, version, LIMIT_NAME, REQUIRED),
    WIRE_U32 (started, 2, schema, REQUIRED),
    WIRE_BOOL (started, 3, unclean, OPTIONAL),
};
WIRE_DEFINE (started);

static const struct wire_field table_taken_fields[] = {
    WIRE_TEXT (table_taken, 1, name, LIMIT_NAME, REQUIRED),
    WIRE_U64 (table_taken, 2, version, REQUIRED),
};
WIRE_DEFINE (table_taken);

static const struct wire_field refused_event_fields[] = {
    WIRE_MESSAGE (refused_event, 1, refusal, refusal, REQUIRED),
};
WIRE_DEFINE (refused_event);

static const struct wire_field parked_fields[] = {
    WIRE_BYTES_OF (parked, 1, input, WIRE_HASH_SIZE, REQUIRED),
    WIRE_U32 (parked, 2, attempts, REQUIRED),
    WIRE_MESSAGE (parked, 3, source, source, OPTIONAL),
    WIRE_MESSAGE (parked, 4, due, due_row, OPTIONAL),
};
WIRE_DEFINE (parked);

static const struct wire_field due_row_fields[] = {
    WIRE_TIME (due_row, 1, due_ms, REQUIRED),
    WIRE_U32 (due_row, 2, kind, REQUIRED),
    WIRE_U64 (due_row, 3, subject, REQUIRED),
    WIRE_U32 (due_row, 4, part, REQUIRED),
};
WIRE_DEFINE (due_row);

static const struct wire_field incarnation_fields[] = {
    WIRE_U32 (incarnation, 1, incarnation, REQUIRED),
    WIRE_BYTES_OF (incarnation, 2, journal, WIRE_JOURNAL_ID_SIZE, REQUIRED),
    WIRE_BYTES_OF (incarnation, 3, previous, WIRE_JOURNAL_ID_SIZE, REQUIRED),
    WIRE_U64 (incarnation, 4, previous_size, REQUIRED),
    WIRE_BYTES_OF (incarnation, 5, previous_hash, WIRE_HASH_SIZE, OPTIONAL),
};
WIRE_DEFINE (incarnation);

static const struct wire_field crossed_fields[] = {
    WIRE_ENUM (crossed, 1, speaker, speaker, SPEAKER_COUNT, REQUIRED),
    WIRE_U32 (crossed, 2, incarnation, REQUIRED),
    WIRE_U64 (crossed, 3, acted, REQUIRED),
    WIRE_U64 (crossed, 4, kept, REQUIRED),
    WIRE_U64S (crossed, 5, grievances, LIMIT_ROWS),
};
WIRE_DEFINE (crossed);

static const struct wire_field time_settled_fields[] = {
    WIRE_TIME (time_settled, 1, from_ms, REQUIRED),
    WIRE_TIME (time_settled, 2, until_ms, REQUIRED),
    WIRE_TIME (time_settled, 3, wall_ms, REQUIRED),
};
WIRE_DEFINE (time_settled);

static const struct wire_field damaged_fields[] = {
    WIRE_U64 (damaged, 1, damaged, REQUIRED),
    WIRE_TEXT (damaged, 2, problem, LIMIT_SENTENCE, OPTIONAL),
};
WIRE_DEFINE (damaged);

static const struct wire_field follow_fields[] = {
    WIRE_BYTES_OF (follow, 1, journal, WIRE_JOURNAL_ID_SIZE, OPTIONAL),
    WIRE_U64 (follow, 2, after, REQUIRED),
    WIRE_BYTES_OF (follow, 3, after_hash, WIRE_HASH_SIZE, OPTIONAL),
    WIRE_U32_UP_TO (follow, 4, credit, LIMIT_FOLLOW_CREDIT, REQUIRED),
    WIRE_U32S (follow, 5, without, LIMIT_WITHOUT),
    WIRE_BOOL (follow, 6, can_wait, OPTIONAL),
};
WIRE_DEFINE (follow);

static const struct wire_field follow_credit_fields[] = {
    WIRE_U64 (follow_credit, 1, acted, REQUIRED),
    WIRE_U32_UP_TO (follow_credit, 2, credit, LIMIT_FOLLOW_CREDIT, REQUIRED),
};
WIRE_DEFINE (follow_credit);

static const struct wire_field entries_fields[] = {
    WIRE_BYTES_OF (entries, 1, journal, WIRE_JOURNAL_ID_SIZE, REQUIRED),
    WIRE_MESSAGES (entries, 2, entries, followed, LIMIT_ROWS),
    WIRE_U64 (entries, 3, complete, REQUIRED),
    WIRE_TIME (entries, 4, complete_ms, REQUIRED),
    WIRE_U64 (entries, 5, head, REQUIRED),
    WIRE_BOOL (entries, 6, tight, OPTIONAL),
    WIRE_U64 (entries, 7, passed, OPTIONAL),
    WIRE_BYTES_OF (entries, 8, passed_hash, WIRE_HASH_SIZE, OPTIONAL),
};
WIRE_DEFINE (entries);

static const struct wire_field followed_fields[] = {
    WIRE_BYTES (followed, 1, header, LIMIT_CLIENT_FRAME, REQUIRED),
    /* The largest body is a table that took effect. */
    WIRE_BYTES (followed, 2, body, LIMIT_TABLE, OPTIONAL),
    WIRE_BYTES_OF (followed, 3, body_hash, WIRE_HASH_SIZE, OPTIONAL),
    WIRE_BOOL (followed, 4, damaged, OPTIONAL),
    WIRE_U64 (followed, 5, passed, OPTIONAL),
};
WIRE_DEFINE (followed);

static const struct wire_field follow_refused_fields[] = {
    WIRE_ENUM (follow_refused, 1, problem, follow_problem, FOLLOW_COUNT, REQUIRED),
    WIRE_BYTES_OF (follow_refused, 2, journal, WIRE_JOURNAL_ID_SIZE, OPTIONAL),
    WIRE_U64 (follow_refused, 3, head, OPTIONAL),
    WIRE_MESSAGE (follow_refused, 4, opening, followed, OPTIONAL),
};
WIRE_DEFINE (follow_refused);
