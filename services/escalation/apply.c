/* SPDX-License-Identifier: Apache-2.0 */
/* Events → tables. Total: it sees no clock, no rule and no configuration, and whatever the
 * journal says is folded. What is due next is planned here, from the instants that the
 * events carry. */
#include "escalation/apply.h"

#include <errno.h>

#include "rules/answerable.h"
#include "runtime/core.h"

#define CANARY_EVERY_MS (60 * 60 * INT64_C (1000))
#define SETTLE_PAUSE_MS 1000 /* let others in between two rounds */
#define ADRIFT_PAUSE_MS 1000
/* A restored routing says what is open before anything else; what it places anew, since it
 * follows intake again, comes soon after. */
#define ADRIFT_WAIT_MS (60 * 60 * INT64_C (1000))

struct fold {
    struct core *core;
    struct txn *txn;
    struct arena *arena;
    const struct entry *entry;
    struct escalation_grievance grievance;
    struct escalation_clock *lines; /* of its ledger; NULL: not read */
    size_t n_lines;
    struct escalation_tallies tallies;
};

/* ---- the agenda ------------------------------------------------------------------ */

static void plan_step (struct txn *txn, uint64_t number,
                       const struct escalation_clock *clock, bool runs)
{
    struct agenda_row row = { .kind = AGENDA_STEP, .subject = number };

    if (clock->next >= clock->change.n_bands || clock->change.action == CLOCK_PAUSE)
        return;
    row.due_ms = clock->change.bands[clock->next].due_ms;
    row.part = (uint32_t) clock->no << 8 | clock->next;
    if (runs)
        agenda_put (txn, CORE_AGENDA, &row);
    else
        agenda_remove (txn, CORE_AGENDA, &row);
}

/* A raise without a ladder of its own climbs when its answer is due; from the county there is
 * nowhere to climb to. */
static void plan_answer (struct txn *txn, const struct escalation_raise *raise,
                         bool planned)
{
    struct agenda_row row = { .due_ms = raise->raised.answer_due_ms,
                              .kind = AGENDA_ANSWER,
                              .subject = raise->raise };

    if (!raise->raised.open || row.due_ms == 0 || raise->raised.level >= LEVEL_COUNTY)
        return;
    if (planned)
        agenda_put (txn, CORE_AGENDA, &row);
    else
        agenda_remove (txn, CORE_AGENDA, &row);
}

/* Closing ends the raises that are open, one turn later and as many as a turn takes. */
static void plan_sweep (struct fold *fold, bool planned)
{
    struct agenda_row row = { .due_ms = fold->grievance.closed_ms,
                              .kind = AGENDA_SWEEP,
                              .subject = fold->grievance.number,
                              .part = fold->grievance.open_raises };

    if (fold->grievance.closed_ms == 0 || fold->grievance.open_raises == 0)
        return;
    if (planned)
        agenda_put (fold->txn, CORE_AGENDA, &row);
    else
        agenda_remove (fold->txn, CORE_AGENDA, &row);
}

/* A row of which there is one: the one that fired, or was planned, gives way. */
static void plan_again (struct fold *fold, enum escalation_agenda kind,
                        enum escalation_tally tally, int64_t after_ms)
{
    uint64_t *due_ms = &fold->tallies.of[tally];
    struct agenda_row row = { .kind = (uint16_t) kind, .due_ms = (int64_t) *due_ms };

    if (*due_ms != 0)
        agenda_remove (fold->txn, CORE_AGENDA, &row);
    row.due_ms = fold->entry->time_ms + after_ms;
    *due_ms = (uint64_t) row.due_ms;
    agenda_put (fold->txn, CORE_AGENDA, &row);
}

