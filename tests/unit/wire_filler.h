/* SPDX-License-Identifier: Apache-2.0 */
/* For the tests of common/wire: fill any message by its table, compare two of them, and
 * write raw fields that no encoder of ours would. */
#ifndef MINQING_TESTS_WIRE_FILLER_H
#define MINQING_TESTS_WIRE_FILLER_H

#include <string.h>

#include "wire/rules.h"

/* ---- filling --------------------------------------------------------------- */

/* How much of a message: what must be there, or all, with up to 'many' elements. */
struct filler {
    struct arena *arena;
    uint64_t seed;
    uint32_t many;
    bool all;
};

static void UNUSED fill_message (struct filler *filler, const struct wire_message *rules,
                                 void *message);

static uint64_t filler_next (struct filler *filler)
{
    /* xorshift64: the same values in every run. */
    filler->seed ^= filler->seed << 13;
    filler->seed ^= filler->seed >> 7;
    filler->seed ^= filler->seed << 17;
    return filler->seed;
}

/* A number of the field's range that is not 0. */
static uint64_t filler_number (struct filler *filler, const struct wire_field *field)
{
    uint64_t value = filler_next (filler);
    return field->most == UINT64_MAX ? value | 1 : 1 + value % field->most;
}

/* Text of exactly 'size' bytes: what people write, a full-width digit and a newline
 * among it, then what fits. */
static char *filler_text (struct arena *arena, size_t size)
{
    static const char sample[] = "县城东\n１２3 \x01宅基地";
    char *text = arena_take (arena, size + 1);
    size_t used = 0;
    while (size - used >= sizeof sample - 1) {
        memcpy (text + used, sample, sizeof sample - 1);
        used += sizeof sample - 1;
    }
    memset (text + used, 'a', size - used);
    return text;
}

static size_t filler_size (struct filler *filler, const struct wire_field *field)
{
    uint64_t most = field->most < 60 ? field->most : 60;
    uint64_t least = field->least > 0 ? field->least : 1;
    return least + (most > least ? filler_next (filler) % (most - least + 1) : 0);
}

static void fill_value (struct filler *filler, const struct wire_field *field,
                        void *value)
{
    uint64_t number;
    uint8_t *data;
    size_t size;
    switch ((enum wire_type) field->type) {
    case WIRE_TYPE_U32:
    case WIRE_TYPE_ENUM:
        number = filler_number (filler, field);
        *(uint32_t *) value = (uint32_t) number == 0 ? 1 : (uint32_t) number;
        break;
    case WIRE_TYPE_U64:
    case WIRE_TYPE_TIME:
        *(uint64_t *) value = filler_number (filler, field);
        break;
    case WIRE_TYPE_BOOL:
        *(bool *) value = true;
        break;
    case WIRE_TYPE_TEXT:
        *(const char **) value = filler_text (filler->arena, filler_size (filler, field));
        break;
    case WIRE_TYPE_BYTES:
        size = filler_size (filler, field);
        data = arena_take (filler->arena, size);
        for (size_t i = 0; i < size; i++)
            data[i] = (uint8_t) filler_next (filler);
        *(struct bytes *) value = BYTES (data, size);
        break;
    case WIRE_TYPE_MESSAGE:
        fill_message (filler, field->message, value);
        break;
    case WIRE_TYPE_COUNT:
        assert (false);
    }
}

static void fill_many (struct filler *filler, const struct wire_field *field,
                       uint8_t *message, size_t count)
{
    uint8_t *array = arena_take (filler->arena, count * wire_element_size (field));
    for (size_t i = 0; i < count; i++)
        fill_value (filler, field, array + i * wire_element_size (field));
    *(void **) (message + field->offset) = array;
    *(size_t *) (message + field->count_offset) = count;
}

static void fill_field (struct filler *filler, const struct wire_field *field,
                        uint8_t *message)
{
    if (field->count_most > 0) {
        uint32_t count =
            filler->many < field->count_most ? filler->many : field->count_most;
        fill_many (filler, field, message, count);
    } else if (field->type == WIRE_TYPE_MESSAGE) {
        void *inner = arena_take (filler->arena, field->message->size);
        *(void **) (message + field->offset) = inner;
        fill_message (filler, field->message, inner);
    } else {
        fill_value (filler, field, message + field->offset);
    }
}

static void fill_message (struct filler *filler, const struct wire_message *rules,
                          void *message)
{
    for (uint32_t i = 0; i < rules->n_fields; i++) {
        if (filler->all || rules->fields[i].required)
            fill_field (filler, &rules->fields[i], message);
    }
}

/* A message of its own, all zero but what the filler sets. */
static void *UNUSED filler_make (struct filler *filler, const struct wire_message *rules)
{
    void *message = arena_take (filler->arena, rules->size);
    fill_message (filler, rules, message);
    return message;
}

/* ---- comparing ------------------------------------------------------------- */

static bool UNUSED message_equal (const struct wire_message *rules, const void *a,
                                  const void *b);

static bool value_equal (const struct wire_field *field, const uint8_t *a,
                         const uint8_t *b)
{
    if (field->type == WIRE_TYPE_TEXT) {
        const char *x = *(char *const *) a, *y = *(char *const *) b;
        return x == NULL || y == NULL ? x == y : strcmp (x, y) == 0;
    }
    if (field->type == WIRE_TYPE_BYTES)
        return bytes_equal (*(const struct bytes *) a, *(const struct bytes *) b);
    if (field->type == WIRE_TYPE_MESSAGE)
        return message_equal (field->message, a, b);
    return memcmp (a, b, wire_element_size (field)) == 0;
}

static bool field_equal (const struct wire_field *field, const uint8_t *a,
                         const uint8_t *b)
{
    const uint8_t *x = a + field->offset, *y = b + field->offset;
    if (field->count_most == 0 && field->type != WIRE_TYPE_MESSAGE)
        return value_equal (field, x, y);
    const uint8_t *p = *(uint8_t *const *) x, *q = *(uint8_t *const *) y;
    if (field->count_most == 0)
        return p == NULL || q == NULL ? p == q : value_equal (field, p, q);
    size_t count = *(const size_t *) (a + field->count_offset);
    if (count != *(const size_t *) (b + field->count_offset))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!value_equal (field, p + i * wire_element_size (field),
                          q + i * wire_element_size (field)))
            return false;
    }
    return true;
}

static bool message_equal (const struct wire_message *rules, const void *a, const void *b)
{
    for (uint32_t i = 0; i < rules->n_fields; i++) {
        if (!field_equal (&rules->fields[i], a, b))
            return false;
    }
    return true;
}

/* ---- raw fields ------------------------------------------------------------ */

static void raw_varint (struct buffer *buffer, uint64_t value)
{
    while (value >= 0x80) {
        *buffer_extend (buffer, 1) = (uint8_t) (value | 0x80);
        value >>= 7;
    }
    *buffer_extend (buffer, 1) = (uint8_t) value;
}

static void UNUSED raw_number (struct buffer *buffer, unsigned tag, uint64_t value)
{
    raw_varint (buffer, tag << 3);
    raw_varint (buffer, value);
}

static void UNUSED raw_bytes (struct buffer *buffer, unsigned tag, const void *data,
                              size_t size)
{
    raw_varint (buffer, tag << 3 | 2);
    raw_varint (buffer, size);
    buffer_append (buffer, data, size);
}

#endif
