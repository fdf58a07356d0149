/* SPDX-License-Identifier: Apache-2.0 */
/* minqing demo: the whole system at work on the shipped sample set, in a place of its own.
 *
 *   1  make a place and start the four daemons
 *   2  every village terminal files its grievances through its spool
 *   3  the dispatcher follows the first candidate for two of three undecided
 *   4  desks claim, accept, decide, serve, carry out and close part of what waits
 *   5  show where everything is, what was told to whom, what is due next
 *
 * Everything goes through the same commands and doors that people use. */
#include "cli/cli.h"
#include "cli/language.h"
#include "cli/place.h"
#include "cli/session.h"
#include "cli/spool.h"
#include "cli/waiting.h"

#include "base/civil.h"
#include "base/number.h"
#include "rules/rules.h"
#include "wire/names.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPTION_ONCE, OPTION_KEEP };
static const struct cli_option options[] = {
    [OPTION_ONCE] = { "once", NULL, N_ ("show it and end") },
    [OPTION_KEEP] = { "keep", NULL, N_ ("leave the folder there afterwards") },
    { NULL, NULL, NULL },
};

/* Of each queue so many are worked on. */
#define DEMO_WORKED 3
/* Followers are milliseconds behind; a slow machine gets this long. */
#define DEMO_PATIENCE_MS 20000

struct demo {
    struct cli *cli;
    const char *dir;
    struct place *place;
    uint64_t dispatched, claimed, objected, decided, closed;
};

static struct session *speak_as (struct demo *demo, const char *name)
{
    struct session *session = NULL;
    demo->cli->as = name;
    if (session_open (demo->cli, name, &session) < 0)
        return NULL;
    return session;
}

/* Ctrl-C ends it between two things that it does: -EINTR. */
static int go_on (struct demo *demo)
{
    return place_is_asked (demo->place)
               ? err_set (&demo->cli->err, -EINTR, _ ("asked to end"))
               : 0;
}

static int step (struct session *session, struct step_command *step, uint32_t person,
                 struct step_done *ret_done)
{
    struct command command = { .step = step, .person = person };
    struct outcome outcome;
    int rc = say_and_wait (session, SPEAKER_ROUTING, &command, &outcome);
    if (rc == 0 && outcome.step_done != NULL && ret_done != NULL)
        *ret_done = *outcome.step_done;
    return rc;
}

static int ask_queue (struct session *session, uint32_t department, bool candidates,
                      uint32_t limit, struct queue *ret_queue)
{
    struct queue_query queue = { .department = department,
                                 .limit = limit,
                                 .candidates = candidates };
    struct query query = { .queue = &queue };
    struct reply reply;
    int rc = session_query (session, SPEAKER_ROUTING, &query, &reply);
    *ret_queue = rc == 0 && reply.queue != NULL ? *reply.queue : (struct queue){ 0 };
    return rc;
}

/* ---- filing ------------------------------------------------------------------------ */

