/* SPDX-License-Identifier: Apache-2.0 */
/* Law of a desk's hold on a grievance.
 *
 * A claim is an assignment. Its fencing number counts the assignments of this grievance,
 * so it is the holder's alone and stale for ever once another came after it. Claim and
 * assign make a holder, transfer changes it, hand back and lapse take it away; whatever
 * else is done to it, the holder does, and shows the number. */
#include "routing/decide_step.h"

#include "base/fault.h"

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

static bool refuse_held (const struct routing_step *step, struct decision *decision)
{
    uint32_t holder = step->grievance->holder;
    struct refusal *refusal = decision_refuse (
        decision, REFUSAL_HELD, "somebody else holds it: person %u", (unsigned) holder);
    refusal->field = "person";
    refusal->holder = holder;
    return false;
}

static void decide_claim (const struct routing_step *step, struct decision *decision)
{
    if (FAULT (TWO_HOLDERS) && step->grievance->state == STATE_CLAIMED) {
        assign (step, step->person, STATE_CLAIMED, decision);
        return;
    }
    if (step->grievance->holder != 0) {
        refuse_held (step, decision);
        return;
    }
    enum state to = routing_next (step, decision);
    if (to != STATE_NONE)
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
    enum state to = routing_next (step, decision);
    if (to != STATE_NONE && worker_fits (step, decision))
        assign (step, step->command->worker, to, decision);
}

static void decide_transfer (const struct routing_step *step, struct decision *decision)
{
    enum state to = routing_next (step, decision);
    if (to != STATE_NONE && worker_fits (step, decision))
        assign (step, step->command->worker, to, decision);
}

static void decide_hand_back (const struct routing_step *step, struct decision *decision)
{
    enum state to = routing_next (step, decision);
    if (to == STATE_NONE)
        return;
    struct moved *moved = routing_event (step, KIND_MOVED, to, decision);
    moved->transfers++;
    routing_let_go (moved);
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
    return step->person == grievance->holder || refuse_held (step, decision);
}

/* Whose step it is. */
enum by {
    BY_HOLDER,         /* shows the fencing number */
    BY_HOLDER_OR_HEAD, /* with the number, or as the head without */
    BY_ANYBODY,        /* of the department; the step's own law may ask for more */
};

static enum by by_whom (const struct routing_step *step)
{
    switch (step->command->step) {
    case STEP_CLAIM:
    case STEP_ASSIGN:
    case STEP_APPROVE:
    case STEP_REJECT:
    case STEP_CONTACT:
    case STEP_RECUSE:
    case STEP_WENT_UP:
    case STEP_OPINION:
    case STEP_ARBITRATE:
    case STEP_DISPATCH:
        return BY_ANYBODY;
    case STEP_LINK:
    case STEP_REPURPOSE:
    case STEP_CATEGORISE:
        return BY_HOLDER_OR_HEAD;
    case STEP_OBJECT: /* what waits is objected by whoever looks at it */
        return step->grievance->state == STATE_DISPATCHED && step->command->fencing == 0
                   ? BY_ANYBODY
                   : BY_HOLDER;
    case STEP_ACCEPT:
    case STEP_TRANSFER:
    case STEP_HAND_BACK:
    case STEP_DECIDE:
    case STEP_SERVE:
    case STEP_CLAIM_DONE:
    case STEP_CLOSE:
    case STEP_DIVERT:
    case STEP_REFUSE:
    case STEP_EXTEND:
    case STEP_MEDIATE:
    case STEP_END_MEDIATION:
    case STEP_AGREE:
    case STEP_HEAR:
    case STEP_END_HEARING:
        return BY_HOLDER;
    case STEP_NONE: /* not a person's: the form has refused them */
    case STEP_PLACE:
    case STEP_LAPSE:
    case STEP_REOPEN:
    case STEP_WITHDRAW:
    case STEP_REVIEW:
    case STEP_CONFIRM:
    case STEP_COUNT:
        break;
    }
    return BY_HOLDER;
}

static bool may_take (const struct routing_step *step, struct decision *decision)
{
    enum by by = by_whom (step);
    if (by == BY_ANYBODY)
        return true;
    if (by == BY_HOLDER_OR_HEAD && step->command->fencing == 0) {
        if (routing_is_head (step, step->person, decision->now_ms))
            return true;
        return routing_refuse (decision, REFUSAL_NO_RIGHT, "fencing",
                               "this is for who holds it, or for the head");
    }
    return is_holder (step, decision);
}

typedef void (decide_fn) (const struct routing_step *step, struct decision *decision);

static decide_fn *const steps[STEP_COUNT] = {
    [STEP_CLAIM] = decide_claim,
    [STEP_ASSIGN] = decide_assign,
    [STEP_TRANSFER] = decide_transfer,
    [STEP_HAND_BACK] = decide_hand_back,
    [STEP_OBJECT] = routing_decide_object,
    [STEP_ACCEPT] = routing_decide_answer,
    [STEP_MEDIATE] = routing_decide_answer,
    [STEP_END_MEDIATION] = routing_decide_answer,
    [STEP_AGREE] = routing_decide_answer,
    [STEP_DECIDE] = routing_decide_answer,
    [STEP_CLAIM_DONE] = routing_decide_answer,
    [STEP_HEAR] = routing_decide_answer,
    [STEP_END_HEARING] = routing_decide_answer,
    [STEP_CLOSE] = routing_decide_answer,
    [STEP_SERVE] = routing_decide_serve,
    [STEP_DIVERT] = routing_decide_proposed,
    [STEP_REFUSE] = routing_decide_proposed,
    [STEP_EXTEND] = routing_decide_proposed,
    [STEP_LINK] = routing_decide_proposed,
    [STEP_REPURPOSE] = routing_decide_proposed,
    [STEP_APPROVE] = routing_decide_second,
    [STEP_REJECT] = routing_decide_second,
    [STEP_CONTACT] = routing_decide_contact,
    [STEP_RECUSE] = routing_decide_recuse,
    [STEP_CATEGORISE] = routing_decide_categorise,
    [STEP_WENT_UP] = routing_decide_went_up,
};

void routing_decide_desk (const struct routing_step *step, struct decision *decision)
{
    if (!steps[step->command->step])
        routing_refuse (decision, REFUSAL_NO_RIGHT, "step", "the dispatcher dispatches");
    else if (may_take (step, decision))
        steps[step->command->step](step, decision);
}
