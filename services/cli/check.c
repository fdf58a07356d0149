/* SPDX-License-Identifier: Apache-2.0 */
/* minqing check, metrics, config check: how the system is, for ops. 'check' judges: exit
 * code 0 when all is well, 69 when something is not. */
#include "cli/cli.h"
#include "cli/session.h"

#include "base/civil.h"
#include "base/file.h"
#include "clients/clients.h"
#include "rules/rules.h"
#include "wire/names.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const enum speaker speakers[] = { SPEAKER_INTAKE, SPEAKER_ROUTING,
                                         SPEAKER_ESCALATION, SPEAKER_NOTIFICATION };

/* A follower further behind than this is told. */
#define LAG_TOLD 10000
/* Per mille of the store from where it is told; at 900 new filings wait. */
#define STORE_TOLD 800
/* The calendar's end is remarked so many days before, which is when the State Council
 * publishes the next year's; and is a trouble so many days before. */
#define CALENDAR_REMARKED_DAYS 60
#define CALENDAR_TROUBLE_DAYS  30

/* ---- check ------------------------------------------------------------------------- */

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

static uint64_t gauge (const struct status *status, const char *name)
{
    for (size_t i = 0; i < status->n_gauges; i++)
        if (strcmp (status->gauges[i].name, name) == 0)
            return status->gauges[i].value;
    return 0;
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
    char since[CIVIL_TIME_SIZE];
    civil_format_time (status->started_ms, since);
    if (checking->cli->json) {
        cli_json_line (json_pack ("{s:s, s:s, s:I, s:I, s:I}", "service", name, "version",
                                  status->version, "entries", (json_int_t) status->head,
                                  "started_ms", (json_int_t) status->started_ms,
                                  "store_permille", (json_int_t) status->store_permille));
    } else {
        cli_table_row (checking->table);
        cli_table_cell (checking->table, "%s", name);
        cli_table_cell (checking->table, "%s", status->version);
        cli_table_cell (checking->table, "%s", since);
        cli_table_cell (checking->table, "%llu", (unsigned long long) status->head);
        cli_table_cell (checking->table, "%u.%u %%", status->store_permille / 10,
                        status->store_permille % 10);
    }
    if (status->trouble != NULL)
        trouble (checking, "%s: %s", name, status->trouble);
    if (status->store_permille >= STORE_TOLD)
        trouble (checking,
                 _ ("%s: the store is %u %% full; give it a larger map_mib and restart"),
                 name, status->store_permille / 10);
}

static void look_at_positions (struct checking *checking, enum speaker speaker)
{
    const struct status *status = &checking->status[speaker];
    for (size_t i = 0; i < status->n_positions; i++) {
        const struct position *position = &status->positions[i];
        const char *name = speaker_name (speaker), *of = speaker_name (position->speaker);
        if (position->problem != NULL)
            trouble (checking, _ ("%s does not follow %s: %s"), name, of,
                     position->problem);
        else if (!position->connected && checking->is_up[position->speaker])
            trouble (checking, _ ("%s is not connected to %s"), name, of);
        uint64_t head = checking->status[position->speaker].head;
        if (head > position->acted + LAG_TOLD)
            trouble (checking, _ ("%s is %llu entries behind %s"), name,
                     (unsigned long long) (head - position->acted), of);
    }
}

/* Every open grievance has exactly one stage and one whole duty: the heartbeat of the
 * clocks (DOMAIN §5: being dead for weeks and nobody noticing). */
