/* SPDX-License-Identifier: Apache-2.0 */
/* LAW: one clock by the tables: its end, and the steps at which somebody is told.
 *
 *   START ─┬─▶ EXTEND ─┬─▶ STOP     a line each; the one before it ends there. What has
 *          ├─▶ SETTLE ─┤            fired by then has fired, also for the lines behind it,
 *          └─▶ PAUSE ──┴─▶ RESUME   but an extension's end is a new one and fires anew. */
#include "escalation/plan.h"

#include "base/civil.h"
#include "base/text.h"
#include "rules/deadline.h"

/* Where even the whole has no row: the law's sixty days. The loader should not let it
 * come to that. */
#define LAST_RESORT_DAYS 60

/* Routing closes what was not asked for in time, by a row of its own at the very instant.
 * Only where that has not happened so long after does the department have to. */
#define WINDOW_GRACE_MS CIVIL_HOUR_MS

#define BANDS_MAX (2 * LADDER_STEPS_MAX + 1)

static const enum duty pausing[] = { DUTY_STAGE, DUTY_HOLDER, DUTY_WHOLE };

/* ---- the ledger as it runs ------------------------------------------------------- */

struct clock_change *escalation_plan_find (const struct escalation_law *law,
                                           enum duty duty)
{
    for (size_t i = 0; i < law->n_running; i++)
        if (law->running[i]->duty == duty)
            return law->running[i];
    return NULL;
}

struct clock_change *escalation_plan_find_of (const struct escalation_law *law,
                                              enum duty duty, uint32_t owner)
{
    for (size_t i = 0; i < law->n_running; i++)
        if (law->running[i]->duty == duty && law->running[i]->owner == owner)
            return law->running[i];
    return NULL;
}

int64_t escalation_plan_since_ms (const struct clock_change *line)
{
    return line->from_ms + line->spent_ms + line->paused_ms;
}

static struct clock_change *change_add (struct escalation_law *law,
                                        enum clock_action action, enum duty duty)
{
    struct clock_change *change;

    assert (law->clocks.n_changes < LIMIT_CLOCK_CHANGES);
    change = &law->clocks.changes[law->clocks.n_changes++];
    change->action = action;
    change->duty = duty;
    change->person = law->person;
    change->step = law->step;
    return change;
}

/* Up to now the clock ran, or stood still. */
static void count (const struct escalation_law *law, const struct clock_change *clock,
                   struct clock_change *change)
{
    int64_t more_ms = law->at_ms - escalation_plan_since_ms (clock);

    change->spent_ms = clock->spent_ms;
    change->paused_ms = clock->paused_ms;
    if (more_ms > 0 && clock->action == CLOCK_PAUSE)
        change->paused_ms += more_ms;
    else if (more_ms > 0)
        change->spent_ms += more_ms;
}

/* Another line for a clock that runs on: a copy of the one before, without its steps. */
static struct clock_change *again (struct escalation_law *law, struct clock_change *clock,
                                   enum clock_action action)
{
    struct clock_change *change = change_add (law, action, clock->duty);
    uint32_t person = change->person, step = change->step;

    *change = *clock;
    change->action = action;
    change->person = person;
    change->step = step;
    count (law, clock, change);
    change->bands = ARENA_ARRAY (law->arena, struct band_due, BANDS_MAX);
    change->n_bands = 0;
    for (size_t i = 0; i < law->n_running; i++)
        if (law->running[i] == clock)
            law->running[i] = change;
    return change;
}

void escalation_plan_stop (struct escalation_law *law, struct clock_change *clock)
{
    struct clock_change *change = change_add (law, CLOCK_STOP, clock->duty);

    change->owner = clock->owner;
    change->stage = clock->stage;
    change->from_ms = clock->from_ms;
    count (law, clock, change);
    for (size_t i = 0; i < law->n_running; i++)
        if (law->running[i] == clock) {
            law->running[i] = law->running[--law->n_running];
            return;
        }
}

void escalation_plan_stop_all (struct escalation_law *law, enum duty duty)
{
    struct clock_change *clock;

    while ((clock = escalation_plan_find (law, duty)))
        escalation_plan_stop (law, clock);
}

/* ---- steps ----------------------------------------------------------------------- */

static enum urgency urgency (const struct escalation_law *law)
{
    return urgency_of (category_nearest (law->rules, law->matter->category),
                       law->matter->urgent || law->matter->threat);
}

static void band_add (struct clock_change *change, unsigned share, unsigned level,
                      int64_t due_ms)
{
    assert (change->n_bands < BANDS_MAX);
    change->bands[change->n_bands++] =
        (struct band_due){ .share = share, .due_ms = due_ms, .level = level };
}

/* A whole that was extended to the end of a window: who did not ask is late for nothing,
 * and the window is seen to lapse before. */
