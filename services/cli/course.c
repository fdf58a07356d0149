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
    cli->has_provisional |= provisional;
    return arena_format (&cli->arena, "%s%s", text, provisional ? " ?" : "");
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

static void heading_print (struct cli *cli, uint64_t number, const struct matter *matter)
{
    printf ("%s  %s  %s  %s", number_text (cli, number),
            cli_village_name (cli, matter->village),
            matter->category != NULL ? matter->category : "—",
            language_word (purpose, matter->purpose));
    const char *said = marks (cli, matter);
    printf ("%s%s\n", said[0] != '\0' ? "  " : "", said);
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

/* What is done inside the house and changes nothing for whom it concerns. */
static bool is_inside (const struct course_step *step)
{
    return step->text == NULL &&
           (step->kind == KIND_NOTICE || step->kind == KIND_NOTICE_MOVED ||
            step->kind == KIND_CLOCKS);
}

/* "handling", "decided: support", "raised to level 2". */
static const char *what_text (struct cli *cli, const struct course_step *step)
{
    const char *state = language_word (state, step->state);
    if (step->kind == KIND_RAISED && step->level > 0)
        return arena_format (&cli->arena, _ ("raised to level %u"), step->level);
    if (step->kind != KIND_MOVED || step->state == STATE_NONE)
        return language_word (kind, step->kind);
    if (step->outcome == OUTCOME_NONE)
        return state;
    return arena_format (&cli->arena, "%s: %s", state,
                         language_word (decision_outcome, step->outcome));
}

static void step_print (struct cli *cli, struct cli_table *table,
                        const struct course_step *step)
{
    cli_table_row (table);
    cli_table_cell (table, "%s", time_text (cli, step->time_ms));
    cli_table_cell (table, "%s", what_text (cli, step));
    cli_table_cell (table, "%s%s%s",
                    step->department == 0 ? ""
                                          : cli_department_name (cli, step->department),
                    step->person == 0 ? "" : " ",
                    step->person == 0 ? "" : cli_person_name (cli, step->person));
    cli_table_cell (table, "%s", due_text (cli, step->due_ms, step->provisional));
    cli_table_cell (table, "%s", step->text != NULL ? step->text : "");
}

static void steps_print (struct cli *cli, const struct course_step *steps, size_t n_steps)
{
    struct cli_table *table = cli_table_create ();
    cli_table_column (table, _ ("TIME"), CLI_LEFT);
    cli_table_column (table, _ ("WHAT"), CLI_LEFT);
    cli_table_column (table, _ ("BY"), CLI_LEFT);
    cli_table_column (table, _ ("DUE"), CLI_LEFT);
    cli_table_column (table, "", CLI_CUT);
    for (size_t i = 0; i < n_steps; i++)
        if (!is_inside (&steps[i]))
            step_print (cli, table, &steps[i]);
    cli_table_print (&table);
}

void course_print (struct cli *cli, const struct course *course)
{
    if (cli->json) {
        cli_json_line (course_json (cli, course));
        return;
    }
    heading_print (cli, course->number, course->matter);
    if (course->title != NULL)
        printf ("%s\n", cli_clean (cli, course->title));
    printf (_ ("%s, with %s; answer due by %s\n"), language_word (state, course->state),
            cli_department_name (cli, course->department),
            due_text (cli, course->last_day_ms, course->provisional));
    putchar ('\n');
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
    cli_table_column (table, _ ("VILLAGE"), CLI_CUT);
    cli_table_column (table, _ ("CATEGORY"), CLI_CUT);
    cli_table_column (table, _ ("MARKS"), CLI_LEFT);
    cli_table_column (table, with_candidates ? _ ("CANDIDATES") : _ ("HOLDER"), CLI_CUT);
    cli_table_column (table, _ ("TITLE"), CLI_CUT);
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

static json_t *item_json (struct cli *cli, const struct item *item)
{
    const struct statement *statement = item->statement;
    json_t *object = row_json (cli, item->row), *steps = json_array ();
    json_object_set_new (object, "fencing", json_integer ((json_int_t) item->fencing));
    if (statement != NULL)
        json_object_set_new (object, "text", json_string (statement->text));
    if (statement != NULL && statement->person != NULL && statement->person->name != NULL)
        json_object_set_new (object, "name", json_string (statement->person->name));
    if (statement != NULL && statement->person != NULL &&
        statement->person->telephone != NULL)
        json_object_set_new (object, "telephone",
                             json_string (statement->person->telephone));
    for (size_t i = 0; i < item->n_steps; i++)
        json_array_append_new (steps, step_json (&item->steps[i]));
    json_object_set_new (object, "steps", steps);
    return object;
}

/* What is known of the petitioner, of what it is about, and what nobody here may read. */
static void statement_print (struct cli *cli, const struct item *item)
{
    const struct statement *statement = item->statement;
    if (item->sealed.size > 0)
        printf (_ ("sealed, %zu bytes: only the discipline organ's key opens it\n"),
                item->sealed.size);
    if (statement == NULL)
        return;
    if (statement->person != NULL && statement->person->name != NULL)
        printf ("%s  %s\n", cli_clean (cli, statement->person->name),
                cli_clean (cli, statement->person->telephone));
    if (statement->text != NULL)
        printf ("\n%s\n", cli_clean (cli, statement->text));
}

void item_print (struct cli *cli, const struct item *item)
{
    const struct row *row = item->row;
    if (cli->json) {
        cli_json_line (item_json (cli, item));
        return;
    }
    heading_print (cli, row->number, row->matter);
    if (row->title != NULL)
        printf ("%s\n", cli_clean (cli, row->title));
    printf (_ ("%s, with %s; answer due by %s\n"), language_word (state, row->state),
            row->holder != 0 ? cli_person_name (cli, row->holder)
                             : cli_department_name (cli, row->department),
            due_text (cli, row->due_ms, row->provisional));
    if (item->fencing != 0)
        printf (_ ("fencing number %llu\n"), (unsigned long long) item->fencing);
    statement_print (cli, item);
    putchar ('\n');
    steps_print (cli, item->steps, item->n_steps);
}
