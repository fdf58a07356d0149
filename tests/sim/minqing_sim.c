/* SPDX-License-Identifier: Apache-2.0 */
/* minqing_sim: run seeds, as many at a time as there are cores.
 *
 *     minqing_sim [--seeds FIRST-LAST]     2,000 seeds without it
 *     minqing_sim --seed N [--trace]       one of them, told line by line
 *     minqing_sim --calm                   no misfortunes
 *     minqing_sim --coverage               how often each step, state and cause was met
 *
 * Every seed is the township of its own and knows of no other. The first that fails ends
 * the run with exit code 1 and says what was wrong and how to see it again. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "sim/sim.h"
#include "wire/names.h"

#define WORKERS_MAX 64

/* What a process has done so far; shared. */
struct worker {
    uint64_t seed; /* under way */
    uint64_t seeds;
    struct sim_counts counts;
    uint64_t failed; /* seed */
    char complaint[600];
};

static struct worker *workers;
static bool wants_coverage;

static double seconds_now (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static void add_counts (struct sim_counts *to, const struct sim_counts *from)
{
    uint64_t *into = (uint64_t *) to;
    for (size_t i = 0; i < sizeof *to / sizeof *into; i++)
        into[i] += ((const uint64_t *) from)[i];
}

static bool run_one (struct worker *worker, const struct sim_options *options)
{
    struct sim_counts counts = { 0 };
    worker->seed = options->seed;
    bool is_well =
        sim_run (options, &counts, worker->complaint, sizeof worker->complaint);
    add_counts (&worker->counts, &counts);
    worker->seeds++;
    if (!is_well)
        worker->failed = options->seed;
    return is_well;
}

static void work (size_t index, size_t n_workers, const struct sim_options *options,
                  uint64_t first, uint64_t last)
{
    struct worker *worker = &workers[index];
    struct sim_options own = *options;
    disk_open ();
    for (uint64_t seed = first + index; seed <= last; seed += n_workers) {
        own.seed = seed;
        if (!run_one (worker, &own))
            break;
    }
    disk_close ();
    _exit (worker->failed != 0 ? 1 : 0);
}

/* ---- what came of it ---------------------------------------------------------------- */

/* Of this process and those that have ended: on a machine with other work the clock on the
 * wall tells little. */
static double cpu_seconds (void)
{
    static const int whose[] = { RUSAGE_SELF, RUSAGE_CHILDREN };
    double seconds = 0;
    for (size_t i = 0; i < ARRAY_SIZE (whose); i++) {
        struct rusage usage;
        getrusage (whose[i], &usage);
        seconds += (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                   (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    }
    return seconds;
}

static void print_counts (const struct sim_counts *counts, uint64_t seeds, double seconds)
{
    double days = (double) counts->village_days;
    printf ("%llu seeds, %.0f village-days in %.1f s: %.0f village-days/s, %.0f for each "
            "second of a core\n",
            (unsigned long long) seeds, days, seconds, days / seconds,
            days / cpu_seconds ());
    printf ("%llu events, %llu turns, %llu entries; %llu frames, %llu lost, %llu "
            "repeated; %llu deaths, %llu kills, %llu failed commits, %llu power cuts, "
            "%llu restorations, %llu cuts of three days\n",
            (unsigned long long) counts->events, (unsigned long long) counts->turns,
            (unsigned long long) counts->entries, (unsigned long long) counts->frames,
            (unsigned long long) counts->lost, (unsigned long long) counts->repeated,
            (unsigned long long) counts->deaths, (unsigned long long) counts->kills,
            (unsigned long long) counts->failed_commits,
            (unsigned long long) counts->power_cuts,
            (unsigned long long) counts->restorations,
            (unsigned long long) counts->long_cuts);
    printf ("%llu outcomes, %llu of them refusals; %llu filings, %llu acknowledged, %llu "
            "refused, %llu lost, "
            "%llu doubled\n",
            (unsigned long long) counts->outcomes, (unsigned long long) counts->refusals,
            (unsigned long long) counts->filings, (unsigned long long) counts->acked,
            (unsigned long long) counts->refused, (unsigned long long) counts->missing,
            (unsigned long long) counts->doubled);
}

/* ---- coverage ----------------------------------------------------------------------- */

/* So many seeds have met everything that can happen within their days. */
#define SEEDS_FOR_ALL 2000

static size_t say_missing (const char *what, const uint64_t *counts, size_t count,
                           const char *(*name) (unsigned value), bool all)
{
    size_t missing = 0;
    for (unsigned i = 1; i < count; i++) {
        if (all)
            printf ("%-6s %-16s %12llu\n", what, name (i),
                    (unsigned long long) counts[i]);
        else if (counts[i] == 0)
            fprintf (stderr, "no %s %s in all these seeds\n", what, name (i));
        missing += counts[i] == 0;
    }
    return missing;
}

/* How many steps, states and causes never happened: they are said; 'all': each with how
 * often it did. */
static size_t coverage (const struct sim_counts *counts, bool all)
{
    return say_missing ("step", counts->steps, STEP_COUNT, step_name, all) +
           say_missing ("state", counts->states, STATE_COUNT, state_name, all) +
           say_missing ("cause", counts->causes, CAUSE_COUNT, cause_name, all);
}

/* Tried: what happened to daemons, terminals and roads. Unverifiable: seeds that failed
 * otherwise than by losing or doubling. */
static void append_results (const struct sim_counts *counts, uint64_t failed)
{
    const char *path = getenv ("MINQING_RESULTS");
    FILE *file = path != NULL ? fopen (path, "a") : NULL;
    if (file == NULL)
        return;
    fprintf (file,
             "{\"test\": \"simulator\", \"tried\": %llu, \"acknowledged\": %llu, "
             "\"lost\": %llu, \"doubled\": %llu, \"unverifiable\": %llu}\n",
             (unsigned long long) (counts->misfortunes + counts->kills),
             (unsigned long long) counts->outcomes, (unsigned long long) counts->missing,
             (unsigned long long) counts->doubled,
             (unsigned long long) (counts->missing + counts->doubled > 0 ? 0 : failed));
    fclose (file);
}

static void say_failure (const struct worker *worker, int status)
{
    uint64_t seed = worker->failed != 0 ? worker->failed : worker->seed;
    if (worker->failed != 0)
        fprintf (stderr, "seed %llu: %s\n", (unsigned long long) seed, worker->complaint);
    else
        fprintf (stderr, "seed %llu: the process ended by %s\n",
                 (unsigned long long) seed,
                 WIFSIGNALED (status) ? strsignal (WTERMSIG (status)) : "itself");
    fprintf (stderr, "see it again: minqing_sim --seed %llu --trace\n",
             (unsigned long long) seed);
}

static int run_all (const struct sim_options *options, uint64_t first, uint64_t last,
                    size_t n_workers)
{
    struct sim_counts counts = { 0 };
    uint64_t seeds = 0, failed = 0;
    pid_t children[WORKERS_MAX];
    int code = EX_OK;
    double begin = seconds_now ();
    for (size_t i = 0; i < n_workers; i++) {
        children[i] = fork ();
        assert (children[i] >= 0);
        if (children[i] == 0)
            work (i, n_workers, options, first, last);
    }
    for (size_t i = 0; i < n_workers; i++) {
        int status = 0;
        waitpid (children[i], &status, 0);
        add_counts (&counts, &workers[i].counts);
        seeds += workers[i].seeds;
        if (status == 0)
            continue;
        say_failure (&workers[i], status);
        failed++;
        code = 1;
    }
    print_counts (&counts, seeds, seconds_now () - begin);
    append_results (&counts, failed);
    if (wants_coverage)
        coverage (&counts, true);
    else if (code == EX_OK && seeds >= SEEDS_FOR_ALL && !options->is_calm &&
             coverage (&counts, false) > 0)
        code = 1;
    return code;
}

static int run_alone (const struct sim_options *options)
{
    double begin = seconds_now ();
    disk_open ();
    bool is_well = run_one (&workers[0], options);
    disk_close ();
    if (!is_well)
        say_failure (&workers[0], 0);
    if (options->trace == NULL)
        print_counts (&workers[0].counts, 1, seconds_now () - begin);
    return is_well ? EX_OK : 1;
}

/* ---- the command line --------------------------------------------------------------- */

static int usage (void)
{
    fputs ("usage: minqing_sim [--seeds FIRST-LAST] [--seed N [--trace]] [--days N]\n"
           "                   [--villages N] [--filings A-DAY] [--calm] [--jobs N]\n"
           "                   [--coverage]\n",
           stderr);
    return EX_USAGE;
}

int main (int argc, char **argv)
{
    static const struct option long_options[] = {
        { "seeds", required_argument, NULL, 's' },
        { "seed", required_argument, NULL, 'n' },
        { "trace", no_argument, NULL, 't' },
        { "days", required_argument, NULL, 'd' },
        { "villages", required_argument, NULL, 'v' },
        { "filings", required_argument, NULL, 'f' },
        { "coverage", no_argument, NULL, 'o' },
        { "calm", no_argument, NULL, 'c' },
        { "jobs", required_argument, NULL, 'j' },
        { NULL, 0, NULL, 0 },
    };
    struct sim_options options = { 0 };
    unsigned long long first = 1, last = 2000;
    long jobs = sysconf (_SC_NPROCESSORS_ONLN);
    const char *level = getenv ("TOWN_LOG");
    int rc = log_set_level (level != NULL ? level : "critical");
    assert (rc == 0);
    workers = mmap (NULL, WORKERS_MAX * sizeof *workers, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert (workers != MAP_FAILED);
    for (int option; (option = getopt_long (argc, argv, "", long_options, NULL)) != -1;)
        switch (option) {
        case 's':
            if (sscanf (optarg, "%llu-%llu", &first, &last) != 2 || first == 0)
                return usage ();
            break;
        case 'n':
            options.seed = strtoull (optarg, NULL, 10);
            break;
        case 't':
            options.trace = stdout;
            break;
        case 'd':
            options.days = (unsigned) strtoul (optarg, NULL, 10);
            break;
        case 'v':
            options.villages = (unsigned) strtoul (optarg, NULL, 10);
            break;
        case 'f':
            options.filings = strtod (optarg, NULL);
            break;
        case 'o':
            wants_coverage = true;
            break;
        case 'c':
            options.is_calm = true;
            break;
        case 'j':
            jobs = strtol (optarg, NULL, 10);
            break;
        default:
            return usage ();
        }
    if (options.seed != 0)
        return run_alone (&options);
    if (jobs < 1)
        jobs = 1;
    return run_all (&options, first, last,
                    (size_t) (jobs > WORKERS_MAX ? WORKERS_MAX : jobs));
}
