/* SPDX-License-Identifier: Apache-2.0 */
/* What escalation's journal may say of clocks and raises (DOMAIN §3, §5). The ledger is
 * replayed line by line: what runs, since when, until when, and how long all that stopped
 * had run. */
#include "witness_inside.h"

#include <stdio.h>
#include <string.h>

#include "routing/course.h"

struct reading {
    struct witness *witness;
    const struct entry *entry;
    struct witnessed *of;
    const struct heard *cause; /* the entry of routing that this takes over, or NULL */
    int64_t at_ms;             /* when that was */
    bool has_lapsed;           /* the time to ask is over, and routing was not heard */
};

#define COMPLAIN(reading, ...)                                                           \
    witness_complain ((reading)->witness, (reading)->entry, __VA_ARGS__)

/* ---- clocks ------------------------------------------------------------------------- */

static bool is_several (enum duty duty)
{
    return duty == DUTY_ASSISTING || duty == DUTY_TASK;
}

static struct witnessed_clock *clock_find (struct witnessed *of, enum duty duty,
                                           uint32_t owner)
{
    for (size_t i = 0; i < of->n_clocks; i++)
        if (of->clocks[i].duty == duty &&
            (!is_several (duty) || of->clocks[i].owner == owner))
            return &of->clocks[i];
    return NULL;
}

const struct witnessed_clock *witnessed_clock (const struct witnessed *of, enum duty duty)
{
    for (size_t i = 0; i < of->n_clocks; i++)
        if (of->clocks[i].duty == duty)
            return &of->clocks[i];
    return NULL;
}

/* Never less than was said, even of a service that was entered late. */
static int64_t clock_spent_ms (const struct witnessed_clock *clock, int64_t at_ms)
{
    int64_t until_ms = clock->paused_at_ms != 0 ? clock->paused_at_ms : at_ms;
    int64_t spent_ms = until_ms - clock->from_ms - clock->paused_ms;
    return spent_ms > clock->said_ms ? spent_ms : clock->said_ms;
}

int64_t witnessed_spent_ms (const struct witnessed *of, enum duty duty, int64_t at_ms)
{
    int64_t spent_ms = of->spent_ms[duty];
    for (size_t i = 0; i < of->n_clocks; i++)
        if (of->clocks[i].duty == duty)
            spent_ms += clock_spent_ms (&of->clocks[i], at_ms);
    return spent_ms;
}

static void bands_take (struct witnessed_clock *clock, const struct clock_change *change)
{
    clock->n_bands = 0;
    for (size_t i = 0; i < change->n_bands && i < WITNESS_BANDS_MAX; i++)
        clock->bands[clock->n_bands++] = change->bands[i];
}

/* ---- changes ------------------------------------------------------------------------ */

/* A breach that was told and is not due by what is known now was told too early, and is told
 * when its time comes. */
static void told_too_early (const struct reading *reading, struct witnessed_clock *clock)
{
    for (size_t i = clock->n_bands; i-- > 0;)
        if (clock->bands[i].share >= 100 && clock->bands[i].share <= clock->fired &&
            clock->bands[i].due_ms > reading->at_ms)
            clock->fired = clock->bands[i].share - 1;
}

/* Who comes back has the time it had; only who is heard anew has new time. */
static void check_return (const struct reading *reading,
                          const struct clock_change *change)
{
    struct witnessed *of = reading->of;
    const struct heard *cause = reading->cause;
    bool is_execution = change->duty == DUTY_STAGE && change->stage != NULL &&
                        strcmp (change->stage, "execute") == 0;
    if (cause != NULL && cause->step == STEP_REOPEN && cause->link_to != 0 &&
        change->duty == DUTY_WHOLE && change->due_ms != of->whole_due_ms)
        COMPLAIN (reading, "left alone, it ends another day than was promised");
    if (cause != NULL && cause->step == STEP_CONTACT && is_execution &&
        change->from_ms != of->executing_ms)
        COMPLAIN (reading, "a call-back gave the execution new time");
    if (is_execution)
        of->executing_ms = change->from_ms;
}

