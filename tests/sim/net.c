/* SPDX-License-Identifier: Apache-2.0 */
/* The network. What TCP and ZeroMQ promise (order and no repetition within a connection)
 * is promised here only mostly, since a rule that needs it would be one nobody wrote
 * down. What they do not promise happens all the time: connections end, what was under way
 * is lost, the daemon learns of it late or, when it was started anew, never. */
#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

#define RECONNECT_MS      100
#define RECONNECT_MOST_MS 3000
#define GONE_MOST_MS      20000 /* heartbeats find a dead connection */

/* ---- frames ------------------------------------------------------------------------- */

struct frame *frame_make (struct road *road, unsigned connection, bool to_daemon,
                          struct bytes bytes)
{
    struct frame *frame = malloc (sizeof *frame + bytes.size);
    assert (frame != NULL);
    uint8_t *copy = (uint8_t *) (frame + 1);
    if (bytes.size > 0)
        memcpy (copy, bytes.data, bytes.size);
    *frame = (struct frame){ .road = road,
                             .connection = connection,
                             .to_daemon = to_daemon,
                             .bytes = BYTES (copy, bytes.size) };
    return frame;
}

void frame_destroy (struct frame *frame)
{
    free (frame);
}

void news_send (struct sim *sim, struct node *node, const struct frame *news,
                int64_t in_ms)
{
    struct frame *frame = malloc (sizeof *frame);
    assert (frame != NULL);
    *frame = *news;
    sim_put (sim,
             (struct happening){
                 .kind = HAPPENS_NEWS, .node = node, .mark = node->mark, .frame = frame },
             in_ms);
}

/* ---- connections -------------------------------------------------------------------- */

void road_init (struct sim *sim, struct road *road, struct node *caller,
                struct daemon *daemon)
{
    *road = (struct road){ .caller = caller, .daemon = daemon };
    caller->roads[daemon->speaker] = road;
    road_mend (sim, road);
    road_connect_later (sim, road, 1);
}

void road_mend (struct sim *sim, struct road *road)
{
    bool is_village = road->caller->index >= SIM_DAEMONS;
    if (sim->now_ms < road->cut_until_ms)
        return; /* what else was wrong with it is of no matter */
    road->is_cut = false;
    road->loses[0] = road->loses[1] = false;
    road->loss_one_in = road->repeat_one_in = road->overtake_one_in = 0;
    road->delay_ms = is_village ? 60 : 4;
    road_judge (sim, road);
    if (!road->is_up)
        road_connect_later (sim, road, RECONNECT_MS);
}

void road_judge (struct sim *sim, struct road *road)
{
    bool is_ill = !road->is_up || road->is_cut || road->loses[0] || road->loses[1] ||
                  road->loss_one_in != 0 || road->daemon->is_stopped;
    road->well_ms = is_ill ? ROAD_ILL : sim->now_ms;
}

void road_connect_later (struct sim *sim, struct road *road, int64_t in_ms)
{
    sim_put (
        sim,
        (struct happening){ .kind = HAPPENS_CONNECT, .road = road, .mark = ++road->mark },
        in_ms);
}

void road_break (struct sim *sim, struct road *road)
{
    if (!road->is_up)
        return;
    TRACE (sim, "%s loses connection %u to %s", road->caller->name, road->connection,
           road->daemon->node.name);
    road->is_up = false;
    road_judge (sim, road);
    if (road->daemon->node.is_alive)
        news_send (sim, &road->daemon->node,
                   &(struct frame){
                       .news = NEWS_GONE, .road = road, .connection = road->connection },
                   dice_between (sim, DICE_NET, 0, GONE_MOST_MS));
    road->caller->on_broken (sim, road->caller, road);
    road_connect_later (sim, road,
                        dice_between (sim, DICE_NET, RECONNECT_MS, RECONNECT_MOST_MS));
}

