/* SPDX-License-Identifier: Apache-2.0 */
/* Pages and printed lines of documents, laid out as offices do (GB/T 9704: the title in the
 * middle, sections in bold, paragraphs two characters in, signature at the right), but
 * without a red head: it is the paper of the office that has that, or none.
 *
 * The page escapes every character that HTML gives a meaning, forbids itself to load
 * anything, and names fonts of several systems: 仿宋 is called differently on each. */
#include "cli/document_page.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/hash.h"
#include "base/text.h"
#include "wire/names.h"

#define SAY(buffer, text) buffer_append ((buffer), (text), sizeof (text) - 1)

static const char erased[] = "　　本文书的正文已经删除；文书号、日期和校验值仍可核对。";

/* ---- lines ----------------------------------------------------------------------------- */

enum layout {
    LAYOUT_BLANK,
    LAYOUT_RIGHT,
    LAYOUT_PARAGRAPH,
    LAYOUT_SECTION,
    LAYOUT_PLAIN
};

struct line {
    enum layout layout;
    struct bytes text; /* without the mark */
};

static bool begins_with (struct bytes text, const char *mark)
{
    size_t size = strlen (mark);
    return text.size >= size && memcmp (text.data, mark, size) == 0;
}

/* "一、", "二、" … */
static bool is_section (struct bytes text)
{
    static const char *const numerals[] = { "一", "二", "三", "四", "五",
                                            "六", "七", "八", "九", "十" };
    for (size_t i = 0; i < ARRAY_SIZE (numerals); i++)
        if (begins_with (text, numerals[i]))
            return begins_with (BYTES (text.data + 3, text.size - 3), "、");
    return false;
}

static struct line line_of (struct bytes text)
{
    if (text.size == 0)
        return (struct line){ LAYOUT_BLANK, text };
    if (text.data[0] == '\t')
        return (struct line){ LAYOUT_RIGHT, BYTES (text.data + 1, text.size - 1) };
    if (begins_with (text, "　　"))
        return (struct line){ LAYOUT_PARAGRAPH, BYTES (text.data + 6, text.size - 6) };
    return (struct line){ is_section (text) ? LAYOUT_SECTION : LAYOUT_PLAIN, text };
}

typedef void (line_fn) (const struct line *line, struct buffer *ret);

static void each_line (const struct document_row *row, line_fn *fn, struct buffer *ret)
{
    struct buffer clean = { 0 };
    text_clean (bytes_of_text (row->text != NULL ? row->text : erased), &clean);
    struct bytes rest = buffer_bytes (&clean);
    for (bool is_last = false; !is_last;) {
        const uint8_t *end = rest.size > 0 ? memchr (rest.data, '\n', rest.size) : NULL;
        size_t size = end != NULL ? (size_t) (end - rest.data) : rest.size;
        struct line line = line_of (BYTES (rest.data, size));
        fn (&line, ret);
        is_last = end == NULL;
        rest = is_last ? rest : BYTES (end + 1, rest.size - size - 1);
    }
    buffer_done (&clean);
}

/* A row without its text has no title either. */
static const char *title_of (const struct document_row *row)
{
    return row->title != NULL ? row->title : document_kind_chinese (row->kind);
}

/* "文书号 1234 · 校验 3f2a…", in two parts: the hash is long. */
static void mark_text (const struct document_row *row, char ret_number[96],
                       char ret_hash[HASH_TEXT_SIZE])
{
    char date[CIVIL_DATE_SIZE];
    snprintf (ret_number, 96, "文书号 %" PRIu64 "，%s", row->sequence,
              civil_format_day (civil_day (row->time_ms), date));
    struct hash hash = { 0 };
    if (row->hash.size == HASH_SIZE)
        memcpy (hash.data, row->hash.data, HASH_SIZE);
    hash_text (&hash, ret_hash);
}

/* ---- HTML ------------------------------------------------------------------------------ */

