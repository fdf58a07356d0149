/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of escalation.proto. */
#include "wire/escalation.h"

#include "minqing/v1/escalation.pb-c.h"
#include "wire/rules.h"

static const struct wire_field clock_change_fields[] = {
    WIRE_ENUM (clock_change, 1, action, clock_action, CLOCK_COUNT, REQUIRED),
    WIRE_ENUM (clock_change, 2, duty, duty, DUTY_COUNT, REQUIRED),
    WIRE_U32 (clock_change, 3, owner, OPTIONAL),
    WIRE_TEXT (clock_change, 4, stage, LIMIT_NAME, OPTIONAL),
    WIRE_TIME (clock_change, 5, from_ms, OPTIONAL),
    WIRE_TIME (clock_change, 6, due_ms, OPTIONAL),
    WIRE_BOOL (clock_change, 7, provisional, OPTIONAL),
    WIRE_U32 (clock_change, 8, amount, OPTIONAL),
    WIRE_ENUM (clock_change, 9, unit, unit, UNIT_COUNT, OPTIONAL),
    WIRE_TEXT (clock_change, 10, article, LIMIT_NAME, OPTIONAL),
    WIRE_U64 (clock_change, 11, table_version, OPTIONAL),
    WIRE_TIME (clock_change, 12, spent_ms, OPTIONAL),
    WIRE_MESSAGES (clock_change, 13, bands, band_due, LIMIT_CLOCK_CHANGES),
    WIRE_U32 (clock_change, 14, person, OPTIONAL),
    WIRE_U32 (clock_change, 15, step, OPTIONAL),
    WIRE_TIME (clock_change, 16, paused_ms, OPTIONAL),
};
WIRE_DEFINE (clock_change);

static const struct wire_field band_due_fields[] = {
    WIRE_U32 (band_due, 1, share, REQUIRED),
    WIRE_TIME (band_due, 2, due_ms, REQUIRED),
    WIRE_U32 (band_due, 3, level, REQUIRED),
};
WIRE_DEFINE (band_due);

static const struct wire_field clocks_fields[] = {
    WIRE_MESSAGES (clocks, 1, changes, clock_change, LIMIT_CLOCK_CHANGES),
    WIRE_BOOL (clocks, 2, restated, OPTIONAL),
};
WIRE_DEFINE (clocks);

static const struct wire_field raised_fields[] = {
    WIRE_U64 (raised, 1, raise, REQUIRED),
    WIRE_ENUM (raised, 2, cause, cause, CAUSE_COUNT, REQUIRED),
    WIRE_U32 (raised, 3, level, REQUIRED),
    WIRE_ENUM (raised, 4, duty, duty, DUTY_COUNT, OPTIONAL),
    WIRE_U32 (raised, 5, share, OPTIONAL),
    WIRE_TIME (raised, 6, due_ms, OPTIONAL),
    WIRE_U32 (raised, 7, department, OPTIONAL),
    WIRE_U32S (raised, 8, persons, LIMIT_CLOCK_CHANGES),
    WIRE_BOOL (raised, 9, open, OPTIONAL),
    WIRE_BOOL (raised, 10, blind, OPTIONAL),
    WIRE_BOOL (raised, 11, filled, OPTIONAL),
    WIRE_TIME (raised, 12, ends_ms, OPTIONAL),
    WIRE_TIME (raised, 13, answer_due_ms, OPTIONAL),
    WIRE_U64 (raised, 14, of, OPTIONAL),
    WIRE_U32 (raised, 15, opened_by, OPTIONAL),
};
WIRE_DEFINE (raised);

static const struct wire_field raised_body_fields[] = {
    WIRE_TEXT (raised_body, 1, advice, LIMIT_REASON, OPTIONAL),
};
WIRE_DEFINE (raised_body);

static const struct wire_field raise_ended_fields[] = {
    WIRE_U64 (raise_ended, 1, raise, REQUIRED),
    WIRE_BOOL (raise_ended, 2, withdrawn, REQUIRED),
    WIRE_ENUM (raise_ended, 3, adoption, adoption, ADOPTION_COUNT, OPTIONAL),
    WIRE_U32 (raise_ended, 4, opened_by, OPTIONAL),
};
WIRE_DEFINE (raise_ended);

static const struct wire_field raise_ended_body_fields[] = {
    WIRE_TEXT (raise_ended_body, 1, text, LIMIT_TEXT, OPTIONAL),
};
WIRE_DEFINE (raise_ended_body);