static int64_t grace_of_whole_ms (const struct clock_change *change)
{
    enum stage stage = stage_of_name (change->stage);

    return stage == STAGE_ASK_REVIEW || stage == STAGE_ASK_REREVIEW ? 2 * WINDOW_GRACE_MS
                                                                    : 0;
}

/* The steps from the breach on. A window lapses by one step, which tells nobody. */
static void bands_behind (struct escalation_law *law, struct clock_change *change)
{
    enum stage stage =
        change->duty == DUTY_WHOLE ? STAGE_WHOLE : stage_of_name (change->stage);
    int64_t breach_ms = change->due_ms + grace_of_whole_ms (change);
    struct ladder_row steps[LADDER_STEPS_MAX];
    size_t n_steps, before = change->n_bands;

    if (escalation_is_window (change)) {
        band_add (change, 100, 0, change->due_ms + WINDOW_GRACE_MS);
        return;
    }
    n_steps = ladder_steps (law->rules, stage, urgency (law), steps);
    for (size_t i = 0; i < n_steps; i++) {
        struct expiry due = { .due_ms = breach_ms };

        if (steps[i].share < 100)
            continue;
        if (steps[i].share > 100)
            deadline_compute (law->rules, change->due_ms - 1, steps[i].share - 100u,
                              UNIT_WORKING_DAY, false, &due);
        band_add (change, steps[i].share, steps[i].level, due.due_ms);
    }
    if (change->n_bands == before) /* a ladder that forgot the breach: the head is told */
        band_add (change, 100, 1, breach_ms);
}

static void bands_planned (struct clock_change *change, const struct duty_plan *plan)
{
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].share < 100 && plan->steps[i].due_ms < change->due_ms)
            band_add (change, plan->steps[i].share, plan->steps[i].level,
                      plan->steps[i].due_ms);
}

/* Warnings stay where they were announced, as far as they still come before the end. */
static void bands_kept (struct clock_change *change, const struct clock_change *clock)
{
    for (size_t i = 0; i < clock->n_bands; i++)
        if (clock->bands[i].share < 100 && clock->bands[i].due_ms < change->due_ms)
            band_add (change, clock->bands[i].share, clock->bands[i].level,
                      clock->bands[i].due_ms);
}

/* ---- start ----------------------------------------------------------------------- */

/* An article fits a field of the protocol, whatever the clerk wrote. */
static const char *article (struct arena *arena, const char *text)
{
    struct bytes fit = text_fit (bytes_of_text (text), LIMIT_NAME);

    return fit.size == 0
               ? NULL
               : arena_format (arena, "%.*s", (int) fit.size, (const char *) fit.data);
}

static void date_by (struct escalation_law *law, struct clock_change *change,
                     const struct duty_plan *plan)
{
    change->due_ms = plan->due.due_ms;
    change->provisional = plan->due.provisional;
    change->amount = plan->amount;
    change->unit = plan->unit;
    change->article = article (law->arena, plan->row->article);
    change->table_version = law->rules->version[RULES_DEADLINES];
}

static void date_as (struct clock_change *change, const struct clock_change *by)
{
    change->stage = by->stage;
    change->due_ms = by->due_ms;
    change->provisional = by->provisional;
    change->amount = by->amount;
    change->unit = by->unit;
    change->article = by->article;
    change->table_version = by->table_version;
}

static void date_without_row (struct escalation_law *law, struct clock_change *change)
{
    const struct clock_change *whole = escalation_plan_find (law, DUTY_WHOLE);
    struct expiry due;

    deadline_compute (law->rules, change->from_ms, LAST_RESORT_DAYS, UNIT_DAY, true,
                      &due);
    change->amount = LAST_RESORT_DAYS;
    change->unit = UNIT_DAY;
    change->due_ms =
        whole && whole->due_ms > change->from_ms ? whole->due_ms : due.due_ms;
    change->provisional = due.provisional;
    change->table_version = law->rules->version[RULES_DEADLINES];
}

static struct clock_change *line_begin (struct escalation_law *law, enum duty duty,
                                        const char *stage, uint32_t owner,
                                        int64_t from_ms)
{
    struct clock_change *change = change_add (law, CLOCK_START, duty);

    assert (law->n_running < ESCALATION_RUNNING_MAX);
    law->running[law->n_running++] = change;
    change->owner = owner;
    change->stage = stage;
    change->from_ms = from_ms;
    change->bands = ARENA_ARRAY (law->arena, struct band_due, BANDS_MAX);
    return change;
}

