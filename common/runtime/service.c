/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon from its command line to its exit code.
 *
 * Start: configuration, key ─▶ store (core_open) ─▶ tables in force and 'started' committed
 * (core_start) ─▶ doors, self-test, lines ─▶ READY. So nobody is answered from a store
 * whose last commit is in doubt, and nobody comes in before the table of clients is there.
 *
 * Stop: sockets first, then the store with a note that the stop was clean. */
#include "runtime/service_inside.h"

#include "base/log.h"
#include "runtime/fall.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

/* Descriptors a daemon may hold: connections above all. The unit says more or less. */
#define DESCRIPTORS_WANTED 8192

enum mode {
    MODE_RUN,
    MODE_CHECK,
    MODE_REBUILD,
    MODE_SCRUB,
    MODE_RESTORE,
    MODE_VERSION,
    MODE_HELP,
    MODE_WRONG
};

/* ---- command line ---------------------------------------------------------------- */

static enum mode take_options (int argc, char **argv, const char **ret_config,
                               struct restoration *ret_restoration)
{
    static const struct option options[] = {
        { "config", required_argument, NULL, 'c' },
        { "check", no_argument, NULL, MODE_CHECK },
        { "rebuild", no_argument, NULL, MODE_REBUILD },
        { "scrub", no_argument, NULL, MODE_SCRUB },
        { "restore", required_argument, NULL, MODE_RESTORE },
        { "entry", required_argument, NULL, 'e' },
        { "version", no_argument, NULL, MODE_VERSION },
        { "help", no_argument, NULL, MODE_HELP },
        { NULL, 0, NULL, 0 },
    };
    enum mode mode = MODE_RUN;
    int found;
    while ((found = getopt_long (argc, argv, "c:h", options, NULL)) != -1) {
        if (found == 'c')
            *ret_config = optarg;
        else if (found == 'e')
            ret_restoration->entry = strtoull (optarg, NULL, 10);
        else if (found == '?')
            return MODE_WRONG;
        else
            mode = found == 'h' ? MODE_HELP : (enum mode) found;
        if (found == MODE_RESTORE)
            ret_restoration->dir = optarg;
    }
    if (optind < argc) {
        fprintf (stderr, "%s: \"%s\" is too much\n", argv[0], argv[optind]);
        return MODE_WRONG;
    }
    return mode;
}

static void print_help (const char *name, FILE *to)
{
    fprintf (
        to,
        "Example: minqing-%s --config " CONFIG_DEFAULT "\n\n"
        "Usage: minqing-%s [OPTION]\n\n"
        "  --config FILE  configuration [$" CONFIG_VARIABLE " or " CONFIG_DEFAULT "]\n"
        "  --check        check configuration, tables, clients and key; start nothing\n"
        "  --rebuild      refold the facts from the journal, then end\n"
        "  --scrub        hold facts and entries against the journal, then end\n"
        "  --restore DIR  make the store from a backup of this daemon, then end\n"
        "  --entry N      with --restore: put back this one damaged entry only\n"
        "  --version      say which version this is\n"
        "  --help         say this\n\n"
        "Signals: TERM, INT stop; HUP reads tables and clients again.\n"
        "Exit codes: 0 done, 64 usage, 65 damage was found, 69 a socket, 70 the lock is "
        "open, 74 the store,\n"
        "75 start again, 78 configuration, key or tables.\n",
        name, name);
}

/* ---- making ready ---------------------------------------------------------------- */

/* Everything that the process handles, before libzmq's thread inherits the mask. A broken
 * pipe is an error of write, not the end. */
static int open_signals (void)
{
    sigset_t set;
    sigemptyset (&set);
    sigaddset (&set, SIGTERM);
    sigaddset (&set, SIGINT);
    sigaddset (&set, SIGHUP);
    int fd = signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    sigaddset (&set, SIGPIPE);
    int rc = sigprocmask (SIG_BLOCK, &set, NULL);
    assert (fd >= 0 && rc == 0);
    return fd;
}

