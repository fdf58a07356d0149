/* SPDX-License-Identifier: Apache-2.0 */
/* Do tables and .proto files say the same? Compared by what protoc-c made of the latter,
 * so that a field added there and forgotten here is found by the first test that runs. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include <protobuf-c/protobuf-c.h>

#include "minqing/v1/door.pb-c.h"
#include "wire/names.h"
#include "wire/rules.h"

#define WIRE_LIST(name) &wire_##name,
const struct wire_message *const wire_messages[] = { WIRE_ALL (WIRE_LIST) NULL };
#undef WIRE_LIST

/* ---- fields ---------------------------------------------------------------- */

static ProtobufCType type_of (const struct wire_field *field)
{
    static const ProtobufCType types[] = {
        [WIRE_TYPE_U32] = PROTOBUF_C_TYPE_UINT32,
        [WIRE_TYPE_U64] = PROTOBUF_C_TYPE_UINT64,
        [WIRE_TYPE_TIME] = PROTOBUF_C_TYPE_INT64,
        [WIRE_TYPE_BOOL] = PROTOBUF_C_TYPE_BOOL,
        [WIRE_TYPE_ENUM] = PROTOBUF_C_TYPE_ENUM,
        [WIRE_TYPE_TEXT] = PROTOBUF_C_TYPE_STRING,
        [WIRE_TYPE_BYTES] = PROTOBUF_C_TYPE_BYTES,
        [WIRE_TYPE_MESSAGE] = PROTOBUF_C_TYPE_MESSAGE,
    };
    static_assert (ARRAY_SIZE (types) == WIRE_TYPE_COUNT, "a type for every type");
    return types[field->type];
}

static ProtobufCLabel label_of (const struct wire_field *field)
{
    if (field->count_most > 0)
        return PROTOBUF_C_LABEL_REPEATED;
    return field->required ? PROTOBUF_C_LABEL_REQUIRED : PROTOBUF_C_LABEL_OPTIONAL;
}

/* The range of an enum field is 0 to its last value, without a hole. */
static bool enum_agrees (const struct wire_field *field,
                         const ProtobufCEnumDescriptor *descriptor)
{
    return descriptor->n_value_ranges == 1 && descriptor->values[0].value == 0 &&
           field->most == descriptor->n_values - 1;
}

static int check_field (const struct wire_message *rules, uint32_t index, struct err *err)
{
    const struct wire_field *field = &rules->fields[index];
    const ProtobufCFieldDescriptor *at = &rules->descriptor->fields[index];
    if (field->tag != at->id || strcmp (field->name, at->name) != 0)
        return err_set (err, -EINVAL, "%s: %s = %u here, %s = %u in the .proto",
                        rules->name, field->name, field->tag, at->name, at->id);
    if (type_of (field) != at->type || label_of (field) != at->label)
        return err_set (err, -EINVAL, "%s.%s: another type or label in the .proto",
                        rules->name, field->name);
    if (field->type == WIRE_TYPE_MESSAGE && field->message->descriptor != at->descriptor)
        return err_set (err, -EINVAL, "%s.%s: another message in the .proto", rules->name,
                        field->name);
    if (field->type == WIRE_TYPE_ENUM && !enum_agrees (field, at->descriptor))
        return err_set (err, -EINVAL, "%s.%s: another range in the .proto", rules->name,
                        field->name);
    return 0;
}

/* Levels of nesting from here down; beyond LIMIT_DEPTH it stops counting, so that a
 * message type inside itself is found too. */
static unsigned depth_of (const struct wire_message *rules, unsigned above)
{
    unsigned deepest = above + 1;
    for (uint32_t i = 0; i < rules->n_fields && deepest <= LIMIT_DEPTH; i++) {
        if (rules->fields[i].type != WIRE_TYPE_MESSAGE)
            continue;
        unsigned depth = depth_of (rules->fields[i].message, above + 1);
        if (depth > deepest)
            deepest = depth;
    }
    return deepest;
}

static int check_message (const struct wire_message *rules, struct err *err)
{
    if (rules->n_fields != rules->descriptor->n_fields)
        return err_set (err, -EINVAL, "%s: %u fields here, %u in the .proto", rules->name,
                        rules->n_fields, rules->descriptor->n_fields);
    for (uint32_t i = 0; i < rules->n_fields; i++) {
        int rc = check_field (rules, i, err);
        if (rc < 0)
            return rc;
    }
    if (depth_of (rules, 0) > LIMIT_DEPTH)
        return err_set (err, -EINVAL, "%s: deeper than %d", rules->name, LIMIT_DEPTH);
    return 0;
}

/* ---- enums ----------------------------------------------------------------- */

/* Every enum with its names: the token of each value is its name in the .proto without
 * the first word, so the numbers agree too. */
static const struct {
    const ProtobufCEnumDescriptor *descriptor;
    const char *(*name) (unsigned value);
} enums[] = {
    { &minqing__v1__purpose__descriptor, purpose_name },
    { &minqing__v1__form__descriptor, form_name },
    { &minqing__v1__channel__descriptor, channel_name },
    { &minqing__v1__refusal_code__descriptor, refusal_name },
    { &minqing__v1__asked__descriptor, asked_name },
    { &minqing__v1__state__descriptor, state_name },
    { &minqing__v1__step__descriptor, step_name },
    { &minqing__v1__decision_outcome__descriptor, decision_outcome_name },
    { &minqing__v1__close_reason__descriptor, close_reason_name },
    { &minqing__v1__duty__descriptor, duty_name },
    { &minqing__v1__unit__descriptor, unit_name },
    { &minqing__v1__clock_action__descriptor, clock_action_name },
    { &minqing__v1__cause__descriptor, cause_name },
    { &minqing__v1__notice_state__descriptor, notice_state_name },
    { &minqing__v1__recipient__descriptor, recipient_name },
    { &minqing__v1__speaker__descriptor, speaker_name },
    { &minqing__v1__kind__descriptor, kind_name },
    { &minqing__v1__follow_problem__descriptor, follow_problem_name },
    { &minqing__v1__role__descriptor, role_name },
    { &minqing__v1__control_verb__descriptor, control_verb_name },
};

static int check_enum (const ProtobufCEnumDescriptor *descriptor,
                       const char *(*name) (unsigned value), struct err *err)
{
    for (unsigned i = 0; i < descriptor->n_values; i++) {
        const char *full = descriptor->values[i].name;
        const char *tail = strchr (full, '_');
        const char *token = name ((unsigned) descriptor->values[i].value);
        if (tail == NULL || strcasecmp (tail + 1, token) != 0)
            return err_set (err, -EINVAL, "%s = %d in the .proto is named %s here", full,
                            descriptor->values[i].value, token);
    }
    return 0;
}

int wire_check_schema (struct err *err)
{
    for (size_t i = 0; i < ARRAY_SIZE (enums); i++) {
        int rc = check_enum (enums[i].descriptor, enums[i].name, err);
        if (rc < 0)
            return rc;
    }
    for (size_t i = 0; wire_messages[i] != NULL; i++) {
        int rc = check_message (wire_messages[i], err);
        if (rc < 0)
            return rc;
    }
    return 0;
}
