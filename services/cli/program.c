/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/program.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENTS_MAX 16

static const enum speaker speakers[] = { SPEAKER_INTAKE, SPEAKER_ROUTING,
                                         SPEAKER_ESCALATION, SPEAKER_NOTIFICATION };

const char *program_of (struct cli *cli, enum speaker speaker)
{
    char self[PATH_MAX];
    ssize_t length = readlink ("/proc/self/exe", self, sizeof self - 1);
    if (length <= 0)
        return arena_format (&cli->arena, "minqing-%s", speaker_name (speaker));
    self[length] = '\0';
    *strrchr (self, '/') = '\0';
    return arena_format (&cli->arena, "%s/minqing-%s", self, speaker_name (speaker));
}

static _Noreturn void become (const char *program, const char *config,
                              const char *const *arguments)
{
    const char *argv[ARGUMENTS_MAX] = { program, "--config", config };
    size_t n = 3;
    for (size_t i = 0; arguments[i] != NULL && n < ARGUMENTS_MAX - 1; i++)
        argv[n++] = arguments[i];
    execvp (program, (char *const *) (uintptr_t) argv);
    fprintf (stderr, "%s: %s\n", program, strerror (errno));
    _exit (EX_UNAVAILABLE);
}

int program_run (struct cli *cli, enum speaker speaker, const char *const *arguments)
{
    const char *program = program_of (cli, speaker);
    int status = 0;
    fflush (NULL);
    pid_t pid = fork ();
    if (pid == 0)
        become (program, cli->config_path, arguments);
    while (pid > 0 && waitpid (pid, &status, 0) < 0)
        if (errno != EINTR)
            return EX_OSERR;
    if (pid < 0)
        return cli_fail (cli, EX_OSERR, "%s: %s", program, strerror (errno));
    return WIFEXITED (status) ? WEXITSTATUS (status) : EX_SOFTWARE;
}

int program_services (struct cli *cli, const struct cli_arguments *arguments,
                      enum speaker ret_speakers[SPEAKER_COUNT], size_t *ret_count)
{
    *ret_count = 0;
    for (int i = 0; i < arguments->n_rest && i < SPEAKER_COUNT - 1; i++) {
        enum speaker speaker;
        if (!speaker_parse (arguments->rest[i], &speaker))
            return cli_fail (
                cli, EX_USAGE,
                _ ("\"%s\" is none of intake, routing, escalation, notification"),
                arguments->rest[i]);
        ret_speakers[(*ret_count)++] = speaker;
    }
    for (size_t i = 0; arguments->n_rest == 0 && i < ARRAY_SIZE (speakers); i++)
        ret_speakers[(*ret_count)++] = speakers[i];
    return EX_OK;
}
