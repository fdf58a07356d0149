/* SPDX-License-Identifier: Apache-2.0 */
/* minqing deadline explain: what runs for a grievance, who began it and by which article;
 * every day of the running periods, counted or not and why; and who spent which days.
 *
 * The ledger holds results: from, amount, due. The days are walked again here, with the
 * tables of this place, by the function that computed them (rules/deadline.h), so that the
 * explanation can only differ where the tables do; then it says so. */
#include "cli/cli.h"
#include "cli/language.h"
#include "cli/queues.h"
#include "cli/session.h"

#include "base/civil.h"
#include "base/number.h"
#include "rules/deadline.h"
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

struct explaining {
    struct cli *cli;
    const struct ledger *ledger;
    const struct rules *rules; /* NULL: days cannot be walked */
    int64_t now_ms;            /* escalation's */
    struct cli_table *table;   /* of the days that are being told */
    json_t *days;
};

/* ---- the clocks -------------------------------------------------------------------- */

/* Escalation tells the stage by its token. */
static const char *stage_text (const char *token)
{
    int stage = token != NULL ? name_find (&stage_names, token) : -1;
    if (stage >= 0 && language_is_chinese ())
        return name_zh (&stage_names, (unsigned) stage);
    return token != NULL ? token : "";
}

static const char *due_text (struct cli *cli, int64_t due_ms, bool provisional)
{
    char text[CIVIL_TIME_SIZE];
    cli->has_provisional |= provisional;
    return arena_format (&cli->arena, "%s%s", civil_format_due (due_ms, text),
                         provisional ? " ?" : "");
}

/* "12 d 3 h": how long somebody took. */
static const char *span_text (struct cli *cli, int64_t ms)
{
    int64_t hours = ms / CIVIL_HOUR_MS;
    if (hours < 24)
        return arena_format (&cli->arena, _ ("%lld h %lld min"), (long long) hours,
                             (long long) (ms % CIVIL_HOUR_MS / 60000));
    return arena_format (&cli->arena, _ ("%lld d %lld h"), (long long) (hours / 24),
                         (long long) (hours % 24));
}

static int64_t spent_ms (const struct explaining *it, const struct duty_row *row)
{
    if (!row->running)
        return row->spent_ms != 0 ? row->spent_ms : row->stopped_ms - row->from_ms;
    int64_t spent = it->now_ms - row->from_ms - row->paused_ms;
    return spent > 0 ? spent : 0;
}

/* "accept, 孙若水": the step that began it, and whose it was. */
static const char *why_text (struct cli *cli, const struct duty_row *row)
{
    const char *step = row->step != 0 ? language_word (step, row->step) : "";
    if (row->person == 0)
        return step;
    return arena_format (&cli->arena, "%s%s%s", step, step[0] != '\0' ? " " : "",
                         cli_person_name (cli, row->person));
}

