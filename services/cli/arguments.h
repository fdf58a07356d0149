/* SPDX-License-Identifier: Apache-2.0 */
/* Options and arguments of the command line: sorted by a subcommand's table, explained
 * from the same table. */
#ifndef MINQING_CLI_ARGUMENTS_H
#define MINQING_CLI_ARGUMENTS_H

#include "cli/cli.h"

#include <stdio.h>

/* The help of a subcommand on stdout, and the options of all. */
void arguments_help (const struct cli_command *command);
void arguments_global_help (FILE *to);

/* One "--name[=value]" at argv[*at] of a subcommand (NULL: before it, 'values' not used);
 * moves *at behind its value. 0, or an exit code after having said what is wrong. */
int arguments_take (struct cli *cli, const struct cli_command *command, int argc,
                    char **argv, int *at, const char **values);

/* Sort argv by the subcommand's table. 0; an exit code after having said what is wrong;
 * or ARGUMENTS_HELPED after the help. */
#define ARGUMENTS_HELPED 1000
int arguments_sort (struct cli *cli, const struct cli_command *command, int argc,
                    char **argv, struct cli_arguments *ret);

/* Edit distance, small words only; for "did you mean". */
size_t arguments_distance (const char *a, const char *b);

#endif
