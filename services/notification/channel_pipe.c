/* SPDX-License-Identifier: Apache-2.0 */
/* A program gets the JSON on its standard input and answers by sysexits(3).
 *
 * The input is a file in memory, not a pipe: nothing has to be fed while the program runs,
 * and a program that does not read cannot hurt us (no SIGPIPE). It runs in a process group
 * of its own, which is killed when its time is over. */
#include "notification/channels_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

extern char **environ;

static int input_open (const char *json)
{
    size_t size = strlen (json);
    int fd = memfd_create ("notice", MFD_CLOEXEC);

    if (fd < 0)
        return -errno;
    if (write (fd, json, size) != (ssize_t) size || lseek (fd, 0, SEEK_SET) != 0) {
        close (fd);
        return -EIO;
    }
    return fd;
}

static int spawn (const char *program, int input, pid_t *ret_pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    char *name = strdup (program);
    char *argv[] = { name, NULL };
    int rc;

    if (!name)
        return -ENOMEM;
    sigemptyset (&none);
    sigfillset (&all);
    posix_spawn_file_actions_init (&files);
    posix_spawn_file_actions_adddup2 (&files, input, STDIN_FILENO);
    posix_spawn_file_actions_addopen (&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init (&attributes);
    posix_spawnattr_setsigmask (&attributes, &none);
    posix_spawnattr_setsigdefault (&attributes, &all);
    posix_spawnattr_setpgroup (&attributes, 0);
    posix_spawnattr_setflags (&attributes, POSIX_SPAWN_SETSIGMASK |
                                               POSIX_SPAWN_SETSIGDEF |
                                               POSIX_SPAWN_SETPGROUP);
    rc = posix_spawn (ret_pid, program, &files, &attributes, argv, environ);
    posix_spawnattr_destroy (&attributes);
    posix_spawn_file_actions_destroy (&files);
    free (name);
    return -rc;
}

/* Programs are named by the tables, which clerks keep; only what an operator has put into
 * the folder is run. NULL: another. */
static char *program_path (const char *dir, const char *name)
{
    char *path;

    if (!dir || name[0] == '\0' || name[0] == '.' || strchr (name, '/') ||
        asprintf (&path, "%s/%s", dir, name) < 0)
        return NULL;
    return path;
}

void channel_pipe_start (struct sending *sending, const struct channel_settings *settings,
                         int64_t now_ms)
{
    char *path = program_path (settings->pipe_dir, sending->address);
    int input, rc;

    if (!path) {
        sending_end (sending, EX_CONFIG, "not a program of notification/pipe/dir");
        return;
    }
    input = input_open (sending->json);
    rc = input < 0 ? input : spawn (path, input, &sending->pid);
    free (path);
    if (input >= 0)
        close (input);
    if (rc < 0) {
        sending_end (sending, rc == -ENOENT || rc == -EACCES ? EX_CONFIG : EX_TEMPFAIL,
                     "cannot start the program: %s", strerror (-rc));
        return;
    }
    sending->pidfd = pidfd_open (sending->pid, 0);
    sending->deadline_ms = now_ms + settings->pipe_timeout_ms;
}

static void reap (struct sending *sending)
{
    siginfo_t info = { 0 };
    int flags = WEXITED | (sending->pidfd >= 0 ? WNOHANG : 0);

    if (waitid (P_PID, (id_t) sending->pid, &info, flags) < 0 || info.si_pid == 0)
        return;
    if (sending->pidfd >= 0)
        close (sending->pidfd);
    sending->pidfd = -1;
    sending->pid = 0;
    if (info.si_code == CLD_EXITED)
        sending_end (sending, info.si_status, "exit %d", info.si_status);
    else
        sending_end (sending, EX_TEMPFAIL, "signal %d", info.si_status);
}

void channel_pipe_check (struct sending *sending, int64_t now_ms)
{
    reap (sending);
    if (sending->stage == SENDING_DONE || now_ms < sending->deadline_ms)
        return;
    channel_pipe_kill (sending);
    sending_end (sending, EX_TEMPFAIL, "the program took too long and was killed");
}

void channel_pipe_kill (struct sending *sending)
{
    siginfo_t info;

    if (sending->pid == 0)
        return;
    kill (-sending->pid, SIGKILL);
    waitid (P_PID, (id_t) sending->pid, &info, WEXITED); /* at once: it was killed */
    if (sending->pidfd >= 0)
        close (sending->pidfd);
    sending->pidfd = -1;
    sending->pid = 0;
}
