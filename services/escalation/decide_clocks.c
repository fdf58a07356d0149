/* SPDX-License-Identifier: Apache-2.0 */
/* LAW: which clocks start, stop and move when a grievance moves.
 *
 *   state of the course   stage clock        clock of whoever has it
 *   ───────────────────   ────────────────   ──────────────────────────────
 *   undecided             dispatch           the dispatcher's, from when it came
 *   dispatched, claimed   accept             the department's, from its receipt
 *   objected              accept, goes on    the dispatcher's
 *   handling              decide, review     the department's, goes on
 *   decided               decide, goes on    to serve
 *   window                review window      –
 *   executing             execute            –
 *   done                  confirm            –
 *   diverted              divert             –
 *   closed                –                  –
 *
 * Stages have ranks; only a higher rank replaces what runs, so that nothing a handler does
 * restarts a clock. A dispute that was taken (reopen) starts any anew; a diversion may be
 * left for an earlier stage, which then goes on from where it first began. Every stage has a
 * clock: where the table has no row, it ends with the whole. */
#include "escalation/law.h"

#include <errno.h>

#include "base/text.h"
#include "rules/deadline.h"
#include "wire/limits.h"

/* Where even the whole has no row: the law's sixty days. The loader should not let it
 * come to that. */
#define LAST_RESORT_DAYS 60

static const struct {
    enum stage stage;
    enum stage holder; /* STAGE_ANY: none */
} course[STATE_COUNT] = {
    [STATE_UNDECIDED] = { STAGE_DISPATCH, STAGE_WAIT },
    [STATE_DISPATCHED] = { STAGE_ACCEPT, STAGE_HOLDER },
    [STATE_OBJECTED] = { STAGE_ACCEPT, STAGE_REDISPATCH },
    [STATE_CLAIMED] = { STAGE_ACCEPT, STAGE_HOLDER },
    [STATE_HANDLING] = { STAGE_DECIDE, STAGE_HOLDER },
    [STATE_DECIDED] = { STAGE_DECIDE, STAGE_SERVE },
    [STATE_WINDOW] = { STAGE_ASK_REVIEW, STAGE_ANY },
    [STATE_EXECUTING] = { STAGE_EXECUTE, STAGE_ANY },
    [STATE_DONE] = { STAGE_CONFIRM, STAGE_ANY },
    [STATE_DIVERTED] = { STAGE_DIVERT, STAGE_ANY },
};

static const uint8_t rank[STAGE_COUNT] = {
    [STAGE_DISPATCH] = 1,   [STAGE_ACCEPT] = 2,  [STAGE_DECIDE] = 3,
    [STAGE_DIVERT] = 3,     [STAGE_REVIEW] = 3,  [STAGE_EXECUTE] = 4,
    [STAGE_ASK_REVIEW] = 4, [STAGE_CONFIRM] = 5,
};
#define RANK_SERVED 4 /* from here on the decision is in the petitioner's hands */

/* ---- the ledger as it runs ------------------------------------------------------- */

void escalation_law_begin (struct escalation_law *law, const struct rules *rules,
                           struct arena *arena, const struct matter *matter,
                           struct escalation_clock *clocks, size_t n_clocks,
                           int64_t at_ms)
{
    *law = (struct escalation_law){
        .rules = rules, .arena = arena, .matter = matter, .at_ms = at_ms
    };
    law->clocks.changes = ARENA_ARRAY (arena, struct clock_change, LIMIT_CLOCK_CHANGES);
    for (size_t i = 0; i < n_clocks; i++) {
        enum stage stage = stage_of_name (clocks[i].change.stage);

        if (clocks[i].change.duty == DUTY_STAGE && law->began_ms[stage] == 0)
            law->began_ms[stage] = clocks[i].change.from_ms;
        if (clocks[i].stopped_ms == 0) {
            assert (law->n_running < ESCALATION_RUNNING_MAX);
            law->running[law->n_running++] = (struct escalation_running){
                .change = &clocks[i].change,
                .fired = clocks[i].next > 0
                             ? clocks[i].change.bands[clocks[i].next - 1].share
                             : 0,
            };
        }
    }
}

static struct clock_change *running (const struct escalation_law *law, enum duty duty)
{
    for (size_t i = 0; i < law->n_running; i++)
        if (law->running[i].change->duty == duty)
            return law->running[i].change;
    return NULL;
}

static void run (struct escalation_law *law, struct clock_change *change)
{
    assert (law->n_running < ESCALATION_RUNNING_MAX);
    law->running[law->n_running++] = (struct escalation_running){ .change = change };
}

static struct clock_change *change_add (struct escalation_law *law,
                                        enum clock_action action, enum duty duty)
{
    struct clock_change *change;

