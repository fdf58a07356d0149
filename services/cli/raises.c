/* SPDX-License-Identifier: Apache-2.0 */
/* minqing raises: what was raised, to which level and why; and the written answer, which
 * alone ends a raise that is founded. minqing supervise: a leader's formal pressure on what
 * stalls (督办, article 40), which is a raise with advice, and is answered with what became
 * of the advice. */
#include "cli/act.h"
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

enum { OPTION_TEXT, OPTION_ADOPTION, OPTION_LIMIT };
static const struct cli_option options[] = {
    [OPTION_TEXT] = { "text", N_ ("TEXT"), N_ ("answer: what was found and done") },
    [OPTION_ADOPTION] = { "adoption", N_ ("WORD"),
                          N_ ("answer a supervision: adopted, partly, not_adopted") },
    [OPTION_LIMIT] = { "limit", N_ ("N"), N_ ("list: at most so many [50; 0: all]") },
    { NULL, NULL, NULL },
};

#define WHO "--as leader-10 --person 1002"

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
        "{s:I, s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:b, s:I, s:I, s:I, s:I, s:b, s:s, "
        "s:I, s:s*, s:s*, s:o}",
        "raise", (json_int_t) row->raise, "number", number, "cause",
        cause_name (row->raised->cause), "level", (json_int_t) row->raised->level,
        "raised_at_ms", (json_int_t) row->raised_at_ms, "ended_at_ms",
        (json_int_t) row->ended_at_ms, "department", (json_int_t) row->raised->department,
        "duty", duty_name (row->raised->duty), "open", row->raised->open, "due_ms",
        (json_int_t) row->raised->due_ms, "answer_due_ms",
        (json_int_t) row->raised->answer_due_ms, "of", (json_int_t) row->raised->of,
        "opened_by", (json_int_t) row->raised->opened_by, "withdrawn", row->withdrawn,
        "adoption", adoption_name (row->adoption), "answered_by",
        (json_int_t) row->answered_by, "advice", row->advice, "answer", row->answer,
        "persons", persons));
}

/* What it advises, until when it is to be answered, what was answered. */
static const char *words_of (struct cli *cli, const struct raise_row *row)
{
    const char *advice = row->advice != NULL ? row->advice : "", *due = "";
    char day[CIVIL_TIME_SIZE];
    if (row->answer != NULL && row->adoption != ADOPTION_NONE)
        return arena_format (&cli->arena, "%s: %s",
                             cli_words (cli, language_word (adoption, row->adoption)),
                             row->answer);
    if (row->answer != NULL)
        return row->answer;
    if (row->withdrawn)
        return _ ("unfounded");
    if (row->ended_at_ms == 0 && row->raised->answer_due_ms != 0)
        due = arena_format (&cli->arena, _ ("answer due %s"),
                            civil_format_due (row->raised->answer_due_ms, day));
    return arena_format (&cli->arena, "%s%s%s", advice,
                         advice[0] != '\0' && due[0] != '\0' ? " · " : "", due);
}

/* When the duty is due that it is about; a cause of its own has none. */
static int64_t duty_due_ms (const struct raised *raised)
{
    if (raised->ends_ms != 0)
        return raised->ends_ms;
    return raised->cause == CAUSE_BAND || raised->cause == CAUSE_BREACH ? raised->due_ms
                                                                        : 0;
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
    if (duty_due_ms (raised) != 0)
        civil_format_due (duty_due_ms (raised), due);
    if (row->ended_at_ms != 0)
        civil_format_time (row->ended_at_ms, ended);
    cli_table_row (table);
    cli_table_cell (table, "%llu", (unsigned long long) row->raise);
    cli_table_cell (table, "%s", since);
    cli_table_cell (table, "%u %s", raised->level, level_word (raised->level));
    cli_table_cell (table, "%s", cli_words (cli, language_word (cause, raised->cause)));
    cli_table_cell (table, "%s", number);
    cli_table_cell (table, "%s", due);
    cli_table_cell (table, "%s", cli_department_name (cli, raised->department));
    cli_table_cell (table, "%s", told_text (cli, raised));
    cli_table_cell (table, "%s",
                    row->ended_at_ms != 0 ? ended
                    : raised->open        ? _ ("open")
                                          : _ ("told"));
    cli_table_cell (table, "%s", words_of (cli, row));
}

