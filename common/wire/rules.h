/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the room: how a message type is told to those who read and write it.
 *
 * A table names every field of the .proto in order of its number, where it lies in the
 * plain struct, and what may stand in it; 'wire_check_schema' holds it against what
 * protoc-c made of the .proto. The macros check the C type of each member. */
#ifndef MINQING_WIRE_RULES_H
#define MINQING_WIRE_RULES_H

#include "base/arena.h"
#include "base/err.h"
#include "wire/limits.h"

struct ProtobufCMessageDescriptor;

enum wire_type {
    WIRE_TYPE_U32,
    WIRE_TYPE_U64,
    WIRE_TYPE_TIME, /* int64_t milliseconds, 0 … LIMIT_TIME_MS */
    WIRE_TYPE_BOOL,
    WIRE_TYPE_ENUM,
    WIRE_TYPE_TEXT,
    WIRE_TYPE_BYTES,
    WIRE_TYPE_MESSAGE,
    WIRE_TYPE_COUNT
};

struct wire_field {
    const char *name;
    const struct wire_message *message; /* of type MESSAGE: its rules */
    uint64_t least, most;  /* of a number its value, of text and bytes their length */
    uint32_t count_most;   /* repeated: so many at most; 0: not repeated */
    uint16_t offset;       /* of the member in the plain struct */
    uint16_t count_offset; /* repeated: of the member n_… */
    uint8_t tag;           /* field number */
    uint8_t type;          /* enum wire_type */
    bool required;
};

/* Field numbers are below this. */
#define WIRE_TAGS 64

/* Filled by the reader, once. */
struct wire_index {
    uint64_t required;     /* a bit for each field of the table */
    uint8_t at[WIRE_TAGS]; /* number → place in the table + 1; 0: no such */
    bool is_made;
};

struct wire_message {
    const char *name;
    const struct ProtobufCMessageDescriptor *descriptor;
    struct wire_index *index;
    const struct wire_field *fields; /* in order of tag */
    uint32_t n_fields;
    uint32_t size; /* of the plain struct */
    bool
        from_client; /* as a frame bounded by LIMIT_CLIENT_FRAME, else LIMIT_SERVER_FRAME */
    bool closed;     /* refuses unknown fields, also in the messages inside */
};

/* Most fields of one message type: the reader keeps a bit of each. */
#define WIRE_FIELDS_MOST 64

/* ---- writing tables -------------------------------------------------------- */

#define WIRE_REQUIRED true
#define WIRE_OPTIONAL false

/* Offset of a member, once the compiler has seen that it has the type. */
#define WIRE_AT(owner, member, c_type)                                                   \
    (uint16_t) (offsetof (struct owner, member) +                                        \
                0 * sizeof (char[__builtin_types_compatible_p (                          \
                                     __typeof__ (((struct owner *) 0)->member), c_type)  \
                                     ? 1                                                 \
                                     : -1]))

#define WIRE_ONE(owner, number, member, c_type, wire, from, to, presence)                \
    {                                                                                    \
        .tag = (number), .name = #member, .type = WIRE_TYPE_##wire, .least = (from),     \
        .most = (to), .required = WIRE_##presence,                                       \
        .offset = WIRE_AT (owner, member, c_type)                                        \
    }
