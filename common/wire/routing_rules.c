/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of routing.proto. */
#include "wire/routing.h"

#include "minqing/v1/routing.pb-c.h"
#include "wire/rules.h"

static const struct wire_field step_command_fields[] = {
    WIRE_U64 (step_command, 1, number, REQUIRED),
    WIRE_ENUM (step_command, 2, step, step, STEP_COUNT, REQUIRED),
    WIRE_U64 (step_command, 3, fencing, OPTIONAL),
    WIRE_U32 (step_command, 4, department, OPTIONAL),
    WIRE_U32S (step_command, 5, assisting, LIMIT_ASSISTING),
    WIRE_U32 (step_command, 6, worker, OPTIONAL),
    WIRE_ENUM (step_command, 7, outcome, decision_outcome, OUTCOME_COUNT, OPTIONAL),
    WIRE_ENUM (step_command, 8, close_reason, close_reason, CLOSE_COUNT, OPTIONAL),
    WIRE_TEXT (step_command, 9, reason, LIMIT_REASON, OPTIONAL),
    WIRE_TEXT (step_command, 10, text, LIMIT_TEXT, OPTIONAL),
    WIRE_TEXT (step_command, 11, legal_basis, LIMIT_REASON, OPTIONAL),
    WIRE_ENUM (step_command, 12, ground, ground, GROUND_COUNT, OPTIONAL),
    WIRE_ENUM (step_command, 13, purpose, purpose, PURPOSE_COUNT, OPTIONAL),
    WIRE_TEXT (step_command, 14, category, LIMIT_CATEGORY, OPTIONAL),
    WIRE_U64 (step_command, 15, link_to, OPTIONAL),
    WIRE_ENUM (step_command, 16, means, means, MEANS_COUNT, OPTIONAL),
    WIRE_TEXT (step_command, 17, to, LIMIT_SENTENCE, OPTIONAL),
    WIRE_TIME (step_command, 18, done_at_ms, OPTIONAL),
    WIRE_ENUM (step_command, 19, contacted, contacted, CONTACTED_COUNT, OPTIONAL),
    WIRE_U32_UP_TO (step_command, 20, level, REACHED_MOST, OPTIONAL),
    WIRE_U32_UP_TO (step_command, 21, persons, LIMIT_PERSONS, OPTIONAL),
};
WIRE_DEFINE (step_command);

static const struct wire_field step_done_fields[] = {
    WIRE_U64 (step_done, 1, number, REQUIRED),
    WIRE_ENUM (step_done, 2, step, step, STEP_COUNT, REQUIRED),
    WIRE_ENUM (step_done, 3, state, state, STATE_COUNT, REQUIRED),
    WIRE_U64 (step_done, 4, sequence, REQUIRED),
    WIRE_U64 (step_done, 5, fencing, OPTIONAL),
    WIRE_U32 (step_done, 6, department, OPTIONAL),
    WIRE_U32 (step_done, 7, holder, OPTIONAL),
    WIRE_BOOL (step_done, 8, proposed, OPTIONAL),
    WIRE_U64 (step_done, 9, document, OPTIONAL),
};
WIRE_DEFINE (step_done);

static const struct wire_field subscribe_fields[] = {
    WIRE_U32 (subscribe, 1, department, REQUIRED),
    WIRE_U32_UP_TO (subscribe, 2, credit, LIMIT_DESK_CREDIT, REQUIRED),
};
WIRE_DEFINE (subscribe);

static const struct wire_field offer_fields[] = {
    WIRE_U32 (offer, 1, department, REQUIRED),
    WIRE_MESSAGE (offer, 2, row, row, REQUIRED),
};
WIRE_DEFINE (offer);

static const struct wire_field queue_query_fields[] = {
    WIRE_U32 (queue_query, 1, department, REQUIRED),
    WIRE_BOOL (queue_query, 2, held, OPTIONAL),
    WIRE_U32 (queue_query, 3, limit, OPTIONAL),
    WIRE_U64 (queue_query, 4, after, OPTIONAL),
    WIRE_BOOL (queue_query, 5, candidates, OPTIONAL),
    WIRE_U32 (queue_query, 6, holder, OPTIONAL),
    WIRE_BOOL (queue_query, 7, proposed, OPTIONAL),
};
WIRE_DEFINE (queue_query);

