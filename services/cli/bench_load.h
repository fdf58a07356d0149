/* SPDX-License-Identifier: Apache-2.0 */
/* The load of 'minqing bench': many terminals and desks in one process and one loop, each
 * on a line of its own. What a terminal's spool would keep is kept in memory here: the
 * figures are of the four daemons. */
#ifndef MINQING_CLI_BENCH_LOAD_H
#define MINQING_CLI_BENCH_LOAD_H

#include "cli/bench_histogram.h"
#include "cli/bench_town.h"

/* What one run showed. Times are nanoseconds. */
struct bench_run {
    /* asked */
    uint64_t window, ahead; /* 0: open loop, by rate */
    uint64_t count;         /* so many instead of for a time (to fill); 0: for a time */
    double seconds;         /* of the interval, without a second before it */
    /* all of the run */
    uint64_t filed, acknowledged, claimed;
    uint64_t put_off; /* times that a daemon said "later" */
    /* of the interval */
    uint64_t acknowledged_within, claimed_within;
    double within_s;
    int64_t ended_ns; /* when nothing more was filed */
    struct histogram acknowledgement, arrival, claim, query; /* of what was due in it */
    struct bench_look before[SPEAKER_COUNT], after[SPEAKER_COUNT];
    /* of the whole run, until the last follower had caught up (bench.c) */
    double total_s, load_cpu_s;
    struct bench_daemon {
        struct bench_process process; /* CPU of this run; memory at its end */
        uint64_t disk;                /* bytes that its store grew by */
        uint64_t entries;             /* of its journal */
        uint64_t behind;              /* entries, at the end of the interval */
        double caught_up_s; /* from there; of one that was stopped, from its start */
        bool was_without;
    } daemons[SPEAKER_COUNT];
};

struct bench_load;

/* Connect all, and hear from each daemon where each client stands. */
MUST_CHECK int bench_load_open (struct bench_town *town, const struct bench_plan *plan,
                                struct bench_load **ret_load);
void bench_load_close (struct bench_load **load); /* NULL inside is fine */

/* One run, until everything that was filed was claimed. -EINTR: Ctrl-C. -EREMOTEIO:
 * something was lost, doubled or refused; the sentence says what. */
MUST_CHECK int bench_load_run (struct bench_load *load, struct bench_run *run);

int64_t bench_now_ns (void); /* that never goes back */

/* ---- how it looks (bench_print.c) -------------------------------------------------- */

/* Of one run: a JSON object, or a line with a header before the first. */
void bench_print_json (const struct bench_plan *plan, const struct bench_run *run);
void bench_print_csv (const struct bench_plan *plan, const struct bench_run *run,
                      bool is_first);
/* Of all runs, for people. */
void bench_print_tables (const struct bench_plan *plan, const struct bench_run *runs,
                         size_t n_runs);

#endif
