/* SPDX-License-Identifier: Apache-2.0 */
/* Law of the work itself: what the holder of a grievance does until it is served, and
 * after that until it is closed; and what an assisting department writes. By here the
 * holder is known to be the sender. */
#include "routing/decide_step.h"

static void decide_plain (const struct routing_step *step, struct decision *decision)
{
    enum state to = routing_next (step, decision);
    if (to != STATE_NONE)
        routing_event (step, KIND_MOVED, to, decision);
}

/* Whoever accepts what another had accepted before has what is left of the time (art. 34):
 * it counts from the first acceptance. */
static void decide_accept (const struct routing_step *step, struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance;
    enum state to = routing_next (step, decision);
    if (to != STATE_NONE)
        routing_event (step, KIND_MOVED, to, decision)->counted_from_ms =
            grievance->accepted_at_ms != 0 ? grievance->accepted_at_ms : decision->now_ms;
}

/* 调解协议: what both sides have signed is carried out, and decided by nobody. */
static void decide_agree (const struct routing_step *step, struct decision *decision)
{
    enum state to = routing_next (step, decision);
    if (to != STATE_NONE)
        routing_event (step, KIND_MOVED, to, decision)->outcome = OUTCOME_AGREED;
}

static bool outcome_fits (const struct routing_step *step, struct decision *decision)
{
    const struct step_command *command = step->command;
    if (!course_outcome_fits (step->grievance->purpose, step->grievance->instance,
                              command->outcome))
        return routing_refuse (
            decision, REFUSAL_MALFORMED, "outcome",
            "inquiries, suggestions and accusations are answered; appeals, requests and "
            "reviews are supported, explained or not supported");
    if (command->outcome != OUTCOME_ANSWERED && !command->legal_basis)
        return routing_refuse (decision, REFUSAL_MISSING, "legal_basis",
                               "a decision on the merits names its legal basis");
    return true;
}

static void decide_decide (const struct routing_step *step, struct decision *decision)
{
    enum state to = routing_next (step, decision);
    if (to != STATE_NONE && outcome_fits (step, decision))
        routing_event (step, KIND_MOVED, to, decision)->outcome = step->command->outcome;
}

/* The hearing's time is not counted (art. 36), so it has an end of its own. */
static void decide_hear (const struct routing_step *step, struct decision *decision)
{
    enum state to = routing_next (step, decision);
    if (to != STATE_NONE)
        routing_event (step, KIND_MOVED, to, decision)->lapses_at_ms =
            routing_period_end_ms (step->rules, step->matter, STAGE_HEARING,
                                   decision->now_ms, ROUTING_HEARING_DAYS, UNIT_DAY);
}

/* ---- closing ------------------------------------------------------------------------ */

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
    if (reason == CLOSE_CALL_BACK && !grievance->is_confirmed)
        return routing_refuse (decision, REFUSAL_MISSING, "contacted",
                               "record the contact in which the petitioner confirmed it");
    if (grievance->state == STATE_DIVERTED && !step->command->reason)
        return routing_refuse (decision, REFUSAL_MISSING, "reason",
                               "record who has received it, and when");
    if (step->command->ground != GROUND_NONE)
        return routing_refuse (decision, REFUSAL_MALFORMED, "ground",
                               "this way of closing has no ground");
    return true;
}

static void decide_close (const struct routing_step *step, struct decision *decision)
{
    if (course_asks_two (STEP_CLOSE, step->command->close_reason)) {
        routing_decide_proposed (step, decision);
        return;
    }
    enum state to = routing_next (step, decision);
    if (to == STATE_NONE || !reason_fits (step, decision))
        return;
    struct moved *moved = routing_event (step, KIND_MOVED, to, decision);
    moved->outcome = step->grievance->outcome;
    moved->close_reason = step->command->close_reason;
    routing_let_go (moved);
}

/* ---- assisting ---------------------------------------------------------------------- */

/* The written opinion of an assisting department moves nothing. */
static void decide_opinion (const struct routing_step *step, struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance;
    uint32_t mine = routing_in_force (step->rules, step->client->department);
    bool assists = false;
    for (size_t i = 0; i < grievance->n_assisting; i++)
        assists |= routing_in_force (step->rules, grievance->assisting[i]) == mine;
    if (!assists) {
        routing_refuse (decision, REFUSAL_TERRITORY, "number",
                        "your department was not asked to assist");
        return;
    }
    enum state to = routing_next (step, decision);
    if (to != STATE_NONE && routing_may_handle (step, step->person, "person", decision))
        routing_event (step, KIND_OPINION, to, decision);
}

void routing_decide_answer (const struct routing_step *step, struct decision *decision)
{
    if (step->command->step == STEP_ACCEPT)
        decide_accept (step, decision);
    else if (step->command->step == STEP_DECIDE)
        decide_decide (step, decision);
    else if (step->command->step == STEP_AGREE)
        decide_agree (step, decision);
    else if (step->command->step == STEP_HEAR)
        decide_hear (step, decision);
    else if (step->command->step == STEP_CLOSE)
        decide_close (step, decision);
    else if (step->command->step == STEP_OPINION)
        decide_opinion (step, decision);
    else /* mediate, end mediation, claim done, end hearing */
        decide_plain (step, decision);
}
