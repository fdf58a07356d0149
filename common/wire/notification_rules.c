/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of notification.proto. */
#include "wire/notification.h"

#include "minqing/v1/notification.pb-c.h"
#include "wire/rules.h"

static const struct wire_field notice_fields[] = {
    WIRE_U64 (notice, 1, notice, REQUIRED),
    WIRE_ENUM (notice, 2, recipient, recipient, RECIPIENT_COUNT, REQUIRED),
    WIRE_U32 (notice, 3, to, OPTIONAL),
    WIRE_TEXT (notice, 4, template, LIMIT_NAME, REQUIRED),
    WIRE_TEXT (notice, 5, channel, LIMIT_NAME, REQUIRED),
    WIRE_MESSAGES (notice, 6, parameters, parameter, LIMIT_ROWS),
    WIRE_TIME (notice, 7, not_before_ms, OPTIONAL),
    WIRE_BOOL (notice, 8, digest, OPTIONAL),
    WIRE_U32 (notice, 9, outlet, OPTIONAL),
    WIRE_TIME (notice, 10, until_ms, OPTIONAL),
    WIRE_BOOL (notice, 11, maybe_sent, OPTIONAL),
};
WIRE_DEFINE (notice);

static const struct wire_field parameter_fields[] = {
    WIRE_TEXT (parameter, 1, name, LIMIT_NAME, REQUIRED),
    WIRE_TEXT (parameter, 2, value, LIMIT_SENTENCE, REQUIRED),
};
WIRE_DEFINE (parameter);

static const struct wire_field notice_moved_fields[] = {
    WIRE_U64 (notice_moved, 1, notice, REQUIRED),
    WIRE_ENUM (notice_moved, 2, state, notice_state, NOTICE_COUNT, REQUIRED),
    WIRE_U32 (notice_moved, 3, attempts, OPTIONAL),
    WIRE_TIME (notice_moved, 4, next_try_ms, OPTIONAL),
    WIRE_TEXT (notice_moved, 5, detail, LIMIT_SENTENCE, OPTIONAL),
    WIRE_U64S (notice_moved, 6, others, LIMIT_ROWS),
    WIRE_U64 (notice_moved, 7, lane, OPTIONAL),
    WIRE_TEXT (notice_moved, 8, channel, LIMIT_NAME, OPTIONAL),
    WIRE_U32 (notice_moved, 9, outlet, OPTIONAL),
    WIRE_TIME (notice_moved, 10, until_ms, OPTIONAL),
    WIRE_BOOL (notice_moved, 11, again, OPTIONAL),
};
WIRE_DEFINE (notice_moved);

static const struct wire_field hand_over_fields[] = {
    WIRE_U64 (hand_over, 1, notice, REQUIRED),
    WIRE_BOOL (hand_over, 2, handed, REQUIRED),
    WIRE_TEXT (hand_over, 3, to, LIMIT_NAME, OPTIONAL),
};
WIRE_DEFINE (hand_over);

static const struct wire_field print_query_fields[] = {
    WIRE_U32 (print_query, 1, terminal, REQUIRED),
    WIRE_U64 (print_query, 2, after, OPTIONAL),
    WIRE_U32 (print_query, 3, limit, OPTIONAL),
};
WIRE_DEFINE (print_query);

static const struct wire_field print_item_fields[] = {
    WIRE_U64 (print_item, 1, notice, REQUIRED),
    WIRE_U64 (print_item, 2, number, REQUIRED),
    WIRE_TIME (print_item, 3, queued_at_ms, REQUIRED),
    WIRE_TEXT (print_item, 4, subject, LIMIT_TITLE, OPTIONAL),
    WIRE_TEXT (print_item, 5, text, LIMIT_TEXT, OPTIONAL),
    WIRE_ENUM (print_item, 6, state, notice_state, NOTICE_COUNT, OPTIONAL),
    WIRE_U32 (print_item, 7, document, OPTIONAL),
};
WIRE_DEFINE (print_item);

static const struct wire_field prints_fields[] = {
    WIRE_MESSAGES (prints, 1, items, print_item, LIMIT_ROWS),
};
WIRE_DEFINE (prints);

static const struct wire_field notice_query_fields[] = {
    WIRE_U64 (notice_query, 1, number, OPTIONAL),
    WIRE_ENUM (notice_query, 2, state, notice_state, NOTICE_COUNT, OPTIONAL),
    WIRE_U64 (notice_query, 3, after, OPTIONAL),
    WIRE_U32 (notice_query, 4, limit, OPTIONAL),
    WIRE_BOOL (notice_query, 5, counts, OPTIONAL),
};
WIRE_DEFINE (notice_query);

static const struct wire_field notice_row_fields[] = {
    WIRE_U64 (notice_row, 1, notice, REQUIRED),
    WIRE_U64 (notice_row, 2, number, OPTIONAL),
    WIRE_ENUM (notice_row, 3, recipient, recipient, RECIPIENT_COUNT, REQUIRED),
    WIRE_U32 (notice_row, 4, to, OPTIONAL),
    WIRE_TEXT (notice_row, 5, template, LIMIT_NAME, REQUIRED),
    WIRE_TEXT (notice_row, 6, channel, LIMIT_NAME, REQUIRED),
    WIRE_ENUM (notice_row, 7, state, notice_state, NOTICE_COUNT, REQUIRED),
    WIRE_U32 (notice_row, 8, attempts, OPTIONAL),
    WIRE_TIME (notice_row, 9, time_ms, OPTIONAL),
    WIRE_TIME (notice_row, 10, next_try_ms, OPTIONAL),
    WIRE_TEXT (notice_row, 11, detail, LIMIT_SENTENCE, OPTIONAL),
};
WIRE_DEFINE (notice_row);

static const struct wire_field notice_count_fields[] = {
    WIRE_ENUM (notice_count, 1, state, notice_state, NOTICE_COUNT, REQUIRED),
    WIRE_U64 (notice_count, 2, count, REQUIRED),
};
WIRE_DEFINE (notice_count);

static const struct wire_field notices_fields[] = {
    WIRE_MESSAGES (notices, 1, rows, notice_row, LIMIT_ROWS),
    WIRE_MESSAGES (notices, 2, counts, notice_count, NOTICE_COUNT),
};
WIRE_DEFINE (notices);
