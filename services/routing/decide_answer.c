/* SPDX-License-Identifier: Apache-2.0 */
/* Law of the work itself: what the holder of a grievance does until it is closed, and
 * what an assisting department writes. By here the holder is known to be the sender. */
#include "routing/course.h"
#include "routing/decide_step.h"

static void decide_plain (const struct routing_step *step, struct decision *decision)
{
    enum state to = routing_next (step, step->grievance->outcome, true, decision);
    if (to != STATE_NONE)
        routing_event (step, KIND_MOVED, to, decision);
}

static void decide_decide (const struct routing_step *step, struct decision *decision)
{
    const struct step_command *command = step->command;
    enum state to = routing_next (step, command->outcome, true, decision);
    if (to == STATE_NONE)
        return;
    if (!course_outcome_fits (step->grievance->purpose, 1, command->outcome)) {
        routing_refuse (
            decision, REFUSAL_MALFORMED, "outcome",
            "inquiries, suggestions and accusations are answered; appeals and "
            "requests are supported, explained or not supported");
        return;
    }
    if (command->outcome != OUTCOME_ANSWERED && !command->legal_basis) {
        routing_refuse (decision, REFUSAL_MISSING, "legal_basis",
                        "a decision on the merits names its legal basis");
        return;
    }
    routing_event (step, KIND_MOVED, to, decision)->outcome = command->outcome;
}

/* From the service on, the petitioner's periods run (art. 35). */
static void decide_serve (const struct routing_step *step, struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance;
    enum state to = routing_next (step, grievance->outcome, true, decision);
    if (to == STATE_NONE)
        return;
    struct moved *moved = routing_event (step, KIND_MOVED, to, decision);
    moved->outcome = grievance->outcome;
    if (to == STATE_WINDOW)
        moved->lapses_at_ms =
            routing_period_end_ms (step->rules, step->matter, STAGE_ASK_REVIEW,
                                   decision->now_ms, ROUTING_REVIEW_DAYS, UNIT_DAY);
    if (to == STATE_CLOSED) {
        moved->close_reason = CLOSE_ANSWERED;
        moved->holder = 0;
        moved->fencing = 0;
    }
}

static bool reason_fits (const struct routing_step *step, struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance;
    enum close_reason reason = step->command->close_reason;
    if (!course_reason_fits (grievance->state, reason))
        return routing_refuse (decision, REFUSAL_WRONG_STATE, "close_reason",
                               "no reason to close a grievance in this state");
    if (reason == CLOSE_WINDOW_UNUSED && decision->now_ms < grievance->window_ms)
        return routing_refuse (decision, REFUSAL_WRONG_STATE, "close_reason",
                               "the petitioner may still ask for review");
    if (reason == CLOSE_WINDOW_UNUSED && grievance->review_is_asked)
        return routing_refuse (decision, REFUSAL_WRONG_STATE, "close_reason",
                               "the petitioner has asked for review");
    bool needs_record = reason == CLOSE_CALL_BACK || reason == CLOSE_CONTACT_FAILED;
    if (needs_record && !step->command->reason)
        return routing_refuse (decision, REFUSAL_MISSING, "reason",
                               "record the call-back: when, by what means, the answer");
    return true;
}

static void decide_close (const struct routing_step *step, struct decision *decision)
{
    enum state to = routing_next (step, step->grievance->outcome, true, decision);
    if (to == STATE_NONE || !reason_fits (step, decision))
        return;
    struct moved *moved = routing_event (step, KIND_MOVED, to, decision);
    moved->outcome = step->grievance->outcome;
    moved->close_reason = step->command->close_reason;
    moved->holder = 0;
    moved->fencing = 0;
}

/* The written opinion of an assisting department moves nothing. */
static void decide_opinion (const struct routing_step *step, struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance;
    bool assists = false;
    for (size_t i = 0; i < grievance->n_assisting; i++)
        assists |= grievance->assisting[i] == step->client->department;
    if (!assists) {
        routing_refuse (decision, REFUSAL_TERRITORY, "number",
                        "your department was not asked to assist");
        return;
    }
    enum state to = routing_next (step, grievance->outcome, true, decision);
    if (to != STATE_NONE && routing_may_handle (step, step->person, "person", decision))
        routing_event (step, KIND_OPINION, to, decision);
}

void routing_decide_answer (const struct routing_step *step, struct decision *decision)
{
    if (step->command->step == STEP_DECIDE)
        decide_decide (step, decision);
    else if (step->command->step == STEP_SERVE)
        decide_serve (step, decision);
    else if (step->command->step == STEP_CLOSE)
        decide_close (step, decision);
    else if (step->command->step == STEP_OPINION)
        decide_opinion (step, decision);
    else /* accept, divert, claim done */
        decide_plain (step, decision);
}
