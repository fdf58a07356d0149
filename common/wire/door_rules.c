/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of door.proto. Frames differ in size by direction; commands are closed to unknown
 * fields, since a client that says more than this program knows must not be half obeyed. */
#include "wire/door.h"

#include "minqing/v1/door.pb-c.h"
#include "wire/rules.h"

static const struct wire_field to_door_fields[] = {
    WIRE_MESSAGES (to_door, 1, commands, command, LIMIT_COMMANDS),
    WIRE_MESSAGES (to_door, 2, queries, query, LIMIT_QUERIES),
    WIRE_MESSAGE (to_door, 3, subscribe, subscribe, OPTIONAL),
    WIRE_MESSAGE (to_door, 4, follow, follow, OPTIONAL),
    WIRE_MESSAGE (to_door, 5, follow_credit, follow_credit, OPTIONAL),
    WIRE_MESSAGE (to_door, 6, control, control, OPTIONAL),
};
WIRE_DEFINE (to_door, .from_client = true);

static const struct wire_field from_door_fields[] = {
    WIRE_MESSAGES (from_door, 1, outcomes, outcome, LIMIT_COMMANDS),
    WIRE_MESSAGES (from_door, 2, replies, reply, LIMIT_QUERIES),
    WIRE_MESSAGES (from_door, 3, offers, offer, LIMIT_DESK_CREDIT),
    WIRE_MESSAGE (from_door, 4, entries, entries, OPTIONAL),
    WIRE_MESSAGE (from_door, 5, follow_refused, follow_refused, OPTIONAL),
    WIRE_MESSAGE (from_door, 6, control, control_reply, OPTIONAL),
    WIRE_MESSAGE (from_door, 7, refusal, refusal, OPTIONAL),
};
WIRE_DEFINE (from_door);

static const struct wire_field command_fields[] = {
    WIRE_U64 (command, 1, counter, REQUIRED),
    WIRE_U32 (command, 2, incarnation, REQUIRED),
    WIRE_U32 (command, 3, person, OPTIONAL),
    WIRE_MESSAGE (command, 10, file, filing, OPTIONAL),
    WIRE_MESSAGE (command, 11, supplement, supplement, OPTIONAL),
    WIRE_MESSAGE (command, 12, ask, ask, OPTIONAL),
    WIRE_MESSAGE (command, 20, step, step_command, OPTIONAL),
    WIRE_MESSAGE (command, 30, answer_raise, answer_raise, OPTIONAL),
    WIRE_MESSAGE (command, 31, supervise, supervise, OPTIONAL),
    WIRE_MESSAGE (command, 40, hand_over, hand_over, OPTIONAL),
    WIRE_MESSAGE (command, 50, enrol, enrol, OPTIONAL),
};
WIRE_DEFINE (command, .closed = true, .from_client = true);

static const struct wire_field enrol_fields[] = {
    WIRE_TEXT (enrol, 1, why, LIMIT_SENTENCE, OPTIONAL),
};
WIRE_DEFINE (enrol);

static const struct wire_field outcome_fields[] = {
    WIRE_U64 (outcome, 1, counter, REQUIRED),
    WIRE_MESSAGE (outcome, 2, refusal, refusal, OPTIONAL),
    WIRE_MESSAGE (outcome, 3, receipt, receipt, OPTIONAL),
    WIRE_MESSAGE (outcome, 4, step_done, step_done, OPTIONAL),
    WIRE_MESSAGE (outcome, 5, recorded, recorded, OPTIONAL),
    WIRE_U32 (outcome, 6, incarnation, OPTIONAL),
};
WIRE_DEFINE (outcome);

static const struct wire_field recorded_fields[] = {
    WIRE_U64 (recorded, 1, sequence, REQUIRED),
};
WIRE_DEFINE (recorded);

static const struct wire_field query_fields[] = {
    WIRE_U64 (query, 1, id, REQUIRED),
    WIRE_MESSAGE (query, 2, not_before, source, OPTIONAL),
    WIRE_MESSAGE (query, 10, course, course_query, OPTIONAL),
    WIRE_MESSAGE (query, 11, contact, contact_query, OPTIONAL),
    WIRE_MESSAGE (query, 20, queue, queue_query, OPTIONAL),
    WIRE_MESSAGE (query, 21, item, item_query, OPTIONAL),
    WIRE_MESSAGE (query, 22, shape, shape_query, OPTIONAL),
    WIRE_MESSAGE (query, 23, route, route_query, OPTIONAL),
    WIRE_MESSAGE (query, 24, documents, document_query, OPTIONAL),
    WIRE_MESSAGE (query, 30, deadline, deadline_query, OPTIONAL),
    WIRE_MESSAGE (query, 31, due, due_query, OPTIONAL),
    WIRE_MESSAGE (query, 32, raises, raise_query, OPTIONAL),
    WIRE_MESSAGE (query, 40, prints, print_query, OPTIONAL),
    WIRE_MESSAGE (query, 41, notices, notice_query, OPTIONAL),
    WIRE_MESSAGE (query, 50, standing, standing_query, OPTIONAL),
};
WIRE_DEFINE (query);

static const struct wire_field reply_fields[] = {
    WIRE_U64 (reply, 1, id, REQUIRED),
    WIRE_MESSAGE (reply, 2, refusal, refusal, OPTIONAL),
    WIRE_U64 (reply, 3, position, OPTIONAL),
    WIRE_MESSAGE (reply, 10, course, course, OPTIONAL),
    WIRE_MESSAGE (reply, 11, contact, petitioner_contact, OPTIONAL),
    WIRE_MESSAGE (reply, 20, queue, queue, OPTIONAL),
    WIRE_MESSAGE (reply, 21, item, item, OPTIONAL),
    WIRE_MESSAGE (reply, 22, shape, shape, OPTIONAL),
    WIRE_MESSAGE (reply, 23, route, route, OPTIONAL),
    WIRE_MESSAGE (reply, 24, documents, documents, OPTIONAL),
    WIRE_MESSAGE (reply, 30, deadline, ledger, OPTIONAL),
    WIRE_MESSAGE (reply, 31, due, due, OPTIONAL),
    WIRE_MESSAGE (reply, 32, raises, raises, OPTIONAL),
    WIRE_MESSAGE (reply, 40, prints, prints, OPTIONAL),
    WIRE_MESSAGE (reply, 41, notices, notices, OPTIONAL),
    WIRE_MESSAGE (reply, 50, standing, standing, OPTIONAL),
};
WIRE_DEFINE (reply);

static const struct wire_field standing_query_fields[] = {};
WIRE_DEFINE (standing_query);

static const struct wire_field standing_fields[] = {
    WIRE_U32 (standing, 1, client, REQUIRED),
    WIRE_U32 (standing, 2, role, REQUIRED),
    WIRE_U32 (standing, 3, incarnation, REQUIRED),
    WIRE_U64 (standing, 4, next_counter, REQUIRED),
    WIRE_U64 (standing, 5, territory, OPTIONAL),
    WIRE_U32 (standing, 6, department, OPTIONAL),
    WIRE_TIME (standing, 7, now_ms, OPTIONAL),
    WIRE_BYTES_OF (standing, 8, seal_key, WIRE_KEY_SIZE, OPTIONAL),
};
WIRE_DEFINE (standing);
