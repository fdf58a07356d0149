/* SPDX-License-Identifier: Apache-2.0 */
/* minqing check: how the system is, for ops. It judges: exit code 0 when all is well, 69 when
 * something is not. */
#include "cli/cli.h"
#include "cli/sentence.h"
#include "cli/session.h"
#include "cli/sums.h"

#include "base/civil.h"
#include "rules/rules.h"
#include "wire/names.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const enum speaker speakers[] = { SPEAKER_INTAKE, SPEAKER_ROUTING,
                                         SPEAKER_ESCALATION, SPEAKER_NOTIFICATION };

/* A follower further behind than this is told. */
#define LAG_TOLD 10000
/* Per mille of the store from where it is told; at 900 new filings wait. */
#define STORE_TOLD 800
/* A store that will be full in fewer days is remarked: time to give it a larger map. */
#define FULL_REMARKED_DAYS 60
/* The calendar's end is remarked so many days before, which is when the State Council
 * publishes the next year's; and is a trouble so many days before. */
#define CALENDAR_REMARKED_DAYS 60
#define CALENDAR_TROUBLE_DAYS  30
/* Escalation looks at its agenda every turn and at least once a minute. */
#define LOOKED_TROUBLE_MS (2 * 60 * INT64_C (1000))
/* So long after its canary was due somebody has to look. */
#define CANARY_TROUBLE_MS (10 * 60 * INT64_C (1000))
/* A source that says nothing for so long: what is due may be fired on stale knowledge. */
#define SILENT_MS (60 * INT64_C (1000))

struct checking {
    struct cli *cli;
    struct session *session;
    struct cli_table *table;
    struct status status[SPEAKER_COUNT];
    bool is_up[SPEAKER_COUNT];
    size_t troubles;
};

static void trouble (struct checking *checking, const char *format, ...)
    PRINTF_LIKE (2, 3);
static void trouble (struct checking *checking, const char *format, ...)
{
    char text[ERR_TEXT_SIZE];
    va_list args;
    va_start (args, format);
    vsnprintf (text, sizeof text, format, args);
    va_end (args);
    checking->troubles++;
    if (checking->cli->json)
        cli_json_line (json_pack ("{s:s}", "trouble", text));
    else
        fprintf (stderr, "  ✗ %s\n", text);
}

/* To be seen to in time; the exit code stays what it is. */
static void remark (struct checking *checking, const char *text)
{
    if (checking->cli->json)
        cli_json_line (json_pack ("{s:s}", "remark", text));
    else
        fprintf (stderr, "  ! %s\n", text);
}

/* When it will be full, to the day. */
static const char *full_day (const struct status *status, char ret[CIVIL_DATE_SIZE])
{
    return status->full_ms == 0 ? "–"
                                : civil_format_day (civil_day (status->full_ms), ret);
}

static void look_at_store (struct checking *checking, enum speaker speaker)
{
    const struct status *status = &checking->status[speaker];
    const char *name = speaker_name (speaker);
    char day[CIVIL_DATE_SIZE];
    if (status->store_permille >= STORE_TOLD)
        trouble (checking,
                 _ ("%s: the store is %u %% full; give it a larger map_mib and restart"),
                 name, status->store_permille / 10);
    else if (status->full_ms != 0 &&
             status->full_ms < status->now_ms + FULL_REMARKED_DAYS * CIVIL_DAY_MS)
        remark (checking,
                arena_format (&checking->cli->arena,
                              _ ("%s: as it grew lately, the store refuses new filings "
                                 "from %s on; give it a larger map_mib and restart"),
                              name, full_day (status, day)));
}

static bool stopped_to_follow (const struct status *status)
{
    for (size_t i = 0; i < status->n_positions; i++)
        if (status->positions[i].problem != NULL)
            return true;
    return false;
}

