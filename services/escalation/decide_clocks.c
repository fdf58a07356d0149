/* SPDX-License-Identifier: Apache-2.0 */
/* LAW: which clocks start, stop and move when a grievance moves.
 *
 *   state of the course      stage clock        clock of whoever has it
 *   ──────────────────────   ────────────────   ──────────────────────────────
 *   undecided                dispatch           the dispatcher's, from when it came
 *   dispatched, claimed      accept             the department's, from its receipt
 *   objected                 accept, goes on    the dispatcher's
 *   arbitration              accept, goes on    the arbiter's
 *   refused                  accept, goes on    to serve
 *   handling, mediating      decide             the department's, goes on
 *   reviewing                review             the reviewing organ's, from its receipt
 *   rereviewing, hearing     rereview           the same
 *   decided                  the one before     to serve
 *   window                   review window      –
 *   executing                execute            –
 *   done                     confirm            –
 *   diverted                 divert             –
 *   closed                   –                  –
 *
 * Stages have ranks; only a higher rank replaces what runs, so that nothing a handler does
 * restarts a clock. A review begins the ranks anew above those of the decision before it
 * (10 · instance + rank), a dispute that the petitioner asked for and that was taken starts
 * any anew. What was owed before goes on with the end it had where somebody comes back from a
 * diversion, where the desk heard at a call-back that it is not done, and where the lead of a
 * group ended without an answer for its member: the petitioner's time ran all the while. A
 * decision is in time by the day of its service, and what follows runs from there. Category,
 * purpose, contacts, proposals and a higher level reached move no clock. */
#include "escalation/plan.h"

#include <string.h>

#include "rules/deadline.h"

static const struct {
    enum stage stage;
    enum stage holder; /* STAGE_ANY: none */
} course[STATE_COUNT] = {
    [STATE_UNDECIDED] = { STAGE_DISPATCH, STAGE_WAIT },
    [STATE_DISPATCHED] = { STAGE_ACCEPT, STAGE_HOLDER },
    [STATE_OBJECTED] = { STAGE_ACCEPT, STAGE_REDISPATCH },
    [STATE_ARBITRATION] = { STAGE_ACCEPT, STAGE_ARBITRATE },
    [STATE_CLAIMED] = { STAGE_ACCEPT, STAGE_HOLDER },
    [STATE_REFUSED] = { STAGE_ACCEPT, STAGE_SERVE },
    [STATE_HANDLING] = { STAGE_DECIDE, STAGE_HOLDER },
    [STATE_MEDIATING] = { STAGE_DECIDE, STAGE_HOLDER },
    [STATE_DECIDED] = { STAGE_DECIDE, STAGE_SERVE },
    [STATE_WINDOW] = { STAGE_ASK_REVIEW, STAGE_ANY },
    [STATE_EXECUTING] = { STAGE_EXECUTE, STAGE_ANY },
    [STATE_DONE] = { STAGE_CONFIRM, STAGE_ANY },
    [STATE_DIVERTED] = { STAGE_DIVERT, STAGE_ANY },
    [STATE_REVIEWING] = { STAGE_REVIEW, STAGE_REVIEW },
    [STATE_REREVIEWING] = { STAGE_REREVIEW, STAGE_REREVIEW },
    [STATE_HEARING] = { STAGE_REREVIEW, STAGE_REREVIEW },
};

static const uint8_t ranks[STAGE_COUNT] = {
    [STAGE_DISPATCH] = 1, [STAGE_ACCEPT] = 2,     [STAGE_DECIDE] = 3,
    [STAGE_DIVERT] = 3,   [STAGE_REVIEW] = 3,     [STAGE_REREVIEW] = 3,
    [STAGE_EXECUTE] = 4,  [STAGE_ASK_REVIEW] = 4, [STAGE_ASK_REREVIEW] = 4,
    [STAGE_CONFIRM] = 5,
};
#define RANK_SERVED 4 /* from here on the decision is in the petitioner's hands */

static unsigned rank (unsigned instance, enum stage stage)
{
    return 10 * instance + ranks[stage];
}

/* ---- the ledger so far ------------------------------------------------------------- */

/* Where the petitioner was heard anew, nothing goes on from where it began before. */
static bool begins_anew (const struct escalation_law *law,
                         const struct clock_change *change, enum stage stage)
{
    const struct clock_change *before = law->begun[stage].line;
    bool goes_on = before && before->from_ms == change->from_ms;

    return change->action == CLOCK_START && !goes_on &&
           (change->step == STEP_REOPEN || change->step == STEP_REVIEW);
}

