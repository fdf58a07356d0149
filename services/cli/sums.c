/* SPDX-License-Identifier: Apache-2.0 */
/* Daemons are asked one after the other, and work goes on meanwhile. Each reads its counts
 * and its positions in one transaction: where a follower stood at the very entry that the
 * other had written last, both counted the same. */
#include "cli/sums.h"

#include <string.h>

uint64_t sums_gauge (const struct status *status, const char *name)
{
    for (size_t i = 0; i < status->n_gauges; i++)
        if (strcmp (status->gauges[i].name, name) == 0)
            return status->gauges[i].value;
    return 0;
}

static bool has_heard_all (const struct status status[SPEAKER_COUNT],
                           enum speaker follower, enum speaker source)
{
    for (size_t i = 0; i < status[follower].n_positions; i++)
        if (status[follower].positions[i].speaker == source)
            return status[follower].positions[i].acted == status[source].head;
    return false;
}

static uint64_t sum_of_states (const struct status *routing)
{
    static const char prefix[] = "grievances{state=";
    uint64_t sum = 0;
    for (size_t i = 0; i < routing->n_gauges; i++)
        if (strncmp (routing->gauges[i].name, prefix, sizeof prefix - 1) == 0)
            sum += routing->gauges[i].value;
    return sum;
}

void sums_of (const struct status status[SPEAKER_COUNT], struct sums *ret)
{
    const struct status *routing = &status[SPEAKER_ROUTING];
    *ret = (struct sums){
        .are_comparable = has_heard_all (status, SPEAKER_ROUTING, SPEAKER_INTAKE) &&
                          has_heard_all (status, SPEAKER_ESCALATION, SPEAKER_INTAKE) &&
                          has_heard_all (status, SPEAKER_ESCALATION, SPEAKER_ROUTING),
        .registered = sums_gauge (&status[SPEAKER_INTAKE], "grievances"),
        .placed = sum_of_states (routing),
        .closed = sums_gauge (routing, "grievances{state=\"closed\"}"),
        .watched = sums_gauge (&status[SPEAKER_ESCALATION], "open"),
    };
}
