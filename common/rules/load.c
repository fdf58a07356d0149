/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes to rows: lines, comments, the line that names the columns, cells. Goes on
 * after a mistake, so that a clerk hears of all of them at once; whoever started the load
 * throws the half-built rules away if anything was noted. */
#include "rules/loading.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

const struct table_spec *const table_specs[RULES_TABLE_COUNT] = {
    [RULES_VILLAGES] = &table_villages,
    [RULES_DEPARTMENTS] = &table_departments,
    [RULES_PEOPLE] = &table_people,
    [RULES_CATEGORIES] = &table_categories,
    [RULES_RESPONSIBILITY] = &table_responsibility,
    [RULES_DEADLINES] = &table_deadlines,
    [RULES_LADDER] = &table_ladder,
    [RULES_CALENDAR] = &table_calendar,
    [RULES_TEMPLATES] = &table_templates,
    [RULES_URGENT_WORDS] = &table_urgent_words,
    [RULES_DOCUMENTS] = &table_documents,
};

PRINTF_LIKE (4, 0)
static void note (struct loading *loading, const char *file, unsigned line,
                  const char *format, va_list args)
{
    struct rules_problems *problems = loading->problems;
    if (problems->count < RULES_PROBLEMS_MAX) {
        char *text = problems->texts[problems->count];
        int used = line == 0 ? snprintf (text, ERR_TEXT_SIZE, "%s: ", file)
                             : snprintf (text, ERR_TEXT_SIZE, "%s:%u: ", file, line);
        if (used > 0 && used < ERR_TEXT_SIZE)
            vsnprintf (text + used, ERR_TEXT_SIZE - (size_t) used, format, args);
    }
    problems->count++;
}

void problem (struct loading *loading, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    note (loading, loading->file, loading->line, format, args);
    va_end (args);
    loading->broken[loading->table] = true;
}

void problem_at (struct loading *loading, enum rules_table table, unsigned line,
                 const char *format, ...)
{
    va_list args;
    va_start (args, format);
    note (loading, loading->files[table], line, format, args);
    va_end (args);
    loading->broken[table] = true;
}

const char *hint (char ret[HINT_SIZE], const char *word, const char *const *words,
                  size_t count)
{
    const char *meant = name_suggest (word, words, count);
    ret[0] = '\0';
    if (meant != NULL)
        snprintf (ret, HINT_SIZE, ", did you mean %s?", meant);
    return ret;
}

/* ---- one line ------------------------------------------------------------------ */

static bool is_space (char c)
{
    return c == ' ' || c == '\r' || c == '\f' || c == '\v';
}

static char *trim (char *text)
{
    while (is_space (*text))
        text++;
    size_t size = strlen (text);
    while (size > 0 && is_space (text[size - 1]))
        text[--size] = '\0';
    return text;
}

/* Cut the line at its tabs. Returns how many cells; those beyond COLUMNS_MAX are counted,
 * not kept. */
static size_t split (char *line, char *ret_cells[COLUMNS_MAX])
{
    size_t count = 0;
    for (char *cell = line; cell != NULL;) {
        char *tab = strchr (cell, '\t');
        if (tab != NULL)
            *tab = '\0';
        if (count < COLUMNS_MAX)
            ret_cells[count] = trim (cell);
        if (count < COLUMNS_MAX || *trim (cell) != '\0')
            count++;
        cell = tab == NULL ? NULL : tab + 1;
    }
    return count;
}

/* Spreadsheets leave tabs behind the last cell. */
static size_t without_empty_tail (char *const cells[COLUMNS_MAX], size_t count)
{
    while (count > 0 && count <= COLUMNS_MAX && *cells[count - 1] == '\0')
        count--;
    return count;
}

/* ---- the line that names the columns ------------------------------------------- */

/* Which column of the table stands at which place of the file. */
struct header {
    bool read;
    bool lacks; /* a column: then every row would be told of it again */
    size_t count;
    size_t column[COLUMNS_MAX];
};

static void unknown_column (struct loading *loading, const struct table_spec *spec,
                            const char *name)
{
    const char *names[COLUMNS_MAX];
    char text[HINT_SIZE];
    for (size_t i = 0; i < spec->column_count; i++)
        names[i] = spec->columns[i].name;
    problem (loading, "unknown column %s%s", name,
             hint (text, name, names, spec->column_count));
}

static size_t find_column (const struct table_spec *spec, const char *name)
{
    size_t i = 0;
    while (i < spec->column_count && strcmp (spec->columns[i].name, name) != 0)
        i++;
    return i;
}

static void read_header (struct loading *loading, const struct table_spec *spec,
                         char *line, struct header *header)
{
    char *cells[COLUMNS_MAX];
    bool there[COLUMNS_MAX] = { false };
    size_t count = without_empty_tail (cells, split (line, cells));
    header->read = true;
    header->count = count < COLUMNS_MAX ? count : COLUMNS_MAX;
    for (size_t i = 0; i < header->count; i++) {
        size_t column = find_column (spec, cells[i]);
        header->column[i] = column;
        if (column == spec->column_count)
            unknown_column (loading, spec, cells[i]);
        else if (there[column])
            problem (loading, "column %s stands twice", cells[i]);
        else
            there[column] = true;
    }
    for (size_t i = 0; i < spec->column_count; i++)
        if (!there[i] && !spec->columns[i].optional) {
            header->lacks = true;
            problem (loading, "column %s is missing; add it to this line",
                     spec->columns[i].name);
        }
}

