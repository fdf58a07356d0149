/* SPDX-License-Identifier: Apache-2.0 */
/* Any client but a terminal: a desk, a dispatcher, a leader's screen. Another program than
 * ours might be as simple: it says its commands in order under their counters, everything
 * unanswered again after a new connection or a silence, and goes on behind the last answer.
 * It keeps everything; that a client forgets is the terminals' part. */
#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

#include "sim/disk.h"

#define SILENCE_MS 2000
#define PAUSE_MS   400
#define FRAME_MOST 32

static const enum speaker speakers[2] = { SPEAKER_ROUTING, SPEAKER_ESCALATION };

/* ---- saying ------------------------------------------------------------------------- */

static void say_rest (struct sim *sim, struct desk *desk, struct door *door)
{
    struct command commands[FRAME_MOST];
    size_t count = 0;
    if (!door->road.is_up || sim->now_ms < door->resume_ms)
        return;
    for (struct said *said = door->first; said != NULL && count < FRAME_MOST;
         said = said->next) {
        if (said->counter <= door->sent)
            continue;
        int rc = command_decode (&desk->arena, said->command, &commands[count], NULL);
        assert (rc == 0);
        commands[count++].counter = said->counter;
    }
    if (count == 0)
        return;
    struct to_door message = { .commands = commands, .n_commands = count };
    struct bytes frame = to_door_encode (&desk->arena, &message);
    road_send (sim, frame_make (&door->road, door->road.connection, true, frame));
    if (door->sent == door->acked)
        door->heard_ms = sim->now_ms;
    door->sent = commands[count - 1].counter;
}

/* What does it know of us? Asked where it may be less than it answered. */
static void ask_standing (struct sim *sim, struct desk *desk, struct door *door)
{
    struct standing_query standing = { 0 };
    struct query query = { .id = 1, .standing = &standing };
    struct to_door message = { .queries = &query, .n_queries = 1 };
    struct bytes frame = to_door_encode (&desk->arena, &message);
    road_send (sim, frame_make (&door->road, door->road.connection, true, frame));
}

static void turn (struct sim *sim, struct desk *desk)
{
    int64_t wake_ms = INT64_MAX;
    for (size_t i = 0; i < ARRAY_SIZE (desk->doors); i++) {
        struct door *door = &desk->doors[i];
        if (door->sent > door->acked && sim->now_ms >= door->heard_ms + SILENCE_MS)
            door->sent = door->acked;
        say_rest (sim, desk, door);
        if (door->acked + 1 == door->next || !door->road.is_up)
            continue;
        int64_t own_ms = door->heard_ms + SILENCE_MS;
        if (door->resume_ms > sim->now_ms && door->resume_ms < own_ms)
            own_ms = door->resume_ms;
        if (own_ms < wake_ms)
            wake_ms = own_ms;
    }
    arena_reset (&desk->arena);
    if (wake_ms != INT64_MAX)
        node_wake_at (sim, &desk->node,
                      wake_ms > sim->now_ms ? wake_ms : sim->now_ms + 1);
}

void desk_say (struct sim *sim, struct desk *desk, enum speaker speaker,
               const struct command *command)
{
    struct door *door = &desk->doors[speaker == SPEAKER_ESCALATION];
    struct command copy = *command;
    struct buffer buffer = { 0 };
    copy.counter = door->next;
    copy.incarnation = 1;
    command_append (&copy, &buffer);
    struct said *said = malloc (sizeof *said + buffer.size);
    assert (said != NULL);
    memcpy (said + 1, buffer.data, buffer.size);
    *said = (struct said){ .counter = door->next++,
                           .command = BYTES (said + 1, buffer.size) };
    buffer_done (&buffer);
    *door->last = said;
    door->last = &said->next;
    turn (sim, desk);
}

/* ---- hearing ------------------------------------------------------------------------ */

/* A daemon that knows less than it answered was restored: it is told again. */
static void go_back (struct sim *sim, struct door *door, uint64_t next_counter)
{
    if (sim->is_restored[door->road.daemon->speaker] && next_counter > 0 &&
        next_counter <= door->acked)
        door->acked = next_counter - 1;
    door->sent = door->acked;
}