#define WIRE_MANY(owner, number, member, c_type, wire, from, to, most_many)              \
    {                                                                                    \
        .tag = (number), .name = #member, .type = WIRE_TYPE_##wire, .least = (from),     \
        .most = (to), .count_most = (most_many),                                         \
        .offset = WIRE_AT (owner, member, c_type),                                       \
        .count_offset = WIRE_AT (owner, n_##member, size_t)                              \
    }

#define WIRE_U32(owner, tag, member, presence)                                           \
    WIRE_ONE (owner, tag, member, uint32_t, U32, 0, UINT32_MAX, presence)
#define WIRE_U32_UP_TO(owner, tag, member, to, presence)                                 \
    WIRE_ONE (owner, tag, member, uint32_t, U32, 0, to, presence)
#define WIRE_U64(owner, tag, member, presence)                                           \
    WIRE_ONE (owner, tag, member, uint64_t, U64, 0, UINT64_MAX, presence)
#define WIRE_TIME(owner, tag, member, presence)                                          \
    WIRE_ONE (owner, tag, member, int64_t, TIME, 0, LIMIT_TIME_MS, presence)
#define WIRE_BOOL(owner, tag, member, presence)                                          \
    WIRE_ONE (owner, tag, member, bool, BOOL, 0, 1, presence)
#define WIRE_ENUM(owner, tag, member, c_enum, count, presence)                           \
    WIRE_ONE (owner, tag, member, enum c_enum, ENUM, 0, (count) -1, presence)
#define WIRE_TEXT(owner, tag, member, to, presence)                                      \
    WIRE_ONE (owner, tag, member, const char *, TEXT, 0, to, presence)
#define WIRE_TEXT_OF(owner, tag, member, exactly, presence)                              \
    WIRE_ONE (owner, tag, member, const char *, TEXT, exactly, exactly, presence)
#define WIRE_BYTES(owner, tag, member, to, presence)                                     \
    WIRE_ONE (owner, tag, member, struct bytes, BYTES, 0, to, presence)
#define WIRE_BYTES_OF(owner, tag, member, exactly, presence)                             \
    WIRE_ONE (owner, tag, member, struct bytes, BYTES, exactly, exactly, presence)
#define WIRE_MESSAGE(owner, number, member, inner, presence)                             \
    {                                                                                    \
        .tag = (number), .name = #member, .type = WIRE_TYPE_MESSAGE,                     \
        .required = WIRE_##presence, .message = &wire_##inner,                           \
        .offset = WIRE_AT (owner, member, struct inner *)                                \
    }

#define WIRE_U32S(owner, tag, member, many)                                              \
    WIRE_MANY (owner, tag, member, uint32_t *, U32, 0, UINT32_MAX, many)
#define WIRE_U64S(owner, tag, member, many)                                              \
    WIRE_MANY (owner, tag, member, uint64_t *, U64, 0, UINT64_MAX, many)
#define WIRE_TEXTS(owner, tag, member, to, many)                                         \
    WIRE_MANY (owner, tag, member, const char **, TEXT, 0, to, many)
#define WIRE_MESSAGES(owner, number, member, inner, many)                                \
    {                                                                                    \
        .tag = (number), .name = #member, .type = WIRE_TYPE_MESSAGE,                     \
        .message = &wire_##inner, .count_most = (many),                                  \
        .offset = WIRE_AT (owner, member, struct inner *),                               \
        .count_offset = WIRE_AT (owner, n_##member, size_t)                              \
    }

/* The message type itself, after its table 'NAME_fields'. What may be added: '.closed',
 * '.from_client'. */
/* clang-format off */
#define WIRE_DEFINE(owner, ...)                                                          \
    static_assert (ARRAY_SIZE (owner##_fields) <= WIRE_FIELDS_MOST,                      \
                   "the reader keeps a bit of each field");                              \
    static struct wire_index owner##_index;                                              \
    const struct wire_message wire_##owner = {                                           \
        .name = #owner,                                                                  \
        .descriptor = &minqing__v1__##owner##__descriptor,                               \
        .index = &owner##_index,                                                         \
        .fields = owner##_fields,                                                        \
        .n_fields = ARRAY_SIZE (owner##_fields),                                         \
        .size = sizeof (struct owner),                                                   \
        __VA_ARGS__                                                                      \
    }
/* clang-format on */

/* ---- every message type ---------------------------------------------------- */

#define WIRE_ALL(X)                                                                      \
    X (matter)                                                                           \
    X (actor)                                                                            \
    X (refusal)                                                                          \
    X (petitioner)                                                                       \
    X (accused)                                                                          \
    X (filing)                                                                           \
    X (statement)                                                                        \
    X (receipt)                                                                          \
    X (supplement)                                                                       \
    X (ask)                                                                              \
    X (course_query)                                                                     \
    X (course_step)                                                                      \
    X (holding)                                                                          \
    X (course)                                                                           \
    X (contact_query)                                                                    \
    X (petitioner_contact)                                                               \
    X (registered)                                                                       \
    X (filing_body)                                                                      \
    X (asked_event)                                                                      \
    X (asked_body)                                                                       \
    X (step_command)                                                                     \
    X (step_done)                                                                        \
    X (subscribe)                                                                        \
    X (offer)                                                                            \
    X (queue_query)                                                                      \
    X (candidate)                                                                        \
    X (row)                                                                              \
    X (queue)                                                                            \
    X (item_query)                                                                       \
    X (item)                                                                             \
    X (proposal)                                                                         \
    X (shape_query)                                                                      \
    X (shape_row)                                                                        \
    X (state_count)                                                                      \
    X (shape)                                                                            \
    X (route_query)                                                                      \
    X (route)                                                                            \
    X (document_query)                                                                   \
    X (document_row)                                                                     \
    X (documents)                                                                        \
    X (moved)                                                                            \
    X (moved_body)                                                                       \
    X (restated_all)                                                                     \
    X (document)                                                                         \
    X (document_body)                                                                    \
    X (ask_answered)                                                                     \
    X (clock_change)                                                                     \
    X (band_due)                                                                         \
    X (clocks)                                                                           \
    X (raised)                                                                           \
    X (raised_body)                                                                      \
    X (raise_ended)                                                                      \
    X (raise_ended_body)                                                                 \
    X (answer_raise)                                                                     \
    X (supervise)                                                                        \
    X (deadline_query)                                                                   \
    X (duty_row)                                                                         \
    X (ledger)                                                                           \
    X (due_query)                                                                        \
    X (due)                                                                              \
    X (raise_query)                                                                      \
    X (raise_row)                                                                        \
    X (raises)                                                                           \
    X (notice)                                                                           \
    X (parameter)                                                                        \
    X (notice_moved)                                                                     \
    X (hand_over)                                                                        \
    X (print_query)                                                                      \
    X (print_item)                                                                       \
    X (prints)                                                                           \
    X (notice_query)                                                                     \
    X (notice_row)                                                                       \
    X (notice_count)                                                                     \
    X (notices)                                                                          \
    X (entry)                                                                            \
    X (source)                                                                           \
    X (started)                                                                          \
    X (table_taken)                                                                      \
    X (refused_event)                                                                    \
    X (parked)                                                                           \
    X (due_row)                                                                          \
    X (incarnation)                                                                      \
    X (crossed)                                                                          \
    X (time_settled)                                                                     \
    X (damaged)                                                                          \
    X (follow)                                                                           \
    X (follow_credit)                                                                    \
    X (entries)                                                                          \
    X (followed)                                                                         \
    X (follow_refused)                                                                   \
    X (control)                                                                          \
    X (control_reply)                                                                    \
    X (keepsake)                                                                         \
    X (scrub)                                                                            \
    X (segment_head)                                                                     \
    X (segment_end)                                                                      \
    X (status)                                                                           \
    X (position)                                                                         \
    X (gauge)                                                                            \
    X (table_version)                                                                    \
    X (to_door)                                                                          \
    X (from_door)                                                                        \
    X (command)                                                                          \
    X (enrol)                                                                            \
    X (outcome)                                                                          \
    X (recorded)                                                                         \
    X (query)                                                                            \
    X (reply)                                                                            \
    X (standing_query)                                                                   \
    X (standing)

#define WIRE_DECLARE(name) extern const struct wire_message wire_##name;
WIRE_ALL (WIRE_DECLARE)
#undef WIRE_DECLARE

/* All of them; ends with NULL. */
extern const struct wire_message *const wire_messages[];

/* Do the tables say what the .proto files say: the same fields, numbers, types, labels
 * and enum ranges; no message type inside itself, none deeper than LIMIT_DEPTH? -EINVAL
 * and a sentence otherwise: then this program must not run. */
MUST_CHECK int wire_check_schema (struct err *err);

/* Size of one element of a repeated field in the plain struct. */
static inline size_t wire_element_size (const struct wire_field *field)
{
    static const uint8_t sizes[] = { [WIRE_TYPE_U32] = sizeof (uint32_t),
                                     [WIRE_TYPE_U64] = sizeof (uint64_t),
                                     [WIRE_TYPE_TIME] = sizeof (int64_t),
                                     [WIRE_TYPE_BOOL] = sizeof (bool),
                                     [WIRE_TYPE_ENUM] = sizeof (int),
                                     [WIRE_TYPE_TEXT] = sizeof (char *),
                                     [WIRE_TYPE_BYTES] = sizeof (struct bytes),
                                     [WIRE_TYPE_MESSAGE] = 0 /* as its rules say */ };
    static_assert (ARRAY_SIZE (sizes) == WIRE_TYPE_COUNT, "a size for every type");
    return field->type == WIRE_TYPE_MESSAGE ? field->message->size : sizes[field->type];
}

#endif
