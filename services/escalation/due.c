/* SPDX-License-Identifier: Apache-2.0 */
/* Due rows → events: the next step of a clock, the raises of a closed grievance, the
 * self-test, provisional dates. The core calls when every followed journal is complete up to
 * the row's time, or has been silent too long (decision->blind). */
#include "escalation/inside.h"

#include "base/civil.h"
#include "rules/answerable.h"

#define SETTLE_ROUND 10 /* grievances settled in one turn */
/* An event each, and room for what the last of them withdraws: the steps of three clocks. */
#define SETTLE_EVENTS (DECISION_EVENTS_MAX - 9)

/* The step that is told: after downtime, or for a matter that comes late, several may be
 * due. A warning whose successor is due as well comes too late to warn; a breach is always
 * told. */
static size_t step_to_tell (const struct escalation_scene *scene,
                            const struct escalation_clock *clock, size_t step,
                            int64_t known_until_ms)
{
    const struct clock_change *change = &clock->change;
    int64_t until_ms = escalation_scene_lapse_ms (scene, known_until_ms);

    while (step + 1 < change->n_bands && change->bands[step].share < 100 &&
           change->bands[step + 1].due_ms <= until_ms)
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
    step = step_to_tell (&scene, clock, step, decision->known_until_ms);
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

    for (size_t i = 0; i < count && decision->n_events < SETTLE_EVENTS; i++) {
        struct escalation_law law;
        struct escalation_scene *scene =
            ARENA_NEW (decision->arena, struct escalation_scene);

        escalation_scene_load (txn, numbers[i], NULL, decision->arena, scene);
        escalation_scene_ask (self, txn, scene, decision->now_ms, decision, &law);
        escalation_law_settle (&law);
        escalation_emit_change (self, txn, decision, scene, &law);
    }
}

/* What the sources make of a silence that was raised at 'raised_ms'. */
struct silence {
    bool is_new;  /* somebody is silent who was heard since */
    bool is_over; /* everybody was heard since, and nobody is silent */
};

static struct silence silence_since (struct core *core, int64_t raised_ms)
{
    static const enum speaker sources[] = { SPEAKER_INTAKE, SPEAKER_ROUTING,
                                            SPEAKER_NOTIFICATION };
    struct silence silence = { .is_over = true };

    for (size_t i = 0; i < ARRAY_SIZE (sources); i++) {
        int64_t complete_ms = core_source_complete_ms (core, sources[i]);
        bool is_silent = core_source_is_silent (core, sources[i]);

        silence.is_new |= is_silent && (complete_ms == 0 || complete_ms > raised_ms);
        /* After a start nobody is silent yet, and nobody was heard either. */
        silence.is_over &= !is_silent && complete_ms > raised_ms;
    }
    return silence;
}

/* Together with what climbed from it, and last: while it is open the rest is found. */
static void silence_ended (struct txn *txn, struct decision *decision)
{
    struct escalation_raise open[LEVEL_COUNT];
    size_t count =
        escalation_raises_of (txn, 0, 0, true, LEVEL_COUNT, decision->arena, open);

    for (size_t i = count; i-- > 0 && escalation_has_room (decision);)
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
    struct silence silence;
    uint64_t raise;

    escalation_tallies_read (txn, &tallies);
    raise = tallies.of[TALLY_SILENT_RAISE];
    silence = silence_since (self->core, (int64_t) tallies.of[TALLY_SILENT_MS]);
    if (raise == 0 && silence.is_new && escalation_has_room (decision))
        escalation_emit_raised (self, txn, decision, NULL,
                                escalation_raise_cause (&about, CAUSE_SOURCE_SILENT, 1));
    else if (raise != 0 && silence.is_over)
        silence_ended (txn, decision);
}

#define SWEEP_ROUND 10 /* of those adrift, in one turn */

/* Routing was restored, everything it says of then is followed, and it knows nothing of these,
 * or has them closed: nothing runs for them here. */
static void due_adrift (struct escalation *self, struct txn *txn,
                        struct decision *decision)
{
    uint64_t numbers[SWEEP_ROUND];
    size_t count = decision->blind ? 0 : escalation_adrift (txn, SWEEP_ROUND, numbers);

    for (size_t i = 0; i < count && escalation_has_room (decision); i++) {
        static const struct moved closed = { .to = STATE_CLOSED };
        struct escalation_law law;
        struct escalation_scene *scene =
            ARENA_NEW (decision->arena, struct escalation_scene);

        escalation_scene_load (txn, numbers[i], NULL, decision->arena, scene);
        escalation_scene_ask (self, txn, scene, decision->now_ms, decision, &law);
        escalation_law_restate (&law, &closed, 0, true);
        law.clocks.restated = true;
        escalation_emit_clocks (decision, scene, &law);
    }
}

static void canary (struct decision *decision)
{
    escalation_event (decision, KIND_CANARY, NULL)->entry.informative = true;
}

void escalation_due (struct escalation *self, struct txn *txn,
                     const struct agenda_row *row, struct decision *decision)
{
    if (row->kind != AGENDA_SETTLE && row->kind != AGENDA_ADRIFT)
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
    case AGENDA_ADRIFT:
        due_adrift (self, txn, decision);
        break;
    }
}
