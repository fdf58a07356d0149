/* SPDX-License-Identifier: Apache-2.0 */
/* LAW: who may answer a raise in writing, and who may see clocks and raises.
 *
 * A raise is answered by whoever was told, at its level or above it: by the department (0),
 * its head (1), a leader in whose territory the matter lies. The dispatcher answers for the
 * queue it keeps. Supervision comes from above and is answered from below. What concerns an
 * accusation stays with the department that has it. What was an abolished department's is
 * its successor's, and nobody else's. */
#include "escalation/law.h"

#include "base/civil.h"
#include "rules/answerable.h"

uint32_t escalation_in_force (const struct rules *rules, uint32_t department)
{
    const struct department *in_force = department_in_force (rules, department);

    return in_force ? in_force->number : 0;
}

bool escalation_is_of (const struct rules *rules, const struct client *client,
                       uint32_t department)
{
    return department != 0 && client->department != 0 &&
           escalation_in_force (rules, department) ==
               escalation_in_force (rules, client->department);
}

static bool is_told (const struct rules *rules, const struct escalation_raise *raise,
                     uint32_t person, int32_t day)
{
    for (size_t i = 0; i < raise->raised.n_persons; i++)
        if (person != 0 &&
            (raise->raised.persons[i] == person ||
             officer_acting (rules, raise->raised.persons[i], day) == person))
            return true;
    return false;
}

/* A person speaks through the client of a department they are in office at. */
static bool belongs (const struct rules *rules, uint32_t person, uint32_t department,
                     int32_t day)
{
    const struct officer *officer;

    department = escalation_in_force (rules, department);
    for (size_t at = 0; (officer = officer_next (rules, department, 0, day, &at));)
        if (officer->number == person)
            return true;
    return false;
}

static bool heads (const struct rules *rules, uint32_t person, uint32_t department,
                   int32_t day)
{
    department = escalation_in_force (rules, department);
    return officer_may (rules, person, department, OFFICE_HEAD, day) ||
           officer_may (rules, person, department, OFFICE_DEPUTY, day);
}

/* Is the leader's level high enough? Where nobody was in office to be told, any is. A client
 * that names no person speaks for the leaders in charge. */
static bool reaches (const struct rules *rules, const struct client *client,
                     uint32_t person, const struct escalation_raise *raise, int32_t day)
{
    unsigned level = person == 0
                         ? LEVEL_LEADER
                         : escalation_level_of_person (rules, client, person, day);

    return raise->raised.n_persons == 0 || level >= raise->raised.level;
}

/* Supervision is answered from below: by the head of the department that it went to, or that
 * has the grievance now; by the dispatcher for the queue; by who was told because there is
 * no head. Never by who asked. */
static bool may_answer_supervision (const struct rules *rules,
                                    const struct client *client, uint32_t person,
                                    const struct escalation_raise *raise,
                                    uint32_t department, struct decision *decision)
{
    int32_t day = civil_day (decision->now_ms);
    bool is_asked = escalation_is_of (rules, client, raise->raised.department) ||
                    escalation_is_of (rules, client, department);

    if (person != raise->raised.opened_by &&
        ((is_asked && ((client->role == ROLE_DISPATCHER && department == 0) ||
                       heads (rules, person, client->department, day))) ||
         (raise->raised.filled && is_told (rules, raise, person, day))))
        return true;
    decision_refuse (decision, is_asked ? REFUSAL_NO_RIGHT : REFUSAL_TERRITORY,
                     "supervision %llu is answered by the head of department %u",
                     (unsigned long long) raise->raise,
                     department != 0 ? department : raise->raised.department);
    return false;
}

bool escalation_may_answer (const struct rules *rules, const struct client *client,
                            uint32_t person, const struct escalation_raise *raise,
                            const struct matter *matter, uint32_t department,
                            struct decision *decision)
{
    int32_t day = civil_day (decision->now_ms);
    bool own = escalation_is_of (rules, client, raise->raised.department);
    bool is_sealed = matter && matter->purpose == PURPOSE_ACCUSATION;
    unsigned level = raise->raised.level;

    /* Whatever the level, the organ's own head is told, and whoever follows in the office. */
    if (is_sealed && level > LEVEL_HEAD)
        level = LEVEL_HEAD;

    if (is_sealed && !own) {
        decision_refuse (decision, REFUSAL_NOT_FOUND,
                         "there is no raise %llu that is open",
                         (unsigned long long) raise->raise);
        return false;
    }
    if (client->role != ROLE_LEADER && client->role != ROLE_DESK &&
        client->role != ROLE_DISPATCHER) {
        decision_refuse (decision, REFUSAL_NO_RIGHT,
                         "raises are answered by desks, dispatchers and leaders");
        return false;
    }
    if (raise->raised.cause == CAUSE_SUPERVISION)
        return may_answer_supervision (rules, client, person, raise, department,
                                       decision);
    if (is_told (rules, raise, person, day) &&
        (client->department == 0 || belongs (rules, person, client->department, day)))
        return true;
    if (client->role == ROLE_LEADER && !is_sealed &&
        (!matter || client_covers (client, matter->village))) {
        if (reaches (rules, client, person, raise, day))
            return true;
        decision_refuse (decision, REFUSAL_NO_RIGHT,
                         "raise %llu stands at level %u: it is answered there, or above",
                         (unsigned long long) raise->raise, level);
        return false;
    }
    if ((client->role == ROLE_LEADER && !is_sealed) || !own) {
        decision_refuse (decision, REFUSAL_TERRITORY,
                         "raise %llu is about another's duty: department %u answers",
                         (unsigned long long) raise->raise, raise->raised.department);
        return false;
    }
    if (level > LEVEL_HEAD ||
        (level == LEVEL_HEAD && !heads (rules, person, client->department, day))) {
        decision_refuse (decision, REFUSAL_NO_RIGHT,
                         "raise %llu stands at level %u: %s answers it",
                         (unsigned long long) raise->raise, level,
                         level == LEVEL_HEAD ? "the head of the department" : "a leader");
        return false;
    }
    return true;
}

bool escalation_may_see (const struct rules *rules, const struct client *client,
                         const struct matter *matter, uint32_t department)
{
    if (client->role == ROLE_DAEMON)
        return true;
    if (matter && matter->purpose == PURPOSE_ACCUSATION)
        return escalation_is_of (rules, client, department);
    switch (client->role) {
    case ROLE_OPERATOR:
        return true;
    case ROLE_DESK:
        return escalation_is_of (rules, client, department);
    case ROLE_TERMINAL: /* what was filed there; a village is home to other people's too */
        return matter && matter->terminal == client->number;
    case ROLE_DISPATCHER:
    case ROLE_LEADER:
        return matter && client_covers (client, matter->village);
    case ROLE_NONE:
    case ROLE_DAEMON:
    case ROLE_KEEPER:
    case ROLE_COUNT:
        break;
    }
    return false;
}
