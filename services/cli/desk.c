/* SPDX-License-Identifier: Apache-2.0 */
/* minqing desk: a department's desk. One verb a step of the course, and 'follow', which
 * subscribes with a credit and shows what is offered as it comes. */
#include "cli/cli.h"
#include "cli/course.h"
#include "cli/seal.h"
#include "cli/session.h"
#include "cli/step.h"

#include "base/civil.h"
#include "base/number.h"
#include "rules/rules.h"
#include "wire/names.h"
#include "wire/wire.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
    OPTION_TO,
    OPTION_FENCING,
    OPTION_OUTCOME,
    OPTION_REASON,
    OPTION_TEXT,
    OPTION_BASIS,
    OPTION_HELD,
    OPTION_LIMIT,
    OPTION_CREDIT,
    OPTION_COUNT,
};
static const struct cli_option options[] = {
    [OPTION_TO] = { "to", N_ ("N"), N_ ("assign, transfer: the worker's number") },
    [OPTION_FENCING] = { "fencing", N_ ("N"), N_ ("from the claim [asked at routing]") },
    [OPTION_OUTCOME] = { "outcome", N_ ("WORD"),
                         N_ ("decide: support, explain, not_support, answered") },
    [OPTION_REASON] = { "reason", N_ ("TEXT"),
                        N_ ("object, transfer, hand-back, divert; close: a word of the "
                            "closed list") },
    [OPTION_TEXT] = { "text", N_ ("TEXT"),
                      N_ ("decide, opinion: the text; serve: how and to whom; close: the "
                          "record") },
    [OPTION_BASIS] = { "basis", N_ ("TEXT"), N_ ("decide: the legal basis") },
    [OPTION_HELD] = { "held", NULL, N_ ("list: what is in hand, instead of what waits") },
    [OPTION_LIMIT] = { "limit", N_ ("N"), N_ ("list: at most so many [50; 0: all]") },
    [OPTION_CREDIT] = { "credit", N_ ("N"),
                        N_ ("follow: unclaimed offers at once [10]; end after N: --limit "
                            "N") },
    [OPTION_COUNT] = { NULL, NULL, NULL },
};

/* ---- list, show, follow ------------------------------------------------------------ */

static int list (struct cli *cli, struct session *session, uint32_t department,
                 const struct cli_arguments *arguments)
{
    uint64_t limit = 50;
    if (arguments->values[OPTION_LIMIT] != NULL &&
        cli_unsigned (cli, "--limit", arguments->values[OPTION_LIMIT], UINT32_MAX,
                      &limit) < 0)
        return cli_fail_err (cli);
    struct queue_query queue = { .department = department,
                                 .held = arguments->values[OPTION_HELD] != NULL };
    return queue_list (session, &queue, limit);
}

/* The discipline organ's desk has the key; to every other one it stays sealed. */
static void unseal (struct cli *cli, uint32_t department, struct item *item)
{
    struct statement *statement = ARENA_NEW (&cli->arena, struct statement);
    if (item->sealed.size > 0 && item->statement == NULL &&
        seal_open (cli, department, item->sealed, statement) == 0)
        item->statement = statement;
}

static int show (struct cli *cli, struct session *session, uint32_t department,
                 const char *text)
{
    struct item_query item = { 0 };
    struct query query = { .item = &item };
    struct reply reply;
    if (cli_number (cli, text, &item.number) < 0 ||
        session_query (session, SPEAKER_ROUTING, &query, &reply) < 0)
        return cli_fail_err (cli);
    if (reply.item != NULL) {
        unseal (cli, department, reply.item);
        item_print (cli, reply.item);
    }
    return EX_OK;
}

static void subscribe (struct session *session, struct line *line, uint32_t department,
                       uint32_t credit)
{
    struct cli *cli = session_cli (session);
    struct subscribe subscribe = { .department = department, .credit = credit };
    struct to_door message = { .subscribe = &subscribe };
    if (line_send (line, to_door_encode (&cli->arena, &message)) == 0)
        cli_say (cli, _ ("subscribed; Ctrl-C ends"));
}

/* 1: something was shown; -errno: refused. */
static int take_offers (struct session *session, struct bytes frame, uint64_t *shown)
{
    struct cli *cli = session_cli (session);
    struct from_door message;
    int rc = from_door_decode (&cli->arena, frame, &message, &cli->err);
    if (rc < 0)
        return rc;
    if (message.refusal != NULL)
        return session_refused (session, message.refusal);
    for (size_t i = 0; i < message.n_offers; i++)
        rows_print (cli, message.offers[i].row, 1, false);
    *shown += message.n_offers;
    fflush (stdout);
    return 0;
}