static const char head[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"zh-CN\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" "
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<style>\n"
    "@page { size: A4; margin: 37mm 26mm 35mm 28mm;\n"
    "  @bottom-center { content: \"— \" counter(page) \" —\"; font-size: 14pt; } }\n"
    "body { font-family: FangSong, 仿宋, FangSong_GB2312, 仿宋_GB2312, STFangsong,\n"
    "  \"Noto Serif CJK SC\", \"Source Han Serif SC\", SimSun, 宋体, serif;\n"
    "  font-size: 16pt; line-height: 28pt; color: #000; background: #fff; margin: 0;\n"
    "  overflow-wrap: anywhere; }\n"
    "h1 { font-size: 22pt; line-height: 34pt; font-weight: bold; text-align: center;\n"
    "  margin: 0 0 28pt; }\n"
    "p { margin: 0; text-align: justify; orphans: 2; widows: 2; }\n"
    "p.right { text-align: right; padding-right: 2em; }\n"
    "p + p.right { break-before: avoid; }\n"
    "p.right + p { break-before: avoid; }\n"
    "p.paragraph { text-indent: 2em; }\n"
    "p.section { font-family: SimHei, 黑体, \"Noto Sans CJK SC\", sans-serif;\n"
    "  break-after: avoid; text-indent: 2em; }\n"
    "footer { margin-top: 28pt; border-top: 1px solid #000; font-size: 9pt;\n"
    "  line-height: 14pt; break-inside: avoid; }\n"
    "@media screen { body { width: 156mm; margin: 20mm auto; } }\n"
    "</style>\n"
    "<title>";

static void append_escaped (struct buffer *ret, struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        switch (text.data[i]) {
        case '&':
            SAY (ret, "&amp;");
            break;
        case '<':
            SAY (ret, "&lt;");
            break;
        case '>':
            SAY (ret, "&gt;");
            break;
        case '"':
            SAY (ret, "&quot;");
            break;
        case '\'':
            SAY (ret, "&#39;");
            break;
        default:
            buffer_append (ret, &text.data[i], 1);
        }
    }
}

static void append_title (struct buffer *ret, const struct document_row *row)
{
    struct buffer cell = { 0 };
    text_cell (bytes_of_text (title_of (row)), &cell);
    append_escaped (ret, buffer_bytes (&cell));
    buffer_done (&cell);
}

static void html_line (const struct line *line, struct buffer *ret)
{
    static const char *const openings[] = {
        [LAYOUT_BLANK] = "<p>&nbsp;",
        [LAYOUT_RIGHT] = "<p class=\"right\">",
        [LAYOUT_PARAGRAPH] = "<p class=\"paragraph\">",
        [LAYOUT_SECTION] = "<p class=\"section\">",
        [LAYOUT_PLAIN] = "<p>",
    };
    buffer_append_bytes (ret, bytes_of_text (openings[line->layout]));
    append_escaped (ret, line->text);
    SAY (ret, "</p>\n");
}

void document_page_html (const struct document_row *row, struct buffer *ret)
{
    char number[96], hash[HASH_TEXT_SIZE];
    mark_text (row, number, hash);
    buffer_append_bytes (ret, bytes_of_text (head));
    append_title (ret, row);
    SAY (ret, "</title>\n</head>\n<body>\n<h1>");
    append_title (ret, row);
    SAY (ret, "</h1>\n");
    each_line (row, html_line, ret);
    SAY (ret, "<footer>");
    buffer_append_bytes (ret, bytes_of_text (number));
    SAY (ret, "<br>SHA-256 ");
    buffer_append_bytes (ret, bytes_of_text (hash));
    SAY (ret, "</footer>\n</body>\n</html>\n");
}

/* ---- plain lines ------------------------------------------------------------------------ */

#define CELLS (2 * DOCUMENT_PAGE_COLUMNS) /* half the width of a Chinese character */

/* A character that takes two cells: East Asian wide and full-width (UAX #11), and the
 * ambiguous marks that Chinese fonts draw wide. */
static unsigned cells_of (uint32_t character)
{
    static const struct {
        uint32_t first, last;
    } wide[] = {
        { 0x00B7, 0x00B7 }, { 0x1100, 0x115F },   { 0x2010, 0x2027 },
        { 0x2030, 0x205E }, { 0x2100, 0x24FF },   { 0x2500, 0x27BF },
        { 0x2E80, 0x303E }, { 0x3041, 0xA4CF },   { 0xAC00, 0xD7A3 },
        { 0xF900, 0xFAFF }, { 0xFE30, 0xFE6F },   { 0xFF01, 0xFF60 },
        { 0xFFE0, 0xFFE6 }, { 0x1F300, 0x1FAFF }, { 0x20000, 0x3FFFD },
    };
    for (size_t i = 0; i < ARRAY_SIZE (wide); i++)
        if (character >= wide[i].first && character <= wide[i].last)
            return 2;
    return 1;
}

struct glyph {
    uint32_t character;
    unsigned cells;
};

