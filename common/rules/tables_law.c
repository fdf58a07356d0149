/* SPDX-License-Identifier: Apache-2.0 */
/* What the columns of the tables of the law mean: responsibility, deadlines, ladder,
 * calendar. Built like 'tables_place.c'. */
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "rules/deadline.h"
#include "rules/loading.h"

/* ---- responsibility ---------------------------------------------------------------- */

enum {
    RESPONSIBILITY_ROW,
    RESPONSIBILITY_TERRITORY,
    RESPONSIBILITY_CATEGORY,
    RESPONSIBILITY_PURPOSE,
    RESPONSIBILITY_DEPARTMENT,
    RESPONSIBILITY_ASSISTING,
    RESPONSIBILITY_NOTE
};
static const struct column responsibility_columns[] = {
    [RESPONSIBILITY_ROW] = { "row", false },
    [RESPONSIBILITY_TERRITORY] = { "territory", false },
    [RESPONSIBILITY_CATEGORY] = { "category", false },
    [RESPONSIBILITY_PURPOSE] = { "purpose", false },
    [RESPONSIBILITY_DEPARTMENT] = { "department", false },
    [RESPONSIBILITY_ASSISTING] = { "assisting", true },
    [RESPONSIBILITY_NOTE] = { "note", true },
};

static void read_scope (struct loading *loading, struct responsibility *row)
{
    const char *cell = loading->cells[RESPONSIBILITY_CATEGORY];
    if (strcmp (cell, "*") == 0) {
        row->scope = CATEGORY_NAMED;
    } else if (strcmp (cell, "-") == 0) {
        row->scope = CATEGORY_MISSING;
    } else if (*cell == '\0') {
        problem (loading, "column category is empty; write a path, * (any that is "
                          "named) or - (none was named)");
    } else {
        row->scope = CATEGORY_TREE;
        row->category = cell_category (loading, RESPONSIBILITY_CATEGORY);
    }
}

static void read_responsibility (struct loading *loading, void *ret_row)
{
    struct responsibility *row = ret_row;
    row->row = (uint32_t) cell_number (loading, RESPONSIBILITY_ROW, 1, UINT32_MAX);
    row->prefix = cell_territory (loading, RESPONSIBILITY_TERRITORY);
    read_scope (loading, row);
    row->purpose = cell_optional_name (loading, RESPONSIBILITY_PURPOSE, &purpose_names,
                                       PURPOSE_NONE);
    row->department = cell_department (loading, RESPONSIBILITY_DEPARTMENT,
                                       loading->cells[RESPONSIBILITY_DEPARTMENT]);
    const char *const *words = cell_words (loading, RESPONSIBILITY_ASSISTING,
                                           RULES_ASSISTING_MAX, &row->assisting_count);
    for (size_t i = 0; i < row->assisting_count; i++) {
        row->assisting[i] = cell_department (loading, RESPONSIBILITY_ASSISTING, words[i]);
        if (row->assisting[i] == row->department)
            problem (loading, "column assisting: department %s answers already",
                     words[i]);
    }
    row->note = cell_optional_text (loading, RESPONSIBILITY_NOTE);
}

static int compare_responsibilities (const void *a, const void *b)
{
    const struct responsibility *x = a, *y = b;
    int order = ORDER (x->purpose, y->purpose);
    if (order == 0)
        order = ORDER (x->prefix, y->prefix);
    if (order == 0)
        order = ORDER (x->scope, y->scope);
    if (order != 0)
        return order;
    uint32_t one = x->category == NULL ? 0 : x->category->number;
    uint32_t other = y->category == NULL ? 0 : y->category->number;
    return ORDER (one, other);
}

static void store_responsibilities (struct rules *rules, void *rows, size_t count)
{
    rules->responsibilities = rows;
    rules->responsibility_count = count;
}

const struct table_spec table_responsibility = {
    "responsibility",
    COLUMNS_OF (responsibility_columns),
    .row_size = sizeof (struct responsibility),
    .key = "the same territory, category and purpose",
    .read_row = read_responsibility,
    .compare = compare_responsibilities,
    .store = store_responsibilities
};

/* ---- deadlines --------------------------------------------------------------------- */

enum {
    DEADLINE_ROW,
    DEADLINE_STAGE,
    DEADLINE_KIND,
    DEADLINE_PURPOSE,
    DEADLINE_URGENCY,
    DEADLINE_AMOUNT,
    DEADLINE_UNIT,
    DEADLINE_ROLL,
    DEADLINE_BANDS,
    DEADLINE_BASIS,
    DEADLINE_ARTICLE,
    DEADLINE_NOTE
};
static const struct column deadline_columns[] = {
    [DEADLINE_ROW] = { "row", false },         [DEADLINE_STAGE] = { "stage", false },
    [DEADLINE_KIND] = { "kind", false },       [DEADLINE_PURPOSE] = { "purpose", false },
    [DEADLINE_URGENCY] = { "urgency", false }, [DEADLINE_AMOUNT] = { "amount", false },
    [DEADLINE_UNIT] = { "unit", false },       [DEADLINE_ROLL] = { "roll", false },
    [DEADLINE_BANDS] = { "bands", true },      [DEADLINE_BASIS] = { "basis", false },
    [DEADLINE_ARTICLE] = { "article", true },  [DEADLINE_NOTE] = { "note", true },
};

