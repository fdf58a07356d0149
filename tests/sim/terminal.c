/* SPDX-License-Identifier: Apache-2.0 */
/* A village terminal: the real spool on a disk of its own, the real machine that sends it,
 * and a process that is killed at any moment between two of its writes. What lasts beside
 * the spool is paper: the slips that were printed. */
#include "sim/sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/disk.h"

#define DOWN_MOST_MS (20 * 60 * 1000)
#define QUERY_FIRST  1000 /* ids below are the talk's */

/* ---- its process -------------------------------------------------------------------- */

static void open_spool (struct sim *sim, struct terminal *terminal)
{
    struct err err = { 0 };
    if (spool_open (terminal->dir, &terminal->spool, &err) < 0) {
        sim_complain (sim, "%s: %s", terminal->node.name, err.text);
        return;
    }
    terminal->node.is_alive = true;
    talk_init (&terminal->talk, terminal->spool, SPEAKER_INTAKE);
}

void terminal_kill (struct sim *sim, struct terminal *terminal)
{
    if (terminal->spool == NULL)
        return;
    TRACE (sim, "%s is killed", terminal->node.name);
    sim->counts.kills++;
    terminal->kills++;
    terminal->node.mark++;
    terminal->node.is_alive = false;
    spool_close (&terminal->spool);
    road_break (sim, &terminal->road);
    node_restart_in (sim, &terminal->node,
                     dice_between (sim, DICE_FATE, 500, DOWN_MOST_MS));
}

/* Between two of its writes; never once everything is to come to rest. */
static bool is_killed_here (struct sim *sim, struct terminal *terminal)
{
    if (sim->is_resting || !dice_one_in (sim, DICE_FATE, sim->options.killed_one_in))
        return false;
    terminal_kill (sim, terminal);
    return true;
}

static void restart (struct sim *sim, struct node *node)
{
    struct terminal *terminal = (struct terminal *) node;
    if (terminal->spool != NULL)
        return;
    TRACE (sim, "%s starts", node->name);
    open_spool (sim, terminal);
    road_connect_later (sim, &terminal->road, dice_between (sim, DICE_NET, 1, 500));
}

/* ---- sending ------------------------------------------------------------------------ */

static void send_frame (struct sim *sim, struct terminal *terminal, struct bytes bytes)
{
    struct road *road = &terminal->road;
    road_send (sim, frame_make (road, road->connection, true, bytes));
}

static void turn (struct sim *sim, struct terminal *terminal)
{
    struct saying saying;
    if (terminal->spool == NULL || !terminal->road.is_up)
        return;
    while (talk_next (&terminal->talk, sim->now_ms, &terminal->arena, &saying)) {
        send_frame (sim, terminal, saying.frame);
        talk_said (&terminal->talk, &saying);
    }
    int64_t wake_ms = talk_wake_ms (&terminal->talk, sim->now_ms);
    if (wake_ms != INT64_MAX)
        node_wake_at (sim, &terminal->node, wake_ms);
    arena_reset (&terminal->arena);
}

static void wake (struct sim *sim, struct node *node)
{
    turn (sim, (struct terminal *) node);
}

static void connected (struct sim *sim, struct node *node, struct road *road UNUSED)
{
    struct terminal *terminal = (struct terminal *) node;
    talk_broken (&terminal->talk);
    turn (sim, terminal);
}

static void broken (struct sim *sim UNUSED, struct node *node, struct road *road UNUSED)
{
    struct terminal *terminal = (struct terminal *) node;
    if (terminal->spool != NULL)
        talk_broken (&terminal->talk);
}

/* ---- hearing ------------------------------------------------------------------------ */

static struct slip *slip_of (struct sim *sim, uint64_t number)
{
    for (size_t i = sim->n_slips; i-- > 0;)
        if (sim->slips[i].number == number)
            return &sim->slips[i];
    return NULL;
}

