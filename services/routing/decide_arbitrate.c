/* SPDX-License-Identifier: Apache-2.0 */
/* Law of "not ours" (art. 23, 24).
 *
 * The first objection goes back to the dispatcher, who agrees or does not. From the second
 * on it goes by itself to the common superior of all who objected, which names the
 * department (指定受理); where there is none, to the dispatcher's superior, the arbiter of
 * the territory, or the joint conference. The petitioner's clocks run on meanwhile. */
#include "base/civil.h"
#include "routing/decide_step.h"

static bool has_objected (const struct routing_step *step, uint32_t number)
{
    const struct routing_grievance *grievance = step->grievance;
    bool found = number == routing_in_force (step->rules, grievance->department);
    for (size_t i = 0; i < grievance->n_objectors; i++)
        found |= number == routing_in_force (step->rules, grievance->objectors[i]);
    return found;
}

/* Nobody is the arbiter of their own objection. */
static uint32_t not_objected (const struct routing_step *step, uint32_t number)
{
    for (unsigned i = 0; number != 0 && has_objected (step, number); i++)
        number = i < RULES_CHAIN_MAX ? routing_superior (step->rules, number) : 0;
    return number;
}

static uint32_t common_superior (const struct routing_step *step)
{
    const struct routing_grievance *grievance = step->grievance;
    uint32_t above = grievance->department;
    for (size_t i = 0; above != 0 && i < grievance->n_objectors; i++) {
        const struct department *common =
            department_common_superior (step->rules, above, grievance->objectors[i]);
        above = common ? common->number : 0;
    }
    return not_objected (step, above);
}

static uint32_t with_flag (const struct routing_step *step, unsigned flag)
{
    const struct department *found = NULL;
    for (size_t i = 0; i < step->rules->department_count; i++) {
        const struct department *department = &step->rules->departments[i];
        if (department->successor == 0 && (department->flags & flag) != 0 &&
            territory_contains (department->territory, step->matter->village) &&
            !has_objected (step, department->number) &&
            (!found || department->territory > found->territory))
            found = department;
    }
    return found ? found->number : 0;
}

/* 0: the tables have nobody; then the dispatcher names the department. */
static uint32_t arbiter_of (const struct routing_step *step)
{
    uint32_t arbiter = common_superior (step);
    const struct department *office =
        department_dispatching (step->rules, step->matter->village);
    if (arbiter == 0 && office)
        arbiter = not_objected (step, routing_superior (step->rules, office->number));
    if (arbiter == 0)
        arbiter = with_flag (step, DEPARTMENT_ARBITER);
    return arbiter != 0 ? arbiter : with_flag (step, DEPARTMENT_JOINT);
}

/* Within five working days of its receipt, art. 23. Not for accusations: their way back
 * leads past the dispatcher, who may not see them. */
void routing_decide_object (const struct routing_step *step, struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance;
    if (grievance->purpose == PURPOSE_ACCUSATION) {
        routing_refuse (decision, REFUSAL_NO_RIGHT, "step",
                        "an accusation does not go back to the dispatcher");
        return;
    }
    enum state to = routing_next (step, decision);
    if (to == STATE_NONE)
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
    moved->department = to == STATE_ARBITRATION ? arbiter_of (step) : 0;
    moved->objections++;
    routing_let_go (moved);
}

/* ---- the arbiter's word --------------------------------------------------------------- */

static bool is_arbiter (const struct routing_step *step, struct decision *decision)
{
    uint32_t department = step->grievance->department;
    if (step->client->role == ROLE_DISPATCHER)
        return department == 0 ||
               routing_refuse (decision, REFUSAL_NO_RIGHT, "step",
                               "the common superior names the department");
    if (!routing_is_own (step))
        return routing_refuse (decision, REFUSAL_TERRITORY, "number",
                               "this grievance does not lie with your department");
    bool may =
        routing_is_head (step, step->person, decision->now_ms) ||
        officer_may (step->rules, step->person,
                     routing_in_force (step->rules, department), OFFICE_ARBITER,
                     civil_day (decision->now_ms)) ||
        (step->client->role == ROLE_LEADER && routing_is_leader (step, decision->now_ms));
    return may || routing_refuse (decision, REFUSAL_NO_RIGHT, "person",
                                  "only the arbiter, the head or a deputy names it");
}

/* Whoever assists may be named; then it assists no more. */
static void keep_assisting (const struct routing_step *step, struct arena *arena,
                            struct moved *moved)
{
    const struct routing_grievance *grievance = step->grievance;
    moved->assisting = ARENA_ARRAY (arena, uint32_t, LIMIT_ASSISTING);
    for (size_t i = 0; i < grievance->n_assisting; i++)
        if (routing_in_force (step->rules, grievance->assisting[i]) != moved->department)
            moved->assisting[moved->n_assisting++] = grievance->assisting[i];
}

void routing_decide_arbitrate (const struct routing_step *step, struct decision *decision)
{
    uint32_t named = step->command->department;
    enum state to = routing_next (step, decision);
    if (to == STATE_NONE || !is_arbiter (step, decision) ||
        !routing_may_handle (step, step->person, "person", decision) ||
        !routing_department_fits (step, named, decision))
        return;
    struct moved *moved = routing_event (step, KIND_MOVED, to, decision);
    routing_hand_to (step, named, moved);
    keep_assisting (step, decision->arena, moved);
}
