/* SPDX-License-Identifier: Apache-2.0 */
/* minqing dispatch: the dispatcher's table. What no rule could place, with candidates and
 * why; a department named with a reason; many at once from a file or another program. */
#include "cli/act.h"
#include "cli/cli.h"
#include "cli/course.h"
#include "cli/rows.h"
#include "cli/session.h"
#include "cli/step.h"

#include "wire/limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_REASON,
    OPTION_ASSISTING,
    OPTION_TASK,
    OPTION_GROUND,
    OPTION_TEXT,
    OPTION_LEAD,
    OPTION_PURPOSE,
    OPTION_CATEGORY,
    OPTION_LEVEL,
    OPTION_PERSONS,
    OPTION_AT,
    OPTION_MEANS,
    OPTION_TO,
    OPTION_BY,
    OPTION_LIMIT,
    OPTION_BATCH,
    OPTION_COUNT,
};
static const struct cli_option options[] = {
    [OPTION_REASON] = { "reason", N_ ("TEXT"),
                        N_ ("why; close: diversion_arrived, statutory_answered") },
    [OPTION_ASSISTING] = { "assisting", N_ ("LIST"),
                           N_ ("departments that assist, by number or name, with "
                               "commas") },
    [OPTION_TASK] = { "task", N_ ("TEXT"), N_ ("what the assisting ones are to do") },
    [OPTION_GROUND] = { "ground", N_ ("WORD"),
                        N_ ("refuse, divert, link, repurpose: of the closed list") },
    [OPTION_TEXT] = { "text", N_ ("TEXT"), N_ ("close: the record") },
    [OPTION_LEAD] = { "lead", N_ ("NUMBER"),
                      N_ ("link: the lead of the group; refuse, ground final: the "
                          "final one") },
    [OPTION_PURPOSE] = { "purpose", N_ ("WORD"), N_ ("repurpose: the right one") },
    [OPTION_CATEGORY] = { "category", N_ ("PATH"), N_ ("categorise: the right one") },
    [OPTION_LEVEL] = { "level", N_ ("WORD"),
                       N_ ("went-up: county, city, province, capital") },
    [OPTION_PERSONS] = { "persons", N_ ("N"), N_ ("went-up: how many [1]") },
    [OPTION_AT] = { "at", N_ ("TIME"),
                    N_ ("serve, went-up: when, \"2026-11-23 10:20:30\" [now]") },
    [OPTION_MEANS] = { "means", N_ ("WORD"),
                       N_ ("serve: in_person, post, left, electronic, announced") },
    [OPTION_TO] = { "to", N_ ("WHO"), N_ ("serve: to whom it was handed") },
    [OPTION_BY] = { "by", N_ ("N"), N_ ("serve: who handed it over [who acts]") },
    [OPTION_LIMIT] = { "limit", N_ ("N"), N_ ("list: at most so many [50; 0: all]") },
    [OPTION_BATCH] = { "batch", N_ ("FILE"),
                       N_ ("JSON lines or CSV with number, department, reason; '-': "
                           "stdin") },
    [OPTION_COUNT] = { NULL, NULL, NULL },
};

/* What a dispatcher does beside naming a department. Nothing of it is a holder's. */
static const struct act_verb verbs[] = {
    { "refuse", STEP_REFUSE, ACT_BY_ANYBODY },
    { "divert", STEP_DIVERT, ACT_BY_ANYBODY },
    { "link", STEP_LINK, ACT_BY_ANYBODY },
    { "repurpose", STEP_REPURPOSE, ACT_BY_ANYBODY },
    { "categorise", STEP_CATEGORISE, ACT_BY_ANYBODY },
    { "went-up", STEP_WENT_UP, ACT_BY_ANYBODY },
    { "serve", STEP_SERVE, ACT_BY_ANYBODY },
    { "close", STEP_CLOSE, ACT_BY_ANYBODY },
    { NULL, STEP_NONE, ACT_BY_ANYBODY },
};

static int parse_assisting (struct cli *cli, const char *list, struct step_command *step)
{
    if (list == NULL || list[0] == '\0')
        return 0;
    step->assisting = ARENA_ARRAY (&cli->arena, uint32_t, LIMIT_ASSISTING);
    char *rest = arena_text (&cli->arena, list);
    for (char *one; (one = strsep (&rest, ",;")) != NULL;) {
        if (step->n_assisting == LIMIT_ASSISTING)
            return err_set (&cli->err, -EINVAL, _ ("more than %d assisting departments"),
                            LIMIT_ASSISTING);
        if (cli_department (cli, one, &step->assisting[step->n_assisting]) < 0)
            return cli->err.code;
        step->n_assisting++;
    }
    return 0;
}

static int parse_step (struct cli *cli, const char *number, const char *department,
                       const char *reason, const char *assisting,
                       struct step_command *step)
{
    *step = (struct step_command){ .step = STEP_DISPATCH };
    step->reason =
        reason != NULL && reason[0] != '\0' ? arena_text (&cli->arena, reason) : NULL;
    int rc = cli_number (cli, number, &step->number);
    if (rc == 0)
        rc = cli_department (cli, department, &step->department);
    if (rc == 0)
        rc = parse_assisting (cli, assisting, step);
    return rc;
}

/* Everything is read and checked before the first is said: a slip of the pen in line 900
 * dispatches nothing. */
