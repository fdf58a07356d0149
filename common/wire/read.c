/* SPDX-License-Identifier: Apache-2.0 */
/* Raw bytes into plain structs, along the tables, in one pass: what is read is judged and
 * lies where it belongs. No enum 99, no text that is no UTF-8 or ends early at a NUL, no
 * second of two singular fields, no million empty elements: all of that is refused by the
 * path of the field. Every byte is looked at once per level of nesting, and once more where
 * the elements of a repeated field are counted before the first is read.
 *
 * Law: what is read here, protobuf-c unpacks to the same (test_wire holds them against each
 * other). Where the two could differ in strictness (length of a varint, packed elements,
 * groups) this is the stricter one. */
#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "wire/check.h"
#include "wire/rules.h"
#include "wire/wire.h"

enum wire_encoding {
    ENCODING_VARINT = 0,
    ENCODING_FIXED64 = 1,
    ENCODING_LENGTH = 2,
    ENCODING_FIXED32 = 5
};

/* Longest varint of a field number or a length, and of a value. */
#define VARINT_SHORT 5
#define VARINT_LONG  10

struct reading {
    size_t fields; /* seen so far, in the whole frame */
    struct arena *arena;
    struct err *err;
    const struct wire_message *whole; /* of the frame */
    size_t frame_size;
    const uint8_t *frame_end;
};

/* Where we are: a chain up to the frame, turned into a path only when refusing. */
struct place {
    const struct place *above;
    const struct wire_field *field;
    uint32_t index; /* of a repeated field's element */
    bool closed;
};

struct reader {
    const uint8_t *at, *end;
};

/* ---- refusing -------------------------------------------------------------- */

static size_t path_write (const struct place *place, char *path, size_t size)
{
    if (place == NULL)
        return 0;
    if (place->field == NULL)
        return path_write (place->above, path, size);
    size_t used = path_write (place->above, path, size);
    int more = snprintf (path + used, size - used,
                         place->field->count_most > 0 ? "%s%s[%u]" : "%s%s",
                         used > 0 ? "." : "", place->field->name, place->index);
    used += (size_t) more;
    return used < size ? used : size - 1;
}

static int refuse (const struct reading *reading, const struct place *place,
                   const char *format, ...) PRINTF_LIKE (3, 4);
static int refuse (const struct reading *reading, const struct place *place,
                   const char *format, ...)
{
    char path[ERR_TEXT_SIZE / 2] = "", sentence[ERR_TEXT_SIZE / 2];
    va_list args;
    va_start (args, format);
    vsnprintf (sentence, sizeof sentence, format, args);
    va_end (args);
    size_t used = path_write (place, path, sizeof path);
    return err_set (reading->err, -EBADMSG, "%s%s%s", path, used > 0 ? ": " : "",
                    sentence);
}

/* ---- reading --------------------------------------------------------------- */

static bool read_long (struct reader *reader, unsigned size_most, uint64_t *ret)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size_most && reader->at < reader->end; i++) {
        uint8_t byte = *reader->at++;
        /* The tenth byte holds the one bit that is left of 64. */
        if (i == VARINT_LONG - 1 && byte > 1)
            return false;
        value |= (uint64_t) (byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *ret = value;
            return true;
        }
    }
    return false;
}

/* Of up to eight bytes, which times and numbers of grievances are, without a loop: the
 * groups of seven bits are pushed together, two by two. 'at' has eight bytes to read. The
 * bytes it took; 0: it is longer. */
static inline unsigned read_eight (const uint8_t *at, uint64_t *ret)
{
    uint64_t word;
    memcpy (&word, at, sizeof word);
    word = le64toh (word);
    uint64_t ends = ~word & UINT64_C (0x8080808080808080);
    if (ends == 0)
        return 0;
    word &= (ends ^ (ends - 1)) & UINT64_C (0x7f7f7f7f7f7f7f7f);
    word = (word & UINT64_C (0x007f007f007f007f)) |
           (word & UINT64_C (0x7f007f007f007f00)) >> 1;
    word = (word & UINT64_C (0x00003fff00003fff)) |
           (word & UINT64_C (0x3fff00003fff0000)) >> 2;
    *ret = (word & UINT64_C (0x000000000fffffff)) |
           (word & UINT64_C (0x0fffffff00000000)) >> 4;
    return (unsigned) __builtin_ctzll (ends) / 8 + 1;
}

