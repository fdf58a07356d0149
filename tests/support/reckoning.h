/* SPDX-License-Identifier: Apache-2.0 */
/* A town at rest after whatever happened to its stores: reads the journals that there are,
 * from their first entries, and says the first thing that does not add up.
 *
 *   every grievance of routing is in one state, each step begins where the last one ended,
 *   and was placed once
 *   every one that is open has one stage and one whole at escalation, and no other clock
 *   twice; one that is closed, or unknown to routing, has none
 *   nobody was told twice of one entry; facts are the fold of their journals
 *
 * Unlike the witness it judges no law, and does not mind what restorations took away. */
#ifndef MINQING_SUPPORT_RECKONING_H
#define MINQING_SUPPORT_RECKONING_H

#include "town.h"

struct reckoning {
    size_t registered; /* known to intake */
    size_t placed;     /* to routing */
    size_t open;
    size_t unregistered; /* placed, and not known to intake */
    size_t unplaced;     /* the other way round */
    size_t adrift;       /* clocks of what routing does not know, or has closed */
    char complaint[200]; /* "": it adds up */
};

/* 'is_late': what is adrift is still waited for. */
void reckoning_make (struct town *town, struct reckoning *ret);

#endif