static int list (struct cli *cli, struct session *session, uint64_t number,
                 uint64_t limit)
{
    const char *titles[] = { _ ("RAISE"),  _ ("SINCE"), _ ("LEVEL"), _ ("CAUSE"),
                             _ ("NUMBER"), _ ("DUE"),   _ ("OWES"),  _ ("TOLD"),
                             _ ("ENDED"),  "" };
    struct cli_table *table = cli_table_create ();
    for (size_t i = 0; i < ARRAY_SIZE (titles); i++)
        cli_table_column (table, titles[i],
                          i == 0                         ? CLI_RIGHT
                          : i + 1 == ARRAY_SIZE (titles) ? CLI_CUT
                                                         : CLI_LEFT);
    struct raise_query raises = { .number = number };
    uint64_t shown = 0;
    int rc = 0;
    while ((raises.limit = cli_page (limit, shown, LIMIT_ROWS)) > 0) {
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
                   const char *const *values)
{
    struct answer_raise answered = { .raise = raise, .text = values[OPTION_TEXT] };
    struct command command = { .answer_raise = &answered, .person = cli->person };
    struct outcome outcome;
    if (values[OPTION_ADOPTION] != NULL &&
        !adoption_parse (values[OPTION_ADOPTION], &answered.adoption))
        return cli_fail (cli, EX_USAGE,
                         _ ("--adoption is one of adopted, partly, not_adopted"));
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
        return answer (cli, session, number, values);
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
    if (is_answer && act_check_key (cli, WHO) < 0)
        return cli_fail (cli, EX_USAGE, "%s", cli->err.text);
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
    .example =
        "minqing raises --as leader-10\n"
        "minqing raises answer 17 " WHO " --text '已约谈承办单位，三日内办结。'\n"
        "minqing raises answer 18 --as desk-11 --person 1111 --adoption adopted \\\n"
        "    --text '已按督办意见派专人'",
    .description =
        N_ ("Without arguments what is open; with a number everything that was "
            "raised over that grievance."),
    .options = options,
    .min = 0,
    .max = 2,
    .run = run,
};

/* ---- supervise --------------------------------------------------------------------- */

enum { OPTION_ADVICE };
static const struct cli_option supervise_options[] = {
    [OPTION_ADVICE] = { "advice", N_ ("TEXT"), N_ ("what is to be done differently") },
    { NULL, NULL, NULL },
};

static int supervise (struct cli *cli, struct session *session,
                      const struct supervise *supervised)
{
    struct supervise said = *supervised;
    struct command command = { .supervise = &said, .person = cli->person };
    struct outcome outcome;
    if (say_and_wait (session, SPEAKER_ESCALATION, &command, &outcome) < 0)
        return cli_fail_err (cli);
    char number[NUMBER_TEXT_SIZE];
    number_format (said.number, number);
    if (cli->json)
        cli_json_line (json_pack ("{s:s, s:s}", "number", number, "state", "supervised"));
    else
        printf (_ ("%s is supervised; the answer says what became of the advice\n"),
                number);
    return EX_OK;
}

static int run_supervise (struct cli *cli, const struct cli_arguments *arguments)
{
    struct supervise said = { .advice = arguments->values[OPTION_ADVICE] };
    struct session *session;
    if (said.advice == NULL)
        return cli_fail (cli, EX_USAGE, _ ("what is advised? --advice TEXT"));
    if (act_check_key (cli, WHO) < 0)
        return cli_fail (cli, EX_USAGE, "%s", cli->err.text);
    if (cli_number (cli, arguments->rest[0], &said.number) < 0 ||
        session_open (cli, NULL, &session) < 0)
        return cli_fail_err (cli);
    int rc = supervise (cli, session, &said);
    session_close (&session);
    return rc;
}

const struct cli_command subcommand_supervise = {
    .name = "supervise",
    .arguments = "NUMBER",
    .summary = N_ ("a leader's formal pressure on what stalls, with advice (article 40)"),
    .example = "minqing supervise 20261123-00101-00034-X " WHO " \\\n"
               "    --advice '请分管同志到现场，一周内拿出方案'",
    .options = supervise_options,
    .min = 1,
    .max = 1,
    .run = run_supervise,
};
