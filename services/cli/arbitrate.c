/* SPDX-License-Identifier: Apache-2.0 */
/* minqing arbitrate and minqing assign: whose it is, said by who stands above those who
 * contest it; and who of a department has it, said by its head. */
#include "cli/act.h"
#include "cli/cli.h"
#include "cli/course.h"
#include "cli/queues.h"
#include "cli/session.h"
#include "cli/step.h"

#include <stdio.h>

/* ---- arbitrate --------------------------------------------------------------------- */

enum { OPTION_REASON };
static const struct cli_option arbitrate_options[] = {
    [OPTION_REASON] = { "reason", N_ ("TEXT"), N_ ("why this department") },
    { NULL, NULL, NULL },
};

#define ARBITER "--as desk-51 --person 5102"

static int list (struct cli *cli, struct session *session)
{
    struct buffer rows = { 0 };
    if (queues_contested (session, &rows) < 0) {
        buffer_done (&rows);
        return cli_fail_err (cli);
    }
    size_t n_rows = rows.size / sizeof (struct row);
    rows_print (cli, (const struct row *) (const void *) rows.data, n_rows, true);
    buffer_done (&rows);
    if (n_rows == 0)
        cli_say (cli, _ ("nothing waits for an arbiter"));
    return EX_OK;
}

static int name_department (struct cli *cli, struct session *session,
                            const struct cli_arguments *arguments)
{
    struct step_command step = { .step = STEP_ARBITRATE };
    if (cli_number (cli, arguments->rest[0], &step.number) < 0 ||
        cli_department (cli, arguments->rest[1], &step.department) < 0 ||
        act_fill (cli, arbitrate_options, arguments, &step) < 0)
        return cli_fail_err (cli);
    if (cli->person == 0)
        return cli_fail (cli, EX_USAGE, _ ("say who acts: --person N"));
    return step_say (session, &step);
}

static int run_arbitrate (struct cli *cli, const struct cli_arguments *arguments)
{
    struct session *session;
    if (act_check_key (cli, ARBITER) < 0)
        return cli_fail (cli, EX_USAGE, "%s", cli->err.text);
    if (arguments->n_rest == 1)
        return cli_fail (cli, EX_USAGE,
                         _ ("to which department? minqing arbitrate "
                            "NUMBER DEPARTMENT"));
    if (session_open (cli, NULL, &session) < 0)
        return cli_fail_err (cli);
    int rc = arguments->n_rest == 0 ? list (cli, session)
                                    : name_department (cli, session, arguments);
    session_close (&session);
    return rc;
}

const struct cli_command subcommand_arbitrate = {
    .name = "arbitrate",
    .arguments = "[NUMBER DEPARTMENT]",
    .summary = N_ ("the arbiter: what is contested; name the department (article 24)"),
    .example = "minqing arbitrate --as desk-51\n"
               "minqing arbitrate 20261123-00101-00034-X 12 " ARBITER " \\\n"
               "    --reason '征迁补偿由征迁办负责'",
    .description = N_ (
        "A second objection brings a grievance here by itself: to the common superior "
        "of\nthose who objected. Its head, its arbiter or a leader of it names the "
        "department."),
    .options = arbitrate_options,
    .max = 2,
    .run = run_arbitrate,
};

/* ---- assign ------------------------------------------------------------------------ */

enum { OPTION_TO, OPTION_WHY };
static const struct cli_option assign_options[] = {
    [OPTION_TO] = { "to", N_ ("N"), N_ ("the worker's number") },
    [OPTION_WHY] = { "reason", N_ ("TEXT"), N_ ("why") },
    { NULL, NULL, NULL },
};

#define HEAD "--as desk-11 --person 1111"

static int run_assign (struct cli *cli, const struct cli_arguments *arguments)
{
    struct step_command step = { .step = STEP_ASSIGN };
    struct session *session;
    if (act_check_key (cli, HEAD) < 0 ||
        cli_number (cli, arguments->rest[0], &step.number) < 0 ||
        act_fill (cli, assign_options, arguments, &step) < 0)
        return cli_fail (cli, EX_USAGE, "%s", cli->err.text);
    if (session_open (cli, NULL, &session) < 0)
        return cli_fail_err (cli);
    int rc = step_say (session, &step);
    session_close (&session);
    return rc;
}

const struct cli_command subcommand_assign = {
    .name = "assign",
    .arguments = "NUMBER",
    .summary = N_ ("the head gives a grievance to a worker"),
    .example = "minqing assign 20261123-00101-00034-X --to 1131 " HEAD,
    .options = assign_options,
    .min = 1,
    .max = 1,
    .run = run_assign,
};
