/* SPDX-License-Identifier: Apache-2.0 */
/* A core as a node.
 *
 *     idle ──frame, wake──▶ turn: one batch, committed ──▶ busy ──speak──▶ idle
 *
 * The commit takes simulated time, in which the next batch gathers; what the turn wants to
 * say leaves when that is over. A kill while it is busy is a commit without a word. A kill
 * while it is idle is a batch that never was. A commit that fails ends the process; what
 * the disk has then is one of three (enum fate_of_commit). */
#include "sim/sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "sim/disk.h"

#define BATCH_MAX      256
#define COMMIT_MOST_MS 12
#define CALLED_MOST_MS 10
#define PATIENT_MS     5000 /* time that silence grows by in one turn */
#define RESTART_MS     1000 /* as systemd does */
#define GATHER_MS      20   /* as the shell, in some seeds */
#define POWER_MOST_MS  3000

/* ---- what waits to be heard, or said ------------------------------------------------ */

static void frames_clear (struct frame **first, struct frame ***last)
{
    while (*first != NULL) {
        struct frame *frame = *first;
        *first = frame->next;
        frame_destroy (frame);
    }
    *last = first;
}

static void frame_put (struct frame ***last, struct frame *frame)
{
    frame->next = NULL;
    **last = frame;
    *last = &frame->next;
}

static void forget_all (struct daemon *daemon)
{
    frames_clear (&daemon->inbox, &daemon->last_in);
    frames_clear (&daemon->outbox, &daemon->last_out);
}

/* ---- a turn ------------------------------------------------------------------------- */

/* Frames of callers come by their road, those of followed daemons on our own. */
static struct input input_of (struct sim *sim, struct daemon *daemon,
                              const struct frame *frame)
{
    struct road *road = frame->road;
    if (frame->news == NEWS_RESULT)
        return (struct input){ .kind = INPUT_RESULT,
                               .effect = frame->effect,
                               .sysexit = frame->sysexit,
                               .detail = "as it happened" };
    if (road->daemon != daemon)
        return (struct input){ .kind = INPUT_LINK,
                               .link = road->daemon->speaker,
                               .frame = frame->bytes };
    uint8_t *peer = ARENA_ARRAY (&sim->arena, uint8_t, PEER_BYTES);
    road_peer (road, frame->connection, peer);
    return (struct input){ .kind = frame->news == NEWS_GONE ? INPUT_GONE : INPUT_DOOR,
                           .peer = BYTES (peer, PEER_BYTES),
                           .key = BYTES (road->caller->key, KEY_BYTES),
                           .frame = frame->bytes };
}

/* Most notices leave; some are to be tried again, a few never. */
static void send_notice (struct sim *sim, struct daemon *daemon, uint64_t effect)
{
    uint64_t chance = dice_below (sim, DICE_NET, 40);
    struct frame result = { .news = NEWS_RESULT,
                            .effect = effect,
                            .sysexit = chance == 0  ? EX_UNAVAILABLE
                                       : chance < 4 ? EX_TEMPFAIL
                                                    : EX_OK };
    news_send (sim, &daemon->node, &result, dice_between (sim, DICE_NET, 50, 4000));
}

static void keep_output (struct sim *sim, struct daemon *daemon,
                         const struct output *output)
{
    struct road *road = NULL;
    unsigned connection = 0;
    switch (output->kind) {
    case OUTPUT_LINK:
        road = daemon->node.roads[output->link];
        connection = road->connection;
        break;
    case OUTPUT_DOOR:
    case OUTPUT_CONTROL:
        road = road_of_peer (sim, daemon, output->peer, &connection);
        break;
    case OUTPUT_EFFECT:
        send_notice (sim, daemon, output->effect.id);
        return;
    }
    frame_put (&daemon->last_out,
               frame_make (road, connection, output->kind == OUTPUT_LINK, output->frame));
}

static size_t inbox_count (const struct daemon *daemon)
{
    size_t count = 0;
    for (const struct frame *frame = daemon->inbox; frame != NULL && count < BATCH_MAX;
         frame = frame->next)
        count++;
    return count;
}

static size_t gather (struct sim *sim, struct daemon *daemon, struct input *inputs,
                      struct frame **ret_taken)
{
    size_t count = 0;
    struct frame **at = &daemon->inbox;
    for (; *at != NULL && count < BATCH_MAX; at = &(*at)->next)
        inputs[count++] = input_of (sim, daemon, *at);
    *ret_taken = daemon->inbox;
    daemon->inbox = *at;
    *at = NULL;
    if (daemon->inbox == NULL)
        daemon->last_in = &daemon->inbox;
    return count;
}

