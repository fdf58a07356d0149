/* SPDX-License-Identifier: Apache-2.0 */
/* The daemons' programs, for verbs that live in them: those that fold. */
#ifndef MINQING_CLI_PROGRAM_H
#define MINQING_CLI_PROGRAM_H

#include "cli/cli.h"
#include "wire/names.h"

/* Beside this program, where a build and an installation have them. From the arena. */
const char *program_of (struct cli *cli, enum speaker speaker);

/* Run it with these arguments (ends with NULL) behind "--config FILE", and wait: its exit
 * code, or EX_UNAVAILABLE when it could not be run. */
int program_run (struct cli *cli, enum speaker speaker, const char *const *arguments);

/* The same; what it says on stdout is kept, up to 'size' bytes with the NUL. */
int program_read (struct cli *cli, enum speaker speaker, const char *const *arguments,
                  char *ret, size_t size);

/* For verbs that need it stopped: is somebody behind its control door? Then this is said,
 * with how to stop it. */
MUST_CHECK bool program_is_running (struct cli *cli, enum speaker speaker);

/* What a daemon that a signal ended may have met, with ": " before it; or "". */
const char *program_signal_hint (int number);

/* The services named, or all of them where none is. EX_USAGE, said, for what is none. */
MUST_CHECK int program_services (struct cli *cli, const struct cli_arguments *arguments,
                                 enum speaker ret_speakers[SPEAKER_COUNT],
                                 size_t *ret_count);

#endif
