/* SPDX-License-Identifier: Apache-2.0 */
/* What every subcommand shares: finding it, its options, its help, its failures, and
 * the configuration and tables it may look things up in. */
#include "cli/cli.h"
#include "cli/language.h"

#include "base/civil.h"
#include "base/number.h"
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
    &subcommand_rate,       &subcommand_dispute,  &subcommand_review,
    &subcommand_terminal,   &subcommand_replay,   &subcommand_dispatch,
    &subcommand_desk,       &subcommand_queue,    &subcommand_raises,
    &subcommand_route,      &subcommand_deadline, &subcommand_journal,
    &subcommand_verify,     &subcommand_check,    &subcommand_config,
    &subcommand_keys,       &subcommand_metrics,
};

/* Options that stand before the subcommand or behind it. */
enum {
    GLOBAL_CONFIG,
    GLOBAL_KEY,
    GLOBAL_AS,
    GLOBAL_SPOOL,
    GLOBAL_PERSON,
    GLOBAL_JSON,
    GLOBAL_COUNT
};
static const struct cli_option global_options[] = {
    [GLOBAL_CONFIG] = { "config", N_ ("FILE"),
                        N_ ("configuration [$MINQING_CONFIG or "
                            "/etc/minqing/minqing.conf]") },
    [GLOBAL_KEY] = { "key", N_ ("FILE"), N_ ("the key to speak with [$MINQING_KEY]") },
    [GLOBAL_AS] = { "as", N_ ("NAME"),
                    N_ ("the key NAME.key of the configured keys folder") },
    [GLOBAL_SPOOL] = { "spool", N_ ("DIR"),
                       N_ ("where what was said is kept [beside the key]") },
    [GLOBAL_PERSON] = { "person", N_ ("N"), N_ ("number of the person who acts") },
    [GLOBAL_JSON] = { "json", NULL, N_ ("one JSON object a line, for programs") },
    [GLOBAL_COUNT] = { NULL, NULL, NULL },
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

/* ---- help ------------------------------------------------------------------------ */

#define OPTION_COLUMNS 24 /* "--upstream-number TEXT" and its like */

static void print_options (FILE *to, const struct cli_option *options)
{
    for (const struct cli_option *option = options;
         option != NULL && option->name != NULL; option++) {
        char left[64];
        snprintf (left, sizeof left, "--%s%s%s", option->name,
                  option->value != NULL ? " " : "",
                  option->value != NULL ? _ (option->value) : "");
        int gap = OPTION_COLUMNS - language_width (left);
        fprintf (to, "  %s%*s %s\n", left, gap > 0 ? gap : 0, "", _ (option->help));
    }
}

static void print_help (const struct cli_command *command)
{
    char example[2048];
    snprintf (example, sizeof example, "%s", command->example);
    char *rest = example;
    for (char *line = strsep (&rest, "\n"); line != NULL; line = strsep (&rest, "\n"))
        printf ("  %s\n", line);
    printf ("\n%s minqing %s [--option …]%s%s\n%s\n", _ ("Usage:"), command->name,
            command->arguments[0] != '\0' ? " " : "", command->arguments,
            _ (command->summary));
    if (command->description != NULL)
        printf ("\n%s\n", _ (command->description));
    printf ("\n%s\n", _ ("Options:"));
    print_options (stdout, command->options);
    print_options (stdout, global_options);
}

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
    print_options (to, global_options);
}

/* ---- options --------------------------------------------------------------------- */

/* Edit distance, small words only; for "did you mean". */
static size_t distance (const char *a, const char *b)
{
    size_t columns = strlen (b), row[64];
    if (columns >= ARRAY_SIZE (row))
        return SIZE_MAX;
    for (size_t j = 0; j <= columns; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            size_t step = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            row[j] = change < step ? change : step;
        }
    }
    return row[columns];
}

static const char *closest_option (const char *name, const struct cli_option *options,
                                   const char *best, size_t *best_distance)
{
    for (; options != NULL && options->name != NULL; options++) {
        size_t here = distance (name, options->name);
        if (here < *best_distance) {
            *best_distance = here;
            best = options->name;
        }
    }
    return best;
}