/* What became durable with the store's last commit. */
static void note_commit (struct sim *sim, struct daemon *daemon)
{
    uint64_t commits = store_commits (core_store (daemon->core));
    if (commits != daemon->commits && !daemon->has_lied)
        daemon->is_ahead = false;
    daemon->commits = commits;
    if (!daemon->is_ahead)
        watch_commit (sim, daemon);
}

/* It runs on what the disk may not have. */
static void expect_power_cut (struct sim *sim, struct daemon *daemon)
{
    if (daemon->is_ahead)
        sim_put (sim,
                 (struct happening){ .kind = HAPPENS_POWER,
                                     .node = &daemon->node,
                                     .mark = daemon->node.mark },
                 dice_between (sim, DICE_FATE, 1, POWER_MOST_MS));
}

static void die (struct sim *sim, struct daemon *daemon, const char *why)
{
    TRACE (sim, "%s ends: %s", daemon->node.name, why);
    sim->counts.deaths++;
    daemon_kill (sim, daemon);
    node_restart_in (sim, &daemon->node,
                     RESTART_MS + dice_between (sim, DICE_FATE, 0, RESTART_MS));
}

static void turn (struct sim *sim, struct daemon *daemon)
{
    struct input *inputs =
        ARENA_ARRAY (&sim->arena, struct input, inbox_count (daemon) + 1);
    struct frame *taken = NULL, **last = &taken;
    struct outbox *outbox;
    struct err err = { 0 };
    size_t count = gather (sim, daemon, inputs, &taken);
    int rc =
        core_turn (daemon->core, inputs, count, clock_of (sim, daemon), &outbox, &err);
    daemon->is_armed = false; /* whatever it was, it has happened */
    TRACE (sim, "%s takes %zu: %s", daemon->node.name, count, rc < 0 ? err.text : "done");
    sim->counts.turns++;
    frames_clear (&taken, &last);
    if (rc < 0) {
        die (sim, daemon, err.text);
        return;
    }
    for (size_t i = 0; i < outbox->n_outputs; i++)
        keep_output (sim, daemon, &outbox->outputs[i]);
    note_commit (sim, daemon);
    expect_power_cut (sim, daemon);
    daemon->is_busy = true;
    sim_put (sim,
             (struct happening){ .kind = HAPPENS_SPEAK,
                                 .node = &daemon->node,
                                 .mark = daemon->node.mark },
             dice_between (sim, DICE_DISK, 1, COMMIT_MOST_MS));
}

/* Nothing will come from there for a while: half-second looks find nothing. */
static bool waits_for_somebody (const struct daemon *daemon)
{
    for (size_t i = 0; i < daemon->spec->n_follows; i++)
        if (!daemon->node.roads[daemon->spec->follows[i].speaker]->is_up)
            return true;
    return false;
}

/* As the shell does it (service_loop.c). Is it time? */
static bool serves_waiting (struct sim *sim, struct daemon *daemon)
{
    if (!core_is_waited_for (daemon->core))
        daemon->serve_ms = 0;
    else if (daemon->serve_ms == 0)
        daemon->serve_ms = sim->now_ms + GATHER_MS;
    if (daemon->serve_ms == 0 || sim->now_ms < daemon->serve_ms)
        return false;
    daemon->serve_ms = 0;
    core_serve_waiting (daemon->core);
    return true;
}

static int64_t sleep_ms (struct sim *sim, struct daemon *daemon, int64_t believed_ms)
{
    int64_t wake_ms = core_errand_ms (daemon->core, believed_ms), in_ms = INT64_MAX;
    if (wake_ms != INT64_MAX)
        in_ms = wake_ms > believed_ms ? wake_ms - believed_ms : 1;
    if (in_ms < PATIENT_MS && waits_for_somebody (daemon))
        in_ms = PATIENT_MS;
    if (daemon->serve_ms != 0 && daemon->serve_ms - sim->now_ms < in_ms)
        in_ms = daemon->serve_ms - sim->now_ms;
    return in_ms;
}

static void turn_or_sleep (struct sim *sim, struct daemon *daemon)
{
    if (daemon->core == NULL || daemon->is_busy || daemon->is_stopped)
        return;
    int64_t believed_ms = clock_of (sim, daemon);
    if (serves_waiting (sim, daemon) || daemon->inbox != NULL ||
        core_wake_ms (daemon->core, believed_ms) <= believed_ms) {
        turn (sim, daemon);
        return;
    }
    int64_t in_ms = sleep_ms (sim, daemon, believed_ms);
    if (in_ms != INT64_MAX)
        node_wake_at (sim, &daemon->node, sim->now_ms + in_ms);
}

