/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8: is it any, how long is it, and how does it look on a screen. Nothing here
 * changes what is stored: what petitioners write is kept byte by byte. */
#ifndef MINQING_BASE_TEXT_H
#define MINQING_BASE_TEXT_H

#include "base/bytes.h"

#define TEXT_INVALID UINT32_C (0xFFFFFFFF)

/* Strict (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF, nothing
 * cut off. Control characters, NUL among them, are valid UTF-8. */
bool text_is_utf8 (struct bytes text);

/* The character at '*at' (byte offset, < text.size), and '*at' moved behind it;
 * TEXT_INVALID moves by one byte. */
uint32_t text_next (struct bytes text, size_t *at);

/* Code points; an invalid byte counts as one. */
size_t text_count (struct bytes text);

/* The longest beginning with at most 'characters' code points, or with at most 'size'
 * bytes, that does not cut a character in two. A view into 'text'. */
struct bytes text_head (struct bytes text, size_t characters);
struct bytes text_fit (struct bytes text, size_t size);

/* For the screen, the printer and a cell of TSV or CSV; append to 'ret'.
 * text_clean: control characters and invalid bytes become a space, '\n' and '\t' stay,
 *   "\r\n" and a lone '\r' become '\n'; direction overrides and zero-width characters
 *   are dropped (they hide text from a reader).
 * text_cell: the same on one line: every run of white space becomes one space, none at
 *   the ends.
 * Neither quotes for CSV or HTML. */
void text_clean (struct bytes text, struct buffer *ret);
void text_cell (struct bytes text, struct buffer *ret);

/* Full-width ASCII forms (０ … ９, Ａ … ｚ, －, ／ and the rest of U+FF01–FF5E) and the
 * ideographic space as ASCII; everything else as it is. Appends to 'ret'. */
void text_narrow (struct bytes text, struct buffer *ret);
uint32_t text_narrow_character (uint32_t character);

/* Append one character as UTF-8. */
void text_put (struct buffer *buffer, uint32_t character);

#endif
