/* SPDX-License-Identifier: Apache-2.0 */
/* minqing up: the four daemons as children of one process, on this machine, from one
 * configuration. For trying and for small places; systemd runs them elsewhere. */
#include "cli/cli.h"
#include "cli/place.h"
#include "cli/program.h"
#include "cli/session.h"

#include "wire/names.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A daemon that dies more often than this in one run is left to a person. */
#define RESTARTS_MAX 20
/* To be ready, from the start of the process to its first answer. */
#define READY_PATIENCE_MS 15000
/* A clean stop is under two seconds; then it is told with more weight. */
#define STOP_PATIENCE_MS 5000

static const enum speaker speakers[] = { SPEAKER_INTAKE, SPEAKER_ROUTING,
                                         SPEAKER_ESCALATION, SPEAKER_NOTIFICATION };

struct place {
    struct cli *cli;
    pid_t pids[SPEAKER_COUNT];
    unsigned restarts;
    int signals;   /* INT, TERM, HUP, CHLD */
    bool is_asked; /* to end */
};

static int start_daemon (struct place *place, enum speaker speaker)
{
    struct cli *cli = place->cli;
    const char *program = program_of (cli, speaker);
    pid_t parent = getpid ();
    pid_t pid = fork ();
    if (pid < 0)
        return err_set (&cli->err, -errno, "%s: %s", program, strerror (errno));
    if (pid == 0) {
        sigset_t none;
        sigemptyset (&none);
        sigprocmask (SIG_SETMASK, &none, NULL);
        setpgid (0, 0); /* Ctrl-C is for us; we tell them */
        prctl (PR_SET_PDEATHSIG, SIGTERM);
        if (getppid () != parent)
            _exit (EX_TEMPFAIL);
        execlp (program, program, "--config", cli->config_path, (char *) NULL);
        fprintf (stderr, "%s: %s\n", program, strerror (errno));
        _exit (EX_UNAVAILABLE);
    }
    place->pids[speaker] = pid;
    return 0;
}

/* Ask until it answers or ends. */
static int await_ready (struct place *place, struct session *session,
                        enum speaker speaker)
{
    struct cli *cli = place->cli;
    int64_t deadline = cli_now_ms () + READY_PATIENCE_MS;
    struct control control = { .verb = CONTROL_STATUS };
    struct control_reply reply;
    for (;;) {
        int rc = session_control (session, speaker, &control, &reply);
        if (rc == 0)
            return 0;
        int status;
        if (waitpid (place->pids[speaker], &status, WNOHANG) == place->pids[speaker]) {
            place->pids[speaker] = 0;
            if (WIFSIGNALED (status))
                return err_set (&cli->err, -ECHILD,
                                _ ("minqing-%s was ended by signal %d%s"),
                                speaker_name (speaker), WTERMSIG (status),
                                program_signal_hint (WTERMSIG (status)));
            return err_set (&cli->err, -ECHILD, _ ("minqing-%s ended with %d; see above"),
                            speaker_name (speaker), WEXITSTATUS (status));
        }
        if (cli_now_ms () > deadline)
            return rc;
    }
}

/* Whoever asks for 'up' asks as the operator, whatever key was named. */
static int await_all (struct place *place, const enum speaker *which, size_t count)
{
    struct cli *cli = place->cli;
    struct session *session = NULL;
    const char *as = cli->as, *key = cli->key_path;
    cli->as = "operator";
    cli->key_path = NULL;
    int rc = session_open (cli, "operator", &session);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = await_ready (place, session, which[i]);
    if (session != NULL)
        session_close (&session);
    cli->as = as;
    cli->key_path = key;
    return rc;
}

int place_start (struct cli *cli, struct place **ret_place)
{
    if (cli_config (cli) == NULL)
        return cli->err.code;
    struct place *place = calloc (1, sizeof *place);
    if (place == NULL)
        abort ();
    place->cli = cli;
    sigset_t set;
    sigemptyset (&set);
    sigaddset (&set, SIGINT);
    sigaddset (&set, SIGTERM);
    sigaddset (&set, SIGCHLD);
    sigaddset (&set, SIGHUP);
    sigprocmask (SIG_BLOCK, &set, NULL);
    place->signals = signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < ARRAY_SIZE (speakers); i++)
        rc = start_daemon (place, speakers[i]);
    if (rc == 0)
        rc = await_all (place, speakers, ARRAY_SIZE (speakers));
    if (rc < 0) {
        struct err err = cli->err;
        place_stop (&place);
        cli->err = err;
        return rc;
    }
    *ret_place = place;
    return 0;
}

