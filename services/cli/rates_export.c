/* SPDX-License-Identifier: Apache-2.0 */
/* One flat object a group, in the order of the table of figures; a CSV record is the same
 * object with its values in a row, so that the two never differ. Of what is divided both
 * counts are told: timely_answer, timely_answer_part, timely_answer_of. */
#include "cli/rates_export.h"

#include "cli/language.h"

#include "base/civil.h"
#include "rules/rules.h"
#include "wire/names.h"

#include <stdio.h>
#include <string.h>

bool rates_has_figure (const struct rates_view *view, const struct rates_figure *figure)
{
    bool has_department = view->selection->has_department;
    for (size_t i = 0; i < view->selection->n_by; i++)
        has_department |= view->selection->by[i] == RATES_BY_DEPARTMENT;
    return (view->has_clocks || !figure->by_clock) &&
           (has_department || !figure->by_holder);
}

const char *rates_dimension_key (enum rates_dimension dimension)
{
    static const char *const keys[RATES_BY_COUNT] = {
        [RATES_BY_DEPARTMENT] = "department",
        [RATES_BY_TOWNSHIP] = "township",
        [RATES_BY_VILLAGE] = "village",
        [RATES_BY_CATEGORY] = "category",
        [RATES_BY_SUBCATEGORY] = "subcategory",
        [RATES_BY_PURPOSE] = "purpose",
        [RATES_BY_MONTH] = "month",
        [RATES_BY_YEAR] = "year",
    };
    return keys[dimension];
}

/* ---- names of groups ----------------------------------------------------------------- */

const char *rates_department_name (struct cli *cli, uint32_t department)
{
    return department == 0 ? _ ("dispatcher") : cli_department_name (cli, department);
}

static const char *township_name (struct cli *cli, uint64_t township)
{
    const struct rules *rules = cli_rules (cli);
    for (size_t i = 0; rules != NULL && i < rules->village_count; i++)
        if (rules->villages[i].code / 1000 == township)
            return rules->villages[i].township;
    return arena_format (&cli->arena, "%llu", (unsigned long long) township);
}

/* "" where nobody said one. */
static const char *category_text (struct cli *cli, const struct rates_view *view,
                                  uint64_t category, bool is_first_level)
{
    const char *path = rates_fold_category (view->fold, (uint32_t) category);
    return is_first_level ? arena_format (&cli->arena, "%.*s",
                                          (int) rates_category_level (path), path)
                          : path;
}

const char *rates_key_name (struct cli *cli, const struct rates_view *view,
                            const struct rates_group *group, size_t nth)
{
    enum rates_dimension dimension = view->selection->by[nth];
    uint64_t key = group->keys[nth];
    switch (dimension) {
    case RATES_BY_DEPARTMENT:
        return rates_department_name (cli, (uint32_t) key);
    case RATES_BY_TOWNSHIP:
        return township_name (cli, key);
    case RATES_BY_VILLAGE:
        return cli_village_name (cli, key);
    case RATES_BY_CATEGORY:
    case RATES_BY_SUBCATEGORY: {
        const char *text = category_text (cli, view, key, dimension == RATES_BY_CATEGORY);
        return *text != '\0' ? text : _ ("(none)");
    }
    case RATES_BY_PURPOSE:
        return language_word (purpose, (enum purpose) key);
    case RATES_BY_MONTH:
        return arena_format (&cli->arena, "%04u-%02u", (unsigned) (key / 100),
                             (unsigned) (key % 100));
    case RATES_BY_YEAR:
        return arena_format (&cli->arena, "%04u", (unsigned) key);
    case RATES_BY_COUNT:
        break;
    }
    return "";
}

/* ---- one object ---------------------------------------------------------------------- */

static void put (json_t *object, const char *prefix, const char *name, json_t *value)
{
    char key[96];
    snprintf (key, sizeof key, "%s%s", prefix, name);
    json_object_set_new (object, key, value);
}

static json_t *whole (uint64_t count)
{
    return json_integer ((json_int_t) count);
}

/* Six places: more would only be noise of the division. */
static json_t *real (double value)
{
    return json_real ((double) (int64_t) (value * 1e6 + 0.5) / 1e6);
}

static void put_figure (json_t *object, const struct rates_figure *figure,
                        const struct rates_sums *sums)
{
    uint64_t part = rates_figure_part (figure, sums);
    double value;
    bool is_known = rates_figure_value (figure, sums, &value);
    if (figure->kind == RATES_NUMBER || figure->kind == RATES_QUANTILE) {
        put (object, figure->key, "", is_known ? whole (part) : json_null ());
        return;
    }
    put (object, figure->key, "", is_known ? real (value) : json_null ());
    put (object, figure->key, "_part",
         figure->kind == RATES_DAYS ? real ((double) part / (double) CIVIL_DAY_MS)
                                    : whole (part));
    put (object, figure->key, "_of", whole (rates_figure_of (figure, sums)));
}

static void put_ratings (json_t *object, const struct rates_sums *sums)
{
    static const char *const names[] = { "unrated_", "satisfied_", "basically_",
                                         "dissatisfied_" };
    for (unsigned i = 0; i < RATES_ASPECT_COUNT; i++)
        for (unsigned rating = 0; rating < ARRAY_SIZE (names); rating++)
            put (object, names[rating], rates_aspect_key ((enum rates_aspect) i),
                 whole (sums->ratings[i][rating]));
}

