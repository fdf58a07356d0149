/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 by RFC 3629. One decoder ('text_next') serves everything; what it takes for
 * invalid, everything takes for invalid. */
#include "base/text.h"

#include <endian.h>
#include <string.h>

/* Length by first byte and the lowest code point of that length: less is overlong. */
static size_t sequence_length (uint8_t first, uint32_t *ret_least, uint32_t *ret_bits)
{
    if (first < 0x80) {
        *ret_least = 0;
        *ret_bits = first;
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        *ret_least = 0x80;
        *ret_bits = first & 0x1Fu;
        return 2;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        *ret_least = 0x800;
        *ret_bits = first & 0x0Fu;
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        *ret_least = 0x10000;
        *ret_bits = first & 0x07u;
        return 4;
    }
    return 0;
}

uint32_t text_next (struct bytes text, size_t *at)
{
    assert (*at < text.size);
    size_t start = (*at)++;
    uint32_t least, character;
    size_t length = sequence_length (text.data[start], &least, &character);
    if (length == 0 || length > text.size - start)
        return TEXT_INVALID;
    for (size_t i = 1; i < length; i++) {
        uint8_t byte = text.data[start + i];
        if ((byte & 0xC0) != 0x80)
            return TEXT_INVALID;
        character = character << 6 | (byte & 0x3Fu);
    }
    bool surrogate = character >= 0xD800 && character <= 0xDFFF;
    if (character < least || surrogate || character > 0x10FFFF)
        return TEXT_INVALID;
    *at = start + length;
    return character;
}

/* Three bytes that are a character whatever the two behind the first are: nearly all of
 * Chinese. E0 and ED have exceptions, overlong forms and surrogates. */
static bool is_plain_three (const uint8_t *at)
{
    return at[0] > 0xE0 && at[0] < 0xF0 && at[0] != 0xED && (at[1] & 0xC0) == 0x80 &&
           (at[2] & 0xC0) == 0x80;
}

/* Two of them at once; eight bytes are there to be read. */
static bool is_plain_six (const uint8_t *at)
{
    const uint32_t plain = 0xDFFE; /* low halves of first bytes: neither E0 nor ED */
    uint64_t word;
    memcpy (&word, at, sizeof word);
    word = le64toh (word);
    return (word & UINT64_C (0xC0C0F0C0C0F0)) == UINT64_C (0x8080E08080E0) &&
           (plain >> (word & 15) & plain >> (word >> 24 & 15) & 1) != 0;
}

bool text_is_utf8 (struct bytes text)
{
    /* Every text that comes in passes here: the usual cases go the short way. */
    for (size_t at = 0; at < text.size;) {
        if (text.data[at] < 0x80)
            at++;
        else if (text.size - at >= 8 && is_plain_six (text.data + at))
            at += 6;
        else if (text.size - at >= 3 && is_plain_three (text.data + at))
            at += 3;
        else if (text_next (text, &at) == TEXT_INVALID)
            return false;
    }
    return true;
}

size_t text_count (struct bytes text)
{
    size_t count = 0;
    for (size_t at = 0; at < text.size; count++)
        text_next (text, &at);
    return count;
}

struct bytes text_head (struct bytes text, size_t characters)
{
    size_t at = 0;
    while (at < text.size && characters-- > 0)
        text_next (text, &at);
    return BYTES (text.data, at);
}

struct bytes text_fit (struct bytes text, size_t size)
{
    size_t end = 0;
    for (size_t at = 0; at < text.size; end = at) {
        text_next (text, &at);
        if (at > size)
            break;
    }
    return BYTES (text.data, end);
}

void text_put (struct buffer *buffer, uint32_t character)
{
    assert (character <= 0x10FFFF);
    uint8_t bytes[4];
    size_t size = character < 0x80      ? 1
                  : character < 0x800   ? 2
                  : character < 0x10000 ? 3
                                        : 4;
    static const uint8_t marks[] = { 0, 0x00, 0xC0, 0xE0, 0xF0 };
    for (size_t i = size - 1; i > 0; i--) {
        bytes[i] = (uint8_t) (0x80 | (character & 0x3F));
        character >>= 6;
    }
    bytes[0] = (uint8_t) (marks[size] | character);
    buffer_append (buffer, bytes, size);
}

/* Zero-width and direction characters: a screen shows nothing, or shows it elsewhere. */
static bool is_hidden (uint32_t c)
{
    return c == 0x00AD || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) || c == 0xFEFF;
}

static bool is_control (uint32_t c)
{
    return c == TEXT_INVALID || c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 ||
           c == 0x2029;
}

void text_clean (struct bytes text, struct buffer *ret)
{
    for (size_t at = 0; at < text.size;) {
        uint32_t c = text_next (text, &at);
        if (c == '\r') {
            if (at == text.size || text.data[at] != '\n')
                text_put (ret, '\n');
        } else if (c == '\n' || c == '\t') {
            text_put (ret, c);
        } else if (is_control (c)) {
            text_put (ret, ' ');
        } else if (!is_hidden (c)) {
            text_put (ret, c);
        }
    }
}

void text_cell (struct bytes text, struct buffer *ret)
{
    bool started = false, gap = false;
    for (size_t at = 0; at < text.size;) {
        uint32_t c = text_next (text, &at);
        if (is_hidden (c))
            continue;
        if (is_control (c) || c == ' ' || c == 0x00A0 || c == 0x3000) {
            gap = started;
            continue;
        }
        if (gap)
            text_put (ret, ' ');
        gap = false;
        started = true;
        text_put (ret, c);
    }
}

uint32_t text_narrow_character (uint32_t character)
{
    if (character >= 0xFF01 && character <= 0xFF5E)
        return character - 0xFF01 + '!';
    return character == 0x3000 ? ' ' : character;
}

void text_narrow (struct bytes text, struct buffer *ret)
{
    for (size_t at = 0; at < text.size;) {
        size_t start = at;
        uint32_t c = text_next (text, &at);
        if (c == TEXT_INVALID)
            buffer_append (ret, text.data + start, at - start);
        else
            text_put (ret, text_narrow_character (c));
    }
}