static int follow (struct cli *cli, struct session *session, uint32_t department,
                   const struct cli_arguments *arguments)
{
    uint64_t credit = 10, limit = UINT64_MAX, shown = 0, subscribed = 0;
    if ((arguments->values[OPTION_CREDIT] != NULL &&
         cli_unsigned (cli, "--credit", arguments->values[OPTION_CREDIT],
                       LIMIT_DESK_CREDIT, &credit) < 0) ||
        (arguments->values[OPTION_LIMIT] != NULL &&
         cli_unsigned (cli, "--limit", arguments->values[OPTION_LIMIT], UINT32_MAX,
                       &limit) < 0))
        return cli_fail_err (cli);
    sigset_t set;
    sigemptyset (&set);
    sigaddset (&set, SIGINT);
    sigaddset (&set, SIGTERM);
    sigprocmask (SIG_BLOCK, &set, NULL);
    struct pollfd asked = { .fd = signalfd (-1, &set, SFD_CLOEXEC), .events = POLLIN };
    struct line *line = session_line (session, SPEAKER_ROUTING);
    int rc = line == NULL ? cli->err.code : 0;
    if (rc == 0 && credit == 0)
        rc =
            err_set (&cli->err, -EINVAL, _ ("--credit: with 0 nothing would be offered"));
    while (rc == 0 && shown < limit && (asked.revents & POLLIN) == 0) {
        line_look (line);
        if (line_is_refused (line))
            rc = session_unreachable (session, SPEAKER_ROUTING);
        if (line_is_connected (line) && line_connections (line) != subscribed) {
            subscribed = line_connections (line);
            subscribe (session, line, department, (uint32_t) credit);
        }
        for (struct bytes frame; rc == 0 && line_receive (line, 0, &frame) == 0;)
            rc = take_offers (session, frame, &shown);
        if (rc == 0 && shown < limit && line_wait (&line, 1, &asked, 1, -1) < 0)
            break;
    }
    if (asked.fd >= 0)
        close (asked.fd);
    return rc < 0 ? cli_fail_err (cli) : EX_OK;
}

/* ---- steps ------------------------------------------------------------------------- */

/* What a verb needs: the fencing number, and which options it takes. */
static const struct {
    const char *verb;
    enum step step;
    bool is_holders;
} verbs[] = {
    { "claim", STEP_CLAIM, false },      { "assign", STEP_ASSIGN, false },
    { "accept", STEP_ACCEPT, true },     { "object", STEP_OBJECT, true },
    { "transfer", STEP_TRANSFER, true }, { "hand-back", STEP_HAND_BACK, true },
    { "decide", STEP_DECIDE, true },     { "serve", STEP_SERVE, true },
    { "done", STEP_CLAIM_DONE, true },   { "close", STEP_CLOSE, true },
    { "opinion", STEP_OPINION, false },  { "divert", STEP_DIVERT, true },
};

/* Options without which routing would only say no. */
static int check_options (struct cli *cli, const struct cli_arguments *arguments,
                          enum step step)
{
    if (step == STEP_DECIDE && arguments->values[OPTION_OUTCOME] == NULL)
        return err_set (&cli->err, -EINVAL,
                        _ ("a decision says --outcome support, explain, not_support or "
                           "answered, --text and --basis"));
    if ((step == STEP_ASSIGN || step == STEP_TRANSFER) &&
        arguments->values[OPTION_TO] == NULL)
        return err_set (&cli->err, -EINVAL, _ ("to whom? --to N"));
    return 0;
}

static int fill (struct cli *cli, const struct cli_arguments *arguments,
                 struct step_command *step)
{
    const char *const *values = arguments->values;
    uint64_t worker = 0;
    if (values[OPTION_TO] != NULL &&
        cli_unsigned (cli, "--to", values[OPTION_TO], UINT32_MAX, &worker) < 0)
        return cli->err.code;
    step->worker = (uint32_t) worker;
    if (values[OPTION_OUTCOME] != NULL &&
        !decision_outcome_parse (values[OPTION_OUTCOME], &step->outcome))
        return err_set (
            &cli->err, -EINVAL,
            _ ("--outcome is one of support, explain, not_support, answered"));
    if (step->step == STEP_CLOSE) {
        if (values[OPTION_REASON] == NULL ||
            !close_reason_parse (values[OPTION_REASON], &step->close_reason))
            return err_set (&cli->err, -EINVAL,
                            _ ("--reason is one of confirmed, call_back, window_unused, "
                               "contact_failed, diversion_arrived, answered"));
        step->reason = values[OPTION_TEXT];
    } else {
        step->reason = values[OPTION_REASON];
        step->text = values[OPTION_TEXT];
    }
    step->legal_basis = values[OPTION_BASIS];
    return 0;
}

