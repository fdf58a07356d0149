/* SPDX-License-Identifier: Apache-2.0 */
/* Raw bytes against the rules, before protobuf-c sees them.
 *
 * protobuf-c is obliging: it takes enum 99, text that is no UTF-8 or ends early at a NUL,
 * the second of two singular fields, a million empty elements. All of that is refused
 * here, by the path of the field, so that unpacking and walking have nothing left to
 * find. The scan allocates nothing and is bounded: every byte is looked at once per
 * level of nesting, and no message type contains itself (wire_check_schema).
 *
 * Law: what the scan passes, protobuf-c unpacks. Where the two could differ in strictness
 * (length of a varint, packed elements, groups) the scan is the stricter one. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "wire/rules.h"

enum wire_encoding {
    ENCODING_VARINT = 0,
    ENCODING_FIXED64 = 1,
    ENCODING_LENGTH = 2,
    ENCODING_FIXED32 = 5
};

/* Longest varint of a field number or a length, and of a value. */
#define VARINT_SHORT 5
#define VARINT_LONG  10

struct scan {
    size_t fields; /* seen so far, in the whole frame */
    struct err *err;
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

static int refuse (const struct scan *scan, const struct place *place, const char *format,
                   ...) PRINTF_LIKE (3, 4);
static int refuse (const struct scan *scan, const struct place *place, const char *format,
                   ...)
{
    char path[ERR_TEXT_SIZE / 2] = "", sentence[ERR_TEXT_SIZE / 2];
    va_list args;
    va_start (args, format);
    vsnprintf (sentence, sizeof sentence, format, args);
    va_end (args);
    size_t used = path_write (place, path, sizeof path);
    return err_set (scan->err, -EBADMSG, "%s%s%s", path, used > 0 ? ": " : "", sentence);
}

/* ---- reading --------------------------------------------------------------- */

static bool read_varint (struct reader *reader, unsigned size_most, uint64_t *ret)
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

static bool read_bytes (struct reader *reader, struct bytes *ret)
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

/* ---- one field ------------------------------------------------------------- */

static int scan_message (struct scan *scan, const struct wire_message *rules,
                         struct bytes bytes, const struct place *place);

static int scan_number (struct scan *scan, const struct place *place, uint64_t value)
{
    const struct wire_field *field = place->field;
    if (value > field->most)
        return refuse (scan, place, "is not within 0 and %llu",
                       (unsigned long long) field->most);
    return 0;
}

static int scan_length (struct scan *scan, const struct place *place, struct bytes bytes)
{
    const struct wire_field *field = place->field;
    if (bytes.size == 0 && !field->required)
        return 0; /* "not said" */
    if (bytes.size >= field->least && bytes.size <= field->most)
        return 0;
    if (field->least == field->most)
        return refuse (scan, place, "is not %llu bytes long",
                       (unsigned long long) field->least);
    return refuse (scan, place, "is longer than %llu bytes",
                   (unsigned long long) field->most);
}

static int scan_text (struct scan *scan, const struct place *place, struct bytes text)
{
    int rc = scan_length (scan, place, text);
    if (rc < 0)
        return rc;
    if (text.size > 0 && memchr (text.data, '\0', text.size) != NULL)
        return refuse (scan, place, "contains a NUL");
    if (!text_is_utf8 (text))
        return refuse (scan, place, "is not valid UTF-8");
    return 0;
}

static bool field_is_number (const struct wire_field *field)
{
    return field->type < WIRE_TYPE_TEXT;
}

/* Several numbers in one run of bytes, as other libraries may send repeated ones. */
static int scan_packed (struct scan *scan, struct place *place, struct bytes bytes,
                        uint32_t *count)
{
    struct reader reader = { bytes.data, bytes.data + bytes.size };
    while (reader.at < reader.end) {
        uint64_t value;
        place->index = *count;
        if (++*count > place->field->count_most)
            return refuse (scan, place, "is beyond the %u that may be there",
                           place->field->count_most);
        if (!read_varint (&reader, VARINT_LONG, &value))
            return refuse (scan, place, "is cut off or no number");
        int rc = scan_number (scan, place, value);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int scan_counted (struct scan *scan, struct place *place, uint32_t *count)
{
    const struct wire_field *field = place->field;
    place->index = (*count)++;
    if (field->count_most == 0 && *count > 1)
        return refuse (scan, place, "is said twice");
    if (field->count_most > 0 && *count > field->count_most)
        return refuse (scan, place, "is beyond the %u that may be there",
                       field->count_most);
    return 0;
}

/* A field that the table knows; '*count' is how often it came before. */
static int scan_field (struct scan *scan, struct place *place, struct reader *reader,
                       enum wire_encoding encoding, uint32_t *count)
{
    const struct wire_field *field = place->field;
    struct bytes bytes;
    uint64_t value;
    int rc;
    if (field_is_number (field)) {
        if (encoding == ENCODING_LENGTH && field->count_most > 0) {
            if (!read_bytes (reader, &bytes))
                return refuse (scan, place, "is cut off");
            return scan_packed (scan, place, bytes, count);
        }
        rc = scan_counted (scan, place, count);
        if (rc < 0)
            return rc;
        if (encoding != ENCODING_VARINT)
            return refuse (scan, place, "is of another type");
        if (!read_varint (reader, VARINT_LONG, &value))
            return refuse (scan, place, "is cut off or no number");
        return scan_number (scan, place, value);
    }
    rc = scan_counted (scan, place, count);
    if (rc < 0)
        return rc;
    if (encoding != ENCODING_LENGTH)
        return refuse (scan, place, "is of another type");
    if (!read_bytes (reader, &bytes))
        return refuse (scan, place, "is cut off");
    if (field->type == WIRE_TYPE_TEXT)
        return scan_text (scan, place, bytes);
    if (field->type == WIRE_TYPE_BYTES)
        return scan_length (scan, place, bytes);
    return scan_message (scan, field->message, bytes, place);
}

/* A field that the table does not know: of a newer peer, or nonsense. */
static int scan_unknown (struct scan *scan, const struct place *place,
                         struct reader *reader, uint64_t tag, uint64_t encoding)
{
    struct bytes bytes;
    uint64_t value;
    bool whole;
    if (place->closed)
        return refuse (scan, place,
                       "field %llu is unknown here: the client is newer than this "
                       "program and asks for what it cannot do",
                       (unsigned long long) tag);
    if (encoding == ENCODING_VARINT)
        whole = read_varint (reader, VARINT_LONG, &value);
    else if (encoding == ENCODING_FIXED64)
        whole = skip (reader, 8);
    else if (encoding == ENCODING_LENGTH)
        whole = read_bytes (reader, &bytes);
    else if (encoding == ENCODING_FIXED32)
        whole = skip (reader, 4);
    else
        return refuse (scan, place, "field %llu is of no type of this protocol",
                       (unsigned long long) tag);
    return whole
               ? 0
               : refuse (scan, place, "field %llu is cut off", (unsigned long long) tag);
}

/* ---- one message ------------------------------------------------------------ */

/* Index of the field with this number, or -1. Senders write in order, so the search goes
 * on where the last one ended. */
static int field_find (const struct wire_message *rules, uint64_t tag, uint32_t from)
{
    for (uint32_t i = 0; i < rules->n_fields; i++) {
        uint32_t at = from + i < rules->n_fields ? from + i : from + i - rules->n_fields;
        if (rules->fields[at].tag == tag)
            return (int) at;
    }
    return -1;
}

static int scan_required (struct scan *scan, const struct wire_message *rules,
                          const uint32_t *counts, const struct place *place)
{
    for (uint32_t i = 0; i < rules->n_fields; i++) {
        if (!rules->fields[i].required || counts[i] > 0)
            continue;
        struct place missing = { .above = place, .field = &rules->fields[i] };
        return refuse (scan, &missing, "is missing");
    }
    return 0;
}

static int scan_message (struct scan *scan, const struct wire_message *rules,
                         struct bytes bytes, const struct place *place)
{
    uint32_t counts[WIRE_FIELDS_MOST] = { 0 };
    struct reader reader = { bytes.data, bytes.data + bytes.size };
    struct place here = { .above = place, .closed = place->closed || rules->closed };
    uint32_t next = 0;
    while (reader.at < reader.end) {
        uint64_t key;
        if (++scan->fields > LIMIT_FRAME_FIELDS)
            return refuse (scan, place, "the frame has more than %d fields",
                           LIMIT_FRAME_FIELDS);
        if (!read_varint (&reader, VARINT_SHORT, &key) || key >> 3 == 0 ||
            key > UINT32_MAX)
            return refuse (scan, place, "is cut off or not of this protocol");
        int found = field_find (rules, key >> 3, next);
        int rc;
        if (found < 0) {
            rc = scan_unknown (scan, &here, &reader, key >> 3, key & 7);
        } else {
            next = (uint32_t) found;
            here.field = &rules->fields[found];
            rc = scan_field (scan, &here, &reader, (enum wire_encoding) (key & 7),
                             &counts[found]);
            here.field = NULL;
        }
        if (rc < 0)
            return rc;
    }
    return scan_required (scan, rules, counts, place);
}

int wire_scan (const struct wire_message *rules, struct bytes frame, struct err *err)
{
    struct scan scan = { .err = err };
    struct place top = { .closed = rules->closed };
    size_t size_most = rules->from_client ? LIMIT_CLIENT_FRAME : LIMIT_SERVER_FRAME;
    if (frame.size > size_most)
        return err_set (err, -EMSGSIZE, "%s of %zu bytes: at most %zu are taken",
                        rules->name, frame.size, size_most);
    return scan_message (&scan, rules, frame, &top);
}
