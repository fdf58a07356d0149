/* SPDX-License-Identifier: Apache-2.0 */
/* zlib reads plain files as they are, so everything goes through it; libcsv splits CSV;
 * jansson reads JSON lines. Rows are gathered whole in memory, some thousand at a time at
 * most, because libcsv calls back. */
#include "cli/rows.h"

#include "base/text.h"

#include <csv.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define CHUNK (64 * 1024)

/* One gathered row: cells as NUL-terminated texts one after the other. */
struct gathered {
    struct gathered *next;
    size_t n_cells;
    size_t size;
    char *cells;
};

struct rows {
    char *file;
    gzFile input;
    uint64_t size;
    bool is_json;
    bool at_end;
    uint64_t row; /* the current one */
    char *columns[ROWS_COLUMNS_MAX];
    size_t n_columns;
    bool has_header;
    struct csv_parser csv;
    struct buffer cells; /* of the row being gathered */
    size_t n_cells;
    struct gathered *first, **last;
    struct gathered *current;
    json_t *object;
    char number[32];
    struct buffer line; /* JSON */
    bool is_too_long;
};

int rows_open (const char *file, struct rows **ret_rows, struct err *err)
{
    struct stat stat;
    bool is_stdin = strcmp (file, "-") == 0;
    int fd = is_stdin ? dup (STDIN_FILENO) : -1;
    gzFile input = is_stdin ? gzdopen (fd, "rb") : gzopen (file, "rbe");
    if (input == NULL)
        return err_set (err, errno != 0 ? -errno : -ENOMEM, "%s: %s", file,
                        errno != 0 ? strerror (errno) : "out of memory");
    gzbuffer (input, CHUNK);
    struct rows *rows = calloc (1, sizeof *rows);
    if (rows == NULL)
        abort ();
    rows->file = strdup (is_stdin ? "stdin" : file);
    rows->input = input;
    rows->size = !is_stdin && lstat (file, &stat) == 0 ? (uint64_t) stat.st_size : 0;
    rows->last = &rows->first;
    csv_init (&rows->csv, CSV_APPEND_NULL);
    csv_set_blk_size (&rows->csv, CHUNK); /* else a long cell grows by 128 bytes a time */
    int first;
    do
        first = gzgetc (input);
    while (first == 0xEF || first == 0xBB || first == 0xBF || first == '\n' ||
           first == ' ');
    rows->is_json = first == '{';
    if (first >= 0)
        gzungetc (first, input);
    *ret_rows = rows;
    return 0;
}

static void gathered_free (struct gathered *row)
{
    if (row != NULL)
        free (row->cells);
    free (row);
}

void rows_close (struct rows **rows)
{
    if (*rows == NULL)
        return;
    struct rows *it = *rows;
    gzclose (it->input);
    csv_free (&it->csv);
    gathered_free (it->current);
    while (it->first != NULL) {
        struct gathered *row = it->first;
        it->first = row->next;
        gathered_free (row);
    }
    for (size_t i = 0; i < it->n_columns; i++)
        free (it->columns[i]);
    json_decref (it->object);
    buffer_done (&it->cells);
    buffer_done (&it->line);
    free (it->file);
    free (it);
    *rows = NULL;
}

/* What cannot be UTF-8 text becomes U+FFFD; NUL, which ends texts in C, is dropped. */
static void append_text (struct buffer *to, const char *data, size_t size)
{
    struct bytes text = BYTES (data, size);
    if (memchr (data, '\0', size) == NULL && text_is_utf8 (text)) {
        buffer_append (to, data, size);
    } else {
        for (size_t at = 0; at < size;) {
            uint32_t character = text_next (text, &at);
            if (character != 0)
                text_put (to, character == TEXT_INVALID ? 0xFFFD : character);
        }
    }
    buffer_append (to, "", 1);
}

/* ---- CSV --------------------------------------------------------------------------- */

static void on_cell (void *data, size_t size, void *arg)
{
    struct rows *rows = arg;
    if (rows->cells.size + size > ROWS_ROW_BYTES) {
        rows->is_too_long = true;
        return;
    }
    append_text (&rows->cells, data == NULL ? "" : data, size);
    rows->n_cells++;
}

static void take_header (struct rows *rows)
{
    const char *cell = (const char *) rows->cells.data;
    for (size_t i = 0; i < rows->n_cells && i < ROWS_COLUMNS_MAX; i++) {
        rows->columns[rows->n_columns++] = strdup (cell);
        cell += strlen (cell) + 1;
    }
    rows->has_header = true;
}