static const struct wire_field candidate_fields[] = {
    WIRE_U32 (candidate, 1, department, REQUIRED),
    WIRE_U32 (candidate, 2, row, OPTIONAL),
    WIRE_TEXT (candidate, 3, why, LIMIT_SENTENCE, OPTIONAL),
};
WIRE_DEFINE (candidate);

static const struct wire_field row_fields[] = {
    WIRE_U64 (row, 1, number, REQUIRED),
    WIRE_MESSAGE (row, 2, matter, matter, REQUIRED),
    WIRE_ENUM (row, 3, state, state, STATE_COUNT, REQUIRED),
    WIRE_U32 (row, 4, department, OPTIONAL),
    WIRE_U32 (row, 5, holder, OPTIONAL),
    WIRE_TIME (row, 6, registered_at_ms, REQUIRED),
    WIRE_TIME (row, 7, due_ms, REQUIRED),
    WIRE_BOOL (row, 8, provisional, OPTIONAL),
    WIRE_U32 (row, 9, priority, OPTIONAL),
    WIRE_TEXT (row, 10, title, LIMIT_TITLE, OPTIONAL),
    WIRE_MESSAGES (row, 11, candidates, candidate, LIMIT_CANDIDATES),
    WIRE_TEXT (row, 12, objection, LIMIT_REASON, OPTIONAL),
    WIRE_U32 (row, 13, objections, OPTIONAL),
    WIRE_U32 (row, 14, instance, OPTIONAL),
    WIRE_ENUM (row, 15, proposed, step, STEP_COUNT, OPTIONAL),
    WIRE_U32 (row, 16, level, OPTIONAL),
    WIRE_BOOL (row, 17, supervised, OPTIONAL),
};
WIRE_DEFINE (row);

static const struct wire_field queue_fields[] = {
    WIRE_MESSAGES (queue, 1, rows, row, LIMIT_ROWS),
    WIRE_U64 (queue, 2, total, OPTIONAL),
};
WIRE_DEFINE (queue);

static const struct wire_field item_query_fields[] = {
    WIRE_U64 (item_query, 1, number, REQUIRED),
};
WIRE_DEFINE (item_query);

static const struct wire_field item_fields[] = {
    WIRE_MESSAGE (item, 1, row, row, REQUIRED),
    WIRE_MESSAGE (item, 2, statement, statement, OPTIONAL),
    WIRE_BYTES (item, 3, sealed, LIMIT_SEALED, OPTIONAL),
    WIRE_U64 (item, 4, fencing, OPTIONAL),
    WIRE_MESSAGES (item, 5, steps, course_step, LIMIT_ROWS),
    WIRE_U32S (item, 6, assisting, LIMIT_ASSISTING),
    WIRE_MESSAGE (item, 7, proposal, proposal, OPTIONAL),
    WIRE_U32S (item, 8, recused, LIMIT_RECUSED),
};
WIRE_DEFINE (item);

static const struct wire_field proposal_fields[] = {
    WIRE_ENUM (proposal, 1, step, step, STEP_COUNT, REQUIRED),
    WIRE_U32 (proposal, 2, person, OPTIONAL),
    WIRE_TIME (proposal, 3, time_ms, REQUIRED),
    WIRE_ENUM (proposal, 4, ground, ground, GROUND_COUNT, OPTIONAL),
    WIRE_TEXT (proposal, 5, reason, LIMIT_REASON, OPTIONAL),
    WIRE_U64 (proposal, 6, link_to, OPTIONAL),
    WIRE_ENUM (proposal, 7, purpose, purpose, PURPOSE_COUNT, OPTIONAL),
};
WIRE_DEFINE (proposal);

static const struct wire_field document_query_fields[] = {
    WIRE_U64 (document_query, 1, number, REQUIRED),
    WIRE_TEXT_OF (document_query, 2, query_code, WIRE_QUERY_CODE_SIZE, OPTIONAL),
    WIRE_U64 (document_query, 3, sequence, OPTIONAL),
};
WIRE_DEFINE (document_query);