static void look_at (struct checking *checking, enum speaker speaker)
{
    struct control control = { .verb = CONTROL_STATUS };
    struct control_reply reply;
    const char *name = speaker_name (speaker);
    if (session_control (checking->session, speaker, &control, &reply) < 0 ||
        reply.status == NULL) {
        trouble (checking, "%s: %s", name, checking->cli->err.text);
        return;
    }
    struct status *status = &checking->status[speaker];
    *status = *reply.status;
    checking->is_up[speaker] = true;
    char since[CIVIL_TIME_SIZE], full[CIVIL_DATE_SIZE];
    civil_format_time (status->started_ms, since);
    if (checking->cli->json) {
        cli_json_line (json_pack (
            "{s:s, s:s, s:I, s:I, s:I, s:I, s:b}", "service", name, "version",
            status->version, "entries", (json_int_t) status->head, "started_ms",
            (json_int_t) status->started_ms, "store_permille",
            (json_int_t) status->store_permille, "full_ms", (json_int_t) status->full_ms,
            "time_uncertain", status->time_uncertain));
    } else {
        cli_table_row (checking->table);
        cli_table_cell (checking->table, "%s", name);
        cli_table_cell (checking->table, "%s", status->version);
        cli_table_cell (checking->table, "%s", since);
        cli_table_cell (checking->table, "%llu", (unsigned long long) status->head);
        cli_table_cell (checking->table, "%u.%u %%", status->store_permille / 10,
                        status->store_permille % 10);
        cli_table_cell (checking->table, "%s", full_day (status, full));
    }
    /* Whom it no longer follows is told with the positions. */
    if (status->trouble != NULL && !stopped_to_follow (status))
        trouble (checking, "%s: %s", name,
                 sentence_in_language (checking->cli, status->trouble));
    if (status->time_uncertain)
        trouble (
            checking,
            _ ("%s: its clock is in doubt, and nothing is raised until it is settled: "
               "set the clock, or if it is right, reload the service"),
            name);
    look_at_store (checking, speaker);
}

static void trouble_of_following (struct checking *checking, const char *name,
                                  const char *of, const char *problem)
{
    trouble (checking, _ ("%s does not follow %s: %s"), name, of,
             sentence_in_language (checking->cli, problem));
    if (!checking->cli->json && (strstr (problem, "replaced") != NULL ||
                                 strstr (problem, "by other means") != NULL))
        fprintf (stderr,
                 _ ("    was %s restored? Then by 'minqing restore', and from the newest "
                    "backup there is. If it is as it shall be, stop %s and let it follow "
                    "anew: minqing rebuild %s\n"),
                 of, name, name);
}

static void look_at_positions (struct checking *checking, enum speaker speaker)
{
    const struct status *status = &checking->status[speaker];
    for (size_t i = 0; i < status->n_positions; i++) {
        const struct position *position = &status->positions[i];
        const char *name = speaker_name (speaker), *of = speaker_name (position->speaker);
        if (position->problem != NULL)
            trouble_of_following (checking, name, of, position->problem);
        else if (!position->connected && checking->is_up[position->speaker])
            trouble (checking, _ ("%s is not connected to %s"), name, of);
        int64_t silent_ms = status->now_ms - position->complete_ms;
        if (position->problem == NULL && position->acted > 0 &&
            position->complete_ms == 0)
            trouble (checking, _ ("%s has heard nothing of %s since it started"), name,
                     of);
        else if (position->problem == NULL && position->acted > 0 &&
                 silent_ms > SILENT_MS)
            trouble (checking, _ ("%s has heard nothing of %s for %lld s"), name, of,
                     (long long) (silent_ms / 1000));
        uint64_t head = checking->status[position->speaker].head;
        if (head > position->acted + LAG_TOLD)
            trouble (checking, _ ("%s is %llu entries behind %s"), name,
                     (unsigned long long) (head - position->acted), of);
    }
}

/* The last look of escalation, by its own time: what is late is told within a minute of
 * it, so that one who has not looked for two is stuck, however well it answers. */
