/* SPDX-License-Identifier: Apache-2.0 */
/* minqing raises: what was raised, to which level and why; and the written answer, which
 * alone ends a raise that is founded. */
#include "cli/cli.h"
#include "cli/language.h"
#include "cli/session.h"
#include "cli/waiting.h"

#include "base/civil.h"
#include "base/number.h"
#include "rules/answerable.h"
#include "wire/limits.h"
#include "wire/names.h"

#include <stdio.h>
#include <string.h>

enum { OPTION_TEXT, OPTION_LIMIT };
static const struct cli_option options[] = {
    [OPTION_TEXT] = { "text", N_ ("TEXT"), N_ ("answer: what was found and done") },
    [OPTION_LIMIT] = { "limit", N_ ("N"), N_ ("list: at most so many [50; 0: all]") },
    { NULL, NULL, NULL },
};

/* ---- the list ---------------------------------------------------------------------- */

static const char *level_word (uint32_t level)
{
    static const char *const words[LEVEL_COUNT] = {
        [LEVEL_HANDLER] = N_ ("handler"), [LEVEL_HEAD] = N_ ("head"),
        [LEVEL_LEADER] = N_ ("leader"),   [LEVEL_JOINT] = N_ ("joint meeting"),
        [LEVEL_COUNTY] = N_ ("county"),
    };
    return level < LEVEL_COUNT ? _ (words[level]) : "?";
}

static const char *told_text (struct cli *cli, const struct raised *raised)
{
    const char *text = "";
    for (size_t i = 0; i < raised->n_persons; i++)
        text = arena_format (&cli->arena, "%s%s%s", text, i > 0 ? ", " : "",
                             cli_person_name (cli, raised->persons[i]));
    return text;
}

static void raise_json (const struct raise_row *row, const char *number)
{
    json_t *persons = json_array ();
    for (size_t i = 0; i < row->raised->n_persons; i++)
        json_array_append_new (persons, json_integer (row->raised->persons[i]));
    cli_json_line (json_pack (
        "{s:I, s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:b, s:I, s:o}", "raise",
        (json_int_t) row->raise, "number", number, "cause",
        cause_name (row->raised->cause), "level", (json_int_t) row->raised->level,
        "raised_at_ms", (json_int_t) row->raised_at_ms, "ended_at_ms",
        (json_int_t) row->ended_at_ms, "department", (json_int_t) row->raised->department,
        "duty", duty_name (row->raised->duty), "open", row->raised->open, "due_ms",
        (json_int_t) row->raised->due_ms, "persons", persons));
}

static void raise_print (struct cli *cli, struct cli_table *table,
                         const struct raise_row *row)
{
    const struct raised *raised = row->raised;
    char number[NUMBER_TEXT_SIZE] = "", since[CIVIL_TIME_SIZE], due[CIVIL_TIME_SIZE] = "",
         ended[CIVIL_TIME_SIZE] = "";
    if (number_is_valid (row->number))
        number_format (row->number, number);
    if (cli->json) {
        raise_json (row, number);
        return;
    }
    civil_format_time (row->raised_at_ms, since);
    if (raised->due_ms != 0)
        civil_format_due (raised->due_ms, due);
    if (row->ended_at_ms != 0)
        civil_format_time (row->ended_at_ms, ended);
    cli_table_row (table);
    cli_table_cell (table, "%llu", (unsigned long long) row->raise);
    cli_table_cell (table, "%s", since);
    cli_table_cell (table, "%u %s", raised->level, level_word (raised->level));
    cli_table_cell (table, "%s", language_word (cause, raised->cause));
    cli_table_cell (table, "%s", number);
    cli_table_cell (table, "%s", due);
    cli_table_cell (table, "%s", cli_department_name (cli, raised->department));
    cli_table_cell (table, "%s", told_text (cli, raised));
    cli_table_cell (table, "%s",
                    row->ended_at_ms != 0 ? ended
                    : raised->open        ? _ ("open")
                                          : _ ("told"));
}