static void stage_seen (struct escalation_law *law, const struct escalation_clock *clock)
{
    const struct clock_change *change = &clock->change;
    enum stage stage = stage_of_name (change->stage);

    if (begins_anew (law, change, stage))
        memset (law->begun, 0, sizeof law->begun);
    if (stage == STAGE_EXECUTE) /* what is claimed behind it is confirmed by itself */
        law->begun[STAGE_CONFIRM].line = NULL;
    law->begun[stage].line = change;
    law->begun[stage].left_ms = clock->stopped_ms;
    if (stage == STAGE_REVIEW || stage == STAGE_ASK_REREVIEW)
        law->instance = 2;
    else if (stage == STAGE_REREVIEW)
        law->instance = 3;
}

void escalation_law_begin (struct escalation_law *law, const struct rules *rules,
                           struct arena *arena, const struct matter *matter,
                           struct escalation_clock *clocks, size_t n_clocks,
                           int64_t at_ms)
{
    *law = (struct escalation_law){ .rules = rules,
                                    .arena = arena,
                                    .matter = matter,
                                    .at_ms = at_ms,
                                    .instance = 1,
                                    .ledger = clocks,
                                    .n_ledger = n_clocks };
    law->clocks.changes = ARENA_ARRAY (arena, struct clock_change, LIMIT_CLOCK_CHANGES);
    for (size_t i = 0; i < n_clocks; i++) {
        if (clocks[i].change.duty == DUTY_STAGE)
            stage_seen (law, &clocks[i]);
        if (clocks[i].change.duty == DUTY_WHOLE)
            law->whole = &clocks[i];
        if (clocks[i].stopped_ms != 0)
            continue;
        assert (law->n_running < ESCALATION_RUNNING_MAX);
        law->running[law->n_running++] = &clocks[i].change;
    }
}

void escalation_law_open (struct escalation_law *law, int64_t counted_from_ms,
                          int64_t last_day_ms, bool provisional)
{
    escalation_plan_promise (
        law, escalation_plan_start (law, DUTY_WHOLE, STAGE_WHOLE, 0, counted_from_ms),
        last_day_ms, provisional);
    escalation_plan_start (law, DUTY_STAGE, STAGE_DISPATCH, 0, counted_from_ms);
}

/* ---- stage and whole ---------------------------------------------------------------- */

static unsigned instance_of (const struct moved *moved)
{
    return moved->instance > 1 ? moved->instance : 1;
}

static enum stage stage_of (const struct moved *moved)
{
    unsigned instance = instance_of (moved);

    if (instance >= 3 && course[moved->to].stage == STAGE_DECIDE)
        return STAGE_REREVIEW;
    if (instance == 2 && course[moved->to].stage == STAGE_DECIDE)
        return STAGE_REVIEW;
    if (instance >= 2 && course[moved->to].stage == STAGE_ASK_REVIEW)
        return STAGE_ASK_REREVIEW;
    return course[moved->to].stage;
}

/* The lead of its group ended without an answer for it. */
static bool is_left_alone (const struct moved *moved)
{
    return moved->step == STEP_REOPEN && moved->link_to != 0;
}

static bool is_heard_anew (const struct moved *moved)
{
    return moved->step == STEP_REOPEN && moved->link_to == 0;
}

bool escalation_is_disputed (const struct moved *moved)
{
    return is_heard_anew (moved) ||
           (moved->step == STEP_CONTACT && moved->from != moved->to);
}

static bool replaces (const struct escalation_law *law, const struct clock_change *now,
                      const struct moved *moved)
{
    enum stage is = stage_of_name (now->stage), next = stage_of (moved);

    if (is == next && law->instance == instance_of (moved))
        return escalation_is_disputed (moved) && moved->from != moved->to;
    if (escalation_is_disputed (moved) || is == STAGE_DIVERT || next == STAGE_DIVERT)
        return true;
    return rank (instance_of (moved), next) > rank (law->instance, is);
}

/* The whole is what the table says from filing to the service of the decision; what comes
 * behind that, or is led elsewhere, takes the time it takes. */
static bool reaches_behind_the_whole (const struct moved *moved)
{
    enum stage stage = stage_of (moved);

    return escalation_is_disputed (moved) || instance_of (moved) > 1 ||
           ranks[stage] >= RANK_SERVED || stage == STAGE_DIVERT;
}

