/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bench_plan.h"

#include "wire/limits.h"
#include "wire/names.h"

#include <errno.h>
#include <string.h>

/* A window says how far terminals may be ahead of intake. Desks may be that many times
 * further behind, so that a daemon in between that gathers a batch starves nobody, and one
 * that does not keep up is not hidden by a queue that only grows. A lone grievance waits
 * for nothing but itself. */
#define AHEAD_TIMES 10

const struct cli_option bench_options[BENCH_OPTION_COUNT + 1] = {
    [BENCH_TERMINALS] = { "terminals", N_ ("N"),
                          N_ ("how many file, each with its own key [16]") },
    [BENCH_DESKS] = { "desks", N_ ("N"),
                      N_ ("how many claim, over the departments in turn [12]") },
    [BENCH_WINDOW] = { "window", N_ ("W[,W...]"),
                       N_ ("filings not yet acknowledged, all terminals together; a run "
                           "for each [1,100,1000]") },
    [BENCH_AHEAD] = { "ahead", N_ ("N"),
                      N_ ("filings not yet claimed [10 times the window; with a window "
                          "of 1: 1]") },
    [BENCH_SECONDS] = { "seconds", N_ ("S"), N_ ("measured in each run [10]") },
    [BENCH_RATE] = { "rate", N_ ("R"),
                     N_ ("file R a second, evenly spaced, whatever comes back; times "
                         "count from when it should have been sent") },
    [BENCH_QUERIES] = { "queries", N_ ("R"),
                        N_ ("ask R times a second by number and code, beside the load") },
    [BENCH_TEXT] = { "text", N_ ("BYTES"), N_ ("of each grievance [600]") },
    [BENCH_FILL] = { "fill", N_ ("N"), N_ ("file N before the first run") },
    [BENCH_SEED] = { "seed", N_ ("N"), N_ ("of texts and codes [1]") },
    [BENCH_WITHOUT] = { "without", N_ ("LIST"),
                        N_ ("stop escalation, notification or both during a run; the "
                            "time they need afterwards is told") },
    [BENCH_DIR] = { "dir", N_ ("DIR"),
                    N_ ("the place to run in; its stores go on growing [a new one in the "
                        "temporary folder]") },
    [BENCH_KEEP] = { "keep", NULL, N_ ("leave the folder there afterwards") },
    [BENCH_CSV] = { "csv", NULL, N_ ("one line a run, with a header") },
};

/* One option that is a whole number within bounds; as it is when it was not given. */
static int read_number (struct cli *cli, const struct cli_arguments *arguments,
                        enum bench_option option, uint64_t min, uint64_t max,
                        uint64_t *ret)
{
    const char *name = arena_format (&cli->arena, "--%s", bench_options[option].name);
    const char *text = arguments->values[option];
    uint64_t value;
    if (text == NULL)
        return 0;
    int rc = cli_unsigned (cli, name, text, max, &value);
    if (rc < 0)
        return rc;
    if (value < min)
        return err_set (&cli->err, -EINVAL, _ ("%s is at least %llu"), name,
                        (unsigned long long) min);
    *ret = value;
    return 0;
}

static int read_windows (struct cli *cli, const char *text, struct bench_plan *plan)
{
    char *rest = arena_text (&cli->arena, text);
    plan->n_windows = 0;
    for (char *one; (one = strsep (&rest, ",")) != NULL;) {
        if (plan->n_windows == BENCH_WINDOWS_MAX)
            return err_set (&cli->err, -EINVAL, _ ("--window takes at most %d windows"),
                            BENCH_WINDOWS_MAX);
        uint64_t *window = &plan->windows[plan->n_windows++];
        int rc = cli_unsigned (cli, "--window", one, BENCH_WINDOW_MAX, window);
        if (rc < 0)
            return rc;
        if (*window == 0)
            return err_set (&cli->err, -EINVAL, _ ("%s is at least %llu"), "--window",
                            1ull);
    }
    return 0;
}

static int read_without (struct cli *cli, const char *text, struct bench_plan *plan)
{
    char *rest = arena_text (&cli->arena, text);
    for (char *one; (one = strsep (&rest, ",")) != NULL;) {
        enum speaker speaker;
        if (!speaker_parse (one, &speaker) ||
            (speaker != SPEAKER_ESCALATION && speaker != SPEAKER_NOTIFICATION))
            return err_set (&cli->err, -EINVAL,
                            _ ("--without takes escalation, notification or both: \"%s\" "
                               "is neither"),
                            one);
        plan->is_without[speaker] = true;
    }
    return 0;
}

static int read_places (struct cli *cli, const struct cli_arguments *arguments,
                        struct bench_plan *plan)
{
    plan->dir = arguments->values[BENCH_DIR];
    plan->is_kept = arguments->values[BENCH_KEEP] != NULL;
    plan->is_csv = arguments->values[BENCH_CSV] != NULL;
    if (plan->is_csv && cli->json)
        return err_set (&cli->err, -EINVAL, _ ("one of --json and --csv"));
    if (arguments->values[BENCH_RATE] != NULL && arguments->values[BENCH_WINDOW] != NULL)
        return err_set (&cli->err, -EINVAL,
                        _ ("one of --rate and --window: a rate waits for nothing"));
    return 0;
}

int bench_plan_read (struct cli *cli, const struct cli_arguments *arguments,
                     struct bench_plan *ret_plan)
{
    struct bench_plan plan = {
        .windows = { 1, 100, 1000 }, .n_windows = 3, .seconds = 10, .text = 600, .seed = 1
    };
    uint64_t terminals = 16, desks = 12;
    const struct {
        enum bench_option option;
        uint64_t min, max, *value;
    } numbers[] = {
        { BENCH_TERMINALS, 1, BENCH_TERMINALS_MAX, &terminals },
        { BENCH_DESKS, 1, BENCH_DESKS_MAX, &desks },
        { BENCH_AHEAD, 1, 1000000, &plan.ahead },
        { BENCH_SECONDS, 1, 86400, &plan.seconds },
        { BENCH_RATE, 1, 1000000, &plan.rate },
        { BENCH_QUERIES, 1, 100000, &plan.queries },
        { BENCH_TEXT, 1, LIMIT_TEXT, &plan.text },
        { BENCH_FILL, 0, 100000000, &plan.fill },
        { BENCH_SEED, 0, UINT32_MAX, &plan.seed },
    };
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < ARRAY_SIZE (numbers); i++)
        rc = read_number (cli, arguments, numbers[i].option, numbers[i].min,
                          numbers[i].max, numbers[i].value);
    if (rc == 0)
        rc = read_places (cli, arguments, &plan);
    if (rc == 0 && arguments->values[BENCH_WINDOW] != NULL)
        rc = read_windows (cli, arguments->values[BENCH_WINDOW], &plan);
    if (rc == 0 && arguments->values[BENCH_WITHOUT] != NULL)
        rc = read_without (cli, arguments->values[BENCH_WITHOUT], &plan);
    if (rc < 0)
        return rc;
    if (plan.rate > 0)
        plan.n_windows = 1;
    plan.terminals = (unsigned) terminals;
    plan.desks = (unsigned) desks;
    *ret_plan = plan;
    return 0;
}

uint64_t bench_plan_ahead (const struct bench_plan *plan, uint64_t window)
{
    if (plan->ahead > 0)
        return plan->ahead;
    return window == 1 ? 1 : window * AHEAD_TIMES;
}
