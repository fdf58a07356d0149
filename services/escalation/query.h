/* SPDX-License-Identifier: Apache-2.0 */
/* What escalation answers: the ledger of a grievance, what is due next, raises. */
#ifndef MINQING_SERVICES_ESCALATION_QUERY_H
#define MINQING_SERVICES_ESCALATION_QUERY_H

#include "runtime/core.h"

/* Fill one member of 'ret_reply', or its refusal. Memory: the arena. */
void escalation_query (struct core *core, struct txn *txn, const struct client *client,
                       const struct query *query, struct arena *arena,
                       struct reply *ret_reply);

#endif
