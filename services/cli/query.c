/* SPDX-License-Identifier: Apache-2.0 */
/* minqing query: the whole course of one grievance, as it stands, whoever it lies with. */
#include "cli/cli.h"
#include "cli/course.h"
#include "cli/session.h"

#include "base/number.h"

#include <stdio.h>

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    int rc = EX_OK;
    struct course_query course = { 0 };
    char code[QUERY_CODE_TEXT_SIZE];
    if (cli_number (cli, arguments->rest[0], &course.number) < 0)
        return cli_fail_err (cli);
    if (arguments->n_rest == 2) {
        if (query_code_parse (arguments->rest[1], code, &cli->err) < 0)
            return cli_fail_err (cli);
        course.query_code = code;
    }
    struct session *session;
    if (session_open (cli, NULL, &session) < 0)
        return cli_fail_err (cli);
    struct query query = { .course = &course };
    struct reply reply;
    if (session_query (session, SPEAKER_INTAKE, &query, &reply) < 0) {
        rc = cli_fail_err (cli);
        if (rc == EX_NOINPUT && course.query_code == NULL)
            cli_say (cli, _ ("By the number alone only the terminal that filed it sees "
                             "it, and an accusation nobody: add the query code."));
    } else if (reply.course != NULL) {
        course_print (cli, reply.course);
    }
    session_close (&session);
    return rc;
}

const struct cli_command subcommand_query = {
    .name = "query",
    .arguments = "NUMBER [CODE]",
    .summary = N_ ("show the whole course of a grievance"),
    .example = "minqing query 20261123-00101-00034-X 7QF4M2TD",
    .description =
        N_ ("With number and code from any terminal; by the number alone at the "
            "terminal that filed it."),
    .min = 1,
    .max = 2,
    .run = run,
};