/* Who comes back from a diversion, or from a group, goes on with what was owed before. */
static enum stage stage_after (const struct escalation_law *law,
                               const struct clock_change *now, const struct moved *moved)
{
    enum stage next = stage_of (moved);
    bool is_back =
        now ? stage_of_name (now->stage) == STAGE_DIVERT : is_left_alone (moved);

    if (!is_back || is_heard_anew (moved) || instance_of (moved) != law->instance)
        return next;
    for (unsigned stage = 0; stage < STAGE_COUNT; stage++)
        if (stage != STAGE_DIVERT && law->begun[stage].line && ranks[stage] > ranks[next])
            next = (enum stage) stage;
    return next;
}

static void move_stage (struct escalation_law *law, const struct moved *moved)
{
    const struct clock_change *now = escalation_plan_find (law, DUTY_STAGE);
    enum stage next = stage_after (law, now, moved);
    bool goes_on = !is_heard_anew (moved) && instance_of (moved) == law->instance &&
                   law->begun[next].line;

    if (now && !replaces (law, now, moved))
        return;
    escalation_plan_stop_all (law, DUTY_STAGE);
    if (goes_on) /* a way round does not give it new time */
        escalation_plan_go_on (law, moved->department, law->begun[next].line,
                               law->begun[next].left_ms, is_left_alone (moved));
    else
        escalation_plan_start (law, DUTY_STAGE, next, moved->department, law->at_ms);
    if (reaches_behind_the_whole (moved))
        escalation_plan_whole_reach (law);
}

/* Closed before: the period that ran then was kept or breached. One that goes on behind the
 * decision has a whole that ends with its stage. */
static bool needs_whole (const struct moved *moved)
{
    return instance_of (moved) == 1 && ranks[stage_of (moved)] < RANK_SERVED;
}

static void move_whole (struct escalation_law *law, const struct moved *moved)
{
    if (escalation_plan_find (law, DUTY_WHOLE))
        return;
    if (is_left_alone (moved) && law->whole)
        escalation_plan_go_on (law, 0, &law->whole->change, law->whole->stopped_ms, true);
    else if (needs_whole (moved))
        escalation_plan_start (law, DUTY_WHOLE, STAGE_WHOLE, 0, law->at_ms);
}

/* ---- whoever has it ------------------------------------------------------------------ */

static enum stage holder_of (const struct moved *moved)
{
    enum stage stage = course[moved->to].holder;
    bool is_nobodys =
        moved->department == 0; /* no organ above: the dispatcher names it */

    return is_nobodys && (stage == STAGE_REVIEW || stage == STAGE_REREVIEW) ? STAGE_WAIT
                                                                            : stage;
}

/* Each department's own time, from its own receipt; the dispatcher's too. Claiming,
 * transferring and handing back inside a department do not touch it. */
static void move_holder (struct escalation_law *law, const struct moved *moved)
{
    struct clock_change *now = escalation_plan_find (law, DUTY_HOLDER);
    enum stage stage = holder_of (moved);

    if (now && stage != STAGE_ANY && now->owner == moved->department &&
        stage_of_name (now->stage) == stage)
        return;
    escalation_plan_stop_all (law, DUTY_HOLDER);
    if (stage != STAGE_ANY)
        escalation_plan_start (law, DUTY_HOLDER, stage, moved->department, law->at_ms);
}

static void move_task (struct escalation_law *law, const struct moved *moved)
{
    bool runs = escalation_plan_find (law, DUTY_TASK) != NULL;

    if (moved->to != STATE_MEDIATING)
        escalation_plan_stop_all (law, DUTY_TASK);
    else if (!runs)
        escalation_plan_start (law, DUTY_TASK, STAGE_MEDIATE, moved->department,
                               law->at_ms);
}

static bool assists (const struct moved *moved, uint32_t department)
{
    for (size_t i = 0; i < moved->n_assisting; i++)
        if (moved->assisting[i] == department)
            return true;
    return false;
}

/* Once it is decided, or led elsewhere, no opinion can be given: nobody owes one. */
static bool takes_opinions (enum state state)
{
    enum stage holder = course[state].holder;

    return course[state].stage != STAGE_REVIEW && course[state].stage != STAGE_REREVIEW &&
           holder != STAGE_ANY && holder != STAGE_SERVE;
}

