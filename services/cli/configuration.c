/* SPDX-License-Identifier: Apache-2.0 */
/* minqing config check: configuration and tables read whole, as the daemons would. */
#include "cli/cli.h"

#include "base/file.h"
#include "clients/clients.h"
#include "rules/rules.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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
