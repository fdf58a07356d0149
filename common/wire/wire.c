/* SPDX-License-Identifier: Apache-2.0 */
/* Decode and encode: the order of the steps, and whose memory they use.
 *
 *     in:   frame ──scan──▶ (nothing) ──unpack──▶ scratch ──take──▶ arena
 *     out:  plain struct ──give──▶ scratch ──pack──▶ arena or buffer
 *
 * protobuf-c's structs live in one scratch arena of this room that is reset with every
 * call: the caller's arena gets only what it asked for, and after the first few messages
 * nothing calls malloc. One scratch suffices because a daemon has one thread and no call
 * here calls another. */
#include "wire/wire.h"

#include <errno.h>
#include <string.h>

#include <protobuf-c/protobuf-c.h>

#include "wire/rules.h"

/* What one message may unpack to. A scanned frame of LIMIT_FRAME_FIELDS fields stays
 * below; this is the second lock on the door, should the first be wrong. */
#define WIRE_SCRATCH_MOST ((size_t) 32 << 20)

static struct arena wire_scratch = { .limit = WIRE_SCRATCH_MOST };

static struct arena *scratch_open (void)
{
    arena_reset (&wire_scratch);
    return &wire_scratch;
}

static void *scratch_alloc (void *scratch, size_t size)
{
    return arena_try (scratch, size);
}

static void scratch_free (void *scratch UNUSED, void *memory UNUSED)
{
}

int wire_decode_in (struct arena *scratch, const struct wire_message *rules,
                    struct arena *arena, struct bytes frame, void *ret_message,
                    struct err *err)
{
    ProtobufCAllocator allocator = { scratch_alloc, scratch_free, scratch };
    int rc = wire_scan (rules, frame, err);
    if (rc < 0)
        return rc;
    const ProtobufCMessage *packed =
        protobuf_c_message_unpack (rules->descriptor, &allocator, frame.size, frame.data);
    if (packed == NULL)
        return err_set (err, -ENOMEM, "%s of %zu bytes needs too much memory",
                        rules->name, frame.size);
    void *message = arena_try (arena, rules->size);
    if (message == NULL || !wire_take (rules, packed, message, arena))
        return err_set (err, -ENOMEM, "%s of %zu bytes does not fit into the batch",
                        rules->name, frame.size);
    memcpy (ret_message, message, rules->size);
    return 0;
}

int wire_decode (const struct wire_message *rules, struct arena *arena,
                 struct bytes frame, void *ret_message, struct err *err)
{
    return wire_decode_in (scratch_open (), rules, arena, frame, ret_message, err);
}

struct bytes wire_encode (const struct wire_message *rules, struct arena *arena,
                          const void *message)
{
    const ProtobufCMessage *packed = wire_give (rules, message, scratch_open ());
    size_t size = protobuf_c_message_get_packed_size (packed);
    uint8_t *data = arena_take (arena, size);
    size_t written = protobuf_c_message_pack (packed, data);
    assert (written == size);
    return BYTES (data, size);
}

void wire_append (const struct wire_message *rules, const void *message,
                  struct buffer *buffer)
{
    const ProtobufCMessage *packed = wire_give (rules, message, scratch_open ());
    size_t size = protobuf_c_message_get_packed_size (packed);
    if (size == 0)
        return;
    size_t written = protobuf_c_message_pack (packed, buffer_extend (buffer, size));
    assert (written == size);
}

size_t wire_size (const struct wire_message *rules, const void *message)
{
    return protobuf_c_message_get_packed_size (
        wire_give (rules, message, scratch_open ()));
}