static int batch (struct cli *cli, struct session *session, const char *file)
{
    static const char *const number[] = { "number", NULL };
    static const char *const department[] = { "department", NULL };
    static const char *const reason[] = { "reason", NULL };
    static const char *const assisting[] = { "assisting", NULL };
    struct rows *rows;
    if (rows_open (file, &rows, &cli->err) < 0)
        return cli_fail_err (cli);
    struct buffer steps = { 0 };
    size_t wrong = 0;
    int rc;
    while ((rc = rows_next (rows, &cli->err)) > 0) {
        struct step_command step;
        /* A cell lives until the next is asked for in JSON numbers: copy each. */
        const char *said[4];
        const char *const *names[] = { number, department, reason, assisting };
        for (size_t i = 0; i < ARRAY_SIZE (said); i++)
            said[i] = arena_text (&cli->arena, rows_cell (rows, names[i]));
        if (parse_step (cli, said[0], said[1], said[2], said[3], &step) == 0) {
            buffer_append (&steps, &step, sizeof step);
            continue;
        }
        wrong++;
        fprintf (stderr, "%s:%llu: %s\n", file, (unsigned long long) rows_at (rows),
                 cli->err.text);
    }
    int code;
    if (rc < 0)
        cli_fail_err (cli);
    if (rc < 0 || wrong > 0)
        code =
            cli_fail (cli, EX_DATAERR,
                      _ ("nothing was dispatched: correct %s and give it again"), file);
    else
        code = steps_say (session, (struct step_command *) (void *) steps.data,
                          steps.size / sizeof (struct step_command));
    buffer_done (&steps);
    rows_close (&rows);
    return code;
}

static int list (struct cli *cli, struct session *session, const char *limit_text)
{
    uint64_t limit = 50;
    if (limit_text != NULL &&
        cli_unsigned (cli, "--limit", limit_text, UINT32_MAX, &limit) < 0)
        return cli_fail_err (cli);
    struct queue_query queue = { .candidates = true };
    return queue_list (session, &queue, limit);
}

static int show (struct cli *cli, struct session *session, const char *text)
{
    struct item_query item = { 0 };
    struct query query = { .item = &item };
    struct reply reply;
    if (cli_number (cli, text, &item.number) < 0 ||
        session_query (session, SPEAKER_ROUTING, &query, &reply) < 0)
        return cli_fail_err (cli);
    if (reply.item != NULL)
        item_print (cli, reply.item);
    return EX_OK;
}

static int dispatch_one (struct cli *cli, struct session *session,
                         const struct cli_arguments *arguments)
{
    struct step_command step;
    if (parse_step (cli, arguments->rest[0], arguments->rest[1],
                    arguments->values[OPTION_REASON], arguments->values[OPTION_ASSISTING],
                    &step) < 0)
        return cli_fail_err (cli);
    step.text = arguments->values[OPTION_TASK];
    return step_say (session, &step);
}

static int take_step (struct cli *cli, struct session *session,
                      const struct act_verb *verb, const struct cli_arguments *arguments)
{
    struct step_command step = { .step = verb->step };
    if (arguments->n_rest != 2)
        return cli_fail (cli, EX_USAGE, _ ("%s which? minqing dispatch %s NUMBER"),
                         verb->name, verb->name);
    if (cli_number (cli, arguments->rest[1], &step.number) < 0 ||
        act_fill (cli, options, arguments, &step) < 0)
        return cli_fail_err (cli);
    return step_say (session, &step);
}

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    int rc = EX_OK;
    const struct act_verb *verb =
        arguments->n_rest > 0 ? act_verb_find (verbs, arguments->rest[0]) : NULL;
    struct session *session;
    if (session_open (cli, "dispatcher", &session) < 0)
        return cli_fail_err (cli);
    if (arguments->values[OPTION_BATCH] != NULL)
        rc = batch (cli, session, arguments->values[OPTION_BATCH]);
    else if (verb != NULL)
        rc = take_step (cli, session, verb, arguments);
    else if (arguments->n_rest == 0)
        rc = list (cli, session, arguments->values[OPTION_LIMIT]);
    else if (arguments->n_rest == 1)
        rc = show (cli, session, arguments->rest[0]);
    else
        rc = dispatch_one (cli, session, arguments);
    session_close (&session);
    return rc;
}

const struct cli_command subcommand_dispatch = {
    .name = "dispatch",
    .arguments = "[NUMBER [DEPARTMENT] | VERB NUMBER]",
    .summary = N_ ("the dispatcher: what is undecided and why; name a department"),
    .example =
        "minqing dispatch\n"
        "minqing dispatch 20261123-00101-00034-X 28 --reason '路灯由执法大队管护'\n"
        "minqing dispatch refuse 20261123-00101-00034-X --ground procedure_runs \\\n"
        "    --reason '县法院已立案'\n"
        "minqing dispatch --json | my-rule | minqing dispatch --batch -",
    .description = N_ (
        "Without arguments lists the queue; with a number shows one; with a department\n"
        "dispatches it. Verbs: refuse, divert, link, repurpose, categorise, went-up, "
        "serve, close.\n\n"
        "refuse, divert, link and repurpose wait for a second person: see minqing "
        "approve.\nGrounds (--ground):\n"
        "  refuse     procedure_runs, procedure_ended, in_hand, no_petition, unclear, "
        "final\n"
        "  divert     court, arbitration, administrative_review, statutory_duty,\n"
        "             other_procedure\n"
        "  link       repeated, same_matter\n"
        "  repurpose  asks_only, proposes_only, claims"),
    .options = options,
    .max = 2,
    .run = run,
};
