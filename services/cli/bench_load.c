/* SPDX-License-Identifier: Apache-2.0 */
/* The loop. It shares the machine with what it measures, so it sleeps in epoll until a line
 * may have something, takes all of it, and says in one frame what became free by that.
 *
 *   connect ─▶ meet (bench_ports.c) ─▶ run: second of warming up, interval, drain ─▶ run …
 *
 * Every run begins and ends with nothing on its way. */
#include "cli/bench_inside.h"

#include "wire/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS  INT64_C (1000000000)
#define WARM_UP_NS SECOND_NS
/* Nothing has come for so long, and something is missing. */
#define PATIENCE_S  30
#define PATIENCE_NS (PATIENCE_S * SECOND_NS)
/* How often lines are asked whether they still stand, and people whether they want more. */
#define LOOK_NS (20 * INT64_C (1000000))
/* Above so many a second, several are sent together rather than each on its own: the loop
 * would otherwise take the processor from what it measures. */
#define PACE_RATE 4000
#define PACE_NS   INT64_C (250000)

int64_t bench_now_ns (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* ---- turns ------------------------------------------------------------------------- */

static int sleep_until (struct bench_load *load, int64_t wake_ns)
{
    struct epoll_event events[64];
    int64_t left_ns = wake_ns - bench_now_ns ();
    if (left_ns < 0)
        left_ns = 0;
    struct timespec timeout = { .tv_sec = left_ns / SECOND_NS,
                                .tv_nsec = left_ns % SECOND_NS };
    int n = epoll_pwait2 (load->poll_fd, events, ARRAY_SIZE (events), &timeout, NULL);
    for (int i = 0; i < n; i++)
        port_touch (load, events[i].data.ptr);
    return n >= 0 || errno == EINTR
               ? 0
               : err_set (&load->cli->err, -errno, "epoll: %s", strerror (errno));
}

static int look (struct bench_load *load, int64_t now_ns)
{
    bool all_met;
    if (now_ns - load->looked_ns < LOOK_NS)
        return 0;
    load->looked_ns = now_ns;
    if (place_is_asked (load->town->place))
        return err_set (&load->cli->err, -EINTR, _ ("asked to end"));
    return ports_greet (load, &all_met);
}

/* Sleep until something can be done, at most until 'wake_ns'; do it all. How many frames
 * came. */
static int turn (struct bench_load *load, int64_t wake_ns, size_t *ret_frames)
{
    *ret_frames = 0;
    int rc = sleep_until (load, wake_ns);
    if (rc == 0)
        rc = look (load, bench_now_ns ());
    do {
        if (rc == 0)
            rc = ports_hear (load, ret_frames);
        if (rc < 0)
            return rc;
        int64_t now_ns = bench_now_ns ();
        terminals_file (load, now_ns);
        for (size_t i = 0; i < load->n_desks; i++)
            desk_send (load, &load->desks[i], now_ns);
        asker_ask (load, now_ns);
    } while (load->due != NULL);
    return 0;
}

/* When the next filing or query is due by its rate. */
static int64_t next_due_ns (const struct bench_load *load, int64_t now_ns)
{
    const struct bench_plan *plan = load->plan;
    int64_t next_ns = now_ns + LOOK_NS;
    if (load->is_filing && load->run->window == 0) {
        int64_t due_ns = load->first_due_ns +
                         (int64_t) ((double) load->n_due * 1e9 / (double) plan->rate);
        if (plan->rate > PACE_RATE)
            due_ns += PACE_NS - due_ns % PACE_NS;
        next_ns = due_ns < next_ns ? due_ns : next_ns;
    }
    if (load->is_filing && plan->queries > 0) {
        int64_t due_ns = load->first_query_ns + (int64_t) ((double) load->n_queries *
                                                           1e9 / (double) plan->queries);
        next_ns = due_ns < next_ns ? due_ns : next_ns;
    }
    return next_ns;
}

/* ---- a run ------------------------------------------------------------------------- */

static void share_window (struct bench_load *load, uint64_t window)
{
    for (size_t i = 0; i < load->n_terminals; i++)
        load->terminals[i].share =
            window / load->n_terminals + (i < window % load->n_terminals);
}

/* Figures of the daemons at either end of the interval; the answers come by themselves. */
static void ask_figures (struct bench_load *load)
{
    static const enum control_verb verbs[] = { CONTROL_STATUS, CONTROL_METRICS };
    for (size_t i = 0; i < ARRAY_SIZE (bench_speakers); i++)
        for (size_t j = 0; j < ARRAY_SIZE (verbs); j++) {
            struct port *port = &load->controls[bench_speakers[i]];
            struct control control = { .verb = verbs[j] };
            struct to_door message = { .control = &control };
            arena_reset (&load->arena);
            if (!port->is_met ||
                port_send (load, port, to_door_encode (&load->arena, &message)) < 0)
                break; /* it is stopped */
            load->n_figures += verbs[j] == CONTROL_METRICS;
        }
}

/* Until the clock says so, or so many are filed. */
static int file (struct bench_load *load, int64_t end_ns)
{
    const struct bench_run *run = load->run;
    size_t frames;
    int64_t heard_ns = bench_now_ns ();
    for (int64_t now_ns = heard_ns;
         now_ns < end_ns && (run->count == 0 || run->filed < run->count);
         now_ns = bench_now_ns ()) {
        int64_t wake_ns = next_due_ns (load, now_ns);
        int rc = turn (load, wake_ns < end_ns ? wake_ns : end_ns, &frames);
        if (rc < 0)
            return rc;
        if (frames > 0)
            heard_ns = now_ns;
        if (now_ns - heard_ns > PATIENCE_NS)
            return err_set (&load->cli->err, -EREMOTEIO,
                            _ ("nothing was heard for %d seconds"), PATIENCE_S);
    }
    return 0;
}

/* Until everything that was filed was acknowledged and claimed. */
static int drain (struct bench_load *load)
{
    const struct bench_run *run = load->run;
    size_t frames;
    int64_t heard_ns = bench_now_ns ();
    while (run->acknowledged < run->filed || run->claimed < run->filed ||
           load->asker.answered < load->asker.asked || load->n_figures > 0) {
        int64_t now_ns = bench_now_ns ();
        int rc = turn (load, now_ns + LOOK_NS, &frames);
        if (rc < 0)
            return rc;
        if (frames > 0)
            heard_ns = now_ns;
        if (now_ns - heard_ns > PATIENCE_NS)
            return err_set (&load->cli->err, -EREMOTEIO,
                            _ ("filed %llu, acknowledged %llu, claimed %llu, and nothing "
                               "more was heard for %d seconds"),
                            (unsigned long long) run->filed,
                            (unsigned long long) run->acknowledged,
                            (unsigned long long) run->claimed, PATIENCE_S);
    }
    return 0;
}

static int meet_all (struct bench_load *load)
{
    bool all_met = false;
    size_t frames;
    int64_t deadline_ns = bench_now_ns () + PATIENCE_NS;
    while (!all_met) {
        int rc = ports_greet (load, &all_met);
        if (rc == 0)
            rc = turn (load, bench_now_ns () + LOOK_NS / 10, &frames);
        if (rc < 0)
            return rc;
        if (bench_now_ns () > deadline_ns)
            return err_set (&load->cli->err, -EHOSTUNREACH,
                            _ ("the daemons do not take all connections"));
    }
    return 0;
}

static int measure (struct bench_load *load)
{
    struct bench_run *run = load->run;
    int64_t begin_ns = bench_now_ns ();
    load->from_ns = begin_ns + WARM_UP_NS;
    load->until_ns = load->from_ns + (int64_t) (run->seconds * 1e9);
    load->first_due_ns = load->first_query_ns = begin_ns;
    load->n_due = load->n_queries = 0;
    int rc = file (load, load->from_ns);
    if (rc < 0)
        return rc;
    ask_figures (load);
    rc = file (load, load->until_ns);
    ask_figures (load);
    run->within_s = run->seconds;
    run->ended_ns = bench_now_ns ();
    return rc;
}

/* Fill: there is no interval but from the first to the last. */
static int fill (struct bench_load *load)
{
    load->from_ns = bench_now_ns ();
    load->until_ns = INT64_MAX;
    int rc = file (load, INT64_MAX);
    load->run->ended_ns = bench_now_ns ();
    return rc;
}

int bench_load_run (struct bench_load *load, struct bench_run *run)
{
    load->run = run;
    memset (load->is_after, 0, sizeof load->is_after);
    share_window (load, run->window);
    int64_t begin_ns = bench_now_ns ();
    load->from_ns = load->until_ns = INT64_MAX;
    int rc = meet_all (load);
    load->is_filing = true;
    if (rc == 0)
        rc = run->count > 0 ? fill (load) : measure (load);
    load->is_filing = false;
    if (rc == 0)
        rc = drain (load);
    run->total_s = (double) (bench_now_ns () - begin_ns) / 1e9;
    if (run->count > 0)
        run->within_s = run->total_s;
    return rc;
}

/* ---- all of it --------------------------------------------------------------------- */

int bench_load_open (struct bench_town *town, const struct bench_plan *plan,
                     struct bench_load **ret_load)
{
    struct bench_load *load = calloc (1, sizeof *load);
    if (load == NULL)
        abort ();
    load->town = town;
    load->plan = plan;
    load->cli = town->cli;
    load->n_terminals = plan->terminals;
    load->n_desks = plan->desks;
    load->terminals = calloc (load->n_terminals, sizeof *load->terminals);
    load->desks = calloc (load->n_desks, sizeof *load->desks);
    load->batch = bench_batch_create (plan);
    load->poll_fd = epoll_create1 (EPOLL_CLOEXEC);
    if (load->terminals == NULL || load->desks == NULL || load->poll_fd < 0)
        abort ();
    arena_init (&load->arena, 0);
    load->wall_ms = cli_now_ms ();
    load->wall_ns = bench_now_ns ();
    prctl (PR_SET_TIMERSLACK, 1000ul); /* a filing is due when it is due */
    *ret_load = load;
    int rc = hub_open ((int) (4 * (load->n_terminals + load->n_desks + 8)), &load->hub,
                       &load->cli->err);
    return rc == 0 ? ports_open (load) : rc;
}

void bench_load_close (struct bench_load **load)
{
    if (*load == NULL)
        return;
    ports_close (*load);
    hub_close (&(*load)->hub);
    bench_batch_destroy (&(*load)->batch);
    for (size_t i = 0; i < (*load)->n_terminals; i++)
        free ((*load)->terminals[i].due_ns);
    free ((*load)->terminals);
    free ((*load)->desks);
    arena_done (&(*load)->arena);
    close ((*load)->poll_fd);
    free (*load);
    *load = NULL;
}
