/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a queue, and one grievance as the desk that holds it sees it. */
#include "cli/course.h"
#include "cli/language.h"

#include "base/text.h"
#include "wire/names.h"

#include <stdio.h>
#include <string.h>

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
        "{s:s, s:s, s:I, s:s*, s:s, s:I, s:I, s:I, s:I, s:b, s:I, s:I, s:I, s:I, s:b, "
        "s:s*, s:s*, s:s*, s:o}",
        "number", course_number (cli, row->number), "state", state_name (row->state),
        "village", (json_int_t) row->matter->village, "category", row->matter->category,
        "purpose", purpose_name (row->matter->purpose), "department",
        (json_int_t) row->department, "holder", (json_int_t) row->holder,
        "registered_at_ms", (json_int_t) row->registered_at_ms, "due_ms",
        (json_int_t) row->due_ms, "provisional", row->provisional, "priority",
        (json_int_t) row->priority, "objections", (json_int_t) row->objections,
        "instance", (json_int_t) row->instance, "level", (json_int_t) row->level,
        "supervised", row->supervised, "proposed",
        row->proposed != STEP_NONE ? step_name (row->proposed) : NULL, "title",
        row->title, "objection", row->objection, "candidates", candidates);
}

/* What a person looks for first: whom it is about, how far up it is, what waits. */
static const char *row_marks (struct cli *cli, const struct row *row)
{
    const char *parts[] = {
        course_marks (cli, row->matter),
        row->supervised ? _ ("supervised") : "",
        row->level > 0 ? arena_format (&cli->arena, _ ("level %u"), row->level) : "",
        course_instance (row->instance),
        row->proposed == STEP_NONE
            ? ""
            : arena_format (&cli->arena, _ ("%s waits for approval"),
                            language_word (step, row->proposed)),
    };
    const char *text = "";
    for (size_t i = 0; i < ARRAY_SIZE (parts); i++)
        if (parts[i][0] != '\0')
            text = arena_format (&cli->arena, "%s%s%s", text,
                                 text[0] != '\0' ? " · " : "", parts[i]);
    return text;
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
        cli_table_cell (table, "%s", course_number (cli, row->number));
        cli_table_cell (table, "%s", language_word (state, row->state));
        cli_table_cell (table, "%s", course_due (cli, row->due_ms, row->provisional));
        cli_table_cell (table, "%s", cli_village_name (cli, row->matter->village));
        cli_table_cell (table, "%s",
                        row->matter->category != NULL ? row->matter->category : "—");
        cli_table_cell (table, "%s", row_marks (cli, row));
        cli_table_cell (table, "%s",
                        with_candidates    ? first_candidate (cli, row)
                        : row->holder == 0 ? ""
                                           : cli_person_name (cli, row->holder));
        cli_table_cell (table, "%s", row->title != NULL ? row->title : "");
    }
    cli_table_print (&table);
}

/* ---- one grievance ----------------------------------------------------------------- */

static json_t *proposal_json (const struct proposal *proposal)
{
    return json_pack ("{s:s, s:I, s:I, s:s, s:s*}", "step", step_name (proposal->step),
                      "person", (json_int_t) proposal->person, "time_ms",
                      (json_int_t) proposal->time_ms, "ground",
                      ground_name (proposal->ground), "reason", proposal->reason);
}

static json_t *item_json (struct cli *cli, const struct item *item)
{
    const struct statement *statement = item->statement;
    json_t *object = row_json (cli, item->row);
    json_object_set_new (object, "fencing", json_integer ((json_int_t) item->fencing));
    if (statement != NULL)
        json_object_set_new (object, "text", json_string (statement->text));
    if (statement != NULL && statement->person != NULL && statement->person->name != NULL)
        json_object_set_new (object, "name", json_string (statement->person->name));
    if (statement != NULL && statement->person != NULL &&
        statement->person->telephone != NULL)
        json_object_set_new (object, "telephone",
                             json_string (statement->person->telephone));
    if (item->proposal != NULL)
        json_object_set_new (object, "proposal", proposal_json (item->proposal));
    json_t *recused = json_array ();
    for (size_t i = 0; i < item->n_recused; i++)
        json_array_append_new (recused, json_integer (item->recused[i]));
    json_object_set_new (object, "recused", recused);
    json_object_set_new (object, "steps", course_steps_json (item->steps, item->n_steps));
    return object;
}

/* What another person has to decide, and who of this department stays out of it. */
static void beside_print (struct cli *cli, const struct item *item)
{
    const struct row *row = item->row;
    const struct proposal *proposal = item->proposal;
    const char *instance = course_instance (row->instance);
    if (instance[0] != '\0')
        printf ("%s\n", instance);
    if (row->level > 0)
        printf (_ ("raised to level %u\n"), row->level);
    if (row->supervised)
        printf ("%s\n", _ ("supervised"));
    if (proposal != NULL)
        printf (_ ("%s waits for a second person; proposed by %s at %s: %s %s\n"),
                language_word (step, proposal->step),
                proposal->person != 0 ? cli_person_name (cli, proposal->person)
                                      : _ ("petitioner"),
                course_time (cli, proposal->time_ms),
                proposal->ground != GROUND_NONE ? language_word (ground, proposal->ground)
                                                : "",
                cli_clean (cli, proposal->reason));
    for (size_t i = 0; i < item->n_recused; i++)
        printf (_ ("recused: %s\n"), cli_person_name (cli, item->recused[i]));
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
    course_heading (cli, row->number, row->matter);
    if (row->title != NULL)
        printf ("%s\n", cli_clean (cli, row->title));
    printf (_ ("%s, with %s; answer due by %s\n"), language_word (state, row->state),
            row->holder != 0 ? cli_person_name (cli, row->holder)
                             : cli_department_name (cli, row->department),
            course_due (cli, row->due_ms, row->provisional));
    if (item->fencing != 0)
        printf (_ ("fencing number %llu\n"), (unsigned long long) item->fencing);
    beside_print (cli, item);
    statement_print (cli, item);
    putchar ('\n');
    course_steps_print (cli, item->steps, item->n_steps);
}
