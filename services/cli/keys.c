/* SPDX-License-Identifier: Apache-2.0 */
/* minqing keys: who may come in. A key file is all that a machine needs to become a
 * client: hand it over once, by hand, and never copy it. */
#include "cli/cli.h"
#include "cli/language.h"
#include "cli/place.h"
#include "cli/seal.h"

#include "base/file.h"
#include "clients/clients.h"
#include "link/keys.h"
#include "rules/rules.h"
#include "wire/names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { OPTION_NUMBER, OPTION_TERRITORY, OPTION_DEPARTMENT, OPTION_LABEL, OPTION_HOST };
static const struct cli_option options[] = {
    [OPTION_NUMBER] = { "number", N_ ("N"),
                        N_ ("number of the client; terminals: 1 to 99999") },
    [OPTION_TERRITORY] = { "territory", N_ ("CODE"),
                           N_ ("beginning of the village codes it may file for, or "
                               "answers for") },
    [OPTION_DEPARTMENT] = { "department", N_ ("D"),
                            N_ ("desks and leaders: of which department") },
    [OPTION_LABEL] = { "label", N_ ("TEXT"), N_ ("for people") },
    [OPTION_HOST] = { "host", N_ ("ADDRESS"),
                      N_ ("for another machine, which reaches this one so") },
    { NULL, NULL, NULL },
};

static int add (struct cli *cli, const struct cli_arguments *arguments)
{
    const char *const *values = arguments->values;
    struct new_client client = { .label = values[OPTION_LABEL],
                                 .host = values[OPTION_HOST] };
    uint64_t number = 0;
    if (!role_parse (arguments->rest[1], &client.role) || client.role == ROLE_DAEMON)
        return cli_fail (
            cli, EX_USAGE,
            _ ("\"%s\" is none of terminal, dispatcher, desk, leader, operator, keeper"),
            arguments->rest[1]);
    if ((values[OPTION_NUMBER] != NULL &&
         cli_unsigned (cli, "--number", values[OPTION_NUMBER], UINT32_MAX, &number) <
             0) ||
        (values[OPTION_TERRITORY] != NULL &&
         cli_unsigned (cli, "--territory", values[OPTION_TERRITORY],
                       UINT64_C (999999999999), &client.territory) < 0) ||
        (values[OPTION_DEPARTMENT] != NULL &&
         cli_department (cli, values[OPTION_DEPARTMENT], &client.department) < 0))
        return cli_fail_err (cli);
    if (client.role == ROLE_TERMINAL && number == 0)
        return cli_fail (cli, EX_USAGE, _ ("a terminal needs its number: --number 101"));
    if ((client.role == ROLE_DESK || client.role == ROLE_LEADER) &&
        client.department == 0)
        return cli_fail (cli, EX_USAGE, _ ("a %s needs its department: --department 11"),
                         arguments->rest[1]);
    client.number = (uint32_t) number;
    uint32_t tail = client.department != 0 ? client.department : client.number;
    client.name =
        tail == 0 ? role_name (client.role)
                  : arena_format (&cli->arena, "%s-%u", role_name (client.role), tail);
    if (client_add (cli, &client) < 0)
        return cli_fail_err (cli);
    printf ("%s/%s.key\n", config_get_text (cli_config (cli), "keys"), client.name);
    cli_say (cli,
             _ ("Hand the file to its machine. The daemons take it at their next reload "
                "(systemctl reload 'minqing-*', or kill -HUP)."));
    return EX_OK;
}

static void print_client (struct cli *cli, struct cli_table *table,
                          const struct client *client)
{
    char key[KEY_TEXT_SIZE];
    key_format (client->key, key);
    if (cli->json) {
        cli_json_line (json_pack ("{s:I, s:s, s:s, s:I, s:I, s:s}", "number",
                                  (json_int_t) client->number, "role",
                                  role_name (client->role), "key", key, "territory",
                                  (json_int_t) client->territory, "department",
                                  (json_int_t) client->department, "name", client->name));
        return;
    }
    cli_table_row (table);
    cli_table_cell (table, "%u", client->number);
    cli_table_cell (table, "%s", language_word (role, client->role));
    cli_table_cell (table, "%s", client->name);
    cli_table_cell (table, "%.0llu", (unsigned long long) client->territory);
    cli_table_cell (table, "%.0u", client->department);
    cli_table_cell (table, "%.16s…", key);
}

