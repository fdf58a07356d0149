/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks. All daemons stand on one machine: its boot clock is the simulated time, its wall
 * is that and an error, which jumps. What a daemon makes of them is the law of
 * runtime/trust.h, as its shell would ask it; what it then believes may be behind the
 * simulated time, and never far ahead of it. */
#include "sim/sim.h"

#include <string.h>

static void read_clocks (const struct sim *sim, const struct daemon *daemon,
                         struct trust_clocks *ret)
{
    *ret = (struct trust_clocks){ .wall_ms = sim->now_ms + sim->wall_error_ms,
                                  .boot_ms = sim->now_ms - sim->booted_ms,
                                  .is_synchronised = sim->wall_error_ms == 0,
                                  .newest_ms = core_newest_ms (daemon->core) };
    put_be32 (ret->boot, sim->boots + 1);
}

void clock_begin_life (struct sim *sim, struct daemon *daemon)
{
    struct trust_clocks clocks;
    read_clocks (sim, daemon, &clocks);
    trust_begin (&daemon->trust, core_kept_trust (daemon->core), &clocks);
    core_trust (daemon->core, &daemon->trust);
}

int64_t clock_of (struct sim *sim, struct daemon *daemon)
{
    struct trust_clocks clocks;
    read_clocks (sim, daemon, &clocks);
    int64_t now_ms = trust_step (&daemon->trust, &clocks);
    core_trust (daemon->core, &daemon->trust);
    return now_ms;
}

/* By an hour, by more than a month, or to what a clock without a battery says. */
static int64_t an_error (struct sim *sim)
{
    static const int64_t errors[] = { CIVIL_HOUR_MS, -CIVIL_HOUR_MS, 40 * CIVIL_DAY_MS,
                                      -40 * CIVIL_DAY_MS };
    uint64_t chance = dice_below (sim, DICE_FATE, ARRAY_SIZE (errors) + 1);
    return chance < ARRAY_SIZE (errors) ? errors[chance] : -sim->now_ms;
}

void clock_jump (struct sim *sim)
{
    sim->wall_error_ms = sim->wall_error_ms == 0 ? an_error (sim) : 0;
    sim->was_behind |= sim->wall_error_ms < 0;
    TRACE (sim, "the clock on the wall is wrong by %lld ms",
           (long long) sim->wall_error_ms);
    daemons_pulse (sim); /* they look at it twice a second */
}

/* The machine starts anew, now and then with a wall that cannot be right. An error that
 * could be is believed after a boot: nobody could tell. */
void clock_boot (struct sim *sim)
{
    bool was_wrong = sim->wall_error_ms != 0;
    sim->boots++;
    sim->booted_ms = sim->now_ms;
    sim->wall_error_ms =
        was_wrong || dice_one_in (sim, DICE_FATE, 2)
            ? (dice_one_in (sim, DICE_FATE, 2) ? -sim->now_ms : 40 * CIVIL_DAY_MS)
            : 0;
    TRACE (sim, "the machine is started anew; its wall is wrong by %lld ms",
           (long long) sim->wall_error_ms);
    for (size_t i = 0; i < SIM_DAEMONS; i++) {
        struct daemon *daemon = &sim->daemons[i];
        bool was_running = daemon->core != NULL;
        daemon_kill (sim, daemon);
        if (was_running)
            node_restart_in (sim, &daemon->node,
                             dice_between (sim, DICE_FATE, 1000, 300000));
    }
}