static int find_option (const struct cli_option *options, const char *name, size_t length)
{
    for (int i = 0; options != NULL && options[i].name != NULL; i++)
        if (strlen (options[i].name) == length &&
            strncmp (options[i].name, name, length) == 0)
            return i;
    return -1;
}

static int apply_global (struct cli *cli, int index, const char *value)
{
    uint64_t person;
    switch (index) {
    case GLOBAL_CONFIG:
        cli->config_path = value;
        break;
    case GLOBAL_KEY:
        cli->key_path = value;
        break;
    case GLOBAL_AS:
        cli->as = value;
        break;
    case GLOBAL_SPOOL:
        cli->spool_path = value;
        break;
    case GLOBAL_PERSON:
        if (cli_unsigned (cli, "--person", value, UINT32_MAX, &person) < 0)
            return -1;
        cli->person = (uint32_t) person;
        break;
    default:
        cli->json = true;
    }
    return 0;
}

/* One "--name[=value]" at argv[*at]; moves *at behind its value. 0 or an exit code. */
static int take_option (struct cli *cli, const struct cli_command *command, int argc,
                        char **argv, int *at, const char **values)
{
    const char *name = argv[*at] + 2;
    const char *equals = strchr (name, '=');
    size_t length = equals != NULL ? (size_t) (equals - name) : strlen (name);
    const struct cli_option *options = command != NULL ? command->options : NULL;
    int index = find_option (options, name, length);
    int global = index < 0 ? find_option (global_options, name, length) : -1;
    if (index < 0 && global < 0) {
        size_t best_distance = 3;
        const char *best = closest_option (name, options, NULL, &best_distance);
        best = closest_option (name, global_options, best, &best_distance);
        if (best != NULL)
            return cli_fail (cli, EX_USAGE, _ ("no option --%s; did you mean --%s?"),
                             name, best);
        return cli_fail (cli, EX_USAGE, _ ("no option --%s; see --help"), name);
    }
    const struct cli_option *option =
        index >= 0 ? &options[index] : &global_options[global];
    const char *value = equals != NULL ? equals + 1 : "";
    if (option->value == NULL && equals != NULL)
        return cli_fail (cli, EX_USAGE, _ ("--%s takes no value"), option->name);
    if (option->value != NULL && equals == NULL) {
        if (*at + 1 >= argc)
            return cli_fail (cli, EX_USAGE, _ ("--%s needs a value: --%s %s"),
                             option->name, option->name, option->value);
        value = argv[++*at];
    }
    if (index >= 0)
        values[index] = value;
    else if (apply_global (cli, global, value) < 0)
        return cli_fail (cli, EX_USAGE, "%s", cli->err.text);
    return 0;
}

/* Sort argv by the command's options. 0; an exit code after having said what is wrong; or
 * HELPED after the help. */
#define HELPED 1000
static int sort_arguments (struct cli *cli, const struct cli_command *command, int argc,
                           char **argv, struct cli_arguments *ret)
{
    *ret = (struct cli_arguments){ .rest = argv };
    bool literal = false;
    for (int at = 0; at < argc; at++) {
        if (!literal && strcmp (argv[at], "--") == 0) {
            literal = true;
        } else if (!literal &&
                   (strcmp (argv[at], "--help") == 0 || strcmp (argv[at], "-h") == 0)) {
            print_help (command);
            return HELPED;
        } else if (!literal && strncmp (argv[at], "--", 2) == 0) {
            int rc = take_option (cli, command, argc, argv, &at, ret->values);
            if (rc != 0)
                return rc;
        } else {
            ret->rest[ret->n_rest++] = argv[at];
        }
    }
    if (ret->n_rest < command->min)
        return cli_fail (cli, EX_USAGE,
                         _ ("something is missing: minqing %s %s; see --help"),
                         command->name, command->arguments);
    if (ret->n_rest > command->max)
        return cli_fail (cli, EX_USAGE,
                         _ ("\"%s\" is too much: minqing %s%s%s; see --help"),
                         ret->rest[command->max], command->name,
                         command->arguments[0] != '\0' ? " " : "", command->arguments);
    return 0;
}

