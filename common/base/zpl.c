/* SPDX-License-Identifier: Apache-2.0 */
/* ZPL, read line by line. Purpose: the line number of every mistake. A reader that
 * builds a tree first (czmq's) has forgotten the lines by the time somebody asks for
 * them, and forgives tabs and typing errors in silence.
 *
 * Names: letters, digits and $ - _ @ . & +. Values: quoted by " or ' and then taken as
 * they stand, else from the first character to the comment, trailing spaces cut. */
#include "base/zpl.h"

#include <errno.h>
#include <string.h>

#define INDENT 4

void zpl_init (struct zpl *zpl, const char *source, struct bytes text)
{
    *zpl = (struct zpl){ .source = source, .rest = text };
}

static int bad (const struct zpl *zpl, struct err *err, const char *what)
{
    return err_set (err, -EINVAL, "%s:%u: %s", zpl->source, zpl->line, what);
}

static bool is_name_character (char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr ("$-_@.&+", c) != NULL);
}

static bool take_line (struct zpl *zpl, struct bytes *ret_line)
{
    if (zpl->rest.size == 0)
        return false;
    const uint8_t *end = memchr (zpl->rest.data, '\n', zpl->rest.size);
    size_t size = end == NULL ? zpl->rest.size : (size_t) (end - zpl->rest.data);
    size_t taken = end == NULL ? size : size + 1;
    *ret_line = BYTES (zpl->rest.data, size);
    zpl->rest = BYTES (zpl->rest.data + taken, zpl->rest.size - taken);
    zpl->line++;
    return true;
}

/* What editors and spreadsheets leave behind, said by name. */
static const char *foreign_character (struct bytes line, unsigned number)
{
    if (number == 1 && line.size >= 3 && memcmp (line.data, "\xEF\xBB\xBF", 3) == 0)
        return "the file begins with a byte order mark; save it as UTF-8 without BOM";
    if (line.size > 0 && line.data[line.size - 1] == '\r')
        return "the line ends in CR LF; save the file with Unix line ends";
    if (memchr (line.data, '\t', line.size) != NULL)
        return "there is a tab; indent by four spaces";
    for (size_t i = 0; i < line.size; i++)
        if (line.data[i] < 0x20 || line.data[i] == 0x7F)
            return "there is a control character";
    return NULL;
}

static size_t skip_spaces (struct bytes line, size_t at)
{
    while (at < line.size && line.data[at] == ' ')
        at++;
    return at;
}

static bool is_over (struct bytes line, size_t at)
{
    at = skip_spaces (line, at);
    return at == line.size || line.data[at] == '#';
}

/* Put the name of depth 'depth' behind what is above it in 'path'. */
static int enter (struct zpl *zpl, size_t depth, const char *name, size_t size,
                  struct err *err)
{
    size_t start = depth == 0 ? 0 : zpl->path_ends[depth - 1] + 1;
    if (start + size + 1 > ZPL_PATH_SIZE)
        return bad (zpl, err, "the name is too long");
    if (depth > 0)
        zpl->path[start - 1] = '/';
    memcpy (zpl->path + start, name, size);
    zpl->path[start + size] = '\0';
    zpl->path_ends[depth] = start + size;
    zpl->depth = (unsigned) depth + 1;
    return 0;
}

static int take_quoted (struct zpl *zpl, struct bytes line, size_t at, struct err *err)
{
    const uint8_t *start = line.data + at + 1;
    size_t left = line.size - at - 1;
    const uint8_t *end = memchr (start, line.data[at], left);
    if (end == NULL)
        return bad (zpl, err, "the closing quote is missing");
    size_t size = (size_t) (end - start);
    if (size >= ZPL_VALUE_SIZE)
        return bad (zpl, err, "the value is too long");
    if (!is_over (line, at + 1 + size + 1))
        return bad (zpl, err, "something stands behind the closing quote");
    memcpy (zpl->value, start, size);
    zpl->value[size] = '\0';
    return 0;
}

static int take_plain (struct zpl *zpl, struct bytes line, size_t at, struct err *err)
{
    const uint8_t *start = line.data + at;
    const uint8_t *comment = memchr (start, '#', line.size - at);
    size_t size = comment == NULL ? line.size - at : (size_t) (comment - start);
    while (size > 0 && start[size - 1] == ' ')
        size--;
    if (size == 0)
        return bad (zpl, err, "there is no value behind the =");
    if (size >= ZPL_VALUE_SIZE)
        return bad (zpl, err, "the value is too long");
    memcpy (zpl->value, start, size);
    zpl->value[size] = '\0';
    return 0;
}

static int take_item (struct zpl *zpl, struct bytes line, size_t indent,
                      struct zpl_item *ret_item, struct err *err)
{
    size_t depth = indent / INDENT, at = indent;
    if (indent % INDENT != 0)
        return bad (zpl, err, "the indentation is not a multiple of four spaces");
    if (depth > zpl->depth)
        return bad (zpl, err,
                    "the line is indented more than one step below its section");
    if (depth >= ZPL_DEPTH_MAX)
        return bad (zpl, err, "sections are nested too deep");
    while (at < line.size && is_name_character ((char) line.data[at]))
        at++;
    if (at == indent)
        return bad (zpl, err, "no name: a line is \"name = value\" or a section's name");

    size_t behind = skip_spaces (line, at);
    bool has_value = behind < line.size && line.data[behind] == '=';
    if (!has_value && !is_over (line, behind))
        return bad (zpl, err, "there is no = between name and value");
    int rc = enter (zpl, depth, (const char *) line.data + indent, at - indent, err);
    if (rc == 0 && has_value) {
        size_t value = skip_spaces (line, behind + 1);
        bool is_quoted =
            value < line.size && (line.data[value] == '"' || line.data[value] == '\'');
        rc = is_quoted ? take_quoted (zpl, line, value, err)
                       : take_plain (zpl, line, value, err);
    }
    if (rc < 0)
        return rc;
    *ret_item = (struct zpl_item){ .line = zpl->line,
                                   .path = zpl->path,
                                   .value = has_value ? zpl->value : NULL };
    return 1;
}

int zpl_next (struct zpl *zpl, struct zpl_item *ret_item, struct err *err)
{
    struct bytes line;
    while (take_line (zpl, &line)) {
        const char *foreign = foreign_character (line, zpl->line);
        if (foreign != NULL)
            return bad (zpl, err, foreign);
        if (is_over (line, 0))
            continue;
        return take_item (zpl, line, skip_spaces (line, 0), ret_item, err);
    }
    return 0;
}

bool zpl_append_value (struct buffer *buffer, const char *value)
{
    size_t size = strlen (value);
    bool has_double = strchr (value, '"') != NULL;
    if ((has_double && strchr (value, '\'') != NULL) || size >= ZPL_VALUE_SIZE)
        return false;
    for (size_t i = 0; i < size; i++)
        if ((uint8_t) value[i] < 0x20 || value[i] == 0x7F)
            return false;
    const char *quote = has_double ? "'" : "\"";
    buffer_append (buffer, quote, 1);
    buffer_append (buffer, value, size);
    buffer_append (buffer, quote, 1);
    return true;
}
