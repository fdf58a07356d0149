/* SPDX-License-Identifier: Apache-2.0 */
/* minqing deadline explain: what runs for a grievance, who began it and by which article;
 * every day of the running periods, counted or not and why; and who spent which days.
 *
 * The ledger holds results: from, amount, due. The days are walked again here, with the
 * tables of this place, by the function that computed them (rules/deadline.h), so that the
 * explanation can only differ where the tables do; then it says so. */
#include "cli/explain.h"

#include "cli/language.h"
#include "cli/queues.h"
#include "cli/session.h"

#include "base/civil.h"
#include "base/number.h"
#include "rules/names.h"
#include "wire/names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { OPTION_CLOCK };
static const struct cli_option options[] = {
    [OPTION_CLOCK] = { "clock", N_ ("N"),
                       N_ ("the days of this one [of the running stage and whole]") },
    { NULL, NULL, NULL },
};

/* ---- the clocks -------------------------------------------------------------------- */

/* Escalation tells the stage by its token. */
const char *explain_stage (const char *token)
{
    int stage = token != NULL ? name_find (&stage_names, token) : -1;
    if (stage >= 0 && language_is_chinese ())
        return name_zh (&stage_names, (unsigned) stage);
    return token != NULL ? token : "";
}

const char *explain_due (struct cli *cli, int64_t due_ms, bool provisional)
{
    char text[CIVIL_TIME_SIZE];
    cli->has_provisional |= provisional;
    return arena_format (&cli->arena, "%s%s", civil_format_due (due_ms, text),
                         provisional ? " ?" : "");
}

/* "12 d 3 h": how long somebody took. */
const char *explain_span (struct cli *cli, int64_t ms)
{
    int64_t hours = ms / CIVIL_HOUR_MS;
    if (hours < 24)
        return arena_format (&cli->arena, _ ("%lld h %lld min"), (long long) hours,
                             (long long) (ms % CIVIL_HOUR_MS / 60000));
    return arena_format (&cli->arena, _ ("%lld d %lld h"), (long long) (hours / 24),
                         (long long) (hours % 24));
}

int64_t explain_spent_ms (const struct explaining *it, const struct duty_row *row)
{
    if (!row->running)
        return row->spent_ms;
    return row->paused || it->now_ms < row->since_ms ? 0 : it->now_ms - row->since_ms;
}

/* "accept, 孙若水": the step that began it, and whose it was. */
static const char *why_text (struct cli *cli, const struct duty_row *row)
{
    const char *step =
        row->step != 0 ? cli_words (cli, language_word (step, row->step)) : "";
    if (row->person == 0)
        return step;
    return arena_format (&cli->arena, "%s%s%s", step, step[0] != '\0' ? " " : "",
                         cli_person_name (cli, row->person));
}

/* The whole is nobody's own: while it runs, whoever has it owes it. */
static const char *owner_text (struct cli *cli, const struct duty_row *row)
{
    return row->duty == DUTY_WHOLE && row->owner == 0
               ? ""
               : cli_department_name (cli, row->owner);
}

const char *explain_period (struct cli *cli, const struct duty_row *row)
{
    bool is_several = row->amount != 1 && !language_is_chinese ();
    return arena_format (&cli->arena, "%u %s%s", row->amount,
                         cli_words (cli, language_word (unit, row->unit)),
                         is_several ? "s" : "");
}

static void clock_print (struct explaining *it, size_t i)
{
    const struct duty_row *row = &it->ledger->duties[i];
    struct cli *cli = it->cli;
    char from[CIVIL_TIME_SIZE], ended[CIVIL_TIME_SIZE];
    cli_table_row (it->table);
    cli_table_cell (it->table, "%zu", i + 1);
    cli_table_cell (it->table, "%s", language_word (duty, row->duty));
    cli_table_cell (it->table, "%s", explain_stage (row->stage));
    cli_table_cell (it->table, "%s", owner_text (cli, row));
    cli_table_cell (it->table, "%s", why_text (cli, row));
    cli_table_cell (it->table, "%s", civil_format_time (row->from_ms, from));
    cli_table_cell (it->table, "%s", explain_period (cli, row));
    cli_table_cell (it->table, "%s", explain_due (cli, row->due_ms, row->provisional));
    cli_table_cell (it->table, "%s", explain_span (cli, explain_spent_ms (it, row)));
    cli_table_cell (it->table, "%s",
                    row->paused_ms != 0 ? explain_span (cli, row->paused_ms) : "");
    cli_table_cell (it->table, "%s",
                    !row->running ? civil_format_time (row->stopped_ms, ended)
                    : row->paused ? _ ("paused")
                                  : _ ("running"));
    cli_table_cell (it->table, "%s", row->article != NULL ? row->article : "");
}