static void clock_print (struct explaining *it, size_t i)
{
    const struct duty_row *row = &it->ledger->duties[i];
    struct cli *cli = it->cli;
    char from[CIVIL_TIME_SIZE], ended[CIVIL_TIME_SIZE];
    cli_table_row (it->table);
    cli_table_cell (it->table, "%zu", i + 1);
    cli_table_cell (it->table, "%s", language_word (duty, row->duty));
    cli_table_cell (it->table, "%s", stage_text (row->stage));
    cli_table_cell (it->table, "%s", cli_department_name (cli, row->owner));
    cli_table_cell (it->table, "%s", why_text (cli, row));
    cli_table_cell (it->table, "%s", civil_format_time (row->from_ms, from));
    cli_table_cell (it->table, "%u %s", row->amount, language_word (unit, row->unit));
    cli_table_cell (it->table, "%s", due_text (cli, row->due_ms, row->provisional));
    cli_table_cell (it->table, "%s", span_text (cli, spent_ms (it, row)));
    cli_table_cell (it->table, "%s",
                    row->paused_ms != 0 ? span_text (cli, row->paused_ms) : "");
    cli_table_cell (it->table, "%s",
                    row->paused    ? _ ("paused")
                    : row->running ? _ ("running")
                                   : civil_format_time (row->stopped_ms, ended));
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

/* ---- who had it -------------------------------------------------------------------- */

/* Whose own clock ran at that instant; the last that began, where several touch. */
static const struct duty_row *holder_at (const struct explaining *it, int64_t at_ms)
{
    const struct duty_row *found = NULL;
    for (size_t i = 0; i < it->ledger->n_duties; i++) {
        const struct duty_row *row = &it->ledger->duties[i];
        if (row->duty == DUTY_HOLDER && row->from_ms <= at_ms &&
            (row->running || row->stopped_ms > at_ms))
            found = row;
    }
    return found;
}

/* A run of one holder's own clocks, one after the other. */
struct holding_run {
    uint32_t owner;
    int64_t from_ms, until_ms, spent_ms;
    bool running;
};

static size_t next_run (const struct explaining *it, size_t i, struct holding_run *ret)
{
    *ret = (struct holding_run){ 0 };
    bool is_begun = false;
    for (; i < it->ledger->n_duties; i++) {
        const struct duty_row *row = &it->ledger->duties[i];
        if (row->duty != DUTY_HOLDER)
            continue;
        if (is_begun && row->owner != ret->owner)
            break;
        if (!is_begun) {
            ret->owner = row->owner;
            ret->from_ms = row->from_ms;
            is_begun = true;
        }
        ret->until_ms = row->running ? it->now_ms : row->stopped_ms;
        ret->spent_ms += spent_ms (it, row);
        ret->running = row->running;
    }
    return is_begun ? i : SIZE_MAX;
}

/* A day is whose it was at its end, so that the days of all add up to the days that
 * passed. */
static uint32_t days_of (const struct holding_run *run)
{
    int32_t days = civil_day (run->until_ms) - civil_day (run->from_ms);
    return days > 0 ? (uint32_t) days : 0;
}

static uint32_t working_days_of (const struct explaining *it,
                                 const struct holding_run *run)
{
    return it->rules == NULL
               ? 0
               : calendar_count (it->rules, civil_day (run->from_ms),
                                 civil_day (run->until_ms), UNIT_WORKING_DAY);
}

static void holders_print (struct explaining *it)
{
    struct cli_table *table = cli_table_create ();
    struct holding_run run;
    uint32_t sum = 0;
    char from[CIVIL_TIME_SIZE], until[CIVIL_TIME_SIZE];
    cli_table_column (table, _ ("HELD BY"), CLI_LEFT);
    cli_table_column (table, _ ("FROM"), CLI_LEFT);
    cli_table_column (table, _ ("UNTIL"), CLI_LEFT);
    cli_table_column (table, _ ("DAYS"), CLI_RIGHT);
    cli_table_column (table, _ ("WORKING DAYS"), CLI_RIGHT);
    cli_table_column (table, _ ("SPENT"), CLI_LEFT);
    for (size_t i = 0; (i = next_run (it, i, &run)) != SIZE_MAX;) {
        cli_table_row (table);
        cli_table_cell (table, "%s", cli_department_name (it->cli, run.owner));
        cli_table_cell (table, "%s", civil_format_time (run.from_ms, from));
        cli_table_cell (table, "%s",
                        run.running ? _ ("now")
                                    : civil_format_time (run.until_ms, until));
        cli_table_cell (table, "%u", days_of (&run));
        cli_table_cell (table, "%u", working_days_of (it, &run));
        cli_table_cell (table, "%s", span_text (it->cli, run.spent_ms));
        sum += days_of (&run);
    }
    printf ("\n%s\n", _ ("Who spent which days:"));
    cli_table_print (&table);
    printf (_ ("%u days in all\n"), sum);
}

static json_t *holders_json (const struct explaining *it)
{
    json_t *holders = json_array ();
    struct holding_run run;
    for (size_t i = 0; (i = next_run (it, i, &run)) != SIZE_MAX;)
        json_array_append_new (
            holders,
            json_pack ("{s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "owner",
                       (json_int_t) run.owner, "from_ms", (json_int_t) run.from_ms,
                       "until_ms", (json_int_t) run.until_ms, "days",
                       (json_int_t) days_of (&run), "working_days",
                       (json_int_t) working_days_of (it, &run), "spent_ms",
                       (json_int_t) run.spent_ms, "running", run.running));
    return holders;
}

/* ---- day by day -------------------------------------------------------------------- */

static const char *weekday_text (int32_t day)
{
    static const char *const words[] = {
        [MONDAY] = N_ ("Mon"),   [TUESDAY] = N_ ("Tue"), [WEDNESDAY] = N_ ("Wed"),
        [THURSDAY] = N_ ("Thu"), [FRIDAY] = N_ ("Fri"),  [SATURDAY] = N_ ("Sat"),
        [SUNDAY] = N_ ("Sun"),
    };
    return _ (words[civil_weekday (day)]);
}

static bool is_counted (enum deadline_day_reason reason)
{
    return reason == DAY_COUNTED || reason == DAY_MAKEUP || reason == DAY_REST_AT_END;
}

static const char *reason_text (struct cli *cli, const struct deadline_day *day)
{
    const char *text = deadline_day_text (
        day->reason, language_is_chinese () ? LANGUAGE_ZH : LANGUAGE_EN);
    cli->has_provisional |= !day->known;
    return arena_format (&cli->arena, "%s%s%s%s%s", text, day->name != NULL ? " (" : "",
                         day->name != NULL ? day->name : "", day->name != NULL ? ")" : "",
                         day->known ? "" : " ?");
}

static void tell_day (const struct deadline_day *day, void *context)
{
    struct explaining *it = context;
    char text[CIVIL_DATE_SIZE];
    int64_t end_ms = civil_day_end_ms (day->day) - 1;
    /* Of today whoever has it now. */
    const struct duty_row *holder =
        day->day > civil_day (it->now_ms)
            ? NULL
            : holder_at (it, end_ms < it->now_ms ? end_ms : it->now_ms);
    civil_format_day (day->day, text);
    if (it->days != NULL) {
        json_array_append_new (
            it->days,
            json_pack ("{s:s, s:b, s:I, s:s, s:b, s:I}", "day", text, "counted",
                       is_counted (day->reason), "number", (json_int_t) day->number,
                       "why", deadline_day_text (day->reason, LANGUAGE_EN), "known",
                       day->known, "holder",
                       (json_int_t) (holder != NULL ? holder->owner : 0)));
        return;
    }
    cli_table_row (it->table);
    cli_table_cell (it->table, "%s%s", text, day->known ? "" : " ?");
    cli_table_cell (it->table, "%s", weekday_text (day->day));
    if (is_counted (day->reason))
        cli_table_cell (it->table, "%u", day->number);
    else
        cli_table_cell (it->table, "%s", "");
    cli_table_cell (it->table, "%s", reason_text (it->cli, day));
    cli_table_cell (it->table, "%s",
                    holder != NULL ? cli_department_name (it->cli, holder->owner) : "");
}

/* The ledger does not say whether the table's row moves a last rest day on; its due does. */
static bool rolls (const struct explaining *it, const struct duty_row *row)
{
    struct expiry straight;
    if (row->unit != UNIT_DAY)
        return false;
    deadline_compute (it->rules, row->from_ms, row->amount, row->unit, false, &straight);
    return straight.due_ms != row->due_ms;
}

static void walk (struct explaining *it, const struct duty_row *row,
                  struct expiry *ret_end)
{
    deadline_explain (it->rules, row->from_ms, row->amount, row->unit, rolls (it, row),
                      tell_day, it, ret_end);
}

static bool can_be_walked (const struct explaining *it, const struct duty_row *row)
{
    return it->rules != NULL && row->amount > 0 && row->amount <= DEADLINE_AMOUNT_MAX &&
           row->unit != UNIT_NONE;
}

static void days_print (struct explaining *it, size_t i)
{
    const struct duty_row *row = &it->ledger->duties[i];
    struct cli *cli = it->cli;
    struct expiry end;
    if (!can_be_walked (it, row))
        return;
    const char *titles[] = { _ ("DAY"), "", _ ("N"), "", _ ("WITH") };
    it->table = cli_table_create ();
    for (size_t j = 0; j < ARRAY_SIZE (titles); j++)
        cli_table_column (it->table, titles[j], j == 2 ? CLI_RIGHT : CLI_LEFT);
    walk (it, row, &end);
    printf (_ ("\nClock %zu, %s %s: %u %s\n"), i + 1, language_word (duty, row->duty),
            stage_text (row->stage), row->amount, language_word (unit, row->unit));
    cli_table_print (&it->table);
    if (row->paused_ms != 0)
        printf (_ ("and %s that did not count (hearing)\n"),
                span_text (cli, row->paused_ms));
    printf (_ ("due %s\n"), due_text (cli, row->due_ms, row->provisional));
    if (end.due_ms != row->due_ms && row->paused_ms == 0 && !row->paused)
        printf (_ ("by the tables of this place it would be %s\n"),
                due_text (cli, end.due_ms, end.provisional));
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
    struct expiry end;
    json_t *object = json_pack (
        "{s:I, s:s, s:s, s:I, s:I, s:I, s:I, s:b, s:I, s:s, s:b, s:I, s:s, s:s, s:I, "
        "s:I, "
        "s:b, s:I}",
        "clock", (json_int_t) (i + 1), "duty", duty_name (row->duty), "stage",
        row->stage != NULL ? row->stage : "", "owner", (json_int_t) row->owner, "person",
        (json_int_t) row->person, "from_ms", (json_int_t) row->from_ms, "due_ms",
        (json_int_t) row->due_ms, "provisional", row->provisional, "amount",
        (json_int_t) row->amount, "unit", unit_name (row->unit), "running", row->running,
        "stopped_ms", (json_int_t) row->stopped_ms, "article",
        row->article != NULL ? row->article : "", "step",
        row->step != 0 ? step_name ((enum step) row->step) : "", "spent_ms",
        (json_int_t) spent_ms (it, row), "share", (json_int_t) row->share, "paused",
        row->paused, "paused_ms", (json_int_t) row->paused_ms);
    if (with_days && can_be_walked (it, row)) {
        it->days = json_array ();
        walk (it, row, &end);
        json_object_set_new (object, "days", it->days);
        it->days = NULL;
    }
    cli_json_line (object);
}

static void explain (struct explaining *it, uint64_t clock)
{
    if (it->cli->json) {
        for (size_t i = 0; i < it->ledger->n_duties; i++)
            clock_json (it, i, is_told (it, i, clock));
        cli_json_line (json_pack ("{s:o}", "holders", holders_json (it)));
        return;
    }
    clocks_print (it);
    for (size_t i = 0; i < it->ledger->n_duties; i++)
        if (is_told (it, i, clock))
            days_print (it, i);
    holders_print (it);
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
