/* SPDX-License-Identifier: Apache-2.0 */
/* The loop. It shares the machine with what it measures, so it sleeps in epoll until a line
 * may have something, takes all of it, and says in one frame what became free by that.
 *
 *   connect ─▶ greet (Standing; desks: Subscribe) ─▶ run: second of warming up,
 *     interval, drain ─▶ run …                        every run begins and ends empty
 *
 * A line that breaks ends it: on this machine that is a daemon that fell. */
#include "cli/bench_inside.h"

#include "wire/names.h"
#include "wire/wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS  INT64_C (1000000000)
#define WARM_UP_NS SECOND_NS
/* Nothing has come for so long, and something is missing. */
#define PATIENCE_NS (30 * SECOND_NS)
/* How often lines are asked whether they still stand, and people whether they want more. */
#define LOOK_NS (20 * INT64_C (1000000))
/* Above so many a second, several are sent together rather than each on its own: the loop
 * would otherwise take the processor from what it measures. */
#define PACE_RATE 4000
#define PACE_NS   INT64_C (250000)
/* Frames taken from one line at once. */
#define FRAMES 64

int64_t bench_now_ns (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* ---- ports ------------------------------------------------------------------------- */

void port_touch (struct bench_load *load, struct port *port)
{
    if (port->is_due)
        return;
    port->is_due = true;
    port->next_due = load->due;
    load->due = port;
}

int port_send (struct bench_load *load, struct port *port, struct bytes frame)
{
    if (!port->is_greeted && port->kind != PORT_CONTROL)
        return -EAGAIN;
    int rc = line_send (port->line, frame);
    if (rc == 0)
        port_touch (load, port);
    return rc;
}

static int port_open (struct bench_load *load, struct port *port, enum port_kind kind,
                      size_t index, const char *endpoint, const uint8_t *server_key,
                      const struct key_pair *pair)
{
    struct line_options options = {
        .endpoint = endpoint, .server_key = server_key, .pair = pair, .batch = FRAMES
    };
    *port = (struct port){ .kind = kind, .index = index };
    int rc = line_open (load->hub, &options, &port->line, &load->cli->err);
    if (rc < 0)
        return rc;
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = port };
    if (epoll_ctl (load->poll_fd, EPOLL_CTL_ADD, line_descriptor (port->line), &event) <
        0)
        return err_set (&load->cli->err, -errno, "epoll: %s", strerror (errno));
    return 0;
}

static int port_open_door (struct bench_load *load, struct port *port,
                           enum port_kind kind, size_t index, enum speaker speaker,
                           const struct key_file *key)
{
    return port_open (load, port, kind, index, key->servers[speaker].endpoint,
                      key->servers[speaker].public_key, &key->pair);
}

int bench_unexpected (struct bench_load *load, const char *who,
                      const struct refusal *refusal)
{
    return err_set (&load->cli->err, -EREMOTEIO, _ ("%s was refused: %s"), who,
                    refusal != NULL ? refusal->sentence : "?");
}

/* ---- hearing ----------------------------------------------------------------------- */

static void control_hear (struct bench_load *load, struct port *port,
                          const struct control_reply *reply)
{
    enum speaker speaker = (enum speaker) port->index;
    struct bench_look *look = load->is_after[speaker] ? &load->run->after[speaker]
                                                      : &load->run->before[speaker];
    if (reply->status != NULL)
        bench_look_status (look, reply->status);
    if (reply->text != NULL) {
        bench_look_metrics (look, speaker, reply->text);
        load->is_after[speaker] = true;
        load->n_figures--;
    }
}

/* Told where it stands: counters go on from there. */
static void meet (struct bench_load *load, struct port *port, uint64_t last)
{
    port->is_met = true;
    if (port->kind == PORT_TERMINAL) {
        struct bench_terminal *terminal = &load->terminals[port->index];
        terminal->base = terminal->made = terminal->sent = terminal->acked = last;
    } else if (port->kind == PORT_DESK) {
        struct bench_desk *desk = &load->desks[port->index];
        desk->made = desk->sent = desk->acked = last;
        desk_greet (load, desk);
    }
}

static int hear (struct bench_load *load, struct port *port, struct bytes frame,
                 int64_t now_ns)
{
    struct from_door message;
    arena_reset (&load->arena);
    int rc = from_door_decode (&load->arena, frame, &message, &load->cli->err);
    if (rc < 0)
        return rc;
    if (message.refusal != NULL)
        return bench_unexpected (load, _ ("a frame"), message.refusal);
    if (!port->is_met && message.n_replies > 0 && message.replies[0].standing != NULL) {
        meet (load, port, message.replies[0].standing->next_counter - 1);
        return 0;
    }
    switch (port->kind) {
    case PORT_TERMINAL:
        return terminal_hear (load, &load->terminals[port->index], &message, now_ns);
    case PORT_DESK:
        return desk_hear (load, &load->desks[port->index], &message, now_ns);
    case PORT_ASKER:
        return asker_hear (load, &message, now_ns);
    case PORT_CONTROL:
        if (message.control != NULL)
            control_hear (load, port, message.control);
        break;
    }
    return 0;
}

