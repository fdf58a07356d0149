/* SPDX-License-Identifier: Apache-2.0 */
/* Each daemon counts for itself, and the counts have to agree: what intake has registered
 * lies somewhere with routing, and what is open there has its clocks with escalation. A
 * grievance that one of them has lost is seen here and nowhere else. */
#ifndef MINQING_CLI_SUMS_H
#define MINQING_CLI_SUMS_H

#include "wire/control.h"
#include "wire/journal.h"

struct sums {
    bool are_comparable; /* the three were asked while none was behind another */
    uint64_t registered; /* intake's */
    uint64_t placed;     /* routing's: the sum over all states, the closed ones too */
    uint64_t closed;
    uint64_t watched; /* escalation's: open by its clocks */
};

/* 'status' by speaker; those of intake, routing and escalation are there. */
void sums_of (const struct status status[SPEAKER_COUNT], struct sums *ret);

/* A gauge by its name; 0 where there is none. */
uint64_t sums_gauge (const struct status *status, const char *name);

#endif
