/* SPDX-License-Identifier: Apache-2.0 */
/* Law of the dispatcher (分办员), who decides where the rules cannot, answers objections,
 * and may overrule the table or a department's acceptance, with a reason. A matter that
 * the dispatcher led to another procedure is the dispatcher's to follow until it has
 * arrived. */
#include "base/civil.h"
#include "routing/course.h"
#include "routing/decide_step.h"

static bool department_fits (const struct routing_step *step, uint32_t number,
                             struct decision *decision)
{
    const struct department *department = department_in_force (step->rules, number);
    if (!department)
        return routing_refuse (decision, REFUSAL_UNKNOWN_DEPARTMENT, "department",
                               "no department of this number");
    if (!territory_contains (department->territory, step->matter->village))
        return routing_refuse (decision, REFUSAL_TERRITORY, "department",
                               "the village of the matter is not in its territory");
    return true;
}

/* Each once, and not the responsible one. */
static bool assisting_fit (const struct routing_step *step, struct decision *decision)
{
    const struct step_command *command = step->command;
    for (size_t i = 0; i < command->n_assisting; i++) {
        uint32_t number = command->assisting[i];
        bool is_repeated = number == command->department;
        for (size_t j = 0; j < i; j++)
            is_repeated |= command->assisting[j] == number;
        if (is_repeated)
            return routing_refuse (decision, REFUSAL_MALFORMED, "assisting",
                                   "a department is named twice");
        if (!department_in_force (step->rules, number))
            return routing_refuse (decision, REFUSAL_UNKNOWN_DEPARTMENT, "assisting",
                                   "no assisting department of this number");
    }
    return true;
}

static void decide_dispatch (const struct routing_step *step, struct decision *decision)
{
    const struct step_command *command = step->command;
    if (!department_fits (step, command->department, decision) ||
        !assisting_fit (step, decision))
        return;
    enum state to =
        routing_next (step, step->grievance->outcome, command->department != 0, decision);
    if (to == STATE_NONE)
        return;
    if (step->grievance->state != STATE_UNDECIDED && !command->reason) {
        routing_refuse (decision, REFUSAL_MISSING, "reason",
                        "overruling the table, a department or its objection needs a "
                        "reason");
        return;
    }
    struct moved *moved = routing_event (step, KIND_MOVED, to, decision);
    moved->previous_department = step->grievance->department;
    moved->department = department_in_force (step->rules, command->department)->number;
    moved->holder = 0;
    moved->fencing = 0;
    moved->assisting = command->assisting;
    moved->n_assisting = command->n_assisting;
}

static void decide_divert (const struct routing_step *step, struct decision *decision)
{
    if (step->grievance->department != 0) {
        routing_refuse (decision, REFUSAL_NO_RIGHT, "step",
                        "it lies with a department: its holder leads it elsewhere");
        return;
    }
    enum state to = routing_next (step, OUTCOME_NONE, false, decision);
    if (to != STATE_NONE)
        routing_event (step, KIND_MOVED, to, decision);
}

static void decide_close (const struct routing_step *step, struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance;
    if (grievance->department != 0) {
        routing_refuse (decision, REFUSAL_NO_RIGHT, "step",
                        "it lies with a department: its holder closes it");
        return;
    }
    enum state to = routing_next (step, grievance->outcome, false, decision);
    if (to == STATE_NONE)
        return;
    if (!course_reason_fits (grievance->state, step->command->close_reason)) {
        routing_refuse (decision, REFUSAL_WRONG_STATE, "close_reason",
                        "no reason to close a grievance in this state");
        return;
    }
    struct moved *moved = routing_event (step, KIND_MOVED, to, decision);
    moved->close_reason = step->command->close_reason;
}

/* A dispatcher whose row names a department acts as one of its dispatchers. */
static bool person_fits (const struct routing_step *step, struct decision *decision)
{
    if (step->person == 0 || step->client->department == 0)
        return true;
    if (officer_may (step->rules, step->person, step->client->department,
                     OFFICE_DISPATCHER, civil_day (decision->now_ms)))
        return true;
    return routing_refuse (decision, REFUSAL_UNKNOWN_PERSON, "person",
                           "this person is no dispatcher today");
}

void routing_decide_dispatch (const struct routing_step *step, struct decision *decision)
{
    if (!person_fits (step, decision))
        return;
    if (!client_covers (step->client, step->matter->village)) {
        routing_refuse (decision, REFUSAL_TERRITORY, "number",
                        "the village of the matter has another dispatcher");
        return;
    }
    if (step->command->step == STEP_DISPATCH)
        decide_dispatch (step, decision);
    else if (step->command->step == STEP_DIVERT)
        decide_divert (step, decision);
    else if (step->command->step == STEP_CLOSE)
        decide_close (step, decision);
    else
        routing_refuse (decision, REFUSAL_NO_RIGHT, "step",
                        "this is a step of the department's desk");
}
