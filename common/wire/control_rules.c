/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of control.proto. */
#include "wire/control.h"

#include "minqing/v1/control.pb-c.h"
#include "wire/rules.h"

static const struct wire_field control_fields[] = {
    WIRE_ENUM (control, 1, verb, control_verb, CONTROL_COUNT, REQUIRED),
    WIRE_TEXT (control, 2, argument, LIMIT_NAME, OPTIONAL),
};
WIRE_DEFINE (control);

static const struct wire_field control_reply_fields[] = {
    WIRE_ENUM (control_reply, 1, verb, control_verb, CONTROL_COUNT, REQUIRED),
    WIRE_TEXT (control_reply, 2, text, LIMIT_TABLE, OPTIONAL),
    WIRE_MESSAGE (control_reply, 3, status, status, OPTIONAL),
    WIRE_TEXT (control_reply, 4, problem, LIMIT_SENTENCE, OPTIONAL),
    WIRE_MESSAGE (control_reply, 5, keepsake, keepsake, OPTIONAL),
};
WIRE_DEFINE (control_reply);

static const struct wire_field keepsake_fields[] = {
    WIRE_ENUM (keepsake, 1, speaker, speaker, SPEAKER_COUNT, REQUIRED),
    WIRE_BYTES_OF (keepsake, 2, journal, WIRE_JOURNAL_ID_SIZE, REQUIRED),
    WIRE_U32 (keepsake, 3, incarnation, REQUIRED),
    WIRE_BYTES_OF (keepsake, 4, secret, WIRE_HASH_SIZE, REQUIRED),
    WIRE_U32 (keepsake, 5, schema, REQUIRED),
    WIRE_TEXT (keepsake, 6, version, LIMIT_NAME, REQUIRED),
};
WIRE_DEFINE (keepsake);

static const struct wire_field scrub_fields[] = {
    WIRE_BOOL (scrub, 1, running, OPTIONAL),
    WIRE_U32 (scrub, 2, permille, OPTIONAL),
    WIRE_TIME (scrub, 3, done_ms, OPTIONAL),
    WIRE_U64 (scrub, 4, records, OPTIONAL),
    WIRE_U64 (scrub, 5, differences, OPTIONAL),
    WIRE_TEXT (scrub, 6, first, LIMIT_SENTENCE, OPTIONAL),
    WIRE_U64 (scrub, 7, damaged, OPTIONAL),
};
WIRE_DEFINE (scrub);

static const struct wire_field status_fields[] = {
    WIRE_ENUM (status, 1, speaker, speaker, SPEAKER_COUNT, REQUIRED),
    WIRE_TEXT (status, 2, version, LIMIT_NAME, REQUIRED),
    WIRE_BYTES_OF (status, 3, journal, WIRE_JOURNAL_ID_SIZE, REQUIRED),
    WIRE_U64 (status, 4, head, REQUIRED),
    WIRE_BYTES_OF (status, 5, root, WIRE_HASH_SIZE, REQUIRED),
    WIRE_TIME (status, 6, now_ms, REQUIRED),
    WIRE_TIME (status, 7, started_ms, REQUIRED),
    WIRE_MESSAGES (status, 8, positions, position, LIMIT_ROWS),
    WIRE_MESSAGES (status, 9, gauges, gauge, LIMIT_ROWS),
    WIRE_U32 (status, 10, store_permille, OPTIONAL),
    WIRE_TEXT (status, 11, trouble, LIMIT_SENTENCE, OPTIONAL),
    WIRE_MESSAGES (status, 12, tables, table_version, LIMIT_ROWS),
    WIRE_U32 (status, 13, incarnation, OPTIONAL),
    WIRE_MESSAGE (status, 14, scrub, scrub, OPTIONAL),
    WIRE_BOOL (status, 15, time_uncertain, OPTIONAL),
    WIRE_TIME (status, 16, full_ms, OPTIONAL),
    WIRE_U32 (status, 17, schema, OPTIONAL),
};
WIRE_DEFINE (status);

static const struct wire_field position_fields[] = {
    WIRE_ENUM (position, 1, speaker, speaker, SPEAKER_COUNT, REQUIRED),
    /* Empty until that daemon was first reached. */
    WIRE_BYTES (position, 2, journal, WIRE_JOURNAL_ID_SIZE, REQUIRED),
    WIRE_U64 (position, 3, acted, REQUIRED),
    WIRE_BYTES_OF (position, 4, acted_hash, WIRE_HASH_SIZE, OPTIONAL),
    WIRE_TIME (position, 5, complete_ms, OPTIONAL),
    WIRE_BOOL (position, 6, connected, OPTIONAL),
    WIRE_TEXT (position, 7, problem, LIMIT_SENTENCE, OPTIONAL),
};
WIRE_DEFINE (position);

static const struct wire_field gauge_fields[] = {
    WIRE_TEXT (gauge, 1, name, LIMIT_NAME, REQUIRED),
    WIRE_U64 (gauge, 2, value, REQUIRED),
};
WIRE_DEFINE (gauge);

static const struct wire_field table_version_fields[] = {
    WIRE_TEXT (table_version, 1, name, LIMIT_NAME, REQUIRED),
    WIRE_U64 (table_version, 2, version, REQUIRED),
};
WIRE_DEFINE (table_version);