/* A dispatch says anew who assists; whoever is asked already goes on. */
static void move_assisting (struct escalation_law *law, const struct moved *moved)
{
    if (!takes_opinions (moved->to)) {
        escalation_plan_stop_all (law, DUTY_ASSISTING);
        return;
    }
    if (moved->step != STEP_DISPATCH && moved->step != STEP_PLACE)
        return;
    for (size_t i = law->n_running; i-- > 0;)
        if (i < law->n_running && law->running[i]->duty == DUTY_ASSISTING &&
            !assists (moved, law->running[i]->owner))
            escalation_plan_stop (law, law->running[i]);
    for (size_t i = 0; i < moved->n_assisting; i++)
        if (!escalation_plan_find_of (law, DUTY_ASSISTING, moved->assisting[i]))
            escalation_plan_start (law, DUTY_ASSISTING, STAGE_ASSIST, moved->assisting[i],
                                   law->at_ms);
}

/* ---- the questions ------------------------------------------------------------------- */

#define STEP(step) (UINT64_C (1) << STEP_##step)
static_assert (STEP_COUNT <= 64, "a set of steps is 64 bits");

bool escalation_law_is_asked (const struct moved *moved, uint32_t department)
{
    static const uint64_t aside = STEP (CLAIM) | STEP (ASSIGN) | STEP (TRANSFER) |
                                  STEP (HAND_BACK) | STEP (CATEGORISE) |
                                  STEP (REPURPOSE) | STEP (CONTACT) | STEP (WENT_UP) |
                                  STEP (RECUSE);

    return (aside >> moved->step & 1) == 0 || moved->from == STATE_NONE ||
           moved->department != department ||
           course[moved->from].stage != course[moved->to].stage ||
           course[moved->from].holder != course[moved->to].holder;
}

void escalation_law_move (struct escalation_law *law, const struct moved *moved)
{
    law->step = moved->step;
    if (moved->to == STATE_CLOSED) {
        while (law->n_running > 0)
            escalation_plan_stop (law, law->running[0]);
        return;
    }
    if (moved->from == STATE_HEARING && moved->to != STATE_HEARING)
        escalation_plan_resume (law);
    move_whole (law, moved);
    move_stage (law, moved);
    if (!escalation_plan_find (law, DUTY_WHOLE))
        escalation_plan_whole_reach (law);
    move_holder (law, moved);
    move_task (law, moved);
    move_assisting (law, moved);
    if (moved->step == STEP_EXTEND)
        escalation_plan_extend (law);
    if (moved->to == STATE_HEARING && moved->from != STATE_HEARING)
        escalation_plan_pause (law);
}

/* ---- routing was restored ------------------------------------------------------------ */

/* The last line of this clock that has ended; NULL: there was none. */
static const struct escalation_clock *line_before (const struct escalation_law *law,
                                                   enum duty duty, enum stage stage,
                                                   uint32_t owner)
{
    for (size_t i = law->n_ledger; i-- > 0;) {
        const struct escalation_clock *clock = &law->ledger[i];

        if (clock->change.duty == duty && clock->stopped_ms != 0 &&
            (duty == DUTY_WHOLE || stage_of_name (clock->change.stage) == stage) &&
            (duty == DUTY_STAGE || duty == DUTY_WHOLE || clock->change.owner == owner))
            return clock;
    }
    return NULL;
}

/* As it was before, or, where it never ran, from when routing says. */
static void restate_start (struct escalation_law *law, enum duty duty, enum stage stage,
                           uint32_t owner, int64_t since_ms)
{
    const struct escalation_clock *before = line_before (law, duty, stage, owner);

    if (before)
        escalation_plan_go_on (law, owner, &before->change, before->stopped_ms, false);
    else
        escalation_plan_start (law, duty, stage, owner, since_ms);
}

static void restate_stage (struct escalation_law *law, const struct moved *moved,
                           int64_t since_ms)
{
    const struct clock_change *now = escalation_plan_find (law, DUTY_STAGE);
    enum stage next = stage_of (moved);

    if (now && stage_of_name (now->stage) == next && law->instance == instance_of (moved))
        return;
    escalation_plan_stop_all (law, DUTY_STAGE);
    restate_start (law, DUTY_STAGE, next, moved->department, since_ms);
}