struct clock_change *escalation_plan_start (struct escalation_law *law, enum duty duty,
                                            enum stage stage, uint32_t owner,
                                            int64_t from_ms)
{
    struct duty_plan plan;
    struct clock_change *change =
        line_begin (law, duty, name_word (&stage_names, stage), owner, from_ms);

    if (duty_plan (law->rules, stage, law->matter->purpose, urgency (law), false, from_ms,
                   &plan) == 0) {
        date_by (law, change, &plan);
        bands_planned (change, &plan);
    } else {
        date_without_row (law, change);
    }
    bands_behind (law, change);
    return change;
}

void escalation_plan_go_on (struct escalation_law *law, uint32_t owner,
                            const struct clock_change *line, int64_t left_ms,
                            bool was_closed)
{
    struct clock_change *change =
        line_begin (law, line->duty, line->stage, owner, line->from_ms);

    date_as (change, line);
    for (size_t i = 0; i < line->n_bands; i++)
        if (line->bands[i].due_ms > left_ms ||
            (was_closed && line->bands[i].share >= 100))
            band_add (change, line->bands[i].share, line->bands[i].level,
                      line->bands[i].due_ms);
}

/* Its days are those up to there, so that it settles and goes on by them. */
static void amount_promised (const struct escalation_law *law, struct clock_change *whole,
                             int64_t last_day_ms)
{
    uint32_t days = calendar_count (law->rules, civil_day (whole->from_ms),
                                    civil_day (last_day_ms - 1), UNIT_DAY);

    if (days > DEADLINE_AMOUNT_MAX)
        return;
    whole->amount = days;
    whole->unit = UNIT_DAY;
}

void escalation_plan_promise (struct escalation_law *law, struct clock_change *whole,
                              int64_t last_day_ms, bool provisional)
{
    size_t n_warnings = 0;

    if (last_day_ms == 0 || last_day_ms == whole->due_ms)
        return;
    amount_promised (law, whole, last_day_ms);
    whole->due_ms = last_day_ms;
    whole->provisional = provisional;
    for (size_t i = 0; i < whole->n_bands; i++)
        if (whole->bands[i].share < 100 && whole->bands[i].due_ms < last_day_ms)
            whole->bands[n_warnings++] = whole->bands[i];
    whole->n_bands = n_warnings;
    bands_behind (law, whole);
}

/* ---- the whole, and more time ------------------------------------------------------ */

void escalation_plan_whole_reach (struct escalation_law *law)
{
    const struct clock_change *stage = escalation_plan_find (law, DUTY_STAGE);
    struct clock_change *whole = escalation_plan_find (law, DUTY_WHOLE), *change;

    if (whole && whole->due_ms > stage->due_ms)
        return;
    if (whole && whole->due_ms == stage->due_ms && !escalation_is_window (stage))
        return;
    change = whole ? again (law, whole, CLOCK_EXTEND)
                   : line_begin (law, DUTY_WHOLE, NULL, 0, stage->from_ms);
    date_as (change, stage);
    bands_behind (law, change);
}

static void extend (struct escalation_law *law, enum duty duty, const char *why)
{
    struct clock_change *clock = escalation_plan_find (law, duty), *change;
    struct duty_plan plan;

    if (!clock ||
        duty_plan (law->rules,
                   duty == DUTY_WHOLE ? STAGE_WHOLE : stage_of_name (clock->stage),
                   law->matter->purpose, urgency (law), true, clock->from_ms, &plan) < 0)
        return;
    if (plan.due.due_ms <= clock->due_ms)
        return;
    change = again (law, clock, CLOCK_EXTEND);
    date_by (law, change, &plan);
    change->article = why;
    change->stage =
        duty == DUTY_WHOLE ? name_word (&stage_names, STAGE_WHOLE) : clock->stage;
    bands_behind (law, change);
}

void escalation_plan_extend (struct escalation_law *law)
{
    const struct deadline_row *row =
        deadline_row_find (law->rules, STAGE_EXTEND, law->matter->purpose, urgency (law));
    const char *why = row ? article (law->arena, row->article) : NULL;

    extend (law, DUTY_STAGE, why);
    extend (law, DUTY_WHOLE, why);
    extend (law, DUTY_HOLDER, why);
}

/* ---- standing still ---------------------------------------------------------------- */

/* Where a period of this clock ends, by its own amount. */
static void expiry_of (const struct escalation_law *law, const struct clock_change *clock,
                       struct expiry *ret)
{
    const struct deadline_row *row = deadline_row_find (
        law->rules, stage_of_name (clock->stage), law->matter->purpose, urgency (law));

    deadline_compute (law->rules, clock->from_ms, clock->amount, clock->unit,
                      clock->unit == UNIT_DAY && (!row || row->roll), ret);
}