/* Most keys, lengths and numbers are one byte, or two. */
static inline bool read_varint (struct reader *reader, unsigned size_most, uint64_t *ret)
{
    const uint8_t *at = reader->at;
    ptrdiff_t left = reader->end - at;
    if (left > 0 && at[0] < 0x80) {
        *ret = at[0];
        reader->at = at + 1;
    } else if (left > 1 && at[1] < 0x80) {
        *ret = (at[0] & 0x7fu) | (uint64_t) at[1] << 7;
        reader->at = at + 2;
    } else {
        return read_long (reader, size_most, ret);
    }
    return true;
}

static inline bool read_bytes (struct reader *reader, struct bytes *ret)
{
    uint64_t size;
    if (!read_varint (reader, VARINT_SHORT, &size) ||
        size > (size_t) (reader->end - reader->at))
        return false;
    *ret = BYTES (reader->at, size);
    reader->at += size;
    return true;
}

static bool skip (struct reader *reader, size_t size)
{
    if (size > (size_t) (reader->end - reader->at))
        return false;
    reader->at += size;
    return true;
}

/* ---- one value ------------------------------------------------------------- */

static int read_message (struct reading *reading, const struct wire_message *rules,
                         struct bytes bytes, const struct place *place, uint8_t *to);

static int out_of_memory (const struct reading *reading)
{
    return err_set (reading->err, -ENOMEM, "%s of %zu bytes does not fit into the batch",
                    reading->whole->name, reading->frame_size);
}

static inline void number_put (const struct wire_field *field, uint64_t value,
                               uint8_t *to)
{
    if (field->type == WIRE_TYPE_U64 || field->type == WIRE_TYPE_TIME)
        memcpy (to, &value, sizeof value);
    else if (field->type == WIRE_TYPE_BOOL)
        *(bool *) to = value != 0;
    else
        memcpy (to, &(uint32_t){ (uint32_t) value }, sizeof (uint32_t));
}

static inline int take_number (struct reading *reading, const struct place *place,
                               uint64_t value, uint8_t *to)
{
    const struct wire_field *field = place->field;
    if (value > field->most)
        return refuse (reading, place, "is not within 0 and %llu",
                       (unsigned long long) field->most);
    number_put (field, value, to);
    return 0;
}

static int check_length (struct reading *reading, const struct place *place,
                         struct bytes bytes)
{
    const struct wire_field *field = place->field;
    if (bytes.size == 0 && !field->required)
        return 0; /* "not said" */
    if (bytes.size >= field->least && bytes.size <= field->most)
        return 0;
    if (field->least == field->most)
        return refuse (reading, place, "is not %llu bytes long",
                       (unsigned long long) field->least);
    return refuse (reading, place, "is longer than %llu bytes",
                   (unsigned long long) field->most);
}

static int take_text (struct reading *reading, const struct place *place,
                      struct bytes text, uint8_t *to)
{
    const struct wire_field *field = place->field;
    int rc = check_length (reading, place, text);
    if (rc < 0)
        return rc;
    if (text.size > 0 && memchr (text.data, '\0', text.size) != NULL)
        return refuse (reading, place, "contains a NUL");
    if (!text_is_utf8 (text))
        return refuse (reading, place, "is not valid UTF-8");
    if (text.size == 0 && !field->required && field->count_most == 0)
        return 0; /* empty is "not said": NULL */
    char *copy = arena_try (reading->arena, text.size + 1);
    if (copy == NULL)
        return out_of_memory (reading);
    if (text.size > 0)
        memcpy (copy, text.data, text.size);
    *(const char **) to = copy;
    return 0;
}

