/* SPDX-License-Identifier: Apache-2.0 */
/* What a cell says. A wrong one is noted with its column, and a harmless value goes on. */
#include "rules/loading.h"

#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "base/text.h"

static const char *column_name (const struct loading *loading, size_t column)
{
    return table_specs[loading->table]->columns[column].name;
}

static bool is_absent (const char *cell)
{
    return *cell == '\0' || strcmp (cell, "-") == 0;
}

static bool is_any (const char *cell)
{
    return strcmp (cell, "*") == 0 || strcmp (cell, "＊") == 0;
}

const char *hint_name (char ret[HINT_SIZE], const char *word,
                       const struct name_list *list)
{
    const char *words[2 * STAGE_COUNT];
    size_t count = 0;
    assert (2 * list->count <= ARRAY_SIZE (words));
    for (unsigned i = 0; i < list->count; i++) {
        words[count++] = list->names[i].word;
        words[count++] = list->names[i].zh;
    }
    return hint (ret, word, words, count);
}

/* ---- numbers ---------------------------------------------------------------------- */

/* Decimal digits only, full-width ones too. False: not a number, or more than 18 digits. */
static bool parse_number (const char *text, uint64_t *ret)
{
    struct bytes bytes = bytes_of_text (text);
    uint64_t value = 0;
    size_t digits = 0;
    for (size_t at = 0; at < bytes.size; digits++) {
        uint32_t c = text_narrow_character (text_next (bytes, &at));
        if (c < '0' || c > '9' || digits == 18)
            return false;
        value = value * 10 + (c - '0');
    }
    *ret = value;
    return digits > 0;
}

uint64_t cell_number (struct loading *loading, size_t column, uint64_t smallest,
                      uint64_t largest)
{
    const char *cell = loading->cells[column];
    uint64_t value;
    if (is_absent (cell))
        problem (loading, "column %s is empty; it needs a number",
                 column_name (loading, column));
    else if (!parse_number (cell, &value))
        problem (loading, "column %s: %s is no number", column_name (loading, column),
                 cell);
    else if (value < smallest || value > largest)
        problem (loading, "column %s: %s is not between %llu and %llu",
                 column_name (loading, column), cell, (unsigned long long) smallest,
                 (unsigned long long) largest);
    else
        return value;
    return smallest;
}

uint64_t cell_optional_number (struct loading *loading, size_t column, uint64_t largest)
{
    return is_absent (loading->cells[column]) ? 0
                                              : cell_number (loading, column, 1, largest);
}

/* Statistical codes are cut at 2 (province), 4, 6, 9 and 12 digits. */
uint64_t cell_territory (struct loading *loading, size_t column)
{
    const char *cell = loading->cells[column];
    uint64_t prefix;
    if (is_any (cell))
        return 0;
    size_t digits = text_count (bytes_of_text (cell));
    bool cut_well =
        digits == 2 || digits == 4 || digits == 6 || digits == 9 || digits == 12;
    if (!parse_number (cell, &prefix) || !cut_well || cell[0] == '0') {
        problem (loading,
                 "column %s: \"%s\" is no territory; write * or 12 (village), 9 "
                 "(township), 6 (county), 4 or 2 digits of the statistical code",
                 column_name (loading, column), cell);
        return 0;
    }
    for (size_t i = 0; i < loading->rules->village_count; i++)
        if (territory_contains (prefix, loading->rules->villages[i].code))
            return prefix;
    if (!loading->broken[RULES_VILLAGES])
        problem (loading, "column %s: no village of the villages table lies in %s",
                 column_name (loading, column), cell);
    return 0;
}

/* ---- texts ------------------------------------------------------------------------ */

static const char *unescape (struct loading *loading, size_t column, const char *cell)
{
    char *text = arena_text (&loading->rules->arena, cell), *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        if (*from != '\\') {
            *to++ = *from;
            continue;
        }
        from++;
        if (*from != 'n' && *from != 't' && *from != '\\') {
            problem (loading, "column %s: a backslash stands only in \\n, \\t and \\\\",
                     column_name (loading, column));
            return "";
        }
        *to++ = *from == 'n' ? '\n' : *from == 't' ? '\t' : '\\';
    }
    *to = '\0';
    return text;
}

