/* SPDX-License-Identifier: Apache-2.0 */
/* Law of the dispatcher (分办员), who decides where the rules cannot, answers objections,
 * and may overrule the table or a department's acceptance, with a reason. What lies with
 * no department is the dispatcher's own: to refuse or lead elsewhere with a colleague, to
 * follow until it has arrived, to serve. */
#include "routing/decide_step.h"

/* The first 'count' assisting ones, or the responsible one, are this department by now. */
static bool is_named (const struct routing_step *step, size_t count, uint32_t number)
{
    const struct step_command *command = step->command;
    uint32_t in_force = routing_in_force (step->rules, number);
    bool found = in_force == routing_in_force (step->rules, command->department);
    for (size_t i = 0; i < count; i++)
        found |= in_force == routing_in_force (step->rules, command->assisting[i]);
    return found;
}

/* Each once, and not the responsible one. */
static bool assisting_fit (const struct routing_step *step, struct decision *decision)
{
    const struct step_command *command = step->command;
    for (size_t i = 0; i < command->n_assisting; i++) {
        uint32_t number = command->assisting[i];
        if (is_named (step, i, number))
            return routing_refuse (decision, REFUSAL_MALFORMED, "assisting",
                                   "a department is named twice");
        if (!department_in_force (step->rules, number))
            return routing_refuse (decision, REFUSAL_UNKNOWN_DEPARTMENT, "assisting",
                                   "no assisting department of this number");
    }
    if (command->text && command->n_assisting == 0)
        return routing_refuse (
            decision, REFUSAL_MALFORMED, "text",
            "the text is the task of assisting departments: name them");
    return true;
}

/* Nobody reviews their own decision. */
static bool reviewer_fits (const struct routing_step *step, struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance;
    uint32_t named = routing_in_force (step->rules, step->command->department);
    if (grievance->instance >= 2 &&
        (named == routing_in_force (step->rules, grievance->decided_by) ||
         named == routing_in_force (step->rules, grievance->first_department)))
        return routing_refuse (decision, REFUSAL_TERRITORY, "department",
                               "a review is not for who has decided");
    return true;
}

static void decide_dispatch (const struct routing_step *step, struct decision *decision)
{
    const struct step_command *command = step->command;
    if (!routing_department_fits (step, command->department, decision) ||
        !assisting_fit (step, decision) || !reviewer_fits (step, decision))
        return;
    enum state to = routing_next (step, decision);
    if (to == STATE_NONE)
        return;
    /* To the same department too: it is told why its objection does not stand. */
    if (step->grievance->state != STATE_UNDECIDED && !command->reason) {
        routing_refuse (decision, REFUSAL_MISSING, "reason",
                        "overruling the table, a department or its objection needs a "
                        "reason");
        return;
    }
    struct moved *moved = routing_event (step, KIND_MOVED, to, decision);
    routing_hand_to (step, command->department, moved);
    moved->assisting = command->assisting;
    moved->n_assisting = command->n_assisting;
}

/* A dispatcher may act without a name; where it matters (two persons, what ends it) it is
 * asked for. */
static bool person_fits (const struct routing_step *step, struct decision *decision)
{
    if (step->person == 0)
        return true;
    if (!routing_is_dispatcher (step, decision->now_ms))
        return routing_refuse (decision, REFUSAL_UNKNOWN_PERSON, "person",
                               "this person is no dispatcher today");
    return routing_may_handle (step, step->person, "person", decision);
}

static bool has_name (const struct routing_step *step, struct decision *decision)
{
    return step->person != 0 || routing_refuse (decision, REFUSAL_MISSING, "person",
                                                "say who of the dispatchers ends it");
}

/* What lies with no department, or waits for one to be named. */
static void decide_own (const struct routing_step *step, struct decision *decision)
{
    enum step what = step->command->step;
    if (what == STEP_APPROVE || what == STEP_REJECT)
        routing_decide_second (step, decision);
    else if ((what == STEP_SERVE || what == STEP_CLOSE) && !has_name (step, decision))
        return;
    else if (what == STEP_SERVE)
        routing_decide_serve (step, decision);
    else if (what == STEP_CLOSE)
        routing_decide_answer (step, decision);
    else if (what == STEP_ARBITRATE)
        routing_decide_arbitrate (step, decision);
    else if (course_asks_two (what, CLOSE_NONE))
        routing_decide_proposed (step, decision);
    else
        routing_refuse (decision, REFUSAL_NO_RIGHT, "step",
                        "this is a step of a department's desk");
}

void routing_decide_dispatch (const struct routing_step *step, struct decision *decision)
{
    enum step what = step->command->step;
    if (!person_fits (step, decision))
        return;
    if (!client_covers (step->client, step->matter->village))
        routing_refuse (decision, REFUSAL_TERRITORY, "number",
                        "the village of the matter has another dispatcher");
    else if (what == STEP_DISPATCH)
        decide_dispatch (step, decision);
    else if (what == STEP_CATEGORISE)
        routing_decide_categorise (step, decision);
    else if (what == STEP_WENT_UP)
        routing_decide_went_up (step, decision);
    else if (step->grievance->department == 0)
        decide_own (step, decision);
    else
        routing_refuse (decision, REFUSAL_NO_RIGHT, "step",
                        "it lies with a department: this is a step of its desk");
}