/* False: what follows in the frame has no meaning. */
static bool take_outcome (struct sim *sim, struct desk *desk, struct door *door,
                          const struct outcome *outcome)
{
    const struct refusal *refusal = outcome->refusal;
    enum refusal_code code = refusal != NULL ? refusal->code : REFUSAL_NONE;
    if (code == REFUSAL_GAP || code == REFUSAL_TRY_LATER) {
        if (outcome->counter > door->acked)
            watch_put_off (sim, &desk->node, refusal, door->acked);
        go_back (sim, door, refusal->next_counter);
        door->resume_ms = sim->now_ms + PAUSE_MS;
        return false;
    }
    if (outcome->counter != door->acked + 1 || outcome->counter >= door->next)
        return true; /* said again */
    if (code == REFUSAL_CONFLICT || code == REFUSAL_INCARNATION) {
        sim_complain (sim, "%s is told: %s", desk->node.name, refusal->sentence);
        return false;
    }
    door->acked++;
    if (door->sent < door->acked)
        door->sent = door->acked;
    sim->counts.outcomes++;
    watch_acked (sim, &desk->node, door->road.daemon->speaker, door->acked);
    return true;
}

static void hear (struct sim *sim, struct node *node, struct frame *frame)
{
    struct desk *desk = (struct desk *) node;
    struct door *door = &desk->doors[frame->road->daemon->speaker == SPEAKER_ESCALATION];
    struct from_door message;
    struct err err = { 0 };
    int rc = from_door_decode (&desk->arena, frame->bytes, &message, &err);
    if (rc < 0 || message.refusal != NULL)
        sim_complain (sim, "%s: %s", node->name,
                      rc < 0 ? err.text : message.refusal->sentence);
    door->heard_ms = sim->now_ms;
    for (size_t i = 0; rc == 0 && i < message.n_outcomes; i++)
        if (!take_outcome (sim, desk, door, &message.outcomes[i]))
            break;
    for (size_t i = 0; rc == 0 && i < message.n_replies; i++)
        if (message.replies[i].standing != NULL)
            go_back (sim, door, message.replies[i].standing->next_counter);
    frame_destroy (frame);
    turn (sim, desk);
}

static void wake (struct sim *sim, struct node *node)
{
    turn (sim, (struct desk *) node);
}

static void connected (struct sim *sim, struct node *node, struct road *road)
{
    struct desk *desk = (struct desk *) node;
    struct door *door = &desk->doors[road->daemon->speaker == SPEAKER_ESCALATION];
    door->sent = door->acked;
    if (sim->is_restored[road->daemon->speaker])
        ask_standing (sim, desk, door);
    turn (sim, desk);
}

static void broken (struct sim *sim UNUSED, struct node *node UNUSED,
                    struct road *road UNUSED)
{
    /* The next connection says everything again. */
}

static void restart (struct sim *sim UNUSED, struct node *node UNUSED)
{
}

bool desk_is_done (const struct desk *desk)
{
    return desk->doors[0].acked + 1 == desk->doors[0].next &&
           desk->doors[1].acked + 1 == desk->doors[1].next;
}

/* ---- life --------------------------------------------------------------------------- */

void desk_create (struct sim *sim, struct desk *desk, size_t index)
{
    struct crowd_client client = crowd_client (index);
    *desk = (struct desk){ .number = client.number,
                           .node = { .index = (unsigned) sim->n_nodes,
                                     .is_alive = true,
                                     .on_frame = hear,
                                     .on_wake = wake,
                                     .on_connected = connected,
                                     .on_broken = broken,
                                     .on_restart = restart } };
    snprintf (desk->node.name, sizeof desk->node.name, "%s-%u",
              client.role == ROLE_DESK ? "desk" : "office", client.number);
    disk_key_of_client (client.number, desk->node.key);
    arena_init (&desk->arena, 0);
    sim->nodes[sim->n_nodes++] = &desk->node;
    for (size_t i = 0; i < ARRAY_SIZE (desk->doors); i++) {
        struct door *door = &desk->doors[i];
        door->next = 1;
        door->last = &door->first;
        road_init (sim, &door->road, &desk->node, sim_daemon (sim, speakers[i]));
    }
}

void desk_destroy (struct desk *desk)
{
    for (size_t i = 0; i < ARRAY_SIZE (desk->doors); i++)
        while (desk->doors[i].first != NULL) {
            struct said *said = desk->doors[i].first;
            desk->doors[i].first = said->next;
            free (said);
        }
    if (desk->number != 0)
        arena_done (&desk->arena);
}
