/* SPDX-License-Identifier: Apache-2.0 */
/* What a decision starts from, and what it ends in. No law here. */
#include "escalation/inside.h"

#include "wire/wire.h"

void escalation_scene_load (struct txn *txn, uint64_t number, const struct matter *matter,
                            struct arena *arena, struct escalation_scene *ret)
{
    *ret = (struct escalation_scene){ .grievance.number = number };
    ret->is_known = escalation_grievance_find (txn, number, arena, &ret->grievance);
    if (matter)
        ret->grievance.matter = *matter;
}

void escalation_scene_ledger (struct escalation *self, struct txn *txn,
                              struct arena *arena, struct escalation_scene *scene)
{
    if (!scene->clocks)
        scene->n_clocks = escalation_ledger_read (self->core, txn, &scene->grievance,
                                                  arena, &scene->clocks);
}

struct escalation_occasion escalation_occasion (struct escalation *self,
                                                const struct escalation_scene *scene,
                                                uint32_t department,
                                                const struct decision *decision)
{
    return (struct escalation_occasion){ .rules = core_rules (self->core),
                                         .arena = decision->arena,
                                         .matter = &scene->grievance.matter,
                                         .department = department,
                                         .now_ms = decision->now_ms,
                                         .blind = decision->blind };
}

void escalation_scene_ask (struct escalation *self, struct txn *txn,
                           struct escalation_scene *scene, int64_t at_ms,
                           struct decision *decision, struct escalation_law *ret)
{
    /* Where the one that is followed had a wrong wall, its times may lie ahead of ours by
     * days: nothing begins and nothing is counted beyond what is said of it. */
    if (at_ms > decision->now_ms)
        at_ms = decision->now_ms;
    escalation_scene_ledger (self, txn, decision->arena, scene);
    escalation_law_begin (ret, core_rules (self->core), decision->arena,
                          &scene->grievance.matter, scene->clocks, scene->n_clocks,
                          at_ms);
}

struct escalation_occasion
escalation_clock_occasion (struct escalation *self, const struct escalation_scene *scene,
                           const struct clock_change *change,
                           const struct decision *decision)
{
    bool is_own = change->duty == DUTY_HOLDER || change->duty == DUTY_ASSISTING;

    return escalation_occasion (
        self, scene, is_own ? change->owner : scene->grievance.department, decision);
}

/* ---- events ---------------------------------------------------------------------- */

bool escalation_has_room (const struct decision *decision)
{
    return decision->n_events < DECISION_EVENTS_MAX;
}

struct event *escalation_event (struct decision *decision, enum kind kind,
                                struct escalation_scene *scene)
{
    return scene ? decision_event_about (decision, kind, scene->grievance.number,
                                         &scene->grievance.matter)
                 : decision_event (decision, kind);
}

void escalation_emit_clocks (struct decision *decision, struct escalation_scene *scene,
                             const struct escalation_law *law)
{
    struct clocks *clocks;

    if (law->clocks.n_changes == 0 && !law->clocks.restated)
        return;
    clocks = ARENA_NEW (decision->arena, struct clocks);
    *clocks = law->clocks;
    escalation_event (decision, KIND_CLOCKS, scene)->entry.clocks = clocks;
}

void escalation_emit_raised (struct escalation *self, struct txn *txn,
                             struct decision *decision, struct escalation_scene *scene,
                             struct raised *raised)
{
    raised->raise = core_next_position (self->core, txn) + decision->n_events;
    escalation_event (decision, KIND_RAISED, scene)->entry.raised = raised;
}

void escalation_emit_ended (struct decision *decision, struct escalation_scene *scene,
                            const struct raise_ended *ended, const char *text)
{
    struct event *event = escalation_event (decision, KIND_RAISE_ENDED, scene);
    struct raise_ended_body body = { .text = text };

    event->entry.raise_ended = ARENA_NEW (decision->arena, struct raise_ended);
    *event->entry.raise_ended = *ended;
    event->body = raise_ended_body_encode (decision->arena, &body);
}

int64_t escalation_scene_lapse_ms (const struct escalation_scene *scene, int64_t until_ms)
{
    for (size_t i = 0; i < scene->n_clocks; i++) {
        const struct escalation_clock *clock = &scene->clocks[i];

        if (clock->stopped_ms == 0 && escalation_is_window (&clock->change) &&
            clock->next < clock->change.n_bands &&
            clock->change.bands[clock->next].due_ms < until_ms)
            return clock->change.bands[clock->next].due_ms;
    }
    return until_ms;
}