    assert (law->clocks.n_changes < LIMIT_CLOCK_CHANGES);
    change = &law->clocks.changes[law->clocks.n_changes++];
    change->action = action;
    change->duty = duty;
    return change;
}

static void stop (struct escalation_law *law, struct clock_change *clock)
{
    struct clock_change *change = change_add (law, CLOCK_STOP, clock->duty);

    change->owner = clock->owner;
    change->stage = clock->stage;
    change->spent_ms = law->at_ms > clock->from_ms ? law->at_ms - clock->from_ms : 0;
    for (size_t i = 0; i < law->n_running; i++)
        if (law->running[i].change == clock) {
            law->running[i] = law->running[--law->n_running];
            return;
        }
}

static void stop_duty (struct escalation_law *law, enum duty duty)
{
    struct clock_change *clock;

    while ((clock = running (law, duty)))
        stop (law, clock);
}

/* ---- planning -------------------------------------------------------------------- */

static enum urgency urgency (const struct escalation_law *law)
{
    return urgency_of (category_nearest (law->rules, law->matter->category),
                       law->matter->urgent || law->matter->threat);
}

/* An article fits a field of the protocol, whatever the clerk wrote. */
static const char *article (struct arena *arena, const char *text)
{
    struct bytes fit = text_fit (bytes_of_text (text), LIMIT_NAME);

    return fit.size == 0
               ? NULL
               : arena_format (arena, "%.*s", (int) fit.size, (const char *) fit.data);
}

static void band_add (struct clock_change *change, unsigned share, unsigned level,
                      int64_t due_ms)
{
    change->bands[change->n_bands++] =
        (struct band_due){ .share = share, .due_ms = due_ms, .level = level };
}

/* The steps from the breach on, for a due instant that is not the plan's own; without
 * those up to share 'fired'. */
static void bands_behind (struct escalation_law *law, struct clock_change *change,
                          enum stage stage, uint32_t fired)
{
    struct ladder_row steps[LADDER_STEPS_MAX];
    size_t count = ladder_steps (law->rules, stage, urgency (law), steps);

    for (size_t i = 0; i < count; i++) {
        struct expiry due = { .due_ms = change->due_ms };

        if (steps[i].share < 100 || steps[i].share <= fired)
            continue;
        if (steps[i].share > 100)
            deadline_compute (law->rules, change->due_ms - 1, steps[i].share - 100u,
                              UNIT_WORKING_DAY, false, &due);
        band_add (change, steps[i].share, steps[i].level, due.due_ms);
    }
    if (change->n_bands == 0 &&
        fired == 0) /* a ladder that forgot the breach: the head is told */
        band_add (change, 100, 1, change->due_ms);
}

static void bands_planned (struct clock_change *change, const struct duty_plan *plan)
{
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].share >= 100 || plan->steps[i].due_ms < change->due_ms)
            band_add (change, plan->steps[i].share, plan->steps[i].level,
                      plan->steps[i].due_ms);
}

/* A clock by the table's row. -ENOENT leaves amount, unit and due instant to the caller. */
static int start_planned (struct escalation_law *law, struct clock_change *change,
                          enum stage stage)
{
    struct duty_plan plan;
    int rc = duty_plan (law->rules, stage, law->matter->purpose, urgency (law), false,
                        change->from_ms, &plan);

    if (rc < 0)
        return rc;
    change->due_ms = plan.due.due_ms;
    change->provisional = plan.due.provisional;
    change->amount = plan.amount;
    change->unit = plan.unit;
    change->article = article (law->arena, plan.row->article);
    if (plan.row->kind == ROW_WINDOW) /* lapses by a step of its own, tells nobody */
        band_add (change, 100, 0, change->due_ms);
    else
        bands_planned (change, &plan);
    return 0;
}

static struct clock_change *start (struct escalation_law *law, enum duty duty,
                                   enum stage stage, uint32_t owner, int64_t from_ms)
{
    struct clock_change *change = change_add (law, CLOCK_START, duty);

    change->owner = owner;
    change->stage = name_word (&stage_names, stage);
    change->from_ms = from_ms;
    change->table_version = law->rules->version[RULES_DEADLINES];
    change->bands = ARENA_ARRAY (law->arena, struct band_due, LADDER_STEPS_MAX + 1);
    if (start_planned (law, change, stage) < 0) {
        const struct clock_change *whole = running (law, DUTY_WHOLE);
        struct expiry due;

        deadline_compute (law->rules, from_ms, LAST_RESORT_DAYS, UNIT_DAY, true, &due);
        change->amount = LAST_RESORT_DAYS;
        change->unit = UNIT_DAY;
        change->due_ms = whole && whole->due_ms > from_ms ? whole->due_ms : due.due_ms;
        change->provisional = due.provisional;
        bands_behind (law, change, stage, 0);
    } else if (change->n_bands == 0) {
        bands_behind (law, change, stage, 0);
    }
    run (law, change);
    return change;
}

