/* SPDX-License-Identifier: Apache-2.0 */
/* Who is who. An office is held on a day, by the person or by who stands in; an abolished
 * department is its successor. */
#include "base/civil.h"
#include "routing/decide_step.h"

bool routing_refuse (struct decision *decision, enum refusal_code code, const char *field,
                     const char *sentence)
{
    decision_refuse (decision, code, "%s", sentence)->field = field;
    return false;
}

uint32_t routing_in_force (const struct rules *rules, uint32_t number)
{
    const struct department *department = department_in_force (rules, number);
    return department ? department->number : number;
}

uint32_t routing_superior (const struct rules *rules, uint32_t number)
{
    const struct department *below = department_in_force (rules, number);
    const struct department *above = below;
    /* A superior may have been merged into what was below it: then the one above. */
    for (unsigned i = 0; above && i < RULES_CHAIN_MAX; i++) {
        above = above->superior ? department_in_force (rules, above->superior) : NULL;
        if (above && above != below)
            return above->number;
    }
    return 0;
}

bool routing_is_of (const struct rules *rules, const struct client *client,
                    uint32_t department)
{
    return department != 0 && client->department != 0 &&
           routing_in_force (rules, department) ==
               routing_in_force (rules, client->department);
}

bool routing_is_own (const struct routing_step *step)
{
    return routing_is_of (step->rules, step->client, step->grievance->department);
}

static bool heads (const struct rules *rules, uint32_t person, uint32_t department,
                   int32_t day)
{
    return officer_may (rules, person, department, OFFICE_HEAD, day) ||
           officer_may (rules, person, department, OFFICE_DEPUTY, day);
}

bool routing_is_head (const struct routing_step *step, uint32_t person, int64_t now_ms)
{
    uint32_t department = routing_in_force (step->rules, step->client->department);
    return heads (step->rules, person, department, civil_day (now_ms));
}

bool routing_is_member (const struct routing_step *step, uint32_t person, int64_t now_ms)
{
    uint32_t department = routing_in_force (step->rules, step->client->department);
    return officer_may (step->rules, person, department, OFFICE_WORKER,
                        civil_day (now_ms)) ||
           routing_is_head (step, person, now_ms);
}

bool routing_is_dispatcher (const struct routing_step *step, int64_t now_ms)
{
    const struct department *office =
        step->client->department != 0
            ? department_in_force (step->rules, step->client->department)
            : department_dispatching (step->rules, step->matter->village);
    int32_t today = civil_day (now_ms);
    return office && (officer_may (step->rules, step->person, office->number,
                                   OFFICE_DISPATCHER, today) ||
                      heads (step->rules, step->person, office->number, today));
}

static bool leads (const struct rules *rules, uint32_t person, uint32_t department,
                   int32_t day)
{
    return officer_may (rules, person, department, OFFICE_LEADER, day) ||
           officer_may (rules, person, department, OFFICE_JOINT, day) ||
           officer_may (rules, person, department, OFFICE_COUNTY, day);
}

bool routing_is_leader (const struct routing_step *step, int64_t now_ms)
{
    const struct rules *rules = step->rules;
    int32_t today = civil_day (now_ms);
    uint32_t mine = step->client->department;
    if (mine != 0)
        return leads (rules, step->person, routing_in_force (rules, mine), today);
    for (size_t i = 0; i < rules->department_count; i++) {
        const struct department *department = &rules->departments[i];
        if (territory_contains (department->territory, step->matter->village) &&
            leads (rules, step->person, department->number, today))
            return true;
    }
    return false;
}

bool routing_may_handle (const struct routing_step *step, uint32_t person,
                         const char *field, struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance;
    for (size_t i = 0; i < step->n_accused; i++)
        if (step->accused[i].person != 0 && step->accused[i].person == person)
            return routing_refuse (decision, REFUSAL_ACCUSED, field,
                                   "who is complained of does not handle it");
    for (size_t i = 0; i < grievance->n_recused; i++)
        if (grievance->recused[i] == person)
            return routing_refuse (decision, REFUSAL_ACCUSED, field,
                                   "who has an interest in it does not handle it");
    return true;
}

bool routing_department_fits (const struct routing_step *step, uint32_t number,
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
