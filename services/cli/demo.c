/* SPDX-License-Identifier: Apache-2.0 */
/* minqing demo: the whole system at work on the shipped sample set, in a place of its own.
 *
 *   1  make a place and start the four daemons
 *   2  every village terminal files its grievances through its spool
 *   3  the dispatcher follows the first candidate for two of three undecided
 *   4  desks claim, accept, decide, serve, carry out and close part of what waits
 *   5  four grievances, each on another course (stories.c)
 *   6  show where everything is, what was told to whom, what is due next
 *
 * Everything goes through the same commands and doors that people use. */
#include "cli/demo.h"

#include "cli/language.h"
#include "cli/waiting.h"

#include "base/civil.h"
#include "base/number.h"
#include "wire/names.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_ONCE, OPTION_KEEP };
static const struct cli_option options[] = {
    [OPTION_ONCE] = { "once", NULL, N_ ("show it and end") },
    [OPTION_KEEP] = { "keep", NULL, N_ ("leave the folder there afterwards") },
    { NULL, NULL, NULL },
};

/* Followers are milliseconds behind; a slow machine gets this long. */
#define DEMO_PATIENCE_MS 20000

struct session *demo_speak_as (struct demo *demo, const char *name)
{
    struct session *session = NULL;
    demo->cli->as = name;
    if (session_open (demo->cli, name, &session) < 0)
        return NULL;
    return session;
}

/* Ctrl-C ends it between two things that it does: -EINTR. */
int demo_go_on (struct demo *demo)
{
    return place_is_asked (demo->place)
               ? err_set (&demo->cli->err, -EINTR, _ ("asked to end"))
               : 0;
}

int demo_step (struct session *session, struct step_command *step, uint32_t person,
               struct step_done *ret_done)
{
    struct command command = { .step = step, .person = person };
    struct outcome outcome;
    int rc = say_and_wait (session, SPEAKER_ROUTING, &command, &outcome);
    if (rc == 0 && outcome.step_done != NULL && ret_done != NULL)
        *ret_done = *outcome.step_done;
    return rc;
}

static uint64_t entries_behind (struct session *session)
{
    static const enum speaker speakers[] = { SPEAKER_INTAKE, SPEAKER_ROUTING,
                                             SPEAKER_ESCALATION, SPEAKER_NOTIFICATION };
    uint64_t heads[SPEAKER_COUNT] = { 0 }, behind = 0;
    struct control control = { .verb = CONTROL_STATUS };
    struct control_reply replies[SPEAKER_COUNT];
    for (size_t i = 0; i < ARRAY_SIZE (speakers); i++) {
        if (session_control (session, speakers[i], &control, &replies[i]) < 0 ||
            replies[i].status == NULL)
            return UINT64_MAX;
        heads[speakers[i]] = replies[i].status->head;
    }
    for (size_t i = 0; i < ARRAY_SIZE (speakers); i++)
        for (size_t j = 0; j < replies[i].status->n_positions; j++) {
            const struct position *position = &replies[i].status->positions[j];
            if (position->acted < heads[position->speaker])
                behind += heads[position->speaker] - position->acted;
        }
    return behind;
}

/* Let every daemon come to the end of what it follows, so that the picture is whole. */
int demo_settle (struct demo *demo)
{
    struct session *session = demo_speak_as (demo, "operator");
    if (session == NULL)
        return demo->cli->err.code;
    int64_t deadline = cli_now_ms () + DEMO_PATIENCE_MS;
    while (entries_behind (session) > 0 && cli_now_ms () < deadline)
        if (place_wait (demo->place, 50) < 0 || place_is_asked (demo->place))
            break;
    session_close (&session);
    return demo_go_on (demo);
}

/* ---- showing ----------------------------------------------------------------------- */

static int show_notices (struct demo *demo, struct session *session)
{
    struct notice_query notices = { .counts = true };
    struct query query = { .notices = &notices };
    struct reply reply;
    int rc = session_query (session, SPEAKER_NOTIFICATION, &query, &reply);
    if (rc < 0 || reply.notices == NULL)
        return rc;
    printf ("\n%s", _ ("Notices:"));
    for (size_t i = 0; i < reply.notices->n_counts; i++)
        printf ("  %s %llu", language_word (notice_state, reply.notices->counts[i].state),
                (unsigned long long) reply.notices->counts[i].count);
    printf (_ ("\nWhat officers were told stands in %s/outbox.jsonl\n"), demo->dir);
    return 0;
}

/* A share of the period, or working days after the breach (escalation.proto). */
static const char *share_text (struct cli *cli, uint32_t share)
{
    return share <= 100 ? arena_format (&cli->arena, "%u %%", share)
                        : arena_format (&cli->arena, _ ("+%u days"), share - 100);
}

