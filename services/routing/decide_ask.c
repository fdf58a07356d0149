/* SPDX-License-Identifier: Apache-2.0 */
/* Law of asks.
 *
 *   withdraw  taken in every open state; a second person confirms that it is the
 *             petitioner's will (decide_second.c)
 *   confirm   taken where execution was claimed, and in the review window; closes
 *   dispute   taken where execution was claimed, and within 30 days of the closing
 *   review    taken once for each service, within the window of art. 35 and 36, whether it
 *             was closed meanwhile or not; goes one level up
 *   rate      always taken: it moves nothing */
#include "routing/decide_ask.h"

#include <string.h>

#include "routing/decide_place.h"
#include "routing/decide_step.h"
#include "wire/wire.h"

/* One ask and all that it is decided by. */
struct plea {
    const struct rules *rules;
    const struct entry *asked;
    const struct routing_grievance *grievance;
    const struct matter *matter;
    struct decision *decision;
};

static enum state state_after (const struct plea *plea, enum step step)
{
    struct course_facts facts = routing_facts (plea->grievance, plea->matter);
    return course_next (plea->grievance->state, step, &facts);
}

static struct moved *add_event (const struct plea *plea, enum kind kind, enum step step,
                                enum state to)
{
    return routing_event_of (plea->asked->grievance, plea->grievance, plea->matter, kind,
                             step, to, plea->decision);
}

static void answer (const struct plea *plea, bool taken)
{
    struct decision *decision = plea->decision;
    struct ask_answered *answered = ARENA_NEW (decision->arena, struct ask_answered);
    answered->what = plea->asked->asked->what;
    answered->taken = taken;
    answered->asked_sequence = plea->asked->sequence;
    if (plea->asked->actor != NULL) {
        answered->client = plea->asked->actor->client;
        answered->incarnation = plea->asked->actor->incarnation;
        answered->counter = plea->asked->actor->counter;
    }
    decision_event_about (decision, KIND_ASK_ANSWERED, plea->asked->grievance,
                          plea->matter)
        ->entry.ask_answered = answered;
}

/* The petitioner's words stand behind the event as its reason. */
static void add_words (struct decision *decision, struct bytes body)
{
    struct asked_body said;
    if (!body.data || asked_body_decode (decision->arena, body, &said, NULL) < 0 ||
        !said.text || strlen (said.text) > LIMIT_REASON)
        return;
    struct moved_body words = { .reason = said.text };
    decision->events[decision->n_events - 1]->body =
        moved_body_encode (decision->arena, &words);
}

/* Asked again while it waits: taken, and it waits on. A desk's proposal gives way. */
static void decide_withdraw (const struct plea *plea, struct bytes body)
{
    const struct routing_grievance *grievance = plea->grievance;
    bool taken = state_after (plea, STEP_WITHDRAW) != STATE_NONE;
    answer (plea, taken);
    if (!taken || grievance->by_petitioner)
        return;
    struct moved *moved =
        add_event (plea, KIND_PROPOSED, STEP_WITHDRAW, grievance->state);
    enum ground ground = plea->asked->asked->ground;
    moved->ground = course_ground_fits (STEP_WITHDRAW, ground, CLOSE_NONE, PURPOSE_NONE)
                        ? ground
                        : GROUND_OWN_WISH;
    moved->by_petitioner = true;
    add_words (plea->decision, body);
}

static void decide_confirm (const struct plea *plea)
{
    enum state to = state_after (plea, STEP_CONFIRM);
    answer (plea, to != STATE_NONE);
    if (to == STATE_NONE)
        return;
    struct moved *moved = add_event (plea, KIND_MOVED, STEP_CONFIRM, to);
    moved->outcome = plea->grievance->outcome;
    moved->close_reason = CLOSE_CONFIRMED;
    routing_let_go (moved);
}

/* Who goes on with a lead has nothing to dispute before it is told what became of that, so
 * its time has not begun. */
static bool dispute_is_late (const struct plea *plea)
{
    const struct routing_grievance *grievance = plea->grievance;
    return grievance->state == STATE_CLOSED && grievance->closed_at_ms != 0 &&
           plea->asked->time_ms >= routing_period_end_ms (plea->rules, plea->matter,
                                                          STAGE_DISPUTE,
                                                          grievance->closed_at_ms,
                                                          ROUTING_DISPUTE_DAYS, UNIT_DAY);
}

static void decide_dispute (const struct plea *plea)
{
    const struct routing_grievance *grievance = plea->grievance;
    enum state to = state_after (plea, STEP_REOPEN);
    if (dispute_is_late (plea))
        to = STATE_NONE;
    answer (plea, to != STATE_NONE);
    if (to == STATE_NONE)
        return;
    struct moved *moved = add_event (plea, KIND_MOVED, STEP_REOPEN, to);
    if (to == STATE_UNDECIDED && grievance->purpose == PURPOSE_ACCUSATION)
        moved->lapses_at_ms = plea->decision->now_ms + ROUTING_PLACE_AGAIN_MS;
    /* Who said it was done keeps it; what was closed waits to be taken up again. */
    if (grievance->state != STATE_DONE)
        routing_let_go (moved);
}

/* One level above who decided, but nobody a second time: a review that the dispatcher gave
 * to whom there was may lie below the department that decided first. 0: there is none, and
 * the dispatcher names one. */
static uint32_t reviewer_of (const struct plea *plea)
{
    const struct routing_grievance *grievance = plea->grievance;
    uint32_t above = routing_superior (plea->rules, grievance->decided_by);
    bool has_decided =
        above != 0 && grievance->instance >= 2 &&
        above == routing_in_force (plea->rules, grievance->first_department);
    return has_decided ? routing_superior (plea->rules, above) : above;
}

static void decide_review (const struct plea *plea)
{
    const struct routing_grievance *grievance = plea->grievance;
    enum state to = state_after (plea, STEP_REVIEW);
    bool taken = to != STATE_NONE && plea->asked->time_ms < grievance->window_ms;
    answer (plea, taken);
    if (!taken)
        return;
    struct moved *moved = add_event (plea, KIND_MOVED, STEP_REVIEW, to);
    moved->previous_department = grievance->department;
    moved->department = reviewer_of (plea);
    moved->instance = grievance->instance < 2 ? 2 : 3;
    moved->article =
        course_article (STEP_REVIEW, GROUND_NONE, plea->matter->purpose, moved->instance);
    routing_let_go (moved);
}

void routing_decide_ask (const struct rules *rules, const struct entry *asked,
                         struct bytes body, const struct routing_grievance *grievance,
                         const struct matter *matter, struct decision *decision)
{
    const struct plea plea = { rules, asked, grievance, matter, decision };
    switch (asked->asked->what) {
    case ASKED_WITHDRAW:
        decide_withdraw (&plea, body);
        break;
    case ASKED_CONFIRM:
        decide_confirm (&plea);
        break;
    case ASKED_DISPUTE:
        decide_dispute (&plea);
        break;
    case ASKED_REVIEW:
        decide_review (&plea);
        break;
    case ASKED_RATE:
        answer (&plea, true);
        break;
    case ASKED_NONE:
    case ASKED_COUNT:
        break;
    }
}