static void look_at_heartbeat (struct checking *checking)
{
    const struct status *status = &checking->status[SPEAKER_ESCALATION];
    int64_t looked_ms = (int64_t) sums_gauge (status, "looked_timestamp_seconds") * 1000;
    int64_t silent_ms = status->now_ms - looked_ms;
    char looked[CIVIL_TIME_SIZE] = "";
    if (looked_ms != 0)
        civil_format_time (looked_ms, looked);
    if (silent_ms > LOOKED_TROUBLE_MS)
        trouble (checking, _ ("escalation last looked at %s, %lld minutes ago"),
                 looked_ms != 0 ? looked : "?", (long long) (silent_ms / 60000));
    else if (!checking->cli->json)
        printf (_ ("escalation last looked at %s\n"), looked);
}

/* A duty that is nobody's, planned only to see that what is planned fires. */
static void look_at_canary (struct checking *checking)
{
    const struct status *status = &checking->status[SPEAKER_ESCALATION];
    int64_t fired_ms = (int64_t) sums_gauge (status, "canary_timestamp_seconds") * 1000;
    int64_t due_ms = (int64_t) sums_gauge (status, "canary_due_timestamp_seconds") * 1000;
    /* None is planned: it should have been with the first start. */
    int64_t overdue_ms = status->now_ms - (due_ms != 0 ? due_ms : status->started_ms);
    char fired[CIVIL_TIME_SIZE];
    civil_format_time (fired_ms, fired);
    if (overdue_ms > CANARY_TROUBLE_MS)
        trouble (checking,
                 _ ("escalation: the canary is overdue by %lld minutes: what is planned "
                    "does not fire"),
                 (long long) (overdue_ms / 60000));
    else if (!checking->cli->json && fired_ms != 0)
        printf (_ ("the canary last fired at %s\n"), fired);
}

/* Every open grievance has exactly one stage and one whole duty: the heartbeat of the
 * clocks (DOMAIN §5: being dead for weeks and nobody noticing). */
static void look_at_duties (struct checking *checking)
{
    const struct status *status = &checking->status[SPEAKER_ESCALATION];
    uint64_t open = sums_gauge (status, "open"),
             stage = sums_gauge (status, "stage_duties"),
             whole = sums_gauge (status, "whole_duties"),
             due = sums_gauge (status, "due_within_day"),
             raises = sums_gauge (status, "raises_open");
    bool is_least = due > 0 && due >= sums_gauge (status, "due_within_day_limit");
    if (checking->cli->json)
        cli_json_line (json_pack (
            "{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "open", (json_int_t) open,
            "stage_duties", (json_int_t) stage, "whole_duties", (json_int_t) whole,
            "raises_open", (json_int_t) raises, "due_within_day", (json_int_t) due,
            "looked_ms",
            (json_int_t) sums_gauge (status, "looked_timestamp_seconds") * 1000,
            "canary_ms",
            (json_int_t) sums_gauge (status, "canary_timestamp_seconds") * 1000));
    else
        printf (is_least ? _ ("clocks: %llu open, %llu stage and %llu whole duties, %llu "
                              "raises open, at least %llu rows due in 24 hours\n")
                         : _ ("clocks: %llu open, %llu stage and %llu whole duties, %llu "
                              "raises open, %llu rows due in 24 hours\n"),
                (unsigned long long) open, (unsigned long long) stage,
                (unsigned long long) whole, (unsigned long long) raises,
                (unsigned long long) due);
    if (open != stage || open != whole)
        trouble (checking,
                 _ ("escalation: %llu open grievances but %llu stage and %llu whole "
                    "duties"),
                 (unsigned long long) open, (unsigned long long) stage,
                 (unsigned long long) whole);
}