static void clocks_print (struct explaining *it)
{
    const char *titles[] = { _ ("CLOCK"), _ ("DUTY"),   _ ("STAGE"),  _ ("OWES"),
                             _ ("BY"),    _ ("FROM"),   _ ("PERIOD"), _ ("DUE"),
                             _ ("SPENT"), _ ("PAUSED"), _ ("ENDED"),  _ ("ARTICLE") };
    it->table = cli_table_create ();
    for (size_t i = 0; i < ARRAY_SIZE (titles); i++)
        cli_table_column (it->table, titles[i], i == 0 ? CLI_RIGHT : CLI_LEFT);
    for (size_t i = 0; i < it->ledger->n_duties; i++)
        clock_print (it, i);
    cli_table_print (&it->table);
}

/* ---- the whole --------------------------------------------------------------------- */

/* The one that was asked for; without, those that the law counts: stage and whole. */
static bool is_told (const struct explaining *it, size_t i, uint64_t clock)
{
    const struct duty_row *row = &it->ledger->duties[i];
    if (clock != 0)
        return clock == i + 1;
    return row->running && (row->duty == DUTY_STAGE || row->duty == DUTY_WHOLE);
}

static void clock_json (struct explaining *it, size_t i, bool with_days)
{
    const struct duty_row *row = &it->ledger->duties[i];
    json_t *object = json_pack (
        "{s:I, s:s, s:s, s:I, s:I, s:I, s:I, s:b, s:I, s:s, s:b, s:I, s:s, s:s, s:I, "
        "s:I, s:b, s:I, s:I}",
        "clock", (json_int_t) (i + 1), "duty", duty_name (row->duty), "stage",
        row->stage != NULL ? row->stage : "", "owner", (json_int_t) row->owner, "person",
        (json_int_t) row->person, "from_ms", (json_int_t) row->from_ms, "due_ms",
        (json_int_t) row->due_ms, "provisional", row->provisional, "amount",
        (json_int_t) row->amount, "unit", unit_name (row->unit), "running", row->running,
        "stopped_ms", (json_int_t) row->stopped_ms, "article",
        row->article != NULL ? row->article : "", "step",
        row->step != 0 ? step_name ((enum step) row->step) : "", "spent_ms",
        (json_int_t) explain_spent_ms (it, row), "share", (json_int_t) row->share,
        "paused", row->paused && row->running, "paused_ms", (json_int_t) row->paused_ms,
        "since_ms", (json_int_t) row->since_ms);
    json_t *days = with_days ? explain_days_json (it, row) : NULL;
    if (days != NULL)
        json_object_set_new (object, "days", days);
    cli_json_line (object);
}

static void explain (struct explaining *it, uint64_t clock)
{
    if (it->cli->json) {
        for (size_t i = 0; i < it->ledger->n_duties; i++)
            clock_json (it, i, is_told (it, i, clock));
        cli_json_line (json_pack ("{s:o}", "holders", explain_holders_json (it)));
        return;
    }
    clocks_print (it);
    for (size_t i = 0; i < it->ledger->n_duties; i++)
        if (is_told (it, i, clock))
            explain_days (it, i);
    explain_holders (it);
}

static int ask (struct cli *cli, struct session *session, uint64_t number, uint64_t clock)
{
    struct deadline_query deadline = { .number = number };
    struct query query = { .deadline = &deadline };
    struct standing standing;
    struct reply reply;
    if (session_query (session, SPEAKER_ESCALATION, &query, &reply) < 0 ||
        queues_standing (session, SPEAKER_ESCALATION, &standing) < 0)
        return cli_fail_err (cli);
    if (reply.deadline == NULL)
        return EX_OK;
    if (clock > reply.deadline->n_duties)
        return cli_fail (cli, EX_DATAERR, _ ("there is no clock %llu; %zu there are"),
                         (unsigned long long) clock, reply.deadline->n_duties);
    struct explaining it = { .cli = cli,
                             .ledger = reply.deadline,
                             .rules = cli_rules (cli),
                             .now_ms = standing.now_ms };
    if (it.rules == NULL)
        cli_say (cli, _ ("the days cannot be told here: %s"), cli->err.text);
    explain (&it, clock);
    return EX_OK;
}

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    uint64_t number, clock = 0;
    struct session *session;
    if (strcmp (arguments->rest[0], "explain") != 0)
        return cli_fail (cli, EX_USAGE, _ ("minqing deadline explain NUMBER"));
    if (cli_number (cli, arguments->rest[1], &number) < 0 ||
        (arguments->values[OPTION_CLOCK] != NULL &&
         cli_unsigned (cli, "--clock", arguments->values[OPTION_CLOCK], UINT32_MAX,
                       &clock) < 0) ||
        session_open (cli, "operator", &session) < 0)
        return cli_fail_err (cli);
    int rc = ask (cli, session, number, clock);
    session_close (&session);
    return rc;
}

const struct cli_command subcommand_deadline = {
    .name = "deadline",
    .arguments = "explain NUMBER",
    .summary = N_ ("every clock of a grievance, day by day, and who spent which days"),
    .example = "minqing deadline explain 20261123-00101-00034-X\n"
               "minqing deadline explain 20261123-00101-00034-X --clock 3",
    .description = N_ (
        "Who began a clock, by which step and article, from when, until when, what it "
        "took;\nof the running stage and the whole every day, counted or not, and why."),
    .options = options,
    .min = 2,
    .max = 2,
    .run = run,
};