/* Children that ended: start again, saying so. */
static int reap (struct place *place)
{
    struct cli *cli = place->cli;
    for (size_t i = 0; i < ARRAY_SIZE (speakers); i++) {
        enum speaker speaker = speakers[i];
        int status;
        if (place->pids[speaker] == 0 ||
            waitpid (place->pids[speaker], &status, WNOHANG) != place->pids[speaker])
            continue;
        place->pids[speaker] = 0;
        if (++place->restarts > RESTARTS_MAX)
            return err_set (&cli->err, -ECHILD,
                            _ ("minqing-%s ends again and again; see above"),
                            speaker_name (speaker));
        cli_say (cli, _ ("minqing-%s ended (%s %d); starting it again"),
                 speaker_name (speaker),
                 WIFSIGNALED (status) ? _ ("signal") : _ ("exit code"),
                 WIFSIGNALED (status) ? WTERMSIG (status) : WEXITSTATUS (status));
        int rc = start_daemon (place, speaker);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static void tell_all (const struct place *place, int signal)
{
    for (size_t i = 0; i < ARRAY_SIZE (speakers); i++)
        if (place->pids[speakers[i]] != 0)
            kill (place->pids[speakers[i]], signal);
}

static void take_signals (struct place *place)
{
    struct signalfd_siginfo info;
    while (read (place->signals, &info, sizeof info) == sizeof info)
        if (info.ssi_signo == SIGHUP)
            tell_all (place, SIGHUP); /* tables and clients anew */
        else if (info.ssi_signo != SIGCHLD)
            place->is_asked = true;
}

bool place_is_asked (struct place *place)
{
    take_signals (place);
    return place->is_asked;
}

int place_wait (struct place *place, int64_t timeout_ms)
{
    int64_t deadline = timeout_ms < 0 ? INT64_MAX : cli_now_ms () + timeout_ms;
    for (;;) {
        int rc = reap (place);
        if (rc < 0)
            return rc;
        int64_t left = deadline == INT64_MAX ? -1 : deadline - cli_now_ms ();
        if (place->is_asked || (deadline != INT64_MAX && left <= 0))
            return 0;
        struct pollfd ready = { .fd = place->signals, .events = POLLIN };
        poll (&ready, 1, left > INT_MAX ? INT_MAX : (int) left);
        take_signals (place);
    }
}

static bool is_anyone_left (struct place *place)
{
    bool any = false;
    for (size_t i = 0; i < ARRAY_SIZE (speakers); i++) {
        pid_t *pid = &place->pids[speakers[i]];
        if (*pid != 0 && waitpid (*pid, NULL, WNOHANG) == *pid)
            *pid = 0;
        any = any || *pid != 0;
    }
    return any;
}

void place_stop (struct place **place)
{
    if (*place == NULL)
        return;
    struct place *stopping = *place;
    *place = NULL;
    tell_all (stopping, SIGTERM);
    int64_t deadline = cli_now_ms () + STOP_PATIENCE_MS;
    while (is_anyone_left (stopping)) {
        if (cli_now_ms () > deadline)
            tell_all (stopping, SIGKILL);
        struct pollfd ready = { .fd = stopping->signals, .events = POLLIN };
        poll (&ready, 1, 200);
        struct signalfd_siginfo info;
        while (read (stopping->signals, &info, sizeof info) == sizeof info)
            continue;
    }
    close (stopping->signals);
    free (stopping);
}

static int remove_one (const char *path, const struct stat *stat, int type,
                       struct FTW *ftw)
{
    (void) stat;
    (void) type;
    (void) ftw;
    return remove (path);
}

void place_remove (const char *dir)
{
    nftw (dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- one of them ------------------------------------------------------------------- */

pid_t place_process (const struct place *place, enum speaker speaker)
{
    return place->pids[speaker];
}

void place_halt (struct place *place, enum speaker speaker)
{
    pid_t *pid = &place->pids[speaker];
    int64_t deadline = cli_now_ms () + STOP_PATIENCE_MS;
    if (*pid != 0)
        kill (*pid, SIGTERM);
    while (*pid != 0 && waitpid (*pid, NULL, WNOHANG) != *pid) {
        if (cli_now_ms () > deadline)
            kill (*pid, SIGKILL);
        struct pollfd ready = { .fd = place->signals, .events = POLLIN };
        poll (&ready, 1, 100);
        take_signals (place);
    }
    *pid = 0;
}

int place_resume (struct place *place, enum speaker speaker)
{
    int rc = place->pids[speaker] != 0 ? 0 : start_daemon (place, speaker);
    return rc < 0 ? rc : await_all (place, &speaker, 1);
}

int place_command (struct cli *cli, bool quiet, const char *const *arguments)
{
    char self[PATH_MAX];
    ssize_t length = readlink ("/proc/self/exe", self, sizeof self - 1);
    if (length <= 0)
        return EX_OSERR;
    self[length] = '\0';
    char *argv[40] = { arena_text (&cli->arena, "minqing"),
                       arena_text (&cli->arena, "--config"),
                       arena_text (&cli->arena, cli->config_path) };
    for (size_t i = 0; arguments[i] != NULL && i + 4 < ARRAY_SIZE (argv); i++)
        argv[i + 3] = arena_text (&cli->arena, arguments[i]);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset (&none);
    posix_spawn_file_actions_init (&actions);
    posix_spawnattr_init (&attributes);
    posix_spawnattr_setsigmask (&attributes, &none);
    posix_spawnattr_setflags (&attributes, POSIX_SPAWN_SETSIGMASK);
    if (quiet)
        posix_spawn_file_actions_addopen (&actions, STDOUT_FILENO, "/dev/null", O_WRONLY,
                                          0);
    pid_t pid;
    int status = 0;
    fflush (stdout);
    int rc = posix_spawn (&pid, self, &actions, &attributes, argv, environ);
    posix_spawn_file_actions_destroy (&actions);
    posix_spawnattr_destroy (&attributes);
    if (rc != 0 || waitpid (pid, &status, 0) != pid || !WIFEXITED (status))
        return EX_SOFTWARE;
    return WEXITSTATUS (status);
}

/* ---- the command ------------------------------------------------------------------- */

/* Where a place is kept that nobody named. */
static const char *usual_dir (struct cli *cli)
{
    const char *state = getenv ("XDG_STATE_HOME"), *home = getenv ("HOME");
    if (state != NULL && state[0] == '/')
        return arena_format (&cli->arena, "%s/minqing", state);
    return arena_format (&cli->arena, "%s/.local/state/minqing",
                         home != NULL ? home : "/root");
}

/* The parents of the usual folder, which a fresh account does not have. */
static void make_parents (struct cli *cli, const char *path)
{
    char *copy = arena_text (&cli->arena, path);
    for (char *at = strchr (copy + 1, '/'); at != NULL; at = strchr (at + 1, '/')) {
        *at = '\0';
        if (mkdir (copy, 0755) < 0 && errno != EEXIST)
            return; /* the making itself says why */
        *at = '/';
    }
}

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    int rc = EX_OK;
    bool is_configured = access (cli->config_path, R_OK) == 0;
    if (arguments->n_rest == 1 || !is_configured) {
        const char *dir = arguments->n_rest == 1 ? arguments->rest[0] : usual_dir (cli);
        make_parents (cli, dir);
        if (place_make (cli, dir, "minqing.local.conf") < 0)
            return cli_fail_err (cli);
    }
    struct place *place;
    if (place_start (cli, &place) < 0)
        return cli_fail_err (cli);
    cli_say (cli,
             _ ("Four daemons are up. In another shell:\n"
                "  export MINQING_CONFIG=%s\n"
                "  minqing submit --as terminal-101 --village 340522100001 --text '…'\n"
                "Ctrl-C stops them."),
             cli->config_path);
    if (place_wait (place, -1) < 0)
        rc = cli_fail_err (cli);
    place_stop (&place);
    return rc;
}

const struct cli_command subcommand_up = {
    .name = "up",
    .arguments = "[DIR]",
    .summary = N_ ("run the four daemons on this machine, until Ctrl-C"),
    .example = "minqing up ~/minqing\nminqing --config /etc/minqing/minqing.conf up",
    .description =
        N_ ("With DIR (or without any configuration) a place is made there first, "
            "from the shipped township: tables, keys, clients."),
    .max = 1,
    .run = run,
};