/* Something arrived: it will be its turn in a moment, with what arrives until then. */
static void call (struct sim *sim, struct daemon *daemon)
{
    if (daemon->is_busy || daemon->is_stopped || daemon->is_called)
        return;
    daemon->is_called = true;
    sim_put (sim,
             (struct happening){
                 .kind = HAPPENS_TURN, .node = &daemon->node, .mark = daemon->node.mark },
             dice_between (sim, DICE_DISK, 10, 30));
}

void daemon_turn (struct sim *sim, struct daemon *daemon)
{
    daemon->is_called = false;
    turn_or_sleep (sim, daemon);
}

void daemon_speak (struct sim *sim, struct daemon *daemon)
{
    struct frame *frame = daemon->outbox;
    daemon->outbox = NULL;
    daemon->last_out = &daemon->outbox;
    daemon->is_busy = false;
    while (frame != NULL) {
        struct frame *next = frame->next;
        road_send (sim, frame);
        frame = next;
    }
    if (daemon->inbox != NULL)
        call (sim, daemon);
    else
        turn_or_sleep (sim, daemon);
}

void daemons_pulse (struct sim *sim)
{
    for (size_t i = 0; i < SIM_DAEMONS; i++)
        turn_or_sleep (sim, &sim->daemons[i]);
}

/* ---- as a node ---------------------------------------------------------------------- */

static void hear (struct sim *sim, struct node *node, struct frame *frame)
{
    struct daemon *daemon = (struct daemon *) node;
    if (daemon->core == NULL) {
        frame_destroy (frame);
        return;
    }
    frame_put (&daemon->last_in, frame);
    call (sim, daemon);
}

static void wake (struct sim *sim, struct node *node)
{
    (void) node;
    daemons_pulse (sim);
}

static void connected (struct sim *sim, struct node *node, struct road *road)
{
    struct daemon *daemon = (struct daemon *) node;
    core_connected (daemon->core, road->daemon->speaker);
    turn_or_sleep (sim, daemon);
}

static void broken (struct sim *sim UNUSED, struct node *node UNUSED,
                    struct road *road UNUSED)
{
    /* The shell tells a core nothing of it: it hears of the next connection. */
}

/* ---- life --------------------------------------------------------------------------- */

void daemon_start (struct sim *sim, struct daemon *daemon)
{
    struct core_options options;
    struct err err = { 0 };
    assert (daemon->core == NULL);
    disk_options (sim, daemon, &options);
    int rc = core_open (daemon->spec, &options, &daemon->core, &err);
    if (rc == 0) {
        daemon->has_lied = false;
        daemon->commits = store_commits (core_store (daemon->core));
        clock_begin_life (sim, daemon);
        rc = core_start (daemon->core, NULL, BYTES (NULL, 0), clock_of (sim, daemon),
                         &err);
    }
    TRACE (sim, "%s starts: %s", daemon->node.name, rc < 0 ? err.text : "done");
    if (rc < 0) {
        sim_complain (sim, "%s does not start: %s", daemon->node.name, err.text);
        return;
    }
    /* In three of seven; what once failed is told by seeds of the other four (test_sim). */
    if (sim->options.seed % 7 >= 2 && sim->options.seed % 7 <= 4)
        core_gather (daemon->core);
    daemon->serve_ms = 0;
    daemon->node.mark++;
    daemon->node.is_alive = true;
    daemon->is_busy = daemon->is_stopped = daemon->is_called = false;
    watch_start (sim, daemon);
    note_commit (sim, daemon);
    expect_power_cut (sim, daemon);
    for (size_t i = 0; i < sim->n_nodes; i++) {
        struct road *road = sim->nodes[i]->roads[daemon->speaker];
        if (road != NULL && !road->is_up)
            road_connect_later (sim, road, dice_between (sim, DICE_NET, 1, 300));
    }
    for (size_t i = 1; i < SPEAKER_COUNT; i++) {
        struct road *road = daemon->node.roads[i];
        if (road != NULL && !road->is_up)
            road_connect_later (sim, road, dice_between (sim, DICE_NET, 1, 300));
    }
    turn_or_sleep (sim, daemon);
}