static void extend_whole (struct escalation_law *law, const struct clock_change *by)
{
    struct clock_change *whole = running (law, DUTY_WHOLE);
    struct clock_change *change;

    if (!whole || whole->due_ms >= by->due_ms)
        return;
    change = change_add (law, CLOCK_EXTEND, DUTY_WHOLE);
    change->stage = by->stage;
    change->from_ms = whole->from_ms;
    change->due_ms = by->due_ms;
    change->provisional = by->provisional;
    change->amount = by->amount;
    change->unit = by->unit;
    change->article = by->article;
    change->table_version = by->table_version;
    change->bands = ARENA_ARRAY (law->arena, struct band_due, LADDER_STEPS_MAX + 1);
    bands_behind (law, change, STAGE_WHOLE, 0);
    whole->due_ms = change->due_ms;
}

/* ---- the questions --------------------------------------------------------------- */

/* The last day that the petitioner was promised binds, also when the tables have changed
 * between the receipt and now. */
static void promise (struct escalation_law *law, struct clock_change *whole,
                     int64_t last_day_ms, bool provisional)
{
    struct band_due *planned = whole->bands;
    size_t n_planned = whole->n_bands;

    if (last_day_ms == 0 || last_day_ms == whole->due_ms)
        return;
    whole->due_ms = last_day_ms;
    whole->provisional = provisional;
    whole->bands = ARENA_ARRAY (law->arena, struct band_due, 2 * LADDER_STEPS_MAX + 1);
    whole->n_bands = 0;
    for (size_t i = 0; i < n_planned; i++)
        if (planned[i].share < 100 && planned[i].due_ms < last_day_ms)
            whole->bands[whole->n_bands++] = planned[i];
    bands_behind (law, whole, STAGE_WHOLE, 0);
}

void escalation_law_open (struct escalation_law *law, int64_t counted_from_ms,
                          int64_t last_day_ms, bool provisional)
{
    promise (law, start (law, DUTY_WHOLE, STAGE_WHOLE, 0, counted_from_ms), last_day_ms,
             provisional);
    start (law, DUTY_STAGE, STAGE_DISPATCH, 0, counted_from_ms);
}

static void move_stage (struct escalation_law *law, const struct moved *moved)
{
    struct clock_change *now = running (law, DUTY_STAGE);
    enum stage is = now ? stage_of_name (now->stage) : STAGE_ANY;
    enum stage next = course[moved->to].stage;
    bool is_anew = moved->step == STEP_REOPEN;
    bool may_go_back = is_anew || is == STAGE_DIVERT || next == STAGE_DIVERT;
    int64_t from_ms = law->at_ms;

    if (is == STAGE_REVIEW && next == STAGE_DECIDE) /* deciding again has its own clock */
        return;
    if (now && (is == next || (rank[next] <= rank[is] && !may_go_back)))
        return;
    if (!is_anew && law->began_ms[next] != 0) /* a way round does not give it new time */
        from_ms = law->began_ms[next];
    stop_duty (law, DUTY_STAGE);
    now = start (law, DUTY_STAGE, next, moved->department, from_ms);
    if (is_anew || rank[next] >= RANK_SERVED || next == STAGE_DIVERT)
        extend_whole (law, now);
}

/* Each department's own time, from its own receipt; the dispatcher's too. Claiming, transferring and handing back inside a department do not
 * touch it. */
static void move_holder (struct escalation_law *law, const struct moved *moved)
{
    const struct clock_change *now = running (law, DUTY_HOLDER);
    enum stage stage = course[moved->to].holder;

    if (now && stage != STAGE_ANY && now->owner == moved->department &&
        stage_of_name (now->stage) == stage)
        return;
    stop_duty (law, DUTY_HOLDER);
    if (stage != STAGE_ANY)
        start (law, DUTY_HOLDER, stage, moved->department, law->at_ms);
}

static bool assists (const struct moved *moved, uint32_t department)
{
    for (size_t i = 0; i < moved->n_assisting; i++)
        if (moved->assisting[i] == department)
            return true;
    return false;
}

static struct clock_change *assisting (const struct escalation_law *law, uint32_t owner)
{
    for (size_t i = 0; i < law->n_running; i++)
        if (law->running[i].change->duty == DUTY_ASSISTING &&
            law->running[i].change->owner == owner)
            return law->running[i].change;
    return NULL;
}

/* Once it is decided, or led elsewhere, no opinion can be given: nobody owes one. */
static bool takes_opinions (enum state state)
{
    enum stage holder = course[state].holder;

    return holder != STAGE_ANY && holder != STAGE_SERVE;
}