static void read_start (const struct reading *reading, const struct clock_change *change)
{
    struct witnessed *of = reading->of;
    if (clock_find (of, change->duty, change->owner) != NULL) {
        COMPLAIN (reading, "a second clock of duty %u", change->duty);
        return;
    }
    if (of->n_clocks == WITNESS_CLOCKS_MAX) {
        COMPLAIN (reading, "too many clocks");
        return;
    }
    check_return (reading, change);
    struct witnessed_clock *clock = &of->clocks[of->n_clocks++];
    *clock = (struct witnessed_clock){ .duty = change->duty,
                                       .owner = change->owner,
                                       .from_ms = change->from_ms,
                                       .due_ms = change->due_ms };
    snprintf (clock->stage, sizeof clock->stage, "%s",
              change->stage != NULL ? change->stage : "");
    bands_take (clock, change);
    of->has_clocks |= change->duty == DUTY_WHOLE;
}

static void check_spent (const struct reading *reading, const struct clock_change *change,
                         const struct witnessed_clock *clock)
{
    int64_t spent_ms = clock_spent_ms (clock, reading->at_ms);
    if (change->spent_ms != spent_ms)
        COMPLAIN (reading, "duty %u ran %lld ms, not %lld", change->duty,
                  (long long) spent_ms, (long long) change->spent_ms);
}

static void read_stop (const struct reading *reading, const struct clock_change *change,
                       struct witnessed_clock *clock)
{
    struct witnessed *of = reading->of;
    check_spent (reading, change, clock);
    of->spent_ms[change->duty] += change->spent_ms;
    of->has_clocks &= change->duty != DUTY_WHOLE;
    if (change->duty == DUTY_WHOLE)
        of->whole_due_ms = clock->due_ms;
    *clock = of->clocks[--of->n_clocks];
}

static void read_pause (const struct reading *reading, const struct clock_change *change,
                        struct witnessed_clock *clock)
{
    if (clock->paused_at_ms != 0)
        COMPLAIN (reading, "paused twice");
    if (reading->cause == NULL || reading->cause->step != STEP_HEAR)
        COMPLAIN (reading, "only a hearing pauses (art. 36)");
    if (change->due_ms != clock->due_ms)
        COMPLAIN (reading, "a pause moved the end");
    clock->paused_at_ms = reading->at_ms;
    told_too_early (reading, clock);
}

static void read_resume (const struct reading *reading, const struct clock_change *change,
                         struct witnessed_clock *clock)
{
    if (clock->paused_at_ms == 0) {
        COMPLAIN (reading, "it was not paused");
        return;
    }
    clock->paused_ms += reading->at_ms - clock->paused_at_ms;
    clock->paused_at_ms = 0;
    if (change->due_ms < clock->due_ms)
        COMPLAIN (reading, "after a pause it ends earlier");
    if (change->paused_ms != clock->paused_ms)
        COMPLAIN (reading, "paused for %lld ms, not %lld", (long long) clock->paused_ms,
                  (long long) change->paused_ms);
}

static void read_moved_end (const struct reading *reading,
                            const struct clock_change *change,
                            struct witnessed_clock *clock)
{
    if (change->action == CLOCK_EXTEND && change->due_ms < clock->due_ms)
        COMPLAIN (reading, "extended to an earlier end");
    if (change->from_ms != clock->from_ms)
        COMPLAIN (reading, "it began at another time before");
    if (change->action == CLOCK_EXTEND)
        clock->fired = 0; /* a new end is told anew */
    clock->due_ms = change->due_ms;
    bands_take (clock, change);
    if (change->action == CLOCK_SETTLE)
        told_too_early (reading, clock);
}

static void read_change (const struct reading *reading, const struct clock_change *change)
{
    struct witnessed_clock *clock = clock_find (reading->of, change->duty, change->owner);
    if (change->action == CLOCK_START) {
        read_start (reading, change);
        return;
    }
    if (clock == NULL) {
        COMPLAIN (reading, "no clock of duty %u runs", change->duty);
        return;
    }
    if (change->action != CLOCK_STOP) {
        check_spent (reading, change, clock);
        clock->said_ms = change->spent_ms;
    }
    switch (change->action) {
    case CLOCK_STOP:
        read_stop (reading, change, clock);
        break;
    case CLOCK_EXTEND:
    case CLOCK_SETTLE:
        read_moved_end (reading, change, clock);
        break;
    case CLOCK_PAUSE:
        read_pause (reading, change, clock);
        break;
    case CLOCK_RESUME:
        read_resume (reading, change, clock);
        clock->due_ms = change->due_ms;
        bands_take (clock, change);
        break;
    case CLOCK_NONE:
    case CLOCK_START:
    case CLOCK_COUNT:
        COMPLAIN (reading, "no action");
        break;
    }
}

