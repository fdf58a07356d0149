/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MINQING_ROUTING_RESTATE_H
#define MINQING_ROUTING_RESTATE_H

#include "routing/routing_query.h"

/* The next of them, for service_spec.restate: '*cursor' is the number that was looked at
 * last. False: with this decision everything is said. */
bool routing_decide_restate (const struct routing_reader *reader, uint64_t *cursor,
                             struct decision *decision);

#endif
