/* SPDX-License-Identifier: Apache-2.0 */
/* Misfortunes. None of them may be seen in what the daemons write. */
#include "sim/sim.h"

#include <errno.h>

#define MEAN_MS      (9 * CIVIL_HOUR_MS)
#define TABLES_FIRST 16 /* entries: the tables in force are among them */

void fate_wake (struct sim *sim)
{
    if (!sim->options.is_calm)
        sim_put (sim, (struct happening){ .kind = HAPPENS_FATE },
                 dice_between (sim, DICE_FATE, 1, 2 * MEAN_MS));
}

static struct daemon *any_daemon (struct sim *sim)
{
    return &sim->daemons[dice_below (sim, DICE_FATE, SIM_DAEMONS)];
}

static struct road *any_road (struct sim *sim)
{
    for (;;) {
        struct node *node = sim->nodes[dice_below (sim, DICE_FATE, sim->n_nodes)];
        struct road *road =
            node->roads[1 + dice_below (sim, DICE_FATE, SPEAKER_COUNT - 1)];
        if (road != NULL)
            return road;
    }
}

/* Mostly soon, now and then only the next day. */
static int64_t a_while (struct sim *sim)
{
    switch (dice_below (sim, DICE_FATE, 8)) {
    case 0:
        return dice_between (sim, DICE_FATE, 1, 24 * CIVIL_HOUR_MS);
    case 1:
    case 2:
        return dice_between (sim, DICE_FATE, 1, CIVIL_HOUR_MS);
    default:
        return dice_between (sim, DICE_FATE, 1, 60000);
    }
}

/* ---- one by one --------------------------------------------------------------------- */

static void kill_one (struct sim *sim, struct daemon *daemon)
{
    if (daemon->core == NULL)
        return;
    TRACE (sim, "%s is killed", daemon->node.name);
    daemon_kill (sim, daemon);
    sim->counts.deaths++;
    node_restart_in (sim, &daemon->node, a_while (sim));
}

static void stop_one (struct sim *sim, struct daemon *daemon)
{
    if (daemon->core == NULL)
        return;
    TRACE (sim, "%s is stopped", daemon->node.name);
    daemon_stop (sim, daemon);
    node_restart_in (sim, &daemon->node, a_while (sim));
}

static void fail_one (struct sim *sim, struct daemon *daemon)
{
    enum fate_of_commit fate = (enum fate_of_commit) dice_below (sim, DICE_FATE, 3);
    TRACE (sim, "the next commit of %s fails (%u)", daemon->node.name, fate);
    daemon_fail_commit (sim, daemon, fate);
}

static void fill_disk (struct sim *sim, struct daemon *daemon)
{
    if (daemon->core == NULL)
        return;
    TRACE (sim, "the disk of %s is full for a moment", daemon->node.name);
    store_fail_at (core_store (daemon->core),
                   1 + (unsigned) dice_below (sim, DICE_FATE, 40), -ENOSPC);
}

static void break_at_a_write (struct sim *sim, struct daemon *daemon)
{
    if (daemon->core == NULL)
        return;
    TRACE (sim, "a write of %s will fail", daemon->node.name);
    store_fail_at (core_store (daemon->core),
                   1 + (unsigned) dice_below (sim, DICE_FATE, 60), -EIO);
}

static void cut (struct sim *sim, struct road *road)
{
    TRACE (sim, "no way from %s to %s", road->caller->name, road->daemon->node.name);
    road->is_cut = true;
    road_judge (sim, road);
    road_break (sim, road);
    sim_put (sim,
             (struct happening){ .kind = HAPPENS_MEND, .road = road, .mark = road->mark },
             a_while (sim));
}

#define LONG_CUT_MS (72 * CIVIL_HOUR_MS)

/* Three days on end: mostly between two daemons, one of which follows the other. */
void fate_cut_long (struct sim *sim)
{
    bool is_village = dice_one_in (sim, DICE_FATE, 3);
    struct road *road = NULL;
    while (road == NULL) {
        struct terminal *terminal =
            &sim->terminals[dice_below (sim, DICE_FATE, sim->options.villages)];
        struct node *node = is_village ? &terminal->node : &any_daemon (sim)->node;
        road = node->roads[1 + dice_below (sim, DICE_FATE, SPEAKER_COUNT - 1)];
    }
    TRACE (sim, "for three days no way from %s to %s", road->caller->name,
           road->daemon->node.name);
    road->is_cut = true;
    road->cut_until_ms = sim->now_ms + LONG_CUT_MS;
    road_judge (sim, road);
    road_break (sim, road);
    sim_put (sim, (struct happening){ .kind = HAPPENS_MEND, .road = road }, LONG_CUT_MS);
    sim->counts.misfortunes++;
    sim->counts.long_cuts++;
}