static int list (struct cli *cli)
{
    struct config *config = cli_config (cli);
    if (config == NULL)
        return cli_fail_err (cli);
    const char *path = config_get_text (config, "clients");
    struct buffer content = { 0 };
    if (file_read (path, CLI_FILE_MAX, &content, &cli->err) < 0)
        return cli_fail_err (cli);
    struct clients *clients;
    int rc = clients_parse (&clients, path, buffer_bytes (&content), cli_rules (cli),
                            &cli->err);
    buffer_done (&content);
    if (rc < 0)
        return cli_fail_err (cli);
    struct cli_table *table = cli_table_create ();
    cli_table_column (table, _ ("NUMBER"), CLI_RIGHT);
    cli_table_column (table, _ ("ROLE"), CLI_LEFT);
    cli_table_column (table, _ ("NAME"), CLI_LEFT);
    cli_table_column (table, _ ("TERRITORY"), CLI_LEFT);
    cli_table_column (table, _ ("DEPARTMENT"), CLI_LEFT);
    cli_table_column (table, _ ("KEY"), CLI_LEFT);
    for (size_t i = 0; i < clients_count (clients); i++)
        print_client (cli, table, clients_at (clients, i));
    cli_table_print (&table);
    clients_destroy (&clients);
    return EX_OK;
}

/* A key that nothing is sealed for would only look like safety. */
static int check_organ (struct cli *cli, uint32_t number)
{
    const struct rules *rules = cli_rules (cli);
    if (rules == NULL)
        return cli->err.code;
    const struct department *department = department_find (rules, number);
    if (department == NULL || (department->flags & DEPARTMENT_DISCIPLINE) != 0)
        return 0;
    return err_set (&cli->err, -EINVAL,
                    _ ("%u %s takes no accusations: departments.tsv does not call it a "
                       "discipline organ"),
                    number, department->name);
}

static int seal (struct cli *cli, const char *text)
{
    uint32_t department;
    if (cli_department (cli, text, &department) < 0 ||
        check_organ (cli, department) < 0 || seal_make (cli, department) < 0)
        return cli_fail_err (cli);
    cli_say (cli,
             _ ("Its public half stands in departments.tsv; take the secret file to the "
                "organ's desk and reload the daemons."));
    return EX_OK;
}

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    const char *verb = arguments->n_rest > 0 ? arguments->rest[0] : "list";
    if (strcmp (verb, "list") == 0 && arguments->n_rest <= 1)
        return list (cli);
    if (strcmp (verb, "init") == 0 && arguments->n_rest == 1)
        return clients_init (cli) < 0 ? cli_fail_err (cli) : EX_OK;
    if (strcmp (verb, "add") == 0 && arguments->n_rest == 2)
        return add (cli, arguments);
    if (strcmp (verb, "seal") == 0 && arguments->n_rest == 2)
        return seal (cli, arguments->rest[1]);
    return cli_fail (
        cli, EX_USAGE,
        _ ("minqing keys list | init | add ROLE | seal DEPARTMENT; see --help"));
}

const struct cli_command subcommand_keys = {
    .name = "keys",
    .arguments = "[list | init | add ROLE | seal DEPARTMENT]",
    .summary = N_ ("who may come in: list clients, make keys"),
    .example = "minqing keys add terminal --number 113 --territory 340522100201\n"
               "minqing keys add desk --department 11",
    .description =
        N_ ("'init' makes the keys of the four daemons, the operator, the dispatcher and "
            "the keeper (of backups) where they are missing; 'seal' makes the key that "
            "accusations "
            "are sealed for."),
    .options = options,
    .max = 2,
    .run = run,
};
