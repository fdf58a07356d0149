/* SPDX-License-Identifier: Apache-2.0 */
/* LAW: who may supervise (督办, art. 40): put formal pressure, with advice in writing, on a
 * grievance that stalls. A leader in charge, the person of the joint meeting or the county,
 * each at their own level, in their own territory. It is answered by whoever has the
 * grievance, with what became of the advice.
 *
 * An accusation is supervised from inside of the organ that has it, or not at all: nobody
 * else is told that it exists. */
#include "escalation/law.h"

#include "base/civil.h"
#include "rules/answerable.h"

static const struct {
    enum office office;
    unsigned level;
} offices[] = {
    { OFFICE_COUNTY, LEVEL_COUNTY },
    { OFFICE_JOINT, LEVEL_JOINT },
    { OFFICE_LEADER, LEVEL_LEADER },
};

unsigned escalation_level_of_person (const struct rules *rules,
                                     const struct client *client, uint32_t person,
                                     int32_t day)
{
    for (size_t i = 0; i < ARRAY_SIZE (offices); i++)
        for (size_t k = 0; k < rules->department_count; k++) {
            uint32_t department = rules->departments[k].number;

            if ((client->department == 0 || client->department == department) &&
                officer_may (rules, person, department, offices[i].office, day))
                return offices[i].level;
        }
    return 0;
}

static bool may_know (const struct rules *rules, const struct client *client,
                      const struct matter *matter, uint32_t department)
{
    if (matter->purpose == PURPOSE_ACCUSATION)
        return escalation_is_of (rules, client, department);
    return client_covers (client, matter->village);
}

unsigned escalation_may_supervise (const struct rules *rules, const struct client *client,
                                   uint32_t person, uint64_t number,
                                   const struct matter *matter, uint32_t department,
                                   struct decision *decision)
{
    unsigned level;

    if (client->role != ROLE_LEADER) {
        decision_refuse (decision, REFUSAL_NO_RIGHT,
                         "leaders supervise; others answer and are answered");
        return 0;
    }
    if (!matter || !may_know (rules, client, matter, department)) {
        decision_refuse (decision, REFUSAL_NOT_FOUND,
                         "%llu is no grievance of your territory",
                         (unsigned long long) number);
        return 0;
    }
    level =
        escalation_level_of_person (rules, client, person, civil_day (decision->now_ms));
    if (level == 0)
        decision_refuse (decision, REFUSAL_NO_RIGHT,
                         "person %u is no leader in charge, of the joint meeting or of "
                         "the county on this day",
                         person);
    return level;
}
