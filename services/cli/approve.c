/* SPDX-License-Identifier: Apache-2.0 */
/* minqing approve: the second person. Whatever ends a grievance without an answer on the
 * merits, or makes the petitioner wait longer, is proposed by one and decided by another;
 * of a withdrawal the second person confirms that it is the petitioner's own will. */
#include "cli/act.h"
#include "cli/cli.h"
#include "cli/language.h"
#include "cli/queues.h"
#include "cli/session.h"
#include "cli/step.h"

#include "base/civil.h"
#include "base/number.h"
#include "wire/names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { OPTION_REJECT, OPTION_REASON, OPTION_TEXT };
static const struct cli_option options[] = {
    [OPTION_REJECT] = { "reject", NULL, N_ ("it does not happen; needs --reason") },
    [OPTION_REASON] = { "reason", N_ ("TEXT"), N_ ("why") },
    [OPTION_TEXT] = { "text", N_ ("TEXT"),
                      N_ ("record, such as of the call to who withdraws") },
    { NULL, NULL, NULL },
};

#define WHO "--as desk-11 --person 1111"

/* ---- what waits -------------------------------------------------------------------- */

/* Who proposed it and why; an empty one where this key may not see so much. */
static struct proposal proposal_of (struct session *session, const struct row *row)
{
    struct item_query item = { .number = row->number };
    struct query query = { .item = &item };
    struct reply reply;
    if (session_query (session, SPEAKER_ROUTING, &query, &reply) == 0 &&
        reply.item != NULL && reply.item->proposal != NULL)
        return *reply.item->proposal;
    return (struct proposal){ .step = row->proposed };
}

static void proposal_print (struct cli *cli, struct cli_table *table,
                            const struct row *row, const struct proposal *proposal)
{
    char number[NUMBER_TEXT_SIZE], since[CIVIL_TIME_SIZE] = "";
    const char *who = proposal->person != 0 ? cli_person_name (cli, proposal->person)
                                            : _ ("petitioner");
    number_format (row->number, number);
    if (cli->json) {
        cli_json_line (json_pack (
            "{s:s, s:s, s:s, s:I, s:s, s:I, s:I, s:s*}", "number", number, "step",
            step_name (row->proposed), "state", state_name (row->state), "department",
            (json_int_t) row->department, "ground", ground_name (proposal->ground),
            "person", (json_int_t) proposal->person, "time_ms",
            (json_int_t) proposal->time_ms, "reason", proposal->reason));
        return;
    }
    if (proposal->time_ms != 0)
        civil_format_time (proposal->time_ms, since);
    cli_table_row (table);
    cli_table_cell (table, "%s", number);
    cli_table_cell (table, "%s", cli_words (cli, language_word (step, row->proposed)));
    cli_table_cell (table, "%s",
                    proposal->ground == GROUND_NONE
                        ? ""
                        : cli_words (cli, language_word (ground, proposal->ground)));
    cli_table_cell (table, "%s", proposal->time_ms == 0 ? "" : who);
    cli_table_cell (table, "%s", since);
    cli_table_cell (table, "%s", cli_department_name (cli, row->department));
    cli_table_cell (table, "%s", proposal->reason != NULL ? proposal->reason : "");
}

static int list (struct cli *cli, struct session *session)
{
    struct buffer rows = { 0 };
    if (queues_proposed (session, &rows) < 0) {
        buffer_done (&rows);
        return cli_fail_err (cli);
    }
    const struct row *row = (const struct row *) (const void *) rows.data;
    size_t n_rows = rows.size / sizeof *row;
    struct cli_table *table = cli_table_create ();
    const char *titles[] = { _ ("NUMBER"), _ ("PROPOSED"), _ ("GROUND"), _ ("BY"),
                             _ ("SINCE"),  _ ("WITH"),     _ ("WHY") };
    for (size_t i = 0; i < ARRAY_SIZE (titles); i++)
        cli_table_column (table, titles[i],
                          i + 1 == ARRAY_SIZE (titles) ? CLI_CUT : CLI_LEFT);
    for (size_t i = 0; i < n_rows; i++) {
        struct proposal proposal = proposal_of (session, &row[i]);
        proposal_print (cli, table, &row[i], &proposal);
    }
    cli_table_print (&table);
    buffer_done (&rows);
    if (n_rows == 0)
        cli_say (cli, _ ("nothing waits for a second person"));
    return EX_OK;
}

/* ---- the decision ------------------------------------------------------------------ */

static int check_person (struct cli *cli, struct session *session)
{
    struct standing standing;
    if (cli->person != 0)
        return 0;
    int rc = queues_standing (session, SPEAKER_ROUTING, &standing);
    if (rc == 0 && standing.department != 0)
        return act_check_person (cli, standing.department, ACT_WHO_LEADS);
    return rc < 0 ? rc : err_set (&cli->err, -EINVAL, _ ("say who acts: --person N"));
}

static int decide (struct cli *cli, struct session *session,
                   const struct cli_arguments *arguments)
{
    bool rejects = arguments->values[OPTION_REJECT] != NULL;
    struct step_command step = { .step = rejects ? STEP_REJECT : STEP_APPROVE };
    if (rejects && arguments->values[OPTION_REASON] == NULL)
        return cli_fail (cli, EX_USAGE, _ ("why not? --reason TEXT"));
    if (cli_number (cli, arguments->rest[0], &step.number) < 0 ||
        check_person (cli, session) < 0 || act_fill (cli, options, arguments, &step) < 0)
        return cli_fail_err (cli);
    return step_say (session, &step);
}

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    struct session *session;
    if (act_check_key (cli, WHO) < 0)
        return cli_fail (cli, EX_USAGE, "%s", cli->err.text);
    if (session_open (cli, NULL, &session) < 0)
        return cli_fail_err (cli);
    int rc =
        arguments->n_rest == 0 ? list (cli, session) : decide (cli, session, arguments);
    session_close (&session);
    return rc;
}

const struct cli_command subcommand_approve = {
    .name = "approve",
    .arguments = "[NUMBER]",
    .summary = N_ ("the second person: what waits for one; approve or reject it"),
    .example =
        "minqing approve --as desk-11\n"
        "minqing approve 20261123-00101-00034-X " WHO "\n"
        "minqing approve 20261123-00101-00034-X " WHO " --reject --reason '应当受理'",
    .description = N_ (
        "What one has proposed happens when another, the head of the department or a "
        "leader\nof the territory, approves it: not accepted, diverted, linked, another "
        "purpose,\nextended, closed after failed contacts, withdrawn."),
    .options = options,
    .max = 1,
    .run = run,
};