void road_connect (struct sim *sim, struct road *road)
{
    if (road->is_up || road->is_cut || !road->daemon->node.is_alive ||
        !road->caller->is_alive)
        return; /* who mends it or starts them, connects */
    road->is_up = true;
    road->connection++;
    road->last_ms[0] = road->last_ms[1] = 0;
    road_judge (sim, road);
    TRACE (sim, "%s connects to %s (%u)", road->caller->name, road->daemon->node.name,
           road->connection);
    road->caller->on_connected (sim, road->caller, road);
}

/* ---- peers -------------------------------------------------------------------------- */

void road_peer (const struct road *road, unsigned connection, uint8_t ret[PEER_BYTES])
{
    put_be16 (ret, (uint16_t) (road->caller->index + 1));
    put_be32 (ret + 2, connection);
}

struct road *road_of_peer (struct sim *sim, const struct daemon *daemon,
                           struct bytes peer, unsigned *ret_connection)
{
    assert (peer.size == PEER_BYTES);
    *ret_connection = get_be32 (peer.data + 2);
    return sim->nodes[get_be16 (peer.data) - 1]->roads[daemon->speaker];
}

/* ---- under way ---------------------------------------------------------------------- */

static int64_t delay_of (struct sim *sim, struct road *road, bool to_daemon)
{
    int64_t at_ms = sim->now_ms + dice_between (sim, DICE_NET, 1, road->delay_ms);
    int64_t *last_ms = &road->last_ms[to_daemon];
    if (dice_one_in (sim, DICE_NET, road->overtake_one_in))
        at_ms += dice_between (sim, DICE_NET, 1, 20 * road->delay_ms);
    else if (at_ms < *last_ms)
        at_ms = *last_ms; /* in order */
    else
        *last_ms = at_ms;
    return at_ms - sim->now_ms;
}

void road_send (struct sim *sim, struct frame *frame)
{
    struct road *road = frame->road;
    sim->counts.frames++;
    if (!road->is_up || road->is_cut || road->connection != frame->connection ||
        road->loses[frame->to_daemon] || dice_one_in (sim, DICE_NET, road->loss_one_in)) {
        TRACE (sim, "lost between %s and %s", road->caller->name,
               road->daemon->node.name);
        sim->counts.lost++;
        frame_destroy (frame);
        return;
    }
    if (dice_one_in (sim, DICE_NET, road->repeat_one_in)) {
        struct frame *again =
            frame_make (road, frame->connection, frame->to_daemon, frame->bytes);
        sim->counts.repeated++;
        sim_put (sim, (struct happening){ .kind = HAPPENS_FRAME, .frame = again },
                 delay_of (sim, road, frame->to_daemon) +
                     dice_between (sim, DICE_NET, 0, 30 * road->delay_ms));
    }
    sim_put (sim, (struct happening){ .kind = HAPPENS_FRAME, .frame = frame },
             delay_of (sim, road, frame->to_daemon));
}

/* What was sent on a connection that has ended since may still stand in the receiver's
 * queue: half of it arrives. */
static bool is_lost_with_connection (struct sim *sim, const struct frame *frame)
{
    const struct road *road = frame->road;
    return (!road->is_up || road->connection != frame->connection) &&
           dice_one_in (sim, DICE_NET, 2);
}

void road_arrive (struct sim *sim, struct frame *frame)
{
    struct road *road = frame->road;
    if (road->is_cut || is_lost_with_connection (sim, frame)) {
        TRACE (sim, "lost with connection %u of %s to %s", frame->connection,
               road->caller->name, road->daemon->node.name);
        sim->counts.lost++;
        frame_destroy (frame);
        return;
    }
    struct node *to = frame->to_daemon ? &road->daemon->node : road->caller;
    TRACE (sim, "%s hears %zu bytes of %s", to->name, frame->bytes.size,
           frame->to_daemon ? road->caller->name : road->daemon->node.name);
    to->on_frame (sim, to, frame);
}
