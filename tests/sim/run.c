/* SPDX-License-Identifier: Apache-2.0 */
/* A seed, from its first morning to its rest. */
#include "sim/sim.h"

#include <stdarg.h>
#include <stdlib.h>

#include "sim/disk.h"

#define DAYS_USUAL      3
#define VILLAGES_USUAL  SIM_TERMINALS
#define RESTORED_ONE_IN 8  /* seeds */
#define KILLED_ONE_IN   60 /* writes of a terminal */
/* People make mistakes, but not as often as in a property test. */
#define WRONG_ONE_IN    30
#define DOCTORED_ONE_IN 60

/* ---- talk --------------------------------------------------------------------------- */

void sim_complain (struct sim *sim, const char *format, ...)
{
    char time[CIVIL_TIME_SIZE];
    va_list arguments;
    if (sim->complaint[0] != '\0')
        return;
    int used = snprintf (sim->complaint, sizeof sim->complaint,
                         "step %llu, %s: ", (unsigned long long) sim->counts.events,
                         civil_format_time (sim->now_ms, time));
    va_start (arguments, format);
    vsnprintf (sim->complaint + used, sizeof sim->complaint - (size_t) used, format,
               arguments);
    va_end (arguments);
    TRACE (sim, "COMPLAINT %s", sim->complaint);
}

void sim_trace (struct sim *sim, const char *format, ...)
{
    char time[CIVIL_TIME_SIZE];
    va_list arguments;
    fprintf (sim->options.trace, "%llu %s.%03d ", (unsigned long long) sim->counts.events,
             civil_format_time (sim->now_ms, time), (int) (sim->now_ms % 1000));
    va_start (arguments, format);
    vfprintf (sim->options.trace, format, arguments);
    va_end (arguments);
    fputc ('\n', sim->options.trace);
}

/* ---- events ------------------------------------------------------------------------- */

void sim_put (struct sim *sim, struct happening event, int64_t in_ms)
{
    event.at_ms = sim->now_ms + (in_ms > 0 ? in_ms : 0);
    queue_put (&sim->queue, &event);
}

void node_wake_at (struct sim *sim, struct node *node, int64_t at_ms)
{
    if (node->wakes_at_ms == at_ms && at_ms > sim->now_ms)
        return;
    node->wakes_at_ms = at_ms;
    sim_put (sim,
             (struct happening){
                 .kind = HAPPENS_WAKE, .node = node, .mark = ++node->wake_mark },
             at_ms - sim->now_ms);
}

void node_restart_in (struct sim *sim, struct node *node, int64_t in_ms)
{
    sim_put (sim, (struct happening){ .kind = HAPPENS_RESTART, .node = node }, in_ms);
}

static bool is_stale (const struct sim *sim, const struct happening *event)
{
    switch (event->kind) {
    case HAPPENS_WAKE:
        return event->mark != event->node->wake_mark;
    case HAPPENS_NEWS:
    case HAPPENS_TURN:
    case HAPPENS_SPEAK:
    case HAPPENS_POWER:
    case HAPPENS_RESUME:
        return event->mark != event->node->mark;
    case HAPPENS_CONNECT:
        return event->mark != event->road->mark;
    case HAPPENS_PEOPLE:
    case HAPPENS_FATE:
    case HAPPENS_LONG_CUT:
        return sim->is_resting;
    case HAPPENS_MEND:
    case HAPPENS_FRAME:
    case HAPPENS_RESTART:
        return false;
    }
    return false;
}

static void happen (struct sim *sim, const struct happening *event)
{
    struct daemon *daemon = (struct daemon *) event->node;
    switch (event->kind) {
    case HAPPENS_FRAME:
        road_arrive (sim, event->frame);
        break;
    case HAPPENS_NEWS:
        event->node->on_frame (sim, event->node, event->frame);
        break;
    case HAPPENS_CONNECT:
        road_connect (sim, event->road);
        break;
    case HAPPENS_WAKE:
        event->node->wakes_at_ms = 0;
        event->node->on_wake (sim, event->node);
        break;
    case HAPPENS_TURN:
        daemon_turn (sim, daemon);
        break;
    case HAPPENS_SPEAK:
        daemon_speak (sim, daemon);
        break;
    case HAPPENS_RESTART:
        event->node->on_restart (sim, event->node);
        break;
    case HAPPENS_POWER:
        daemon_cut_power (sim, daemon);
        break;
    case HAPPENS_RESUME:
        daemon_resume (sim, daemon);
        break;
    case HAPPENS_MEND:
        road_mend (sim, event->road);
        break;
    case HAPPENS_PEOPLE:
        people_act (sim);
        break;
    case HAPPENS_FATE:
        fate_strike (sim);
        break;
    case HAPPENS_LONG_CUT:
        fate_cut_long (sim);
        break;
    }
}

void sim_pass (struct sim *sim, int64_t until_ms)
{
    struct happening event;
    while (sim->complaint[0] == '\0' && sim->queue.count > 0 &&
           sim->queue.heap[0].at_ms <= until_ms && queue_take (&sim->queue, &event)) {
        if (is_stale (sim, &event)) {
            frame_destroy (event.frame);
            continue;
        }
        assert (event.at_ms >= sim->now_ms);
        sim->now_ms = event.at_ms;
        sim->counts.events++;
        arena_reset (&sim->arena);
        happen (sim, &event);
    }
    if (sim->complaint[0] == '\0')
        sim->now_ms = until_ms;
}

