/* SPDX-License-Identifier: Apache-2.0 */
/* The command: its subcommands, how it speaks and fails. */
#include "cli/cli.h"

#include "cli/arguments.h"
#include "cli/language.h"

#include "rules/rules.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CONFIG_DEFAULT "/etc/minqing/minqing.conf"

static const struct cli_command *const commands[] = {
    &subcommand_up,         &subcommand_demo,     &subcommand_submit,
    &subcommand_supplement, &subcommand_query,    &subcommand_withdraw,
    &subcommand_confirm,    &subcommand_rate,     &subcommand_dispute,
    &subcommand_review,     &subcommand_terminal, &subcommand_replay,
    &subcommand_dispatch,   &subcommand_desk,     &subcommand_approve,
    &subcommand_arbitrate,  &subcommand_assign,   &subcommand_raises,
    &subcommand_supervise,  &subcommand_document, &subcommand_notices,
    &subcommand_queue,      &subcommand_rates,    &subcommand_route,
    &subcommand_deadline,   &subcommand_journal,  &subcommand_verify,
    &subcommand_check,      &subcommand_config,   &subcommand_backup,
    &subcommand_restore,    &subcommand_keys,     &subcommand_metrics,
    &subcommand_scrub,      &subcommand_rebuild,  &subcommand_bench,
};

/* ---- saying ---------------------------------------------------------------------- */

int cli_fail (struct cli *cli, int exit_code, const char *format, ...)
{
    char text[ERR_TEXT_SIZE];
    va_list args;
    va_start (args, format);
    vsnprintf (text, sizeof text, format, args);
    va_end (args);
    fflush (stdout);
    fprintf (stderr, "%s: %s\n", cli->program, text);
    return exit_code;
}

int cli_exit_code (int negative_errno)
{
    switch (negative_errno) {
    case 0:
        return EX_OK;
    case -EINVAL:
    case -ERANGE:
        return EX_DATAERR;
    case -ENOENT:
        return EX_NOINPUT;
    case -EACCES:
    case -EPERM:
        return EX_NOPERM;
    case -EEXIST:
        return EX_CANTCREAT;
    case -ETIMEDOUT:
    case -EAGAIN:
    case -EBUSY:
        return EX_TEMPFAIL;
    case -EHOSTUNREACH:
    case -ECONNREFUSED:
    case -ENOTCONN:
        return EX_UNAVAILABLE;
    case -ENOSPC:
    case -EDQUOT:
    case -EROFS:
    case -ENOTDIR:
    case -EIO:
        return EX_IOERR;
    case -EBADMSG:
    case -ESTALE:
    case -EPROTO:
        return EX_PROTOCOL;
    default:
        return EX_SOFTWARE;
    }
}

int cli_fail_err (struct cli *cli)
{
    return cli_fail (cli, cli_exit_code (cli->err.code), "%s", cli->err.text);
}

void cli_say (struct cli *cli, const char *format, ...)
{
    if (cli->json && !isatty (STDERR_FILENO))
        return;
    fflush (stdout); /* what was shown stands before what is said of it */
    va_list args;
    va_start (args, format);
    vfprintf (stderr, format, args);
    va_end (args);
    fputc ('\n', stderr);
}

int64_t cli_now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_REALTIME, &now);
    return now.tv_sec * INT64_C (1000) + now.tv_nsec / 1000000;
}

/* ---- main ------------------------------------------------------------------------ */

static void print_overview (FILE *to)
{
    fprintf (to, "  minqing up                 %s\n",
             _ ("# everything on this machine, in seconds"));
    fprintf (to, "  minqing submit --help      %s\n",
             _ ("# each command explains itself, with an example"));
    fprintf (to, "\n%s minqing [--config FILE] %s [--option …] …\n\n%s\n", _ ("Usage:"),
             _ ("COMMAND"), _ ("Commands:"));
    for (size_t i = 0; i < ARRAY_SIZE (commands); i++)
        fprintf (to, "  %-10s %s\n", commands[i]->name, _ (commands[i]->summary));
    fprintf (to, "\n%s\n", _ ("Options of all commands:"));
    arguments_global_help (to);
}

static const struct cli_command *find_command (const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE (commands); i++)
        if (strcmp (commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static int unknown_command (struct cli *cli, const char *name)
{
    const char *best = NULL;
    size_t best_distance = 3;
    for (size_t i = 0; i < ARRAY_SIZE (commands); i++) {
        size_t here = arguments_distance (name, commands[i]->name);
        if (here < best_distance) {
            best_distance = here;
            best = commands[i]->name;
        }
    }
    if (best != NULL)
        return cli_fail (cli, EX_USAGE, _ ("no command \"%s\"; did you mean \"%s\"?"),
                         name, best);
    return cli_fail (cli, EX_USAGE, _ ("no command \"%s\"; 'minqing --help' lists them"),
                     name);
}

/* "minqing help", "minqing help submit": what people type first. */
static int help (struct cli *cli, const char *name)
{
    const struct cli_command *command = name != NULL ? find_command (name) : NULL;
    if (name != NULL && command == NULL)
        return unknown_command (cli, name);
    if (command != NULL)
        arguments_help (command);
    else
        print_overview (stdout);
    return EX_OK;
}

static void cli_start (struct cli *cli)
{
    const char *config = getenv ("MINQING_CONFIG");
    *cli = (struct cli){
        .program = "minqing",
        .config_path = config != NULL ? config : CONFIG_DEFAULT,
        .key_path = getenv ("MINQING_KEY"),
    };
    arena_init (&cli->arena, 0);
    language_start ();
}

static int cli_run (struct cli *cli, int argc, char **argv)
{
    int at = 1;
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (strcmp (argv[at], "--help") == 0 || strcmp (argv[at], "-h") == 0) {
            print_overview (stdout);
            return EX_OK;
        }
        if (strcmp (argv[at], "--version") == 0) {
            printf ("minqing %s\n", MINQING_VERSION);
            return EX_OK;
        }
        if (strncmp (argv[at], "--", 2) != 0)
            return cli_fail (cli, EX_USAGE, _ ("no option %s; see --help"), argv[at]);
        int rc = arguments_take (cli, NULL, argc, argv, &at, NULL);
        if (rc != 0)
            return rc;
    }
    if (at >= argc) {
        print_overview (stderr);
        return EX_USAGE;
    }
    if (strcmp (argv[at], "help") == 0)
        return help (cli, at + 1 < argc ? argv[at + 1] : NULL);
    const struct cli_command *command = find_command (argv[at]);
    if (command == NULL)
        return unknown_command (cli, argv[at]);
    cli->program = arena_format (&cli->arena, "minqing %s", command->name);
    struct cli_arguments arguments;
    int rc = arguments_sort (cli, command, argc - at - 1, argv + at + 1, &arguments);
    if (rc != 0)
        return rc == ARGUMENTS_HELPED ? EX_OK : rc;
    return command->run (cli, &arguments);
}

int cli_main (int argc, char **argv)
{
    struct cli cli;
    cli_start (&cli);
    int rc = cli_run (&cli, argc, argv);
    if (cli.has_provisional)
        cli_say (&cli, _ ("? provisional: the calendar does not reach so far yet"));
    if (fflush (stdout) != 0 && rc == EX_OK)
        rc = cli_fail (&cli, EX_IOERR, _ ("stdout: %s"), strerror (errno));
    rules_destroy (&cli.rules);
    config_destroy (&cli.config);
    arena_done (&cli.arena);
    return rc;
}
