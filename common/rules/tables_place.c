/* SPDX-License-Identifier: Apache-2.0 */
/* What the columns of the tables of the place mean: villages, departments, people,
 * categories. One block per table: its columns, how a row is read, by what rows are ordered
 * and told apart, where they go. A table is read after those it refers to; what refers
 * ahead (the leader of a department) is looked at by 'check.c'. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "rules/loading.h"

/* ---- villages ---------------------------------------------------------------------- */

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

const struct table_spec table_villages = { "villages",
                                           COLUMNS_OF (village_columns),
                                           .row_size = sizeof (struct village),
                                           .key = "the same code",
                                           .read_row = read_village,
                                           .compare = compare_villages,
                                           .store = store_villages };

/* ---- departments ------------------------------------------------------------------- */

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

const struct table_spec table_departments = { "departments",
                                              COLUMNS_OF (department_columns),
                                              .row_size = sizeof (struct department),
                                              .key = "the same number",
                                              .read_row = read_department,
                                              .compare = compare_departments,
                                              .store = store_departments };

/* ---- people ------------------------------------------------------------------------ */

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

const struct table_spec table_people = {
    "people",
    COLUMNS_OF (person_columns),
    .row_size = sizeof (struct officer),
    .key = "the same person in the same office from the same day",
    .read_row = read_person,
    .compare = compare_officers,
    .store = store_officers
};

/* ---- categories -------------------------------------------------------------------- */

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

const struct table_spec table_categories = { "categories",
                                             COLUMNS_OF (category_columns),
                                             .row_size = sizeof (struct category),
                                             .key = "the same path",
                                             .read_row = read_category,
                                             .compare = compare_categories,
                                             .store = store_categories };
