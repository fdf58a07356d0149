/* SPDX-License-Identifier: Apache-2.0 */
/* What protobuf-c makes of the same messages: its structs and the plain ones, in both
 * directions along the tables, for holding the room's own reading and writing against.
 *
 *     plain struct                 protobuf-c struct
 *     uint32_t, uint64_t, int64_t  the same, and has_… where optional
 *     bool                         protobuf_c_boolean (an int), has_…
 *     enum                         enum (an int), has_…
 *     const char *                 char *
 *     struct bytes                 ProtobufCBinaryData, has_…
 *     struct x *                   Minqing__V1__X *
 *     struct x *, size_t n_…       Minqing__V1__X **, size_t n_…
 *
 * Pointers are moved by memcpy: protobuf-c's structs want them without const. */
#include "wire_oracle.h"

#include <string.h>

#include <protobuf-c/protobuf-c.h>

#include "wire/rules.h"

static_assert (sizeof (protobuf_c_boolean) == sizeof (int), "has_ and bool members");
static_assert (sizeof (enum wire_type) == sizeof (int), "enums travel as int");

/* Size of one element in protobuf-c's struct. */
static size_t packed_size (const struct wire_field *field)
{
    static const size_t sizes[] = { [WIRE_TYPE_U32] = sizeof (uint32_t),
                                    [WIRE_TYPE_U64] = sizeof (uint64_t),
                                    [WIRE_TYPE_TIME] = sizeof (int64_t),
                                    [WIRE_TYPE_BOOL] = sizeof (protobuf_c_boolean),
                                    [WIRE_TYPE_ENUM] = sizeof (int),
                                    [WIRE_TYPE_TEXT] = sizeof (char *),
                                    [WIRE_TYPE_BYTES] = sizeof (ProtobufCBinaryData),
                                    [WIRE_TYPE_MESSAGE] = sizeof (ProtobufCMessage *) };
    static_assert (ARRAY_SIZE (sizes) == WIRE_TYPE_COUNT, "a size for every type");
    return sizes[field->type];
}

static bool take_message (const struct wire_message *rules,
                          const ProtobufCMessage *packed, void *ret_message,
                          struct arena *arena);
static ProtobufCMessage *give_message (const struct wire_message *rules,
                                       const void *message, struct arena *scratch);

/* ---- in -------------------------------------------------------------------- */

static bool take_text (const struct wire_field *field, const char *from,
                       const char **ret_text, struct arena *arena)
{
    size_t size = strlen (from) + 1;
    if (size == 1 && !field->required && field->count_most == 0)
        return true; /* empty is "not said": NULL */
    char *text = arena_try (arena, size);
    if (text == NULL)
        return false;
    *ret_text = memcpy (text, from, size);
    return true;
}

static bool take_bytes (const ProtobufCBinaryData *from, struct bytes *ret_bytes,
                        struct arena *arena)
{
    if (from->len == 0)
        return true;
    uint8_t *data = arena_try (arena, from->len);
    if (data == NULL)
        return false;
    *ret_bytes = BYTES (memcpy (data, from->data, from->len), from->len);
    return true;
}

/* One value, which is there, into zeroed memory. A message goes into '*to' itself. */
static bool take_value (const struct wire_field *field, const uint8_t *from, uint8_t *to,
                        struct arena *arena)
{
    switch ((enum wire_type) field->type) {
    case WIRE_TYPE_U32:
    case WIRE_TYPE_ENUM:
        memcpy (to, from, sizeof (uint32_t));
        return true;
    case WIRE_TYPE_U64:
    case WIRE_TYPE_TIME:
        memcpy (to, from, sizeof (uint64_t));
        return true;
    case WIRE_TYPE_BOOL:
        *(bool *) to = *(const protobuf_c_boolean *) from != 0;
        return true;
    case WIRE_TYPE_TEXT:
        return take_text (field, *(char *const *) from, (const char **) to, arena);
    case WIRE_TYPE_BYTES:
        return take_bytes ((const ProtobufCBinaryData *) from, (struct bytes *) to,
                           arena);
    case WIRE_TYPE_MESSAGE:
        return take_message (field->message, *(ProtobufCMessage *const *) from, to,
                             arena);
    case WIRE_TYPE_COUNT:
        break;
    }
    assert (false);
    return false;
}

static bool take_one (const struct wire_field *field, const uint8_t *from, uint8_t *to,
                      struct arena *arena)
{
    if (field->type == WIRE_TYPE_TEXT || field->type == WIRE_TYPE_MESSAGE) {
        if (*(void *const *) from == NULL)
            return true;
    }
    if (field->type == WIRE_TYPE_MESSAGE) {
        void *inner = arena_try (arena, field->message->size);
        if (inner == NULL)
            return false;
        *(void **) to = inner;
        to = inner;
    }
    /* An optional number or run of bytes that is not there is zero in 'from'. */
    return take_value (field, from, to, arena);
}

static bool take_many (const struct wire_field *field, const uint8_t *from, uint8_t *to,
                       size_t count, struct arena *arena)
{
    if (count == 0)
        return true;
    size_t from_size = packed_size (field), to_size = wire_element_size (field);
    const uint8_t *element = *(uint8_t *const *) from;
    uint8_t *array = arena_try (arena, count * to_size);
    if (array == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!take_value (field, element + i * from_size, array + i * to_size, arena))
            return false;
    }
    *(void **) to = array;
    return true;
}

