/* SPDX-License-Identifier: Apache-2.0 */
/* The days of a period, walked again with the tables of this place, and whose each was. */
#include "cli/explain.h"

#include "cli/holder.h"
#include "cli/language.h"

#include "base/civil.h"
#include "rules/deadline.h"
#include "wire/names.h"

#include <stdio.h>
#include <string.h>

/* ---- who had it -------------------------------------------------------------------- */

/* Whose own clock ran at that instant; the last that began, where several touch. */
static const struct duty_row *holder_at (const struct explaining *it, int64_t at_ms)
{
    const struct duty_row *found = NULL;
    for (size_t i = 0; i < it->ledger->n_duties; i++) {
        const struct duty_row *row = &it->ledger->duties[i];
        if (holder_is_said (row->duty, row->stage) && row->from_ms <= at_ms &&
            (row->running || row->stopped_ms > at_ms))
            found = row;
    }
    return found;
}

/* A run of one holder's own clocks: an extension ends a line of the ledger and begins
 * another from the same instant, serving follows deciding. */
struct holding_run {
    uint32_t owner;
    int64_t from_ms, until_ms;
    bool running;
};

static int64_t until_of (const struct explaining *it, const struct duty_row *row)
{
    return row->running ? it->now_ms : row->stopped_ms;
}

/* The run that begins at line 'i' or behind it; returns where the next one is looked for,
 * SIZE_MAX where there is none. */
static size_t next_run (const struct explaining *it, size_t i, struct holding_run *ret)
{
    bool is_begun = false;
    for (; i < it->ledger->n_duties; i++) {
        const struct duty_row *row = &it->ledger->duties[i];
        if (!holder_is_said (row->duty, row->stage))
            continue;
        if (is_begun && (row->owner != ret->owner || row->from_ms > ret->until_ms))
            break;
        if (!is_begun)
            *ret = (struct holding_run){ .owner = row->owner, .from_ms = row->from_ms };
        ret->until_ms = until_of (it, row);
        ret->running = row->running;
        is_begun = true;
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

void explain_holders (struct explaining *it)
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
        cli_table_cell (table, "%s", explain_span (it->cli, run.until_ms - run.from_ms));
        sum += days_of (&run);
    }
    printf ("\n%s\n", _ ("Who spent which days:"));
    cli_table_print (&table);
    printf (_ ("%u days in all\n"), sum);
}

json_t *explain_holders_json (const struct explaining *it)
{
    json_t *holders = json_array ();
    struct holding_run run;
    for (size_t i = 0; (i = next_run (it, i, &run)) != SIZE_MAX;)
        json_array_append_new (
            holders,
            json_pack (
                "{s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "owner", (json_int_t) run.owner,
                "from_ms", (json_int_t) run.from_ms, "until_ms",
                (json_int_t) run.until_ms, "days", (json_int_t) days_of (&run),
                "working_days", (json_int_t) working_days_of (it, &run), "spent_ms",
                (json_int_t) (run.until_ms - run.from_ms), "running", run.running));
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
    if (day->name == NULL)
        return text;
    return arena_format (&cli->arena, "%s (%s)", text, day->name);
}

/* In a hearing of this clock: the day on which it stopped has counted, the day on which it
 * went on has not. */
static bool is_still (const struct explaining *it, int32_t day)
{
    for (size_t i = 0; i < it->ledger->n_duties; i++) {
        const struct duty_row *row = &it->ledger->duties[i];
        if (row->paused && row->duty == it->row->duty &&
            row->from_ms == it->row->from_ms && day > civil_day (row->since_ms) &&
            day <= civil_day (until_of (it, row)))
            return true;
    }
    return false;
}

static bool continues (const struct day_run *run, const struct day_run *day)
{
    return run->why != NULL && day->first == run->last + 1 &&
           (day->first_number != 0) == (run->last_number != 0) &&
           day->known == run->known && strcmp (day->why, run->why) == 0 &&
           strcmp (day->with, run->with) == 0;
}

/* A clock of ninety days is read at a glance: what is said of each day of a run is said
 * once. */
