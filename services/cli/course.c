/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/course.h"

#include "cli/language.h"

#include "base/civil.h"
#include "base/number.h"
#include "base/text.h"
#include "wire/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *number_text (struct cli *cli, uint64_t number)
{
    char text[NUMBER_TEXT_SIZE];
    return arena_text (&cli->arena, number_format (number, text));
}

static const char *time_text (struct cli *cli, int64_t at_ms)
{
    char text[CIVIL_TIME_SIZE];
    return at_ms == 0 ? "" : arena_text (&cli->arena, civil_format_time (at_ms, text));
}

static const char *due_text (struct cli *cli, int64_t due_ms, bool provisional)
{
    char text[CIVIL_TIME_SIZE];
    if (due_ms == 0)
        return "";
    civil_format_due (due_ms, text);
    return arena_format (&cli->arena, "%s%s", text, provisional ? " ?" : "");
}

/* ---- a course ---------------------------------------------------------------------- */

static json_t *step_json (const struct course_step *step)
{
    return json_pack ("{s:I, s:s, s:I, s:I, s:s, s:I, s:I, s:s*}", "time_ms",
                      (json_int_t) step->time_ms, "kind", kind_name (step->kind),
                      "department", (json_int_t) step->department, "person",
                      (json_int_t) step->person, "state", state_name (step->state),
                      "due_ms", (json_int_t) step->due_ms, "level",
                      (json_int_t) step->level, "text", step->text);
}

static json_t *course_json (struct cli *cli, const struct course *course)
{
    json_t *steps = json_array ();
    for (size_t i = 0; i < course->n_steps; i++)
        json_array_append_new (steps, step_json (&course->steps[i]));
    return json_pack (
        "{s:s, s:I, s:s*, s:s, s:I, s:I, s:I, s:b, s:s, s:I, s:I, s:o}", "number",
        number_text (cli, course->number), "village",
        (json_int_t) course->matter->village, "category", course->matter->category,
        "purpose", purpose_name (course->matter->purpose), "registered_at_ms",
        (json_int_t) course->registered_at_ms, "filed_at_ms",
        (json_int_t) course->filed_at_ms, "last_day_ms", (json_int_t) course->last_day_ms,
        "provisional", course->provisional, "state", state_name (course->state),
        "department", (json_int_t) course->department, "level",
        (json_int_t) course->level, "steps", steps);
}

static void steps_print (struct cli *cli, const struct course_step *steps, size_t n_steps)
{
    struct cli_table *table = cli_table_create ();
    cli_table_column (table, _ ("TIME"), CLI_LEFT);
    cli_table_column (table, _ ("WHAT"), CLI_LEFT);
    cli_table_column (table, _ ("STATE"), CLI_LEFT);
    cli_table_column (table, _ ("BY"), CLI_LEFT);
    cli_table_column (table, _ ("DUE"), CLI_LEFT);
    cli_table_column (table, "", CLI_WRAP);
    for (size_t i = 0; i < n_steps; i++) {
        const struct course_step *step = &steps[i];
        cli_table_row (table);
        cli_table_cell (table, "%s", time_text (cli, step->time_ms));
        cli_table_cell (table, "%s", language_word (kind, step->kind));
        cli_table_cell (table, "%s",
                        step->state == STATE_NONE ? ""
                                                  : language_word (state, step->state));
        cli_table_cell (
            table, "%s%s%s",
            step->department == 0 ? "" : cli_department_name (cli, step->department),
            step->person == 0 ? "" : " ",
            step->person == 0 ? "" : cli_person_name (cli, step->person));
        cli_table_cell (table, "%s", due_text (cli, step->due_ms, step->provisional));
        cli_table_cell (table, "%s", step->text != NULL ? step->text : "");
    }
    cli_table_print (&table);
}

void course_print (struct cli *cli, const struct course *course)
{
    if (cli->json) {
        cli_json_line (course_json (cli, course));
        return;
    }
    printf ("%s  %s  %s  %s\n", number_text (cli, course->number),
            cli_village_name (cli, course->matter->village),
            course->matter->category != NULL ? course->matter->category : "—",
            language_word (purpose, course->matter->purpose));
    if (course->title != NULL)
        printf ("%s\n", course->title);
    printf (_ ("%s, with %s; answer due by %s\n\n"), language_word (state, course->state),
            cli_department_name (cli, course->department),
            due_text (cli, course->last_day_ms, course->provisional));
    steps_print (cli, course->steps, course->n_steps);
}

/* ---- rows of a queue --------------------------------------------------------------- */

json_t *row_json (struct cli *cli, const struct row *row)
{
    json_t *candidates = json_array ();
    for (size_t i = 0; i < row->n_candidates; i++)
        json_array_append_new (
            candidates,
            json_pack ("{s:I, s:s, s:I, s:s*}", "department",
                       (json_int_t) row->candidates[i].department, "name",
                       cli_department_name (cli, row->candidates[i].department), "row",
                       (json_int_t) row->candidates[i].row, "why",
                       row->candidates[i].why));
    return json_pack (
        "{s:s, s:s, s:I, s:s*, s:s, s:I, s:I, s:I, s:I, s:b, s:I, s:I, s:s*, s:s*, s:o}",
        "number", number_text (cli, row->number), "state", state_name (row->state),
        "village", (json_int_t) row->matter->village, "category", row->matter->category,
        "purpose", purpose_name (row->matter->purpose), "department",
        (json_int_t) row->department, "holder", (json_int_t) row->holder,
        "registered_at_ms", (json_int_t) row->registered_at_ms, "due_ms",
        (json_int_t) row->due_ms, "provisional", row->provisional, "priority",
        (json_int_t) row->priority, "objections", (json_int_t) row->objections, "title",
        row->title, "objection", row->objection, "candidates", candidates);
}