/* ---- looking up ------------------------------------------------------------------ */

struct config *cli_config (struct cli *cli)
{
    if (cli->config == NULL &&
        config_load (cli->config_path, &cli->config, &cli->err) < 0)
        return NULL;
    return cli->config;
}

const struct rules *cli_rules (struct cli *cli)
{
    if (cli->rules != NULL)
        return cli->rules;
    struct config *config = cli_config (cli);
    if (config == NULL)
        return NULL;
    if (rules_load_dir (&cli->rules, config_get_text (config, "tables"), &cli->err) < 0)
        return NULL;
    return cli->rules;
}

int cli_number (struct cli *cli, const char *text, uint64_t *ret_number)
{
    return number_parse (text, ret_number, &cli->err);
}

int cli_unsigned (struct cli *cli, const char *what, const char *text, uint64_t max,
                  uint64_t *ret_value)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull (text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || value > max)
        return err_set (&cli->err, -EINVAL, _ ("%s: \"%s\" is no number from 0 to %llu"),
                        what, text, (unsigned long long) max);
    *ret_value = value;
    return 0;
}

int cli_department (struct cli *cli, const char *text, uint32_t *ret_number)
{
    char *end;
    unsigned long number = strtoul (text, &end, 10);
    if (end != text && *end == '\0' && number <= UINT32_MAX) {
        *ret_number = (uint32_t) number;
        return 0;
    }
    const struct rules *rules = cli_rules (cli);
    if (rules == NULL)
        return cli->err.code;
    const struct department *found = NULL;
    for (size_t i = 0; i < rules->department_count; i++) {
        const struct department *department = &rules->departments[i];
        bool exact = strcmp (department->name, text) == 0;
        bool partly =
            strstr (department->name, text) != NULL ||
            (department->name_en != NULL && strcasestr (department->name_en, text));
        if (exact || (partly && found == NULL)) {
            found = department;
            if (exact)
                break;
        } else if (partly) {
            return err_set (
                &cli->err, -EINVAL, _ ("\"%s\" fits %u %s and %u %s; say the number"),
                text, found->number, found->name, department->number, department->name);
        }
    }
    if (found == NULL)
        return err_set (&cli->err, -EINVAL,
                        _ ("no department is called \"%s\"; 'minqing queue' lists them"),
                        text);
    *ret_number = found->number;
    return 0;
}

const char *cli_department_name (struct cli *cli, uint32_t number)
{
    const struct rules *rules = cli_rules (cli);
    const struct department *department =
        rules != NULL ? department_find (rules, number) : NULL;
    if (number == 0)
        return _ ("dispatcher");
    return department != NULL ? department->name
                              : arena_format (&cli->arena, "%u", number);
}

const char *cli_village_name (struct cli *cli, uint64_t code)
{
    const struct rules *rules = cli_rules (cli);
    const struct village *village = rules != NULL ? village_find (rules, code) : NULL;
    return village != NULL
               ? village->name
               : arena_format (&cli->arena, "%llu", (unsigned long long) code);
}

const char *cli_person_name (struct cli *cli, uint32_t number)
{
    const struct rules *rules = cli_rules (cli);
    const struct officer *officer = rules != NULL ? officer_find (rules, number) : NULL;
    return officer != NULL ? officer->name : arena_format (&cli->arena, "%u", number);
}

/* ---- main ------------------------------------------------------------------------ */

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
        size_t here = distance (name, commands[i]->name);
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
        print_help (command);
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
        int rc = take_option (cli, NULL, argc, argv, &at, NULL);
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
    int rc = sort_arguments (cli, command, argc - at - 1, argv + at + 1, &arguments);
    if (rc != 0)
        return rc == HELPED ? EX_OK : rc;
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
