/* SPDX-License-Identifier: Apache-2.0 */
/* Law of a desk's hold on a grievance.
 *
 * A claim is an assignment. Its fencing number counts the assignments of this grievance,
 * so it is the holder's alone and stale for ever once another came after it. Claim and
 * assign make a holder, transfer changes it, hand back and lapse take it away; whatever
 * else is done, the holder does, and shows the number. */
#include "routing/course.h"
#include "routing/decide_step.h"

/* A new holder: the next number, and in CLAIMED the time by which it must be used. */
static void assign (const struct routing_step *step, uint32_t person, enum state to,
                    struct decision *decision)
{
    struct moved *moved = routing_event (step, KIND_MOVED, to, decision);
    moved->transfers += step->grievance->holder != 0;
    moved->holder = person;
    moved->fencing = step->grievance->fencing + 1;
    if (to == STATE_CLAIMED)
        moved->lapses_at_ms = routing_period_end_ms (
            step->rules, step->matter, STAGE_CLAIM, decision->now_ms, ROUTING_CLAIM_DAYS,
            UNIT_WORKING_DAY);
}

static void decide_claim (const struct routing_step *step, struct decision *decision)
{
    if (step->grievance->holder != 0) {
        struct refusal *refusal =
            decision_refuse (decision, REFUSAL_HELD, "somebody else holds it: person %u",
                             (unsigned) step->grievance->holder);
        refusal->holder = step->grievance->holder;
        return;
    }
    enum state to = routing_next (step, step->grievance->outcome, true, decision);
    if (to != STATE_NONE && routing_may_handle (step, step->person, "person", decision))
        assign (step, step->person, to, decision);
}

static bool worker_fits (const struct routing_step *step, struct decision *decision)
{
    uint32_t worker = step->command->worker;
    if (!routing_is_member (step, worker, decision->now_ms))
        return routing_refuse (decision, REFUSAL_UNKNOWN_PERSON, "worker",
                               "this person does not work for the department today");
    if (worker == step->grievance->holder)
        return routing_refuse (decision, REFUSAL_HELD, "worker",
                               "this person holds it already");
    return routing_may_handle (step, worker, "worker", decision);
}

static void decide_assign (const struct routing_step *step, struct decision *decision)
{
    if (!routing_is_head (step, step->person, decision->now_ms)) {
        routing_refuse (decision, REFUSAL_NO_RIGHT, "person",
                        "only the head or a deputy gives work to others");
        return;
    }
    enum state to = routing_next (step, step->grievance->outcome, true, decision);
    if (to != STATE_NONE && worker_fits (step, decision))
        assign (step, step->command->worker, to, decision);
}

static void decide_transfer (const struct routing_step *step, struct decision *decision)
{
    enum state to = routing_next (step, step->grievance->outcome, true, decision);
    if (to != STATE_NONE && worker_fits (step, decision))
        assign (step, step->command->worker, to, decision);
}

static void decide_hand_back (const struct routing_step *step, struct decision *decision)
{
    enum state to = routing_next (step, step->grievance->outcome, true, decision);
    if (to == STATE_NONE)
        return;
    struct moved *moved = routing_event (step, KIND_MOVED, to, decision);
    moved->transfers++;
    moved->holder = 0;
    moved->fencing = 0;
}

/* "Not ours" (退单): within five working days of its receipt, art. 23. Not for accusations:
 * their way back leads past the dispatcher, who may not see them. */
static void decide_object (const struct routing_step *step, struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance;
    if (grievance->purpose == PURPOSE_ACCUSATION) {
        routing_refuse (decision, REFUSAL_NO_RIGHT, "step",
                        "an accusation does not go back to the dispatcher");
        return;
    }
    enum state to = routing_next (step, grievance->outcome, true, decision);
    if (to == STATE_NONE || !routing_may_handle (step, step->person, "person", decision))
        return;
    int64_t end_ms = routing_period_end_ms (step->rules, step->matter, STAGE_OBJECT,
                                            grievance->received_at_ms,
                                            ROUTING_OBJECT_DAYS, UNIT_WORKING_DAY);
    if (decision->now_ms >= end_ms) {
        routing_refuse (decision, REFUSAL_WRONG_STATE, "step",
                        "the period for an objection is over (art. 23)");
        return;
    }
    struct moved *moved = routing_event (step, KIND_MOVED, to, decision);
    moved->previous_department = grievance->department;
    moved->department = 0;
    moved->holder = 0;
    moved->fencing = 0;
    moved->objections++;
}

/* The number first: who lost the claim must hear that, whatever the state is by now. */
static bool is_holder (const struct routing_step *step, struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance;
    if (grievance->holder == 0 || step->command->fencing != grievance->fencing) {
        struct refusal *refusal =
            decision_refuse (decision, REFUSAL_FENCED,
                             "this claim is over: somebody else has it, or "
                             "nobody; claim it again");
        refusal->field = "fencing";
        refusal->holder = grievance->holder;
        return false;
    }
    if (step->person != grievance->holder) {
        struct refusal *refusal = decision_refuse (
            decision, REFUSAL_HELD, "person %u holds it", (unsigned) grievance->holder);
        refusal->holder = grievance->holder;
        return false;
    }
    return true;
}

static bool needs_holder (const struct routing_step *step)
{
    switch (step->command->step) {
    case STEP_CLAIM:
    case STEP_ASSIGN:
        return false;
    case STEP_OBJECT:
        return step->grievance->state != STATE_DISPATCHED || step->command->fencing != 0;
    case STEP_NONE:
    case STEP_DISPATCH:
    case STEP_ACCEPT:
    case STEP_TRANSFER:
    case STEP_HAND_BACK:
    case STEP_DECIDE:
    case STEP_SERVE:
    case STEP_CLAIM_DONE:
    case STEP_CLOSE:
    case STEP_OPINION:
    case STEP_DIVERT:
    case STEP_REOPEN:
    case STEP_WITHDRAW:
    case STEP_LAPSE:
    case STEP_PLACE:
    case STEP_REFUSE:
    case STEP_EXTEND:
    case STEP_MEDIATE:
    case STEP_END_MEDIATION:
    case STEP_AGREE:
    case STEP_ARBITRATE:
    case STEP_LINK:
    case STEP_REPURPOSE:
    case STEP_CATEGORISE:
    case STEP_CONTACT:
    case STEP_RECUSE:
    case STEP_HEAR:
    case STEP_END_HEARING:
    case STEP_APPROVE:
    case STEP_REJECT:
    case STEP_REVIEW:
    case STEP_CONFIRM:
    case STEP_WENT_UP:
    case STEP_COUNT:
        break;
    }
    return true;
}

void routing_decide_desk (const struct routing_step *step, struct decision *decision)
{
    if (step->command->step == STEP_DISPATCH) {
        routing_refuse (decision, REFUSAL_NO_RIGHT, "step", "the dispatcher dispatches");
        return;
    }
    if (needs_holder (step) && !is_holder (step, decision))
        return;
    if (step->command->step == STEP_CLAIM)
        decide_claim (step, decision);
    else if (step->command->step == STEP_ASSIGN)
        decide_assign (step, decision);
    else if (step->command->step == STEP_TRANSFER)
        decide_transfer (step, decision);
    else if (step->command->step == STEP_HAND_BACK)
        decide_hand_back (step, decision);
    else if (step->command->step == STEP_OBJECT)
        decide_object (step, decision);
    else
        routing_decide_answer (step, decision);
}
