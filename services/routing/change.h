/* SPDX-License-Identifier: Apache-2.0 */
/* What an event makes of a grievance's record. Total, pure. */
#ifndef MINQING_ROUTING_CHANGE_H
#define MINQING_ROUTING_CHANGE_H

#include "routing/routing_store.h"

/* What the first placing alone says, into a zeroed record; then it moves like others. */
void routing_change_first (struct routing_grievance *grievance,
                           const struct entry *entry);
/* A MOVED event. Links are apply.c's: they change two records. */
void routing_change_moved (struct routing_grievance *grievance,
                           const struct entry *entry);
/* PROPOSED: this waits now, and nothing else; REJECTED: nothing waits any more. */
void routing_change_proposed (struct routing_grievance *grievance,
                              const struct entry *entry);

#endif
