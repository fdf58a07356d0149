/* SPDX-License-Identifier: Apache-2.0 */
/* minqing desk: a department's desk. One verb a step of the course, and 'follow', which
 * subscribes with a credit and shows what is offered as it comes. */
#include "cli/act.h"
#include "cli/cli.h"
#include "cli/course.h"
#include "cli/seal.h"
#include "cli/session.h"
#include "cli/step.h"

#include "wire/wire.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
    OPTION_TO,
    OPTION_BY,
    OPTION_WHOM,
    OPTION_FENCING,
    OPTION_OUTCOME,
    OPTION_REASON,
    OPTION_GROUND,
    OPTION_TEXT,
    OPTION_BASIS,
    OPTION_MEANS,
    OPTION_RESULT,
    OPTION_AT,
    OPTION_LEAD,
    OPTION_PURPOSE,
    OPTION_CATEGORY,
    OPTION_LEVEL,
    OPTION_PERSONS,
    OPTION_HELD,
    OPTION_LIMIT,
    OPTION_CREDIT,
    OPTION_COUNT,
};
static const struct cli_option options[] = {
    [OPTION_TO] = { "to", N_ ("WHO"),
                    N_ ("assign, transfer: the worker's number; serve: to whom it was "
                        "handed") },
    [OPTION_BY] = { "by", N_ ("N"), N_ ("serve: who handed it over [who acts]") },
    [OPTION_WHOM] = { "whom", N_ ("N"), N_ ("recuse: who has an interest") },
    [OPTION_FENCING] = { "fencing", N_ ("N"), N_ ("from the claim [asked at routing]") },
    [OPTION_OUTCOME] = { "outcome", N_ ("WORD"),
                         N_ ("decide: support, explain, not_support, answered") },
    [OPTION_REASON] = { "reason", N_ ("TEXT"),
                        N_ ("why; close: call_back, window_unused, contact_failed, "
                            "diversion_arrived, statutory_answered") },
    [OPTION_GROUND] = { "ground", N_ ("WORD"),
                        N_ ("refuse, divert, link, repurpose, close: of the closed "
                            "list") },
    [OPTION_TEXT] = { "text", N_ ("TEXT"),
                      N_ ("decide, opinion, agree: the text; serve, contact: a note; "
                          "close: the record") },
    [OPTION_BASIS] = { "basis", N_ ("TEXT"), N_ ("decide: the legal basis") },
    [OPTION_MEANS] = { "means", N_ ("WORD"),
                       N_ ("serve, contact: in_person, post, left, electronic, "
                           "announced, telephone, message") },
    [OPTION_RESULT] = { "result", N_ ("WORD"),
                        N_ ("contact: not_reached, confirms, disputes") },
    [OPTION_AT] = { "at", N_ ("TIME"),
                    N_ ("serve, contact, went-up: when, \"2026-11-23 10:20:30\" [now]") },
    [OPTION_LEAD] = { "lead", N_ ("NUMBER"),
                      N_ ("link: the lead of the group; refuse, ground final: the "
                          "final one") },
    [OPTION_PURPOSE] = { "purpose", N_ ("WORD"), N_ ("repurpose: the right one") },
    [OPTION_CATEGORY] = { "category", N_ ("PATH"), N_ ("categorise: the right one") },
    [OPTION_LEVEL] = { "level", N_ ("WORD"),
                       N_ ("went-up: county, city, province, capital") },
    [OPTION_PERSONS] = { "persons", N_ ("N"), N_ ("went-up: how many [1]") },
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
        for (struct bytes frame; rc == 0 && line_next (line, &frame);)
            rc = take_offers (session, frame, &shown);
        if (rc == 0 && shown < limit && line_wait (&line, 1, &asked, 1, -1) < 0)
            break;
    }
    if (asked.fd >= 0)
        close (asked.fd);
    return rc < 0 ? cli_fail_err (cli) : EX_OK;
}

/* ---- steps ------------------------------------------------------------------------- */

