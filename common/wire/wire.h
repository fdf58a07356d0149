/* SPDX-License-Identifier: Apache-2.0 */
/* Protobuf in and out. Everybody else sees plain C structs (wire/matter.h, wire/door.h,
 * …, one header per .proto) and these few functions.
 *
 *     struct to_door message;
 *     if (to_door_decode (arena, frame, &message, err) < 0)
 *         refuse the frame with err->text
 *     struct bytes answer = from_door_encode (arena, &answers);
 *
 * What a decoded struct holds has kept every rule of its table (*_rules.c): required
 * fields are there, enums and times are in range, text is strict UTF-8 without NUL,
 * nothing is longer or more numerous than limits.h says. What people write is not judged:
 * control characters, full-width digits and line breaks pass.
 *
 * Zero, the empty text and empty bytes mean "not said", and so does absence: a decoded
 * optional text is NULL or has at least one byte, optional bytes are { NULL, 0 } or have
 * at least one. Required text is never NULL. A message that is there and empty (a
 * standing_query) is a pointer that is not NULL. */
#ifndef MINQING_WIRE_WIRE_H
#define MINQING_WIRE_WIRE_H

#include "base/arena.h"
#include "base/err.h"
#include "wire/limits.h"

/* The rules of one message type: opaque outside this room. */
struct wire_message;

/* Decode one message into '*ret_message', whose texts, bytes and arrays are copies in
 * 'arena': the frame may go. Unknown fields are passed over, except inside a Command,
 * where they mean that the client asks for more than this program knows.
 *   -EMSGSIZE the frame is larger than such a message may be
 *   -EBADMSG  not this message, or a rule is broken; the sentence begins with the path:
 *             "commands[2].file.statement.text: is longer than 60000 bytes"
 *   -ENOMEM   the arena's limit is reached
 * The arena takes at most 4 KiB and 64 times the frame. On failure '*ret_message' is
 * untouched. */
MUST_CHECK int wire_decode (const struct wire_message *rules, struct arena *arena,
                            struct bytes frame, void *ret_message, struct err *err);

/* Encode. Required fields are always written, optional ones unless zero or empty, in
 * order of their numbers: one message has one encoding. Cannot fail: a required message
 * that is NULL is our bug (assert). Limits are not looked at; the reader refuses: who
 * spools what a person wrote decodes it once before giving it a counter. */
struct bytes wire_encode (const struct wire_message *rules, struct arena *arena,
                          const void *message);
void wire_append (const struct wire_message *rules, const void *message,
                  struct buffer *buffer);

/* How many bytes encoding would give: to fill a frame up to its limit. */
size_t wire_size (const struct wire_message *rules, const void *message);

/* The same, typed, for the messages that travel or are stored by themselves. */
#define WIRE_TYPED(name)                                                                 \
    struct name;                                                                         \
    extern const struct wire_message wire_##name;                                        \
    MUST_CHECK static inline int name##_decode (struct arena *arena, struct bytes frame, \
                                                struct name *ret_##name,                 \
                                                struct err *err)                         \
    {                                                                                    \
        return wire_decode (&wire_##name, arena, frame, ret_##name, err);                \
    }                                                                                    \
    static inline struct bytes name##_encode (struct arena *arena,                       \
                                              const struct name *name)                   \
    {                                                                                    \
        return wire_encode (&wire_##name, arena, name);                                  \
    }                                                                                    \
    static inline void name##_append (const struct name *name, struct buffer *buffer)    \
    {                                                                                    \
        wire_append (&wire_##name, name, buffer);                                        \
    }                                                                                    \
    static inline size_t name##_size (const struct name *name)                           \
    {                                                                                    \
        return wire_size (&wire_##name, name);                                           \
    }

/* Frames. */
WIRE_TYPED (to_door)
WIRE_TYPED (from_door)

/* What spools, stores and batches keep of them. */
WIRE_TYPED (command)
WIRE_TYPED (outcome)
WIRE_TYPED (query)
WIRE_TYPED (reply)
WIRE_TYPED (filing)
WIRE_TYPED (receipt)
WIRE_TYPED (refusal)
WIRE_TYPED (offer)
WIRE_TYPED (row)
WIRE_TYPED (followed)

/* Journal: the header of an entry, and its body. A sealed Statement is a body too. */
WIRE_TYPED (entry)
WIRE_TYPED (filing_body)
WIRE_TYPED (asked_body)
WIRE_TYPED (moved_body)
WIRE_TYPED (raise_ended_body)
WIRE_TYPED (raised_body)
WIRE_TYPED (document_body)
WIRE_TYPED (statement)

/* Records in tables. */
WIRE_TYPED (matter)
WIRE_TYPED (actor)
WIRE_TYPED (registered)
WIRE_TYPED (moved)
WIRE_TYPED (clock_change)
WIRE_TYPED (raised)
WIRE_TYPED (notice)
WIRE_TYPED (notice_moved)
WIRE_TYPED (course_step)
WIRE_TYPED (document_row)
WIRE_TYPED (status)
WIRE_TYPED (incarnation)

/* Backups. */
WIRE_TYPED (keepsake)
WIRE_TYPED (segment_head)
WIRE_TYPED (segment_end)

#endif