/* ---- the shape of a seed ----------------------------------------------------------- */

/* Ten villages for three days. But of every 32 seeds one has six for five days, with room
 * for a road that is cut for three of them on end, and of every 256 one has a single village
 * for a month. */
static void shape (struct sim *sim, const struct sim_options *options)
{
    bool is_usual = options->days == 0 && options->villages == 0 && !options->is_quiet;
    sim->options.days = options->days == 0 ? DAYS_USUAL : options->days;
    if (options->villages == 0 || options->villages > SIM_TERMINALS)
        sim->options.villages = VILLAGES_USUAL;
    if (is_usual && options->seed % 32 == 5) {
        sim->options.days = 5;
        sim->options.villages = 6;
        sim->has_long_cut = !options->is_calm;
    } else if (is_usual && options->seed % 256 == 9) {
        sim->options.days = 30;
        sim->options.villages = 1;
    }
}

/* ---- a seed ------------------------------------------------------------------------- */

/* Autumn, new year, a long holiday, the last known days of the calendar. */
static int64_t start_of (struct sim *sim)
{
    static const char *const starts[] = { "2026-11-23 07:30:00", "2026-01-19 15:30:00",
                                          "2025-09-25 08:10:00", "2026-09-10 23:59:00",
                                          "2025-12-24 12:00:00" };
    int64_t ms = 0;
    int rc = civil_parse_time (starts[dice_below (sim, DICE_PEOPLE, ARRAY_SIZE (starts))],
                               &ms, NULL);
    assert (rc == 0);
    return ms + dice_between (sim, DICE_PEOPLE, 0, CIVIL_DAY_MS);
}

static void open_daemons (struct sim *sim)
{
    for (size_t i = 0; i < SIM_DAEMONS; i++)
        daemon_create (sim, &sim->daemons[i], disk_specs[i]);
    for (size_t i = 0; i < SIM_DAEMONS; i++) {
        struct daemon *daemon = &sim->daemons[i];
        for (size_t j = 0; j < daemon->spec->n_follows; j++) {
            enum speaker speaker = daemon->spec->follows[j].speaker;
            road_init (sim, &sim->daemon_roads[i][speaker], &daemon->node,
                       sim_daemon (sim, speaker));
        }
        disk_lay (daemon);
    }
    for (size_t i = 0; i < SIM_DAEMONS; i++)
        daemon_start (sim, &sim->daemons[i]);
}

static void open_clients (struct sim *sim)
{
    struct crowd_manners manners = { .wrong_one_in = WRONG_ONE_IN,
                                     .doctored_one_in = DOCTORED_ONE_IN,
                                     .terminals = sim->options.villages };
    for (size_t i = 0; i < SIM_TERMINALS; i++)
        terminal_create (sim, &sim->terminals[i], i);
    for (size_t i = 0; i < SIM_DESKS; i++)
        desk_create (sim, &sim->desks[i], SIM_TERMINALS + i);
    sim->crowd = crowd_create (NULL, dice_bits (sim, DICE_PEOPLE));
    crowd_behave (sim->crowd, &manners);
}

struct sim *sim_open (const struct sim_options *options)
{
    struct sim *sim = calloc (1, sizeof *sim);
    assert (sim != NULL);
    sim->options = *options;
    shape (sim, options);
    if (!options->is_calm && options->killed_one_in == 0)
        sim->options.killed_one_in = KILLED_ONE_IN;
    arena_init (&sim->arena, 0);
    arena_init (&sim->entry, 0);
    dice_init (sim, options->seed);
    sim->now_ms = sim->start_ms = start_of (sim);
    sim->end_ms = sim->start_ms + sim->options.days * CIVIL_DAY_MS;
    sim->counts.village_days = sim->options.days * sim->options.villages;
    sim->witness = witness_create ();
    open_daemons (sim);
    open_clients (sim);
    if (!options->is_quiet)
        people_wake (sim);
    if (options->seed % RESTORED_ONE_IN == RESTORED_ONE_IN - 1)
        sim->restorations_left = 2;
    fate_wake (sim);
    if (sim->has_long_cut)
        sim_put (sim, (struct happening){ .kind = HAPPENS_LONG_CUT },
                 dice_between (sim, DICE_FATE, 1, CIVIL_DAY_MS));
    return sim;
}

void sim_close (struct sim **place)
{
    struct sim *sim = *place;
    *place = NULL;
    for (size_t i = 0; i < SIM_DAEMONS; i++)
        daemon_destroy (&sim->daemons[i]);
    for (size_t i = 0; i < SIM_TERMINALS; i++)
        terminal_destroy (&sim->terminals[i]);
    for (size_t i = 0; i < SIM_DESKS; i++)
        desk_destroy (&sim->desks[i]);
    queue_done (&sim->queue);
    crowd_destroy (&sim->crowd);
    witness_destroy (&sim->witness);
    watch_done (sim);
    free (sim->slips);
    arena_done (&sim->arena);
    arena_done (&sim->entry);
    free (sim);
}

bool sim_run (const struct sim_options *options, struct sim_counts *counts,
              char *ret_complaint, size_t complaint_size)
{
    struct sim *sim = sim_open (options);
    sim_pass (sim, sim->end_ms);
    if (sim->complaint[0] == '\0')
        rest_check (sim);
    bool is_well = sim->complaint[0] == '\0';
    snprintf (ret_complaint, complaint_size, "%s", sim->complaint);
    *counts = sim->counts;
    sim_close (&sim);
    return is_well;
}
