/* SPDX-License-Identifier: Apache-2.0 */
/* Law of the steps that ask for two persons: what each of them needs, when it is proposed
 * and again when it is approved. */
#include "routing/decide_step.h"

static bool may_propose (const struct routing_step *step, struct decision *decision)
{
    if (step->is_approval)
        return true;
    if (step->person == 0)
        return routing_refuse (decision, REFUSAL_MISSING, "person",
                               "this asks for two persons: say who proposes it");
    if (step->grievance->proposed != 0)
        return routing_refuse (decision, REFUSAL_PENDING, "step",
                               "something waits for its second person already");
    return true;
}

static bool ground_fits (const struct routing_step *step, struct decision *decision)
{
    const struct step_command *command = step->command;
    if (command->step == STEP_CLOSE && command->ground == GROUND_NONE)
        return routing_refuse (decision, REFUSAL_MISSING, "ground",
                               "say why nobody could be reached, of the closed list");
    if (!course_ground_fits (command->step, command->ground, command->close_reason,
                             command->purpose))
        return routing_refuse (decision, REFUSAL_MALFORMED, "ground",
                               "this ground is not of the step's closed list");
    return true;
}

/* ---- each step's own conditions ------------------------------------------------------ */

/* 不再受理 (art. 36) names the grievance that became final. */
static bool refuse_fits (const struct routing_step *step, struct decision *decision)
{
    const struct step_command *command = step->command;
    if (command->ground != GROUND_FINAL) {
        if (command->link_to == 0)
            return true;
        return routing_refuse (decision, REFUSAL_MALFORMED, "link_to",
                               "only what is final refers to another grievance");
    }
    if (command->link_to == 0)
        return routing_refuse (decision, REFUSAL_MISSING, "link_to",
                               "name the grievance that became final");
    if (!step->other || step->other->purpose == PURPOSE_ACCUSATION)
        return routing_refuse (decision, REFUSAL_NOT_FOUND, "link_to",
                               "no such grievance");
    if (step->other->close_reason != CLOSE_FINAL)
        return routing_refuse (decision, REFUSAL_WRONG_STATE, "link_to",
                               "that grievance did not become final");
    return true;
}

/* What is decided on the merits stays together: a request that went on with an inquiry would
 * be answered, and have no review. */
static bool is_one_class (enum purpose a, enum purpose b)
{
    static const unsigned merits =
        1u << PURPOSE_APPEAL | 1u << PURPOSE_REQUEST | 1u << PURPOSE_OTHER;
    return a == b || ((merits >> a & merits >> b & 1) != 0);
}

static bool link_fits (const struct routing_step *step, struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance, *lead = step->other;
    if (step->command->link_to == step->command->number)
        return routing_refuse (decision, REFUSAL_MALFORMED, "link_to",
                               "a grievance does not lead itself");
    if (!lead || lead->purpose == PURPOSE_ACCUSATION)
        return routing_refuse (decision, REFUSAL_NOT_FOUND, "link_to",
                               "no such grievance");
    if (!course_is_open (lead->state) || lead->link_to != 0)
        return routing_refuse (decision, REFUSAL_WRONG_STATE, "link_to",
                               "the lead of a group is open, and linked to none");
    if (lead->instance >= 2 || lead->outcome == OUTCOME_AGREED)
        return routing_refuse (decision, REFUSAL_WRONG_STATE, "link_to",
                               "who joins a review has none of their own, and a "
                               "settlement binds only who signed it");
    if (!is_one_class (lead->purpose, grievance->purpose))
        return routing_refuse (decision, REFUSAL_WRONG_STATE, "link_to",
                               "appeals, requests and others go together, any other "
                               "purpose with its own");
    if (lead->village / 1000 != grievance->village / 1000)
        return routing_refuse (decision, REFUSAL_TERRITORY, "link_to",
                               "a group is of one township");
    if (grievance->is_lead)
        return routing_refuse (decision, REFUSAL_WRONG_STATE, "number",
                               "others are linked to it: it leads a group");
    return true;
}

static bool repurpose_fits (const struct routing_step *step, struct decision *decision)
{
    if (step->command->purpose == step->grievance->purpose)
        return routing_refuse (decision, REFUSAL_WRONG_STATE, "purpose",
                               "it has this purpose already");
    if (step->grievance->is_lead)
        return routing_refuse (decision, REFUSAL_WRONG_STATE, "number",
                               "others are linked to it: they would change with it");
    return true;
}