/* What one of them has lost, the others still count. */
static void look_at_sums (struct checking *checking)
{
    struct sums sums;
    if (!checking->is_up[SPEAKER_INTAKE] || !checking->is_up[SPEAKER_ROUTING] ||
        !checking->is_up[SPEAKER_ESCALATION])
        return;
    sums_of (checking->status, &sums);
    if (!sums.are_comparable)
        return; /* they are at work: the next time */
    uint64_t open = sums.placed - sums.closed;
    if (checking->cli->json)
        cli_json_line (
            json_pack ("{s:I, s:I, s:I, s:I}", "registered", (json_int_t) sums.registered,
                       "placed", (json_int_t) sums.placed, "closed",
                       (json_int_t) sums.closed, "watched", (json_int_t) sums.watched));
    else
        printf (_ ("grievances: %llu registered, %llu of them open\n"),
                (unsigned long long) sums.registered, (unsigned long long) open);
    if (sums.registered != sums.placed)
        trouble (checking,
                 _ ("intake has registered %llu grievances, routing has %llu; if one was "
                    "restored, 'minqing verify' lists what is missing"),
                 (unsigned long long) sums.registered, (unsigned long long) sums.placed);
    if (sums.watched != open)
        trouble (checking,
                 _ ("routing has %llu open grievances, escalation watches %llu"),
                 (unsigned long long) open, (unsigned long long) sums.watched);
}

static void look_at_clocks (struct checking *checking)
{
    if (!checking->is_up[SPEAKER_ESCALATION])
        return;
    look_at_heartbeat (checking);
    look_at_canary (checking);
    look_at_duties (checking);
}

static void look_at_calendar (struct checking *checking)
{
    const struct rules *rules = cli_rules (checking->cli);
    if (rules == NULL) {
        trouble (checking, "%s", checking->cli->err.text);
        return;
    }
    int32_t left = rules->known_until - civil_day (cli_now_ms ());
    char until[CIVIL_DATE_SIZE];
    const char *text =
        arena_format (&checking->cli->arena,
                      _ ("the calendar ends on %s: later deadlines are provisional; add "
                         "the next year's table"),
                      civil_format_day (rules->known_until, until));
    if (left < CALENDAR_TROUBLE_DAYS)
        trouble (checking, "%s", text);
    else if (left < CALENDAR_REMARKED_DAYS)
        remark (checking, text);
}

static int check (struct cli *cli, struct session *session)
{
    struct checking checking = { .cli = cli,
                                 .session = session,
                                 .table = cli_table_create () };
    cli_table_column (checking.table, _ ("SERVICE"), CLI_LEFT);
    cli_table_column (checking.table, _ ("VERSION"), CLI_LEFT);
    cli_table_column (checking.table, _ ("SINCE"), CLI_LEFT);
    cli_table_column (checking.table, _ ("ENTRIES"), CLI_RIGHT);
    cli_table_column (checking.table, _ ("STORE"), CLI_RIGHT);
    cli_table_column (checking.table, _ ("FULL ABOUT"), CLI_LEFT);
    for (size_t i = 0; i < ARRAY_SIZE (speakers); i++)
        look_at (&checking, speakers[i]);
    cli_table_print (&checking.table);
    for (size_t i = 0; i < ARRAY_SIZE (speakers); i++)
        look_at_positions (&checking, speakers[i]);
    look_at_clocks (&checking);
    look_at_sums (&checking);
    look_at_calendar (&checking);
    if (checking.troubles > 0)
        return cli_fail (cli, EX_UNAVAILABLE, _ ("%zu to look at"), checking.troubles);
    cli_say (cli, _ ("all is well"));
    return EX_OK;
}

static int run_check (struct cli *cli, const struct cli_arguments *arguments)
{
    (void) arguments;
    int rc = EX_OK;
    struct session *session;
    if (session_open (cli, "operator", &session) < 0)
        return cli_fail_err (cli);
    session_call_all (session);
    rc = check (cli, session);
    session_close (&session);
    return rc;
}

const struct cli_command subcommand_check = {
    .name = "check",
    .arguments = "",
    .summary = N_ ("is everything well? daemons, followers, clocks, calendar"),
    .example = "minqing check || journalctl -u 'minqing-*' -n 50",
    .run = run_check,
};
