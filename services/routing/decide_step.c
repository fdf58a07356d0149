/* SPDX-License-Identifier: Apache-2.0 */
/* Law for everybody. In this order: is the form right, is there such a grievance, may the
 * sender know of it, is the step the sender's. What a sender may not know of is answered
 * like what does not exist. */
#include "routing/decide_step.h"

#include "base/civil.h"
#include "routing/course.h"
#include "routing/step_form.h"
#include "rules/deadline.h"
#include "wire/wire.h"

bool routing_refuse (struct decision *decision, enum refusal_code code, const char *field,
                     const char *sentence)
{
    decision_refuse (decision, code, "%s", sentence)->field = field;
    return false;
}

/* An abolished department's grievances are its successor's. */
static uint32_t in_force (const struct rules *rules, uint32_t number)
{
    const struct department *department = department_in_force (rules, number);
    return department ? department->number : number;
}

bool routing_is_own (const struct routing_step *step)
{
    uint32_t department = step->grievance->department;
    return department != 0 && in_force (step->rules, department) ==
                                  in_force (step->rules, step->client->department);
}

bool routing_is_head (const struct routing_step *step, uint32_t person, int64_t now_ms)
{
    uint32_t department = in_force (step->rules, step->client->department);
    int32_t today = civil_day (now_ms);
    return officer_may (step->rules, person, department, OFFICE_HEAD, today) ||
           officer_may (step->rules, person, department, OFFICE_DEPUTY, today);
}

bool routing_is_member (const struct routing_step *step, uint32_t person, int64_t now_ms)
{
    uint32_t department = in_force (step->rules, step->client->department);
    return officer_may (step->rules, person, department, OFFICE_WORKER,
                        civil_day (now_ms)) ||
           routing_is_head (step, person, now_ms);
}

bool routing_may_handle (const struct routing_step *step, uint32_t person,
                         const char *field, struct decision *decision)
{
    for (size_t i = 0; i < step->n_accused; i++)
        if (step->accused[i].person != 0 && step->accused[i].person == person)
            return routing_refuse (decision, REFUSAL_ACCUSED, field,
                                   "who is complained of does not handle it");
    return true;
}

enum state routing_next (const struct routing_step *step, enum decision_outcome outcome,
                         bool has_department, struct decision *decision)
{
    struct course_facts facts = { .outcome = outcome, .has_department = has_department };
    enum state from = step->grievance->state;
    enum state to = course_next (from, step->command->step, &facts);
    if (to == STATE_NONE)
        decision_refuse (decision, REFUSAL_WRONG_STATE,
                         "a grievance that is %s has no %s", course_state_name (from),
                         course_step_name (step->command->step))
            ->field = "step";
    return to;
}

struct moved *routing_event (const struct routing_step *step, enum kind kind,
                             enum state to, struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance;
    const struct step_command *command = step->command;
    struct arena *arena = decision->arena;

    struct moved *moved = ARENA_NEW (arena, struct moved);
    moved->step = command->step;
    moved->from = grievance->state;
    moved->to = to;
    moved->department = grievance->department;
    moved->holder = grievance->holder;
    moved->fencing = grievance->holder != 0 ? grievance->fencing : 0;
    moved->objections = grievance->objections;
    moved->transfers = grievance->transfers;

    struct event *event = decision_event (decision, kind);
    struct matter *matter = ARENA_NEW (arena, struct matter);
    *matter = *step->matter;
    event->entry.grievance = command->number;
    event->entry.matter = matter;
    event->entry.moved = moved;
    if (command->reason || command->text || command->legal_basis) {
        struct moved_body said = { .reason = command->reason,
                                   .text = command->text,
                                   .legal_basis = command->legal_basis };
        event->body = moved_body_encode (arena, &said);
    }
    return moved;
}

int64_t routing_period_end_ms (const struct rules *rules, const struct matter *matter,
                               enum stage stage, int64_t from_ms, uint32_t amount,
                               enum unit unit)
{
    const struct category *category = category_find (rules, matter->category);
    enum urgency urgency = urgency_of (category, matter->urgent || matter->threat);
    struct duty_plan plan;
    if (duty_plan (rules, stage, matter->purpose, urgency, false, from_ms, &plan) < 0)
        deadline_compute (rules, from_ms, amount, unit, true, &plan.due);
    return plan.due.due_ms;
}

/* The dispatcher knows of everything but accusations, a desk of what lies with it or asks
 * its opinion; an accusation is known to the desk that has it, and to nobody else. */
static bool may_know (const struct routing_step *step)
{
    const struct routing_grievance *grievance = step->grievance;
    if (!grievance)
        return false;
    if (grievance->purpose != PURPOSE_ACCUSATION)
        return true;
    return step->client->role == ROLE_DESK && routing_is_own (step);
}

static void decide_desk_step (const struct routing_step *step, struct decision *decision)
{
    if (step->person == 0)
        routing_refuse (decision, REFUSAL_MISSING, "person", "say which worker acts");
    else if (!routing_is_member (step, step->person, decision->now_ms))
        routing_refuse (decision, REFUSAL_UNKNOWN_PERSON, "person",
                        "this person does not work for the department today");
    else if (step->command->step == STEP_OPINION)
        routing_decide_answer (step, decision);
    else if (!routing_is_own (step))
        routing_refuse (decision, REFUSAL_TERRITORY, "number",
                        "this grievance does not lie with your department");
    else
        routing_decide_desk (step, decision);
}

void routing_decide_step (const struct routing_step *step, struct decision *decision)
{
    if (!routing_form_fits (step->command, decision))
        return;
    switch (step->client->role) {
    case ROLE_DISPATCHER:
    case ROLE_DESK:
        break;
    case ROLE_NONE:
    case ROLE_TERMINAL:
    case ROLE_LEADER:
    case ROLE_DAEMON:
    case ROLE_OPERATOR:
    case ROLE_COUNT:
    default:
        routing_refuse (decision, REFUSAL_NO_RIGHT, "step",
                        "steps are taken by the dispatcher and by desks");
        return;
    }
    if (!may_know (step))
        routing_refuse (decision, REFUSAL_NOT_FOUND, "number", "no such grievance");
    else if (step->client->role == ROLE_DISPATCHER)
        routing_decide_dispatch (step, decision);
    else
        decide_desk_step (step, decision);
}