static bool extend_fits (const struct routing_step *step, struct decision *decision)
{
    if (step->grievance->is_extended)
        return routing_refuse (decision, REFUSAL_WRONG_STATE, "step",
                               "it was extended once (art. 34)");
    int64_t end_ms = routing_period_end_ms (step->rules, step->matter, STAGE_DECIDE,
                                            step->grievance->accepted_at_ms,
                                            ROUTING_DECIDE_DAYS, UNIT_DAY);
    if (decision->now_ms >= end_ms)
        return routing_refuse (
            decision, REFUSAL_WRONG_STATE, "step",
            "the time to decide is over: what is late is not extended");
    return true;
}

static unsigned bits_of (uint8_t set)
{
    return (unsigned) __builtin_popcount (set);
}

static bool contact_failed_fits (const struct routing_step *step,
                                 struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance;
    if (!course_reason_fits (grievance->state, step->command->close_reason))
        return routing_refuse (decision, REFUSAL_WRONG_STATE, "close_reason",
                               "no reason to close a grievance in this state");
    if (grievance->tries < ROUTING_TRIES_MIN ||
        bits_of (grievance->tried_means) < ROUTING_MEANS_MIN) {
        decision_refuse (decision, REFUSAL_MISSING,
                         "not reached on %u days by %u means: %u days and %u means are "
                         "asked for",
                         (unsigned) grievance->tries, bits_of (grievance->tried_means),
                         ROUTING_TRIES_MIN, ROUTING_MEANS_MIN)
            ->field = "contacted";
        return false;
    }
    return true;
}

static bool conditions_hold (const struct routing_step *step, struct decision *decision)
{
    enum step what = step->command->step;
    if (what == STEP_WITHDRAW) /* the petitioner's own ground */
        return true;
    if (!ground_fits (step, decision))
        return false;
    if (what == STEP_REFUSE)
        return refuse_fits (step, decision);
    if (what == STEP_LINK)
        return link_fits (step, decision);
    if (what == STEP_REPURPOSE)
        return repurpose_fits (step, decision);
    if (what == STEP_EXTEND)
        return extend_fits (step, decision);
    if (what == STEP_CLOSE)
        return contact_failed_fits (step, decision);
    return true;
}

/* ---- the event ------------------------------------------------------------------------- */

static void propose (const struct routing_step *step, struct decision *decision)
{
    const struct step_command *command = step->command;
    struct moved *moved =
        routing_event (step, KIND_PROPOSED, step->grievance->state, decision);
    moved->purpose = command->purpose;
    moved->link_to = command->link_to;
    moved->close_reason = command->close_reason;
    moved->proposer = step->person;
}

static enum close_reason reason_of (const struct step_command *command)
{
    if (command->step == STEP_LINK)
        return CLOSE_LINKED;
    return command->step == STEP_WITHDRAW ? CLOSE_WITHDRAWN : command->close_reason;
}

static void approve (const struct routing_step *step, enum state to,
                     struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance;
    const struct step_command *command = step->command;
    struct moved *moved = routing_event (step, KIND_MOVED, to, decision);
    moved->proposer = grievance->proposer;
    moved->by_petitioner = grievance->by_petitioner;
    moved->link_to = command->link_to;
    moved->purpose = command->purpose;
    if (command->step == STEP_REPURPOSE)
        decision->events[decision->n_events - 1]->entry.matter->purpose =
            command->purpose;
    if (to == STATE_CLOSED) {
        moved->close_reason = reason_of (command);
        routing_let_go (moved);
    }
    /* Nobody was named yet: if it comes back, it is not the arbiter's to do. */
    if (to == STATE_CLOSED && moved->from == STATE_ARBITRATION) {
        moved->previous_department = moved->department;
        moved->department = 0;
    }
}

void routing_decide_proposed (const struct routing_step *step, struct decision *decision)
{
    enum state to = STATE_NONE;
    if (may_propose (step, decision))
        to = routing_next (step, decision);
    if (to == STATE_NONE || !conditions_hold (step, decision))
        return;
    if (step->is_approval)
        approve (step, to, decision);
    else
        propose (step, decision);
}