/* ---- one table ------------------------------------------------------------------ */

struct rows {
    uint8_t *data;
    size_t count;
};

static void read_row (struct loading *loading, const struct table_spec *spec, char *line,
                      const struct header *header, struct rows *rows)
{
    char *cells[COLUMNS_MAX];
    size_t count = without_empty_tail (cells, split (line, cells));
    if (count == 0)
        return;
    if (count > header->count) {
        problem (loading,
                 "%zu cells, but %zu columns are named; is there a tab too many?", count,
                 header->count);
        return;
    }
    for (size_t i = 0; i < COLUMNS_MAX; i++)
        loading->cells[i] = "";
    for (size_t i = 0; i < count; i++) {
        size_t column = header->column[i];
        if (column == spec->column_count)
            continue;
        loading->cells[column] = cells[i];
        if (cells[i][0] == '"')
            problem (loading,
                     "column %s begins with a quotation mark; save the table as "
                     "tab-separated text without quoting",
                     spec->columns[column].name);
    }
    void *row = rows->data + rows->count++ * spec->row_size;
    *(unsigned *) row = loading->line;
    spec->read_row (loading, row);
}

static void read_line (struct loading *loading, const struct table_spec *spec, char *line,
                       struct header *header, struct rows *rows)
{
    if (line[0] == '#') {
        if (spec->read_comment != NULL)
            spec->read_comment (loading, trim (line + 1));
    } else if (line[strspn (line, " \t\r")] == '\0') {
        return;
    } else if (!header->read) {
        read_header (loading, spec, line, header);
    } else if (!header->lacks) {
        read_row (loading, spec, line, header, rows);
    }
}

static bool check_bytes (struct loading *loading, struct bytes line)
{
    if (!text_is_utf8 (line)) {
        problem (loading, "not UTF-8; save the table as UTF-8, not as GBK or ANSI");
        return false;
    }
    if (line.size > 0 && memchr (line.data, '\0', line.size) != NULL) {
        problem (loading, "a NUL byte; the file is damaged or saved as UTF-16");
        return false;
    }
    return true;
}

static size_t count_lines (struct bytes bytes)
{
    size_t count = 1;
    for (size_t i = 0; i < bytes.size; i++)
        count += bytes.data[i] == '\n';
    return count;
}

static struct bytes next_line (struct bytes *rest)
{
    const uint8_t *end = memchr (rest->data, '\n', rest->size);
    size_t size = end == NULL ? rest->size : (size_t) (end - rest->data);
    struct bytes line = BYTES (rest->data, size);
    size_t skip = end == NULL ? size : size + 1;
    *rest = BYTES (rest->data + skip, rest->size - skip);
    return line;
}

static void read_lines (struct loading *loading, const struct table_spec *spec,
                        struct bytes rest, struct rows *rows)
{
    struct header header = { 0 };
    struct arena *arena = &loading->rules->arena;
    if (rest.size >= 3 && memcmp (rest.data, "\xEF\xBB\xBF", 3) == 0)
        rest = BYTES (rest.data + 3, rest.size - 3);
    while (rest.size > 0) {
        struct bytes line = next_line (&rest);
        loading->line++;
        if (!check_bytes (loading, line))
            continue;
        char *text = arena_take (arena, line.size + 1);
        if (line.size > 0)
            memcpy (text, line.data, line.size);
        read_line (loading, spec, text, &header, rows);
    }
    loading->line = 0;
    if (!header.read)
        problem (loading, "no line names the columns; the first line that is no comment "
                          "does");
}

static void sort_rows (struct loading *loading, const struct table_spec *spec,
                       const struct rows *rows)
{
    if (rows->count < 2)
        return;
    qsort (rows->data, rows->count, spec->row_size, spec->compare);
    for (size_t i = 1; i < rows->count; i++) {
        const void *a = rows->data + (i - 1) * spec->row_size;
        const void *b = rows->data + i * spec->row_size;
        if (spec->compare (a, b) != 0)
            continue;
        unsigned one = *(const unsigned *) a, other = *(const unsigned *) b;
        problem_at (loading, loading->table, one > other ? one : other,
                    "%s as in line %u; keep one of the two", spec->key,
                    one > other ? other : one);
    }
}

void load_table (struct loading *loading, enum rules_table table,
                 const struct rules_source *source)
{
    const struct table_spec *spec = table_specs[table];
    assert (spec->column_count <= COLUMNS_MAX);
    loading->table = table;
    loading->file = loading->files[table] = source->name;
    loading->line = 0;
    loading->rules->version[table] = rules_source_version (source);
    if (source->bytes.size > RULES_TABLE_BYTES_MAX) {
        problem (loading, "%zu bytes; a table has at most %d", source->bytes.size,
                 RULES_TABLE_BYTES_MAX);
        return;
    }
    struct rows rows = {
        .data = arena_take (&loading->rules->arena,
                            count_lines (source->bytes) * spec->row_size),
    };
    read_lines (loading, spec, source->bytes, &rows);
    sort_rows (loading, spec, &rows);
    spec->store (loading->rules, rows.data, rows.count);
}
