/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/arguments.h"

#include "cli/language.h"

#include <string.h>

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

void arguments_help (const struct cli_command *command)
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
    if (command->more_help != NULL)
        command->more_help ();
}

void arguments_global_help (FILE *to)
{
    print_options (to, global_options);
}

/* ---- options --------------------------------------------------------------------- */

size_t arguments_distance (const char *a, const char *b)
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
        size_t here = arguments_distance (name, options->name);
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

int arguments_take (struct cli *cli, const struct cli_command *command, int argc,
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

int arguments_sort (struct cli *cli, const struct cli_command *command, int argc,
                    char **argv, struct cli_arguments *ret)
{
    *ret = (struct cli_arguments){ .rest = argv };
    bool literal = false;
    for (int at = 0; at < argc; at++) {
        if (!literal && strcmp (argv[at], "--") == 0) {
            literal = true;
        } else if (!literal &&
                   (strcmp (argv[at], "--help") == 0 || strcmp (argv[at], "-h") == 0)) {
            arguments_help (command);
            return ARGUMENTS_HELPED;
        } else if (!literal && strncmp (argv[at], "--", 2) == 0) {
            int rc = arguments_take (cli, command, argc, argv, &at, ret->values);
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