/* Everything that has arrived where something may have. */
static int hear_all (struct bench_load *load, size_t *ret_frames)
{
    while (load->due != NULL) {
        struct port *port = load->due;
        load->due = port->next_due;
        port->is_due = false;
        struct bytes frames[FRAMES];
        for (size_t n; (n = line_take (port->line, frames, FRAMES, SIZE_MAX)) > 0;) {
            int64_t now_ns = bench_now_ns ();
            *ret_frames += n;
            for (size_t i = 0; i < n; i++) {
                int rc = hear (load, port, frames[i], now_ns);
                if (rc < 0)
                    return rc;
            }
        }
    }
    return 0;
}

/* ---- connections ------------------------------------------------------------------- */

static int greet (struct bench_load *load, struct port *port)
{
    struct standing_query standing = { 0 };
    struct query query = { .id = 1, .standing = &standing };
    struct to_door message = { .queries = &query, .n_queries = 1 };
    line_look (port->line);
    if (!line_is_connected (port->line) && port->is_greeted)
        return err_set (&load->cli->err, -EHOSTUNREACH,
                        _ ("a daemon has broken the connection; see above"));
    if (!line_is_connected (port->line) || port->is_greeted)
        return 0;
    arena_reset (&load->arena);
    port->is_greeted = true;
    if (port->kind == PORT_CONTROL)
        port->is_met = true;
    else if (port_send (load, port, to_door_encode (&load->arena, &message)) < 0)
        port->is_greeted = false;
    port_touch (load, port);
    return 0;
}

static struct port *port_at (struct bench_load *load, size_t i)
{
    if (i < load->n_terminals)
        return &load->terminals[i].port;
    i -= load->n_terminals;
    if (i < load->n_desks)
        return &load->desks[i].port;
    i -= load->n_desks;
    if (i == 0)
        return &load->asker.port;
    return i <= ARRAY_SIZE (bench_speakers) ? &load->controls[bench_speakers[i - 1]]
                                            : NULL;
}

/* A daemon that is to be without is not there. */
static bool is_wanted (const struct bench_load *load, const struct port *port)
{
    return port->line != NULL &&
           (port->kind != PORT_CONTROL ||
            place_process (load->town->place, (enum speaker) port->index) != 0);
}

static int greet_all (struct bench_load *load, bool *ret_all_met)
{
    struct port *port;
    *ret_all_met = true;
    for (size_t i = 0; (port = port_at (load, i)) != NULL; i++) {
        if (!is_wanted (load, port)) {
            port->is_greeted = port->is_met = false;
            continue;
        }
        int rc = greet (load, port);
        if (rc < 0)
            return rc;
        *ret_all_met = *ret_all_met && port->is_met;
    }
    return 0;
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
    return greet_all (load, &all_met);
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
            rc = hear_all (load, ret_frames);
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
                            _ ("nothing was heard for %d seconds"), 30);
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
                            (unsigned long long) run->claimed, 30);
    }
    return 0;
}

static int meet_all (struct bench_load *load)
{
    bool all_met = false;
    size_t frames;
    int64_t deadline_ns = bench_now_ns () + PATIENCE_NS;
    while (!all_met) {
        int rc = greet_all (load, &all_met);
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

static int open_all (struct bench_load *load)
{
    struct bench_town *town = load->town;
    struct config *config = cli_config (load->cli);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < load->n_terminals; i++) {
        load->terminals[i].key = &town->terminals[i];
        rc = port_open_door (load, &load->terminals[i].port, PORT_TERMINAL, i,
                             SPEAKER_INTAKE, &town->terminals[i]);
    }
    for (size_t i = 0; rc == 0 && i < load->n_desks; i++) {
        load->desks[i].key = &town->desks[i];
        rc = port_open_door (load, &load->desks[i].port, PORT_DESK, i, SPEAKER_ROUTING,
                             &town->desks[i].key);
    }
    if (rc == 0)
        rc = port_open_door (load, &load->asker.port, PORT_ASKER, 0, SPEAKER_INTAKE,
                             &town->terminals[load->n_terminals]);
    for (size_t i = 0; rc == 0 && i < ARRAY_SIZE (bench_speakers); i++) {
        enum speaker speaker = bench_speakers[i];
        rc = port_open (load, &load->controls[speaker], PORT_CONTROL, speaker,
                        config_control (config, speaker),
                        town->operator_key.servers[speaker].public_key,
                        &town->operator_key.pair);
    }
    return rc;
}

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
    return rc == 0 ? open_all (load) : rc;
}

void bench_load_close (struct bench_load **load)
{
    struct port *port;
    if (*load == NULL)
        return;
    for (size_t i = 0; (port = port_at (*load, i)) != NULL; i++)
        line_close (&port->line);
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
