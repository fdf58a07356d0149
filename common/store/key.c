/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, written and read part by part. No lengths, no separators: every part but the
 * last has a fixed width, so the order of keys is the order of their parts. */
#include "store/key.h"

#include <string.h>

static uint8_t *key_extend (struct key *key, size_t size)
{
    assert (size <= KEY_SIZE_MAX - key->size);
    uint8_t *end = key->data + key->size;
    key->size += size;
    return end;
}

void key_init (struct key *key)
{
    key->size = 0;
}

void key_u8 (struct key *key, uint8_t value)
{
    *key_extend (key, sizeof value) = value;
}

void key_u16 (struct key *key, uint16_t value)
{
    put_be16 (key_extend (key, sizeof value), value);
}

void key_u32 (struct key *key, uint32_t value)
{
    put_be32 (key_extend (key, sizeof value), value);
}

void key_u64 (struct key *key, uint64_t value)
{
    put_be64 (key_extend (key, sizeof value), value);
}

void key_bytes (struct key *key, struct bytes bytes)
{
    if (bytes.size > 0)
        memcpy (key_extend (key, bytes.size), bytes.data, bytes.size);
}

void key_text (struct key *key, const char *text)
{
    key_bytes (key, bytes_of_text (text));
}

struct bytes key_view (const struct key *key)
{
    return BYTES (key->data, key->size);
}

/* ---- reading ---------------------------------------------------------------- */

struct bytes key_take_bytes (struct bytes *rest, size_t size)
{
    if (rest->data == NULL || rest->size < size) {
        *rest = BYTES (NULL, 0);
        return *rest;
    }
    struct bytes taken = BYTES (rest->data, size);
    rest->data += size;
    rest->size -= size;
    return taken;
}

uint8_t key_take_u8 (struct bytes *rest)
{
    struct bytes taken = key_take_bytes (rest, sizeof (uint8_t));
    return taken.data == NULL ? 0 : taken.data[0];
}

uint16_t key_take_u16 (struct bytes *rest)
{
    struct bytes taken = key_take_bytes (rest, sizeof (uint16_t));
    return taken.data == NULL ? 0 : get_be16 (taken.data);
}

uint32_t key_take_u32 (struct bytes *rest)
{
    struct bytes taken = key_take_bytes (rest, sizeof (uint32_t));
    return taken.data == NULL ? 0 : get_be32 (taken.data);
}

uint64_t key_take_u64 (struct bytes *rest)
{
    struct bytes taken = key_take_bytes (rest, sizeof (uint64_t));
    return taken.data == NULL ? 0 : get_be64 (taken.data);
}

bool key_taken_whole (const struct bytes *rest)
{
    return rest->data != NULL && rest->size == 0;
}
