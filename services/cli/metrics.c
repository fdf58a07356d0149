/* SPDX-License-Identifier: Apache-2.0 */
/* minqing metrics: what the daemons count, as the text that Prometheus reads. */
#include "cli/cli.h"
#include "cli/session.h"

#include "wire/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const enum speaker speakers[] = { SPEAKER_INTAKE, SPEAKER_ROUTING,
                                         SPEAKER_ESCALATION, SPEAKER_NOTIFICATION };

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
