/* SPDX-License-Identifier: Apache-2.0 */
/* What the columns of each table mean. One block per table: its columns, how a row is
 * read, by what rows are ordered and told apart, where they go. Tables are read in the
 * order of 'enum rules_table', each after those it refers to; what refers ahead (the
 * leader of a department) is looked at by 'check.c'. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/text.h"
#include "rules/deadline.h"
#include "rules/loading.h"

#define ORDER(a, b)     (((a) > (b)) - ((a) < (b)))
#define COLUMNS_OF(all) .columns = (all), .column_count = ARRAY_SIZE (all)

/* ---- villages ----------------------------------------------------------------- */

enum { VILLAGE_CODE, VILLAGE_NAME, VILLAGE_TOWNSHIP };
static const struct column village_columns[] = {
    [VILLAGE_CODE] = { "code", false },
    [VILLAGE_NAME] = { "name", false },
    [VILLAGE_TOWNSHIP] = { "township", false },
};

static void read_village (struct loading *loading, void *ret_row)
{
    struct village *village = ret_row;
    village->code = cell_number (loading, VILLAGE_CODE, UINT64_C (110000000000),
                                 UINT64_C (999999999999));
    village->name = cell_text (loading, VILLAGE_NAME);
    village->township = cell_text (loading, VILLAGE_TOWNSHIP);
}

static int compare_villages (const void *a, const void *b)
{
    const struct village *x = a, *y = b;
    return ORDER (x->code, y->code);
}

static void store_villages (struct rules *rules, void *rows, size_t count)
{
    rules->villages = rows;
    rules->village_count = count;
}

/* ---- departments -------------------------------------------------------------- */

enum {
    DEPARTMENT_NUMBER,
    DEPARTMENT_NAME,
    DEPARTMENT_NAME_EN,
    DEPARTMENT_LEVEL,
    DEPARTMENT_TERRITORY,
    DEPARTMENT_SUPERIOR,
    DEPARTMENT_LEADER,
    DEPARTMENT_SUCCESSOR,
    DEPARTMENT_FLAGS,
    DEPARTMENT_SEAL_KEY,
    DEPARTMENT_CHANNEL
};
static const struct column department_columns[] = {
    [DEPARTMENT_NUMBER] = { "number", false },
    [DEPARTMENT_NAME] = { "name", false },
    [DEPARTMENT_NAME_EN] = { "name_en", true },
    [DEPARTMENT_LEVEL] = { "level", false },
    [DEPARTMENT_TERRITORY] = { "territory", false },
    [DEPARTMENT_SUPERIOR] = { "superior", false },
    [DEPARTMENT_LEADER] = { "leader", false },
    [DEPARTMENT_SUCCESSOR] = { "successor", true },
    [DEPARTMENT_FLAGS] = { "flags", true },
    [DEPARTMENT_SEAL_KEY] = { "seal_key", true },
    [DEPARTMENT_CHANNEL] = { "channel", true },
};