static int take_bytes (struct reading *reading, const struct place *place,
                       struct bytes bytes, uint8_t *to)
{
    int rc = check_length (reading, place, bytes);
    if (rc < 0 || bytes.size == 0)
        return rc;
    uint8_t *copy = arena_try (reading->arena, bytes.size);
    if (copy == NULL)
        return out_of_memory (reading);
    *(struct bytes *) to = BYTES (memcpy (copy, bytes.data, bytes.size), bytes.size);
    return 0;
}

/* Where a message goes: among its like, or into memory of its own. */
static int take_message (struct reading *reading, const struct place *place,
                         struct bytes bytes, uint8_t *to)
{
    const struct wire_field *field = place->field;
    if (field->count_most == 0) {
        void *inner = arena_try (reading->arena, field->message->size);
        if (inner == NULL)
            return out_of_memory (reading);
        *(void **) to = inner;
        to = inner;
    }
    return read_message (reading, field->message, bytes, place, to);
}

static inline bool field_is_number (const struct wire_field *field)
{
    return field->type < WIRE_TYPE_TEXT;
}

/* ---- repeated fields ------------------------------------------------------- */

static bool skip_value (struct reader *reader, uint64_t encoding, struct bytes *ret_bytes)
{
    uint64_t value;
    *ret_bytes = BYTES (NULL, 0);
    switch (encoding) {
    case ENCODING_VARINT:
        return read_varint (reader, VARINT_LONG, &value);
    case ENCODING_FIXED64:
        return skip (reader, 8);
    case ENCODING_LENGTH:
        return read_bytes (reader, ret_bytes);
    case ENCODING_FIXED32:
        return skip (reader, 4);
    default:
        return false;
    }
}

/* How many elements of this field are still to come, the one whose key was just read
 * among them: at most as many as may be there. What is cut off or nonsense further on is
 * refused when its turn comes. */
static uint32_t count_elements (const struct wire_field *field, struct reader reader,
                                uint64_t key)
{
    uint32_t count = 0;
    for (;;) {
        struct bytes bytes;
        if (!skip_value (&reader, key & 7, &bytes))
            break;
        if (key >> 3 == field->tag && field_is_number (field) &&
            (key & 7) == ENCODING_LENGTH) {
            for (size_t i = 0; i < bytes.size && count < field->count_most; i++)
                count += bytes.data[i] < 0x80;
        } else if (key >> 3 == field->tag) {
            count++;
        }
        if (count >= field->count_most || reader.at == reader.end ||
            !read_varint (&reader, VARINT_SHORT, &key))
            break;
    }
    return count < field->count_most ? count : field->count_most;
}

/* Where the next element goes; NULL: there are too many. */
static uint8_t *next_element (const struct wire_field *field, uint8_t *message)
{
    size_t *count = (size_t *) (message + field->count_offset);
    if (*count == field->count_most)
        return NULL;
    uint8_t *array = *(uint8_t **) (message + field->offset);
    return array + (*count)++ * wire_element_size (field);
}

static int beyond (struct reading *reading, struct place *place)
{
    place->index = place->field->count_most;
    return refuse (reading, place, "is beyond the %u that may be there",
                   place->field->count_most);
}