static const struct wire_field document_row_fields[] = {
    WIRE_U64 (document_row, 1, sequence, REQUIRED),
    WIRE_ENUM (document_row, 2, kind, document_kind, DOCUMENT_COUNT, REQUIRED),
    WIRE_U32 (document_row, 3, ordinal, OPTIONAL),
    WIRE_TIME (document_row, 4, time_ms, REQUIRED),
    WIRE_U32 (document_row, 5, department, OPTIONAL),
    WIRE_BYTES_OF (document_row, 6, hash, WIRE_HASH_SIZE, REQUIRED),
    WIRE_TEXT (document_row, 7, title, LIMIT_TITLE, OPTIONAL),
    WIRE_TEXT (document_row, 8, text, LIMIT_DOCUMENT, OPTIONAL),
};
WIRE_DEFINE (document_row);

static const struct wire_field documents_fields[] = {
    WIRE_MESSAGES (documents, 1, rows, document_row, LIMIT_ROWS),
};
WIRE_DEFINE (documents);

static const struct wire_field shape_query_fields[] = {
    WIRE_BOOL (shape_query, 1, by_village, OPTIONAL),
    WIRE_U64 (shape_query, 2, after, OPTIONAL),
};
WIRE_DEFINE (shape_query);

static const struct wire_field shape_row_fields[] = {
    WIRE_U64 (shape_row, 1, village, OPTIONAL),
    WIRE_U32 (shape_row, 2, department, OPTIONAL),
    WIRE_MESSAGES (shape_row, 3, counts, state_count, STATE_COUNT),
};
WIRE_DEFINE (shape_row);

static const struct wire_field state_count_fields[] = {
    WIRE_ENUM (state_count, 1, state, state, STATE_COUNT, REQUIRED),
    WIRE_U64 (state_count, 2, count, REQUIRED),
};
WIRE_DEFINE (state_count);

static const struct wire_field shape_fields[] = {
    WIRE_MESSAGES (shape, 1, rows, shape_row, LIMIT_ROWS),
    WIRE_BOOL (shape, 2, more, OPTIONAL),
};
WIRE_DEFINE (shape);

static const struct wire_field route_query_fields[] = {
    WIRE_U64 (route_query, 1, village, REQUIRED),
    WIRE_TEXT (route_query, 2, category, LIMIT_CATEGORY, OPTIONAL),
    WIRE_ENUM (route_query, 3, purpose, purpose, PURPOSE_COUNT, REQUIRED),
};
WIRE_DEFINE (route_query);

static const struct wire_field route_fields[] = {
    WIRE_U32 (route, 1, department, OPTIONAL),
    WIRE_U32S (route, 2, assisting, LIMIT_ASSISTING),
    WIRE_U32 (route, 3, row, OPTIONAL),
    WIRE_U64 (route, 4, table_version, OPTIONAL),
    WIRE_TEXTS (route, 5, steps, LIMIT_SENTENCE, LIMIT_ROWS),
    WIRE_MESSAGES (route, 6, candidates, candidate, LIMIT_CANDIDATES),
};
WIRE_DEFINE (route);