static int hex_digit (char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void read_seal_key (struct loading *loading, struct department *department)
{
    const char *text = cell_optional_text (loading, DEPARTMENT_SEAL_KEY);
    if (text == NULL)
        return;
    bool good = strlen (text) == 2 * (size_t) SEAL_KEY_SIZE;
    for (size_t i = 0; good && i < SEAL_KEY_SIZE; i++) {
        int high = hex_digit (text[2 * i]), low = hex_digit (text[2 * i + 1]);
        good = high >= 0 && low >= 0;
        department->seal_key[i] = (uint8_t) (high * 16 + low);
    }
    department->can_unseal = good;
    if (!good)
        problem (loading, "column seal_key: a public key is 64 hexadecimal digits");
}

static void read_department (struct loading *loading, void *ret_row)
{
    struct department *department = ret_row;
    department->number =
        (uint32_t) cell_number (loading, DEPARTMENT_NUMBER, 1, UINT32_MAX);
    department->name = cell_text (loading, DEPARTMENT_NAME);
    const char *name_en = cell_optional_text (loading, DEPARTMENT_NAME_EN);
    department->name_en = name_en == NULL ? department->name : name_en;
    department->level = cell_name (loading, DEPARTMENT_LEVEL, &department_level_names);
    department->territory = cell_territory (loading, DEPARTMENT_TERRITORY);
    department->superior =
        (uint32_t) cell_optional_number (loading, DEPARTMENT_SUPERIOR, UINT32_MAX);
    department->leader =
        (uint32_t) cell_optional_number (loading, DEPARTMENT_LEADER, UINT32_MAX);
    department->successor =
        (uint32_t) cell_optional_number (loading, DEPARTMENT_SUCCESSOR, UINT32_MAX);
    department->flags = cell_flags (loading, DEPARTMENT_FLAGS, &department_flag_names);
    read_seal_key (loading, department);
    department->outlet_count =
        cell_outlets (loading, DEPARTMENT_CHANNEL, department->outlets);
}

static int compare_departments (const void *a, const void *b)
{
    const struct department *x = a, *y = b;
    return ORDER (x->number, y->number);
}

static void store_departments (struct rules *rules, void *rows, size_t count)
{
    rules->departments = rows;
    rules->department_count = count;
}

/* ---- people ------------------------------------------------------------------- */

enum {
    PERSON_NUMBER,
    PERSON_NAME,
    PERSON_DEPARTMENT,
    PERSON_OFFICE,
    PERSON_FROM,
    PERSON_UNTIL,
    PERSON_STANDS_IN_FOR,
    PERSON_CHANNEL
};
static const struct column person_columns[] = {
    [PERSON_NUMBER] = { "number", false },
    [PERSON_NAME] = { "name", false },
    [PERSON_DEPARTMENT] = { "department", false },
    [PERSON_OFFICE] = { "office", false },
    [PERSON_FROM] = { "from", true },
    [PERSON_UNTIL] = { "until", true },
    [PERSON_STANDS_IN_FOR] = { "stands_in_for", true },
    [PERSON_CHANNEL] = { "channel", true },
};

static void read_person (struct loading *loading, void *ret_row)
{
    struct officer *officer = ret_row;
    officer->number = (uint32_t) cell_number (loading, PERSON_NUMBER, 1, UINT32_MAX);
    officer->name = cell_text (loading, PERSON_NAME);
    officer->department =
        cell_department (loading, PERSON_DEPARTMENT, loading->cells[PERSON_DEPARTMENT]);
    officer->office = cell_name (loading, PERSON_OFFICE, &office_names);
    officer->from_day = cell_day (loading, PERSON_FROM, INT32_MIN);
    officer->until_day = cell_day (loading, PERSON_UNTIL, INT32_MAX);
    officer->stands_in_for =
        (uint32_t) cell_optional_number (loading, PERSON_STANDS_IN_FOR, UINT32_MAX);
    officer->outlet_count = cell_outlets (loading, PERSON_CHANNEL, officer->outlets);
    if (officer->from_day > officer->until_day)
        problem (loading, "the last day (until) lies before the first (from)");
    if (officer->stands_in_for != 0 &&
        (officer->from_day == INT32_MIN || officer->until_day == INT32_MAX))
        problem (loading, "who stands in for somebody does so from a day until a day; "
                          "fill in both");
    if (officer->stands_in_for == officer->number)
        problem (loading, "person %u stands in for themself", officer->number);
}

static int compare_officers (const void *a, const void *b)
{
    const struct officer *x = a, *y = b;
    int order = ORDER (x->number, y->number);
    if (order == 0)
        order = ORDER (x->department, y->department);
    if (order == 0)
        order = ORDER (x->office, y->office);
    if (order == 0)
        order = ORDER (x->stands_in_for, y->stands_in_for);
    return order != 0 ? order : ORDER (x->from_day, y->from_day);
}

static void store_officers (struct rules *rules, void *rows, size_t count)
{
    rules->officers = rows;
    rules->officer_count = count;
}

/* ---- categories --------------------------------------------------------------- */

enum {
    CATEGORY_NUMBER,
    CATEGORY_PATH,
    CATEGORY_NAME_EN,
    CATEGORY_KIND,
    CATEGORY_URGENCY,
    CATEGORY_KEYWORDS
};
static const struct column category_columns[] = {
    [CATEGORY_NUMBER] = { "number", false },  [CATEGORY_PATH] = { "path", false },
    [CATEGORY_NAME_EN] = { "name_en", true }, [CATEGORY_KIND] = { "kind", true },
    [CATEGORY_URGENCY] = { "urgency", true }, [CATEGORY_KEYWORDS] = { "keywords", true },
};

#define CATEGORY_BYTES_MAX    180 /* LIMIT_CATEGORY of the protocol */
#define CATEGORY_KEYWORDS_MAX 64

static bool path_is_good (const char *path)
{
    size_t size = strlen (path);
    return size > 0 && size <= CATEGORY_BYTES_MAX && path[0] != '/' &&
           path[size - 1] != '/' && strstr (path, "//") == NULL &&
           strpbrk (path, " \n\t") == NULL;
}

static void read_category (struct loading *loading, void *ret_row)
{
    struct category *category = ret_row;
    category->number = (uint32_t) cell_number (loading, CATEGORY_NUMBER, 1, UINT32_MAX);
    category->path = cell_text (loading, CATEGORY_PATH);
    if (!path_is_good (category->path))
        problem (loading,
                 "column path: levels are joined by /, without spaces, at most %d bytes "
                 "together",
                 CATEGORY_BYTES_MAX);
    const char *last = strrchr (category->path, '/');
    category->name = last == NULL ? category->path : last + 1;
    category->depth = 1;
    for (const char *at = category->path; (at = strchr (at, '/')) != NULL; at++)
        category->depth++;
    const char *name_en = cell_optional_text (loading, CATEGORY_NAME_EN);
    category->name_en = name_en == NULL ? category->name : name_en;
    category->kind =
        cell_optional_name (loading, CATEGORY_KIND, &matter_kind_names, MATTER_OTHER);
    category->urgency =
        cell_optional_name (loading, CATEGORY_URGENCY, &urgency_names, URGENCY_ANY);
    category->keywords = cell_words (loading, CATEGORY_KEYWORDS, CATEGORY_KEYWORDS_MAX,
                                     &category->keyword_count);
    for (size_t i = 0; i < category->keyword_count; i++)
        if (text_count (bytes_of_text (category->keywords[i])) < 2)
            problem (loading,
                     "column keywords: %s is one character; it would be found "
                     "everywhere",
                     category->keywords[i]);
}

static int compare_categories (const void *a, const void *b)
{
    const struct category *x = a, *y = b;
    return strcmp (x->path, y->path);
}

static int compare_numbers (const void *a, const void *b)
{
    const struct category *const *x = a, *const *y = b;
    int order = ORDER ((*x)->number, (*y)->number);
    return order != 0 ? order : strcmp ((*x)->path, (*y)->path);
}

/* Parents, and what children inherit. A parent sorts before its children, since its path
 * is a beginning of theirs. */
static void store_categories (struct rules *rules, void *rows, size_t count)
{
    struct category *categories = rows;
    const struct category **by_number =
        ARENA_ARRAY (&rules->arena, const struct category *, count + 1);
    rules->categories = categories;
    rules->category_count = count;
    for (size_t i = 0; i < count; i++) {
        struct category *category = &categories[i];
        by_number[i] = category;
        if (category->depth > 1) {
            char *path = arena_text (&rules->arena, category->path);
            *strrchr (path, '/') = '\0';
            category->parent = category_find (rules, path);
        }
        const struct category *parent = category->parent;
        if (category->kind == MATTER_OTHER && parent != NULL)
            category->kind = parent->kind;
        if (category->urgency == URGENCY_ANY)
            category->urgency = parent != NULL ? parent->urgency : URGENCY_ORDINARY;
    }
    qsort (by_number, count, sizeof *by_number, compare_numbers);
    rules->categories_by_number = by_number;
    keywords_index (rules);
}

/* ---- responsibility ----------------------------------------------------------- */

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

/* ---- deadlines ---------------------------------------------------------------- */

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

/* ---- ladder ------------------------------------------------------------------- */

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

/* ---- calendar ----------------------------------------------------------------- */

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

static void store_calendar (struct rules *rules, void *rows, size_t count)
{
    rules->calendar = rows;
    rules->calendar_count = count;
}

/* ---- templates ---------------------------------------------------------------- */

enum {
    TEMPLATE_NAME,
    TEMPLATE_LANGUAGE,
    TEMPLATE_SUBJECT,
    TEMPLATE_TEXT,
    TEMPLATE_PROVIDER
};
static const struct column template_columns[] = {
    [TEMPLATE_NAME] = { "name", false },
    [TEMPLATE_LANGUAGE] = { "language", false },
    [TEMPLATE_SUBJECT] = { "subject", false },
    [TEMPLATE_TEXT] = { "text", false },
    [TEMPLATE_PROVIDER] = { "provider", true },
};

static void read_template (struct loading *loading, void *ret_row)
{
    struct notice_template *row = ret_row;
    row->name = cell_text (loading, TEMPLATE_NAME);
    row->language = cell_name (loading, TEMPLATE_LANGUAGE, &language_names);
    row->subject = cell_text (loading, TEMPLATE_SUBJECT);
    row->text = cell_text (loading, TEMPLATE_TEXT);
    row->provider = cell_optional_text (loading, TEMPLATE_PROVIDER);
}

static int compare_templates (const void *a, const void *b)
{
    const struct notice_template *x = a, *y = b;
    int order = strcmp (x->name, y->name);
    return order != 0 ? order : ORDER (x->language, y->language);
}

static void store_templates (struct rules *rules, void *rows, size_t count)
{
    rules->templates = rows;
    rules->template_count = count;
}

/* ---- urgent words ------------------------------------------------------------- */

enum { WORD_WORD, WORD_FLAG };
static const struct column word_columns[] = {
    [WORD_WORD] = { "word", false },
    [WORD_FLAG] = { "flag", false },
};

static void read_word (struct loading *loading, void *ret_row)
{
    struct urgent_word *row = ret_row;
    row->word = cell_text (loading, WORD_WORD);
    row->flags = cell_flags (loading, WORD_FLAG, &word_flag_names);
    if (row->word[0] != '\0' && strlen (row->word) < 2)
        problem (loading, "column word: one letter would be found everywhere");
}

static int compare_words (const void *a, const void *b)
{
    const struct urgent_word *x = a, *y = b;
    return strcmp (x->word, y->word);
}

static void store_words (struct rules *rules, void *rows, size_t count)
{
    rules->urgent_words = rows;
    rules->urgent_word_count = count;
}

/* ---- all ---------------------------------------------------------------------- */

const struct table_spec table_specs[RULES_TABLE_COUNT] = {
    [RULES_VILLAGES] = { "villages", COLUMNS_OF (village_columns),
                         .row_size = sizeof (struct village), .key = "the same code",
                         .read_row = read_village, .compare = compare_villages,
                         .store = store_villages },
    [RULES_DEPARTMENTS] = { "departments", COLUMNS_OF (department_columns),
                            .row_size = sizeof (struct department),
                            .key = "the same number", .read_row = read_department,
                            .compare = compare_departments, .store = store_departments },
    [RULES_PEOPLE] = { "people", COLUMNS_OF (person_columns),
                       .row_size = sizeof (struct officer),
                       .key = "the same person in the same office from the same day",
                       .read_row = read_person, .compare = compare_officers,
                       .store = store_officers },
    [RULES_CATEGORIES] = { "categories", COLUMNS_OF (category_columns),
                           .row_size = sizeof (struct category), .key = "the same path",
                           .read_row = read_category, .compare = compare_categories,
                           .store = store_categories },
    [RULES_RESPONSIBILITY] = { "responsibility", COLUMNS_OF (responsibility_columns),
                               .row_size = sizeof (struct responsibility),
                               .key = "the same territory, category and purpose",
                               .read_row = read_responsibility,
                               .compare = compare_responsibilities,
                               .store = store_responsibilities },
    [RULES_DEADLINES] = { "deadlines", COLUMNS_OF (deadline_columns),
                          .row_size = sizeof (struct deadline_row),
                          .key = "the same stage, purpose and urgency",
                          .read_row = read_deadline, .compare = compare_deadlines,
                          .store = store_deadlines },
    [RULES_LADDER] = { "ladder", COLUMNS_OF (ladder_columns),
                       .row_size = sizeof (struct ladder_row),
                       .key = "the same stage, urgency and time", .read_row = read_ladder,
                       .compare = compare_ladder, .store = store_ladder },
    [RULES_CALENDAR] = { "calendar", COLUMNS_OF (calendar_columns),
                         .row_size = sizeof (struct calendar_day), .key = "the same date",
                         .read_row = read_calendar, .read_comment = read_known_until,
                         .compare = compare_calendar, .store = store_calendar },
    [RULES_TEMPLATES] = { "templates", COLUMNS_OF (template_columns),
                          .row_size = sizeof (struct notice_template),
                          .key = "the same name and language", .read_row = read_template,
                          .compare = compare_templates, .store = store_templates },
    [RULES_URGENT_WORDS] = { "urgent_words", COLUMNS_OF (word_columns),
                             .row_size = sizeof (struct urgent_word),
                             .key = "the same word", .read_row = read_word,
                             .compare = compare_words, .store = store_words },
};
