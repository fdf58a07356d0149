/* SPDX-License-Identifier: Apache-2.0 */
/* What a restoration lost: grievances that others know and intake does not (their filings
 * are to be sent again), and those about which routing lost steps (which are to be taken
 * again). An accusation is counted and not named. */
#include "cli/audit_inside.h"

#include "base/number.h"

uint32_t audit_incarnation (const struct audit *audit, enum speaker speaker)
{
    return audit->journals[speaker].incarnation;
}

uint64_t audit_lost_sources (const struct audit *audit, enum speaker speaker)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < SPEAKER_COUNT; i++)
        count += audit->journals[i].lost[speaker];
    return count;
}

void audit_each_missing (const struct audit *audit,
                         void (*visit) (void *arg, const struct audit_missing *missing),
                         void *arg)
{
    for (size_t i = 0; i < audit->n_grievances; i++) {
        const struct audit_grievance *grievance = &audit->grievances[i];
        bool steps = (grievance->went_back & 1u << SPEAKER_ROUTING) != 0;
        if (grievance->registered != 0 && !steps)
            continue;
        /* One whose matter nobody told might be an accusation. */
        bool may_name = !grievance->is_accusation && grievance->village != 0;
        struct audit_missing missing = {
            .at = grievance->registered == 0 ? SPEAKER_INTAKE : SPEAKER_ROUTING,
            .number = may_name ? grievance->number : 0,
            .village = may_name ? grievance->village : 0,
            .day = may_name && number_is_valid (grievance->number)
                       ? number_day (grievance->number)
                       : INT32_MIN,
            .department = may_name ? grievance->department : 0,
        };
        visit (arg, &missing);
    }
}