static void read_bands (struct loading *loading, struct deadline_row *row)
{
    static const uint8_t usual[] = { 50, 75, 85, 100 };
    size_t count;
    const char *const *words =
        cell_words (loading, DEADLINE_BANDS, RULES_BANDS_MAX, &count);
    if (row->kind != ROW_DUTY) {
        if (count > 0)
            problem (loading, "column bands: only a duty has bands");
        return;
    }
    if (count == 0) {
        memcpy (row->bands, usual, sizeof usual);
        row->band_count = ARRAY_SIZE (usual);
        return;
    }
    unsigned before = 0;
    for (size_t i = 0; i < count; i++) {
        char *end;
        unsigned long share = strtoul (words[i], &end, 10);
        if (*end != '\0' || share <= before || share > 100) {
            problem (loading, "column bands: rising per cents up to 100, like "
                              "50,75,85,100");
            return;
        }
        row->bands[row->band_count++] = (uint8_t) share;
        before = (unsigned) share;
    }
    if (before != 100)
        problem (loading, "column bands: the last one is 100, the breach");
}

/* "accept+decide": the whole, and a holder's time, are what their stages are together. */
static void read_sum (struct loading *loading, struct deadline_row *row)
{
    char *at = arena_text (&loading->rules->arena, loading->cells[DEADLINE_AMOUNT]);
    for (char *word = strtok_r (at, "+", &at); word != NULL;
         word = strtok_r (NULL, "+", &at)) {
        int stage = name_find (&stage_names, word);
        char text[HINT_SIZE];
        if (row->sum_count == ARRAY_SIZE (row->sum))
            problem (loading, "column amount: at most %zu stages", ARRAY_SIZE (row->sum));
        else if (stage < 0)
            problem (loading, "column amount: unknown stage %s%s", word,
                     hint_name (text, word, &stage_names));
        else if (stage == (int) row->stage || stage == STAGE_WHOLE ||
                 stage == STAGE_EXTEND)
            problem (loading, "column amount: %s cannot be part of a sum", word);
        else
            row->sum[row->sum_count++] = (enum stage) stage;
    }
    if (row->sum_count == 0)
        problem (loading, "column amount: write a number, or the stages whose "
                          "time this one sums, like accept+decide");
}

static void read_deadline (struct loading *loading, void *ret_row)
{
    struct deadline_row *row = ret_row;
    row->row = (uint32_t) cell_number (loading, DEADLINE_ROW, 1, UINT32_MAX);
    row->stage = cell_name (loading, DEADLINE_STAGE, &stage_names);
    row->kind = cell_name (loading, DEADLINE_KIND, &row_kind_names);
    row->purpose =
        cell_optional_name (loading, DEADLINE_PURPOSE, &purpose_names, PURPOSE_NONE);
    row->urgency =
        cell_optional_name (loading, DEADLINE_URGENCY, &urgency_names, URGENCY_ANY);
    const char *amount = loading->cells[DEADLINE_AMOUNT];
    bool is_sum = name_find (&stage_names, amount) >= 0 || strchr (amount, '+') != NULL;
    if (is_sum) {
        read_sum (loading, row);
        row->unit = UNIT_DAY;
    } else {
        row->amount =
            (uint32_t) cell_number (loading, DEADLINE_AMOUNT, 1, DEADLINE_AMOUNT_MAX);
        row->unit = cell_name (loading, DEADLINE_UNIT, &unit_names);
    }
    row->roll = cell_yes (loading, DEADLINE_ROLL);
    if (row->roll && row->unit != UNIT_DAY)
        problem (loading, "column roll: only a period in days ends on a rest day; write "
                          "no");
    read_bands (loading, row);
    row->is_law = cell_name (loading, DEADLINE_BASIS, &basis_names) == 1;
    row->article = cell_optional_text (loading, DEADLINE_ARTICLE);
    if (row->is_law && row->article == NULL)
        problem (loading, "column article: a row of the law names its article");
    row->note = cell_optional_text (loading, DEADLINE_NOTE);
}

static int compare_deadlines (const void *a, const void *b)
{
    const struct deadline_row *x = a, *y = b;
    int order = ORDER (x->stage, y->stage);
    if (order == 0)
        order = ORDER (x->purpose, y->purpose);
    return order != 0 ? order : ORDER (x->urgency, y->urgency);
}

static void store_deadlines (struct rules *rules, void *rows, size_t count)
{
    rules->deadlines = rows;
    rules->deadline_count = count;
}

const struct table_spec table_deadlines = { "deadlines",
                                            COLUMNS_OF (deadline_columns),
                                            .row_size = sizeof (struct deadline_row),
                                            .key = "the same stage, purpose and urgency",
                                            .read_row = read_deadline,
                                            .compare = compare_deadlines,
                                            .store = store_deadlines };

/* ---- ladder ------------------------------------------------------------------------ */

