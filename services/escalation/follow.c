/* SPDX-License-Identifier: Apache-2.0 */
/* Followed entries → events. Whichever of 'registered' (intake) and 'placed' (routing) comes
 * first opens the grievance; the other finds it open. */
#include "escalation/inside.h"

#include "rules/answerable.h"

/* A change behind which the steps of the line before it do not fire any more. */
static bool ends_steps (enum clock_action action)
{
    return action == CLOCK_STOP || action == CLOCK_EXTEND || action == CLOCK_PAUSE;
}

/* Clocks that this answer stops: what they had passed is raised before, what was raised
 * too early (blind) is withdrawn after. */
static void stops_missed (struct escalation *self, struct txn *txn,
                          struct escalation_scene *scene,
                          const struct escalation_law *law, struct decision *decision)
{
    for (size_t i = 0; i < law->clocks.n_changes; i++) {
        const struct clock_change *change = &law->clocks.changes[i];
        struct escalation_clock *clock = escalation_clock_running (
            scene->clocks, scene->n_clocks, change->duty, change->owner);
        struct escalation_occasion about;
        int step;

        if (!clock || !ends_steps (change->action))
            continue;
        step = escalation_step_missed (clock, law->at_ms);
        if (step < 0 || decision->n_events >= DECISION_EVENTS_MAX / 2)
            continue;
        about = escalation_clock_occasion (self, scene, &clock->change, decision);
        escalation_emit_raised (self, txn, decision, scene,
                                escalation_raise_step (&about, clock, (size_t) step));
    }
}

static void stops_withdraw (struct txn *txn, struct escalation_scene *scene,
                            const struct escalation_law *law, struct decision *decision)
{
    struct escalation_raise *open =
        ARENA_ARRAY (decision->arena, struct escalation_raise, DECISION_EVENTS_MAX);
    size_t count = 0;

    if (scene->grievance.open_raises > 0)
        count = escalation_raises_of (txn, scene->grievance.number, 0, true,
                                      DECISION_EVENTS_MAX, decision->arena, open);
    for (size_t i = 0; i < law->clocks.n_changes; i++) {
        const struct clock_change *change = &law->clocks.changes[i];
        const struct escalation_clock *clock = escalation_clock_running (
            scene->clocks, scene->n_clocks, change->duty, change->owner);

        if (!clock || !ends_steps (change->action))
            continue;
        for (size_t k = 0; k < count && escalation_has_room (decision); k++)
            if (open[k].clock == clock->no && open[k].raised.due_ms > law->at_ms)
                escalation_emit_ended (
                    decision, scene,
                    &(struct raise_ended){ .raise = open[k].raise, .withdrawn = true },
                    "it was done before it was due; the entry came late");
    }
}

static void cause_check (struct escalation *self, struct txn *txn,
                         struct escalation_scene *scene, uint32_t department,
                         enum cause cause, unsigned level, struct decision *decision)
{
    struct escalation_occasion about =
        escalation_occasion (self, scene, department, decision);

    if (level == 0 || (scene->grievance.told & ESCALATION_TOLD (cause, level)) != 0 ||
        !escalation_has_room (decision))
        return;
    escalation_emit_raised (self, txn, decision, scene,
                            escalation_raise_cause (&about, cause, level));
}

/* What the matter says of itself is raised once, when it comes. */
static void opening_check (struct escalation *self, struct txn *txn,
                           struct escalation_scene *scene, uint32_t department,
                           struct decision *decision)
{
    const struct matter *matter = &scene->grievance.matter;

    cause_check (self, txn, scene, department, CAUSE_GROUP,
                 escalation_level_of (CAUSE_GROUP, matter->persons), decision);
    cause_check (self, txn, scene, department, CAUSE_URGENT,
                 escalation_level_of (CAUSE_URGENT, matter->urgent || matter->threat),
                 decision);
}