/* Nothing provisional was left: an event says so, or a fold would plan it for ever. */
static void settling_ends (struct fold *fold)
{
    uint64_t *due_ms = &fold->tallies.of[TALLY_SETTLE_DUE_MS];
    struct agenda_row row = { .kind = AGENDA_SETTLE, .due_ms = (int64_t) *due_ms };

    if (*due_ms == 0 || row.due_ms > fold->entry->time_ms)
        return;
    agenda_remove (fold->txn, CORE_AGENDA, &row);
    *due_ms = 0;
}

/* ---- adrift ---------------------------------------------------------------------- */

/* As long as something is adrift, and nothing else: the row that fired goes. */
static void adrift_plan (struct fold *fold, int64_t after_ms)
{
    uint64_t *due_ms = &fold->tallies.of[TALLY_ADRIFT_DUE_MS], number;
    struct agenda_row row = { .kind = AGENDA_ADRIFT, .due_ms = (int64_t) *due_ms };

    if (escalation_adrift (fold->txn, 1, &number) > 0) {
        plan_again (fold, AGENDA_ADRIFT, TALLY_ADRIFT_DUE_MS, after_ms);
    } else if (*due_ms != 0) {
        agenda_remove (fold->txn, CORE_AGENDA, &row);
        *due_ms = 0;
    }
}

/* Routing has lost entries that we had acted on, about these among others. */
static void crossed_apply (struct fold *fold)
{
    const struct crossed *crossed = fold->entry->crossed;

    if (crossed->speaker != SPEAKER_ROUTING)
        return;
    for (size_t i = 0; i < crossed->n_grievances; i++)
        if (escalation_grievance_find (fold->txn, crossed->grievances[i], fold->arena,
                                       &fold->grievance))
            escalation_drift_put (fold->txn, crossed->grievances[i], DRIFT_ADRIFT);
    adrift_plan (fold, ADRIFT_WAIT_MS);
}

/* ---- clocks ---------------------------------------------------------------------- */

static void tally_clock (struct fold *fold, enum duty duty, int by)
{
    static const uint8_t tallies[DUTY_COUNT] = { [DUTY_STAGE] = TALLY_STAGE,
                                                 [DUTY_WHOLE] = TALLY_WHOLE,
                                                 [DUTY_HOLDER] = TALLY_HOLDER,
                                                 [DUTY_ASSISTING] = TALLY_ASSISTING,
                                                 [DUTY_TASK] = TALLY_TASK };

    if (tallies[duty] != 0)
        fold->tallies.of[tallies[duty]] += (uint64_t) by;
}

static void ledger_read (struct fold *fold)
{
    if (!fold->lines)
        fold->n_lines = escalation_ledger_read (fold->core, fold->txn, &fold->grievance,
                                                fold->arena, &fold->lines);
}

static struct escalation_clock *line_running (struct fold *fold, enum duty duty,
                                              uint32_t owner)
{
    ledger_read (fold);
    return escalation_clock_running (fold->lines, fold->n_lines, duty, owner);
}

/* A breach that was raised, and is not due by the line that says so now, was raised too early:
 * blind, or by a provisional date. It is withdrawn, and fires when its time comes. */
static bool is_rearmed (const struct clock_change *change, const struct band_due *step)
{
    return step->share >= 100 &&
           (change->action == CLOCK_SETTLE || change->action == CLOCK_PAUSE) &&
           step->due_ms > change->from_ms + change->spent_ms + change->paused_ms;
}

/* 'fired': the share up to which somebody was told already. */
static void line_open (struct fold *fold, const struct clock_change *change,
                       uint32_t fired)
{
    struct escalation_grievance *grievance = &fold->grievance;
    struct escalation_clock clock = {
        .entry = fold->entry->sequence,
        .place = (uint8_t) (change - fold->entry->clocks->changes),
        .change = *change,
    };

    ledger_read (fold);
    clock.no = ++grievance->clocks;
    while (clock.next < change->n_bands && change->bands[clock.next].share <= fired &&
           !is_rearmed (change, &change->bands[clock.next]))
        clock.next++;
    fold->lines[fold->n_lines++] = clock;
    escalation_clock_put (fold->txn, grievance->number, &clock);
    plan_step (fold->txn, grievance->number, &clock, true);
    tally_clock (fold, change->duty, +1);
}