/* What is on the terminal's disk now was promised to somebody. */
static void note_outcome (struct sim *sim, struct terminal *terminal, uint64_t counter)
{
    struct outcome outcome;
    struct command command;
    sim->counts.outcomes++;
    if (!spool_outcome (terminal->spool, SPEAKER_INTAKE, counter, &terminal->arena,
                        &outcome) ||
        spool_read (terminal->spool, SPEAKER_INTAKE, counter, 1, SIZE_MAX,
                    &terminal->arena, &command) != 1) {
        sim_complain (sim, "%s has no outcome of its command %llu", terminal->node.name,
                      (unsigned long long) counter);
        return;
    }
    struct slip *slip = command.file != NULL ? slip_of (sim, command.file->number) : NULL;
    if (slip == NULL || slip->is_acked)
        return;
    slip->is_acked = true;
    slip->is_refused = outcome.refusal != NULL;
    sim->counts.acked += outcome.receipt != NULL;
    sim->counts.refused += outcome.refusal != NULL;
    /* A daemon that began behind the time, after a boot, cannot know it: who files now files
     * later than that. */
    bool is_late = outcome.refusal != NULL && outcome.refusal->code == REFUSAL_FUTURE &&
                   sim->was_behind;
    if (outcome.refusal != NULL && !is_late && !sim->was_restored)
        sim_complain (sim, "slip %llu is refused: %s", (unsigned long long) slip->number,
                      outcome.refusal->sentence);
    if (outcome.receipt != NULL) {
        slip->sequence = outcome.receipt->sequence;
        watch_receipt (sim, slip);
    }
}

static void note_outcomes (struct sim *sim, struct terminal *terminal)
{
    struct spool_door door = spool_standing (terminal->spool, SPEAKER_INTAKE);
    if (door.acked < terminal->acked) /* the daemon was restored: it is told again */
        terminal->acked = door.acked;
    for (; terminal->acked < door.acked; terminal->acked++)
        note_outcome (sim, terminal, terminal->acked + 1);
    watch_acked (sim, &terminal->node, SPEAKER_INTAKE, door.acked);
}

static void note_replies (struct sim *sim, const struct from_door *message)
{
    for (size_t i = 0; i < message->n_replies; i++) {
        const struct reply *reply = &message->replies[i];
        if (reply->id < QUERY_FIRST || (reply->id - QUERY_FIRST) / 2 >= sim->n_slips)
            continue;
        /* An answer may come late: what counts is whether it was acknowledged when asked. */
        const struct slip *slip = &sim->slips[(reply->id - QUERY_FIRST) / 2];
        bool was_acked = (reply->id - QUERY_FIRST) % 2 == 1;
        if (reply->refusal != NULL && reply->refusal->code == REFUSAL_NOT_FOUND &&
            was_acked && !slip->is_refused && !sim->is_restored[SPEAKER_INTAKE])
            sim_complain (sim, "%llu was acknowledged, and is not found when it is asked",
                          (unsigned long long) slip->number);
    }
}

/* What it was told long ago may come now, but not of what it has no outcome of. */
static void note_put_off (struct sim *sim, struct terminal *terminal,
                          const struct from_door *message)
{
    struct spool_door door = spool_standing (terminal->spool, SPEAKER_INTAKE);
    for (size_t i = 0; i < message->n_outcomes; i++) {
        const struct outcome *outcome = &message->outcomes[i];
        if (outcome->refusal != NULL && outcome->counter > door.acked)
            watch_put_off (sim, &terminal->node, outcome->refusal, door.acked);
    }
}

static void hear (struct sim *sim, struct node *node, struct frame *frame)
{
    struct terminal *terminal = (struct terminal *) node;
    struct from_door message;
    struct err err = { 0 };
    if (terminal->spool == NULL || is_killed_here (sim, terminal)) {
        frame_destroy (frame);
        return;
    }
    int rc = from_door_decode (&terminal->arena, frame->bytes, &message, &err);
    if (rc == 0 && message.refusal != NULL)
        rc = err_set (&err, -EPROTO, "%s", message.refusal->sentence);
    if (rc == 0)
        note_put_off (sim, terminal, &message);
    if (rc == 0)
        rc = talk_hear (&terminal->talk, &message, sim->now_ms, &err);
    if (rc == 0) {
        note_replies (sim, &message);
        note_outcomes (sim, terminal);
    } else {
        sim_complain (sim, "%s: %s", node->name, err.text);
    }
    frame_destroy (frame);
    if (sim->complaint[0] == '\0' && !is_killed_here (sim, terminal))
        turn (sim, terminal);
    arena_reset (&terminal->arena);
}

/* ---- what people do at it ----------------------------------------------------------- */