static bool take_message (const struct wire_message *rules,
                          const ProtobufCMessage *packed, void *ret_message,
                          struct arena *arena)
{
    const uint8_t *from = (const uint8_t *) packed;
    uint8_t *to = ret_message;
    for (uint32_t i = 0; i < rules->n_fields; i++) {
        const struct wire_field *field = &rules->fields[i];
        const ProtobufCFieldDescriptor *at = &rules->descriptor->fields[i];
        if (field->count_most == 0) {
            if (!take_one (field, from + at->offset, to + field->offset, arena))
                return false;
            continue;
        }
        size_t count = *(const size_t *) (from + at->quantifier_offset);
        if (!take_many (field, from + at->offset, to + field->offset, count, arena))
            return false;
        *(size_t *) (to + field->count_offset) = count;
    }
    return true;
}

/* ---- out ------------------------------------------------------------------- */

/* One value; false when it is zero or empty, so that an optional one is left out. */
static bool give_value (const struct wire_field *field, const uint8_t *from, uint8_t *to,
                        struct arena *scratch)
{
    switch ((enum wire_type) field->type) {
    case WIRE_TYPE_U32:
    case WIRE_TYPE_ENUM:
        memcpy (to, from, sizeof (uint32_t));
        return *(const uint32_t *) from != 0;
    case WIRE_TYPE_U64:
    case WIRE_TYPE_TIME:
        memcpy (to, from, sizeof (uint64_t));
        return *(const uint64_t *) from != 0;
    case WIRE_TYPE_BOOL:
        *(protobuf_c_boolean *) to = *(const bool *) from;
        return *(const bool *) from;
    case WIRE_TYPE_TEXT: {
        const char *text = *(const char *const *) from;
        if (text == NULL)
            text = "";
        memcpy (to, &text, sizeof text);
        return *text != '\0';
    }
    case WIRE_TYPE_BYTES: {
        const struct bytes *bytes = (const struct bytes *) from;
        ProtobufCBinaryData *data = (ProtobufCBinaryData *) to;
        data->len = bytes->size;
        memcpy (&data->data, &bytes->data, sizeof data->data);
        return bytes->size > 0;
    }
    case WIRE_TYPE_MESSAGE:
        *(ProtobufCMessage **) to = give_message (field->message, from, scratch);
        return true;
    case WIRE_TYPE_COUNT:
        break;
    }
    assert (false);
    return false;
}

static void give_one (const struct wire_field *field, const ProtobufCFieldDescriptor *at,
                      const uint8_t *from, uint8_t *packed, struct arena *scratch)
{
    uint8_t *to = packed + at->offset;
    if (field->type == WIRE_TYPE_MESSAGE) {
        from = *(uint8_t *const *) from;
        assert (from != NULL || !field->required);
        if (from == NULL)
            return;
    }
    bool said = give_value (field, from, to, scratch);
    if (field->required || field->type == WIRE_TYPE_MESSAGE)
        return;
    if (field->type == WIRE_TYPE_TEXT) {
        if (!said)
            *(void **) to = NULL;
    } else {
        *(protobuf_c_boolean *) (packed + at->quantifier_offset) = said;
    }
}

static void give_many (const struct wire_field *field, const ProtobufCFieldDescriptor *at,
                       const uint8_t *from, size_t count, uint8_t *packed,
                       struct arena *scratch)
{
    if (count == 0)
        return;
    size_t from_size = wire_element_size (field), to_size = packed_size (field);
    const uint8_t *element = *(uint8_t *const *) from;
    uint8_t *array = arena_take (scratch, count * to_size);
    for (size_t i = 0; i < count; i++)
        give_value (field, element + i * from_size, array + i * to_size, scratch);
    *(void **) (packed + at->offset) = array;
    *(size_t *) (packed + at->quantifier_offset) = count;
}

static ProtobufCMessage *give_message (const struct wire_message *rules,
                                       const void *message, struct arena *scratch)
{
    const uint8_t *from = message;
    ProtobufCMessage *packed = arena_take (scratch, rules->descriptor->sizeof_message);
    protobuf_c_message_init (rules->descriptor, packed);
    for (uint32_t i = 0; i < rules->n_fields; i++) {
        const struct wire_field *field = &rules->fields[i];
        const ProtobufCFieldDescriptor *at = &rules->descriptor->fields[i];
        if (field->count_most == 0)
            give_one (field, at, from + field->offset, (uint8_t *) packed, scratch);
        else
            give_many (field, at, from + field->offset,
                       *(const size_t *) (from + field->count_offset), (uint8_t *) packed,
                       scratch);
    }
    return packed;
}

/* ---- the two ------------------------------------------------------------------------ */

bool oracle_decode (const struct wire_message *rules, struct arena *arena,
                    struct bytes frame, void *ret_message)
{
    ProtobufCMessage *packed =
        protobuf_c_message_unpack (rules->descriptor, NULL, frame.size, frame.data);
    if (packed == NULL)
        return false;
    memset (ret_message, 0, rules->size);
    bool whole = take_message (rules, packed, ret_message, arena);
    protobuf_c_message_free_unpacked (packed, NULL);
    return whole;
}

struct bytes oracle_encode (const struct wire_message *rules, struct arena *arena,
                            const void *message)
{
    const ProtobufCMessage *packed = give_message (rules, message, arena);
    size_t size = protobuf_c_message_get_packed_size (packed);
    uint8_t *data = arena_take (arena, size);
    size_t written = protobuf_c_message_pack (packed, data);
    assert (written == size);
    return BYTES (data, size);
}