static void follow_registered (struct escalation *self, struct txn *txn,
                               const struct entry *entry, struct decision *decision)
{
    const struct registered *registered = entry->registered;
    struct escalation_law law;
    struct escalation_scene scene;

    escalation_scene_load (txn, entry->grievance, entry->matter, decision->arena, &scene);
    if (scene.is_known)
        return;
    escalation_scene_ask (self, txn, &scene, entry->time_ms, decision, &law);
    escalation_law_open (&law, registered->counted_from_ms, registered->last_day_ms,
                         registered->provisional);
    escalation_emit_clocks (decision, &scene, &law);
    opening_check (self, txn, &scene, registered->expected_department, decision);
}

/* A decision is served when it is handed over, not when that is written down. */
static int64_t moved_ms (const struct entry *entry)
{
    int64_t done_ms = entry->moved->done_at_ms;

    return entry->moved->step == STEP_SERVE && done_ms != 0 && done_ms < entry->time_ms
               ? done_ms
               : entry->time_ms;
}

static void moved_clocks (struct escalation *self, struct txn *txn,
                          const struct entry *entry, struct escalation_scene *scene,
                          struct decision *decision)
{
    const struct moved *moved = entry->moved;
    struct escalation_law law;

    escalation_scene_ask (self, txn, scene, moved_ms (entry), decision, &law);
    law.person = entry->actor ? entry->actor->person : 0;
    law.step = moved->step;
    if (!scene->is_known)
        escalation_law_open (
            &law, moved->counted_from_ms ? moved->counted_from_ms : entry->time_ms,
            moved->last_day_ms, moved->provisional);
    escalation_law_move (&law, moved);
    stops_missed (self, txn, scene, &law, decision);
    escalation_emit_clocks (decision, scene, &law);
    stops_withdraw (txn, scene, &law, decision);
}

static void moved_causes (struct escalation *self, struct txn *txn,
                          const struct moved *moved, struct escalation_scene *scene,
                          struct decision *decision)
{
    if (!scene->is_known)
        opening_check (self, txn, scene, moved->department, decision);
    cause_check (self, txn, scene, moved->department, CAUSE_OBJECTIONS,
                 escalation_level_of (CAUSE_OBJECTIONS, moved->objections), decision);
    cause_check (self, txn, scene, moved->department, CAUSE_HAND_OVERS,
                 escalation_level_of (CAUSE_HAND_OVERS, moved->transfers), decision);
    if (escalation_is_disputed (moved))
        cause_check (self, txn, scene, moved->department, CAUSE_DISPUTE,
                     scene->grievance.peak < LEVEL_COUNTY ? scene->grievance.peak + 1u
                                                          : LEVEL_COUNTY,
                     decision);
}

static void follow_moved (struct escalation *self, struct txn *txn,
                          const struct entry *entry, struct decision *decision)
{
    struct escalation_scene scene;

    escalation_scene_load (txn, entry->grievance, entry->matter, decision->arena, &scene);
    if (!scene.is_known ||
        escalation_law_is_asked (entry->moved, scene.grievance.department))
        moved_clocks (self, txn, entry, &scene, decision);
    moved_causes (self, txn, entry->moved, &scene, decision);
}

static void follow_opinion (struct escalation *self, struct txn *txn,
                            const struct entry *entry, struct decision *decision)
{
    struct escalation_law law;
    struct escalation_scene scene;

    escalation_scene_load (txn, entry->grievance, entry->matter, decision->arena, &scene);
    if (!scene.is_known || !entry->actor)
        return;
    escalation_scene_ask (self, txn, &scene, entry->time_ms, decision, &law);
    law.person = entry->actor->person;
    law.step = STEP_OPINION;
    escalation_law_opinion (&law, entry->actor->department);
    stops_missed (self, txn, &scene, &law, decision);
    escalation_emit_clocks (decision, &scene, &law);
    stops_withdraw (txn, &scene, &law, decision);
}

void escalation_follow (struct escalation *self, struct txn *txn,
                        const struct entry *entry, struct decision *decision)
{
    escalation_silence_check (self, txn, decision);
    if (entry->kind == KIND_REGISTERED && entry->matter && entry->registered)
        follow_registered (self, txn, entry, decision);
    else if (entry->kind == KIND_MOVED && entry->matter && entry->moved)
        follow_moved (self, txn, entry, decision);
    else if (entry->kind == KIND_OPINION && entry->moved)
        follow_opinion (self, txn, entry, decision);
}
