/* SPDX-License-Identifier: Apache-2.0 */
/* Law of asks and lapses.
 *
 *   withdraw  taken in every open state
 *   dispute   taken where execution was claimed, and within 30 days of the closing
 *   review    taken once for each decision, within the window of art. 35, whether the
 *             department has closed meanwhile or not; what is decided is decided again
 *   rate      always taken: it moves nothing */
#include "routing/decide_ask.h"

#include "routing/course.h"
#include "routing/decide_place.h"
#include "routing/decide_step.h"

/* A step that no command asked for. */
static struct moved *add_move (uint64_t number, const struct routing_grievance *grievance,
                               const struct matter *matter, enum step step, enum state to,
                               struct decision *decision)
{
    struct moved *moved = ARENA_NEW (decision->arena, struct moved);
    moved->step = step;
    moved->from = grievance->state;
    moved->to = to;
    moved->department = grievance->department;
    moved->objections = grievance->objections;
    moved->transfers = grievance->transfers;

    struct event *event = decision_event (decision, KIND_MOVED);
    struct matter *copy = ARENA_NEW (decision->arena, struct matter);
    *copy = *matter;
    event->entry.grievance = number;
    event->entry.matter = copy;
    event->entry.moved = moved;
    return moved;
}

static enum state state_after (const struct routing_grievance *grievance, enum step step)
{
    struct course_facts facts = { .outcome = grievance->outcome,
                                  .has_department = grievance->department != 0 };
    return course_next (grievance->state, step, &facts);
}

static void answer (const struct entry *asked, bool taken, const struct matter *matter,
                    struct decision *decision)
{
    struct ask_answered *answered = ARENA_NEW (decision->arena, struct ask_answered);
    answered->what = asked->asked->what;
    answered->taken = taken;
    answered->asked_sequence = asked->sequence;
    struct event *event = decision_event (decision, KIND_ASK_ANSWERED);
    struct matter *copy = ARENA_NEW (decision->arena, struct matter);
    *copy = *matter;
    event->entry.grievance = asked->grievance;
    event->entry.matter = copy;
    event->entry.ask_answered = answered;
}

static void decide_withdraw (const struct entry *asked,
                             const struct routing_grievance *grievance,
                             const struct matter *matter, struct decision *decision)
{
    enum state to = state_after (grievance, STEP_WITHDRAW);
    answer (asked, to != STATE_NONE, matter, decision);
    if (to != STATE_NONE)
        add_move (asked->grievance, grievance, matter, STEP_WITHDRAW, to, decision)
            ->close_reason = CLOSE_WITHDRAWN;
}

static void decide_dispute (const struct rules *rules, const struct entry *asked,
                            const struct routing_grievance *grievance,
                            const struct matter *matter, struct decision *decision)
{
    enum state to = state_after (grievance, STEP_REOPEN);
    if (grievance->state == STATE_WINDOW) /* of a decision the review is asked */
        to = STATE_NONE;
    if (grievance->state == STATE_CLOSED &&
        asked->time_ms >= routing_period_end_ms (rules, matter, STAGE_DISPUTE,
                                                 grievance->closed_at_ms,
                                                 ROUTING_DISPUTE_DAYS, UNIT_DAY))
        to = STATE_NONE;
    answer (asked, to != STATE_NONE, matter, decision);
    if (to == STATE_NONE)
        return;
    struct moved *moved =
        add_move (asked->grievance, grievance, matter, STEP_REOPEN, to, decision);
    if (to == STATE_UNDECIDED && grievance->purpose == PURPOSE_ACCUSATION)
        moved->lapses_at_ms = decision->now_ms + ROUTING_PLACE_AGAIN_MS;
    /* Who said it was done keeps it; what was closed waits to be taken up again. */
    if (grievance->state == STATE_DONE) {
        moved->holder = grievance->holder;
        moved->fencing = grievance->holder != 0 ? grievance->fencing : 0;
    }
}

static void decide_review (const struct entry *asked,
                           const struct routing_grievance *grievance,
                           const struct matter *matter, struct decision *decision)
{
    bool is_decided =
        grievance->state == STATE_WINDOW || grievance->state == STATE_CLOSED;
    bool is_in_time = is_decided && asked->time_ms < grievance->window_ms;
    bool taken = is_in_time && !grievance->review_is_asked;
    answer (asked, taken, matter, decision);
    if (taken)
        add_move (asked->grievance, grievance, matter, STEP_REOPEN,
                  state_after (grievance, STEP_REOPEN), decision);
}

void routing_decide_ask (const struct rules *rules, const struct entry *asked,
                         const struct routing_grievance *grievance,
                         const struct matter *matter, struct decision *decision)
{
    switch (asked->asked->what) {
    case ASKED_WITHDRAW:
        decide_withdraw (asked, grievance, matter, decision);
        break;
    case ASKED_DISPUTE:
        decide_dispute (rules, asked, grievance, matter, decision);
        break;
    case ASKED_REVIEW:
        decide_review (asked, grievance, matter, decision);
        break;
    case ASKED_RATE:
        answer (asked, true, matter, decision);
        break;
    case ASKED_CONFIRM:
    case ASKED_NONE:
    case ASKED_COUNT:
        break;
    }
}

void routing_decide_lapse (uint64_t number, const struct routing_grievance *grievance,
                           const struct matter *matter, struct decision *decision)
{
    if (grievance->state == STATE_CLAIMED) {
        add_move (number, grievance, matter, STEP_LAPSE,
                  state_after (grievance, STEP_LAPSE), decision);
    } else if (grievance->state == STATE_WINDOW) {
        struct moved *moved = add_move (number, grievance, matter, STEP_CLOSE,
                                        state_after (grievance, STEP_CLOSE), decision);
        moved->outcome = grievance->outcome;
        moved->close_reason = CLOSE_WINDOW_UNUSED;
    }
}