const char *cell_optional_text (struct loading *loading, size_t column)
{
    const char *cell = loading->cells[column];
    return is_absent (cell) ? NULL : unescape (loading, column, cell);
}

const char *cell_text (struct loading *loading, size_t column)
{
    const char *text = cell_optional_text (loading, column);
    if (text != NULL)
        return text;
    problem (loading, "column %s is empty; it must be there",
             column_name (loading, column));
    return "";
}

/* The next word of '*at', in a buffer of 'size'; false at the end. Words are cut by
 * spaces and commas, full-width ones too. */
static bool next_word (const char **at, char *ret, size_t size)
{
    struct bytes text = bytes_of_text (*at);
    size_t used = 0, i = 0;
    while (i < text.size) {
        size_t start = i;
        uint32_t c = text_next (text, &i);
        bool cut = c == ' ' || c == ',' || c == 0x3000 || c == 0xFF0C || c == 0x3001;
        if (cut && used > 0)
            break;
        if (cut)
            continue;
        if (used + (i - start) < size) {
            memcpy (ret + used, text.data + start, i - start);
            used += i - start;
        }
    }
    ret[used] = '\0';
    *at += i;
    return used > 0;
}

const char *const *cell_words (struct loading *loading, size_t column, size_t most,
                               size_t *ret_count)
{
    struct arena *arena = &loading->rules->arena;
    const char **words = ARENA_ARRAY (arena, const char *, most + 1);
    const char *at = is_absent (loading->cells[column]) ? "" : loading->cells[column];
    char word[256];
    size_t count = 0;
    while (next_word (&at, word, sizeof word)) {
        if (count == most) {
            problem (loading, "column %s: at most %zu words",
                     column_name (loading, column), most);
            break;
        }
        words[count++] = arena_text (arena, word);
    }
    *ret_count = count;
    return words;
}

/* ---- words of a list -------------------------------------------------------------- */

static unsigned find_name (struct loading *loading, size_t column, const char *word,
                           const struct name_list *list)
{
    char text[HINT_SIZE];
    int number = name_find (list, word);
    if (number >= 0)
        return (unsigned) number;
    problem (loading, "column %s: unknown %s %s%s", column_name (loading, column),
             list->what, word, hint_name (text, word, list));
    return 0;
}

unsigned cell_name (struct loading *loading, size_t column, const struct name_list *list)
{
    const char *cell = loading->cells[column];
    if (!is_absent (cell))
        return find_name (loading, column, cell, list);
    problem (loading, "column %s is empty; it needs a %s", column_name (loading, column),
             list->what);
    return 0;
}

unsigned cell_optional_name (struct loading *loading, size_t column,
                             const struct name_list *list, unsigned absent)
{
    const char *cell = loading->cells[column];
    return is_absent (cell) || is_any (cell) ? absent
                                             : find_name (loading, column, cell, list);
}

unsigned cell_flags (struct loading *loading, size_t column, const struct name_list *list)
{
    const char *at = is_absent (loading->cells[column]) ? "" : loading->cells[column];
    char word[64];
    unsigned flags = 0;
    while (next_word (&at, word, sizeof word)) {
        size_t before = loading->problems->count;
        unsigned bit = find_name (loading, column, word, list);
        if (loading->problems->count == before)
            flags |= 1u << bit;
    }
    return flags;
}

bool cell_yes (struct loading *loading, size_t column)
{
    static const char *const yes[] = { "yes", "1", "是" }, *const no[] = { "no", "0",
                                                                           "否" };
    const char *cell = loading->cells[column];
    for (size_t i = 0; i < ARRAY_SIZE (yes); i++) {
        if (strcmp (cell, yes[i]) == 0)
            return true;
        if (strcmp (cell, no[i]) == 0)
            return false;
    }
    problem (loading, "column %s: \"%s\" is neither yes (是, 1) nor no (否, 0)",
             column_name (loading, column), cell);
    return false;
}

int32_t cell_day (struct loading *loading, size_t column, int32_t absent)
{
    const char *cell = loading->cells[column];
    struct err err = { 0 };
    int32_t day = absent;
    if (!is_absent (cell) && civil_parse_day (cell, &day, &err) != 0)
        problem (loading, "column %s: %s", column_name (loading, column), err.text);
    return day;
}