static struct glyph *glyphs_of (struct bytes text, size_t *ret_count)
{
    struct glyph *glyphs = calloc (text_count (text) + 1, sizeof *glyphs);
    if (glyphs == NULL)
        abort ();
    *ret_count = 0;
    for (size_t at = 0; at < text.size;) {
        uint32_t character = text_next (text, &at);
        glyphs[(*ret_count)++] = (struct glyph){ character, cells_of (character) };
    }
    return glyphs;
}

/* No line begins with these. */
static bool closes (uint32_t character)
{
    static const uint32_t marks[] = { U'，', U'。', U'、', U'；', U'：', U'！', U'？',
                                      U'）', U'》', U'】', U'〕', U'”',  U'’',  U'…',
                                      U',',  U'.',  U';',  U':',  U')',  U'%' };
    for (size_t i = 0; i < ARRAY_SIZE (marks); i++)
        if (character == marks[i])
            return true;
    return false;
}

/* No line ends with these. */
static bool opens (uint32_t character)
{
    return character == U'（' || character == U'《' || character == U'【' ||
           character == U'〔' || character == U'“' || character == U'‘';
}

static bool is_word (uint32_t character)
{
    return character > ' ' && character < 0x7F;
}

static bool may_break_before (const struct glyph *glyphs, size_t at)
{
    return !closes (glyphs[at].character) && !opens (glyphs[at - 1].character) &&
           !(is_word (glyphs[at].character) && is_word (glyphs[at - 1].character));
}

/* Where the line that begins at 'from' ends, given its room; '*ret_cells' is its width. */
static size_t line_end (const struct glyph *glyphs, size_t from, size_t count,
                        unsigned room, unsigned *ret_cells)
{
    unsigned cells = 0;
    size_t full = from;
    while (full < count && cells + glyphs[full].cells <= room)
        cells += glyphs[full++].cells;
    size_t end = full;
    while (end < count && end > from + 1 && !may_break_before (glyphs, end))
        end--;
    if (end <= from + 1 && full > from)
        end = full; /* nowhere: it is cut where it is full */
    for (size_t i = end; i < full; i++)
        cells -= glyphs[i].cells;
    *ret_cells = cells;
    return end;
}

enum side { SIDE_LEFT, SIDE_MIDDLE, SIDE_RIGHT };

static void pad (struct buffer *ret, unsigned cells)
{
    for (unsigned i = 0; i < cells; i++)
        SAY (ret, " ");
}

/* Wrap; the first line is 'indent' cells in. */
static void append_wrapped (struct bytes text, enum side side, unsigned indent,
                            struct buffer *ret)
{
    size_t count;
    struct glyph *glyphs = glyphs_of (text, &count);
    for (size_t from = 0; from < count; indent = 0) {
        unsigned cells;
        size_t end = line_end (glyphs, from, count, CELLS - indent, &cells);
        if (side == SIDE_LEFT)
            pad (ret, indent);
        else
            pad (ret, (CELLS - cells) / (side == SIDE_MIDDLE ? 2 : 1));
        for (size_t i = from; i < end; i++)
            text_put (ret,
                      glyphs[i].character == TEXT_INVALID ? 0xFFFD : glyphs[i].character);
        SAY (ret, "\n");
        while (end < count && glyphs[end].character == ' ')
            end++;
        from = end;
    }
    free (glyphs);
}

static void text_line (const struct line *line, struct buffer *ret)
{
    switch (line->layout) {
    case LAYOUT_BLANK:
        SAY (ret, "\n");
        break;
    case LAYOUT_RIGHT:
        append_wrapped (line->text, SIDE_RIGHT, 0, ret);
        break;
    case LAYOUT_PARAGRAPH:
    case LAYOUT_SECTION:
        append_wrapped (line->text, SIDE_LEFT, 4, ret);
        break;
    case LAYOUT_PLAIN:
        append_wrapped (line->text, SIDE_LEFT, 0, ret);
        break;
    }
}

void document_page_text (const struct document_row *row, struct buffer *ret)
{
    char number[96], hash[HASH_TEXT_SIZE];
    struct buffer title = { 0 };
    mark_text (row, number, hash);
    text_cell (bytes_of_text (title_of (row)), &title);
    append_wrapped (buffer_bytes (&title), SIDE_MIDDLE, 0, ret);
    SAY (ret, "\n");
    each_line (row, text_line, ret);
    SAY (ret, "\n");
    append_wrapped (bytes_of_text (number), SIDE_LEFT, 0, ret);
    append_wrapped (bytes_of_text (hash), SIDE_LEFT, 0, ret);
    buffer_done (&title);
}