static int show_due (struct demo *demo, struct session *session)
{
    struct due_query due = { .limit = 9 };
    struct query query = { .due = &due };
    struct reply reply;
    int rc = session_query (session, SPEAKER_ESCALATION, &query, &reply);
    if (rc < 0 || reply.due == NULL)
        return rc;
    printf ("\n%s\n", _ ("Due next:"));
    struct cli_table *table = cli_table_create ();
    cli_table_column (table, _ ("WHEN"), CLI_LEFT);
    cli_table_column (table, _ ("NUMBER"), CLI_LEFT);
    cli_table_column (table, _ ("DUTY"), CLI_LEFT);
    cli_table_column (table, _ ("AT"), CLI_RIGHT);
    cli_table_column (table, _ ("OWES"), CLI_LEFT);
    for (size_t i = 0; i < reply.due->n_rows; i++) {
        const struct duty_row *row = &reply.due->rows[i];
        char when[CIVIL_TIME_SIZE], number[NUMBER_TEXT_SIZE] = "";
        if (row->duty == DUTY_CANARY)
            continue; /* escalation's own, of no interest to people */
        if (number_is_valid (row->number))
            number_format (row->number, number);
        cli_table_row (table);
        cli_table_cell (table, "%s", civil_format_due (row->due_ms, when));
        cli_table_cell (table, "%s", number);
        cli_table_cell (table, "%s", language_word (duty, row->duty));
        cli_table_cell (table, "%s", share_text (demo->cli, row->share));
        cli_table_cell (table, "%s", cli_department_name (demo->cli, row->owner));
    }
    cli_table_print (&table);
    return 0;
}

static int show_queues (struct demo *demo)
{
    const char *queue[] = { "queue", NULL };
    printf ("\n%s\n", _ ("Where everything is:"));
    if (place_command (demo->cli, false, queue) != EX_OK)
        return err_set (&demo->cli->err, -EIO, _ ("the queues cannot be shown"));
    return 0;
}

static int show_proof (struct demo *demo)
{
    const char *verify[] = { "verify", NULL };
    printf ("\n%s\n", _ ("Proof from the four journals:"));
    if (place_command (demo->cli, false, verify) != EX_OK)
        return err_set (&demo->cli->err, -EIO, _ ("the journals do not hold together"));
    return 0;
}

static int show (struct demo *demo)
{
    int rc = show_queues (demo);
    struct session *session = rc < 0 ? NULL : demo_speak_as (demo, "operator");
    if (session == NULL)
        return demo->cli->err.code;
    rc = show_notices (demo, session);
    if (rc == 0)
        rc = show_due (demo, session);
    session_close (&session);
    demo->cli->as = NULL;
    return rc == 0 ? show_proof (demo) : rc;
}

/* ---- the whole --------------------------------------------------------------------- */

static int act (struct demo *demo)
{
    static int (*const parts[]) (struct demo * demo) = { demo_file_samples, demo_dispatch,
                                                         demo_work_desks };
    int64_t begin = cli_now_ms ();
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < ARRAY_SIZE (parts); i++) {
        rc = parts[i](demo);
        if (rc == 0)
            rc = demo_settle (demo);
    }
    if (rc < 0)
        return rc;
    printf (_ ("The dispatcher placed %llu; desks claimed %llu, objected to %llu, "
               "decided %llu, "
               "closed %llu; all in %.1f s.\n"),
            (unsigned long long) demo->dispatched, (unsigned long long) demo->claimed,
            (unsigned long long) demo->objected, (unsigned long long) demo->decided,
            (unsigned long long) demo->closed, (double) (cli_now_ms () - begin) / 1000);
    rc = demo_tell_stories (demo);
    demo->cli->as = NULL;
    return rc == 0 ? show (demo) : rc;
}

static int stay (struct demo *demo)
{
    char self[PATH_MAX] = "";
    ssize_t length = readlink ("/proc/self/exe", self, sizeof self - 1);
    if (length > 0)
        self[length] = '\0';
    printf (_ ("\nIt is up. Look around in another shell:\n\n"
               "  export MINQING_CONFIG=%s\n"
               "  alias minqing=%s\n"
               "  minqing dispatch\n"
               "  minqing journal routing --follow\n"
               "  minqing submit --as terminal-101 --village 340522100001 --text "
               "'路灯不亮'\n\n"
               "Ctrl-C ends it.\n"),
            demo->cli->config_path, self);
    fflush (stdout);
    return place_wait (demo->place, -1);
}

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    int rc = EX_OK;
    struct demo demo = { .cli = cli };
    const char *tmp = getenv ("TMPDIR");
    char *dir =
        arena_format (&cli->arena, "%s/minqing-demo-XXXXXX", tmp != NULL ? tmp : "/tmp");
    sigset_t set; /* from the folder on; 'place_is_asked' finds them */
    sigemptyset (&set);
    sigaddset (&set, SIGINT);
    sigaddset (&set, SIGTERM);
    sigprocmask (SIG_BLOCK, &set, NULL);
    demo.dir = mkdtemp (dir);
    if (demo.dir == NULL)
        return cli_fail (cli, EX_CANTCREAT, "%s: %s", dir, strerror (errno));
    if (place_make (cli, demo.dir, "minqing.demo.conf") < 0 ||
        place_start (cli, &demo.place) < 0)
        rc = cli_fail_err (cli);
    else if (act (&demo) < 0)
        rc = cli->err.code == -EINTR ? EX_OK : cli_fail_err (cli);
    else if (arguments->values[OPTION_ONCE] == NULL && stay (&demo) < 0)
        rc = cli_fail_err (cli);
    place_stop (&demo.place);
    if (arguments->values[OPTION_KEEP] == NULL)
        place_remove (demo.dir);
    else
        cli_say (cli, _ ("kept: %s"), demo.dir);
    return rc;
}

const struct cli_command subcommand_demo = {
    .name = "demo",
    .arguments = "",
    .summary =
        N_ ("the whole system at work on the shipped sample set, in a place of its own"),
    .example = "minqing demo --once",
    .options = options,
    .run = run,
};
