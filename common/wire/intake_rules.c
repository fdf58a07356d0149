/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of intake.proto. Lengths bound what is kept; nothing judges what people write. */
#include "wire/intake.h"

#include "minqing/v1/intake.pb-c.h"
#include "wire/rules.h"

static const struct wire_field petitioner_fields[] = {
    WIRE_TEXT (petitioner, 1, name, LIMIT_NAME, OPTIONAL),
    WIRE_TEXT (petitioner, 2, telephone, LIMIT_CONTACT, OPTIONAL),
    WIRE_TEXT (petitioner, 3, identity, LIMIT_CONTACT, OPTIONAL),
    WIRE_TEXT (petitioner, 4, address, LIMIT_SENTENCE, OPTIONAL),
    WIRE_U64 (petitioner, 5, residence, OPTIONAL),
};
WIRE_DEFINE (petitioner);

static const struct wire_field accused_fields[] = {
    WIRE_U32 (accused, 1, department, REQUIRED),
    WIRE_U32 (accused, 2, person, OPTIONAL),
};
WIRE_DEFINE (accused);

static const struct wire_field filing_fields[] = {
    WIRE_U64 (filing, 1, number, REQUIRED),
    WIRE_TEXT_OF (filing, 2, query_code, WIRE_QUERY_CODE_SIZE, REQUIRED),
    WIRE_TIME (filing, 3, filed_at_ms, REQUIRED),
    WIRE_MESSAGE (filing, 4, matter, matter, REQUIRED),
    WIRE_MESSAGE (filing, 5, statement, statement, OPTIONAL),
    WIRE_BYTES (filing, 6, sealed, LIMIT_SEALED, OPTIONAL),
    WIRE_MESSAGES (filing, 7, accused, accused, LIMIT_ACCUSED),
};
WIRE_DEFINE (filing);

static const struct wire_field statement_fields[] = {
    WIRE_TEXT (statement, 1, title, LIMIT_TITLE, OPTIONAL),
    WIRE_TEXT (statement, 2, text, LIMIT_TEXT, REQUIRED),
    WIRE_MESSAGE (statement, 3, person, petitioner, OPTIONAL),
    WIRE_TEXT (statement, 4, upstream_number, LIMIT_NAME, OPTIONAL),
    WIRE_TEXT (statement, 5, origin, LIMIT_ORIGIN, OPTIONAL),
    WIRE_U64 (statement, 6, repeats, OPTIONAL),
    WIRE_TEXT (statement, 7, category, LIMIT_CATEGORY, OPTIONAL),
};
WIRE_DEFINE (statement);

static const struct wire_field receipt_fields[] = {
    WIRE_U64 (receipt, 1, number, REQUIRED),
    WIRE_TIME (receipt, 2, registered_at_ms, REQUIRED),
    WIRE_TIME (receipt, 3, counted_from_ms, REQUIRED),
    WIRE_TIME (receipt, 4, last_day_ms, REQUIRED),
    WIRE_BOOL (receipt, 5, provisional, OPTIONAL),
    WIRE_U32 (receipt, 6, expected_department, OPTIONAL),
    WIRE_U32 (receipt, 7, responsibility_row, OPTIONAL),
    WIRE_U64 (receipt, 8, table_version, OPTIONAL),
    WIRE_U64 (receipt, 9, sequence, REQUIRED),
    WIRE_BYTES_OF (receipt, 10, leaf_hash, WIRE_HASH_SIZE, REQUIRED),
};
WIRE_DEFINE (receipt);

static const struct wire_field supplement_fields[] = {
    WIRE_U64 (supplement, 1, number, REQUIRED),
    WIRE_TEXT_OF (supplement, 2, query_code, WIRE_QUERY_CODE_SIZE, OPTIONAL),
    WIRE_TEXT (supplement, 3, text, LIMIT_TEXT, REQUIRED),
};
WIRE_DEFINE (supplement);

static const struct wire_field ask_fields[] = {
    WIRE_U64 (ask, 1, number, REQUIRED),
    WIRE_TEXT_OF (ask, 2, query_code, WIRE_QUERY_CODE_SIZE, OPTIONAL),
    WIRE_ENUM (ask, 3, what, asked, ASKED_COUNT, REQUIRED),
    WIRE_TEXT (ask, 4, reason, LIMIT_REASON, OPTIONAL),
    WIRE_U32_UP_TO (ask, 5, rating_reception, RATING_MOST, OPTIONAL),
    WIRE_U32_UP_TO (ask, 6, rating_department, RATING_MOST, OPTIONAL),
    WIRE_U32_UP_TO (ask, 7, rating_reception_manner, RATING_MOST, OPTIONAL),
    WIRE_U32_UP_TO (ask, 8, rating_department_manner, RATING_MOST, OPTIONAL),
    WIRE_ENUM (ask, 9, ground, ground, GROUND_COUNT, OPTIONAL),
};
WIRE_DEFINE (ask);

static const struct wire_field course_query_fields[] = {
    WIRE_U64 (course_query, 1, number, REQUIRED),
    WIRE_TEXT_OF (course_query, 2, query_code, WIRE_QUERY_CODE_SIZE, OPTIONAL),
};
WIRE_DEFINE (course_query);