static int list (struct cli *cli, struct session *session, uint64_t number,
                 uint64_t limit)
{
    const char *titles[] = { _ ("RAISE"), _ ("SINCE"),  _ ("LEVEL"),
                             _ ("CAUSE"), _ ("NUMBER"), _ ("DUE"),
                             _ ("OWES"),  _ ("TOLD"),   _ ("ENDED") };
    struct cli_table *table = cli_table_create ();
    for (size_t i = 0; i < ARRAY_SIZE (titles); i++)
        cli_table_column (table, titles[i], i == 0 ? CLI_RIGHT : CLI_LEFT);
    struct raise_query raises = { .number = number };
    uint64_t shown = 0;
    int rc = 0;
    while (rc == 0 && (limit == 0 || shown < limit)) {
        bool is_last = limit != 0 && limit - shown < LIMIT_ROWS;
        raises.limit = is_last ? (uint32_t) (limit - shown) : LIMIT_ROWS;
        struct query query = { .raises = &raises };
        struct reply reply;
        rc = session_query (session, SPEAKER_ESCALATION, &query, &reply);
        if (rc < 0 || reply.raises == NULL || reply.raises->n_rows == 0)
            break;
        for (size_t i = 0; i < reply.raises->n_rows; i++)
            raise_print (cli, table, &reply.raises->rows[i]);
        raises.after = reply.raises->rows[reply.raises->n_rows - 1].raise;
        shown += reply.raises->n_rows;
    }
    cli_table_print (&table);
    if (rc < 0)
        return cli_fail_err (cli);
    if (shown == 0)
        cli_say (cli, _ ("nothing is raised"));
    return EX_OK;
}

/* ---- the answer -------------------------------------------------------------------- */

static int answer (struct cli *cli, struct session *session, uint64_t raise,
                   const char *text)
{
    struct answer_raise answered = { .raise = raise, .text = text };
    struct command command = { .answer_raise = &answered, .person = cli->person };
    struct outcome outcome;
    if (say_and_wait (session, SPEAKER_ESCALATION, &command, &outcome) < 0)
        return cli_fail_err (cli);
    if (cli->json)
        cli_json_line (
            json_pack ("{s:I, s:s}", "raise", (json_int_t) raise, "state", "answered"));
    else
        printf (_ ("raise %llu is answered\n"), (unsigned long long) raise);
    return EX_OK;
}

/* ---- the command ------------------------------------------------------------------- */

static int take (struct cli *cli, const struct cli_arguments *arguments,
                 struct session *session)
{
    uint64_t number = 0, limit = 50;
    const char *const *values = arguments->values;
    if (arguments->n_rest == 2) {
        if (cli_unsigned (cli, "RAISE", arguments->rest[1], UINT64_MAX, &number) < 0)
            return cli_fail_err (cli);
        return answer (cli, session, number, values[OPTION_TEXT]);
    }
    if ((arguments->n_rest == 1 && cli_number (cli, arguments->rest[0], &number) < 0) ||
        (values[OPTION_LIMIT] != NULL &&
         cli_unsigned (cli, "--limit", values[OPTION_LIMIT], UINT32_MAX, &limit) < 0))
        return cli_fail_err (cli);
    return list (cli, session, number, limit);
}

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    bool is_answer = arguments->n_rest == 2;
    if (is_answer && strcmp (arguments->rest[0], "answer") != 0)
        return cli_fail (cli, EX_USAGE, _ ("minqing raises answer RAISE --text TEXT"));
    if (is_answer && arguments->values[OPTION_TEXT] == NULL)
        return cli_fail (cli, EX_USAGE, _ ("an answer is written: --text TEXT"));
    if (is_answer && cli->as == NULL && cli->key_path == NULL)
        return cli_fail (cli, EX_USAGE,
                         _ ("say who answers: --as desk-11 or --as leader-10, with "
                            "--person"));
    struct session *session;
    if (session_open (cli, "operator", &session) < 0)
        return cli_fail_err (cli);
    int rc = take (cli, arguments, session);
    session_close (&session);
    return rc;
}

const struct cli_command subcommand_raises = {
    .name = "raises",
    .arguments = "[NUMBER | answer RAISE]",
    .summary = N_ ("what was raised and to whom; answer it in writing"),
    .example = "minqing raises --as leader-10\n"
               "minqing raises answer 17 --as leader-10 --person 1002 --text "
               "'已约谈承办单位，三日内办结。'",
    .description =
        N_ ("Without arguments what is open; with a number everything that was "
            "raised over that grievance."),
    .options = options,
    .min = 0,
    .max = 2,
    .run = run,
};