static void tell_run (struct explaining *it)
{
    const struct day_run *run = &it->run;
    char first[CIVIL_DATE_SIZE], last[CIVIL_DATE_SIZE];
    bool is_one = run->first == run->last;
    if (run->why == NULL)
        return;
    civil_format_day (run->first, first);
    civil_format_day (run->last, last);
    cli_table_row (it->table);
    cli_table_cell (it->table, "%s%s%s%s", first, is_one ? "" : " – ", is_one ? "" : last,
                    run->known ? "" : " ?");
    cli_table_cell (it->table, "%s%s%s", weekday_text (run->first), is_one ? "" : " – ",
                    is_one ? "" : weekday_text (run->last));
    if (run->first_number == 0)
        cli_table_cell (it->table, "%s", "");
    else if (is_one)
        cli_table_cell (it->table, "%u", run->first_number);
    else
        cli_table_cell (it->table, "%u – %u", run->first_number, run->last_number);
    cli_table_cell (it->table, "%s", run->why);
    cli_table_cell (it->table, "%s", run->with);
    it->run = (struct day_run){ 0 };
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
    bool is_heard = is_counted (day->reason) && is_still (it, day->day);
    bool counts = is_counted (day->reason) && !is_heard;
    it->stood_still += is_heard;
    uint32_t number = day->number - it->stood_still;
    civil_format_day (day->day, text);
    if (it->days != NULL) {
        json_array_append_new (
            it->days, json_pack ("{s:s, s:b, s:I, s:s, s:b, s:I}", "day", text, "counted",
                                 counts, "number", (json_int_t) number, "why",
                                 is_heard ? "hearing, not counted"
                                          : deadline_day_text (day->reason, LANGUAGE_EN),
                                 "known", day->known, "holder",
                                 (json_int_t) (holder != NULL ? holder->owner : 0)));
        return;
    }
    struct day_run one = {
        .first = day->day,
        .last = day->day,
        .first_number = counts ? number : 0,
        .last_number = counts ? number : 0,
        .why = is_heard ? _ ("hearing, not counted") : reason_text (it->cli, day),
        .with = holder != NULL ? cli_department_name (it->cli, holder->owner) : "",
        .known = day->known,
    };
    if (continues (&it->run, &one)) {
        it->run.last = one.last;
        it->run.last_number = one.last_number;
        return;
    }
    tell_run (it);
    it->run = one;
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
    it->row = row;
    it->stood_still = 0;
    deadline_explain (it->rules, row->from_ms, row->amount, row->unit, rolls (it, row),
                      tell_day, it, ret_end);
}

/* A whole that was extended to the end of a stage has no days of its own. */
static bool ends_with_stage (const struct duty_row *row)
{
    return row->duty == DUTY_WHOLE && row->stage != NULL &&
           strcmp (row->stage, name_word (&stage_names, STAGE_WHOLE)) != 0;
}

static bool can_be_walked (const struct explaining *it, const struct duty_row *row)
{
    return !ends_with_stage (row) && it->rules != NULL && row->amount > 0 &&
           row->amount <= DEADLINE_AMOUNT_MAX && row->unit != UNIT_NONE;
}

void explain_days (struct explaining *it, size_t i)
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
    tell_run (it);
    printf (_ ("\nClock %zu, %s %s: %s\n"), i + 1, language_word (duty, row->duty),
            explain_stage (row->stage), explain_period (cli, row));
    cli_table_print (&it->table);
    if (row->paused_ms != 0)
        printf (_ ("and %s that did not count (hearing)\n"),
                explain_span (cli, row->paused_ms));
    printf (_ ("due %s\n"), explain_due (cli, row->due_ms, row->provisional));
    if (end.due_ms != row->due_ms && row->paused_ms == 0 && !row->paused)
        printf (_ ("by the tables of this place it would be %s\n"),
                explain_due (cli, end.due_ms, end.provisional));
}

json_t *explain_days_json (struct explaining *it, const struct duty_row *row)
{
    struct expiry end;
    if (!can_be_walked (it, row))
        return NULL;
    json_t *days = it->days = json_array ();
    walk (it, row, &end);
    it->days = NULL;
    return days;
}