static void pause (struct escalation_law *law, struct clock_change *clock)
{
    const struct deadline_row *row = deadline_row_find (
        law->rules, STAGE_HEARING, law->matter->purpose, urgency (law));
    struct clock_change *change = again (law, clock, CLOCK_PAUSE);

    change->article = row ? article (law->arena, row->article) : NULL;
    for (size_t i = 0; i < clock->n_bands; i++)
        change->bands[change->n_bands++] = clock->bands[i];
}

void escalation_plan_pause (struct escalation_law *law)
{
    for (size_t i = 0; i < ARRAY_SIZE (pausing); i++) {
        struct clock_change *clock = escalation_plan_find (law, pausing[i]);

        if (clock && clock->action != CLOCK_PAUSE)
            pause (law, clock);
    }
}

/* The day on which it stopped has counted, the day on which it goes on has not. An end in
 * days moves on from a rest day; a warning stays on it. */
static void move_on (const struct escalation_law *law, const struct clock_change *clock,
                     bool is_end, int64_t *due_ms)
{
    enum unit unit = clock->unit;
    int64_t since_ms = escalation_plan_since_ms (clock);
    struct expiry due;

    if (unit == UNIT_HOUR) {
        *due_ms += law->at_ms > since_ms ? law->at_ms - since_ms : 0;
        return;
    }
    deadline_compute (
        law->rules, *due_ms - 1,
        calendar_count (law->rules, civil_day (since_ms), civil_day (law->at_ms), unit),
        unit, is_end && unit == UNIT_DAY, &due);
    *due_ms = due.due_ms;
}

static void resume (struct escalation_law *law, struct clock_change *clock)
{
    const struct clock_change *stage = escalation_plan_find (law, DUTY_STAGE);
    struct clock_change *change = again (law, clock, CLOCK_RESUME);
    /* It was extended to the end of a stage, and has no amount of its own. */
    bool is_led =
        clock->duty == DUTY_WHOLE && stage_of_name (clock->stage) != STAGE_WHOLE;
    struct expiry due;

    if (is_led && stage && stage->action == CLOCK_RESUME &&
        stage_of_name (stage->stage) == stage_of_name (clock->stage)) {
        date_as (change, stage);
    } else if (clock->unit == UNIT_HOUR || is_led) {
        move_on (law, clock, true, &change->due_ms);
        change->provisional |=
            is_led && change->due_ms > civil_day_end_ms (law->rules->known_until);
    } else {
        change->amount +=
            calendar_count (law->rules, civil_day (escalation_plan_since_ms (clock)),
                            civil_day (law->at_ms), clock->unit);
        expiry_of (law, change, &due);
        change->due_ms = due.due_ms;
        change->provisional = due.provisional;
    }
    for (size_t i = 0; i < clock->n_bands; i++)
        if (clock->bands[i].share < 100) {
            struct band_due band = clock->bands[i];

            move_on (law, clock, false, &band.due_ms);
            band_add (change, band.share, band.level, band.due_ms);
        }
    bands_behind (law, change);
}

void escalation_plan_resume (struct escalation_law *law)
{
    for (size_t i = 0; i < ARRAY_SIZE (pausing); i++) {
        struct clock_change *clock = escalation_plan_find (law, pausing[i]);

        if (clock && clock->action == CLOCK_PAUSE)
            resume (law, clock);
    }
}

/* ---- settling ---------------------------------------------------------------------- */

/* The end by the calendar as it is now. A whole that was extended ends with its stage; when
 * that is over, on the day that was said or, if that is none to end on, the next working
 * day. */
static void end_now (const struct escalation_law *law, const struct clock_change *clock,
                     struct expiry *ret)
{
    const struct clock_change *stage = escalation_plan_find (law, DUTY_STAGE);

    if (clock->duty != DUTY_WHOLE || stage_of_name (clock->stage) == STAGE_WHOLE)
        expiry_of (law, clock, ret);
    else if (stage && stage_of_name (stage->stage) == stage_of_name (clock->stage))
        *ret =
            (struct expiry){ .due_ms = stage->due_ms, .provisional = stage->provisional };
    else
        deadline_compute (law->rules, clock->due_ms - 1, 0, UNIT_DAY, true, ret);
}

void escalation_plan_settle (struct escalation_law *law, struct clock_change *clock)
{
    struct clock_change *change;
    struct expiry due;

    if (!clock->provisional || clock->action == CLOCK_PAUSE)
        return;
    end_now (law, clock, &due);
    /* The calendar that came may lead it out of itself: it is moved there, or it would stand
     * in the way of those that can be settled. */
    if (due.provisional && clock->due_ms > civil_day_end_ms (law->rules->known_until))
        return;
    change = again (law, clock, CLOCK_SETTLE);
    change->provisional = due.provisional;
    change->due_ms = due.due_ms;
    change->table_version = law->rules->version[RULES_CALENDAR];
    bands_kept (change, clock);
    bands_behind (law, change);
}