/* A dispatch says anew who assists; whoever is asked already goes on. */
static void move_assisting (struct escalation_law *law, const struct moved *moved)
{
    if (!takes_opinions (moved->to))
        stop_duty (law, DUTY_ASSISTING);
    if (moved->step != STEP_DISPATCH && moved->step != STEP_PLACE)
        return;
    for (size_t i = law->n_running; i-- > 0;)
        if (i < law->n_running && law->running[i].change->duty == DUTY_ASSISTING &&
            !assists (moved, law->running[i].change->owner))
            stop (law, law->running[i].change);
    for (size_t i = 0; i < moved->n_assisting; i++)
        if (!assisting (law, moved->assisting[i]))
            start (law, DUTY_ASSISTING, STAGE_ASSIST, moved->assisting[i], law->at_ms);
}

void escalation_law_move (struct escalation_law *law, const struct moved *moved)
{
    if (moved->to == STATE_CLOSED) {
        while (law->n_running > 0)
            stop (law, law->running[0].change);
        return;
    }
    if (!running (law, DUTY_WHOLE)) /* reopened: the period before was kept or breached */
        start (law, DUTY_WHOLE, STAGE_WHOLE, 0, law->at_ms);
    move_stage (law, moved);
    move_holder (law, moved);
    move_assisting (law, moved);
}

void escalation_law_opinion (struct escalation_law *law, uint32_t department)
{
    struct clock_change *clock = assisting (law, department);

    if (clock)
        stop (law, clock);
}

bool escalation_is_window (const struct clock_change *change)
{
    return change->duty == DUTY_STAGE &&
           stage_of_name (change->stage) == STAGE_ASK_REVIEW;
}

void escalation_law_lapse (struct escalation_law *law)
{
    struct clock_change *window = running (law, DUTY_STAGE);
    uint32_t owner = window ? window->owner : 0;

    stop_duty (law, DUTY_STAGE);
    extend_whole (law, start (law, DUTY_STAGE, STAGE_CONFIRM, owner, law->at_ms));
}

void escalation_law_review (struct escalation_law *law, uint32_t department)
{
    if (!running (law, DUTY_WHOLE))
        start (law, DUTY_WHOLE, STAGE_WHOLE, 0, law->at_ms);
    stop_duty (law, DUTY_STAGE);
    extend_whole (law, start (law, DUTY_STAGE, STAGE_REVIEW, department, law->at_ms));
}

/* The instant a provisional clock ends by the calendar as it is now, false while that still
 * is behind what the calendar knows. A whole that was extended ends with its stage. */
static bool final_due (const struct escalation_law *law, const struct clock_change *clock,
                       int64_t *ret_due_ms)
{
    enum stage stage = stage_of_name (clock->stage);
    struct duty_plan plan;

    if (clock->duty == DUTY_WHOLE && stage != STAGE_WHOLE) {
        const struct clock_change *by = running (law, DUTY_STAGE);

        if (!by || by->provisional)
            return false;
        *ret_due_ms = by->due_ms;
        return true;
    }
    if (duty_plan (law->rules, stage, law->matter->purpose, urgency (law), false,
                   clock->from_ms, &plan) < 0 ||
        plan.due.provisional)
        return false;
    *ret_due_ms = plan.due.due_ms;
    return true;
}

static void settle (struct escalation_law *law, struct escalation_running *running)
{
    struct clock_change *was = running->change, *change;
    int64_t due_ms;

    if (!was->provisional || !final_due (law, was, &due_ms))
        return;
    change = change_add (law, CLOCK_SETTLE, was->duty);
    *change = *was;
    change->action = CLOCK_SETTLE;
    change->provisional = false;
    change->due_ms = due_ms;
    change->table_version = law->rules->version[RULES_CALENDAR];
    change->bands = ARENA_ARRAY (law->arena, struct band_due, 2 * LADDER_STEPS_MAX + 1);
    change->n_bands = 0;
    for (size_t i = 0; i < was->n_bands; i++) /* early steps stay where they were told */
        if (was->bands[i].share < 100 && was->bands[i].share > running->fired &&
            was->bands[i].due_ms < due_ms)
            change->bands[change->n_bands++] = was->bands[i];
    if (escalation_is_window (was))
        band_add (change, 100, 0, due_ms);
    else
        bands_behind (law, change, stage_of_name (was->stage), running->fired);
    running->change = change;
}

void escalation_law_settle (struct escalation_law *law)
{
    for (size_t i = 0; i < law->n_running; i++)
        if (law->running[i].change->duty != DUTY_WHOLE)
            settle (law, &law->running[i]);
    for (size_t i = 0; i < law->n_running; i++)
        if (law->running[i].change->duty == DUTY_WHOLE)
            settle (law, &law->running[i]);
}
