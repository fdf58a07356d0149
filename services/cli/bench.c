/* SPDX-License-Identifier: Apache-2.0 */
/* minqing bench: how fast the four daemons are on this machine, in a place of its own.
 *
 *   1  make a place, keys for terminals and desks, start the four daemons
 *   2  fill it, where that is asked
 *   3  for each window (or the one rate): stop what is to be without; file, acknowledge,
 *      offer, claim, for a time; drain; start what was stopped; wait until all followed
 *   4  show it
 *
 * Everything goes the way of the field: keys and CURVE, counters, receipts from the disk.
 * Only the spools of the terminals are left out. */
#include "cli/bench_load.h"
#include "cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Between two questions whether they have caught up; that bounds how well it is known. */
#define SETTLE_MS 20
/* Followers that make no step for so long do not catch up. */
#define SETTLE_PATIENCE_MS 60000

struct bench {
    struct cli *cli;
    struct bench_plan plan;
    struct bench_town town;
    struct bench_load *load;
    struct bench_run runs[BENCH_WINDOWS_MAX];
};

/* ---- catching up ------------------------------------------------------------------- */

/* Look until nobody is behind, and tell the last look; 'run' (may be NULL) hears when each
 * of them was not, counted from 'since_ns'. */
static int settle (struct bench *bench, struct bench_run *run,
                   const int64_t since_ns[SPEAKER_COUNT],
                   struct bench_look looks[SPEAKER_COUNT])
{
    struct cli *cli = bench->cli;
    uint64_t before = UINT64_MAX;
    bool has_caught_up[SPEAKER_COUNT] = { false };
    for (int64_t moved_ms = cli_now_ms ();;) {
        uint64_t behind = 0;
        int rc = bench_town_look (&bench->town, looks);
        if (rc < 0)
            return rc;
        for (size_t i = 0; i < ARRAY_SIZE (bench_speakers); i++) {
            enum speaker speaker = bench_speakers[i];
            uint64_t mine = bench_behind (looks, speaker);
            behind += mine;
            if (mine > 0 || has_caught_up[speaker] || run == NULL)
                continue;
            has_caught_up[speaker] = true;
            run->daemons[speaker].caught_up_s =
                (double) (bench_now_ns () - since_ns[speaker]) / 1e9;
        }
        if (behind == 0)
            return 0;
        if (behind != before)
            moved_ms = cli_now_ms ();
        before = behind;
        if (cli_now_ms () - moved_ms > SETTLE_PATIENCE_MS)
            return err_set (&cli->err, -EREMOTEIO,
                            _ ("%llu entries are left that nobody acts on"),
                            (unsigned long long) behind);
        if (place_wait (bench->town.place, SETTLE_MS) < 0)
            return cli->err.code;
        if (place_is_asked (bench->town.place))
            return err_set (&cli->err, -EINTR, _ ("asked to end"));
    }
}

/* ---- one run ----------------------------------------------------------------------- */

static void halt (struct bench *bench, struct bench_run *run)
{
    for (size_t i = 0; i < ARRAY_SIZE (bench_speakers); i++) {
        enum speaker speaker = bench_speakers[i];
        run->daemons[speaker].was_without = bench->plan.is_without[speaker];
        if (bench->plan.is_without[speaker])
            place_halt (bench->town.place, speaker);
    }
}

static int resume (struct bench *bench, int64_t ret_since_ns[SPEAKER_COUNT])
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < ARRAY_SIZE (bench_speakers); i++) {
        enum speaker speaker = bench_speakers[i];
        if (!bench->plan.is_without[speaker])
            continue;
        ret_since_ns[speaker] = bench_now_ns ();
        rc = place_resume (bench->town.place, speaker);
    }
    return rc;
}