static const struct wire_field answer_raise_fields[] = {
    WIRE_U64 (answer_raise, 1, raise, REQUIRED),
    WIRE_TEXT (answer_raise, 2, text, LIMIT_TEXT, REQUIRED),
    WIRE_ENUM (answer_raise, 3, adoption, adoption, ADOPTION_COUNT, OPTIONAL),
};
WIRE_DEFINE (answer_raise);

static const struct wire_field supervise_fields[] = {
    WIRE_U64 (supervise, 1, number, REQUIRED),
    WIRE_TEXT (supervise, 2, advice, LIMIT_REASON, REQUIRED),
};
WIRE_DEFINE (supervise);

static const struct wire_field deadline_query_fields[] = {
    WIRE_U64 (deadline_query, 1, number, REQUIRED),
};
WIRE_DEFINE (deadline_query);

static const struct wire_field duty_row_fields[] = {
    WIRE_U64 (duty_row, 1, number, REQUIRED),
    WIRE_ENUM (duty_row, 2, duty, duty, DUTY_COUNT, REQUIRED),
    WIRE_U32 (duty_row, 3, owner, OPTIONAL),
    WIRE_TEXT (duty_row, 4, stage, LIMIT_NAME, OPTIONAL),
    WIRE_TIME (duty_row, 5, from_ms, OPTIONAL),
    WIRE_TIME (duty_row, 6, due_ms, REQUIRED),
    WIRE_BOOL (duty_row, 7, provisional, OPTIONAL),
    WIRE_U32 (duty_row, 8, amount, OPTIONAL),
    WIRE_ENUM (duty_row, 9, unit, unit, UNIT_COUNT, OPTIONAL),
    WIRE_TEXT (duty_row, 10, article, LIMIT_NAME, OPTIONAL),
    WIRE_BOOL (duty_row, 11, running, OPTIONAL),
    WIRE_TIME (duty_row, 12, stopped_ms, OPTIONAL),
    WIRE_U32 (duty_row, 13, level, OPTIONAL),
    WIRE_U32 (duty_row, 14, share, OPTIONAL),
    WIRE_TIME (duty_row, 15, spent_ms, OPTIONAL),
    WIRE_BOOL (duty_row, 16, paused, OPTIONAL),
    WIRE_TIME (duty_row, 17, paused_ms, OPTIONAL),
    WIRE_U32 (duty_row, 18, person, OPTIONAL),
    WIRE_U32 (duty_row, 19, step, OPTIONAL),
    WIRE_TIME (duty_row, 20, since_ms, OPTIONAL),
};
WIRE_DEFINE (duty_row);

static const struct wire_field ledger_fields[] = {
    WIRE_MESSAGES (ledger, 1, duties, duty_row, LIMIT_ROWS),
};
WIRE_DEFINE (ledger);

static const struct wire_field due_query_fields[] = {
    WIRE_U32 (due_query, 1, limit, OPTIONAL),
};
WIRE_DEFINE (due_query);

static const struct wire_field due_fields[] = {
    WIRE_MESSAGES (due, 1, rows, duty_row, LIMIT_ROWS),
};
WIRE_DEFINE (due);

static const struct wire_field raise_query_fields[] = {
    WIRE_U64 (raise_query, 1, number, OPTIONAL),
    WIRE_U32 (raise_query, 2, limit, OPTIONAL),
    WIRE_U64 (raise_query, 3, after, OPTIONAL),
};
WIRE_DEFINE (raise_query);

static const struct wire_field raise_row_fields[] = {
    WIRE_U64 (raise_row, 1, raise, REQUIRED),
    WIRE_U64 (raise_row, 2, number, REQUIRED),
    WIRE_MESSAGE (raise_row, 3, raised, raised, REQUIRED),
    WIRE_TIME (raise_row, 4, raised_at_ms, REQUIRED),
    WIRE_TIME (raise_row, 5, ended_at_ms, OPTIONAL),
    WIRE_BOOL (raise_row, 6, withdrawn, OPTIONAL),
    WIRE_TEXT (raise_row, 7, advice, LIMIT_REASON, OPTIONAL),
    WIRE_TEXT (raise_row, 8, answer, LIMIT_TEXT, OPTIONAL),
    WIRE_U32 (raise_row, 9, answered_by, OPTIONAL),
    WIRE_ENUM (raise_row, 10, adoption, adoption, ADOPTION_COUNT, OPTIONAL),
};
WIRE_DEFINE (raise_row);

static const struct wire_field raises_fields[] = {
    WIRE_MESSAGES (raises, 1, rows, raise_row, LIMIT_ROWS),
};
WIRE_DEFINE (raises);