/* The running line of this clock ends, at what it has run and stood still by now. Returns
 * the share up to which it has fired. */
static uint32_t line_close (struct fold *fold, const struct clock_change *change)
{
    struct escalation_clock *clock = line_running (fold, change->duty, change->owner);

    if (!clock)
        return 0;
    plan_step (fold->txn, fold->grievance.number, clock, false);
    clock->stopped_ms = change->from_ms + change->spent_ms + change->paused_ms;
    if (clock->stopped_ms == 0)
        clock->stopped_ms = fold->entry->time_ms;
    escalation_clock_put (fold->txn, fold->grievance.number, clock);
    tally_clock (fold, change->duty, -1);
    return clock->next > 0 ? clock->change.bands[clock->next - 1].share : 0;
}

static void grievance_open (struct fold *fold)
{
    plan_sweep (fold, false);
    fold->grievance.closed_ms = 0;
    fold->tallies.of[TALLY_OPEN]++;
}

static void grievance_close (struct fold *fold)
{
    fold->grievance.closed_ms = fold->entry->time_ms;
    fold->tallies.of[TALLY_OPEN]--;
    plan_sweep (fold, true);
}

static void change_apply (struct fold *fold, const struct clock_change *change)
{
    switch (change->action) {
    case CLOCK_START:
        if (change->duty == DUTY_WHOLE)
            grievance_open (fold);
        if (change->duty == DUTY_STAGE || change->duty == DUTY_HOLDER)
            fold->grievance.department = change->owner;
        line_open (fold, change, 0);
        break;
    case CLOCK_STOP:
        line_close (fold, change);
        if (change->duty == DUTY_WHOLE)
            grievance_close (fold);
        break;
    case CLOCK_EXTEND: /* a line of its own, so that the ledger keeps both */
        line_close (fold, change);
        line_open (fold, change, 0);
        break;
    case CLOCK_SETTLE:
    case CLOCK_PAUSE:
    case CLOCK_RESUME:
        line_open (fold, change, line_close (fold, change));
        break;
    case CLOCK_NONE:
    case CLOCK_COUNT:
        break;
    }
    if (change->action == CLOCK_SETTLE)
        plan_again (fold, AGENDA_SETTLE, TALLY_SETTLE_DUE_MS, SETTLE_PAUSE_MS);
}

/* Where it stood is said again, or nobody has said it: then it is swept, and knows it was
 * should it come back. */
static void restated_apply (struct fold *fold)
{
    bool is_swept = fold->entry->source == NULL;

    escalation_drift_put (fold->txn, fold->entry->grievance,
                          is_swept ? DRIFT_SWEPT : DRIFT_NONE);
    if (is_swept)
        adrift_plan (fold, ADRIFT_PAUSE_MS);
}

static void clocks_apply (struct fold *fold)
{
    const struct clocks *clocks = fold->entry->clocks;

    if (!escalation_grievance_find (fold->txn, fold->entry->grievance, fold->arena,
                                    &fold->grievance)) {
        fold->grievance =
            (struct escalation_grievance){ .number = fold->entry->grievance,
                                           .opened_ms = fold->entry->time_ms };
        fold->tallies.of[TALLY_GRIEVANCES]++;
    }
    if (fold->entry->matter)
        fold->grievance.matter = *fold->entry->matter;
    for (size_t i = 0; i < clocks->n_changes; i++)
        change_apply (fold, &clocks->changes[i]);
    if (clocks->restated)
        restated_apply (fold);
    escalation_grievance_put (fold->txn, fold->arena, &fold->grievance);
}

/* ---- raises ---------------------------------------------------------------------- */

