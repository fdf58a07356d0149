/* SPDX-License-Identifier: Apache-2.0 */
/* What 'minqing bench' was asked to do. */
#ifndef MINQING_CLI_BENCH_PLAN_H
#define MINQING_CLI_BENCH_PLAN_H

#include "cli/cli.h"
#include "wire/journal.h"

#define BENCH_TERMINALS_MAX 512
#define BENCH_DESKS_MAX     128
#define BENCH_WINDOWS_MAX   16
#define BENCH_WINDOW_MAX    100000

struct bench_plan {
    unsigned terminals, desks;
    uint64_t windows[BENCH_WINDOWS_MAX]; /* a run each */
    size_t n_windows;
    uint64_t ahead;   /* filings not yet at a desk; 0: follows from the window */
    uint64_t seconds; /* measured, of each run */
    uint64_t rate;    /* filings a second, whatever comes back; 0: by window */
    uint64_t queries; /* a second, beside the load */
    uint64_t text;    /* bytes of what a petitioner says */
    uint64_t fill;    /* grievances in the stores before the first run */
    uint64_t seed;    /* of texts and codes */
    bool is_without[SPEAKER_COUNT]; /* stopped during the runs */
    const char *dir;                /* NULL: a place in the temporary folder */
    bool is_kept;
    bool is_csv;
};

enum bench_option {
    BENCH_TERMINALS,
    BENCH_DESKS,
    BENCH_WINDOW,
    BENCH_AHEAD,
    BENCH_SECONDS,
    BENCH_RATE,
    BENCH_QUERIES,
    BENCH_TEXT,
    BENCH_FILL,
    BENCH_SEED,
    BENCH_WITHOUT,
    BENCH_DIR,
    BENCH_KEEP,
    BENCH_CSV,
    BENCH_OPTION_COUNT
};
extern const struct cli_option bench_options[BENCH_OPTION_COUNT + 1];

/* -EINVAL and a sentence in cli->err that names the option. */
MUST_CHECK int bench_plan_read (struct cli *cli, const struct cli_arguments *arguments,
                                struct bench_plan *ret_plan);

/* How many filings may be on their way to a desk when 'window' may be unacknowledged. */
uint64_t bench_plan_ahead (const struct bench_plan *plan, uint64_t window);

#endif