static void restate_holder (struct escalation_law *law, const struct moved *moved,
                            int64_t since_ms)
{
    struct clock_change *now = escalation_plan_find (law, DUTY_HOLDER);
    enum stage stage = holder_of (moved);

    if (now && stage != STAGE_ANY && now->owner == moved->department &&
        stage_of_name (now->stage) == stage)
        return;
    escalation_plan_stop_all (law, DUTY_HOLDER);
    if (stage != STAGE_ANY)
        restate_start (law, DUTY_HOLDER, stage, moved->department, since_ms);
}

/* Whose opinion came has a line that ended; it is not asked again. */
static void restate_assisting (struct escalation_law *law, const struct moved *moved,
                               int64_t since_ms)
{
    for (size_t i = law->n_running; i-- > 0;)
        if (i < law->n_running && law->running[i]->duty == DUTY_ASSISTING &&
            (!takes_opinions (moved->to) || !assists (moved, law->running[i]->owner)))
            escalation_plan_stop (law, law->running[i]);
    for (size_t i = 0; takes_opinions (moved->to) && i < moved->n_assisting; i++)
        if (!escalation_plan_find_of (law, DUTY_ASSISTING, moved->assisting[i]) &&
            !line_before (law, DUTY_ASSISTING, STAGE_ASSIST, moved->assisting[i]))
            escalation_plan_start (law, DUTY_ASSISTING, STAGE_ASSIST, moved->assisting[i],
                                   since_ms);
}

static void restate_whole (struct escalation_law *law, const struct moved *moved)
{
    if (escalation_plan_find (law, DUTY_WHOLE))
        return;
    if (law->whole)
        escalation_plan_go_on (law, 0, &law->whole->change, law->whole->stopped_ms,
                               false);
    else if (needs_whole (moved))
        escalation_plan_start (law, DUTY_WHOLE, STAGE_WHOLE, 0, law->at_ms);
}

void escalation_law_restate (struct escalation_law *law, const struct moved *moved,
                             int64_t since_ms, bool is_all)
{
    const struct clock_change *stage = escalation_plan_find (law, DUTY_STAGE);
    bool stands = stage && stage->action == CLOCK_PAUSE;

    law->step = moved->step;
    if (moved->to == STATE_CLOSED) {
        while (law->n_running > 0)
            escalation_plan_stop (law, law->running[0]);
        return;
    }
    if (stands && moved->to != STATE_HEARING)
        escalation_plan_resume (law);
    restate_whole (law, moved);
    restate_stage (law, moved, since_ms);
    if (!escalation_plan_find (law, DUTY_WHOLE) || reaches_behind_the_whole (moved))
        escalation_plan_whole_reach (law);
    restate_holder (law, moved, since_ms);
    move_task (law, moved);
    if (is_all || moved->step == STEP_DISPATCH || moved->step == STEP_PLACE)
        restate_assisting (law, moved, since_ms);
    if (moved->to == STATE_HEARING && !stands)
        escalation_plan_pause (law);
}

void escalation_law_opinion (struct escalation_law *law, uint32_t department)
{
    uint32_t giver = escalation_in_force (law->rules, department);

    for (size_t i = 0; i < law->n_running; i++)
        if (law->running[i]->duty == DUTY_ASSISTING &&
            escalation_in_force (law->rules, law->running[i]->owner) == giver) {
            escalation_plan_stop (law, law->running[i]);
            return;
        }
}

bool escalation_is_window (const struct clock_change *change)
{
    enum stage stage = stage_of_name (change->stage);

    return change->duty == DUTY_STAGE &&
           (stage == STAGE_ASK_REVIEW || stage == STAGE_ASK_REREVIEW);
}

void escalation_law_lapse (struct escalation_law *law)
{
    const struct clock_change *window = escalation_plan_find (law, DUTY_STAGE);
    uint32_t owner = window ? window->owner : 0;

    escalation_plan_stop_all (law, DUTY_STAGE);
    escalation_plan_start (law, DUTY_STAGE, STAGE_CONFIRM, owner, law->at_ms);
    escalation_plan_whole_reach (law);
}

/* The whole last: it may end with a stage. */
void escalation_law_settle (struct escalation_law *law)
{
    for (size_t i = 0; i < law->n_running; i++)
        if (law->running[i]->duty != DUTY_WHOLE)
            escalation_plan_settle (law, law->running[i]);
    for (size_t i = 0; i < law->n_running; i++)
        if (law->running[i]->duty == DUTY_WHOLE)
            escalation_plan_settle (law, law->running[i]);
}