static const char *first_candidate (struct cli *cli, const struct row *row)
{
    if (row->objection != NULL)
        return arena_format (&cli->arena, _ ("objection: %s"), row->objection);
    struct buffer text = { 0 };
    for (size_t i = 0; i < row->n_candidates; i++) {
        const char *one =
            arena_format (&cli->arena, "%s%u %s (%s)", i == 0 ? "" : " · ",
                          row->candidates[i].department,
                          cli_department_name (cli, row->candidates[i].department),
                          row->candidates[i].why != NULL ? row->candidates[i].why : "");
        buffer_append (&text, one, strlen (one));
    }
    buffer_append (&text, "", 1);
    const char *copy = arena_text (&cli->arena, (const char *) text.data);
    buffer_done (&text);
    return copy;
}

static const char *marks (struct cli *cli, const struct matter *matter)
{
    return arena_format (
        &cli->arena, "%s%s%s%s", matter->threat ? _ ("threat ") : "",
        matter->urgent ? _ ("urgent ") : "",
        matter->vulnerable || matter->hardship ? _ ("weak ") : "",
        matter->persons > 1
            ? arena_format (&cli->arena, _ ("%u persons"), matter->persons)
            : "");
}

void rows_print (struct cli *cli, const struct row *rows, size_t n_rows,
                 bool with_candidates)
{
    if (cli->json) {
        for (size_t i = 0; i < n_rows; i++)
            cli_json_line (row_json (cli, &rows[i]));
        return;
    }
    struct cli_table *table = cli_table_create ();
    cli_table_column (table, _ ("NUMBER"), CLI_LEFT);
    cli_table_column (table, _ ("STATE"), CLI_LEFT);
    cli_table_column (table, _ ("DUE"), CLI_LEFT);
    cli_table_column (table, _ ("VILLAGE"), CLI_LEFT);
    cli_table_column (table, _ ("CATEGORY"), CLI_LEFT);
    cli_table_column (table, _ ("MARKS"), CLI_LEFT);
    cli_table_column (table, with_candidates ? _ ("CANDIDATES") : _ ("HOLDER"), CLI_LEFT);
    cli_table_column (table, _ ("TITLE"), CLI_WRAP);
    for (size_t i = 0; i < n_rows; i++) {
        const struct row *row = &rows[i];
        cli_table_row (table);
        cli_table_cell (table, "%s", number_text (cli, row->number));
        cli_table_cell (table, "%s", language_word (state, row->state));
        cli_table_cell (table, "%s", due_text (cli, row->due_ms, row->provisional));
        cli_table_cell (table, "%s", cli_village_name (cli, row->matter->village));
        cli_table_cell (table, "%s",
                        row->matter->category != NULL ? row->matter->category : "—");
        cli_table_cell (table, "%s", marks (cli, row->matter));
        cli_table_cell (table, "%s",
                        with_candidates    ? first_candidate (cli, row)
                        : row->holder == 0 ? ""
                                           : cli_person_name (cli, row->holder));
        cli_table_cell (table, "%s", row->title != NULL ? row->title : "");
    }
    cli_table_print (&table);
}

/* ---- one grievance ----------------------------------------------------------------- */

static void print_cleaned (const char *text)
{
    struct buffer clean = { 0 };
    text_clean (bytes_of_text (text), &clean);
    fwrite (clean.data, 1, clean.size, stdout);
    putchar ('\n');
    buffer_done (&clean);
}

void item_print (struct cli *cli, const struct item *item)
{
    const struct statement *statement = item->statement;
    if (cli->json) {
        json_t *object = row_json (cli, item->row);
        json_object_set_new (object, "fencing",
                             json_integer ((json_int_t) item->fencing));
        if (statement != NULL)
            json_object_set_new (object, "text", json_string (statement->text));
        if (statement != NULL && statement->person != NULL &&
            statement->person->name != NULL)
            json_object_set_new (object, "name", json_string (statement->person->name));
        if (statement != NULL && statement->person != NULL &&
            statement->person->telephone != NULL)
            json_object_set_new (object, "telephone",
                                 json_string (statement->person->telephone));
        cli_json_line (object);
        return;
    }
    rows_print (cli, item->row, 1, false);
    if (item->fencing != 0)
        printf (_ ("fencing number %llu\n"), (unsigned long long) item->fencing);
    if (item->sealed.size > 0)
        printf (_ ("sealed, %zu bytes: only the discipline organ's key opens it\n"),
                item->sealed.size);
    if (statement != NULL && statement->person != NULL && statement->person->name != NULL)
        printf ("%s  %s\n", statement->person->name,
                statement->person->telephone != NULL ? statement->person->telephone : "");
    putchar ('\n');
    if (statement != NULL && statement->text != NULL)
        print_cleaned (statement->text);
    putchar ('\n');
    steps_print (cli, item->steps, item->n_steps);
}