/* ---- references -------------------------------------------------------------------- */

uint32_t cell_department (struct loading *loading, size_t column, const char *text)
{
    uint64_t number = 0;
    if (!parse_number (text, &number) || number == 0 || number > UINT32_MAX) {
        problem (loading, "column %s: %s is no department number",
                 column_name (loading, column), *text == '\0' ? "nothing" : text);
        return 0;
    }
    if (department_find (loading->rules, (uint32_t) number) == NULL &&
        !loading->broken[RULES_DEPARTMENTS])
        problem (loading, "column %s: there is no department %s in the departments table",
                 column_name (loading, column), text);
    return (uint32_t) number;
}

const struct category *cell_category (struct loading *loading, size_t column)
{
    const struct rules *rules = loading->rules;
    const char *cell = loading->cells[column];
    const struct category *category = category_find (rules, cell);
    if (category != NULL || loading->broken[RULES_CATEGORIES])
        return category;
    const char **paths =
        ARENA_ARRAY (&loading->rules->arena, const char *, rules->category_count + 1);
    for (size_t i = 0; i < rules->category_count; i++)
        paths[i] = rules->categories[i].path;
    char text[HINT_SIZE];
    problem (loading, "column %s: unknown category %s%s", column_name (loading, column),
             cell, hint (text, cell, paths, rules->category_count));
    return NULL;
}

/* ---- outlets ----------------------------------------------------------------------- */

static bool outlet_fits (enum outlet_kind kind, const char *address)
{
    switch (kind) {
    case OUTLET_SMTP: {
        const char *at = strchr (address, '@');
        return at != NULL && at != address && at[1] != '\0' &&
               strchr (at + 1, '@') == NULL;
    }
    case OUTLET_HTTP:
        return strncmp (address, "http://", 7) == 0 ||
               strncmp (address, "https://", 8) == 0;
    case OUTLET_PIPE: /* of the operator's folder, which no clerk leaves */
        return address[0] != '\0' && address[0] != '.' && strchr (address, '/') == NULL;
    case OUTLET_NONE:
    case OUTLET_KIND_COUNT:
        break;
    }
    return false;
}

static bool parse_outlet (struct loading *loading, size_t column, char *word,
                          struct outlet *ret)
{
    static const char *const forms[OUTLET_KIND_COUNT] = {
        [OUTLET_NONE] = "none alone",
        [OUTLET_SMTP] = "smtp:name@host",
        [OUTLET_HTTP] = "http:https://host/path",
        [OUTLET_PIPE] = "pipe:program"
    };
    if (outlet_fits (OUTLET_HTTP, word)) {
        *ret = (struct outlet){ .kind = OUTLET_HTTP,
                                .address = arena_text (&loading->rules->arena, word) };
        return true;
    }
    char *colon = strchr (word, ':');
    if (colon == NULL) {
        problem (loading,
                 "column %s: %s is no channel; write smtp:name@host, http:URL, "
                 "pipe:program or none",
                 column_name (loading, column), word);
        return false;
    }
    *colon = '\0';
    size_t before = loading->problems->count;
    unsigned kind = find_name (loading, column, word, &outlet_kind_names);
    if (loading->problems->count > before)
        return false;
    if (!outlet_fits ((enum outlet_kind) kind, colon + 1)) {
        problem (loading, "column %s: %s: cannot be; write %s",
                 column_name (loading, column), word, forms[kind]);
        return false;
    }
    *ret = (struct outlet){ .kind = (enum outlet_kind) kind,
                            .address = arena_text (&loading->rules->arena, colon + 1) };
    return true;
}

size_t cell_outlets (struct loading *loading, size_t column,
                     struct outlet ret[RULES_OUTLETS_MAX])
{
    const char *cell = loading->cells[column], *at = cell;
    char word[512];
    size_t count = 0;
    if (is_absent (cell) || name_find (&outlet_kind_names, cell) == OUTLET_NONE)
        return 0;
    while (next_word (&at, word, sizeof word)) {
        if (count == RULES_OUTLETS_MAX) {
            problem (loading, "column %s: at most %d channels",
                     column_name (loading, column), RULES_OUTLETS_MAX);
            break;
        }
        if (!parse_outlet (loading, column, word, &ret[count]))
            break;
        count++;
    }
    return count;
}