static void put_levels (json_t *object, const struct rates_sums *sums)
{
    static const char *const names[RATES_LEVELS] = { "township", "county", "city",
                                                     "province", "capital" };
    for (unsigned level = 1; level < RATES_LEVELS; level++)
        put (object, "skip_level_", names[level], whole (sums->skipped_by[level]));
    for (unsigned level = 0; level < RATES_LEVELS; level++)
        put (object, "collective_", names[level], whole (sums->collective_by[level]));
}

static void put_sums (const struct rates_view *view, json_t *object,
                      const struct rates_sums *sums)
{
    for (size_t i = 0; i < rates_figures_table_count; i++)
        if (rates_has_figure (view, &rates_figures_table[i]))
            put_figure (object, &rates_figures_table[i], sums);
    put_ratings (object, sums);
    for (unsigned ground = 1; ground < GROUND_COUNT; ground++)
        put (object, "end_", ground_name ((enum ground) ground),
             whole (sums->ends_by[ground]));
    put_levels (object, sums);
    if (view->has_clocks)
        put (object, "behind", "", whole (view->behind));
}

static void put_key (struct cli *cli, const struct rates_view *view, json_t *object,
                     const struct rates_group *group, size_t nth)
{
    enum rates_dimension dimension = view->selection->by[nth];
    const char *key = rates_dimension_key (dimension);
    uint64_t value = group->keys[nth];
    const char *name = rates_key_name (cli, view, group, nth);
    switch (dimension) {
    case RATES_BY_DEPARTMENT:
    case RATES_BY_TOWNSHIP:
    case RATES_BY_VILLAGE:
        put (object, key, "", whole (value));
        put (object, key, "_name", json_string (name));
        break;
    case RATES_BY_CATEGORY:
    case RATES_BY_SUBCATEGORY:
        put (object, key, "",
             json_string (
                 category_text (cli, view, value, dimension == RATES_BY_CATEGORY)));
        break;
    case RATES_BY_PURPOSE:
        put (object, key, "", json_string (purpose_name ((enum purpose) value)));
        break;
    case RATES_BY_MONTH:
        put (object, key, "", json_string (name));
        break;
    case RATES_BY_YEAR:
        put (object, key, "", whole (value));
        break;
    case RATES_BY_COUNT:
        break;
    }
}

static json_t *group_object (struct cli *cli, const struct rates_view *view, size_t i)
{
    json_t *object = json_object ();
    const struct rates_group *group = &view->figures->groups[i];
    for (size_t nth = 0; nth < view->selection->n_by; nth++)
        put_key (cli, view, object, group, nth);
    put_sums (view, object, &group->sums);
    return object;
}

static json_t *total_object (const struct rates_view *view)
{
    json_t *object = json_object ();
    put_sums (view, object, &view->figures->total.sums);
    if (view->figures->has_accusations)
        put (object, "accusations", "", whole (view->figures->accusations));
    return object;
}

static json_t *holders_array (struct cli *cli, const struct rates_figures *figures)
{
    json_t *array = json_array ();
    for (size_t i = 0; i < figures->n_holders; i++) {
        const struct rates_holder *holder = &figures->holders[i];
        json_array_append_new (
            array, json_pack ("{s:I, s:s, s:I, s:o}", "department",
                              (json_int_t) holder->department, "name",
                              rates_department_name (cli, holder->department),
                              "grievances", (json_int_t) holder->grievances, "days",
                              real ((double) holder->spent_ms / (double) CIVIL_DAY_MS)));
    }
    return array;
}

void rates_print_json (struct cli *cli, const struct rates_view *view)
{
    for (size_t i = 0; view->selection->n_by > 0 && i < view->figures->n_groups; i++)
        cli_json_line (group_object (cli, view, i));
    if (view->selection->n_by > 0)
        return;
    json_t *object = total_object (view);
    if (view->has_clocks)
        put (object, "holders", "", holders_array (cli, view->figures));
    cli_json_line (object);
}

/* ---- CSV ------------------------------------------------------------------------------ */

#define CSV_BOM "\xEF\xBB\xBF"

/* RFC 4180: what has a comma, a quote or an end of line stands between quotes. */
static void csv_text (const char *text)
{
    if (strpbrk (text, ",\"\r\n") == NULL) {
        fputs (text, stdout);
        return;
    }
    putchar ('"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putchar ('"');
        putchar (*text);
    }
    putchar ('"');
}

static void csv_value (const json_t *value)
{
    if (json_is_string (value))
        csv_text (json_string_value (value));
    else if (json_is_integer (value))
        printf ("%lld", (long long) json_integer_value (value));
    else if (json_is_real (value))
        printf ("%.6g", json_real_value (value));
}

static void csv_record (json_t *object, bool with_header)
{
    const char *key;
    json_t *value;
    bool is_first = true;
    if (with_header)
        fputs (CSV_BOM, stdout);
    for (int line = with_header ? 0 : 1; line < 2; line++) {
        is_first = true;
        json_object_foreach (object, key, value)
        {
            if (!is_first)
                putchar (',');
            is_first = false;
            if (line == 0)
                csv_text (key);
            else
                csv_value (value);
        }
        fputs ("\r\n", stdout);
    }
    json_decref (object);
}

void rates_print_csv (struct cli *cli, const struct rates_view *view)
{
    for (size_t i = 0; view->selection->n_by > 0 && i < view->figures->n_groups; i++)
        csv_record (group_object (cli, view, i), i == 0);
    if (view->selection->n_by == 0)
        csv_record (total_object (view), true);
}