/* The petitioner's time to ask runs; nobody owes anything in it but who is asked. */
static bool is_window (const struct witnessed_clock *stage)
{
    return stage != NULL && strncmp (stage->stage, "ask_", 4) == 0;
}

/* ---- what may move stage and whole -------------------------------------------------- */

/* Steps that move the course or its holder and, by §3, no clock of the petitioner's. */
static bool is_neutral (const struct heard *cause)
{
    bool is_waiting = cause->from == STATE_DISPATCHED || cause->from == STATE_CLAIMED ||
                      cause->from == STATE_OBJECTED || cause->from == STATE_ARBITRATION;
    switch (cause->step) {
    case STEP_OBJECT:
    case STEP_ARBITRATE:
    case STEP_CLAIM:
    case STEP_ASSIGN:
    case STEP_TRANSFER:
    case STEP_HAND_BACK:
    case STEP_RECUSE:
    case STEP_OPINION:
    case STEP_CATEGORISE:
    case STEP_REPURPOSE:
    case STEP_WENT_UP:
    case STEP_APPROVE:
    case STEP_REJECT:
        return true;
    case STEP_CONTACT:
        return cause->to == cause->from;
    case STEP_DISPATCH:
        return is_waiting;
    case STEP_LAPSE:
        return cause->from != STATE_HEARING;
    case STEP_NONE:
    case STEP_ACCEPT:
    case STEP_DECIDE:
    case STEP_SERVE:
    case STEP_CLAIM_DONE:
    case STEP_CLOSE:
    case STEP_DIVERT:
    case STEP_REOPEN:
    case STEP_WITHDRAW:
    case STEP_PLACE:
    case STEP_REFUSE:
    case STEP_EXTEND:
    case STEP_MEDIATE:
    case STEP_END_MEDIATION:
    case STEP_AGREE:
    case STEP_LINK:
    case STEP_HEAR:
    case STEP_END_HEARING:
    case STEP_REVIEW:
    case STEP_CONFIRM:
    case STEP_COUNT:
        break;
    }
    return cause->kind != KIND_MOVED;
}

static void check_cause (const struct reading *reading, const struct clock_change *change)
{
    const struct entry *entry = reading->entry;
    bool is_first = change->action == CLOCK_START && entry->source != NULL &&
                    entry->source->speaker == SPEAKER_INTAKE;
    if (change->duty != DUTY_STAGE && change->duty != DUTY_WHOLE)
        return;
    if (reading->cause == NULL) {
        if (change->action != CLOCK_SETTLE && !is_first && !reading->has_lapsed)
            COMPLAIN (reading, "duty %u moved, and nothing happened", change->duty);
    } else if (is_neutral (reading->cause)) {
        COMPLAIN (reading, "%s (kind %u) moved duty %u",
                  course_step_name (reading->cause->step), reading->cause->kind,
                  change->duty);
    }
}

static size_t running (const struct witnessed *of, enum duty duty)
{
    size_t count = 0;
    for (size_t i = 0; i < of->n_clocks; i++)
        count += of->clocks[i].duty == duty;
    return count;
}

static void read_clocks (const struct reading *reading)
{
    struct witnessed *of = reading->of;
    const struct clocks *clocks = reading->entry->clocks;
    int64_t before_ms[DUTY_COUNT];
    for (unsigned duty = 0; duty < DUTY_COUNT; duty++)
        before_ms[duty] = witnessed_spent_ms (of, duty, reading->at_ms);
    for (size_t i = 0; i < clocks->n_changes; i++) {
        check_cause (reading, &clocks->changes[i]);
        read_change (reading, &clocks->changes[i]);
    }
    for (unsigned duty = 0; duty < DUTY_COUNT; duty++)
        if (witnessed_spent_ms (of, duty, reading->at_ms) < before_ms[duty])
            COMPLAIN (reading, "time spent on duty %u decreased", duty);
    size_t stages = running (of, DUTY_STAGE), wholes = running (of, DUTY_WHOLE);
    if (stages > 1 || stages != wholes)
        COMPLAIN (reading, "%zu stages and %zu wholes run", stages, wholes);
}

/* ---- raises ------------------------------------------------------------------------- */