/* The connection stands, but frames of one direction do not arrive. */
static void deafen (struct sim *sim, struct road *road)
{
    TRACE (sim, "%s and %s hear each other no more", road->caller->name,
           road->daemon->node.name);
    road->loses[dice_below (sim, DICE_FATE, 2)] = true;
    road_judge (sim, road);
    sim_put (sim,
             (struct happening){ .kind = HAPPENS_MEND, .road = road, .mark = road->mark },
             dice_between (sim, DICE_FATE, 1, 300000));
}

static void storm (struct sim *sim, struct road *road)
{
    TRACE (sim, "a storm between %s and %s", road->caller->name, road->daemon->node.name);
    road->loss_one_in = (uint32_t) dice_between (sim, DICE_FATE, 3, 30);
    road->repeat_one_in = (uint32_t) dice_between (sim, DICE_FATE, 2, 20);
    road->overtake_one_in = (uint32_t) dice_between (sim, DICE_FATE, 2, 20);
    road->delay_ms = dice_between (sim, DICE_FATE, 10, 2000);
    road_judge (sim, road);
    sim_put (sim,
             (struct happening){ .kind = HAPPENS_MEND, .road = road, .mark = road->mark },
             dice_between (sim, DICE_FATE, 1, 12 * CIVIL_HOUR_MS));
}

/* From last night's backup, or last week's. In a few seeds only: less can be asked then. */
static void restore_one (struct sim *sim, struct daemon *daemon)
{
    uint64_t size = daemon->head;
    if (daemon->core == NULL || size <= TABLES_FIRST)
        return;
    uint64_t lost = dice_below (sim, DICE_FATE, 1 + size / 2);
    sim->restorations_left--;
    daemon_restore (sim, daemon, size - lost > TABLES_FIRST ? size - lost : TABLES_FIRST);
}

void fate_strike (struct sim *sim)
{
    sim->counts.misfortunes++;
    if (sim->restorations_left > 0 && dice_one_in (sim, DICE_FATE, 4))
        restore_one (sim, any_daemon (sim));
    switch (dice_below (sim, DICE_FATE, 21)) {
    case 0:
    case 1:
    case 2:
        kill_one (sim, any_daemon (sim));
        break;
    case 3:
        stop_one (sim, any_daemon (sim));
        break;
    case 4:
    case 5:
    case 6:
    case 7:
        fail_one (sim, any_daemon (sim));
        break;
    case 8:
        fill_disk (sim, any_daemon (sim));
        break;
    case 9:
        break_at_a_write (sim, any_daemon (sim));
        break;
    case 10:
        daemon_pause (sim, any_daemon (sim), dice_between (sim, DICE_FATE, 1, 90000));
        break;
    case 11:
    case 12:
        road_break (sim, any_road (sim));
        break;
    case 13:
    case 14:
        cut (sim, any_road (sim));
        break;
    case 15:
        deafen (sim, any_road (sim));
        break;
    case 16:
        clock_jump (sim);
        break;
    case 17:
        if (dice_one_in (sim, DICE_FATE, 2))
            clock_boot (sim);
        else
            storm (sim, any_road (sim));
        break;
    case 18:
        storm (sim, any_road (sim));
        break;
    default:
        terminal_kill (sim, &sim->terminals[dice_below (sim, DICE_FATE, SIM_TERMINALS)]);
        break;
    }
    fate_wake (sim);
}

void fate_mend_all (struct sim *sim)
{
    if (sim->wall_error_ms != 0)
        clock_jump (sim);
    for (size_t i = 0; i < sim->n_nodes; i++)
        for (size_t j = 1; j < SPEAKER_COUNT; j++)
            if (sim->nodes[i]->roads[j] != NULL)
                road_mend (sim, sim->nodes[i]->roads[j]);
    for (size_t i = 0; i < SIM_DAEMONS; i++) {
        struct daemon *daemon = &sim->daemons[i];
        if (daemon->core == NULL) {
            node_restart_in (sim, &daemon->node, 1);
            continue;
        }
        store_fail_at (core_store (daemon->core), 0, 0);
        daemon_spare (daemon);
        if (daemon->is_stopped)
            daemon_resume (sim, daemon);
    }
    for (size_t i = 0; i < SIM_TERMINALS; i++)
        if (sim->terminals[i].spool == NULL)
            node_restart_in (sim, &sim->terminals[i].node, 1);
}