static void fall (struct sim *sim, struct daemon *daemon, bool clean)
{
    if (daemon->core == NULL)
        return;
    daemon_spare (daemon);
    core_close (&daemon->core, clean);
    forget_all (daemon);
    daemon->node.mark++;
    daemon->node.is_alive = false;
    daemon->is_busy = daemon->is_stopped = daemon->is_called = false;
    daemon->deaths++;
    for (size_t i = 0; i < sim->n_nodes; i++)
        if (sim->nodes[i]->roads[daemon->speaker] != NULL)
            road_break (sim, sim->nodes[i]->roads[daemon->speaker]);
    for (size_t i = 1; i < SPEAKER_COUNT; i++)
        if (daemon->node.roads[i] != NULL)
            road_break (sim, daemon->node.roads[i]);
}

void daemon_kill (struct sim *sim, struct daemon *daemon)
{
    fall (sim, daemon, false);
}

void daemon_stop (struct sim *sim, struct daemon *daemon)
{
    fall (sim, daemon, true);
}

static void judge_roads (struct sim *sim, struct daemon *daemon)
{
    for (size_t i = 0; i < sim->n_nodes; i++)
        if (sim->nodes[i]->roads[daemon->speaker] != NULL)
            road_judge (sim, sim->nodes[i]->roads[daemon->speaker]);
    for (size_t i = 1; i < SPEAKER_COUNT; i++)
        if (daemon->node.roads[i] != NULL)
            road_judge (sim, daemon->node.roads[i]);
}

void daemon_pause (struct sim *sim, struct daemon *daemon, int64_t ms)
{
    if (daemon->core == NULL || daemon->is_stopped)
        return;
    daemon->is_stopped = true;
    judge_roads (sim, daemon);
    sim_put (sim,
             (struct happening){ .kind = HAPPENS_RESUME,
                                 .node = &daemon->node,
                                 .mark = daemon->node.mark },
             ms);
}

void daemon_resume (struct sim *sim, struct daemon *daemon)
{
    daemon->is_stopped = false;
    judge_roads (sim, daemon);
    turn_or_sleep (sim, daemon);
}

static void restart (struct sim *sim, struct node *node)
{
    struct daemon *daemon = (struct daemon *) node;
    if (daemon->core != NULL)
        return;
    if (daemon->is_ahead && dice_one_in (sim, DICE_FATE, 2)) {
        daemon_cut_power (sim, daemon);
        return;
    }
    daemon_start (sim, daemon);
}

/* ---- failed commits, power ---------------------------------------------------------- */

void daemon_fail_commit (struct sim *sim, struct daemon *daemon, enum fate_of_commit fate)
{
    if (daemon->core == NULL || daemon->is_busy || daemon->is_ahead)
        return;
    sim->counts.failed_commits++;
    if (fate == COMMIT_UNTIL_POWER_CUT) {
        disk_read (daemon, &daemon->before);
        daemon->is_ahead = true;
        daemon->has_lied = true;
    }
    daemon->is_armed = true;
    store_fail_commit (core_store (daemon->core), fate != COMMIT_ABSENT, -EIO);
}

void daemon_spare (struct daemon *daemon)
{
    if (!daemon->is_armed)
        return;
    store_fail_commit (core_store (daemon->core), false, 0);
    daemon->is_armed = daemon->is_ahead = daemon->has_lied = false;
}

void daemon_cut_power (struct sim *sim, struct daemon *daemon)
{
    if (!daemon->is_ahead)
        return;
    TRACE (sim, "the power of %s is cut", daemon->node.name);
    sim->counts.power_cuts++;
    daemon_kill (sim, daemon);
    disk_write (daemon, buffer_bytes (&daemon->before));
    daemon->is_ahead = false;
    node_restart_in (sim, &daemon->node, dice_between (sim, DICE_FATE, 1, 60000));
}

void daemon_create (struct sim *sim, struct daemon *daemon,
                    const struct service_spec *spec)
{
    *daemon = (struct daemon){ .spec = spec,
                               .speaker = spec->speaker,
                               .node = { .index = (unsigned) sim->n_nodes,
                                         .on_frame = hear,
                                         .on_wake = wake,
                                         .on_connected = connected,
                                         .on_broken = broken,
                                         .on_restart = restart } };
    daemon->last_in = &daemon->inbox;
    daemon->last_out = &daemon->outbox;
    snprintf (daemon->node.name, sizeof daemon->node.name, "%s", spec->name);
    snprintf (daemon->dir, sizeof daemon->dir, "%.200s/%s", disk_dir (), spec->name);
    disk_key_of_daemon (spec->speaker, daemon->node.key);
    sim->nodes[sim->n_nodes++] = &daemon->node;
}

void daemon_destroy (struct daemon *daemon)
{
    core_close (&daemon->core, false);
    frames_clear (&daemon->inbox, &daemon->last_in);
    frames_clear (&daemon->outbox, &daemon->last_out);
    buffer_done (&daemon->before);
}
