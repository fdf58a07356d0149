/* SPDX-License-Identifier: Apache-2.0 */
/* Law: what moves the course without a desk: the petitioner's asks, which routing answers
 * with taken or too late, and the clock. */
#ifndef MINQING_ROUTING_DECIDE_ASK_H
#define MINQING_ROUTING_DECIDE_ASK_H

#include "routing/routing_store.h"
#include "runtime/core.h"

/* An ASKED entry of intake's: ASK_ANSWERED, and MOVED where it moves the course. What
 * counts is when it was asked, not when routing came to read it. Pure. */
void routing_decide_ask (const struct rules *rules, const struct entry *asked,
                         const struct routing_grievance *grievance,
                         const struct matter *matter, struct decision *decision);

/* 'lapses_at_ms' has come: a claim lapses, a review window closes. (An unplaced accusation
 * is decide_place.c's.) Pure. */
void routing_decide_lapse (uint64_t number, const struct routing_grievance *grievance,
                           const struct matter *matter, struct decision *decision);

#endif
