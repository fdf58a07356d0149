/* SPDX-License-Identifier: Apache-2.0 */
/* Plain structs into bytes, along the tables: from the last field to the first, into a
 * buffer that grows downwards, so that what stands inside a message is written before its
 * length is. One message has one encoding: fields in order of their numbers, repeated
 * numbers one by one, required fields always, optional ones unless zero or empty. These
 * are the bytes that protobuf-c packs (test_wire holds them against each other).
 *
 * The buffer is the room's, and stays: after the first few messages nothing calls malloc.
 * One suffices because a daemon has one thread and no call here calls another. */
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>

#include "wire/rules.h"

#define WRITER_FIRST ((size_t) 64 * 1024)

enum { KEY_VARINT = 0, KEY_LENGTH = 2 };

struct writer {
    uint8_t *start, *end; /* of the memory */
    uint8_t *at;          /* what is written lies from here to the end */
};

static struct writer writer;

static size_t written (void)
{
    return (size_t) (writer.end - writer.at);
}

/* Twice the memory, with what is written at its end. */
static void grow (size_t needed)
{
    size_t used = written (), size = (size_t) (writer.end - writer.start);
    do
        size = size == 0 ? WRITER_FIRST : size * 2;
    while (size - used < needed);
    uint8_t *memory = malloc (size);
    if (memory == NULL)
        abort ();
    if (used > 0)
        memcpy (memory + size - used, writer.at, used);
    free (writer.start);
    writer = (struct writer){ .start = memory, .end = memory + size };
    writer.at = writer.end - used;
}

static inline uint8_t *extend (size_t size)
{
    if ((size_t) (writer.at - writer.start) < size)
        grow (size);
    return writer.at -= size;
}

static inline void write_varint (uint64_t value)
{
    if (value < 0x80) {
        *extend (1) = (uint8_t) value;
        return;
    }
    size_t size = (70 - (size_t) __builtin_clzll (value)) / 7;
    uint8_t *to = extend (size);
    for (; value >= 0x80; value >>= 7)
        *to++ = (uint8_t) (value | 0x80);
    *to = (uint8_t) value;
}

static inline void write_key (const struct wire_field *field, unsigned key)
{
    write_varint ((uint64_t) field->tag << 3 | key);
}

static void write_run (const struct wire_field *field, const void *data, size_t size)
{
    if (size > 0)
        memcpy (extend (size), data, size);
    write_varint (size);
    write_key (field, KEY_LENGTH);
}

/* ---- a value --------------------------------------------------------------- */

static void write_message (const struct wire_message *rules, const uint8_t *message);

static uint64_t number_of (const struct wire_field *field, const uint8_t *from)
{
    uint64_t wide;
    uint32_t narrow;
    switch (field->type) {
    case WIRE_TYPE_U64:
    case WIRE_TYPE_TIME:
        memcpy (&wide, from, sizeof wide);
        return wide;
    case WIRE_TYPE_BOOL:
        return *(const bool *) from;
    default:
        memcpy (&narrow, from, sizeof narrow);
        return narrow;
    }
}

static void write_inner (const struct wire_field *field, const uint8_t *message)
{
    size_t before = written ();
    write_message (field->message, message);
    write_varint (written () - before);
    write_key (field, KEY_LENGTH);
}

/* 'always': also when it is zero or empty. */
static void write_value (const struct wire_field *field, const uint8_t *from, bool always)
{
    switch (field->type) {
    case WIRE_TYPE_TEXT: {
        const char *text = *(const char *const *) from;
        size_t size = text == NULL ? 0 : strlen (text);
        if (size > 0 || always)
            write_run (field, text, size);
        return;
    }
    case WIRE_TYPE_BYTES: {
        const struct bytes *bytes = (const struct bytes *) from;
        if (bytes->size > 0 || always)
            write_run (field, bytes->data, bytes->size);
        return;
    }
    default: {
        uint64_t value = number_of (field, from);
        if (value == 0 && !always)
            return;
        write_varint (value);
        write_key (field, KEY_VARINT);
    }
    }
}

/* ---- a message ------------------------------------------------------------- */

static void write_one (const struct wire_field *field, const uint8_t *from)
{
    if (field->type != WIRE_TYPE_MESSAGE) {
        write_value (field, from, field->required);
        return;
    }
    const uint8_t *inner = *(const uint8_t *const *) from;
    assert (inner != NULL || !field->required);
    if (inner != NULL)
        write_inner (field, inner);
}

static void write_many (const struct wire_field *field, const uint8_t *array,
                        size_t count)
{
    size_t size = wire_element_size (field);
    while (count-- > 0) {
        if (field->type == WIRE_TYPE_MESSAGE)
            write_inner (field, array + count * size);
        else
            write_value (field, array + count * size, true);
    }
}

static void write_message (const struct wire_message *rules, const uint8_t *message)
{
    for (uint32_t i = rules->n_fields; i-- > 0;) {
        const struct wire_field *field = &rules->fields[i];
        if (field->count_most == 0)
            write_one (field, message + field->offset);
        else
            write_many (field, *(const uint8_t *const *) (message + field->offset),
                        *(const size_t *) (message + field->count_offset));
    }
}

static struct bytes write_whole (const struct wire_message *rules, const void *message)
{
    writer.at = writer.end;
    write_message (rules, message);
    return BYTES (writer.at, written ());
}

struct bytes wire_encode (const struct wire_message *rules, struct arena *arena,
                          const void *message)
{
    struct bytes whole = write_whole (rules, message);
    uint8_t *data = arena_take (arena, whole.size);
    if (whole.size > 0)
        memcpy (data, whole.data, whole.size);
    return BYTES (data, whole.size);
}

void wire_append (const struct wire_message *rules, const void *message,
                  struct buffer *buffer)
{
    struct bytes whole = write_whole (rules, message);
    if (whole.size > 0)
        memcpy (buffer_extend (buffer, whole.size), whole.data, whole.size);
}

size_t wire_size (const struct wire_message *rules, const void *message)
{
    return write_whole (rules, message).size;
}
