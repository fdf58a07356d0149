/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

bool bytes_equal (struct bytes a, struct bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp (a.data, b.data, a.size) == 0);
}

int bytes_compare (struct bytes a, struct bytes b)
{
    size_t shared = a.size < b.size ? a.size : b.size;
    int order = shared == 0 ? 0 : memcmp (a.data, b.data, shared);
    if (order != 0)
        return order;
    return (a.size > b.size) - (a.size < b.size);
}

struct bytes bytes_of_text (const char *text)
{
    return text == NULL ? BYTES (NULL, 0) : BYTES (text, strlen (text));
}

uint8_t *buffer_extend (struct buffer *buffer, size_t size)
{
    size_t needed = buffer->size + size;
    assert (needed >= size);
    if (needed > buffer->capacity) {
        size_t capacity = buffer->capacity < 256 ? 256 : buffer->capacity;
        while (capacity < needed)
            capacity *= 2;
        uint8_t *data = realloc (buffer->data, capacity);
        if (data == NULL)
            abort ();
        buffer->data = data;
        buffer->capacity = capacity;
    }
    uint8_t *start = buffer->data + buffer->size;
    buffer->size = needed;
    return start;
}

void buffer_append (struct buffer *buffer, const void *data, size_t size)
{
    if (size > 0)
        memcpy (buffer_extend (buffer, size), data, size);
}

void buffer_append_bytes (struct buffer *buffer, struct bytes bytes)
{
    buffer_append (buffer, bytes.data, bytes.size);
}

void buffer_clear (struct buffer *buffer)
{
    buffer->size = 0;
}

void buffer_done (struct buffer *buffer)
{
    free (buffer->data);
    *buffer = (struct buffer){ 0 };
}

struct bytes buffer_bytes (const struct buffer *buffer)
{
    return BYTES (buffer->data, buffer->size);
}

void put_be16 (uint8_t *to, uint16_t value)
{
    value = htobe16 (value);
    memcpy (to, &value, sizeof value);
}

void put_be32 (uint8_t *to, uint32_t value)
{
    value = htobe32 (value);
    memcpy (to, &value, sizeof value);
}

void put_be64 (uint8_t *to, uint64_t value)
{
    value = htobe64 (value);
    memcpy (to, &value, sizeof value);
}

uint16_t get_be16 (const uint8_t *from)
{
    uint16_t value;
    memcpy (&value, from, sizeof value);
    return be16toh (value);
}

uint32_t get_be32 (const uint8_t *from)
{
    uint32_t value;
    memcpy (&value, from, sizeof value);
    return be32toh (value);
}

uint64_t get_be64 (const uint8_t *from)
{
    uint64_t value;
    memcpy (&value, from, sizeof value);
    return be64toh (value);
}
