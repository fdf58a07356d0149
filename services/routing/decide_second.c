/* SPDX-License-Identifier: Apache-2.0 */
/* Law of the second person. What ends a grievance without an answer on the merits, or
 * gives more time, is proposed by one and approved or rejected by another:
 *
 *     step ──▶ PROPOSED ──approve──▶ MOVED, with proposer and approver
 *                  │
 *                  ├──reject───▶ REJECTED, with the reason
 *                  └──it moves otherwise──▶ nothing waits any more
 *
 * A petitioner's withdrawal is a proposal too, and waits through all moves: who approves it
 * has asked the petitioner, and writes that down. The conditions of a step are looked at
 * twice, since time has passed (decide_proposed.c). */
#include "routing/decide_step.h"

/* Head or deputy of the department it lies with; for what lies with none the dispatcher's
 * own; a leader of the place for either. Of an accusation its organ's head alone: others
 * never come this far. */
static bool has_office (const struct routing_step *step, struct decision *decision)
{
    switch (step->client->role) {
    case ROLE_DESK:
        if (routing_is_head (step, step->person, decision->now_ms))
            return true;
        return routing_refuse (decision, REFUSAL_NO_RIGHT, "person",
                               "the second person is the head or a deputy");
    case ROLE_DISPATCHER:
        if (routing_is_dispatcher (step, decision->now_ms))
            return true;
        return routing_refuse (decision, REFUSAL_NO_RIGHT, "person",
                               "the second person is a dispatcher, or their head");
    case ROLE_LEADER: /* in office: decide_step.c */
        return true;
    case ROLE_NONE:
    case ROLE_TERMINAL:
    case ROLE_DAEMON:
    case ROLE_OPERATOR:
    case ROLE_KEEPER:
    case ROLE_COUNT:
        break;
    }
    return false;
}

static bool may_answer (const struct routing_step *step, struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance;
    if (!step->proposal)
        return routing_refuse (decision, REFUSAL_WRONG_STATE, "step",
                               "nothing waits for a second person");
    if (step->person == 0)
        return routing_refuse (decision, REFUSAL_MISSING, "person",
                               "say who the second person is");
    if (!has_office (step, decision))
        return false;
    if (step->person == grievance->proposer)
        return routing_refuse (decision, REFUSAL_SAME_PERSON, "person",
                               "whoever proposed it is not the second person");
    bool holds = step->person == grievance->holder ||
                 step->person == step->proposal->holder; /* when it was asked */
    if (grievance->by_petitioner && holds)
        return routing_refuse (decision, REFUSAL_SAME_PERSON, "person",
                               "whoever holds it does not confirm its withdrawal");
    return true;
}

static bool words_fit (const struct routing_step *step, struct decision *decision)
{
    const struct step_command *command = step->command;
    if (command->reason && command->text)
        return routing_refuse (decision, REFUSAL_MALFORMED, "text",
                               "say it in one: reason or text");
    if (step->proposal->by_petitioner && !command->reason && !command->text)
        return routing_refuse (decision, REFUSAL_MISSING, "text",
                               "record how the petitioner confirmed the withdrawal");
    return true;
}

static void decide_approve (const struct routing_step *step, struct decision *decision)
{
    const struct moved *proposal = step->proposal;
    const struct step_command *command = step->command;
    /* Who proposed it may have turned out to have an interest since. */
    if (!words_fit (step, decision) ||
        !routing_may_handle (step, step->grievance->proposer, "proposer", decision))
        return;
    struct step_command proposed = {
        .number = command->number,
        .step = proposal->step,
        .ground = proposal->ground,
        .purpose = proposal->purpose,
        .link_to = proposal->link_to,
        .close_reason = proposal->close_reason,
        .reason = step->proposed ? step->proposed->reason : NULL,
        .text = command->text ? command->text : command->reason,
    };
    struct routing_step approved = *step;
    approved.command = &proposed;
    approved.is_approval = true;
    routing_decide_proposed (&approved, decision);
}

static void decide_reject (const struct routing_step *step, struct decision *decision)
{
    const struct moved *proposal = step->proposal;
    struct moved *moved =
        routing_event (step, KIND_REJECTED, step->grievance->state, decision);
    moved->step = proposal->step;
    moved->ground = proposal->ground;
    moved->purpose = proposal->purpose;
    moved->link_to = proposal->link_to;
    moved->close_reason = proposal->close_reason;
    moved->proposer = step->grievance->proposer;
    moved->by_petitioner = step->grievance->by_petitioner;
    moved->article = course_article (proposal->step, proposal->ground,
                                     step->matter->purpose, moved->instance);
}

void routing_decide_second (const struct routing_step *step, struct decision *decision)
{
    if (!may_answer (step, decision))
        return;
    if (step->command->step == STEP_APPROVE)
        decide_approve (step, decision);
    else
        decide_reject (step, decision);
}