static int file_samples (struct demo *demo)
{
    struct cli *cli = demo->cli;
    const char *share = place_share (cli);
    if (share == NULL)
        return cli->err.code;
    const char *samples = arena_format (&cli->arena, "%s/samples/huanfeng.csv", share);
    const char *keys = config_get_text (cli_config (cli), "keys");
    unsigned done = 0;
    for (unsigned number = 101; number <= 140; number++) {
        const char *name = arena_format (&cli->arena, "terminal-%u", number);
        if (access (arena_format (&cli->arena, "%s/%s.key", keys, name), R_OK) < 0)
            continue;
        const char *arguments[] = { "replay", "--as", name, samples, NULL };
        int code = place_command (cli, true, arguments);
        if (go_on (demo) < 0)
            return cli->err.code;
        if (code != EX_OK)
            return err_set (&cli->err, -EIO,
                            _ ("%s could not file its grievances (exit code %d)"), name,
                            code);
        cli_progress (cli, _ ("terminals file"), ++done, 32);
    }
    cli_progress_done (cli);
    return 0;
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
static int settle (struct demo *demo)
{
    struct session *session = speak_as (demo, "operator");
    if (session == NULL)
        return demo->cli->err.code;
    int64_t deadline = cli_now_ms () + DEMO_PATIENCE_MS;
    while (entries_behind (session) > 0 && cli_now_ms () < deadline)
        if (place_wait (demo->place, 50) < 0 || place_is_asked (demo->place))
            break;
    session_close (&session);
    return go_on (demo);
}

/* ---- the dispatcher ---------------------------------------------------------------- */

static int dispatch_some (struct demo *demo)
{
    struct session *session = speak_as (demo, "dispatcher");
    struct queue queue;
    if (session == NULL)
        return demo->cli->err.code;
    int rc = ask_queue (session, 0, true, 200, &queue);
    for (size_t i = 0; rc == 0 && i < queue.n_rows; i++) {
        const struct row *row = &queue.rows[i];
        if (row->n_candidates == 0 || i % 3 == 2)
            continue;
        struct step_command dispatch = { .number = row->number,
                                         .step = STEP_DISPATCH,
                                         .department = row->candidates[0].department,
                                         .reason = row->candidates[0].why };
        if (dispatch.reason == NULL)
            dispatch.reason = "按内容判断";
        rc = step (session, &dispatch, 0, NULL);
        demo->dispatched += rc == 0;
        if (rc == 0)
            rc = go_on (demo);
    }
    session_close (&session);
    return rc;
}

/* ---- desks ------------------------------------------------------------------------- */

static uint32_t worker_of (const struct rules *rules, uint32_t department, int32_t day)
{
    static const enum office offices[] = { OFFICE_WORKER, OFFICE_HEAD, OFFICE_DEPUTY };
    for (size_t i = 0; i < ARRAY_SIZE (offices); i++) {
        size_t at = 0;
        const struct officer *officer =
            officer_next (rules, department, offices[i], day, &at);
        if (officer != NULL)
            return officer->number;
    }
    return 0;
}

/* As far along the course as 'depth' says: 1 accepted, 2 decided, 3 served, 4 closed. */
static int work_on (struct demo *demo, struct session *session, const struct row *row,
                    uint32_t person, unsigned depth)
{
    struct step_done claimed = { 0 };
    bool is_inquiry = row->matter->purpose == PURPOSE_INQUIRY ||
                      row->matter->purpose == PURPOSE_SUGGESTION;
    struct step_command steps[] = {
        { .step = STEP_ACCEPT },
        { .step = STEP_DECIDE,
          .outcome = is_inquiry ? OUTCOME_ANSWERED : OUTCOME_SUPPORT,
          .text =
              is_inquiry ? "已逐条答复。" : "反映属实，予以支持，五个工作日内办理到位。",
          .legal_basis = is_inquiry ? NULL : "信访工作条例第三十二条" },
        { .step = STEP_SERVE, .text = "当面送达本人签收" },
        { .step = STEP_CLAIM_DONE },
        { .step = STEP_CLOSE,
          .close_reason = CLOSE_CALL_BACK,
          .reason = "电话回访，本人认可" },
    };
    static const size_t reach[] = { 0, 1, 2, 3, 5 };
    struct step_command claim = { .number = row->number, .step = STEP_CLAIM };
    int rc = step (session, &claim, person, &claimed);
    demo->claimed += rc == 0;
    for (size_t i = 0; rc == 0 && i < reach[depth]; i++) {
        struct step_done done;
        steps[i].number = row->number;
        steps[i].fencing = claimed.fencing;
        rc = step (session, &steps[i], person, &done);
        demo->decided += rc == 0 && steps[i].step == STEP_DECIDE;
        demo->closed += rc == 0 && done.state == STATE_CLOSED;
        if (rc == 0 && done.state == STATE_CLOSED)
            break;
    }
    return rc;
}

static int object_to (struct demo *demo, struct session *session, const struct row *row,
                      uint32_t person)
{
    struct step_done claimed;
    struct step_command claim = { .number = row->number, .step = STEP_CLAIM };
    int rc = step (session, &claim, person, &claimed);
    struct step_command object = { .number = row->number,
                                   .step = STEP_OBJECT,
                                   .fencing = rc == 0 ? claimed.fencing : 0,
                                   .reason = "所涉地块属县级项目，权属登记不在本单位。" };
    if (rc == 0)
        rc = step (session, &object, person, NULL);
    demo->objected += rc == 0;
    return rc;
}

static int work_desk (struct demo *demo, const struct department *department, int32_t day)
{
    struct cli *cli = demo->cli;
    const char *name = arena_format (&cli->arena, "desk-%u", department->number);
    uint32_t person = worker_of (cli_rules (cli), department->number, day);
    struct session *session = person == 0 ? NULL : speak_as (demo, name);
    struct queue queue;
    if (session == NULL)
        return person == 0 ? 0 : cli->err.code;
    int rc = ask_queue (session, department->number, false, DEMO_WORKED + 1, &queue);
    for (size_t i = 0; rc == 0 && i < queue.n_rows && i < DEMO_WORKED; i++)
        rc = work_on (demo, session, &queue.rows[i], person, (unsigned) (4 - i));
    if (rc == 0 && demo->objected < 2 && queue.n_rows > DEMO_WORKED)
        rc = object_to (demo, session, &queue.rows[DEMO_WORKED], person);
    session_close (&session);
    return rc;
}

static int work_desks (struct demo *demo)
{
    const struct rules *rules = cli_rules (demo->cli);
    int32_t day = civil_day (cli_now_ms ());
    int rc = rules == NULL ? demo->cli->err.code : 0;
    for (size_t i = 0; rc == 0 && i < rules->department_count; i++) {
        const struct department *department = &rules->departments[i];
        bool takes_accusations = (department->flags & DEPARTMENT_DISCIPLINE) != 0;
        if (department->successor == 0 && department->level == DEPARTMENT_TOWNSHIP &&
            !takes_accusations)
            rc = work_desk (demo, department, day);
        if (rc == 0)
            rc = go_on (demo);
        cli_progress (demo->cli, _ ("desks work"), i + 1, rules->department_count);
    }
    cli_progress_done (demo->cli);
    return rc;
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

static int show (struct demo *demo)
{
    const char *queue[] = { "queue", NULL };
    const char *verify[] = { "verify", NULL };
    printf ("\n%s\n", _ ("Where everything is:"));
    if (place_command (demo->cli, false, queue) != EX_OK)
        return err_set (&demo->cli->err, -EIO, _ ("the queues cannot be shown"));
    struct session *session = speak_as (demo, "operator");
    if (session == NULL)
        return demo->cli->err.code;
    int rc = show_notices (demo, session);
    if (rc == 0)
        rc = show_due (demo, session);
    session_close (&session);
    printf ("\n%s\n", _ ("Proof from the four journals:"));
    if (rc == 0 && place_command (demo->cli, false, verify) != EX_OK)
        rc = err_set (&demo->cli->err, -EIO, _ ("the journals do not hold together"));
    return rc;
}

/* ---- the whole --------------------------------------------------------------------- */

static int act (struct demo *demo)
{
    struct cli *cli = demo->cli;
    int64_t begin = cli_now_ms ();
    int rc = file_samples (demo);
    if (rc == 0)
        rc = settle (demo);
    if (rc == 0)
        rc = dispatch_some (demo);
    if (rc == 0)
        rc = settle (demo);
    if (rc == 0)
        rc = work_desks (demo);
    if (rc == 0)
        rc = settle (demo);
    if (rc < 0)
        return rc;
    printf (_ ("The dispatcher placed %llu; desks claimed %llu, objected to %llu, "
               "decided %llu, "
               "closed %llu; all in %.1f s.\n"),
            (unsigned long long) demo->dispatched, (unsigned long long) demo->claimed,
            (unsigned long long) demo->objected, (unsigned long long) demo->decided,
            (unsigned long long) demo->closed, (double) (cli_now_ms () - begin) / 1000);
    cli->as = NULL;
    return show (demo);
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

static int remove_one (const char *path, const struct stat *stat, int type,
                       struct FTW *ftw)
{
    (void) stat;
    (void) type;
    (void) ftw;
    return remove (path);
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
        nftw (demo.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
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
