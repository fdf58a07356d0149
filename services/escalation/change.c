/* SPDX-License-Identifier: Apache-2.0 */
/* A change of clocks, with the raises that it finds wrong. A line that ends takes its steps
 * with it: what it had passed and nobody was told of, after downtime, is raised before, up to
 * where a window lapsed and nobody owed anything. What was told too early is withdrawn behind
 * it: blind, while the entry that made it unfounded was on its way; or by a date that was
 * provisional, and that the calendar moved on. */
#include "escalation/inside.h"

/* The clocks themselves and what a course says of itself must find room behind them. Twelve
 * clocks can stop at once: stage, whole, holder, task, and eight departments that assist. */
#define MISSED_MAX (DECISION_EVENTS_MAX - 4)
static_assert (MISSED_MAX >= 4 + LIMIT_ASSISTING, "every clock that stops is heard");

/* A change behind which the steps of the line before it do not fire any more. */
static bool ends_steps (enum clock_action action)
{
    return action == CLOCK_STOP || action == CLOCK_EXTEND || action == CLOCK_PAUSE;
}

static struct escalation_clock *line_of (const struct escalation_scene *scene,
                                         const struct clock_change *change)
{
    return escalation_clock_running (scene->clocks, scene->n_clocks, change->duty,
                                     change->owner);
}

static void raise_missed (struct escalation *self, struct txn *txn,
                          struct decision *decision, struct escalation_scene *scene,
                          const struct escalation_law *law)
{
    int64_t at_ms = escalation_scene_lapse_ms (scene, law->at_ms);

    for (size_t i = 0; i < law->clocks.n_changes; i++) {
        const struct clock_change *change = &law->clocks.changes[i];
        struct escalation_clock *clock = line_of (scene, change);
        struct escalation_occasion about;
        int step;

        if (!clock || !ends_steps (change->action))
            continue;
        step = escalation_step_missed (clock, at_ms);
        if (step < 0 || decision->n_events >= MISSED_MAX)
            continue;
        about = escalation_clock_occasion (self, scene, &clock->change, decision);
        escalation_emit_raised (self, txn, decision, scene,
                                escalation_raise_step (&about, clock, (size_t) step));
    }
}

/* When the step that was raised is due by what is known now; INT64_MIN: as it was. */
static int64_t step_due_ms (const struct clock_change *change,
                            const struct raised *raised)
{
    for (size_t i = 0; i < change->n_bands && change->action == CLOCK_SETTLE; i++)
        if (change->bands[i].share == raised->share)
            return change->bands[i].due_ms;
    return ends_steps (change->action) ? raised->due_ms : INT64_MIN;
}

static void withdraw_unfounded (struct txn *txn, struct decision *decision,
                                struct escalation_scene *scene,
                                const struct escalation_law *law)
{
    struct escalation_raise *open;
    size_t count;

    if (scene->grievance.open_raises == 0)
        return;
    open = ARENA_ARRAY (decision->arena, struct escalation_raise, LIMIT_ROWS);
    count = escalation_raises_of (txn, scene->grievance.number, 0, true, LIMIT_ROWS,
                                  decision->arena, open);
    for (size_t i = 0; i < law->clocks.n_changes; i++) {
        const struct clock_change *change = &law->clocks.changes[i];
        const struct escalation_clock *clock = line_of (scene, change);

        for (size_t k = 0; clock && k < count && escalation_has_room (decision); k++)
            if (open[k].clock == clock->no &&
                step_due_ms (change, &open[k].raised) > law->at_ms)
                escalation_emit_ended (
                    decision, scene,
                    &(struct raise_ended){ .raise = open[k].raise, .withdrawn = true },
                    change->action == CLOCK_SETTLE
                        ? "the calendar came: it is due later than was thought"
                        : "it was done before it was due; the entry came late");
    }
}

void escalation_emit_change (struct escalation *self, struct txn *txn,
                             struct decision *decision, struct escalation_scene *scene,
                             const struct escalation_law *law)
{
    raise_missed (self, txn, decision, scene, law);
    escalation_emit_clocks (decision, scene, law);
    withdraw_unfounded (txn, decision, scene, law);
}