/* Several numbers in one run of bytes, as other libraries may send repeated ones. */
static int take_packed (struct reading *reading, struct place *place, struct bytes bytes,
                        uint8_t *message)
{
    const struct wire_field *field = place->field;
    struct reader reader = { bytes.data, bytes.data + bytes.size };
    while (reader.at < reader.end) {
        uint64_t value;
        place->index = (uint32_t) * (size_t *) (message + field->count_offset);
        uint8_t *to = next_element (field, message);
        if (to == NULL)
            return beyond (reading, place);
        if (!read_varint (&reader, VARINT_LONG, &value))
            return refuse (reading, place, "is cut off or no number");
        int rc = take_number (reading, place, value, to);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* ---- one field ------------------------------------------------------------- */

static int take_value (struct reading *reading, struct place *place, struct bytes bytes,
                       uint8_t *to)
{
    switch (place->field->type) {
    case WIRE_TYPE_TEXT:
        return take_text (reading, place, bytes, to);
    case WIRE_TYPE_BYTES:
        return take_bytes (reading, place, bytes, to);
    default:
        return take_message (reading, place, bytes, to);
    }
}

/* Its array, with the first element. */
static int begin_repeated (struct reading *reading, const struct place *place,
                           const struct reader *reader, uint64_t key, uint8_t *message)
{
    const struct wire_field *field = place->field;
    uint32_t count = count_elements (field, *reader, key);
    if (count == 0)
        return 0; /* an empty run, or refused at once */
    void *array = arena_try (reading->arena, count * wire_element_size (field));
    if (array == NULL)
        return out_of_memory (reading);
    *(void **) (message + field->offset) = array;
    return 0;
}

/* A field that the table knows; 'is_first': it did not come before. */
static inline int read_field (struct reading *reading, struct place *place,
                              struct reader *reader, uint64_t key, bool is_first,
                              uint8_t *message)
{
    const struct wire_field *field = place->field;
    uint8_t *to = message + field->offset;
    bool is_packed =
        field_is_number (field) && field->count_most > 0 && (key & 7) == ENCODING_LENGTH;
    struct bytes bytes;
    uint64_t value;
    if (field->count_most == 0 && !is_first) {
        place->index = 1;
        return refuse (reading, place, "is said twice");
    }
    if (field->count_most > 0 && *(void **) to == NULL) {
        int rc = begin_repeated (reading, place, reader, key, message);
        if (rc < 0)
            return rc;
    }
    if (is_packed)
        return read_bytes (reader, &bytes) ? take_packed (reading, place, bytes, message)
                                           : refuse (reading, place, "is cut off");
    if (field->count_most > 0) {
        place->index = (uint32_t) * (size_t *) (message + field->count_offset);
        to = next_element (field, message);
        if (to == NULL)
            return beyond (reading, place);
    }
    if ((key & 7) != (field_is_number (field) ? ENCODING_VARINT : ENCODING_LENGTH))
        return refuse (reading, place, "is of another type");
    if (field_is_number (field))
        return read_varint (reader, VARINT_LONG, &value)
                   ? take_number (reading, place, value, to)
                   : refuse (reading, place, "is cut off or no number");
    return read_bytes (reader, &bytes) ? take_value (reading, place, bytes, to)
                                       : refuse (reading, place, "is cut off");
}

/* A field that the table does not know: of a newer peer, or nonsense. */
static int pass_unknown (struct reading *reading, const struct place *place,
                         struct reader *reader, uint64_t key)
{
    struct bytes bytes;
    unsigned long long tag = key >> 3;
    if (place->closed)
        return refuse (reading, place,
                       "field %llu is unknown here: the client is newer than this "
                       "program and asks for what it cannot do",
                       tag);
    if (skip_value (reader, key & 7, &bytes))
        return 0;
    bool is_known = (key & 7) != 3 && (key & 7) != 4 && (key & 7) < 6;
    return refuse (reading, place,
                   is_known ? "field %llu is cut off"
                            : "field %llu is of no type of this protocol",
                   tag);
}

/* ---- one message ------------------------------------------------------------ */

/* Which field has this number, and which must be there: made of the table when the first
 * message of the type is read. */
static const struct wire_index *index_of (const struct wire_message *rules)
{
    struct wire_index *index = rules->index;
    if (index->is_made)
        return index;
    for (uint32_t i = 0; i < rules->n_fields; i++) {
        assert (rules->fields[i].tag < WIRE_TAGS);
        index->at[rules->fields[i].tag] = (uint8_t) (i + 1);
        index->required |= rules->fields[i].required ? UINT64_C (1) << i : 0;
    }
    index->is_made = true;
    return index;
}

static int refuse_missing (struct reading *reading, const struct wire_message *rules,
                           uint64_t missing, const struct place *place)
{
    struct place at = { .above = place,
                        .field = &rules->fields[__builtin_ctzll (missing)] };
    return refuse (reading, &at, "is missing");
}

/* Most of what comes: a number that is not repeated and did not come before, as it should
 * be. False: nothing was read, and what it is or what is wrong with it 'read_field' says. */
static inline bool read_plain (const struct reading *reading, struct reader *reader,
                               const struct wire_field *field, uint64_t key,
                               uint8_t *message)
{
    const uint8_t *at = reader->at;
    uint64_t value;
    unsigned size = 1;
    if ((key & 7) != ENCODING_VARINT || !field_is_number (field) ||
        field->count_most > 0 || at == reader->end)
        return false;
    value = *at;
    if (value >= 0x80)
        size = reading->frame_end - at >= 8 ? read_eight (at, &value) : 0;
    if (size == 0 || size > (size_t) (reader->end - at) || value > field->most)
        return false;
    number_put (field, value, message + field->offset);
    reader->at = at + size;
    return true;
}

static int read_message (struct reading *reading, const struct wire_message *rules,
                         struct bytes bytes, const struct place *place, uint8_t *to)
{
    const struct wire_index *index = index_of (rules);
    struct reader reader = { bytes.data, bytes.data + bytes.size };
    struct place here = { .above = place, .closed = place->closed || rules->closed };
    uint64_t seen = 0;
    while (reader.at < reader.end) {
        uint64_t key;
        if (++reading->fields > LIMIT_FRAME_FIELDS)
            return refuse (reading, place, "the frame has more than %d fields",
                           LIMIT_FRAME_FIELDS);
        if (!read_varint (&reader, VARINT_SHORT, &key) || key >> 3 == 0 ||
            key > UINT32_MAX)
            return refuse (reading, place, "is cut off or not of this protocol");
        uint64_t tag = key >> 3;
        uint8_t found = tag < WIRE_TAGS ? index->at[tag] : 0;
        int rc;
        if (found == 0) {
            rc = pass_unknown (reading, &here, &reader, key);
        } else {
            const struct wire_field *field = &rules->fields[found - 1];
            uint64_t bit = UINT64_C (1) << (found - 1);
            bool is_first = (seen & bit) == 0;
            seen |= bit;
            if (is_first && read_plain (reading, &reader, field, key, to))
                continue;
            here.field = field;
            here.index = 0;
            rc = read_field (reading, &here, &reader, key, is_first, to);
            here.field = NULL;
        }
        if (rc < 0)
            return rc;
    }
    uint64_t missing = index->required & ~seen;
    return missing == 0 ? 0 : refuse_missing (reading, rules, missing, place);
}

int wire_decode (const struct wire_message *rules, struct arena *arena,
                 struct bytes frame, void *ret_message, struct err *err)
{
    struct reading reading = {
        .arena = arena,
        .err = err,
        .whole = rules,
        .frame_size = frame.size,
        .frame_end = frame.data + frame.size,
    };
    struct place top = { .closed = rules->closed };
    size_t size_most = rules->from_client ? LIMIT_CLIENT_FRAME : LIMIT_SERVER_FRAME;
    if (frame.size > size_most)
        return err_set (err, -EMSGSIZE, "%s of %zu bytes: at most %zu are taken",
                        rules->name, frame.size, size_most);
    void *message = arena_try (arena, rules->size);
    if (message == NULL)
        return out_of_memory (&reading);
    int rc = read_message (&reading, rules, frame, &top, message);
    if (rc == 0)
        memcpy (ret_message, message, rules->size);
    return rc;
}

/* ---- one number ------------------------------------------------------------- */

#define TAG_KIND 3 /* journal.proto: Entry; only numbers stand before it */

uint32_t entry_kind (struct bytes header)
{
    struct reader reader = { header.data, header.data + header.size };
    uint64_t key, value;
    while (reader.at < reader.end && read_varint (&reader, VARINT_SHORT, &key) &&
           (key & 7) == ENCODING_VARINT && key >> 3 <= TAG_KIND &&
           read_varint (&reader, VARINT_LONG, &value))
        if (key >> 3 == TAG_KIND)
            return value <= UINT32_MAX ? (uint32_t) value : 0;
    return 0;
}