/* The clock whose step this raise is: the steps up to it have fired. Returns its line. */
static uint16_t step_fired (struct fold *fold, const struct raised *raised)
{
    struct escalation_clock *clock =
        line_running (fold, raised->duty, raised->department);

    if (!clock)
        return 0;
    plan_step (fold->txn, fold->grievance.number, clock, false);
    while (clock->next < clock->change.n_bands &&
           clock->change.bands[clock->next].share <= raised->share)
        clock->next++;
    plan_step (fold->txn, fold->grievance.number, clock, true);
    escalation_clock_put (fold->txn, fold->grievance.number, clock);
    return clock->no;
}

static void raise_counts (struct fold *fold, const struct raised *raised)
{
    struct escalation_grievance *grievance = &fold->grievance;

    if (raised->cause >= CAUSE_OBJECTIONS && raised->cause <= CAUSE_URGENT)
        for (unsigned level = 0; level <= raised->level && level < 5; level++)
            grievance->told |= ESCALATION_TOLD (raised->cause, level);
    if (!raised->open)
        return;
    plan_sweep (fold, false);
    grievance->open_raises++;
    plan_sweep (fold, true);
    if (raised->level > grievance->level)
        grievance->level = (uint8_t) raised->level;
    if (grievance->level > grievance->peak)
        grievance->peak = grievance->level;
}

/* The raise that had no answer has climbed: its row has fired. */
static void answer_missed (struct fold *fold, const struct raised *raised)
{
    struct escalation_raise of;

    if (raised->cause == CAUSE_UNANSWERED &&
        escalation_raise_find (fold->txn, raised->of, fold->arena, &of))
        plan_answer (fold->txn, &of, false);
}

static void raised_apply (struct fold *fold)
{
    const struct raised *raised = fold->entry->raised;
    struct escalation_raise raise = { .raise = raised->raise,
                                      .number = fold->entry->grievance,
                                      .raised_ms = fold->entry->time_ms,
                                      .raised = *raised };

    fold->tallies.of[TALLY_RAISED + (unsigned) raised->cause]++;
    fold->tallies.of[TALLY_RAISES_OPEN] += raised->open;
    if (raised->cause == CAUSE_SOURCE_SILENT) {
        fold->tallies.of[TALLY_SILENT_RAISE] = raised->raise;
        fold->tallies.of[TALLY_SILENT_MS] = (uint64_t) fold->entry->time_ms;
    }
    if (escalation_grievance_find (fold->txn, raise.number, fold->arena,
                                   &fold->grievance)) {
        if (raised->duty != DUTY_NONE)
            raise.clock = step_fired (fold, raised);
        raise_counts (fold, raised);
        escalation_grievance_put (fold->txn, fold->arena, &fold->grievance);
    }
    escalation_raise_put (fold->txn, fold->arena, &raise);
    plan_answer (fold->txn, &raise, true);
    answer_missed (fold, raised);
}

static void raise_ended_apply (struct fold *fold)
{
    const struct raise_ended *ended = fold->entry->raise_ended;
    struct escalation_raise raise;

    if (!escalation_raise_find (fold->txn, ended->raise, fold->arena, &raise))
        return;
    plan_answer (fold->txn, &raise, false);
    raise.ended_ms = fold->entry->time_ms;
    raise.end = fold->entry->sequence;
    raise.withdrawn = ended->withdrawn;
    raise.adoption = ended->adoption;
    escalation_raise_put (fold->txn, fold->arena, &raise);
    fold->tallies.of[TALLY_RAISES_OPEN]--;
    fold->tallies.of[TALLY_WITHDRAWN] += ended->withdrawn;
    if (fold->tallies.of[TALLY_SILENT_RAISE] == raise.raise)
        fold->tallies.of[TALLY_SILENT_RAISE] = 0;
    if (!escalation_grievance_find (fold->txn, raise.number, fold->arena,
                                    &fold->grievance))
        return;
    plan_sweep (fold, false);
    if (fold->grievance.open_raises > 0)
        fold->grievance.open_raises--;
    if (fold->grievance.open_raises == 0)
        fold->grievance.level = 0; /* it never falls while a raise is open */
    plan_sweep (fold, true);
    escalation_grievance_put (fold->txn, fold->arena, &fold->grievance);
}

