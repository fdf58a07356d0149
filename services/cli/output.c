/* SPDX-License-Identifier: Apache-2.0 */
/* How answers look: tables aligned by libsmartcols, which knows that 环峰镇 is six columns
 * wide, JSON lines for programs, and a progress bar for long work. */
#include "cli/cli.h"

#include "base/text.h"

#include <libsmartcols.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct cli_table {
    struct libscols_table *scols;
    struct libscols_line *line;
    size_t column;
    struct buffer cell;
};

struct cli_table *cli_table_create (void)
{
    scols_init_debug (0);
    struct cli_table *table = calloc (1, sizeof *table);
    if (table == NULL || (table->scols = scols_new_table ()) == NULL)
        abort ();
    scols_table_enable_colors (table->scols, isatty (STDOUT_FILENO));
    /* In a pipe nobody wants lines cut to a width. */
    if (!isatty (STDOUT_FILENO))
        scols_table_set_termforce (table->scols, SCOLS_TERMFORCE_NEVER);
    return table;
}

void cli_table_column (struct cli_table *table, const char *title, enum cli_align align)
{
    int flags = align == CLI_RIGHT ? SCOLS_FL_RIGHT
                : align == CLI_CUT ? SCOLS_FL_TRUNC
                                   : 0;
    if (scols_table_new_column (table->scols, title, 0, flags) == NULL)
        abort ();
}

void cli_table_row (struct cli_table *table)
{
    table->line = scols_table_new_line (table->scols, NULL);
    if (table->line == NULL)
        abort ();
    table->column = 0;
}

void cli_table_cell (struct cli_table *table, const char *format, ...)
{
    char *text;
    va_list args;
    va_start (args, format);
    int length = vasprintf (&text, format, args);
    va_end (args);
    if (length < 0)
        abort ();
    buffer_clear (&table->cell);
    text_cell (BYTES (text, (size_t) length), &table->cell);
    buffer_append (&table->cell, "", 1);
    scols_line_set_data (table->line, table->column++, (const char *) table->cell.data);
    free (text);
}

/* A column in which no row has anything says nothing. */
static void hide_empty (struct libscols_table *scols)
{
    size_t n_lines = scols_table_get_nlines (scols);
    for (size_t i = 0; i < scols_table_get_ncols (scols); i++) {
        bool is_empty = true;
        for (size_t j = 0; is_empty && j < n_lines; j++) {
            const char *cell = scols_cell_get_data (
                scols_line_get_cell (scols_table_get_line (scols, j), i));
            is_empty = cell == NULL || cell[0] == '\0';
        }
        struct libscols_column *column = scols_table_get_column (scols, i);
        if (is_empty)
            scols_column_set_flags (column,
                                    scols_column_get_flags (column) | SCOLS_FL_HIDDEN);
    }
}

void cli_table_print (struct cli_table **table)
{
    hide_empty ((*table)->scols);
    if (scols_table_get_nlines ((*table)->scols) > 0)
        scols_print_table ((*table)->scols);
    scols_unref_table ((*table)->scols);
    buffer_done (&(*table)->cell);
    free (*table);
    *table = NULL;
}

const char *cli_clean (struct cli *cli, const char *text)
{
    struct buffer clean = { 0 };
    text_clean (bytes_of_text (text != NULL ? text : ""), &clean);
    buffer_append (&clean, "", 1);
    const char *copy = arena_text (&cli->arena, (const char *) clean.data);
    buffer_done (&clean);
    return copy;
}

const char *cli_words (struct cli *cli, const char *token)
{
    char *text = arena_text (&cli->arena, token);
    for (char *at = text; *at != '\0'; at++)
        if (*at == '_')
            *at = ' ';
    return text;
}

void cli_json_line (json_t *object)
{
    json_dumpf (object, stdout,
                JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION (12));
    putchar ('\n');
    json_decref (object);
}

#define PROGRESS_WIDTH 30

void cli_progress (struct cli *cli, const char *what, uint64_t at, uint64_t of)
{
    if (!isatty (STDERR_FILENO) || of == 0)
        return;
    size_t filled = (size_t) (at * PROGRESS_WIDTH / of);
    fprintf (stderr, "\r%s [", what);
    for (size_t i = 0; i < PROGRESS_WIDTH; i++)
        fputc (i < filled ? '#' : '.', stderr);
    fprintf (stderr, "] %llu/%llu", (unsigned long long) at, (unsigned long long) of);
    fflush (stderr);
    (void) cli;
}

void cli_progress_done (struct cli *cli)
{
    (void) cli;
    if (isatty (STDERR_FILENO))
        fprintf (stderr, "\r\033[K");
}
