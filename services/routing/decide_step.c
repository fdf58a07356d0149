/* SPDX-License-Identifier: Apache-2.0 */
/* Law for everybody. In this order: is the form right, is there such a grievance, may the
 * sender know of it, is the step the sender's. What a sender may not know of is answered
 * like what does not exist. */
#include "routing/decide_step.h"

#include "routing/step_form.h"

/* The dispatcher and leaders know of everything but accusations, a desk of what lies with
 * it or asks its opinion; an accusation is known to the desk that has it, and to nobody
 * else. */
static bool may_know (const struct routing_step *step)
{
    const struct routing_grievance *grievance = step->grievance;
    if (!grievance)
        return false;
    if (grievance->purpose != PURPOSE_ACCUSATION)
        return true;
    return step->client->role == ROLE_DESK && routing_is_own (step);
}

/* Who has an interest may say so; what others are to do is not theirs to say. */
static bool recuses_self (const struct routing_step *step)
{
    const struct step_command *command = step->command;
    return command->step == STEP_RECUSE &&
           (command->worker == 0 || command->worker == step->person);
}

static void decide_desk_step (const struct routing_step *step, struct decision *decision)
{
    if (step->person == 0)
        routing_refuse (decision, REFUSAL_MISSING, "person", "say which worker acts");
    else if (step->command->step == STEP_ARBITRATE)
        routing_decide_arbitrate (step, decision);
    else if (!routing_is_member (step, step->person, decision->now_ms))
        routing_refuse (decision, REFUSAL_UNKNOWN_PERSON, "person",
                        "this person does not work for the department today");
    else if (step->command->step == STEP_OPINION)
        routing_decide_answer (step, decision); /* by whoever was asked to assist */
    else if (!routing_is_own (step))
        routing_refuse (decision, REFUSAL_TERRITORY, "number",
                        "this grievance does not lie with your department");
    else if (recuses_self (step) ||
             routing_may_handle (step, step->person, "person", decision))
        routing_decide_desk (step, decision);
}

/* A leader does no work: leaders are the second person where a head cannot be it, name the
 * department for theirs, and enter what they hear from above. */
static void decide_leader_step (const struct routing_step *step,
                                struct decision *decision)
{
    enum step what = step->command->step;
    if (step->person == 0)
        routing_refuse (decision, REFUSAL_MISSING, "person", "say which leader acts");
    else if (!client_covers (step->client, step->matter->village))
        routing_refuse (decision, REFUSAL_TERRITORY, "number",
                        "the village of the matter is not in your territory");
    else if (what == STEP_ARBITRATE)
        routing_decide_arbitrate (step, decision);
    else if (!routing_is_leader (step, decision->now_ms))
        routing_refuse (decision, REFUSAL_UNKNOWN_PERSON, "person",
                        "this person is no leader in office today");
    else if (!routing_may_handle (step, step->person, "person", decision))
        return;
    else if (what == STEP_APPROVE || what == STEP_REJECT)
        routing_decide_second (step, decision);
    else if (what == STEP_WENT_UP)
        routing_decide_went_up (step, decision);
    else
        routing_refuse (decision, REFUSAL_NO_RIGHT, "step",
                        "leaders approve, reject, arbitrate and enter who went up");
}

typedef void (decide_fn) (const struct routing_step *step, struct decision *decision);

static decide_fn *const by_role[ROLE_COUNT] = {
    [ROLE_DISPATCHER] = routing_decide_dispatch,
    [ROLE_DESK] = decide_desk_step,
    [ROLE_LEADER] = decide_leader_step,
};

void routing_decide_step (const struct routing_step *step, struct decision *decision)
{
    enum role role = step->client->role;
    if (!routing_form_fits (step->command, decision))
        return;
    if (role >= ROLE_COUNT || !by_role[role])
        routing_refuse (decision, REFUSAL_NO_RIGHT, "step",
                        "steps are taken by the dispatcher, by desks and by leaders");
    else if (!may_know (step))
        routing_refuse (decision, REFUSAL_NOT_FOUND, "number", "no such grievance");
    else
        by_role[role](step, decision);
}