static double own_cpu_s (void)
{
    struct timespec time;
    clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

/* What each has used up to now; of one that is stopped and comes back, nothing yet. */
static void read_daemons (struct bench *bench,
                          struct bench_daemon ret_daemons[SPEAKER_COUNT])
{
    for (size_t i = 0; i < ARRAY_SIZE (bench_speakers); i++) {
        enum speaker speaker = bench_speakers[i];
        bench_process_read (place_process (bench->town.place, speaker),
                            &ret_daemons[speaker].process);
        ret_daemons[speaker].disk = bench_town_disk (&bench->town, speaker);
    }
}

static void take_daemons (struct bench *bench, struct bench_run *run,
                          const struct bench_daemon before[SPEAKER_COUNT])
{
    struct bench_daemon now[SPEAKER_COUNT] = { 0 };
    read_daemons (bench, now);
    for (size_t i = 0; i < ARRAY_SIZE (bench_speakers); i++) {
        enum speaker speaker = bench_speakers[i];
        struct bench_daemon *daemon = &run->daemons[speaker];
        daemon->process = now[speaker].process;
        daemon->process.cpu_s -= before[speaker].process.cpu_s;
        daemon->disk = now[speaker].disk - before[speaker].disk;
    }
}

/* At the end of the interval. One that was stopped stands where it stood. */
static void take_behind (struct bench_run *run,
                         const struct bench_look stood[SPEAKER_COUNT])
{
    for (size_t i = 0; i < ARRAY_SIZE (bench_speakers); i++) {
        enum speaker speaker = bench_speakers[i];
        if (run->daemons[speaker].was_without)
            run->after[speaker] = stood[speaker];
    }
    for (size_t i = 0; i < ARRAY_SIZE (bench_speakers); i++)
        run->daemons[bench_speakers[i]].behind =
            bench_behind (run->after, bench_speakers[i]);
}

static int run_one (struct bench *bench, struct bench_run *run)
{
    struct bench_look stood[SPEAKER_COUNT] = { 0 }, looks[SPEAKER_COUNT] = { 0 };
    struct bench_daemon before[SPEAKER_COUNT] = { 0 };
    int64_t since_ns[SPEAKER_COUNT];
    int rc = bench_town_look (&bench->town, stood);
    if (rc < 0)
        return rc;
    halt (bench, run);
    read_daemons (bench, before);
    double cpu_s = own_cpu_s ();
    rc = bench_load_run (bench->load, run);
    run->load_cpu_s = own_cpu_s () - cpu_s;
    if (rc < 0)
        return rc;
    take_behind (run, stood);
    for (size_t i = 0; i < SPEAKER_COUNT; i++)
        since_ns[i] = run->ended_ns;
    rc = resume (bench, since_ns);
    if (rc == 0)
        rc = settle (bench, run, since_ns, looks);
    if (rc == 0)
        take_daemons (bench, run, before);
    for (size_t i = 0; i < SPEAKER_COUNT; i++)
        run->daemons[i].entries = looks[i].head - stood[i].head;
    return rc;
}

/* ---- all of it --------------------------------------------------------------------- */

/* As fast as it goes; what follows begins when everybody has followed. */
static int fill (struct bench *bench)
{
    struct bench_run *run = &bench->runs[0];
    struct bench_look looks[SPEAKER_COUNT] = { 0 };
    *run =
        (struct bench_run){ .window = 1000, .ahead = 10000, .count = bench->plan.fill };
    int rc = bench_load_run (bench->load, run);
    if (rc == 0)
        rc = settle (bench, NULL, NULL, looks);
    if (rc == 0)
        cli_say (bench->cli, _ ("filled with %llu grievances, %.0f a second"),
                 (unsigned long long) run->claimed,
                 (double) run->claimed / run->within_s);
    return rc;
}

static int work (struct bench *bench)
{
    const struct bench_plan *plan = &bench->plan;
    struct bench_look looks[SPEAKER_COUNT] = { 0 };
    int rc = settle (bench, NULL, NULL, looks);
    if (rc == 0 && plan->fill > 0)
        rc = fill (bench);
    for (size_t i = 0; rc == 0 && i < plan->n_windows; i++) {
        uint64_t window = plan->rate > 0 ? 0 : plan->windows[i];
        struct bench_run *run = &bench->runs[i];
        *run = (struct bench_run){ .window = window,
                                   .ahead = bench_plan_ahead (plan, window),
                                   .seconds = (double) plan->seconds };
        rc = run_one (bench, run);
        if (rc < 0)
            break;
        if (bench->cli->json)
            bench_print_json (plan, run);
        else if (plan->is_csv)
            bench_print_csv (plan, run, i == 0);
        else
            cli_say (bench->cli, _ ("run %zu of %zu is done"), i + 1, plan->n_windows);
    }
    if (rc == 0 && !bench->cli->json && !plan->is_csv)
        bench_print_tables (plan, bench->runs, plan->n_windows);
    return rc;
}

static void block_signals (void)
{
    sigset_t set; /* from the folder on; 'place_is_asked' finds them */
    sigemptyset (&set);
    sigaddset (&set, SIGINT);
    sigaddset (&set, SIGTERM);
    sigprocmask (SIG_BLOCK, &set, NULL);
}

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    struct bench *bench = calloc (1, sizeof *bench);
    if (bench == NULL)
        abort ();
    bench->cli = cli;
    if (bench_plan_read (cli, arguments, &bench->plan) < 0) {
        free (bench);
        return cli_fail (cli, EX_USAGE, "%s", cli->err.text);
    }
    block_signals ();
    int rc = bench_town_open (cli, &bench->plan, &bench->town);
    if (rc == 0)
        rc = bench_load_open (&bench->town, &bench->plan, &bench->load);
    if (rc == 0)
        rc = work (bench);
    int code = rc == 0 || rc == -EINTR ? EX_OK : cli_fail_err (cli);
    bench_load_close (&bench->load);
    bench_town_close (&bench->town, &bench->plan);
    free (bench);
    return code;
}

const struct cli_command subcommand_bench = {
    .name = "bench",
    .arguments = "",
    .summary = N_ ("how fast the four daemons are here, in a place of its own"),
    .example = "minqing bench --window 1,100,1000 --seconds 10\n"
               "minqing bench --window 1000 --without escalation,notification\n"
               "minqing bench --rate 20000 --queries 100 --json",
    .description = N_ (
        "Terminals file and desks claim, each with its own key, through the four real "
        "daemons; everything is on the disk before it is acknowledged. A grievance is at "
        "the desk when it is offered there, and counted when its claim is committed. "
        "What "
        "a terminal's spool costs is not part of it. Exit code 70: what was filed, "
        "acknowledged and claimed is not the same."),
    .options = bench_options,
    .run = run,
};