/* A step of a clock: it is on the clock, its time has come, and it was not told before. */
static void check_step (const struct reading *reading, const struct raised *raised)
{
    struct witnessed_clock *clock =
        clock_find (reading->of, raised->duty, raised->department);
    const struct band_due *band = NULL;
    if (raised->cause != CAUSE_BAND && raised->cause != CAUSE_BREACH)
        return;
    for (size_t i = 0; clock != NULL && i < clock->n_bands; i++)
        if (clock->bands[i].share == raised->share)
            band = &clock->bands[i];
    if (band == NULL) {
        COMPLAIN (reading, "duty %u has no step at %u", raised->duty, raised->share);
        return;
    }
    if (raised->due_ms != band->due_ms || reading->entry->time_ms < band->due_ms)
        COMPLAIN (reading, "step %u of duty %u was told early", raised->share,
                  raised->duty);
    if (raised->level < band->level)
        COMPLAIN (reading, "step %u told level %u, not %u", raised->share, raised->level,
                  band->level);
    if (clock->fired >= raised->share)
        COMPLAIN (reading, "step %u of duty %u was told before", raised->share,
                  raised->duty);
    if (clock->paused_at_ms != 0)
        COMPLAIN (reading, "it is paused, and told");
    const struct witnessed_clock *stage = witnessed_clock (reading->of, DUTY_STAGE);
    if (is_window (stage) && reading->entry->time_ms <= stage->due_ms &&
        raised->share >= 100 &&
        (raised->duty == DUTY_WHOLE || raised->duty == DUTY_STAGE))
        COMPLAIN (reading, "the petitioner may still ask: nobody is late");
    clock->fired = raised->share;
}

static void read_raised (const struct reading *reading)
{
    const struct raised *raised = reading->entry->raised;
    struct witnessed *of = reading->of;
    check_step (reading, raised);
    if (!raised->open)
        return;
    for (size_t i = 0; i < of->n_raises; i++)
        if (of->raises[i].raise == raised->raise)
            COMPLAIN (reading, "raise %llu is open already",
                      (unsigned long long) raised->raise);
    if (of->n_raises == WITNESS_RAISES_MAX) {
        COMPLAIN (reading, "too many raises");
        return;
    }
    of->raises[of->n_raises++] =
        (struct witnessed_raise){ .raise = raised->raise, .level = raised->level };
    if (raised->level > of->level)
        of->level = raised->level;
}

static void read_ended (const struct reading *reading)
{
    struct witnessed *of = reading->of;
    size_t at = 0;
    while (at < of->n_raises &&
           of->raises[at].raise != reading->entry->raise_ended->raise)
        at++;
    if (at == of->n_raises) {
        COMPLAIN (reading, "no such raise is open");
        return;
    }
    of->raises[at] = of->raises[--of->n_raises];
    if (of->n_raises == 0)
        of->level = 0;
}

/* ---- entries ------------------------------------------------------------------------ */

/* A service counts from the day it was handed over, whenever that was entered; nothing is
 * counted beyond what is said of it, where routing is ahead of the day. */
static int64_t time_of (const struct reading *reading)
{
    const struct heard *cause = reading->cause;
    if (cause == NULL)
        return reading->entry->time_ms;
    int64_t at_ms = cause->step == STEP_SERVE && cause->done_at_ms != 0
                        ? cause->done_at_ms
                        : cause->time_ms;
    return at_ms < reading->entry->time_ms ? at_ms : reading->entry->time_ms;
}

void witness_escalation (struct witness *witness, const struct entry *entry)
{
    struct reading reading = { .witness = witness, .entry = entry };
    const struct source *source = entry->source;
    if (entry->grievance == 0 ||
        (entry->clocks == NULL && entry->raised == NULL && entry->raise_ended == NULL))
        return;
    if (source != NULL && source->speaker == SPEAKER_ROUTING) {
        if (source->sequence > witness->n_heard) {
            witness_complain (witness, entry, "it takes over what was not said");
            return;
        }
        reading.cause = &witness->heard[source->sequence - 1];
    }
    reading.at_ms = time_of (&reading);
    reading.of = witness_grievance (witness, entry->grievance);
    if (reading.of == NULL) /* intake's registration may be heard first */
        reading.of = witness_grievance_add (witness, entry->grievance);
    const struct witnessed_clock *stage = witnessed_clock (reading.of, DUTY_STAGE);
    reading.has_lapsed = is_window (stage) && entry->time_ms > stage->due_ms;
    if (entry->clocks != NULL)
        read_clocks (&reading);
    else if (entry->raised != NULL)
        read_raised (&reading);
    else
        read_ended (&reading);
}

/* ---- at rest ------------------------------------------------------------------------ */