static const struct wire_field course_step_fields[] = {
    WIRE_TIME (course_step, 1, time_ms, REQUIRED),
    WIRE_U32 (course_step, 2, kind, REQUIRED),
    WIRE_U32 (course_step, 3, department, OPTIONAL),
    WIRE_U32 (course_step, 4, person, OPTIONAL),
    WIRE_U32 (course_step, 5, state, OPTIONAL),
    WIRE_TIME (course_step, 6, due_ms, OPTIONAL),
    WIRE_U32 (course_step, 7, level, OPTIONAL),
    WIRE_TEXT (course_step, 8, text, LIMIT_TEXT, OPTIONAL),
    WIRE_BOOL (course_step, 9, provisional, OPTIONAL),
    WIRE_U32 (course_step, 10, outcome, OPTIONAL),
    WIRE_U32 (course_step, 11, step, OPTIONAL),
    WIRE_U32 (course_step, 12, ground, OPTIONAL),
    WIRE_U32 (course_step, 13, article, OPTIONAL),
    WIRE_U32 (course_step, 14, previous_department, OPTIONAL),
    WIRE_U32 (course_step, 15, close_reason, OPTIONAL),
    WIRE_U32 (course_step, 16, instance, OPTIONAL),
    WIRE_U64 (course_step, 17, document, OPTIONAL),
};
WIRE_DEFINE (course_step);

static const struct wire_field holding_fields[] = {
    WIRE_U32 (holding, 1, department, OPTIONAL),
    WIRE_TIME (holding, 2, from_ms, REQUIRED),
    WIRE_TIME (holding, 3, until_ms, OPTIONAL),
    WIRE_U32 (holding, 4, step, OPTIONAL),
};
WIRE_DEFINE (holding);

static const struct wire_field course_fields[] = {
    WIRE_U64 (course, 1, number, REQUIRED),
    WIRE_MESSAGE (course, 2, matter, matter, REQUIRED),
    WIRE_TIME (course, 3, registered_at_ms, REQUIRED),
    WIRE_TIME (course, 4, filed_at_ms, REQUIRED),
    WIRE_TIME (course, 5, last_day_ms, REQUIRED),
    WIRE_BOOL (course, 6, provisional, OPTIONAL),
    WIRE_U32 (course, 7, state, OPTIONAL),
    WIRE_U32 (course, 8, department, OPTIONAL),
    WIRE_U32 (course, 9, level, OPTIONAL),
    WIRE_MESSAGES (course, 10, steps, course_step, LIMIT_ROWS),
    WIRE_TEXT (course, 11, title, LIMIT_TITLE, OPTIONAL),
    WIRE_MESSAGES (course, 12, holdings, holding, LIMIT_ROWS),
    WIRE_U32 (course, 13, instance, OPTIONAL),
    WIRE_U32 (course, 14, proposed, OPTIONAL),
};
WIRE_DEFINE (course);

static const struct wire_field contact_query_fields[] = {
    WIRE_U64 (contact_query, 1, number, REQUIRED),
};
WIRE_DEFINE (contact_query);

static const struct wire_field petitioner_contact_fields[] = {
    WIRE_U64 (petitioner_contact, 1, number, REQUIRED),
    WIRE_TEXT (petitioner_contact, 2, name, LIMIT_NAME, OPTIONAL),
    WIRE_TEXT (petitioner_contact, 3, telephone, LIMIT_CONTACT, OPTIONAL),
    WIRE_U32 (petitioner_contact, 4, terminal, REQUIRED),
};
WIRE_DEFINE (petitioner_contact);

static const struct wire_field registered_fields[] = {
    WIRE_TIME (registered, 1, filed_at_ms, REQUIRED),
    WIRE_TIME (registered, 2, counted_from_ms, REQUIRED),
    WIRE_TIME (registered, 3, last_day_ms, REQUIRED),
    WIRE_BOOL (registered, 4, provisional, OPTIONAL),
    WIRE_U32 (registered, 5, expected_department, OPTIONAL),
    WIRE_U32 (registered, 6, responsibility_row, OPTIONAL),
    WIRE_U64 (registered, 7, table_version, OPTIONAL),
    WIRE_BYTES_OF (registered, 8, code_hash, WIRE_HASH_SIZE, REQUIRED),
};
WIRE_DEFINE (registered);

static const struct wire_field filing_body_fields[] = {
    WIRE_MESSAGE (filing_body, 1, statement, statement, OPTIONAL),
    WIRE_BYTES (filing_body, 2, sealed, LIMIT_SEALED, OPTIONAL),
    WIRE_MESSAGES (filing_body, 3, accused, accused, LIMIT_ACCUSED),
};
WIRE_DEFINE (filing_body);

static const struct wire_field asked_event_fields[] = {
    WIRE_ENUM (asked_event, 1, what, asked, ASKED_COUNT, REQUIRED),
    WIRE_U32_UP_TO (asked_event, 2, rating_reception, RATING_MOST, OPTIONAL),
    WIRE_U32_UP_TO (asked_event, 3, rating_department, RATING_MOST, OPTIONAL),
    WIRE_U32_UP_TO (asked_event, 4, rating_reception_manner, RATING_MOST, OPTIONAL),
    WIRE_U32_UP_TO (asked_event, 5, rating_department_manner, RATING_MOST, OPTIONAL),
    WIRE_ENUM (asked_event, 6, ground, ground, GROUND_COUNT, OPTIONAL),
};
WIRE_DEFINE (asked_event);

static const struct wire_field asked_body_fields[] = {
    WIRE_TEXT (asked_body, 1, text, LIMIT_TEXT, OPTIONAL),
};
WIRE_DEFINE (asked_body);