static const struct wire_field moved_fields[] = {
    WIRE_ENUM (moved, 1, step, step, STEP_COUNT, REQUIRED),
    WIRE_ENUM (moved, 2, from, state, STATE_COUNT, REQUIRED),
    WIRE_ENUM (moved, 3, to, state, STATE_COUNT, REQUIRED),
    WIRE_U32 (moved, 4, department, OPTIONAL),
    WIRE_U32 (moved, 5, holder, OPTIONAL),
    WIRE_U64 (moved, 6, fencing, OPTIONAL),
    WIRE_U32 (moved, 7, previous_department, OPTIONAL),
    WIRE_U32S (moved, 8, assisting, LIMIT_ASSISTING),
    WIRE_U32 (moved, 9, responsibility_row, OPTIONAL),
    WIRE_U64 (moved, 10, table_version, OPTIONAL),
    WIRE_ENUM (moved, 11, outcome, decision_outcome, OUTCOME_COUNT, OPTIONAL),
    WIRE_ENUM (moved, 12, close_reason, close_reason, CLOSE_COUNT, OPTIONAL),
    WIRE_U32 (moved, 13, objections, OPTIONAL),
    WIRE_U32 (moved, 14, transfers, OPTIONAL),
    WIRE_TIME (moved, 15, lapses_at_ms, OPTIONAL),
    WIRE_TIME (moved, 16, filed_at_ms, OPTIONAL),
    WIRE_TIME (moved, 17, registered_at_ms, OPTIONAL),
    WIRE_TIME (moved, 18, counted_from_ms, OPTIONAL),
    WIRE_TIME (moved, 19, last_day_ms, OPTIONAL),
    WIRE_BOOL (moved, 20, provisional, OPTIONAL),
    WIRE_U32 (moved, 21, priority, OPTIONAL),
    WIRE_MESSAGES (moved, 22, candidates, candidate, LIMIT_CANDIDATES),
    WIRE_ENUM (moved, 23, ground, ground, GROUND_COUNT, OPTIONAL),
    WIRE_U32 (moved, 24, instance, OPTIONAL),
    WIRE_ENUM (moved, 25, means, means, MEANS_COUNT, OPTIONAL),
    WIRE_TIME (moved, 26, done_at_ms, OPTIONAL),
    WIRE_ENUM (moved, 27, contacted, contacted, CONTACTED_COUNT, OPTIONAL),
    WIRE_U64 (moved, 28, link_to, OPTIONAL),
    WIRE_U32 (moved, 29, proposer, OPTIONAL),
    WIRE_BOOL (moved, 30, by_petitioner, OPTIONAL),
    WIRE_U32 (moved, 31, article, OPTIONAL),
    WIRE_U32 (moved, 32, level, OPTIONAL),
    WIRE_U32 (moved, 33, persons, OPTIONAL),
    WIRE_U32 (moved, 34, worker, OPTIONAL),
    WIRE_ENUM (moved, 35, purpose, purpose, PURPOSE_COUNT, OPTIONAL),
    WIRE_U32 (moved, 36, tries, OPTIONAL),
    WIRE_U32 (moved, 37, document, OPTIONAL),
    WIRE_TIME (moved, 38, moved_at_ms, OPTIONAL),
};
WIRE_DEFINE (moved);

static const struct wire_field moved_body_fields[] = {
    WIRE_TEXT (moved_body, 1, reason, LIMIT_REASON, OPTIONAL),
    WIRE_TEXT (moved_body, 2, text, LIMIT_TEXT, OPTIONAL),
    WIRE_TEXT (moved_body, 3, legal_basis, LIMIT_REASON, OPTIONAL),
    WIRE_MESSAGE (moved_body, 4, filing, filing_body, OPTIONAL),
    WIRE_TEXT (moved_body, 5, to, LIMIT_SENTENCE, OPTIONAL),
};
WIRE_DEFINE (moved_body);

static const struct wire_field restated_all_fields[] = {
    WIRE_U64 (restated_all, 1, count, REQUIRED),
};
WIRE_DEFINE (restated_all);

static const struct wire_field document_fields[] = {
    WIRE_ENUM (document, 1, kind, document_kind, DOCUMENT_COUNT, REQUIRED),
    WIRE_U32 (document, 2, ordinal, REQUIRED),
    WIRE_BYTES_OF (document, 3, hash, WIRE_HASH_SIZE, REQUIRED),
    WIRE_U32 (document, 4, department, OPTIONAL),
    WIRE_U64 (document, 5, table_version, OPTIONAL),
};
WIRE_DEFINE (document);

static const struct wire_field document_body_fields[] = {
    WIRE_TEXT (document_body, 1, title, LIMIT_TITLE, REQUIRED),
    WIRE_TEXT (document_body, 2, text, LIMIT_DOCUMENT, REQUIRED),
};
WIRE_DEFINE (document_body);

static const struct wire_field ask_answered_fields[] = {
    WIRE_ENUM (ask_answered, 1, what, asked, ASKED_COUNT, REQUIRED),
    WIRE_BOOL (ask_answered, 2, taken, REQUIRED),
    WIRE_U64 (ask_answered, 3, asked_sequence, REQUIRED),
    WIRE_U32 (ask_answered, 4, client, OPTIONAL),
    WIRE_U32 (ask_answered, 5, incarnation, OPTIONAL),
    WIRE_U64 (ask_answered, 6, counter, OPTIONAL),
};
WIRE_DEFINE (ask_answered);
