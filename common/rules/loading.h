/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room: how a table becomes rows. 'load.c' walks the lines and columns,
 * 'tables_*.c' know what each column means, 'cells.c' reads one cell, 'check.c' knows what
 * holds between tables. */
#ifndef MINQING_RULES_LOADING_H
#define MINQING_RULES_LOADING_H

#include "rules/rules.h"

#define COLUMNS_MAX 16

struct column {
    const char *name;
    bool optional; /* the table may go without this column; a cell may be empty anyway */
};

/* One load, from the first line of the first table to the last check. */
struct loading {
    struct rules *rules;
    struct rules_problems *problems;
    bool broken
        [RULES_TABLE_COUNT]; /* its rows are incomplete: references to it go unchecked */
    /* Where we are. */
    enum rules_table table;
    const char *files[RULES_TABLE_COUNT];
    const char *file;
    unsigned line;
    const char *cells[COLUMNS_MAX]; /* by column of the table; never NULL; "" not said */
};

/* What one table is. Row types are the structs of rules.h; all begin with 'line'. */
struct table_spec {
    const char *name;
    const struct column *columns;
    size_t column_count;
    size_t row_size;
    const char *key; /* the columns that tell rows apart, for the sentence */
    void (*read_row) (struct loading *loading, void *ret_row);
    /* "# …" lines, for the calendar's "known until"; may be NULL. */
    void (*read_comment) (struct loading *loading, const char *text);
    int (*compare) (const void *a, const void *b); /* order of lookup; 0: the same key */
    void (*store) (struct rules *rules, void *rows, size_t count);
};
extern const struct table_spec table_villages, table_departments, table_people,
    table_categories, table_responsibility, table_deadlines, table_ladder, table_calendar,
    table_templates, table_urgent_words, table_documents;

/* All of them, in the order in which they are read. */
extern const struct table_spec *const table_specs[RULES_TABLE_COUNT];

/* Which of two is the lesser, for the order of rows. */
#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

#define COLUMNS_OF(all) .columns = (all), .column_count = ARRAY_SIZE (all)

/* Note a problem of the current line, of another one, or of a whole file (line 0). */
void problem (struct loading *loading, const char *format, ...) PRINTF_LIKE (2, 3);
void problem_at (struct loading *loading, enum rules_table table, unsigned line,
                 const char *format, ...) PRINTF_LIKE (4, 5);

/* Cells of the current line. Each notes its problem and yields a harmless value. */
uint64_t cell_number (struct loading *loading, size_t column, uint64_t least,
                      uint64_t most);
uint64_t cell_optional_number (struct loading *loading, size_t column, uint64_t most);
const char *cell_text (struct loading *loading, size_t column); /* must be there */
const char *cell_optional_text (struct loading *loading, size_t column); /* or NULL */
unsigned cell_name (struct loading *loading, size_t column, const struct name_list *list);
/* 'absent' for "" and '*'. */
unsigned cell_optional_name (struct loading *loading, size_t column,
                             const struct name_list *list, unsigned absent);
unsigned cell_flags (struct loading *loading, size_t column,
                     const struct name_list *list);
int32_t cell_day (struct loading *loading, size_t column, int32_t absent);
bool cell_yes (struct loading *loading, size_t column);
uint64_t cell_territory (struct loading *loading, size_t column); /* '*' is 0 */
/* Words separated by spaces or commas; NULL-terminated, in the arena. */
const char *const *cell_words (struct loading *loading, size_t column, size_t most,
                               size_t *ret_count);
size_t cell_outlets (struct loading *loading, size_t column,
                     struct outlet ret[RULES_OUTLETS_MAX]);
uint32_t cell_department (struct loading *loading, size_t column, const char *text);
const struct category *cell_category (struct loading *loading, size_t column);

/* ", did you mean X?" or nothing, in 'ret'. */
#define HINT_SIZE 160
const char *hint (char ret[HINT_SIZE], const char *word, const char *const *words,
                  size_t count);
const char *hint_name (char ret[HINT_SIZE], const char *word,
                       const struct name_list *list);

/* Read one table; notes its problems. */
void load_table (struct loading *loading, enum rules_table table,
                 const struct rules_source *source);

struct deadline_counted *deadline_counted_create (struct arena *arena);

/* Note how urgent words begin, once they are there. */
void urgent_words_index (struct rules *rules);

/* Build the index of keywords once the categories are there. */
void keywords_index (struct rules *rules);

/* What holds between the tables, once all are read. */
void check_rules (struct loading *loading);

/* Its version, counted where nobody knows it. */
uint64_t rules_source_version (const struct rules_source *source);

#endif