static void look_at_clocks (struct checking *checking)
{
    const struct status *status = &checking->status[SPEAKER_ESCALATION];
    if (!checking->is_up[SPEAKER_ESCALATION])
        return;
    uint64_t open = gauge (status, "open"), stage = gauge (status, "stage_duties"),
             whole = gauge (status, "whole_duties");
    if (!checking->cli->json)
        printf (_ ("clocks: %llu open, %llu stage and %llu whole duties, %llu raises "
                   "open, %llu "
                   "rows due in 24 hours\n"),
                (unsigned long long) open, (unsigned long long) stage,
                (unsigned long long) whole,
                (unsigned long long) gauge (status, "raises_open"),
                (unsigned long long) gauge (status, "due_within_day"));
    if (open != stage || open != whole)
        trouble (checking,
                 _ ("escalation: %llu open grievances but %llu stage and %llu whole "
                    "duties"),
                 (unsigned long long) open, (unsigned long long) stage,
                 (unsigned long long) whole);
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
    for (size_t i = 0; i < ARRAY_SIZE (speakers); i++)
        look_at (&checking, speakers[i]);
    cli_table_print (&checking.table);
    for (size_t i = 0; i < ARRAY_SIZE (speakers); i++)
        look_at_positions (&checking, speakers[i]);
    look_at_clocks (&checking);
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

/* ---- metrics ----------------------------------------------------------------------- */

/* Samples of Prometheus text, one object each; comments are for its own readers. */
static void print_samples (struct cli *cli, const char *text)
{
    char *rest = arena_text (&cli->arena, text);
    for (char *line; (line = strsep (&rest, "\n")) != NULL;) {
        char *value = line[0] == '#' ? NULL : strrchr (line, ' ');
        if (value == NULL)
            continue;
        *value++ = '\0';
        cli_json_line (
            json_pack ("{s:s, s:f}", "name", line, "value", strtod (value, NULL)));
    }
}

static void print_metrics (struct cli *cli, const char *text)
{
    if (cli->json)
        print_samples (cli, text);
    else
        fputs (text, stdout);
}

static void print_up (struct cli *cli, enum speaker speaker, bool is_up)
{
    const char *name = speaker_name (speaker);
    print_metrics (cli,
                   arena_format (&cli->arena,
                                 "# HELP minqing_%s_up Whether the daemon answered.\n"
                                 "# TYPE minqing_%s_up gauge\nminqing_%s_up %d\n",
                                 name, name, name, is_up));
}

static int run_metrics (struct cli *cli, const struct cli_arguments *arguments)
{
    int rc = EX_OK;
    enum speaker only = SPEAKER_NONE;
    if (arguments->n_rest == 1 && !speaker_parse (arguments->rest[0], &only))
        return cli_fail (
            cli, EX_USAGE,
            _ ("\"%s\" is none of intake, routing, escalation, notification"),
            arguments->rest[0]);
    struct session *session;
    if (session_open (cli, "operator", &session) < 0)
        return cli_fail_err (cli);
    session_call_all (session);
    for (size_t i = 0; i < ARRAY_SIZE (speakers); i++) {
        struct control control = { .verb = CONTROL_METRICS };
        struct control_reply reply;
        bool is_asked = only == SPEAKER_NONE || only == speakers[i];
        bool is_up =
            is_asked && session_control (session, speakers[i], &control, &reply) == 0;
        if (is_asked && !is_up)
            rc = cli_fail_err (cli);
        if (only == SPEAKER_NONE)
            print_up (cli, speakers[i], is_up);
        if (is_up && reply.text != NULL)
            print_metrics (cli, reply.text);
    }
    session_close (&session);
    return rc;
}

const struct cli_command subcommand_metrics = {
    .name = "metrics",
    .arguments = "[SERVICE]",
    .summary = N_ ("counters of all daemons as Prometheus text"),
    .example = "minqing metrics | promtool check metrics",
    .max = 1,
    .run = run_metrics,
};

/* ---- config check ------------------------------------------------------------------ */

static void wrong (struct cli *cli, const char *text)
{
    if (cli->json)
        cli_json_line (json_pack ("{s:s}", "problem", text));
    else
        fprintf (stderr, "  ✗ %s\n", text);
}

static size_t check_conf (struct cli *cli)
{
    struct config_problems problems = { 0 };
    if (config_load_all (cli->config_path, &cli->config, &problems, &cli->err) == 0)
        return 0;
    if (problems.count == 0) {
        wrong (cli, cli->err.text);
        return 1;
    }
    for (size_t i = 0; i < problems.count && i < CONFIG_PROBLEMS_MAX; i++)
        wrong (cli, problems.texts[i]);
    return problems.count;
}

static size_t check_tables (struct cli *cli)
{
    struct rules_files files;
    struct rules_problems problems = { 0 };
    if (rules_read_dir (&files, config_get_text (cli->config, "tables"), &cli->err) < 0) {
        wrong (cli, cli->err.text);
        return 1;
    }
    int rc = rules_parse_all (&cli->rules, files.sources, &problems, &cli->err);
    for (size_t i = 0; rc < 0 && i < problems.count && i < RULES_PROBLEMS_MAX; i++)
        wrong (cli, problems.texts[i]);
    rules_files_done (&files);
    return rc < 0 ? problems.count : 0;
}

/* Who may come in; a place without keys yet has no such table. */
static size_t check_clients (struct cli *cli)
{
    const char *path = config_get_text (cli->config, "clients");
    struct buffer content = { 0 };
    struct clients *clients = NULL;
    int rc = file_read (path, CLI_FILE_MAX, &content, &cli->err);
    if (rc == -ENOENT) {
        cli_say (cli, _ ("  ! %s is not there yet: 'minqing keys init' makes it"), path);
        return 0;
    }
    if (rc == 0)
        rc = clients_parse (&clients, path, buffer_bytes (&content), cli->rules,
                            &cli->err);
    if (rc < 0)
        wrong (cli, cli->err.text);
    clients_destroy (&clients);
    buffer_done (&content);
    return rc < 0;
}

static void print_good (struct cli *cli)
{
    const struct rules *rules = cli->rules;
    if (cli->json)
        cli_json_line (json_pack ("{s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "file",
                                  cli->config_path, "villages",
                                  (json_int_t) rules->village_count, "departments",
                                  (json_int_t) rules->department_count, "people",
                                  (json_int_t) rules->officer_count, "categories",
                                  (json_int_t) rules->category_count, "responsibilities",
                                  (json_int_t) rules->responsibility_count, "deadlines",
                                  (json_int_t) rules->deadline_count));
    else
        printf (_ ("%s: good. %zu villages, %zu departments, %zu people, %zu categories, "
                   "%zu responsibilities, %zu deadlines\n"),
                cli->config_path, rules->village_count, rules->department_count,
                rules->officer_count, rules->category_count, rules->responsibility_count,
                rules->deadline_count);
}

static int run_config (struct cli *cli, const struct cli_arguments *arguments)
{
    if (strcmp (arguments->rest[0], "check") != 0)
        return cli_fail (cli, EX_USAGE, _ ("minqing config check [FILE]"));
    if (arguments->n_rest == 2)
        cli->config_path = arguments->rest[1];
    size_t count = check_conf (cli);
    if (count == 0)
        count = check_tables (cli) + check_clients (cli);
    if (count > 0)
        return cli_fail (cli, EX_CONFIG,
                         _ ("%s: nothing of it would be taken; wrong: %zu"),
                         cli->config_path, count);
    print_good (cli);
    return EX_OK;
}

const struct cli_command subcommand_config = {
    .name = "config",
    .arguments = "check [FILE]",
    .summary =
        N_ ("read configuration and tables whole, and say everything that is wrong"),
    .example = "minqing config check /etc/minqing/minqing.conf",
    .min = 1,
    .max = 2,
    .run = run_config,
};