/* ---- parked rows ------------------------------------------------------------------ */

/* A step over which the daemon died is passed over; the clock runs on to the next. */
static void step_parked (struct fold *fold, const struct due_row *due)
{
    struct escalation_clock clock;
    uint16_t no = (uint16_t) (due->part >> 8);

    if (!escalation_clock_find (fold->core, fold->txn, due->subject, no, fold->arena,
                                &clock) ||
        clock.stopped_ms != 0 || clock.next != (due->part & 0xff) ||
        clock.next >= clock.change.n_bands)
        return;
    clock.next++;
    plan_step (fold->txn, due->subject, &clock, true);
    escalation_clock_put (fold->txn, due->subject, &clock);
}

/* The canary sings again, and settling is tried with it. An answer that could not be asked
 * for and a sweep stay away: a person looks at what is parked. */
static void parked_apply (struct fold *fold, const struct due_row *due)
{
    switch ((enum escalation_agenda) due->kind) {
    case AGENDA_STEP:
        step_parked (fold, due);
        break;
    case AGENDA_CANARY:
        plan_again (fold, AGENDA_CANARY, TALLY_CANARY_DUE_MS, CANARY_EVERY_MS);
        break;
    case AGENDA_SETTLE:
        fold->tallies.of[TALLY_SETTLE_DUE_MS] = 0;
        break;
    case AGENDA_ADRIFT:
        adrift_plan (fold, ADRIFT_WAIT_MS);
        break;
    case AGENDA_SWEEP:
    case AGENDA_ANSWER:
        break;
    }
}

/* Nobody knew enough to sweep. */
static void lapsed_apply (struct fold *fold)
{
    if (fold->entry->lapsed->kind == AGENDA_ADRIFT)
        adrift_plan (fold, ADRIFT_WAIT_MS);
}

/* ---- entries ---------------------------------------------------------------------- */

void escalation_apply (struct core *core, struct txn *txn, const struct entry *entry,
                       struct arena *arena)
{
    struct fold fold = { .core = core, .txn = txn, .arena = arena, .entry = entry };

    escalation_tallies_read (txn, &fold.tallies);
    switch (entry->kind) {
    case KIND_STARTED:
        if (fold.tallies.of[TALLY_CANARY_DUE_MS] == 0)
            plan_again (&fold, AGENDA_CANARY, TALLY_CANARY_DUE_MS, CANARY_EVERY_MS);
        break;
    case KIND_CANARY:
        fold.tallies.of[TALLY_CANARY_MS] = (uint64_t) entry->time_ms;
        plan_again (&fold, AGENDA_CANARY, TALLY_CANARY_DUE_MS, CANARY_EVERY_MS);
        settling_ends (&fold);
        break;
    case KIND_CLOCKS:
        if (entry->clocks)
            clocks_apply (&fold);
        break;
    case KIND_RAISED:
        if (entry->raised)
            raised_apply (&fold);
        break;
    case KIND_RAISE_ENDED:
        if (entry->raise_ended)
            raise_ended_apply (&fold);
        break;
    case KIND_CROSSED:
        if (entry->crossed)
            crossed_apply (&fold);
        break;
    case KIND_LAPSED:
        if (entry->lapsed)
            lapsed_apply (&fold);
        break;
    case KIND_PARKED:
        if (entry->parked && entry->parked->due)
            parked_apply (&fold, entry->parked->due);
        break;
    default: /* what the core journals is no fact of this service */
        return;
    }
    escalation_tallies_put (txn, &fold.tallies);
}