/* Connections cost descriptors. Where the unit forbids to ask, its own limit holds. */
static void raise_descriptors (void)
{
    struct rlimit limit;
    if (getrlimit (RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= DESCRIPTORS_WANTED)
        return;
    limit.rlim_cur =
        limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;
    (void) setrlimit (RLIMIT_NOFILE, &limit);
}

/* As the unit says it already, where there is one. */
static void be_nice (const struct service_spec *spec)
{
    if (getpriority (PRIO_PROCESS, 0) < spec->nicer)
        (void) setpriority (PRIO_PROCESS, 0, spec->nicer);
}

static int make_folder (const char *path, mode_t mode, struct err *err)
{
    char part[PATH_MAX];
    size_t size = strlen (path);
    if (size >= sizeof part)
        return err_set (err, -ENAMETOOLONG, "%s: is too long", path);
    memcpy (part, path, size + 1);
    for (char *slash = strchr (part + 1, '/'); slash != NULL;
         slash = strchr (slash + 1, '/')) {
        *slash = '\0';
        if (mkdir (part, 0755) < 0 && errno != EEXIST)
            return err_set (err, -errno, "%s: %s", part, strerror (errno));
        *slash = '/';
    }
    if (mkdir (part, mode) < 0 && errno != EEXIST)
        return err_set (err, -errno, "%s: %s", part, strerror (errno));
    return 0;
}

void shell_look_at_clock (struct shell *shell)
{
    int64_t newest_ms = shell->core != NULL ? core_newest_ms (shell->core) : 0;
    shell->now_ms = clock_now_ms (shell->clock, newest_ms);
    const struct trust *trust = clock_trust (shell->clock);
    if (shell->core != NULL && trust != NULL)
        core_trust (shell->core, trust);
}

static int64_t steady_us (void)
{
    struct timespec now;
    int rc = clock_gettime (CLOCK_MONOTONIC, &now);
    assert (rc == 0);
    return now.tv_sec * INT64_C (1000000) + now.tv_nsec / 1000;
}

int shell_store_options (struct shell *shell, struct core_options *ret, struct err *err)
{
    char setting[64];
    const char *dir = config_state (shell->config, shell->spec->speaker);
    snprintf (setting, sizeof setting, "%s/map_mib", shell->spec->name);
    *ret = (struct core_options){
        .dir = dir,
        .map_mib = (size_t) config_get_number (shell->config, setting),
        .setting = config_setting,
        .setting_arg = shell->config,
        .steady_us = steady_us,
        .gauges = shell_gauges,
        .gauges_arg = shell,
    };
    ssize_t got = getrandom (ret->random, sizeof ret->random, 0);
    assert (got == (ssize_t) sizeof ret->random);
    return make_folder (dir, 0700, err);
}

static int open_store (struct shell *shell, struct err *err)
{
    struct core_options options;
    int rc = shell_store_options (shell, &options, err);
    if (rc == 0) {
        options.was_killed = !fall_watch (options.dir);
        rc = core_open (shell->spec, &options, &shell->core, err);
    }
    if (rc == 0) {
        clock_begin (shell->clock, core_kept_trust (shell->core),
                     core_newest_ms (shell->core));
        shell_look_at_clock (shell);
    }
    explicit_bzero (options.random, sizeof options.random);
    return rc;
}

static void *batch_memory (size_t count, size_t size)
{
    void *memory = calloc (count, size);
    if (memory == NULL)
        abort ();
    return memory;
}

static void make_batch (struct shell *shell)
{
    shell->inputs = batch_memory (BATCH_INPUTS, sizeof *shell->inputs);
    shell->messages =
        batch_memory (BATCH_INPUTS + BATCH_CONTROL_INPUTS, sizeof *shell->messages);
    shell->frames = batch_memory (BATCH_INPUTS, sizeof *shell->frames);
    shell->results = batch_memory (EXECUTOR_RESULTS_MAX, sizeof *shell->results);
    shell->gone = batch_memory (GONE_MAX, sizeof *shell->gone);
}

static void shell_done (struct shell *shell, bool is_clean)
{
    if (shell->executor != NULL && shell->executor_self != NULL)
        shell->executor->close (&shell->executor_self);
    shell_close_sockets (shell);
    if (shell->core != NULL)
        core_close (&shell->core, is_clean);
    clock_close (&shell->clock);
    config_destroy (&shell->config);
    key_pair_forget (&shell->key.pair);
    if (shell->signals >= 0)
        close (shell->signals);
    free (shell->inputs);
    free (shell->messages);
    free (shell->frames);
    free (shell->results);
    free (shell->gone);
}

/* ---- the modes ------------------------------------------------------------------- */

static int fail (int code, const struct err *err)
{
    log_line (LOG_LEVEL_CRITICAL, "%s", err->text);
    return code;
}

static int start_core (struct shell *shell)
{
    struct err err = { 0 };
    const char *key = config_key (shell->config, shell->spec->speaker);
    if (key_file_load (key, &shell->key, &err) < 0)
        return fail (EX_CONFIG, &err);
    if (open_store (shell, &err) < 0)
        return fail (EX_IOERR, &err);
    int rc = shell_start_tables (shell, &err);
    if (rc < 0)
        return fail (rc == -EIO                             ? EX_TEMPFAIL
                     : rc == -EINVAL || rc == -EKEYREJECTED ? EX_CONFIG
                                                            : EX_IOERR,
                     &err);
    fall_forget ();
    shell_restored (shell);
    return 0;
}

static int start_speaking (struct shell *shell)
{
    struct err err = { 0 };
    int rc = make_folder (config_get_text (shell->config, "runtime"), 0770, &err);
    if (rc == 0)
        rc = shell_open_doors (shell, &err);
    if (rc == 0 && shell->executor != NULL)
        rc = shell->executor->open (config_setting, shell->config, &shell->executor_self,
                                    &err);
    if (rc < 0)
        return fail (rc == -EKEYREJECTED ? EX_SOFTWARE : EX_UNAVAILABLE, &err);
    shell_open_lines (shell);
    return 0;
}

static void tell_ready (struct shell *shell)
{
    uint64_t watchdog_us = 0;
    if (sd_watchdog_enabled (0, &watchdog_us) > 0)
        shell->watchdog_ms = (int64_t) (watchdog_us / 1000);
    log_notice ("%s %s is up: %s, %s", shell->spec->name, MINQING_VERSION,
                config_state (shell->config, shell->spec->speaker),
                config_door (shell->config, shell->spec->speaker));
    sd_notify (0, "READY=1");
}

static int run (struct shell *shell)
{
    raise_descriptors ();
    be_nice (shell->spec);
    make_batch (shell);
    int rc = start_core (shell);
    if (rc == 0)
        rc = start_speaking (shell);
    if (rc != 0)
        return rc;
    tell_ready (shell);
    rc = shell_loop (shell);
    if (rc != 0)
        return rc;
    sd_notify (0, "STOPPING=1");
    log_notice ("%s stops", shell->spec->name);
    return 0;
}

int shell_reload (struct shell *shell)
{
    struct timespec now;
    struct err err = { 0 };
    clock_gettime (CLOCK_MONOTONIC, &now);
    sd_notifyf (0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
                now.tv_sec * INT64_C (1000000) + now.tv_nsec / 1000);
    clock_settle (shell->clock);
    shell_look_at_clock (shell);
    int rc = shell_take_tables (shell, &err);
    if (rc == -EIO)
        return fail (EX_TEMPFAIL, &err);
    if (rc < 0)
        log_error ("reload refused, everything stays as it was: %s", err.text);
    else
        log_notice ("reloaded: tables and clients as they are on disk");
    shell_open_lines (shell);
    shell->has_news = true;
    sd_notify (0, "READY=1");
    return 0;
}

static int rebuild (struct shell *shell)
{
    struct err err = { 0 };
    if (open_store (shell, &err) < 0)
        return fail (EX_IOERR, &err);
    int rc = core_rebuild (shell->core, &err);
    if (rc < 0)
        return fail (rc == -EIO       ? EX_TEMPFAIL
                     : rc == -EBADMSG ? EX_DATAERR
                                      : EX_IOERR,
                     &err);
    log_notice ("%s: facts refolded; views are followed again from the next start",
                shell->spec->name);
    return 0;
}

/* What differs was said in the log, record by record. */
static int scrub (struct shell *shell)
{
    struct err err = { 0 };
    struct scrub scrub;
    if (open_store (shell, &err) < 0)
        return fail (EX_IOERR, &err);
    if (core_scrub (shell->core, &scrub, &err) < 0)
        return fail (EX_IOERR, &err);
    return scrub.differences == 0 && scrub.damaged == 0 ? 0 : EX_DATAERR;
}

static int check (struct shell *shell)
{
    struct err err = { 0 };
    if (shell_check (shell, &err) < 0)
        return fail (EX_CONFIG, &err);
    printf ("%s: %s is in order\n", shell->spec->name, config_name (shell->config));
    return 0;
}

static int open_config (struct shell *shell, const char *file)
{
    struct config_problems problems;
    struct err err = { 0 };
    if (config_load_all (file, &shell->config, &problems, &err) == 0) {
        int rc = log_set_level (config_get_text (shell->config, "log"));
        assert (rc == 0);
        return 0;
    }
    for (size_t i = 0; i < problems.count && i < CONFIG_PROBLEMS_MAX; i++)
        log_line (LOG_LEVEL_CRITICAL, "%s", problems.texts[i]);
    return EX_CONFIG;
}

int service_main_with (const struct service_spec *spec,
                       const struct executor_ops *executor, int argc, char **argv)
{
    const char *file = NULL;
    struct restoration restoration = { 0 };
    enum mode mode = take_options (argc, argv, &file, &restoration);
    if (mode == MODE_HELP || mode == MODE_WRONG) {
        print_help (spec->name, mode == MODE_HELP ? stdout : stderr);
        return mode == MODE_HELP ? 0 : EX_USAGE;
    }
    if (mode == MODE_VERSION)
        return printf ("minqing-%s " MINQING_VERSION "\n", spec->name) < 0 ? EX_IOERR : 0;

    log_open (spec->name);
    struct shell shell = { .spec = spec, .executor = executor, .signals = -1 };
    struct err err = { 0 };
    int rc = open_config (&shell, config_file (file));
    if (rc == 0 && clock_open (&shell.clock, &err) < 0)
        rc = fail (EX_CONFIG, &err);
    if (rc == 0) {
        shell_look_at_clock (&shell);
        if (mode == MODE_RUN)
            shell.signals = open_signals ();
        rc = mode == MODE_RUN       ? run (&shell)
             : mode == MODE_CHECK   ? check (&shell)
             : mode == MODE_SCRUB   ? scrub (&shell)
             : mode == MODE_RESTORE ? shell_restore (&shell, &restoration)
                                    : rebuild (&shell);
    }
    if (rc == EX_TEMPFAIL)
        _exit (rc); /* cleaning up would speak and write */
    shell_done (&shell, rc == 0);
    return rc;
}

int service_main (const struct service_spec *spec, int argc, char **argv)
{
    return service_main_with (spec, NULL, argc, argv);
}