enum { LADDER_STAGE, LADDER_URGENCY, LADDER_AT, LADDER_LEVEL };
static const struct column ladder_columns[] = {
    [LADDER_STAGE] = { "stage", false },
    [LADDER_URGENCY] = { "urgency", false },
    [LADDER_AT] = { "at", false },
    [LADDER_LEVEL] = { "level", false },
};

#define LADDER_AFTER_MAX 250 /* working days after the breach: a year */

/* "85%" is 85, "+5" (working days after the breach) is 105. */
static uint16_t parse_share (struct loading *loading)
{
    const char *cell = loading->cells[LADDER_AT];
    bool after = *cell == '+';
    char *end;
    unsigned long value = strtoul (after ? cell + 1 : cell, &end, 10);
    bool digits = cell[after] >= '0' && cell[after] <= '9';
    bool good = digits && strcmp (end, after ? "" : "%") == 0 && value >= 1 &&
                value <= (after ? LADDER_AFTER_MAX : 100);
    if (good)
        return (uint16_t) (after ? 100 + value : value);
    problem (loading,
             "column at: \"%s\" is neither a share like 85%% nor working days "
             "after the breach like +5",
             cell);
    return 100;
}

static void read_ladder (struct loading *loading, void *ret_row)
{
    struct ladder_row *row = ret_row;
    row->stage = cell_optional_name (loading, LADDER_STAGE, &stage_names, STAGE_ANY);
    row->urgency =
        cell_optional_name (loading, LADDER_URGENCY, &urgency_names, URGENCY_ANY);
    row->share = parse_share (loading);
    row->level = (uint8_t) cell_number (loading, LADDER_LEVEL, 0, 4);
}

static int compare_ladder (const void *a, const void *b)
{
    const struct ladder_row *x = a, *y = b;
    int order = ORDER (x->stage, y->stage);
    if (order == 0)
        order = ORDER (x->urgency, y->urgency);
    return order != 0 ? order : ORDER (x->share, y->share);
}

static void store_ladder (struct rules *rules, void *rows, size_t count)
{
    rules->ladder = rows;
    rules->ladder_count = count;
}

const struct table_spec table_ladder = { "ladder",
                                         COLUMNS_OF (ladder_columns),
                                         .row_size = sizeof (struct ladder_row),
                                         .key = "the same stage, urgency and time",
                                         .read_row = read_ladder,
                                         .compare = compare_ladder,
                                         .store = store_ladder };

/* ---- calendar ---------------------------------------------------------------------- */

enum { CALENDAR_DATE, CALENDAR_NAME, CALENDAR_OFF };
static const struct column calendar_columns[] = {
    [CALENDAR_DATE] = { "date", false },
    [CALENDAR_NAME] = { "name", false },
    [CALENDAR_OFF] = { "off", false },
};

static void read_known_until (struct loading *loading, const char *text)
{
    static const char mark[] = "known until ";
    struct err err = { 0 };
    if (strncmp (text, mark, sizeof mark - 1) != 0)
        return;
    if (loading->rules->known_until != INT32_MIN)
        problem (loading, "\"known until\" stands twice");
    else if (civil_parse_day (text + sizeof mark - 1, &loading->rules->known_until,
                              &err) != 0)
        problem (loading, "known until: %s", err.text);
}

static void read_calendar (struct loading *loading, void *ret_row)
{
    struct calendar_day *row = ret_row;
    if (loading->cells[CALENDAR_DATE][0] == '\0')
        problem (loading, "column date is empty");
    row->day = cell_day (loading, CALENDAR_DATE, 0);
    row->name = cell_text (loading, CALENDAR_NAME);
    row->off = cell_yes (loading, CALENDAR_OFF);
}

static int compare_calendar (const void *a, const void *b)
{
    const struct calendar_day *x = a, *y = b;
    return ORDER (x->day, y->day);
}

/* Every deadline asks day by day: a row is found by its distance from the first. */
#define CALENDAR_DAYS_MOST 40000

static void index_calendar (struct rules *rules)
{
    const struct calendar_day *rows = rules->calendar;
    size_t count = rules->calendar_count;
    if (count == 0 || count >= UINT16_MAX ||
        rows[count - 1].day - rows[0].day >= CALENDAR_DAYS_MOST)
        return; /* it is searched */
    size_t days = (size_t) (rows[count - 1].day - rows[0].day) + 1;
    uint16_t *places = ARENA_ARRAY (&rules->arena, uint16_t, days);
    for (size_t i = 0; i < count; i++)
        places[rows[i].day - rows[0].day] = (uint16_t) (i + 1);
    rules->calendar_places = places;
}

static void store_calendar (struct rules *rules, void *rows, size_t count)
{
    rules->calendar = rows;
    rules->calendar_count = count;
    index_calendar (rules);
}

const struct table_spec table_calendar = { "calendar",
                                           COLUMNS_OF (calendar_columns),
                                           .row_size = sizeof (struct calendar_day),
                                           .key = "the same date",
                                           .read_row = read_calendar,
                                           .read_comment = read_known_until,
                                           .compare = compare_calendar,
                                           .store = store_calendar };
