/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/program.h"

#include "runtime/config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
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

/* In a child whose stdout is 'to', or ours where that is -1. */
static pid_t start (struct cli *cli, enum speaker speaker, const char *const *arguments,
                    int to)
{
    const char *program = program_of (cli, speaker);
    fflush (NULL);
    pid_t pid = fork ();
    if (pid == 0) {
        if (to >= 0)
            dup2 (to, STDOUT_FILENO);
        become (program, cli->config_path, arguments);
    }
    if (pid < 0)
        cli_fail (cli, EX_OSERR, "%s: %s", program, strerror (errno));
    return pid;
}

const char *program_signal_hint (int number)
{
    return number == SIGBUS
               ? _ (": its store is cut short, or the disk does not give it; "
                    "'minqing restore' makes it again from a backup")
               : "";
}

static int await_end (struct cli *cli, pid_t pid)
{
    int status = 0;
    if (pid < 0)
        return EX_OSERR;
    while (waitpid (pid, &status, 0) < 0)
        if (errno != EINTR)
            return EX_OSERR;
    if (WIFEXITED (status))
        return WEXITSTATUS (status);
    return cli_fail (cli, EX_SOFTWARE, _ ("it was ended by signal %d%s"),
                     WTERMSIG (status), program_signal_hint (WTERMSIG (status)));
}

int program_run (struct cli *cli, enum speaker speaker, const char *const *arguments)
{
    return await_end (cli, start (cli, speaker, arguments, -1));
}

int program_read (struct cli *cli, enum speaker speaker, const char *const *arguments,
                  char *ret, size_t size)
{
    int ends[2];
    size_t used = 0;
    ret[0] = '\0';
    if (pipe2 (ends, O_CLOEXEC) < 0)
        return cli_fail (cli, EX_OSERR, "%s", strerror (errno));
    pid_t pid = start (cli, speaker, arguments, ends[1]);
    close (ends[1]);
    for (;;) {
        char rest[256]; /* what does not fit is read all the same, lest it wait for us */
        bool is_room = used + 1 < size;
        ssize_t got = read (ends[0], is_room ? ret + used : rest,
                            is_room ? size - 1 - used : sizeof rest);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        used += is_room ? (size_t) got : 0;
    }
    ret[used] = '\0';
    close (ends[0]);
    return await_end (cli, pid);
}

bool program_is_running (struct cli *cli, enum speaker speaker)
{
    static const char scheme[] = "ipc://";
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const struct config *config = cli_config (cli);
    const char *door = config == NULL ? "" : config_control (config, speaker);
    if (strncmp (door, scheme, strlen (scheme)) != 0 ||
        strlen (door + strlen (scheme)) >= sizeof address.sun_path)
        return false;
    strcpy (address.sun_path, door + strlen (scheme));
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool answers =
        fd >= 0 && connect (fd, (struct sockaddr *) &address, sizeof address) == 0;
    if (fd >= 0)
        close (fd);
    if (answers)
        cli_fail (cli, EX_IOERR,
                  _ ("%s is running; stop it first: systemctl stop minqing-%s, or Ctrl-C "
                     "where 'minqing up' runs"),
                  speaker_name (speaker), speaker_name (speaker));
    return answers;
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
