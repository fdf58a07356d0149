/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes somebody else owns (struct bytes) and bytes that grow (struct buffer). */
#ifndef MINQING_BASE_BYTES_H
#define MINQING_BASE_BYTES_H

#include "base/macros.h"

/* A view: the owner and the lifetime are told by whoever hands it out.
 * Absent is { NULL, 0 }. */
struct bytes {
    const uint8_t *data;
    size_t size;
};

#define BYTES(pointer, length)                                                           \
    ((struct bytes){ .data = (const uint8_t *) (pointer), .size = (length) })
#define BYTES_OF(object) BYTES (&(object), sizeof (object))

bool bytes_equal (struct bytes a, struct bytes b);
int bytes_compare (struct bytes a, struct bytes b); /* as memcmp, shorter first */
struct bytes bytes_of_text (const char *text);      /* without the NUL; NULL → absent */

/* An owned, growing array of bytes. Zero-initialised is empty and valid.
 * Appending aborts the process when memory is exhausted: everything that grows
 * here is bounded by its caller (HOUSE: "Everything bounded"). */
struct buffer {
    uint8_t *data;
    size_t size;
    size_t capacity;
};

void buffer_append (struct buffer *buffer, const void *data, size_t size);
void buffer_append_bytes (struct buffer *buffer, struct bytes bytes);
/* Make room for 'size' more bytes at the end, count them as used and return them. */
uint8_t *buffer_extend (struct buffer *buffer, size_t size);
void buffer_clear (struct buffer *buffer); /* keeps the memory */
void buffer_done (struct buffer *buffer);  /* frees it; the buffer is empty and valid */
struct bytes buffer_bytes (const struct buffer *buffer); /* until the next change */

/* Big-endian integers, as every key and record on disk has them. */
void put_be16 (uint8_t *to, uint16_t value);
void put_be32 (uint8_t *to, uint32_t value);
void put_be64 (uint8_t *to, uint64_t value);
uint16_t get_be16 (const uint8_t *from);
uint32_t get_be32 (const uint8_t *from);
uint64_t get_be64 (const uint8_t *from);

#endif