size_t witness_count_open (const struct witness *witness)
{
    size_t count = 0;
    for (size_t i = 0; i < witness->n_grievances; i++)
        count += course_is_open (witness->grievances[i].state);
    return count;
}

#define STAGE(name) (1u << (name))
enum {
    DISPATCH,
    ACCEPT,
    DECIDE,
    DIVERT,
    EXECUTE,
    CONFIRM,
    REVIEW,
    REREVIEW,
    ASK_REVIEW,
    ASK_REREVIEW
};
static const char *const stage_words[] = {
    [DISPATCH] = "dispatch",     [ACCEPT] = "accept",
    [DECIDE] = "decide",         [DIVERT] = "divert",
    [EXECUTE] = "execute",       [CONFIRM] = "confirm",
    [REVIEW] = "review",         [REREVIEW] = "rereview",
    [ASK_REVIEW] = "ask_review", [ASK_REREVIEW] = "ask_rereview",
};

/* What is owed, or may be asked, in each state. Who was overruled has begun to decide, and
 * goes on with it, as does what leaves a group; a window that has lapsed unheard is to be closed. */
static const unsigned stages_of[STATE_COUNT] = {
    [STATE_UNDECIDED] = STAGE (DISPATCH) | STAGE (ACCEPT) | STAGE (DECIDE),
    [STATE_DISPATCHED] = STAGE (ACCEPT) | STAGE (DECIDE),
    [STATE_CLAIMED] = STAGE (ACCEPT) | STAGE (DECIDE),
    [STATE_OBJECTED] = STAGE (ACCEPT) | STAGE (DECIDE),
    [STATE_ARBITRATION] = STAGE (ACCEPT) | STAGE (DECIDE),
    [STATE_REFUSED] = STAGE (ACCEPT) | STAGE (DECIDE),
    [STATE_HANDLING] = STAGE (DECIDE),
    [STATE_MEDIATING] = STAGE (DECIDE),
    [STATE_DECIDED] = STAGE (DECIDE) | STAGE (REVIEW) | STAGE (REREVIEW),
    [STATE_WINDOW] = STAGE (ASK_REVIEW) | STAGE (ASK_REREVIEW) | STAGE (CONFIRM),
    [STATE_EXECUTING] = STAGE (EXECUTE),
    [STATE_DONE] = STAGE (CONFIRM),
    [STATE_DIVERTED] = STAGE (DIVERT),
    [STATE_REVIEWING] = STAGE (REVIEW),
    [STATE_REREVIEWING] = STAGE (REREVIEW),
    [STATE_HEARING] = STAGE (REREVIEW),
};

static bool stage_fits (const struct witnessed *of)
{
    const struct witnessed_clock *stage = witnessed_clock (of, DUTY_STAGE);
    for (size_t i = 0; stage != NULL && i < ARRAY_SIZE (stage_words); i++)
        if (strcmp (stage_words[i], stage->stage) == 0)
            return (stages_of[of->state] >> i & 1) != 0;
    return false;
}

/* Only a hearing stands still, and stage and whole together. */
static bool is_paused (const struct witnessed *of)
{
    return witnessed_clock (of, DUTY_STAGE)->paused_at_ms != 0 ||
           witnessed_clock (of, DUTY_WHOLE)->paused_at_ms != 0;
}

void witness_rest (struct witness *witness)
{
    for (size_t i = 0; i < witness->n_grievances; i++) {
        const struct witnessed *of = &witness->grievances[i];
        const struct entry about = { .grievance = of->number };
        size_t stages = running (of, DUTY_STAGE), wholes = running (of, DUTY_WHOLE);
        bool is_open = course_is_open (of->state);
        if (stages != is_open || wholes != is_open)
            witness_complain (witness, &about, "is %s: %zu stages, %zu wholes run",
                              course_state_name (of->state), stages, wholes);
        else if (is_open && !stage_fits (of))
            witness_complain (witness, &about, "is %s, and its stage is %s",
                              course_state_name (of->state),
                              witnessed_clock (of, DUTY_STAGE)->stage);
        else if (is_open && is_paused (of) != (of->state == STATE_HEARING))
            witness_complain (witness, &about, "is %s, and %s",
                              course_state_name (of->state),
                              is_paused (of) ? "stands still" : "goes on");
        if (!is_open && of->n_clocks > 0)
            witness_complain (witness, &about, "is closed, and a clock runs");
    }
}
