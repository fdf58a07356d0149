/* SPDX-License-Identifier: Apache-2.0 */
/* Every clock of DOMAIN §3 as a clerk counts it on the wall calendar: worked_dates.tsv has
 * the dates with their reasoning, and the shipped tables must come to the same. */
#include <stdlib.h>

#include "rules_tables.h"

#include "base/file.h"
#include "rules/deadline.h"

#define ROWS_MIN        60
#define COLUMN_COUNT    9
#define TABLE_BYTES_MAX 100000

enum column { CLOCK, PURPOSE, URGENCY, EXTENDED, AT, START, END, KNOWN, REASONING };

static struct rules *rules;
static struct buffer table; /* the file, cut up in place */
static unsigned counts;     /* rows so far */

/* The next row that says something; false at the end. */
static bool row_next (char **rest, char *columns[COLUMN_COUNT])
{
    char *line;
    do {
        line = strsep (rest, "\n");
    } while (line != NULL && (line[0] == '#' || line[0] == '\0'));
    if (line == NULL)
        return false;
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        if ((columns[i] = strsep (&line, "\t")) == NULL || columns[i][0] == '\0')
            fail_msg ("row %u has no column %zu", counts, i + 1);
    assert_null (line);
    return true;
}

static bool says_yes (const char *cell)
{
    bool yes = strcmp (cell, "yes") == 0;
    assert_true (yes || strcmp (cell, "no") == 0);
    return yes;
}

static unsigned word_of (const struct name_list *list, const char *word)
{
    int number = name_find (list, word);
    if (number < 0)
        fail_msg ("%s is no %s", word, list->what);
    return (unsigned) number;
}

/* The band of the plan; a window has none, and its end is asked as 100. */
static struct duty_step step_at (const struct duty_plan *plan, unsigned share)
{
    if (share == 100)
        return (struct duty_step){ .due_ms = plan->due.due_ms,
                                   .provisional = plan->due.provisional };
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].share == share)
            return plan->steps[i];
    fail_msg ("the ladder has nothing at %u", share);
    return (struct duty_step){ 0 };
}

static void check_row (char *columns[COLUMN_COUNT])
{
    struct duty_plan plan;
    char end[CIVIL_TIME_SIZE];
    int rc = duty_plan (rules, stage_of_name (columns[CLOCK]),
                        word_of (&purpose_names, columns[PURPOSE]),
                        word_of (&urgency_names, columns[URGENCY]),
                        says_yes (columns[EXTENDED]), at_ms (columns[START]), &plan);
    if (rc != 0)
        fail_msg ("%s has no clock", columns[CLOCK]);
    struct duty_step step = step_at (&plan, (unsigned) atoi (columns[AT]));
    civil_format_due (step.due_ms, end);
    if (strcmp (end, columns[END]) != 0 || step.provisional == says_yes (columns[KNOWN]))
        fail_msg ("%s at %s from %s: %s%s, but by hand %s: %s", columns[CLOCK],
                  columns[AT], columns[START], end, step.provisional ? " ?" : "",
                  columns[END], columns[REASONING]);
}

/* Behind the line that names the columns. */
static char *first_row (void)
{
    char *names = strstr ((char *) table.data, "\nclock\t");
    assert_non_null (names);
    return strchr (names + 1, '\n') + 1;
}

static void every_clock_ends_when_a_clerk_says (void **state UNUSED)
{
    char *columns[COLUMN_COUNT], *rest = first_row ();
    bool seen[STAGE_COUNT] = { false };
    unsigned years[4] = { 0 };
    while (row_next (&rest, columns)) {
        check_row (columns);
        seen[stage_of_name (columns[CLOCK])] = true;
        int year = atoi (columns[END]);
        assert_in_range (year, 2024, 2027);
        years[year - 2024]++;
        counts++;
    }
    assert_true (counts >= ROWS_MIN);
    for (size_t i = 0; i < ARRAY_SIZE (years); i++)
        assert_true (years[i] > 0);
    for (size_t i = 0; i < rules->deadline_count; i++)
        if (!seen[rules->deadlines[i].stage] && rules->deadlines[i].stage != STAGE_EXTEND)
            fail_msg ("no row for %s",
                      name_word (&stage_names, rules->deadlines[i].stage));
}

static int load (void **state UNUSED)
{
    struct err err = { 0 };
    rules = shipped_rules ();
    const char *file = SOURCE_DIR "/tests/unit/worked_dates.tsv";
    if (file_read (file, TABLE_BYTES_MAX, &table, &err) != 0)
        fail_msg ("%s", err.text);
    buffer_append (&table, "", 1);
    return 0;
}

static int unload (void **state UNUSED)
{
    rules_destroy (&rules);
    buffer_done (&table);
    return 0;
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (every_clock_ends_when_a_clerk_says),
    };
    return cmocka_run_group_tests (tests, load, unload);
}