static const struct act_verb verbs[] = {
    { "claim", STEP_CLAIM, ACT_BY_ANYBODY },
    { "assign", STEP_ASSIGN, ACT_BY_ANYBODY },
    { "accept", STEP_ACCEPT, ACT_BY_HOLDER },
    { "refuse", STEP_REFUSE, ACT_BY_HOLDER },
    { "object", STEP_OBJECT, ACT_BY_HOLDER },
    { "transfer", STEP_TRANSFER, ACT_BY_HOLDER },
    { "hand-back", STEP_HAND_BACK, ACT_BY_HOLDER },
    { "extend", STEP_EXTEND, ACT_BY_HOLDER },
    { "mediate", STEP_MEDIATE, ACT_BY_HOLDER },
    { "end-mediation", STEP_END_MEDIATION, ACT_BY_HOLDER },
    { "agree", STEP_AGREE, ACT_BY_HOLDER },
    { "decide", STEP_DECIDE, ACT_BY_HOLDER },
    { "serve", STEP_SERVE, ACT_BY_HOLDER },
    { "done", STEP_CLAIM_DONE, ACT_BY_HOLDER },
    { "contact", STEP_CONTACT, ACT_BY_ANYBODY },
    { "close", STEP_CLOSE, ACT_BY_HOLDER },
    { "opinion", STEP_OPINION, ACT_BY_ANYBODY },
    { "divert", STEP_DIVERT, ACT_BY_HOLDER },
    { "link", STEP_LINK, ACT_BY_HOLDER_OR_HEAD },
    { "repurpose", STEP_REPURPOSE, ACT_BY_HOLDER_OR_HEAD },
    { "categorise", STEP_CATEGORISE, ACT_BY_HOLDER_OR_HEAD },
    { "recuse", STEP_RECUSE, ACT_BY_ANYBODY },
    { "hear", STEP_HEAR, ACT_BY_HOLDER },
    { "end-hearing", STEP_END_HEARING, ACT_BY_HOLDER },
    { "went-up", STEP_WENT_UP, ACT_BY_ANYBODY },
    { NULL, STEP_NONE, ACT_BY_ANYBODY },
};

static int take_step (struct cli *cli, struct session *session, uint32_t department,
                      const struct act_verb *verb, const struct cli_arguments *arguments)
{
    struct step_command step = { .step = verb->step };
    if (cli_number (cli, arguments->rest[2], &step.number) < 0 ||
        act_check_person (cli, department,
                          verb->step == STEP_ASSIGN ? ACT_WHO_LEADS : ACT_WHO_WORKS) <
            0 ||
        act_fill (cli, options, arguments, &step) < 0 ||
        (verb->by != ACT_BY_ANYBODY && step.fencing == 0 &&
         step_fencing (session, verb->by, step.number, &step.fencing) < 0))
        return cli_fail_err (cli);
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
    const struct act_verb *step = act_verb_find (verbs, verb);
    if (step == NULL)
        return cli_fail (cli, EX_USAGE, _ ("no verb \"%s\"; see minqing desk --help"),
                         verb);
    if (!has_number)
        return cli_fail (cli, EX_USAGE, _ ("%s which? minqing desk %u %s NUMBER"), verb,
                         department, verb);
    return take_step (cli, session, department, step, arguments);
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
               "'土地管理法第四十八条'\n"
               "minqing desk 11 serve  20261123-00101-00034-X --person 1131 \\\n"
               "    --means in_person --to 王某",
    .description = N_ (
        "Verbs: list, follow, show; claim, assign, accept, refuse, object, transfer,\n"
        "hand-back, extend, mediate, end-mediation, agree, decide, serve, done, "
        "contact,\n"
        "close, opinion, divert, link, repurpose, categorise, recuse, hear, "
        "end-hearing,\n"
        "went-up. DEPARTMENT is a number or a name.\n\n"
        "refuse, extend, divert, link, repurpose and a closing for failed contacts wait "
        "for a\nsecond person: see minqing approve. Grounds (--ground):\n"
        "  refuse     procedure_runs, procedure_ended, in_hand, no_petition, unclear, "
        "final\n"
        "  divert     court, arbitration, administrative_review, statutory_duty,\n"
        "             other_procedure\n"
        "  link       repeated, same_matter\n"
        "  repurpose  asks_only, proposes_only, claims\n"
        "  close      no_answer, gone, declines"),
    .options = options,
    .min = 1,
    .max = 3,
    .run = run,
};