/* A desk has one key and several workers, and the course notes who did it. */
static int check_person (struct cli *cli, uint32_t department)
{
    const struct rules *rules = cli->person == 0 ? cli_rules (cli) : NULL;
    struct buffer workers = { 0 };
    size_t at = 0;
    int32_t day = civil_day (cli_now_ms ());
    if (rules == NULL)
        return 0; /* routing decides */
    for (const struct officer *officer;
         (officer = officer_next (rules, department, 0, day, &at)) != NULL;) {
        const char *one =
            arena_format (&cli->arena, "  %u %s", officer->number, officer->name);
        if (workers.size == 0 ||
            memmem (workers.data, workers.size, one, strlen (one)) == NULL)
            buffer_append (&workers, one, strlen (one));
    }
    buffer_append (&workers, "", 1);
    err_set (&cli->err, -EINVAL, _ ("say which worker acts: --person N, one of%s"),
             (const char *) workers.data);
    buffer_done (&workers);
    return cli->err.code;
}

static int take_step (struct cli *cli, struct session *session, uint32_t department,
                      size_t verb, const struct cli_arguments *arguments)
{
    struct step_command step = { .step = verbs[verb].step };
    if (cli_number (cli, arguments->rest[2], &step.number) < 0 ||
        check_person (cli, department) < 0 ||
        check_options (cli, arguments, step.step) < 0 || fill (cli, arguments, &step) < 0)
        return cli_fail_err (cli);
    if (arguments->values[OPTION_FENCING] != NULL) {
        if (cli_unsigned (cli, "--fencing", arguments->values[OPTION_FENCING], UINT64_MAX,
                          &step.fencing) < 0)
            return cli_fail_err (cli);
    } else if (verbs[verb].is_holders &&
               step_fencing (session, step.number, &step.fencing) < 0) {
        return cli_fail_err (cli);
    }
    return step_say (session, &step);
}

static int desk (struct cli *cli, struct session *session, uint32_t department,
                 const struct cli_arguments *arguments)
{
    const char *verb = arguments->n_rest > 1 ? arguments->rest[1] : "list";
    bool has_number = arguments->n_rest > 2;
    if (strcmp (verb, "list") == 0 && !has_number)
        return list (cli, session, department, arguments);
    if (strcmp (verb, "follow") == 0 && !has_number)
        return follow (cli, session, department, arguments);
    if (strcmp (verb, "show") == 0 && has_number)
        return show (cli, session, department, arguments->rest[2]);
    for (size_t i = 0; i < ARRAY_SIZE (verbs); i++) {
        if (strcmp (verb, verbs[i].verb) != 0)
            continue;
        if (!has_number)
            return cli_fail (cli, EX_USAGE, _ ("%s which? minqing desk %u %s NUMBER"),
                             verb, department, verb);
        return take_step (cli, session, department, i, arguments);
    }
    return cli_fail (cli, EX_USAGE, _ ("no verb \"%s\"; see minqing desk --help"), verb);
}

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    int rc = EX_OK;
    uint32_t department;
    if (cli_department (cli, arguments->rest[0], &department) < 0)
        return cli_fail_err (cli);
    struct session *session;
    const char *name = arena_format (&cli->arena, "desk-%u", department);
    if (session_open (cli, name, &session) < 0)
        return cli_fail_err (cli);
    rc = desk (cli, session, department, arguments);
    session_close (&session);
    return rc;
}

const struct cli_command subcommand_desk = {
    .name = "desk",
    .arguments = "DEPARTMENT [VERB [NUMBER]]",
    .summary = N_ ("a department's desk: list, follow, claim, accept, decide, close …"),
    .example = "minqing desk 11\n"
               "minqing desk 11 claim  20261123-00101-00034-X --person 1131\n"
               "minqing desk 11 accept 20261123-00101-00034-X --person 1131\n"
               "minqing desk 11 decide 20261123-00101-00034-X --person 1131 \\\n"
               "    --outcome support --text '补偿款三日内打卡。' --basis "
               "'土地管理法第四十八条'",
    .description = N_ (
        "Verbs: list, follow, show; claim, assign, accept, object, transfer, hand-back,\n"
        "decide, serve, done, close, opinion, divert. DEPARTMENT is a number or a name."),
    .options = options,
    .min = 1,
    .max = 3,
    .run = run,
};
