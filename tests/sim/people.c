/* SPDX-License-Identifier: Apache-2.0 */
/* People: petitioners file, ask and look; desks, dispatchers and leaders do the next step of
 * what is open, mostly the right one (support/crowd.h). They know what the journals said a
 * while ago, so two of them may do the same at once. Nothing is done at night, but much at
 * eight in the morning. */
#include "sim/sim.h"

#include <string.h>

#define ACTS_MOST     4  /* at one time */
#define ACTS_FILING   14 /* so many acts to a filing carry a course to its end */
#define FILINGS_USUAL 0.2
#define DAY_FROM_MS   (8 * CIVIL_HOUR_MS)
#define DAY_TO_MS     (18 * CIVIL_HOUR_MS)
#define TWICE_ONE_IN  12 /* said by two at once */

static double filings_a_day (const struct sim *sim)
{
    return (sim->options.filings > 0 ? sim->options.filings : FILINGS_USUAL) *
           sim->options.villages;
}

void people_wake (struct sim *sim)
{
    double a_day = filings_a_day (sim) * (1 + ACTS_FILING / ((ACTS_MOST + 1) / 2.0));
    int64_t mean_ms = (int64_t) ((double) (DAY_TO_MS - DAY_FROM_MS) / a_day);
    int64_t at_ms = sim->now_ms + dice_between (sim, DICE_PEOPLE, 1, 2 * mean_ms);
    int64_t day_ms = civil_day_start_ms (civil_day (at_ms));
    if (!dice_one_in (sim, DICE_PEOPLE, 30)) { /* a hotline has a night shift */
        if (at_ms < day_ms + DAY_FROM_MS)
            at_ms = day_ms + DAY_FROM_MS + (at_ms - day_ms) / 64;
        else if (at_ms >= day_ms + DAY_TO_MS)
            at_ms =
                day_ms + CIVIL_DAY_MS + DAY_FROM_MS + (at_ms - day_ms - DAY_TO_MS) / 64;
    }
    sim_put (sim, (struct happening){ .kind = HAPPENS_PEOPLE }, at_ms - sim->now_ms);
}

/* ---- who says it -------------------------------------------------------------------- */

static struct terminal *terminal_of (struct sim *sim, uint32_t number)
{
    for (size_t i = 0; i < SIM_TERMINALS; i++)
        if (sim->terminals[i].number == number)
            return &sim->terminals[i];
    return NULL;
}

static struct desk *desk_of (struct sim *sim, uint32_t number)
{
    for (size_t i = 0; i < SIM_DESKS; i++)
        if (sim->desks[i].number == number)
            return &sim->desks[i];
    return NULL;
}

static const char *code_of (const struct sim *sim, uint64_t number, const char *other)
{
    for (size_t i = 0; i < sim->n_slips; i++)
        if (sim->slips[i].number == number)
            return sim->slips[i].code;
    return other;
}

/* The crowd knows no codes: the petitioner has the slip with them. */
static void say_with_code (struct sim *sim, struct terminal *terminal,
                           const struct command *command)
{
    struct command copy = *command;
    struct ask ask;
    struct supplement supplement;
    if (command->ask != NULL) {
        ask = *command->ask;
        ask.query_code = code_of (sim, ask.number, ask.query_code);
        copy.ask = &ask;
    }
    if (command->supplement != NULL) {
        supplement = *command->supplement;
        supplement.query_code = code_of (sim, supplement.number, supplement.query_code);
        copy.supplement = &supplement;
    }
    terminal_say (sim, terminal, &copy);
}

static void say (struct sim *sim, const struct act *act)
{
    struct terminal *terminal = terminal_of (sim, act->client);
    struct desk *desk = desk_of (sim, act->client);
    TRACE (sim, "%u says to %u", act->client, act->speaker);
    if (terminal != NULL && act->speaker == SPEAKER_INTAKE)
        say_with_code (sim, terminal, &act->command);
    else if (desk != NULL && act->speaker != SPEAKER_INTAKE)
        desk_say (sim, desk, act->speaker, &act->command);
}

/* ---- what they do ------------------------------------------------------------------- */

static void look (struct sim *sim)
{
    if (sim->n_slips == 0)
        return;
    const struct slip *slip = &sim->slips[dice_below (sim, DICE_PEOPLE, sim->n_slips)];
    terminal_ask (sim, slip->terminal, slip);
}

static void act (struct sim *sim)
{
    const struct act *act = crowd_plan_act (sim->crowd, sim->witness, sim->now_ms);
    say (sim, act);
    if (!dice_one_in (sim, DICE_PEOPLE, TWICE_ONE_IN) || act->command.step == NULL)
        return;
    /* The colleague at the next desk had the same thought. */
    struct act again = *act;
    again.command.person =
        again.command.person + (again.command.person % 2 == 1 ? 1 : (uint32_t) -1);
    say (sim, &again);
}

void people_act (struct sim *sim)
{
    double filings = 1.0 / (1 + ACTS_FILING / ((ACTS_MOST + 1) / 2.0));
    bool files = (double) dice_below (sim, DICE_PEOPLE, 1000) < 1000 * filings;
    if (files || witness_count (sim->witness) == 0) {
        say (sim, crowd_plan_filing (sim->crowd, sim->now_ms));
    } else {
        for (uint64_t n = 1 + dice_below (sim, DICE_PEOPLE, ACTS_MOST); n > 0; n--)
            act (sim);
    }
    if (dice_one_in (sim, DICE_PEOPLE, 4))
        look (sim);
    people_wake (sim);
}