static void on_row (int ending, void *arg)
{
    (void) ending;
    struct rows *rows = arg;
    if (!rows->has_header) {
        take_header (rows);
    } else {
        struct gathered *row = calloc (1, sizeof *row);
        char *cells = malloc (rows->cells.size + 1);
        if (row == NULL || cells == NULL)
            abort ();
        memcpy (cells, rows->cells.data, rows->cells.size);
        *row = (struct gathered){ .n_cells = rows->n_cells,
                                  .size = rows->cells.size,
                                  .cells = cells };
        *rows->last = row;
        rows->last = &row->next;
    }
    buffer_clear (&rows->cells);
    rows->n_cells = 0;
}

static int read_failed (struct rows *rows, struct err *err)
{
    int code;
    const char *what = gzerror (rows->input, &code);
    return err_set (err, -EIO, "%s:%llu: %s", rows->file,
                    (unsigned long long) rows->row + 1,
                    code == Z_ERRNO ? strerror (errno) : what);
}

static int next_csv (struct rows *rows, struct err *err)
{
    char chunk[CHUNK];
    while (rows->first == NULL && !rows->at_end) {
        int n = gzread (rows->input, chunk, sizeof chunk);
        if (n < 0)
            return read_failed (rows, err);
        bool failed = n > 0 && csv_parse (&rows->csv, chunk, (size_t) n, on_cell, on_row,
                                          rows) != (size_t) n;
        if (n == 0) {
            rows->at_end = true;
            failed = csv_fini (&rows->csv, on_cell, on_row, rows) != 0;
        }
        if (failed || rows->is_too_long)
            return err_set (err, -EINVAL, "%s:%llu: %s", rows->file,
                            (unsigned long long) rows->row + 1,
                            rows->is_too_long
                                ? "the row is longer than 4 MiB; is a quote missing?"
                                : csv_strerror (csv_error (&rows->csv)));
    }
    gathered_free (rows->current);
    rows->current = rows->first;
    if (rows->current == NULL)
        return 0;
    rows->first = rows->current->next;
    if (rows->first == NULL)
        rows->last = &rows->first;
    rows->row++;
    return 1;
}

/* ---- JSON lines -------------------------------------------------------------------- */

static int next_json (struct rows *rows, struct err *err)
{
    buffer_clear (&rows->line);
    for (int c; (c = gzgetc (rows->input)) >= 0 && (c != '\n' || rows->line.size == 0);) {
        if (c == '\n')
            continue;
        if (rows->line.size >= ROWS_ROW_BYTES)
            return err_set (err, -EINVAL, "%s:%llu: the line is longer than 4 MiB",
                            rows->file, (unsigned long long) rows->row + 1);
        buffer_append (&rows->line, &(char){ (char) c }, 1);
    }
    if (rows->line.size == 0)
        return 0;
    json_error_t error;
    json_decref (rows->object);
    rows->object =
        json_loadb ((const char *) rows->line.data, rows->line.size, 0, &error);
    rows->row++;
    if (!json_is_object (rows->object))
        return err_set (err, -EINVAL, "%s:%llu: no JSON object: %s", rows->file,
                        (unsigned long long) rows->row, error.text);
    return 1;
}

/* ---- reading ----------------------------------------------------------------------- */

int rows_next (struct rows *rows, struct err *err)
{
    return rows->is_json ? next_json (rows, err) : next_csv (rows, err);
}

uint64_t rows_at (const struct rows *rows)
{
    return rows->row;
}

static const char *json_cell (struct rows *rows, const char *name)
{
    json_t *value = json_object_get (rows->object, name);
    if (json_is_string (value))
        return json_string_value (value);
    if (json_is_true (value))
        return "1";
    if (!json_is_integer (value))
        return json_is_false (value) ? "" : NULL;
    snprintf (rows->number, sizeof rows->number, "%lld",
              (long long) json_integer_value (value));
    return rows->number;
}

static const char *csv_cell (const struct rows *rows, const char *name)
{
    const char *cell = rows->current->cells;
    for (size_t i = 0; i < rows->n_columns; i++) {
        if (i >= rows->current->n_cells)
            return NULL;
        if (strcmp (rows->columns[i], name) == 0)
            return cell;
        cell += strlen (cell) + 1;
    }
    return NULL;
}

const char *rows_cell (struct rows *rows, const char *const *names)
{
    for (; *names != NULL; names++) {
        const char *cell =
            rows->is_json ? json_cell (rows, *names) : csv_cell (rows, *names);
        if (cell != NULL)
            return cell;
    }
    return "";
}

const char *rows_column (const struct rows *rows, size_t i)
{
    return i < rows->n_columns ? rows->columns[i] : NULL;
}

uint64_t rows_bytes (const struct rows *rows, uint64_t *ret_size)
{
    *ret_size = rows->size;
    long at = (long) gzoffset (rows->input);
    return at < 0 ? 0 : (uint64_t) at;
}
