/* SPDX-License-Identifier: Apache-2.0 */
/* What a grievance is about, who did something, and why not: rules of matter.proto. */
#include "wire/matter.h"

#include "minqing/v1/matter.pb-c.h"
#include "wire/rules.h"

static const struct wire_field matter_fields[] = {
    WIRE_U64 (matter, 1, village, REQUIRED),
    WIRE_TEXT (matter, 2, category, LIMIT_CATEGORY, OPTIONAL),
    WIRE_ENUM (matter, 3, purpose, purpose, PURPOSE_COUNT, REQUIRED),
    WIRE_ENUM (matter, 4, form, form, FORM_COUNT, OPTIONAL),
    WIRE_ENUM (matter, 5, channel, channel, CHANNEL_COUNT, OPTIONAL),
    WIRE_U32 (matter, 6, terminal, REQUIRED),
    WIRE_U32_UP_TO (matter, 7, persons, LIMIT_PERSONS, OPTIONAL),
    WIRE_BOOL (matter, 8, on_behalf, OPTIONAL),
    WIRE_BOOL (matter, 9, anonymous, OPTIONAL),
    WIRE_BOOL (matter, 10, vulnerable, OPTIONAL),
    WIRE_BOOL (matter, 11, hardship, OPTIONAL),
    WIRE_BOOL (matter, 12, urgent, OPTIONAL),
    WIRE_BOOL (matter, 13, threat, OPTIONAL),
    WIRE_BOOL (matter, 14, consent_publish, OPTIONAL),
    WIRE_BOOL (matter, 15, sealed, OPTIONAL),
    WIRE_TIME (matter, 16, upstream_due_ms, OPTIONAL),
    WIRE_U32_UP_TO (matter, 17, reached, REACHED_MOST, OPTIONAL),
};
WIRE_DEFINE (matter);

static const struct wire_field actor_fields[] = {
    WIRE_U32 (actor, 1, client, REQUIRED),
    WIRE_U32 (actor, 2, incarnation, OPTIONAL),
    WIRE_U64 (actor, 3, counter, OPTIONAL),
    WIRE_BYTES_OF (actor, 4, content, WIRE_CONTENT_SIZE, OPTIONAL),
    WIRE_U32 (actor, 5, person, OPTIONAL),
    WIRE_U32 (actor, 6, department, OPTIONAL),
};
WIRE_DEFINE (actor);

static const struct wire_field refusal_fields[] = {
    WIRE_ENUM (refusal, 1, code, refusal_code, REFUSAL_COUNT, REQUIRED),
    WIRE_TEXT (refusal, 2, sentence, LIMIT_SENTENCE, OPTIONAL),
    WIRE_TEXT (refusal, 3, field, LIMIT_NAME, OPTIONAL),
    WIRE_U32 (refusal, 4, holder, OPTIONAL),
    WIRE_U64 (refusal, 5, next_counter, OPTIONAL),
    WIRE_U32 (refusal, 6, incarnation, OPTIONAL),
};
WIRE_DEFINE (refusal);