static struct slip *slip_add (struct sim *sim)
{
    if (sim->n_slips == sim->slips_room) {
        sim->slips_room = sim->slips_room == 0 ? 64 : sim->slips_room * 2;
        sim->slips = realloc (sim->slips, sim->slips_room * sizeof *sim->slips);
        assert (sim->slips != NULL);
    }
    return &sim->slips[sim->n_slips++];
}

static int write_down (struct sim *sim, struct terminal *terminal,
                       const struct command *command, struct spool_slip *ret_slip,
                       struct err *err)
{
    uint8_t random[QUERY_CODE_RANDOM];
    struct command copy = *command;
    if (command->file == NULL)
        return spool_add (terminal->spool, SPEAKER_INTAKE, &copy, sim->now_ms, err);
    struct filing filing = *command->file;
    dice_fill (sim, DICE_PEOPLE, random, sizeof random);
    return spool_file (terminal->spool, &filing, terminal->number, random, NULL,
                       sim->now_ms, ret_slip, err);
}

/* A slip is printed when what it says is on the disk, and not before. Killed before that
 * the petitioner has no slip, and files again another day. */
void terminal_say (struct sim *sim, struct terminal *terminal,
                   const struct command *command)
{
    struct spool_slip made = { 0 };
    struct err err = { 0 };
    if (terminal->spool == NULL)
        return;
    spool_begin (terminal->spool);
    int rc = write_down (sim, terminal, command, &made, &err);
    if (is_killed_here (sim, terminal))
        return;
    if (rc == 0)
        rc = spool_commit (terminal->spool, &err);
    else
        spool_abort (terminal->spool);
    if (rc == -EINVAL) /* what was keyed in makes no sense */
        return;
    if (rc < 0) {
        sim_complain (sim, "%s: %s", terminal->node.name, err.text);
        return;
    }
    if (is_killed_here (sim, terminal))
        return;
    if (command->file != NULL) {
        struct slip *slip = slip_add (sim);
        *slip = (struct slip){ .number = made.number,
                               .terminal = terminal,
                               .counter = made.counter };
        memcpy (slip->code, made.code, sizeof slip->code);
        sim->counts.filings++;
        TRACE (sim, "%s prints slip %llu", terminal->node.name,
               (unsigned long long) slip->number);
    }
    turn (sim, terminal);
}

void terminal_ask (struct sim *sim, struct terminal *terminal, const struct slip *slip)
{
    if (terminal->spool == NULL || !terminal->road.is_up)
        return;
    struct course_query course = { .number = slip->number, .query_code = slip->code };
    struct query query = { .id = QUERY_FIRST + 2 * (uint64_t) (slip - sim->slips) +
                                 slip->is_acked,
                           .course = &course };
    struct to_door message = { .queries = &query, .n_queries = 1 };
    send_frame (sim, terminal, to_door_encode (&terminal->arena, &message));
    arena_reset (&terminal->arena);
}

bool terminal_is_done (const struct terminal *terminal)
{
    if (terminal->spool == NULL)
        return false;
    struct spool_door door = spool_standing (terminal->spool, SPEAKER_INTAKE);
    return door.acked + 1 == door.next;
}

/* ---- life --------------------------------------------------------------------------- */

void terminal_create (struct sim *sim, struct terminal *terminal, size_t index)
{
    struct crowd_client client = crowd_client (index);
    *terminal = (struct terminal){ .number = client.number,
                                   .node = { .index = (unsigned) sim->n_nodes,
                                             .on_frame = hear,
                                             .on_wake = wake,
                                             .on_connected = connected,
                                             .on_broken = broken,
                                             .on_restart = restart } };
    snprintf (terminal->node.name, sizeof terminal->node.name, "terminal-%u",
              client.number);
    snprintf (terminal->dir, sizeof terminal->dir, "%.200s/%s", disk_dir (),
              terminal->node.name);
    disk_key_of_client (client.number, terminal->node.key);
    arena_init (&terminal->arena, 0);
    sim->nodes[sim->n_nodes++] = &terminal->node;
    disk_remove (terminal->dir);
    open_spool (sim, terminal);
    road_init (sim, &terminal->road, &terminal->node, sim_daemon (sim, SPEAKER_INTAKE));
}

void terminal_destroy (struct terminal *terminal)
{
    if (terminal->number == 0)
        return;
    spool_close (&terminal->spool);
    arena_done (&terminal->arena);
}
