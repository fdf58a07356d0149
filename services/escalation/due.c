/* SPDX-License-Identifier: Apache-2.0 */
/* Due rows → events: the next step of a clock, the raises of a closed grievance, the
 * self-test, provisional dates. The core calls when every followed journal is complete up to
 * the row's time, or has been silent too long (decision->blind). */
#include "escalation/inside.h"

#include "base/civil.h"
#include "rules/answerable.h"

#define SETTLE_ROUND 10 /* grievances settled in one turn; an event each */

/* The step that is told: after downtime, or for a matter that comes late, several may be
 * due. A warning whose successor is due as well comes too late to warn; a breach is always
 * told. */
static size_t step_to_tell (const struct escalation_clock *clock, size_t step,
                            int64_t known_until_ms)
{
    const struct clock_change *change = &clock->change;

    while (step + 1 < change->n_bands && change->bands[step].share < 100 &&
           change->bands[step + 1].due_ms <= known_until_ms)
        step++;
    return step;
}

static void due_step (struct escalation *self, struct txn *txn,
                      const struct agenda_row *row, struct decision *decision)
{
    struct escalation_scene scene;
    struct escalation_clock *clock = NULL;
    struct escalation_occasion about;
    size_t step = row->part & 0xff;

    escalation_scene_load (txn, row->subject, NULL, decision->arena, &scene);
    escalation_scene_ledger (self, txn, decision->arena, &scene);
    for (size_t i = 0; i < scene.n_clocks; i++)
        if (scene.clocks[i].no == row->part >> 8 && scene.clocks[i].stopped_ms == 0)
            clock = &scene.clocks[i];
    if (!clock || clock->next != step || step >= clock->change.n_bands)
        return;
    if (escalation_is_window (&clock->change)) {
        struct escalation_law law;

        escalation_scene_ask (self, txn, &scene, row->due_ms, decision, &law);
        escalation_law_lapse (&law);
        escalation_emit_clocks (decision, &scene, &law);
        return;
    }
    step = step_to_tell (clock, step, decision->known_until_ms);
    about = escalation_clock_occasion (self, &scene, &clock->change, decision);
    escalation_emit_raised (self, txn, decision, &scene,
                            escalation_raise_step (&about, clock, step));
}

static void due_sweep (struct txn *txn, const struct agenda_row *row,
                       struct decision *decision)
{
    struct escalation_raise open[DECISION_EVENTS_MAX];
    struct escalation_scene scene;
    size_t count;

    escalation_scene_load (txn, row->subject, NULL, decision->arena, &scene);
    if (scene.grievance.closed_ms == 0)
        return;
    count = escalation_raises_of (txn, row->subject, 0, true,
                                  DECISION_EVENTS_MAX - decision->n_events,
                                  decision->arena, open);
    for (size_t i = 0; i < count; i++)
        escalation_emit_ended (decision, &scene,
                               &(struct raise_ended){ .raise = open[i].raise },
                               "the grievance was closed");
}

/* Nobody has answered the raise: it is told one level up, and stays open itself. */
static void due_answer (struct escalation *self, struct txn *txn,
                        const struct agenda_row *row, struct decision *decision)
{
    struct escalation_raise raise;
    struct escalation_scene scene = { 0 };
    struct escalation_occasion about;

    if (!escalation_raise_find (txn, row->subject, decision->arena, &raise) ||
        raise.raised.level >= LEVEL_COUNTY)
        return;
    if (raise.number != 0)
        escalation_scene_load (txn, raise.number, NULL, decision->arena, &scene);
    if (scene.grievance.closed_ms != 0) /* the sweep is on its way */
        return;
    about = escalation_occasion (self, &scene, scene.grievance.department, decision);
    about.matter = scene.is_known ? about.matter : NULL;
    escalation_emit_raised (self, txn, decision, scene.is_known ? &scene : NULL,
                            escalation_raise_unanswered (&about, &raise));
}

/* Provisional dates that the calendar now covers. */
static void due_settle (struct escalation *self, struct txn *txn,
                        struct decision *decision)
{
    const struct rules *rules = core_rules (self->core);
    uint64_t numbers[SETTLE_ROUND];
    size_t count = escalation_provisional (txn, civil_day_end_ms (rules->known_until),
                                           SETTLE_ROUND, numbers);

    for (size_t i = 0; i < count && escalation_has_room (decision); i++) {
        struct escalation_law law;
        struct escalation_scene *scene =
            ARENA_NEW (decision->arena, struct escalation_scene);

        escalation_scene_load (txn, numbers[i], NULL, decision->arena, scene);
        escalation_scene_ask (self, txn, scene, decision->now_ms, decision, &law);
        escalation_law_settle (&law);
        escalation_emit_clocks (decision, scene, &law);
    }
}

static bool is_silence (struct core *core)
{
    return core_source_is_silent (core, SPEAKER_INTAKE) ||
           core_source_is_silent (core, SPEAKER_ROUTING) ||
           core_source_is_silent (core, SPEAKER_NOTIFICATION);
}

/* Together with what climbed from it. */
static void silence_ended (struct txn *txn, struct decision *decision)
{
    struct escalation_raise open[LEVEL_COUNT];
    size_t count =
        escalation_raises_of (txn, 0, 0, true, LEVEL_COUNT, decision->arena, open);

    for (size_t i = 0; i < count; i++)
        escalation_emit_ended (decision, NULL,
                               &(struct raise_ended){ .raise = open[i].raise },
                               "every source speaks again");
}

void escalation_silence_check (struct escalation *self, struct txn *txn,
                               struct decision *decision)
{
    struct escalation_occasion about = { .rules = core_rules (self->core),
                                         .arena = decision->arena,
                                         .now_ms = decision->now_ms,
                                         .blind = true };
    struct escalation_tallies tallies;
    bool is_silent = is_silence (self->core);
    uint64_t raise;

    escalation_tallies_read (txn, &tallies);
    raise = tallies.of[TALLY_SILENT_RAISE];
    if (is_silent && raise == 0)
        escalation_emit_raised (self, txn, decision, NULL,
                                escalation_raise_cause (&about, CAUSE_SOURCE_SILENT, 1));
    else if (!is_silent && raise != 0)
        silence_ended (txn, decision);
}

static void canary (struct decision *decision)
{
    escalation_event (decision, KIND_CANARY, NULL)->entry.informative = true;
}

void escalation_due (struct escalation *self, struct txn *txn,
                     const struct agenda_row *row, struct decision *decision)
{
    if (row->kind != AGENDA_SETTLE)
        escalation_silence_check (self, txn, decision);
    switch ((enum escalation_agenda) row->kind) {
    case AGENDA_STEP:
        due_step (self, txn, row, decision);
        break;
    case AGENDA_ANSWER:
        due_answer (self, txn, row, decision);
        break;
    case AGENDA_SWEEP:
        due_sweep (txn, row, decision);
        break;
    case AGENDA_CANARY:
        canary (decision);
        due_settle (self, txn, decision);
        break;
    case AGENDA_SETTLE:
        due_settle (self, txn, decision);
        if (decision->n_events == 0)
            canary (decision);
        break;
    }
}
